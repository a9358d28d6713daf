import { formatMinor } from '@daybook/domain';
import { LosslessNumber } from 'lossless-json';
import { type Bag, decimal, moneySet, nothing, opposite } from './bag.ts';
import { inShopTime } from './instants.ts';
import type { Order, Payment, Refund } from './order.ts';
import { lineItem, shippingLine } from './rest-lines.ts';
import type { Shop } from './shops.ts';

const FACTS_OF_NOW = ['attributed_staffs', 'current_quantity', 'sales_line_item_group_id'];

/** A refund as `refunds/create` and the order's `refunds[]` print it. */
export function refundBody(refund: Refund, order: Order, shop: Shop): Record<string, unknown> {
  const at = inShopTime(refund.at, shop.timeZone);
  const payments = order.payments.filter((payment) => refund.paymentIds.includes(payment.id));
  return {
    id: BigInt(refund.id),
    admin_graphql_api_id: `gid://shopify/Refund/${refund.id}`,
    created_at: at,
    note: refund.note,
    order_id: BigInt(order.id),
    processed_at: at,
    restock: refund.lines.some((line) => line.restock !== 'no_restock'),
    total_duties_set: moneySet(nothing, order.currencies),
    user_id: null,
    order_adjustments: refund.discrepancy === null ? [] : [adjustment(refund.discrepancy, refund, order)],
    transactions: payments.map((payment) => transactionBody(payment, order, shop)),
    refund_line_items: refund.lines.map((line) => refundLine(line, order, shop)),
    refund_shipping_lines: refund.shipping.map((line) => refundShippingLine(line, order)),
    duties: [],
    return: null,
  };
}

/** Adjustments are negative where the matching transaction is positive; their tax is not told. */
function adjustment(discrepancy: NonNullable<Refund['discrepancy']>, refund: Refund, order: Order) {
  const amount = opposite(discrepancy.amount);
  return {
    id: BigInt(discrepancy.id),
    order_id: BigInt(order.id),
    refund_id: BigInt(refund.id),
    kind: 'refund_discrepancy',
    reason: 'Refund discrepancy',
    amount: formatMinor(amount.shop, order.currencies.shop),
    amount_set: moneySet(amount, order.currencies),
    tax_amount: formatMinor(0n, order.currencies.shop),
    tax_amount_set: moneySet(nothing, order.currencies),
  };
}

function refundLine(back: Refund['lines'][number], order: Order, shop: Shop): Record<string, unknown> {
  const line = order.lines.find((candidate) => candidate.id === back.lineId)!;
  const item = Object.entries(lineItem(line, order)).filter(([name]) => !FACTS_OF_NOW.includes(name));
  return {
    id: BigInt(back.id),
    line_item_id: BigInt(back.lineId),
    quantity: back.quantity,
    location_id: back.restock === 'return' ? BigInt(shop.locationId) : null,
    restock_type: back.restock,
    // Shopify prints these two as numbers although every other amount is a string.
    subtotal: jsonNumber(back.subtotal, order),
    total_tax: jsonNumber(back.tax, order),
    subtotal_set: moneySet(back.subtotal, order.currencies),
    total_tax_set: moneySet(back.tax, order.currencies),
    line_item: Object.fromEntries(item),
  };
}

function jsonNumber(bag: Bag, order: Order): LosslessNumber {
  return new LosslessNumber(decimal(formatMinor(bag.shop, order.currencies.shop)));
}

function refundShippingLine(back: Refund['shipping'][number], order: Order): Record<string, unknown> {
  const line = order.shipping.find((candidate) => candidate.id === back.shippingId)!;
  return {
    id: BigInt(back.id),
    shipping_line: shippingLine(line, order),
    subtotal_amount_set: moneySet(back.subtotal, order.currencies),
    tax_amount_set: moneySet(back.tax, order.currencies),
  };
}

/**
 * A transaction. Its amount is in the currency the buyer paid in; `inShopCurrency` is the parameter
 * `in_shop_currency=true` of the REST API (shopify.dev/docs/api/admin-rest/latest/resources/transaction).
 */
export function transactionBody(
  payment: Payment,
  order: Order,
  shop: Shop,
  inShopCurrency = false,
): Record<string, unknown> {
  const side = inShopCurrency ? 'shop' : 'presentment';
  const currency = order.currencies[side];
  const at = inShopTime(payment.at, shop.timeZone);
  const manual = payment.gateway === 'Bank Deposit';
  return {
    id: BigInt(payment.id),
    admin_graphql_api_id: `gid://shopify/OrderTransaction/${payment.id}`,
    amount: formatMinor(payment.amount[side], currency),
    amount_rounding: null,
    authorization: payment.kind === 'authorization' ? `auth-${payment.id.slice(0, 8)}` : null,
    created_at: at,
    currency,
    device_id: null,
    error_code: null,
    gateway: payment.gateway,
    kind: payment.kind,
    location_id: null,
    manual_payment_gateway: manual,
    message: null,
    order_id: BigInt(order.id),
    parent_id: payment.parentId === null ? null : BigInt(payment.parentId),
    payment_id: `#${order.number}.${order.payments.indexOf(payment) + 1}`,
    processed_at: at,
    receipt: {},
    source_name: 'web',
    status: payment.status,
    test: false,
    total_unsettled_set: unsettled(payment, order),
    user_id: null,
    ...(payment.gateway === 'shopify_payments' ? { payment_details: CARD } : {}),
  };
}

const CARD = {
  credit_card_bin: null,
  avs_result_code: null,
  cvv_result_code: null,
  credit_card_number: '•••• •••• •••• 4242',
  credit_card_company: 'Visa',
  buyer_action_info: null,
  credit_card_name: null,
  credit_card_wallet: null,
  credit_card_expiration_month: null,
  credit_card_expiration_year: null,
  payment_method_name: 'visa',
};

function unsettled(payment: Payment, order: Order): Record<string, unknown> {
  const followed = order.payments.some((other) => other.parentId === payment.id && other.kind !== 'refund');
  const open = payment.kind === 'authorization' && !followed ? payment.amount : nothing;
  const side = (amount: bigint, currency: string) => ({ amount: formatMinor(amount, currency), currency });
  return {
    presentment_money: side(open.presentment, order.currencies.presentment),
    shop_money: side(open.shop, order.currencies.shop),
  };
}
