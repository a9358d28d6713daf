import { exponentOf } from './currency.ts';
import { parseRatio, type Ratio } from './decimal.ts';
import { abs, divideHalfEven, sum } from './money.ts';

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

/**
 * The shortest rate that turns one amount into the other however a half is rounded: at most a tenth of a minor unit
 * off. For books that are told a rate where the ledger has an amount. Null where no rate does: an amount is 0, or the
 * signs differ.
 */
export function rateGiving(worth: bigint, to: string, minor: bigint, from: string): string | null {
  if (minor === 0n || worth === 0n || minor > 0n !== worth > 0n) return null;
  const [one, own] = [10n ** BigInt(exponentOf(from)), 10n ** BigInt(exponentOf(to))];
  for (let scale = 1n, places = 0; ; scale *= 10n, places += 1) {
    const units = divideHalfEven(abs(worth) * one * scale, abs(minor) * own);
    const off = abs(units * abs(minor) * own - abs(worth) * one * scale);
    if (units > 0n && off * 10n <= one * scale) return decimalText(units, places);
  }
}

/** A rate as it is, unless it leaves an amount exactly half-way between two: books may round such a one otherwise. */
export function steadyRate(minor: bigint, from: string, to: string, rate: string): string {
  const { numerator, denominator } = minorRate(from, to, rate);
  const exact = minor * numerator;
  const isHalf = (2n * exact) % denominator === 0n && exact % denominator !== 0n;
  return (isHalf ? rateGiving(translate(minor, from, to, rate), to, minor, from) : null) ?? rate;
}

function decimalText(units: bigint, places: number): string {
  const digits = units.toString().padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function minorRate(from: string, to: string, rate: string): Ratio {
  const { numerator, denominator } = parseRatio(rate);
  const shift = BigInt(exponentOf(to) - exponentOf(from));
  return shift >= 0n
    ? { numerator: numerator * 10n ** shift, denominator }
    : { numerator, denominator: denominator * 10n ** -shift };
}
