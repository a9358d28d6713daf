import { divideHalfUp, sum } from '@daybook/domain';

/** Shopify's types of movements that this simulator makes. */
export type MovementType =
  | 'CHARGE'
  | 'REFUND'
  | 'DISPUTE_WITHDRAWAL'
  | 'DISPUTE_REVERSAL'
  | 'RESERVED_FUNDS'
  | 'RESERVED_FUNDS_REVERSAL'
  | 'ADJUSTMENT'
  | 'TRANSFER'
  | 'TRANSFER_FAILURE';

/** A movement on the shop's balance at Shopify Payments; minor units of its currency, positive = the shop's gain. */
export interface Movement {
  id: string;
  type: MovementType;
  sourceType: 'ADJUSTMENT' | 'CHARGE' | 'DISPUTE' | 'REFUND' | 'TRANSFER';
  sourceId: string;
  amount: bigint;
  fee: bigint;
  orderId: string | null;
  /** The order transaction that moved the money. */
  paymentId: string | null;
  payoutId: string | null;
  reason: string | null;
  at: string;
}

export interface Payout {
  id: string;
  status: 'SCHEDULED' | 'PAID' | 'FAILED';
  /** Negative when the shop's bank is debited. */
  amount: bigint;
  issuedAt: string;
}

export interface Dispute {
  id: string;
  orderId: string;
  type: 'CHARGEBACK' | 'INQUIRY';
  status: 'NEEDS_RESPONSE' | 'WON' | 'LOST';
  reason: string;
  amount: bigint;
  initiatedAt: string;
  finalizedAt: string | null;
}

/** All that Shopify Payments knows of a shop, by id, oldest first. */
export interface Balance {
  movements: ReadonlyMap<string, Movement>;
  payouts: ReadonlyMap<string, Payout>;
  disputes: ReadonlyMap<string, Dispute>;
}

/** What a step changed of it: new states, which replace those of the same id. */
export interface BalanceChange {
  movements: Movement[];
  payouts: Payout[];
  disputes: Dispute[];
}

/** The gateway whose money Shopify Payments moves. */
export const GATEWAY = 'shopify_payments';
/** The fee for a dispute, given back when it is won: 15.00. */
export const DISPUTE_FEE = 1500n;

/** What Shopify Payments takes of a charge: 2.9 % + 30, half-up. */
export function chargeFee(amount: bigint): bigint {
  return divideHalfUp(amount * 29n, 1000n) + 30n;
}

/** What a movement changes the balance by. */
export const netOf = ({ amount, fee }: Movement): bigint => amount - fee;

/** What no payout carries yet, oldest first. */
export function waiting({ movements }: Balance): Movement[] {
  return [...movements.values()].filter(({ type, payoutId }) => payoutId === null && type !== 'TRANSFER');
}

/** What is held back at the moment: positive. */
export function heldBack({ movements }: Balance): bigint {
  return -sum([...movements.values()].filter(isReserve).map(netOf));
}

const isReserve = ({ type }: Movement) => type === 'RESERVED_FUNDS' || type === 'RESERVED_FUNDS_REVERSAL';

/**
 * What Shopify Payments owes the shop: charges less refunds, disputes and fees, less what was paid out. Reserves and
 * adjustments count from the payout on that carries them, because only a payout tells of them; a payout that came back
 * never was.
 */
export function owed(balance: Balance): { clearing: bigint; reserve: bigint } {
  const isPaid = ({ payoutId }: Movement) => payoutId !== null && balance.payouts.get(payoutId)?.status === 'PAID';
  const all = [...balance.movements.values()].filter(({ type }) => !type.startsWith('TRANSFER'));
  const reserve = -sum(all.filter((each) => isReserve(each) && isPaid(each)).map(netOf));
  const counted = all.filter((each) => !isReserve(each) && (each.type !== 'ADJUSTMENT' || isPaid(each)));
  const paid = [...balance.payouts.values()].filter(({ status }) => status === 'PAID').map(({ amount }) => amount);
  return { clearing: sum(counted.map(netOf)) - sum(paid) - reserve, reserve };
}
