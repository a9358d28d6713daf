import { divideHalfUp, sum } from '@daybook/domain';
import type { Totals } from '../../../kit/simulator.ts';
import { figuresOf, type Order, refundedOf, shownTax } from './order.ts';

/**
 * What a store took and kept, in pence. An order counts once it was paid, whatever became of it since, the trash
 * included: only a refund gives money back.
 * - `total` = full prices (what gift cards paid included) less refunds that still exist.
 * - `tax` = tax of the lines as each shows it, less that of refunded lines, less half-up(a·T/G) for an amount a given
 *   back without lines, where G and T are total and tax of the order (accounting.md A8). Orders given back in full have
 *   no tax left.
 */
export function totalsOf(orders: Iterable<Order>): Totals {
  const sums: Totals = { count: 0, total: 0n, tax: 0n };
  for (const order of orders) {
    if (order.paidAt === null) continue;
    const { full } = figuresOf(order);
    const back = refundedOf(order);
    sums.count += 1;
    sums.total += full - back;
    sums.tax += back === full ? 0n : shownTax(order) - refundedTax(order, full);
  }
  return sums;
}

function refundedTax(order: Order, full: bigint): bigint {
  const lumps = sum(order.refunds.map((refund) => (refund.lines.length === 0 ? refund.amount : 0n)));
  const lines = sum(order.refunds.flatMap((refund) => refund.lines.map((line) => line.tax)));
  return lines + (full === 0n ? 0n : divideHalfUp(lumps * shownTax(order), full));
}
