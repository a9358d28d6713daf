/**
 * GraphQL Admin answers in the REST shape, so that one set of rules reads both. Keys become snake case, connections
 * arrays, global ids numbers beside `admin_graphql_api_id`; what has another name there is renamed.
 */

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** Whether an order came from GraphQL: only there amounts stand in `…Set` fields of camel case. */
export function isGraphqlOrder(body: unknown): body is Node {
  return isNode(body) && ('lineItems' in body || 'totalPriceSet' in body || 'displayFinancialStatus' in body);
}

/** A GraphQL order as REST would give it. */
export function restOrder(order: Node): Node {
  const body = restShape(order) as Node;
  const shipping = body.shipping_lines ?? (isNode(body.shipping_line) ? [body.shipping_line] : undefined);
  const rounding = isNode(body.total_cash_rounding_adjustment) ? body.total_cash_rounding_adjustment : {};
  const location = isNode(body.retail_location) ? body.retail_location : {};
  const seller = isNode(body.merchant_of_record_app) ? body.merchant_of_record_app : {};
  const { refunds, transactions } = body;
  return {
    ...body,
    currency: body.currency_code,
    presentment_currency: body.presentment_currency_code,
    financial_status: lower(body.display_financial_status),
    merchant_of_record_app_id: seller.id,
    location_id: location.id,
    total_cash_rounding_payment_adjustment_set: rounding.payment_set,
    line_items: nodes(body.line_items).map(restLine),
    shipping_lines: shipping === undefined ? undefined : nodes(shipping).map(restShipping),
    billing_address: restAddress(body.billing_address),
    shipping_address: restAddress(body.shipping_address),
    refunds:
      refunds === undefined || refunds === null ? undefined : nodes(refunds).map((each) => restRefund(each, body)),
    transactions: transactions === undefined || transactions === null ? undefined : restMovements(transactions),
  };
}

/** GraphQL order transactions as REST would give them. */
export function restMovements(transactions: unknown): Node[] {
  return nodes(restShape(transactions)).map((each) => ({
    ...each,
    kind: lower(each.kind),
    status: lower(each.status),
  }));
}

function restLine(line: Node): Node {
  return {
    ...line,
    gift_card: line.is_gift_card ?? line.gift_card,
    price_set: line.original_unit_price_set,
    discount_allocations: restAllocations(line),
    duties: nodes(line.duties).map((duty) => ({ ...duty, ...(isNode(duty.price) ? duty.price : {}) })),
  };
}

function restShipping(line: Node): Node {
  return { ...line, price_set: line.original_price_set, discount_allocations: restAllocations(line) };
}

function restAllocations(line: Node): Node[] | undefined {
  if (line.discount_allocations === undefined) return undefined;
  return nodes(line.discount_allocations).map((each) => ({ amount_set: each.allocated_amount_set }));
}

function restAddress(address: unknown): Node | undefined {
  return isNode(address) ? { ...address, country_code: address.country_code_v2 } : undefined;
}

function restRefund(refund: Node, order: Node): Node {
  return {
    ...refund,
    order_id: order.id,
    refund_line_items: nodes(refund.refund_line_items).map((each) => ({
      ...each,
      line_item_id: isNode(each.line_item) ? each.line_item.id : undefined,
      line_item: undefined,
      restock_type: lower(each.restock_type),
    })),
    refund_shipping_lines: nodes(refund.refund_shipping_lines).map((each) => ({
      ...each,
      shipping_line: isNode(each.shipping_line) ? restShipping(each.shipping_line) : undefined,
    })),
    order_adjustments: nodes(refund.order_adjustments),
    transactions: refund.transactions === undefined ? undefined : restMovements(refund.transactions),
  };
}

const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : undefined);

/** Any GraphQL object with REST's keys: snake case, connections as arrays, ids as digits. */
export function restShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restShape);
  if (!isNode(value)) return value;
  if (Array.isArray(value.edges)) return nodes(value.edges).map((edge) => restShape(edge.node));
  if (Array.isArray(value.nodes)) return value.nodes.map(restShape);
  const entries = Object.entries(value).map(([key, child]): [string, unknown] => [snake(key), restShape(child)]);
  const shaped: Node = Object.fromEntries(entries);
  const id = shaped.id;
  const digits = typeof id === 'string' ? /^gid:\/\/.*\/(\d+)(?:\?.*)?$/.exec(id)?.[1] : undefined;
  return digits === undefined ? shaped : { ...shaped, id: digits, admin_graphql_api_id: id };
}

const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_+/, '');
