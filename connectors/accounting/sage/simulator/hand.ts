import { parseMinor } from '@daybook/domain';
import { amount, type Json } from './answer.ts';
import { released } from './payments.ts';
import type { Business, Row } from './world.ts';

/** What a person who edits a document adds to it, minor units. */
const EDIT = 100n;

/** A person voids or deletes a document, or adds one unit to its first line. Throws where that cannot be. */
export function tampered(business: Business, id: string, how: 'void' | 'edit', now: number): Row[] {
  const row = business.rows.get(id);
  if (row?.state !== 'live') throw new Error(`The simulated Sage has no live document ${id}.`);
  if (how === 'void') {
    if (row.applied.length > 0) throw new Error(`${row.name} is paid or allocated.`);
    const state = row.resource === 'sales_invoices' || row.resource === 'sales_credit_notes' ? 'void' : 'deleted';
    return [{ ...row, state, updatedAt: now }, ...released(business, row, now)];
  }
  return [edited(row, now)];
}

function edited(row: Row, now: number): Row {
  const names = ['invoice_lines', 'credit_note_lines', 'payment_lines'];
  const name = names.find((each) => Array.isArray(row.body[each]));
  const [money, first, ...rest] = row.postings;
  if (name === undefined || !money || !first) throw new Error(`Nobody can edit ${row.name} of ${row.resource}.`);
  const lines = row.body[name] as Json[];
  const sign = money.amount < 0n ? -1n : 1n;
  const shown = lines.map((line, index) => (index === 0 ? grown(line, row.currency) : line));
  return {
    ...row,
    total: row.total + EDIT,
    updatedAt: now,
    body: { ...row.body, [name]: shown },
    postings: [
      { ...money, amount: money.amount + sign * EDIT },
      { ...first, amount: first.amount - sign * EDIT },
      ...rest,
    ],
  };
}

function grown(line: Json, currency: string): Json {
  const more = (name: string) => amount(parseMinor(String(line[name]), currency) + EDIT, currency);
  return { ...line, net_amount: more('net_amount'), total_amount: more('total_amount') };
}
