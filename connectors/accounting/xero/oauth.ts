import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { ConnectedAccount, HttpClient, HttpResponse, OAuthApp, OAuthFlow, TokenSet } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';

/** Page of the real log-in; every other host serves it below its own root (simulators, stubs). */
const REAL_AUTH = 'https://identity.xero.com';
const REAL_LOGIN = 'https://login.xero.com';
/** Refresh tokens live 60 days, counted anew on every refresh (provider section 1). */
const REFRESH_DAYS = 60;
/** Generous: a rotated token in a lost answer ends the connection (xero-node #614). */
const TOKEN_TIMEOUT_MS = 60_000;

/** Only what we use; applications made since March 2026 may ask for these granular scopes only. */
export const SCOPES = [
  'offline_access',
  'openid',
  'accounting.invoices',
  'accounting.payments',
  'accounting.banktransactions',
  'accounting.manualjournals',
  'accounting.contacts',
  'accounting.settings.read',
] as const;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.string().regex(/^\d{1,9}$/),
  scope: z.string().optional(),
});

const connections = z.array(
  z.object({
    id: z.string(),
    tenantId: z.string().min(1),
    tenantType: z.string(),
    tenantName: z.string().nullish(),
    updatedDateUtc: z.string().nullish(),
  }),
);

/** Authorization code with PKCE; one consent gives one token set for every organisation that was ticked. */
export const oauth: OAuthFlow = {
  fields: [],
  scopes: SCOPES,
  pkce: true,

  authorizeUrl({ app, hosts, redirectUri, state, codeChallenge }) {
    const url = new URL(`${hosts.auth === REAL_AUTH ? REAL_LOGIN : hosts.auth}/identity/connect/authorize`);
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('client_id', app.clientId);
    url.searchParams.set('redirect_uri', redirectUri);
    url.searchParams.set('scope', SCOPES.join(' '));
    url.searchParams.set('state', state);
    if (codeChallenge !== null) {
      url.searchParams.set('code_challenge', codeChallenge);
      url.searchParams.set('code_challenge_method', 'S256');
    }
    return url.href;
  },

  verifyCallback({ query }) {
    if (query.error !== undefined) {
      const reason = query.error_description ?? query.error;
      throw rejected('OAUTH_REFUSED', `Xero did not give access: ${reason}. Start again and press "Allow access".`);
    }
    if (!query.code) {
      throw rejected('OAUTH_CALLBACK_INVALID', 'Xero came back without a code. Start the connection again.');
    }
  },

  async exchange({ query, app, hosts, http, redirectUri, codeVerifier, now }) {
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: query.code ?? '',
      redirect_uri: redirectUri,
    });
    if (codeVerifier !== null) form.set('code_verifier', codeVerifier);
    return askForTokens({ app, auth: hosts.auth, http, form, now, what: 'Connecting' });
  },

  async refresh({ tokens, app, hosts, http, now }) {
    if (tokens.refreshToken === null) {
      throw new ConnectorError('unauthorized', 'Xero gave no refresh token at the last consent. Connect it again.', {
        code: 'OAUTH_GRANT_REVOKED',
      });
    }
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refreshToken });
    return askForTokens({ app, auth: hosts.auth, http, form, now, what: 'Refreshing the token' });
  },

  /**
   * The organisations of this consent. An organisation that is connected again keeps the `authEventId` of its first
   * consent, so the filter by this one's can come back empty: then all that the user connected are offered, the
   * most recently connected first.
   */
  async accounts({ tokens, hosts, http }) {
    const event = authenticationEvent(tokens.accessToken);
    const fresh = event === null ? [] : await listConnections(`?authEventId=${event}`, hosts.api, http, tokens);
    const found = fresh.length > 0 ? fresh : await listConnections('', hosts.api, http, tokens);
    if (found.length > 0) return found;
    throw rejected(
      'OAUTH_NO_ACCOUNT',
      'The consent covers no organisation. Start again and choose an organisation (not a practice) on the consent page.',
    );
  },
};

async function listConnections(
  query: string,
  api: string,
  http: HttpClient,
  tokens: TokenSet,
): Promise<ConnectedAccount[]> {
  const response = await http.request({
    method: 'GET',
    url: `${api}/connections${query}`,
    headers: { accept: 'application/json', authorization: `Bearer ${tokens.accessToken}` },
  });
  if (response.status !== 200) throw tokenFailure(response, 'Listing the organisations', false);
  const parsed = connections.safeParse(jsonOf(response, 'Listing the organisations', false));
  if (!parsed.success) throw garbled('Listing the organisations', false, parsed.error);
  return parsed.data
    .filter(({ tenantType }) => tenantType === 'ORGANISATION')
    .sort((a, b) => (b.updatedDateUtc ?? '').localeCompare(a.updatedDateUtc ?? ''))
    .map(({ id, tenantId, tenantName }) => ({
      account: tenantId,
      label: tenantName ?? tenantId,
      // Needed to disconnect this one organisation; revoking the token would end the user's other ones too.
      settings: { connectionId: id },
    }));
}

interface TokenRequest {
  app: OAuthApp;
  auth: string;
  http: HttpClient;
  form: URLSearchParams;
  now: Date;
  what: string;
}

async function askForTokens({ app, auth, http, form, now, what }: TokenRequest): Promise<TokenSet> {
  const basic = Buffer.from(`${encodeURIComponent(app.clientId)}:${encodeURIComponent(app.clientSecret)}`);
  const response = await http.request({
    method: 'POST',
    url: `${auth}/connect/token`,
    headers: {
      accept: 'application/json',
      authorization: `Basic ${basic.toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
    timeoutMs: TOKEN_TIMEOUT_MS,
  });
  if (response.status !== 200) throw tokenFailure(response, what, true);
  const parsed = tokenAnswer.safeParse(jsonOf(response, what, true));
  if (!parsed.success) throw garbled(what, true, parsed.error);
  const { access_token, refresh_token, expires_in, scope } = parsed.data;
  return {
    accessToken: access_token,
    accessTokenExpiresAt: later(now, Number.parseInt(expires_in, 10)),
    refreshToken: refresh_token,
    refreshTokenExpiresAt: later(now, REFRESH_DAYS * 86_400),
    scopes: scope?.split(' ').filter((each) => each !== '') ?? [...SCOPES],
  };
}

/** The claim that ties a token to one consent; null when the token is not readable. */
function authenticationEvent(accessToken: string): string | null {
  try {
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
    const event = claims.authentication_event_id;
    return typeof event === 'string' && /^[0-9a-f-]{36}$/i.test(event) ? event : null;
  } catch {
    return null;
  }
}

/** `rotates`: a lost answer may have spent the old refresh token, so the outcome is unknown. */
function tokenFailure(response: HttpResponse, what: string, rotates: boolean): ConnectorError {
  const error = errorOf(response);
  const head = `${what} at Xero failed with ${response.status}${error === '' ? '' : ` (${error})`}.`;
  if (response.status === 429) {
    const seconds = /^\d{1,7}$/.test(response.headers['retry-after'] ?? '') ? response.headers['retry-after']! : '60';
    return new ConnectorError('rate_limited', `${head} Daybook waits ${seconds} seconds.`, {
      code: 'BOOKS_RATE_LIMITED',
      retryAfterMs: Number.parseInt(seconds, 10) * 1000,
    });
  }
  if (response.status >= 500) return unavailable(head, rotates);
  // Only these words end a grant: a 403 from some proxy must not make every merchant connect again.
  if (error === 'invalid_grant' || (!rotates && (response.status === 401 || response.status === 403))) {
    const todo = 'The consent has ended, was used up or withdrawn: connect the organisation again.';
    return new ConnectorError('unauthorized', `${head} ${todo}`, { code: 'OAUTH_GRANT_REVOKED' });
  }
  if (error !== '') {
    return rejected('OAUTH_APP_REFUSED', `${head} Check client id and secret of the Xero app in the configuration.`);
  }
  return unavailable(head, rotates);
}

function errorOf(response: HttpResponse): string {
  try {
    const body = parseJson(response.text) as { error?: unknown } | null;
    return typeof body?.error === 'string' ? body.error.slice(0, 100) : '';
  } catch {
    return '';
  }
}

function jsonOf(response: HttpResponse, what: string, rotates: boolean): unknown {
  try {
    return parseJson(response.text);
  } catch (cause) {
    throw garbled(what, rotates, cause);
  }
}

function garbled(what: string, rotates: boolean, cause: unknown): ConnectorError {
  return unavailable(`${what} at Xero: the answer could not be read.`, rotates, cause);
}

function unavailable(head: string, rotates: boolean, cause?: unknown): ConnectorError {
  return new ConnectorError('retryable', `${head} Daybook tries again by itself.`, {
    code: 'OAUTH_UNAVAILABLE',
    ambiguous: rotates,
    cause,
  });
}

function rejected(code: string, message: string): ConnectorError {
  return new ConnectorError('rejected', message, { code });
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
