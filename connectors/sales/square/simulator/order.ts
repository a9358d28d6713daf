import { sum } from '@daybook/domain';
import type { Priced } from './pricing.ts';
import { type MoneyAmounts, type Order, type OrderReturn, type Tender, usd } from './wire.ts';

const NOTHING: MoneyAmounts = {
  total_money: usd(0n),
  tax_money: usd(0n),
  discount_money: usd(0n),
  tip_money: usd(0n),
  service_charge_money: usd(0n),
};

export interface OrderHead {
  id: string;
  location_id: string;
  source: string;
  at: string;
  /** Made through the API, an invoice or the online shop: such orders have a version. */
  versioned: boolean;
}

/** An order that is open: rung up, not paid. */
export function openOrder(head: OrderHead, { line_items, taxes, discounts, service_charges }: Priced): Order {
  return withTotals({
    ...emptyOrder(head),
    line_items,
    ...(taxes.length > 0 ? { taxes } : {}),
    ...(discounts.length > 0 ? { discounts } : {}),
    ...(service_charges.length > 0 ? { service_charges } : {}),
  });
}

/** An order that only takes things back. It stays open until the money is on its way. */
export function returnOrder(head: OrderHead, taken: OrderReturn): Order {
  return withTotals({ ...emptyOrder(head), returns: [taken] });
}

function emptyOrder({ id, location_id, source, at, versioned }: OrderHead): Order {
  return {
    id,
    location_id,
    source: { name: source },
    created_at: at,
    updated_at: at,
    state: 'OPEN',
    ...(versioned ? { version: 1 } : {}),
    net_amounts: NOTHING,
    net_amount_due_money: usd(0n),
  };
}

/** What the order sold, with tips and rounding; null for one that only takes things back. */
export function soldAmounts(order: Order): MoneyAmounts | null {
  const { line_items: lines, service_charges: charges = [], tenders = [] } = order;
  if (lines === undefined) return null;
  const tips = sum(tenders.map(({ tip_money }) => tip_money?.amount ?? 0n));
  const rounding = order.rounding_adjustment?.amount_money.amount ?? 0n;
  const sold = [...lines, ...charges];
  return {
    total_money: usd(sum(sold.map(({ total_money }) => total_money.amount)) + tips + rounding),
    tax_money: usd(sum(sold.map(({ total_tax_money }) => total_tax_money.amount))),
    discount_money: usd(sum(lines.map(({ total_discount_money }) => total_discount_money.amount))),
    tip_money: usd(tips),
    service_charge_money: usd(sum(charges.map(({ applied_money }) => applied_money.amount))),
  };
}

/** The order with every sum worked out anew from its parts. */
export function withTotals(order: Order): Order {
  const sold = soldAmounts(order);
  const back = (order.returns ?? []).map(({ return_amounts }) => return_amounts);
  const taken = back.length === 0 ? null : back.reduce(plus);
  const net = minus(sold ?? NOTHING, taken ?? NOTHING);
  const paid = sum((order.tenders ?? []).map(({ amount_money }) => amount_money.amount));
  // An exchange for something cheaper is complete once the difference is on its way back.
  const due = order.state === 'COMPLETED' ? 0n : net.total_money.amount - paid;
  return {
    ...order,
    ...(taken === null ? {} : { return_amounts: taken }),
    net_amounts: net,
    ...(sold === null
      ? {}
      : {
          total_money: sold.total_money,
          total_tax_money: sold.tax_money,
          total_discount_money: sold.discount_money,
          total_tip_money: sold.tip_money,
          total_service_charge_money: sold.service_charge_money,
          net_amount_due_money: usd(due),
        }),
  };
}

const plus = (a: MoneyAmounts, b: MoneyAmounts): MoneyAmounts => combined(a, b, 1n);
const minus = (a: MoneyAmounts, b: MoneyAmounts): MoneyAmounts => combined(a, b, -1n);
function combined(a: MoneyAmounts, b: MoneyAmounts, sign: bigint): MoneyAmounts {
  const of = (name: keyof MoneyAmounts) => usd(a[name].amount + sign * b[name].amount);
  return {
    total_money: of('total_money'),
    tax_money: of('tax_money'),
    discount_money: of('discount_money'),
    tip_money: of('tip_money'),
    service_charge_money: of('service_charge_money'),
  };
}

/** Whether an order sells something and takes something back. */
export function isExchange({ line_items, returns }: Order): boolean {
  return line_items !== undefined && returns !== undefined;
}

/** Cents still to be paid; tips are paid with the tender that brings them. */
export function dueOn(order: Order): bigint {
  return order.net_amount_due_money.amount;
}

/** The order after a change: later, and a version on where it has one. */
export function changed(order: Order, change: Partial<Order>, at: string): Order {
  const version = order.version === undefined ? {} : { version: order.version + 1 };
  return withTotals({ ...order, ...change, updated_at: at, ...version });
}

/** A tender taken; the order is complete once nothing is due any more. */
export function withTender(order: Order, tender: Tender, at: string): Order {
  const taken = changed(order, { tenders: [...(order.tenders ?? []), tender] }, at);
  return dueOn(taken) === 0n ? { ...taken, state: 'COMPLETED', closed_at: at } : taken;
}

/** Cash is rounded to five cents, half up; the difference is part of the total. */
export function roundedForCash(order: Order, uid: string, at: string): Order {
  const due = dueOn(order);
  const rounded = ((due + 2n) / 5n) * 5n;
  if (rounded === due) return order;
  const rounding_adjustment = { uid, name: 'Cash Rounding', amount_money: usd(rounded - due) };
  return changed(order, { rounding_adjustment }, at);
}
