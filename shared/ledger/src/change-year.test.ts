import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, NOW, newShop, openLedger, post, sale } from '../test/fixtures.ts';
import { createFiscalYear, ensureFiscalYears } from './calendar.ts';
import { changeFiscalYear } from './change-year.ts';
import { calendarOf } from './periods.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const change = (shop: string, startsOn: string, endsOn: string, label = '2026') =>
  ledger.sql.begin((tx) => changeFiscalYear(tx, shop, { label, startsOn, endsOn }, { by: 'Ada', now: NOW }));

/** Years with their first and last period. */
async function years(shop: string): Promise<string[]> {
  const calendar = await calendarOf(ledger.sql, shop);
  return calendar.years.map(({ label, startsOn, endsOn, periods }) => {
    const regular = periods.filter(({ kind }) => kind === 'regular');
    const [first, last] = [regular[0], regular.at(-1)];
    return `${label} ${startsOn} ${endsOn}: ${regular.length} from ${first?.startsOn} ${first?.endsOn} to ${last?.startsOn} ${last?.endsOn}`;
  });
}

test('a year with entries is ended early, and the years after it follow from there', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  await ledger.sql.begin((tx) => ensureFiscalYears(tx, shop, '2027-05-01'));
  await change(shop, '2026-01-01', '2026-06-15');
  expect(await years(shop)).toEqual([
    '2026 2026-01-01 2026-06-15: 6 from 2026-01-01 2026-01-31 to 2026-06-01 2026-06-15',
  ]);
  await ledger.sql.begin((tx) => ensureFiscalYears(tx, shop, '2026-07-01'));
  expect((await years(shop))[1]).toMatch(/^2026\/27 2026-06-16 2027-06-15: 13 from 2026-06-16 2026-06-30/);
  await post(ledger, shop, [sale('2')]);
});

test('a year is made longer, or begins earlier, with the months that were missing', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  await change(shop, '2025-11-15', '2027-02-28');
  expect(await years(shop)).toEqual([
    '2026 2025-11-15 2027-02-28: 16 from 2025-11-15 2025-11-30 to 2027-02-01 2027-02-28',
  ]);
});

test('no entry is left outside or in a month that is cut, and neighbours with entries stay', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  await expect(change(shop, '2026-01-01', '2026-02-28')).rejects.toMatchObject({ code: 'ENTRY_IMMUTABLE' });
  await expect(change(shop, '2026-01-01', '2026-03-20')).rejects.toMatchObject({ code: 'ENTRY_IMMUTABLE' });
  await expect(change(shop, '2026-01-01', '2027-07-01')).rejects.toMatchObject({ code: 'FISCAL_YEAR_INVALID' });
  await expect(change(shop, '2026-01-01', '2026-12-31', '2031')).rejects.toMatchObject({ code: 'FISCAL_YEAR_INVALID' });
  const before = { label: '2025', startsOn: '2025-01-01', endsOn: '2025-12-31' };
  await ledger.sql.begin((tx) => createFiscalYear(tx, shop, before));
  await post(ledger, shop, [sale('2', { postingDate: '2025-03-10', taxPoint: '2025-03-10' })]);
  await expect(change(shop, '2026-02-01', '2026-12-31')).rejects.toMatchObject({
    code: 'FISCAL_YEAR_INVALID',
    message: expect.stringContaining('2025 has entries'),
  });
});

test('a closed year keeps its days', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`update fiscal_years set state = 'closed' where company_id = ${shop}`;
  await expect(change(shop, '2026-01-01', '2026-06-30')).rejects.toMatchObject({ code: 'FISCAL_YEAR_INVALID' });
  const byHand = ledger.sql`update fiscal_years set ends_on = '2026-06-30' where company_id = ${shop}`;
  await expect(byHand).rejects.toThrow(/ENTRY_IMMUTABLE/);
});
