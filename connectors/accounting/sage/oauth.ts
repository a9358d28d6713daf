import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpClient, HttpResponse, OAuthApp, OAuthFlow, TokenSet } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';

/** The consent page is on another host than the tokens; every other host serves both (simulators, stubs). */
const REAL_AUTH = 'https://oauth.accounting.sage.com';
const REAL_CONSENT = 'https://www.sageone.com';
/** Generous: a rotated token in a lost answer ends the connection (provider section 1). */
const TOKEN_TIMEOUT_MS = 60_000;

export const SCOPES = ['full_access'] as const;

const seconds = z.string().regex(/^\d{1,10}$/);
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: seconds,
  refresh_token_expires_in: seconds.optional(),
  scope: z.string().optional(),
});
const businesses = z.object({
  $items: z.array(z.object({ id: z.string().min(1), displayed_as: z.string().nullish() })),
});

/** Authorization code without PKCE; one consent is for a user, who may have several businesses. */
export const oauth: OAuthFlow = {
  fields: [],
  scopes: SCOPES,
  pkce: false,

  authorizeUrl({ app, hosts, redirectUri, state }) {
    const url = new URL(`${hosts.auth === REAL_AUTH ? REAL_CONSENT : hosts.auth}/oauth2/auth/central`);
    url.searchParams.set('filter', 'apiv3.1');
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('client_id', app.clientId);
    url.searchParams.set('redirect_uri', redirectUri);
    url.searchParams.set('scope', SCOPES.join(' '));
    url.searchParams.set('state', state);
    return url.href;
  },

  verifyCallback({ query }) {
    if (query.error !== undefined) {
      const reason = query.error_description ?? query.error;
      throw rejected('OAUTH_REFUSED', `Sage did not give access: ${reason}. Start again and press "Allow".`);
    }
    if (!query.code) {
      throw rejected('OAUTH_CALLBACK_INVALID', 'Sage came back without a code. Start the connection again.');
    }
  },

  /** The code lives 60 seconds and works once; the address must be the very one of the consent page. */
  exchange({ query, app, hosts, http, redirectUri, now }) {
    const form = { grant_type: 'authorization_code', code: query.code ?? '', redirect_uri: redirectUri };
    return askForTokens({ app, auth: hosts.auth, http, form, now, what: 'Connecting' });
  },

  /** Every refresh kills the old refresh token: the caller stores the new pair before anyone uses it. */
  refresh({ tokens, app, hosts, http, now }) {
    if (tokens.refreshToken === null) {
      const message = 'Sage gave no refresh token at the last consent. Connect it again.';
      throw new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
    }
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refreshToken };
    return askForTokens({ app, auth: hosts.auth, http, form, now, what: 'Refreshing the token' });
  },

  /** All businesses of the user; a person chooses where there are several. */
  async accounts({ tokens, hosts, http }) {
    const what = 'Listing the businesses';
    const response = await http.request({
      method: 'GET',
      url: `${hosts.api}/v3.1/businesses?items_per_page=200`,
      headers: { accept: 'application/json', authorization: `Bearer ${tokens.accessToken}` },
    });
    if (response.status !== 200) throw tokenFailure(response, what, false);
    const parsed = businesses.safeParse(bodyOf(response));
    if (!parsed.success) throw unavailable(`${what} at Sage: the answer could not be read.`, false, parsed.error);
    if (parsed.data.$items.length === 0) {
      throw rejected('OAUTH_NO_ACCOUNT', 'The Sage user has no business. Log in as one who has, and start again.');
    }
    return parsed.data.$items.map(({ id, displayed_as }) => ({ account: id, label: displayed_as ?? id, settings: {} }));
  },
};

interface TokenRequest {
  app: OAuthApp;
  auth: string;
  http: HttpClient;
  form: Record<string, string>;
  now: Date;
  what: string;
}

async function askForTokens({ app, auth, http, form, now, what }: TokenRequest): Promise<TokenSet> {
  const credentials = { client_id: app.clientId, client_secret: app.clientSecret };
  const response = await http.request({
    method: 'POST',
    url: `${auth}/token`,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...credentials, ...form }).toString(),
    timeoutMs: TOKEN_TIMEOUT_MS,
  });
  if (response.status !== 200) throw tokenFailure(response, what, true);
  const parsed = tokenAnswer.safeParse(bodyOf(response));
  if (!parsed.success) throw unavailable(`${what} at Sage: the answer could not be read.`, true, parsed.error);
  const { access_token, refresh_token, expires_in, refresh_token_expires_in, scope } = parsed.data;
  return {
    accessToken: access_token,
    accessTokenExpiresAt: later(now, expires_in),
    refreshToken: refresh_token,
    refreshTokenExpiresAt: refresh_token_expires_in === undefined ? null : later(now, refresh_token_expires_in),
    scopes: scope?.split(/[ ,]+/).filter((each) => each !== '') ?? [...SCOPES],
  };
}

/**
 * Only these words end a grant or blame the app: a 403 from some proxy must not make every merchant connect again.
 * `rotates`: a lost answer may have spent the old refresh token, so the outcome is unknown.
 */
function tokenFailure(response: HttpResponse, what: string, rotates: boolean): ConnectorError {
  const body = bodyOf(response) as { error?: unknown } | null;
  const error = typeof body?.error === 'string' ? body.error.slice(0, 100) : '';
  const head = `${what} at Sage failed with ${response.status}${error === '' ? '' : ` (${error})`}.`;
  if (response.status === 429) {
    const given = response.headers['retry-after'] ?? '';
    const wait = /^\d{1,7}$/.test(given) ? Number.parseInt(given, 10) : 60;
    const options = { code: 'BOOKS_RATE_LIMITED', retryAfterMs: wait * 1000 };
    return new ConnectorError('rate_limited', `${head} Daybook waits ${wait} seconds.`, options);
  }
  if (error === 'invalid_grant' || (!rotates && (response.status === 401 || response.status === 403))) {
    const todo = 'The consent has ended, was used up or withdrawn: connect the business again.';
    return new ConnectorError('unauthorized', `${head} ${todo}`, { code: 'OAUTH_GRANT_REVOKED' });
  }
  if (response.status < 500 && error !== '') {
    return rejected('OAUTH_APP_REFUSED', `${head} Check client id and secret of the Sage app in the configuration.`);
  }
  return unavailable(head, rotates);
}

function bodyOf(response: HttpResponse): unknown {
  try {
    return parseJson(response.text);
  } catch {
    return null;
  }
}

function unavailable(head: string, rotates: boolean, cause?: unknown): ConnectorError {
  const message = `${head} Daybook tries again by itself.`;
  return new ConnectorError('retryable', message, { code: 'OAUTH_UNAVAILABLE', ambiguous: rotates, cause });
}

function rejected(code: string, message: string): ConnectorError {
  return new ConnectorError('rejected', message, { code });
}

function later(now: Date, inSeconds: string): string {
  return new Date(now.getTime() + Number.parseInt(inSeconds, 10) * 1000).toISOString();
}
