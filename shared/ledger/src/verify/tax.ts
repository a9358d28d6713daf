import { type Check, type Looked, one } from './check.ts';

const TAX_ROLE = '^tax[.](output|input)([.]|$)';

/** Tax on a return is a movement of a tax account under a code, and the other way round (accounting.md T7). */
const taxesOnAccounts: Check = {
  name: 'taxes of returns are on tax accounts, under a code',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with tax_accounts as (
        select distinct account from account_roles where company_id = ${companyId} and role ~ ${TAX_ROLE}
      ), coded as (
        select d.*, d.tax_kind in ('tax_out', 'tax_in') as is_tax,
          d.role ~ ${TAX_ROLE} or d.account in (select account from tax_accounts) as on_tax_account
        from account_days d where d.company_id = ${companyId} and (d.tax_code <> '' or d.tax_kind <> '')
      ), bad as (
        select format('%s %s: %s under code "%s" (%s, minor units)', day, account, case
          when tax_code = '' then 'an amount counts on a return, but'
          when is_tax then 'a tax is not on a tax account' else 'an amount that is no tax is on a tax account' end,
          tax_code, credit - debit) as what
        from coded where tax_code = '' or (is_tax and not on_tax_account)
          or (not is_tax and tax_kind <> '' and role ~ ${TAX_ROLE})
        order by day, account limit 1
      )
      select (select count(*) from coded)::int as rows, (select what from bad) as bad`),
};

/** What a filed return took from tax accounts is what its codes had moved there, late facts by the basis it was filed on. */
const returnsSettled: Check = {
  name: 'filed tax returns settled what their codes moved',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with filed as (
        select distinct on (regime, starts_on, ends_on) * from tax_returns
        where company_id = ${companyId} and state = 'filed' order by regime, starts_on, ends_on, version desc
      ), settled as (
        select t.regime, t.starts_on, t.ends_on, sum(l.debit - l.credit) as amount
        from tax_returns t join journal_lines l on l.entry_id = t.entry_id
        where t.company_id = ${companyId} and t.state = 'filed'
          and l.role !~ '^(tax[.]settlement|rounding)([.]|$)' group by 1, 2, 3
      ), moved as (
        select f.id, sum(l.credit - l.debit) as amount
        from filed f join journal_entries e on e.company_id = f.company_id and e.posting_date >= f.starts_on
            and e.entry_type not in ('OPN', 'CLS')
            and case f.basis when 'posting_period' then e.posting_date
              else e.tax_point end between f.starts_on and f.ends_on
            and (f.basis = 'posting_period' or e.recorded_at <= f.filed_at)
          join journal_lines l on l.entry_id = e.id and l.tax_kind in ('tax_out', 'tax_in') and l.tax_code = any(f.codes)
        group by f.id
      ), bad as (
        select format('return %s (%s, %s to %s) settled %s, its codes moved %s (minor units)', f.id, f.regime, f.starts_on,
          f.ends_on, coalesce(s.amount, 0), coalesce(m.amount, 0)) as what
        from filed f left join settled s using (regime, starts_on, ends_on) left join moved m on m.id = f.id
        where coalesce(s.amount, 0) <> coalesce(m.amount, 0) order by f.ends_on limit 1
      )
      select (select count(*) from filed)::int as rows, (select what from bad) as bad`),
};

/** That returns and tax accounts tell the same (accounting.md T7). */
export const taxChecks: readonly Check[] = [taxesOnAccounts, returnsSettled];
