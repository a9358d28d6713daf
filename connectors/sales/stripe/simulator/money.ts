import { divideHalfUp, exponentOf, parseRatio } from '@daybook/domain';
import type { InvoiceLine, Movement } from './things.ts';

/** New York City's sales tax, 8.875 %, as a fraction. */
export const TAX = { percent: '8.875', numerator: 71n, denominator: 800n };

/** What Stripe keeps of a card payment in the United States: 2.9 % and 30 cents, half a cent up. Minor units of USD. */
export function processingFee(amount: bigint): bigint {
  return divideHalfUp(amount * 29n, 1000n) + 30n;
}

/** Tax on a net amount. */
export function taxOnTop(net: bigint): bigint {
  return divideHalfUp(net * TAX.numerator, TAX.denominator);
}

/** Tax inside a price. */
export function taxWithin(price: bigint): bigint {
  return divideHalfUp(price * TAX.numerator, TAX.denominator + TAX.numerator);
}

/**
 * An amount of another currency in US cents. `rate` is US dollars for one whole unit: 11 000 yen at 0.00668 are
 * 7348 cents, EUR 40.00 at 1.0842 are 4337 cents.
 */
export function inDollars(amount: bigint, currency: string, rate: string): bigint {
  const { numerator, denominator } = parseRatio(rate);
  return divideHalfUp(amount * numerator * 100n, denominator * 10n ** BigInt(exponentOf(currency)));
}

/** Σ fees of a movement. */
export function feeOf(movement: Movement): bigint {
  return movement.fees.reduce((total, fee) => total + fee.amount, 0n);
}

/** What a movement changes the balance by. */
export function netOf(movement: Movement): bigint {
  return movement.amount - feeOf(movement);
}

/** Σ discounts of an invoice's line, its share of the invoice's own included. */
export function discountOf(line: InvoiceLine): bigint {
  return line.discounts.reduce((total, { amount }) => total + amount, 0n);
}
