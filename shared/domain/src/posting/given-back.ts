import { type Dispute, makeEvent, type Refund } from '../events.ts';
import type { Ground, PostingFacts } from './facts.ts';
import { processorOf } from './party.ts';

/**
 * What was given back of a sale before: its refunds, and its lost disputes where they count as refunds (accounting.md
 * C17d), so that both together never take more tax off than the sale had.
 */
export function givenBackBefore(facts: PostingFacts, ground: Ground): Refund[] {
  if (ground.books.settings.lostDispute !== 'refund') return facts.earlierRefunds;
  const losses = (facts.earlierLosses ?? []).filter((each) => each.currency === ground.currency);
  return [...facts.earlierRefunds, ...losses.map((each) => asRefund(each, facts))];
}

/** A lost dispute as a refund of one amount whose tax nobody has stated. */
export function asRefund(dispute: Dispute, facts: PostingFacts): Refund {
  const { channel, id, revision, occurredAt, currency, test, sale, amount } = dispute;
  const head = { version: 1, type: 'refund', channel, id, revision, occurredAt, currency, test, sale: sale ?? null };
  const lines = [{ kind: 'adjustment', net: amount, taxUnknown: true }];
  const tenders = [{ kind: 'other', processor: processorOf(dispute, facts), amount }];
  return makeEvent({ ...head, lines, tenders, total: amount }) as Refund;
}
