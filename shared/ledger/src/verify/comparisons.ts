import type { Queryable } from '@daybook/platform/db';
import { type BalanceSheet, balanceSheet } from '../reports/balance-sheet.ts';
import { type CashFlow, cashFlow } from '../reports/cash-flow.ts';
import { type ClearingStatement, clearingStatement } from '../reports/clearing.ts';
import { sheetTotals } from '../reports/general-ledger.ts';
import { type IncomeStatement, incomeStatement } from '../reports/income-statement.ts';
import { journalTotals, numberGaps } from '../reports/journal.ts';
import { REGISTER_NAMES, REGISTERS, type RegisterReport, registerReport } from '../reports/registers.ts';
import { type SalesByChannel, salesByChannel } from '../reports/sales-by-channel.ts';
import { type TrialBalance, trialBalance } from '../reports/trial-balance.ts';

/** Two figures of different reports, in minor units of the company's currency. */
export interface Compared {
  /** Of the tie-out in accounting.md H, "T1". */
  id: string;
  what: string;
  left: bigint;
  right: bigint;
  /** A difference can be right for a while, and wants to be explained by a person. */
  explainable?: boolean;
}

/** From the first day of a fiscal year to the day looked at. */
export interface Span {
  from: string;
  to: string;
}

/** What is compared, read once for all comparisons. */
export interface Reports {
  trial: TrialBalance;
  /** Closing balances by account, of the trial balance and of the sheets. */
  closings: ReadonlyMap<string, bigint>;
  sheets: ReadonlyMap<string, bigint>;
  journal: { debits: bigint; credits: bigint };
  gaps: number;
  income: IncomeStatement;
  balance: BalanceSheet;
  cash: CashFlow;
  sales: SalesByChannel;
  clearing: ClearingStatement;
  registers: RegisterReport[];
  roles: { role: string; account: string }[];
}

/** Reads them, as one burst. */
export async function readReports(sql: Queryable, companyId: string, span: Span): Promise<Reports> {
  const sheetScope = { to: span.to, reclassifyContraBalances: false };
  const [trial, sheets, journal, gaps, income, balance, cash, sales, clearing, roles, registers] = await Promise.all([
    trialBalance(sql, companyId, span),
    sheetTotals(sql, companyId, span),
    journalTotals(sql, companyId, span),
    numberGaps(sql, companyId),
    incomeStatement(sql, companyId, span),
    balanceSheet(sql, companyId, sheetScope),
    cashFlow(sql, companyId, span),
    salesByChannel(sql, companyId, span),
    clearingStatement(sql, companyId, span),
    sql<
      Reports['roles']
    >`select role, account from account_roles where company_id = ${companyId} order by account, role`,
    Promise.all(REGISTER_NAMES.map((register) => registerReport(sql, companyId, { ...span, register }))),
  ]);
  const closings = new Map(trial.rows.map(({ account, closing }) => [account, closing]));
  const missing = gaps.filter(({ firstMissing }) => firstMissing !== null).length;
  return { trial, closings, sheets, journal, gaps: missing, income, balance, cash, sales, clearing, registers, roles };
}

type Compare = (reports: Reports) => Compared[];

/** T1: the trial balance is even. */
const even: Compare = ({ trial: { totals } }) => [
  { id: 'T1', what: 'debits and credits of the trial balance', left: totals.debits, right: totals.credits },
  { id: 'T1', what: 'closing balances on both sides', left: totals.closingDebit, right: totals.closingCredit },
];

/** T2: every account closes the same in the trial balance and on its sheet. */
const sheets: Compare = ({ closings, sheets: sums }) =>
  [...new Set([...sums.keys(), ...closings.keys()])].sort().map((account) => ({
    id: 'T2',
    what: `account ${account} in the trial balance and on its sheet`,
    left: closings.get(account) ?? 0n,
    right: sums.get(account) ?? 0n,
  }));

/** T3: the journal moves what the trial balance moves, and misses no number. */
const movement: Compare = ({ journal, trial: { totals }, gaps }) => [
  { id: 'T3', what: 'debits of the journal and of the trial balance', left: journal.debits, right: totals.debits },
  { id: 'T3', what: 'credits of the journal and of the trial balance', left: journal.credits, right: totals.credits },
  { id: 'T3', what: 'fiscal years with a missing number, and none', left: BigInt(gaps), right: 0n },
];

/** T4, T5, T6: the statements agree. */
const statements: Compare = ({ income, balance, cash }) => {
  const onSheet = balance.assets.rows.filter(({ account }) => cash.cashAccounts.includes(account));
  const owed = balance.liabilities.total + balance.totalEquity;
  return [
    {
      id: 'T4',
      what: 'result of income statement and balance sheet',
      left: income.profit,
      right: balance.resultOfYear,
    },
    { id: 'T5', what: 'assets, and liabilities with equity and result', left: balance.assets.total, right: owed },
    { id: 'T6', what: 'cash flow direct and indirect', left: cash.direct.change, right: cash.indirect.change },
    {
      id: 'T6',
      what: 'closing of the cash flow and cash on the balance sheet',
      left: cash.closing,
      right: onSheet.reduce((sum, row) => sum + row.amount, 0n),
    },
  ];
};

/** T10: sales of all channels are the revenue. */
const channels: Compare = ({ sales, income }) => [
  {
    id: 'T10',
    what: 'net sales of all channels, and revenue',
    left: sales.total.netSales,
    right: income.revenue.total,
  },
];

/** T11: clearing statements close where their accounts stand. */
const clearings: Compare = ({ clearing: { rows }, closings }) =>
  [...new Set(rows.map(({ account }) => account))].map((account) => ({
    id: 'T11',
    what: `clearing statement and account ${account}`,
    left: rows.filter((row) => row.account === account).reduce((sum, row) => sum + row.worth.closing, 0n),
    right: closings.get(account) ?? 0n,
  }));

/** T13: what registers have open is what is owed; registers that share accounts are taken together. */
const owing: Compare = ({ registers, roles, closings }) => {
  const compared = new Map<string, Compared>();
  for (const { register, total } of registers) {
    const own = roles.filter(({ role }) => role.startsWith(REGISTERS[register])).map(({ account }) => account);
    if (own.length === 0) continue;
    const accounts = [...new Set(own)].sort();
    const key = accounts.join(', ');
    const before = compared.get(key);
    const what = before ? `${before.what} and ${register}` : `accounts ${key}, and what is open of ${register}`;
    const left = accounts.reduce((sum, account) => sum - (closings.get(account) ?? 0n), 0n);
    compared.set(key, { id: 'T13', what, left, right: (before?.right ?? 0n) + total.open });
  }
  return [...compared.values()];
};

/** T14: accounts that only pass things on are empty. */
const passages: Compare = ({ roles, closings }) => {
  const found = new Map<string, string>();
  for (const { role, account } of roles) {
    if ((MUST_BE_EMPTY.test(role) || EXPLAINABLE.test(role)) && !found.has(account)) found.set(account, role);
  }
  return [...found].map(([account, role]) => ({
    id: 'T14',
    what: `${role} (account ${account}) and zero`,
    left: closings.get(account) ?? 0n,
    right: 0n,
    ...(EXPLAINABLE.test(role) && { explainable: true }),
  }));
};

const MUST_BE_EMPTY = /^(fx\.trading|closing\.)/;
const EXPLAINABLE = /^(tax\.marketplace|equity\.opening|suspense)/;

/** Every comparison of reports with one another. */
export const COMPARISONS: readonly Compare[] = [
  even,
  sheets,
  movement,
  statements,
  channels,
  clearings,
  owing,
  passages,
];
