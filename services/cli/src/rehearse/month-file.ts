import { z } from 'zod';
import { UsageError } from '../terminal.ts';

/**
 * The document `daybook.accounting.month/1`: a company, what happened to it in a month, and what its books must say.
 * Amounts are integers in minor units. What a file says beyond this is left alone.
 */
const minor = z.union([z.int(), z.bigint(), z.string().regex(/^-?\d+$/)]).transform((value) => BigInt(value));
const decimal = z.union([z.int(), z.bigint(), z.string()]).transform(String);
const text = z.string();

const account = z.looseObject({
  code: text,
  name: text,
  type: z.enum(['asset', 'liability', 'equity', 'income', 'expense']),
  normal_side: z.enum(['debit', 'credit']),
  roles: z.array(text).default([]),
});

const taxCode = z.looseObject({
  code: text,
  rate: decimal,
  label: text.default(''),
  sales_account: text.optional(),
  output_account: text.optional(),
  input_account: text.optional(),
  reverse_charge: z.boolean().optional(),
  boxes: z.record(text, z.unknown()).default({}),
});

const group = z.looseObject({
  number: z.int(),
  description: text.default(''),
  default_sales_tax: text.nullish(),
  default_purchase_tax: text.nullish(),
  stock_tracked: z.boolean().default(true),
  sales: text.nullish(),
  inventory: text.nullish(),
  cost_of_sales: text.nullish(),
  count_variance: text.nullish(),
  adjustment: text.nullish(),
  purchase_variance: text.nullish(),
  purchases: text.nullish(),
});

const item = z.looseObject({
  sku: text,
  group: z.int(),
  opening_qty: decimal.default('0'),
  opening_value: minor.default(0n),
});

const entryLine = z.looseObject({
  account: text,
  debit: minor.default(0n),
  credit: minor.default(0n),
  party: text.optional(),
  document: text.optional(),
  due_date: text.optional(),
  tax_code: text.optional(),
  tax_kind: z.enum(['net_out', 'tax_out', 'net_in', 'tax_in']).optional(),
  currency: text.optional(),
  amount_tc: minor.optional(),
});

const entry = z.looseObject({
  date: text,
  entry_type: text,
  source_key: text.optional(),
  memo: text.optional(),
  lines: z.array(entryLine),
});

const line = z.looseObject({
  sku: text.optional(),
  qty: decimal.optional(),
  counted: decimal.optional(),
  unit_price: decimal.optional(),
  unit_cost: decimal.optional(),
  tax_code: text.optional(),
  tax: minor.optional(),
  net: minor.optional(),
  gross: minor.optional(),
  value: minor.optional(),
  amount: minor.optional(),
  account: text.optional(),
  role: text.optional(),
  debit: minor.optional(),
  credit: minor.optional(),
  party: text.optional(),
  document: text.optional(),
  from_order: z.boolean().optional(),
  restock: z.boolean().optional(),
  collected_by: z.enum(['merchant', 'channel']).optional(),
});

const charge = z.looseObject({ amount: minor, tax_code: text.optional(), tax: minor.optional() });
const tender = z.looseObject({ kind: text, processor: text.optional(), amount: minor, id: text.optional() });
const processorFee = z.looseObject({ processor: text, amount: minor, tax_code: text.optional() });
const expenditure = z.looseObject({
  role: text.optional(),
  account: text.optional(),
  amount: minor,
  tax_code: text.optional(),
  tax: minor.optional(),
  note: text.optional(),
});

const event = z.looseObject({
  id: text,
  type: text,
  source_key: text,
  occurred_at: text,
  posting_date: text,
  channel: text.nullish(),
  currency: text,
  memo: text.optional(),
  order: text.optional(),
  original_order: text.optional(),
  document: text.optional(),
  party: text.optional(),
  due_date: text.optional(),
  register: text.optional(),
  prices: z.enum(['tax_inclusive', 'tax_exclusive']).optional(),
  tax_source: z.enum(['ledger', 'channel']).optional(),
  lines: z.array(line).default([]),
  order_discount: minor.optional(),
  shipping: z.union([charge, z.array(charge)]).optional(),
  tip: minor.optional(),
  gift_cards_sold: z.array(z.looseObject({ id: text.optional(), amount: minor })).default([]),
  tenders: z.array(tender).default([]),
  processor_fees: z.array(processorFee).default([]),
  processor: text.optional(),
  amount: minor.optional(),
  tax: minor.optional(),
  net: minor.optional(),
  tax_code: text.optional(),
  fee: minor.optional(),
  fee_tax_code: text.optional(),
  fx_rate: decimal.optional(),
  from: z.looseObject({ currency: text, amount: minor, carrying: minor.optional() }).optional(),
  to: z.looseObject({ currency: text, amount: minor }).optional(),
  reserve_held: minor.optional(),
  reserve_released: minor.optional(),
  grn: text.optional(),
  expense_role: text.optional(),
  expense_account: text.optional(),
  paid_from: text.nullish(),
  role: text.optional(),
  account: text.optional(),
  reason: text.nullish(),
  cash_receipt_number: text.optional(),
  opening_balance: minor.optional(),
  revenue_should: minor.optional(),
  revenue_actual: minor.optional(),
  sales_non_cash: minor.optional(),
  revaluation: minor.optional(),
  devaluation: minor.optional(),
  cash_expenditure: minor.optional(),
  bank_deposit: minor.optional(),
  withdrawal: minor.optional(),
  tolerance: minor.optional(),
  expenditures: z.array(expenditure).default([]),
  expected_entries: z.array(entry).optional(),
});

const month = z.looseObject({
  schema: z.literal('daybook.accounting.month/1'),
  company: z.looseObject({
    name: text,
    country: z.string().length(2),
    functional_currency: text,
    fiscal_year: z.looseObject({ label: text.optional(), start: z.iso.date(), end: z.iso.date() }),
    period_start: z.iso.date(),
    period_end: z.iso.date(),
    timezone: text,
    settings: z.record(text, z.unknown()).default({}),
  }),
  accounts: z.array(account).min(1),
  tax_codes: z.array(taxCode).default([]),
  inventory_groups: z.array(group).default([]),
  items: z.array(item).default([]),
  opening: z
    .looseObject({
      entry: entry.optional(),
      open_items: z
        .array(
          z.looseObject({
            document: text,
            party: text,
            date: text,
            due: text.optional(),
            amount: minor,
            side: text.optional(),
          }),
        )
        .default([]),
    })
    .optional(),
  events: z.array(event),
  deliveries: z.array(text).optional(),
  cutoff_events: z.array(event).default([]),
  negative_cases: z.array(z.looseObject({ id: text, attempt: text, expected: text })).default([]),
  reversal_case: z.looseObject({ case: text, expected_lines: z.array(entryLine) }).optional(),
  expected: z.record(text, z.unknown()).default({}),
});

export type Month = z.output<typeof month>;
export type MonthEvent = z.output<typeof event>;
export type MonthLine = z.output<typeof line>;
export type MonthEntry = z.output<typeof entry>;

/** Reads the document. Throws UsageError naming the first field that is not as the schema wants it. */
export function parseMonth(input: unknown, file: string): Month {
  const result = month.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(
    `"${file}" is not a daybook.accounting.month/1 document: ${issue?.path.join('.') || 'the document'}: ${issue?.message}`,
  );
}
