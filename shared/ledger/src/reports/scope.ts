import type { Queryable } from '@daybook/platform/db';

/** A part of a query. */
export type Fragment = ReturnType<typeof movements>;
/** Such a part on its way out of an async function, which would run it if it stood there by itself. */
export interface Subquery {
  query: Fragment;
}

/** What a report looks at (accounting.md H): days, both included, YYYY-MM-DD, and filters. */
export interface Scope {
  /** First day of movement, earlier entries make the opening balance; null = from the beginning. */
  from?: string | null | undefined;
  to: string;
  /** Only entries of this channel; '' = only entries of none. */
  channel?: string | null | undefined;
  /** Whether a closed year is shown before its result was transferred (the default) or after (accounting.md G4). */
  closing?: 'before' | 'after' | undefined;
}

interface Asked extends Scope {
  from: string | null;
  channel: string | null;
  closing: 'before' | 'after';
}

/** The scope with everything that was left open decided. */
export function asked({ from = null, channel = null, closing = 'before', to }: Scope): Asked {
  return { from, to, channel, closing };
}

/** A period's movement without any entry that closes or opens a year, rather than balances. */
export interface FlowScope extends Scope {
  flow?: boolean;
}

/**
 * Ids of the entries that a report leaves out around the close (accounting.md G4), as a subquery. What carries balances
 * out of a year (CLS-3) and into the next (OPN) counts both or neither: neither where that year ends in the range, or
 * is the last one of it. What transfers the result (CLS-1, CLS-2) is left out of the last year unless the report shows
 * it after closing; a flow leaves out all of it.
 */
export function leftOut(sql: Queryable, companyId: string, scope: FlowScope) {
  const { from, to, closing } = asked(scope);
  const yearStart = sql`
    coalesce((select max(y.starts_on) from fiscal_years y
      where y.company_id = ${companyId} and y.starts_on <= ${to}::date), '-infinity')`;
  return sql`
    select c.entry_id as id
    from closing_entries c join fiscal_years y on y.company_id = c.company_id and y.label = c.fiscal_year
    where c.company_id = ${companyId} and (${scope.flow ?? false} or case
      when c.step in ('CLS-3', 'OPN') then y.ends_on >= least(coalesce(${from}::date, '-infinity'), ${yearStart})
      else ${closing === 'before'} and y.ends_on >= ${yearStart} end)`;
}

/** First day of the fiscal year of a day, or of the last one before it; null before the first. */
export async function lastYearStart(sql: Queryable, companyId: string, day: string): Promise<string | null> {
  const [row] = await sql<{ start: string | null }[]>`
    select max(starts_on) as start from fiscal_years where company_id = ${companyId} and starts_on <= ${day}::date`;
  return row?.start ?? null;
}

/**
 * What was booked up to the last day of a scope, as a subquery: account, day, entry_type, channel ('' = none), role,
 * tax_code, tax_kind, currency, debit, credit and amount_tc (signed, debit positive). Sums of days, less what the
 * report leaves out.
 */
export function movements(sql: Queryable, companyId: string, scope: FlowScope) {
  const { to, channel } = asked(scope);
  return sql`
    select account, day, entry_type, channel, role, tax_code, tax_kind, currency, debit, credit, amount_tc
    from account_days where company_id = ${companyId} and day <= ${to}::date
      and (${channel}::text is null or channel = ${channel}::text)
    union all
    select l.account, l.posting_date, e.entry_type, coalesce(e.channel, ''), l.role, coalesce(l.tax_code, ''),
      coalesce(l.tax_kind, ''), l.currency, -l.debit, -l.credit,
      case when l.debit > 0 then -l.amount_tc else l.amount_tc end
    from (${leftOut(sql, companyId, scope)}) left_out join journal_entries e on e.id = left_out.id
      join journal_lines l on l.entry_id = e.id
    where l.posting_date <= ${to}::date and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)`;
}

/** The lines of a scope's days themselves, as a subquery: what sums are made of, with entry_id and line_no. */
export function bookedLines(sql: Queryable, companyId: string, scope: FlowScope) {
  const { from, to, channel } = asked(scope);
  return sql`
    select l.entry_id, l.line_no, l.account, e.entry_type, coalesce(e.channel, '') as channel, l.role,
      coalesce(l.tax_code, '') as tax_code, coalesce(l.tax_kind, '') as tax_kind, l.debit, l.credit
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where l.company_id = ${companyId} and l.posting_date <= ${to}::date
      and (${from}::date is null or l.posting_date >= ${from}::date)
      and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
      and l.entry_id not in (${leftOut(sql, companyId, scope)})`;
}

/** Name and currency of a company. Throws when it does not exist. */
export async function companyOf(sql: Queryable, companyId: string): Promise<{ slug: string; currency: string }> {
  const [company] = await sql<{ slug: string; currency: string }[]>`
    select slug, currency from companies where id = ${companyId}`;
  if (!company) throw new Error(`There is no company ${companyId}.`);
  return company;
}
