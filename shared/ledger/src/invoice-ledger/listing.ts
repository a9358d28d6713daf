import { type EntryType, type InvoiceState, invoiceState } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

/** An event of the invoice ledger as a day saw it; amounts in minor units, debit positive. */
export interface ListedItem {
  id: bigint;
  account: string;
  accountName: string;
  /** What a customer owes us, or we owe: the account's normal side. */
  side: 'receivable' | 'payable';
  /** 0 invoice, credit note or opening item; 1 payment. */
  kind: 0 | 1;
  opening: boolean;
  /** Of its document; the posting date where nothing else is known. */
  date: string;
  postingDate: string;
  dueDate: string;
  voucherType: EntryType;
  /** Year and journal number of its entry: "2026/12". */
  voucher: string;
  entryId: bigint;
  lineNo: number | null;
  party: string | null;
  partyName: string | null;
  document: string | null;
  reference: string | null;
  description: string;
  additional: string | null;
  pausedFor: string | null;
  currency: string;
  /** In the company's currency, and in the item's (`Tc`). */
  amount: bigint;
  settled: bigint;
  open: bigint;
  amountTc: bigint;
  openTc: bigint;
  state: InvoiceState;
}

/**
 * Which events: `open` has open invoices and what is not allocated, `invoices` and `payments` are by posting date from
 * `from` to `date` (accounting.md E7).
 */
export interface ItemFilter {
  view: 'open' | 'invoices' | 'payments' | 'all';
  /** The day it is seen from, YYYY-MM-DD: later postings and allocations are unknown. */
  date: string;
  from?: string | null | undefined;
  side?: 'receivable' | 'payable' | undefined;
  account?: string | undefined;
  party?: string | undefined;
  ids?: readonly bigint[] | undefined;
  /** For paging: only events after this one, in the order they were recorded, at most `limit`. */
  after?: bigint | undefined;
  limit?: number | undefined;
}

interface Row extends Omit<ListedItem, 'state' | 'settled'> {
  isReversed: boolean;
  credited: bigint;
  writtenOff: bigint;
}

/** Events of the invoice ledger in the order they were recorded. Open ones are found by their own index. */
export async function listItems(sql: Queryable, companyId: string, filter: ItemFilter): Promise<ListedItem[]> {
  const { view, date, from = null, side = null, account = null, party = null, ids, after = 0n, limit } = filter;
  const kind = view === 'invoices' ? 0 : view === 'payments' ? 1 : null;
  const rows = await sql<Row[]>`
    with later as (${movedAfter(sql, companyId, date)}),
    chosen as (${view === 'open' ? openAt(sql, companyId) : allOf(sql, companyId, from)})
    select v.id, v.account, a.name as "accountName",
      case when a.normal_side = 'debit' then 'receivable' else 'payable' end as side, v.kind, v.opening,
      coalesce(v.document_date, v.posting_date) as date, v.posting_date as "postingDate",
      coalesce(v.due_date, v.document_date, v.posting_date) as "dueDate", e.entry_type as "voucherType",
      e.fiscal_year || '/' || e.number as voucher, v.entry_id as "entryId", v.line_no as "lineNo", v.party,
      v.party_name as "partyName", v.document, v.reference, v.description, v.additional, v.paused_for as "pausedFor",
      v.currency, v.amount, v.amount_tc as "amountTc", (v.open + coalesce(later.amount, 0))::bigint as open,
      (v.open_tc + coalesce(later.tc, 0))::bigint as "openTc", ${settledBy(sql, date)}
    from chosen join invoice_events v on v.id = chosen.id join journal_entries e on e.id = v.entry_id
    join accounts a on a.company_id = v.company_id and a.code = v.account left join later on later.id = v.id
    where v.posting_date <= ${date}::date and (${kind}::int is null or v.kind = ${kind}::int) and v.id > ${after}
      and (${account}::text is null or v.account = ${account}) and (${party}::text is null or v.party = ${party})
      and (${side}::text is null or (a.normal_side = 'debit') = (${side}::text = 'receivable'))
      and (${ids === undefined} or v.id = any(${(ids ?? []).map(String)}::bigint[]))
      and (${view !== 'open'} or v.open + coalesce(later.amount, 0) <> 0 or v.open_tc + coalesce(later.tc, 0) <> 0)
    order by v.id limit ${limit ?? null}`;
  return rows.map(({ isReversed, credited, writtenOff, ...row }) => ({
    ...row,
    settled: row.amount - row.open,
    state: invoiceState({ ...row, isReversed, credited, writtenOff }),
  }));
}

/** What allocations dated after a day have taken off events: given back to see what was open that day. */
export function movedAfter(sql: Queryable, companyId: string, date: string) {
  const moved = sql`
    from invoice_allocations where company_id = ${companyId} and date > ${date}::date`;
  return sql`
    select x.id, sum(x.amount)::bigint as amount, sum(x.tc)::bigint as tc from (
      select debit as id, debit_amount as amount, amount_tc as tc ${moved}
      union all select credit, -credit_amount, -amount_tc ${moved}
      union all select fx, credit_amount - debit_amount, 0 ${moved} and fx is not null) x
    group by x.id`;
}

function openAt(sql: Queryable, companyId: string) {
  return sql`
    select id from invoice_events where company_id = ${companyId} and (open <> 0 or open_tc <> 0)
    union select id from later`;
}

function allOf(sql: Queryable, companyId: string, from: string | null) {
  return sql`
    select id from invoice_events where company_id = ${companyId}
      and (${from}::date is null or posting_date >= ${from}::date)`;
}

/** Columns that a state follows from (accounting.md E2): taken back, and what credit notes and write-offs settled. */
function settledBy(sql: Queryable, date: string) {
  const against = sql`(o.amount > 0) <> (a.normal_side = 'debit')`;
  return sql`
    exists (select from invoice_events r where r.reverses = v.id and r.posting_date <= ${date}::date)
      or v.reverses is not null as "isReversed",
    coalesce((select sum(x.amount_tc) from invoice_allocations x
      join invoice_events o on o.id = case when x.debit = v.id then x.credit else x.debit end
      where (x.debit = v.id or x.credit = v.id) and x.date <= ${date}::date and o.kind = 0 and ${against}), 0)::bigint as credited,
    coalesce((select sum(x.amount_tc) from invoice_allocations x
      join invoice_events o on o.id = case when x.debit = v.id then x.credit else x.debit end
      join journal_entries w on w.id = o.entry_id and w.entry_type = 'GEN'
      where (x.debit = v.id or x.credit = v.id) and x.date <= ${date}::date and o.kind = 1 and ${against}), 0)::bigint as "writtenOff"`;
}

/** A part of an item settled by another, or given back when undone. */
export interface ListedAllocation {
  id: bigint;
  date: string;
  /** The other item. */
  item: bigint;
  document: string | null;
  kind: 0 | 1;
  voucherType: EntryType;
  voucher: string;
  /** In the item's currency, above zero; below zero for an undo. */
  amountTc: bigint;
  undoes: bigint | null;
  undoneBy: bigint | null;
  madeBy: string | null;
}

/** Allocations of items up to a day, by item, in the order they were made: the part payments beneath an invoice. */
export async function allocationsOf(
  sql: Queryable,
  companyId: string,
  ids: readonly bigint[],
  date: string,
): Promise<Map<bigint, ListedAllocation[]>> {
  const rows = await sql<(ListedAllocation & { of: bigint })[]>`
    select x.id, x.date, g.id as of, o.id as item, o.document, o.kind, e.entry_type as "voucherType",
      e.fiscal_year || '/' || e.number as voucher, x.amount_tc as "amountTc", x.undoes, x.undone_by as "undoneBy",
      x.made_by as "madeBy"
    from unnest(${ids.map(String)}::bigint[]) as g(id)
    join invoice_allocations x on (x.debit = g.id or x.credit = g.id) and x.company_id = ${companyId}
      and x.date <= ${date}::date
    join invoice_events o on o.id = case when x.debit = g.id then x.credit else x.debit end
    join journal_entries e on e.id = o.entry_id
    order by x.id`;
  const found = new Map<bigint, ListedAllocation[]>();
  for (const { of, ...row } of rows) found.set(of, [...(found.get(of) ?? []), row]);
  return found;
}
