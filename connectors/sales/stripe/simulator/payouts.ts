import { sum } from '@daybook/domain';
import { netOf } from './money.ts';
import { move } from './movements.ts';
import type { Stage } from './stage.ts';
import type { Movement, Payout } from './things.ts';

const DAY = 24 * 3600;

/** Lines of the ledger that could be paid out now and were not yet, oldest first; payouts' own lines left out. */
export function payable(on: Stage): Movement[] {
  const gone = new Set(on.all('payout').flatMap((payout) => payout.movements));
  return on
    .all('movement')
    .filter((movement) => movement.type !== 'payout' && movement.availableOn <= on.at() && !gone.has(movement.id));
}

/**
 * Pays these lines out, automatically. A sum below zero is taken from the merchant's bank. Null when they come to
 * nothing: Stripe makes no payout then.
 */
export function payOut(on: Stage, movements: readonly Movement[]): Payout | null {
  const amount = sum(movements.map(netOf));
  if (amount === 0n) return null;
  const created = on.happen();
  const id = on.id('po_1');
  const movement = move(on, {
    type: 'payout',
    category: 'payout',
    amount: -amount,
    source: id,
    description: 'STRIPE PAYOUT',
  });
  const pending = on.put({
    kind: 'payout' as const,
    id,
    created,
    live: true,
    currency: 'USD',
    amount,
    status: 'pending' as const,
    reconciled: false,
    arrivalDate: created - (created % DAY),
    movement: movement.id,
    failureMovement: null,
    trace: null,
    movements: movements.map((each) => each.id),
  });
  on.tell(pending, 'payout.created');
  on.happen();
  const sent = on.put({ ...pending, status: 'in_transit' as const });
  on.tell(sent, 'payout.updated');
  return sent;
}

/** The bank has it. */
export function payoutArrives(on: Stage, sent: Payout): Payout {
  on.happen();
  const paid = on.put({ ...sent, status: 'paid' as const, trace: `${on.chance.digits(15)}` });
  on.tell(paid, 'payout.paid');
  return paid;
}

/** From now on the payout's lines can be asked for. */
export function reconcile(on: Stage, payout: Payout, isSameSecond = false): Payout {
  if (!isSameSecond) on.happen();
  const reconciled = on.put({ ...payout, reconciled: true });
  on.tell(reconciled, 'payout.reconciliation_completed');
  return reconciled;
}

/** Days after it was paid the bank sends it back: the money returns to the balance, and goes with the next payout. */
export function payoutFails(on: Stage, paid: Payout): Payout {
  on.happen();
  const movement = move(on, {
    type: 'payout_failure',
    category: 'payout_reversal',
    amount: paid.amount,
    source: paid.id,
    description: 'STRIPE PAYOUT FAILURE',
  });
  const failed = on.put({ ...paid, status: 'failed' as const, failureMovement: movement.id });
  on.tell(failed, 'payout.failed');
  return failed;
}

/** Stripe holds money back for bad days, or lets it go again. */
export function reserve(on: Stage, amount: bigint, isRelease: boolean): Movement {
  on.happen();
  return move(on, {
    type: isRelease ? 'reserve_release' : 'reserve_hold',
    category: 'risk_reserved_funds',
    amount: isRelease ? amount : -amount,
    source: on.id(isRelease ? 'resrelease_1' : 'reshold_1'),
    description: isRelease ? 'Risk reserve released' : 'Risk reserve held',
  });
}

/** A fee that belongs to no payment. */
export function standAloneFee(on: Stage, amount: bigint): Movement {
  on.happen();
  return move(on, {
    type: 'stripe_fee',
    category: 'fee',
    amount: -amount,
    source: null,
    description: 'Billing - Usage Fee',
  });
}
