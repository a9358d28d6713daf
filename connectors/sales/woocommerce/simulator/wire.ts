import { divideHalfUp, formatMinor, sum } from '@daybook/domain';
import {
  type Fee,
  type Figures,
  figuresOf,
  type Item,
  type Order,
  type Refund,
  type ReturnedLine,
  type Shipping,
  shippingTax,
  split,
} from './order.ts';
import { gmtTime, localTime, type Rate, type Site, STANDARD } from './site.ts';

/** An order as REST and webhooks show it: the very same object. */
export function orderBody(order: Order, site: Site): Record<string, unknown> {
  const figures = figuresOf(order);
  const number = String(order.id);
  return {
    id: order.id,
    parent_id: 0,
    status: order.status,
    currency: site.currency,
    version: site.version,
    prices_include_tax: true,
    ...times(order, site),
    ...amounts(figures),
    customer_id: order.customer.id,
    order_key: order.key,
    billing: billingOf(order, site),
    shipping: billingOf(order, site),
    payment_method: order.payment.method,
    payment_method_title: order.payment.title,
    transaction_id: order.payment.reference,
    created_via: order.createdVia,
    customer_note: '',
    cart_hash: '',
    number,
    meta_data: order.meta,
    line_items: order.items.map(itemBody),
    tax_lines: taxLines(order.id, figures),
    shipping_lines: order.shipping.map(shippingBody),
    fee_lines: order.fees.map(feeBody),
    coupon_lines: couponLines(order, figures),
    refunds: newestFirst(order.refunds).map(({ id, reason, amount }) => ({ id, reason, total: money(-amount) })),
    payment_url: `https://${site.account}/checkout/order-pay/${number}/?pay_for_order=true&key=${order.key}`,
    is_editable: ['pending', 'on-hold', 'auto-draft'].includes(order.status),
    needs_payment: ['pending', 'failed'].includes(order.status),
    needs_processing: true,
    gift_cards: order.giftCard ? [{ ...order.giftCard, amount: money(order.giftCard.amount) }] : [],
    currency_symbol: '£',
    _links: links(site, `orders/${number}`, 'orders'),
  };
}

const money = (pence: bigint) => formatMinor(pence, 'GBP');
const newestFirst = (refunds: readonly Refund[]) => [...refunds].sort((a, b) => b.id - a.id);

function links(site: Site, self: string, collection: string) {
  const href = (path: string) => [{ href: `https://${site.account}/wp-json/wc/v3/${path}` }];
  return { self: href(self), collection: href(collection) };
}

/** Local times without offset beside UTC times without Z. */
function times(order: Order, site: Site): Record<string, string | null> {
  const both = (name: string, at: number | null) => ({
    [name]: at === null ? null : localTime(at, site.timeZone),
    [`${name}_gmt`]: at === null ? null : gmtTime(at),
  });
  return {
    ...both('date_created', order.createdAt),
    ...both('date_modified', order.modifiedAt),
    ...both('date_paid', order.paidAt),
    ...both('date_completed', order.completedAt),
  };
}

function amounts({ total, taxes, shipping, discount }: Figures): Record<string, string> {
  const cart = sum(taxes.map((each) => each.cart));
  return {
    discount_total: money(discount.net),
    discount_tax: money(discount.tax),
    shipping_total: money(shipping.net),
    shipping_tax: money(shipping.tax),
    cart_tax: money(cart),
    total: money(total),
    total_tax: money(cart + shipping.tax),
  };
}

function billingOf({ customer }: Order, site: Site): Record<string, string> {
  const { first, last } = customer;
  return {
    first_name: first,
    last_name: last,
    company: '',
    address_1: '1 Harbour Street',
    address_2: '',
    city: 'Whitstable',
    state: '',
    postcode: 'CT5 1AA',
    country: site.country,
    email: `${first}.${last}@customers.example`.toLowerCase(),
    phone: '',
  };
}

/** The tax of an amount to six decimals, as the store keeps it per rate: no rounding to pennies. */
function exactTax(gross: bigint, rate: Rate): string {
  const millionths = divideHalfUp(gross * BigInt(rate.percent) * 10_000n, 100n + BigInt(rate.percent));
  const sign = millionths < 0n ? '-' : '';
  const digits = (millionths < 0n ? -millionths : millionths).toString().padStart(7, '0');
  const text = `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
  return text.replace(/\.?0+$/, '');
}

/** Floating-point noise stands in `price`, and nobody should read it. */
function noisyPrice(net: bigint, quantity: number): number {
  return Number.parseInt(net.toString(), 10) / 100 / quantity;
}

function itemBody(item: Item): Record<string, unknown> {
  const [listed, now] = [split(item.list, item.rate), split(item.gross, item.rate)];
  return {
    id: item.id,
    name: item.name,
    product_id: item.productId,
    variation_id: 0,
    quantity: item.quantity,
    tax_class: item.rate.taxClass,
    subtotal: money(listed.net),
    subtotal_tax: money(listed.tax),
    total: money(now.net),
    total_tax: money(now.tax),
    taxes: [{ id: item.rate.id, total: exactTax(item.gross, item.rate), subtotal: exactTax(item.list, item.rate) }],
    meta_data: [],
    sku: item.sku,
    price: noisyPrice(now.net, item.quantity),
  };
}

function shippingBody(line: Shipping): Record<string, unknown> {
  const tax = money(shippingTax(line));
  return {
    id: line.id,
    method_title: line.title,
    method_id: line.method,
    instance_id: '1',
    total: money(line.net),
    total_tax: tax,
    taxes: [{ id: STANDARD.id, total: tax, subtotal: '' }],
    meta_data: [],
  };
}

function feeBody(fee: Fee): Record<string, unknown> {
  const { net, tax } = split(fee.gross, fee.rate);
  return {
    id: fee.id,
    name: fee.name,
    tax_class: fee.rate?.taxClass ?? '0',
    tax_status: fee.rate ? 'taxable' : 'none',
    amount: money(net),
    total: money(net),
    total_tax: money(tax),
    taxes: fee.rate ? [{ id: fee.rate.id, total: exactTax(fee.gross, fee.rate), subtotal: '' }] : [],
    meta_data: [],
  };
}

function taxLines(order: number, { taxes }: Figures): Record<string, unknown>[] {
  return taxes.map(({ rate, cart, shipping }) => ({
    id: order * 100 + 90 + rate.id,
    rate_code: rate.code,
    rate_id: rate.id,
    label: rate.label,
    compound: false,
    tax_total: money(cart),
    shipping_tax_total: money(shipping),
    rate_percent: rate.percent,
    meta_data: [],
  }));
}

function couponLines({ coupon }: Order, { discount }: Figures): Record<string, unknown>[] {
  if (coupon === null) return [];
  return [{ ...coupon, discount: money(discount.net), discount_tax: money(discount.tax), meta_data: [] }];
}

/** A refund as `orders/{id}/refunds` shows it: the amount positive, everything else negative. */
export function refundBody(refund: Refund, order: Order, site: Site): Record<string, unknown> {
  const own = `orders/${order.id}/refunds`;
  const on = (kept: readonly { id: number }[]) =>
    refund.lines.flatMap((line) => {
      const sold = kept.find((each) => each.id === line.of);
      return sold ? [{ line, sold }] : [];
    });
  return {
    id: refund.id,
    parent_id: order.id,
    date_created: localTime(refund.at, site.timeZone),
    date_created_gmt: gmtTime(refund.at),
    amount: money(refund.amount),
    reason: refund.reason,
    refunded_by: 1,
    refunded_payment: refund.byGateway,
    meta_data: [],
    line_items: on(order.items).map(({ line, sold }) => returned(line, sold as Item, (sold as Item).rate)),
    shipping_lines: on(order.shipping).map(({ line, sold }) => returned(line, sold as Shipping, STANDARD)),
    fee_lines: on(order.fees).map(({ line, sold }) => returned(line, sold as Fee, (sold as Fee).rate)),
    tax_lines: taxLines(order.id, figuresOf(order)).map(
      ({ tax_total: _tax, shipping_tax_total: _more, ...rate }) => rate,
    ),
    _links: { ...links(site, `${own}/${refund.id}`, own), up: links(site, `orders/${order.id}`, '').self },
  };
}

function returned(line: ReturnedLine, sold: Item | Shipping | Fee, rate: Rate | null): Record<string, unknown> {
  const tax = money(-line.tax);
  const goods = 'sku' in sold ? { name: sold.name, sku: sold.sku, quantity: -line.quantity } : {};
  return {
    id: line.id,
    ...goods,
    ...('method' in sold ? { method_title: sold.title, method_id: sold.method } : {}),
    ...('gross' in sold && !('sku' in sold) ? { name: sold.name } : {}),
    total: money(-line.net),
    total_tax: tax,
    taxes: rate ? [{ id: rate.id, total: tax, subtotal: '' }] : [],
    meta_data: [{ id: line.id * 10, key: '_refunded_item_id', value: String(line.of) }],
  };
}
