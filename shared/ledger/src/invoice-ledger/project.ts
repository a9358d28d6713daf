import type { ItemDetail, OpeningItem } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { NumberedEntry } from '../insert-entries.ts';

/**
 * Adds to the events that the database made of new lines what the lines do not hold: names, references, due dates. What
 * a rule does not say stays as it is, so that a reversal keeps what its original showed.
 */
export async function writeDetails(tx: Tx, added: readonly NumberedEntry[]): Promise<void> {
  const rows = added.flatMap(({ id, entry }) =>
    entry.lines.flatMap(({ item }, index) => (item ? [{ entryId: id, lineNo: index + 1, item }] : [])),
  );
  if (rows.length === 0) return;
  const texts = (pick: (item: ItemDetail) => string | undefined) => rows.map(({ item }) => pick(item) ?? null);
  await tx`
    update invoice_events v set
      party_name = coalesce(g.party_name, v.party_name), shared_party = g.shared, reference = coalesce(g.reference, v.reference),
      description = coalesce(g.description, v.description), document_date = coalesce(g.document_date, v.document_date),
      due_date = coalesce(g.due_date, v.due_date)
    from unnest(${rows.map((row) => String(row.entryId))}::bigint[], ${rows.map((row) => row.lineNo)}::smallint[],
      ${texts((item) => item.partyName)}::text[], ${texts((item) => String(item.sharedParty ?? false))}::text[]::boolean[],
      ${texts((item) => item.reference)}::text[], ${texts((item) => item.description)}::text[],
      ${texts((item) => item.documentDate)}::date[], ${texts((item) => item.dueDate)}::date[])
      as g(entry_id, line_no, party_name, shared, reference, description, document_date, due_date)
    where v.entry_id = g.entry_id and v.line_no = g.line_no`;
}

/** Enters the items behind an opening balance, and takes them back with it (accounting.md E4). */
export async function writeOpeningItems(tx: Tx, companyId: string, added: readonly NumberedEntry[]): Promise<void> {
  for (const { id, entry, reverses } of added) {
    if (entry.entryType !== 'OPN') continue;
    if (reverses !== null) await reverseOpeningItems(tx, id, reverses);
    else if (entry.openingItems?.length)
      await insertOpeningItems(tx, companyId, id, entry.postingDate, entry.openingItems);
  }
}

/** Items of an entry of opening balances; their total is on its lines. */
export async function insertOpeningItems(
  tx: Tx,
  companyId: string,
  entryId: bigint,
  postingDate: string,
  items: readonly OpeningItem[],
): Promise<void> {
  const rows = items.map((item) => ({
    company_id: companyId,
    account: item.account,
    kind: 0,
    opening: true,
    posting_date: postingDate,
    entry_id: String(entryId),
    amount: String(item.amount),
    amount_tc: String(item.amountTc),
    open: String(item.amount),
    open_tc: String(item.amountTc),
    currency: item.currency,
    party: item.party,
    document: item.document,
    party_name: item.partyName ?? item.party,
    reference: item.reference ?? null,
    description: item.description ?? 'Opening balance',
    document_date: item.documentDate ?? null,
    due_date: item.dueDate ?? null,
  }));
  if (rows.length > 0) await tx`insert into invoice_events ${tx(rows)}`;
}

async function reverseOpeningItems(tx: Tx, reversal: bigint, original: bigint): Promise<void> {
  await tx`
    insert into invoice_events (company_id, account, kind, opening, posting_date, entry_id, amount, amount_tc, open, open_tc,
      currency, party, document, reverses, party_name, reference, description, document_date, due_date)
    select o.company_id, o.account, 0, true, e.posting_date, e.id, -o.amount, -o.amount_tc, -o.amount, -o.amount_tc,
      o.currency, o.party, o.document, o.id, o.party_name, o.reference, e.memo, o.document_date, o.due_date
    from invoice_events o join journal_entries e on e.id = ${reversal}
    where o.entry_id = ${original} and o.line_no is null`;
}
