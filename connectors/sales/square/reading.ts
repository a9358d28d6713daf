import { stringify } from 'lossless-json';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import { parseJson } from '../../kit/json.ts';
import { type Answer, type Caller, get, send } from './client.ts';
import { type OrderPayload, payloads, readPayload } from './payload.ts';
import { needsPayment, paymentIdOf } from './tenders.ts';

/** An object as Square wrote it, its numbers with all their digits. */
export type Raw = Answer;

/** An order with all that is needed to read it: payments it does not tell enough of, catalogue objects for SKUs. */
export interface Bundle {
  order: Raw;
  payments: Raw[];
  objects: Raw[];
}

const MOST_ORDERS = 100;
const MOST_OBJECTS = 1_000;

/** The objects of a list in an answer; Square leaves out an empty one. */
export function listIn(answer: Answer, name: string): Raw[] {
  const found = z.array(z.record(z.string(), z.unknown())).nullish().safeParse(answer[name]);
  if (found.success) return found.data ?? [];
  throw unreadable(name);
}

/** The one object in an answer. */
export function objectIn(answer: Answer, name: string): Raw {
  const found = z.record(z.string(), z.unknown()).safeParse(answer[name]);
  if (found.success) return found.data;
  throw unreadable(name);
}

/** A text field of an object, '' where it has none. */
export function textOf(object: Raw, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

/** All pages of a list; each answer names the cursor of the next. */
export async function* pagesOf(
  read: (cursor: string | undefined) => Promise<Answer>,
  name: string,
): AsyncGenerator<Raw[]> {
  let cursor: string | undefined;
  do {
    const answer = await read(cursor);
    yield listIn(answer, name);
    cursor = textOf(answer, 'cursor') || undefined;
  } while (cursor !== undefined);
}

/** Ids of the account's locations, in alphabetical order; payments and payouts are listed per location. */
export async function locationIds(caller: Caller): Promise<string[]> {
  const locations = listIn(await get(caller, '/v2/locations'), 'locations');
  return locations.map((each) => textOf(each, 'id')).sort();
}

/** Reads orders by id; those that do not exist are missing. */
export async function readOrders(ids: readonly string[], caller: Caller): Promise<Raw[]> {
  const orders: Raw[] = [];
  for (let from = 0; from < ids.length; from += MOST_ORDERS) {
    const order_ids = ids.slice(from, from + MOST_ORDERS);
    orders.push(...listIn(await send(caller, 'POST', '/v2/orders/batch-retrieve', { order_ids }), 'orders'));
  }
  return orders;
}

/** One payment, or undefined where there is none that we may read. */
export async function readPayment(id: string, caller: Caller): Promise<Raw | undefined> {
  try {
    return objectIn(await get(caller, `/v2/payments/${encodeURIComponent(id)}`), 'payment');
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'CHANNEL_OBJECT_MISSING') return undefined;
    throw error;
  }
}

/**
 * Adds to orders what they do not tell themselves. `atHand` are payments that were read already. Every way to read an
 * order goes through here, so that all of them say the same.
 */
export async function bundled(
  orders: readonly Raw[],
  atHand: readonly Raw[],
  caller: Caller,
): Promise<Map<string, Bundle>> {
  const read = orders.map((order) => ({ order, payload: asOrder(order) }));
  const objects = await readObjects(
    read.flatMap(({ payload }) => variationsIn(payload)),
    caller,
  );
  const bundles = new Map<string, Bundle>();
  for (const { order, payload } of read) {
    const payments = atHand.filter((each) => textOf(each, 'order_id') === payload.id);
    const known = new Set(payments.map((each) => textOf(each, 'id')));
    const wanted = payload.tenders.filter((tender) => needsPayment(tender, payload)).map(paymentIdOf);
    for (const id of new Set(wanted)) {
      const payment = id && !known.has(id) ? await readPayment(id, caller) : undefined;
      if (payment) payments.push(payment);
    }
    const variations = new Set(variationsIn(payload));
    bundles.set(payload.id, { order, payments, objects: objects.filter((each) => variations.has(textOf(each, 'id'))) });
  }
  return bundles;
}

/** An object as a delivery of it would be read. */
export function asDelivered(raw: Raw): unknown {
  return parseJson(stringify(raw) ?? '');
}

/** An order as a delivery of it would be read. */
export function asOrder(raw: Raw): OrderPayload {
  return readPayload(payloads.order, asDelivered(raw), 'order');
}

function variationsIn(order: OrderPayload): string[] {
  const items = [...order.line_items, ...order.returns.flatMap((each) => each.return_line_items)];
  return items.flatMap((item) => item.catalog_object_id ?? []);
}

/** Variations of the catalogue. Lines without a SKU are still right, so a catalogue that is closed to us is no fault. */
async function readObjects(ids: readonly string[], caller: Caller): Promise<Raw[]> {
  const wanted = [...new Set(ids)];
  const objects: Raw[] = [];
  for (let from = 0; from < wanted.length; from += MOST_OBJECTS) {
    const object_ids = wanted.slice(from, from + MOST_OBJECTS);
    const body = { object_ids, include_deleted_objects: true };
    try {
      objects.push(...listIn(await send(caller, 'POST', '/v2/catalog/batch-retrieve', body), 'objects'));
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'CHANNEL_SCOPE_MISSING') throw error;
    }
  }
  return objects.map(withoutPrices);
}

/** Only the SKU is read, and a delivery that carries no more stays the same when a price changes. */
function withoutPrices(object: Raw): Raw {
  const variation = z.record(z.string(), z.unknown()).catch({}).parse(object.item_variation_data);
  return { id: object.id, type: object.type, item_variation_data: { sku: variation.sku } };
}

function unreadable(name: string): ConnectorError {
  const message = `Square answered without the ${name} that its documents promise; we try again.`;
  return new ConnectorError('retryable', message, { code: 'CHANNEL_ANSWER_UNREADABLE' });
}
