import { divideHalfUp, sum } from '@daybook/domain';
import { type Rate, STANDARD } from './site.ts';

/** Goods on an order. `list` and `gross` are pence with tax, before and after coupons. */
export interface Item {
  id: number;
  productId: number;
  sku: string;
  name: string;
  quantity: number;
  list: bigint;
  gross: bigint;
  rate: Rate;
}
export interface Shipping {
  id: number;
  title: string;
  method: string;
  net: bigint;
}
/** Something a plugin adds or takes off; pence with tax, null where it bears none. */
export interface Fee {
  id: number;
  name: string;
  gross: bigint;
  rate: Rate | null;
}
/** What a refund gives back of one line, positive pence. */
export interface ReturnedLine {
  id: number;
  of: number;
  quantity: number;
  net: bigint;
  tax: bigint;
}
export interface Refund {
  id: number;
  at: number;
  amount: bigint;
  reason: string;
  /** The gateway paid it back; otherwise the merchant did so by hand. */
  byGateway: boolean;
  lines: readonly ReturnedLine[];
}

/** How an order is paid. */
export interface Payment {
  method: string;
  title: string;
  /** The gateway's reference once there is one. */
  reference: string;
}

/** An order as the store knows it. Never changed in place: a change is a new value. Instants are milliseconds. */
export interface Order {
  id: number;
  key: string;
  status: string;
  /** Where an order in the trash goes back to. */
  statusBefore: string;
  createdAt: number;
  modifiedAt: number;
  paidAt: number | null;
  completedAt: number | null;
  createdVia: string;
  customer: { id: number; first: string; last: string };
  payment: Payment;
  items: readonly Item[];
  shipping: readonly Shipping[];
  fees: readonly Fee[];
  coupon: { id: number; code: string } | null;
  giftCard: { id: number; code: string; amount: bigint } | null;
  refunds: readonly Refund[];
  meta: readonly { id: number; key: string; value: unknown }[];
}

/** Net and tax of an amount that contains it, each rounded on its own, as the store shows them. */
export interface Split {
  net: bigint;
  tax: bigint;
}

/** The store rounds net and tax of a line separately, so that the two can miss the price by a penny. */
export function split(gross: bigint, rate: Rate | null): Split {
  if (rate === null) return { net: gross, tax: 0n };
  const percent = BigInt(rate.percent);
  return { net: divideHalfUp(gross * 100n, 100n + percent), tax: divideHalfUp(gross * percent, 100n + percent) };
}

/** Shipping is priced without tax. */
export function shippingTax({ net }: Shipping): bigint {
  return divideHalfUp(net * BigInt(STANDARD.percent), 100n);
}

/** Figures of an order as the store shows them. `taxes` are worked out on the whole order per rate. */
export interface Figures {
  /** Without what gift cards paid. */
  total: bigint;
  full: bigint;
  taxes: { rate: Rate; cart: bigint; shipping: bigint }[];
  shipping: Split;
  discount: Split;
}

/** Totals of an order. */
export function figuresOf(order: Order): Figures {
  const shipping = {
    net: sum(order.shipping.map((line) => line.net)),
    tax: sum(order.shipping.map(shippingTax)),
  };
  const goods = sum(order.items.map((item) => item.gross));
  const full = goods + sum(order.fees.map((fee) => fee.gross)) + shipping.net + shipping.tax;
  const lists = order.items.map((item) => ({ list: split(item.list, item.rate), now: split(item.gross, item.rate) }));
  return {
    total: full - (order.giftCard?.amount ?? 0n),
    full,
    taxes: taxesOf(order, shipping.tax),
    shipping,
    discount: {
      net: sum(lists.map(({ list, now }) => list.net - now.net)),
      tax: sum(lists.map(({ list, now }) => list.tax - now.tax)),
    },
  };
}

function taxesOf(order: Order, shipping: bigint): Figures['taxes'] {
  const bases = new Map<number, { rate: Rate; gross: bigint }>();
  const add = (rate: Rate | null, gross: bigint) => {
    if (rate) bases.set(rate.id, { rate, gross: (bases.get(rate.id)?.gross ?? 0n) + gross });
  };
  for (const item of order.items) add(item.rate, item.gross);
  for (const fee of order.fees) add(fee.rate, fee.gross);
  if (order.shipping.length > 0) add(STANDARD, 0n);
  return [...bases.values()]
    .sort((a, b) => a.rate.id - b.rate.id)
    .map(({ rate, gross }) => ({
      rate,
      cart: split(gross, rate).tax,
      shipping: rate.id === STANDARD.id ? shipping : 0n,
    }));
}

/** Tax of all lines as each of them shows it. */
export function shownTax(order: Order): bigint {
  return sum([
    ...order.items.map((item) => split(item.gross, item.rate).tax),
    ...order.fees.map((fee) => split(fee.gross, fee.rate).tax),
    ...order.shipping.map(shippingTax),
  ]);
}

/** What is left of a line after the refunds so far. */
export function leftOf(order: Order, line: { id: number; quantity: number } & Split): ReturnedLine {
  const given = order.refunds.flatMap((refund) => refund.lines).filter((each) => each.of === line.id);
  return {
    id: 0,
    of: line.id,
    quantity: line.quantity - given.reduce((total, each) => total + each.quantity, 0),
    net: line.net - sum(given.map((each) => each.net)),
    tax: line.tax - sum(given.map((each) => each.tax)),
  };
}

/** Every line of an order with what it cost, and what is left of it. */
export function linesLeft(order: Order): { items: ReturnedLine[]; shipping: ReturnedLine[]; fees: ReturnedLine[] } {
  return {
    items: order.items.map((item) => leftOf(order, { ...item, ...split(item.gross, item.rate) })),
    shipping: order.shipping.map((line) =>
      leftOf(order, { id: line.id, quantity: 0, net: line.net, tax: shippingTax(line) }),
    ),
    fees: order.fees.map((fee) => leftOf(order, { id: fee.id, quantity: 0, ...split(fee.gross, fee.rate) })),
  };
}

/** Money given back so far. */
export function refundedOf(order: Order): bigint {
  return sum(order.refunds.map((refund) => refund.amount));
}
