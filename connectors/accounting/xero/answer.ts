import { type BookDocument, parseMinor, sum } from '@daybook/domain';
import { z } from 'zod';
import { withoutReceiptsIn } from '../../kit/book-documents.ts';
import type { RemoteDocument } from '../../kit/contract.ts';
import type { Collection } from './document.ts';
import { type Attempt, textsOf, unreadable } from './errors.ts';

/** Numbers come as the text they were written with (kit/json.ts). */
const text = z.string();
const NO_ID = '00000000-0000-0000-0000-000000000000';
const id = text.refine((value) => value !== NO_ID, 'is empty');

const invoice = z.object({
  InvoiceID: id,
  InvoiceNumber: text,
  Type: text,
  Status: text,
  Total: text,
  TotalTax: text,
  CurrencyCode: text,
});
const creditNote = z.object({
  CreditNoteID: id,
  CreditNoteNumber: text,
  Type: text,
  Status: text,
  Total: text,
  TotalTax: text,
  CurrencyCode: text,
});
const settled = z.object({
  InvoiceID: text.optional(),
  CreditNoteID: text.optional(),
  CurrencyCode: text.optional(),
});
const payment = z.object({
  PaymentID: id,
  Amount: text,
  Status: text,
  Reference: text.optional(),
  Invoice: settled.optional(),
  CreditNote: settled.optional(),
});
const allocation = z.object({
  AllocationID: id.optional(),
  Amount: text,
  Invoice: z.object({ InvoiceID: text }),
  IsDeleted: z.boolean().optional(),
});

const bankTransfer = z.object({
  BankTransferID: id,
  Amount: text,
  Status: text.optional(),
  Reference: text.optional(),
});
const bankEntry = z.object({
  BankTransactionID: id,
  Total: text,
  TotalTax: text,
  Status: text,
  Reference: text.optional(),
  CurrencyCode: text.optional(),
});
const journal = z.object({
  ManualJournalID: id,
  Narration: text,
  Status: text,
  LineAmountTypes: text.optional(),
  JournalLines: z.array(z.object({ LineAmount: text, TaxAmount: text.optional() })),
});

export type Element = Record<string, unknown>;
export type RemotePayment = z.infer<typeof payment>;
export type RemoteAllocation = z.infer<typeof allocation>;

/** The list of documents in an answer. Throws *unknown* when there is none. */
export function elementsIn(collection: Collection, body: unknown, attempt: Attempt): Element[] {
  const list = (body as Record<string, unknown> | null)?.[collection];
  if (!Array.isArray(list)) throw unreadable(attempt, `it has no ${collection}`);
  return list as Element[];
}

/** A voided or deleted document frees nothing and proves nothing: it is as if it were not there. */
const GONE: ReadonlySet<unknown> = new Set(['VOIDED', 'DELETED']);

/** Whether an element still counts in the books. */
export function isLive(element: Element): boolean {
  return !GONE.has(element.Status) && element.IsDeleted !== true;
}

/** Whether a document of an answer was refused, with the reasons given. */
export function refusedTexts(element: Element): string[] | null {
  const texts = textsOf(element);
  const refused =
    element.StatusAttributeString === 'ERROR' ||
    element.HasErrors === true ||
    element.HasValidationErrors === true ||
    texts.length > 0;
  return refused ? texts : null;
}

/** Our number as the answer carries it, undefined where it carries none (allocations never do). */
export function numberIn(collection: Collection, element: Element): unknown {
  switch (collection) {
    case 'Invoices':
      return element.InvoiceNumber;
    case 'CreditNotes':
      return element.CreditNoteNumber;
    case 'ManualJournals':
      return typeof element.Narration === 'string' ? firstWord(element.Narration) : undefined;
    case 'Allocations':
      return undefined;
    default:
      return element.Reference;
  }
}

function firstWord(narration: string): string {
  return narration.split(' ', 1)[0] ?? '';
}

/**
 * A document as it stands in the books; amounts exact, in minor units. What a movement became shows in the fields of
 * its element. Throws *unknown* for an answer that lacks a field or holds an amount with more decimals than its
 * currency.
 */
export function remoteOf(document: BookDocument, element: Element, attempt: Attempt): RemoteDocument {
  try {
    switch (document.kind) {
      case 'invoice':
        return remoteInvoice(invoice.parse(element));
      case 'credit_note':
        return remoteCreditNote(creditNote.parse(element));
      case 'payment':
        return remotePayment(payment.parse(element), document.currency);
      case 'allocation':
        return remoteAllocation(allocation.parse(element), document.number, document.currency);
      case 'transfer':
      case 'bank_entry':
      case 'journal':
        return remoteMovement(document, element);
      case 'sales_receipt':
      case 'refund_receipt':
        return withoutReceiptsIn('Xero', document);
    }
  } catch (cause) {
    throw unreadable(attempt, `${document.number} in it is incomplete`, cause);
  }
}

function remoteMovement(document: BookDocument, element: Element): RemoteDocument {
  if ('BankTransactionID' in element) return remoteBankEntry(bankEntry.parse(element), document.currency);
  if ('ManualJournalID' in element) return remoteJournal(journal.parse(element), document);
  return remoteTransfer(bankTransfer.parse(element), document.currency);
}

function remoteTransfer(found: z.infer<typeof bankTransfer>, currency: string): RemoteDocument {
  return {
    remoteId: found.BankTransferID,
    number: found.Reference ?? '',
    total: parseMinor(found.Amount, currency),
    tax: 0n,
    currency,
    status: found.Status ?? 'AUTHORISED',
    url: null,
  };
}

function remoteBankEntry(found: z.infer<typeof bankEntry>, fallbackCurrency: string): RemoteDocument {
  return {
    remoteId: found.BankTransactionID,
    number: found.Reference ?? '',
    ...totals({ ...found, CurrencyCode: found.CurrencyCode ?? fallbackCurrency }),
    url: `https://go.xero.com/Bank/ViewTransaction.aspx?bankTransactionID=${found.BankTransactionID}`,
  };
}

/** The total is what moved on the side of the money, which never has tax; a journal proper has its debits. */
function remoteJournal(found: z.infer<typeof journal>, document: BookDocument): RemoteDocument {
  const amounts = found.JournalLines.map((line) => parseMinor(line.LineAmount, document.currency));
  const taxes = found.JournalLines.map((line) => parseMinor(line.TaxAmount ?? '0', document.currency));
  const isSpent = document.kind === 'bank_entry' && document.direction === 'spend';
  const side = amounts.filter((amount) => amount < 0n === isSpent);
  const tax = found.LineAmountTypes === 'NoTax' || document.kind !== 'bank_entry' ? 0n : sum(taxes);
  return {
    remoteId: found.ManualJournalID,
    number: firstWord(found.Narration),
    total: isSpent ? -sum(side) : sum(side),
    tax: isSpent ? tax : -tax,
    currency: document.currency,
    status: found.Status,
    url: `https://go.xero.com/Journal/View.aspx?invoiceID=${found.ManualJournalID}`,
  };
}

function remoteInvoice(found: z.infer<typeof invoice>): RemoteDocument {
  return {
    remoteId: found.InvoiceID,
    number: found.InvoiceNumber,
    ...totals(found),
    url: `https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=${found.InvoiceID}`,
  };
}

function remoteCreditNote(found: z.infer<typeof creditNote>): RemoteDocument {
  return {
    remoteId: found.CreditNoteID,
    number: found.CreditNoteNumber,
    ...totals(found),
    url: `https://go.xero.com/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=${found.CreditNoteID}`,
  };
}

function totals(found: { Total: string; TotalTax: string; CurrencyCode: string; Status: string }) {
  return {
    total: parseMinor(found.Total, found.CurrencyCode),
    tax: parseMinor(found.TotalTax, found.CurrencyCode),
    currency: found.CurrencyCode,
    status: found.Status,
  };
}

function remotePayment(found: RemotePayment, fallbackCurrency: string): RemoteDocument {
  const currency = found.Invoice?.CurrencyCode ?? found.CreditNote?.CurrencyCode ?? fallbackCurrency;
  return {
    remoteId: found.PaymentID,
    number: found.Reference ?? '',
    total: parseMinor(found.Amount, currency),
    tax: 0n,
    currency,
    status: found.Status,
    url: null,
  };
}

/** Allocations carry no number; the pair of documents stands in for an id where the answer gives none. */
function remoteAllocation(found: RemoteAllocation, number: string, currency: string): RemoteDocument {
  return {
    remoteId: found.AllocationID ?? `invoice ${found.Invoice.InvoiceID}`,
    number,
    total: parseMinor(found.Amount, currency),
    tax: 0n,
    currency,
    status: 'AUTHORISED',
    url: null,
  };
}
