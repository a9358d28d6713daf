import { type Bag, type Currencies, less, nothing, times, total } from './bag.ts';

export interface TaxLine {
  title: string;
  ppm: number;
  amount: Bag;
}

export interface Line {
  id: string;
  productId: string | null;
  variantId: string | null;
  sku: string | null;
  title: string;
  quantity: number;
  /** Price of one, before discounts; contains tax where the order's prices do. */
  unit: Bag;
  grams: number;
  giftCard: boolean;
  tip: boolean;
  taxable: boolean;
  /** Share of each discount application, by its index. */
  allocations: { application: number; amount: Bag }[];
  taxes: TaxLine[];
  /** Put on by an order edit. */
  added: boolean;
  /** Taken off by an order edit; edits of this simulator take off whole lines. */
  removed: boolean;
}

export interface DiscountApplication {
  /** `code`: typed by the buyer, spread over all lines; `line`: given by staff on one line. */
  kind: 'code' | 'line';
  title: string;
  valueType: 'percentage' | 'fixed_amount';
  /** Percent or major units, as Shopify prints it. */
  value: string;
  /** 0 where the value is an amount. */
  percent: number;
}

export interface ShippingLine {
  id: string;
  title: string;
  code: string;
  price: Bag;
  discounted: Bag;
  taxes: TaxLine[];
  discountApplication: number | null;
}

export interface Payment {
  id: string;
  kind: 'authorization' | 'capture' | 'sale' | 'void' | 'refund';
  status: 'pending' | 'success' | 'failure';
  gateway: string;
  amount: Bag;
  parentId: string | null;
  at: string;
}

export interface Refund {
  id: string;
  at: string;
  note: string | null;
  lines: {
    id: string;
    lineId: string;
    quantity: number;
    restock: 'return' | 'cancel' | 'no_restock';
    subtotal: Bag;
    tax: Bag;
  }[];
  shipping: { id: string; shippingId: string; subtotal: Bag; tax: Bag }[];
  /** Money given back beyond what lines and shipping are worth, positive; Shopify shows it negative. */
  discrepancy: { id: string; amount: Bag } | null;
  paymentIds: string[];
}

export interface Customer {
  id: string;
  firstName: string;
  lastName: string;
}

/** An order as the shop knows it. Never changed in place: a change is a new value. Instants are UTC, whole seconds. */
export interface Order {
  id: string;
  account: string;
  /** 1001 and up; the buyer sees "#1001". */
  number: number;
  currencies: Currencies;
  taxesIncluded: boolean;
  createdAt: string;
  updatedAt: string;
  cancelledAt: string | null;
  cancelReason: string | null;
  customer: Customer;
  tags: string[];
  note: string | null;
  lines: Line[];
  shipping: ShippingLine[];
  applications: DiscountApplication[];
  payments: Payment[];
  refunds: Refund[];
  edited: boolean;
}

/** Amount of a line before discounts. */
export const gross = (line: Line): Bag => times(line.unit, line.quantity);
/** All discounts of a line, line level and its share of order level. */
export const discount = (line: Line): Bag => total(line.allocations.map((allocation) => allocation.amount));
/** What the buyer pays for a line, in the order's sense of prices: with tax where prices include it. */
export const discounted = (line: Line): Bag => less(gross(line), discount(line));
/** Σ tax of a line or shipping line. */
export const taxOf = (line: { taxes: TaxLine[] }): Bag => total(line.taxes.map((tax) => tax.amount));

/** Units of a line given back by refunds. */
export function refundedQuantity(order: Order, line: Line): number {
  return order.refunds
    .flatMap((refund) => refund.lines)
    .filter((returned) => returned.lineId === line.id)
    .reduce((sum, returned) => sum + returned.quantity, 0);
}

/** Units still sold: ordered less refunded less removed. */
export function currentQuantity(order: Order, line: Line): number {
  return line.removed ? 0 : line.quantity - refundedQuantity(order, line);
}

/** A sum of figures that belong together. */
export interface Figures {
  /** Goods after discounts, before shipping and tips. */
  subtotal: Bag;
  tips: Bag;
  shipping: Bag;
  tax: Bag;
  discounts: Bag;
  /** subtotal + tips + shipping, plus tax where prices exclude it. */
  total: Bag;
}

function figures(taxesIncluded: boolean, lines: readonly Line[], shipping: readonly ShippingLine[]): Figures {
  const subtotal = total(lines.filter((line) => !line.tip).map(discounted));
  const tips = total(lines.filter((line) => line.tip).map(discounted));
  const sent = total(shipping.map((line) => line.discounted));
  const tax = total([...lines, ...shipping].map(taxOf));
  const discounts = total([...lines.map(discount), ...shipping.map((line) => less(line.price, line.discounted))]);
  return withTotal(taxesIncluded, { subtotal, tips, shipping: sent, tax, discounts });
}

function withTotal(taxesIncluded: boolean, parts: Omit<Figures, 'total'>): Figures {
  const { subtotal, tips, shipping, tax } = parts;
  return { ...parts, total: total([subtotal, tips, shipping, taxesIncluded ? nothing : tax]) };
}

/** Figures with every line ever ordered: `total_price` and its kin, before refunds and removals, after additions. */
export function orderedFigures(order: Order): Figures {
  return figures(order.taxesIncluded, order.lines, order.shipping);
}

/** Figures of the order's final state: without the lines an edit took off, refunds not deducted. */
export function soldFigures(order: Order): Figures {
  return figures(
    order.taxesIncluded,
    order.lines.filter((line) => !line.removed),
    order.shipping,
  );
}

/** What refunds gave back as goods, shipping and tips. Money without lines is not in here. */
export function returnedFigures(order: Order): Figures {
  const tipIds = new Set(order.lines.filter((line) => line.tip).map((line) => line.id));
  const lines = order.refunds.flatMap((refund) => refund.lines);
  const shipping = order.refunds.flatMap((refund) => refund.shipping);
  return withTotal(order.taxesIncluded, {
    subtotal: total(lines.filter((line) => !tipIds.has(line.lineId)).map((line) => line.subtotal)),
    tips: total(lines.filter((line) => tipIds.has(line.lineId)).map((line) => line.subtotal)),
    shipping: total(shipping.map((line) => line.subtotal)),
    tax: total([...lines, ...shipping].map((line) => line.tax)),
    discounts: nothing,
  });
}

/** `current_*`: the final state less what was given back. */
export function currentFigures(order: Order): Figures {
  const sold = soldFigures(order);
  const back = returnedFigures(order);
  return withTotal(order.taxesIncluded, {
    subtotal: less(sold.subtotal, back.subtotal),
    tips: less(sold.tips, back.tips),
    shipping: less(sold.shipping, back.shipping),
    tax: less(sold.tax, back.tax),
    discounts: currentDiscounts(order),
  });
}

function currentDiscounts(order: Order): Bag {
  const kept = order.lines.filter((line) => currentQuantity(order, line) > 0).map(discount);
  return total([...kept, ...order.shipping.map((line) => less(line.price, line.discounted))]);
}

/** Money that refunds gave back without lines. */
export function discrepancies(order: Order): Bag {
  return total(order.refunds.map((refund) => refund.discrepancy?.amount ?? nothing));
}

/** Money of successful payments of these kinds. */
export function moved(order: Order, ...kinds: Payment['kind'][]): Bag {
  return total(
    order.payments
      .filter((payment) => payment.status === 'success' && kinds.includes(payment.kind))
      .map((payment) => payment.amount),
  );
}

/** Money taken: sales and captures that succeeded. */
export const received = (order: Order): Bag => moved(order, 'sale', 'capture');
/** Money given back. */
export const repaid = (order: Order): Bag => moved(order, 'refund');

/** What the buyer still owes; negative when an edit left the shop owing. */
export function outstanding(order: Order): Bag {
  const owed = less(currentFigures(order).total, discrepancies(order));
  return less(owed, less(received(order), repaid(order)));
}

export type FinancialStatus =
  | 'pending'
  | 'authorized'
  | 'partially_paid'
  | 'paid'
  | 'partially_refunded'
  | 'refunded'
  | 'voided';

/** `financial_status` as Shopify derives it from the money that moved. */
export function financialStatus(order: Order): FinancialStatus {
  const taken = received(order).shop;
  const back = repaid(order).shop;
  if (taken === 0n) {
    if (order.cancelledAt !== null) return 'voided';
    if (soldFigures(order).total.shop === 0n) return 'paid';
    return order.payments.some((payment) => payment.kind === 'authorization') ? 'authorized' : 'pending';
  }
  if (back >= taken) return 'refunded';
  if (back > 0n) return 'partially_refunded';
  return taken < soldFigures(order).total.shop ? 'partially_paid' : 'paid';
}

/** Gateways in the order they were first used; what `payment_gateway_names` lists. */
export function gateways(order: Order): string[] {
  return [...new Set(order.payments.map((payment) => payment.gateway))];
}
