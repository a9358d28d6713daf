import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';

/**
 * What we read of Shopify's REST-shaped bodies, and nothing else. JSON numbers arrive as text (kit/json.ts), so ids
 * and amounts are strings here. Fields are optional wherever any API version or event leaves them out.
 */
const text = z.string().nullish();
const flag = z.boolean().nullish();
const money = z.object({ amount: z.string(), currency_code: z.string() });
const moneySet = z.object({ shop_money: money.nullish(), presentment_money: money.nullish() }).nullish();
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? undefined);

const taxLine = z.object({
  title: text,
  rate: text,
  price: text,
  price_set: moneySet,
  channel_liable: flag,
});
const allocation = z.object({ amount: text, amount_set: moneySet });
const duty = z.object({
  id: text,
  shop_money: money.nullish(),
  presentment_money: money.nullish(),
  tax_lines: list(taxLine),
});

const lineItem = z.object({
  id: z.string(),
  admin_graphql_api_id: text,
  sku: text,
  title: text,
  name: text,
  quantity: z.string().regex(/^\d+$/, 'must be a whole number'),
  current_quantity: z.string().regex(/^\d+$/, 'must be a whole number').nullish(),
  price: text,
  price_set: moneySet,
  total_discount: text,
  total_discount_set: moneySet,
  discount_allocations: list(allocation),
  tax_lines: list(taxLine),
  duties: list(duty),
  gift_card: flag,
  taxable: flag,
  // Shopify sets this field, even to null, on tips only; a product does not have it at all.
  tip_payment_gateway: z.string().nullable().optional(),
});

const shippingLine = z.object({
  id: text,
  admin_graphql_api_id: text,
  title: text,
  price: text,
  price_set: moneySet,
  discounted_price: text,
  discounted_price_set: moneySet,
  is_removed: flag,
  discount_allocations: list(allocation),
  tax_lines: list(taxLine),
});

const movement = z.object({
  id: text,
  admin_graphql_api_id: text,
  order_id: text,
  kind: z.string(),
  status: z.string(),
  gateway: text,
  amount: text,
  amount_set: moneySet,
  currency: text,
  amount_rounding: text,
  amount_rounding_set: moneySet,
  manual_payment_gateway: flag,
  test: flag,
  created_at: text,
  processed_at: text,
});

const refund = z.object({
  id: z.string(),
  admin_graphql_api_id: text,
  order_id: text,
  created_at: text,
  processed_at: text,
  updated_at: text,
  restock: flag,
  return: z.object({ id: text }).nullish(),
  total_duties_set: moneySet,
  duties: list(z.object({ amount_set: moneySet })),
  total_additional_fees_set: moneySet,
  refund_line_items: list(
    z.object({
      line_item_id: text,
      line_item: lineItem.partial().nullish(),
      quantity: z.string().regex(/^\d+$/, 'must be a whole number'),
      restock_type: text,
      subtotal: text,
      subtotal_set: moneySet,
      total_tax: text,
      total_tax_set: moneySet,
    }),
  ),
  refund_shipping_lines: list(
    z.object({
      shipping_line_id: text,
      shipping_line: shippingLine.nullish(),
      subtotal_amount_set: moneySet,
      tax_amount_set: moneySet,
    }),
  ),
  order_adjustments: list(
    z.object({
      kind: text,
      reason: text,
      amount: text,
      amount_set: moneySet,
      tax_amount: text,
      tax_amount_set: moneySet,
    }),
  ),
  transactions: list(movement),
});

const address = z.object({ name: text, company: text, country_code: text }).nullish();

const order = z.object({
  id: z.string(),
  admin_graphql_api_id: text,
  name: text,
  order_number: text,
  created_at: text,
  processed_at: text,
  updated_at: text,
  closed_at: text,
  cancelled_at: text,
  currency: z.string(),
  presentment_currency: text,
  taxes_included: flag,
  duties_included: flag,
  edited: flag,
  test: flag,
  financial_status: text,
  gateway: text,
  payment_gateway_names: list(z.string()),
  merchant_of_record_app_id: text,
  source_name: text,
  location_id: text,
  email: text,
  contact_email: text,
  customer: z
    .object({
      id: text,
      admin_graphql_api_id: text,
      first_name: text,
      last_name: text,
      email: text,
    })
    .nullish(),
  billing_address: address,
  shipping_address: address,
  tax_lines: list(taxLine),
  total_price: text,
  total_price_set: moneySet,
  total_tax: text,
  total_tax_set: moneySet,
  total_tip_received: text,
  total_tip_received_set: moneySet,
  total_outstanding: text,
  total_outstanding_set: moneySet,
  total_shipping_price_set: moneySet,
  current_total_price: text,
  current_total_price_set: moneySet,
  original_total_duties_set: moneySet,
  original_total_additional_fees_set: moneySet,
  total_cash_rounding_payment_adjustment_set: moneySet,
  payment_terms: z.object({ payment_schedules: list(z.object({ due_at: text, completed_at: text })) }).nullish(),
  line_items: z.array(lineItem),
  shipping_lines: list(shippingLine),
  refunds: list(refund),
  transactions: list(movement),
});

const thinOrder = z.object({ order_edit: z.object({ order_id: z.string() }) });
const tenderMovement = z.object({ id: text, order_id: text, payment_method: text, amount: text });

const dispute = z.object({
  id: z.string(),
  order_id: text,
  type: text,
  amount: z.string(),
  currency: z.string(),
  status: z.string(),
  evidence_sent_on: text,
  finalized_on: text,
  initiated_at: text,
});

const payout = z.object({
  id: z.string(),
  status: z.string(),
  date: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a date'),
  currency: z.string(),
  amount: z.string(),
  summary: z.record(z.string(), z.string()).nullish(),
  transaction_type: text,
});

const balanceMovement = z.object({
  id: z.string(),
  type: z.string(),
  test: flag,
  payout_id: text,
  currency: z.string(),
  amount: z.string(),
  fee: z.string(),
  net: z.string(),
  source_id: text,
  source_type: text,
  source_order_id: text,
  source_order_transaction_id: text,
  processed_at: z.string(),
  adjustment_reason: text,
});

/** Of an order behind a movement only what links the two: its transactions and which of them its refunds made. */
const orderLinks = z.object({
  id: z.string(),
  transactions: list(z.object({ id: z.string(), amount_set: moneySet })),
  refunds: list(z.object({ id: z.string(), transactions: list(z.object({ id: z.string() })) })),
});

export type MoneySet = NonNullable<z.output<typeof moneySet>>;
export type TaxLine = z.output<typeof taxLine>;
export type LineItem = z.output<typeof lineItem>;
export type ShippingLine = z.output<typeof shippingLine>;
export type DutyPayload = z.output<typeof duty>;
/** What Shopify calls an order transaction: money, or an attempt to move it. */
export type Movement = z.output<typeof movement>;
export type RefundPayload = z.output<typeof refund>;
export type RefundLineItem = NonNullable<RefundPayload['refund_line_items']>[number];
export type OrderPayload = z.output<typeof order>;
export type DisputePayload = z.output<typeof dispute>;
export type PayoutPayload = z.output<typeof payout>;
/** What Shopify calls a balance transaction: a movement on the shop's balance at Shopify Payments. */
export type BalanceMovement = z.output<typeof balanceMovement>;
export type OrderLinks = z.output<typeof orderLinks>;

/** One schema per thing that a body can hold. */
export const payloads = {
  order,
  refund,
  movement,
  dispute,
  payout,
  balanceMovement,
  orderLinks,
  thinOrder,
  tenderMovement,
} as const;

/** Reads a body by a schema. Throws ConnectorError `rejected` PAYLOAD_UNREADABLE that names the fields at fault. */
export function readPayload<Schema extends z.ZodType>(schema: Schema, body: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  const message = `This is not the ${what} that its topic promises: ${problems.join('; ')}. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE' });
}
