import type { RequestListener } from 'node:http';
import type { HeaderMap } from '@daybook/connectors/kit/contract';
import {
  contentHash,
  documentsFor,
  entriesFor,
  eventHash,
  type PostingFacts,
  type Sale,
  toWire,
} from '@daybook/domain';
import { loadBooks } from '@daybook/ledger/company';
import { postEntries } from '@daybook/ledger/post';
import type { Sql, Tx } from '@daybook/platform/db';
import { amountOf } from '@daybook/workers/document-amount';
import type { Request } from 'express';
import { type Floor, insertDelivery, webhookApp } from './floors.ts';

/**
 * The whole path as one would write it first: one transaction per webhook that stores the delivery, its event, its
 * journal entry and the document owed, and answers after the commit. It keeps every promise of the ledger but needs no
 * queue, which makes it faster than the usual shape with a job per event.
 */
export async function naiveHandler(floor: Floor): Promise<RequestListener> {
  const books = await loadBooks(floor.sql, floor.companyId);
  const [connection] = await floor.sql<{ account: string; label: string; settings: Record<string, string> }[]>`
    select account, label, settings from connections where id = ${floor.connectionId}`;
  const [ledger] = await floor.sql<{ id: string }[]>`
    select id from connections where company_id = ${floor.companyId} and kind = 'accounting'`;
  if (!connection) throw new Error(`There is no connection ${floor.connectionId}.`);
  const facts: PostingFacts = {
    source: connection.account,
    connectionLabel: connection.label,
    previous: null,
    sale: null,
    saleEntries: [],
    earlierRefunds: [],
  };
  return webhookApp(floor, async (request, response) => {
    await floor.sql.begin(async (tx) => {
      const deliveryId = await insertDelivery(floor, tx as unknown as Sql, request);
      if (deliveryId === null) return;
      const sale = saleOf(floor, request, connection.settings);
      const now = new Date(Date.now() + floor.aheadMs);
      const eventId = await insertEvent(tx, floor, deliveryId, sale, now);
      const entries = entriesFor(sale, facts, books).map((entry) => ({ entry, eventId }));
      await postEntries(tx, floor.companyId, entries, now);
      if (ledger) await oweDocuments(tx, floor, eventId, documentsFor(sale, facts, books), ledger.id, now);
    });
    response.json({ status: 'stored' });
  });
}

function saleOf({ connector }: Floor, request: Request, settings: Record<string, string>): Sale {
  const headers = request.headers as HeaderMap;
  const { topic } = connector.header(headers, request.body as Buffer);
  const delivery = { topic, headers, body: request.body as Buffer };
  const normalized = connector.normalize(delivery, { settings, fetched: {} });
  const [event] = 'events' in normalized ? normalized.events : [];
  if (event?.type !== 'sale') throw new Error('The webhook of the benchmark is not a sale.');
  return event;
}

async function insertEvent(tx: Tx, floor: Floor, deliveryId: bigint, sale: Sale, now: Date): Promise<bigint> {
  const [row] = await tx<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload,
      occurred_at, recorded_at, state, posted_at)
    values (${floor.companyId}, ${floor.connectionId}, ${deliveryId}, ${sale.type}, ${sale.id}, ${sale.revision},
      ${eventHash(sale)}, ${toWire(sale)}, ${sale.occurredAt}, ${now}, 'posted', ${now}) returning id`;
  await tx`update deliveries set state = 'normalized' where id = ${deliveryId}`;
  return row?.id as bigint;
}

async function oweDocuments(
  tx: Tx,
  floor: Floor,
  eventId: bigint,
  documents: ReturnType<typeof documentsFor>,
  connectionId: string,
  now: Date,
): Promise<void> {
  for (const document of documents) {
    const { amount, tax } = amountOf(document);
    const [row] = await tx<{ id: bigint }[]>`
      insert into documents (company_id, connection_id, event_id, kind, number, date, currency, amount, tax, payload,
        content_hash, created_at)
      values (${floor.companyId}, ${connectionId}, ${eventId}, ${document.kind}, ${document.number}, ${document.date},
        ${document.currency}, ${amount}, ${tax}, ${toWire(document)}, ${contentHash(document)}, ${now}) returning id`;
    await tx`
      insert into todo (company_id, connection_id, stage, ref, due_at)
      values (${floor.companyId}, ${connectionId}, 'push', ${row?.id as bigint}, ${now})`;
  }
}
