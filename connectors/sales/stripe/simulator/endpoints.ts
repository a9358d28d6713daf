import { random } from '../../../kit/random.ts';
import { PLATFORM } from './catalogue.ts';
import { EVENT_TYPES } from './event-types.ts';
import { type Caller, isOnBehalf } from './keys.ts';
import { LIST_PARAMS, page } from './lists.ts';
import { flagParam, hashParam, listParam, onlyKnown, type Params, textParam } from './params.ts';
import { badParam, missing, Refusal } from './refusals.ts';
import { API_VERSION } from './render.ts';
import { letters } from './stage.ts';
import type { Endpoint, Store } from './state.ts';
import type { JsonObject } from './wire.ts';

/** What managing webhook endpoints needs. */
export interface EndpointContext {
  seed: number;
  store: Store;
  caller: Caller;
  params: Params;
  now(): Date;
}

/** Most endpoints an account has. */
const MOST = 16;
const NOT_YOURS =
  'You are not permitted to configure webhook endpoints on a connected account. Did you mean to create a Connect ' +
  'webhook on your account instead?';

/** An endpoint as the API shows it; the secret is told once, by whoever creates it. */
function endpointBody(endpoint: Endpoint): JsonObject {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    api_version: endpoint.apiVersion,
    application: null,
    created: endpoint.created,
    description: endpoint.description,
    enabled_events: [...endpoint.enabledEvents],
    livemode: true,
    metadata: { ...endpoint.metadata },
    status: endpoint.isEnabled ? 'enabled' : 'disabled',
    url: endpoint.url,
  };
}

function own({ caller }: EndpointContext): Caller['state'] {
  if (isOnBehalf(caller)) throw new Refusal(403, NOT_YOURS);
  return caller.state;
}

/** `POST /v1/webhook_endpoints`. */
export function createEndpoint(context: EndpointContext): JsonObject {
  const { params, seed, store } = context;
  const state = own(context);
  onlyKnown(params, ['url', 'enabled_events', 'connect', 'api_version', 'description', 'metadata', 'expand']);
  const connect = flagParam(params, 'connect') ?? false;
  if (connect && state.account !== PLATFORM.account)
    throw badParam('connect', 'Only Stripe Connect platforms can create webhook endpoints for connected accounts.');
  if (state.endpoints.size >= MOST)
    throw new Refusal(400, `You have reached the maximum of ${MOST} webhook endpoints for this account.`);
  const version = textParam(params, 'api_version');
  if (version !== undefined && version !== API_VERSION)
    throw badParam('api_version', `Invalid API version: ${version}. This Stripe knows ${API_VERSION} only.`);
  const chance = random(seed, state.account, 'endpoint', state.made);
  const endpoint: Endpoint = {
    id: `we_1${letters(chance, 23)}`,
    created: Math.floor(context.now().getTime() / 1_000),
    owner: state.account,
    url: urlOf(params) ?? required('url'),
    enabledEvents: eventsOf(params) ?? required('enabled_events'),
    connect,
    apiVersion: version ?? null,
    description: textParam(params, 'description') ?? null,
    metadata: hashParam(params, 'metadata') ?? {},
    isEnabled: true,
    secret: `whsec_${letters(chance, 32)}`,
  };
  store.record({ account: state.account, kind: 'endpoint', endpoint });
  return { ...endpointBody(endpoint), secret: endpoint.secret };
}

/** `POST /v1/webhook_endpoints/:id`. */
export function updateEndpoint(context: EndpointContext, id: string): JsonObject {
  const { params, store } = context;
  const known = find(context, id);
  onlyKnown(params, ['url', 'enabled_events', 'disabled', 'description', 'metadata', 'expand']);
  const disabled = flagParam(params, 'disabled');
  const endpoint: Endpoint = {
    ...known,
    url: urlOf(params) ?? known.url,
    enabledEvents: eventsOf(params) ?? known.enabledEvents,
    isEnabled: disabled === undefined ? known.isEnabled : !disabled,
    description: textParam(params, 'description') ?? known.description,
    metadata: { ...known.metadata, ...hashParam(params, 'metadata') },
  };
  store.record({ account: endpoint.owner, kind: 'endpoint', endpoint });
  return endpointBody(endpoint);
}

/** `GET /v1/webhook_endpoints`, newest first. */
export function listEndpoints(context: EndpointContext): JsonObject {
  const items = [...own(context).endpoints.values()].reverse();
  onlyKnown(context.params, LIST_PARAMS);
  const list = { items, fits: () => true, what: 'webhook endpoint' };
  return page('/v1/webhook_endpoints', context.params, list, endpointBody);
}

/** `GET /v1/webhook_endpoints/:id`. */
export function showEndpoint(context: EndpointContext, id: string): JsonObject {
  onlyKnown(context.params, ['expand']);
  return endpointBody(find(context, id));
}

/** `DELETE /v1/webhook_endpoints/:id`. */
export function deleteEndpoint(context: EndpointContext, id: string): JsonObject {
  const endpoint = find(context, id);
  context.store.record({ account: endpoint.owner, kind: 'endpoint_deleted', id });
  return { id, object: 'webhook_endpoint', deleted: true };
}

function find(context: EndpointContext, id: string): Endpoint {
  const endpoint = own(context).endpoints.get(id);
  if (endpoint === undefined) throw missing('webhook endpoint', id);
  return endpoint;
}

function required(param: string): never {
  throw badParam(param, `Missing required param: ${param}.`, 'parameter_missing');
}

/** Plain http is for this machine only, where Stripe itself never delivers. */
function urlOf(params: Params): string | undefined {
  const url = textParam(params, 'url');
  if (url === undefined) return undefined;
  if (!URL.canParse(url))
    throw badParam('url', 'Invalid URL: An explicit scheme (such as https) must be provided.', 'url_invalid');
  const { protocol, hostname } = new URL(url);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLocal))
    throw badParam('url', 'Invalid URL: Live mode webhook endpoints must use https.', 'url_invalid');
  return url;
}

function eventsOf(params: Params): string[] | undefined {
  if (params.enabled_events === undefined) return undefined;
  const events = listParam(params, 'enabled_events');
  if (events.length === 0) return required('enabled_events');
  events.forEach((type, index) => {
    if (type !== '*' && !EVENT_TYPES.includes(type))
      throw badParam(
        `enabled_events[${index}]`,
        `Invalid enabled_events[${index}]: must be a known event type, not ${type}.`,
      );
  });
  return events;
}
