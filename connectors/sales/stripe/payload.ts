import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';

/** JSON is read with every number as its text. */
const integer = z.string().regex(/^-?\d{1,18}$/, 'must be an integer');
const seconds = z.string().regex(/^\d{1,11}$/, 'must be a time in epoch seconds');
const text = z.string().nullish();
const flag = z.boolean().nullish();
/** An id, or the whole object where it was expanded; only the id is read here, the object is in the bag. */
const ref = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform((id) => id ?? null);
const amount = integer.nullish();
const listOf = <Item extends z.ZodType>(item: Item) => z.object({ data: z.array(item), has_more: flag });

const presentment = z.object({ presentment_amount: integer, presentment_currency: z.string() }).nullish();
const address = z.object({ country: text }).nullish();
const metadata = z.record(z.string(), z.string()).nullish();

const refund = z.object({
  id: z.string(),
  amount: integer,
  currency: z.string(),
  charge: ref,
  payment_intent: ref,
  created: seconds,
  status: text,
  reason: text,
  balance_transaction: ref,
  failure_balance_transaction: ref,
  destination_details: z.object({ type: text }).nullish(),
  presentment_details: presentment,
});

const charge = z.object({
  id: z.string(),
  amount: integer,
  amount_captured: amount,
  captured: z.boolean(),
  status: z.string(),
  currency: z.string(),
  created: seconds,
  livemode: flag,
  customer: ref,
  description: text,
  metadata,
  invoice: ref,
  payment_intent: ref,
  balance_transaction: ref,
  billing_details: z.object({ name: text, email: text, address, tax_id: text }).nullish(),
  payment_method_details: z.object({ type: text }).nullish(),
  presentment_details: presentment,
  amount_refunded: amount,
  refunds: listOf(refund).nullish(),
});

const intentLine = z.object({
  id: text,
  product_name: text,
  product_code: text,
  quantity: integer,
  unit_cost: integer,
  discount_amount: amount,
  tax: z.object({ total_tax_amount: amount }).nullish(),
});
const intent = z.object({
  id: z.string(),
  amount: integer,
  amount_received: integer,
  status: z.string(),
  currency: z.string(),
  created: seconds,
  livemode: flag,
  customer: ref,
  description: text,
  metadata,
  latest_charge: ref,
  /** Before API 2022-11-15 in place of `latest_charge`. */
  charges: listOf(z.object({ id: z.string() })).nullish(),
  payment_method_types: z.array(z.string()).nullish(),
  presentment_details: presentment,
  amount_details: z
    .object({
      tip: z.object({ amount }).nullish(),
      shipping: z.object({ amount }).nullish(),
      tax: z.object({ total_tax_amount: amount }).nullish(),
      discount_amount: amount,
      line_items: listOf(intentLine).nullish(),
    })
    .nullish(),
});

const taxRate = z.object({
  id: z.string(),
  display_name: text,
  percentage: text,
  effective_percentage: text,
  inclusive: flag,
  jurisdiction: text,
  jurisdiction_level: text,
});
const namedTax = z.object({ amount: integer, rate: taxRate.nullish(), taxability_reason: text });
const shippingCost = z
  .object({
    amount_subtotal: integer,
    amount_tax: integer,
    amount_total: integer,
    taxes: z.array(namedTax).nullish(),
  })
  .nullish();
const item = z.object({
  id: z.string(),
  description: text,
  quantity: amount,
  amount_subtotal: integer,
  amount_discount: amount,
  amount_tax: amount,
  amount_total: integer,
  taxes: z.array(namedTax).nullish(),
});
const session = z.object({
  id: z.string(),
  currency: text,
  created: seconds.nullish(),
  livemode: flag,
  mode: z.string(),
  payment_status: z.string(),
  amount_total: amount,
  total_details: z.object({ amount_tax: amount, amount_shipping: amount, amount_discount: amount }).nullish(),
  shipping_cost: shippingCost,
  payment_intent: ref,
  invoice: ref,
  customer: ref,
  customer_details: z.object({ name: text, email: text, address }).nullish(),
  line_items: listOf(item).nullish(),
});

/** Taxes as the API names them now, and as it did before 2025-03-31. */
const newTax = z.object({
  amount: integer,
  tax_behavior: text,
  tax_rate_details: z.object({ tax_rate: text }).nullish(),
  taxability_reason: text,
});
const oldTax = z.object({ amount: integer, inclusive: flag, tax_rate: ref, taxability_reason: text });
const discountAmount = z.object({ amount: integer });
const billedLine = {
  id: z.string(),
  amount: integer,
  description: text,
  quantity: amount,
  taxes: z.array(newTax).nullish(),
  tax_amounts: z.array(oldTax).nullish(),
  discount_amounts: z.array(discountAmount).nullish(),
};
const invoiceLine = z.object(billedLine);
const invoicePayment = z.object({
  id: z.string(),
  status: z.string(),
  amount_paid: amount,
  invoice: ref,
  created: seconds.nullish(),
  payment: z.object({ type: text, charge: ref, payment_intent: ref, payment_record: ref }),
});
const invoice = z.object({
  id: z.string(),
  number: text,
  status: text,
  currency: z.string(),
  created: seconds,
  livemode: flag,
  collection_method: text,
  due_date: seconds.nullish(),
  total: integer,
  amount_due: integer,
  amount_paid: amount,
  amount_paid_off_stripe: amount,
  paid_out_of_band: flag,
  pre_payment_credit_notes_amount: amount,
  total_discount_amounts: z.array(discountAmount).nullish(),
  shipping_cost: shippingCost,
  status_transitions: z
    .object({ finalized_at: seconds.nullish(), paid_at: seconds.nullish(), voided_at: seconds.nullish() })
    .nullish(),
  customer: ref,
  customer_name: text,
  customer_email: text,
  customer_address: address,
  customer_tax_ids: z.array(z.object({ value: text })).nullish(),
  lines: listOf(invoiceLine),
  charge: ref,
  payment_intent: ref,
  payments: listOf(invoicePayment).nullish(),
});

const creditNoteLine = z.object({ ...billedLine, invoice_line_item: text });
const creditNote = z.object({
  id: z.string(),
  number: text,
  status: z.string(),
  currency: z.string(),
  created: seconds,
  livemode: flag,
  invoice: ref,
  total: integer,
  pre_payment_amount: amount,
  post_payment_amount: amount,
  out_of_band_amount: amount,
  type: text,
  refund: ref,
  refunds: z.array(z.object({ amount_refunded: amount, refund: ref })).nullish(),
  shipping_cost: shippingCost,
  lines: listOf(creditNoteLine),
});

const movement = z.object({
  id: z.string(),
  amount: integer,
  fee: integer,
  net: integer,
  currency: z.string(),
  created: seconds,
  exchange_rate: text,
  reporting_category: text,
  type: text,
  source: ref,
  description: text,
  fee_details: z.array(z.object({ type: text, amount: integer, description: text })).nullish(),
});
const dispute = z.object({
  id: z.string(),
  amount: integer,
  currency: z.string(),
  status: z.string(),
  created: seconds,
  livemode: flag,
  charge: ref,
  balance_transactions: z.array(movement).nullish(),
});
const payout = z.object({
  id: z.string(),
  amount: integer,
  currency: z.string(),
  status: z.string(),
  arrival_date: seconds,
  automatic: flag,
  livemode: flag,
  reconciliation_status: text,
  balance_transaction: ref,
});

/** One schema per object of Stripe, by the name it gives itself in `object`. */
export const schemas = {
  charge,
  payment_intent: intent,
  'checkout.session': session,
  item,
  invoice,
  invoice_payment: invoicePayment,
  line_item: invoiceLine,
  credit_note: creditNote,
  credit_note_line_item: creditNoteLine,
  refund,
  dispute,
  payout,
  balance_transaction: movement,
  tax_rate: taxRate,
} as const;

/** A name that Stripe gives one of its objects. */
export type Kind = keyof typeof schemas;
export type Thing<Name extends Kind> = z.output<(typeof schemas)[Name]>;

/** Reads an object. Throws ConnectorError `rejected` PAYLOAD_UNREADABLE that names the fields at fault. */
export function readThing<Name extends Kind>(kind: Name, value: unknown): Thing<Name> {
  const result = (schemas[kind] as unknown as z.ZodType<Thing<Name>>).safeParse(value);
  if (result.success) return result.data;
  const { id } = (value ?? {}) as { id?: unknown };
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  const which = typeof id === 'string' ? `${kind} ${id}` : `a ${kind}`;
  const message = `What came as ${which} is not what Stripe documents: ${problems.join('; ')}. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: kind });
}
