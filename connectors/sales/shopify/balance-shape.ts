import { restShape } from './graphql-order.ts';
import { exactId } from './money.ts';

/**
 * What Shopify Payments tells by GraphQL, in the REST shape, so that one set of rules reads both. Anything that is not
 * GraphQL's is handed back as it is.
 */

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
const amountOf = (money: unknown) => (isNode(money) ? money.amount : undefined);
const currencyOf = (money: unknown) => (isNode(money) ? money.currency_code : undefined);
const idOf = (value: unknown) => {
  const id = isNode(value) ? value.id : value;
  return typeof id === 'string' ? exactId(id, id) : undefined;
};

/** A balance transaction: https://shopify.dev/docs/api/admin-graphql/latest/objects/ShopifyPaymentsBalanceTransaction */
export function restBalanceMovement(body: unknown): unknown {
  if (!isNode(body) || !('transactionDate' in body)) return body;
  const each = restShape(body) as Node;
  return {
    ...each,
    type: lower(each.type),
    source_type: lower(each.source_type),
    payout_id: idOf(each.associated_payout),
    currency: currencyOf(each.net),
    amount: amountOf(each.amount),
    fee: amountOf(each.fee),
    net: amountOf(each.net),
    source_order_id: idOf(each.associated_order),
    processed_at: each.transaction_date,
  };
}

/** The names of a summary's parts, which are those of REST but for the refunds' gross. */
const SUMMARY: Readonly<Record<string, string>> = {
  refunds_fee_gross: 'refunds_gross',
  advance_fees: 'advances_fee',
  advance_gross: 'advances_gross',
};

/** A payout: https://shopify.dev/docs/api/admin-graphql/latest/objects/ShopifyPaymentsPayout */
export function restPayout(body: unknown): unknown {
  if (!isNode(body) || !('issuedAt' in body)) return body;
  const each = restShape(body) as Node;
  const parts = isNode(each.summary) ? Object.entries(each.summary) : null;
  return {
    ...each,
    status: lower(each.status),
    transaction_type: lower(each.transaction_type),
    date: typeof each.issued_at === 'string' ? each.issued_at.slice(0, 10) : undefined,
    currency: currencyOf(each.net),
    amount: amountOf(each.net),
    summary:
      parts && Object.fromEntries(parts.map(([name, money]) => [`${SUMMARY[name] ?? name}_amount`, amountOf(money)])),
  };
}

/** A dispute: https://shopify.dev/docs/api/admin-graphql/latest/objects/ShopifyPaymentsDispute */
export function restDispute(body: unknown): unknown {
  if (!isNode(body) || !('initiatedAt' in body)) return body;
  const each = restShape(body) as Node;
  return {
    ...each,
    type: lower(each.type),
    status: lower(each.status),
    amount: amountOf(each.amount),
    currency: currencyOf(each.amount),
    order_id: idOf(each.order),
  };
}
