import type { AccountSection, AccountType } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

/** An account with all that reports classify it by. */
export interface ChartAccount {
  code: string;
  name: string;
  type: AccountType;
  roles: string[];
  section: AccountSection | null;
}

/** The chart of accounts of a company, in order of codes. */
export async function chartOf(sql: Queryable, companyId: string): Promise<ChartAccount[]> {
  return sql<ChartAccount[]>`
    select a.code, a.name, a.type, a.section, coalesce((
      select array_agg(r.role order by r.role) from account_roles r
      where r.company_id = a.company_id and r.account = a.code), '{}') as roles
    from accounts a where a.company_id = ${companyId} order by a.code`;
}

const COST_OF_SALES =
  /^(cost_of_sales|count\.variance|inventory\.(adjustment|change)|purchase\.variance|purchases)(\.|$)/;
const CASH = /^(bank|cash)(\.|$)/;

/**
 * Part of the income statement an income or expense account stands in (accounting.md H4): its own section, else by what
 * roles it plays; without a telling role income and expenses are the other ones, below gross profit. Null for accounts
 * of the balance sheet.
 */
export function incomeSection({ type, roles, section }: ChartAccount): IncomeSection | null {
  if (type !== 'income' && type !== 'expense') return null;
  if (section !== null && isIncomeSection(section)) return section;
  if (type === 'expense') return roles.some((role) => COST_OF_SALES.test(role)) ? 'cost_of_sales' : 'other_expenses';
  return roles.some((role) => role.startsWith('sales.')) ? 'revenue' : 'other_income';
}

export const INCOME_SECTIONS = ['revenue', 'cost_of_sales', 'other_income', 'other_expenses'] as const;
export type IncomeSection = (typeof INCOME_SECTIONS)[number];

function isIncomeSection(section: AccountSection): section is IncomeSection {
  return (INCOME_SECTIONS as readonly AccountSection[]).includes(section);
}

/** Bank, cash on hand and cash in transit (accounting.md H6); what a processor holds is a receivable. */
export function isCash({ type, roles, section }: ChartAccount): boolean {
  return section === 'cash' || (type === 'asset' && roles.some((role) => CASH.test(role)));
}
