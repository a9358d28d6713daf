import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';

/**
 * What we read of Square's objects, and nothing else. JSON numbers arrive as text (kit/json.ts). Nearly every field may
 * be missing: Square leaves out what is empty.
 */
const text = z.string().nullish();
const money = z
  .object({
    amount: z
      .string()
      .regex(/^-?\d+$/, 'must be a whole number of minor units')
      .nullish(),
    currency: text,
    // Square's own examples of payouts use this name.
    currency_code: text,
  })
  .nullish();
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const quantity = z.string().regex(/^\d+(\.\d+)?$/, 'must be a decimal number');

const applied = z.object({ tax_uid: text, service_charge_uid: text, applied_money: money });
const taxDefinition = z.object({ uid: text, name: text, type: text, percentage: text, applied_money: money });

const itemHead = {
  uid: text,
  name: text,
  note: text,
  quantity,
  item_type: text,
  catalog_object_id: text,
  base_price_money: money,
  applied_taxes: list(applied),
  applied_service_charges: list(applied),
  total_tax_money: money,
  total_discount_money: money,
  total_service_charge_money: money,
  total_money: money,
};
const lineItem = z.object({ ...itemHead, gross_sales_money: money });
const returnLineItem = z.object({ ...itemHead, source_line_item_uid: text, gross_return_money: money });

const serviceCharge = z.object({
  uid: text,
  source_service_charge_uid: text,
  name: text,
  type: text,
  treatment_type: text,
  applied_taxes: list(applied),
  applied_money: money,
  total_tax_money: money,
  total_money: money,
});
const rounding = z.object({ amount_money: money }).nullish();
const amounts = z.object({ total_money: money }).nullish();

const card = z.object({ card_brand: text }).nullish();
const status = z.object({ status: text }).nullish();

const tender = z.object({
  id: text,
  payment_id: text,
  type: text,
  created_at: text,
  amount_money: money,
  tip_money: money,
  card_details: z.object({ status: text, card }).nullish(),
  bank_account_details: status,
  buy_now_pay_later_details: status,
  square_account_details: status,
});

const orderReturn = z.object({
  uid: text,
  source_order_id: text,
  return_line_items: list(returnLineItem),
  return_service_charges: list(serviceCharge),
  return_taxes: list(taxDefinition),
  return_tips: list(z.object({ applied_money: money })),
  rounding_adjustment: rounding,
  return_amounts: amounts,
});

const order = z.object({
  id: z.string(),
  location_id: text,
  reference_id: text,
  customer_id: text,
  state: text,
  version: text,
  created_at: text,
  updated_at: text,
  closed_at: text,
  line_items: list(lineItem),
  taxes: list(taxDefinition),
  service_charges: list(serviceCharge),
  returns: list(orderReturn),
  refunds: list(z.object({ id: text, created_at: text, amount_money: money })),
  return_amounts: amounts,
  net_amounts: amounts,
  rounding_adjustment: rounding,
  tenders: list(tender),
  total_money: money,
  total_tax_money: money,
  total_discount_money: money,
  total_tip_money: money,
});

const processingFee = z.object({ effective_at: text, type: text, amount_money: money });

const surcharge = z.object({ card_surcharge_money: money, additional_amount_money: money }).nullish();

const payment = z.object({
  id: z.string(),
  order_id: text,
  location_id: text,
  customer_id: text,
  status: z.string(),
  source_type: text,
  created_at: text,
  updated_at: text,
  amount_money: money,
  tip_money: money,
  total_money: money,
  processing_fee: list(processingFee),
  card_details: z.object({ card, applied_card_surcharge_details: surcharge }).nullish(),
  external_details: z.object({ type: text }).nullish(),
  device_details: z.object({ device_id: text, device_name: text }).nullish(),
  note: text,
});

const refund = z.object({
  id: z.string(),
  payment_id: text,
  order_id: text,
  location_id: text,
  status: z.string(),
  destination_type: text,
  destination_details: z.object({ card_details: z.object({ card }).nullish() }).nullish(),
  amount_money: money,
  processing_fee: list(processingFee),
  reason: text,
  created_at: text,
  updated_at: text,
});

const payout = z.object({
  id: z.string(),
  status: z.string(),
  type: text,
  location_id: text,
  created_at: text,
  updated_at: text,
  arrival_date: text,
  version: text,
  amount_money: money,
  payout_fee: list(z.object({ amount_money: money, effective_at: text, type: text })),
});

/** `type_<type>_details` names what an entry is about; its name depends on the type. */
const payoutEntry = z
  .looseObject({
    id: z.string(),
    payout_id: text,
    type: z.string(),
    effective_at: text,
    gross_amount_money: money,
    fee_amount_money: money,
    net_amount_money: money,
  })
  .transform((entry) => ({ ...entry, about: aboutSchema.catch({}).parse(entry[detailsOf(entry.type)] ?? {}) }));
const aboutSchema = z.object({ payment_id: text, refund_id: text, dispute_id: text });

function detailsOf(type: string): string {
  return `type_${type.toLowerCase()}_details`;
}

const dispute = z.object({
  id: z.string(),
  location_id: text,
  state: z.string(),
  version: text,
  created_at: text,
  updated_at: text,
  amount_money: money,
  disputed_payment: z.object({ payment_id: text }).nullish(),
});

const load = z.object({ amount_money: money, order_id: text }).nullish();
const giftCardActivity = z.object({
  id: z.string(),
  type: z.string(),
  location_id: text,
  created_at: text,
  activate_activity_details: load,
  load_activity_details: load,
});

const cashDrawerShift = z.object({
  id: z.string(),
  state: z.string(),
  opened_at: text,
  ended_at: text,
  closed_at: text,
  updated_at: text,
  location_id: text,
  device: z.object({ id: text, name: text }).nullish(),
  opened_cash_money: money,
  expected_cash_money: money,
  closed_cash_money: money,
  cash_paid_in_money: money,
  cash_paid_out_money: money,
});

const thinOrder = z.object({ order_id: z.string() });
const catalogObject = z.object({ id: z.string(), item_variation_data: z.object({ sku: text }).nullish() });

export type MoneyPayload = z.output<typeof money>;
export type TaxDefinition = z.output<typeof taxDefinition>;
export type ItemPayload = z.output<typeof lineItem> | z.output<typeof returnLineItem>;
export type ReturnLinePayload = z.output<typeof returnLineItem>;
export type ServiceChargePayload = z.output<typeof serviceCharge>;
export type TenderPayload = z.output<typeof tender>;
export type ReturnPayload = z.output<typeof orderReturn>;
export type OrderPayload = z.output<typeof order>;
export type FeePayload = z.output<typeof processingFee>;
export type PaymentPayload = z.output<typeof payment>;
export type RefundPayload = z.output<typeof refund>;
export type PayoutPayload = z.output<typeof payout>;
export type PayoutEntryPayload = z.output<typeof payoutEntry>;
export type DisputePayload = z.output<typeof dispute>;
export type GiftCardActivityPayload = z.output<typeof giftCardActivity>;
export type ShiftPayload = z.output<typeof cashDrawerShift>;

/** One schema per thing that a body can hold. */
export const payloads = {
  order,
  payment,
  refund,
  payout,
  payoutEntry,
  dispute,
  giftCardActivity,
  cashDrawerShift,
  thinOrder,
  catalogObject,
} as const;

const named = z.object({ id: z.string().min(1) });

/** Reads a body by a schema. Throws ConnectorError `rejected` PAYLOAD_UNREADABLE that names the object and its fields. */
export function readPayload<Schema extends z.ZodType>(schema: Schema, body: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issues = result.error.issues
    .slice(0, 5)
    .map(({ path, message }) => ({ field: path.join('.') || 'body', path, message }));
  const problems = issues.map(({ field, path, message }) => `${field}: ${message}${readAs(body, path)}`).join('; ');
  const { id } = named.safeParse(body).data ?? {};
  const whose = id ? ` It calls itself ${what} ${id}.` : '';
  const message = `This is not the ${what} that its topic promises: ${problems}.${whose} Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: issues[0]?.field });
}

/** The text that stands where a figure should, so that nobody has to look it up. */
function readAs(body: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null)?.[key], body);
  return typeof found === 'string' && found.length < 40 ? ` (it says "${found}")` : '';
}
