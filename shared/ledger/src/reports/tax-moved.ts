import type { Moved, TaxCode } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { asked, movements, type Scope } from './scope.ts';

/** Whether late facts count where they are booked, or in the period they belong to (accounting.md G6). */
export type TaxBasis = 'posting_period' | 'original_period';

/** What a tax return looks at. */
export interface TaxScope extends Scope {
  /** Absent: the setting `lateTax` of the company. */
  basis?: TaxBasis | undefined;
}

/** Tax codes of a company with the boxes they name themselves. */
export async function codesWithBoxes(sql: Queryable, companyId: string): Promise<Pick<TaxCode, 'code' | 'boxes'>[]> {
  const rows = await sql<{ code: string; boxes: TaxCode['boxes'] | null }[]>`
    select code, boxes from tax_codes where company_id = ${companyId} order by code`;
  return rows.map(({ code, boxes }) => ({ code, ...(boxes && { boxes }) }));
}

/**
 * What moved on every account under every tax code in the days of a scope, without entries that open or close years. On
 * the basis `original_period` an entry counts on its tax point instead of its posting date.
 */
export async function movedUnderCodes(sql: Queryable, companyId: string, scope: TaxScope): Promise<Moved[]> {
  const { from } = asked(scope);
  const byTaxPoint = scope.basis === 'original_period';
  const rows = await sql<Moved[]>`
    select account, role, tax_code as code, tax_kind as kind, sum(debit - credit)::bigint as amount
    from (
      select account, role, tax_code, tax_kind, debit, credit
      from (${movements(sql, companyId, { ...scope, flow: true })}) m
      where entry_type <> 'OPN' and (${from}::date is null or day >= ${from}::date)
      union all
      select * from (${lateLines(sql, companyId, scope)}) late where ${byTaxPoint}
    ) moved
    group by 1, 2, 3, 4 having sum(debit - credit) <> 0 order by 1, 2, 3, 4`;
  return [...rows];
}

/** Lines of late entries: into the range they belong to, out of the range they are booked in. */
function lateLines(sql: Queryable, companyId: string, scope: Scope) {
  const { from, to, channel } = asked(scope);
  const inRange = (day: ReturnType<typeof sql>) =>
    sql`(${day} <= ${to}::date and (${from}::date is null or ${day} >= ${from}::date))::int`;
  return sql`
    select l.account, l.role, coalesce(l.tax_code, '') as tax_code, coalesce(l.tax_kind, '') as tax_kind,
      l.debit * sign as debit, l.credit * sign as credit
    from (
      select e.id, ${inRange(sql`e.tax_point`)} - ${inRange(sql`e.posting_date`)} as sign
      from journal_entries e
      where e.company_id = ${companyId} and e.posting_date >= coalesce(${from}::date, '-infinity')
        and e.posting_date > e.tax_point and e.entry_type not in ('OPN', 'CLS')
        and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
    ) e join journal_lines l on l.entry_id = e.id
    where sign <> 0`;
}

/** Accounts that taxes of returns are booked on; not what marketplaces collect, nor what is settled. */
export async function taxAccounts(sql: Queryable, companyId: string): Promise<Set<string>> {
  const rows = await sql<{ account: string }[]>`
    select distinct account from account_roles
    where company_id = ${companyId} and role ~ '^tax[.](output|input)([.]|$)'`;
  return new Set(rows.map(({ account }) => account));
}

/**
 * What settled returns took from tax accounts in the days of a scope, debit positive: entries of filed returns and the
 * reversals of those that were taken back.
 */
export async function settledIn(sql: Queryable, companyId: string, scope: Scope): Promise<bigint> {
  const { from, to, channel } = asked(scope);
  if (channel) return 0n;
  const [row] = await sql<{ amount: bigint }[]>`
    select coalesce(sum(l.debit - l.credit), 0)::bigint as amount
    from tax_returns t join journal_entries e on e.id = t.entry_id or e.reverses = t.entry_id
      join journal_lines l on l.entry_id = e.id
    where t.company_id = ${companyId} and t.entry_id is not null and e.company_id = ${companyId}
      and l.posting_date <= ${to}::date and (${from}::date is null or l.posting_date >= ${from}::date)
      and l.account in (select account from account_roles
        where company_id = ${companyId} and role ~ '^tax[.](output|input)([.]|$)')`;
  return row?.amount ?? 0n;
}
