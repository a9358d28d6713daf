import { readFile } from 'node:fs/promises';
import { openDatabase } from '@daybook/platform/db';
import { migrate } from '@daybook/platform/migrate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../../test/support/database.ts';
import { dumpSchema, SCHEMA_FILE } from './dump-schema.ts';

let home: TestDatabase;
beforeAll(async () => {
  home = await createEmptyDatabase();
  await migrate(home.url);
});
afterAll(() => home.drop());

test('an empty database that is migrated has the shape that infra/schema.sql shows', async () => {
  const database = openDatabase(home.url, { max: 1 });
  try {
    const made = await dumpSchema(database.sql);
    const shown = await readFile(SCHEMA_FILE, 'utf8');
    // Different? Run `node infra/scripts/dump-schema.ts <url of a migrated database>` and review what changed.
    expect(made).toBe(shown);
  } finally {
    await database.close();
  }
});

test('every foreign key has an index that begins with its columns', async () => {
  const database = openDatabase(home.url, { max: 1 });
  try {
    const bare = await database.sql`
      select conrelid::regclass::text as table, conname as key from pg_constraint k
      where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
        select from pg_index i where i.indrelid = k.conrelid
          and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`;
    expect([...bare]).toEqual([]);
  } finally {
    await database.close();
  }
});
