import type { Queryable } from '@daybook/platform/db';

/**
 * What a reader of journal lines sees of year-end closings (accounting.md G4):
 * - `operations`: none of their entries. Income statement, cash flow, tax return, ageing, sub-ledger and stock
 *   tie-outs. Cumulative balances too, with the carry-forward of `balancesAt`: then it makes no difference whether
 *   earlier years are closed, so that a new year runs on the provisional carry-forward until the real close.
 * - `after_closing`: CLS-1 and CLS-2, which take the result to retained earnings, but neither CLS-3 nor the OPN of the
 *   next year, which only say the balances again. Trial balance after closing, balance sheet of a closed year.
 */
export type ClosingView = 'operations' | 'after_closing';

/**
 * Condition for journal lines (`entryId` = `l.entry_id`) or entries (`e.id`): leaves out what the view does not see,
 * and the reversals of it. The set is a handful of ids per fiscal year, so it is hashed once and never joined.
 *
 *     select … from journal_lines l where l.company_id = ${id} and ${seenIn(sql, id, 'operations', sql`l.entry_id`)}
 */
export function seenIn(sql: Queryable, companyId: string, view: ClosingView, entryId = sql`l.entry_id`) {
  const steps = view === 'operations' ? ['CLS-1', 'CLS-2', 'CLS-3', 'OPN'] : ['CLS-3', 'OPN'];
  return sql`${entryId} not in (
    select c.entry_id from closing_entries c where c.company_id = ${companyId} and c.step = any(${steps}))`;
}

/** First day of the fiscal year of a date, YYYY-MM-DD; null where the company has no year for it. */
export async function yearStart(sql: Queryable, companyId: string, date: string): Promise<string | null> {
  const [year] = await sql<{ startsOn: string }[]>`
    select starts_on as "startsOn" from fiscal_years
    where company_id = ${companyId} and ${date}::date between starts_on and ends_on`;
  return year?.startsOn ?? null;
}

/** The account that takes results: of `equity.result` where a regime wants them apart, else of `equity.retained`. */
export function resultAccount(sql: Queryable, companyId: string) {
  return sql`(select r.account from account_roles r where r.company_id = ${companyId}
    and r.role in ('equity.result', 'equity.retained') order by r.role limit 1)`;
}

/** An account's balance on a day: debit positive, minor units of the company's currency. */
export interface AccountBalance {
  account: string;
  balance: bigint;
}

/**
 * Balances at the end of a day with the carry-forward of earlier years, closed or not: assets, liabilities and equity
 * over all time, income and expenses since the first day of the day's fiscal year; what those made before stands on the
 * account that takes results. They add up to zero. Accounts at zero are left out; by account code.
 */
export async function balancesAt(sql: Queryable, companyId: string, date: string): Promise<AccountBalance[]> {
  const start = (await yearStart(sql, companyId, date)) ?? '0001-01-01';
  return sql<AccountBalance[]>`
    select account, sum(balance)::bigint as balance from (
      select case when a.type in ('income', 'expense') and l.posting_date < ${start}::date
        then ${resultAccount(sql, companyId)}
        else l.account end as account, l.debit - l.credit as balance
      from journal_lines l join accounts a on a.company_id = l.company_id and a.code = l.account
      where l.company_id = ${companyId} and l.posting_date <= ${date}::date and ${seenIn(sql, companyId, 'operations')}
    ) moved group by account having sum(balance) <> 0 order by account`;
}
