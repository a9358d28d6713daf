import { createHash } from 'node:crypto';
import type { CanonicalEvent, Sale } from '../events.ts';
import { type PostingFacts, sourceKeyOf } from '../posting/facts.ts';

/**
 * Number of the documents of a fact: `SHO-1001-3fa9c1`. Three letters of the channel, the last eight letters and digits
 * of the order number (or the source's id), and six hex digits of the fact's identity, because two shops of one company
 * both have an order 1001 and an order has several refunds. Later revisions append `-2`, `-3` …; payments and
 * allocations `-p1`, `-a1`. Invoices and credit notes up to revision 9 have at most 21 characters, the shortest limit
 * among the books we know. A sale or refund that has a number of its own keeps it. The same fact always has the same
 * number, so it is found again after a lost answer. Each stage of a dispute is a fact of its own.
 */
export function documentNumber(event: CanonicalEvent, facts: Pick<PostingFacts, 'source'>, version = 1): string {
  return numbered(event, facts.source) + (version > 1 ? `-${version}` : '');
}

/**
 * Number of one of several documents of a processor's fact: `part` tells them apart, '' is the chief one. What does not
 * fit on a digit goes into the hex digits, so that none has more than 21 characters, whatever the revision.
 */
export function partNumber(
  event: CanonicalEvent,
  facts: Pick<PostingFacts, 'source'>,
  version: number,
  part: string,
): string {
  if (version > 9) return numbered(event, facts.source, `:v${version}:${part}`);
  return numbered(event, facts.source, part && `:${part}`) + (version > 1 ? `-${version}` : '');
}

/** Number of the first invoice of the sale an event belongs to. */
export function invoiceNumberOf(sale: Sale, facts: Pick<PostingFacts, 'source'>): string {
  return documentNumber(sale, facts);
}

function numbered(event: CanonicalEvent, source: string, part = ''): string {
  if ('number' in event && event.number !== undefined && part === '') return event.number;
  const channel = lettersOf(event.channel).slice(0, 3).toUpperCase();
  const order = lettersOf(event.order?.number ?? '') || lettersOf(event.id);
  const identity = createHash('sha256')
    .update(`${sourceKeyOf(event, source, 1)}${part}`)
    .digest('hex');
  return `${channel}-${order.slice(-8)}-${identity.slice(0, 6)}`;
}

function lettersOf(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}
