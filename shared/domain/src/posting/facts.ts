import { localDate } from '../calendar.ts';
import type { CashDayBefore } from '../cash-book.ts';
import type { Books } from '../chart.ts';
import type { BookDocument } from '../documents.ts';
import {
  type CanonicalEvent,
  type Dispute,
  type Payment,
  type Refund,
  type Sale,
  stageOf,
  type VoidedSale,
} from '../events.ts';
import type { ResolvedEntry } from '../journal-entry.ts';
import { formatMinor } from '../money.ts';
import type { StockFacts } from '../stock/facts.ts';

/** `source` of facts that people, statements and imports entered. */
export const ENTERED = 'entered';

/** What the rules must know besides the event itself. */
export interface PostingFacts {
  /** The tenant at the channel (a shop's domain), or ENTERED: part of every source key. */
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
  /** Other disputes of that sale booked as lost before; they count as refunds where `lostDispute` says so. */
  earlierLosses?: Dispute[];
  /** Other payments of that sale posted before; needed for its foreign-currency balance and its open documents. */
  earlierPayments?: Payment[];
  /**
   * Every posted revision of the sale this event is or belongs to, oldest first. Without it documents of an edited sale
   * are worked out from its newest revision alone, which is exact for the first edit only.
   */
  saleRevisions?: Sale[];
  /** Documents that earlier revisions of this refund owe; without them they are worked out anew from the newest sale. */
  documented?: BookDocument[];
  /** A person let this late fact into the first open period. */
  lateApproved?: boolean;
  /** A void of this sale that arrived before it. */
  voided?: VoidedSale | null;
  /**
   * What `relatedFacts` asks for, by `relatedKey`: live entries; null where these books record such facts but not this
   * one yet, so that the event waits. A key that is absent will never come (another system records the sales): then the
   * rate table decides.
   */
  related?: ReadonlyMap<string, readonly ResolvedEntry[] | null>;
  /**
   * What live payouts of the same processor and currency, other than this one, have left on `processor.reserve`; only
   * foreign reserves need it. Minor units of the payout's (`amountTc`) and of the company's currency (`amount`).
   */
  reserved?: { amountTc: bigint; amount: bigint };
  /** Of a cash day: the newest other day of its register that is not later. */
  cashBefore?: CashDayBefore | null;
  /** Of a till's closing: the cash book that its register is kept in that day. */
  cashBook?: string | null;
  /** Stock of the items the event moves; absent where the company keeps no items. */
  stock?: StockFacts;
}

/** Where a rule stands: the books it posts to, and how to speak of the event to people. */
export interface Ground {
  books: Books;
  channel: string;
  currency: string;
  /** The till it happened at, where the event names one. */
  register?: string | undefined;
  /** "sale 1001 (GBP 38.95)". */
  about: string;
}

/** The ground an event is posted on. */
export function groundOf(event: CanonicalEvent, books: Books): Ground {
  const { channel, currency, register } = event;
  return { books, channel, currency, register, about: describeEvent(event) };
}

/** The event in words for messages: type, order number or id, amount. */
export function describeEvent(event: CanonicalEvent): string {
  const amount = 'total' in event ? event.total : 'amount' in event ? event.amount : null;
  const stage = stageOf(event);
  const name = `${event.type} ${event.order?.number ?? event.id}${stage === null ? '' : ` ${stage}`}`;
  return amount === null ? name : `${name} (${event.currency} ${formatMinor(amount, event.currency)})`;
}

/**
 * Stable identity of a fact (accounting.md I7), with the stage where a fact has several; revision n ≥ 2 ends in `:v<n>`.
 */
export function sourceKeyOf(event: CanonicalEvent, source: string, version: number): string {
  const stage = stageOf(event);
  const origin = source === ENTERED ? ENTERED : `${event.channel}:${source}`;
  const key = `${origin}:${event.type}:${event.id}${stage === null ? '' : `:${stage}`}`;
  return version > 1 ? `${key}:v${version}` : key;
}

/**
 * The day an event counts for, YYYY-MM-DD: a payout's arrival at the bank (accounting.md C16), the date a person gave,
 * else the date of its instant in the company's time zone.
 */
export function businessDate(event: CanonicalEvent, timeZone: string): string {
  if (event.type === 'payout') return event.arrivalDate;
  return 'date' in event ? event.date : localDate(event.occurredAt, timeZone);
}
