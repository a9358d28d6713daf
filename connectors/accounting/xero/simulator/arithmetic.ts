import { divideHalfUp, sum } from '@daybook/domain';
import { type Decimal, divide, roundTo, times } from './decimal.ts';

/** How Xero computes: per line, rounded half up to the currency's decimals, then summed. */
export type LineAmountTypes = 'Exclusive' | 'Inclusive' | 'NoTax';

/** What a line says about money; null = not said. */
export interface SaidAmounts {
  quantity: Decimal | null;
  unitAmount: Decimal | null;
  lineAmount: Decimal | null;
  /** Percent. */
  discountRate: Decimal | null;
  discountAmount: Decimal | null;
}

/** `lineAmount` in minor units after the discount. */
export interface LineAmounts {
  quantity: Decimal;
  unitAmount: Decimal;
  lineAmount: bigint;
  discounted: boolean;
}

const ONE: Decimal = { units: 1n, scale: 0 };
const ZERO: Decimal = { units: 0n, scale: 0 };

/**
 * Completes a line: quantity or unit price is worked out from LineAmount when it is missing, the unit price is rounded
 * to `unitDecimals` (2, or 4 with unitdp=4) before anything is multiplied. `expected` is what LineAmount has to equal.
 */
export function completeLine(said: SaidAmounts, unitDecimals: number, exponent: number): LineAmounts {
  const discounted = said.discountRate !== null || said.discountAmount !== null;
  const unitAmount = roundedUnit(said.unitAmount ?? missingFactor(said.lineAmount, said.quantity ?? ONE), unitDecimals);
  const quantity =
    said.quantity ?? (said.unitAmount === null ? ONE : missingFactor(said.lineAmount ?? said.unitAmount, unitAmount));
  const gross = times(quantity, unitAmount);
  const share: Decimal = said.discountRate
    ? {
        units: 100n * 10n ** BigInt(said.discountRate.scale) - said.discountRate.units,
        scale: said.discountRate.scale + 2,
      }
    : ONE;
  const off = roundTo(said.discountAmount ?? ZERO, exponent);
  return { quantity, unitAmount, lineAmount: roundTo(times(gross, share), exponent) - off, discounted };
}

function missingFactor(product: Decimal | null, factor: Decimal): Decimal {
  return (product && divide(product, factor, 4)) ?? ZERO;
}

function roundedUnit(value: Decimal, decimals: number): Decimal {
  return value.scale <= decimals ? value : { units: roundTo(value, decimals), scale: decimals };
}

/** Tax in minor units that belongs to a line amount; `rate` in percent. Inclusive: the tax inside the amount. */
export function taxOn(lineAmount: bigint, rate: Decimal, types: LineAmountTypes): bigint {
  if (types === 'NoTax') return 0n;
  const hundred = 100n * 10n ** BigInt(rate.scale);
  return divideHalfUp(lineAmount * rate.units, types === 'Inclusive' ? hundred + rate.units : hundred);
}

/** Sums of a document in minor units. */
export function documentSums(lines: readonly { lineAmount: bigint; taxAmount: bigint }[], types: LineAmountTypes) {
  const amounts = sum(lines.map((line) => line.lineAmount));
  const totalTax = sum(lines.map((line) => line.taxAmount));
  return types === 'Inclusive'
    ? { subTotal: amounts - totalTax, totalTax, total: amounts }
    : { subTotal: amounts, totalTax, total: amounts + totalTax };
}
