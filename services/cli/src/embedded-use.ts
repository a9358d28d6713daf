import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase, type Sql } from '@daybook/platform/db';
import { clusterExists, clusterPaths } from '@daybook/platform/embedded/cluster';
import { type EmbeddedPostgres, findRunning, startEmbedded } from '@daybook/platform/embedded-postgres';
import { HUB_LOCK_KEY } from '@daybook/platform/hub-lock-key';
import { silentLog } from '@daybook/platform/logger';
import { UsageError } from './terminal.ts';

/** Commands that use the embedded database hold this lock, shared: the bytes of "dayb" and "use ". */
const USE_LOCK: readonly [number, number] = [0x64617962, 0x75736520];
/** Connections of commands are called so; each is guarded by the lock above, so it is no reason to leave the server on. */
export const COMMAND_CONNECTION = 'daybook-command';
const JOIN_LIMIT_MS = 60_000;
/** Connections that were closed just now still show for a moment. */
const LOOKS = 20;
const LOOK_EVERY_MS = 50;

/**
 * Runs work on the embedded database of a data folder. A hub's server is used and left alone; a stopped one is started,
 * and the last command that uses it stops it again, so that two commands at one moment do not cut each other off.
 * Throws UsageError when there is no database yet, EmbeddedPostgresError when it cannot run.
 */
export async function withEmbedded<Result>(
  dataDir: string,
  work: (url: string, hubRuns: boolean) => Promise<Result>,
): Promise<Result> {
  if (!(await clusterExists(clusterPaths(resolve(dataDir))))) {
    throw new UsageError(
      `there is no database in ${dataDir} yet; \`npm start\` makes one, or name another folder with DAYBOOK_DATA_DIR or a database with DATABASE_URL`,
    );
  }
  const use = await join(dataDir);
  try {
    return await work(use.url, await hubHolds(use.sql));
  } finally {
    await leave(use, dataDir);
  }
}

interface Use {
  url: string;
  started: EmbeddedPostgres | null;
  /** The one connection that holds the lock. */
  sql: Sql;
  release(): Promise<void>;
}

/** Starts or finds the server and takes the lock; when it is just being stopped by another command, tries again. */
async function join(dataDir: string): Promise<Use> {
  const deadline = Date.now() + JOIN_LIMIT_MS;
  for (;;) {
    const running = await findRunning(dataDir);
    const started = running ? null : await startEmbedded({ dataDir, log: silentLog });
    const url = running?.url ?? started?.url ?? '';
    const database = openDatabase(url, { max: 1, name: `${COMMAND_CONNECTION}-use` });
    try {
      const reserved = await database.sql.reserve();
      await reserved`select pg_advisory_lock_shared(${USE_LOCK[0]}, ${USE_LOCK[1]})`;
      return { url, started, sql: reserved, release: () => database.close() };
    } catch (error) {
      await database.close();
      if (Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

async function leave(use: Use, dataDir: string): Promise<void> {
  try {
    if (!(await isLast(use.sql))) return;
    const server = use.started ?? (await startEmbedded({ dataDir, log: silentLog }));
    await server.stop();
  } catch {
    // The server went away by itself: there is nothing left to stop.
  } finally {
    await use.release();
  }
}

/** Whether nobody else works with the server. The lock stays taken, alone now: who comes meanwhile waits, then starts anew. */
async function isLast(sql: Sql): Promise<boolean> {
  await sql`select pg_advisory_unlock_shared(${USE_LOCK[0]}, ${USE_LOCK[1]})`;
  for (let look = 0; look < LOOKS; look += 1) {
    if (await hubHolds(sql)) return false;
    const [row] = await sql<{ alone: boolean }[]>`
      select case when exists (
        select 1 from pg_stat_activity
        where backend_type = 'client backend' and datname = current_database()
          and application_name not like ${`${COMMAND_CONNECTION}%`}
      ) then false else pg_try_advisory_lock(${USE_LOCK[0]}, ${USE_LOCK[1]}) end as alone`;
    if (row?.alone) return true;
    await pause(LOOK_EVERY_MS);
  }
  return false;
}

/** Whether a hub works on this database: it holds a lock as long as it lives. */
export async function hubHolds(sql: Sql): Promise<boolean> {
  const held = await sql`
    select 1 from pg_locks where locktype = 'advisory' and granted
      and classid = ${HUB_LOCK_KEY[0]} and objid = ${HUB_LOCK_KEY[1]}
      and database = (select oid from pg_database where datname = current_database())`;
  return held.length > 0;
}
