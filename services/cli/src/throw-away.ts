import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Sql } from '@daybook/platform/db';
import { startEmbedded } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';
import { migrate } from '@daybook/platform/migrate';

/** A migrated database that exists for one run only. */
export interface ThrowAway {
  url: string;
  /** Where it lies, for people. */
  where: string;
  remove(): Promise<void>;
}

/**
 * Makes one on the server of `databaseUrl`, or on an embedded server of its own in a temporary folder. Nothing that is
 * there already is touched; `purpose`, one word, is part of its name. Throws the server's error when its user may not
 * create databases.
 */
export async function openThrowAway(databaseUrl: string | undefined, purpose: string): Promise<ThrowAway> {
  if (databaseUrl !== undefined) return onServer(databaseUrl, 'the server of DATABASE_URL', purpose);
  const folder = await mkdtemp(join(tmpdir(), `daybook-${purpose}-`));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const embedded = await startEmbedded({ dataDir: folder, log: silentLog });
    const stop = async () => {
      await embedded.stop();
      await removeFolder();
    };
    try {
      await migrate(embedded.url);
    } catch (error) {
      await stop();
      throw error;
    }
    return { url: embedded.url, where: 'an embedded server in a temporary folder', remove: stop };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function onServer(server: string, where: string, purpose: string): Promise<ThrowAway> {
  const name = `daybook_${purpose}_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const remove = () => on(server, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  await on(server, (sql) => sql`create database ${sql(name)} template template0`).catch((cause: Error) => {
    throw new Error(`No database could be created on ${where}: ${cause.message}. Its user needs the right CREATEDB.`, {
      cause,
    });
  });
  try {
    await migrate(url.href);
  } catch (error) {
    await remove();
    throw error;
  }
  return { url: url.href, where: `database ${name} on ${where}`, remove };
}

async function on(server: string, work: (sql: Sql) => PromiseLike<unknown>): Promise<void> {
  const database = openDatabase(server, { max: 1, name: 'daybook-throw-away' });
  try {
    await work(database.sql);
  } finally {
    await database.close();
  }
}
