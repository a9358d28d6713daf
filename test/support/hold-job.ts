/**
 * A worker that takes one job and never finishes it, to be killed. Says `holding <id>` once it has one.
 * Started with: queue options as JSON, name of the queue, lock time in milliseconds.
 */
import { silentLog } from '@daybook/platform/logger';
import { openQueues, type QueueName } from '@daybook/platform/queue';

const [, , options = '{}', queue = 'events', lockMs = '1000'] = process.argv;
const queues = await openQueues({ ...JSON.parse(options), log: silentLog });
await queues.work(queue as QueueName, { concurrency: 1, lockMs: Number(lockMs) }, async (job) => {
  process.stdout.write(`holding ${job.id}\n`);
  await new Promise(() => {});
});
