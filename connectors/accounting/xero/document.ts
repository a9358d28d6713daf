import {
  type Allocation,
  type BookDocument,
  type BookPayment,
  type CreditNote,
  type DocumentKind,
  type DocumentLine,
  exponentOf,
  type Invoice,
  isReceipt,
} from '@daybook/domain';
import { clean, withoutReceiptsIn } from '../../kit/book-documents.ts';
import type { BooksMapping, PreparedRequest } from '../../kit/contract.ts';
import { amountText, checkLines, checkNumber, checkPositive, invalid, MAX_DESCRIPTION, MAX_TEXT } from './checks.ts';
import { conversionQuery } from './conversions.ts';
import { type Movement, type MovementResource, movementBody, resourceOf } from './movements.ts';
import { rateFields } from './rate.ts';
import {
  type AllocationBody,
  type CreditNoteBody,
  decimal,
  type InvoiceBody,
  type PaymentBody,
  toJson,
} from './wire.ts';

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
    case 'transfer':
    case 'bank_entry':
    case 'journal':
      return toJson(movementBody(document, mapping));
    case 'sales_receipt':
    case 'refund_receipt':
      return withoutReceiptsIn('Xero', document);
  }
}

/**
 * The request for encoded documents of one kind. Always PUT, which only creates: a POST that carries a known number
 * would edit that document. `summarizeErrors=false` is said because specification and guide disagree on the default.
 */
export function prepare(
  _kind: DocumentKind,
  encoded: string[],
  document: BookDocument,
  mapping: BooksMapping,
): PreparedRequest {
  const list = encoded.join(',');
  const body = `{"${collectionOf(document, mapping)}":[${list}]}`;
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw invalid(
      document,
      `the request of ${encoded.length} documents is larger than the 3.5 MB that Xero takes`,
      'Send fewer documents at once, or combine lines of the sale.',
      'BOOKS_TOO_LARGE',
    );
  }
  return { method: 'PUT', path: pathOf(document, mapping), body };
}

const COLLECTIONS = {
  invoice: 'Invoices',
  credit_note: 'CreditNotes',
  payment: 'Payments',
  allocation: 'Allocations',
} as const;

/** Name of the list in requests and answers, and of the resource. Movements are named by what they became. */
export type Collection = (typeof COLLECTIONS)[keyof typeof COLLECTIONS] | MovementResource;

/** The list a document stands in. */
export function collectionOf(document: BookDocument, mapping: BooksMapping): Collection {
  if (isReceipt(document)) return withoutReceiptsIn('Xero', document);
  return isMovement(document) ? resourceOf(document, mapping) : COLLECTIONS[document.kind];
}

/** The list that a request of ours is about: the last word of its path. */
export function collectionIn(path: string): Collection {
  return path.split('?', 1)[0]?.split('/').at(-1) as Collection;
}

/** Whether a document is money that no customer is party to. */
export function isMovement(document: BookDocument): document is Movement {
  return document.kind === 'transfer' || document.kind === 'bank_entry' || document.kind === 'journal';
}

function pathOf(document: BookDocument, mapping: BooksMapping): string {
  if (document.kind === 'allocation') {
    return `/CreditNotes/${mapping.remoteId('credit_note', document.creditNote)}/Allocations?summarizeErrors=false`;
  }
  const collection = collectionOf(document, mapping);
  // Transfers are made one by one: their list knows no such choice (openapi.yaml, createBankTransfer).
  if (collection === 'BankTransfers') return `/${collection}`;
  const decimals = document.kind === 'invoice' || document.kind === 'credit_note' ? '&unitdp=4' : '';
  const converts = document.kind === 'journal' ? conversionQuery(document, mapping) : '';
  return `/${collection}?summarizeErrors=false${decimals}${converts}`;
}

function invoiceBody(invoice: Invoice, mapping: BooksMapping): InvoiceBody {
  checkLines(invoice, invoice.lines);
  return {
    Type: 'ACCREC',
    Contact: { ContactID: mapping.party(invoice.party.id) },
    InvoiceNumber: invoice.number,
    Reference: clean(invoice.reference, MAX_TEXT),
    Date: invoice.date,
    DueDate: invoice.dueDate,
    CurrencyCode: invoice.currency,
    ...rateFields(invoice),
    LineAmountTypes: 'Exclusive',
    Status: 'AUTHORISED',
    LineItems: invoice.lines.map((line) => lineBody(line, invoice, mapping)),
  };
}

function creditNoteBody(note: CreditNote, mapping: BooksMapping): CreditNoteBody {
  checkLines(note, note.lines);
  return {
    Type: 'ACCRECCREDIT',
    Contact: { ContactID: mapping.party(note.party.id) },
    CreditNoteNumber: note.number,
    Reference: clean(note.reference, MAX_TEXT),
    Date: note.date,
    CurrencyCode: note.currency,
    ...rateFields(note),
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
    ...rateFields(payment),
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
