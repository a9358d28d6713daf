import { parse } from 'lossless-json';
import { type Answer, badRequest, fine, isAnswer, refused } from './answers.ts';
import { isIn, limitOf, orderOf, pageOf, windowOf } from './pages.ts';
import { SEARCHABLE_MS, type SquareEvent, type Store } from './state.ts';
import type { Access } from './tokens.ts';
import { API_VERSION, TOPICS } from './topics.ts';

export interface EventsContext {
  store: Store;
  now(): Date;
}

type Body = Record<string, unknown>;

/** `PUT /v2/events/enable` and `/disable`: from now on events are kept for 28 days, or no longer kept. */
export function switchEvents({ store }: EventsContext, on: boolean): Answer {
  store.record({ kind: 'searchable', on });
  return fine({});
}

/** `GET /v2/events/types` and `GET /v2/webhooks/event-types`. */
export function eventTypes(): Answer {
  const event_types = Object.keys(TOPICS);
  const metadata = event_types.map((event_type) => ({ event_type, api_version_introduced: '2020-02-26' }));
  return fine({ event_types, metadata });
}

/** `POST /v2/events`: those of the last 28 days that were kept. A seller's token finds that seller's only. */
export function searchEvents({ store, now }: EventsContext, access: Access, body: Body): Answer {
  const { filter = {}, sort = {} } = (body.query ?? {}) as { filter?: Body; sort?: Body };
  const { event_types: types, merchant_ids: merchants, location_ids: places, created_at = {} } = filter;
  const until = now().getTime() + 1;
  const window = windowOf(created_at as Body, ['start_at', 'end_at'], { from: until - SEARCHABLE_MS, to: until });
  const order = orderOf(sort?.order, 'DESC');
  const limit = limitOf(body.limit, 100);
  if (isAnswer(window)) return window;
  if (isAnswer(order)) return order;
  if (typeof limit !== 'number') return limit;
  const foreign = (merchants as string[] | undefined)?.find(
    (id) => access.merchantId !== null && id !== access.merchantId,
  );
  if (foreign !== undefined) return refused(403, 'FORBIDDEN', `This token may not read events of merchant ${foreign}.`);
  const has = (list: unknown, value: string | null) => !Array.isArray(list) || (value !== null && list.includes(value));
  const oldest = now().getTime() - SEARCHABLE_MS;
  const found = [...store.state.kept]
    .flatMap((id) => store.state.events.get(id) ?? [])
    .filter((each) => each.at >= oldest && isIn(window, timeOf(each)) && isHeard(access, each))
    .filter((each) => has(types, each.type) && has(merchants, each.merchantId) && has(places, each.locationId));
  const { cursor, limit: _, ...query } = body;
  if (cursor !== undefined && typeof cursor !== 'string')
    return badRequest('EXPECTED_STRING', 'cursor is text.', 'cursor');
  const page = pageOf(found, (each) => ({ at: timeOf(each), id: each.id }), { cursor, limit, order, query });
  if (isAnswer(page)) return page;
  const next = page.cursor === undefined ? {} : { cursor: page.cursor };
  if (page.entries.length === 0) return fine(next);
  return fine({
    events: page.entries.map((each) => parse(each.body)),
    metadata: page.entries.map(({ id }) => ({ event_id: id, api_version: API_VERSION })),
    ...next,
  });
}

function timeOf({ at }: SquareEvent): string {
  return new Date(at).toISOString();
}

/** Without the scope of its object an event is silent here too. */
function isHeard({ scopes, merchantId }: Access, event: SquareEvent): boolean {
  if (merchantId !== null && merchantId !== event.merchantId) return false;
  const scope = TOPICS[event.type] ?? null;
  return scopes === null || scope === null || scopes.includes(scope);
}
