import { eq, sql as query } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { type Database, openDatabase, ormIn } from './db.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { companies, fxRates } from './schema/companies.ts';

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { name: 'db-test' });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const shop = { slug: 'harbour', name: 'Harbour & Pine', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };

test('bigint, date, instant, JSON and bytes come back as they went, through SQL and through drizzle', async () => {
  const at = new Date('2026-03-31T23:30:00.250Z');
  const values = { big: 2n ** 62n, day: '2026-03-31', bytes: Buffer.from([0, 255]), json: { deep: ['"quoted"', 1] } };
  const [row] = await database.sql`
    select ${values.big}::bigint as big, ${values.day}::date as day, ${at}::timestamptz as at,
      ${values.bytes}::bytea as bytes, ${database.sql.json(values.json)}::jsonb as json,
      ${database.sql.array([1n, 2n ** 62n])}::bigint[] as many`;
  expect(row).toEqual({ ...values, at, many: [1n, 2n ** 62n] });
  const texts = ['plain', 'comma, "quote" \\ brace }', '', 'NULL', null];
  const instants = [at, new Date(0)];
  const [arrays] = await database.sql`
    select ${texts}::text[] as texts, ${database.sql.array(instants)}::timestamptz[] as instants,
      ${['2026-03-31']}::date[] as days, ${database.sql.array([Buffer.from([0, 34, 92])])}::bytea[] as bytes,
      ${[]}::int[] as none, 'b' = any(${['a', 'b']}) as found, array[true, false] as flags`;
  expect(arrays).toEqual({
    texts,
    instants,
    days: ['2026-03-31'],
    bytes: [Buffer.from([0, 34, 92])],
    none: [],
    found: true,
    flags: [true, false],
  });

  const [made] = await database.orm
    .insert(companies)
    .values({ ...shop, settings: values.json, createdAt: at })
    .returning();
  expect(made).toMatchObject({ settings: values.json, createdAt: at });
  const companyId = made?.id ?? '';
  await database.orm
    .insert(fxRates)
    .values({ companyId, currency: 'EUR', day: '2026-03-01', rate: '0.86', source: 'x' });
  const [rate] = await database.orm.select().from(fxRates).where(eq(fxRates.companyId, companyId));
  expect(rate).toMatchObject({ day: '2026-03-01', rate: '0.8600000000' });
  const [stored] = await database.sql`select settings, jsonb_typeof(settings) as type from companies`;
  expect(stored).toEqual({ settings: values.json, type: 'object' });
});

test('drizzle joins a transaction that postgres.js began, and is rolled back with it', async () => {
  const rolledBack = database.sql.begin(async (tx) => {
    await ormIn(tx)
      .insert(companies)
      .values({ ...shop, slug: 'short-lived' });
    const [row] = await tx`select created_at from companies where slug = 'short-lived'`;
    expect(row?.created_at).toBeInstanceOf(Date);
    throw new Error('changed my mind');
  });
  await expect(rolledBack).rejects.toThrow('changed my mind');
  const rows = await database.orm.select().from(companies).where(eq(companies.slug, 'short-lived'));
  expect(rows).toEqual([]);
});

test('two processes that migrate an empty database at once apply every migration once', async () => {
  const empty = await createEmptyDatabase();
  try {
    const fresh = openDatabase(empty.url, { max: 1 });
    const pending = await pendingMigrations(fresh.sql);
    expect(pending).toBeGreaterThan(0);
    const results = await Promise.all([migrate(empty.url), migrate(empty.url), migrate(empty.url)]);
    expect(results.map((each) => each.applied).sort()).toEqual([0, 0, pending]);
    expect(await pendingMigrations(fresh.sql)).toBe(0);
    await fresh.orm.execute(query`select count(*) from companies`);
    await fresh.close();
  } finally {
    await empty.drop();
  }
});
