import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, ChangePage, ChangeRange, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { type Caller, callerOf, graphql } from './client.ts';
import { exactId } from './money.ts';
import { readMovements } from './normalize-payments.ts';
import { balanceSince, disputesSince, payoutsSince, readOrderLinks } from './payment-feeds.ts';
import { CHANGES_QUERY, LINES_QUERY, MOVEMENTS_QUERY, ORDER_QUERY, REFUND_LINES_QUERY } from './queries.ts';

/** Shopify's index may lag behind its orders, so every window starts this much before the cursor. */
const OVERLAP_MS = 2 * 60_000;
/** Ends a cursor in the middle of a run: the next run goes on right there, because only a new look needs the overlap. */
const GO_ON = '+';
/** Added to the wait when a run is throttled: it comes back for a handful of orders and not for one. */
const REST_MS = 10_000;
/** A connection ends after 25,000 objects; we start a new window well before. */
const WINDOW = 20_000;

/**
 * Re-reads `order` or `transactions` for a delivery that lacks them; answers `{"order": …}` as GraphQL gives it. `orders`
 * are those behind movements on the balance: `{"orders": […]}`. Throws ConnectorError `unsupported` for another name,
 * `rejected` when the shop has no such order.
 */
export async function fetchFor(name: string, delivery: RawDelivery, api: Api): Promise<string> {
  if (name === 'orders') {
    const orders = await readOrderLinks(readMovements(parseJson(delivery.body)), callerOf(api));
    return JSON.stringify({ orders });
  }
  if (name !== 'order' && name !== 'transactions') {
    throw new ConnectorError('unsupported', `Shopify has nothing called "${name}" to read.`, {
      code: 'CHANNEL_REFUSED',
    });
  }
  const id = orderIdOf(delivery);
  const caller = callerOf(api);
  if (name === 'order') return JSON.stringify({ order: await readOrder(id, caller) });
  const { order } = orderAnswer.parse(await graphql(caller, MOVEMENTS_QUERY, { id: globalId(id) }));
  return JSON.stringify({ order: order ?? missing(id) });
}

const orderAnswer = z.object({ order: z.looseObject({}).nullable() });
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });
const connection = z.object({ nodes: z.array(z.unknown()), pageInfo });
type Connection = z.output<typeof connection>;

const globalId = (id: string) => `gid://shopify/Order/${id}`;

function missing(id: string): never {
  const message = `Shopify has no order ${id} that we may read: it was deleted, or is older than the granted scopes allow.`;
  throw new ConnectorError('rejected', message, { code: 'CHANNEL_OBJECT_MISSING', subject: `order ${id}` });
}

/** The id of the order that a delivery is or is about. Throws ConnectorError `rejected` when it names none. */
function orderIdOf(delivery: RawDelivery): string {
  const body = parseJson(delivery.body);
  const inner = z.looseObject({}).catch({}).parse(body);
  const one = inner.order ?? inner.order_edit ?? inner.refund ?? inner.transaction ?? inner;
  const named = z
    .object({
      id: z.string().optional(),
      admin_graphql_api_id: z.string().optional(),
      order_id: z.string().nullish(),
    })
    .safeParse(one);
  const { id, admin_graphql_api_id: gid, order_id: orderId } = named.success ? named.data : {};
  const own = id?.startsWith('gid://') ? exactId(undefined, id) : exactId(id, gid);
  const found = orderId ?? (/^orders/.test(delivery.topic) ? own : undefined);
  if (found) return found;
  throw new ConnectorError('rejected', `A delivery of topic ${delivery.topic} names no order that could be read.`, {
    code: 'PAYLOAD_UNREADABLE',
    subject: 'order_id',
  });
}

/** One whole order: long lists of lines and refunded lines are read to their end. */
async function readOrder(id: string, caller: Caller): Promise<unknown> {
  const { order } = orderAnswer.parse(await graphql(caller, ORDER_QUERY, { id: globalId(id) }));
  if (order === null) return missing(id);
  const lineItems = await readToEnd(connection.parse(order.lineItems), async (after) => {
    const answer = z.object({ order: z.object({ lineItems: connection }) });
    return answer.parse(await graphql(caller, LINES_QUERY, { id: globalId(id), after })).order.lineItems;
  });
  const refunds = [];
  for (const refund of z.array(z.looseObject({ id: z.string() })).parse(order.refunds)) {
    const refundLineItems = await readToEnd(connection.parse(refund.refundLineItems), async (after) => {
      const answer = z.object({ refund: z.object({ refundLineItems: connection }) });
      return answer.parse(await graphql(caller, REFUND_LINES_QUERY, { id: refund.id, after })).refund.refundLineItems;
    });
    refunds.push({ ...refund, refundLineItems });
  }
  return { ...order, lineItems, refunds };
}

async function readToEnd(
  first: Connection,
  next: (after: string) => Promise<Connection>,
): Promise<{ nodes: unknown[] }> {
  const nodes = [...first.nodes];
  let page = first.pageInfo;
  while (page.hasNextPage && page.endCursor) {
    const further = await next(page.endCursor);
    nodes.push(...further.nodes);
    page = further.pageInfo;
  }
  return { nodes };
}

const changes = z.object({
  orders: z.object({ nodes: z.array(z.object({ id: z.string(), updatedAt: z.string() })), pageInfo }),
});

/** What is polled. Sales come before what refers to them. */
export const FEEDS = ['orders', 'balance_transactions', 'disputes', 'payouts'] as const;

/** Objects of a feed changed since the cursor. */
export function changesSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  if (range.feed === 'balance_transactions') return balanceSince(range, api);
  if (range.feed === 'disputes') return disputesSince(range, api);
  if (range.feed === 'payouts') return payoutsSince(range, api);
  return ordersSince(range, api);
}

/**
 * Orders changed since the cursor (an `updated_at`), oldest first, each read whole. The window overlaps the one before;
 * what comes twice has the same event id. What was read before a failure is handed over first, so that a throttled run
 * goes on where it stopped.
 */
async function* ordersSince(
  range: { cursor: string | null; from: string; to: string },
  api: Api,
): AsyncIterable<{ deliveries: ChangedOrder[]; cursor: string }> {
  const caller = callerOf(api);
  let start = range.cursor === null ? range.from : startOf(range.cursor);
  let cursor = range.cursor?.replace(GO_ON, '') ?? range.from;
  let after: string | null = null;
  let read = 0;
  for (;;) {
    const query = `updated_at:>='${start}' AND updated_at:<='${range.to}'`;
    const { orders } = changes.parse(await graphql(caller, CHANGES_QUERY, { query, after }));
    const { deliveries, failure } = await readOrders(orders.nodes, caller);
    const newest = orders.nodes[deliveries.length - 1]?.updatedAt ?? cursor;
    if (newest > cursor) cursor = newest;
    const more = failure !== undefined || orders.pageInfo.hasNextPage;
    if (deliveries.length > 0) yield { deliveries, cursor: more ? `${cursor}${GO_ON}` : cursor };
    if (failure !== undefined) throw rested(failure);
    if (!orders.pageInfo.hasNextPage || !orders.pageInfo.endCursor) return;
    after = orders.pageInfo.endCursor;
    read += orders.nodes.length;
    if (read < WINDOW || cursor <= start) continue;
    [start, after, read] = [cursor, null, 0];
  }
}

type ChangedOrder = RawDelivery & { eventId: string };

/** Reads orders until one fails. */
async function readOrders(
  nodes: readonly { id: string; updatedAt: string }[],
  caller: Caller,
): Promise<{ deliveries: ChangedOrder[]; failure?: unknown }> {
  const deliveries: ChangedOrder[] = [];
  for (const { id, updatedAt } of nodes) {
    try {
      const order = await readOrder(exactId(undefined, id) ?? id, caller);
      const body = Buffer.from(JSON.stringify({ order }));
      deliveries.push({ topic: 'orders', headers: {}, body, eventId: `${id}:${updatedAt}` });
    } catch (failure) {
      return { deliveries, failure };
    }
  }
  return { deliveries };
}

function rested(failure: unknown): unknown {
  if (!(failure instanceof ConnectorError) || failure.kind !== 'rate_limited') return failure;
  const { message, code, retryAfterMs = 0 } = failure;
  return new ConnectorError('rate_limited', message, { code, retryAfterMs: retryAfterMs + REST_MS, cause: failure });
}

function startOf(cursor: string): string {
  if (cursor.endsWith(GO_ON)) return cursor.replace(GO_ON, '');
  return new Date(Date.parse(cursor) - OVERLAP_MS).toISOString();
}
