import { createHash } from 'node:crypto';
import type { CanonicalEvent, Sale } from '../events.ts';
import type { PostingFacts } from '../posting/facts.ts';

/**
 * Number of the documents of a fact: `SHO-1001-3fa9c1`. Three letters of the channel, the last eight letters and digits
 * of the order number (or the source's id), and six hex digits of the fact's identity, because two shops of one company
 * both have an order 1001 and an order has several refunds. Later revisions append `-2`, `-3` …; payments and
 * allocations `-p1`, `-a1`. Invoices and credit notes up to revision 9 have at most 21 characters, the shortest limit
 * among the books we know. The same fact always has the same number, so it is found again after a lost answer.
 */
export function documentNumber(event: CanonicalEvent, facts: Pick<PostingFacts, 'source'>, version = 1): string {
  return numbered(event, event.type, event.id, facts.source) + (version > 1 ? `-${version}` : '');
}

/** Number of the first invoice of the sale an event belongs to. */
export function invoiceNumberOf(sale: Sale, facts: Pick<PostingFacts, 'source'>): string {
  return documentNumber(sale, facts);
}

function numbered(event: CanonicalEvent, type: string, id: string, source: string): string {
  const channel = lettersOf(event.channel).slice(0, 3).toUpperCase();
  const order = lettersOf(event.order?.number ?? '') || lettersOf(id);
  const identity = createHash('sha256').update(`${event.channel}:${source}:${type}:${id}`).digest('hex').slice(0, 6);
  return `${channel}-${order.slice(-8)}-${identity}`;
}

function lettersOf(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}
