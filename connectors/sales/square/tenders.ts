import { sum, type Tender } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { contradiction, isStated, minor, type Scope, shown, unreadable, utcInstant } from './money.ts';
import type { OrderPayload, PaymentPayload, TenderPayload } from './payload.ts';

export interface DraftTender {
  kind: Tender['kind'];
  processor?: string;
  amount: bigint;
  id?: string;
}

/** Square as a processor: it holds the money until it pays out. */
export const PROCESSOR = 'square';
/** Nobody pays this money out: the seller confirmed by hand that it was received. */
const BY_HAND = 'manual';

type Kind = Pick<DraftTender, 'kind' | 'processor'>;
const atSquare = (kind: Tender['kind']): Kind => ({ kind, processor: PROCESSOR });
const byHand = (kind: Tender['kind']): Kind => ({ kind, processor: BY_HAND });

/**
 * Types of tenders, and source types of payments, by where the money arrives. A bank debit and a Square account pay
 * through Square and arrive with the payout, so neither is a bank transfer to us.
 */
const KINDS: Readonly<Record<string, Kind>> = {
  CARD: atSquare('card'),
  WALLET: atSquare('wallet'),
  SQUARE_ACCOUNT: atSquare('wallet'),
  BUY_NOW_PAY_LATER: atSquare('pay_later'),
  BANK_ACCOUNT: atSquare('other'),
  CASH: { kind: 'cash' },
  SQUARE_GIFT_CARD: { kind: 'gift_card' },
  THIRD_PARTY_CARD: byHand('card'),
};

/** What the seller says an external payment was. Another firm's gift card is a claim against that firm. */
const EXTERNAL: Readonly<Record<string, Kind>> = {
  BANK_TRANSFER: { kind: 'bank_transfer' },
  STORED_BALANCE: { kind: 'store_credit' },
  CARD: byHand('card'),
};

/** Kind and processor of a tender or payment type; `brand` is the card's, `external` the type of an external payment. */
export function tenderKind(
  type: string | null | undefined,
  { brand, external }: { brand?: string | null | undefined; external?: string | null | undefined },
): Kind {
  if (brand === 'SQUARE_GIFT_CARD') return { kind: 'gift_card' };
  return KINDS[type ?? ''] ?? EXTERNAL[external ?? ''] ?? byHand('other');
}

/** Kind and processor of a payment. */
export function paymentKind(payment: PaymentPayload): Kind {
  const brand = payment.card_details?.card?.card_brand;
  return tenderKind(payment.source_type, { brand, external: payment.external_details?.type });
}

/** What an order's tenders amount to: money that was taken, and whether some cannot be told without its payment. */
export interface Taken {
  tenders: DraftTender[];
  /** The tips in it. */
  tips: bigint;
  /** When the first money was taken, as it is written. */
  at: string | undefined;
  unknown: boolean;
}

/**
 * The money taken for an order. Tenders come from the order; payments tell what it leaves open: whether an external
 * payment or a wallet was completed, and what it was. A completed payment that the order does not list yet counts too.
 */
export function takenFor(order: OrderPayload, payments: readonly PaymentPayload[], scope: Scope): Taken {
  const listed = order.tenders.filter((tender) => tender.type !== 'NO_SALE');
  const known = (tender: TenderPayload) => payments.find(({ id }) => id === paymentIdOf(tender));
  const states = listed.map((tender) => stateOf(tender, order, known(tender)));
  const captured = listed.filter((_, index) => states[index] === 'captured');
  const missing = payments.filter(
    (payment) =>
      payment.status === 'COMPLETED' &&
      payment.order_id === order.id &&
      !listed.some((tender) => paymentIdOf(tender) === payment.id),
  );
  for (const tender of captured) mustAgree(tender, known(tender), order, scope);
  const tenders = [
    ...captured.map((tender) => orderTender(tender, known(tender), scope)),
    ...missing.map((payment) => paymentTender(payment, scope)),
  ];
  const times = [...captured, ...missing].flatMap(({ created_at: at }) => at ?? []);
  return {
    tenders: tenders.filter((tender) => tender.amount !== 0n),
    tips: sum([...captured, ...missing].map((each) => minor(each.tip_money, scope, 'tip_money'))),
    at: times.sort()[0],
    unknown: states.includes('unknown'),
  };
}

/** Whether a tender says too little by itself: its payment has to be read. */
export function needsPayment(tender: TenderPayload, order: OrderPayload): boolean {
  // The payment of cash names the till.
  return ['OTHER', 'CASH'].includes(tender.type ?? '') || stateOf(tender, order, undefined) === 'unknown';
}

/** A tender has the id of its payment. */
export function paymentIdOf(tender: TenderPayload): string | undefined {
  return tender.payment_id ?? tender.id ?? undefined;
}

/** A payment as a tender, tip included. */
export function paymentTender(payment: PaymentPayload, scope: Scope): DraftTender {
  return { ...paymentKind(payment), amount: paidBy(payment, scope), id: payment.id };
}

/**
 * What a payment came to: amount and tip, and a surcharge for the card, which the amount may contain already. Throws
 * `rejected` when the total it states is none of these, or when it states no amount at all.
 */
export function paidBy(payment: PaymentPayload, scope: Scope): bigint {
  const { amount_money: amount, total_money: total } = payment;
  const own = { ...scope, subject: `payment ${payment.id}` };
  if (!isStated(amount)) {
    if (!isStated(total)) throw unreadable(own.subject, 'total_money', 'is missing');
    return minor(total, scope, 'total_money');
  }
  const whole = minor(amount, scope, 'amount_money') + minor(payment.tip_money, scope, 'tip_money');
  if (!isStated(total)) return whole;
  const stated = minor(total, scope, 'total_money');
  const extra = payment.card_details?.applied_card_surcharge_details;
  const surcharge = sum(
    [extra?.card_surcharge_money, extra?.additional_amount_money].map((each) => minor(each, scope, 'card_details')),
  );
  if (stated === whole || stated === whole + surcharge) return stated;
  throw contradiction(own, 'total_money', { what: 'its amount and tip', amount: whole }, stated);
}

/**
 * A tender's amount is its payment's total (Square's reference). Where the payment changed after the order was written
 * (a tip added, say), the order is not finished yet. Throws `retryable` then, `rejected` otherwise.
 */
function mustAgree(
  tender: TenderPayload,
  payment: PaymentPayload | undefined,
  order: OrderPayload,
  scope: Scope,
): void {
  if (payment?.status !== 'COMPLETED' || !isStated(tender.amount_money)) return;
  const listed = minor(tender.amount_money, scope, 'tenders.amount_money');
  const paid = paidBy(payment, scope);
  if (listed === paid) return;
  const found = { what: `amount and tip of payment ${payment.id}`, amount: paid };
  if ((utcInstant(payment.updated_at) ?? '') <= (utcInstant(order.updated_at) ?? '')) {
    throw contradiction(scope, 'tenders.amount_money', found, listed);
  }
  const message =
    `${scope.subject} lists payment ${payment.id} with ${shown(listed, scope.currency)}, but since then it came to ` +
    `${shown(paid, scope.currency)}: Square has not written the order anew yet. It is read again in a while.`;
  throw new ConnectorError('retryable', message, {
    code: 'CHANNEL_OBJECT_INCOMPLETE',
    subject: 'tenders.amount_money',
  });
}

function orderTender(tender: TenderPayload, payment: PaymentPayload | undefined, scope: Scope): DraftTender {
  const brand = tender.card_details?.card?.card_brand;
  const kind = tender.type === 'OTHER' && payment ? paymentKind(payment) : tenderKind(tender.type, { brand });
  const id = paymentIdOf(tender);
  return { ...kind, amount: minor(tender.amount_money, scope, 'tenders.amount_money'), ...(id ? { id } : {}) };
}

type TenderState = 'captured' | 'open' | 'unknown';
const CAPTURED = ['CAPTURED', 'COMPLETED'];

/** An authorised tender stands in the order like a captured one; only its status tells them apart. */
function stateOf(tender: TenderPayload, order: OrderPayload, payment: PaymentPayload | undefined): TenderState {
  const { card_details, bank_account_details, buy_now_pay_later_details, square_account_details } = tender;
  const details = card_details ?? bank_account_details ?? buy_now_pay_later_details ?? square_account_details;
  if (CAPTURED.includes(details?.status ?? '') || payment?.status === 'COMPLETED') return 'captured';
  if (details?.status || payment) return 'open';
  if (tender.type === 'CASH' || order.state === 'COMPLETED') return 'captured';
  return order.state === 'CANCELED' ? 'open' : 'unknown';
}
