import { type CanonicalEvent, divideHalfEven, exponentOf, formatMinor, makeEvent, parseRatio } from '@daybook/domain';
import { UsageError } from '../terminal.ts';
import { factsOf } from './facts.ts';
import type { Month, MonthEvent } from './month-file.ts';
import { feesOf, salesOf } from './sales.ts';

/** What translating one event of a month needs of the others. */
export interface MonthContext {
  month: Month;
  /** Number of an order, document or goods receipt → the event that made it. */
  byNumber: ReadonlyMap<string, MonthEvent>;
  /** Refunds before this one of the same order, oldest first. */
  refundsBefore(event: MonthEvent): MonthEvent[];
}

/** An event in canonical wire form, without what all events share; `makeEvent` checks it. */
export type Told = { type: CanonicalEvent['type'] } & Record<string, unknown>;

/** Reads a month's events in relation to each other. */
export function contextOf(month: Month): MonthContext {
  const all = [...month.events, ...month.cutoff_events];
  const numbered = all.flatMap((event) =>
    [event.order, event.document, event.grn]
      .filter((number) => number !== undefined && isOrigin(event))
      .map((number) => [`${kindOf(event)}:${number}`, event] as const),
  );
  const refunds = all.filter((event) => event.type === 'refund');
  return {
    month,
    byNumber: new Map(numbered),
    refundsBefore: (event) =>
      refunds.filter((each) => each.original_order === event.original_order && each.occurred_at < event.occurred_at),
  };
}

const ORIGINS: Readonly<Record<string, string>> = {
  sale: 'order',
  sale_summary: 'order',
  deposit: 'order',
  invoice: 'order',
  goods_receipt: 'grn',
};

function isOrigin(event: MonthEvent): boolean {
  return event.type in ORIGINS;
}

function kindOf(event: MonthEvent): string {
  return ORIGINS[event.type] ?? event.type;
}

/** The event of the sale with that order number; undefined where the month has none. */
export function saleOf(order: string | undefined, context: MonthContext): MonthEvent | undefined {
  return order === undefined ? undefined : context.byNumber.get(`order:${order}`);
}

/** Reference to the sale with that order number: its event's id, or the number where nothing in the month is it. */
export function saleLink(order: string, context: MonthContext): { id: string } {
  return { id: saleOf(order, context)?.source_key ?? order };
}

/**
 * The canonical events of one event of a month: the fact itself, then the processors' fees it mentions. Throws
 * UsageError for a type nobody knows, DomainError for what contradicts itself.
 */
export function translate(event: MonthEvent, context: MonthContext): CanonicalEvent[] {
  const told = salesOf(event, context) ?? factsOf(event, context);
  if (!told) throw new UsageError(`event ${event.id}: nobody knows the type "${event.type}"`);
  return [told, ...feesOf(event)].map((each) => makeEvent({ ...headOf(event), ...each }));
}

function headOf(event: MonthEvent) {
  return {
    version: 1,
    channel: event.channel ?? 'ledger',
    id: event.source_key,
    revision: '1',
    occurredAt: event.occurred_at,
    currency: event.currency,
    test: false,
    ...(event.memo !== undefined && { memo: event.memo }),
    ...(event.register !== undefined && { register: event.register }),
    ...(event.order !== undefined && { order: { id: event.order, number: event.order } }),
  };
}

/** Rate of one of the file's tax codes in percent; '0' without one. */
export function rateOf(code: string | undefined, { month }: MonthContext): string {
  return month.tax_codes.find((each) => each.code === code)?.rate ?? '0';
}

/** Value in minor units of a quantity at a unit price in minor units; half-even (accounting.md A6). */
export function worth(quantity: string, unit: string): bigint {
  const [a, b] = [parseRatio(quantity), parseRatio(unit)];
  return divideHalfEven(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** A unit price in minor units as decimal text in major units: 3450 GBP → "34.50", 3450.5 → "34.505". */
export function majorUnits(minorText: string, currency: string): string {
  const [whole = '0', fraction = ''] = minorText.split('.');
  const point = fraction !== '' && exponentOf(currency) === 0 ? '.' : '';
  return `${formatMinor(BigInt(whole), currency)}${point}${fraction}`;
}
