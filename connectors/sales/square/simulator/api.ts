import express, { type Request, type Response, type Router } from 'express';
import { stringify } from 'lossless-json';
import { type Answer, badRequest, fine, notFound, refused } from './answers.ts';
import { catalogBody, locationBody, merchantBody, payoutBody, refundBody } from './bodies.ts';
import type { Cafe } from './cafe.ts';
import { eventTypes, searchEvents, switchEvents } from './events-api.ts';
import { type Bucket, bucket } from './limits.ts';
import {
  listActivities,
  listDisputes,
  listDrawerEvents,
  listEntries,
  listPayments,
  listPayouts,
  listRefunds,
  listShifts,
  withoutLocation,
} from './lists.ts';
import { oneOrder, searchOrders, severalOrders } from './orders-api.ts';
import {
  createSubscription,
  deleteSubscription,
  listSubscriptions,
  oneSubscription,
  replaceKey,
  type SubscriptionContext,
  testSubscription,
  updateSubscription,
} from './subscriptions.ts';
import type { Access, Tokens } from './tokens.ts';
import { API_VERSION, isVersion } from './topics.ts';

/** Calls of the application that are allowed at once, and per second after that. */
export interface Limits {
  maximum: number;
  perSecond: number;
}
export const standardLimits: Limits = { maximum: 600, perSecond: 60 };

export interface ApiOptions extends SubscriptionContext {
  tokens: Tokens;
  limits: Limits;
}

/** One call, understood as far as every endpoint needs it. */
interface Ask {
  access: Access;
  query: Record<string, string>;
  body: Record<string, unknown>;
  /** The id in the path; '' where there is none. */
  id: string;
}

/** Who may call: a seller's token with this scope, the application's own token, or either. */
type Guard = { scope: string } | 'application' | 'anybody';
type Route = [
  method: 'get' | 'post' | 'put' | 'delete',
  path: string,
  guard: Guard,
  handle: (ask: Ask) => Answer | Promise<Answer>,
];

/** Everything under `/v2`: what Square lets an application read of a seller, and the application's subscriptions. */
export function apiRoutes(options: ApiOptions): Router {
  const router = express.Router();
  const calls = bucket(options.limits.maximum, options.limits.perSecond, options.now);
  const json = express.json({ type: () => true, strict: false, limit: '1mb' });
  for (const [method, path, guard, handle] of [...sellerRoutes(options), ...applicationRoutes(options)]) {
    router[method](path, json, async (request: Request, response: Response) => {
      const ask = admitted(options, calls, guard, request);
      send(request, response, 'status' in ask ? ask : await handle(ask));
    });
  }
  router.use('/v2', (request, response) => send(request, response, notFound('API endpoint for URL path not found.')));
  return router;
}

function send(request: Request, response: Response, { status, body }: Answer): void {
  const wait = (body as { wait?: number }).wait;
  if (wait !== undefined) response.set('Retry-After', `${wait}`);
  const version = request.header('square-version') ?? API_VERSION;
  response.status(status).set({ 'content-type': 'application/json', 'square-version': version });
  response.end(stringify(wait === undefined ? body : { ...body, wait: undefined }));
}

/** The call, or why it is not let through: version, token, scope and number of calls are looked at in this order. */
function admitted(options: ApiOptions, calls: Bucket, guard: Guard, request: Request): Ask | Answer {
  const version = request.header('square-version');
  if (version !== undefined && !isVersion(version)) {
    return badRequest('INVALID_SQUARE_VERSION_FORMAT', `${version} is not an API version.`);
  }
  const access = options.tokens.use(/^Bearer (.+)$/.exec(request.header('authorization') ?? '')?.[1] ?? '');
  if (typeof access === 'string') return unauthorized(access);
  const problem = forbidden(access, guard);
  if (problem !== null) return problem;
  const wait = calls.take();
  if (wait !== true) {
    const answer = refused(429, 'RATE_LIMITED', 'The number of requests has exceeded the limit. Try again later.');
    return { ...answer, body: { ...answer.body, wait } };
  }
  const query = Object.entries(request.query).map(([name, value]) => [name, `${value}`]);
  const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
  return { access, query: Object.fromEntries(query), body, id: `${request.params.id ?? ''}` };
}

function unauthorized(why: 'unknown' | 'expired' | 'revoked'): Answer {
  if (why === 'expired') return refused(401, 'ACCESS_TOKEN_EXPIRED', 'The provided access token has expired.');
  if (why === 'revoked') return refused(401, 'ACCESS_TOKEN_REVOKED', 'The provided access token has been revoked.');
  return refused(401, 'UNAUTHORIZED', 'This request could not be authorized.');
}

function forbidden({ kind, scopes }: Access, guard: Guard): Answer | null {
  if (guard === 'anybody') return null;
  if (guard === 'application') {
    if (kind !== 'oauth') return null;
    return refused(403, 'FORBIDDEN', 'OAuth access tokens cannot do this: use a personal access token.');
  }
  if (kind === 'application') return refused(403, 'FORBIDDEN', 'The account of the application sells nothing.');
  if (scopes === null || scopes.includes(guard.scope)) return null;
  const detail = `The merchant has not given your application sufficient permissions to do that. It needs ${guard.scope}.`;
  return refused(403, 'INSUFFICIENT_SCOPES', detail);
}

function found(name: string, object: object | undefined, id: string): Answer {
  return object === undefined
    ? notFound(`Could not find ${name.replaceAll('_', ' ')} ${id}.`)
    : fine({ [name]: object });
}

function sellerRoutes(options: ApiOptions): Route[] {
  const { cafe, store, now } = options;
  const { objects } = store.state;
  const context = { cafe, objects, now, state: store.state };
  const may = (scope: string): Guard => ({ scope });
  const [profile, payments, orders] = [may('MERCHANT_PROFILE_READ'), may('PAYMENTS_READ'), may('ORDERS_READ')];
  const [payouts, disputes, drawers] = [may('PAYOUTS_READ'), may('DISPUTES_READ'), may('CASH_DRAWER_READ')];
  const shown = <Entry>(entry: Entry | undefined, body: (entry: Entry) => object) => entry && body(entry);
  const merchant = (id: string) => (['me', cafe.merchantId].includes(id) ? merchantBody(cafe) : undefined);
  const location = (id: string) =>
    shown(id === 'main' ? cafe.locations[0] : cafe.locations.find((each) => each.id === id), (each) =>
      locationBody(cafe, each),
    );
  return [
    ['get', '/v2/merchants', profile, () => fine({ merchant: [merchantBody(cafe)] })],
    ['get', '/v2/merchants/:id', profile, ({ id }) => found('merchant', merchant(id), id)],
    [
      'get',
      '/v2/locations',
      profile,
      () => fine({ locations: cafe.locations.map((each) => locationBody(cafe, each)) }),
    ],
    ['get', '/v2/locations/:id', profile, ({ id }) => found('location', location(id), id)],
    ['get', '/v2/payments', payments, ({ query }) => listPayments(context, query)],
    ['get', '/v2/payments/:id', payments, ({ id }) => found('payment', objects.payments.get(id), id)],
    ['get', '/v2/refunds', payments, ({ query }) => listRefunds(context, query)],
    ['get', '/v2/refunds/:id', payments, ({ id }) => found('refund', shown(objects.refunds.get(id), refundBody), id)],
    ['post', '/v2/orders/search', orders, ({ body }) => searchOrders(context, body)],
    ['post', '/v2/orders/batch-retrieve', orders, ({ body }) => severalOrders(context, body)],
    ['get', '/v2/orders/:id', orders, ({ id }) => oneOrder(context, id)],
    ['get', '/v2/payouts', payouts, ({ query }) => listPayouts(context, query)],
    ['get', '/v2/payouts/:id', payouts, ({ id }) => found('payout', shown(objects.payouts.get(id), payoutBody), id)],
    [
      'get',
      '/v2/payouts/:id/payout-entries',
      payouts,
      ({ id, query }) => (objects.payouts.has(id) ? listEntries(context, id, query) : found('payout', undefined, id)),
    ],
    ['get', '/v2/disputes', disputes, ({ query }) => listDisputes(context, query)],
    ['get', '/v2/disputes/:id', disputes, ({ id }) => found('dispute', objects.disputes.get(id), id)],
    ['get', '/v2/gift-cards/activities', may('GIFTCARDS_READ'), ({ query }) => listActivities(context, query)],
    ['get', '/v2/cash-drawers/shifts', drawers, ({ query }) => listShifts(context, query)],
    ['get', '/v2/cash-drawers/shifts/:id', drawers, (ask) => withoutLocation(ask.query) ?? oneShift(options, ask)],
    [
      'get',
      '/v2/cash-drawers/shifts/:id/events',
      drawers,
      ({ id, query }) =>
        objects.shifts.has(id) ? listDrawerEvents(context, id, query) : found('cash_drawer_shift', undefined, id),
    ],
    ['get', '/v2/invoices/:id', may('INVOICES_READ'), ({ id }) => found('invoice', objects.invoices.get(id), id)],
    ['get', '/v2/catalog/object/:id', may('ITEMS_READ'), ({ id }) => found('object', catalogBody(cafe, id), id)],
    ['post', '/v2/catalog/batch-retrieve', may('ITEMS_READ'), ({ body }) => severalObjects(cafe, body)],
  ];
}

/** Objects that do not exist are missing from the answer. */
function severalObjects(cafe: Cafe, { object_ids: ids }: Record<string, unknown>): Answer {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 1_000) {
    return badRequest('BAD_REQUEST', 'object_ids must name between 1 and 1000 objects.', 'object_ids');
  }
  const objects = ids.flatMap((id) => catalogBody(cafe, `${id}`) ?? []);
  return fine(objects.length === 0 ? {} : { objects });
}

function oneShift({ store }: ApiOptions, { id, query }: Ask): Answer {
  const shift = store.state.objects.shifts.get(id);
  return found('cash_drawer_shift', shift?.location_id === query.location_id ? shift : undefined, id);
}

function applicationRoutes(options: ApiOptions): Route[] {
  const base = '/v2/webhooks/subscriptions';
  return [
    ['get', base, 'application', ({ query }) => listSubscriptions(options, query)],
    ['post', base, 'application', ({ body }) => createSubscription(options, body)],
    ['get', `${base}/:id`, 'application', ({ id }) => oneSubscription(options, id)],
    ['put', `${base}/:id`, 'application', ({ id, body }) => updateSubscription(options, id, body)],
    ['delete', `${base}/:id`, 'application', ({ id }) => deleteSubscription(options, id)],
    ['post', `${base}/:id/test`, 'application', ({ id, body }) => testSubscription(options, id, body)],
    ['post', `${base}/:id/signature-key`, 'application', ({ id }) => replaceKey(options, id)],
    ['get', '/v2/webhooks/event-types', 'application', eventTypes],
    ['get', '/v2/events/types', 'anybody', eventTypes],
    ['post', '/v2/events', 'anybody', ({ access, body }) => searchEvents(options, access, body)],
    ['put', '/v2/events/enable', 'application', () => switchEvents(options, true)],
    ['put', '/v2/events/disable', 'application', () => switchEvents(options, false)],
  ];
}
