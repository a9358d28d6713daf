import { isLosslessNumber, parse, stringify } from 'lossless-json';
import type Stripe from 'stripe';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpClient, HttpResponse } from '../../kit/contract.ts';

/** Version of the API that answers and webhooks are rendered in: the one of npm `stripe` 23.1.0. */
export const API_VERSION = '2026-10-28.endive' satisfies Stripe.LatestApiVersion;

/** The pieces of an Api that a call needs. `key`: a secret or restricted key, or the access token of a consent. */
export interface Caller {
  http: HttpClient;
  api: string;
  key: string;
}

/** A caller for a connection: with the access token of its consent, or the key that was pasted. */
export function callerOf(api: Pick<Api, 'http' | 'hosts' | 'credentials'>): Caller {
  const { accessToken, apiKey } = (api.credentials ?? {}) as { accessToken?: string; apiKey?: string };
  return { http: api.http, api: api.hosts.api, key: accessToken ?? apiKey ?? '' };
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A JSON object of an answer, numbers kept as they were written. */
export type Answered = Readonly<Record<string, unknown>>;

/**
 * Reads one object or page. Throws ConnectorError: `unauthorized` for 401 and 403, `rate_limited` for 429, `retryable`
 * for 409, 5xx, a lock and what is not JSON, `rejected` for what is gone or refused.
 */
export function get(caller: Caller, path: string, query: Query = {}): Promise<Answered> {
  const text = form(query);
  return send(caller, 'GET', text === '' ? path : `${path}?${text}`);
}

/** Sends a form. Same errors as `get`; those without an answer are ambiguous. */
export function post(caller: Caller, path: string, fields: Query): Promise<Answered> {
  return send(caller, 'POST', path, form(fields));
}

/** Deletes an object. Same errors as `get`. */
export function remove(caller: Caller, path: string): Promise<Answered> {
  return send(caller, 'DELETE', path);
}

/** Every object of a list, newest first, page by page to its end. */
export async function listAll(caller: Caller, path: string, query: Query = {}): Promise<Answered[]> {
  const found: Answered[] = [];
  for (let after: string | undefined; ; ) {
    const page = await readPage(caller, path, { ...query, ...(after === undefined ? {} : { starting_after: after }) });
    found.push(...page.items);
    if (page.next === null) return found;
    after = page.next;
  }
}

/** One page of a list; `next` is what to ask for after it, null at the end. */
export async function readPage(
  caller: Caller,
  path: string,
  query: Query,
): Promise<{ items: Answered[]; next: string | null }> {
  const answer = await get(caller, path, { limit: '100', ...query });
  const parsed = page.safeParse(answer);
  if (!parsed.success) throw unreadable(200);
  const { data, has_more: more } = parsed.data;
  const last = data.at(-1)?.id;
  return { items: data, next: more && typeof last === 'string' ? last : null };
}

const page = z.object({ data: z.array(z.looseObject({})), has_more: z.boolean() });

/** An object or list as JSON again, its numbers exactly as they came. */
export function asJson(value: unknown): string {
  return stringify(value) ?? '';
}

/** Stripe's form encoding: lists as `name[]`. */
function form(query: Query): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === 'string') fields.append(name, value);
    else for (const each of value) fields.append(`${name}[]`, each);
  }
  return fields.toString();
}

async function send(caller: Caller, method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): Promise<Answered> {
  const response = await caller.http.request({
    method,
    url: `${caller.api}${path}`,
    headers: {
      authorization: `Bearer ${caller.key}`,
      'stripe-version': API_VERSION,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  if (response.status !== 200) throw refusal(response, path);
  const answer = jsonOf(response.text);
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw unreadable(response.status);
  if (!('object' in answer)) throw unreadable(response.status);
  return answer as Answered;
}

function jsonOf(text: string): unknown {
  try {
    const value = parse(text);
    return isLosslessNumber(value) ? null : value;
  } catch {
    return null;
  }
}

function unreadable(status: number): ConnectorError {
  const message = `Stripe answered ${status} with something that is not its JSON; we try again.`;
  return new ConnectorError('retryable', message, { code: 'CHANNEL_ANSWER_UNREADABLE' });
}

const errorAnswer = z
  .object({
    error: z.object({ type: z.string().nullish(), code: z.string().nullish(), message: z.string().nullish() }),
  })
  .transform(({ error }) => error)
  .catch({});

/** What a refusal of Stripe means. Messages of 401 show parts of keys, so they are not passed on. */
export function refusal(response: HttpResponse, path: string): ConnectorError {
  const { status } = response;
  const { code, message: told } = errorAnswer.parse(jsonOf(response.text));
  const words = told ? `"${told}"` : `status ${status}`;
  const resource = path.split('?')[0] ?? path;
  if (status === 401) {
    const message =
      'Stripe does not accept our key: it was deleted, rolled or the access withdrawn. Connect Stripe again.';
    return new ConnectorError('unauthorized', message, { code: 'CHANNEL_UNAUTHORIZED' });
  }
  if (status === 403) {
    const message = `Stripe does not let us read ${resource}: ${words}. Give the key that permission, or connect again.`;
    return new ConnectorError('unauthorized', message, { code: 'CHANNEL_SCOPE_MISSING', subject: resource });
  }
  if (status === 429 && code !== 'lock_timeout') return throttled(response);
  if (status === 429 || status === 409 || status === 408 || status >= 500) {
    const what = code === 'lock_timeout' ? 'works on that very object' : 'has a fault of its own';
    const message = `Stripe ${what} (${words}); we try again.`;
    return new ConnectorError('retryable', message, { code: 'CHANNEL_UNAVAILABLE' });
  }
  if (status === 404) {
    const message = `Stripe has nothing at ${resource} that we may read: ${words}. Look whether it was deleted, then replay.`;
    return new ConnectorError('rejected', message, { code: 'CHANNEL_OBJECT_MISSING', subject: resource });
  }
  const message = `Stripe refused ${resource}: ${words}. Follow its words, then replay.`;
  return new ConnectorError('rejected', message, { code: 'CHANNEL_REFUSED', subject: resource });
}

/** Stripe names the limit, not how long to wait; all but the one for concurrency are counted per second. */
const DEFAULT_WAIT_MS = 2_000;

function throttled({ headers }: HttpResponse): ConnectorError {
  const stated = /^\d{1,4}$/.exec(headers['retry-after'] ?? '')?.[0];
  const retryAfterMs = stated === undefined ? DEFAULT_WAIT_MS : Number.parseInt(stated, 10) * 1_000;
  const limit = headers['stripe-rate-limited-reason'];
  const message = `Stripe asks us to slow down${limit ? ` (limit: ${limit})` : ''}; we go on in ${retryAfterMs / 1_000} s.`;
  return new ConnectorError('rate_limited', message, { code: 'CHANNEL_THROTTLED', retryAfterMs });
}
