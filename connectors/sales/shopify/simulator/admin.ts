import express, { type Request, type Response, type Router } from 'express';
import { stringify } from 'lossless-json';
import { answerGraphql, type GraphqlRequest } from './admin-graphql.ts';
import { type Bucket, bucket } from './limits.ts';
import { orderBody } from './rest-order.ts';
import { transactionBody } from './rest-refund.ts';
import { shopBody } from './rest-shop.ts';
import type { Shop } from './shops.ts';
import type { Store } from './state.ts';
import type { Tokens } from './tokens.ts';
import { API_VERSION } from './webhooks.ts';

/** Sizes of the two buckets; Shopify's smallest plan unless told otherwise. */
export interface Limits {
  graphql: { maximum: number; restoreRate: number };
  rest: { maximum: number; restoreRate: number };
}
export const standardLimits: Limits = {
  graphql: { maximum: 2000, restoreRate: 100 },
  rest: { maximum: 40, restoreRate: 2 },
};

export interface AdminOptions {
  seed: number;
  shops: readonly Shop[];
  store: Store;
  tokens: Tokens;
  limits: Limits;
  now(): Date;
}

/** The Admin API of every shop under `/{account}/admin/api/2026-10`: GraphQL, and the REST reads still in use. */
export function adminRoutes(options: AdminOptions): Router {
  const router = express.Router();
  const base = `/:account/admin/api/${API_VERSION}`;
  const graphqlPoints = bucketPerShop(options.limits.graphql, options.now);
  const restCalls = bucketPerShop(options.limits.rest, options.now);
  router.use('/:account/admin/api', (request, response, next) => {
    response.set({ 'X-Shopify-API-Version': API_VERSION, 'Content-Type': 'application/json; charset=utf-8' });
    if (shopOf(options, request) === undefined) return void notFound(response);
    const token = request.header('x-shopify-access-token') ?? '';
    const scopes = options.tokens.use(`${request.params.account}`, token);
    if (scopes === null) {
      const errors = '[API] Invalid API key or access token (unrecognized login or wrong password)';
      return void response.status(401).json({ errors });
    }
    response.locals.scopes = scopes;
    next();
  });
  router.post(`${base}/graphql.json`, express.text({ type: () => true, limit: '1mb' }), async (request, response) => {
    const asked = graphqlRequest(request);
    if (asked === null) {
      return void response.status(400).json({ errors: { query: 'Required parameter missing or invalid' } });
    }
    const shop = shopOf(options, request)!;
    const { seed, store, now } = options;
    const scopes = response.locals.scopes as string[];
    const context = { seed, store, now, scopes, shop, account: shop.account };
    response.json(await answerGraphql(asked, context, graphqlPoints(shop.account)));
  });
  router.get(`${base}/*path`, (request, response) => {
    const calls = restCalls(shopOf(options, request)!.account);
    const allowed = calls.take(1);
    const used = calls.maximum - calls.available();
    response.set('X-Shopify-Shop-Api-Call-Limit', `${used}/${calls.maximum}`);
    if (allowed) return void rest(options, request, response);
    const errors = 'Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.';
    response.status(429).set('Retry-After', '2.0').json({ errors });
  });
  router.use('/:account/admin', (_request, response) => void notFound(response));
  return router;
}

function bucketPerShop({ maximum, restoreRate }: { maximum: number; restoreRate: number }, now: () => Date) {
  const buckets = new Map<string, Bucket>();
  return (account: string): Bucket => {
    let found = buckets.get(account);
    if (found === undefined) {
      found = bucket(maximum, restoreRate, now);
      buckets.set(account, found);
    }
    return found;
  };
}

function shopOf(options: AdminOptions, request: Request): Shop | undefined {
  return options.shops.find((shop) => shop.account === request.params.account);
}

function notFound(response: Response): void {
  response.status(404).json({ errors: 'Not Found' });
}

/** The body of a GraphQL call, JSON or the bare query; null when it is neither. */
function graphqlRequest(request: Request): GraphqlRequest | null {
  const body = typeof request.body === 'string' ? request.body : '';
  if (request.is('application/graphql')) return { query: body };
  try {
    const asked = JSON.parse(body) as GraphqlRequest;
    return typeof asked?.query === 'string' ? asked : null;
  } catch {
    return null;
  }
}

function rest(options: AdminOptions, request: Request, response: Response): void {
  const shop = shopOf(options, request)!;
  const path = ((request.params.path ?? []) as unknown as string[]).join('/');
  const send = (body: unknown) => response.send(stringify(body));
  if (path === 'shop.json') return void send({ shop: shopBody(shop) });
  const found = /^orders\/(\d+)(\/transactions)?\.json$/.exec(path);
  const order = found === null ? undefined : options.store.shop(shop.account)!.orders.get(found[1]!);
  if (order === undefined) return void notFound(response);
  if (found![2] === undefined) return void send({ order: orderBody(order, shop) });
  const inShopCurrency = request.query.in_shop_currency === 'true';
  send({ transactions: order.payments.map((payment) => transactionBody(payment, order, shop, inShopCurrency)) });
}
