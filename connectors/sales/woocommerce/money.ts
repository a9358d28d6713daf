import {
  abs,
  DomainError,
  exponentOf,
  formatMinor,
  isCurrency,
  lesser,
  parseMinor,
  parseRatio,
  plainDecimal,
} from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';

/** The refusal of a payload whose own figures disagree; the message names the fact, the field and both amounts. */
export function contradiction(
  subject: string,
  field: string,
  found: { what: string; amount: bigint },
  stated: bigint,
  currency: string,
): ConnectorError {
  const show = (amount: bigint) => `${currency} ${formatMinor(amount, currency)}`;
  const message =
    `${subject}: ${found.what} come to ${show(found.amount)}, but ${field} says ${show(stated)}` +
    ` (difference ${show(found.amount - stated)}).` +
    ' Nothing was booked; compare it with the order in the store and replay, or book it by hand.';
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: field });
}

/** Minor units of an amount somebody paid. Throws `rejected` naming the field (accounting.md A5). */
export function readMinor(text: string, currency: string, where: string): bigint {
  return named(where, () => parseMinor(text, currency));
}

/**
 * Minor units of a figure that the store worked out: it may carry more decimals than the currency has, depending on the
 * store's settings, and is rounded half-up then. Missing and empty ones are 0.
 */
export function readRounded(text: string | null | undefined, currency: string, where: string): bigint {
  if (!isGiven(text)) return 0n;
  return named(where, () => {
    const { numerator, denominator } = parseRatio(text.trim().replace(/^\+/, ''));
    return halfUp(numerator * 10n ** BigInt(exponentOf(currency)), denominator);
  });
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  const rounded = (abs(numerator) * 2n + denominator) / (denominator * 2n);
  return numerator < 0n ? -rounded : rounded;
}

/** Whether a figure is there at all. */
export function isGiven(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text.trim() !== '';
}

/** The size of a figure, only good for comparing it with others: how a tax divides among its rates. */
export function weightOf(text: string | null | undefined): bigint {
  const match = /^[+-]?(\d+)(?:\.(\d+))?$/.exec((text ?? '').trim());
  return match ? BigInt(`${match[1]}${(match[2] ?? '').slice(0, 12).padEnd(12, '0')}`) : 0n;
}

function named<Value>(where: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new ConnectorError('rejected', `${where}: ${cause.message}`, { code: cause.code, subject: where, cause });
  }
}

/** A currency code we know, in capitals. Throws ConnectorError `rejected` CURRENCY_UNKNOWN. */
export function readCurrency(code: string, where: string): string {
  const upper = code.trim().toUpperCase();
  if (isCurrency(upper)) return upper;
  const message = `${where}: "${code}" is not an ISO 4217 currency code. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'CURRENCY_UNKNOWN', subject: where });
}

/** The smallest step a store shows, in minor units: 1 for "29.35" EUR, 100 for "725" CZK in a store without decimals. */
export function stepOf(total: string, currency: string): bigint {
  const shown = /\.(\d+)$/.exec(total.trim())?.[1]?.length ?? 0;
  return 10n ** BigInt(Math.max(0, exponentOf(currency) - shown));
}

/** Most steps by which sums may miss a total: more is not rounding. */
const MOST_STEPS = 10n;

/**
 * How far the sum of `figures` rounded figures may lie off the total that the store rounded once: each can be one step
 * off, and the total too.
 */
export function tolerance(figures: number, step: bigint): bigint {
  return lesser(BigInt(figures) + 1n, MOST_STEPS) * step;
}

/** Instant in UTC from the `_gmt` fields, which are UTC without saying so; undefined for anything else. */
export function utcInstant(text: string | null | undefined): string | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(text ?? '')) return undefined;
  const date = new Date(`${(text as string).replace(' ', 'T').replace(/Z$/, '')}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z');
}

/** Percent as plain decimal text; null where it is missing or no number. */
export function percentOf(text: string | null | undefined): string | null {
  return /^\d+(\.\d+)?$/.test((text ?? '').trim()) ? plainDecimal((text as string).trim()) : null;
}

/** Undefined instead of a missing or empty value, so that a field is left out. */
export function optional<Value>(key: string, value: Value | null | undefined | ''): Record<string, Value> {
  return value === null || value === undefined || value === '' ? {} : { [key]: value };
}
