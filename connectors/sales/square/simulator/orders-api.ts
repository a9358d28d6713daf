import { type Answer, badRequest, fine, isAnswer, notFound } from './answers.ts';
import { unfinishedBody } from './bodies.ts';
import type { ListContext } from './lists.ts';
import { isIn, limitOf, orderOf, pageOf, type Window, windowOf } from './pages.ts';
import type { State } from './state.ts';
import type { Order } from './wire.ts';

export interface OrdersContext extends ListContext {
  state: State;
}

type Body = Record<string, unknown>;

const MOST_LOCATIONS = 10;
const MOST_ORDERS = 100;
const FIELDS = { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', CLOSED_AT: 'closed_at' } as const;
type Field = (typeof FIELDS)[keyof typeof FIELDS];

/** An order as it can be read now; the first look at one whose lines come late sees none, later looks see all. */
function seen({ state, now }: OrdersContext, order: Order): object {
  const until = state.late.get(order.id);
  if (until === undefined) return order;
  state.late.delete(order.id);
  return now().getTime() < until ? unfinishedBody(order) : order;
}

/** `GET /v2/orders/{id}`. */
export function oneOrder(context: OrdersContext, id: string): Answer {
  const order = context.objects.orders.get(id);
  if (order === undefined) return notFound(`Order not found for id ${id}`);
  return fine({ order: seen(context, order) });
}

/** `POST /v2/orders/batch-retrieve`: at most a hundred; ids that do not exist are left out. */
export function severalOrders(context: OrdersContext, body: Body): Answer {
  const { order_ids: ids, location_id: place } = body;
  if (!isTexts(ids) || ids.length === 0) {
    return badRequest('MISSING_REQUIRED_PARAMETER', 'Missing required parameter order_ids.', 'order_ids');
  }
  if (ids.length > MOST_ORDERS) {
    return badRequest('ARRAY_LENGTH_TOO_LONG', `order_ids has more than ${MOST_ORDERS} entries.`, 'order_ids');
  }
  const found = ids.flatMap((id) => context.objects.orders.get(id) ?? []);
  const here = found.filter(({ location_id }) => place == null || location_id === place);
  return fine(here.length === 0 ? {} : { orders: here.map((order) => seen(context, order)) });
}

interface Search {
  places: string[];
  field: Field;
  order: 'ASC' | 'DESC';
  window: Window | null;
  states: string[] | null;
  limit: number;
  entries: boolean;
}

/** `POST /v2/orders/search` of locations that must be named, filtered by the very time it is sorted by. */
export function searchOrders(context: OrdersContext, body: Body): Answer {
  const search = understood(context, body);
  if (isAnswer(search)) return search;
  const { places, field, window, states } = search;
  const found = [...context.objects.orders.values()].filter((each) => {
    const at = each[field];
    if (!places.includes(each.location_id) || at === undefined) return false;
    return (window === null || isIn(window, at, true)) && (states === null || states.includes(each.state));
  });
  const { cursor, limit: _, ...query } = body;
  const asked = { cursor: cursor as string | undefined, limit: search.limit, order: search.order, query };
  const page = pageOf(found, (each) => ({ at: each[field]!, id: each.id }), asked);
  if (isAnswer(page)) return page;
  const next = page.cursor === undefined ? {} : { cursor: page.cursor };
  if (page.entries.length === 0) return fine(next);
  if (search.entries) return fine({ order_entries: page.entries.map(entryOf), ...next });
  return fine({ orders: page.entries.map((each) => seen(context, each)), ...next });
}

function entryOf({ id, version, location_id }: Order): object {
  return { order_id: id, ...(version === undefined ? {} : { version }), location_id };
}

function understood(context: OrdersContext, body: Body): Search | Answer {
  const places = locations(context, body.location_ids);
  if (isAnswer(places)) return places;
  const { filter = {}, sort = {} } = (body.query ?? {}) as { filter?: Body; sort?: Body };
  const field = FIELDS[`${sort?.sort_field ?? 'CREATED_AT'}` as keyof typeof FIELDS];
  if (field === undefined) {
    return badRequest('INVALID_ENUM_VALUE', `${sort.sort_field} is not a sort field.`, 'query.sort.sort_field');
  }
  const window = timeWindow(context, (filter?.date_time_filter ?? {}) as Body, field);
  if (isAnswer(window)) return window;
  const order = orderOf(sort?.sort_order, 'DESC');
  const limit = limitOf(body.limit, 500, 1000);
  if (isAnswer(order)) return order;
  if (typeof limit !== 'number') return limit;
  if (typeof body.limit === 'number' && body.limit > 1000) {
    return badRequest('VALUE_TOO_HIGH', 'limit must not be greater than 1000.', 'limit');
  }
  const states = (filter?.state_filter as { states?: string[] } | undefined)?.states ?? null;
  return { places, field, order, window, states, limit, entries: body.return_entries === true };
}

function locations({ cafe }: OrdersContext, ids: unknown): string[] | Answer {
  if (!isTexts(ids) || ids.length === 0) {
    return badRequest('MISSING_REQUIRED_PARAMETER', 'Must provide at least one location_id.', 'location_ids');
  }
  if (ids.length > MOST_LOCATIONS) {
    return badRequest('ARRAY_LENGTH_TOO_LONG', `At most ${MOST_LOCATIONS} locations can be searched.`, 'location_ids');
  }
  const foreign = ids.find((id) => cafe.locations.every((each) => each.id !== id));
  if (foreign === undefined) return ids;
  return badRequest('INVALID_LOCATION', `The location ${foreign} is not one of the seller's.`, 'location_ids');
}

function timeWindow({ now }: OrdersContext, filters: Body, field: Field): Window | null | Answer {
  const given = Object.keys(filters).filter((name) => filters[name] != null);
  if (given.length === 0) return null;
  if (given.length > 1 || given[0] !== field) {
    const detail = `Sort field must match the time filter: sorted by ${field}, filtered by ${given.join(', ')}.`;
    return badRequest('BAD_REQUEST', detail, 'query.sort.sort_field');
  }
  const range = filters[field] as Body;
  return windowOf(range, ['start_at', 'end_at'], { from: 0, to: now().getTime() });
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
