import { parseRatio, plainDecimal } from '../decimal.ts';
import { DomainError } from '../domain-error.ts';
import { abs, divideHalfEven } from '../money.ts';

/** Places a quantity is exact to (accounting.md A5); quantities are whole millionths. */
const PLACES = 6;
const MILLION = 10n ** BigInt(PLACES);

/** Millionths of a decimal text: "2.5" → 2500000n. Throws INVALID_AMOUNT_SCALE for more than six places. */
export function parseQuantity(text: string): bigint {
  const { numerator, denominator } = parseRatio(plainDecimal(text));
  if (denominator > MILLION) {
    throw new DomainError('INVALID_AMOUNT_SCALE', `Quantity ${text} has more than ${PLACES} decimals.`, text);
  }
  return (numerator * MILLION) / denominator;
}

/** The shortest decimal text of millionths: 2500000n → "2.5". */
export function formatQuantity(quantity: bigint): string {
  const digits = abs(quantity)
    .toString()
    .padStart(PLACES + 1, '0');
  return plainDecimal(`${quantity < 0n ? '-' : ''}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`);
}

/**
 * Minor units that a quantity is worth at a unit cost in major units, half-even (accounting.md D3). `exponent` is the
 * number of decimals of the currency.
 */
export function worthAt(quantity: bigint, unitCost: string, exponent: number): bigint {
  const { numerator, denominator } = parseRatio(unitCost);
  return divideHalfEven(quantity * numerator * 10n ** BigInt(exponent), MILLION * denominator);
}
