import { type Answer, type Json, json, Refused } from './answer.ts';
import { renderBank, renderContact, renderLedger, renderRow, renderTaxRate } from './render.ts';
import type { Business, Resource, Row } from './world.ts';

const MOST = 200;
const USUAL = 20;
/** What a list answers without being asked. */
const BASE = ['id', 'displayed_as', '$path'];

/** One page of items, with only the attributes that were asked for. */
export function page(path: string, items: readonly Json[], query: URLSearchParams): Answer {
  const size = count(query, 'items_per_page', USUAL);
  if (size > MOST) throw new Refused(`must be less than or equal to ${MOST}`, 'items_per_page', 400, 'BadRequest');
  const number = count(query, 'page', 1);
  const asked = (query.get('attributes') ?? '').split(',');
  const shown = items.slice((number - 1) * size, number * size).map((item) => picked(item, asked));
  const at = (other: number) => {
    const search = new URLSearchParams(query);
    search.set('page', String(other));
    return `/${path}?${search}`;
  };
  return json(200, {
    $total: items.length,
    $page: number,
    $next: number * size < items.length ? at(number + 1) : null,
    $back: number > 1 ? at(number - 1) : null,
    $itemsPerPage: size,
    $items: shown,
  });
}

function picked(item: Json, asked: readonly string[]): Json {
  if (asked.includes('all')) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => BASE.includes(name) || asked.includes(name)));
}

function count(query: URLSearchParams, name: string, usual: number): number {
  const value = query.get(name) ?? String(usual);
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new Refused('is not a number', name, 400, 'BadRequest');
  return Number.parseInt(value, 10);
}

/** What a list of documents may be filtered by; other parameters are not known there and do nothing. */
const FILTERS: Readonly<Record<Resource, readonly string[]>> = {
  sales_invoices: ['search', 'contact_id', 'from_date', 'to_date'],
  sales_credit_notes: ['search', 'contact_id', 'from_date', 'to_date'],
  sales_quick_entries: ['search', 'contact_id', 'from_date', 'to_date'],
  contact_payments: ['contact_id', 'bank_account_id', 'transaction_type_id', 'from_date', 'to_date'],
  contact_allocations: ['contact_id', 'transaction_type_id'],
  other_payments: ['contact_id', 'bank_account_id', 'transaction_type_id', 'from_date', 'to_date'],
  bank_transfers: ['from_date', 'to_date'],
  journals: [],
};

/** Documents of one kind, oldest first. Deleted ones only show when asked for by `deleted_since`. */
export function listRows(business: Business, resource: Resource, query: URLSearchParams): Answer {
  const rows = [...business.rows.values()].filter((row) => row.resource === resource && matches(business, row, query));
  const shows = query.get('show_payments_allocations') === 'true';
  return page(
    resource,
    rows.map((row) => renderRow(business, row, shows)),
    query,
  );
}

function matches(business: Business, row: Row, query: URLSearchParams): boolean {
  const asked = (name: string) => (FILTERS[row.resource].includes(name) ? query.get(name) : null);
  const deleted = query.get('deleted_since');
  if (deleted !== null) return row.state === 'deleted' && row.updatedAt > Date.parse(deleted);
  if (row.state === 'deleted') return false;
  const since = query.get('updated_or_created_since');
  const bank = (row.body.bank_account as Json | undefined)?.id;
  const type = (row.body.transaction_type as Json | undefined)?.id;
  const name = business.contacts.get(row.contact ?? '')?.name ?? '';
  return (
    (since === null || row.updatedAt >= Date.parse(since)) &&
    isOne(asked('contact_id'), row.contact) &&
    isOne(asked('bank_account_id'), bank) &&
    isOne(asked('transaction_type_id'), type) &&
    row.date >= (asked('from_date') ?? '') &&
    row.date <= (asked('to_date') ?? '9999') &&
    isFound(asked('search'), [row.reference, name])
  );
}

function isOne(wanted: string | null, found: unknown): boolean {
  return wanted === null || wanted === found;
}

/** A search finds text anywhere in the fields it looks at, which is why callers compare again. */
function isFound(wanted: string | null, fields: readonly string[]): boolean {
  return wanted === null || fields.some((each) => each.toLowerCase().includes(wanted.toLowerCase()));
}

/** The lists that are no documents; null for any other name. */
export function listOthers(business: Business, resource: string, query: URLSearchParams): Answer | null {
  switch (resource) {
    case 'ledger_accounts':
      return page(resource, business.ledgers.map(renderLedger), query);
    case 'bank_accounts': {
      const banks = business.banks.map((bank) => renderBank(business, bank));
      return page(resource, banks, query);
    }
    case 'tax_rates':
      return page(resource, business.taxRates.map(renderTaxRate), query);
    case 'currencies': {
      const codes = [business.currency, ...Object.keys(business.rates)];
      const shown = codes.map((id) => ({ id, displayed_as: id, $path: `/currencies/${id}` }));
      return page(resource, shown, query);
    }
    case 'contacts': {
      const search = query.get('search');
      const found = [...business.contacts.values()].filter((each) =>
        isFound(search, [each.name, each.reference ?? '']),
      );
      return page(resource, found.map(renderContact), query);
    }
    default:
      return null;
  }
}
