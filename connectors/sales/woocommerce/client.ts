import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpRequest, HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';

/** Keys as a person pastes them or the store hands them over. */
export const keyPair = z.object({ consumerKey: z.string().min(1), consumerSecret: z.string().min(1) });

const ROOT = '/wp-json/wc/v3';

/** What goes into a request besides its path. */
export interface CallOptions {
  query?: Record<string, string>;
  body?: unknown;
}

/**
 * Sends one request to the store's API and answers its JSON, numbers as text, and the text itself. Throws
 * ConnectorError: `unauthorized` for refused keys and rights; `rate_limited` for 429; `retryable` for 5xx, for a
 * firewall's or maintenance page and for whatever is not JSON; `rejected` for the rest.
 */
export async function call(
  api: Api,
  method: HttpRequest['method'],
  path: string,
  { query = {}, body }: CallOptions = {},
): Promise<{ body: unknown; text: string }> {
  const keys = keyPair.parse(api.credentials);
  const inQuery = api.settings.auth === 'query';
  const search = new URLSearchParams({
    ...query,
    ...(inQuery ? { consumer_key: keys.consumerKey, consumer_secret: keys.consumerSecret } : {}),
  }).toString();
  const response = await api.http.request({
    method,
    url: `${api.hosts.api}${ROOT}${path}${search === '' ? '' : `?${search}`}`,
    headers: {
      accept: 'application/json',
      ...(inQuery ? {} : { authorization: `Basic ${basic(keys)}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status < 200 || response.status > 299) throw refusal(response, api, method);
  return { body: readJson(response, api, method), text: response.text };
}

function basic({ consumerKey, consumerSecret }: z.output<typeof keyPair>): string {
  return Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');
}

/** Every GET may be repeated; whether a write was carried out is not known when its answer cannot be read. */
const isUnclear = (method: string) => method !== 'GET';

function readJson(response: HttpResponse, api: Api, method: string): unknown {
  try {
    return parseJson(response.text);
  } catch (cause) {
    const message =
      `The store ${api.account} answered ${response.status} with something that is not JSON: a plugin's notice, a ` +
      'maintenance page or a cache in between. We try again; if it stays, its error log says more.';
    throw new ConnectorError('retryable', message, {
      code: 'CHANNEL_ANSWER_UNREADABLE',
      ambiguous: isUnclear(method),
      cause,
    });
  }
}

const envelope = z.object({ code: z.string(), message: z.string() });

/** The error object of the store's API; undefined for a page of the server or of a firewall in front of it. */
function envelopeOf(response: HttpResponse): z.output<typeof envelope> | undefined {
  try {
    return envelope.safeParse(JSON.parse(response.text)).data;
  } catch {
    return undefined;
  }
}

function refusal(response: HttpResponse, api: Api, method: string): ConnectorError {
  const { status } = response;
  const told = envelopeOf(response);
  if (status === 429) return throttled(response, api);
  if (status === 401 || (status === 403 && told)) return unauthorized(told, api);
  if (status >= 500 || status === 408 || status === 403) return unavailable(response, api, method);
  if (status >= 300 && status < 400) {
    const to = response.headers.location ?? 'another address';
    return refused(api, `sends us on to ${to}. Connect it under the address it calls its own`);
  }
  if (status === 404 && (told === undefined || told.code === 'rest_no_route')) {
    return refused(
      api,
      'has no WooCommerce REST API at its address. WooCommerce has to be active there, and in WordPress under Settings, ' +
        'Permalinks anything but "Plain" has to be chosen',
    );
  }
  if (status === 404) {
    const message = `The store ${api.account} has no such thing any more: ${told?.message} (${told?.code}).`;
    return new ConnectorError('rejected', message, { code: 'CHANNEL_OBJECT_MISSING' });
  }
  return refused(api, told ? `refuses the request: ${told.message} (${told.code})` : `answered ${status}`);
}

function refused(api: Api, why: string): ConnectorError {
  return new ConnectorError('rejected', `The store ${api.account} ${why}.`, { code: 'CHANNEL_REFUSED' });
}

/** Anonymous requests are refused in other words than wrong keys: then something took the Authorization header away. */
function unauthorized(told: z.output<typeof envelope> | undefined, api: Api): ConnectorError {
  const quoted = told ? `: ${told.message} (${told.code})` : '';
  if (/permission/i.test(told?.message ?? '')) {
    const message =
      `The keys of the store ${api.account} do not allow this${quoted}. ` +
      'Make keys with Read/Write rights under WooCommerce, Settings, Advanced, REST API, and connect again.';
    return new ConnectorError('unauthorized', message, { code: 'CHANNEL_SCOPE_MISSING' });
  }
  const stripped = /^woocommerce_rest_cannot_/.test(told?.code ?? '') && api.settings.auth !== 'query';
  const message = stripped
    ? `The store ${api.account} does not see our keys, or their user may not manage WooCommerce${quoted}. Connect again; ` +
      'if that does not help, its server drops the Authorization header: choose the setting auth=query.'
    : `The store ${api.account} does not accept our keys${quoted}. They or their user were deleted: connect it again.`;
  return new ConnectorError('unauthorized', message, { code: 'CHANNEL_UNAUTHORIZED' });
}

function unavailable(response: HttpResponse, api: Api, method: string): ConnectorError {
  const why =
    response.status === 403
      ? 'answered 403 with a page: a firewall in front of it keeps us out. We try again; if it stays, its host has to let us in'
      : `answered ${response.status}: it is down, overloaded or in maintenance. We try again`;
  return new ConnectorError('retryable', `The store ${api.account} ${why}.`, {
    code: 'CHANNEL_UNAVAILABLE',
    retryAfterMs: retryAfter(response),
    ambiguous: response.status >= 500 && isUnclear(method),
  });
}

function throttled(response: HttpResponse, api: Api): ConnectorError {
  const retryAfterMs = retryAfter(response) ?? DEFAULT_WAIT_MS;
  const message = `The store ${api.account} asks us to slow down; the next call may go out in ${Math.ceil(retryAfterMs / 1000)} s.`;
  return new ConnectorError('rate_limited', message, { code: 'CHANNEL_THROTTLED', retryAfterMs });
}

const DEFAULT_WAIT_MS = 30_000;
const LONGEST_WAIT_SECONDS = 3_600;

/** `Retry-After` in seconds; hosts that send a date instead are asked again after our own wait. */
function retryAfter(response: HttpResponse): number | undefined {
  const seconds = /^\d{1,5}$/.exec(response.headers['retry-after'] ?? '')?.[0];
  return seconds === undefined ? undefined : Math.min(Number.parseInt(seconds, 10), LONGEST_WAIT_SECONDS) * 1000;
}
