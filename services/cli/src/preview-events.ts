import {
  type BookDocument,
  type Books,
  type CanonicalEvent,
  DomainError,
  type DomainErrorCode,
  documentsFor,
  entriesFor,
  eventHash,
  type ResolvedEntry,
  relatedFacts,
} from '@daybook/domain';
import { factId } from '@daybook/workers/fact-id';
import { type MoverRow, moverOf, relatedFrom } from '@daybook/workers/foreign-facts';
import { type Booked, type EventRow, factKeys, isNewest, knownFrom } from '@daybook/workers/posting-facts';

/** What `preview` answers: entries and documents in posting order, and the events that gave none, with the reason. */
export interface Preview {
  /** Currency of the books: what debit and credit are counted in. */
  currency: string;
  entries: ResolvedEntry[];
  documents: BookDocument[];
  /** The same, event by event. */
  booked: BookedEvent[];
  /** What the posting rules refuse; in the ledger it would wait for a person or for its sale. */
  refused: { event: string; code: DomainErrorCode; message: string }[];
  /** Events that are sound and owe the books nothing. */
  skipped: { event: string; reason: string }[];
}

/** What one event gave, and the connection it came by. */
export interface BookedEvent {
  /** For people: type, id and channel. */
  event: string;
  origin: Origin;
  entries: ResolvedEntry[];
  documents: BookDocument[];
}

/** The connection an event came by, as its entries and documents name it. */
export type Origin = Pick<EventRow, 'connectionId' | 'account' | 'label' | 'records'>;

/** Posts events into an empty ledger that exists only in memory, in the order and with the facts the ledger uses. Pure. */
export function previewEvents(
  events: readonly CanonicalEvent[],
  books: Books,
  originOf: (event: CanonicalEvent, index: number) => Origin = channelItself,
): Preview {
  const memory = new Memory();
  const preview: Preview = {
    currency: books.functionalCurrency,
    entries: [],
    documents: [],
    booked: [],
    refused: [],
    skipped: [],
  };
  const rows = events.map((event, index) => asRow(event, index, originOf(event, index)));
  for (const row of rows.sort(inPostingOrder)) {
    const { event } = row;
    const name = `${event.type} ${event.id} (${event.channel})`;
    const known = memory.known(row, books);
    if (event.test) preview.skipped.push({ event: name, reason: 'test money is kept, never posted' });
    else if (!isNewest(row, known))
      preview.skipped.push({ event: name, reason: `a newer revision (${known.previousRevision}) is booked already` });
    else if (known.previousHash === row.contentHash)
      preview.skipped.push({ event: name, reason: 'says the same as the revision booked before' });
    else {
      try {
        const entries = entriesFor(event, known.facts, books);
        const documents = documentsFor(event, known.facts, books);
        preview.entries.push(...entries);
        preview.documents.push(...documents);
        preview.booked.push({ event: name, origin: row, entries, documents });
        memory.book(row, entries);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        preview.refused.push({ event: name, code: error.code, message: error.message });
      }
    }
  }
  return preview;
}

/** Events of a file come from no connection; each channel stands for one. */
function channelItself({ channel }: CanonicalEvent): Origin {
  return { connectionId: channel, account: 'preview', label: channel, records: 'sales' };
}

function asRow(event: CanonicalEvent, index: number, origin: Origin): EventRow {
  return {
    id: BigInt(index),
    companyId: 'preview',
    ...origin,
    contentHash: eventHash(event),
    event,
    previousId: null,
  };
}

/** The order in which workers read events: sales before what refers to them, then by time, revision and place. */
function inPostingOrder(a: EventRow, b: EventRow): number {
  const dependent = (row: EventRow) => (row.event.type === 'sale' ? 0 : 1);
  const time = (row: EventRow) => Date.parse(row.event.occurredAt);
  return (
    dependent(a) - dependent(b) ||
    time(a) - time(b) ||
    compare(a.event.revision, b.event.revision) ||
    compare(a.id, b.id)
  );
}

function compare<T extends string | bigint>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** What is booked so far, found by the facts an event touches, so that thousands of events stay quick. */
class Memory {
  readonly #byKey = new Map<string, Set<Booked>>();
  /** By connection. */
  readonly #movers = new Map<string, MoverRow[]>();
  readonly #live = new Map<bigint, ResolvedEntry[]>();

  known(row: EventRow, books: Books) {
    const touched = new Set(factKeys(row).flatMap((key) => [...(this.#byKey.get(key) ?? [])]));
    const known = knownFrom([...touched].sort(byFactAndRevision), this.#live)(row);
    const wanted = relatedFacts(row.event, books);
    if (wanted.length === 0) return known;
    const movers = this.#movers.get(row.connectionId) ?? [];
    return { ...known, facts: { ...known.facts, related: relatedFrom(row, wanted, movers, this.#live) } };
  }

  book(row: EventRow, entries: ResolvedEntry[]): void {
    const { event } = row;
    const booked: Booked = {
      id: row.id,
      connectionId: row.connectionId,
      type: event.type,
      sourceId: factId(event),
      saleId: 'sale' in event && event.sale ? event.sale.id : null,
      revision: event.revision,
      contentHash: row.contentHash,
      event,
    };
    const reversed = new Set(entries.map((entry) => entry.reverses));
    for (const key of factKeys(row)) {
      const known = this.#byKey.get(key) ?? new Set();
      this.#byKey.set(key, known.add(booked));
      for (const { id } of known) {
        const live = this.#live.get(id)?.filter((entry) => !reversed.has(entry.sourceKey));
        if (live) this.#live.set(id, live);
      }
    }
    const movers = this.#movers.get(row.connectionId) ?? [];
    movers.push(moverOf(row.id, event));
    this.#movers.set(row.connectionId, movers);
    this.#live.set(
      row.id,
      entries.filter((entry) => entry.reverses === undefined),
    );
  }
}

function byFactAndRevision(a: Booked, b: Booked): number {
  return (
    compare(a.type, b.type) || compare(a.sourceId, b.sourceId) || compare(a.revision, b.revision) || compare(a.id, b.id)
  );
}
