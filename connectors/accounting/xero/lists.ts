import type { Api } from '../../kit/contract.ts';
import { type Element, elementsIn } from './answer.ts';
import { type Call, callJson } from './client.ts';
import type { Collection } from './document.ts';
import { type Attempt, unreadable } from './errors.ts';

const FULL_PAGE = 100;

const NAMES: Readonly<Record<Collection, string>> = {
  Invoices: 'invoices',
  CreditNotes: 'credit notes',
  Payments: 'payments',
  Allocations: 'allocations',
  BankTransfers: 'bank transfers',
  BankTransactions: 'bank transactions',
  ManualJournals: 'manual journals',
};

/** What we are doing while we read a list. */
export function lookingUp(collection: Collection): Attempt {
  return { what: `Looking ${NAMES[collection]} up`, writes: false };
}

/** One unpaged list: totals without line items, which is all that a look-up compares (provider section 4). */
export async function list(collection: Collection, path: string, api: Api): Promise<Element[]> {
  const call: Call = { ...lookingUp(collection), method: 'GET', path };
  return elementsIn(collection, await callJson(api, call), call);
}

/** Every page of a list with a query; payments and lines are only complete when paged. */
export async function listPages(collection: Collection, path: string, api: Api): Promise<Element[]> {
  const found: Element[] = [];
  for (let page = 1; page <= 100; page++) {
    const part = await list(collection, `${path}&page=${page}`, api);
    found.push(...part);
    if (part.length < FULL_PAGE) return found;
  }
  throw unreadable(lookingUp(collection), 'it has more than 100 pages');
}
