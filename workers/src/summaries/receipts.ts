import type { BookDocument, ResolvedEntry } from '@daybook/domain';
import { postedEntriesOf } from '@daybook/ledger/post';
import type { Tx } from '@daybook/platform/db';
import { reviveDocument, reviveMinor } from '../push/revive.ts';

/** Live entries of events, in the journal or waiting in a daily summary. */
export interface LiveEntries {
  entries: Map<bigint, ResolvedEntry[]>;
  /** Events whose entries are receipts of summaries. */
  summarised: Set<bigint>;
}

/** Live entries by event id: neither reversed nor reversals, wherever they are. */
export async function liveEntriesOf(tx: Tx, eventIds: readonly bigint[]): Promise<LiveEntries> {
  const entries = await postedEntriesOf(tx, eventIds);
  const summarised = new Set<bigint>();
  if (eventIds.length === 0) return { entries, summarised };
  const rows = await tx<{ eventId: bigint; reverses: string | null; reversed: boolean; entry: unknown }[]>`
    select event_id as "eventId", reverses, reversed, entry from receipts
    where event_id = any(${eventIds.map(String)}::bigint[]) order by id`;
  for (const row of rows) {
    summarised.add(row.eventId);
    if (row.reversed || row.reverses !== null) continue;
    entries.set(row.eventId, [...(entries.get(row.eventId) ?? []), reviveEntry(row.entry)]);
  }
  return { entries, summarised };
}

/** Documents that summarised events owe, by event. */
export async function receiptDocumentsOf(tx: Tx, eventIds: readonly bigint[]): Promise<Map<bigint, BookDocument[]>> {
  const found = new Map<bigint, BookDocument[]>();
  if (eventIds.length === 0) return found;
  const rows = await tx<{ eventId: bigint; payload: unknown }[]>`
    select event_id as "eventId", payload from receipt_documents
    where event_id = any(${eventIds.map(String)}::bigint[]) order by id`;
  for (const { eventId, payload } of rows) found.set(eventId, [...(found.get(eventId) ?? []), reviveDocument(payload)]);
  return found;
}

/** An entry as stored, with its minor units as bigint again. */
export function reviveEntry(stored: unknown): ResolvedEntry {
  return reviveMinor(stored, ['amount', 'amountTc']) as ResolvedEntry;
}
