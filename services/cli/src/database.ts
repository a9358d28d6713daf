import { type Config, loadConfig } from '@daybook/platform/config';
import { type Database, openDatabase } from '@daybook/platform/db';
import { findRunning, startEmbedded } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';
import { migrate } from '@daybook/platform/migrate';
import { type Terminal, UsageError } from './terminal.ts';

/** The database a command works on, with its address for what opens connections of its own. */
export interface CommandDatabase extends Database {
  url: string;
}

/**
 * Runs a command on the database that is configured: DATABASE_URL, the embedded one while a hub has it running, or the
 * embedded one started just for this command and stopped after it.
 */
export async function withDatabase<Result>(
  terminal: Terminal,
  work: (database: CommandDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig(terminal.env);
  if (config.databaseUrl !== undefined) return onUrl(config.databaseUrl, config, work);
  const running = await findRunning(config.dataDir);
  if (running) return onUrl(running.url, config, work);
  const embedded = await startEmbedded({ dataDir: config.dataDir, log: silentLog });
  try {
    return await onUrl(embedded.url, config, work);
  } finally {
    await embedded.stop();
  }
}

async function onUrl<Result>(
  url: string,
  config: Config,
  work: (database: CommandDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  await migrate(url);
  const database = openDatabase(url, { max: 4, name: 'daybook-command' });
  try {
    return await work({ ...database, url }, config);
  } finally {
    await database.close();
  }
}

/** Companies the command is about: the one named, or all. Throws UsageError naming what exists. */
export async function companiesNamed(database: Database, slug: string | undefined): Promise<CompanyRow[]> {
  const rows = await database.sql<
    CompanyRow[]
  >`select id, slug, name, country, currency, time_zone as "timeZone" from companies order by slug`;
  if (slug === undefined) return rows;
  const found = rows.filter((row) => row.slug === slug);
  if (found.length > 0) return found;
  const known = rows.map((row) => row.slug).join(', ') || 'none yet';
  throw new UsageError(`there is no company "${slug}"; there is: ${known}`);
}

export interface CompanyRow {
  id: string;
  slug: string;
  name: string;
  country: string;
  currency: string;
  timeZone: string;
}
