import type { Books } from '../chart.ts';
import type { BookDocument, BookPayment, CreditNote, DocumentLine, DocumentParty, Invoice } from '../documents.ts';
import type { CanonicalEvent } from '../events.ts';
import { sum } from '../money.ts';
import type { Money } from '../posting/booked.ts';
import { businessDate, type PostingFacts } from '../posting/facts.ts';
import { partyOf } from '../posting/party.ts';
import { totalOf } from './lines.ts';
import { rateOf } from './rate.ts';

/** What all documents of an event share. */
export interface Head {
  reference: string;
  date: string;
  currency: string;
  rate?: string;
  party: DocumentParty;
}

/** Reference, business date in the company's zone, currency, rate and party of an event's documents. */
export function headOf(event: CanonicalEvent, facts: PostingFacts, books: Books): Head {
  const rate = rateOf(event, facts, books);
  return {
    reference: event.order?.number ?? event.order?.id ?? event.memo ?? event.id,
    date: businessDate(event, books.timeZone),
    currency: event.currency,
    ...(rate !== undefined && { rate }),
    party: partyOf(event, facts),
  };
}

/** An invoice over lines. */
export function invoiceOf(head: Head, number: string, lines: DocumentLine[], dueDate = head.date): Invoice {
  return { kind: 'invoice', number, ...head, dueDate, lines, total: totalOf(lines), tax: taxTotal(lines) };
}

/** A credit note over lines; amounts positive. */
export function creditNoteOf(head: Head, number: string, lines: DocumentLine[]): CreditNote {
  return { kind: 'credit_note', number, ...head, lines, total: totalOf(lines), tax: taxTotal(lines) };
}

/** Money against a document, numbered `<number>-p<n>`. */
export function paymentOf(head: Head, number: string, settles: BookPayment['settles'], money: Money): BookPayment {
  const { role, account, amount } = money;
  return { kind: 'payment', number, ...head, settles, role, account, amount };
}

/** Part of a credit note set against an invoice, numbered `<number>-a<n>`. */
export function allocationOf(
  head: Head,
  number: string,
  creditNote: string,
  invoice: string,
  amount: bigint,
): BookDocument {
  return { kind: 'allocation', number, ...head, creditNote, invoice, amount };
}

function taxTotal(lines: readonly DocumentLine[]): bigint {
  return sum(lines.map((line) => line.tax));
}
