import { z } from 'zod';
import { canonicalJson, contentHash } from './canonical-json.ts';
import { DomainError } from './domain-error.ts';
import * as channel from './event/channel.ts';
import * as entered from './event/entered.ts';
import type { line, tax, tender } from './event/parts.ts';

/**
 * Canonical events, version 1 (design.md section 4). Money is an integer in minor units of the event's currency:
 * bigint in code; on the wire a JSON integer, or a string of digits above 2^53. Rates are percent ("20", "8.25"),
 * quantities and unit prices decimal strings in major units. The schemas are the only constructors: an event that
 * does not add up cannot be made.
 */
/** Facts that channels and processors tell, by `type`. */
export const channelSchemas = {
  sale: channel.sale,
  refund: channel.refund,
  payment: channel.payment,
  fee: channel.fee,
  payout: channel.payout,
  settlement: channel.settlement,
  dispute: channel.dispute,
  stock: channel.stock,
  register_close: channel.registerClose,
  void: channel.voided,
} as const;

/** Facts that people, bank statements and imports enter, by `type`. */
export const enteredSchemas = {
  journal: entered.journal,
  opening: entered.opening,
  bank_movement: entered.bankMovement,
  bill: entered.bill,
  goods_receipt: entered.goodsReceipt,
  stock_count: entered.stockCount,
  stock_adjustment: entered.stockAdjustment,
  fulfilment: entered.fulfilment,
  write_off: entered.writeOff,
  cash_day: entered.cashDay,
} as const;

const channelEvent = z.discriminatedUnion('type', [
  channel.sale,
  channel.refund,
  channel.payment,
  channel.fee,
  channel.payout,
  channel.settlement,
  channel.dispute,
  channel.stock,
  channel.registerClose,
  channel.voided,
]);
const enteredEvent = z.discriminatedUnion('type', [
  entered.journal,
  entered.opening,
  entered.bankMovement,
  entered.bill,
  entered.goodsReceipt,
  entered.stockCount,
  entered.stockAdjustment,
  entered.fulfilment,
  entered.writeOff,
  entered.cashDay,
]);

export const canonicalEvent = z.discriminatedUnion('type', [channelEvent, enteredEvent]).brand<'CanonicalEvent'>();

export type CanonicalEvent = z.output<typeof canonicalEvent>;
export type EventInput = z.input<typeof canonicalEvent>;
export type EventType = CanonicalEvent['type'];
type OfType<Type extends EventType> = Extract<CanonicalEvent, { type: Type }>;
export type Sale = OfType<'sale'>;
export type Refund = OfType<'refund'>;
export type Payment = OfType<'payment'>;
export type Fee = OfType<'fee'>;
export type Payout = OfType<'payout'>;
export type Settlement = OfType<'settlement'>;
export type Dispute = OfType<'dispute'>;
export type RegisterClose = OfType<'register_close'>;
export type VoidedSale = OfType<'void'>;
export type StockEvent = OfType<'stock'>;
export type Journal = OfType<'journal'>;
export type Opening = OfType<'opening'>;
export type BankMovement = OfType<'bank_movement'>;
export type Bill = OfType<'bill'>;
export type GoodsReceipt = OfType<'goods_receipt'>;
export type StockCount = OfType<'stock_count'>;
export type StockAdjustment = OfType<'stock_adjustment'>;
export type Fulfilment = OfType<'fulfilment'>;
export type WriteOff = OfType<'write_off'>;
export type CashDay = OfType<'cash_day'>;
export type EventLine = z.output<typeof line>;
export type LineTax = z.output<typeof tax>;
export type Tender = z.output<typeof tender>;

/**
 * The part of its object that an event is a fact about, null where it is about all of it. A dispute is opened, and won
 * or lost later: each stage is a fact of its own, with its own entries, documents and revisions, under one id.
 */
export function stageOf(event: CanonicalEvent): string | null {
  return event.type === 'dispute' ? event.status : null;
}

/**
 * Makes a canonical event. Throws DomainError EVENT_INVALID whose message names the field, the event and what is
 * wrong with it; currency codes and sums are checked here and nowhere else.
 */
export function makeEvent(input: unknown): CanonicalEvent {
  const result = canonicalEvent.safeParse(input);
  if (result.success) return result.data;
  const { type, id } = (input ?? {}) as { type?: unknown; id?: unknown };
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`);
  throw new DomainError('EVENT_INVALID', `${String(type ?? 'event')} ${String(id ?? '')}: ${problems.join('; ')}`);
}

/** Wire form: bigint becomes a JSON integer, or a string of digits above 2^53 (accounting.md A5). */
export function toWire(value: unknown): string {
  return JSON.stringify(value, wireInteger);
}

/** JSON.stringify replacer behind `toWire`, for callers that also want indentation. */
export function wireInteger(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const safe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return safe ? Number(value) : value.toString();
}

/**
 * Hash of what an event means for the books, without its revision: a newer revision that says the same changes
 * nothing. Names, e-mail addresses, titles, the payout that paid a fee out and the order of lines are left out, because
 * the same fact read by webhook and by poll, or read again later, differs in them.
 */
export function eventHash(event: CanonicalEvent): string {
  const { revision, customer, memo, presentment, location, register, order, ...said } = event;
  if (said.type === 'fee') {
    const { payout, ...fee } = said;
    return contentHash(fee);
  }
  if (said.type in enteredSchemas || !('lines' in said)) return contentHash(said);
  if (said.type === 'payout') return contentHash({ ...said, lines: said.lines.map(canonicalJson).sort() });
  const { lines: sold, tenders: paid } = said as Sale | Refund;
  const lines = sold.map(({ id, title, unitPrice, ...line }) => canonicalJson(line)).sort();
  const tenders = paid.map(({ id, ...tender }) => canonicalJson(tender)).sort();
  return contentHash({ ...said, lines, tenders });
}
