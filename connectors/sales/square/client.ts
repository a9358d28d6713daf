import { parse } from 'lossless-json';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpClient, HttpRequest, HttpResponse } from '../../kit/contract.ts';

/** The version whose payloads this folder reads; webhook subscriptions ask for the same. */
export const API_VERSION = '2026-09-16';

/** The pieces of an Api that a call needs. */
export interface Caller {
  http: HttpClient;
  /** Base URL, no slash at the end. */
  api: string;
  accessToken: string;
}

/** What an answer holds; numbers keep the digits they were written with. */
export type Answer = Record<string, unknown>;

const credentials = z.object({ accessToken: z.string() });

/** A caller for a connection: by the tokens of a consent, or by the token a person pasted. */
export function callerOf(api: Pick<Api, 'http' | 'hosts' | 'credentials'>): Caller {
  return { http: api.http, api: api.hosts.api, accessToken: credentials.parse(api.credentials).accessToken };
}

/**
 * Reads one resource. Parameters without a value are left out. Throws ConnectorError: `rate_limited` for 429;
 * `unauthorized` for 401 and 403; `retryable` for 5xx and for what is not Square's JSON; `rejected` for the rest,
 * CHANNEL_OBJECT_MISSING for 404.
 */
export async function get(
  caller: Caller,
  path: string,
  query: Record<string, string | undefined> = {},
): Promise<Answer> {
  const given = Object.entries(query).filter((each): each is [string, string] => each[1] !== undefined);
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
  return call(caller, { method: 'GET', url: `${caller.api}${path}${search}` });
}

/** Sends JSON and answers what came back; the same errors as `get`. */
export async function send(
  caller: Caller,
  method: 'POST' | 'PUT',
  path: string,
  body: Record<string, unknown>,
): Promise<Answer> {
  return call(caller, { method, url: `${caller.api}${path}`, body: JSON.stringify(body) });
}

/** Posts JSON without any authorization and answers whatever came back; refuses only 429 and 5xx. */
export async function postOpenly(http: HttpClient, url: string, body: Record<string, string>): Promise<HttpResponse> {
  const headers = { ...COMMON, 'content-type': 'application/json' };
  const response = await http.request({ method: 'POST', url, headers, body: JSON.stringify(body) });
  if (response.status === 429 || response.status >= 500) throw refusal(response, url);
  return response;
}

const COMMON = { accept: 'application/json', 'square-version': API_VERSION };

async function call(caller: Caller, request: HttpRequest): Promise<Answer> {
  const response = await caller.http.request({
    ...request,
    headers: {
      ...COMMON,
      authorization: `Bearer ${caller.accessToken}`,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  if (response.status !== 200) throw refusal(response, request.url);
  const answer = answerIn(response.text);
  if (answer !== undefined) return answer;
  throw new ConnectorError('retryable', 'Square answered with something that is not its JSON; we try again.', {
    code: 'CHANNEL_ANSWER_UNREADABLE',
    ambiguous: request.method !== 'GET',
  });
}

function answerIn(text: string): Answer | undefined {
  try {
    const parsed = parse(text);
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed) ? (parsed as Answer) : undefined;
  } catch {
    return undefined;
  }
}

const errorAnswer = z.object({
  errors: z.array(z.object({ code: z.string().nullish(), detail: z.string().nullish(), field: z.string().nullish() })),
});

/** What Square says of an error, in its own words. */
export function toldIn(text: string): string {
  const parsed = errorAnswer.safeParse(answerIn(text));
  const errors = parsed.success ? parsed.data.errors : [];
  return errors
    .map(({ code, detail, field }) => [code, detail, field && `(field ${field})`].filter(Boolean).join(' '))
    .join('; ');
}

function refusal(response: HttpResponse, url: string): ConnectorError {
  const { status, headers, text } = response;
  const told = toldIn(text) || `status ${status}`;
  if (status === 429) return throttled(headers['retry-after']);
  if (status === 401 || status === 403) return unauthorized(told);
  if (status === 404) {
    const message = `Square has no ${new URL(url).pathname} that we may read (${told}): it was deleted, or belongs to another seller.`;
    return new ConnectorError('rejected', message, { code: 'CHANNEL_OBJECT_MISSING', subject: new URL(url).pathname });
  }
  if (status >= 500 || status === 408) {
    const message = `Square could not answer (${told}); we try again.`;
    return new ConnectorError('retryable', message, { code: 'CHANNEL_UNAVAILABLE', ambiguous: true });
  }
  return new ConnectorError('rejected', `Square refused the request: ${told}.`, { code: 'CHANNEL_REFUSED' });
}

function unauthorized(told: string): ConnectorError {
  if (told.includes('INSUFFICIENT_SCOPES')) {
    const message = `Square refuses for lack of a permission: ${told}. Reconnect and grant everything that is asked for.`;
    return new ConnectorError('unauthorized', message, { code: 'CHANNEL_SCOPE_MISSING' });
  }
  const message = `Square no longer accepts our access (${told}): it was withdrawn or has expired. Reconnect the account.`;
  return new ConnectorError('unauthorized', message, { code: 'CHANNEL_UNAUTHORIZED' });
}

/** Limits are not published, and `Retry-After` is rarely there. */
const DEFAULT_WAIT_MS = 5_000;

function throttled(retryAfter: string | undefined): ConnectorError {
  const seconds = /^\d{1,5}$/.exec(retryAfter ?? '')?.[0];
  const retryAfterMs = seconds === undefined ? DEFAULT_WAIT_MS : Number.parseInt(seconds, 10) * 1_000;
  const message = `Square asks us to slow down; the next call may go out in ${Math.ceil(retryAfterMs / 1_000)} s.`;
  return new ConnectorError('rate_limited', message, { code: 'CHANNEL_THROTTLED', retryAfterMs });
}
