import { divideHalfUp } from '@daybook/domain';
import { LosslessNumber } from 'lossless-json';

/** An exact decimal: units ÷ 10^scale. */
export interface Decimal {
  units: bigint;
  scale: number;
}

/** The decimal a JSON number stands for, also when it came as text, as QuickBooks takes it; null for anything else. */
export function parseDecimal(value: unknown): Decimal | null {
  const text = value instanceof LosslessNumber ? value.toString() : value;
  const match = typeof text === 'string' ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim()) : null;
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

/** Below, at or above zero, like a − b. */
export function compare(a: Decimal, b: Decimal): number {
  const difference = a.units * 10n ** BigInt(b.scale) - b.units * 10n ** BigInt(a.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
