import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Child, startChild } from '../../../test/support/child.ts';
import { createEmptyDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { acquireHubLock, type HubHolder, type HubLock, HubRunning, readHubFile } from './hub-lock.ts';
import { HUB_LOCK_KEY } from './hub-lock-key.ts';
import { silentLog } from './logger.ts';

const me: HubHolder = { pid: 4711, startedAt: '2026-03-31T08:00:00.000Z', url: 'http://127.0.0.1:4000' };
const other: HubHolder = { pid: 4712, startedAt: '2026-03-31T09:00:00.000Z', url: 'http://127.0.0.1:4001' };
const POLL = { timeout: 10_000, interval: 20 };

let database: TestDatabase;
let dataDir: string;
const locks: HubLock[] = [];
const children: Child[] = [];
const lost: HubRunning[] = [];

beforeAll(async () => {
  database = await createEmptyDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'daybook-lock-'));
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true });
});
afterEach(async () => {
  await Promise.all(locks.splice(0).map((lock) => lock.release()));
  await Promise.all(children.splice(0).map((child) => child.kill()));
  lost.length = 0;
});

async function take(holder: HubHolder, folder = dataDir, url = database.url): Promise<HubLock> {
  const onLost = (error: HubRunning) => void lost.push(error);
  const lock = await acquireHubLock(url, holder, { dataDir: folder, log: silentLog, onLost });
  locks.push(lock);
  return lock;
}

async function refusal(work: Promise<unknown>): Promise<HubRunning> {
  return work.then(
    () => expect.unreachable('the lock was taken twice'),
    (error) => {
      expect(error).toBeInstanceOf(HubRunning);
      return error;
    },
  );
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return work(client).finally(() => client.end());
}

const endHolders = (client: pg.Client) =>
  client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );

test('a second hub is told who runs, since when, where and what to do', async () => {
  await take(me);
  const error = await refusal(take(other));
  expect(error.holder).toEqual(me);
  expect(error.message).toBe(
    'A hub is already running: process 4711, since 2026-03-31T08:00:00.000Z, at http://127.0.0.1:4000. Use that one, or ' +
      'end it first (kill 4711, or Ctrl-C in its terminal).',
  );
  expect(await readHubFile(dataDir), 'the refused one left the file alone').toEqual(me);
});

test('a hub that learns its address tells it', async () => {
  const lock = await take({ ...me, url: '' });
  await lock.update({ url: 'http://127.0.0.1:5001' });
  expect((await refusal(take(other))).holder?.url).toBe('http://127.0.0.1:5001');
  expect((await readHubFile(dataDir))?.url).toBe('http://127.0.0.1:5001');
});

test('an address too long for the server is read from the file of the same hub', async () => {
  const url = 'https://a-very-long-name-for-a-hub.accounting.example.com:8443';
  await take({ ...me, url });
  expect((await refusal(take(other))).holder?.url).toBe(url);
  const elsewhere = await mkdtemp(join(tmpdir(), 'daybook-lock-'));
  const seen = (await refusal(take(other, elsewhere))).holder;
  await rm(elsewhere, { recursive: true });
  expect(seen).toMatchObject({ pid: 4711, startedAt: me.startedAt });
  expect(url.startsWith(seen?.url ?? 'none')).toBe(true);
});

test('a released lock is free', async () => {
  await (await take(me)).release();
  await take(other);
});

test('a lock is per database', async () => {
  const second = await createEmptyDatabase();
  try {
    await take(me);
    const lock = await take(other, dataDir, second.url);
    await lock.release();
  } finally {
    await second.drop();
  }
});

test('the lock of a killed hub is free at once', async () => {
  const child = startChild('hold-lock.ts', [database.url, dataDir, me.url]);
  children.push(child);
  await child.says('holding');
  expect((await refusal(take(other))).holder?.pid).toBe(child.pid);
  await child.kill();
  const attempt = () => take(other).then(() => 'taken', String);
  await expect.poll(attempt, { timeout: 2_000, interval: 20 }).toBe('taken');
});

test('a hub whose connection was cut takes its lock again', async () => {
  await take(me);
  await onServer(endHolders);
  await expect.poll(() => holdersOf(), POLL).toEqual(['hub 4711 2026-03-31T08:00:00.000Z http://127.0.0.1:4000']);
  expect(lost).toEqual([]);
});

test('a hub that finds its lock taken by another after an outage is told to stop', async () => {
  await take(me);
  await onServer(async (waiting) => {
    const granted = waiting.query('SELECT pg_advisory_lock($1, $2)', [...HUB_LOCK_KEY]);
    await expect.poll(() => waitersOf(), POLL).toBe(1);
    await onServer((client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'hub 4711 %'
          AND datname = current_database()`,
      ),
    );
    await granted;
    await expect.poll(() => lost.length, POLL).toBe(1);
  });
  expect(lost[0]?.message).toMatch(/^A hub is already running on this database/);
});

async function holdersOf(): Promise<string[]> {
  const { rows } = await onServer((client) =>
    client.query(
      `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'advisory' AND l.granted
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    ),
  );
  return rows.map(({ name }) => name);
}

async function waitersOf(): Promise<number> {
  const { rows } = await onServer((client) =>
    client.query(
      `SELECT count(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    ),
  );
  return rows[0].waiting;
}
