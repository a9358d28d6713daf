import type { Books } from '../chart.ts';
import type { BookDocument } from '../documents.ts';
import type { CanonicalEvent, Payment, Refund, Sale, VoidedSale } from '../events.ts';
import type { ResolvedEntry } from '../journal-entry.ts';
import { formatMinor } from '../money.ts';

/** What the rules must know besides the event itself. */
export interface PostingFacts {
  /** The tenant at the channel (a shop's domain): part of every source key. */
  source: string;
  /** Name of the connection, for memos and for the contact that stands for its anonymous buyers. */
  connectionLabel: string;
  /** Newest posted revision of the same fact, with its live (unreversed) entries. */
  previous: { version: number; event: CanonicalEvent; entries: ResolvedEntry[] } | null;
  /** Newest posted revision of the sale that a refund, payment or void belongs to. */
  sale: Sale | null;
  /** That sale's live entries. */
  saleEntries: ResolvedEntry[];
  /** Other refunds of that sale posted before, oldest first. */
  earlierRefunds: Refund[];
  /** Other payments of that sale posted before; needed for its foreign-currency balance and its open documents. */
  earlierPayments?: Payment[];
  /**
   * Every posted revision of the sale this event is or belongs to, oldest first. Without it documents of an edited sale
   * are worked out from its newest revision alone, which is exact for the first edit only.
   */
  saleRevisions?: Sale[];
  /** Documents that earlier revisions of this refund owe; without them they are worked out anew from the newest sale. */
  documented?: BookDocument[];
  /** A void of this sale that arrived before it. */
  voided?: VoidedSale | null;
}

/** Where a rule stands: the books it posts to, and how to speak of the event to people. */
export interface Ground {
  books: Books;
  channel: string;
  currency: string;
  /** "sale 1001 (GBP 38.95)". */
  about: string;
}

/** The ground an event is posted on. */
export function groundOf(event: CanonicalEvent, books: Books): Ground {
  return { books, channel: event.channel, currency: event.currency, about: describeEvent(event) };
}

/** The event in words for messages: type, order number or id, amount. */
export function describeEvent(event: CanonicalEvent): string {
  const amount = 'total' in event ? event.total : 'amount' in event ? event.amount : null;
  const name = `${event.type} ${event.order?.number ?? event.id}`;
  return amount === null ? name : `${name} (${event.currency} ${formatMinor(amount, event.currency)})`;
}

/** Stable identity of a fact (accounting.md I7); revision n ≥ 2 ends in `:v<n>`. */
export function sourceKeyOf(event: CanonicalEvent, source: string, version: number): string {
  const key = `${event.channel}:${source}:${event.type}:${event.id}`;
  return version > 1 ? `${key}:v${version}` : key;
}
