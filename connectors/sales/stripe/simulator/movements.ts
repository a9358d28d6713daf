import { inDollars, processingFee } from './money.ts';
import type { Stage } from './stage.ts';
import type { Charge, Movement } from './things.ts';

/** Stripe's two days until a payment can be paid out, in seconds of this simulator. */
export const CLEARS_AFTER = 30;

/** What a line of the ledger says beyond its own id and time. Amount and fees in US cents. */
export interface MovementTerms {
  type: string;
  category: string;
  amount: bigint;
  fees?: Movement['fees'];
  rate?: string | null;
  source: string | null;
  description?: string | null;
  /** Seconds until it can be paid out. */
  clearsAfter?: number;
}

/** Writes a line of the account's ledger. Everything settles in US dollars. */
export function move(on: Stage, terms: MovementTerms): Movement {
  const { type, category, amount, fees = [], rate = null, source, description = null, clearsAfter = 0 } = terms;
  const created = on.at();
  return on.put({
    kind: 'movement',
    id: on.id('txn_3'),
    created,
    live: true,
    type,
    category,
    currency: 'USD',
    amount,
    fees,
    rate,
    source,
    availableOn: created + clearsAfter,
    description,
  });
}

/** The fee Stripe takes from a payment, as `fee_details` shows it. */
export function stripeFee(amount: bigint, description = 'Stripe processing fees'): Movement['fees'][number] {
  return { type: 'stripe_fee', description, amount };
}

/**
 * A moment after the payment Stripe knows what it is worth and what it costs: the charge gets its balance transaction,
 * and `charge.updated` tells. `rate` is dollars for one unit of the charge's currency, null where that is the dollar.
 */
export function settle(on: Stage, charge: Charge, rate: string | null = null): Charge {
  on.happen();
  const amount = rate === null ? charge.captured : inDollars(charge.captured, charge.currency, rate);
  const movement = move(on, {
    type: charge.method === 'card' ? 'charge' : 'payment',
    category: 'charge',
    amount,
    fees: [stripeFee(processingFee(amount))],
    rate,
    source: charge.id,
    description: charge.description,
    clearsAfter: CLEARS_AFTER,
  });
  const settled = on.put({ ...charge, movement: movement.id });
  on.tell(settled, 'charge.updated');
  return settled;
}
