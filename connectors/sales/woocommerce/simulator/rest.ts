import express, { type Request, type Response, Router } from 'express';
import type { Deliveries } from './deliveries.ts';
import { type ApiError, allowed } from './guard.ts';
import type { Order } from './order.ts';
import { gmtTime, localTime, type Site } from './site.ts';
import type { Store, Webhook } from './state.ts';
import { orderBody, refundBody } from './wire.ts';

export interface RestOptions {
  site: Site;
  store: Store;
  deliver: Deliveries;
  now(): Date;
}

const LARGEST_PAGE = 100;
const TOPICS = /^(order|product|coupon|customer)\.(created|updated|deleted|restored)$/;

/** The REST routes of a store, below `/wp-json/wc/v3`, for keys with the rights each of them needs. */
export function restRoutes(options: RestOptions): Router {
  const { store, site } = options;
  const router = Router();
  router.use(express.json());
  router.use(allowed(store));
  router.get('/system_status', (request, response) => void response.json(chosen(systemStatus(site), request)));
  router.get('/orders', (request, response) => listOrders(options, request, response));
  router.get('/orders/:id', (request, response) => {
    const order = findOrder(store, request);
    answer(response, order ? orderBody(order, site) : invalidOrder());
  });
  router.get('/orders/:id/refunds', (request, response) => {
    const order = findOrder(store, request);
    if (order === undefined) return answer(response, invalidOrder());
    const refunds = [...order.refunds].sort((a, b) => b.id - a.id).map((refund) => refundBody(refund, order, site));
    paged(refunds, request, response);
  });
  webhookRoutes(router, options);
  router.use((_request, response) => noRoute(response));
  return router;
}

/** What WordPress says where no plugin has such a route. */
export function noRoute(response: Response): void {
  const message = 'No route was found matching the URL and request method.';
  answer(response, { code: 'rest_no_route', message, data: { status: 404 } });
}

function isError(body: unknown): body is ApiError {
  return typeof body === 'object' && body !== null && 'code' in body && 'data' in body;
}

function answer(response: Response, body: unknown): void {
  response.status(isError(body) ? body.data.status : 200).json(body);
}

const fault = (status: number, code: string, message: string): ApiError => ({ code, message, data: { status } });
const invalidOrder = () => fault(404, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.');
const findOrder = (store: Store, request: Request) => store.state.orders.get(idOf(request));
const idOf = (request: Request) => Number.parseInt(String(request.params.id), 10);

function systemStatus(site: Site): Record<string, unknown> {
  return {
    environment: {
      home_url: `https://${site.account}`,
      site_url: `https://${site.account}`,
      version: site.version,
      default_timezone: site.timeZone,
    },
    settings: { api_enabled: true, currency: site.currency, currency_symbol: '£', number_of_decimals: 2 },
  };
}

/** `_fields=environment.home_url,settings` leaves the rest out, as WordPress does for every route. */
function chosen(body: Record<string, unknown>, request: Request): Record<string, unknown> {
  const wanted = String(request.query._fields ?? '');
  if (wanted === '') return body;
  const result: Record<string, Record<string, unknown>> = {};
  for (const path of wanted.split(',')) {
    const [section = '', field] = path.split('.');
    const inner = (body[section] ?? {}) as Record<string, unknown>;
    result[section] = { ...result[section], ...(field ? { [field]: inner[field] } : inner) };
  }
  return result;
}

/**
 * Orders by their filters. Times in filters are the site's own unless `dates_are_gmt` says otherwise; the trash is shown
 * to those who ask for it only.
 */
function listOrders({ store, site }: RestOptions, request: Request, response: Response): void {
  const { query } = request;
  const status = String(query.status ?? 'any').split(',');
  const shown = (order: Order) =>
    status.includes('any') ? !['trash', 'auto-draft'].includes(order.status) : status.includes(order.status);
  const stamp = (at: number) => (query.dates_are_gmt === 'true' ? gmtTime(at) : localTime(at, site.timeZone));
  const inRange = (at: number, after: unknown, before: unknown) =>
    (after === undefined || stamp(at) > String(after).slice(0, 19)) &&
    (before === undefined || stamp(at) < String(before).slice(0, 19));
  const include = query.include === undefined ? null : String(query.include).split(',');
  const by = query.orderby === 'modified' ? 'modifiedAt' : 'createdAt';
  const direction = query.order === 'asc' ? 1 : -1;
  const found = [...store.state.orders.values()]
    .filter((order) => shown(order) && (include === null || include.includes(String(order.id))))
    .filter((order) => inRange(order.createdAt, query.after, query.before))
    .filter((order) => inRange(order.modifiedAt, query.modified_after, query.modified_before))
    .sort((a, b) => direction * (a[by] - b[by] || a.id - b.id));
  paged(found, request, response, (order) => orderBody(order, site));
}

/** A page of a list, with its totals in the headers. Throws nothing: wrong sizes are answered with 400. */
function paged<Item>(
  list: readonly Item[],
  request: Request,
  response: Response,
  make: (item: Item) => unknown = (item) => item,
): void {
  const size = Number.parseInt(String(request.query.per_page ?? '10'), 10);
  const page = Number.parseInt(String(request.query.page ?? '1'), 10);
  if (!(size >= 1 && size <= LARGEST_PAGE && page >= 1)) {
    answer(response, fault(400, 'rest_invalid_param', 'Invalid parameter(s): per_page'));
    return;
  }
  const pages = Math.ceil(list.length / size);
  response.set({ 'X-WP-Total': String(list.length), 'X-WP-TotalPages': String(pages) });
  if (page < pages) {
    const next = new URL(request.originalUrl, 'http://site');
    next.searchParams.set('page', String(page + 1));
    response.set('Link', `<${next.pathname}${next.search}>; rel="next"`);
  }
  response.json(list.slice((page - 1) * size, page * size).map(make));
}

function webhookRoutes(router: Router, options: RestOptions): void {
  const { store, site } = options;
  const find = (request: Request) => store.state.webhooks.get(idOf(request));
  router.get('/webhooks', (request, response) => {
    const newest = [...store.state.webhooks.values()].sort((a, b) => b.id - a.id);
    paged(newest, request, response, (each) => webhookBody(each, site));
  });
  router.post('/webhooks', (request, response) => void createWebhook(options, request, response));
  router.get('/webhooks/:id', (request, response) => {
    const webhook = find(request);
    answer(
      response,
      webhook ? webhookBody(webhook, site) : fault(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.'),
    );
  });
  const update = (request: Request, response: Response) => {
    const webhook = find(request);
    if (webhook === undefined) {
      return answer(response, fault(400, 'woocommerce_rest_shop_webhook_invalid_id', 'ID is invalid.'));
    }
    const changed = changedBy(webhook, request.body as Record<string, unknown>, options.now().getTime());
    if (isError(changed)) return answer(response, changed);
    store.record({ kind: 'webhook', webhook: changed });
    answer(response, webhookBody(changed, site));
  };
  router.put('/webhooks/:id', update);
  router.post('/webhooks/:id', update);
  router.delete('/webhooks/:id', (request, response) => {
    const webhook = find(request);
    if (request.query.force !== 'true') {
      return answer(response, fault(501, 'woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.'));
    }
    if (webhook === undefined) {
      return answer(response, fault(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.'));
    }
    store.record({ kind: 'webhook_deleted', id: webhook.id });
    answer(response, webhookBody(webhook, site));
  });
}

async function createWebhook(options: RestOptions, request: Request, response: Response): Promise<void> {
  const { store, site, deliver, now } = options;
  const body = (request.body ?? {}) as Record<string, unknown>;
  const at = now().getTime();
  const empty: Webhook = {
    ...{ id: store.state.nextId, name: `Webhook ${store.state.nextId}`, topic: '', deliveryUrl: '', secret: '' },
    ...{ status: 'active', failures: 0, createdAt: at, modifiedAt: at },
  };
  const webhook = changedBy(empty, { topic: '', delivery_url: '', ...body }, at);
  if (isError(webhook)) return answer(response, webhook);
  // Without a secret the store makes one up that nobody else gets to know.
  const secret = webhook.secret || `made-up-${webhook.id}-${at}`;
  store.record({ kind: 'webhook', webhook: { ...webhook, secret } });
  await deliver.ping(webhook);
  response.status(201).json(webhookBody(webhook, site));
}

function changedBy(webhook: Webhook, body: Record<string, unknown>, at: number): Webhook | ApiError {
  const { topic = webhook.topic, delivery_url: url = webhook.deliveryUrl, status = webhook.status } = body;
  if (!TOPICS.test(String(topic))) {
    return fault(400, 'woocommerce_rest_shop_webhook_invalid_topic', 'Webhook topic is required and must be valid.');
  }
  if (!/^https?:\/\//.test(String(url)) || !URL.canParse(String(url))) {
    const message = 'Webhook delivery URL must be a valid URL starting with http:// or https://.';
    return fault(400, 'woocommerce_rest_shop_webhook_invalid_delivery_url', message);
  }
  if (!['active', 'paused', 'disabled'].includes(String(status))) {
    return fault(400, 'woocommerce_rest_shop_webhook_invalid_status', 'Webhook status must be valid.');
  }
  return {
    ...webhook,
    name: String(body.name ?? webhook.name),
    topic: String(topic),
    deliveryUrl: String(url),
    secret: String(body.secret || webhook.secret),
    status: status as Webhook['status'],
    // Switched on again, it has its failures behind it.
    failures: status === 'active' && webhook.status !== 'active' ? 0 : webhook.failures,
    modifiedAt: at,
  };
}

/** A webhook as its resource shows it: never with its secret. */
function webhookBody(webhook: Webhook, site: Site): Record<string, unknown> {
  const [resource, event] = webhook.topic.split('.');
  return {
    id: webhook.id,
    name: webhook.name,
    status: webhook.status,
    topic: webhook.topic,
    resource,
    event,
    hooks: [],
    delivery_url: webhook.deliveryUrl,
    date_created: localTime(webhook.createdAt, site.timeZone),
    date_created_gmt: gmtTime(webhook.createdAt),
    date_modified: localTime(webhook.modifiedAt, site.timeZone),
    date_modified_gmt: gmtTime(webhook.modifiedAt),
  };
}
