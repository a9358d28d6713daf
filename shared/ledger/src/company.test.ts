import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, NOW, newShop, openLedger, post, sale } from '../test/fixtures.ts';
import { createFiscalYear } from './calendar.ts';
import { accountsOf, createCompany, ensureFiscalYears, loadBooks, taxCodesOf } from './company.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const extend = (companyId: string, date: string) => ledger.sql.begin((tx) => ensureFiscalYears(tx, companyId, date));

async function years(companyId: string): Promise<string[]> {
  const rows = await ledger.sql`
    select label || ' ' || starts_on || ' ' || ends_on || ' ' || (select count(*) from periods p
      where p.company_id = y.company_id and p.fiscal_year = y.label) as year
    from fiscal_years y where company_id = ${companyId} order by starts_on`;
  return rows.map((row) => row.year as string);
}

test('a new British company can be posted to at once: chart, roles, taxes, twelve months, an empty journal', async () => {
  const shop = await newShop(ledger);
  const books = await loadBooks(ledger.sql, shop);
  expect(books).toMatchObject({
    functionalCurrency: 'GBP',
    country: 'GB',
    timeZone: 'Europe/London',
    settings: { discountPresentation: 'contra_revenue', channelTax: 'net' },
    firstOpenDay: '2026-01-01',
  });
  expect(books.roles.get('clearing.stripe')).toBe('1241');
  expect(books.roles.get('tax.output')).toBe('2200');
  expect(books.taxCodes.get('S20')).toMatchObject({ rate: '20', revenue: 'standard' });
  expect(await years(shop)).toEqual(['2026 2026-01-01 2026-12-31 12']);
  const [head] = await ledger.sql`select entries, last_hash from journal_heads where company_id = ${shop}`;
  expect(head).toEqual({ entries: 0n, last_hash: createHash('sha256').update(shop).digest() });
});

test('control, clearing, bank and tax accounts are guarded, revenue and costs are not', async () => {
  const shop = await newShop(ledger);
  const rows = await ledger.sql<{ code: string; guarded: boolean }[]>`
    select code, guarded from accounts where company_id = ${shop}`;
  const guarded = new Map(rows.map((row) => [row.code, row.guarded]));
  const expected = { '1001': true, '1100': true, '1200': true, '1241': true, '2100': true, '2200': true };
  for (const [code, is] of Object.entries({ ...expected, '4000': false, '5020': false, '7905': false })) {
    expect([code, guarded.get(code)]).toEqual([code, is]);
  }
});

test('the first fiscal year is that of the company, not that of the clock: it is 2027 in Auckland', async () => {
  const company = { slug: 'kiwi', name: 'Kiwi', country: 'NZ', currency: 'NZD', timeZone: 'Pacific/Auckland' };
  const now = new Date('2026-12-31T12:00:00Z');
  const { id } = await ledger.sql.begin((tx) => createCompany(tx, { ...company, now }));
  expect(await years(id)).toEqual(['2027 2027-01-01 2027-12-31 12']);
});

test('unknown currencies, unknown time zones and slugs that are taken are refused', async () => {
  const company = { slug: 'twice', name: 'Twice', country: 'GB', currency: 'GBP', timeZone: 'Europe/London', now: NOW };
  const make = (change: object) => ledger.sql.begin((tx) => createCompany(tx, { ...company, ...change }));
  await expect(make({ currency: 'XXQ' })).rejects.toMatchObject({ code: 'CURRENCY_UNKNOWN' });
  await expect(make({ timeZone: 'Europe/Atlantis' })).rejects.toThrow(/time zone.*Europe\/Atlantis/);
  await make({});
  await expect(make({})).rejects.toMatchObject({ cause: { code: '23505' } });
});

test('fiscal years are added up and down to a date without a gap, and asking twice changes nothing', async () => {
  const shop = await newShop(ledger);
  await extend(shop, '2028-02-29');
  await extend(shop, '2024-12-31');
  await Promise.all([extend(shop, '2025-06-01'), extend(shop, '2028-12-31'), extend(shop, '2024-01-01')]);
  expect(await years(shop)).toEqual([
    '2024 2024-01-01 2024-12-31 12',
    '2025 2025-01-01 2025-12-31 12',
    '2026 2026-01-01 2026-12-31 12',
    '2027 2027-01-01 2027-12-31 12',
    '2028 2028-01-01 2028-12-31 12',
  ]);
  await expect(extend(shop, '1970-01-01')).rejects.toMatchObject({ code: 'PERIOD_CLOSED', subject: '1970-01-01' });
});

test('years that follow one from April to March run from April to March', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`delete from periods where company_id = ${shop}`;
  await ledger.sql`
    update fiscal_years set starts_on = '2026-04-01', ends_on = '2027-03-31', label = 'FY26' where company_id = ${shop}`;
  await extend(shop, '2028-01-15');
  expect(await years(shop)).toEqual(['FY26 2026-04-01 2027-03-31 0', '2027/28 2027-04-01 2028-03-31 12']);
});

test('the first fiscal year can be of any days up to 18 months, and its months are cut to them', async () => {
  const company = { name: 'Odd', country: 'GB', currency: 'GBP', timeZone: 'Europe/London', now: NOW };
  const make = (slug: string, startsOn: string, endsOn: string) =>
    ledger.sql.begin((tx) =>
      createCompany(tx, { ...company, slug, fiscalYear: { label: 'FY2026', startsOn, endsOn } }),
    );
  const { id } = await make('odd-1', '2026-03-01', '2027-02-28');
  expect(await years(id)).toEqual(['FY2026 2026-03-01 2027-02-28 12']);
  const short = await make('odd-2', '2026-03-10', '2026-04-20');
  const spans = await ledger.sql`
    select starts_on || ' ' || ends_on as span from periods where company_id = ${short.id} order by starts_on`;
  expect(spans.map((row) => row.span)).toEqual(['2026-03-10 2026-03-31', '2026-04-01 2026-04-20']);
  await make('odd-3', '2026-01-01', '2027-06-30');
  const refusal = { code: 'FISCAL_YEAR_INVALID', message: expect.stringContaining('2027-06-30 at the latest') };
  await expect(make('odd-4', '2026-01-01', '2027-07-01')).rejects.toMatchObject(refusal);
  await expect(make('odd-5', '2026-02-01', '2026-01-31')).rejects.toMatchObject({ code: 'FISCAL_YEAR_INVALID' });
});

test('a further fiscal year joins its neighbours without overlap, gap or equal name', async () => {
  const shop = await newShop(ledger);
  const add = (label: string, startsOn: string, endsOn: string) =>
    ledger.sql.begin((tx) => createFiscalYear(tx, shop, { label, startsOn, endsOn }));
  const refusal = {
    code: 'FISCAL_YEAR_INVALID',
    message: expect.stringMatching(/start on 2027-01-01, or end on 2025-/),
  };
  await expect(add('gap', '2027-01-02', '2027-12-31')).rejects.toMatchObject(refusal);
  await expect(add('overlap', '2026-12-31', '2027-12-31')).rejects.toMatchObject(refusal);
  await expect(add('2026', '2027-01-01', '2027-12-31')).rejects.toMatchObject({
    message: expect.stringMatching(/name/),
  });
  await add('2027 short', '2027-01-01', '2027-03-31');
  await add('2025 H2', '2025-07-01', '2025-12-31');
  await extend(shop, '2027-05-01');
  expect(await years(shop)).toEqual([
    '2025 H2 2025-07-01 2025-12-31 6',
    '2026 2026-01-01 2026-12-31 12',
    '2027 short 2027-01-01 2027-03-31 3',
    '2027/28 2027-04-01 2028-03-31 12',
  ]);
});

test('nothing is added before opening balances, which hold what came before them', async () => {
  const shop = await newShop(ledger);
  const opening = sale('opening', { entryType: 'OPN', postingDate: '2026-01-01', taxPoint: '2026-01-01' });
  await post(ledger, shop, [opening]);
  await extend(shop, '2025-12-31');
  expect(await years(shop)).toHaveLength(1);
});

test('nothing is added before a closed period, so that late facts go into the first open one', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`update periods set state = 'locked' where company_id = ${shop} and starts_on < '2026-03-01'`;
  await extend(shop, '2025-12-31');
  expect(await years(shop)).toHaveLength(1);
  const books = await loadBooks(ledger.sql, shop);
  expect([books.firstOpenDay, books.isOpen('2026-02-28'), books.isOpen('2026-03-01')]).toEqual([
    '2026-03-01',
    false,
    true,
  ]);
  expect([books.isOpen('2026-12-31'), books.isOpen('2027-01-01')]).toEqual([true, false]);
});

test('the rate of a day is the newest one up to a month old, and 1 for the company currency', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`
    insert into fx_rates (company_id, currency, day, rate, source) values
      (${shop}, 'EUR', '2026-03-02', 0.8650, 'test'), (${shop}, 'EUR', '2026-03-05', 0.87, 'test')`;
  const { rate } = await loadBooks(ledger.sql, shop);
  expect(rate('GBP', '2026-03-02')).toBe('1');
  expect(rate('EUR', '2026-03-01')).toBeUndefined();
  expect(rate('EUR', '2026-03-04')).toBe('0.865');
  expect(rate('EUR', '2026-04-05')).toBe('0.87');
  expect(rate('EUR', '2026-04-06')).toBeUndefined();
  expect(rate('JPY', '2026-03-05')).toBeUndefined();
});

test('what is mapped to connected books: roles with their accounts, and tax codes that have a rate', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001')]);
  await ledger.sql`insert into tax_codes (company_id, code, label, revenue) values (${shop}, 'COUNTY', 'COUNTY', 'standard')`;
  expect(await accountsOf(ledger.sql, shop)).toContainEqual({
    role: 'ar.control',
    code: '1100',
    name: 'Debtors control account',
    type: 'asset',
  });
  const codes = await taxCodesOf(ledger.sql, shop);
  expect(codes).toContainEqual({ code: 'R5', rate: '5' });
  expect(codes.map((each) => each.code)).not.toContain('COUNTY');
  expect((await loadBooks(ledger.sql, shop)).taxCodes.has('COUNTY')).toBe(false);
});
