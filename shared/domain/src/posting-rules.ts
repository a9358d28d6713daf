import type { Books } from './chart.ts';
import type { CanonicalEvent } from './events.ts';
import type { ResolvedEntry } from './journal-entry.ts';
import type { PostingFacts } from './posting/facts.ts';
import { freshEntry } from './posting/fresh.ts';
import { reversed, revised } from './posting/revision.ts';
import { voidApplies } from './posting/void.ts';

export { journalLines } from './posting/entry.ts';
export { businessDate, describeEvent, ENTERED, type PostingFacts } from './posting/facts.ts';
export { type RelatedFact, relatedFacts, relatedKey } from './posting/related.ts';
export { reversalOf } from './posting/revision.ts';

/**
 * Journal entries of an event (docs/ledger.md; accounting.md C1–C18, F4, A3, A8). Pure: everything it needs is in
 * `facts` and `books`. An empty list means there is nothing to post: a free order, a void before capture, a revision
 * that changes no account.
 *
 * Throws DomainError: ACCOUNT_UNRESOLVED, TAX_UNRESOLVED, RATE_MISSING (subject = what to map), SALE_UNKNOWN (the event
 * waits for the fact it belongs to), PERIOD_CLOSED, LATE_EVENT_HELD, LATE_EVENT_REJECTED, EVENT_NOT_POSTABLE (no rule
 * for this kind of event), ENTRY_UNBALANCED.
 */
export function entriesFor(event: CanonicalEvent, facts: PostingFacts, books: Books): ResolvedEntry[] {
  if (event.type === 'void')
    return voidApplies(event, facts) ? reversed(facts.saleEntries, books, facts.lateApproved) : [];
  const fresh = freshEntry(event, facts, books);
  if (facts.previous) return revised(event, fresh, facts.previous, facts, books);
  return fresh.lines.length === 0 ? [] : [fresh];
}
