import { type Bag, less, nothing, share, total } from './bag.ts';
import type { Ids } from './checkout.ts';
import {
  currentFigures,
  currentQuantity,
  discounted,
  type Line,
  type Order,
  type Payment,
  type Refund,
  refundedQuantity,
  taxOf,
} from './order.ts';

/** A payment event on an order; the order's own currencies. */
export function withPayment(order: Order, payment: Payment): Order {
  return { ...order, payments: [...order.payments, payment], updatedAt: payment.at };
}

/** A line added by an order edit. */
export function withLine(order: Order, line: Line, at: string): Order {
  return { ...order, lines: [...order.lines, line], edited: true, updatedAt: at };
}

/** A whole line taken off by an order edit; no refund object comes with it. */
export function withoutLine(order: Order, lineId: string, at: string): Order {
  const lines = order.lines.map((line) => (line.id === lineId ? { ...line, removed: true } : line));
  return { ...order, lines, edited: true, updatedAt: at };
}

/** Changes that carry no money. */
export function withTags(order: Order, tags: string[], at: string): Order {
  return { ...order, tags, updatedAt: at };
}

/** Cancelled; what becomes of the money is told by payments and refunds. */
export function cancelled(order: Order, reason: string, at: string): Order {
  return { ...order, cancelledAt: at, cancelReason: reason, updatedAt: at };
}

/** What is to be given back: units of lines, whole shipping lines, and money beyond them. */
export interface Giveback {
  lines: { line: Line; quantity: number; restock: Refund['lines'][number]['restock'] }[];
  shipping: boolean;
  discrepancy: Bag | null;
  note: string | null;
}

/** Everything that is still sold, as a giveback: a full refund. */
export function everything(order: Order, restock: 'return' | 'cancel', note: string | null): Giveback {
  const lines = order.lines
    .map((line) => ({ line, quantity: currentQuantity(order, line), restock: line.tip ? 'no_restock' : restock }))
    .filter((returned) => returned.quantity > 0) as Giveback['lines'];
  return { lines, shipping: currentFigures(order).shipping.shop > 0n, discrepancy: null, note };
}

/**
 * Gives back. The worth is that of the lines by the cumulative method plus shipping plus the discrepancy; the money
 * goes back to where it came from, newest payment first.
 */
export function withRefund(order: Order, giveback: Giveback, at: string, ids: Ids): { order: Order; refund: Refund } {
  const lines = giveback.lines.map(({ line, quantity, restock }) => {
    const before = refundedQuantity(order, line);
    return {
      id: ids(),
      lineId: line.id,
      quantity,
      restock,
      subtotal: share(discounted(line), quantity, line.quantity, before),
      tax: share(taxOf(line), quantity, line.quantity, before),
    };
  });
  const shipping = (giveback.shipping ? order.shipping : []).map((line) => ({
    id: ids(),
    shippingId: line.id,
    subtotal: line.discounted,
    tax: taxOf(line),
  }));
  const discrepancy = giveback.discrepancy === null ? null : { id: ids(), amount: giveback.discrepancy };
  const parts = [...lines, ...shipping];
  const worth = total([
    ...parts.map((part) => part.subtotal),
    ...(order.taxesIncluded ? [] : parts.map((part) => part.tax)),
    giveback.discrepancy ?? nothing,
  ]);
  return giveMoneyBack(order, worth, { lines, shipping, discrepancy, note: giveback.note }, at, ids);
}

/**
 * Money back for what an edit has already taken off the order: a refund with transactions only, neither lines nor
 * adjustments, because the order's worth does not change any more.
 */
export function withRepayment(order: Order, amount: Bag, at: string, ids: Ids): { order: Order; refund: Refund } {
  return giveMoneyBack(order, amount, { lines: [], shipping: [], discrepancy: null, note: null }, at, ids);
}

function giveMoneyBack(
  order: Order,
  amount: Bag,
  content: Omit<Refund, 'id' | 'at' | 'paymentIds'>,
  at: string,
  ids: Ids,
): { order: Order; refund: Refund } {
  const payments = repayments(order, amount, at, ids);
  const refund = { ...content, id: ids(), at, paymentIds: payments.map((payment) => payment.id) };
  const next = {
    ...order,
    payments: [...order.payments, ...payments],
    refunds: [...order.refunds, refund],
    updatedAt: at,
  };
  return { order: next, refund };
}

function repayments(order: Order, amount: Bag, at: string, ids: Ids): Payment[] {
  const result: Payment[] = [];
  let left = amount;
  for (const source of order.payments.filter(isMoneyIn).reverse()) {
    const back = order.payments.filter((payment) => payment.kind === 'refund' && payment.parentId === source.id);
    const open = less(source.amount, total(back.map((payment) => payment.amount)));
    const part = open.shop <= left.shop ? open : left;
    if (part.shop <= 0n) continue;
    const { gateway } = source;
    result.push({ id: ids(), kind: 'refund', status: 'success', gateway, amount: part, parentId: source.id, at });
    left = less(left, part);
  }
  if (left.shop !== 0n)
    throw new Error(`Order #${order.number} has no payment left that ${left.shop} could go back to.`);
  return result;
}

function isMoneyIn(payment: Payment): boolean {
  return payment.status === 'success' && (payment.kind === 'sale' || payment.kind === 'capture');
}
