import { DomainError } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HeaderMap, NormalizeContext, Normalized, Notice, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { isGraphqlOrder, restMovements, restOrder } from './graphql-order.ts';
import { exactId, utcInstant } from './money.ts';
import { readBalance, readDisputes, readPayouts } from './normalize-payments.ts';
import { normalizeOrder, type OrderOutcome } from './order.ts';
import { type Movement, type OrderPayload, payloads, readPayload } from './payload.ts';
import { normalizeRefund } from './refund.ts';
import { gathered, unwrap } from './unwrap.ts';

/**
 * One delivery as canonical events, by topic or polled resource. Pure. Unknown topics are ignored with a reason.
 * Throws ConnectorError `rejected` for bodies that are not JSON, not what the topic promises, or contradict themselves.
 */
export function normalize(delivery: RawDelivery, context: NormalizeContext): Normalized {
  const topic = delivery.topic.toLowerCase();
  const known = Object.hasOwn(READERS, topic) ? READERS[topic] : undefined;
  const notice = Object.hasOwn(NOTICES, topic) ? NOTICES[topic] : undefined;
  const read = known ?? (notice && (() => ({ ignored: notice.message, notice })));
  if (!read) return { ignored: `topic "${delivery.topic}" carries no accounting fact that is read here` };
  try {
    return ownFacts(read(parseJson(delivery.body), context, delivery.headers), context);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new ConnectorError('rejected', cause.message, { code: cause.code, subject: cause.subject, cause });
  }
}

type Reader = (body: unknown, context: NormalizeContext, headers: HeaderMap) => Normalized;

const READERS: Readonly<Record<string, Reader>> = {
  'orders/create': readOrders,
  'orders/paid': readOrders,
  'orders/updated': readOrders,
  'orders/cancelled': readOrders,
  'orders/fulfilled': readOrders,
  'orders/partially_fulfilled': readOrders,
  orders: readOrders,
  'orders/edited': readEdit,
  'orders/delete': () => ({ ignored: 'the order was deleted in the shop; what was booked stays, as the law asks' }),
  'refunds/create': readRefunds,
  refunds: readRefunds,
  'order_transactions/create': readMovements,
  transactions: readMovements,
  'tender_transactions/create': readTender,
  'disputes/create': readDisputeWebhook,
  'disputes/update': readDisputeWebhook,
  disputes: (body) => readDisputes(body, null, true),
  payouts: readPayouts,
  balance_transactions: readBalance,
};

const privacy = (what: string): Notice => ({
  code: 'privacy_request',
  message: `Shopify passes on a privacy request (${what}). Booked documents must be kept by law; answer within 30 days.`,
});
const NOTICES: Readonly<Record<string, Notice>> = {
  'app/uninstalled': {
    code: 'disconnected',
    message: 'The app was uninstalled from the shop: its tokens are dead and its webhooks gone. Connect it again.',
  },
  'app/scopes_update': {
    code: 'scopes_changed',
    message: 'The merchant changed what the app may read; check that every needed scope is still granted.',
  },
  'customers/data_request': privacy('a customer asks for their data'),
  'customers/redact': privacy('erase a customer'),
  'shop/redact': privacy('erase a shop 48 hours after it left'),
};

/** A shop whose payments are booked elsewhere: only what settles is taken from it (design.md, one owner per fact). */
function ownFacts(result: Normalized, context: NormalizeContext): Normalized {
  if (context.settings.records !== 'settlements' || !('events' in result)) return result;
  const events = result.events.filter(({ type }) => ['payout', 'dispute', 'fee', 'settlement'].includes(type));
  if (events.length > 0) return { events };
  return { ignored: 'this connection only records settlements (setting records=settlements)' };
}

function readOrders(body: unknown, context: NormalizeContext): Normalized {
  const orders = unwrap(body, 'order', 'orders').map(orderPayload);
  const [only] = orders;
  const result = gathered(orders.map((order) => orderOutcome(order, context, orders.length === 1)));
  if (!only || orders.length > 1 || !needs(result, 'order') || context.fetched.order === undefined) return result;
  return rereadOrder(exactId(only.id, only.admin_graphql_api_id), '', context);
}

const needs = (outcome: Normalized, name: string) => 'needs' in outcome && outcome.needs === name;

function orderPayload(body: unknown): OrderPayload {
  return readPayload(payloads.order, isGraphqlOrder(body) ? restOrder(body) : body, 'order');
}

/** Movements read for this delivery belong to its one order; a list of orders must embed them. */
function orderOutcome(order: OrderPayload, context: NormalizeContext, alone: boolean): OrderOutcome {
  const fetched = alone ? context.fetched.transactions : undefined;
  const movements = fetched === undefined ? order.transactions : movementsOf(parseJson(fetched));
  return normalizeOrder(order, movements, context.settings);
}

function movementsOf(body: unknown): Movement[] {
  const inner = ((body ?? {}) as { data?: unknown }).data ?? body;
  const order = ((inner ?? {}) as { order?: unknown }).order ?? inner;
  const list = unwrap(order, 'transaction', 'transactions');
  return list.map((each) => readPayload(payloads.movement, restMovements([each])[0], 'transaction'));
}

/** A thin delivery: the order it is about, read again, or the word that it is needed. */
function rereadOrder(orderId: string | null | undefined, why: string, context: NormalizeContext): Normalized {
  const fetched = context.fetched.order;
  if (fetched === undefined) return { ignored: `needs order: ${why}`, needs: 'order' };
  const order = orderPayload(unwrap(parseJson(fetched), 'order', 'orders')[0]);
  const id = exactId(order.id, order.admin_graphql_api_id) ?? order.id;
  if (orderId && id !== orderId && !sameRounded(id, orderId)) {
    const message = `The delivery is about order ${orderId}, but order ${id} was read for it. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: 'order_id' });
  }
  return orderOutcome(order, context, true);
}

/** 18-digit ids that passed through JavaScript lose their last digits; the leading ones still have to agree. */
const sameRounded = (a: string, b: string) =>
  a.length >= 17 && a.length === b.length && a.slice(0, 15) === b.slice(0, 15);

function readEdit(body: unknown, context: NormalizeContext): Normalized {
  const { order_edit: edit } = readPayload(payloads.thinOrder, body, 'order edit');
  return rereadOrder(
    edit.order_id,
    `an edit of order ${edit.order_id} names changed quantities but no prices`,
    context,
  );
}

function readMovements(body: unknown, context: NormalizeContext): Normalized {
  const movements = unwrap(body, 'transaction', 'transactions').map((each) =>
    readPayload(payloads.movement, restMovements([each])[0], 'transaction'),
  );
  const money = movements.find(
    (each) => each.status === 'success' && ['sale', 'capture', 'refund'].includes(each.kind),
  );
  if (!money) return { ignored: [...new Set(movements.map(whyNoMoney))].join('; ') || 'the list is empty' };
  return rereadOrder(money.order_id, `a ${money.kind} of order ${money.order_id} names no lines or taxes`, context);
}

function whyNoMoney(movement: Movement): string {
  if (movement.status !== 'success') return `the ${movement.kind} is ${movement.status}: no money moved`;
  if (movement.kind === 'authorization') {
    return 'authorised, not captured: an authorisation is not money; the capture will book the sale';
  }
  return `a ${movement.kind} moves no money of the shop`;
}

function readTender(body: unknown, context: NormalizeContext): Normalized {
  const tender = readPayload(payloads.tenderMovement, body, 'tender transaction');
  return rereadOrder(tender.order_id, `a tender of order ${tender.order_id} names no lines or taxes`, context);
}

function readRefunds(body: unknown, context: NormalizeContext): Normalized {
  const refunds = unwrap(body, 'refund', 'refunds').map((each) => readPayload(payloads.refund, each, 'refund'));
  const outcomes = refunds.map((refund): OrderOutcome => {
    const outcome = normalizeRefund(refund, null, context.settings, false);
    return 'event' in outcome ? { events: [outcome.event] } : outcome;
  });
  return outcomes.some((each) => needs(each, 'order')) && context.fetched.order !== undefined
    ? rereadOrder(refunds[0]?.order_id, '', context)
    : gathered(outcomes);
}

function readDisputeWebhook(body: unknown, _context: NormalizeContext, headers: HeaderMap): Normalized {
  return readDisputes(body, utcInstant(headers['x-shopify-triggered-at']) ?? null, false);
}
