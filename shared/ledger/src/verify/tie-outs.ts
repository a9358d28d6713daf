import type { Queryable, Tx } from '@daybook/platform/db';
import type { Check, Looked } from './check.ts';
import { COMPARISONS, type Compared, readReports, type Span } from './comparisons.ts';

/** Two figures that must be the same (accounting.md H), on one day. */
export interface TieOut extends Compared {
  day: string;
  ok: boolean;
}

/** Ends of periods looked at, the newest ones. */
const MOST_PERIODS = 24;

/**
 * Every tie-out on the last day that has entries and at the end of each period before it, each from the start of its
 * fiscal year. Empty for a company without entries.
 */
export async function tieOuts(sql: Queryable, companyId: string): Promise<TieOut[]> {
  const found: TieOut[] = [];
  for (const span of await spansOf(sql, companyId)) {
    const reports = await readReports(sql, companyId, span);
    const compared = COMPARISONS.flatMap((compare) => compare(reports));
    found.push(...compared.map((each) => ({ ...each, day: span.to, ok: each.left === each.right })));
  }
  return found;
}

async function spansOf(sql: Queryable, companyId: string): Promise<Span[]> {
  return sql<Span[]>`
    with last as (select max(posting_date) as day from journal_entries where company_id = ${companyId}), ends as (
      (select p.ends_on as day from periods p, last where p.company_id = ${companyId} and p.ends_on < last.day
        and exists (select from journal_entries e where e.company_id = p.company_id and e.posting_date <= p.ends_on)
        order by p.ends_on desc limit ${MOST_PERIODS})
      union select day from last where day is not null)
    select y.starts_on as from, ends.day as to from ends
    join fiscal_years y on y.company_id = ${companyId} and ends.day between y.starts_on and y.ends_on order by ends.day`;
}

/** What has to be zero or explained is for people to look at: a fault is only what cannot be. */
async function look(tx: Tx, companyId: string): Promise<Looked> {
  const found = await tieOuts(tx, companyId);
  const bad = found.find((each) => !each.ok && !each.explainable);
  if (!bad) return { rows: found.length };
  const { id, day, what, left, right } = bad;
  return { rows: found.length, bad: `${id} on ${day}: ${what}: ${left} and ${right} (minor units)` };
}

/** That reports agree with one another. */
export const tieOutChecks: readonly Check[] = [{ name: 'reports tie out with one another', look }];
