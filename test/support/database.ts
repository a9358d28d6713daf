import { randomBytes } from 'node:crypto';
import { openDatabase, type Sql } from '@daybook/platform/db';
import { migrate, migrationsHash } from '@daybook/platform/migrate';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseServer: string;
  }
}

const TEMPLATE_LOCK = 7_316_282n;
const ABANDONED_AFTER_SECONDS = 7200;

/** A database of a test's own, migrated. */
export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** Copies the migrated template: about 50 ms. Call it in `beforeAll`, and `drop` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { inject } = await import('vitest');
  const server = inject('databaseServer');
  const name = databaseName();
  await onServer(server, (sql) => sql`create database ${sql(name)} template ${sql(templateName())}`);
  return {
    url: withDatabase(server, name),
    drop: () => onServer(server, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}

/** An empty database that no migration has touched. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const { inject } = await import('vitest');
  const server = inject('databaseServer');
  const name = databaseName();
  await onServer(server, (sql) => sql`create database ${sql(name)} template template0`);
  return {
    url: withDatabase(server, name),
    drop: () => onServer(server, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}

/** Makes the template for the migrations as they are now, unless it is there. Renamed at the end: never half done. */
export async function prepareTemplate(server: string): Promise<void> {
  await onServer(server, async (sql) => {
    await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`;
    const name = templateName();
    const [present] = await sql`select 1 from pg_database where datname = ${name}`;
    if (present) return;
    const draft = `${name}_draft`;
    await sql`drop database if exists ${sql(draft)} with (force)`;
    await sql`create database ${sql(draft)} template template0`;
    await migrate(withDatabase(server, draft));
    await sql`alter database ${sql(draft)} rename to ${sql(name)}`;
  });
}

/** Drops databases of test runs that were killed before they could. */
export async function dropAbandoned(server: string): Promise<void> {
  await onServer(server, async (sql) => {
    const rows = await sql<{ name: string }[]>`
      select datname as name from pg_database where datname ~ '^daybook_test_[0-9]+_'`;
    const now = Math.floor(Date.now() / 1000);
    for (const { name } of rows) {
      const made = Number(name.split('_')[2]);
      if (now - made > ABANDONED_AFTER_SECONDS) await sql`drop database if exists ${sql(name)} with (force)`;
    }
  });
}

function databaseName(): string {
  return `daybook_test_${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString('hex')}`;
}

function templateName(): string {
  return `daybook_template_${migrationsHash().slice(0, 16)}`;
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(server: string, work: (sql: Sql) => PromiseLike<unknown>): Promise<void> {
  const { sql, close } = openDatabase(server, { max: 1, name: 'daybook-test' });
  try {
    await work(sql);
  } finally {
    await close();
  }
}
