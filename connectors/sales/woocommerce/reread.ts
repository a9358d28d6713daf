import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, ChangePage, ChangeRange, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { call } from './client.ts';
import { contentHash } from './content-hash.ts';
import { utcInstant } from './money.ts';
import { payloads } from './payload.ts';
import { orderOf } from './refund.ts';

/** Orders by when they changed; orders of the last weeks again, for refunds that changed nothing; payouts. */
export const FEEDS: readonly string[] = ['orders', 'refunds', 'deposits'];

const PAGE = 100;

/**
 * Re-reads `order` (with its refunds in full: `{"order": …, "refunds": […]}`) or `refunds` (the list) for a delivery.
 * Throws ConnectorError `unsupported` for another name, `rejected` CHANNEL_OBJECT_MISSING when the order is gone.
 */
export async function fetchFor(name: string, delivery: RawDelivery, api: Api): Promise<string> {
  const id = orderIdOf(delivery);
  if (name === 'refunds') return JSON.stringify(await readRefunds(id, api));
  if (name === 'order') {
    const { body } = await call(api, 'GET', `/orders/${id}`);
    return withRefunds(body, api);
  }
  throw new ConnectorError('unsupported', `A store has nothing called "${name}" to read.`, { code: 'CHANNEL_REFUSED' });
}

const whatItNames = z.union([
  z.object({ order: z.object({ id: z.string() }) }).transform((body) => body.order.id),
  z.object({ amount: z.string() }).and(payloads.refund).transform(orderOf),
  z.object({ id: z.string() }).transform((body) => body.id),
]);

/** The id of the order that a delivery is or is about. Throws ConnectorError `rejected` when it names none. */
function orderIdOf(delivery: RawDelivery): string {
  const body = parseJson(delivery.body);
  const named = whatItNames.safeParse(Array.isArray(body) ? body[0] : body);
  if (named.success && /^\d+$/.test(named.data)) return named.data;
  const message = `A delivery of topic ${delivery.topic} names no order that could be read.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'id' });
}

const shortOrder = z.looseObject({
  id: z.string(),
  date_modified_gmt: z.string(),
  refunds: z.array(z.unknown()).nullish(),
});

/** An order as the store answered it, with its refunds in full. */
async function withRefunds(order: unknown, api: Api): Promise<string> {
  const read = shortOrder.safeParse(order);
  if (!read.success) throw unreadable(api, 'order');
  const refunds = (read.data.refunds ?? []).length === 0 ? [] : await readRefunds(read.data.id, api);
  return JSON.stringify({ order, refunds });
}

async function readRefunds(order: string, api: Api): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; ; page += 1) {
    const found = await readList(api, `/orders/${order}/refunds`, { per_page: String(PAGE), page: String(page) });
    all.push(...found);
    if (found.length < PAGE) return all;
  }
}

async function readList(api: Api, path: string, query: Record<string, string>): Promise<unknown[]> {
  const { body } = await call(api, 'GET', path, { query });
  if (Array.isArray(body)) return body;
  throw unreadable(api, 'list');
}

function unreadable(api: Api, what: string): ConnectorError {
  const message = `The store ${api.account} answered with something that is no ${what} we can read; we try again.`;
  return new ConnectorError('retryable', message, { code: 'CHANNEL_ANSWER_UNREADABLE' });
}

/**
 * Objects of a feed changed since the cursor, oldest first. Throws ConnectorError like `call`, `unsupported` for
 * another feed.
 */
export async function* changesSince(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  if (range.feed === 'orders') yield* changedOrders(range, api);
  else if (range.feed === 'refunds') yield* recentOrders(range, api);
  else if (range.feed === 'deposits') yield* deposits(range, api);
  else throw new ConnectorError('unsupported', `A store has no feed "${range.feed}".`, { code: 'CHANNEL_REFUSED' });
}

/** A window overlaps the one before: an order saved while we read may carry a time we had passed already. */
const OVERLAP_MS = 5 * 60_000;

/**
 * Orders by the time of their last change. Pages are not counted: while we read, changed orders move to the end and
 * shift all pages. Instead each window starts where the one before ended, and pages are turned only inside one second.
 */
async function* changedOrders(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  const to = wholeSecond(range.to);
  let cursor = wholeSecond(range.cursor ?? range.from);
  let since = range.cursor === null ? cursor : wholeSecond(earlier(cursor, OVERLAP_MS));
  let page = 1;
  const seen = new Set<string>();
  for (;;) {
    const found = await readList(api, '/orders', {
      ...{ modified_after: bare(earlier(since, 1_000)), dates_are_gmt: 'true', orderby: 'modified', order: 'asc' },
      ...{ status: 'any', per_page: String(PAGE), page: String(page) },
    });
    const orders = z.array(shortOrder).safeParse(found);
    if (!orders.success) throw unreadable(api, 'list of orders');
    const due = orders.data.filter((each) => modified(each) <= to && !seen.has(keyOf(each)));
    const deliveries = [];
    for (const order of due) deliveries.push(deliveryOf(await withRefunds(order, api), order.id));
    for (const order of due) seen.add(keyOf(order));
    const newest = orders.data.map(modified).sort().at(-1) ?? since;
    cursor = [cursor, ...due.map(modified)].sort().at(-1) ?? cursor;
    if (deliveries.length > 0) yield { deliveries, cursor };
    if (orders.data.length < PAGE || newest > to) return;
    [since, page] = newest > since ? [newest, 1] : [since, page + 1];
  }
}

type ShortOrder = z.output<typeof shortOrder>;
const modified = (order: ShortOrder) => utcInstant(order.date_modified_gmt) ?? '';
const keyOf = (order: ShortOrder) => `${order.id} ${order.date_modified_gmt}`;

function deliveryOf(body: string, id: string): ChangePage['deliveries'][number] {
  const bytes = Buffer.from(body);
  return { topic: 'orders', headers: {}, body: bytes, eventId: `orders:${id}:${contentHash(bytes)}` };
}

const LOOK_BACK_MS = 30 * 24 * 60 * 60_000;
const LOOK_EVERY_MS = 6 * 60 * 60_000;

/**
 * Orders of the last thirty days once more, four times a day: a refund, or a refund deleted, need not touch the time of
 * change in every store. What has not changed has the same event id and is stored once.
 */
async function* recentOrders(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  if (range.cursor !== null && Date.parse(range.to) - Date.parse(range.cursor) < LOOK_EVERY_MS) return;
  const from = range.cursor === null ? range.from : earlier(range.to, LOOK_BACK_MS);
  for (let page = 1; ; page += 1) {
    const found = await readList(api, '/orders', {
      ...{ after: bare(earlier(from, 1_000)), before: bare(later(range.to, 1_000)), dates_are_gmt: 'true' },
      ...{ orderby: 'date', order: 'asc', status: 'any', per_page: String(PAGE), page: String(page) },
    });
    const orders = z.array(shortOrder).safeParse(found);
    if (!orders.success) throw unreadable(api, 'list of orders');
    const deliveries = [];
    for (const order of orders.data) deliveries.push(deliveryOf(await withRefunds(order, api), order.id));
    // Read as far as this page only; a run that breaks off starts over.
    const isLast = found.length < PAGE;
    yield { deliveries, cursor: isLast ? range.to : (range.cursor ?? range.from) };
    if (isLast) return;
  }
}

const depositList = z.object({
  data: z.array(z.looseObject({ id: z.string(), date: z.string(), status: z.string() })),
});

/** Payouts of WooPayments by their day of arrival; a store without that plugin has none. */
async function* deposits(range: ChangeRange, api: Api): AsyncIterable<ChangePage> {
  // A payout may fail days after it arrived.
  const from = range.cursor === null ? range.from : earlier(range.cursor, LOOK_BACK_MS);
  for (let page = 1; ; page += 1) {
    const found = await readDeposits(api, from, page);
    if (found.length === 0) return;
    const deliveries = found.map((deposit) => {
      const body = Buffer.from(JSON.stringify(deposit));
      return { topic: 'deposits', headers: {}, body, eventId: `deposits:${deposit.id}:${deposit.status}` };
    });
    const isLast = found.length < PAGE;
    yield { deliveries, cursor: isLast ? range.to : (range.cursor ?? range.from) };
    if (isLast) return;
  }
}

async function readDeposits(api: Api, from: string, page: number) {
  const query = {
    ...{ sort: 'date', direction: 'asc', page: String(page), pagesize: String(PAGE) },
    date_after: bare(from).replace('T', ' '),
  };
  try {
    const { body } = await call(api, 'GET', '/payments/deposits', { query });
    const found = depositList.safeParse(body);
    if (!found.success) throw unreadable(api, 'list of payouts');
    return found.data.data;
  } catch (error) {
    // No such plugin, or one that is not set up and says so in its own way. Nothing is lost: the next look starts over.
    if (!(error instanceof ConnectorError) || !['rejected', 'retryable'].includes(error.kind)) throw error;
    api.log('deposits.unavailable', { why: error.code });
    return [];
  }
}

function earlier(instant: string, milliseconds: number): string {
  return new Date(Date.parse(instant) - milliseconds).toISOString();
}

function later(instant: string, milliseconds: number): string {
  return earlier(instant, -milliseconds);
}

/** Times of change come in whole seconds, and are compared as text. */
function wholeSecond(instant: string): string {
  return `${bare(instant)}Z`;
}

/** The store takes times without a zone. */
function bare(instant: string): string {
  return new Date(instant).toISOString().slice(0, 19);
}
