import { DOCUMENT_TYPES } from '@daybook/domain';
import type { GivenDocument } from '@daybook/workers/documents/enter-documents';
import { parseCsv } from './csv.ts';
import { parseExactJson } from './input.ts';
import { UsageError } from './terminal.ts';

/** Columns of a CSV file that say something about the whole document, with the field of the form they fill. */
const OF_DOCUMENT: Readonly<Record<string, string>> = {
  type: 'type',
  key: 'key',
  number: 'number',
  date: 'date',
  due_date: 'dueDate',
  terms_days: 'termsDays',
  currency: 'currency',
  memo: 'memo',
  of: 'of',
  reason: 'reason',
  paid_from: 'paidFrom',
  goods_receipt: 'goodsReceipt',
  bill: 'bill',
  total: 'total',
  bank: 'bank',
  at: 'at',
};

/** Columns about the customer or supplier. */
const OF_PARTY: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  email: 'email',
  country: 'country',
  tax_number: 'taxNumber',
  address: 'address',
};
const PARTY_COLUMN = /^(customer|supplier)_(.+)$/;

/** Columns about a line. */
const OF_LINE: Readonly<Record<string, string>> = {
  sku: 'sku',
  description: 'description',
  quantity: 'quantity',
  unit_price: 'unitPrice',
  discount: 'discount',
  unit_cost: 'unitCost',
  net: 'net',
  tax_code: 'taxCode',
  tax: 'tax',
  counted: 'counted',
  value: 'value',
  account: 'account',
  role: 'role',
  debit: 'debit',
  credit: 'credit',
  amount: 'amount',
  party: 'party',
  document: 'document',
  reference: 'reference',
  restock: 'restock',
};

/** What `daybook enter --help` says about files. */
export const FILE_HELP = `
JSON: one document or a list. CSV: one row per line of a document; rows with the same type and key (else number) are
one document, as is a row without key, number and date with the one above. What is about the whole document is read from
its first row. Amounts and prices in major units with a point (12.50), dates YYYY-MM-DD.
Types: ${DOCUMENT_TYPES.join(', ')}
Columns of the document: ${Object.keys(OF_DOCUMENT).join(', ')}
Of customer or supplier: ${Object.keys(OF_PARTY)
  .map((name) => `customer_${name}`)
  .join(', ')}; supplier_… likewise
Of the line: ${Object.keys(OF_LINE).join(', ')}
A JSON document has the same fields in one word (dueDate, unitPrice), customer or supplier {id, name, …} and lines [].
A document without number gets the next one; give it a key of your own, so that entering the file again finds it.
  daybook enter invoices.csv --company harbour --type invoice --dry-run`;

/**
 * The documents of a file, each with where it stands. `type` is that of documents that do not say theirs. Throws
 * UsageError for what is no JSON or CSV, and for columns nobody knows.
 */
export function documentsOf(text: string, file: string, type: string | undefined): GivenDocument[] {
  const isJson = file.endsWith('.json') || (!file.endsWith('.csv') && /^\s*[[{]/.test(text));
  if (!isJson) return csvDocuments(text.replace(/^\uFEFF/, ''), type);
  const given = parseExactJson(text, file);
  const list = Array.isArray(given) ? given : [given];
  return list.map((each: unknown, index) => ({ at: String(index + 1), input: typed(each, type) }));
}

function typed(input: unknown, type: string | undefined): unknown {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return type !== undefined && isObject && !('type' in input) ? { type, ...input } : input;
}

interface Row {
  line: number;
  fields: ReadonlyMap<string, string>;
}

function csvDocuments(text: string, type: string | undefined): GivenDocument[] {
  const [head, ...records] = parseCsv(text);
  if (!head) throw new UsageError('the file is empty; its first line names the columns, see daybook enter --help');
  const columns = head.fields.map((name) => name.trim().toLowerCase());
  const unknown = columns.filter((name) => !isColumn(name));
  if (unknown.length > 0) {
    throw new UsageError(`nobody knows the columns ${unknown.join(', ')}; daybook enter --help lists those there are`);
  }
  const rows = records.map(({ line, fields }): Row => {
    if (fields.length > columns.length) throw new UsageError(`line ${line} has more fields than there are columns`);
    return { line, fields: new Map(columns.map((name, index) => [name, fields[index]?.trim() ?? ''])) };
  });
  return grouped(rows).map((group) => csvDocument(group, type));
}

function isColumn(name: string): boolean {
  const party = PARTY_COLUMN.exec(name)?.[2];
  return name in OF_DOCUMENT || name in OF_LINE || (party !== undefined && party in OF_PARTY);
}

/** Rows of one document bear its key, else its number; a row with neither and no date continues the one above. */
function grouped(rows: readonly Row[]): [Row, ...Row[]][] {
  const groups: [Row, ...Row[]][] = [];
  const named = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const name = row.fields.get('key') || row.fields.get('number') || '';
    const of = [row.fields.get('type'), row.fields.get('supplier_id'), name].join('|');
    const open = name === '' ? (row.fields.get('date') ? undefined : groups.at(-1)) : named.get(of);
    if (open) open.push(row);
    else groups.push([row]);
    const group = open ?? groups.at(-1);
    if (name !== '' && group) named.set(of, group);
  }
  return groups;
}

function csvDocument(rows: [Row, ...Row[]], type: string | undefined): GivenDocument {
  const [first] = rows;
  const last = rows.at(-1) ?? first;
  const parties: Record<string, Record<string, string>> = {};
  for (const [name, value] of first.fields) {
    const [, side, field] = PARTY_COLUMN.exec(name) ?? [];
    if (side === undefined || field === undefined || value === '') continue;
    parties[side] = { ...parties[side], [OF_PARTY[field] ?? field]: value };
  }
  const lines = rows.map((row) => filled(row, OF_LINE)).filter((line) => Object.keys(line).length > 0);
  const input = { ...filled(first, OF_DOCUMENT), ...parties, lines };
  const at = first.line === last.line ? `line ${first.line}` : `lines ${first.line}-${last.line}`;
  return { at, input: typed(input, type) };
}

function filled({ fields }: Row, columns: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([column, field]) => {
      const value = fields.get(column) ?? '';
      return value === '' ? [] : [[field, value]];
    }),
  );
}
