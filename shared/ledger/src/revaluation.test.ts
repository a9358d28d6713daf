import type { ResolvedEntry } from '@daybook/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, sale } from '../test/fixtures.ts';
import { setLockDate, setPeriodState } from './periods.ts';
import { revalue } from './revaluation.ts';
import { closeYear } from './year-end.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const NOW = new Date('2026-04-02T10:00:00Z');
const run = (shop: string, day = '2026-03-15') => revalue(ledger.sql, shop, day, { now: NOW });

async function foreignShop(): Promise<string> {
  const shop = await newShop(ledger);
  await ledger.sql`
    insert into fx_rates (company_id, currency, day, rate, source)
    values (${shop}, 'EUR', '2026-03-31', 0.88, 'test')`;
  return shop;
}

/** Euros on an account at what they were carried at, against exports, which are never revalued. */
const euros = (key: string, account: string, carried: bigint, amount: bigint, more: object = {}): ResolvedEntry =>
  sale(key, {
    lines: [
      { ...line(account, carried, more), currency: 'EUR', amountTc: amount },
      { ...line('4003', -carried), currency: 'EUR', amountTc: -amount },
    ],
  });

async function entries(shop: string): Promise<string[]> {
  const rows = await ledger.sql<{ text: string }[]>`
    select e.posting_date || ' ' || l.account || ' ' || (l.debit - l.credit) || ' ' || l.currency || ' ' || l.amount_tc
      || coalesce(' ' || l.document, '') as text
    from journal_entries e join journal_lines l on l.entry_id = e.id
    where e.company_id = ${shop} and e.entry_type = 'FXR' order by e.sequence, l.line_no`;
  return rows.map(({ text }) => text);
}

test('foreign money is put to the closing rate on the last day and back on the next, in pounds alone', async () => {
  const shop = await foreignShop();
  // 100.00 euros carried at 85.00 are worth 88.00; 50.00 owed at 45.00 are worth 44.00.
  await post(ledger, shop, [
    euros('1', '1242', 8500n, 10_000n),
    euros('2', '1100', 4500n, 5000n, { party: 'Dune', document: 'INV-1' }),
  ]);
  const { date, posted } = await run(shop);
  expect([date, posted?.sourceKey]).toEqual(['2026-03-31', 'revaluation:2026-03-31']);
  const up = ['1242 300 EUR 0', '7906 -300 EUR 0'];
  expect((await entries(shop)).sort()).toEqual(
    [
      '2026-03-31 1100 -100 EUR 0 INV-1',
      '2026-03-31 7906 100 EUR 0',
      ...up.map((text) => `2026-03-31 ${text}`),
      '2026-04-01 1100 100 EUR 0 INV-1',
      '2026-04-01 7906 -100 EUR 0',
      '2026-04-01 1242 -300 EUR 0',
      '2026-04-01 7906 300 EUR 0',
    ].sort(),
  );
});

test('doing it again posts nothing, and after a late fact only what changed', async () => {
  const shop = await foreignShop();
  await post(ledger, shop, [euros('1', '1242', 8500n, 10_000n)]);
  await run(shop);
  expect((await run(shop)).posted).toBeNull();
  await post(ledger, shop, [euros('late', '1242', 800n, 1000n)]);
  expect((await run(shop)).posted?.sourceKey).toBe('revaluation:2026-03-31:v2');
  expect((await entries(shop)).filter((text) => text.startsWith('2026-03-31 1242'))).toEqual([
    '2026-03-31 1242 300 EUR 0',
    '2026-03-31 1242 80 EUR 0',
  ]);
  const both = await Promise.all([run(shop), run(shop)]);
  expect(both.map(({ posted }) => posted)).toEqual([null, null]);
});

test('what is not money keeps its rate, and so does what is worth the closing rate already', async () => {
  const shop = await foreignShop();
  await post(ledger, shop, [euros('1', '2130', -8500n, -10_000n), euros('2', '1242', 880n, 1000n)]);
  expect((await run(shop)).posted).toBeNull();
});

test('without a closing rate nothing is posted, and the message names balance, currency and day', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [euros('1', '1242', 8500n, 10_000n)]);
  await expect(run(shop)).rejects.toMatchObject({
    code: 'RATE_MISSING',
    subject: 'EUR 2026-03-31',
    message: expect.stringContaining('EUR 100.00'),
  });
});

test('a soft-closed period takes it, a locked one does not', async () => {
  const shop = await foreignShop();
  await post(ledger, shop, [euros('1', '1242', 8500n, 10_000n)]);
  const set = (state: 'soft_closed' | 'locked') =>
    setPeriodState(ledger.sql, shop, { day: '2026-03-01', state }, { by: 'Ada', now: NOW });
  await set('soft_closed');
  await setLockDate(ledger.sql, shop, { kind: 'sales', day: '2026-03-31' }, { by: 'Ada', now: NOW });
  expect((await run(shop)).posted).not.toBeNull();
  await post(ledger, shop, [{ ...euros('2', '1242', 850n, 1000n), entryType: 'FXR' }]);
  await set('locked');
  await expect(run(shop)).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
});

test('at the end of a year the closing balance has the closing rate and the next year starts with the reversal', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`
    insert into fx_rates (company_id, currency, day, rate, source) values (${shop}, 'EUR', '2026-12-31', 0.88, 'test')`;
  await post(ledger, shop, [euros('1', '1242', 8500n, 10_000n)]);
  const now = new Date('2027-01-05T10:00:00Z');
  await revalue(ledger.sql, shop, '2026-12-31', { now });
  await ledger.sql`update periods set state = 'locked' where company_id = ${shop} and fiscal_year = '2026'`;
  await closeYear(ledger.sql, shop, '2026', { by: 'Ada', now });
  const [opening] = await ledger.sql`
    select sum(l.debit - l.credit)::int as amount, sum(l.amount_tc)::int as foreign from journal_lines l
    join journal_entries e on e.id = l.entry_id
    where e.company_id = ${shop} and e.entry_type = 'OPN' and l.account = '1242'`;
  expect(opening).toEqual({ amount: 8800, foreign: 10_000 });
  const [after] = await ledger.sql`
    select sum(debit - credit)::int as amount from journal_lines where company_id = ${shop} and account = '1242'`;
  expect(after).toEqual({ amount: 8500 });
});
