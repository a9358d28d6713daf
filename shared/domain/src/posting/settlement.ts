import type { Settlement } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { clearingTarget, resolveRole, type Target } from './accounts.ts';
import { movementsOf, placeOf, shareOf, total } from './carried.ts';
import { worthOn } from './entry.ts';
import { businessDate, type Ground, type PostingFacts } from './facts.ts';
import { relatedFacts } from './related.ts';

/**
 * Lines of a conversion at the processor (accounting.md C18b): what is converted leaves its clearing account at the
 * value it is carried at, what it became arrives, each through `fx.trading`, which ends at zero in the company's
 * currency while every currency is even (I2). The difference is realised. Both amounts negative = a refund's charge.
 */
export function settlementLines(settlement: Settlement, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  const { processor, currency, amount: arrived, from } = settlement;
  const { functionalCurrency } = ground.books;
  const carried = carriedValue(settlement, facts, ground);
  // Foreign money bought with our own is worth what it cost; otherwise the rate of the day decides.
  const worth =
    from.currency === functionalCurrency
      ? carried
      : worthOn(businessDate(settlement, ground.books.timeZone), arrived, ground);
  const line = (target: Target, code: string, amountTc: bigint, amount: bigint) => ({
    ...target,
    currency: code,
    amountTc,
    amount,
  });
  const own = (target: Target, amount: bigint) => line(target, functionalCurrency, amount, amount);
  const trading = resolveRole(ground, 'fx.trading');
  const lines = [
    line(clearingTarget(processor, from.currency, ground), from.currency, -from.amount, -carried),
    line(trading, from.currency, from.amount, carried),
    line(trading, currency, -arrived, -worth),
    line(clearingTarget(processor, currency, ground), currency, arrived, worth),
  ];
  const lost = carried - worth;
  if (lost === 0n) return lines;
  return [...lines, own(trading, -lost), own(resolveRole(ground, lost > 0n ? 'fx.loss' : 'fx.gain'), lost)];
}

/** What the converted money stands at: from the entries of its sale or refund, where they are known. */
function carriedValue(settlement: Settlement, facts: PostingFacts, ground: Ground): bigint {
  const { processor, from } = settlement;
  if (from.carried !== undefined) return from.carried;
  const place = placeOf(clearingTarget(processor, from.currency, ground), from.currency);
  const movements = relatedFacts(settlement, ground.books).flatMap((fact) => movementsOf(fact, place, facts, ground));
  const isTaken = ({ entryType, amountTc }: (typeof movements)[number]) =>
    entryType === 'FXC' && amountTc > 0n !== from.amount > 0n;
  const taken = total(movements.filter(isTaken));
  const money = total(movements.filter((each) => !isTaken(each)));
  const share = shareOf(money, { amountTc: -taken.amountTc, amount: -taken.amount }, from.amount);
  return share ?? worthOn(businessDate(settlement, ground.books.timeZone), from.amount, ground, from.currency);
}
