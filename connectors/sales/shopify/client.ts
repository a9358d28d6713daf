import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpClient, HttpResponse, TokenSet } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { API_VERSION } from './queries.ts';

/** The pieces of an Api that a GraphQL call needs. */
export type Caller = Pick<Api, 'http' | 'hosts'> & { accessToken: string };

/** A caller for a connection; its credentials are the tokens of the consent. */
export function callerOf(api: Api): Caller {
  return { http: api.http, hosts: api.hosts, accessToken: (api.credentials as TokenSet).accessToken };
}

/**
 * Sends one GraphQL query and answers its `data`, numbers as text. Throws ConnectorError: `rate_limited` for 429 and
 * THROTTLED, which comes with status 200; `unauthorized` for 401, 403 and a missing scope; `retryable` for 5xx and for
 * what is not JSON; `rejected` for what Shopify refuses.
 */
export async function graphql(caller: Caller, query: string, variables: Record<string, unknown>): Promise<unknown> {
  const response = await caller.http.request({
    method: 'POST',
    url: `${caller.hosts.api}/admin/api/${API_VERSION}/graphql.json`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-shopify-access-token': caller.accessToken,
    },
    body: JSON.stringify({ query, variables }),
  });
  if (response.status !== 200) throw refusal(response);
  const answer = readAnswer(response);
  const errors = answer.errors;
  if (typeof errors === 'string' ? errors !== '' : (errors ?? []).length > 0) throw graphqlRefusal(answer, response);
  return answer.data;
}

/** Posts a form to the token endpoint and answers its JSON. Same errors as `graphql`; a 400 is for the caller to read. */
export async function postForm(http: HttpClient, url: string, form: Record<string, string>): Promise<HttpResponse> {
  const response = await http.request({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
  });
  if (response.status === 429 || response.status >= 500) throw refusal(response);
  return response;
}

const graphqlAnswer = z.object({
  data: z.unknown().optional(),
  errors: z
    .union([
      z.string(),
      z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).nullish() })),
    ])
    .nullish(),
});
type GraphqlAnswer = z.output<typeof graphqlAnswer>;

function readAnswer(response: HttpResponse): GraphqlAnswer {
  try {
    return graphqlAnswer.parse(parseJson(response.text));
  } catch (cause) {
    throw new ConnectorError(
      'retryable',
      `Shopify's API answered ${response.status} with something that is not its JSON; we try again.`,
      {
        code: 'CHANNEL_ANSWER_UNREADABLE',
        cause,
      },
    );
  }
}

function graphqlRefusal(answer: GraphqlAnswer, response: HttpResponse): ConnectorError {
  const errors = typeof answer.errors === 'string' ? [{ message: answer.errors }] : (answer.errors ?? []);
  const codes = errors.map((each) => ('extensions' in each ? each.extensions?.code : undefined));
  const told = errors.map((each) => each.message).join('; ');
  if (codes.includes('THROTTLED')) return throttled(waitForPoints(response.text));
  if (codes.includes('ACCESS_DENIED')) {
    const message = `Shopify refuses a field for lack of a scope: ${told}. Reconnect the shop and grant what is asked.`;
    return new ConnectorError('unauthorized', message, { code: 'CHANNEL_SCOPE_MISSING' });
  }
  if (codes.includes('INTERNAL_SERVER_ERROR') || codes.includes('TIMEOUT')) {
    return new ConnectorError('retryable', `Shopify failed inside: ${told}. We try again.`, {
      code: 'CHANNEL_UNAVAILABLE',
    });
  }
  return new ConnectorError('rejected', `Shopify refused the query: ${told}.`, { code: 'CHANNEL_REFUSED' });
}

function refusal(response: HttpResponse): ConnectorError {
  const { status } = response;
  if (status === 429) return throttled(retryAfter(response.headers['retry-after']));
  if (status === 401 || status === 403) {
    const message = `Shopify answered ${status}: the access was withdrawn, expired or is too small. Reconnect the shop.`;
    return new ConnectorError('unauthorized', message, { code: 'CHANNEL_UNAUTHORIZED' });
  }
  if (status >= 500 || status === 408) {
    return new ConnectorError('retryable', `Shopify answered ${status}; we try again.`, {
      code: 'CHANNEL_UNAVAILABLE',
    });
  }
  const why = WHY_REFUSED[status] ?? 'it does not accept the request';
  return new ConnectorError('rejected', `Shopify answered ${status}: ${why}.`, { code: 'CHANNEL_REFUSED' });
}

const WHY_REFUSED: Readonly<Record<number, string>> = {
  402: 'the shop is frozen because its owner has not paid Shopify',
  404: 'there is no such shop, or it was closed',
  423: 'the shop is locked; its owner must contact Shopify',
};

function throttled(retryAfterMs: number): ConnectorError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const message = `Shopify asks us to slow down; the next call may go out in ${seconds} s.`;
  return new ConnectorError('rate_limited', message, { code: 'CHANNEL_THROTTLED', retryAfterMs });
}

const DEFAULT_WAIT_MS = 2_000;

/** `Retry-After` in seconds, with a fraction at times. */
function retryAfter(header: string | undefined): number {
  const match = /^(\d{1,6})(?:\.(\d{1,3}))?/.exec(header ?? '');
  if (!match) return DEFAULT_WAIT_MS;
  return Number.parseInt(match[1] ?? '0', 10) * 1000 + Number.parseInt((match[2] ?? '').padEnd(3, '0'), 10);
}

const cost = z.object({
  extensions: z.object({
    cost: z.object({
      requestedQueryCost: z.number(),
      throttleStatus: z.object({ currentlyAvailable: z.number(), restoreRate: z.number().positive() }),
    }),
  }),
});

/** Time until the bucket holds what the query asks for, at the rate the answer states. Points are counts, not money. */
function waitForPoints(text: string): number {
  const parsed = cost.safeParse(JSON.parse(text));
  if (!parsed.success) return DEFAULT_WAIT_MS;
  const { requestedQueryCost, throttleStatus } = parsed.data.extensions.cost;
  const missing = requestedQueryCost - throttleStatus.currentlyAvailable;
  return Math.max(1_000, Math.ceil((missing / throttleStatus.restoreRate) * 1000));
}
