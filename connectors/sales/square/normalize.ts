import { type CanonicalEvent, DomainError, stageOf } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { NormalizeContext, Normalized, Notice, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { contentOf, type Known, knownWith, objectsIn } from './known.ts';
import { hasLines, type Surroundings } from './order.ts';
import { type OrderPayload, type PaymentPayload, payloads, type RefundPayload, readPayload } from './payload.ts';
import { normalizePayout } from './payouts.ts';
import { normalizeRefund } from './refund.ts';
import { normalizeOrder, type Outcome, paymentSale } from './sale.ts';
import { feeEvents, normalizeDispute } from './settlements.ts';
import { normalizeGiftCardActivity, normalizeShift } from './till.ts';

/** All that a reader is given besides the content of the delivery. */
interface Reading {
  known: Known;
  around: Surroundings;
  context: NormalizeContext;
  /** Whether another system records the sales (design.md, one owner per fact). */
  settlesOnly: boolean;
}

type Reader = (content: unknown, reading: Reading) => Outcome;

/**
 * One delivery as canonical events, by topic or polled resource. Pure. Unknown topics are ignored with a reason.
 * Throws ConnectorError: `rejected` for bodies that are not JSON, not what the topic promises, or contradict themselves,
 * `retryable` for orders that Square has not finished writing.
 */
export function normalize(delivery: RawDelivery, context: NormalizeContext): Normalized {
  const topic = delivery.topic.toLowerCase();
  if (topic === 'oauth.authorization.revoked') return revoked(parseJson(delivery.body));
  const read = Object.hasOwn(READERS, topic) ? READERS[topic] : undefined;
  if (!read) {
    const why = Object.entries(NO_FACTS).find(([start]) => topic.startsWith(start))?.[1];
    return { ignored: why ?? `topic "${delivery.topic}" carries no accounting fact that is read here` };
  }
  try {
    const content = contentOf(delivery);
    if (topic.includes('.')) mustHold(content, topic);
    return distinct(read(content, readingOf(content, delivery, context)));
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new ConnectorError('rejected', cause.message, { code: cause.code, subject: cause.subject, cause });
  }
}

/** Only an answer may be empty, where it stands for an empty list; an event is about something. */
function mustHold(content: unknown, topic: string): void {
  if (content !== null && (typeof content !== 'object' || Object.keys(content).length > 0)) return;
  const message = `An event of topic ${topic} came with nothing in it. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'data.object' });
}

const READERS: Readonly<Record<string, Reader>> = {
  'payment.created': readPayments,
  'payment.updated': readPayments,
  payments: readPayments,
  'refund.created': readRefunds,
  'refund.updated': readRefunds,
  refunds: readRefunds,
  'order.created': readOrders,
  'order.updated': readOrders,
  'order.fulfillment.updated': readOrders,
  orders: readOrders,
  'dispute.created': disputeReader(false),
  'dispute.state.updated': disputeReader(false),
  'dispute.state.changed': disputeReader(false),
  disputes: disputeReader(true),
  'payout.sent': readPayouts,
  'payout.paid': readPayouts,
  'payout.failed': readPayouts,
  payouts: readPayouts,
  payout_entries: () => ({ ignored: 'needs payout: entries alone do not say when and how much was paid out' }),
  'gift_card.activity.created': readGiftCards,
  gift_card_activities: readGiftCards,
  cash_drawer_shifts: readShifts,
};

const NO_FACTS: Readonly<Record<string, string>> = {
  'gift_card.': 'a gift card by itself is no fact; the order that sells it and the payment it is used in are',
  'invoice.': 'the money of an invoice comes as a payment or refund of its order, which tells the fact',
  'inventory.':
    'Square announces every change of stock like this, those by our own sales too, and does not say which it is; ' +
    'goods received and counts are booked in Daybook',
  'catalog.': 'prices and items are read with each order',
  'location.': 'locations are read anew with every poll',
  'customer.': 'a customer is told with each order',
};

const REVOKED: Notice = {
  code: 'disconnected',
  message:
    'Access to the Square account was withdrawn: its tokens are dead and no webhooks come any more. Reconnect it.',
};

/** Anything but an object is no revocation. */
function revoked(body: unknown): Normalized {
  if (body === null || typeof body !== 'object') return { ignored: 'the body is empty' };
  return { ignored: REVOKED.message, notice: REVOKED };
}

const SETTLES_ONLY = 'this connection only records settlements (setting records=settlements)';

function readingOf(content: unknown, { headers }: RawDelivery, context: NormalizeContext): Reading {
  const known = knownWith(content, context.fetched);
  const { settings } = context;
  const settlesOnly = settings.records === 'settlements';
  const around: Surroundings = {
    // The sales behind them are another system's, so nothing is linked to one of ours.
    payments: settlesOnly ? [] : [...known.payments.values()],
    skus: known.skus,
    test: settings.environment === 'sandbox' || headers['square-environment']?.toLowerCase() === 'sandbox',
    currency: settings.currency,
  };
  return { known, around, context, settlesOnly };
}

/** Outcomes of several objects together. One that still needs something holds the delivery back as a whole. */
function gathered(outcomes: readonly Outcome[]): Outcome {
  const waiting = outcomes.find((each) => 'needs' in each && each.needs !== undefined);
  if (waiting) return waiting;
  const events = outcomes.flatMap((each) => ('events' in each ? each.events : []));
  if (events.length > 0) return { events };
  const reasons = outcomes.flatMap((each) => ('ignored' in each ? [each.ignored] : []));
  return { ignored: [...new Set(reasons)].join('; ') || 'the list is empty' };
}

/** Two payments of one order tell the same sale. */
function distinct(outcome: Outcome): Outcome {
  if (!('events' in outcome)) return outcome;
  const byFact = new Map(outcome.events.map((event) => [[event.type, event.id, stageOf(event)].join(' '), event]));
  return { events: [...byFact.values()] };
}

/** Facts and fees together; where there are neither, why not. */
function withFees(outcome: Outcome, fees: CanonicalEvent[]): Outcome {
  if ('events' in outcome) return { events: [...outcome.events, ...fees] };
  return fees.length === 0 || outcome.needs !== undefined ? outcome : { events: fees };
}

function readPayments(content: unknown, reading: Reading): Outcome {
  const payments = objectsIn(content, 'payment', 'payments').map((each) =>
    readPayload(payloads.payment, each, 'payment'),
  );
  return gathered(payments.map((payment) => readPayment(payment, reading)));
}

const NOT_COMPLETED: Readonly<Record<string, string>> = {
  APPROVED: 'is authorised, not captured: an authorisation is not money; the capture will book the sale',
  PENDING: 'is pending: it is booked once it is completed',
  CANCELED: 'was canceled before capture: no money moved',
  FAILED: 'failed: no money moved',
};

function readPayment(payment: PaymentPayload, reading: Reading): Outcome {
  const { around, settlesOnly } = reading;
  const subject = `payment ${payment.id}`;
  if (payment.status !== 'COMPLETED') {
    const why =
      NOT_COMPLETED[payment.status] ?? `has the status "${payment.status}", which is not one Square documents`;
    return { ignored: `${subject} ${why}` };
  }
  if (settlesOnly) return withFees({ ignored: SETTLES_ONLY }, feeEvents(payment, 'payment', null, around));
  const fees = feeEvents(payment, 'payment', payment.order_id ?? payment.id, around);
  if (!payment.order_id) return { events: [paymentSale(payment, around), ...fees] };
  const order = orderOf(subject, payment.order_id, reading);
  if (!order)
    return { ignored: `needs order: ${subject} names no lines, its order ${payment.order_id} does`, needs: 'order' };
  const others = around.payments.filter(({ id }) => id !== payment.id);
  return withFees(readOrder(order, { ...around, payments: [...others, payment] }), fees);
}

/**
 * The order of a payment or refund; undefined while it has to be fetched. One that came along without lines is fetched
 * anew. Throws `rejected` when another order was fetched.
 */
function orderOf(subject: string, id: string, { known, context }: Reading): OrderPayload | undefined {
  const order = known.orders.get(id);
  const isFetched = context.fetched.order !== undefined;
  if (order) return isFetched || hasLines(order) || order.returns.length > 0 ? order : undefined;
  if (!isFetched) return undefined;
  const read = [...known.orders.keys()].join(', ') || 'nothing';
  const message = `${subject} belongs to order ${id}, but ${read} was read for it. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: 'order_id' });
}

function readOrder(order: OrderPayload, around: Surroundings): Outcome {
  const own = around.payments.filter((each) => each.order_id === order.id && each.status === 'COMPLETED');
  const outcome = normalizeOrder(order, around);
  return withFees(
    outcome,
    own.flatMap((payment) => feeEvents(payment, 'payment', order.id, around)),
  );
}

function readOrders(content: unknown, reading: Reading): Outcome {
  if (reading.settlesOnly) return { ignored: SETTLES_ONLY };
  const found = objectsIn(content, 'order', 'orders').map((each) => thinId(each) ?? each);
  return gathered(
    found.map((each) => {
      if (typeof each !== 'string') return readOrder(readPayload(payloads.order, each, 'order'), reading.around);
      const order = orderOf(`the delivery`, each, reading);
      if (order) return readOrder(order, reading.around);
      return { ignored: `needs order: the delivery only says that order ${each} changed`, needs: 'order' };
    }),
  );
}

/** The order that a thin event is about. */
function thinId(body: unknown): string | undefined {
  for (const name of ['order_created', 'order_updated', 'order_fulfillment_updated']) {
    const [thin] = objectsIn(body, name, '');
    const found = payloads.thinOrder.safeParse(thin);
    if (found.success) return found.data.order_id;
  }
  return undefined;
}

function readRefunds(content: unknown, reading: Reading): Outcome {
  const refunds = objectsIn(content, 'refund', 'refunds').map((each) => readPayload(payloads.refund, each, 'refund'));
  return gathered(refunds.map((refund) => readRefund(refund, reading)));
}

function readRefund(refund: RefundPayload, reading: Reading): Outcome {
  const { around, settlesOnly } = reading;
  const isCompleted = refund.status === 'COMPLETED';
  if (settlesOnly) {
    return withFees({ ignored: SETTLES_ONLY }, isCompleted ? feeEvents(refund, 'refund', null, around) : []);
  }
  const order = refund.order_id ? orderOf(`refund ${refund.id}`, refund.order_id, reading) : undefined;
  const outcome = normalizeRefund(refund, order, around);
  if (!('events' in outcome) || !isCompleted) return outcome;
  const [event] = outcome.events;
  const sale = event?.type === 'refund' ? (event.sale?.id ?? null) : null;
  return withFees(outcome, feeEvents(refund, 'refund', sale, around));
}

/** A webhook tells each state; what is polled only the one it is in. */
function disputeReader(whole: boolean): Reader {
  return (content, { around }) => {
    const disputes = objectsIn(content, 'dispute', 'disputes').map((each) =>
      readPayload(payloads.dispute, each, 'dispute'),
    );
    return gathered(disputes.map((each) => normalizeDispute(each, whole, around)));
  };
}

function readPayouts(content: unknown, { known, around }: Reading): Outcome {
  const payouts = objectsIn(content, 'payout', 'payouts').map((each) => readPayload(payloads.payout, each, 'payout'));
  return gathered(payouts.map((payout) => normalizePayout(payout, known.entries, around)));
}

function readGiftCards(content: unknown, { around, settlesOnly }: Reading): Outcome {
  if (settlesOnly) return { ignored: SETTLES_ONLY };
  const activities = objectsIn(content, 'gift_card_activity', 'gift_card_activities');
  return gathered(
    activities.map((each) =>
      normalizeGiftCardActivity(readPayload(payloads.giftCardActivity, each, 'gift card activity'), around),
    ),
  );
}

function readShifts(content: unknown, { around, settlesOnly }: Reading): Outcome {
  if (settlesOnly) return { ignored: SETTLES_ONLY };
  const shifts = objectsIn(content, 'cash_drawer_shift', 'cash_drawer_shifts');
  return gathered(
    shifts.map((each) => normalizeShift(readPayload(payloads.cashDrawerShift, each, 'cash drawer shift'), around)),
  );
}
