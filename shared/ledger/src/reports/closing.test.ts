import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, sale } from '../../test/fixtures.ts';
import { balanceSheet, cashFlow, clearingStatement, generalLedger, incomeStatement, trialBalance } from '../reports.ts';
import { tieOuts } from '../verify.ts';
import { closeYear } from '../year-end.ts';

/**
 * 2026: capital of 100.00 paid in, a sale of 20.00 with 4.00 tax, a fee of 1.00: a result of 19.00. The year is closed.
 * 2027: another sale.
 */
const YEAR = { from: '2026-01-01', to: '2026-12-31' };
const NEXT = { from: '2027-01-01', to: '2027-01-31' };
let ledger: Ledger;
let shop: string;
beforeAll(async () => {
  ledger = await openLedger();
  shop = await newShop(ledger);
  await post(ledger, shop, [
    { ...sale('capital'), entryType: 'BNK', lines: [line('1200', 10000n), line('3000', -10000n)] },
    sale('1'),
    { ...sale('fee'), entryType: 'FEE', lines: [line('7905', 100n), line('1241', -100n)] },
  ]);
  await ledger.sql`update periods set state = 'locked' where company_id = ${shop} and fiscal_year = '2026'`;
  await closeYear(ledger.sql, shop, '2026', { by: 'Ada', now: new Date('2027-02-03T10:00:00Z') });
  const later = {
    postingDate: '2027-01-10',
    taxPoint: '2027-01-10',
    occurredAt: '2027-01-10T11:30:00Z',
    channel: undefined,
  };
  await post(ledger, shop, [{ ...sale('2'), ...later }]);
});
afterAll(() => ledger.drop());

const closings = (rows: { account: string; closing: bigint }[]) =>
  Object.fromEntries(rows.filter(({ closing }) => closing !== 0n).map(({ account, closing }) => [account, closing]));

const BEFORE = { '1200': 10000n, '1241': 2300n, '2200': -400n, '3000': -10000n, '4000': -2000n, '7905': 100n };

test('the income statement of a closed year ignores its closing entries', async () => {
  const report = await incomeStatement(ledger.sql, shop, YEAR);
  expect([report.revenue.total, report.profit]).toEqual([2000n, 1900n]);
});

test('the trial balance of a closed year stands before or after the transfer of its result, never at zero', async () => {
  const before = await trialBalance(ledger.sql, shop, YEAR);
  expect(closings(before.rows)).toEqual(BEFORE);
  const after = await trialBalance(ledger.sql, shop, { ...YEAR, closing: 'after' });
  const { '4000': _sales, '7905': _fees, ...kept } = BEFORE;
  expect(closings(after.rows)).toEqual({ ...kept, '3200': -1900n });
});

test('the balance sheet shows the result as such, or in retained earnings after the close', async () => {
  const before = await balanceSheet(ledger.sql, shop, { to: YEAR.to });
  expect(before).toMatchObject({ resultOfYear: 1900n, totalEquity: 11900n, difference: 0n });
  const after = await balanceSheet(ledger.sql, shop, { to: YEAR.to, closing: 'after' });
  expect(after).toMatchObject({ resultOfYear: 0n, totalEquity: 11900n, difference: 0n });
  expect(after.equity.rows.map(({ account, amount }) => [account, amount])).toEqual([
    ['3000', 10000n],
    ['3200', 1900n],
  ]);
});

test('the new year begins with the opening line and counts what was carried forward once', async () => {
  const sheet = await generalLedger(ledger.sql, shop, { ...NEXT, account: '1241' });
  expect(sheet.opening).toBe(0n);
  expect(sheet.lines.map(({ entryType, balance }) => [entryType, balance])).toEqual([
    ['OPN', 2300n],
    ['SAL', 4700n],
  ]);
  const balance = await balanceSheet(ledger.sql, shop, { to: NEXT.to });
  expect(balance).toMatchObject({ earlierResults: 0n, resultOfYear: 2000n, totalEquity: 13900n, difference: 0n });
});

test('a range over both years counts neither what closes nor what opens', async () => {
  const range = { from: '2026-03-01', to: NEXT.to };
  const sheet = await generalLedger(ledger.sql, shop, { ...range, account: '1241' });
  expect(sheet.lines.map(({ debit, credit }) => debit - credit)).toEqual([2400n, -100n, 2400n]);
  expect((await incomeStatement(ledger.sql, shop, range)).profit).toBe(3900n);
  const cash = await cashFlow(ledger.sql, shop, range);
  expect([cash.opening, cash.direct.financing, cash.direct.change, cash.indirect.change, cash.closing]).toEqual([
    0n,
    10000n,
    10000n,
    10000n,
    10000n,
  ]);
  const { rows } = await clearingStatement(ledger.sql, shop, range);
  expect(rows.find(({ account }) => account === '1241')?.worth).toMatchObject({ opening: 0n, closing: 4700n });
});

test('opening balances are no cash flow of the new year', async () => {
  const cash = await cashFlow(ledger.sql, shop, NEXT);
  expect([cash.opening, cash.direct.change, cash.indirect.change, cash.closing]).toEqual([10000n, 0n, 0n, 10000n]);
});

test('reports tie out around the close', async () => {
  expect((await tieOuts(ledger.sql, shop)).filter(({ ok }) => !ok)).toEqual([]);
});
