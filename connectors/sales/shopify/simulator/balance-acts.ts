import { sum } from '@daybook/domain';
import type { Random } from '../../../kit/random.ts';
import {
  type Balance,
  type BalanceChange,
  chargeFee,
  DISPUTE_FEE,
  type Dispute,
  GATEWAY,
  type Movement,
  netOf,
  type Payout,
  waiting,
} from './balance.ts';
import type { Order, Payment } from './order.ts';

/** What a step can do with the balance at Shopify Payments. */
export interface BalanceActs {
  /** The balance as it stands in the middle of the step. */
  readonly balance: Balance;
  /** Money of an order moves, where Shopify Payments is its gateway. */
  moveMoney(order: Order, payment: Payment): void;
  openDispute(order: Order, type: Dispute['type']): Dispute;
  decide(dispute: Dispute, status: 'WON' | 'LOST'): Dispute;
  /** Holds money back (negative) or lets it go again. */
  reserve(amount: bigint): void;
  adjust(amount: bigint, reason: string): void;
  /** Everything that waits, as one payout; null when that is nothing. */
  schedule(): Payout | null;
  pay(payout: Payout): void;
  /** The bank refuses it, and the money is on the balance again. */
  fail(payout: Payout): void;
}

interface Tools {
  chance: Random;
  /** A new second. */
  happening(): string;
  tellDispute(topic: string, dispute: Dispute): void;
}

/** Acts on a balance; `changed` collects the new states. */
export function balanceActs(before: Balance, changed: BalanceChange, tools: Tools): BalanceActs {
  const now = {
    movements: new Map(before.movements),
    payouts: new Map(before.payouts),
    disputes: new Map(before.disputes),
  };
  const keep = <Kind extends keyof BalanceChange>(kind: Kind, item: BalanceChange[Kind][number]): void => {
    (now[kind] as Map<string, unknown>).set(item.id, item);
    (changed[kind] as unknown[]).push(item);
  };
  const id = () => `${tools.chance.digits(12)}`;
  const move = (movement: Partial<Movement> & Pick<Movement, 'type' | 'sourceType' | 'amount' | 'at'>): void =>
    keep('movements', {
      id: id(),
      sourceId: id(),
      fee: 0n,
      orderId: null,
      paymentId: null,
      payoutId: null,
      reason: null,
      ...movement,
    });
  return {
    balance: now,
    moveMoney: (order, payment) => moveMoney(move, order, payment),
    ...disputeActs(keep, move, id, tools),
    reserve: (amount) => {
      const type = amount < 0n ? 'RESERVED_FUNDS' : 'RESERVED_FUNDS_REVERSAL';
      move({ type, sourceType: 'ADJUSTMENT', amount, at: tools.happening() });
    },
    adjust: (amount, reason) =>
      move({ type: 'ADJUSTMENT', sourceType: 'ADJUSTMENT', amount, reason, at: tools.happening() }),
    ...payoutActs(now, keep, move, id, tools),
  };
}

type Keep = <Kind extends keyof BalanceChange>(kind: Kind, item: BalanceChange[Kind][number]) => void;
type Move = (movement: Partial<Movement> & Pick<Movement, 'type' | 'sourceType' | 'amount' | 'at'>) => void;

function moveMoney(move: Move, order: Order, payment: Payment): void {
  const { kind, status, gateway, id: paymentId, at } = payment;
  if (status !== 'success' || gateway !== GATEWAY) return;
  const amount = payment.amount.shop;
  const about = { orderId: order.id, paymentId, at };
  if (kind === 'sale' || kind === 'capture')
    move({ type: 'CHARGE', sourceType: 'CHARGE', amount, fee: chargeFee(amount), ...about });
  if (kind === 'refund') move({ type: 'REFUND', sourceType: 'REFUND', amount: -amount, ...about });
}

function disputeActs(keep: Keep, move: Move, id: () => string, { chance, happening, tellDispute }: Tools) {
  const openDispute: BalanceActs['openDispute'] = (order, type) => {
    const at = happening();
    const charge = order.payments.find((payment) => payment.gateway === GATEWAY && payment.status === 'success');
    const amount = charge?.amount.shop ?? 0n;
    const reason = chance.pick(['fraudulent', 'product_not_received', 'product_unacceptable', 'duplicate']);
    const head = { id: id(), orderId: order.id, type, reason, amount };
    const dispute: Dispute = { ...head, status: 'NEEDS_RESPONSE', initiatedAt: at, finalizedAt: null };
    keep('disputes', dispute);
    tellDispute('disputes/create', dispute);
    if (type === 'CHARGEBACK') onBalance(dispute, 'DISPUTE_WITHDRAWAL', at);
    return dispute;
  };
  const onBalance = (dispute: Dispute, type: 'DISPUTE_WITHDRAWAL' | 'DISPUTE_REVERSAL', at: string): void => {
    const sign = type === 'DISPUTE_WITHDRAWAL' ? -1n : 1n;
    const { id: sourceId, orderId } = dispute;
    const [amount, fee] = [sign * dispute.amount, -sign * DISPUTE_FEE];
    move({ type, sourceType: 'DISPUTE', sourceId, orderId, amount, fee, at });
  };
  const decide: BalanceActs['decide'] = (dispute, status) => {
    const at = happening();
    const decided = { ...dispute, status, finalizedAt: at };
    keep('disputes', decided);
    tellDispute('disputes/update', decided);
    if (status === 'WON' && dispute.type === 'CHARGEBACK') onBalance(decided, 'DISPUTE_REVERSAL', at);
    return decided;
  };
  return { openDispute, decide };
}

function payoutActs(now: Balance, keep: Keep, move: Move, id: () => string, { happening }: Tools) {
  const schedule: BalanceActs['schedule'] = () => {
    const carried = waiting(now);
    const amount = sum(carried.map(netOf));
    if (amount === 0n) return null;
    const payout: Payout = { id: id(), status: 'SCHEDULED', amount, issuedAt: happening() };
    for (const movement of carried) keep('movements', { ...movement, payoutId: payout.id });
    keep('payouts', payout);
    const { issuedAt: at } = payout;
    move({ type: 'TRANSFER', sourceType: 'TRANSFER', sourceId: payout.id, amount: -amount, payoutId: payout.id, at });
    return payout;
  };
  const pay: BalanceActs['pay'] = (payout) => keep('payouts', { ...payout, status: 'PAID' });
  const fail: BalanceActs['fail'] = (payout) => {
    keep('payouts', { ...payout, status: 'FAILED' });
    const { id: sourceId, amount } = payout;
    move({ type: 'TRANSFER_FAILURE', sourceType: 'TRANSFER', sourceId, amount, at: happening() });
  };
  return { schedule, pay, fail };
}
