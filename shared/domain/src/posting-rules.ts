import { localDate, postingDateFor } from './calendar.ts';
import type { Books } from './chart.ts';
import { invoiceNumberOf } from './document/number.ts';
import { DomainError } from './domain-error.ts';
import type { CanonicalEvent, Payment, Sale } from './events.ts';
import type { EntryType, ResolvedEntry, ResolvedLine } from './journal-entry.ts';
import { bookSale } from './posting/booked.ts';
import { journalLines, legsOf, translated } from './posting/entry.ts';
import { describeEvent, type Ground, groundOf, type PostingFacts, sourceKeyOf } from './posting/facts.ts';
import { partyOf } from './posting/party.ts';
import { paymentLines } from './posting/payment.ts';
import { refundLines } from './posting/refund.ts';
import { reversed, revised } from './posting/revision.ts';
import { isVoided, voidApplies } from './posting/void.ts';

export { businessDate, type PostingFacts } from './posting/facts.ts';
export { type RelatedFact, relatedFacts, relatedKey } from './posting/related.ts';

/**
 * Journal entries of an event (docs/ledger.md; accounting.md C1–C12, C14, C18a, A3, A8). Pure: everything it needs is
 * in `facts` and `books`. An empty list means there is nothing to post: a free order, a void before capture, a
 * revision that changes no account.
 *
 * Throws DomainError: ACCOUNT_UNRESOLVED, TAX_UNRESOLVED, RATE_MISSING (subject = what to map), SALE_UNKNOWN (the event
 * waits for its sale), PERIOD_CLOSED, EVENT_NOT_POSTABLE (no rule for this kind of event), ENTRY_UNBALANCED.
 */
export function entriesFor(event: CanonicalEvent, facts: PostingFacts, books: Books): ResolvedEntry[] {
  if (event.type === 'void') return voidApplies(event, facts) ? reversed(facts.saleEntries, books) : [];
  const fresh = freshEntry(event, facts, books);
  if (facts.previous) return revised(event, fresh, facts.previous, facts, books);
  return fresh.lines.length === 0 ? [] : [fresh];
}

function freshEntry(event: CanonicalEvent, facts: PostingFacts, books: Books): ResolvedEntry {
  const ground = groundOf(event, books);
  const { entryType, lines } = posted(event, facts, ground);
  const taxPoint = localDate(event.occurredAt, books.timeZone);
  const kept = journalLines(lines, ground.about);
  const postingDate = kept.length === 0 ? taxPoint : postingDateFor(taxPoint, books);
  const memo = event.memo ?? `${facts.connectionLabel} ${event.type} ${event.order?.number ?? event.id}`;
  return {
    entryType,
    sourceKey: sourceKeyOf(event, facts.source, 1),
    postingDate,
    taxPoint,
    occurredAt: event.occurredAt,
    memo: postingDate === taxPoint ? memo : `${memo} (late: business date ${taxPoint} is closed)`,
    channel: event.channel,
    lines: kept,
  };
}

interface Posted {
  entryType: EntryType;
  lines: ResolvedLine[];
}

function posted(event: CanonicalEvent, facts: PostingFacts, ground: Ground): Posted {
  if (event.type === 'sale') return postedSale(event, facts, ground);
  if (event.type === 'refund') return { entryType: 'RFD', lines: refundLines(event, facts, ground) };
  if (event.type === 'payment') return postedPayment(event, facts, ground);
  throw new DomainError(
    'EVENT_NOT_POSTABLE',
    `${describeEvent(event)}: Daybook has no posting rule for events of type "${event.type}" yet. ` +
      'It is kept and can be posted once there is one.',
    event.type,
  );
}

function postedSale(sale: Sale, facts: PostingFacts, ground: Ground): Posted {
  const isDeposit = sale.lines.length > 0 && sale.lines.every((line) => line.kind === 'deposit');
  const entryType = isDeposit ? 'DEP' : 'SAL';
  if (isVoided(sale, facts)) return { entryType, lines: [] };
  const owed = { party: partyOf(sale, facts).id, document: invoiceNumberOf(sale, facts) };
  const legs = legsOf(bookSale(sale, ground), 'sale', owed, ground);
  return { entryType, lines: translated(legs, localDate(sale.occurredAt, ground.books.timeZone), ground) };
}

function postedPayment(payment: Payment, facts: PostingFacts, ground: Ground): Posted {
  const document = facts.sale ? invoiceNumberOf(facts.sale, facts) : (payment.invoiceNumber ?? payment.id);
  const owed = { party: partyOf(payment, facts).id, document };
  return { entryType: 'RCT', lines: paymentLines(payment, facts, owed, ground) };
}
