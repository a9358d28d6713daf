import { inDollars } from './money.ts';
import { move, stripeFee } from './movements.ts';
import type { Stage } from './stage.ts';
import type { Charge, Dispute, Refund } from './things.ts';

export interface RefundTerms {
  amount: bigint;
  reason?: Refund['reason'];
  /** Dollars for one unit of the charge's currency today; null where that is the dollar. */
  rate?: string | null;
  /** First asked for, done a moment later. */
  waits?: boolean;
}

/**
 * Gives money back to the buyer. The processing fee stays with Stripe. A foreign charge is refunded in its own
 * currency, and costs what that is worth today.
 */
export function refund(on: Stage, charge: Charge, terms: RefundTerms): Refund {
  on.happen();
  const { amount, reason = null, rate = null, waits = false } = terms;
  const asked = on.put({
    kind: 'refund' as const,
    id: on.id('re_3'),
    created: on.at(),
    live: charge.live,
    charge: charge.id,
    intent: charge.intent,
    currency: charge.currency,
    amount,
    status: 'pending' as const,
    reason,
    movement: null,
    failureMovement: null,
    failureReason: null,
  });
  if (waits) {
    on.tell(asked, 'refund.created');
    on.happen();
  }
  const movement = move(on, {
    type: charge.method === 'card' ? 'refund' : 'payment_refund',
    category: 'refund',
    amount: rate === null ? -amount : inDollars(-amount, charge.currency, rate),
    rate,
    source: asked.id,
    description: charge.description === null ? null : `REFUND FOR CHARGE (${charge.description})`,
  });
  const done = on.put({ ...asked, status: 'succeeded' as const, movement: movement.id });
  const less = on.put({ ...charge, refunded: charge.refunded + amount });
  on.tell(done, ...(waits ? ['refund.updated', 'charge.refund.updated'] : ['refund.created']));
  on.tell(less, 'charge.refunded');
  return done;
}

/** The buyer's bank sends a refund back, after it had succeeded: the money returns to the balance. */
export function refundFails(on: Stage, done: Refund): Refund {
  on.happen();
  const charge = on.get('charge', done.charge);
  const movement = move(on, {
    type: 'refund_failure',
    category: 'refund_failure',
    amount: done.amount,
    source: done.id,
    description: `REFUND FAILURE (${charge.id})`,
  });
  const failed = on.put({
    ...done,
    status: 'failed' as const,
    failureMovement: movement.id,
    failureReason: 'lost_or_stolen_card',
  });
  on.put({ ...charge, refunded: charge.refunded - done.amount });
  on.tell(failed, 'refund.failed', 'refund.updated', 'charge.refund.updated');
  return failed;
}

/** What a dispute costs, in US cents. */
export const DISPUTE_FEE = 1_500n;
const DUE_AFTER = 7 * 24 * 3600;

/** The buyer's bank takes a payment back while it asks questions; an inquiry only asks. */
export function dispute(on: Stage, charge: Charge, isInquiry = false): Dispute {
  on.happen();
  const id = on.id(isInquiry ? 'dp_1' : 'du_1');
  const movement = isInquiry
    ? null
    : move(on, {
        type: 'adjustment',
        category: 'dispute',
        amount: -charge.captured,
        fees: [stripeFee(DISPUTE_FEE, 'Dispute fee')],
        source: id,
        description: `Chargeback withdrawal for ${charge.id}`,
      });
  const opened = on.put({
    kind: 'dispute' as const,
    id,
    created: on.at(),
    live: charge.live,
    charge: charge.id,
    intent: charge.intent,
    currency: charge.currency,
    amount: charge.captured,
    status: isInquiry ? ('warning_needs_response' as const) : ('needs_response' as const),
    reason: on.chance.pick(['fraudulent', 'product_not_received', 'subscription_canceled']),
    movements: movement === null ? [] : [movement.id],
    dueBy: on.at() + DUE_AFTER,
  });
  on.tell(opened, 'charge.dispute.created');
  if (isInquiry) return opened;
  const disputed = on.put({ ...charge, disputed: true });
  on.tell(opened, 'charge.dispute.funds_withdrawn');
  on.tell(disputed, 'charge.updated');
  return opened;
}

/** The merchant answers; the bank reads. */
export function contest(on: Stage, opened: Dispute): Dispute {
  on.happen();
  const contested = on.put({ ...opened, status: 'under_review' as const });
  on.tell(contested, 'charge.dispute.updated');
  return contested;
}

/** The bank decides for the merchant: the money comes back, with or without the fee. */
export function win(on: Stage, opened: Dispute, returnsFee: boolean): Dispute {
  on.happen();
  const movement = move(on, {
    type: 'adjustment',
    category: 'dispute_reversal',
    amount: opened.amount,
    fees: returnsFee ? [stripeFee(-DISPUTE_FEE, 'Dispute fee refund')] : [],
    source: opened.id,
    description: `Chargeback reversal for ${opened.charge}`,
  });
  const won = on.put({ ...opened, status: 'won' as const, movements: [...opened.movements, movement.id] });
  on.tell(won, 'charge.dispute.closed', 'charge.dispute.funds_reinstated');
  return won;
}

/** The bank decides for the buyer, or an inquiry comes to nothing: no money moves any more. */
export function close(on: Stage, opened: Dispute): Dispute {
  on.happen();
  const status = opened.status === 'warning_needs_response' ? ('warning_closed' as const) : ('lost' as const);
  const closed = on.put({ ...opened, status });
  on.tell(closed, 'charge.dispute.closed');
  return closed;
}
