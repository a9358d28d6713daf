import { DomainError, divideHalfUp, formatMinor, isCurrency, parseMinor } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { MoneySet } from './payload.ts';

/** Which half of a money set is read: what the shop books, or what the buyer saw. The two are never mixed. */
export type Side = 'shop' | 'presentment';

/** The refusal of a payload whose own figures disagree; the message names the fact, the field and both amounts. */
export function contradiction(
  subject: string,
  field: string,
  found: { what: string; amount: bigint },
  stated: bigint,
  currency: string,
  remark = '',
): ConnectorError {
  const show = (amount: bigint) => `${currency} ${formatMinor(amount, currency)}`;
  const message =
    `${subject}: ${found.what} come to ${show(found.amount)}, but ${field} says ${show(stated)}` +
    ` (difference ${show(found.amount - stated)}).${remark === '' ? '' : ` ${remark}`}` +
    ' Nothing was booked; compare it with the order in the shop and replay, or book it by hand.';
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: field });
}

/** Minor units of a decimal text. Throws ConnectorError `rejected` that names fact and field (accounting.md A5). */
export function readMinor(text: string, currency: string, where: string): bigint {
  try {
    return parseMinor(text, currency);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new ConnectorError('rejected', `${where}: ${cause.message}`, { code: cause.code, subject: where, cause });
  }
}

/** A currency code we know. Throws ConnectorError `rejected` CURRENCY_UNKNOWN. */
export function readCurrency(code: string, where: string): string {
  if (isCurrency(code)) return code;
  const message = `${where}: "${code}" is not an ISO 4217 currency code. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'CURRENCY_UNKNOWN', subject: where });
}

/** One half of a set in minor units, or undefined when the set lacks it. Refuses a half in another currency. */
export function setAmount(
  set: MoneySet | null | undefined,
  side: Side,
  currency: string,
  where: string,
): bigint | undefined {
  const half = side === 'shop' ? set?.shop_money : set?.presentment_money;
  if (half === null || half === undefined) return undefined;
  if (half.currency_code !== currency) {
    const message = `${where}: is in ${half.currency_code}, but the ${side} currency is ${currency}. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'CURRENCY_MISMATCH', subject: where });
  }
  return readMinor(half.amount, currency, where);
}

/** Shop money: from the set where there is one, else from the plain field, which equals it; 0 when there is neither. */
export function shopAmount(
  set: MoneySet | null | undefined,
  plain: string | null | undefined,
  currency: string,
  where: string,
): bigint {
  const fromSet = setAmount(set, 'shop', currency, where);
  if (fromSet !== undefined) return fromSet;
  return plain === null || plain === undefined ? 0n : readMinor(plain, currency, where);
}

/**
 * The id with all its digits: JSON written by JavaScript rounds 18-digit integers, the global id is a string and does
 * not (the documentation's own samples differ in the last digits).
 */
export function exactId(plain: string | null | undefined, globalId: string | null | undefined): string | undefined {
  return /\/(\d+)(?:\?.*)?$/.exec(globalId ?? '')?.[1] ?? plain ?? undefined;
}

/** Instant in UTC from ISO-8601 with an offset, whole seconds without a fraction; undefined for anything else. */
export function utcInstant(text: string | null | undefined): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(text ?? '')) return undefined;
  const date = new Date(text as string);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z');
}

/** Percent as decimal text from Shopify's fraction: "0.0825" → "8.25". Exact: only the point moves. */
export function percentOf(fraction: string | null | undefined): string | null {
  const match = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/.exec(fraction ?? '');
  if (!match) return null;
  const [, whole = '', decimals = '', exponent = '0'] = match;
  const places = decimals.length - 2 - Number.parseInt(exponent, 10);
  const digits = `${whole}${decimals}${'0'.repeat(Math.max(0, -places))}`.padStart(places + 1, '0');
  const cut = places > 0 ? digits.length - places : digits.length;
  const rest = digits.slice(cut).replace(/0+$/, '');
  const integer = digits.slice(0, cut).replace(/^0+(?=\d)/, '');
  return rest === '' ? integer : `${integer}.${rest}`;
}

/** Tax inside an inclusive amount at the given percents together: half-up(amount × r ÷ (100 + r)) (accounting.md A7). */
export function taxInside(amount: bigint, percents: readonly (string | null)[]): bigint {
  const known = percents.filter((each) => each !== null);
  const places = Math.max(0, ...known.map((each) => (each.split('.')[1] ?? '').length));
  const scaled = (each: string) => {
    const [whole = '0', decimals = ''] = each.split('.');
    return BigInt(whole + decimals.padEnd(places, '0'));
  };
  const rate = known.reduce((total, each) => total + scaled(each), 0n);
  return divideHalfUp(amount * rate, 100n * 10n ** BigInt(places) + rate);
}

/** The share of a whole that `part` of `quantity` units have, half-up (accounting.md A8). */
export function share(whole: bigint, part: bigint, quantity: bigint): bigint {
  return part === quantity ? whole : divideHalfUp(whole * part, quantity);
}
