import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, ConnectedAccount, KeyFlow, OAuthFlow, TokenSet } from '../../kit/contract.ts';
import { plainJson } from '../../kit/json.ts';
import { type Caller, callerOf, get, refusal } from './client.ts';

/** Daybook only reads, but Stripe keeps `read_only` for platforms it has registered as extensions. */
const SCOPE = 'read_write';

const tokenAnswer = z.object({ access_token: z.string().min(1), scope: z.string().default(SCOPE) });
const tokenRefusal = z
  .object({ error: z.string(), error_description: z.string().optional() })
  .transform(({ error, error_description: why }) => (why ? `${error}: ${why}` : error))
  .catch('');

function readTokens(status: number, text: string): TokenSet {
  const body = plainJson(text);
  if (status !== 200) {
    const message = `Stripe gave no access for the consent (${tokenRefusal.parse(body) || `status ${status}`}). Start connecting again.`;
    throw new ConnectorError('rejected', message, { code: 'OAUTH_REFUSED' });
  }
  const parsed = tokenAnswer.safeParse(body);
  if (!parsed.success)
    throw new ConnectorError('retryable', "Stripe's token page answered with something that holds no token.", {
      code: 'OAUTH_UNAVAILABLE',
      ambiguous: true,
    });
  const { access_token: accessToken, scope } = parsed.data;
  // The refresh token only changes between live and test mode, so it is not kept.
  return { accessToken, accessTokenExpiresAt: null, refreshToken: null, refreshTokenExpiresAt: null, scopes: [scope] };
}

const accountAnswer = z.object({
  id: z.string().regex(/^acct_\w+$/),
  business_profile: z.object({ name: z.string().nullish() }).nullish(),
  settings: z.object({ dashboard: z.object({ display_name: z.string().nullish() }).nullish() }).nullish(),
});

/** Whose key it is, and what a connection to it starts with: it may look things up, and takes one mode only. */
async function accountOf(caller: Caller): Promise<ConnectedAccount> {
  const parsed = accountAnswer.safeParse(await get(caller, '/v1/account'));
  if (!parsed.success)
    throw new ConnectorError('retryable', 'Stripe did not say whose key this is; we try again.', {
      code: 'CHANNEL_ANSWER_UNREADABLE',
    });
  const { id, business_profile: profile, settings } = parsed.data;
  const label = settings?.dashboard?.display_name || profile?.name || id;
  const mode = /^(?:sk|rk)_(live|test)_/.exec(caller.key)?.[1];
  const starting: Record<string, string> = { account: id, lookups: 'on' };
  if (mode !== undefined) starting.livemode = String(mode === 'live');
  return { account: id, label, settings: starting };
}

/**
 * Stripe Connect for standard accounts. Calls are made with the access token of the consent and not with the
 * platform's key: it opens one account and no other, it dies when the seller disconnects, and it never expires.
 */
export const oauth: OAuthFlow = {
  fields: [],
  scopes: [SCOPE],
  pkce: false,
  authorizeUrl: ({ app, hosts, redirectUri, state }) => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: app.clientId,
      scope: SCOPE,
      redirect_uri: redirectUri,
      state,
    });
    return `${hosts.auth}/oauth/authorize?${query.toString()}`;
  },
  verifyCallback: ({ query }) => {
    if (query.code && !query.error) return;
    const why = query.error_description ?? query.error;
    const message = `Stripe's consent page gave no code${why ? ` (${why})` : ''}. Start connecting again and allow access.`;
    throw new ConnectorError('rejected', message, { code: 'OAUTH_CALLBACK_INVALID', subject: 'code' });
  },
  exchange: async ({ query, app, hosts, http }) => {
    const fields = { grant_type: 'authorization_code', code: query.code ?? '', client_secret: app.clientSecret };
    const response = await http.request({
      method: 'POST',
      url: `${hosts.auth}/oauth/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(fields).toString(),
    });
    if (response.status === 429 || response.status >= 500) throw refusal(response, '/oauth/token');
    return readTokens(response.status, response.text);
  },
  refresh: async () => {
    const message =
      'The access to Stripe does not expire, so it cannot be renewed: it was withdrawn. Connect Stripe again.';
    throw new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
  },
  accounts: async ({ tokens, hosts, http }) => [await accountOf(callerOf({ http, hosts, credentials: tokens }))],
};

/** Secret and restricted keys that a person copies from Stripe's dashboard. */
export const keys: KeyFlow = {
  verify: async (api: Api) => {
    const found = await accountOf(callerOf(api));
    if (api.account === '' || api.account === found.account) return found;
    const message = `This key opens the Stripe account ${found.account}, not ${api.account}. Paste the key of that account.`;
    throw new ConnectorError('rejected', message, { code: 'CHANNEL_REFUSED', subject: 'apiKey' });
  },
};
