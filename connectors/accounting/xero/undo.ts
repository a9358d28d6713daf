import { type BookDocument, formatMinor, parseMinor, sum } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping } from '../../kit/contract.ts';
import { type Element, elementsIn, isLive, refusedTexts } from './answer.ts';
import { type Call, exchange, jsonOf } from './client.ts';
import { takeConversions } from './converting.ts';
import { type Attempt, failure, refusal, unreadable } from './errors.ts';
import { type Located, locate } from './inspect.ts';
import { toJson } from './wire.ts';

/**
 * Takes a pushed document out again: what touched the ledger as an invoice, credit note or journal is voided, drafts
 * and money are deleted. Without an idempotency key: the provider would repeat a refusal for six minutes after its
 * reason is gone (provider section 3), and what is undone already is seen by reading it first.
 * Throws ConnectorError `rejected` BOOKS_STILL_REFERRED while payments or credits are set against it,
 * BOOKS_PERIOD_LOCKED in a locked period.
 */
export async function undo(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<'undone' | 'gone'> {
  const attempt: Attempt = { what: `Taking out ${subjectOf(document)}`, writes: true };
  if (document.kind === 'journal') await takeConversions(document, attempt, api);
  const there = await locate(document, remoteId, mapping, api);
  if (!there || !isLive(there.element)) return 'gone';
  checkFree(document, there.element);
  const call = document.kind === 'allocation' ? removal(document, there, mapping, attempt) : ending(there, attempt);
  const response = await exchange(api, call);
  // Somebody was faster: it is gone, which is what was wanted.
  if (response.status === 404) return 'gone';
  if (response.status < 200 || response.status > 299) throw failure(response, attempt);
  if (call.method === 'DELETE') return 'undone';
  const [element] = elementsIn(there.collection, jsonOf(response, attempt), attempt);
  const texts = element ? refusedTexts(element) : null;
  if (texts !== null) throw refusal(document, texts);
  if (!element || isLive(element)) throw unreadable(attempt, 'it is as it was');
  return 'undone';
}

function removal(document: BookDocument, { element }: Located, mapping: BooksMapping, attempt: Attempt): Call {
  const note = document.kind === 'allocation' ? mapping.remoteId('credit_note', document.creditNote) : '';
  const { AllocationID } = element;
  if (typeof AllocationID !== 'string') throw unreadable(attempt, 'Xero does not name the allocation');
  return { ...attempt, method: 'DELETE', path: `/CreditNotes/${note}/Allocations/${AllocationID}` };
}

/** Payments and transfers only know their end; the others are edited (openapi.yaml, deletePayment, deleteBankTransfer). */
function ending({ collection, element }: Located, attempt: Attempt): Call {
  const idName = ID_NAMES[collection] ?? '';
  const id = element[idName];
  const isDraft = element.Status === 'DRAFT' || element.Status === 'SUBMITTED';
  const Status = VOIDED.has(collection) && !isDraft ? 'VOIDED' : 'DELETED';
  const { Narration } = element;
  const edited = { [idName]: id, ...(collection === 'ManualJournals' ? { Narration } : {}), Status };
  const body = collection === 'Payments' || collection === 'BankTransfers' ? { Status } : { [collection]: [edited] };
  return { ...attempt, method: 'POST', path: `/${collection}/${String(id)}`, body: toJson(body) };
}

const VOIDED: ReadonlySet<string> = new Set(['Invoices', 'CreditNotes', 'ManualJournals']);
const ID_NAMES: Readonly<Record<string, string>> = {
  Invoices: 'InvoiceID',
  CreditNotes: 'CreditNoteID',
  Payments: 'PaymentID',
  BankTransfers: 'BankTransferID',
  BankTransactions: 'BankTransactionID',
  ManualJournals: 'ManualJournalID',
};

/** What may be set against an invoice or credit note, with where its amount stands. */
const SETTLEMENTS = [
  { list: 'Payments', name: 'payment', amount: 'Amount' },
  { list: 'CreditNotes', name: 'credit note', amount: 'AppliedAmount' },
  { list: 'Prepayments', name: 'prepayment', amount: 'AppliedAmount' },
  { list: 'Overpayments', name: 'overpayment', amount: 'AppliedAmount' },
  { list: 'Allocations', name: 'allocation', amount: 'Amount' },
] as const;

/** The provider refuses too, but does not say what is in the way. */
function checkFree(document: BookDocument, element: Element): void {
  if (document.kind !== 'invoice' && document.kind !== 'credit_note') return;
  const { currency } = document;
  const standing = SETTLEMENTS.flatMap(({ list, name, amount }) => {
    const all = Array.isArray(element[list]) ? (element[list] as Element[]) : [];
    return all.filter(isLive).map((each) => ({ what: `${name} ${wordFor(each)}`, amount: each[amount] }));
  });
  if (standing.length === 0) return;
  const subject = standing.map(({ what }) => what).join(', ');
  const amounts = standing.map(({ amount }) => parseMinor(typeof amount === 'string' ? amount : '0', currency));
  const settled = `${currency} ${formatMinor(sum(amounts), currency)}`;
  const message =
    `${subjectOf(document)} was not taken out of Xero: ${settled} of it is settled there (${subject}). ` +
    'Take that out first, here or in Xero, then try again.';
  throw new ConnectorError('rejected', message, { code: 'BOOKS_STILL_REFERRED', subject });
}

function wordFor(element: Element): string {
  const invoice = element.Invoice as Element | undefined;
  const words = [element.Reference, element.CreditNoteNumber, invoice?.InvoiceNumber, element.PaymentID, element.ID];
  return String(words.find((word) => typeof word === 'string' && word !== '') ?? 'without a number');
}
