import type { z } from 'zod';
import { stepBackfill } from './backfill.ts';
import { matchAll } from './bank/match.ts';
import { jobs } from './catalog.ts';
import type { WorkerDeps } from './deps.ts';
import { watchAll } from './drift/watch.ts';
import { describe } from './failure.ts';
import { normalizeDeliveries } from './normalize-deliveries.ts';
import { postEvents } from './post-events.ts';
import { pushDocuments } from './push/push-documents.ts';
import { summariseAll } from './summaries/post-summaries.ts';
import { sweep } from './sweep.ts';
import { pollAll, remindAll, repairWebhooks } from './upkeep.ts';

export type JobName = keyof typeof jobs;

type Handler<Name extends JobName> = (
  payload: z.infer<(typeof jobs)[Name]['payload']>,
  deps: WorkerDeps,
) => Promise<unknown>;

const handlers: { [Name in JobName]: Handler<Name> } = {
  normalize: normalizeDeliveries,
  post: postEvents,
  push: pushDocuments,
  backfill: stepBackfill,
  upkeep: ({ name }, deps) => UPKEEP[name].work(deps),
};

/** Chores by the clock, in milliseconds. */
const UPKEEP = {
  sweep: { everyMs: 5_000, work: sweep },
  poll: { everyMs: 5 * 60_000, work: pollAll },
  watch: { everyMs: 10 * 60_000, work: watchAll },
  summarise: { everyMs: 60_000, work: summariseAll },
  repair: { everyMs: 60 * 60_000, work: repairWebhooks },
  // Daily: each run finds only what has become due since, and a company's day begins at its own hour.
  remind: { everyMs: 60 * 60_000, work: remindAll },
  // Bank lines whose payout, deposit or invoice is booked after them.
  match: { everyMs: 10 * 60_000, work: matchAll },
} as const;

/** Observes every finished job: metrics hang here. */
export type JobObserver = (job: { name: JobName; outcome: 'done' | 'failed'; durationMs: number }) => void;

/**
 * Serves the queues named (all by default) until closed. A job that throws is one whose faults could not even be
 * written down, so the queue's own attempts apply; everything expected is settled inside the handlers.
 */
export async function runWorkers(
  deps: WorkerDeps,
  names: readonly JobName[] = ['normalize', 'post', 'push', 'backfill', 'upkeep'],
  observe: JobObserver = () => undefined,
  { pollMs = UPKEEP.poll.everyMs }: { pollMs?: number } = {},
) {
  const consumers = await Promise.all(names.map((name) => serve(name, deps, observe)));
  if (names.includes('upkeep')) {
    for (const [name, { everyMs }] of Object.entries(UPKEEP))
      await deps.queues.every(jobs.upkeep.queue, name, name === 'poll' ? pollMs : everyMs);
  }
  return {
    /** Takes no more jobs and waits for those under way. */
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
    },
  };
}

function serve<Name extends JobName>(name: Name, deps: WorkerDeps, observe: JobObserver) {
  const { queue, concurrency, payload } = jobs[name];
  return deps.queues.work(queue, { concurrency }, async (job) => {
    const started = performance.now();
    let outcome: 'done' | 'failed' = 'done';
    try {
      await (handlers[name] as Handler<JobName>)(payload.parse(job.data) as never, deps);
    } catch (error) {
      outcome = 'failed';
      deps.log.error({ job: name, attempt: job.attempt, error: describe(error) }, 'job.failed');
      throw error;
    } finally {
      observe({ name, outcome, durationMs: performance.now() - started });
    }
  });
}
