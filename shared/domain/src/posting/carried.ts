import { DomainError } from '../domain-error.ts';
import type { ResolvedEntry } from '../journal-entry.ts';
import { divideHalfEven, sum } from '../money.ts';
import type { Target } from './accounts.ts';
import type { Ground, PostingFacts } from './facts.ts';
import { type RelatedFact, relatedKey } from './related.ts';

/** Foreign money on an account: minor units of its currency, and what the books carry it at. */
export interface Carried {
  amountTc: bigint;
  amount: bigint;
}

/** The account foreign money sits on. */
export interface Place {
  role: string;
  currency: string;
}

/** The place of an account in a currency. */
export function placeOf(target: Target, currency: string): Place {
  return { role: target.role, currency };
}

/**
 * Live entries of everything that moved a related fact's money. Empty when the fact will never be in these books.
 * Throws SALE_UNKNOWN when it is still to come: the event waits, so that the order of arrival makes no difference
 * (accounting.md I11).
 */
export function entriesOf(fact: RelatedFact, facts: PostingFacts, ground: Ground): readonly ResolvedEntry[] {
  const entries = facts.related?.get(relatedKey(fact));
  if (entries !== null) return entries ?? [];
  throw awaiting(fact, 'it belongs to is not in the books yet', ground);
}

/** What makes an event wait for another fact; `what` goes on after its name. */
export function awaiting(fact: RelatedFact, what: string, ground: Ground): DomainError {
  const message = `${ground.about}: the ${fact.type} ${fact.id} ${what}. It waits for it.`;
  return new DomainError('SALE_UNKNOWN', message, fact.id);
}

/** What the facts behind a related fact have put on an account, one sum per fact in journal order. */
export function movementsOf(fact: RelatedFact, place: Place, facts: PostingFacts, ground: Ground): Movement[] {
  // A fact edited in a closed period has several live entries, whose lines only together say what it moved.
  const byFact = Map.groupBy(entriesOf(fact, facts, ground), (entry) => entry.sourceKey.replace(/:v\d+$/, ''));
  return [...byFact.values()].map((own) => ({ entryType: own[0]?.entryType, ...standing(own, place) }));
}

/** What one fact moved on an account. */
export interface Movement extends Carried {
  entryType: ResolvedEntry['entryType'] | undefined;
}

function standing(entries: readonly ResolvedEntry[], { role, currency }: Place): Carried {
  const lines = entries.flatMap((entry) => entry.lines.filter((line) => line.role === role));
  const own = lines.filter((line) => line.currency === currency);
  return total(own);
}

/** Sum of foreign money. */
export function total(parts: readonly Carried[]): Carried {
  return { amountTc: sum(parts.map((each) => each.amountTc)), amount: sum(parts.map((each) => each.amount)) };
}

/**
 * Book value of `amountTc` taken from money after `taken` of it left before: cumulative and half-even, so that whoever
 * takes the last of it takes the last of its value, whatever the order (accounting.md A6). Null where there is no such
 * money, or it is on the other side.
 */
export function shareOf(money: Carried, taken: Carried, amountTc: bigint): bigint | null {
  if (taken.amountTc + amountTc === money.amountTc) return money.amount - taken.amount;
  if (money.amountTc === 0n || money.amountTc > 0n !== amountTc > 0n) return null;
  return divideHalfEven(money.amount * (taken.amountTc + amountTc), money.amountTc) - taken.amount;
}
