import type { Allocation, BookDocument, BookPayment } from '@daybook/domain';
import type { Api, BooksMapping, RemoteDocument } from '../../kit/contract.ts';
import { type Element, isLive, numberIn, remoteOf } from './answer.ts';
import { anyOf, inParts } from './client.ts';
import { isMovement } from './document.ts';
import { findMovements } from './find-movements.ts';
import { list, listPages, lookingUp } from './lists.ts';

/**
 * Looks documents of one kind up by their natural key, in as few calls as the length of a URL allows; null where there
 * is none. Invoices and credit notes by our number, payments by our number in Reference among those of the document
 * they settle, allocations by invoice and amount among those of their credit note (they have no field of our own),
 * movements by our number where what they became carries it.
 */
export async function find(
  documents: BookDocument[],
  mapping: BooksMapping,
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const [first] = documents;
  if (!first) return [];
  if (first.kind === 'payment') return findPayments(documents.filter(isPayment), mapping, api);
  if (first.kind === 'allocation') return findAllocations(documents.filter(isAllocation), mapping, api);
  if (first.kind === 'invoice' || first.kind === 'credit_note') return findNumbered(first.kind, documents, api);
  return findMovements(documents.filter(isMovement), mapping, api);
}

async function findNumbered(
  kind: 'invoice' | 'credit_note',
  documents: BookDocument[],
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const numbers = [...new Set(documents.map(({ number }) => number))];
  const type = kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT';
  const collection = kind === 'invoice' ? 'Invoices' : 'CreditNotes';
  const found: Element[] = [];
  for (const part of inParts(numbers, (each) => numberedPath(kind, each))) {
    found.push(...(await list(collection, numberedPath(kind, part), api)));
  }
  // Bills may carry the same number, and filters ignore case: only our kind and the very number count.
  const byNumber = new Map(
    found.filter((each) => each.Type === type && isLive(each)).map((each) => [numberIn(collection, each), each]),
  );
  return documents.map((document) => {
    const element = byNumber.get(document.number);
    return element ? remoteOf(document, element, lookingUp(collection)) : null;
  });
}

function numberedPath(kind: 'invoice' | 'credit_note', numbers: string[]): string {
  if (kind === 'invoice') return `/Invoices?InvoiceNumbers=${numbers.map(encodeURIComponent).join(',')}`;
  return `/CreditNotes?where=${anyOf(numbers.map((number) => `CreditNoteNumber=="${number}"`))}`;
}

async function findPayments(
  payments: BookPayment[],
  mapping: BooksMapping,
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const targets = payments.map(({ settles }) => ({ ...settles, id: mapping.remoteId(settles.kind, settles.number) }));
  const terms = [...new Set(targets.map(({ kind, id }) => settlesTerm(kind, id)))];
  const path = (part: string[]) => `/Payments?where=${anyOf(part)}`;
  const found: Element[] = [];
  for (const part of inParts(terms, path)) found.push(...(await listPages('Payments', path(part), api)));
  return payments.map((payment, index) => {
    const target = targets[index]?.id;
    const element = found.find(
      (each) => isLive(each) && numberIn('Payments', each) === payment.number && settledId(each) === target,
    );
    return element ? remoteOf(payment, element, lookingUp('Payments')) : null;
  });
}

/** Lists show the credit note of a payment under Invoice (openapi.yaml, getPayments), so either way counts. */
function settlesTerm(kind: 'invoice' | 'credit_note', id: string): string {
  const asInvoice = `Invoice.InvoiceID==guid("${id}")`;
  return kind === 'invoice' ? asInvoice : `${asInvoice} OR CreditNote.CreditNoteID==guid("${id}")`;
}

function settledId(element: Element): unknown {
  const invoice = element.Invoice as Element | undefined;
  const creditNote = element.CreditNote as Element | undefined;
  return creditNote?.CreditNoteID ?? invoice?.InvoiceID;
}

async function findAllocations(
  allocations: Allocation[],
  mapping: BooksMapping,
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const taken = new Set<Element>();
  const answers = new Map<string, Element[]>();
  const results: (RemoteDocument | null)[] = [];
  for (const allocation of allocations) {
    const note = mapping.remoteId('credit_note', allocation.creditNote);
    const invoice = mapping.remoteId('invoice', allocation.invoice);
    const there = answers.get(note) ?? (await allocationsOf(note, api));
    answers.set(note, there);
    const element = there.find((each) => !taken.has(each) && allocates(each, allocation, invoice));
    if (element) taken.add(element);
    results.push(element ? remoteOf(allocation, element, lookingUp('CreditNotes')) : null);
  }
  return results;
}

async function allocationsOf(creditNoteId: string, api: Api): Promise<Element[]> {
  const [note] = await list('CreditNotes', `/CreditNotes/${creditNoteId}`, api);
  if (!note || !isLive(note)) return [];
  return Array.isArray(note.Allocations) ? (note.Allocations as Element[]) : [];
}

function allocates(element: Element, allocation: Allocation, invoice: string): boolean {
  if (element.IsDeleted === true || (element.Invoice as Element | undefined)?.InvoiceID !== invoice) return false;
  return remoteOf(allocation, element, lookingUp('CreditNotes')).total === allocation.amount;
}

function isPayment(document: BookDocument): document is BookPayment {
  return document.kind === 'payment';
}

function isAllocation(document: BookDocument): document is Allocation {
  return document.kind === 'allocation';
}
