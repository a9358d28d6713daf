import type { Tx } from '@daybook/platform/db';
import { type Check, type Looked, one } from './check.ts';

const eventsPosted: Check = {
  name: 'every posted event with an amount has entries',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with facts as (
        select distinct on (connection_id, type, source_id) id, connection_id, type, source_id, payload, state
        from events where company_id = ${companyId} and state in ('posted', 'superseded')
        order by connection_id, type, source_id, revision desc, id desc
      ), bad as (
        select format('%s %s (event %s) is posted but has no entry', f.type, f.source_id, f.id) as what
        from facts f
        where f.type in ('sale', 'refund', 'payment') and f.state = 'posted'
          and coalesce(f.payload->>'total', f.payload->>'amount', '0') <> '0'
          and not exists (select from events v join journal_entries e on e.event_id = v.id
            where v.connection_id = f.connection_id and v.type = f.type and v.source_id = f.source_id)
          and not exists (select from events v join receipts r on r.event_id = v.id
            where v.connection_id = f.connection_id and v.type = f.type and v.source_id = f.source_id)
          and not exists (select from events v where v.connection_id = f.connection_id and v.type = 'void'
            and v.sale_id = f.source_id and f.type = 'sale')
        order by f.id limit 1
      )
      select (select count(*) from events where company_id = ${companyId} and state = 'posted')::int as rows,
        (select what from bad) as bad`),
};

const entriesHaveEvents: Check = {
  name: 'every entry of an event belongs to a posted one',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with bad as (
        select format('entry %s/%s (%s) belongs to event %s, which is %s', e.fiscal_year, e.number, e.source_key,
          e.event_id, coalesce(v.state, 'not there')) as what
        from journal_entries e left join events v on v.id = e.event_id and v.company_id = e.company_id
        where e.company_id = ${companyId} and e.event_id is not null
          and (v.id is null or v.state not in ('posted', 'superseded'))
        order by e.sequence limit 1
      )
      select (select count(*) from journal_entries where company_id = ${companyId} and event_id is not null)::int as rows,
        (select what from bad) as bad`),
};

/** Whether a document says what was sold or given back, with lines that come to its total. */
function isForm(tx: Tx) {
  return tx`kind in ('invoice', 'credit_note', 'sales_receipt', 'refund_receipt')`;
}

/**
 * What an event's documents sell less what they give back is what its entries say was tendered or is due. Gift cards
 * and store credit are tendered on the side that tenders are on (debit in a sale, credit in a refund, the other way
 * round when reversed); on the other side they are what was sold.
 */
const documentsAgree: Check = {
  name: 'documents owed come to what the ledger says of their events',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with owed as (
        select connection_id, event_id, currency, sum(case when kind in ('invoice', 'sales_receipt') then amount else -amount end) as amount
        from documents where company_id = ${companyId} and ${isForm(tx)} and event_id is not null
        group by connection_id, event_id, currency
      ), tendered as (
        select e.event_id, l.currency, sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end) as amount
        from journal_entries e join journal_lines l on l.entry_id = e.id
        where e.company_id = ${companyId} and e.event_id in (select event_id from owed)
          and e.entry_type in ('SAL', 'RFD', 'DEP') and (
            l.role like 'clearing.%' or l.role like 'cash.%' or l.role like 'bank.%' or l.role = 'ar.control'
            or (l.role in ('giftcard.liability', 'storecredit.liability', 'storedvalue.liability')
              and (l.debit > 0) = ((e.entry_type <> 'RFD') = (e.reverses is null))))
        group by e.event_id, l.currency
      ), bad as (
        select format('event %s: sold less given back comes to %s %s, the ledger says %s (minor units)', o.event_id,
          o.currency, o.amount, coalesce(t.amount, 0)) as what
        from owed o left join tendered t on t.event_id = o.event_id and t.currency = o.currency
        where o.amount <> coalesce(t.amount, 0) order by o.event_id limit 1
      )
      select (select count(*) from owed)::int as rows, (select what from bad) as bad`),
};

const documentTaxAgrees: Check = {
  name: 'tax on documents owed comes to what the ledger says of their events',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with owed as (
        select connection_id, event_id, currency, sum(case when kind in ('invoice', 'sales_receipt') then tax else -tax end) as tax
        from documents where company_id = ${companyId} and ${isForm(tx)} and event_id is not null
        group by connection_id, event_id, currency
      ), booked as (
        select e.event_id, l.currency, sum(case when l.credit > 0 then l.amount_tc else -l.amount_tc end) as tax
        from journal_entries e join journal_lines l on l.entry_id = e.id
        where e.company_id = ${companyId} and e.event_id in (select event_id from owed)
          and e.entry_type in ('SAL', 'RFD', 'DEP') and l.role like 'tax.output%'
        group by e.event_id, l.currency
      ), bad as (
        select format('event %s: tax on its documents comes to %s %s, the ledger says %s (minor units)', o.event_id,
          o.currency, o.tax, coalesce(b.tax, 0)) as what
        from owed o left join booked b on b.event_id = o.event_id and b.currency = o.currency
        where o.tax <> coalesce(b.tax, 0) order by o.event_id limit 1
      )
      select (select count(*) from owed)::int as rows, (select what from bad) as bad`),
};

const documentsAddUp: Check = {
  name: 'lines of invoices, credit notes and receipts come to their totals',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with totals as (
        select d.id, d.kind, d.number, d.amount, d.tax, sum((line->>'net')::bigint + (line->>'tax')::bigint) as lines,
          sum((line->>'tax')::bigint) as line_tax
        from documents d cross join lateral jsonb_array_elements(d.payload->'lines') as line
        where d.company_id = ${companyId} and ${isForm(tx)} group by d.id
      )
      select count(*)::int as rows, min(format('%s %s: lines come to %s, total is %s (minor units)', kind, number, lines,
        amount)) filter (where lines <> amount or line_tax <> tax) as bad
      from totals`),
};

const pushedKnown: Check = {
  name: 'every pushed document knows its id in the books',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      select count(*)::int as rows,
        min(format('%s %s is pushed but has no id in the books', kind, number)) filter (where remote_id is null) as bad
      from documents where company_id = ${companyId} and state = 'pushed'`),
};

const finishedWork: Check = {
  name: 'no work is owed that is done',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      select count(*)::int as rows, min(format('%s of %s is owed, but it is %s', stage, ref, coalesce(state, 'not there')))
        filter (where state is null or state in ('normalized', 'ignored', 'posted', 'unchanged', 'superseded', 'test',
          'pushed')) as bad
      from (
        select t.stage, t.ref, case t.stage
          when 'normalize' then (select d.state from deliveries d where d.id = t.ref)
          when 'post' then (select v.state from events v where v.id = t.ref)
          else (select d.state from documents d where d.id = t.ref) end as state
        from todo t where t.company_id = ${companyId}
      ) owed`),
};

/** A delivery in conflict waits for a person without being owed: replaying it by hand puts it back. */
const unfinishedWork: Check = {
  name: 'all work that is not done is owed',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with unfinished as (
        select 'normalize' as stage, id, state from deliveries where company_id = ${companyId}
          and state not in ('normalized', 'ignored') and state in ('received', 'failed')
          and code is distinct from 'SOURCE_KEY_CONFLICT'
        union all
        select 'post', id, state from events where company_id = ${companyId}
          and state not in ('posted', 'unchanged', 'superseded') and state in ('pending', 'waiting', 'failed')
        union all
        select 'push', d.id, d.state from documents d join connections c on c.id = d.connection_id
        where d.company_id = ${companyId} and d.state not in ('pushed', 'undone') and c.state <> 'disconnected'
      )
      select count(*)::int as rows, min(format('%s of %s (%s) is not done and not owed', u.stage, u.id, u.state))
        filter (where t.id is null) as bad
      from unfinished u left join todo t on t.stage = u.stage and t.ref = u.id`),
};

/** A summary says what its receipts say: the same amount on every account, in both currencies. */
const summariesAddUp: Check = {
  name: 'daily summaries come to their receipts, account by account',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with said as (
        select s.id, line->>'account' as account, line->>'currency' as currency, sum((line->>'amount')::bigint) as amount,
          sum((line->>'amountTc')::bigint) as amount_tc
        from summaries s join receipts r on r.summary_id = s.id
          cross join lateral jsonb_array_elements(r.entry->'lines') as line
        where s.company_id = ${companyId} and s.state = 'posted' group by 1, 2, 3
      ), booked as (
        select s.id, l.account, l.currency::text as currency, sum(l.debit - l.credit)::bigint as amount,
          sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end)::bigint as amount_tc
        from summaries s join journal_entries e on e.company_id = s.company_id and e.source_key = s.source_key
          join journal_lines l on l.entry_id = e.id
        where s.company_id = ${companyId} group by 1, 2, 3
      ), bad as (
        select format('summary %s: its receipts come to %s on account %s, its entry to %s (minor units)',
          coalesce(a.id, b.id), coalesce(a.amount, 0), coalesce(a.account, b.account), coalesce(b.amount, 0)) as what
        from said a full join booked b using (id, account, currency)
        where coalesce(a.amount, 0) <> coalesce(b.amount, 0) order by 1 limit 1
      )
      select (select count(*) from summaries where company_id = ${companyId} and state = 'posted')::int as rows,
        (select what from bad) as bad`),
};

/** That deliveries, events, entries, documents and work owed tell one story. */
export const flowChecks: readonly Check[] = [
  eventsPosted,
  summariesAddUp,
  entriesHaveEvents,
  documentsAgree,
  documentTaxAgrees,
  documentsAddUp,
  pushedKnown,
  finishedWork,
  unfinishedWork,
];
