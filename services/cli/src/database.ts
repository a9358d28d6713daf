import type { Config } from '@daybook/platform/config';
import { type Database, openDatabase, type Queryable } from '@daybook/platform/db';
import { migrate, pendingMigrations } from '@daybook/platform/migrate';
import { configOf } from './config.ts';
import { COMMAND_CONNECTION, withEmbedded } from './embedded-use.ts';
import { FoundError, type Terminal, UsageError, wordsOf } from './terminal.ts';

/** The database a command works on, with its address for what opens connections of its own. */
export interface CommandDatabase extends Database {
  url: string;
}

/**
 * Runs a command on the database that is configured: DATABASE_URL, the embedded one while a hub has it running, or the
 * embedded one started just for this command and stopped after it. Only an embedded database no hub works on is
 * migrated; any other one belongs to its hub. Throws FoundError saying what to do when it is away or not prepared.
 */
export async function withDatabase<Result>(
  terminal: Terminal,
  work: (database: CommandDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = configOf(terminal);
  const run = async (url: string, migrates: boolean) => {
    const database = openDatabase(url, { max: 4, name: COMMAND_CONNECTION });
    try {
      const missing = await missingMigrations(database, url);
      if (missing > 0 && !migrates) throw new FoundError(notPrepared(missing, url));
      if (missing > 0) await migrate(url);
      return await work({ ...database, url }, config);
    } finally {
      await database.close();
    }
  };
  if (config.databaseUrl !== undefined) return run(config.databaseUrl, false);
  return withEmbedded(config.dataDir, (url, hubRuns) => run(url, !hubRuns));
}

/** How many migrations the database lacks. Throws FoundError with address and advice when it cannot be asked. */
export async function missingMigrations(database: Database, url: string): Promise<number> {
  try {
    return await pendingMigrations(database.sql);
  } catch (error) {
    throw new FoundError(
      `daybook: the database at ${addressOf(url)} cannot be used: ${wordsOf(error)}; check DATABASE_URL and that the server runs`,
    );
  }
}

/** What to tell when migrations are missing. */
export function notPrepared(missing: number, url: string): string {
  return `daybook: the database at ${addressOf(url)} lacks ${missing} migrations; start the hub of this version, it prepares the database by itself`;
}

/** Host, port and name of a database; never its user or password. */
export function addressOf(url: string): string {
  if (!URL.canParse(url)) return 'the address of DATABASE_URL';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Companies the command is about: the one named, or all. Throws UsageError naming what exists. */
export async function companiesNamed(database: { sql: Queryable }, slug: string | undefined): Promise<CompanyRow[]> {
  const rows = await database.sql<
    CompanyRow[]
  >`select id, slug, name, country, currency, time_zone as "timeZone" from companies order by slug`;
  if (slug === undefined) return rows;
  const found = rows.filter((row) => row.slug === slug);
  if (found.length > 0) return found;
  const known = rows.map((row) => row.slug).join(', ') || 'none yet';
  throw new UsageError(`there is no company "${slug}"; there is: ${known}`);
}

/** The one company a command is about. Throws UsageError naming what exists. */
export async function companyNamed(database: { sql: Queryable }, slug: string): Promise<CompanyRow> {
  const [company] = await companiesNamed(database, slug);
  if (!company) throw new UsageError(`there is no company "${slug}"`);
  return company;
}

/** A company as commands speak of it. */
export interface CompanyRow {
  id: string;
  slug: string;
  name: string;
  country: string;
  currency: string;
  timeZone: string;
}
