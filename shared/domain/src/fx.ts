import { exponentOf } from './currency.ts';
import { parseRatio, type Ratio } from './decimal.ts';
import { divideHalfEven, sum } from './money.ts';

/**
 * Minor units of `to` for minor units of `from` at `rate` (units of `to` per one unit of `from`, decimal string),
 * half-even, exponent-aware (accounting.md A6): JPY 11 000 at 0.00668 USD → 7348n, USD 73.48.
 */
export function translate(minor: bigint, from: string, to: string, rate: string): bigint {
  const { numerator, denominator } = minorRate(from, to, rate);
  return divideHalfEven(minor * numerator, denominator);
}

/**
 * Splits a translated total over the amounts it came from by largest remainder, ties to the earlier line: translate the
 * document first, then split, and no rounding line is needed (accounting.md A6). Amounts may have both signs as long
 * as `total` is their sum translated and rounded to a whole minor unit; no part changes its sign.
 */
export function splitTranslated(
  total: bigint,
  amounts: readonly bigint[],
  from: string,
  to: string,
  rate: string,
): bigint[] {
  const { numerator, denominator } = minorRate(from, to, rate);
  const exact = amounts.map((amount) => amount * numerator);
  const parts = exact.map((amount) => amount / denominator);
  let left = total - sum(parts);
  if (left === 0n) return parts;
  const step = left > 0n ? 1n : -1n;
  const remainders = exact.map((amount, index) => ({ index, remainder: (amount % denominator) * step }));
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  for (const { index } of remainders) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + step;
    left -= step;
  }
  return parts;
}

function minorRate(from: string, to: string, rate: string): Ratio {
  const { numerator, denominator } = parseRatio(rate);
  const shift = BigInt(exponentOf(to) - exponentOf(from));
  return shift >= 0n
    ? { numerator: numerator * 10n ** shift, denominator }
    : { numerator, denominator: denominator * 10n ** -shift };
}
