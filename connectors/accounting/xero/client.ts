import { createHash } from 'node:crypto';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { storedTokens } from '../../kit/stored-tokens.ts';
import { type Attempt, failure, unreadable } from './errors.ts';

/** Fifty invoices take the provider seconds; xero-node's 3.5 s lost rotated tokens (its issue #614). */
export const TIMEOUT_MS = 60_000;
/** Well below what proxies cut off; about 52 ids were the limit of one filter (provider section 4). */
const MAX_PATH = 2000;

export interface Call extends Attempt {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the API's root, with query. */
  path: string;
  body?: string;
  /** Idempotency key for writes. */
  key?: string;
}

/** Sends one request and answers whatever came back, after having reported the limits that are left. */
export async function exchange(api: Api, call: Call): Promise<HttpResponse> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${accessToken(api, call)}`,
    'xero-tenant-id': api.account,
  };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (call.key !== undefined) headers['idempotency-key'] = idempotencyHeader(api.account, call.key);
  const url = `${api.hosts.api}/api.xro/2.0${call.path}`;
  const request = { method: call.method, url, headers, timeoutMs: TIMEOUT_MS };
  const response = await api.http.request(call.body === undefined ? request : { ...request, body: call.body });
  reportLimits(api, call, response);
  return response;
}

function accessToken(api: Api, attempt: Attempt): string {
  const tokens = storedTokens.safeParse(api.credentials);
  if (tokens.success) return tokens.data.accessToken;
  throw new ConnectorError('unauthorized', `${attempt.what}: the connection has no Xero tokens. Connect it again.`, {
    code: 'BOOKS_UNAUTHORIZED',
  });
}

/** Sends one request and answers its JSON, numbers as text. Throws the ConnectorError of any other answer. */
export async function callJson(api: Api, call: Call): Promise<unknown> {
  return jsonOf(await exchange(api, call), call);
}

/** The JSON of a success; everything else is thrown, a success without JSON as *unknown*. */
export function jsonOf(response: HttpResponse, attempt: Attempt): unknown {
  if (response.status < 200 || response.status > 299) throw failure(response, attempt);
  try {
    return parseJson(response.text);
  } catch (cause) {
    throw unreadable(attempt, response.text === '' ? 'it is empty' : 'it is not JSON', cause);
  }
}

/**
 * The provider remembers keys per application, not per organisation (provider section 3), so the organisation goes
 * into the key. At most 128 characters.
 */
export function idempotencyHeader(account: string, key: string): string {
  const whole = `${account}:${key}`;
  if (whole.length <= 128 && /^[\x21-\x7e]+$/.test(whole)) return whole;
  return createHash('sha256').update(whole).digest('hex');
}

/** Splits filter terms so that no path grows too long; `path` builds it from the terms of one part. */
export function inParts<Item>(items: readonly Item[], path: (part: Item[]) => string): Item[][] {
  const parts: Item[][] = [];
  for (const item of items) {
    const last = parts.at(-1);
    if (last && path([...last, item]).length <= MAX_PATH) last.push(item);
    else parts.push([item]);
  }
  return parts;
}

/** A `where` filter that matches any of the terms. */
export function anyOf(terms: readonly string[]): string {
  return encodeURIComponent(terms.join(' OR '));
}

function reportLimits(api: Api, call: Call, { status, headers }: HttpResponse): void {
  const minute = count(headers['x-minlimit-remaining']);
  const day = count(headers['x-daylimit-remaining']);
  api.log('books.answered', {
    method: call.method,
    resource: call.path.split(/[/?]/)[1],
    status,
    minute_limit_remaining: minute,
    day_limit_remaining: day,
    app_minute_limit_remaining: count(headers['x-appminlimit-remaining']),
    correlation_id: headers['xero-correlation-id'] ?? null,
  });
  if (minute !== null || day !== null) api.remaining?.({ minute, day });
}

function count(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number.parseInt(header, 10) : null;
}
