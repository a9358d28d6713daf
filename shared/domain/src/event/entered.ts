import { z } from 'zod';
import { formatMinor, sum } from '../money.ts';
import { checkSum, common, decimal, minor, party, saleLink, tax, text } from './parts.ts';

/**
 * Facts that people, bank statements and imports enter: ledger facts like those of channels, with the same keys,
 * revisions and guarantees (design.md section 4). Amounts in minor units of the event's currency. Whose money or
 * document it is stands on the line (`party`, `document`), because that is what the invoice ledger follows.
 */

/** Which account: by its code, or by a role of the company. */
const target = {
  account: z.string().min(1).optional(),
  role: z.string().min(1).optional(),
};
/** What an amount was for, net of the tax beside it. */
const taxedTarget = { ...target, net: minor, taxCode: z.string().optional(), tax: minor.default(0n) };
const namesOneTarget = (line: { account?: string | undefined; role?: string | undefined }) =>
  (line.account === undefined) !== (line.role === undefined);
const ONE_TARGET = { error: 'needs an account or a role, not both' };

const partyWithId = party.extend({ id: text });

/** One side of a manual journal or opening entry; debit positive. */
const journalLine = z
  .strictObject({
    ...target,
    amount: minor,
    taxCode: z.string().optional(),
    taxKind: z.enum(['net_out', 'tax_out', 'net_in', 'tax_in']).optional(),
    party: z.string().optional(),
    document: z.string().optional(),
    dueDate: z.iso.date().optional(),
  })
  .refine(namesOneTarget, ONE_TARGET);

/** A journal that a person writes (entry type GEN); its lines sum to zero, which the ledger checks (ENTRY_UNBALANCED). */
export const journal = z.strictObject({
  ...common,
  type: z.literal('journal'),
  date: z.iso.date(),
  lines: z.array(journalLine).min(1),
});

/**
 * Opening balances (entry type OPN): lines as in a journal, and the open items behind the control accounts, entered in
 * the invoice ledger without an effect on the general ledger (accounting.md E4); `stock` is what the inventory accounts'
 * opening balance is made of.
 */
export const opening = z.strictObject({
  ...common,
  type: z.literal('opening'),
  date: z.iso.date(),
  lines: z.array(journalLine),
  openItems: z
    .array(
      z.strictObject({
        ...target,
        document: text,
        party: text,
        partyName: text.optional(),
        date: z.iso.date(),
        dueDate: z.iso.date().optional(),
        /** Debit positive: what a customer owes is above zero, what is owed to a supplier below. */
        amount: minor,
      }),
    )
    .default([]),
  stock: z.array(z.strictObject({ sku: text, quantity: decimal, value: minor })).default([]),
});

/**
 * A line of a bank account, or of a statement: `amount` > 0 came in. The lines say what for, with the bank's sign and
 * without tax; with their taxes they come to the amount.
 */
export const bankMovement = z
  .strictObject({
    ...common,
    type: z.literal('bank_movement'),
    date: z.iso.date(),
    /** Role of the bank account. */
    bank: z.string().default('bank.main'),
    amount: minor,
    lines: z
      .array(
        z
          .strictObject({
            ...taxedTarget,
            party: z.string().optional(),
            document: z.string().optional(),
            /** What the other side wrote: it finds the item it is for where no document is named. */
            reference: z.string().optional(),
          })
          .refine(namesOneTarget, ONE_TARGET),
      )
      .min(1),
  })
  .superRefine((value, context) => {
    checkSum(context, { ...value, total: value.amount }, 'the lines', sum(value.lines.map((one) => one.net + one.tax)));
  });

const billLine = z
  .strictObject({
    ...target,
    sku: z.string().optional(),
    description: z.string().optional(),
    quantity: decimal.default('1'),
    unitCost: decimal.optional(),
    net: minor,
    taxCode: z.string().optional(),
    /** As the supplier invoices it; of a reverse charge what we owe ourselves, outside the total. */
    tax: minor.default(0n),
  })
  .refine((line) => line.sku !== undefined || namesOneTarget(line), { error: 'needs a sku, an account or a role' });

/**
 * What a supplier invoices (entry type PUR); negative amounts are a supplier's credit note. `goodsReceipt` is the note
 * whose goods it is for (accounting.md D3). `paidFrom` is the role of an account that paid it at once, else it is owed.
 */
export const bill = z
  .strictObject({
    ...common,
    type: z.literal('bill'),
    date: z.iso.date(),
    number: text,
    supplier: partyWithId,
    dueDate: z.iso.date().optional(),
    goodsReceipt: z.strictObject({ id: text }).optional(),
    paidFrom: z.string().optional(),
    lines: z.array(billLine).min(1),
    /** What is to be paid: the net amounts, and the taxes that the supplier charges. */
    total: minor,
  })
  .refine((value) => value.paidFrom !== undefined || value.dueDate !== undefined, 'needs dueDate or paidFrom');

/**
 * Goods that arrived, before or after their bill (accounting.md D3); below zero they went back. Unit costs in major
 * units, without tax. `bill` names the bill that came first and could not name this note.
 */
export const goodsReceipt = z.strictObject({
  ...common,
  type: z.literal('goods_receipt'),
  date: z.iso.date(),
  number: text,
  supplier: partyWithId,
  bill: z.strictObject({ id: text }).optional(),
  lines: z.array(z.strictObject({ sku: text, quantity: decimal, unitCost: decimal })).min(1),
});

/** What was counted at the cut-off instant `occurredAt`; the difference is booked (accounting.md D3). */
export const stockCount = z.strictObject({
  ...common,
  type: z.literal('stock_count'),
  date: z.iso.date(),
  lines: z.array(z.strictObject({ sku: text, counted: decimal })).min(1),
});

/** Quantity, value or both of stock put right, with the reason why (accounting.md D3). */
export const stockAdjustment = z.strictObject({
  ...common,
  type: z.literal('stock_adjustment'),
  date: z.iso.date(),
  reason: text,
  lines: z
    .array(
      z
        .strictObject({
          sku: text,
          quantity: decimal.optional(),
          value: minor.optional(),
          account: z.string().optional(),
        })
        .refine((line) => line.quantity !== undefined || line.value !== undefined, 'needs a quantity or a value'),
    )
    .min(1),
});

/** Goods of a prepaid sale leave: its deposit becomes revenue, without tax where tax was due with the payment (C21). */
export const fulfilment = z.strictObject({
  ...common,
  type: z.literal('fulfilment'),
  sale: saleLink,
  lines: z
    .array(
      z.strictObject({
        id: z.string().optional(),
        sku: z.string().optional(),
        quantity: decimal,
        net: minor,
        taxCode: z.string().optional(),
        /** Only where tax falls due with the sale and not with the payment. */
        taxes: z.array(tax).default([]),
      }),
    )
    .min(1),
});

/**
 * Part of an invoice that will not be paid, `amount` > 0 with its tax; `tax` is the part of it that is corrected at once
 * (accounting.md C19d–f). A bad debt, a discount for paying early, or a difference too small to ask for.
 */
export const writeOff = z
  .strictObject({
    ...common,
    type: z.literal('write_off'),
    date: z.iso.date(),
    party: text,
    document: text,
    reason: z.enum(['bad_debt', 'settlement_discount', 'difference']).default('bad_debt'),
    /** What a customer owes us, or we owe a supplier. */
    side: z.enum(['receivable', 'payable']).default('receivable'),
    amount: minor.refine((value) => value > 0n, 'must be greater than 0'),
    tax: minor.default(0n),
    taxCode: z.string().optional(),
  })
  .refine((value) => value.tax === 0n || value.taxCode !== undefined, 'needs the taxCode of its tax');

/** A till's day as the cash book keeps it (accounting.md F2): `date` and `register` identify it. */
export const cashDay = z
  .strictObject({
    ...common,
    type: z.literal('cash_day'),
    date: z.iso.date(),
    /** Name of the cash book. */
    book: text,
    register: text,
    receiptNumber: text,
    openingBalance: minor,
    revenueShould: minor,
    revenueActual: minor,
    salesNonCash: minor.default(0n),
    revaluation: minor.default(0n),
    devaluation: minor.default(0n),
    bankDeposit: minor.default(0n),
    withdrawal: minor.default(0n),
    withdrawalIntoDrawer: z.boolean().default(false),
    expenditures: z
      .array(
        z
          .strictObject({
            ...taxedTarget,
            note: z.string().optional(),
            receipt: z.string().optional(),
          })
          .refine(namesOneTarget, ONE_TARGET),
      )
      .default([]),
    /** Absolute difference up to which no reason is needed. */
    tolerance: minor.default(0n),
    reason: z.string().nullable().default(null),
    /** Why the opening balance is not the last closing balance. */
    openingReason: z.string().nullable().default(null),
    clerk: z.string().optional(),
  })
  .superRefine((value, context) => {
    const { salesNonCash, revaluation, devaluation, bankDeposit, withdrawal, tolerance, currency } = value;
    const amounts = { salesNonCash, revaluation, devaluation, bankDeposit, withdrawal, tolerance };
    for (const [path, amount] of Object.entries(amounts)) {
      if (amount >= 0n) continue;
      const message = `${currency} ${formatMinor(amount, currency)} is below zero`;
      context.addIssue({ code: 'custom', path: [path], message });
    }
  });
