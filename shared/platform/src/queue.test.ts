import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Child, startChild } from '../../../test/support/child.ts';
import { createEmptyDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { findRedis, type OwnRedis, prepareOwnRedis } from '../../../test/support/redis.ts';
import { type EmbeddedPostgres, startEmbedded } from './embedded-postgres.ts';
import { silentLog } from './logger.ts';
import { openQueues, type QueuedJob, type Queues, QueueUnreachable } from './queue.ts';

const redisUrl = await findRedis();
const ownRedis = await prepareOwnRedis();
const POLL = { timeout: 20_000, interval: 20 };

let database: TestDatabase;
const opened: Queues[] = [];
const children: Child[] = [];

beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(async () => {
  await database.drop();
  await ownRedis?.remove();
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  await Promise.all(opened.splice(0).map((queues) => queues.close()));
});

async function open(options: Partial<Parameters<typeof openQueues>[0]>): Promise<Queues> {
  const queues = await openQueues({ databaseUrl: database.url, prefix: 'test', log: silentLog, ...options });
  opened.push(queues);
  return queues;
}

/** Notes every job it is given; `act` decides how each ends. */
function recorder(act: (job: QueuedJob) => Promise<void> | void = () => {}) {
  const jobs: QueuedJob[] = [];
  return {
    jobs,
    ids: () => jobs.map(({ id }) => id),
    handler: async (job: QueuedJob) => {
      jobs.push(job);
      await act(job);
    },
  };
}

/** A promise to be settled from outside. */
function gate() {
  let pass = () => {};
  const opens = new Promise<void>((settle) => {
    pass = settle;
  });
  return { opens, pass };
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  for await (const keys of client.scanStream({ match: `{${prefix}}:*`, count: 1_000 })) {
    if ((keys as string[]).length > 0) await client.del(keys as string[]);
  }
  client.disconnect();
}

for (const backend of ['postgresql', 'redis'] as const) {
  describe(`a queue on ${backend}`, { skip: backend === 'redis' && redisUrl === null }, () => {
    let prefix: string;
    let options: { databaseUrl: string; redisUrl?: string; prefix: string };
    let queues: Queues;
    beforeEach(async () => {
      prefix = `t${randomBytes(6).toString('hex')}`;
      options = { databaseUrl: database.url, prefix, ...(backend === 'redis' && redisUrl ? { redisUrl } : {}) };
      queues = await open(options);
    });
    afterEach(async () => {
      if (backend === 'redis' && redisUrl) await removeKeys(redisUrl, prefix);
    });

    test('hands each job with its id and data to the handler', async () => {
      expect(queues.backend).toBe(backend);
      const seen = recorder();
      await queues.work('events', { concurrency: 4 }, seen.handler);
      await queues.add('events', { id: 'post-1', data: { eventIds: ['1', '2'] } });
      await expect.poll(seen.ids, POLL).toEqual(['post-1']);
      expect(seen.jobs[0]).toEqual({ id: 'post-1', name: 'events', data: { eventIds: ['1', '2'] }, attempt: 1 });
    });

    test('takes many jobs in one go, of other queues none', async () => {
      const seen = recorder();
      const others = recorder();
      await queues.work('deliveries', { concurrency: 16 }, seen.handler);
      await queues.work('documents', { concurrency: 1 }, others.handler);
      const ids = Array.from({ length: 250 }, (_, index) => `d-${index}`);
      await queues.addMany(
        'deliveries',
        ids.map((id) => ({ id, data: null })),
      );
      await queues.addMany('deliveries', []);
      await expect.poll(() => seen.jobs.length, POLL).toBe(250);
      expect(seen.ids().toSorted()).toEqual(ids.toSorted());
      expect(others.jobs).toEqual([]);
    });

    test('holds a delayed job back until its time', async () => {
      const seen = recorder();
      await queues.work('events', { concurrency: 1 }, seen.handler);
      const before = Date.now();
      await queues.add('events', { id: 'later', data: null, delayMs: 400 });
      await queues.add('events', { id: 'now', data: null });
      await expect.poll(seen.ids, POLL).toEqual(['now', 'later']);
      expect(Date.now() - before).toBeGreaterThanOrEqual(400);
    });

    test('a second job with an id that waits adds nothing, and the id is free again afterwards', async () => {
      await queues.add('events', { id: 'wake-1', data: { first: true } });
      await queues.add('events', { id: 'wake-1', data: { first: false } });
      await queues.addMany('events', [{ id: 'wake-1', data: null, delayMs: 5 }]);
      expect((await queues.depth()).events).toMatchObject({ waiting: 1, delayed: 0 });
      const seen = recorder();
      await queues.work('events', { concurrency: 1 }, seen.handler);
      await expect.poll(seen.ids, POLL).toEqual(['wake-1']);
      expect(seen.jobs[0]?.data).toEqual({ first: true });
      await expect.poll(async () => (await queues.depth()).events.active, POLL).toBe(0);
      await queues.add('events', { id: 'wake-1', data: null });
      await expect.poll(seen.ids, POLL).toEqual(['wake-1', 'wake-1']);
    });

    test.each(['a:b', '12345', '', 'delayed', 'stalled-check'])('refuses %j as an id', async (id) => {
      await expect(queues.add('events', { id, data: null })).rejects.toThrow(TypeError);
    });

    test('a job whose handler throws is tried again after a pause, with its attempt counted', async () => {
      const seen = recorder((job) => {
        if (job.attempt === 1) throw new Error('the database is away');
      });
      await queues.work('events', { concurrency: 1 }, seen.handler);
      await queues.add('events', { id: 'again', data: null });
      await expect.poll(() => seen.jobs.map(({ attempt }) => attempt), POLL).toEqual([1, 2]);
      const idle = { waiting: 0, active: 0, delayed: 0, failed: 0, oldestAgeMs: null };
      await expect.poll(async () => (await queues.depth()).events, POLL).toEqual(idle);
    });

    test('something regular comes again and again, once for all processes', async () => {
      const other = await open(options);
      const seen = recorder();
      for (const each of [queues, other]) {
        await each.every('maintenance', 'sweep', 400);
        await each.work('maintenance', { concurrency: 1 }, seen.handler);
      }
      const before = Date.now();
      await expect.poll(() => seen.jobs.length, POLL).toBeGreaterThanOrEqual(4);
      expect(Date.now() - before, 'four of them take three intervals').toBeGreaterThan(3 * 400 - 100);
      expect(seen.jobs[0]).toMatchObject({ name: 'sweep', data: { name: 'sweep' } });
      expect(new Set(seen.ids()).size).toBe(seen.jobs.length);
    });

    test('a schedule that the backend forgot is put back', async () => {
      const seen = recorder();
      const mindful = await open({ ...options, prefix: `${prefix}b`, scheduleCheckMs: 100 });
      await mindful.work('maintenance', { concurrency: 1 }, seen.handler);
      await mindful.every('maintenance', 'sweep', 100);
      await expect.poll(() => seen.jobs.length, POLL).toBeGreaterThan(0);
      if (backend === 'redis' && redisUrl) await removeKeys(redisUrl, `${prefix}b`);
      else await forget(database.url, `${prefix}b_queue`);
      const after = seen.jobs.length;
      await expect.poll(() => seen.jobs.length, POLL).toBeGreaterThan(after + 1);
      await mindful.close();
      if (backend === 'redis' && redisUrl) await removeKeys(redisUrl, `${prefix}b`);
    });

    test('the job of a killed worker goes to another one', async () => {
      await queues.add('documents', { id: 'push-1', data: { documentId: '1' } });
      const child = startChild('hold-job.ts', [JSON.stringify(options), 'documents', '1000']);
      children.push(child);
      await child.says('holding push-1');
      await child.kill();
      const seen = recorder();
      await queues.work('documents', { concurrency: 1, lockMs: 1_000 }, seen.handler);
      await expect.poll(seen.ids, POLL).toEqual(['push-1']);
      expect(seen.jobs[0]).toMatchObject({ data: { documentId: '1' }, attempt: 2 });
      await expect.poll(async () => (await queues.depth()).documents.active, POLL).toBe(0);
    });

    test('closing a worker waits for the job that runs and takes no other', async () => {
      const [started, finish] = [gate(), gate()];
      const seen = recorder(async () => {
        started.pass();
        await finish.opens;
      });
      const worker = await queues.work('events', { concurrency: 1 }, seen.handler);
      await queues.add('events', { id: 'long', data: null });
      await started.opens;
      await queues.add('events', { id: 'next', data: null });
      let closed = false;
      const closing = worker.close().then(() => {
        closed = true;
      });
      await queues.ping();
      expect(closed).toBe(false);
      finish.pass();
      await closing;
      expect(seen.ids()).toEqual(['long']);
      expect((await queues.depth()).events).toMatchObject({ waiting: 1, active: 0 });
    });

    test('closing does not wait longer than its limit, and the job is not lost', async () => {
      const started = gate();
      const stuck = await queues.work('events', { concurrency: 1, lockMs: 1_000, closeLimitMs: 100 }, async () => {
        started.pass();
        await new Promise(() => {});
      });
      await queues.add('events', { id: 'stuck', data: null });
      await started.opens;
      const before = Date.now();
      await stuck.close();
      expect(Date.now() - before).toBeLessThan(5_000);
      const seen = recorder();
      const other = await open(options);
      await other.work('events', { concurrency: 1, lockMs: 1_000 }, seen.handler);
      await expect.poll(seen.ids, POLL).toEqual(['stuck']);
    });

    test('tells how deep each queue is and how long the oldest job waits', async () => {
      const [started, finish] = [gate(), gate()];
      await queues.work('events', { concurrency: 1, closeLimitMs: 500 }, async () => {
        started.pass();
        await finish.opens;
      });
      await queues.add('events', { id: 'runs', data: null });
      await started.opens;
      await queues.add('events', { id: 'waits-1', data: null });
      const sinceFirst = Date.now();
      await expect.poll(() => Date.now() - sinceFirst, POLL).toBeGreaterThan(100);
      await queues.add('events', { id: 'waits-2', data: null });
      await queues.add('events', { id: 'tomorrow', data: null, delayMs: 60_000 });
      const { events, documents } = await queues.depth();
      expect(events).toMatchObject({ waiting: 2, active: 1, delayed: 1, failed: 0 });
      expect(events.oldestAgeMs, 'the first one, not the second').toBeGreaterThan(100);
      expect(documents).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0, oldestAgeMs: null });
      finish.pass();
    });
  });
}

describe('a queue whose backend goes away and comes back', () => {
  test('PostgreSQL: adding fails within seconds, waiting jobs survive and workers go on', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'daybook-queue-'));
    let embedded: EmbeddedPostgres | undefined = await startEmbedded({ dataDir, log: silentLog });
    try {
      const queues = await open({ databaseUrl: embedded.url });
      const seen = recorder();
      await queues.work('events', { concurrency: 2 }, seen.handler);
      await queues.add('documents', { id: 'survives', data: null });
      await embedded.stop();
      embedded = undefined;
      const before = Date.now();
      await expect(queues.add('events', { id: 'lost', data: null })).rejects.toThrow();
      await expect(queues.ping()).rejects.toThrow();
      expect(Date.now() - before).toBeLessThan(6_000);
      embedded = await startEmbedded({ dataDir, log: silentLog });
      await queues.add('events', { id: 'after', data: null });
      await expect.poll(seen.ids, POLL).toEqual(['after']);
      await queues.work('documents', { concurrency: 1 }, seen.handler);
      await expect.poll(seen.ids, POLL).toEqual(['after', 'survives']);
      await queues.close();
    } finally {
      await embedded?.stop();
      await rm(dataDir, { recursive: true });
    }
  });

  test.skipIf(!ownRedis)('Redis: adding fails within seconds and workers go on', async () => {
    const redis = ownRedis as OwnRedis;
    await redis.start();
    const queues = await open({ redisUrl: redis.url });
    const seen = recorder();
    await queues.work('events', { concurrency: 2 }, seen.handler);
    await queues.add('events', { id: 'before', data: null });
    await expect.poll(seen.ids, POLL).toEqual(['before']);
    await redis.kill();
    const before = Date.now();
    await expect(queues.add('events', { id: 'lost', data: null })).rejects.toThrow();
    await expect(queues.ping()).rejects.toThrow();
    expect(Date.now() - before).toBeLessThan(11_000);
    await redis.start();
    await expect.poll(() => added(queues), POLL).toBe(true);
    await expect.poll(seen.ids, POLL).toEqual(['before', 'after']);
  });
});

const added = (queues: Queues) =>
  queues.add('events', { id: 'after', data: null }).then(
    () => true,
    () => false,
  );

describe('a backend that does not answer at the start', () => {
  test('PostgreSQL is named, with what to check', async () => {
    const failure = open({ databaseUrl: 'postgres://postgres@127.0.0.1:1/none' });
    await expect(failure).rejects.toThrow(QueueUnreachable);
    await expect(failure).rejects.toThrow(/PostgreSQL.*ECONNREFUSED.*DATABASE_URL/s);
  });

  test('Redis is named, with what to do', async () => {
    const failure = open({ redisUrl: 'redis://127.0.0.1:1' });
    await expect(failure).rejects.toThrow(QueueUnreachable);
    await expect(failure).rejects.toThrow(/Redis at 127\.0\.0\.1:1 does not answer: .*REDIS_URL/s);
  });
});

async function forget(url: string, schema: string): Promise<void> {
  const { openDatabase } = await import('./db.ts');
  const { sql, close } = openDatabase(url, { max: 1 });
  await sql`truncate ${sql(schema)}.job, ${sql(schema)}.scheduler cascade`;
  await close();
}
