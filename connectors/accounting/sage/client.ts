import { createHash } from 'node:crypto';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { storedTokens } from '../../kit/stored-tokens.ts';
import { type Attempt, failure, unreadable } from './errors.ts';

const TIMEOUT_MS = 60_000;
/** Rows of one page; more are never answered. */
const PAGE = 200;
const MOST_PAGES = 200;

export type Fields = Record<string, unknown>;

export interface Call extends Attempt {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the version, with query. */
  path: string;
  body?: string;
}

/** Sends one request and answers whatever came back. Throws *unknown* where another business answered. */
export async function exchange(api: Api, call: Call): Promise<HttpResponse> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${accessToken(api, call)}`,
    // Without it the user's "lead" business is meant, which people can change (provider section 1).
    'x-business': api.account,
  };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  const request = { method: call.method, url: `${api.hosts.api}/v3.1${call.path}`, headers, timeoutMs: TIMEOUT_MS };
  const response = await api.http.request(call.body === undefined ? request : { ...request, body: call.body });
  api.log('books.answered', {
    method: call.method,
    resource: call.path.split(/[/?]/)[1],
    status: response.status,
    x_request_id: response.headers['x-request-id'] ?? response.headers.x_request_id ?? null,
  });
  const business = response.headers['x-business'];
  if (business !== undefined && business !== api.account) {
    throw unreadable(call, `it is of another business, ${business.slice(0, 40)}`);
  }
  return response;
}

/** Sends one request and answers its JSON object, numbers as text. Throws the ConnectorError of any other answer. */
export async function callJson(api: Api, call: Call): Promise<Fields> {
  return jsonOf(await exchange(api, call), call);
}

/** The JSON object of a success. */
export function jsonOf(response: HttpResponse, attempt: Attempt): Fields {
  if (response.status < 200 || response.status > 299) throw failure(response, attempt);
  let body: unknown;
  try {
    body = parseJson(response.text);
  } catch (cause) {
    throw unreadable(attempt, response.text === '' ? 'it is empty' : 'it is not JSON', cause);
  }
  if (!isFields(body)) throw unreadable(attempt, 'it is no object');
  return body;
}

/** One record, or null where there is none of that id in this business. */
export async function readOne(api: Api, what: string, path: string): Promise<Fields | null> {
  const call: Call = { what, writes: false, method: 'GET', path };
  const response = await exchange(api, call);
  return response.status === 404 ? null : jsonOf(response, call);
}

/**
 * All items of a list, page by page, with these attributes beside the usual ones. Stops early once `enough` says so.
 * `what` is for people: "Looking invoices up".
 */
export async function readAll(
  api: Api,
  what: string,
  resource: string,
  query: Record<string, string>,
  enough: (items: readonly Fields[]) => boolean = () => false,
): Promise<Fields[]> {
  const attempt: Attempt = { what, writes: false };
  const items: Fields[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const search = new URLSearchParams({ ...query, items_per_page: String(PAGE), page: String(page) });
    const body = await callJson(api, { ...attempt, method: 'GET', path: `/${resource}?${search}` });
    const part = body.$items;
    if (!Array.isArray(part) || !part.every(isFields)) throw unreadable(attempt, 'it has no list of items');
    items.push(...part);
    if (typeof body.$next !== 'string' || body.$next === '' || part.length === 0 || enough(items)) return items;
  }
  throw unreadable(attempt, `there are more than ${MOST_PAGES * PAGE} items`);
}

function accessToken(api: Api, attempt: Attempt): string {
  const tokens = storedTokens.safeParse(api.credentials);
  if (tokens.success) return tokens.data.accessToken;
  const message = `${attempt.what}: the connection has no Sage tokens. Connect it again.`;
  throw new ConnectorError('unauthorized', message, { code: 'BOOKS_UNAUTHORIZED' });
}

/**
 * The idempotency id for a key: a UUID without its hyphens. A key that is one already is taken as it is; any other is
 * hashed and given the version and variant digits of a UUID, in case the provider checks the form.
 */
export function idempotencyId(key: string): string {
  const plain = key.toLowerCase().replaceAll('-', '');
  if (/^[0-9a-f]{12}[1-8][0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(plain)) return plain;
  const hash = createHash('sha256').update(key).digest('hex');
  return `${hash.slice(0, 12)}8${hash.slice(13, 16)}a${hash.slice(17, 32)}`;
}

/** A body `{"sales_invoice":{…}}` with the idempotency id inside its object; the same key gives the same bytes. */
export function withIdempotency(body: string, key: string): string {
  return body.replace(/^\{"(\w+)":\{/, (_, name: string) => `{"${name}":{"idempotency_id":"${idempotencyId(key)}",`);
}

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
