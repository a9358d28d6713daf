import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';

/**
 * What we read of a store's bodies, and nothing else. JSON numbers arrive as text (kit/json.ts), so ids and amounts
 * are strings here. Every store has its own version and plugins: unknown fields are left alone, missing ones tolerated.
 */
const text = z.string().nullish();
const flag = z.boolean().nullish();
const id = z.string().regex(/^\d+$/, 'must be a whole number');

/** PHP writes a list whose keys have gaps as an object, and null for none. */
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .preprocess((value) => (isPlainObject(value) ? Object.values(value) : value), z.array(item).nullish())
    .transform((items) => items ?? []);

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const meta = z.object({ key: text, value: z.unknown() });
const tax = z.object({ id: text, total: text });
const priced = { id: text, total: text, total_tax: text, taxes: list(tax), meta_data: list(meta) };

const lineItem = z.object({
  ...priced,
  name: text,
  sku: text,
  quantity: text,
  subtotal: text,
});
const shippingLine = z.object({ ...priced, method_title: text });
const feeLine = z.object({ ...priced, name: text });
const taxLine = z.object({ rate_id: text, rate_code: text, label: text, rate_percent: text });

const refund = z.object({
  id,
  parent_id: text,
  date_created_gmt: text,
  amount: z.string(),
  refunded_payment: flag,
  line_items: list(lineItem),
  shipping_lines: list(shippingLine),
  fee_lines: list(feeLine),
  tax_lines: list(taxLine),
  _links: z.object({ up: list(z.object({ href: text })), self: list(z.object({ href: text })) }).nullish(),
});

const billing = z
  .object({ first_name: text, last_name: text, company: text, country: text, email: text })
  .nullish()
  .catch(null);

const order = z.object({
  id,
  number: text,
  status: z.string(),
  currency: z.string(),
  prices_include_tax: flag,
  date_created_gmt: text,
  date_modified_gmt: text,
  date_paid: text,
  date_paid_gmt: text,
  total: z.string(),
  total_tax: text,
  customer_id: text,
  billing,
  payment_method: text,
  transaction_id: text,
  meta_data: list(meta),
  line_items: z.preprocess((value) => (isPlainObject(value) ? Object.values(value) : value), z.array(lineItem)),
  shipping_lines: list(shippingLine),
  fee_lines: list(feeLine),
  tax_lines: list(taxLine),
  refunds: list(z.object({ id, total: text })),
  gift_cards: list(z.object({ id: text, amount: text })),
});

/** A payout of WooPayments, as its own routes list it: minor units, `date` in milliseconds. */
const deposit = z.object({
  id: z.string().min(1),
  date: z.string().regex(/^\d{10,16}$/),
  type: text,
  amount: z.string().regex(/^-?\d+$/, 'must be whole minor units'),
  status: z.string(),
  currency: z.string(),
});

/** A charge of WooPayments, as its own routes pass it on from the processor. */
const charge = z.object({
  id: z.string().min(1),
  object: z.literal('charge'),
  created: z.string().regex(/^\d{9,11}$/),
  livemode: flag,
  application_fee_amount: text,
  balance_transaction: z.object({ fee: text, currency: text }).nullish(),
  currency: z.string(),
  metadata: z.object({ order_id: text }).nullish(),
});

/** Schemas by what a topic promises. */
export const payloads = { order, refund, deposit, charge, deleted: z.object({ id }) } as const;

export type OrderPayload = z.output<typeof order>;
export type RefundPayload = z.output<typeof refund>;
export type DepositPayload = z.output<typeof deposit>;
export type ChargePayload = z.output<typeof charge>;
export type LineItem = z.output<typeof lineItem>;
export type FeeLine = z.output<typeof feeLine>;
export type TaxLine = z.output<typeof taxLine>;
export type PricedLine = Pick<LineItem, 'id' | 'total' | 'total_tax' | 'taxes' | 'meta_data'>;
export type Meta = z.output<typeof meta>;

const refusal = z.object({ code: z.string(), message: z.string() });

/**
 * Reads a body. Throws ConnectorError `rejected` PAYLOAD_UNREADABLE that names the field. A webhook whose owner lost
 * the right to read orders brings an error instead of one; that is said in so many words.
 */
export function readPayload<Schema extends z.ZodType>(schema: Schema, body: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const error = refusal.safeParse(body);
  const named = z.object({ id: z.string().min(1) }).safeParse(body);
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'body';
  const message = error.success
    ? `The store sent an error instead of the ${what}: ${error.data.message} (${error.data.code}). ` +
      'The WordPress user behind our keys may have lost the right to read orders; give it back, or connect again.'
    : `The ${what}${named.success ? ` ${named.data.id}` : ''} cannot be read: ${field}: ` +
      `${issue?.message ?? 'is not what the topic promises'}. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: field });
}

/** The first value of a meta key that is not empty. */
export function metaValue(metas: readonly Meta[], ...keys: string[]): unknown {
  for (const key of keys) {
    const found = metas.find((each) => each.key === key && each.value !== null && each.value !== '');
    if (found) return found.value;
  }
  return undefined;
}

/** The same where it is text (numbers are text here). */
export function metaText(metas: readonly Meta[], ...keys: string[]): string | undefined {
  const value = metaValue(metas, ...keys);
  return typeof value === 'string' ? value : undefined;
}

/** Core knows no test orders; the gateways that have a test mode say so in the meta data. */
export function isTestOrder({ meta_data: metas }: OrderPayload): boolean {
  return metaText(metas, '_wcpay_mode') === 'test' || metaText(metas, '_ppcp_paypal_payment_mode') === 'sandbox';
}
