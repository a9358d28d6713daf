import { z } from 'zod';
import { isCurrency } from '../currency.ts';
import { formatMinor, sum } from '../money.ts';

/** What the schemas of events are made of. */
/** Minor units on the wire: a JSON integer, or digits above 2^53. */
export const minor = z.union([z.bigint(), z.int(), z.string().regex(/^-?\d+$/)]).transform((value) => BigInt(value));
export const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal string');
export const instant = z.iso.datetime({ error: 'must be a UTC instant ending in Z' });
export const currency = z.string().refine(isCurrency, 'is not an ISO 4217 currency code');
export const text = z.string().min(1);

export const tax = z.strictObject({
  name: z.string(),
  rate: decimal.nullable().default(null),
  amount: minor,
  collectedBy: z.enum(['merchant', 'channel']).default('merchant'),
});

export const LINE_KINDS = [
  'product',
  'shipping',
  'tip',
  'gift_card',
  'fee',
  'duty',
  'donation',
  'deposit',
  'rounding',
  'adjustment',
] as const;

export const line = z
  .strictObject({
    kind: z.enum(LINE_KINDS),
    id: z.string().optional(),
    sku: z.string().optional(),
    title: z.string().optional(),
    quantity: decimal.default('1'),
    unitPrice: decimal.optional(),
    listNet: minor.optional(),
    discount: minor.default(0n),
    net: minor,
    taxes: z.array(tax).default([]),
    taxCode: z.string().optional(),
    unitCost: decimal.optional(),
    restock: z.boolean().optional(),
    taxUnknown: z.boolean().optional(),
  })
  .transform((value) => ({ ...value, listNet: value.listNet ?? value.net + value.discount }));

export const TENDER_KINDS = [
  'card',
  'cash',
  'gift_card',
  'store_credit',
  'wallet',
  'bank_transfer',
  'pay_later',
  'cash_on_delivery',
  'other',
] as const;

export const tender = z.strictObject({
  kind: z.enum(TENDER_KINDS),
  processor: z.string().optional(),
  amount: minor,
  id: z.string().optional(),
});

export const party = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  country: z.string().optional(),
  taxNumber: z.string().optional(),
  /** Lines of a letter's address. */
  address: z.string().optional(),
});

/** What every event says. */
export const common = {
  version: z.literal(1),
  channel: text,
  id: text,
  revision: text,
  occurredAt: instant,
  currency,
  test: z.boolean(),
  order: z.strictObject({ id: z.string(), number: z.string().optional() }).optional(),
  location: z.strictObject({ id: z.string(), name: z.string().optional() }).optional(),
  register: z.string().optional(),
  customer: party.optional(),
  memo: z.string().optional(),
  presentment: z.strictObject({ currency, total: minor }).optional(),
};
export const saleLink = z.strictObject({ id: z.string() });

interface Summable {
  total: bigint;
  currency: string;
}
interface Lined extends Summable {
  lines: {
    kind: string;
    title?: string | undefined;
    listNet: bigint;
    discount: bigint;
    net: bigint;
    taxes: { amount: bigint }[];
  }[];
}
type Refinement = z.core.$RefinementCtx;

/** Refuses an event whose parts come to something else than its total. */
export function checkSum(context: Refinement, event: Summable, what: string, found: bigint): void {
  if (found === event.total) return;
  const show = (amount: bigint) => `${event.currency} ${formatMinor(amount, event.currency)}`;
  context.addIssue({
    code: 'custom',
    path: ['total'],
    message: `${what} come to ${show(found)}, but total is ${show(event.total)}`,
  });
}

/** Lines have net = list net less discount, and come to the total with their taxes. */
export function checkLines(event: Lined, context: Refinement): void {
  event.lines.forEach((each, index) => {
    if (each.listNet - each.discount !== each.net) {
      context.addIssue({
        code: 'custom',
        path: ['lines', index, 'net'],
        message: 'net must equal listNet less discount',
      });
    }
    if (each.discount < 0n) {
      context.addIssue({
        code: 'custom',
        path: ['lines', index, 'discount'],
        message: 'discount must not be negative',
      });
    }
  });
  const taxed = event.lines.map((each) => each.net + sum(each.taxes.map((one) => one.amount)));
  checkSum(context, event, 'lines with their taxes', sum(taxed));
}
