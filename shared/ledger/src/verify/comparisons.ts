import type { Queryable } from '@daybook/platform/db';
import { balanceSheet } from '../reports/balance-sheet.ts';
import { cashFlow } from '../reports/cash-flow.ts';
import { clearingStatement } from '../reports/clearing.ts';
import { sheetTotals } from '../reports/general-ledger.ts';
import { incomeStatement } from '../reports/income-statement.ts';
import { journalTotals, numberGaps } from '../reports/journal.ts';
import { REGISTER_NAMES, REGISTERS, registerReport } from '../reports/registers.ts';
import { salesByChannel } from '../reports/sales-by-channel.ts';
import { balances, type TrialBalanceRow, trialBalance } from '../reports/trial-balance.ts';

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

type Compare = (sql: Queryable, companyId: string, span: Span) => Promise<Compared[]>;

/** T1: the trial balance is even. */
const even: Compare = async (sql, companyId, span) => {
  const { totals } = await trialBalance(sql, companyId, span);
  return [
    { id: 'T1', what: 'debits and credits of the trial balance', left: totals.debits, right: totals.credits },
    { id: 'T1', what: 'closing balances on both sides', left: totals.closingDebit, right: totals.closingCredit },
  ];
};

/** T2: every account closes the same in the trial balance and on its sheet. */
const sheets: Compare = async (sql, companyId, span) => {
  const sums = await sheetTotals(sql, companyId, span);
  const rows = await balances(sql, companyId, span);
  const accounts = new Set([...sums.keys(), ...rows.map(({ account }) => account)]);
  const closings = new Map(rows.map(({ account, closing }) => [account, closing]));
  return [...accounts].sort().map((account) => ({
    id: 'T2',
    what: `account ${account} in the trial balance and on its sheet`,
    left: closings.get(account) ?? 0n,
    right: sums.get(account) ?? 0n,
  }));
};

/** T3: the journal moves what the trial balance moves, and misses no number. */
const movement: Compare = async (sql, companyId, span) => {
  const [booked, { totals }] = [await journalTotals(sql, companyId, span), await trialBalance(sql, companyId, span)];
  const gaps = (await numberGaps(sql, companyId)).filter(({ firstMissing }) => firstMissing !== null);
  return [
    { id: 'T3', what: 'debits of the journal and of the trial balance', left: booked.debits, right: totals.debits },
    { id: 'T3', what: 'credits of the journal and of the trial balance', left: booked.credits, right: totals.credits },
    { id: 'T3', what: 'fiscal years with a missing number, and none', left: BigInt(gaps.length), right: 0n },
  ];
};

/** T4, T5, T6: the statements agree. */
const statements: Compare = async (sql, companyId, span) => {
  const income = await incomeStatement(sql, companyId, span);
  const sheet = await balanceSheet(sql, companyId, { to: span.to, reclassifyContraBalances: false });
  const cash = await cashFlow(sql, companyId, span);
  const onSheet = sheet.assets.rows.filter(({ account }) => cash.cashAccounts.includes(account));
  const owed = sheet.liabilities.total + sheet.totalEquity;
  return [
    { id: 'T4', what: 'result of income statement and balance sheet', left: income.profit, right: sheet.resultOfYear },
    { id: 'T5', what: 'assets, and liabilities with equity and result', left: sheet.assets.total, right: owed },
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
const sales: Compare = async (sql, companyId, span) => {
  const { total } = await salesByChannel(sql, companyId, span);
  const { revenue } = await incomeStatement(sql, companyId, span);
  return [{ id: 'T10', what: 'net sales of all channels, and revenue', left: total.netSales, right: revenue.total }];
};

/** T11: clearing statements close where their accounts stand. */
const clearing: Compare = async (sql, companyId, span) => {
  const { rows } = await clearingStatement(sql, companyId, span);
  const closings = await closingsOf(sql, companyId, span);
  return [...new Set(rows.map(({ account }) => account))].map((account) => ({
    id: 'T11',
    what: `clearing statement and account ${account}`,
    left: rows.filter((row) => row.account === account).reduce((sum, row) => sum + row.worth.closing, 0n),
    right: closings.get(account)?.closing ?? 0n,
  }));
};

/** T13: what registers have open is what is owed; registers that share an account are taken together. */
const registers: Compare = async (sql, companyId, span) => {
  const roles = await sql<{ account: string; role: string }[]>`
    select account, role from account_roles where company_id = ${companyId}`;
  const closings = await closingsOf(sql, companyId, span);
  const compared = new Map<string, Compared>();
  for (const register of REGISTER_NAMES) {
    const own = roles.filter(({ role }) => role.startsWith(REGISTERS[register])).map(({ account }) => account);
    if (own.length === 0) continue;
    const accounts = [...new Set(own)].sort();
    const { total } = await registerReport(sql, companyId, { ...span, register });
    const standing = accounts.reduce((sum, account) => sum - (closings.get(account)?.closing ?? 0n), 0n);
    const key = accounts.join(', ');
    const before = compared.get(key);
    const what = before ? `${before.what} and ${register}` : `accounts ${key}, and what is open of ${register}`;
    compared.set(key, { id: 'T13', what, left: standing, right: (before?.right ?? 0n) + total.open });
  }
  return [...compared.values()];
};

/** T14: accounts that only pass things on are empty. */
const passages: Compare = async (sql, companyId, span) => {
  const roles = await sql<{ account: string; role: string }[]>`
    select distinct on (account) account, role from account_roles
    where company_id = ${companyId} and role ~ ${`^(${MUST_BE_EMPTY}|${EXPLAINABLE})`} order by account, role`;
  const closings = await closingsOf(sql, companyId, span);
  return roles.map(({ account, role }) => ({
    id: 'T14',
    what: `${role} (account ${account}) and zero`,
    left: closings.get(account)?.closing ?? 0n,
    right: 0n,
    ...(!new RegExp(`^(${MUST_BE_EMPTY})`).test(role) && { explainable: true }),
  }));
};

const MUST_BE_EMPTY = 'fx\\.trading|closing\\.';
const EXPLAINABLE = 'tax\\.marketplace|equity\\.opening|suspense';

async function closingsOf(sql: Queryable, companyId: string, span: Span): Promise<Map<string, TrialBalanceRow>> {
  return new Map((await balances(sql, companyId, span)).map((row) => [row.account, row]));
}

/** Every comparison of reports with one another. */
export const COMPARISONS: readonly Compare[] = [
  even,
  sheets,
  movement,
  statements,
  sales,
  clearing,
  registers,
  passages,
];
