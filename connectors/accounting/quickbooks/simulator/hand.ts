import type { Json } from './answer.ts';
import { amount } from './answer.ts';
import { BOOKS } from './operations.ts';
import { Refused } from './refusal.ts';
import { type Context, compact, list, member, minorAt, text } from './request.ts';
import type { Store } from './store.ts';
import { deleted, successor } from './versions.ts';
import { voided } from './void.ts';
import type { BookedDocument, Company } from './world.ts';

/** Forms that a person can void; any other document they delete. */
const VOIDABLE: readonly BookedDocument['entity'][] = [
  'Invoice',
  'CreditMemo',
  'SalesReceipt',
  'RefundReceipt',
  'Payment',
  'Purchase',
];

/**
 * A person works on a document in QuickBooks' own pages: voids it (deletes what cannot be voided), or makes an amount
 * on it 1.00 larger. Throws when there is no live document of that id, or QuickBooks would not let them.
 */
export function tamper(store: Store, company: Company, id: string, how: 'void' | 'edit', now: number): void {
  const document = company.documents.get(id);
  if (document?.state !== 'live') throw new Error(`${company.name} has no live document ${id}.`);
  const change = store.begin();
  const context: Context = { company, change, now, include: new Set(['allowduplicatedocnum']), byHand: true };
  try {
    for (const value of how === 'edit' ? [edited(document, context)] : undone(document, context)) {
      change.put({ type: 'document', realm: company.realm, value });
    }
  } catch (problem) {
    change.rollback();
    if (problem instanceof Refused) throw new Error(`QuickBooks does not allow it: ${problem.detail}`);
    throw problem;
  }
  change.commit();
}

function undone(document: BookedDocument, context: Context): BookedDocument[] {
  return VOIDABLE.includes(document.entity) ? voided(document, context) : [deleted(document, context.now)];
}

function edited(document: BookedDocument, context: Context): BookedDocument {
  const { entity, number, date } = document;
  const head = compact({ DocNumber: number, TxnDate: date });
  const draft = BOOKS[entity]({ ...head, ...largerBody(document) }, document, context);
  return successor(document, draft, context.now);
}

const ONE = 100n;

function largerBody(document: BookedDocument): Json {
  const { entity, body, currency } = document;
  const larger = (value: unknown, name: string) => ({
    [name]: amount((minorAt(value, name, currency) ?? 0n) + ONE, currency),
  });
  if (entity === 'Payment') return { ...body, ...larger(body, 'TotalAmt') };
  if (entity === 'Transfer') return { ...body, ...larger(body, 'Amount') };
  const chosen = entity === 'JournalEntry' ? ['Debit', 'Credit'].map((side) => firstOf(body, side)) : [0];
  const lines = list(body, 'Line').map((line, index) =>
    chosen.includes(index) ? { ...withoutPrice(line as Json), ...larger(line, 'Amount') } : line,
  );
  const { TxnTaxDetail: _computedAnew, ...rest } = body;
  return { ...rest, Line: lines };
}

function firstOf(body: Json, side: string): number {
  return list(body, 'Line').findIndex((line) => text(member(line, 'JournalEntryLineDetail'), 'PostingType') === side);
}

/** Quantity and price would have to come to the new amount. */
function withoutPrice(line: Json): Json {
  const detail = line.SalesItemLineDetail as Json | undefined;
  if (!detail) return line;
  const { Qty: _quantity, UnitPrice: _price, ...rest } = detail;
  return { ...line, SalesItemLineDetail: rest };
}
