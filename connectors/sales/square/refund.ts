import { allocate, type CanonicalEvent, divideHalfUp, makeEvent, sum } from '@daybook/domain';
import { type DraftLine, totalOf } from './lines.ts';
import {
  contradiction,
  currencyOf,
  instantOf,
  isStated,
  minor,
  revisionOf,
  type Scope,
  shown,
  unreadable,
  utcInstant,
} from './money.ts';
import { hasLines, orderScope, type Surroundings, weigh } from './order.ts';
import type { OrderPayload, PaymentPayload, RefundPayload } from './payload.ts';
import { amountLine } from './returns.ts';
import { bridge, common, incomplete, type Outcome, placed } from './sale.ts';
import { type DraftTender, paidBy, paymentKind, takenFor, tenderKind } from './tenders.ts';

/**
 * A refund of money. Items and taxes come from its own order, which lists what was returned; the sale is the one that
 * order or the refunded payment names. Pending ones are ignored, failed ones give back nothing. Throws ConnectorError:
 * `rejected` when refund and order contradict each other, `retryable` when the order does not list its returns yet.
 */
export function normalizeRefund(refund: RefundPayload, order: OrderPayload | undefined, around: Surroundings): Outcome {
  const subject = `refund ${refund.id}`;
  if (refund.status === 'PENDING') {
    return { ignored: `${subject} is pending: it is booked once it is completed` };
  }
  if (!['COMPLETED', 'REJECTED', 'FAILED'].includes(refund.status)) {
    throw unreadable(subject, 'status', `"${refund.status}" is not one that Square documents`);
  }
  if (refund.order_id && !order) {
    return { ignored: `needs order: ${subject} names no lines, its order ${refund.order_id} does`, needs: 'order' };
  }
  if (order && takenFor(order, around.payments, orderScope(order, around)).unknown) {
    return {
      ignored: `needs payments: it is not known what was paid for in the order of ${subject}`,
      needs: 'payments',
    };
  }
  const payment = around.payments.find(({ id }) => id === refund.payment_id);
  const sale = saleOf(refund, order, payment);
  if (sale === undefined) {
    return {
      ignored: `needs payment: ${subject} names the payment ${refund.payment_id}, not its sale`,
      needs: 'payment',
    };
  }
  const scope = { subject, currency: currencyOf(subject, [refund.amount_money], around.currency) };
  const given = refund.status === 'COMPLETED' ? givenBack(refund, order, payment, around, scope) : NOTHING;
  return { events: [refundEvent(refund, sale, given, scope, around)] };
}

interface GivenBack {
  lines: DraftLine[];
  tenders: DraftTender[];
}
const NOTHING: GivenBack = { lines: [], tenders: [] };

function refundEvent(
  refund: RefundPayload,
  sale: string | null,
  { lines, tenders }: GivenBack,
  scope: Scope,
  around: Surroundings,
): CanonicalEvent {
  return makeEvent({
    ...common(scope, around),
    type: 'refund',
    id: refund.id,
    // Events tell a version that the API leaves out, so only the time is the same by webhook and by poll.
    revision: revisionOf(scope.subject, undefined, refund.updated_at, refund.created_at),
    occurredAt: instantOf(scope.subject, 'created_at', refund.created_at, refund.updated_at),
    ...placed(refund),
    ...(sale ? { order: { id: sale } } : {}),
    sale: sale === null ? null : { id: sale },
    lines,
    tenders,
    total: totalOf(lines),
  });
}

/** The sale's id in our sense; null where the refund belongs to none; undefined where its payment has to tell. */
function saleOf(
  refund: RefundPayload,
  order: OrderPayload | undefined,
  payment: PaymentPayload | undefined,
): string | null | undefined {
  const sources = new Set((order?.returns ?? []).flatMap(({ source_order_id: id }) => id ?? []));
  const paid = payment && (payment.order_id ?? payment.id);
  const [source] = sources;
  if (source !== undefined && (sources.size === 1 || !paid || !sources.has(paid))) return source;
  if (paid) return paid;
  // Refunds of old were listed under the order of the sale itself.
  if (order && hasLines(order) && order.returns.length === 0) return order.id;
  return refund.payment_id ? undefined : null;
}

function givenBack(
  refund: RefundPayload,
  order: OrderPayload | undefined,
  payment: PaymentPayload | undefined,
  around: Surroundings,
  scope: Scope,
): GivenBack {
  if (!isStated(refund.amount_money)) throw unreadable(scope.subject, 'amount_money', 'is missing');
  const amount = minor(refund.amount_money, scope, 'amount_money');
  if (amount < 0n)
    throw unreadable(scope.subject, 'amount_money', `is ${shown(amount, scope.currency)}, less than nothing`);
  mustCover(payment, amount, scope);
  const tender = { ...destination(refund, payment), amount, id: refund.id };
  if (!order || (order.returns.length === 0 && hasLines(order))) {
    return { lines: [amountLine(amount, refund.reason)], tenders: [tender] };
  }
  if (order.returns.length === 0) throw incomplete(scope.subject, 'what was returned');
  const { returns, returned, exchanged } = weigh(order, around, { ...scope, subject: `${scope.subject}, its order` });
  const repaid = returned - exchanged;
  if (amount > repaid) {
    throw contradiction(scope, 'amount_money', { what: 'what its order gives back in money', amount: repaid }, amount);
  }
  // One of several refunds of the same goods, e.g. to two cards, has its share of every line.
  const reached = (paid: bigint) => (paid === repaid ? returned : divideHalfUp(returned * paid, repaid));
  const before = earlierIn(order, refund, repaid - amount, scope);
  const [from, to] = [reached(before), reached(before + amount)];
  return { lines: shareOf(returns.flat(), from, to), tenders: [tender, ...bridge(to - from - amount)] };
}

/**
 * What the refunds that an order lists before this one gave back, whatever became of them, so that a refund read twice
 * says the same. 0 where the order does not list it, or lists more than fits: `room`.
 */
function earlierIn(order: OrderPayload, refund: RefundPayload, room: bigint, scope: Scope): bigint {
  const keyOf = (each: OrderPayload['refunds'][number]) => `${utcInstant(each.created_at) ?? ''} ${each.id ?? ''}`;
  const own = order.refunds.find(({ id }) => id === refund.id);
  if (!own) return 0n;
  const earlier = order.refunds.filter((each) => keyOf(each) < keyOf(own));
  const paid = sum(earlier.map((each) => minor(each.amount_money, scope, 'refunds.amount_money')));
  return paid < 0n || paid > room ? 0n : paid;
}

/** A payment gives back no more than it took. */
function mustCover(payment: PaymentPayload | undefined, amount: bigint, scope: Scope): void {
  const paid = payment && paidBy(payment, scope);
  if (paid === undefined || amount <= paid) return;
  throw contradiction(
    scope,
    'amount_money',
    { what: `amount and tip of payment ${payment?.id}`, amount: paid },
    amount,
  );
}

/**
 * The part of the lines between two amounts given back, by the cumulative method (accounting.md A8): all parts together
 * are the lines, to the cent. An amount without lines where some bear the other sign.
 */
function shareOf(lines: readonly DraftLine[], from: bigint, to: bigint): DraftLine[] {
  if (from === 0n && to === totalOf(lines)) return [...lines];
  const weights = lines.flatMap((line) => [line.net, ...line.taxes.map((tax) => tax.amount)]);
  if (weights.some((weight) => weight < 0n)) return [amountLine(to - from, undefined)];
  const earlier = allocate(from, weights);
  const parts = allocate(to, weights).map((part, index) => part - (earlier[index] ?? 0n));
  return lines.map((line) => {
    const net = parts.shift() ?? 0n;
    const taxes = line.taxes.map((tax) => ({ ...tax, amount: parts.shift() ?? 0n }));
    return { ...line, listNet: net, discount: 0n, net, taxes };
  });
}

/** Where the money went: what the refund says, and for the rest the payment that it gives back. */
function destination(refund: RefundPayload, payment: PaymentPayload | undefined): Omit<DraftTender, 'amount'> {
  const paid = payment && paymentKind(payment);
  const brand = refund.destination_details?.card_details?.card?.card_brand;
  if (!refund.destination_type) return paid ?? tenderKind('CARD', { brand });
  // Without details it goes back to where it came from, and only the payment knows a gift card from a card.
  const isBack = !brand && refund.destination_type === payment?.source_type;
  return isBack && paid ? paid : tenderKind(refund.destination_type, { brand });
}
