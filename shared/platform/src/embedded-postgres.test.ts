import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Child, startChild } from '../../../test/support/child.ts';
import { explainOutput } from './embedded/cluster.ts';
import { isAlive, readPidFile } from './embedded/postmaster.ts';
import { type EmbeddedPostgres, EmbeddedPostgresError, findRunning, startEmbedded } from './embedded-postgres.ts';
import { acquireHubLock } from './hub-lock.ts';
import { silentLog } from './logger.ts';

const POLL = { timeout: 20_000, interval: 20 };
const isRoot = process.getuid?.() === 0;

let dataDir: string;
/** A data folder as a first start leaves it; copied, because making one takes a second. */
let template: string;
const children: Child[] = [];
const started: EmbeddedPostgres[] = [];

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'daybook-embedded-'));
  await (await startEmbedded({ dataDir: template, log: silentLog })).stop();
});
afterAll(() => rm(template, { recursive: true }));
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'daybook-embedded-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  await Promise.all(started.splice(0).map((embedded) => embedded.stop()));
  const left = await readPidFile(join(dataDir, 'postgres'));
  if (left) {
    process.kill(left.pid, 'SIGINT');
    await expect.poll(() => isAlive(left.pid), POLL).toBe(false);
  }
  await rm(dataDir, { recursive: true });
});

/** Makes the data folder one that was used and stopped before. Its owner matters, so `cp -a`. */
function usedBefore(): void {
  expect(spawnSync('cp', ['-a', `${template}/.`, dataDir]).status).toBe(0);
}

async function start(): Promise<EmbeddedPostgres> {
  const embedded = await startEmbedded({ dataDir, log: silentLog });
  started.push(embedded);
  return embedded;
}

function startHub(options: { detached?: boolean } = {}): Child {
  const child = startChild('start-embedded.ts', [dataDir], options);
  children.push(child);
  return child;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => client.end().catch(() => {}));
}

const kept = (url: string) => query(url, 'SELECT word FROM kept').catch((error) => String(error));
const postmasterPid = async () => (await readPidFile(join(dataDir, 'postgres')))?.pid ?? 0;

describe('the embedded database', () => {
  test('is made, is durable, speaks UTF-8 and is only reachable from this machine', async () => {
    const { url, adopted } = await start();
    expect(adopted).toBe(false);
    expect(new URL(url).pathname).toBe('/daybook');
    const [row] = await query(
      url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
        current_setting('synchronous_commit') AS commit, current_setting('listen_addresses') AS listens,
        current_setting('TimeZone') AS zone, lower('ÄÖ') AS lower, 'Z' < 'a' AS by_code_point,
        current_setting('server_version_num')::int / 10000 AS version`,
    );
    expect(row).toEqual({
      encoding: 'UTF8',
      fsync: 'on',
      commit: 'on',
      listens: '127.0.0.1',
      zone: 'UTC',
      lower: 'äö',
      by_code_point: true,
      version: 18,
    });
    expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    const wrong = url.replace(/:[^:@]+@/, ':guess@');
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  test('keeps its data, port and password over a clean stop', async () => {
    const first = await start();
    await query(first.url, `CREATE TABLE kept AS SELECT 'still here' AS word`);
    const pid = await postmasterPid();
    await first.stop();
    await expect.poll(() => isAlive(pid), POLL).toBe(false);
    expect(await findRunning(dataDir)).toBeNull();
    const second = await start();
    expect(second).toMatchObject({ url: first.url, adopted: false });
    expect(await kept(second.url)).toEqual([{ word: 'still here' }]);
  });

  test('stopping twice is harmless', async () => {
    usedBefore();
    const embedded = await start();
    await Promise.all([embedded.stop(), embedded.stop()]);
    await embedded.stop();
  });

  test('two commands that start at once share one database', async () => {
    const both = await Promise.all([start(), start()]);
    expect(both[0].url).toBe(both[1].url);
    expect(await query(both[0].url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(both.filter(({ adopted }) => !adopted)).toHaveLength(1);
  });

  test('is left alone by a stop while another hub works with it', async () => {
    usedBefore();
    const mine = await start();
    const holder = { pid: 1, startedAt: '2026-03-31T08:00:00Z', url: '' };
    const lock = await acquireHubLock(mine.url, holder, { dataDir, log: silentLog, onLost: () => {} });
    await mine.stop();
    expect((await findRunning(dataDir))?.url).toBe(mine.url);
    await lock.release();
    const again = await start();
    expect(again.adopted).toBe(true);
  });
});

describe('after a kill', () => {
  test('of the hub, its database is found, adopted and stopped', async () => {
    usedBefore();
    const hub = startHub();
    const url = (await hub.says('ready')).split(' ')[1] ?? '';
    await query(url, `CREATE TABLE kept AS SELECT 'still here' AS word`);
    const pid = await postmasterPid();
    await hub.kill();
    expect(await findRunning(dataDir)).toEqual({ url, pid });
    const next = await start();
    expect(next).toMatchObject({ url, adopted: true });
    expect(await kept(url)).toEqual([{ word: 'still here' }]);
    await next.stop();
    await expect.poll(() => isAlive(pid), POLL).toBe(false);
  });

  test('of the database, the hub brings it back with its data on the same port', async () => {
    usedBefore();
    const { url } = await start();
    await query(url, `CREATE TABLE kept AS SELECT 'still here' AS word`);
    process.kill(await postmasterPid(), 'SIGKILL');
    await expect.poll(() => kept(url), POLL).toEqual([{ word: 'still here' }]);
  });

  test('of the adopted database, the hub brings it back, too', async () => {
    usedBefore();
    const hub = startHub();
    await hub.says('ready');
    await hub.kill();
    const { url, adopted } = await start();
    expect(adopted).toBe(true);
    process.kill(await postmasterPid(), 'SIGKILL');
    await expect.poll(() => query(url, 'SELECT 1 AS one').catch(String), POLL).toEqual([{ one: 1 }]);
  });

  test('of both, with a statement still running, the next start recovers', async () => {
    usedBefore();
    const hub = startHub();
    const url = (await hub.says('ready')).split(' ')[1] ?? '';
    await query(url, `CREATE TABLE kept AS SELECT 'still here' AS word`);
    const running = query(url, `SELECT pg_sleep(30)`).catch((error) => String(error));
    await expect
      .poll(() => query(url, `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`), POLL)
      .toHaveLength(1);
    const pid = await postmasterPid();
    await hub.kill();
    process.kill(pid, 'SIGKILL');
    const next = await start();
    expect(next).toMatchObject({ url, adopted: false });
    expect(await kept(url)).toEqual([{ word: 'still here' }]);
    await running;
  });

  test('in the middle of the first set-up, the next start begins anew', async () => {
    const hub = startHub();
    const drafts = async () => (await readdir(dataDir)).filter((name) => name.startsWith('postgres.init-'));
    await expect.poll(drafts, { timeout: 20_000, interval: 2 }).toHaveLength(1);
    await hub.kill();
    const { url } = await start();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await drafts()).toEqual([]);
  });
});

describe("a terminal's Ctrl-C", () => {
  test('ends the hub and leaves the database to be closed in order', async () => {
    usedBefore();
    const hub = startHub({ detached: true });
    await hub.says('ready');
    const pid = await postmasterPid();
    process.kill(-hub.pid, 'SIGINT');
    await expect.poll(() => hub.isAlive(), POLL).toBe(false);
    expect(isAlive(pid)).toBe(true);
    expect(await findRunning(dataDir)).toMatchObject({ pid });
  });
});

describe('leftovers', () => {
  test('a pid file whose number now belongs to another program does not keep it from starting', async () => {
    usedBefore();
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const lines = [stranger.pid, join(dataDir, 'postgres'), 1, 5432, '', '127.0.0.1', '', 'ready'];
      await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), lines.join('\n'));
      expect(await findRunning(dataDir)).toBeNull();
      expect((await start()).adopted).toBe(false);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  test('an empty pid file, as a power cut leaves it, does not keep it from starting', async () => {
    usedBefore();
    await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), '');
    expect((await start()).adopted).toBe(false);
  });

  test('a port that another program took meanwhile is given up for another one', async () => {
    usedBefore();
    const first = await start();
    await first.stop();
    const squatter = createServer();
    await new Promise<void>((settle) => squatter.listen(Number(new URL(first.url).port), '127.0.0.1', settle));
    const second = await start();
    expect(new URL(second.url).port).not.toBe(String((squatter.address() as AddressInfo).port));
    expect((await readFile(join(dataDir, 'postgres.port'), 'utf8')).trim()).toBe(new URL(second.url).port);
    squatter.close();
  });
});

describe('what a person has to mend', () => {
  async function refusal(): Promise<EmbeddedPostgresError> {
    return start().then(
      () => expect.unreachable('it started'),
      (error) => {
        expect(error).toBeInstanceOf(EmbeddedPostgresError);
        return error;
      },
    );
  }

  test.skipIf(!isRoot)('a closed folder above the data is named, with what to do', async () => {
    const parent = dataDir;
    dataDir = join(parent, 'data');
    await mkdir(dataDir);
    await chmod(parent, 0o700);
    const { message } = await refusal();
    expect(message).toContain(`may not enter ${parent} (mode 700) to reach its data`);
    expect(message).toContain('DAYBOOK_DATA_DIR');
    dataDir = parent;
  });

  test('a lost password is named, with where to put it back', async () => {
    usedBefore();
    await rm(join(dataDir, 'postgres.password'));
    expect((await refusal()).message).toContain(`${join(dataDir, 'postgres.password')}) cannot be read`);
  });

  test('a damaged cluster shows what the server says', async () => {
    usedBefore();
    await rm(join(dataDir, 'postgres', 'global', 'pg_control'));
    expect((await refusal()).message).toMatch(/did not start.*could not find the database system/s);
  });

  test('a full disk is called that', () => {
    const said = explainOutput(
      'The embedded PostgreSQL did not start',
      'FATAL: could not write: No space left on device',
    );
    expect(said).toMatch(/did not start\. The disk is full: make room/);
  });
});
