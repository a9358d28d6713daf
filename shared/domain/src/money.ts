import { exponentOf, isCurrency } from './currency.ts';
import { DomainError } from './domain-error.ts';

/** An amount in minor units (cents, pence, yen) of one currency. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

/** Makes money from minor units. Throws CURRENCY_UNKNOWN for a code that ISO 4217 does not list. */
export function money(minor: bigint, currency: string): Money {
  if (!isCurrency(currency)) {
    throw new DomainError('CURRENCY_UNKNOWN', `"${currency}" is not an ISO 4217 currency code.`, currency);
  }
  return { minor, currency };
}

/**
 * Minor units of a decimal string in major units: ("12.5", "USD") → 1250n.
 * Zeros beyond the currency's exponent are harmless ("5.000" USD); other digits throw INVALID_AMOUNT_SCALE
 * (accounting.md A5). Anything that is not a plain decimal throws INVALID_AMOUNT.
 */
export function parseMinor(text: string, currency: string): bigint {
  if (!isCurrency(currency)) {
    throw new DomainError('CURRENCY_UNKNOWN', `"${currency}" is not an ISO 4217 currency code.`, currency);
  }
  const exponent = exponentOf(currency);
  const match = DECIMAL.exec(text.trim());
  if (!match) throw new DomainError('INVALID_AMOUNT', `"${text}" is not a decimal amount.`);
  const [, sign, whole, fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(exponent))) {
    throw new DomainError(
      'INVALID_AMOUNT_SCALE',
      `${text} ${currency} has more than the ${exponent} decimals that ${currency} allows.`,
    );
  }
  const minor = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  return sign === '-' ? -minor : minor;
}

/** Decimal text in major units with all digits of the currency: (-1250n, "USD") → "-12.50". */
export function formatMinor(minor: bigint, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = abs(minor)
    .toString()
    .padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  const text = exponent === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return minor < 0n ? `-${text}` : text;
}

/** Text for people: "GBP 12.50". */
export function formatMoney({ minor, currency }: Money): string {
  return `${currency} ${formatMinor(minor, currency)}`;
}

/** Sum of two amounts. Throws CURRENCY_MISMATCH when they are not of one currency. */
export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) {
    throw new DomainError('CURRENCY_MISMATCH', `${formatMoney(a)} and ${formatMoney(b)} cannot be added.`);
  }
  return { minor: a.minor + b.minor, currency: a.currency };
}

/** The same amount with the opposite sign. */
export function negate(amount: Money): Money {
  return { minor: -amount.minor, currency: amount.currency };
}

/** Sum of minor units. */
export function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Absolute value. */
export function abs(minor: bigint): bigint {
  return minor < 0n ? -minor : minor;
}

/** The smaller of two amounts. */
export function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** numerator ÷ denominator, half away from zero: taxes and cash rounding (accounting.md A6). */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  return roundedQuotient(numerator, denominator, (twice, divisor) => twice >= divisor);
}

/** numerator ÷ denominator, half to even: FX, cost of an issue, internal ratios (accounting.md A6). */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  return roundedQuotient(
    numerator,
    denominator,
    (twice, divisor, odd) => twice > divisor || (twice === divisor && odd),
  );
}

function roundedQuotient(
  numerator: bigint,
  denominator: bigint,
  up: (twiceRemainder: bigint, divisor: bigint, quotientOdd: boolean) => boolean,
): bigint {
  if (denominator === 0n) throw new DomainError('INVALID_AMOUNT', 'A division by zero was asked for.');
  const negative = numerator < 0n !== denominator < 0n;
  const dividend = abs(numerator);
  const divisor = abs(denominator);
  const quotient = dividend / divisor;
  const rounded = up((dividend % divisor) * 2n, divisor, quotient % 2n === 1n) ? quotient + 1n : quotient;
  return negative ? -rounded : rounded;
}

/**
 * Splits a known total over weights by largest remainder, ties to the earlier part (accounting.md A6):
 * (1000n, [1n, 1n, 1n]) → [334n, 333n, 333n]. The parts always sum to the total and f(−x) = −f(x).
 * Weights must be ≥ 0; when all are zero the whole total goes to the first part.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 0) {
    if (total === 0n) return [];
    throw new DomainError('INVALID_AMOUNT', 'An amount cannot be split over no parts.');
  }
  if (weights.some((weight) => weight < 0n)) {
    throw new DomainError('INVALID_AMOUNT', 'An amount cannot be split over negative weights.');
  }
  const whole = sum(weights);
  const magnitude = abs(total);
  const used = whole === 0n ? weights.map((_, index) => (index === 0 ? 1n : 0n)) : weights;
  const divisor = whole === 0n ? 1n : whole;
  const parts = used.map((weight) => (magnitude * weight) / divisor);
  let left = magnitude - sum(parts);
  const byRemainder = used
    .map((weight, index) => ({ index, remainder: (magnitude * weight) % divisor }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return total < 0n ? parts.map((part) => -part) : parts;
}
