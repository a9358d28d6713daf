import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { HUB_LOCK_KEY } from './hub-lock-key.ts';
import type { Log } from './logger.ts';

/** Who holds the lock, as far as they told. */
export interface HubHolder {
  pid: number;
  /** UTC ISO. */
  startedAt: string;
  url: string;
}

/** Another hub works on this database. */
export class HubRunning extends Error {
  readonly holder: HubHolder | null;

  constructor(holder: HubHolder | null) {
    super(
      holder
        ? `A hub is already running: process ${holder.pid}, since ${holder.startedAt}, at ${holder.url}. Use that one, or ` +
            `end it first (kill ${holder.pid}, or Ctrl-C in its terminal).`
        : 'A hub is already running on this database, on another machine or in another container. Use that one, or end ' +
            'it first.',
    );
    this.name = 'HubRunning';
    this.holder = holder;
  }
}

export interface HubLock {
  /** Tells others what changed, e.g. the address once the port is known. */
  update(fields: Partial<HubHolder>): Promise<void>;
  release(): Promise<void>;
}

interface Hub {
  databaseUrl: string;
  holder: HubHolder;
  /** Folder of `hub.json`, where other commands find the hub's address. */
  dataDir: string;
  log: Log;
  /** Called when, after an outage of the database, another hub turns out to hold the lock: stop working. */
  onLost: (error: HubRunning) => void;
}

/**
 * Takes the lock that at most one hub holds per database: a session lock of PostgreSQL on a connection of its own, so
 * that it is free the moment its holder is killed. After a restart of the database it is taken again.
 * Throws HubRunning when another hub holds it.
 */
export async function acquireHubLock(
  databaseUrl: string,
  holder: HubHolder,
  options: { dataDir: string; log: Log; onLost: (error: HubRunning) => void },
): Promise<HubLock> {
  const hub: Hub = { databaseUrl, holder: { ...holder }, ...options };
  let released = false;
  let client = await takeLock(hub);
  const watch = (held: pg.Client) => {
    held.once('end', async () => {
      if (released) return;
      hub.log.warn({}, 'The connection that holds the hub lock was lost; taking the lock again');
      const again = await retake(hub, () => released);
      if (!again) return;
      client = again;
      watch(again);
    });
  };
  watch(client);
  await writeHolder(hub);
  return {
    async update(fields) {
      Object.assign(hub.holder, fields);
      await client.query('SELECT set_config($1, $2, false)', ['application_name', applicationName(hub.holder)]);
      await writeHolder(hub);
    },
    async release() {
      released = true;
      await client.end().catch(() => {});
    },
  };
}

/** What `hub.json` says; null when there is none. Only a hint: the hub may be gone. */
export async function readHubFile(dataDir: string): Promise<HubHolder | null> {
  try {
    return JSON.parse(await readFile(join(dataDir, 'hub.json'), 'utf8')) as HubHolder;
  } catch {
    return null;
  }
}

async function takeLock(hub: Hub): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: hub.databaseUrl,
    application_name: applicationName(hub.holder),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // A machine that lost its power must not hold the lock for the two hours TCP would wait.
    options: '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const lock = 'SELECT pg_try_advisory_lock($1, $2) AS taken';
    const { rows } = await client.query<{ taken: boolean }>(lock, [...HUB_LOCK_KEY]);
    if (!rows[0]?.taken) throw new HubRunning(await findHolder(client, hub));
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function retake(hub: Hub, isReleased: () => boolean): Promise<pg.Client | null> {
  while (!isReleased()) {
    try {
      return await takeLock(hub);
    } catch (error) {
      if (error instanceof HubRunning) {
        hub.onLost(error);
        return null;
      }
      await pause(1_000);
    }
  }
  return null;
}

/** Names in pg_stat_activity end after 63 bytes; a longer address is taken from hub.json, if that is about the same hub. */
function applicationName({ pid, startedAt, url }: HubHolder): string {
  return `hub ${pid} ${startedAt} ${url}`.slice(0, 63);
}

async function findHolder(client: pg.Client, hub: Hub): Promise<HubHolder | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [...HUB_LOCK_KEY],
  );
  const [, pid, startedAt, url] = /^hub (\d+) (\S+) (\S*)$/.exec(rows[0]?.name ?? '') ?? [];
  if (!pid || !startedAt) return null;
  const file = await readHubFile(hub.dataDir);
  const told = { pid: Number(pid), startedAt, url: url ?? '' };
  return file && file.pid === told.pid && file.startedAt === startedAt ? file : told;
}

async function writeHolder(hub: Hub): Promise<void> {
  const path = join(hub.dataDir, 'hub.json');
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify(hub.holder)}\n`);
  await rename(`${path}.${process.pid}`, path);
}
