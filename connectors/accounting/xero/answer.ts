import { type BookDocument, type DocumentKind, parseMinor } from '@daybook/domain';
import { z } from 'zod';
import type { RemoteDocument } from '../../kit/contract.ts';
import { COLLECTIONS } from './document.ts';
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

export type Element = Record<string, unknown>;
export type RemotePayment = z.infer<typeof payment>;
export type RemoteAllocation = z.infer<typeof allocation>;

/** The list of documents in an answer. Throws *unknown* when there is none. */
export function elementsIn(kind: DocumentKind, body: unknown, attempt: Attempt): Element[] {
  const list = (body as Record<string, unknown> | null)?.[COLLECTIONS[kind]];
  if (!Array.isArray(list)) throw unreadable(attempt, `it has no ${COLLECTIONS[kind]}`);
  return list as Element[];
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
export function numberIn(kind: DocumentKind, element: Element): unknown {
  if (kind === 'invoice') return element.InvoiceNumber;
  if (kind === 'credit_note') return element.CreditNoteNumber;
  return kind === 'payment' ? element.Reference : undefined;
}

/**
 * A document as it stands in the books; amounts exact, in minor units. Throws *unknown* for an answer that lacks a
 * field or holds an amount with more decimals than its currency.
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
    }
  } catch (cause) {
    throw unreadable(attempt, `${document.number} in it is incomplete`, cause);
  }
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
