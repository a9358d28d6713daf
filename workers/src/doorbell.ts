import type { QueueName } from '@daybook/platform/queue';
import { BATCH, jobs } from './catalog.ts';
import type { WorkerDeps } from './deps.ts';

type Ringer = Pick<WorkerDeps, 'queues' | 'log'>;

/**
 * Tells the workers of one stage that work is due. A doorbell that cannot be rung is only logged: the work itself is
 * committed already and the sweeper finds it.
 */
export async function ring(
  deps: Ringer,
  stage: 'normalize' | 'post',
  companyId: string,
  refs: readonly bigint[],
  delayMs = 0,
): Promise<void> {
  for (let start = 0; start < refs.length; start += BATCH) {
    const batch = refs.slice(start, start + BATCH).map(String);
    await add(deps, jobs[stage].queue, `${stage}-${batch[0]}-${batch.length}`, { companyId, refs: batch }, delayMs);
  }
}

/** Tells the workers of a stage to take whatever is due; however often it is rung, one such job waits per company. */
export async function ringForAll(deps: Ringer, stage: 'normalize' | 'post', companyId: string): Promise<void> {
  await add(deps, jobs[stage].queue, `${stage}-all-${companyId}`, { companyId, refs: [] }, 0);
}

/** The same for the documents owed to one books connection. */
export async function ringPush(deps: Ringer, connectionId: string, delayMs = 0): Promise<void> {
  const id = delayMs > 0 ? `push-${connectionId}-later` : `push-${connectionId}`;
  await add(deps, jobs.push.queue, id, { connectionId }, delayMs);
}

/** Tells a worker to read on with an import. */
export async function ringBackfill(deps: Ringer, id: string, delayMs = 0): Promise<void> {
  await add(deps, jobs.backfill.queue, delayMs > 0 ? `backfill-${id}-later` : `backfill-${id}`, { id }, delayMs);
}

async function add(deps: Ringer, queue: QueueName, id: string, data: unknown, delayMs: number): Promise<void> {
  try {
    await deps.queues.add(queue, delayMs > 0 ? { id, data, delayMs } : { id, data });
  } catch (error) {
    deps.log.warn({ queue, job: id, error: String(error) }, 'doorbell.failed');
  }
}
