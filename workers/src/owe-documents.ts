import { type BookDocument, contentHash, toWire, withReceipts } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { amountOf } from './document-amount.ts';
import { owe } from './owed.ts';
import { type PaidSales, paidSalesOf } from './paid-sales.ts';

/** A document and what owes it: an event, or a summary of many. */
export interface DocumentOwed {
  document: BookDocument;
  eventId: bigint | null;
  summaryId: bigint | null;
  /** 0 = live traffic, 1 = an import's. */
  priority: number;
}

/**
 * Every set of books of the company is owed every document, as receipts where it is set to take them (paid-sales.ts);
 * answers the connections to ring for.
 */
export async function oweDocuments(
  tx: Tx,
  companyId: string,
  documents: readonly DocumentOwed[],
  now: Date,
): Promise<string[]> {
  if (documents.length === 0) return [];
  const books = await tx<{ id: string; paidSales: PaidSales }[]>`
    select id, ${paidSalesOf(tx)} as "paidSales" from connections
    where company_id = ${companyId} and kind = 'accounting' and state <> 'disconnected'`;
  for (const { id: connectionId, paidSales } of books) {
    const owed = paidSales === 'receipts' ? asReceipts(documents) : documents;
    for (const [priority, same] of Map.groupBy(owed, (each) => each.priority)) {
      const rows = same.map((each) => rowOf(each, companyId, connectionId, now));
      const stored = await tx<{ id: bigint }[]>`
        insert into documents ${tx(rows)} on conflict (connection_id, kind, number) do nothing returning id`;
      const ids = stored.map(({ id }) => id);
      await owe(tx, 'push', companyId, ids, now, { connectionId, priority });
    }
  }
  return books.map((row) => row.id);
}

/** Folds what one event or summary owes, never across two of them. */
function asReceipts(documents: readonly DocumentOwed[]): DocumentOwed[] {
  const byOwer = Map.groupBy(documents, ({ eventId, summaryId }) => `${eventId} ${summaryId}`);
  return [...byOwer.values()].flatMap((same) => {
    const { eventId, summaryId, priority } = same[0] as DocumentOwed;
    const folded = withReceipts(same.map(({ document }) => document));
    return folded.map((document) => ({ document, eventId, summaryId, priority }));
  });
}

function rowOf({ document, eventId, summaryId }: DocumentOwed, companyId: string, connectionId: string, now: Date) {
  return {
    company_id: companyId,
    connection_id: connectionId,
    event_id: eventId,
    summary_id: summaryId,
    kind: document.kind,
    number: document.number,
    date: document.date,
    currency: document.currency,
    ...amountOf(document),
    payload: toWire(document),
    content_hash: contentHash(document),
    created_at: now,
  };
}
