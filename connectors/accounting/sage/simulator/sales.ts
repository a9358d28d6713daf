import { sum } from '@daybook/domain';
import { type Json, Refused } from './answer.ts';
import { DEBTORS, OUTPUT_TAX } from './charts.ts';
import { amountOf, contactOf, currencyOf, dateOf, listOf, optional, required } from './fields.ts';
import { type Line, salesLine, taxedLine } from './lines.ts';
import type { Store } from './store.ts';
import { atHome, type Business, ledgerFor, type Posting, type Row } from './world.ts';

const DRAFTS = ['DRAFT', 'PRO_FORMA'];

/** POST /sales_invoices, /sales_credit_notes. */
export function bookSale(
  store: Store,
  business: Business,
  resource: 'sales_invoices' | 'sales_credit_notes',
  body: Json,
  now: number,
): Row {
  const contact = contactOf(business, body, 'CUSTOMER');
  const date = dateOf(business, body);
  const { currency, rate } = currencyOf(business, body);
  const name = resource === 'sales_invoices' ? 'invoice_lines' : 'credit_note_lines';
  const lines = listOf(body, name).map((line) => salesLine(business, line, `${name}.`, currency));
  const side = resource === 'sales_invoices' ? 'debit' : 'credit';
  const amounts = totalsOf(lines);
  if (amounts.total < 0n) throw new Refused('The total amount must not be negative.', 'total_amount');
  const row: Row = {
    ...head(store, resource, body, { date, currency, rate, now }),
    name: `${side === 'debit' ? 'SI' : 'SCN'}-${store.next(`${business.id} ${resource}`)}`,
    state: DRAFTS.includes(optional(body, 'status_id') ?? '') ? 'draft' : 'live',
    contact: contact.id,
    ...amounts,
    side,
    body: {
      [name]: lines.map(({ shown }) => shown),
      due_date: optional(body, 'due_date') ?? date,
      notes: optional(body, 'notes'),
    },
  };
  return { ...row, postings: salePostings(business, row, lines) };
}

/** POST /sales_quick_entries: an invoice or credit note of one line, without a document. */
export function bookQuickEntry(store: Store, business: Business, body: Json, now: number): Row {
  const type = required(body, 'quick_entry_type_id');
  if (type !== 'INVOICE' && type !== 'CREDIT_NOTE') throw new Refused('is not included', 'quick_entry_type_id');
  const contact = contactOf(business, body, 'CUSTOMER');
  const date = dateOf(business, body);
  required(body, 'reference');
  const { currency, rate } = currencyOf(business, body);
  const line = taxedLine(business, body, '', currency, amountOf(body, 'net_amount', currency));
  const row: Row = {
    ...head(store, 'sales_quick_entries', body, { date, currency, rate, now }),
    name: `${type === 'INVOICE' ? 'QSI' : 'QSCN'}-${store.next(`${business.id} sales_quick_entries`)}`,
    state: 'live',
    contact: contact.id,
    ...totalsOf([line]),
    side: type === 'INVOICE' ? 'debit' : 'credit',
    body: {
      quick_entry_type: { id: type },
      ledger_account: line.shown.ledger_account,
      details: optional(body, 'details'),
    },
  };
  return { ...row, postings: salePostings(business, row, [line]) };
}

/** What every row starts from. */
export function head(
  store: Store,
  resource: Row['resource'],
  body: Json,
  { date, currency, rate, now }: { date: string; currency: string; rate: string; now: number },
): Row {
  return {
    resource,
    id: store.newId(resource),
    name: optional(body, 'reference') ?? '',
    state: 'live',
    createdAt: now,
    updatedAt: now,
    date,
    reference: optional(body, 'reference') ?? '',
    contact: null,
    currency,
    rate,
    total: 0n,
    tax: 0n,
    postings: [],
    applied: [],
    allocates: [],
    side: null,
    body: {},
  };
}

/** Total and tax of lines. */
export function totalsOf(lines: readonly Line[]): { total: bigint; tax: bigint } {
  const tax = sum(lines.map((line) => line.tax));
  return { total: sum(lines.map(({ net }) => net)) + tax, tax };
}

/** Debtors against the lines and output VAT; a credit note the other way round. */
export function salePostings(business: Business, row: Row, lines: readonly Pick<Line, 'ledger' | 'net'>[]): Posting[] {
  const sign = row.side === 'credit' ? -1n : 1n;
  const home = (minor: bigint) => sign * atHome(business, minor, row);
  const rest: Posting[] = [
    ...lines.map(({ ledger, net }) => ({ ledger, amount: -home(net) })),
    { ledger: ledgerFor(business, OUTPUT_TAX).id, amount: -home(row.tax) },
  ];
  // The control account takes what the lines come to, so that rounding never leaves anything behind.
  const total = -sum(rest.map(({ amount }) => amount));
  return [{ ledger: ledgerFor(business, DEBTORS).id, amount: total }, ...rest];
}
