import { seenIn } from '../closing-filter.ts';
import { type Check, type Looked, one } from './check.ts';

const linesHaveItems: Check = {
  name: 'every line on a sub-ledger account is one item of the invoice ledger',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with lines as (
        select l.entry_id, l.line_no, l.account, l.currency, l.debit - l.credit as amount, l.party, l.document,
          case when l.debit > 0 then l.amount_tc else -l.amount_tc end as tc
        from journal_lines l join journal_entries e on e.id = l.entry_id
        join accounts a on a.company_id = l.company_id and a.code = l.account and a.subledger is not null
        where l.company_id = ${companyId} and e.entry_type <> 'CLS'
          and not (e.entry_type = 'OPN' and (l.party is null or l.document is null))
      ), items as (
        select * from invoice_events where company_id = ${companyId} and line_no is not null
      ), bad as (
        select format('line %s/%s on %s is not the item of its line', coalesce(l.entry_id, v.entry_id),
          coalesce(l.line_no, v.line_no), coalesce(l.account, v.account)) as what
        from lines l full join items v on v.entry_id = l.entry_id and v.line_no = l.line_no
        where (l.account, l.currency::text, l.amount, l.tc) is distinct from (v.account, v.currency::text, v.amount, v.amount_tc)
          or l.party is distinct from v.party or l.document is distinct from v.document
        order by 1 limit 1
      )
      select (select count(*) from items)::int as rows, (select what from bad) as bad`),
};

const opensFollow: Check = {
  name: 'what is open of an item is its amount less its allocations, and never on the other side',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with moved as (
        select x.id, sum(x.amount) as amount, sum(x.tc) as tc from (
          select debit as id, debit_amount as amount, amount_tc as tc from invoice_allocations where company_id = ${companyId}
          union all
          select credit, -credit_amount, -amount_tc from invoice_allocations where company_id = ${companyId}
          union all
          select fx, credit_amount - debit_amount, 0 from invoice_allocations where company_id = ${companyId} and fx is not null
        ) x group by x.id
      ), bad as (
        select format('item %s (%s) is said to have %s open (minor units), its allocations leave %s', v.id,
          coalesce(v.document, 'without document'), v.open, v.amount - coalesce(m.amount, 0)) as what
        from invoice_events v left join moved m on m.id = v.id
        where v.company_id = ${companyId} and (v.open <> v.amount - coalesce(m.amount, 0)
          or v.open_tc <> v.amount_tc - coalesce(m.tc, 0) or sign(v.open) * sign(v.amount) < 0
          or sign(v.open_tc) * sign(v.amount_tc) < 0)
        order by v.id limit 1
      )
      select (select count(*) from invoice_allocations where company_id = ${companyId})::int as rows,
        (select what from bad) as bad`),
};

/**
 * E6 on every day that moved anything, so at every period end and today too. Allocations need no look: each takes the
 * same off both its sides and the exchange difference, which `opensFollow` proves, and `datedRight` on which day.
 */
const controlAgrees: Check = {
  name: 'open items come to their control account on every day, in both currencies (E6, T8)',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with moves as (
        select l.account, l.currency::text as currency, l.posting_date as day, l.debit - l.credit as amount,
          case when l.debit > 0 then l.amount_tc else -l.amount_tc end as tc
        from journal_lines l join accounts a on a.company_id = l.company_id and a.code = l.account
          and a.subledger is not null
        where l.company_id = ${companyId} and ${seenIn(tx, companyId, 'operations')}
        union all
        select account, currency::text, posting_date, -amount, -amount_tc from invoice_events where company_id = ${companyId}
      ), at as (
        select account, currency, day, sum(sum(amount)) over running as amount, sum(sum(tc)) over running as tc
        from moves group by account, currency, day window running as (partition by account, currency order by day)
      ), bad as (
        select format('account %s in %s on %s: balance less open items is %s, in the currency %s (minor units)', account,
          currency, day, amount, tc) as what
        from at where amount <> 0 or tc <> 0 order by day, account limit 1
      )
      select (select count(*) from at)::int as rows, (select what from bad) as bad`),
};

/** An allocation takes effect when both its items are there, so that reports as of any day are right. */
const datedRight: Check = {
  name: 'allocations are dated like the later of their items, undos not before what they undo',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      select count(*)::int as rows, min(format('allocation %s of %s is dated before its items', x.id, x.date))
        filter (where x.date < greatest(d.posting_date, c.posting_date, u.date)) as bad
      from invoice_allocations x join invoice_events d on d.id = x.debit join invoice_events c on c.id = x.credit
      left join invoice_allocations u on u.id = x.undoes
      where x.company_id = ${companyId}`),
};

/** Sub-ledger and control account (accounting.md E6). */
export const invoiceLedgerChecks: readonly Check[] = [linesHaveItems, opensFollow, controlAgrees, datedRight];
