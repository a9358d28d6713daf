import {
  type CanonicalEvent,
  makeEvent,
  type PostingFacts,
  type Refund,
  type ResolvedEntry,
  type Sale,
} from '@daybook/domain';
import { postedEntriesOf } from '@daybook/ledger/post';
import type { Sql, Tx } from '@daybook/platform/db';

/** An event about to be posted, with what identifies its fact. */
export interface EventRow {
  id: bigint;
  companyId: string;
  connectionId: string;
  /** The tenant at the channel: part of every source key. */
  account: string;
  label: string;
  contentHash: string;
  event: CanonicalEvent;
  /** The booked revision this one replaces, once the facts are known. */
  previousId: bigint | null;
}

export interface Known {
  facts: PostingFacts;
  previousHash: string | null;
  previousRevision: string | null;
}

interface StoredEvent {
  id: bigint;
  companyId: string;
  connectionId: string;
  account: string;
  label: string;
  contentHash: string;
  payload: unknown;
}

/** Reads events in the order they must be posted: facts before what depends on them, older revisions first. */
export async function readEvents(sql: Sql | Tx, ids: bigint[]): Promise<EventRow[]> {
  if (ids.length === 0) return [];
  const rows = await sql<StoredEvent[]>`
    select e.id, e.company_id as "companyId", e.connection_id as "connectionId", c.account, c.label,
           e.content_hash as "contentHash", e.payload
    from events e join connections c on c.id = e.connection_id
    where e.id = any(${ids.map(String)}::bigint[])
    order by (e.type <> 'sale'), e.occurred_at, e.revision, e.id`;
  return rows.map(({ payload, ...row }) => ({ ...row, event: makeEvent(payload), previousId: null }));
}

/** The facts an event touches: its own and the sale it belongs to. */
export function factKeys(row: EventRow): string[] {
  const own = `${row.connectionId}|${row.event.type}|${row.event.id}`;
  const sale = saleIdOf(row.event);
  return sale === null ? [own] : [own, `${row.connectionId}|sale|${sale}`];
}

function saleIdOf(event: CanonicalEvent): string | null {
  return 'sale' in event && event.sale ? event.sale.id : null;
}

/** Whether nothing newer of the same fact is booked. Revisions are strings that sort. */
export function isNewest(row: EventRow, known: Known): boolean {
  return known.previousRevision === null || row.event.revision >= known.previousRevision;
}

interface Booked {
  id: bigint;
  connectionId: string;
  type: string;
  sourceId: string;
  saleId: string | null;
  revision: string;
  contentHash: string;
  version: number;
  event: CanonicalEvent;
}

/**
 * Loads what the posting rules must know about a whole round in three statements: booked revisions of the same facts,
 * the sales they belong to, those sales' earlier refunds, and the live entries of all of them.
 */
export async function factsOf(tx: Tx, rows: EventRow[]): Promise<(row: EventRow) => Known> {
  const booked = await readBooked(tx, rows);
  const byFact = new Map(booked.map((each) => [`${each.connectionId}|${each.type}|${each.sourceId}`, each]));
  const entries = await postedEntriesOf(
    tx,
    booked.map((each) => each.id),
  );
  const liveEntries = (each: Booked | undefined): ResolvedEntry[] => (each ? (entries.get(each.id) ?? []) : []);

  return (row) => {
    const previous = byFact.get(`${row.connectionId}|${row.event.type}|${row.event.id}`);
    const saleId = saleIdOf(row.event);
    const sale = saleId === null ? undefined : byFact.get(`${row.connectionId}|sale|${saleId}`);
    const refunds =
      saleId === null
        ? []
        : booked.filter(
            (each) =>
              each.type === 'refund' &&
              each.saleId === saleId &&
              each.connectionId === row.connectionId &&
              each.sourceId !== row.event.id,
          );
    row.previousId = previous?.id ?? null;
    return {
      previousHash: previous?.contentHash ?? null,
      previousRevision: previous?.revision ?? null,
      facts: {
        source: row.account,
        connectionLabel: row.label,
        previous: previous
          ? { version: previous.version, event: previous.event, entries: liveEntries(previous) }
          : null,
        sale: (sale?.event as Sale | undefined) ?? null,
        saleEntries: liveEntries(sale),
        earlierRefunds: refunds.map((each) => each.event as Refund),
      },
    };
  };
}

/** The newest booked revision of every fact the rows touch. `version` counts the revisions booked so far. */
async function readBooked(tx: Tx, rows: EventRow[]): Promise<Booked[]> {
  const keys = rows.flatMap((row) => {
    const sale = saleIdOf(row.event);
    const own = { connection: row.connectionId, type: row.event.type as string, id: row.event.id };
    return sale === null ? [own] : [own, { connection: row.connectionId, type: 'sale', id: sale }];
  });
  const sales = keys.filter((key) => key.type === 'sale');
  const found = await tx<(Omit<Booked, 'event'> & { payload: unknown })[]>`
    select distinct on (connection_id, type, source_id)
      id, connection_id as "connectionId", type, source_id as "sourceId", sale_id as "saleId", revision,
      content_hash as "contentHash", payload,
      (count(*) over (partition by connection_id, type, source_id))::int as version
    from events
    where posted_at is not null and (
      (connection_id, type, source_id) in (
        select * from unnest(${keys.map((key) => key.connection)}::uuid[], ${keys.map((key) => key.type)}::text[], ${keys.map((key) => key.id)}::text[]))
      or (type = 'refund' and (connection_id, sale_id) in (
        select * from unnest(${sales.map((key) => key.connection)}::uuid[], ${sales.map((key) => key.id)}::text[]))))
    order by connection_id, type, source_id, revision desc, id desc`;
  return found.map(({ payload, ...each }) => ({ ...each, event: makeEvent(payload) }));
}
