import { parseRatio } from './decimal.ts';
import { abs, allocate, divideHalfUp } from './money.ts';

/** Tax computed on one amount, half-up away from zero: 49.98 at 8.25 % exclusive → 4.12 (accounting.md A6, C1). */
export function taxOnNet(net: bigint, rate: string): bigint {
  const { numerator, denominator } = parseRatio(rate);
  return divideHalfUp(net * numerator, 100n * denominator);
}

/** Tax contained in a tax-inclusive amount, half-up away from zero: 4.95 incl. 20 % → 0.83 (accounting.md A6). */
export function taxInGross(gross: bigint, rate: string): bigint {
  const { numerator, denominator } = parseRatio(rate);
  return divideHalfUp(gross * numerator, 100n * denominator + numerator);
}

/** A line as a till or a person states it: `amount` = list value in minor units, with or without tax in it. */
export interface PricedLine {
  amount: bigint;
  /** Percent. */
  rate: string;
}
export interface TaxedLine {
  listNet: bigint;
  discount: bigint;
  net: bigint;
  tax: bigint;
}

/**
 * Computes the tax where the source gives none, in the fixed order of accounting.md A7: the order discount is split
 * over the lines by line value (largest remainder), then each line's tax is taken from its discounted amount. The net
 * discount is list net less discounted net, where list net = list − tax(list).
 */
export function taxLines(lines: PricedLine[], orderDiscount: bigint, pricesIncludeTax: boolean): TaxedLine[] {
  const discounts = allocate(
    orderDiscount,
    lines.map((line) => line.amount),
  );
  return lines.map(({ amount, rate }, index) => {
    const discounted = amount - (discounts[index] ?? 0n);
    const tax = pricesIncludeTax ? taxInGross(discounted, rate) : taxOnNet(discounted, rate);
    const net = pricesIncludeTax ? discounted - tax : discounted;
    const listNet = pricesIncludeTax ? amount - taxInGross(amount, rate) : amount;
    return { listNet, discount: listNet - net, net, tax };
  });
}

/** Business invoices compute tax once per rate on the sum of the net lines (accounting.md A7): rate → tax. */
export function taxPerRate(lines: { net: bigint; rate: string }[]): Map<string, bigint> {
  const bases = new Map<string, bigint>();
  for (const { net, rate } of lines) bases.set(rate, (bases.get(rate) ?? 0n) + net);
  return new Map([...bases].map(([rate, base]) => [rate, taxOnNet(base, rate)]));
}

/**
 * The tax of each line of a business invoice: once per rate on the sum of the net lines (accounting.md A7), then split
 * over the lines of that rate by largest remainder.
 */
export function taxPerLine(lines: readonly { net: bigint; rate: string }[]): bigint[] {
  const taxes = lines.map(() => 0n);
  for (const [rate, tax] of taxPerRate([...lines])) {
    const members = lines.flatMap((line, index) => (line.rate === rate ? [index] : []));
    const weights = members.map((index) => abs(lines[index]?.net ?? 0n));
    for (const [at, part] of allocate(tax, weights).entries()) taxes[members[at] ?? 0] = part;
  }
  return taxes;
}

/**
 * What a refund of `quantity` units books of a line's total G (its gross or its tax) when `earlier` units of Q were
 * refunded before: half-up(G·q/Q) − half-up(G·q'/Q), so that the last partial refund leaves exactly zero
 * (accounting.md A8). Quantities are decimal strings.
 */
export function refundShare(total: bigint, ordered: string, earlier: string, quantity: string): bigint {
  const whole = parseRatio(ordered);
  const before = parseRatio(earlier);
  const now = parseRatio(quantity);
  const common = before.denominator * now.denominator;
  const after = before.numerator * now.denominator + now.numerator * before.denominator;
  const upTo = (part: bigint) => divideHalfUp(total * part * whole.denominator, common * whole.numerator);
  return upTo(after) - upTo(before.numerator * now.denominator);
}

/**
 * Tax in a refund that names no lines: half-up(a·T/G) for an amount a on an order (or line) of total G with tax T,
 * cumulative over `earlier` amounts refunded the same way (accounting.md A8). 0 when the order has no total.
 */
export function refundedTax(amount: bigint, earlier: bigint, tax: bigint, total: bigint): bigint {
  if (total === 0n) return 0n;
  return divideHalfUp((earlier + amount) * tax, total) - divideHalfUp(earlier * tax, total);
}
