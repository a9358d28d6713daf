import { type Answer, type Json, json, missing, Refused } from './answer.ts';
import { bookJournal, bookOtherPayment, bookTransfer } from './banking.ts';
import { makeContact } from './contacts.ts';
import { optional } from './fields.ts';
import { listOthers, listRows } from './lists.ts';
import { type Booking, bookAllocation, bookContactPayment } from './payments.ts';
import { removeRow } from './remove.ts';
import { renderContact, renderFinancial, renderRow } from './render.ts';
import { bookQuickEntry, bookSale } from './sales.ts';
import type { Fact, Store } from './store.ts';
import type { Business, Resource, Row } from './world.ts';

/** How long an idempotency id is remembered, as a third party says. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;

type Book = (store: Store, business: Business, body: Json, now: number) => Booking;
const alone =
  (book: (store: Store, business: Business, body: Json, now: number) => Row): Book =>
  (...given) => ({ row: book(...given), settled: [] });

/** How each kind of document is booked, and the name of its object in bodies. */
const DOCUMENTS: Readonly<Record<Resource, { singular: string; book: Book }>> = {
  sales_invoices: {
    singular: 'sales_invoice',
    book: alone((store, business, body, now) => bookSale(store, business, 'sales_invoices', body, now)),
  },
  sales_credit_notes: {
    singular: 'sales_credit_note',
    book: alone((store, business, body, now) => bookSale(store, business, 'sales_credit_notes', body, now)),
  },
  sales_quick_entries: { singular: 'sales_quick_entry', book: alone(bookQuickEntry) },
  contact_payments: { singular: 'contact_payment', book: bookContactPayment },
  contact_allocations: { singular: 'contact_allocation', book: bookAllocation },
  other_payments: { singular: 'other_payment', book: alone(bookOtherPayment) },
  bank_transfers: { singular: 'bank_transfer', book: alone(bookTransfer) },
  journals: { singular: 'journal', book: alone(bookJournal) },
};

/** One request to a business; `path` below the version, without query. */
export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Parsed body of a POST, numbers as text. */
  body: unknown;
}

/** Carries a request out. Throws Refused for everything that Sage refuses. */
export function operate(store: Store, business: Business, request: Request, now: number): Answer {
  const [resource = '', id, ...more] = request.path.split('/').filter((part) => part !== '');
  if (more.length > 0) throw missing();
  if (request.method === 'POST' && id === undefined) return create(store, business, resource, request.body, now);
  if (request.method === 'GET')
    return id === undefined ? list(business, resource, request) : one(business, resource, id, request);
  const isDelete = request.method === 'DELETE' && id !== undefined && isDocument(resource);
  if (!isDelete) throw new Refused('Method not allowed', '', 405, 'MethodNotAllowed');
  const row = rowOf(business, resource, id);
  const changed = removeRow(business, row, request.query.get('void_reason') ?? '', now);
  store.commit(...changed.map((value): Fact => ({ type: 'row', business: business.id, value })));
  return { status: 204, body: '' };
}

function isDocument(resource: string): resource is Resource {
  return Object.hasOwn(DOCUMENTS, resource);
}

function list(business: Business, resource: string, { query }: Request): Answer {
  if (resource === 'financial_settings') return json(200, renderFinancial(business));
  const answer = isDocument(resource) ? listRows(business, resource, query) : listOthers(business, resource, query);
  if (answer === null) throw missing();
  return answer;
}

function one(business: Business, resource: string, id: string, { query }: Request): Answer {
  if (resource === 'exchange_rates') {
    const rate = business.rates[id];
    if (rate === undefined) throw missing();
    const pair = { base_currency: { id: business.currency }, currency: { id } };
    return json(200, { displayed_as: id, $path: `/exchange_rates/${id}`, rate, ...pair });
  }
  if (resource === 'contacts') {
    const contact = business.contacts.get(id);
    if (!contact) throw missing();
    return json(200, renderContact(contact));
  }
  if (!isDocument(resource)) throw missing();
  const shows = query.get('show_payments_allocations') === 'true';
  return json(200, renderRow(business, rowOf(business, resource, id), shows));
}

function rowOf(business: Business, resource: string, id: string): Row {
  const row = business.rows.get(id);
  if (row?.resource !== resource || row.state === 'deleted') throw missing();
  return row;
}

function create(store: Store, business: Business, resource: string, whole: unknown, now: number): Answer {
  const document = isDocument(resource) ? DOCUMENTS[resource] : null;
  const singular = document?.singular ?? (resource === 'contacts' ? 'contact' : null);
  if (singular === null) throw missing();
  const body = (whole as Json | null)?.[singular];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refused(`${singular} is missing`, singular, 400, 'BadRequest');
  }
  const key = idempotencyKey(resource, body as Json);
  const before = key === null ? undefined : business.answers.get(key);
  if (before && now - before.at < REMEMBERED_MS) return { status: before.status, body: before.body };
  const facts: Fact[] = [];
  const rendered = document
    ? bookDocument(store, business, document.book, body as Json, now, facts)
    : bookContact(store, business, body as Json, now, facts);
  const answer = json(201, rendered);
  if (key !== null) {
    const value = { at: now, status: answer.status, body: answer.body };
    facts.push({ type: 'answer', business: business.id, key, value });
  }
  store.commit(...facts);
  return answer;
}

function bookDocument(store: Store, business: Business, book: Book, body: Json, now: number, facts: Fact[]): Json {
  const { row, settled } = book(store, business, body, now);
  for (const value of [row, ...settled]) facts.push({ type: 'row', business: business.id, value });
  return renderRow(business, row);
}

function bookContact(store: Store, business: Business, body: Json, now: number, facts: Fact[]): Json {
  const value = makeContact(store, business, body, now);
  facts.push({ type: 'contact', business: business.id, value });
  return renderContact(value);
}

/** Off unless sent; a GUID without its hyphens. */
function idempotencyKey(resource: string, body: Json): string | null {
  const id = optional(body, 'idempotency_id');
  if (id === null) return null;
  if (!/^[0-9a-f]{32}$/i.test(id)) throw new Refused('is not a valid idempotency id', 'idempotency_id');
  return `${resource} ${id}`;
}
