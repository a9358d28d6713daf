import { type Allocation, type BookDocument, parseMinor } from '@daybook/domain';
import { z } from 'zod';
import { subjectOf } from '../../kit/book-documents.ts';
import type { Api, BooksMapping, RemoteSnapshot } from '../../kit/contract.ts';
import { type Element, elementsIn, isLive, remoteOf } from './answer.ts';
import { dayOf } from './books.ts';
import { type Call, exchange, jsonOf } from './client.ts';
import { type Converted, convertedLines } from './converting.ts';
import { type Collection, collectionOf, isMovement } from './document.ts';
import { type Attempt, unreadable } from './errors.ts';
import { possibleResources } from './movements.ts';

/** A pushed document where it stands. */
export interface Located {
  collection: Collection;
  element: Element;
}

/** A pushed document as the list it went to has it, or null when it is in none that it may have gone to. */
export async function locate(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<Located | null> {
  const attempt: Attempt = { what: `Reading ${subjectOf(document)}`, writes: false };
  if (document.kind === 'allocation') return locateAllocation(document, remoteId, mapping, attempt, api);
  const collections = isMovement(document) ? possibleResources(document, mapping) : [collectionOf(document, mapping)];
  for (const collection of collections) {
    const element = await readOne(collection, remoteId, attempt, api);
    if (element) return { collection, element };
  }
  return null;
}

async function locateAllocation(
  allocation: Allocation,
  remoteId: string,
  mapping: BooksMapping,
  attempt: Attempt,
  api: Api,
): Promise<Located | null> {
  const note = await readOne('CreditNotes', mapping.remoteId('credit_note', allocation.creditNote), attempt, api);
  const all = Array.isArray(note?.Allocations) ? (note.Allocations as Element[]) : [];
  const there = all.find((each) => remoteOf(allocation, each, attempt).remoteId === remoteId);
  const element = there ?? all.find((each) => isLive(each) && isTheSame(allocation, each, remoteId, attempt));
  return element ? { collection: 'Allocations', element } : null;
}

/** The answer to making one may have named no id: invoice and amount stand in for it (answer.ts). */
function isTheSame(allocation: Allocation, element: Element, remoteId: string, attempt: Attempt): boolean {
  const invoice = element.Invoice as Element | undefined;
  return (
    remoteId === `invoice ${String(invoice?.InvoiceID)}` &&
    remoteOf(allocation, element, attempt).total === allocation.amount
  );
}

async function readOne(collection: Collection, id: string, attempt: Attempt, api: Api): Promise<Element | null> {
  const call: Call = { ...attempt, method: 'GET', path: `/${collection}/${encodeURIComponent(id)}` };
  const response = await exchange(api, call);
  if (response.status === 404) return null;
  const [element] = elementsIn(collection, jsonOf(response, attempt), attempt);
  return element ?? null;
}

/** Reads a pushed document back as it stands now; null when there is no trace of it. */
export async function inspect(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<RemoteSnapshot | null> {
  const there = await locate(document, remoteId, mapping, api);
  if (!there) return null;
  const { element } = there;
  const attempt: Attempt = { what: `Reading ${subjectOf(document)}`, writes: false };
  const remote = remoteOf(document, element, attempt);
  const converted = document.kind === 'journal' ? await convertedLines(document, mapping, api) : [];
  try {
    return {
      ...remote,
      state: isLive(element) ? 'live' : element.Status === 'VOIDED' ? 'voided' : 'deleted',
      date: dayOf(dated.parse(element)) ?? '',
      lines: linesOf(document, there, remote.currency, mapping).map((each) => moved(each, converted)),
    };
  } catch (cause) {
    throw unreadable(attempt, `a line of ${document.number} is incomplete`, cause);
  }
}

/** A line that stands for a bank account is on that one. */
function moved(line: RemoteSnapshot['lines'][number], converted: readonly Converted[]): typeof line {
  const found = converted.find(({ exchange, amount }) => exchange === line.account && amount === line.net);
  return found ? { ...line, account: found.code } : line;
}

const dated = z
  .object({ DateString: z.string().optional(), Date: z.string().optional() })
  .transform((found) => found.DateString ?? found.Date);
const line = z.object({
  AccountCode: z.string().optional(),
  AccountID: z.string().optional(),
  LineAmount: z.string().optional(),
  TaxAmount: z.string().optional(),
});
const lined = z.object({
  LineAmountTypes: z.string().optional(),
  LineItems: z.array(line).optional(),
  JournalLines: z.array(line).optional(),
});

function linesOf(
  document: BookDocument,
  { collection, element }: Located,
  currency: string,
  mapping: BooksMapping,
): RemoteSnapshot['lines'] {
  if (!('lines' in document)) return [];
  const { LineAmountTypes, LineItems, JournalLines } = lined.parse(element);
  const isJournal = collection === 'ManualJournals';
  // Journals are debit positive; what was received by one is credited to what it was received for.
  const sign = isJournal && document.kind === 'bank_entry' && document.direction === 'receive' ? -1n : 1n;
  const money = isJournal && document.kind === 'bank_entry' ? mapping.account(document.role, document.account) : null;
  return ((isJournal ? JournalLines : LineItems) ?? [])
    .map((each) => {
      const tax = LineAmountTypes === 'NoTax' ? 0n : parseMinor(each.TaxAmount ?? '0', currency);
      const amount = parseMinor(each.LineAmount ?? '0', currency);
      const net = LineAmountTypes === 'Inclusive' ? amount - tax : amount;
      return { account: each.AccountCode || (each.AccountID ?? ''), net: sign * net, tax: sign * tax };
    })
    .filter(({ account }) => account !== money);
}
