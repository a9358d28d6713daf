import type { Queryable } from '@daybook/platform/db';

/**
 * What a reader of journal lines sees of year-end closings (accounting.md G4):
 * - `operations`: none of their entries. Income statement, cash flow, tax return, ageing, sub-ledger and stock
 *   tie-outs. Cumulative balances too, with the carry-forward of `balancesAt` (closing-balances.ts): then it makes no
 *   difference whether earlier years are closed, and a new year runs on the provisional one until the real close.
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

/** The account that takes results: of `equity.result` where a regime wants them apart, else of `equity.retained`. */
export function resultAccount(sql: Queryable, companyId: string) {
  return sql`(select r.account from account_roles r where r.company_id = ${companyId}
    and r.role in ('equity.result', 'equity.retained') order by r.role limit 1)`;
}
