import { DomainError } from './domain-error.ts';

/** An exact fraction: rates, quantities and FX rates never pass through floating point. */
export interface Ratio {
  numerator: bigint;
  denominator: bigint;
}

/** "8.25" → 825/100. Throws INVALID_AMOUNT for text that is not a plain decimal. */
export function parseRatio(text: string): Ratio {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) throw new DomainError('INVALID_AMOUNT', `"${text}" is not a decimal number.`);
  const [, sign, whole, fraction = ''] = match;
  const numerator = BigInt(`${whole}${fraction}`);
  return { numerator: sign === '-' ? -numerator : numerator, denominator: 10n ** BigInt(fraction.length) };
}

/** The shortest text of the same number, so that "20", "20.0" and "20.0000" are one rate. */
export function plainDecimal(text: string): string {
  const { numerator, denominator } = parseRatio(text);
  if (numerator === 0n) return '0';
  const trimmed = text.trim().replace(/^(-?)0+(?=\d)/, '$1');
  return denominator === 1n ? trimmed : trimmed.replace(/\.?0+$/, '');
}

/** a + b of two decimal strings, exactly: ("0.1", "0.2") → "0.3". */
export function addDecimals(a: string, b: string): string {
  return subtractDecimals(a, b.startsWith('-') ? b.slice(1) : `-${b}`);
}

/** a − b of two decimal strings, exactly: ("2.5", "1") → "1.5". */
export function subtractDecimals(a: string, b: string): string {
  const [left, right] = [parseRatio(a), parseRatio(b)];
  return decimalText({
    numerator: left.numerator * right.denominator - right.numerator * left.denominator,
    denominator: left.denominator * right.denominator,
  });
}

/** a × b of two decimal strings, exactly: ("1.5", "0.25") → "0.375". */
export function multiplied(a: string, b: string): string {
  const [left, right] = [parseRatio(a), parseRatio(b)];
  return decimalText({
    numerator: left.numerator * right.numerator,
    denominator: left.denominator * right.denominator,
  });
}

/** Decimal text of a fraction whose denominator is a power of ten. */
function decimalText({ numerator, denominator }: Ratio): string {
  const places = denominator.toString().length - 1;
  const digits = (numerator < 0n ? -numerator : numerator).toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  return plainDecimal(`${numerator < 0n ? '-' : ''}${digits.slice(0, cut)}${places ? `.${digits.slice(cut)}` : ''}`);
}
