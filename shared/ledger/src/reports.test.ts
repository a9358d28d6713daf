import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, reversal, sale } from '../test/fixtures.ts';
import { journal, trialBalance } from './reports.ts';

let ledger: Ledger;
let shop: string;

/**
 * 10 February: sale of 24.00 (20.00 + 4.00 tax). 10 March: the same again. 12 March: 1.00 fee. 20 March: the March
 * sale is taken back.
 */
beforeAll(async () => {
  ledger = await openLedger();
  shop = await newShop(ledger);
  const march = sale('2');
  await post(ledger, shop, [
    sale('1', { postingDate: '2026-02-10', taxPoint: '2026-02-10' }),
    march,
    { ...sale('fee'), entryType: 'FEE', postingDate: '2026-03-12', lines: [line('7905', 100n), line('1241', -100n)] },
    { ...reversal(march), postingDate: '2026-03-20' },
  ]);
});
afterAll(() => ledger.drop());

test('the trial balance of March shows what February left, what moved, and columns that agree', async () => {
  const report = await trialBalance(ledger.sql, shop, { from: '2026-03-01', to: '2026-03-31' });
  const rows = report.rows.map((row) => [row.account, row.opening, row.debits, row.credits, row.closing]);
  expect(rows).toEqual([
    ['1241', 2400n, 2400n, 2500n, 2300n],
    ['2200', -400n, 400n, 400n, -400n],
    ['4000', -2000n, 2000n, 2000n, -2000n],
    ['7905', 0n, 100n, 0n, 100n],
  ]);
  expect(report.totals).toEqual({ debits: 4900n, credits: 4900n, closingDebit: 2400n, closingCredit: 2400n });
  expect(report).toMatchObject({ currency: 'GBP', difference: 0n });
  expect(report.rows[0]).toMatchObject({ name: 'Stripe clearing GBP', type: 'asset' });
});

test('without a first day everything up to the date is movement, and later entries do not count', async () => {
  const report = await trialBalance(ledger.sql, shop, { to: '2026-03-12' });
  expect(report.rows[0]).toMatchObject({ account: '1241', opening: 0n, debits: 4800n, credits: 100n, closing: 4700n });
  expect(report.totals.debits).toBe(4900n);
});

test('a company without entries has an empty trial balance, and an unknown one is refused', async () => {
  const empty = await newShop(ledger);
  expect(await trialBalance(ledger.sql, empty, { to: '2026-12-31' })).toMatchObject({ rows: [], difference: 0n });
  const unknown = trialBalance(ledger.sql, '00000000-0000-0000-0000-000000000000', { to: '2026-12-31' });
  await expect(unknown).rejects.toThrow('There is no company');
});

test('the journal shows entries in the order of their numbers, with lines, links and totals', async () => {
  const { entries, totals, gaps, currency } = await journal(ledger.sql, shop, { from: '2026-03-01' });
  expect(entries.map((entry) => `${entry.number} ${entry.entryType} ${entry.postingDate}`)).toEqual([
    '2 SAL 2026-03-10',
    '3 FEE 2026-03-12',
    '4 SAL 2026-03-20',
  ]);
  expect(entries[0]).toMatchObject({ reverses: null, reversedBy: 'shopify:harbour:sale:2:reversal' });
  expect(entries[2]).toMatchObject({ reverses: 'shopify:harbour:sale:2', reversedBy: null });
  expect(entries[1]?.lines).toMatchObject([
    { account: '7905', name: 'Payment processing fees', debit: 100n, credit: 0n, currency: 'GBP', amountTc: 100n },
    { account: '1241', debit: 0n, credit: 100n },
  ]);
  expect(totals).toEqual({ entries: 3, debits: 4900n, credits: 4900n });
  expect(gaps).toEqual([{ fiscalYear: '2026', entries: 4, firstMissing: null }]);
  expect(currency).toBe('GBP');
});

test('the journal can be read page by page', async () => {
  const first = await journal(ledger.sql, shop, { limit: 3 });
  const second = await journal(ledger.sql, shop, { afterNumber: 3, limit: 3 });
  const third = await journal(ledger.sql, shop, { afterSequence: second.entries[0]?.sequence ?? 0n });
  expect([first, second, third].map((page) => page.entries.map((entry) => entry.number))).toEqual([[1, 2, 3], [4], []]);
});

test('a missing number is shown', async () => {
  const damaged = await newShop(ledger);
  await post(ledger, damaged, [sale('1'), sale('2'), sale('3')]);
  await ledger.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from journal_entries where company_id = ${damaged} and number = 2`;
  });
  const { gaps } = await journal(ledger.sql, damaged);
  expect(gaps).toEqual([{ fiscalYear: '2026', entries: 2, firstMissing: 2 }]);
});
