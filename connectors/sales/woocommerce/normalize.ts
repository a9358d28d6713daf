import { type CanonicalEvent, DomainError } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { ListedRefunds, NormalizeContext, Normalized, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { chargeFee, normalizeDeposit } from './deposits.ts';
import { readCurrency, stepOf } from './money.ts';
import { deletedNotice, normalizeOrder } from './order.ts';
import { type OrderPayload, payloads, type RefundPayload, readPayload } from './payload.ts';
import { fullRefund } from './refund.ts';

/**
 * One delivery as canonical events, by topic or polled resource. Pure. Unknown topics are ignored with a reason.
 * Throws ConnectorError `rejected` for bodies that are not JSON, not what the topic promises, or contradict themselves.
 */
export function normalize(delivery: RawDelivery, context: NormalizeContext): Normalized {
  const topic = delivery.topic.toLowerCase();
  const read = Object.hasOwn(READERS, topic) ? READERS[topic] : undefined;
  if (!read) return { ignored: `topic "${delivery.topic}" carries no accounting fact that is read here` };
  try {
    return ownFacts(read(parseJson(delivery.body), context), context);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new ConnectorError('rejected', cause.message, { code: cause.code, subject: cause.subject, cause });
  }
}

type Reader = (body: unknown, context: NormalizeContext) => Normalized;

const READERS: Readonly<Record<string, Reader>> = {
  'order.created': readOrders,
  'order.updated': readOrders,
  'order.restored': readOrders,
  'order.deleted': (body) => deletedNotice(readPayload(payloads.deleted, body, 'deleted order').id),
  orders: readOrders,
  refunds: readRefunds,
  deposits: readDeposits,
  charges: readCharges,
  transactions: readCharges,
};

/** Topics whose body is one order. */
const ORDER_TOPICS = ['order.created', 'order.updated', 'order.restored', 'orders'];

/** A store whose sales are booked elsewhere: only what its own processor charges and pays out is taken from it. */
function ownFacts(result: Normalized, context: NormalizeContext): Normalized {
  if (context.settings.records !== 'settlements' || !('events' in result)) return result;
  const events = result.events.filter((each) => each.type === 'fee' || each.type === 'payout');
  if (events.length > 0) return { events };
  return { ignored: 'this connection only records settlements (setting records=settlements)' };
}

/** An order as we read it again, with its refunds in full: `{ order, refunds }`. Also plain, and in lists. */
interface OrderBody {
  order: OrderPayload;
  refunds: RefundPayload[] | undefined;
}

function orderBody(body: unknown): OrderBody {
  const { order, refunds } = (body ?? {}) as { order?: unknown; refunds?: unknown };
  if (typeof order !== 'object' || order === null) {
    return { order: readPayload(payloads.order, body, 'order'), refunds: undefined };
  }
  return {
    order: readPayload(payloads.order, order, 'order'),
    refunds: Array.isArray(refunds) ? refunds.map(refundBody) : undefined,
  };
}

const refundBody = (body: unknown) => readPayload(payloads.refund, body, 'refund');

/** `[…]`, `{ "<many>": […] }` or a single one. */
function listOf(body: unknown, many: string): unknown[] {
  const inner = ((body ?? {}) as Record<string, unknown>)[many];
  if (Array.isArray(body)) return body;
  return Array.isArray(inner) ? inner : [body];
}

function readOrders(body: unknown, context: NormalizeContext): Normalized {
  if (!Array.isArray(body)) return readOrder(orderBody(body), context);
  // What was read besides belongs to one order; it cannot be told which of a list. Nor can anything be read for one.
  const alone = { settings: context.settings, fetched: {} };
  return gathered(body.map(orderBody).map(({ order, refunds }) => readOrder({ order, refunds: refunds ?? [] }, alone)));
}

function readOrder({ order, refunds }: OrderBody, context: NormalizeContext): Normalized {
  const { refunds: fetched } = context.fetched;
  const details = fetched === undefined ? refunds : listOf(parseJson(fetched), 'refunds').map(refundBody);
  return normalizeOrder(order, { details, isCurrent: fetched !== undefined }, context);
}

/** Events of several objects together; the reasons where there are none. */
function gathered(outcomes: readonly Normalized[]): Normalized {
  const events = outcomes.flatMap((each) => ('events' in each ? each.events : []));
  if (events.length > 0) return { events };
  const reasons = outcomes.flatMap((each) => ('ignored' in each ? [each.ignored] : []));
  return { ignored: [...new Set(reasons)].join('; ') || 'the list is empty' };
}

/** Refunds by themselves say neither currency nor gateway: their order does, or the setting `currency`. */
function readRefunds(body: unknown, context: NormalizeContext): Normalized {
  const refunds = listOf(body, 'refunds').map(refundBody);
  const { order: fetched } = context.fetched;
  const order = fetched === undefined ? null : orderBody(parseJson(fetched)).order;
  const code = order?.currency ?? context.settings.currency;
  if (refunds.length === 0) return { ignored: 'the list is empty' };
  if (code === undefined) {
    return { ignored: 'needs order: a refund by itself does not say its currency', needs: 'order' };
  }
  const subject = order ? `order ${order.number ?? order.id}` : 'refund';
  const currency = readCurrency(code, `${subject}, currency`);
  const step = stepOf(order?.total ?? refunds[0]?.amount ?? '', currency);
  const scope = { subject, currency, step, rates: new Map() };
  return gathered(
    refunds.map((each): Normalized => {
      const events = fullRefund(each, order, scope);
      return events.length > 0 ? { events } : { ignored: `refund ${each.id} is of nothing` };
    }),
  );
}

function readDeposits(body: unknown): Normalized {
  const deposits = listOf(body, 'data').map((each) => readPayload(payloads.deposit, each, 'payout'));
  return gathered(deposits.map(normalizeDeposit));
}

function readCharges(body: unknown, context: NormalizeContext): Normalized {
  if (context.settings.fees === 'ignore') return { ignored: 'fees come from the gateway itself (setting fees=ignore)' };
  const charges = listOf(body, 'data').map((each) => readPayload(payloads.charge, each, 'charge'));
  const fees = charges.map(chargeFee);
  return gathered(
    fees.map((fee) => (typeof fee === 'string' ? { ignored: fee } : { events: [fee as CanonicalEvent] })),
  );
}

/**
 * What a delivery of one order lists of its refunds: ids and amounts only in a webhook, everything where we read the
 * order again ourselves. Null for all else, and for what cannot be read: that is `normalize`'s to refuse.
 */
export function refundsListed(delivery: RawDelivery): ListedRefunds | null {
  if (!ORDER_TOPICS.includes(delivery.topic.toLowerCase())) return null;
  try {
    const { order, refunds } = orderBody(parseJson(delivery.body));
    const detailed = new Set((refunds ?? []).map((each) => each.id));
    const ids = order.refunds.map((each) => each.id);
    return { sale: order.id, ids, complete: ids.every((id) => detailed.has(id)) };
  } catch (error) {
    if (error instanceof ConnectorError) return null;
    throw error;
  }
}
