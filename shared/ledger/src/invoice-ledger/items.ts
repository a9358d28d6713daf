import type { FreshItem, LiveAllocation, OpenItem } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import type { NumberedEntry } from '../insert-entries.ts';

/** An event of the invoice ledger that an entry made. */
export interface PostedItem extends FreshItem {
  /** Key of its entry. */
  sourceKey: string;
}

/** Columns of an `OpenItem` from `invoice_events v`. */
export function itemColumns(sql: Queryable) {
  return sql`
    v.id, v.account, v.currency, v.party, v.document, v.reference, v.posting_date as date, v.due_date as "dueDate",
    v.open_tc as "openTc", v.open, v.shared_party as "sharedParty"`;
}

/** Events that entries made, in journal order. */
export async function itemsOfEntries(tx: Tx, added: readonly NumberedEntry[]): Promise<PostedItem[]> {
  const rows = await tx<(Omit<PostedItem, 'exact'> & { entryId: bigint; lineNo: number | null })[]>`
    select ${itemColumns(tx)}, v.reverses, v.supersedes, e.source_key as "sourceKey",
      v.entry_id as "entryId", v.line_no as "lineNo"
    from invoice_events v join journal_entries e on e.id = v.entry_id
    where v.entry_id = any(${added.map(({ id }) => String(id))}::bigint[])
    order by e.sequence, v.line_no nulls last, v.id`;
  const entries = new Map(added.map(({ id, entry }) => [id, entry]));
  return rows.map(({ entryId, lineNo, ...row }) => {
    const line = lineNo === null ? undefined : entries.get(entryId)?.lines[lineNo - 1];
    return { ...row, exact: row.reverses === null && line?.item?.exact === true };
  });
}

/** Allocations that stand of events: those a reversal takes back. */
export async function liveAllocationsOf(tx: Tx, ids: readonly bigint[]): Promise<LiveAllocation[]> {
  if (ids.length === 0) return [];
  const given = ids.map(String);
  return tx<LiveAllocation[]>`
    select id, debit, credit, fx, date, amount_tc as "amountTc", debit_amount as "debitAmount",
      credit_amount as "creditAmount"
    from invoice_allocations
    where undoes is null and undone_by is null and (debit = any(${given}::bigint[]) or credit = any(${given}::bigint[])
      or fx = any(${given}::bigint[]))
    order by id`;
}

/**
 * What new items may meet: everything open of their parties, and of anybody where a document or reference says so, and
 * the items named by id. Each way has a partial index of its own over what is open.
 */
export async function itemsToMeet(
  tx: Tx,
  companyId: string,
  fresh: readonly OpenItem[],
  ids: readonly bigint[],
): Promise<OpenItem[]> {
  const ofParty = fresh.filter((item) => item.party !== null && !item.sharedParty);
  const names = [...new Set(fresh.flatMap(({ document, reference }) => [document ?? [], reference ?? []].flat()))];
  return tx<OpenItem[]>`
    select ${itemColumns(tx)} from invoice_events v where v.id in (
      select w.id from invoice_events w
      join (select distinct * from unnest(${ofParty.map((item) => item.account)}::text[],
        ${ofParty.map((item) => item.party as string)}::text[]) as given(account, party)) g
        on w.company_id = ${companyId} and w.account = g.account and w.party = g.party
      where w.open <> 0 or w.open_tc <> 0
      union
      select w.id from invoice_events w where w.company_id = ${companyId} and (w.open <> 0 or w.open_tc <> 0)
        and w.document = any(${names})
      union
      select w.id from invoice_events w where w.company_id = ${companyId} and (w.open <> 0 or w.open_tc <> 0)
        and w.reference = any(${names})
      union
      select unnest(${ids.map(String)}::bigint[]))
    order by v.id`;
}

/** Open items of an id each, locked against nothing: the journal's lock is held by whoever changes them. */
export async function itemsById(sql: Queryable, companyId: string, ids: readonly bigint[]): Promise<OpenItem[]> {
  return sql<OpenItem[]>`
    select ${itemColumns(sql)} from invoice_events v
    where v.company_id = ${companyId} and v.id = any(${ids.map(String)}::bigint[])`;
}
