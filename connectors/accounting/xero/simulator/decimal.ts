import { divideHalfUp } from '@daybook/domain';

/** An exact decimal: units ÷ 10^scale. */
export interface Decimal {
  units: bigint;
  scale: number;
}

/** The decimal that a numeric text stands for (JSON numbers arrive as the text they were written with), or null. */
export function parseDecimal(value: unknown): Decimal | null {
  const match = typeof value === 'string' ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(value.trim()) : null;
  if (!match) return null;
  const [, sign, whole, fraction = ''] = match;
  const units = BigInt(`${whole}${fraction}`);
  return { units: sign === '-' ? -units : units, scale: fraction.length };
}

/** a × b, exact. */
export function times(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** The value in units of 10^−scale, half away from zero: (1.005, 2) → 101n. */
export function roundTo(value: Decimal, scale: number): bigint {
  if (value.scale <= scale) return value.units * 10n ** BigInt(scale - value.scale);
  return divideHalfUp(value.units, 10n ** BigInt(value.scale - scale));
}

/** a ÷ b to `scale` digits, half away from zero; null for a division by zero. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal | null {
  if (b.units === 0n) return null;
  const units = divideHalfUp(a.units * 10n ** BigInt(scale + b.scale), b.units * 10n ** BigInt(a.scale));
  return { units, scale };
}

/** Plain decimal text: units 12345 at scale 3 → "12.345". */
export function decimalText(value: Decimal): string {
  const negative = value.units < 0n;
  const digits = (negative ? -value.units : value.units).toString().padStart(value.scale + 1, '0');
  const cut = digits.length - value.scale;
  const text = value.scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return negative ? `-${text}` : text;
}
