import { z } from 'zod';

/**
 * What a person types to enter a document; gaps are filled by `composeDocument`. Amounts and prices are text in major
 * units ("12.50"), quantities decimal text, dates YYYY-MM-DD. A `key` of one's own makes entering again safe where the
 * number is given by Daybook: the same key is the same document.
 */
const text = z.string().trim().min(1);
const decimal = z
  .union([z.string().trim(), z.int().transform(String), z.bigint().transform(String)])
  .pipe(z.string().regex(/^-?\d+(\.\d+)?$/, 'must be decimal text with a point, such as "12.50"'));
const date = z.iso.date();

/** A customer or supplier. */
export const partyForm = z.strictObject({
  id: text,
  name: text.optional(),
  email: text.optional(),
  country: text.optional(),
  taxNumber: text.optional(),
  address: text.optional(),
});
export type PartyForm = z.output<typeof partyForm>;

const head = {
  key: text.optional(),
  number: text.optional(),
  date,
  currency: text.optional(),
  memo: text.optional(),
};
const due = { dueDate: date.optional(), termsDays: z.coerce.number().int().min(0).max(3650).optional() };
const isDue = (form: { dueDate?: string | undefined; termsDays?: number | undefined }) =>
  (form.dueDate === undefined) !== (form.termsDays === undefined);
const ONE_DUE = { error: 'needs dueDate or termsDays, not both', path: ['dueDate'] };
const target = { account: text.optional(), role: text.optional() };

const soldLine = z.strictObject({
  sku: text.optional(),
  description: text.optional(),
  quantity: decimal.default('1'),
  /** Of one, without tax. */
  unitPrice: decimal,
  taxCode: text.optional(),
  /** Off the whole line, without tax. */
  discount: decimal.optional(),
});
export type SoldLineForm = z.output<typeof soldLine>;

/** What a quote and an invoice offer. */
export const soldLines = z.array(soldLine).min(1);

const invoice = z
  .strictObject({ type: z.literal('invoice'), ...head, ...due, customer: partyForm, lines: soldLines })
  .refine(isDue, ONE_DUE);

/** Without lines the whole invoice is credited; a line that names only its sku takes price and tax code from there. */
const creditNote = z
  .strictObject({
    type: z.literal('credit_note'),
    ...head,
    /** Number of the invoice. */
    of: text.optional(),
    customer: partyForm.optional(),
    lines: z
      .array(soldLine.extend({ unitPrice: decimal.optional(), restock: z.stringbool().or(z.boolean()).optional() }))
      .default([]),
  })
  .refine((form) => form.of !== undefined || form.customer !== undefined, { error: 'needs of or customer' })
  .refine((form) => form.of !== undefined || form.lines.length > 0, { error: 'needs of or lines', path: ['lines'] });

const bill = z
  .strictObject({
    type: z.literal('bill'),
    ...head,
    /** The supplier's own. */
    number: text,
    ...due,
    /** Role of the account that paid it at once. */
    paidFrom: text.optional(),
    supplier: partyForm,
    /** Number of the note of the goods it is for. */
    goodsReceipt: text.optional(),
    lines: z
      .array(
        z.strictObject({
          ...target,
          sku: text.optional(),
          description: text.optional(),
          quantity: decimal.default('1'),
          /** Of one, without tax. */
          unitCost: decimal.optional(),
          /** Of the line, without tax; instead of unitCost. */
          net: decimal.optional(),
          taxCode: text.optional(),
          /** As printed on the bill; else worked out. */
          tax: decimal.optional(),
        }),
      )
      .min(1),
    /** As printed on the bill; what the lines come to has to be the same. */
    total: decimal.optional(),
  })
  .refine((form) => (form.paidFrom === undefined ? isDue(form) : form.dueDate === undefined), {
    error: 'needs one of dueDate, termsDays and paidFrom',
    path: ['dueDate'],
  });

const goodsReceipt = z.strictObject({
  type: z.literal('goods_receipt'),
  ...head,
  supplier: partyForm,
  /** Number of the supplier's bill where that came first. */
  bill: text.optional(),
  lines: z.array(z.strictObject({ sku: text, quantity: decimal, unitCost: decimal })).min(1),
});

const stockCount = z.strictObject({
  type: z.literal('stock_count'),
  ...head,
  /** When it was counted, a UTC instant; else the end of the day. */
  at: z.iso.datetime().optional(),
  lines: z.array(z.strictObject({ sku: text, counted: decimal })).min(1),
});

const stockAdjustment = z.strictObject({
  type: z.literal('stock_adjustment'),
  ...head,
  reason: text,
  lines: z
    .array(
      z.strictObject({
        sku: text,
        quantity: decimal.optional(),
        value: decimal.optional(),
        account: text.optional(),
      }),
    )
    .min(1),
});

const journal = z.strictObject({
  type: z.literal('journal'),
  ...head,
  lines: z
    .array(
      z
        .strictObject({
          ...target,
          debit: decimal.optional(),
          credit: decimal.optional(),
          taxCode: text.optional(),
          taxKind: z.enum(['net_out', 'tax_out', 'net_in', 'tax_in']).optional(),
          party: text.optional(),
          document: text.optional(),
          dueDate: date.optional(),
        })
        .refine(
          (line) => (line.debit === undefined) !== (line.credit === undefined),
          'needs debit or credit, not both',
        ),
    )
    .min(1),
});

/** What a bank line is for: an account or role, else what a customer owes or a supplier is owed. Amounts with tax. */
const bankLines = z
  .array(
    z.strictObject({
      ...target,
      amount: decimal,
      taxCode: text.optional(),
      tax: decimal.optional(),
      party: text.optional(),
      document: text.optional(),
      reference: text.optional(),
    }),
  )
  .min(1);
const bank = { ...head, bank: text.optional(), lines: bankLines };
const bankReceipt = z.strictObject({ type: z.literal('bank_receipt'), ...bank });
const bankPayment = z.strictObject({ type: z.literal('bank_payment'), ...bank });

/** Every document a person can enter, by `type`. */
export const documentForm = z.discriminatedUnion('type', [
  invoice,
  creditNote,
  bill,
  goodsReceipt,
  stockCount,
  stockAdjustment,
  journal,
  bankReceipt,
  bankPayment,
]);
export type DocumentForm = z.output<typeof documentForm>;
export type DocumentType = DocumentForm['type'];
/** The form of one type. */
export type FormOf<Type extends DocumentType> = Extract<DocumentForm, { type: Type }>;

/** Types of documents that can be entered. */
export const DOCUMENT_TYPES = documentForm.options.map((form) => form.shape.type.value) as readonly DocumentType[];
