import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, openLedger } from '../../test/fixtures.ts';
import { bookMonth, isThere, month } from '../../test/month.ts';
import {
  balanceSheet,
  CHANNEL_FIGURES,
  cashFlow,
  clearingStatement,
  type FigureReport,
  figureLines,
  generalLedger,
  incomeStatement,
  journal,
  registerReport,
  salesByChannel,
  trialBalance,
} from '../reports.ts';
import { tieOuts } from '../verify.ts';
import type { StatementPart } from './income-statement.ts';

const MARCH = { from: '2026-03-01', to: '2026-03-31' };

describe.skipIf(!isThere)('the acceptance month', () => {
  let ledger: Ledger;
  let company: string;
  beforeAll(async () => {
    ledger = await openLedger();
    company = await bookMonth(ledger);
  });
  afterAll(() => ledger.drop());

  test('the trial balance lists the whole chart with the balances of the file', async () => {
    const { rows } = await trialBalance(ledger.sql, company, { ...MARCH, zeros: true });
    const shown = rows.map(({ account, name, type, closing }) => ({ account, name, type, closing: Number(closing) }));
    const expected = month.expected.trial_balance.lines.map(({ debit, credit, ...line }) => ({
      ...line,
      closing: debit - credit,
    }));
    expect(shown).toEqual(expected);
  });

  test('the journal totals are the movement of the trial balance, by entry type too', async () => {
    const { entry_count: count, by_entry_type: byType, total_debits: debits } = month.expected.journal;
    const book = await journal(ledger.sql, company, MARCH);
    expect(book.totals).toEqual({ entries: count, debits: BigInt(debits), credits: BigInt(debits) });
    const { totals } = await trialBalance(ledger.sql, company, MARCH);
    expect(totals).toMatchObject({ debits: BigInt(debits), credits: BigInt(debits) });
    for (const [entryType, entries] of Object.entries(byType)) {
      const found = await journal(ledger.sql, company, { ...MARCH, entryType: entryType as 'SAL' });
      expect([entryType, found.totals.entries]).toEqual([entryType, entries]);
    }
  });

  test('every account sheet runs from the opening to the closing of the trial balance', async () => {
    const { rows } = await trialBalance(ledger.sql, company, MARCH);
    for (const { account, opening, closing, debits } of rows) {
      const sheet = await generalLedger(ledger.sql, company, { ...MARCH, account });
      const moved = sheet.lines.reduce((sum, line) => sum + line.debit, 0n);
      expect([account, sheet.opening, moved, sheet.closing]).toEqual([account, opening, debits, closing]);
    }
  });

  test('the income statement has the parts, accounts and totals of the file', async () => {
    const report = await incomeStatement(ledger.sql, company, MARCH);
    expect({
      revenue: told(report.revenue),
      total_revenue: Number(report.revenue.total),
      cost_of_sales: told(report.cost_of_sales),
      total_cost_of_sales: Number(report.cost_of_sales.total),
      gross_profit: Number(report.grossProfit),
      other_income: told(report.other_income),
      total_other_income: Number(report.other_income.total),
      other_expenses: told(report.other_expenses),
      total_other_expenses: Number(report.other_expenses.total),
      profit: Number(report.profit),
    }).toEqual(month.expected.income_statement);
  });

  test('the balance sheet balances with the result of the year', async () => {
    const report = await balanceSheet(ledger.sql, company, { to: MARCH.to });
    expect({
      date: report.to,
      total_assets: Number(report.assets.total),
      total_liabilities: Number(report.liabilities.total),
      equity_before_result: Number(report.equity.total + report.earlierResults),
      result_of_period: Number(report.resultOfYear),
      total_equity: Number(report.totalEquity),
    }).toEqual(month.expected.balance_sheet);
    expect(report.difference).toBe(0n);
  });

  test('cash flow is the same by counterpart and from the result', async () => {
    const report = await cashFlow(ledger.sql, company, MARCH);
    const { expected } = month;
    expect(report.cashAccounts).toEqual(expected.cash_flow.cash_accounts);
    expect([report.opening, report.closing].map(Number)).toEqual([
      expected.cash_flow.opening_cash,
      expected.cash_flow.closing_cash,
    ]);
    const { direct, indirect } = report;
    expect({
      receipts_from_customers: Number(direct.customers),
      payments_to_suppliers: Number(direct.suppliers),
      payments_for_operating_expenses: Number(direct.operating_expenses),
      taxes_paid: Number(direct.taxes),
      other_operating: Number(direct.other),
    }).toEqual(expected.cash_flow.direct);
    expect([direct.investing, direct.financing]).toEqual([0n, 0n]);
    expect(Number(indirect.profit)).toBe(expected.cash_flow.indirect.profit);
    const changes = Object.fromEntries(indirect.changes.map(({ account, amount }) => [account, Number(amount)]));
    expect(changes).toEqual(expected.cash_flow.indirect.changes_in_balance_sheet_accounts);
    expect([direct.change, indirect.change].map(Number)).toEqual(Array(2).fill(expected.cash_flow.net_change_in_cash));
  });

  /**
   * For shopify the file says 8583 of gross sales and 1191 of output tax; its own entries, its net sales and its totals
   * over all channels say 1000 and 200 less.
   */
  test('sales by channel come to the revenue of the income statement', async () => {
    const { channels, total } = await salesByChannel(ledger.sql, company, MARCH);
    const shown = Object.fromEntries([
      ...channels.filter(({ channel }) => channel !== '').map((row) => [row.channel, channelFigures(row)]),
      ['total', channelFigures(total)],
    ]);
    const { shopify, ...others } = month.expected.sales_by_channel;
    const byEntries = { gross_sales: 2000 + 1500 + 4083, output_tax: 432 - 175 - 83 + 817 };
    expect(shown).toEqual({ ...others, shopify: { ...shopify, ...byEntries } });
  });

  test('clearing accounts open and close as the file says, and every line of them is told', async () => {
    const { rows } = await clearingStatement(ledger.sql, company, MARCH);
    const shown = rows.map(({ account, name, worth }) => [
      account,
      { name, opening: Number(worth.opening), closing: Number(worth.closing) },
    ]);
    expect(Object.fromEntries(shown)).toEqual(month.expected.clearing_balances);
    // E05 + E25 charged, fees of E05, E10 and E25, dispute of E19 with its fee, payout and reserve of E21, E10 settled.
    expect(rows.find(({ account }) => account === '1241')?.worth).toMatchObject({
      charges: 34400n,
      fees: -(176n + 403n + 380n) - 2000n,
      disputes: -10400n,
      reserve: -5000n,
      payouts: -35272n,
      fx: 11611n,
      other: 0n,
    });
    const euros = rows.find(({ account }) => account === '1242');
    expect(euros).toMatchObject({ currency: 'EUR', amounts: { charges: 13500n, fx: -13500n, closing: 0n } });
  });

  test('registers open with the opening entry, and tell what was issued and used', async () => {
    const cards = await registerReport(ledger.sql, company, { ...MARCH, register: 'gift-cards' });
    // 85.00 outstanding before, 50.00 sold with order 1002, 30.00 spent on order 1003.
    expect(cards.total).toEqual({ opening: 8500n, issued: 5000n, used: 3000n, expired: 0n, open: 10500n });
    const credit = await registerReport(ledger.sql, company, { ...MARCH, register: 'store-credit' });
    expect(credit.total).toEqual({ opening: 0n, issued: 4900n, used: 4800n, expired: 0n, open: 100n });
    const deposits = await registerReport(ledger.sql, company, { ...MARCH, register: 'deposits' });
    expect(deposits.total).toEqual({ opening: 0n, issued: 20000n, used: 16000n, expired: 0n, open: 4000n });
  });

  test('every figure is what its lines come to', async () => {
    const lines = (report: FigureReport, more: object) =>
      figureLines(ledger.sql, company, { ...MARCH, report, ...more });
    const { direct } = await cashFlow(ledger.sql, company, MARCH);
    for (const [figure, amount] of Object.entries(direct)) {
      if (figure !== 'change') expect([figure, (await lines('cash-flow', { figure })).total]).toEqual([figure, amount]);
    }
    const { channels, total } = await salesByChannel(ledger.sql, company, MARCH);
    for (const figure of CHANNEL_FIGURES) {
      expect([figure, (await lines('sales-by-channel', { figure })).total]).toEqual([figure, total[figure]]);
      const shop = await lines('sales-by-channel', { figure, channel: 'shopify' });
      expect([figure, shop.total]).toEqual([figure, channels.find(({ channel }) => channel === 'shopify')?.[figure]]);
    }
    const statement = await clearingStatement(ledger.sql, company, MARCH);
    for (const { account, worth } of statement.rows) {
      for (const [figure, amount] of Object.entries(worth)) {
        const { total: sum } = await lines('clearing-statement', { account, figure });
        expect([account, figure, sum]).toEqual([account, figure, amount]);
      }
    }
    const income = await incomeStatement(ledger.sql, company, MARCH);
    for (const figure of ['revenue', 'cost_of_sales', 'other_income', 'other_expenses'] as const) {
      expect([figure, (await lines('income-statement', { figure })).total]).toEqual([figure, income[figure].total]);
    }
    const { liabilities } = await balanceSheet(ledger.sql, company, { to: MARCH.to });
    for (const { account, amount } of liabilities.rows) {
      expect([account, (await lines('balance-sheet', { account })).total]).toEqual([account, amount]);
    }
    for (const [figure, amount] of [
      ['opening', 8500n],
      ['issued', 5000n],
      ['used', 3000n],
      ['open', 10500n],
    ] as const) {
      expect([figure, (await lines('gift-cards', { figure })).total]).toEqual([figure, amount]);
    }
  });

  test('the lines behind a figure come page by page and name their entry', async () => {
    const ask = { ...MARCH, report: 'sales-by-channel' as const, figure: 'discounts', limit: 1 };
    const first = await figureLines(ledger.sql, company, ask);
    // E01: 2.57 at the standard rate and 1.92 at zero.
    expect(first.lines).toMatchObject([{ sourceKey: 'shopify:order:1001:sale', account: '4009', amount: 257n }]);
    const second = await figureLines(ledger.sql, company, { ...ask, after: first.cursor });
    expect(second.lines).toMatchObject([{ taxCode: 'Z0', amount: 192n }]);
    expect([second.cursor, second.total]).toEqual([null, 449n]);
    await expect(figureLines(ledger.sql, company, { ...ask, figure: 'weather' })).rejects.toThrow(
      /has no figure "weather"/,
    );
  });

  test('all tie-outs hold', async () => {
    const compared = await tieOuts(ledger.sql, company);
    expect(compared.filter(({ ok }) => !ok)).toEqual([]);
    const ids = new Set(compared.map(({ id }) => id));
    expect([...ids]).toEqual(['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T10', 'T11', 'T13', 'T14']);
  });
});

function told({ rows }: StatementPart) {
  return Object.fromEntries(rows.map(({ account, amount }) => [account, Number(amount)]));
}

function channelFigures(row: Record<string, unknown>) {
  return {
    gross_sales: Number(row.grossSales),
    discounts: Number(row.discounts),
    returns: Number(row.returns),
    shipping: Number(row.shipping),
    net_sales: Number(row.netSales),
    output_tax: Number(row.outputTax),
    tips: Number(row.tips),
    gift_cards_sold: Number(row.giftCardsSold),
    store_credit_issued: Number(row.storeCreditIssued),
    deposits_received: Number(row.depositsReceived),
    processor_fees: Number(row.fees),
  };
}
