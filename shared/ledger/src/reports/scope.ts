import type { Queryable } from '@daybook/platform/db';

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
 * Ids of the entries that a report leaves out around the close (accounting.md G4), as a subquery. The entry that
 * carries balances out of a year (it touches `closing.balance`) and the opening that carries them into the next count
 * both or neither: neither where the first lies in the range, or in the last year of it. Entries that transfer the
 * result are left out of the last year unless the report shows it after closing, and out of a flow altogether.
 */
export function leftOut(sql: Queryable, companyId: string, scope: FlowScope) {
  const { from, to, closing } = asked(scope);
  const yearStart = sql`
    coalesce((select max(y.starts_on) from fiscal_years y
      where y.company_id = ${companyId} and y.starts_on <= ${to}::date), '-infinity')`;
  const start = sql`coalesce(${from}::date, '-infinity')`;
  return sql`
    select e.id from journal_entries e
    where e.company_id = ${companyId} and e.entry_type in ('CLS', 'OPN') and e.posting_date <= ${to}::date and case
      when e.entry_type = 'OPN' then e.posting_date > least(${start}, ${yearStart}) and exists (
        select from journal_entries c join journal_lines l on l.entry_id = c.id and l.role = 'closing.balance'
        where c.company_id = e.company_id and c.entry_type = 'CLS' and c.posting_date = e.posting_date - 1)
      when exists (select from journal_lines l where l.entry_id = e.id and l.role = 'closing.balance')
        then e.posting_date >= least(${start}, ${yearStart})
      else ${scope.flow ?? false} or (${closing === 'before'} and e.posting_date >= ${yearStart}) end`;
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
    where ${channel}::text is null or coalesce(e.channel, '') = ${channel}::text`;
}

/** Name and currency of a company. Throws when it does not exist. */
export async function companyOf(sql: Queryable, companyId: string): Promise<{ slug: string; currency: string }> {
  const [company] = await sql<{ slug: string; currency: string }[]>`
    select slug, currency from companies where id = ${companyId}`;
  if (!company) throw new Error(`There is no company ${companyId}.`);
  return company;
}
