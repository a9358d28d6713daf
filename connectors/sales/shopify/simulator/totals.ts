import { divideHalfUp } from '@daybook/domain';
import type { Totals } from '../../../kit/simulator.ts';
import { financialStatus, type Order, returnedFigures, soldFigures } from './order.ts';

/**
 * What a shop took and kept, in minor units of its own currency.
 *
 * An order counts when it is neither voided nor unpaid: `count` is the number of such orders, free ones included.
 * - sold = the order's final state: all lines an edit did not take off, shipping, tips and gift cards sold, and the tax
 *   on them. A gift card used changes nothing, it is a tender.
 * - given back = refund lines and refunded shipping with their tax, plus money refunded without lines
 *   (`refund_discrepancy`). Money that repays what an edit had taken off is not counted again: the edit has.
 * - `total` = Σ sold − Σ given back, with tax. It equals the money taken less the money paid back, to the cent.
 * - `tax` = Σ tax of what was sold − Σ tax of refund lines and refunded shipping − Σ half-up(a·T/G) for every amount a
 *   refunded without lines, where G and T are total and tax of the sold state (accounting.md A8).
 */
export function totalsOf(orders: Iterable<Order>): Totals {
  const sum: Totals = { count: 0, total: 0n, tax: 0n };
  for (const order of orders) {
    const kept = keptOf(order);
    if (kept === null) continue;
    sum.count += 1;
    sum.total += kept.total;
    sum.tax += kept.tax;
  }
  return sum;
}

const known = new WeakMap<Order, { total: bigint; tax: bigint } | null>();

/** Orders never change in place, so each version is worked out once. */
function keptOf(order: Order): { total: bigint; tax: bigint } | null {
  let kept = known.get(order);
  if (kept === undefined) {
    kept = workOut(order);
    known.set(order, kept);
  }
  return kept;
}

function workOut(order: Order): { total: bigint; tax: bigint } | null {
  if (['voided', 'pending', 'authorized'].includes(financialStatus(order))) return null;
  const sold = soldFigures(order);
  const back = returnedFigures(order);
  let total = sold.total.shop - back.total.shop;
  let tax = sold.tax.shop - back.tax.shop;
  for (const refund of order.refunds) {
    if (refund.discrepancy === null) continue;
    total -= refund.discrepancy.amount.shop;
    tax -= divideHalfUp(refund.discrepancy.amount.shop * sold.tax.shop, sold.total.shop);
  }
  return { total, tax };
}
