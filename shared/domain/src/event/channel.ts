import { z } from 'zod';
import { sum } from '../money.ts';
import {
  checkLines,
  checkSum,
  common,
  currency,
  decimal,
  instant,
  line,
  minor,
  saleLink,
  tender,
  text,
} from './parts.ts';

/** Facts that sales channels and processors tell. */
export const sale = z
  .strictObject({
    ...common,
    type: z.literal('sale'),
    pricesIncludeTax: z.boolean(),
    lines: z.array(line),
    tenders: z.array(tender),
    total: minor,
    due: minor.default(0n),
    terms: z.strictObject({ dueDate: z.iso.date() }).optional(),
    /** Number of the invoice where the source gave it one; else Daybook numbers it. */
    number: text.optional(),
  })
  .superRefine((value, context) => {
    checkLines(value, context);
    checkSum(context, value, 'tenders plus due', sum(value.tenders.map((each) => each.amount)) + value.due);
  });

export const refund = z
  .strictObject({
    ...common,
    type: z.literal('refund'),
    sale: saleLink.nullable(),
    lines: z.array(line),
    tenders: z.array(tender),
    total: minor,
    /** What is not paid back but taken off what the customer owes. */
    due: minor.optional(),
    /** Number of the credit note where the source gave it one; else Daybook numbers it. */
    number: text.optional(),
  })
  .superRefine((value, context) => {
    checkLines(value, context);
    const paidBack = sum(value.tenders.map((each) => each.amount));
    if (value.due === undefined) checkSum(context, value, 'tenders', paidBack);
    else checkSum(context, value, 'tenders plus due', paidBack + value.due);
  });

export const payment = z
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

export const fee = z.strictObject({
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
export const settlement = z
  .strictObject({
    ...common,
    type: z.literal('settlement'),
    processor: text,
    /** What left the foreign clearing account; `carried` is its value in the books where the source knows it. */
    from: z.strictObject({ currency, amount: minor, carried: minor.optional() }),
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

export const payout = z
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

export const dispute = z.strictObject({
  ...common,
  type: z.literal('dispute'),
  status: z.enum(['opened', 'won', 'lost']),
  amount: minor,
  fee: minor.default(0n),
  processor: z.string().optional(),
  sale: saleLink.optional(),
});

export const stock = z.strictObject({
  ...common,
  type: z.literal('stock'),
  kind: z.enum(['receipt', 'return', 'count', 'adjustment', 'cost']),
  sku: text,
  quantity: decimal,
  unitCost: decimal.optional(),
});

export const registerClose = z.strictObject({
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

export const voided = z.strictObject({ ...common, type: z.literal('void'), sale: saleLink });
