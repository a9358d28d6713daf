import { type Check, type Looked, one } from './check.ts';

const closedToZero: Check = {
  name: 'closed years leave nothing behind',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with closed as (
        select max(ends_on) as last from fiscal_years where company_id = ${companyId} and state = 'closed'
      ), left_over as (
        select l.account, sum(l.debit - l.credit) as balance from journal_lines l, closed c
        where l.company_id = ${companyId} and l.posting_date <= c.last group by l.account
      )
      select count(*)::int as rows, min(format('account %s holds %s (minor units) at the end of the closed year',
        account, balance)) filter (where balance <> 0) as bad from left_over`),
};

const openedAsClosed: Check = {
  name: 'opening balances are closing balances turned',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with lines as (
        select c.fiscal_year, c.run, c.step, l.line_no, l.currency, l.amount_tc, l.debit - l.credit as amount,
          case when l.role in ('closing.balance', 'equity.opening') and l.document is not null then l.document
            else l.account end as account
        from closing_entries c join journal_lines l on l.entry_id = c.entry_id
        where c.company_id = ${companyId} and c.step in ('CLS-3', 'OPN') and not c.reversal
      ), bad as (
        select format('closing %s of fiscal year %s, line %s: account %s closes with %s and opens with %s (minor units)',
          run, fiscal_year, line_no, coalesce(o.account, n.account), -o.amount, n.amount) as what
        from (select * from lines where step = 'CLS-3') o full join (select * from lines where step = 'OPN') n
          using (fiscal_year, run, line_no)
        where (o.account, o.currency, o.amount_tc, o.amount) is distinct from (n.account, n.currency, n.amount_tc, -n.amount)
        order by fiscal_year, run, line_no limit 1
      )
      select (select count(*) from lines)::int as rows, (select what from bad) as bad`),
};

const closingsKnown: Check = {
  name: 'closing entries belong to a closing',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      select count(*)::int as rows, min('entry ' || e.source_key || ' is a closing entry of no closing')
        filter (where c.entry_id is null) as bad
      from journal_entries e left join closing_entries c on c.entry_id = e.id
      where e.company_id = ${companyId} and e.entry_type = 'CLS'`),
};

/** That closed years are closed for good (accounting.md G3, T14). */
export const closingChecks: readonly Check[] = [closedToZero, openedAsClosed, closingsKnown];
