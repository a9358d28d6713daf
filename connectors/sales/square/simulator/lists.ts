import { type Answer, badRequest, fine, isAnswer } from './answers.ts';
import { drawerEventBody, entryBody, payoutBody, refundBody, shiftSummaryBody } from './bodies.ts';
import type { Cafe } from './cafe.ts';
import { isIn, limitOf, orderOf, type Page, type Place, pageOf, type Window, windowOf } from './pages.ts';
import type { Objects } from './state.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

export interface ListContext {
  cafe: Cafe;
  objects: Objects;
  now(): Date;
}

type Query = Record<string, string>;

interface Paging {
  placeOf?: 'created_at' | 'updated_at' | 'opened_at' | 'effective_at';
  order: 'ASC' | 'DESC';
  limit: number;
  /** More than this is asked for in vain. */
  greatest?: number;
}

interface Listed {
  id: string;
}

/** A page of objects that were filtered already, under the name Square gives the list. */
function listed<Entry extends Listed>(
  name: string,
  found: readonly Entry[],
  query: Query,
  paging: Paging,
  show: (entry: Entry) => object = (entry) => entry,
): Answer {
  const { cursor, limit: asked, ...rest } = query;
  const limit = limitOf(asked, paging.limit, paging.greatest);
  if (typeof limit !== 'number') return limit;
  const order = orderOf(query.sort_order, paging.order);
  if (isAnswer(order)) return order;
  const at = paging.placeOf ?? 'created_at';
  const placeOf = (entry: Entry): Place => ({ at: (entry as unknown as Record<string, string>)[at]!, id: entry.id });
  const page: Page<Entry> | Answer = pageOf(found, placeOf, { cursor, limit, order, query: rest });
  if (isAnswer(page)) return page;
  const entries = page.entries.map(show);
  return fine({
    ...(entries.length > 0 ? { [name]: entries } : {}),
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  });
}

/** Parameters nobody knows are refused; so are places that are not the seller's. */
function unknown({ cafe }: ListContext, query: Query, known: readonly string[]): Answer | null {
  const other = Object.keys(query).find((name) => !known.includes(name));
  if (other !== undefined) return badRequest('UNKNOWN_QUERY_PARAMETER', `Unknown query parameter ${other}.`, other);
  const place = query.location_id;
  if (place === undefined || cafe.locations.some(({ id }) => id === place)) return null;
  return badRequest('INVALID_LOCATION', `The location ${place} is not one of the seller's.`, 'location_id');
}

function lastYear({ now }: ListContext): Window {
  const to = now().getTime();
  // What was made in this very millisecond is part of "until now".
  return { from: to - YEAR_MS, to: to + 1 };
}

const RANGE = ['begin_time', 'end_time'] as const;
const UPDATED = ['updated_at_begin_time', 'updated_at_end_time'] as const;
const PAGED = ['cursor', 'limit', 'sort_order'] as const;

interface Dated {
  created_at: string;
  updated_at: string;
}

/** Which objects two windows leave: one by creation, and one by the last change where that is asked. */
function windows(context: ListContext, query: Query): ((object: Dated) => boolean) | Answer {
  const created = windowOf(query, RANGE, lastYear(context));
  if (isAnswer(created)) return created;
  const isUpdated = UPDATED.some((name) => query[name] !== undefined);
  const updated = windowOf(query, UPDATED, { from: created.from, to: lastYear(context).to });
  if (isAnswer(updated)) return updated;
  return (object) => isIn(created, object.created_at) && (!isUpdated || isIn(updated, object.updated_at));
}

function sortField(query: Query): 'created_at' | 'updated_at' | Answer {
  const { sort_field: field = 'CREATED_AT' } = query;
  if (field === 'CREATED_AT') return 'created_at';
  if (field === 'UPDATED_AT') return 'updated_at';
  return badRequest('INVALID_ENUM_VALUE', `${field} is not a field that can be sorted by.`, 'sort_field');
}

/** `GET /v2/payments`: of the main location unless another is named. */
export function listPayments(context: ListContext, query: Query): Answer {
  const known = [...RANGE, ...UPDATED, ...PAGED, 'location_id', 'sort_field', 'total', 'last_4', 'card_brand'];
  const problem = unknown(context, query, [...known, 'is_offline_payment']);
  if (problem !== null) return problem;
  const within = windows(context, query);
  const placeOf = sortField(query);
  if (isAnswer(within)) return within;
  if (isAnswer(placeOf)) return placeOf;
  const { location_id: place = context.cafe.locations[0]!.id, total, last_4, card_brand, is_offline_payment } = query;
  const found = [...context.objects.payments.values()].filter(
    (each) =>
      each.location_id === place &&
      within(each) &&
      (total === undefined || `${each.total_money.amount}` === total) &&
      (last_4 === undefined || each.card_details?.card.last_4 === last_4) &&
      (card_brand === undefined || each.card_details?.card.card_brand === card_brand) &&
      (is_offline_payment === undefined || `${each.is_offline_payment === true}` === is_offline_payment),
  );
  return listed('payments', found, query, { placeOf, order: 'DESC', limit: 100 });
}

/** `GET /v2/refunds`: of all locations unless one is named. */
export function listRefunds(context: ListContext, query: Query): Answer {
  const known = [...RANGE, ...UPDATED, ...PAGED, 'location_id', 'sort_field', 'status', 'source_type'];
  const problem = unknown(context, query, known);
  if (problem !== null) return problem;
  const within = windows(context, query);
  const placeOf = sortField(query);
  if (isAnswer(within)) return within;
  if (isAnswer(placeOf)) return placeOf;
  const { location_id: place, status, source_type } = query;
  const found = [...context.objects.refunds.values()].filter(
    (each) =>
      (place === undefined || each.location_id === place) &&
      within(each) &&
      (status === undefined || each.status === status) &&
      (source_type === undefined || each.destination_type === source_type),
  );
  return listed('refunds', found, query, { placeOf, order: 'DESC', limit: 100 }, refundBody);
}

/** `GET /v2/payouts`: of the main location unless another is named. */
export function listPayouts(context: ListContext, query: Query): Answer {
  const problem = unknown(context, query, [...RANGE, ...PAGED, 'location_id', 'status']);
  if (problem !== null) return problem;
  const created = windowOf(query, RANGE, lastYear(context));
  if (isAnswer(created)) return created;
  const { location_id: place = context.cafe.locations[0]!.id, status } = query;
  if (status !== undefined && !['SENT', 'PAID', 'FAILED'].includes(status)) {
    return badRequest('INVALID_ENUM_VALUE', `${status} is not a status of a payout.`, 'status');
  }
  const found = [...context.objects.payouts.values()].filter(
    (each) =>
      each.location_id === place && isIn(created, each.created_at) && (status === undefined || each.status === status),
  );
  return listed('payouts', found, query, { order: 'DESC', limit: 100 }, payoutBody);
}

/** `GET /v2/payouts/{id}/payout-entries` of a payout that is there. */
export function listEntries(context: ListContext, payoutId: string, query: Query): Answer {
  const problem = unknown(context, query, PAGED);
  if (problem !== null) return problem;
  const found = [...context.objects.movements.values()].filter(({ payout_id }) => payout_id === payoutId);
  return listed('payout_entries', found, query, { placeOf: 'effective_at', order: 'DESC', limit: 100 }, entryBody);
}

/** `GET /v2/disputes`: in all states and of all locations unless said otherwise. */
export function listDisputes(context: ListContext, query: Query): Answer {
  const problem = unknown(context, query, ['cursor', 'states', 'location_id']);
  if (problem !== null) return problem;
  const states = query.states?.split(',');
  const found = [...context.objects.disputes.values()].filter(
    (each) =>
      (states === undefined || states.includes(each.state)) &&
      (query.location_id === undefined || each.location_id === query.location_id),
  );
  return listed('disputes', found, query, { order: 'DESC', limit: 50 });
}

/** `GET /v2/gift-cards/activities`; both ends of the range belong to it. */
export function listActivities(context: ListContext, query: Query): Answer {
  const problem = unknown(context, query, [...RANGE, ...PAGED, 'gift_card_id', 'type', 'location_id']);
  if (problem !== null) return problem;
  const created = windowOf(query, RANGE, lastYear(context));
  if (isAnswer(created)) return created;
  const { gift_card_id: card, type, location_id: place } = query;
  const found = [...context.objects.activities.values()].filter(
    (each) =>
      isIn(created, each.created_at, true) &&
      (card === undefined || each.gift_card_id === card) &&
      (type === undefined || each.type === type) &&
      (place === undefined || each.location_id === place),
  );
  return listed('gift_card_activities', found, query, { order: 'DESC', limit: 50, greatest: 100 });
}

/** `GET /v2/cash-drawers/shifts` of a location that must be named; the range is of `opened_at`. */
export function listShifts(context: ListContext, query: Query): Answer {
  const problem = unknown(context, query, [...RANGE, ...PAGED, 'location_id']) ?? withoutLocation(query);
  if (problem !== null) return problem;
  const opened = windowOf(query, RANGE, { from: 0, to: lastYear(context).to });
  if (isAnswer(opened)) return opened;
  const found = [...context.objects.shifts.values()].filter(
    ({ location_id, opened_at }) => location_id === query.location_id && isIn(opened, opened_at),
  );
  const paging: Paging = { placeOf: 'opened_at', order: 'ASC', limit: 200, greatest: 1000 };
  return listed('cash_drawer_shifts', found, query, paging, shiftSummaryBody);
}

/** `GET /v2/cash-drawers/shifts/{id}/events`; the location must be named. */
export function listDrawerEvents(context: ListContext, shiftId: string, query: Query): Answer {
  const problem = unknown(context, query, ['cursor', 'limit', 'location_id']) ?? withoutLocation(query);
  if (problem !== null) return problem;
  const found = [...context.objects.drawerEvents.values()].filter(({ shift_id }) => shift_id === shiftId);
  return listed(
    'cash_drawer_shift_events',
    found,
    query,
    { order: 'ASC', limit: 200, greatest: 1000 },
    drawerEventBody,
  );
}

/** The refusal of a call that has to name a location and does not. */
export function withoutLocation(query: Query): Answer | null {
  if (query.location_id !== undefined && query.location_id !== '') return null;
  return badRequest('MISSING_REQUIRED_PARAMETER', 'Missing required parameter location_id.', 'location_id');
}
