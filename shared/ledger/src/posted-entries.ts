import type { EntryType, ResolvedEntry, ResolvedLine, TaxKind } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

/** An entry as it stands in the journal. */
export interface PostedEntry {
  id: bigint;
  eventId: bigint | null;
  entry: ResolvedEntry;
}

/** Row of `journal_entries` with its lines, as `selectEntries` gives it. */
export interface EntryRow {
  id: bigint;
  eventId: bigint | null;
  entryType: EntryType;
  sourceKey: string;
  postingDate: string;
  taxPoint: string;
  occurredAt: Date;
  memo: string;
  reverses: string | null;
  channel: string | null;
  lines: LineRow[];
}

/** Account, amount, currency, transaction amount, role, tax code, tax kind, party, document; amounts as text. */
export type LineRow = [string, string, string, string, string, ...(string | null)[]];

/** Posted entries by their source keys, in journal order: what a reversal has to mirror. */
export async function postedEntries(
  sql: Queryable,
  companyId: string,
  sourceKeys: readonly string[],
): Promise<ResolvedEntry[]> {
  if (sourceKeys.length === 0) return [];
  const rows = await sql<EntryRow[]>`
    select ${entryColumns(sql)} from journal_entries e
    where e.company_id = ${companyId} and e.source_key = any(${[...sourceKeys]}) order by e.sequence`;
  return rows.map(toEntry);
}

/**
 * Live entries of events (neither reversed nor themselves reversals), by event id, in journal order. Entries of type
 * INV are left out: stock follows a changed fact by its difference, and is never reversed.
 */
export async function postedEntriesOf(
  sql: Queryable,
  eventIds: readonly bigint[],
): Promise<Map<bigint, ResolvedEntry[]>> {
  const found = new Map<bigint, ResolvedEntry[]>();
  if (eventIds.length === 0) return found;
  const rows = await sql<EntryRow[]>`
    select ${entryColumns(sql)} from journal_entries e
    where e.event_id = any(${eventIds.map(String)}::bigint[]) and e.reversed_by is null and e.reverses is null
      and e.entry_type <> 'INV'
    order by e.sequence`;
  for (const row of rows) {
    const entries = found.get(row.eventId as bigint);
    if (entries) entries.push(toEntry(row));
    else found.set(row.eventId as bigint, [toEntry(row)]);
  }
  return found;
}

/** Columns of `EntryRow` from `journal_entries e`. */
export function entryColumns(sql: Queryable) {
  return sql`
    e.id, e.event_id as "eventId", e.entry_type as "entryType", e.source_key as "sourceKey",
    e.posting_date as "postingDate", e.tax_point as "taxPoint", e.occurred_at as "occurredAt", e.memo, e.channel,
    (select o.source_key from journal_entries o where o.id = e.reverses) as reverses,
    (select json_agg(json_build_array(l.account, (l.debit - l.credit)::text, l.currency,
        (case when l.debit > 0 then l.amount_tc else -l.amount_tc end)::text,
        l.role, l.tax_code, l.tax_kind, l.party, l.document) order by l.line_no)
      from journal_lines l where l.entry_id = e.id) as lines`;
}

/** The entry that was posted as this row. */
export function toEntry(row: EntryRow): ResolvedEntry {
  return {
    entryType: row.entryType,
    sourceKey: row.sourceKey,
    postingDate: row.postingDate,
    taxPoint: row.taxPoint,
    occurredAt: row.occurredAt.toISOString(),
    memo: row.memo,
    reverses: row.reverses ?? undefined,
    channel: row.channel ?? undefined,
    lines: (row.lines ?? []).map(toLine),
  };
}

function toLine([account, amount, currency, amountTc, role, taxCode, taxKind, party, document]: LineRow): ResolvedLine {
  return {
    account,
    amount: BigInt(amount),
    currency,
    amountTc: BigInt(amountTc),
    role,
    taxCode: taxCode ?? undefined,
    taxKind: (taxKind as TaxKind | null) ?? undefined,
    party: party ?? undefined,
    document: document ?? undefined,
  };
}
