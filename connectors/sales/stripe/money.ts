import { exponentOf, formatMinor, isCurrency } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';

/**
 * Decimals of Stripe's integers, where they are not two (docs.stripe.com/currencies). Not ISO 4217: MGA has none here
 * and two there; ISK and UGX have two here and none there. HUF and TWD are charged with two decimals as everywhere.
 */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD JOD KWD OMR TND'.split(' ').map((code) => [code, 3] as const),
]);

/** A currency in capitals. Throws ConnectorError `rejected` CURRENCY_UNKNOWN naming the field. */
export function readCurrency(code: string, where: string): string {
  const currency = code.toUpperCase();
  if (isCurrency(currency)) return currency;
  const message = `${where}: "${code}" is not an ISO 4217 currency code. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'CURRENCY_UNKNOWN', subject: where });
}

/**
 * ISO 4217 minor units of one of Stripe's integers: ("1000", "JPY") → 1000n, ("500", "ISK") → 5n. Throws ConnectorError
 * `rejected` INVALID_AMOUNT_SCALE naming the field where the currency has no such fraction.
 */
export function readMinor(integer: string, currency: string, where: string): bigint {
  const surplus = (DECIMALS.get(currency) ?? 2) - exponentOf(currency);
  const amount = BigInt(integer);
  if (surplus <= 0) return amount * 10n ** BigInt(-surplus);
  const unit = 10n ** BigInt(surplus);
  if (amount % unit === 0n) return amount / unit;
  const message =
    `${where}: ${integer} of Stripe's units are no whole number of ${currency}'s smallest unit, ` +
    `which is ${unit} of them. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'INVALID_AMOUNT_SCALE', subject: where });
}

/** "USD 12.50", for messages. */
export function show(amount: bigint, currency: string): string {
  return `${currency} ${formatMinor(amount, currency)}`;
}

/** The refusal of a payload whose own figures disagree; the message names the fact, the field and both amounts. */
export function contradiction(
  subject: string,
  field: string,
  found: { what: string; amount: bigint },
  stated: bigint,
  currency: string,
): ConnectorError {
  const message =
    `${subject}: ${found.what} come to ${show(found.amount, currency)}, but ${field} says ${show(stated, currency)}` +
    ` (difference ${show(found.amount - stated, currency)}). Nothing was booked; compare it with Stripe's dashboard` +
    ' and replay, or book it by hand.';
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: field });
}

/** UTC instant of epoch seconds: "1700000000" → "2023-11-14T22:13:20Z". */
export function instantOf(seconds: string): string {
  return new Date(Number.parseInt(seconds, 10) * 1_000).toISOString().replace('.000Z', 'Z');
}

/** Epoch seconds of an instant, rounded down. */
export function secondsOf(instant: string): string {
  return String(Math.floor(Date.parse(instant) / 1_000));
}
