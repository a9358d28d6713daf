import type { Books } from '../src/chart.ts';
import { documentsFor } from '../src/document-rules.ts';
import type { BookDocument } from '../src/documents.ts';
import { DomainError } from '../src/domain-error.ts';
import { type CanonicalEvent, type Dispute, type Refund, type Sale, stageOf } from '../src/events.ts';
import type { ResolvedEntry } from '../src/journal-entry.ts';
import { sum } from '../src/money.ts';
import { entriesFor, type PostingFacts, type RelatedFact, relatedFacts, relatedKey } from '../src/posting-rules.ts';
import { factsWith } from './books.ts';

/** What posting one event gave. */
export interface Booked {
  event: CanonicalEvent;
  entries: ResolvedEntry[];
  documents: BookDocument[];
}

/** Posts events one after the other with the facts a worker would supply. Throws what the rules throw. */
export function postInTurn(events: readonly CanonicalEvent[], booksAt: (index: number) => Books): Booked[] {
  const booked: Booked[] = [];
  for (const [index, event] of events.entries()) booked.push(post(event, booked, booksAt(index)));
  return booked;
}

/** Posts events in their order of arrival; what waits for another fact is tried again after each that could be posted. */
export function postAsTheyCome(events: readonly CanonicalEvent[], books: Books): Booked[] {
  const booked: Booked[] = [];
  let waiting: CanonicalEvent[] = [];
  for (const event of events) {
    waiting.push(event);
    for (let before = -1; before !== booked.length; ) {
      before = booked.length;
      waiting = waiting.filter((each) => !postedNow(each, booked, books));
    }
  }
  if (waiting.length > 0)
    throw new Error(`still waiting: ${waiting.map((each) => `${each.type} ${each.id}`).join(', ')}`);
  return booked;
}

function postedNow(event: CanonicalEvent, booked: Booked[], books: Books): boolean {
  try {
    booked.push(post(event, booked, books));
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'SALE_UNKNOWN') return false;
    throw error;
  }
}

function post(event: CanonicalEvent, booked: readonly Booked[], books: Books): Booked {
  const facts = factsOf(event, booked, books);
  return { event, entries: entriesFor(event, facts, books), documents: documentsFor(event, facts, books) };
}

function factsOf(event: CanonicalEvent, booked: readonly Booked[], books: Books): PostingFacts {
  const own = booked.filter((each) => isSameFact(each.event, event));
  const others = booked.filter((each) => !own.includes(each));
  const previous = own.at(-1);
  const saleId = 'sale' in event ? event.sale?.id : undefined;
  const sales = others.filter((each) => each.event.type === 'sale' && each.event.id === saleId);
  const refunds = others.filter((each) => each.event.type === 'refund' && each.event.sale?.id === saleId);
  const losses = others.filter((each) => each.event.type === 'dispute' && each.event.sale?.id === saleId);
  const wanted = relatedFacts(event, books);
  return factsWith({
    previous: previous ? { version: own.length, event: previous.event, entries: live(own, booked) } : null,
    sale: (sales.at(-1)?.event as Sale | undefined) ?? null,
    saleEntries: live(sales, booked),
    earlierRefunds: saleId === undefined ? [] : refunds.map((each) => each.event as Refund),
    earlierLosses:
      saleId === undefined ? [] : losses.flatMap(({ event }) => (stageOf(event) === 'lost' ? [event as Dispute] : [])),
    related: new Map(wanted.map((fact) => [relatedKey(fact), entriesOf(fact, others, booked)])),
    reserved: reserveOf(event, others, booked),
  });
}

function isSameFact(a: CanonicalEvent, b: CanonicalEvent): boolean {
  return a.type === b.type && a.id === b.id && stageOf(a) === stageOf(b);
}

/** Entries of these events that are neither reversed nor reversals. */
export function live(some: readonly Booked[], all: readonly Booked[]): ResolvedEntry[] {
  const reversed = new Set(all.flatMap((each) => each.entries.map((entry) => entry.reverses)));
  return some
    .flatMap((each) => each.entries)
    .filter((entry) => entry.reverses === undefined && !reversed.has(entry.sourceKey));
}

function entriesOf(fact: RelatedFact, others: readonly Booked[], all: readonly Booked[]): ResolvedEntry[] | null {
  if (!others.some(({ event }) => event.type === fact.type && event.id === fact.id)) return null;
  const moves = ({ event }: Booked): boolean => {
    if (event.type === fact.type && event.id === fact.id) return true;
    if (event.type === 'fee') return fact.type === 'sale' && event.sale?.id === fact.id;
    if (event.type !== 'settlement') return false;
    return fact.type === 'refund' ? event.refund?.id === fact.id : isOfSale(fact, event);
  };
  return live(others.filter(moves), all);
}

function isOfSale(fact: RelatedFact, event: Extract<CanonicalEvent, { type: 'settlement' }>): boolean {
  return fact.type === 'sale' && event.refund === undefined && event.sale?.id === fact.id;
}

function reserveOf(event: CanonicalEvent, others: readonly Booked[], all: readonly Booked[]) {
  const payouts = others.filter((each) => each.event.type === 'payout');
  const lines = live(payouts, all)
    .flatMap((entry) => entry.lines)
    .filter((line) => line.role.startsWith('processor.reserve') && line.currency === event.currency);
  return { amountTc: sum(lines.map((line) => line.amountTc)), amount: sum(lines.map((line) => line.amount)) };
}
