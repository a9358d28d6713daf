import {
  type BookDocument,
  type Books,
  type CanonicalEvent,
  type Dispute,
  goodsKeyOf,
  makeEvent,
  type Payment,
  type PostingFacts,
  type Refund,
  type ResolvedEntry,
  type Sale,
  stageOf,
  type VoidedSale,
  withoutReceipts,
} from '@daybook/domain';
import { approvedLate } from '@daybook/ledger/late';
import type { Sql, Tx } from '@daybook/platform/db';
import { cashFacts } from './cash-facts.ts';
import { factId } from './fact-id.ts';
import { foreignFacts } from './foreign-facts.ts';
import { reviveDocument } from './push/revive.ts';
import { liveEntriesOf, receiptDocumentsOf } from './summaries/receipts.ts';

/** An event about to be posted, with what identifies its fact. */
export interface EventRow {
  id: bigint;
  companyId: string;
  connectionId: string;
  /** The tenant at the channel: part of every source key. */
  account: string;
  label: string;
  /** Whether sales come by this connection, or only what settles them. */
  records: 'sales' | 'settlements';
  contentHash: string;
  event: CanonicalEvent;
  /** The booked revision this one replaces, once the facts are known. */
  previousId: bigint | null;
}

export interface Known {
  facts: PostingFacts;
  previousHash: string | null;
  previousRevision: string | null;
  /** The revisions before went into daily summaries. */
  summarised: boolean;
  /** The sale it belongs to went into a daily summary. */
  saleSummarised: boolean;
  /** Booked revisions of the fact itself, and of the sale it is or belongs to with everything that belongs to that. */
  booked(): { own: readonly Booked[]; related: readonly Booked[] };
}

interface StoredEvent {
  id: bigint;
  companyId: string;
  connectionId: string;
  account: string;
  label: string;
  records: 'sales' | 'settlements';
  contentHash: string;
  payload: unknown;
}

/**
 * Reads events in the order they are posted: by the time they happened, which decides what stock cost, at one instant
 * goods before sales and sales before what belongs to them, older revisions first.
 */
export async function readEvents(sql: Sql | Tx, ids: bigint[]): Promise<EventRow[]> {
  if (ids.length === 0) return [];
  const rows = await sql<StoredEvent[]>`
    select e.id, e.company_id as "companyId", e.connection_id as "connectionId", c.account, c.label,
           coalesce(c.settings->>'records', 'sales') as records, e.content_hash as "contentHash", e.payload
    from events e join connections c on c.id = e.connection_id
    where e.id = any(${ids.map(String)}::bigint[])
    order by e.occurred_at, (e.type not in ('opening', 'goods_receipt')), (e.type <> 'sale'), e.revision, e.id`;
  return rows.map(({ payload, ...row }) => ({ ...row, event: makeEvent(payload), previousId: null }));
}

/**
 * The facts an event touches: its own, the sale it belongs to, the goods it is about, and of a cash day the days of its
 * register.
 */
export function factKeys(row: EventRow): string[] {
  const own = `${row.connectionId}|${row.event.type}|${factId(row.event)}`;
  if (row.event.type === 'cash_day') return [own, `${row.companyId}|register|${row.event.register}`];
  const sale = saleIdOf(row.event);
  const note = noteOf(row.event);
  return [
    own,
    ...(sale === null ? [] : [`${row.connectionId}|sale|${sale}`]),
    ...(note === null ? [] : [`note|${note}`]),
  ];
}

/** The note of goods that an event is about; null for other events. */
export function noteOf(event: CanonicalEvent): string | null {
  const isAboutGoods = event.type === 'bill' || event.type === 'goods_receipt' || event.type === 'stock';
  return isAboutGoods ? goodsKeyOf(event) : null;
}

function saleIdOf(event: CanonicalEvent): string | null {
  return 'sale' in event && event.sale ? event.sale.id : null;
}

/** Whether nothing newer of the same fact is booked. Revisions are strings that sort. */
export function isNewest(row: EventRow, known: Known): boolean {
  return known.previousRevision === null || row.event.revision >= known.previousRevision;
}

/** A booked revision of a fact. */
export interface Booked {
  /** Grows in the order in which facts became known. */
  id: bigint;
  connectionId: string;
  type: string;
  sourceId: string;
  saleId: string | null;
  revision: string;
  contentHash: string;
  event: CanonicalEvent;
}

/** Booked revisions of one fact, oldest first. */
type Revisions = Booked[];

/**
 * Loads what the posting rules must know about a whole round in two statements: every booked revision of the same
 * facts, of the sales they belong to and of whatever else belongs to those sales, and their live entries.
 */
export async function factsOf(tx: Tx, rows: EventRow[], books: Books): Promise<(row: EventRow) => Known> {
  const booked = await readBooked(tx, rows);
  const confirmed = await readConfirmed(tx, rows);
  const documented = await readDocumented(tx, booked);
  const { entries, summarised } = await liveEntriesOf(
    tx,
    booked.map((each) => each.id),
  );
  const known = knownFrom(booked, entries, confirmed, documented, summarised);
  const foreign = await foreignFacts(tx, rows, books);
  const late = await approvedLate(
    tx,
    rows.map((row) => row.id),
  );
  const cash = await cashFacts(tx, rows, books.timeZone);
  if (foreign.size + late.size + cash.size === 0) return known;
  return (row) => {
    const { facts, ...rest } = known(row);
    const lateApproved = late.has(row.id);
    return { ...rest, facts: { ...facts, ...foreign.get(row.id), ...cash.get(row.id), lateApproved } };
  };
}

/**
 * What the posting rules must know about an event, out of booked revisions sorted by fact and revision and their live
 * entries by id. A fact's live entries may come from several revisions: one that changed no account posted nothing, and
 * one that met a closed period posted only the difference. `confirmed` tells the newest revision that said the same as
 * the booked one: what is older than that is old news although nothing was booked for it. Pure; sets `previousId`.
 */
export function knownFrom(
  booked: readonly Booked[],
  entries: ReadonlyMap<bigint, ResolvedEntry[]>,
  confirmed: ReadonlyMap<string, string> = new Map(),
  documented: ReadonlyMap<bigint, BookDocument[]> = new Map(),
  summarised: ReadonlySet<bigint> = new Set(),
): (row: EventRow) => Known {
  const byFact = Map.groupBy(booked, (each) => factKey(each.connectionId, each.type, each.sourceId));
  const bySale = Map.groupBy(booked, (each) => `${each.connectionId}|${each.saleId ?? each.sourceId}`);
  const newest = [...byFact.values()].map((revisions) => revisions.at(-1) as Booked);
  const liveEntries = (revisions: Revisions): ResolvedEntry[] =>
    revisions.flatMap((each) => entries.get(each.id) ?? []);

  return (row) => {
    const key = factKey(row.connectionId, row.event.type, factId(row.event));
    const own = byFact.get(key) ?? [];
    const previous = own.at(-1);
    const saleId = row.event.type === 'sale' ? row.event.id : saleIdOf(row.event);
    const sales: Revisions = saleId === null ? [] : (byFact.get(factKey(row.connectionId, 'sale', saleId)) ?? []);
    const belonging = (type: string) =>
      newest
        .filter(
          (each) =>
            each.type === type &&
            saleId !== null &&
            each.saleId === saleId &&
            each.connectionId === row.connectionId &&
            each.sourceId !== factId(row.event),
        )
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    row.previousId = previous?.id ?? null;
    return {
      previousHash: previous?.contentHash ?? null,
      previousRevision: later(previous?.revision, confirmed.get(key)),
      summarised: own.some((each) => summarised.has(each.id)),
      saleSummarised: sales.some((each) => summarised.has(each.id)),
      booked: () => ({ own, related: saleId === null ? [] : (bySale.get(`${row.connectionId}|${saleId}`) ?? []) }),
      facts: {
        source: row.account,
        connectionLabel: row.label,
        previous: previous ? { version: own.length, event: previous.event, entries: liveEntries(own) } : null,
        sale: row.event.type === 'sale' ? null : ((sales.at(-1)?.event as Sale | undefined) ?? null),
        saleEntries: row.event.type === 'sale' ? [] : liveEntries(sales),
        saleRevisions: sales.map((each) => each.event as Sale),
        earlierRefunds: belonging('refund').map((each) => each.event as Refund),
        earlierLosses: belonging('dispute')
          .map((each) => each.event as Dispute)
          .filter((dispute) => stageOf(dispute) === 'lost'),
        earlierPayments: belonging('payment').map((each) => each.event as Payment),
        documented: own.flatMap((each) => documented.get(each.id) ?? []),
        voided: (belonging('void').at(-1)?.event as VoidedSale | undefined) ?? null,
      },
    };
  };
}

function later(a: string | undefined, b: string | undefined): string | null {
  if (a === undefined || b === undefined) return a ?? b ?? null;
  return a > b ? a : b;
}

/** Documents that booked refunds owe, by event; every set of books is owed the same ones, some of them as receipts. */
async function readDocumented(tx: Tx, booked: readonly Booked[]): Promise<Map<bigint, BookDocument[]>> {
  const refunds = booked.filter((each) => each.type === 'refund').map((each) => String(each.id));
  const found = await receiptDocumentsOf(tx, refunds.map(BigInt));
  if (refunds.length === 0) return found;
  const rows = await tx<{ eventId: bigint; payload: unknown }[]>`
    select event_id as "eventId", payload from documents where event_id = any(${refunds}::bigint[]) order by id`;
  for (const [eventId, same] of Map.groupBy(rows, (row) => row.eventId)) {
    const owed = withoutReceipts(same.map(({ payload }) => reviveDocument(payload)));
    const once = new Map(owed.map((each) => [`${each.kind} ${each.number}`, each]));
    found.set(eventId, [...(found.get(eventId) ?? []), ...once.values()]);
  }
  return found;
}

/** Per fact the newest revision that changed nothing. */
async function readConfirmed(tx: Tx, rows: EventRow[]): Promise<Map<string, string>> {
  const found = await tx<{ connectionId: string; type: string; sourceId: string; revision: string }[]>`
    select connection_id as "connectionId", type, source_id as "sourceId", max(revision) as revision
    from events where state = 'unchanged' and (connection_id, type, source_id) in (
      select * from unnest(${rows.map((row) => row.connectionId)}::uuid[], ${rows.map((row) => row.event.type as string)}::text[],
                           ${rows.map((row) => factId(row.event))}::text[]))
    group by connection_id, type, source_id`;
  return new Map(found.map((row) => [factKey(row.connectionId, row.type, row.sourceId), row.revision]));
}

function factKey(connectionId: string, type: string, id: string): string {
  return `${connectionId}|${type}|${id}`;
}

/** Every booked revision of every fact the rows touch, oldest first. */
async function readBooked(tx: Tx, rows: EventRow[]): Promise<Booked[]> {
  const keys = rows.map((row) => ({
    connection: row.connectionId,
    type: row.event.type as string,
    id: factId(row.event),
  }));
  const sales = rows.flatMap((row) => {
    const id = row.event.type === 'sale' ? row.event.id : saleIdOf(row.event);
    return id === null ? [] : [{ connection: row.connectionId, type: 'sale', id }];
  });
  const facts = [...keys, ...sales];
  const found = await tx<(Omit<Booked, 'event'> & { payload: unknown })[]>`
    select id, connection_id as "connectionId", type, source_id as "sourceId", sale_id as "saleId", revision,
           content_hash as "contentHash", payload
    from events
    where posted_at is not null and (
      (connection_id, type, source_id) in (
        select * from unnest(${facts.map((key) => key.connection)}::uuid[], ${facts.map((key) => key.type)}::text[], ${facts.map((key) => key.id)}::text[]))
      or (connection_id, sale_id) in (
        select * from unnest(${sales.map((key) => key.connection)}::uuid[], ${sales.map((key) => key.id)}::text[])))
    order by connection_id, type, source_id, revision, id`;
  return found.map(({ payload, ...each }) => ({ ...each, event: makeEvent(payload) }));
}
