import { z } from 'zod';
import { canonicalJson, contentHash } from './canonical-json.ts';
import { isCurrency } from './currency.ts';
import { DomainError } from './domain-error.ts';
import { formatMinor, sum } from './money.ts';

/**
 * Canonical events, version 1 (design.md section 4). Money is an integer in minor units of the event's currency:
 * bigint in code; on the wire a JSON integer, or a string of digits above 2^53. Rates are percent ("20", "8.25"),
 * quantities and unit prices decimal strings in major units. The schemas are the only constructors: an event that
 * does not add up cannot be made.
 */
const minor = z.union([z.bigint(), z.int(), z.string().regex(/^-?\d+$/)]).transform((value) => BigInt(value));
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal string');
const instant = z.iso.datetime({ error: 'must be a UTC instant ending in Z' });
const currency = z.string().refine(isCurrency, 'is not an ISO 4217 currency code');
const text = z.string().min(1);

const tax = z.strictObject({
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

const line = z
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

const tender = z.strictObject({
  kind: z.enum(TENDER_KINDS),
  processor: z.string().optional(),
  amount: minor,
  id: z.string().optional(),
});

const party = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  country: z.string().optional(),
  taxNumber: z.string().optional(),
});

const common = {
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
const saleLink = z.strictObject({ id: z.string() });

const sale = z
  .strictObject({
    ...common,
    type: z.literal('sale'),
    pricesIncludeTax: z.boolean(),
    lines: z.array(line),
    tenders: z.array(tender),
    total: minor,
    due: minor.default(0n),
    terms: z.strictObject({ dueDate: z.iso.date() }).optional(),
  })
  .superRefine((value, context) => {
    checkLines(value, context);
    checkSum(context, value, 'tenders plus due', sum(value.tenders.map((each) => each.amount)) + value.due);
  });

const refund = z
  .strictObject({
    ...common,
    type: z.literal('refund'),
    sale: saleLink.nullable(),
    lines: z.array(line),
    tenders: z.array(tender),
    total: minor,
  })
  .superRefine((value, context) => {
    checkLines(value, context);
    checkSum(context, value, 'tenders', sum(value.tenders.map((each) => each.amount)));
  });

const payment = z
  .strictObject({
    ...common,
    type: z.literal('payment'),
    sale: saleLink.optional(),
    invoiceNumber: z.string().optional(),
    tender,
    amount: minor.refine((value) => value > 0n, 'must be greater than 0'),
  })
  .refine((value) => value.sale !== undefined || value.invoiceNumber !== undefined, 'needs sale or invoiceNumber')
  .refine((value) => value.tender.amount === value.amount, 'amount and tender.amount must be equal');

const fee = z.strictObject({
  ...common,
  type: z.literal('fee'),
  processor: text,
  amount: minor,
  sale: saleLink.optional(),
  payout: z.strictObject({ id: z.string() }).optional(),
  taxCode: z.string().optional(),
});

/**
 * A processor turned money of one currency into another on its balance: a foreign sale settled (both amounts positive)
 * or a foreign refund charged (both negative). Beyond the table of design.md: without it the foreign clearing account
 * could never be emptied (accounting.md C18b).
 */
const settlement = z
  .strictObject({
    ...common,
    type: z.literal('settlement'),
    processor: text,
    /** What left the foreign clearing account. */
    from: z.strictObject({ currency, amount: minor }),
    /** What arrived, gross of fees, in the event's currency. */
    amount: minor,
    sale: saleLink.optional(),
    refund: z.strictObject({ id: z.string() }).optional(),
  })
  .refine((value) => value.from.currency !== value.currency, 'from.currency must differ from currency');

const payoutLine = z
  .strictObject({
    kind: z.enum(['sale', 'refund', 'fee', 'dispute', 'reserve', 'adjustment', 'transfer', 'tax']),
    gross: minor,
    fee: minor,
    net: minor,
    source: z.string().optional(),
  })
  .refine((value) => value.gross - value.fee === value.net, 'gross less fee must equal net');

const payout = z
  .strictObject({
    ...common,
    type: z.literal('payout'),
    processor: text,
    amount: minor,
    arrivalDate: z.iso.date(),
    lines: z.array(payoutLine),
  })
  .superRefine((value, context) => {
    if (value.lines.length > 0) {
      checkSum(
        context,
        { ...value, total: value.amount },
        'net of the lines',
        sum(value.lines.map((each) => each.net)),
      );
    }
  });

const dispute = z.strictObject({
  ...common,
  type: z.literal('dispute'),
  status: z.enum(['opened', 'won', 'lost']),
  amount: minor,
  fee: minor.default(0n),
  processor: z.string().optional(),
  sale: saleLink.optional(),
});

const stock = z.strictObject({
  ...common,
  type: z.literal('stock'),
  kind: z.enum(['receipt', 'return', 'count', 'adjustment', 'cost']),
  sku: text,
  quantity: decimal,
  unitCost: decimal.optional(),
});

const registerClose = z.strictObject({
  ...common,
  type: z.literal('register_close'),
  register: text,
  openedAt: instant,
  closedAt: instant,
  openingBalance: minor,
  revenueShould: minor,
  revenueActual: minor,
  expenditure: minor.default(0n),
  bankDeposit: minor.default(0n),
  receiptNumber: z.string().optional(),
});

const voided = z.strictObject({ ...common, type: z.literal('void'), sale: saleLink });

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

function checkSum(context: Refinement, event: Summable, what: string, found: bigint): void {
  if (found === event.total) return;
  const show = (amount: bigint) => `${event.currency} ${formatMinor(amount, event.currency)}`;
  context.addIssue({
    code: 'custom',
    path: ['total'],
    message: `${what} come to ${show(found)}, but total is ${show(event.total)}`,
  });
}

function checkLines(event: Lined, context: Refinement): void {
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

/** One schema per event type, by `type`. */
export const eventSchemas = {
  sale,
  refund,
  payment,
  fee,
  payout,
  settlement,
  dispute,
  stock,
  register_close: registerClose,
  void: voided,
} as const;

export const canonicalEvent = z
  .discriminatedUnion('type', [sale, refund, payment, fee, payout, settlement, dispute, stock, registerClose, voided])
  .brand<'CanonicalEvent'>();

export type CanonicalEvent = z.output<typeof canonicalEvent>;
export type EventInput = z.input<typeof canonicalEvent>;
export type EventType = CanonicalEvent['type'];
export type Sale = Extract<CanonicalEvent, { type: 'sale' }>;
export type Refund = Extract<CanonicalEvent, { type: 'refund' }>;
export type Payment = Extract<CanonicalEvent, { type: 'payment' }>;
export type Fee = Extract<CanonicalEvent, { type: 'fee' }>;
export type Payout = Extract<CanonicalEvent, { type: 'payout' }>;
export type Settlement = Extract<CanonicalEvent, { type: 'settlement' }>;
export type Dispute = Extract<CanonicalEvent, { type: 'dispute' }>;
export type RegisterClose = Extract<CanonicalEvent, { type: 'register_close' }>;
export type VoidedSale = Extract<CanonicalEvent, { type: 'void' }>;
export type EventLine = z.output<typeof line>;
export type LineTax = z.output<typeof tax>;
export type Tender = z.output<typeof tender>;

/**
 * The part of its object that an event is a fact about, null where it is about all of it. A dispute is opened, and won
 * or lost later: each stage is a fact of its own, with its own entries, documents and revisions, under one id.
 */
export function stageOf(event: CanonicalEvent): string | null {
  return event.type === 'dispute' ? event.status : null;
}

/**
 * Makes a canonical event. Throws DomainError EVENT_INVALID whose message names the field, the event and what is
 * wrong with it; currency codes and sums are checked here and nowhere else.
 */
export function makeEvent(input: unknown): CanonicalEvent {
  const result = canonicalEvent.safeParse(input);
  if (result.success) return result.data;
  const { type, id } = (input ?? {}) as { type?: unknown; id?: unknown };
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`);
  throw new DomainError('EVENT_INVALID', `${String(type ?? 'event')} ${String(id ?? '')}: ${problems.join('; ')}`);
}

/** Wire form: bigint becomes a JSON integer, or a string of digits above 2^53 (accounting.md A5). */
export function toWire(value: unknown): string {
  return JSON.stringify(value, wireInteger);
}

/** JSON.stringify replacer behind `toWire`, for callers that also want indentation. */
export function wireInteger(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const safe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return safe ? Number(value) : value.toString();
}

/**
 * Hash of what an event means for the books, without its revision: a newer revision that says the same changes
 * nothing. Names, e-mail addresses, titles, the payout that paid a fee out and the order of lines are left out, because
 * the same fact read by webhook and by poll, or read again later, differs in them.
 */
export function eventHash(event: CanonicalEvent): string {
  const { revision, customer, memo, presentment, location, register, order, ...said } = event;
  if (said.type === 'fee') {
    const { payout, ...fee } = said;
    return contentHash(fee);
  }
  if (!('lines' in said)) return contentHash(said);
  if (said.type === 'payout') return contentHash({ ...said, lines: said.lines.map(canonicalJson).sort() });
  const lines = said.lines.map(({ id, title, unitPrice, ...line }) => canonicalJson(line)).sort();
  const tenders = said.tenders.map(({ id, ...tender }) => canonicalJson(tender)).sort();
  return contentHash({ ...said, lines, tenders });
}
