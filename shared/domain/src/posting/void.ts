import { DomainError } from '../domain-error.ts';
import type { Sale, VoidedSale } from '../events.ts';
import { describeEvent, type PostingFacts } from './facts.ts';

/**
 * Whether a void undoes a posted sale. Cancelled before capture posts nothing (accounting.md C13); a sale posted as
 * owed is undone; a fully paid one stands, its refund is a fact of its own (C7).
 * Throws EVENT_NOT_POSTABLE when the sale was paid in part: what happens to that money is not in the void.
 */
export function voidApplies(event: VoidedSale, facts: PostingFacts): boolean {
  const { sale } = facts;
  if (!sale || facts.saleEntries.length === 0 || sale.due === 0n) return false;
  const untouched = sale.tenders.length === 0 && facts.earlierRefunds.length === 0 && !facts.earlierPayments?.length;
  if (untouched) return true;
  throw new DomainError(
    'EVENT_NOT_POSTABLE',
    `${describeEvent(event)}: the ${describeEvent(sale)} it cancels was paid in part. ` +
      'Refund the payment in the channel, or credit the rest by hand.',
    sale.id,
  );
}

/** Whether the sale was cancelled before it arrived, and not changed since: nothing is posted for it. */
export function isVoided(sale: Sale, facts: PostingFacts): boolean {
  return facts.voided != null && sale.tenders.length === 0 && sale.revision <= facts.voided.revision;
}
