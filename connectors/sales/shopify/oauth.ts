import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { ConnectedAccount, HttpResponse, OAuthApp, OAuthFlow, TokenSet } from '../../kit/contract.ts';
import { plainJson } from '../../kit/json.ts';
import { sameText } from '../../kit/signature.ts';
import { graphql, postForm } from './client.ts';
import { SHOP_QUERY } from './queries.ts';

/** A shop's permanent address; the customer-facing domain may change and is never used. */
export const SHOP_PATTERN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** Age at which Shopify's own SDK refuses a callback. */
const CALLBACK_LIVES_MS = 90_000;

/** `read_all_orders` reaches behind the last 60 days; Shopify approves it per app. */
const SCOPES = [
  'read_orders',
  'read_all_orders',
  'read_products',
  'read_inventory',
  'read_locations',
  'read_customers',
  'read_returns',
  'read_shopify_payments_accounts',
  'read_shopify_payments_payouts',
  'read_shopify_payments_disputes',
] as const;

type Callback = Parameters<OAuthFlow['verifyCallback']>[0];

/** Shop, signature, age and code of a callback; the caller has compared `state`. */
function verifyCallback({ query, app, fields, now }: Callback): void {
  const { code, hmac = '', shop = '', timestamp = '' } = query;
  if (!SHOP_PATTERN.test(shop)) throw invalid('shop', `"${shop}" is not the address of a shop`);
  if (fields.shop !== undefined && fields.shop !== shop) {
    throw invalid('shop', `the consent is for ${shop}, but ${fields.shop} was asked for`);
  }
  if (!sameText(hmac, callbackHmac(query, app))) throw invalid('hmac', 'it was not signed by Shopify for this app');
  const at = /^\d{1,12}$/.test(timestamp) ? Number.parseInt(timestamp, 10) * 1000 : Number.NaN;
  // A clock that runs a little ahead of ours is as good as one behind.
  if (!(Math.abs(now.getTime() - at) <= CALLBACK_LIVES_MS)) throw invalid('timestamp', 'it is older than 90 seconds');
  if (!code) throw invalid('code', query.error ? `the merchant said no (${query.error})` : 'it carries no code');
}

/** Lower-case hex HMAC-SHA256 over the other parameters, sorted by name and joined as a query string. */
function callbackHmac(query: Record<string, string>, app: OAuthApp): string {
  const signed = Object.entries(query)
    .filter(([name]) => name !== 'hmac' && name !== 'signature')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', app.clientSecret).update(new URLSearchParams(signed).toString()).digest('hex');
}

function invalid(check: string, why: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    `The answer of Shopify's consent page was refused: ${check}: ${why}. Start connecting again.`,
    {
      code: 'OAUTH_CALLBACK_INVALID',
      subject: check,
    },
  );
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  scope: z.string().default(''),
  expires_in: z.number().nullish(),
  refresh_token: z.string().nullish(),
  refresh_token_expires_in: z.number().nullish(),
});

function readTokens(response: HttpResponse, now: Date, refused: (told: string) => ConnectorError): TokenSet {
  if (response.status !== 200) throw refused(`status ${response.status}, ${response.text.slice(0, 200)}`);
  const parsed = tokenAnswer.safeParse(plainJson(response.text));
  if (!parsed.success) {
    throw new ConnectorError('retryable', "Shopify's token page answered with something that holds no token.", {
      code: 'OAUTH_UNAVAILABLE',
      ambiguous: true,
    });
  }
  const { access_token, scope, expires_in, refresh_token, refresh_token_expires_in } = parsed.data;
  const after = (seconds: number | null | undefined) =>
    seconds === null || seconds === undefined ? null : new Date(now.getTime() + seconds * 1000).toISOString();
  return {
    accessToken: access_token,
    accessTokenExpiresAt: after(expires_in),
    refreshToken: refresh_token ?? null,
    refreshTokenExpiresAt: after(refresh_token_expires_in),
    scopes: scope.split(',').filter((each) => each !== ''),
  };
}

const shopAnswer = z.object({
  shop: z.object({
    name: z.string(),
    myshopifyDomain: z.string(),
    currencyCode: z.string(),
    ianaTimezone: z.string(),
    shopAddress: z.object({ countryCodeV2: z.string().nullish() }),
  }),
});

/** Authorization code flow with expiring offline tokens: a token that never expires is refused from 2027-01-01. */
export const oauth: OAuthFlow = {
  fields: [{ name: 'shop', label: 'Shop address', pattern: SHOP_PATTERN, example: 'your-shop.myshopify.com' }],
  scopes: SCOPES,
  pkce: false,
  authorizeUrl: ({ app, hosts, redirectUri, state }) => {
    const query = new URLSearchParams({
      client_id: app.clientId,
      scope: SCOPES.join(','),
      redirect_uri: redirectUri,
      state,
    });
    return `${hosts.auth}/admin/oauth/authorize?${query.toString()}`;
  },
  verifyCallback,
  exchange: async ({ query, app, hosts, http, now }) => {
    const form = {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      code: query.code ?? '',
      expiring: '1',
    };
    const response = await postForm(http, `${hosts.auth}/admin/oauth/access_token`, form);
    return readTokens(response, now, (told) => {
      const message = `Shopify gave no tokens for the consent (${told}). Start connecting again.`;
      return new ConnectorError('rejected', message, { code: 'OAUTH_REFUSED' });
    });
  },
  refresh: async ({ tokens, app, hosts, http, now }) => {
    if (tokens.refreshToken === null) {
      const message = 'The shop was connected with a token that cannot be renewed. Reconnect the shop.';
      throw new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
    }
    const form = {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      grant_type: 'refresh_token',
      refresh_token: tokens.refreshToken,
    };
    const response = await postForm(http, `${hosts.auth}/admin/oauth/access_token`, form);
    return readTokens(response, now, (told) => {
      const message = `Shopify no longer renews the access to the shop (${told}). Reconnect the shop.`;
      return new ConnectorError('unauthorized', message, { code: 'OAUTH_GRANT_REVOKED' });
    });
  },
  accounts: async ({ tokens, hosts, http }): Promise<ConnectedAccount[]> => {
    const data = await graphql({ http, hosts, accessToken: tokens.accessToken }, SHOP_QUERY, {});
    const { shop } = shopAnswer.parse(data);
    return [{ account: shop.myshopifyDomain, label: shop.name, settings: { currency: shop.currencyCode } }];
  },
};
