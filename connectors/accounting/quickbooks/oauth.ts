import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpClient, HttpResponse, OAuthApp, OAuthFlow, TokenSet } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { storedTokens } from '../../kit/stored-tokens.ts';
import { readCompany } from './company.ts';

/** The consent page is on another host than the tokens; every other host serves both (simulators, stubs). */
const REAL_AUTH = 'https://oauth.platform.intuit.com';
const REAL_CONSENT = 'https://appcenter.intuit.com';
/** Generous: a rotated token in a lost answer ends the connection (provider section 1). */
const TOKEN_TIMEOUT_MS = 60_000;

export const SCOPES = ['com.intuit.quickbooks.accounting'] as const;

/** The stored credentials of a connection. */
export const tokenSet = storedTokens.extend({ account: z.string().optional() });

const seconds = z.string().regex(/^\d{1,10}$/);
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: seconds,
  x_refresh_token_expires_in: seconds,
  /** The end of life of the whole chain of refresh tokens, five years after the consent (provider section 1). */
  x_refresh_token_hard_expires_in: seconds.optional(),
});

/** Authorization code without PKCE; one consent is for one company, which only the callback names. */
export const oauth: OAuthFlow = {
  fields: [],
  scopes: SCOPES,
  pkce: false,

  authorizeUrl({ app, hosts, redirectUri, state }) {
    const url = new URL(`${hosts.auth === REAL_AUTH ? REAL_CONSENT : hosts.auth}/connect/oauth2`);
    url.searchParams.set('client_id', app.clientId);
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('scope', SCOPES.join(' '));
    url.searchParams.set('redirect_uri', redirectUri);
    url.searchParams.set('state', state);
    return url.href;
  },

  verifyCallback({ query }) {
    if (query.error !== undefined) {
      const reason = query.error_description ?? query.error;
      throw rejected('OAUTH_REFUSED', `QuickBooks did not give access: ${reason}. Start again and press "Connect".`);
    }
    if (!query.code) {
      throw rejected('OAUTH_CALLBACK_INVALID', 'QuickBooks came back without a code. Start the connection again.');
    }
    if (!/^\d{1,30}$/.test(query.realmId ?? '')) {
      const message = 'QuickBooks came back without the company (realmId). Start the connection again.';
      throw rejected('OAUTH_CALLBACK_INVALID', message);
    }
  },

  async exchange({ query, app, hosts, http, redirectUri, now }) {
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: query.code ?? '',
      redirect_uri: redirectUri,
    });
    const tokens = await askForTokens({ app, auth: hosts.auth, http, form, now, what: 'Connecting' });
    return query.realmId === undefined ? tokens : { ...tokens, account: query.realmId };
  },

  async refresh({ tokens, app, hosts, http, now }) {
    if (tokens.refreshToken === null) {
      const message = 'QuickBooks gave no refresh token at the last consent. Connect it again.';
      throw new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
    }
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refreshToken });
    const fresh = await askForTokens({ app, auth: hosts.auth, http, form, now, what: 'Refreshing the token' });
    return tokens.account === undefined ? fresh : { ...fresh, account: tokens.account };
  },

  /** The one company of the consent. Reading it proves that the token really opens the company the browser named. */
  async accounts({ tokens, hosts, http, now }) {
    if (tokens.account === undefined) {
      throw rejected('OAUTH_NO_ACCOUNT', 'The consent names no company. Start again and choose one.');
    }
    const silent = () => undefined;
    const api = {
      http,
      hosts,
      credentials: tokens,
      settings: {},
      account: tokens.account,
      now: () => now,
      log: silent,
    };
    const { name } = await readCompany(api);
    return [{ account: tokens.account, label: name, settings: {} }];
  },
};

interface TokenRequest {
  app: OAuthApp;
  auth: string;
  http: HttpClient;
  form: URLSearchParams;
  now: Date;
  what: string;
}

async function askForTokens({ app, auth, http, form, now, what }: TokenRequest): Promise<TokenSet> {
  const response = await http.request({
    method: 'POST',
    url: `${auth}/oauth2/v1/tokens/bearer`,
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      // Without it the answer does not say when reconnecting is the only cure (provider section 1).
      'x-include-refresh-token-hard-expires-in': 'true',
    },
    body: form.toString(),
    timeoutMs: TOKEN_TIMEOUT_MS,
  });
  if (response.status !== 200) throw tokenFailure(response, what);
  const parsed = tokenAnswer.safeParse(bodyOf(response));
  if (!parsed.success) throw unavailable(`${what} at QuickBooks: the answer could not be read.`, parsed.error);
  const { access_token, refresh_token, expires_in, ...life } = parsed.data;
  const ends = [life.x_refresh_token_expires_in, life.x_refresh_token_hard_expires_in]
    .filter((each) => each !== undefined)
    .map((each) => later(now, each));
  return {
    accessToken: access_token,
    accessTokenExpiresAt: later(now, expires_in),
    refreshToken: refresh_token,
    // The earlier of the two: a hundred days after the last refresh, or the end of the whole chain.
    refreshTokenExpiresAt: ends.sort()[0] ?? null,
    scopes: [...SCOPES],
  };
}

/** Only these words end a grant or blame the app: a 403 from some proxy must not make every merchant connect again. */
function tokenFailure(response: HttpResponse, what: string): ConnectorError {
  const body = bodyOf(response) as { error?: unknown } | null;
  const error = typeof body?.error === 'string' ? body.error.slice(0, 100) : '';
  const head = `${what} at QuickBooks failed with ${response.status}${error === '' ? '' : ` (${error})`}.`;
  if (response.status === 429) {
    const given = response.headers['retry-after'] ?? '';
    const wait = /^\d{1,7}$/.test(given) ? Number.parseInt(given, 10) : 60;
    const options = { code: 'BOOKS_RATE_LIMITED', retryAfterMs: wait * 1000 };
    return new ConnectorError('rate_limited', `${head} Daybook waits ${wait} seconds.`, options);
  }
  if (error === 'invalid_grant') {
    const todo = 'The consent has ended, was used up or withdrawn: connect the company again.';
    return new ConnectorError('unauthorized', `${head} ${todo}`, { code: 'OAUTH_GRANT_REVOKED' });
  }
  if (response.status < 500 && error !== '') {
    return rejected('OAUTH_APP_REFUSED', `${head} Check client id and secret of the Intuit app in the configuration.`);
  }
  return unavailable(head);
}

function bodyOf(response: HttpResponse): unknown {
  try {
    return parseJson(response.text);
  } catch {
    return null;
  }
}

/** A lost answer may have spent the old refresh token, so the outcome is unknown. */
function unavailable(head: string, cause?: unknown): ConnectorError {
  const message = `${head} Daybook tries again by itself.`;
  return new ConnectorError('retryable', message, { code: 'OAUTH_UNAVAILABLE', ambiguous: true, cause });
}

function rejected(code: string, message: string): ConnectorError {
  return new ConnectorError('rejected', message, { code });
}

function later(now: Date, inSeconds: string): string {
  return new Date(now.getTime() + Number.parseInt(inSeconds, 10) * 1000).toISOString();
}
