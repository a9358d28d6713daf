import { createHash } from 'node:crypto';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { type Attempt, failure, faultIn, unreadable } from './errors.ts';
import { tokenSet } from './oauth.ts';

/** The lowest schema the provider still answers in (provider section 2). */
const MINOR_VERSION = '75';
/** The provider cuts requests after 120 s, yet may finish them; we look sooner. */
export const TIMEOUT_MS = 60_000;
/** Rows of one page; more are never answered. */
const PAGE = 1000;
const MOST_PAGES = 100;
/** Well below what proxies cut off. */
const MAX_QUERY = 1500;
const LONGEST_REQUEST_ID = 50;

export interface Call extends Attempt {
  method: 'GET' | 'POST';
  /** Below the company, with query. */
  path: string;
  body?: string;
  /** For writes: the same one answers from memory. */
  requestId?: string;
}

export type Fields = Record<string, unknown>;

/** Sends one request and answers its JSON, numbers as text. Throws the ConnectorError of any other answer. */
export async function callJson(api: Api, call: Call): Promise<Fields> {
  return jsonOf(await exchange(api, call), call);
}

/** Sends one request and answers whatever came back. */
export async function exchange(api: Api, call: Call): Promise<HttpResponse> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${accessToken(api, call)}`,
  };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  const request = { method: call.method, url: urlOf(api, call), headers, timeoutMs: TIMEOUT_MS };
  const response = await api.http.request(call.body === undefined ? request : { ...request, body: call.body });
  api.log('books.answered', {
    method: call.method,
    resource: call.path.split(/[/?]/)[1],
    status: response.status,
    intuit_tid: response.headers.intuit_tid ?? response.headers['intuit-tid'] ?? null,
  });
  return response;
}

function urlOf(api: Api, call: Call): string {
  const parameters = [`minorversion=${MINOR_VERSION}`];
  if (call.requestId !== undefined) parameters.push(`requestid=${encodeURIComponent(call.requestId)}`);
  const join = call.path.includes('?') ? '&' : '?';
  return `${api.hosts.api}/v3/company/${encodeURIComponent(api.account)}${call.path}${join}${parameters.join('&')}`;
}

function accessToken(api: Api, attempt: Attempt): string {
  const tokens = tokenSet.safeParse(api.credentials);
  if (tokens.success) return tokens.data.accessToken;
  const message = `${attempt.what}: the connection has no QuickBooks tokens. Connect it again.`;
  throw new ConnectorError('unauthorized', message, { code: 'BOOKS_UNAUTHORIZED' });
}

/** The JSON of a success. A fault may sit inside a 200 (provider section 5), so it is always looked for. */
export function jsonOf(response: HttpResponse, attempt: Attempt): Fields {
  if (response.status < 200 || response.status > 299) throw failure(response, attempt);
  let body: unknown;
  try {
    body = parseJson(response.text);
  } catch (cause) {
    throw unreadable(attempt, response.text === '' ? 'it is empty' : 'it is not JSON', cause);
  }
  if (faultIn(body)) throw failure(response, attempt);
  if (!isFields(body)) throw unreadable(attempt, 'it is no object');
  return body;
}

/** The record in an answer, under its name. Throws *unknown* when there is none. */
export function recordIn(body: Fields, name: string, attempt: Attempt): Fields {
  const record = body[name];
  if (!isFields(record)) throw unreadable(attempt, `it has no ${name}`);
  return record;
}

/** All rows of a query, page by page. `what` is for people: "Looking invoices up". */
export async function select(api: Api, what: string, name: string, where = ''): Promise<Fields[]> {
  const attempt: Attempt = { what, writes: false };
  const rows: Fields[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const statement = `select * from ${name}${where === '' ? '' : ` where ${where}`}`;
    const query = `${statement} STARTPOSITION ${page * PAGE + 1} MAXRESULTS ${PAGE}`;
    const body = await callJson(api, { ...attempt, method: 'GET', path: `/query?query=${encodeURIComponent(query)}` });
    const part = rowsIn(body, name, attempt);
    rows.push(...part);
    if (part.length < PAGE) return rows;
  }
  throw unreadable(attempt, `there are more than ${MOST_PAGES * PAGE} rows`);
}

/** No rows: the answer has an empty QueryResponse. */
function rowsIn(body: Fields, name: string, attempt: Attempt): Fields[] {
  const rows = recordIn(body, 'QueryResponse', attempt)[name] ?? [];
  if (!Array.isArray(rows) || !rows.every(isFields)) throw unreadable(attempt, `its ${name} is no list`);
  return rows;
}

/** `Field in ('a', 'b')` in as many conditions as the length of a URL asks for. */
export function conditions(field: string, values: readonly string[]): string[] {
  const parts: string[][] = [];
  for (const value of new Set(values)) {
    const last = parts.at(-1);
    if (last && encodeURIComponent(isIn(field, [...last, value])).length <= MAX_QUERY) last.push(value);
    else parts.push([value]);
  }
  return parts.map((part) => isIn(field, part));
}

function isIn(field: string, values: readonly string[]): string {
  return `${field} in (${values.map(quoted).join(', ')})`;
}

/** Text of a query: backslash and apostrophe are escaped with a backslash. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

/**
 * The idempotency key as a request id: itself when it fits, else the first 32 digits of its hash (provider section 3:
 * at most 50 characters; a badly formed one is refused).
 */
export function requestIdOf(key: string): string {
  if (key.length <= LONGEST_REQUEST_ID && /^[A-Za-z0-9-]+$/.test(key)) return key;
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** Whether a value of an answer is an object with named fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
