import { type Allocation, abs, type BookDocument, type BookPayment } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, RemoteDocument } from '../../kit/contract.ts';
import { ATTRIBUTES, type Booked, bookedIn, isDraft, isRecordOf, minor, remoteOf, stateOf } from './answer.ts';
import { type Fields, readAll } from './client.ts';
import type { Attempt } from './errors.ts';
import { isIndirect, possibleResources, type Resource, referenceOf, resourceOf } from './resources.ts';
import { allocationsOf, settle, settlementOf } from './settling.ts';

/**
 * Looks documents of one kind up: invoices, credit notes and quick entries by searching for our reference; payments and
 * transfers among all of the day; journals and allocations, which have no date to ask for, among all that changed since
 * (provider section 3). Also under what they would have become while an account was mapped otherwise. Null where there
 * is none; deleted, void and draft ones are as if they were not there. Money that an earlier attempt booked but did not
 * allocate is allocated now.
 */
export async function find(
  documents: BookDocument[],
  mapping: BooksMapping,
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const lists = new Map<string, Promise<Booked[]>>();
  const read = (resource: Resource, query: Record<string, string>) => {
    const key = `${resource} ${new URLSearchParams(query)}`;
    const list = lists.get(key) ?? listed(resource, query, api);
    lists.set(key, list);
    return list;
  };
  const results: (RemoteDocument | null)[] = [];
  for (const document of documents) results.push(await findOne(document, mapping, api, read));
  return results;
}

async function findOne(
  document: BookDocument,
  mapping: BooksMapping,
  api: Api,
  read: (resource: Resource, query: Record<string, string>) => Promise<Booked[]>,
): Promise<RemoteDocument | null> {
  const expected = resourceOf(document, mapping);
  const others = possibleResources(document).filter((each) => each !== expected);
  for (const resource of [expected, ...others]) {
    const list = await read(resource, queryFor(document, resource, mapping));
    const found = list.find((each) => isThis(document, each, mapping));
    if (!found) continue;
    if (document.kind === 'payment' && isIndirect(document, resource)) await finish(document, found.id, mapping, api);
    return remoteOf(document, resource, found, lookingUp(resource));
  }
  return null;
}

/**
 * The invoice or credit note that carries our number already, or null: nothing there keeps a reference from being used
 * twice, so this is asked before one is made. Other kinds cannot be asked for by their reference.
 */
export async function alreadyThere(document: BookDocument, resource: Resource, api: Api): Promise<Booked | null> {
  if (resource !== 'sales_invoices' && resource !== 'sales_credit_notes') return null;
  const same = await listed(resource, { search: referenceOf(document.number) }, api);
  return same.find((each) => isRecordOf(document, each)) ?? null;
}

async function listed(resource: Resource, query: Record<string, string>, api: Api): Promise<Booked[]> {
  const attempt = lookingUp(resource);
  const items: Fields[] = await readAll(api, attempt.what, resource, { attributes: ATTRIBUTES[resource], ...query });
  return items.map((item) => bookedIn(item, attempt)).filter((each) => stateOf(each) === 'live' && !isDraft(each));
}

/** The narrowest question the provider's parameters allow; what it answers is compared exactly afterwards. */
function queryFor(document: BookDocument, resource: Resource, mapping: BooksMapping): Record<string, string> {
  switch (resource) {
    case 'sales_invoices':
    case 'sales_credit_notes':
    case 'sales_quick_entries':
      return { search: referenceOf(document.number) };
    case 'contact_payments':
    case 'other_payments':
    case 'bank_transfers':
      return onDay(document);
    case 'contact_allocations':
      return { contact_id: mapping.party(document.party.id), updated_or_created_since: dayBefore(document.date) };
    case 'journals':
      return { updated_or_created_since: dayBefore(document.date) };
  }
}

function onDay({ date }: BookDocument): { from_date: string; to_date: string } {
  return { from_date: date, to_date: date };
}

/** Nothing is booked before its business day has begun somewhere on earth. */
function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 24 * 60 * 60_000).toISOString().replace('.000', '');
}

function isThis(document: BookDocument, found: Booked, mapping: BooksMapping): boolean {
  return document.kind === 'allocation' ? isAllocationOf(document, found, mapping) : isRecordOf(document, found);
}

/** Allocations have no reference: the two documents and the amount have to do. */
function isAllocationOf(allocation: Allocation, found: Booked, mapping: BooksMapping): boolean {
  const invoice = mapping.remoteId('invoice', allocation.invoice);
  const note = mapping.remoteId('credit_note', allocation.creditNote);
  const parts = found.allocated_artefacts ?? [];
  const isPart = (id: string) =>
    parts.some(
      ({ artefact, amount }) => artefact?.id === id && abs(minor(amount, allocation.currency)) === allocation.amount,
    );
  return isPart(invoice) && isPart(note);
}

/**
 * The second half of an indirect payment whose first half got through. Where the books refuse it, a person has dealt
 * with it meanwhile, and what they did is left alone.
 */
async function finish(payment: BookPayment, entry: string, mapping: BooksMapping, api: Api): Promise<void> {
  if ((await allocationsOf(entry, `Looking up ${payment.number}`, api)).length > 0) return;
  try {
    await settle(payment, entry, settlementOf(payment, mapping), api);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    api.log('books.left_open', { number: payment.number, code: error.code, message: error.message });
  }
}

function lookingUp(resource: Resource): Attempt {
  return { what: `Looking up in ${resource.replaceAll('_', ' ')}`, writes: false };
}
