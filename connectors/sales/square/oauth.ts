import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, ConnectedAccount, HttpResponse, KeyFlow, OAuthFlow, TokenSet } from '../../kit/contract.ts';
import { plainJson } from '../../kit/json.ts';
import { type Caller, callerOf, get, postOpenly, toldIn } from './client.ts';

/** Read only. Without the scope of an object Square sends no webhook for it, and says nothing about that. */
const SCOPES = [
  'MERCHANT_PROFILE_READ',
  'ORDERS_READ',
  'PAYMENTS_READ',
  'PAYOUTS_READ',
  'DISPUTES_READ',
  'CASH_DRAWER_READ',
  'GIFTCARDS_READ',
  'ITEMS_READ',
] as const;

/** Hosts of the sandbox; its applications and tokens are no good elsewhere. */
export function isSandbox(host: string): boolean {
  return new URL(host).hostname.endsWith('squareupsandbox.com');
}

function invalid(check: string, why: string): ConnectorError {
  const message = `The answer of Square's consent page was refused: ${check}: ${why}. Start connecting again.`;
  return new ConnectorError('rejected', message, { code: 'OAUTH_CALLBACK_INVALID', subject: check });
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
  refresh_token: z.string().nullish(),
  refresh_token_expires_at: z.iso.datetime({ offset: true }).nullish(),
});

/** `before` is what is kept where the answer brings no refresh token of its own. */
function readTokens(
  response: HttpResponse,
  before: TokenSet | null,
  refused: (told: string) => ConnectorError,
): TokenSet {
  if (response.status !== 200) throw refused(toldIn(response.text) || `status ${response.status}`);
  const parsed = tokenAnswer.safeParse(plainJson(response.text));
  if (!parsed.success) {
    throw new ConnectorError('retryable', "Square's token page answered with something that holds no token.", {
      code: 'OAUTH_UNAVAILABLE',
      ambiguous: true,
    });
  }
  const { access_token, expires_at, refresh_token, refresh_token_expires_at } = parsed.data;
  const instant = (time: string | null | undefined) => (time ? new Date(time).toISOString() : null);
  return {
    accessToken: access_token,
    accessTokenExpiresAt: instant(expires_at),
    refreshToken: refresh_token ?? before?.refreshToken ?? null,
    refreshTokenExpiresAt: refresh_token ? instant(refresh_token_expires_at) : (before?.refreshTokenExpiresAt ?? null),
    scopes: [...SCOPES],
  };
}

const merchantAnswer = z.object({
  merchant: z.object({
    id: z.string().min(1),
    business_name: z.string().nullish(),
    currency: z.string().nullish(),
  }),
});

/** The seller behind a token: `merchant_id` is the tenant, and what every webhook names. */
async function readMerchant(caller: Caller): Promise<ConnectedAccount> {
  const parsed = merchantAnswer.safeParse(await get(caller, '/v2/merchants/me'));
  if (!parsed.success) {
    throw new ConnectorError('retryable', 'Square answered without saying whose token it is; we try again.', {
      code: 'CHANNEL_ANSWER_UNREADABLE',
    });
  }
  const { id, business_name, currency } = parsed.data.merchant;
  return {
    account: id,
    label: business_name || id,
    settings: {
      ...(currency ? { currency } : {}),
      ...(isSandbox(caller.api) ? { environment: 'sandbox' } : {}),
    },
  };
}

/**
 * The code flow with the application's secret, not PKCE: its refresh token can be used again and again and never
 * expires, while that of PKCE is worth one use and 90 days, so that a reply lost on the way would end the connection.
 */
export const oauth: OAuthFlow = {
  fields: [],
  scopes: SCOPES,
  pkce: false,
  authorizeUrl: ({ app, hosts, redirectUri, state }) => {
    const query = new URLSearchParams({
      client_id: app.clientId,
      scope: SCOPES.join(' '),
      state,
      redirect_uri: redirectUri,
      // Asks for a log-in even where somebody is logged in; the sandbox does not know it.
      ...(isSandbox(hosts.auth) ? {} : { session: 'false' }),
    });
    return `${hosts.auth}/oauth2/authorize?${query.toString()}`;
  },
  // Nothing of the callback is signed: `state`, which the caller has compared, is the only protection.
  verifyCallback: ({ query }) => {
    if (query.error) throw invalid('code', `the seller said no (${query.error})`);
    if (!query.code) throw invalid('code', 'it carries none');
  },
  exchange: async ({ query, app, hosts, http, redirectUri }) => {
    const response = await postOpenly(http, `${hosts.auth}/oauth2/token`, {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      grant_type: 'authorization_code',
      code: query.code ?? '',
      redirect_uri: redirectUri,
    });
    return readTokens(response, null, (told) => {
      const message = `Square gave no tokens for the consent (${told}). A code is good for five minutes and one use; start connecting again.`;
      return new ConnectorError('rejected', message, { code: 'OAUTH_REFUSED' });
    });
  },
  refresh: async ({ tokens, app, hosts, http }) => {
    if (tokens.refreshToken === null) {
      const message = 'Square was connected with a token that cannot be renewed. Reconnect the account.';
      throw new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
    }
    const response = await postOpenly(http, `${hosts.auth}/oauth2/token`, {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      grant_type: 'refresh_token',
      refresh_token: tokens.refreshToken,
    });
    return readTokens(response, tokens, (told) => {
      const message = `Square no longer renews the access to the account (${told}). Reconnect the account.`;
      return new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
    });
  },
  accounts: async ({ tokens, hosts, http }) => [
    await readMerchant({ http, api: hosts.api, accessToken: tokens.accessToken }),
  ],
};

/** Connecting with an access token that the seller copies from the developer console. */
export const keys: KeyFlow = {
  verify: async (api: Api) => {
    const found = await readMerchant(callerOf(api));
    if (api.account === '' || api.account === found.account) return found;
    const message =
      `The token belongs to the seller ${found.label} (${found.account}), but ${api.account} was named. ` +
      'Correct the merchant id, or paste the token of that seller.';
    throw new ConnectorError('rejected', message, { code: 'OAUTH_FIELD_INVALID', subject: 'account' });
  },
};
