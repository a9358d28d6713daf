import type { Queryable } from '@daybook/platform/db';
import { chartOf, INCOME_SECTIONS, type IncomeSection, incomeSection } from './chart.ts';
import { asked, companyOf, type Scope } from './scope.ts';
import { balances } from './trial-balance.ts';

/** An account of a statement, in minor units, with the sign its section counts it with. */
export interface StatementRow {
  account: string;
  name: string;
  amount: bigint;
}

export interface StatementPart {
  rows: StatementRow[];
  total: bigint;
}

/** accounting.md H4. Income above zero, expenses above zero; discounts and returns reduce revenue. */
export interface IncomeStatement extends Record<IncomeSection, StatementPart> {
  currency: string;
  from: string | null;
  to: string;
  grossProfit: bigint;
  profit: bigint;
}

/**
 * Income and expenses of the days of a scope, without entries that close a year (accounting.md G4). Accounts without
 * movement are left out. Throws when the company does not exist.
 */
export async function incomeStatement(sql: Queryable, companyId: string, scope: Scope): Promise<IncomeStatement> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const chart = new Map((await chartOf(sql, companyId)).map((account) => [account.code, account]));
  const moved = await balances(sql, companyId, { ...scope, flow: true });
  const parts = Object.fromEntries(
    INCOME_SECTIONS.map((section) => [section, { rows: [], total: 0n }]),
  ) as unknown as Record<IncomeSection, StatementPart>;
  for (const { account, name, debits, credits } of moved) {
    const known = chart.get(account);
    const section = known ? incomeSection(known) : null;
    if (section === null || (debits === 0n && credits === 0n)) continue;
    const earned = credits - debits;
    const amount = section === 'revenue' || section === 'other_income' ? earned : -earned;
    parts[section].rows.push({ account, name, amount });
    parts[section].total += amount;
  }
  const grossProfit = parts.revenue.total - parts.cost_of_sales.total;
  const profit = grossProfit + parts.other_income.total - parts.other_expenses.total;
  return { currency, from, to, ...parts, grossProfit, profit };
}
