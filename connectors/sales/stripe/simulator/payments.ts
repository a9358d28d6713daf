import { CUSTOMERS, GUESTS } from './catalogue.ts';
import { settle } from './movements.ts';
import type { Stage } from './stage.ts';
import type { Charge, Intent, Method } from './things.ts';

/** What is to be paid, and how. */
export interface Terms {
  amount: bigint;
  currency?: string;
  method?: Method;
  /** Part of the amount that is a tip. */
  tip?: bigint;
  customer?: string | null;
  email?: string | null;
  description?: string | null;
  /** Authorise now, capture later. */
  manual?: boolean;
  live?: boolean;
}

/** A buyer: one who is known, or a guest with nothing but an e-mail address. */
export function buyer(on: Stage): { customer: string | null; email: string; name: string } {
  if (on.chance.chance(1, 2)) {
    const { id, email, name } = on.chance.pick(CUSTOMERS);
    return { customer: id, email, name };
  }
  const name = on.chance.pick(GUESTS);
  return { customer: null, email: `${name.toLowerCase()}@guest.example`, name };
}

/** A PaymentIntent nobody has paid yet; tells nothing. */
export function intend(on: Stage, terms: Terms): Intent {
  return on.put({
    kind: 'intent',
    id: on.id('pi_3'),
    created: on.at(),
    live: terms.live ?? true,
    currency: terms.currency ?? 'USD',
    amount: terms.amount,
    capturable: 0n,
    received: 0n,
    status: 'requires_payment_method',
    manual: terms.manual ?? false,
    method: terms.method ?? 'card',
    charge: null,
    tip: terms.tip ?? null,
    customer: terms.customer ?? null,
    description: terms.description ?? null,
    canceledAt: null,
    cancelReason: null,
  });
}

/** A charge for an intent or by itself, in the state given; tells nothing. */
export function attempt(on: Stage, terms: Terms & { intent?: Intent }, state: Partial<Charge>): Charge {
  const { intent, method = intent?.method ?? 'card' } = terms;
  return on.put({
    kind: 'charge',
    // What is not paid by card is a payment of its own kind, and its id says so.
    id: on.id(method === 'card' ? 'ch_3' : 'py_3'),
    created: on.at(),
    live: intent?.live ?? terms.live ?? true,
    intent: intent?.id ?? null,
    currency: intent?.currency ?? terms.currency ?? 'USD',
    amount: intent?.amount ?? terms.amount,
    captured: 0n,
    refunded: 0n,
    isCaptured: false,
    status: 'succeeded',
    method,
    movement: null,
    disputed: false,
    customer: intent?.customer ?? terms.customer ?? null,
    email: terms.email ?? null,
    description: intent?.description ?? terms.description ?? null,
    failure: null,
    ...state,
  });
}

/** Pays an intent in full; the charge is told before the intent that it belongs to. */
export function pay(on: Stage, intent: Intent, email: string | null): { intent: Intent; charge: Charge } {
  const paid = { captured: intent.amount, isCaptured: true };
  const charge = attempt(on, { amount: intent.amount, intent, email }, paid);
  const done = on.put({ ...intent, status: 'succeeded', received: intent.amount, charge: charge.id });
  on.tell(charge, 'charge.succeeded');
  on.tell(done, 'payment_intent.succeeded');
  return { intent: done, charge };
}

/** A card payment from its intent to its fee: four events of one sale. */
export function sell(on: Stage, terms: Terms, rate: string | null = null): Charge {
  on.happen();
  const who = buyer(on);
  const intent = intend(on, { customer: who.customer, ...terms });
  on.tell(intent, 'payment_intent.created');
  on.happen();
  return settle(on, pay(on, intent, who.email).charge, rate);
}

/** A charge made directly, without an intent: how the oldest integrations take money. */
export function sellBare(on: Stage, terms: Terms): Charge {
  on.happen();
  const who = buyer(on);
  const paid = { captured: terms.amount, isCaptured: true };
  const charge = attempt(on, { ...terms, customer: who.customer, email: who.email }, paid);
  on.tell(charge, 'charge.succeeded');
  return settle(on, charge);
}

/** Money set aside on the buyer's card, nothing taken yet. */
export function authorise(on: Stage, terms: Terms): { intent: Intent; charge: Charge } {
  on.happen();
  const who = buyer(on);
  const asked = intend(on, { ...terms, customer: who.customer, manual: true });
  on.tell(asked, 'payment_intent.created');
  on.happen();
  const charge = attempt(on, { amount: terms.amount, intent: asked, email: who.email }, {});
  const intent = on.put({
    ...asked,
    status: 'requires_capture' as const,
    capturable: terms.amount,
    charge: charge.id,
  });
  on.tell(charge, 'charge.succeeded');
  on.tell(intent, 'payment_intent.amount_capturable_updated');
  return { intent, charge };
}

/** Takes a part of what was authorised; the rest goes back to the buyer's limit. */
export function capture(on: Stage, held: { intent: Intent; charge: Charge }, amount: bigint): Charge {
  on.happen();
  const charge = on.put({
    ...held.charge,
    captured: amount,
    isCaptured: true,
    // The part that was never taken shows as given back.
    refunded: held.charge.amount - amount,
  });
  const intent = on.put({ ...held.intent, status: 'succeeded' as const, capturable: 0n, received: amount });
  on.tell(charge, 'charge.captured');
  on.tell(intent, 'payment_intent.succeeded');
  return settle(on, charge);
}

/** Lets an authorisation go: by the merchant, or by itself after a week, which Stripe shows as a refund. */
export function release(on: Stage, held: { intent: Intent; charge: Charge }, isExpired: boolean): void {
  const at = on.happen();
  const charge = on.put({ ...held.charge, refunded: held.charge.amount });
  const intent = on.put({
    ...held.intent,
    status: 'canceled' as const,
    capturable: 0n,
    canceledAt: at,
    cancelReason: isExpired ? 'automatic' : 'requested_by_customer',
  });
  if (isExpired) {
    const refund = on.put({
      kind: 'refund' as const,
      id: on.id('re_3'),
      created: at,
      live: charge.live,
      charge: charge.id,
      intent: intent.id,
      currency: charge.currency,
      amount: charge.amount,
      status: 'succeeded' as const,
      reason: 'expired_uncaptured_charge' as const,
      movement: null,
      failureMovement: null,
      failureReason: null,
    });
    on.tell(refund, 'refund.created');
  }
  on.tell(charge, isExpired ? 'charge.expired' : 'charge.refunded');
  on.tell(intent, 'payment_intent.canceled');
}

/** The bank says no; the intent waits for another card. */
export function decline(on: Stage, terms: Terms): Intent {
  on.happen();
  const who = buyer(on);
  const asked = intend(on, { ...terms, customer: who.customer });
  on.tell(asked, 'payment_intent.created');
  on.happen();
  const failure = { code: 'card_declined', message: 'Your card has insufficient funds.' };
  const charge = attempt(on, { amount: terms.amount, intent: asked, email: who.email }, { status: 'failed', failure });
  const intent = on.put({ ...asked, charge: charge.id });
  on.tell(charge, 'charge.failed');
  on.tell(intent, 'payment_intent.payment_failed');
  return intent;
}

/** A bank debit is on its way: promised, not money yet. */
export function debit(on: Stage, asked: Intent, email: string): { intent: Intent; charge: Charge } {
  const charge = attempt(on, { amount: asked.amount, intent: asked, email }, { status: 'pending' });
  const intent = on.put({ ...asked, status: 'processing' as const, charge: charge.id });
  on.tell(charge, 'charge.pending');
  on.tell(intent, 'payment_intent.processing');
  return { intent, charge };
}

/** The bank debit arrives, or comes back. */
export function clear(on: Stage, due: { intent: Intent; charge: Charge }, arrives: boolean): Charge {
  const amount = due.charge.amount;
  if (arrives) {
    const charge = on.put({ ...due.charge, status: 'succeeded' as const, captured: amount, isCaptured: true });
    const intent = on.put({ ...due.intent, status: 'succeeded' as const, received: amount });
    on.tell(charge, 'charge.succeeded');
    on.tell(intent, 'payment_intent.succeeded');
    return charge;
  }
  const failure = { code: 'payment_method_provider_decline', message: 'The bank account has insufficient funds.' };
  const charge = on.put({ ...due.charge, status: 'failed' as const, failure });
  const intent = on.put({ ...due.intent, status: 'requires_payment_method' as const });
  on.tell(charge, 'charge.failed');
  on.tell(intent, 'payment_intent.payment_failed');
  return charge;
}
