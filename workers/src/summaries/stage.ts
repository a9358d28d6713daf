import { type BookDocument, type Books, localDate, type ResolvedEntry, toWire } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { EventRow } from '../posting-facts.ts';

/** What an event would have posted on its own. */
export interface Receipt {
  row: EventRow;
  entries: ResolvedEntry[];
  documents: BookDocument[];
}

/** A day is summed up so long after it ended, for what tills upload late. */
const GRACE_MS = 3 * 60 * 60_000;
/** Receipts of a day that is over are collected this long before they make a further summary. */
const COLLECT_MS = 15 * 60_000;

/**
 * Puts receipts into the summary of their day, inside the transaction that posts. What takes a receipt back marks it,
 * so that it is live no more.
 */
export async function stageReceipts(
  tx: Tx,
  companyId: string,
  receipts: readonly Receipt[],
  books: Books,
  now: Date,
): Promise<void> {
  for (const { row, entries, documents } of receipts) {
    let summaryId: bigint | null = null;
    for (const entry of entries) {
      summaryId = await openSummary(tx, companyId, row, entry, dueFor(entry.postingDate, books, now));
      await tx`
        insert into receipts (company_id, summary_id, event_id, source_key, reverses, entry)
        values (${companyId}, ${summaryId}, ${row.id}, ${entry.sourceKey}, ${entry.reverses ?? null}, ${toWire(entry)})`;
      if (entry.reverses !== undefined)
        await tx`update receipts set reversed = true where company_id = ${companyId} and source_key = ${entry.reverses}`;
    }
    if (summaryId !== null) await stageDocuments(tx, companyId, summaryId, row, documents);
  }
}

async function stageDocuments(
  tx: Tx,
  companyId: string,
  summaryId: bigint,
  row: EventRow,
  documents: readonly BookDocument[],
): Promise<void> {
  for (const document of documents) {
    await tx`
      insert into receipt_documents (company_id, summary_id, event_id, kind, number, payload)
      values (${companyId}, ${summaryId}, ${row.id}, ${document.kind}, ${document.number}, ${toWire(document)})`;
  }
}

/** The open summary an entry belongs to, made where there is none; a later version once the one before is posted. */
async function openSummary(
  tx: Tx,
  companyId: string,
  row: EventRow,
  entry: ResolvedEntry,
  dueAt: Date,
): Promise<bigint> {
  const register = row.event.register ?? '';
  const key = [row.connectionId, entry.entryType, entry.postingDate, entry.taxPoint, register] as const;
  const [open] = await tx<{ id: bigint }[]>`
    select id from summaries where state = 'open'
      and (connection_id, journal, day, tax_point, register) = (${key[0]}, ${key[1]}, ${key[2]}, ${key[3]}, ${key[4]})`;
  if (open) return open.id;
  const [made] = await tx<{ id: bigint }[]>`
    insert into summaries (company_id, connection_id, journal, day, tax_point, register, version, due_at)
    select ${companyId}, ${key[0]}, ${key[1]}, ${key[2]}, ${key[3]}, ${key[4]}, count(*) + 1, ${dueAt} from summaries
    where (connection_id, journal, day, tax_point, register) = (${key[0]}, ${key[1]}, ${key[2]}, ${key[3]}, ${key[4]})
    returning id`;
  return (made as { id: bigint }).id;
}

function dueFor(day: string, books: Books, now: Date): Date {
  const isOver = localDate(now.toISOString(), books.timeZone) > day;
  if (isOver) return new Date(now.getTime() + COLLECT_MS);
  return new Date(endOfDay(day, books.timeZone) + GRACE_MS);
}

const HOUR_MS = 60 * 60_000;

/** The first full hour (UTC) at which the day is over in the zone, milliseconds; zones off by half hours end within it. */
function endOfDay(day: string, timeZone: string): number {
  let instant = Date.parse(`${day}T00:00:00Z`);
  while (localDate(new Date(instant).toISOString(), timeZone) <= day) instant += HOUR_MS;
  return instant;
}
