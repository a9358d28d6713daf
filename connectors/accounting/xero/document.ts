import {
  type Allocation,
  type BookDocument,
  type BookPayment,
  type CreditNote,
  type DocumentKind,
  type DocumentLine,
  exponentOf,
  formatMinor,
  type Invoice,
  sum,
} from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, PreparedRequest } from '../../kit/contract.ts';
import { subjectOf } from './errors.ts';
import {
  type AllocationBody,
  type CreditNoteBody,
  decimal,
  type InvoiceBody,
  type PaymentBody,
  toJson,
} from './wire.ts';

/** Longest description of an item line that the provider documents (openapi.yaml, Item.Description). */
const MAX_DESCRIPTION = 4000;
/** Longest InvoiceNumber (openapi.yaml); used for references too, whose maximum is not documented. */
const MAX_TEXT = 255;
/** One write may carry 3.5 MB (provider section 4). */
const MAX_BODY_BYTES = 3_500_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * One document in the provider's words, serialised once. Pure.
 * Throws ConnectorError `rejected`: BOOKS_DOCUMENT_INVALID when it does not add up, BOOKS_AMOUNT_TOO_FINE when a
 * currency has more decimals than the two the provider keeps; and what the mapping throws.
 */
export function encode(document: BookDocument, mapping: BooksMapping): string {
  checkNumber(document);
  switch (document.kind) {
    case 'invoice':
      return toJson(invoiceBody(document, mapping));
    case 'credit_note':
      return toJson(creditNoteBody(document, mapping));
    case 'payment':
      return toJson(paymentBody(document, mapping));
    case 'allocation':
      return toJson(allocationBody(document, mapping));
  }
}

/**
 * The request for encoded documents of one kind. Always PUT, which only creates: a POST that carries a known number
 * would edit that document. `summarizeErrors=false` is said because specification and guide disagree on the default.
 */
export function prepare(
  kind: DocumentKind,
  encoded: string[],
  document: BookDocument,
  mapping: BooksMapping,
): PreparedRequest {
  const list = encoded.join(',');
  const body = kind === 'allocation' ? `{"Allocations":[${list}]}` : `{"${COLLECTIONS[kind]}":[${list}]}`;
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw invalid(
      document,
      `the request of ${encoded.length} documents is larger than the 3.5 MB that Xero takes`,
      'Send fewer documents at once, or combine lines of the sale.',
      'BOOKS_TOO_LARGE',
    );
  }
  return { method: 'PUT', path: pathOf(kind, document, mapping), body };
}

/** Name of the list in requests and answers, and of the resource. */
export const COLLECTIONS = {
  invoice: 'Invoices',
  credit_note: 'CreditNotes',
  payment: 'Payments',
  allocation: 'Allocations',
} as const;

function pathOf(kind: DocumentKind, document: BookDocument, mapping: BooksMapping): string {
  if (kind === 'allocation' && document.kind === 'allocation') {
    return `/CreditNotes/${mapping.remoteId('credit_note', document.creditNote)}/Allocations?summarizeErrors=false`;
  }
  const decimals = kind === 'payment' ? '' : '&unitdp=4';
  return `/${COLLECTIONS[kind]}?summarizeErrors=false${decimals}`;
}

function invoiceBody(invoice: Invoice, mapping: BooksMapping): InvoiceBody {
  checkTotals(invoice);
  return {
    Type: 'ACCREC',
    Contact: { ContactID: mapping.party(invoice.party.id) },
    InvoiceNumber: invoice.number,
    Reference: clean(invoice.reference, MAX_TEXT),
    Date: invoice.date,
    DueDate: invoice.dueDate,
    CurrencyCode: invoice.currency,
    LineAmountTypes: 'Exclusive',
    Status: 'AUTHORISED',
    LineItems: invoice.lines.map((line) => lineBody(line, invoice, mapping)),
  };
}

function creditNoteBody(note: CreditNote, mapping: BooksMapping): CreditNoteBody {
  checkTotals(note);
  return {
    Type: 'ACCRECCREDIT',
    Contact: { ContactID: mapping.party(note.party.id) },
    CreditNoteNumber: note.number,
    Reference: clean(note.reference, MAX_TEXT),
    Date: note.date,
    CurrencyCode: note.currency,
    LineAmountTypes: 'Exclusive',
    Status: 'AUTHORISED',
    LineItems: note.lines.map((line) => lineBody(line, note, mapping)),
  };
}

function paymentBody(payment: BookPayment, mapping: BooksMapping): PaymentBody {
  checkPositive(payment);
  const target = mapping.remoteId(payment.settles.kind, payment.settles.number);
  const account = mapping.account(payment.role, payment.account);
  return {
    ...(payment.settles.kind === 'invoice'
      ? { Invoice: { InvoiceID: target } }
      : { CreditNote: { CreditNoteID: target } }),
    // A bank account may have no code; the look-up then offers its id in place of the code.
    Account: GUID.test(account) ? { AccountID: account } : { Code: account },
    Date: payment.date,
    Amount: decimal(amountText(payment.amount, payment)),
    // The only trace by which a payment can be found again: payments have no unique number (provider section 3).
    Reference: payment.number,
  };
}

function allocationBody(allocation: Allocation, mapping: BooksMapping): AllocationBody {
  checkPositive(allocation);
  return {
    Invoice: { InvoiceID: mapping.remoteId('invoice', allocation.invoice) },
    Amount: decimal(amountText(allocation.amount, allocation)),
    Date: allocation.date,
  };
}

type Line = NonNullable<InvoiceBody['LineItems']>[number];

/** Every line says account, tax type and tax amount: what is left out, the provider fills in from its own defaults. */
function lineBody(line: DocumentLine, document: Invoice | CreditNote, mapping: BooksMapping): Line {
  const unit = unitAmount(line.net, line.quantity, document.currency);
  // What goes out as one piece still tells people how many there were.
  const counted = unit === null && /^[\d.]*[1-9]/.test(line.quantity) ? `${line.quantity} × ` : '';
  return {
    Description: clean(`${counted}${line.description}`, MAX_DESCRIPTION) || line.role,
    Quantity: decimal(unit === null ? '1' : line.quantity),
    UnitAmount: decimal(unit ?? amountText(line.net, document)),
    LineAmount: decimal(amountText(line.net, document)),
    AccountCode: mapping.account(line.role, line.account),
    TaxType: mapping.tax(line.taxCode),
    TaxAmount: decimal(amountText(line.tax, document)),
  };
}

/**
 * Unit price of at most four decimals whose product with the quantity is exactly the line's net amount (minor units),
 * or null when there is none; the line then goes out as one piece at the full amount.
 */
function unitAmount(net: bigint, quantity: string, currency: string): string | null {
  const match = /^(\d{1,9})(?:\.(\d{1,4}))?$/.exec(quantity);
  if (!match) return null;
  const pieces = BigInt(`${match[1]}${(match[2] ?? '').padEnd(4, '0')}`);
  // net × 10⁴ (to units of 10⁻⁴) × 10⁴ (because pieces are counted in 10⁻⁴).
  const scaled = net * 10n ** BigInt(8 - exponentOf(currency));
  if (pieces === 0n || scaled % pieces !== 0n) return null;
  const unit = scaled / pieces;
  const digits = (unit < 0n ? -unit : unit).toString().padStart(5, '0');
  const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/0{1,2}$/, '');
  return unit < 0n ? `-${text}` : text;
}

/** Exact decimal text; refuses digits beyond the second decimal, which the provider would round away. */
function amountText(minor: bigint, document: BookDocument): string {
  const finer = 10n ** BigInt(Math.max(0, exponentOf(document.currency) - 2));
  if (minor % finer !== 0n) {
    const amount = `${document.currency} ${formatMinor(minor, document.currency)}`;
    throw invalid(
      document,
      `its amount ${amount} has more than the two decimals that Xero keeps`,
      'Enter this document in Xero by hand, rounded, and mark it as done here.',
      'BOOKS_AMOUNT_TOO_FINE',
    );
  }
  return formatMinor(minor, document.currency);
}

function checkTotals(document: Invoice | CreditNote): void {
  const net = sum(document.lines.map((line) => line.net));
  const tax = sum(document.lines.map((line) => line.tax));
  const text = (minor: bigint) => formatMinor(minor, document.currency);
  if (document.lines.length === 0) throw invalid(document, 'it has no lines', REPORT);
  if (document.total < 0n) throw invalid(document, 'its total is negative, which Xero does not take', REPORT);
  if (tax !== document.tax) {
    throw invalid(document, `its lines carry ${text(tax)} of tax but the document says ${text(document.tax)}`, REPORT);
  }
  if (net + tax !== document.total) {
    throw invalid(
      document,
      `its lines come to ${text(net + tax)} but the document says ${text(document.total)}`,
      REPORT,
    );
  }
}

function checkPositive(document: BookPayment | Allocation): void {
  if (document.amount <= 0n) throw invalid(document, 'its amount is not above zero', REPORT);
}

/** Numbers are put into comma-separated lists and quoted filters when we look documents up. */
function checkNumber(document: BookDocument): void {
  if (!/^[^",\\\p{Cc}]{1,255}$/u.test(document.number)) {
    throw invalid(document, 'its number is empty, too long, or has a quote, comma or backslash in it', REPORT);
  }
}

const REPORT = 'Nothing was sent. Report this to support with the number: a rule of Daybook made a wrong document.';

function invalid(document: BookDocument, why: string, todo: string, code = 'BOOKS_DOCUMENT_INVALID'): ConnectorError {
  return new ConnectorError('rejected', `${subjectOf(document)} was not sent to Xero: ${why}. ${todo}`, { code });
}

/** Without control characters, at most `max` characters, never half of a surrogate pair. */
function clean(text: string, max: number): string {
  const printable = text.replace(/\p{Cc}+/gu, ' ').trim();
  const cut = printable.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}
