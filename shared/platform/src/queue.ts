import { setTimeout as pause } from 'node:timers/promises';
import type { Job, JobsOptions } from 'bullmq';
import type { Log } from './logger.ts';
import { type BullQueue, type BullWorker, QUEUES, type QueueBackend, type QueueName } from './queue/backend.ts';
import { openPostgresBackend } from './queue/postgresql.ts';
import { openRedisBackend } from './queue/redis.ts';

export { type QueueName, QueueUnreachable } from './queue/backend.ts';

/** A wake-up. The id is ours; data carries ids only, never contents. */
export interface NewJob {
  /** At most one waiting or running job per id. No ':' and not all digits. */
  id: string;
  data: unknown;
  /** Milliseconds to wait before it may run. */
  delayMs?: number;
}

export interface QueuedJob {
  id: string;
  /** The name given to `every`, or the queue's name. */
  name: string;
  data: unknown;
  /** 1 at the first start; counts starts after a thrown error and after a killed worker. */
  attempt: number;
}

export interface QueueDepth {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  /** Age of the longest waiting job in milliseconds, null when none waits. */
  oldestAgeMs: number | null;
}

export interface WorkLimits {
  concurrency: number;
  /** Milliseconds after which a killed worker's job goes to another; default 20,000. */
  lockMs?: number;
  /** Milliseconds `close` waits for running jobs before it leaves them to another worker; default 30,000. */
  closeLimitMs?: number;
}

export interface Queues {
  backend: 'postgresql' | 'redis';
  /**
   * Rings the bell. Does nothing when a job with this id waits or runs, also when it runs and has already read what is
   * new: whoever adds must not rely on a second run. Rejects within seconds when the backend is down.
   */
  add(queue: QueueName, job: NewJob): Promise<void>;
  addMany(queue: QueueName, jobs: readonly NewJob[]): Promise<void>;
  /**
   * Runs the handler for each job. A thrown error means the machinery failed (database away): the job is tried again
   * with growing pauses, RETRIES times, and then dropped, because the sweeper finds its work in PostgreSQL again.
   * What concerns one event is the handler's to record and must not be thrown.
   */
  work(
    queue: QueueName,
    limits: WorkLimits,
    handler: (job: QueuedJob) => Promise<void>,
  ): Promise<{ close(): Promise<void> }>;
  /** A job `name` with data `{ name }` each `everyMs`, for all processes together; put back when Redis was flushed. */
  every(queue: QueueName, name: string, everyMs: number): Promise<void>;
  depth(): Promise<Record<QueueName, QueueDepth>>;
  /** Rejects when the backend does not answer within 5 s. */
  ping(): Promise<void>;
  /** Closes workers (waiting for running jobs up to their limit), then queues, then connections. */
  close(): Promise<void>;
}

/** 1, 2, 4 … 64 s: some two minutes, longer than a database restart. */
const RETRIES: JobsOptions = { attempts: 8, backoff: { type: 'exponential', delay: 1_000, jitter: 0.2 } };
/** Nothing stays behind: PostgreSQL knows what happened, and a leftover would block its id. */
const LEAVE_NOTHING: JobsOptions = { removeOnComplete: true, removeOnFail: true };
/** Names of BullMQ's own keys (bullmq: src/classes/queue-keys.ts). */
const BULLMQ_KEYS: ReadonlySet<string> = new Set(
  (
    'active wait waiting-children paused id delayed prioritized stalled-check completed failed stalled repeat limiter ' +
    'meta events pc marker de dn'
  ).split(' '),
);
const LOCK_MS = 20_000;
const CLOSE_LIMIT_MS = 30_000;
const PING_LIMIT_MS = 5_000;
const SCHEDULE_CHECK_MS = 30_000;

/**
 * The one place that decides where jobs wait: Redis when `redisUrl` is given, else the PostgreSQL of `databaseUrl`.
 * Throws QueueUnreachable when the backend does not answer now; later outages are waited out.
 */
export async function openQueues(options: {
  databaseUrl: string;
  redisUrl?: string | undefined;
  prefix: string;
  log: Log;
  /** Milliseconds between two looks whether the backend still knows the schedules; default 30,000. */
  scheduleCheckMs?: number;
}): Promise<Queues> {
  const { log } = options;
  const report = quietReporter(log);
  const backend = options.redisUrl
    ? await openRedisBackend(options.redisUrl, options.prefix, (error) => report('Redis', error))
    : await openPostgresBackend(options.databaseUrl, options.prefix);
  const queues = openAll(backend, report);
  await Promise.all(Object.values(queues).map((queue) => queue.waitUntilReady()));
  const workers = new Set<{ close(): Promise<void> }>();
  const schedules = keepSchedules(queues, options.scheduleCheckMs ?? SCHEDULE_CHECK_MS, report);
  return {
    backend: backend.name,
    async add(queue, job) {
      await queues[queue].add(queue, job.data, optionsFor(job));
    },
    async addMany(queue, jobs) {
      if (jobs.length === 0) return;
      await queues[queue].addBulk(jobs.map((job) => ({ name: queue, data: job.data, opts: optionsFor(job) })));
    },
    async work(queue, limits, handler) {
      const worker = await startWorker(backend, queue, limits, handler, report);
      const handle = {
        async close() {
          workers.delete(handle);
          await closeWorker(worker, limits.closeLimitMs ?? CLOSE_LIMIT_MS, log);
        },
      };
      workers.add(handle);
      return handle;
    },
    every: schedules.add,
    async depth() {
      const depths = await Promise.all(QUEUES.map(async (name) => [name, await depthOf(queues[name])] as const));
      return Object.fromEntries(depths) as Record<QueueName, QueueDepth>;
    },
    async ping() {
      const answer = queues.maintenance.getJobCountByTypes('active');
      await within(PING_LIMIT_MS, answer, `The ${backend.name} queue does not answer`);
    },
    async close() {
      schedules.end();
      await Promise.all([...workers].map((worker) => worker.close()));
      await Promise.all(Object.values(queues).map((queue) => queue.close().catch((error) => report('close', error))));
      await backend.close();
    },
  };
}

function openAll(backend: QueueBackend, report: Report): Record<QueueName, BullQueue> {
  const entries = QUEUES.map((name) => {
    const queue = backend.openQueue(name);
    queue.on('error', (error) => report(`queue ${name}`, error));
    return [name, queue] as const;
  });
  return Object.fromEntries(entries) as Record<QueueName, BullQueue>;
}

function optionsFor(job: NewJob): JobsOptions {
  // BullMQ separates the parts of its keys by ':', numbers jobs without an id itself, and on Redis keeps a job beside
  // its own keys: a job called "delayed" would destroy the queue.
  if (!/^[^:]*[^:\d][^:]*$/.test(job.id) || BULLMQ_KEYS.has(job.id)) {
    throw new TypeError(
      `"${job.id}" cannot be a job id: it must have a letter, no ":", and not be a word of BullMQ's own like "wait".`,
    );
  }
  return { ...LEAVE_NOTHING, ...RETRIES, jobId: job.id, ...(job.delayMs ? { delay: job.delayMs } : {}) };
}

async function startWorker(
  backend: QueueBackend,
  queue: QueueName,
  limits: WorkLimits,
  handler: (job: QueuedJob) => Promise<void>,
  report: Report,
): Promise<BullWorker> {
  const lockDuration = limits.lockMs ?? LOCK_MS;
  const run = (job: Job) =>
    handler({ id: job.id ?? '', name: job.name, data: job.data, attempt: Math.max(1, job.attemptsStarted) });
  const worker = backend.openWorker(queue, run, {
    concurrency: limits.concurrency,
    lockDuration,
    stalledInterval: Math.ceil(lockDuration / 2),
    maxStalledCount: 10,
    runRetryDelay: 1_000,
  });
  worker.on('error', (error) => report(`worker ${queue}`, error));
  worker.on('failed', (job, error) => report(`job ${job?.id} in ${queue}`, error));
  try {
    await worker.waitUntilReady();
    return worker;
  } catch (error) {
    await worker.close(true);
    throw error;
  }
}

async function closeWorker(worker: BullWorker, limitMs: number, log: Log): Promise<void> {
  const timer = new AbortController();
  const outcome = await Promise.race([
    worker.close().then(() => 'closed' as const),
    pause(limitMs, 'late' as const, { signal: timer.signal, ref: false }).catch(() => 'closed' as const),
  ]);
  timer.abort();
  if (outcome === 'closed') return;
  log.warn({ queue: worker.name, limitMs }, 'Jobs still run after the limit; another worker will take them over');
  await worker.disconnect().catch(() => {});
}

async function depthOf(queue: BullQueue): Promise<QueueDepth> {
  const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'failed');
  const waiting = counts.wait ?? 0;
  // Both backends list waiting jobs newest first, so the oldest is the last one.
  const [oldest] = waiting === 0 ? [] : await queue.getJobs(['wait'], waiting - 1, waiting - 1);
  return {
    waiting,
    active: counts.active ?? 0,
    delayed: counts.delayed ?? 0,
    failed: counts.failed ?? 0,
    oldestAgeMs: oldest ? Math.max(0, Date.now() - oldest.timestamp) : null,
  };
}

/** Remembers what must run regularly and looks now and then whether the backend still knows it. */
function keepSchedules(queues: Record<QueueName, BullQueue>, checkMs: number, report: Report) {
  const schedules = new Map<string, { queue: QueueName; name: string; everyMs: number }>();
  const put = async (schedule: { queue: QueueName; name: string; everyMs: number }) => {
    const { queue, name, everyMs } = schedule;
    const known = await queues[queue].getJobScheduler(name);
    const late = Date.now() - (known?.next ?? 0) > everyMs + checkMs;
    if (known?.every === everyMs && !late) return;
    const template = { name, data: { name }, opts: { ...LEAVE_NOTHING, attempts: 1 } };
    await queues[queue].upsertJobScheduler(name, { every: everyMs }, template);
  };
  const timer = setInterval(() => {
    for (const schedule of schedules.values()) put(schedule).catch((error) => report('schedules', error));
  }, checkMs);
  timer.unref();
  return {
    async add(queue: QueueName, name: string, everyMs: number) {
      schedules.set(`${queue} ${name}`, { queue, name, everyMs });
      await put({ queue, name, everyMs });
    },
    end() {
      clearInterval(timer);
    },
  };
}

type Report = (where: string, error: Error) => void;

/** While a backend is away, the same complaint comes many times a second; one line each ten seconds is enough. */
function quietReporter(log: Log): Report {
  const lastAt = new Map<string, number>();
  return (where, error) => {
    const key = `${where} ${error.message}`;
    if (Date.now() - (lastAt.get(key) ?? 0) < 10_000) return;
    if (lastAt.size > 1_000) lastAt.clear();
    lastAt.set(key, Date.now());
    log.warn({ where, err: error }, 'The queue had trouble; it goes on by itself');
  };
}

async function within<T>(limitMs: number, work: Promise<T>, message: string): Promise<T> {
  const timer = new AbortController();
  const late = pause(limitMs, undefined, { signal: timer.signal }).then(
    () => {
      throw new Error(`${message} within ${limitMs} ms`);
    },
    () => work,
  );
  return Promise.race([work, late]).finally(() => timer.abort());
}
