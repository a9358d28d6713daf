import { sum } from '@daybook/domain';
import { type Balance, type Dispute, GATEWAY, heldBack, netOf, type Payout, waiting } from './balance.ts';
import { usualBasket } from './baskets.ts';
import type { Order } from './order.ts';
import type { Script } from './scripts.ts';
import { placePaid, type Stage } from './step.ts';

/** Whether a card holder could dispute the whole order: one charge, nothing given back, not disputed before. */
function disputable({ disputes }: Balance): (order: Order) => boolean {
  const disputed = new Set([...disputes.values()].map(({ orderId }) => orderId));
  return (order) => {
    const [payment, ...others] = order.payments;
    const isCharge = payment?.kind === 'sale' && payment.status === 'success' && payment.gateway === GATEWAY;
    return isCharge && others.length === 0 && order.cancelledAt === null && !disputed.has(order.id);
  };
}

function opened(on: Stage, known: Parameters<Script>[1], type: Dispute['type'] = 'CHARGEBACK'): Dispute {
  const order = known(disputable(on.money.balance)) ?? placePaid(on, usualBasket(on.shop, on.chance));
  return on.money.openDispute(order, type);
}

/** An open chargeback of an earlier step, or a new one. */
function open(on: Stage, known: Parameters<Script>[1]): Dispute {
  const disputes = [...on.money.balance.disputes.values()];
  const earlier = disputes.find(({ type, status }) => type === 'CHARGEBACK' && status === 'NEEDS_RESPONSE');
  return earlier ?? opened(on, known);
}

const scheduled = ({ payouts }: Balance): Payout[] =>
  [...payouts.values()].filter(({ status }) => status === 'SCHEDULED');

/** Whether a payout is nothing but sales, refunds and disputes: those can be paid again after it came back. */
function isPlain(payout: Payout, { movements }: Balance): boolean {
  const types = [...movements.values()].filter(({ payoutId }) => payoutId === payout.id).map(({ type }) => type);
  return !types.some((type) => type === 'ADJUSTMENT' || type.startsWith('RESERVED_FUNDS'));
}

/** Kinds of step on the balance of Shopify Payments. */
export const balanceScripts: Record<string, Script> = {
  'payout day': (on) => {
    for (const payout of scheduled(on.money.balance)) on.money.pay(payout);
    if (sum(waiting(on.money.balance).map(netOf)) > 0n) on.money.schedule();
  },
  'payout returned by the bank': (on) => {
    placePaid(on, usualBasket(on.shop, on.chance));
    const payout = scheduled(on.money.balance).find((each) => isPlain(each, on.money.balance));
    if (payout) return on.money.fail(payout);
    // What waits may hold what a payout alone tells of; that is paid out first, then there are only sales left.
    const earlier = on.money.schedule();
    if (earlier && isPlain(earlier, on.money.balance)) return on.money.fail(earlier);
    if (earlier) on.money.pay(earlier);
    placePaid(on, usualBasket(on.shop, on.chance));
    const sales = on.money.schedule();
    if (sales) on.money.fail(sales);
  },
  'payout drawn from the bank': (on) => {
    // Nothing must be left that the debit could be set against.
    const earlier = on.money.schedule();
    if (earlier) on.money.pay(earlier);
    on.money.adjust(-BigInt(on.chance.between(500, 4000)), 'billing_debit');
    const payout = on.money.schedule();
    if (payout) on.money.pay(payout);
  },
  'dispute opened': (on, known) => void opened(on, known),
  'dispute won': (on, known) => void on.money.decide(open(on, known), 'WON'),
  'dispute lost': (on, known) => void on.money.decide(open(on, known), 'LOST'),
  'card holder inquires': (on, known) => void opened(on, known, 'INQUIRY'),
  'reserve held, later released': (on) => {
    const held = heldBack(on.money.balance);
    const balance = sum(waiting(on.money.balance).map(netOf));
    if (held > 0n) on.money.reserve(held);
    else on.money.reserve(-(balance > 1000n ? balance / 10n : 100n));
  },
  'balance adjusted': (on) => on.money.adjust(BigInt(on.chance.between(-900, 900) || 250), 'account_correction'),
};
