import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, sale } from '../../test/fixtures.ts';
import { balanceSheet, cashFlow, figureLines, incomeStatement, trialBalance } from '../reports.ts';

/**
 * Accounts that no role tells apart: 500.00 borrowed, a van for 300.00, rent of 20.00 received, packaging for 10.00,
 * wages of 40.00 paid, and 5.00 that a customer paid too much at the till.
 */
const MARCH = { from: '2026-03-01', to: '2026-03-31' };
const ACCOUNTS = [
  ['0100', 'Vans', 'asset', 'fixed_assets'],
  ['2600', 'Bank loan', 'liability', 'loans'],
  ['4800', 'Rent received', 'income', null],
  ['5090', 'Packaging', 'expense', 'cost_of_sales'],
  ['7100', 'Wages', 'expense', null],
] as const;
let ledger: Ledger;
let shop: string;
beforeAll(async () => {
  ledger = await openLedger();
  shop = await newShop(ledger);
  for (const [code, name, type, section] of ACCOUNTS) {
    await ledger.sql`insert into accounts (company_id, code, name, type, normal_side, section)
      values (${shop}, ${code}, ${name}, ${type}, 'debit', ${section})`;
  }
  const paid = (account: string, amount: bigint) =>
    sale(account, { entryType: 'BNK', lines: [line('1200', amount), line(account, -amount)] });
  await post(ledger, shop, [
    ...[paid('2600', 50000n), paid('0100', -30000n), paid('4800', 2000n), paid('5090', -1000n), paid('7100', -4000n)],
    { ...sale('till'), lines: [line('1230', 500n), line('1100', -500n, { party: 'customer', document: 'receipt 7' })] },
  ]);
});
afterAll(() => ledger.drop());

test('an account without a telling role is other income or expense, unless its section says more', async () => {
  const report = await incomeStatement(ledger.sql, shop, MARCH);
  const totals = [report.revenue, report.cost_of_sales, report.other_income, report.other_expenses];
  expect(totals.map(({ total }) => total)).toEqual([0n, 1000n, 2000n, 4000n]);
  expect([report.grossProfit, report.profit]).toEqual([-1000n, -3000n]);
  const wages = await figureLines(ledger.sql, shop, { ...MARCH, report: 'income-statement', account: '7100' });
  expect([wages.total, wages.lines.length]).toEqual([4000n, 1]);
});

test('cash flow has investing and financing where accounts say so', async () => {
  const { direct, indirect, opening, closing } = await cashFlow(ledger.sql, shop, MARCH);
  expect(direct).toEqual({
    customers: 500n,
    suppliers: -1000n,
    operating_expenses: -4000n,
    taxes: 0n,
    other: 2000n,
    investing: -30000n,
    financing: 50000n,
    change: 17500n,
  });
  expect([indirect.profit, indirect.change, opening, closing]).toEqual([-3000n, 17500n, 0n, 17500n]);
});

test('a balance on the unusual side keeps its section with a minus, or moves where the company wants that', async () => {
  const kept = await balanceSheet(ledger.sql, shop, { to: MARCH.to });
  expect(kept.assets.rows.find(({ account }) => account === '1100')?.amount).toBe(-500n);
  await ledger.sql`update companies set settings = settings || '{"reclassifyContraBalances": true}' where id = ${shop}`;
  const moved = await balanceSheet(ledger.sql, shop, { to: MARCH.to });
  expect(moved.liabilities.rows.find(({ account }) => account === '1100')?.amount).toBe(500n);
  expect([moved.assets.total - kept.assets.total, moved.difference]).toEqual([500n, 0n]);
});

test('reports of one channel have its entries only', async () => {
  const rows = async (channel: string) => (await trialBalance(ledger.sql, shop, { ...MARCH, channel })).rows.length;
  expect([await rows('shopify'), await rows('nobody')]).toEqual([8, 0]);
});
