import { sum } from '@daybook/domain';
import {
  balanceSheet,
  cashFlow,
  clearingStatement,
  incomeStatement,
  journal,
  salesByChannel,
  trialBalance,
} from '@daybook/ledger/reports';
import type { Sql } from '@daybook/platform/db';
import type { Month } from './month-file.ts';
import { movementsSection, valuationSection } from './stock-sections.ts';
import {
  agedSection,
  allocationsSection,
  cashSection,
  closingSection,
  documentsSection,
  payablesSection,
} from './sub-ledger-sections.ts';
import { taxSection } from './tax-section.ts';

/** What a section of the expected reports is told from. */
export interface Rehearsed {
  sql: Sql;
  companyId: string;
  month: Month;
  /** Days of the month, both included. */
  range: { from: string; to: string };
  /** Event of the file by the source id of its canonical event. */
  eventOf(sourceId: string): string | null;
}

type Section = (rehearsed: Rehearsed) => Promise<unknown>;

/** The reports of a rehearsal in the shape of the file's `expected`, by section. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  journal: journalSection,
  trial_balance: trialBalanceSection,
  income_statement: incomeSection,
  balance_sheet: balanceSheetSection,
  cash_flow: cashFlowSection,
  sales_by_channel: channelSection,
  clearing_balances: clearingSection,
  inventory_valuation: valuationSection,
  inventory_movements: movementsSection,
  aged_receivables: agedSection,
  payables: payablesSection,
  invoice_ledger_documents: documentsSection,
  invoice_ledger_allocations: allocationsSection,
  cash_book_days: cashSection,
  closing_preview: closingSection,
  vat_return: taxSection,
  tax_return: taxSection,
  ustva: taxSection,
};

async function journalSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const book = await journal(sql, companyId, { ...range, limit: 1_000_000 });
  const types = Map.groupBy(book.entries, (entry) => entry.entryType);
  const numbers = book.entries.map((entry) => entry.number);
  return {
    entry_count: book.entries.length,
    first_number: Math.min(...numbers),
    last_number: Math.max(...numbers),
    by_entry_type: Object.fromEntries([...types].sort().map(([type, entries]) => [type, entries.length])),
    total_debits: book.totals.debits,
    total_credits: book.totals.credits,
    gaps: book.gaps.filter((gap) => gap.firstMissing !== null),
  };
}

async function trialBalanceSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const report = await trialBalance(sql, companyId, { ...range, zeros: true });
  return {
    date: range.to,
    lines: report.rows.map(({ account, name, type, closing }) => ({
      account,
      name,
      type,
      debit: closing > 0n ? closing : 0n,
      credit: closing < 0n ? -closing : 0n,
    })),
    total_debit: report.totals.closingDebit,
    total_credit: report.totals.closingCredit,
  };
}

async function incomeSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const report = await incomeStatement(sql, companyId, range);
  return {
    revenue: amountsOf(report.revenue),
    total_revenue: report.revenue.total,
    cost_of_sales: amountsOf(report.cost_of_sales),
    total_cost_of_sales: report.cost_of_sales.total,
    gross_profit: report.grossProfit,
    other_income: amountsOf(report.other_income),
    total_other_income: report.other_income.total,
    other_expenses: amountsOf(report.other_expenses),
    total_other_expenses: report.other_expenses.total,
    profit: report.profit,
  };
}

function amountsOf({ rows }: { rows: readonly { account: string; amount: bigint }[] }): Record<string, bigint> {
  return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]));
}

async function balanceSheetSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const report = await balanceSheet(sql, companyId, { to: range.to });
  return {
    date: report.to,
    total_assets: report.assets.total,
    total_liabilities: report.liabilities.total,
    equity_before_result: report.equity.total + report.earlierResults,
    result_of_period: report.resultOfYear,
    total_equity: report.totalEquity,
  };
}

async function cashFlowSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const { cashAccounts, opening, closing, direct, indirect } = await cashFlow(sql, companyId, range);
  return {
    cash_accounts: cashAccounts,
    opening_cash: opening,
    direct: {
      receipts_from_customers: direct.customers,
      payments_to_suppliers: direct.suppliers,
      payments_for_operating_expenses: direct.operating_expenses,
      taxes_paid: direct.taxes,
      other_operating: direct.other,
      investing: direct.investing,
      financing: direct.financing,
    },
    net_change_in_cash: direct.change,
    closing_cash: closing,
    indirect: {
      profit: indirect.profit,
      changes_in_balance_sheet_accounts: amountsOf({ rows: indirect.changes }),
      net_change_in_cash: indirect.change,
    },
  };
}

async function channelSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const { channels, total } = await salesByChannel(sql, companyId, range);
  const figures = (row: typeof total) => ({
    gross_sales: row.grossSales,
    discounts: row.discounts,
    returns: row.returns,
    shipping: row.shipping,
    net_sales: row.netSales,
    output_tax: row.outputTax,
    tips: row.tips,
    gift_cards_sold: row.giftCardsSold,
    store_credit_issued: row.storeCreditIssued,
    deposits_received: row.depositsReceived,
    processor_fees: row.fees,
  });
  return Object.fromEntries([...channels.map((row) => [row.channel, figures(row)]), ['total', figures(total)]]);
}

async function clearingSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const { rows } = await clearingStatement(sql, companyId, range);
  const byAccount = Map.groupBy(rows, (row) => row.account);
  return Object.fromEntries(
    [...byAccount].map(([account, own]) => [
      account,
      {
        name: own[0]?.name,
        opening: sum(own.map((row) => row.worth.opening)),
        closing: sum(own.map((row) => row.worth.closing)),
      },
    ]),
  );
}
