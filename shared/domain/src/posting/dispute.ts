import type { Dispute } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { clearingTarget, currencyTarget, resolveRole, type Target } from './accounts.ts';
import { movementsOf, placeOf, shareOf, total } from './carried.ts';
import { exchangeDifference, translated, worthOn } from './entry.ts';
import { businessDate, type Ground, type PostingFacts } from './facts.ts';
import { feeLegs } from './fee.ts';
import { processorOf } from './party.ts';
import { lostAsRefund } from './refunded-dispute.ts';

/**
 * Lines of a stage of a dispute (accounting.md C17). Opened: the amount moves from clearing to `dispute.held`. Won: it
 * comes back. Lost: it is a loss, or with `lostDispute: 'refund'` a refund of its sale. A fee is booked with the stage
 * it comes with, negative = given back.
 */
export function disputeLines(dispute: Dispute, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  const { amount, currency, fee } = dispute;
  const date = businessDate(dispute, ground.books.timeZone);
  const clearing = () => clearingTarget(processorOf(dispute, facts), currency, ground);
  const held = () => currencyTarget('dispute.held', ground);
  const fees = fee === 0n ? [] : feeLegs(resolveRole(ground, 'fees.dispute'), fee, undefined, ground);
  const leg = (target: () => Target, amountTc: bigint) => (amountTc === 0n ? [] : [{ ...target(), amountTc }]);
  if (dispute.status === 'opened') {
    return translated({ money: leg(clearing, -amount - fee), items: [...leg(held, amount), ...fees] }, date, ground);
  }
  const charged = translated({ money: leg(clearing, -fee), items: fees }, date, ground);
  if (amount === 0n) return charged;
  const line = (target: Target, amountTc: bigint, worth: bigint) => ({ ...target, currency, amountTc, amount: worth });
  const value = heldValue(dispute, held(), facts, ground) ?? worthOn(date, amount, ground);
  const released = line(held(), -amount, -value);
  if (dispute.status === 'won') return [line(clearing(), amount, value), released, ...charged];
  const returned = lostAsRefund(dispute, facts, ground);
  if (!returned) return [line(resolveRole(ground, 'chargeback.loss'), amount, value), released, ...charged];
  const lost = [...returned, released];
  return [...lost, ...exchangeDifference(lost, ground), ...charged];
}

/**
 * What the opening put aside, so that `dispute.held` ends at zero in both currencies whatever the rate did since. Null
 * when the opening will never be in these books.
 */
function heldValue(dispute: Dispute, held: Target, facts: PostingFacts, ground: Ground): bigint | null {
  if (dispute.currency === ground.books.functionalCurrency) return dispute.amount;
  const movements = movementsOf({ type: 'dispute', id: dispute.id }, placeOf(held, dispute.currency), facts, ground);
  const opened = total(movements.filter((each) => each.amountTc > 0n));
  const closed = total(movements.filter((each) => each.amountTc < 0n));
  return shareOf(opened, { amountTc: -closed.amountTc, amount: -closed.amount }, dispute.amount);
}
