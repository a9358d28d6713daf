import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { openDatabase, type Sql } from './db.ts';

const migrationsFolder = fileURLToPath(new URL('../../../infra/migrations', import.meta.url));

/** Any number that nothing else locks: two hubs that start at once migrate one after the other. */
const MIGRATION_LOCK = 7_316_281n;

/**
 * Brings the database at `url` up to the newest migration. Safe when several processes start at once: the others wait
 * and find nothing left to do. Each migration is applied whole or not at all.
 */
export async function migrate(url: string): Promise<{ applied: number }> {
  const database = openDatabase(url, { max: 1, name: 'daybook-migrate' });
  try {
    await database.sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    const before = await countApplied(database.sql);
    await runMigrations(database.orm, { migrationsFolder });
    return { applied: (await countApplied(database.sql)) - before };
  } finally {
    await database.close();
  }
}

/** Migrations that the code knows and the database at hand has not applied yet; for `doctor` and `/readyz`. */
export async function pendingMigrations(sql: Sql): Promise<number> {
  return Math.max(0, readMigrationFiles({ migrationsFolder }).length - (await countApplied(sql)));
}

/** Changes with every edit of a migration: names the template database of the tests. */
export function migrationsHash(): string {
  const hashes = readMigrationFiles({ migrationsFolder }).map((each) => each.hash);
  return createHash('sha256').update(hashes.join()).digest('hex');
}

async function countApplied(sql: Sql): Promise<number> {
  const [table] = await sql`select to_regclass('drizzle.__drizzle_migrations') is not null as present`;
  if (!table?.present) return 0;
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from drizzle.__drizzle_migrations`;
  return row?.count ?? 0;
}
