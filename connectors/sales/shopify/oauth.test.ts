import { createHmac } from 'node:crypto';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { TokenSet } from '../../kit/contract.ts';
import { plainHttp } from '../../kit/test-http.ts';
import { oauth } from './oauth.ts';

const SHOP = 'daybook-demo.myshopify.com';
const APP = { clientId: 'client-1', clientSecret: 'hush' };
const HOSTS = { api: `https://${SHOP}`, auth: `https://${SHOP}` };
const NOW = new Date('2026-11-21T10:00:00Z');
/** NOW in seconds: 2026-11-21T10:00:00Z. */
const STAMP = '1795255200';

/** Signs as Shopify documents it: the other parameters sorted by name, joined as a query string, lower-case hex. */
function signed(query: Record<string, string>, secret = APP.clientSecret): Record<string, string> {
  const text = Object.keys(query)
    .sort()
    .map((name) => `${name}=${encodeURIComponent(query[name] ?? '')}`)
    .join('&');
  return { ...query, hmac: createHmac('sha256', secret).update(text).digest('hex') };
}

const good = { code: 'c0de', host: 'aG9zdA', shop: SHOP, state: 'st4te', timestamp: STAMP };

function failure(query: Record<string, string>, fields: Record<string, string> = { shop: SHOP }): unknown {
  try {
    oauth.verifyCallback({ query, app: APP, fields, now: NOW });
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the callback', () => {
  test('an untouched answer passes', () => {
    expect(failure(signed(good))).toBeUndefined();
  });

  test('an answer that is 90 seconds old passes, at 91 it does not', () => {
    expect(failure(signed({ ...good, timestamp: `${1795255200 - 90}` }))).toBeUndefined();
    expect(failure(signed({ ...good, timestamp: `${1795255200 - 91}` }))).toMatchObject({ subject: 'timestamp' });
  });

  test.for([
    ['shop', signed({ ...good, shop: 'daybook-demo.myshopify.com.evil.example' })],
    ['shop', signed({ ...good, shop: 'evil.example/daybook-demo.myshopify.com' })],
    ['shop', signed({ ...good, shop: '-demo.myshopify.com' })],
    ['shop', signed({ ...good, shop: 'Daybook-Demo.myshopify.com' })],
    ['shop', signed({ ...good, shop: 'another.myshopify.com' })],
    ['shop', signed({ ...good, shop: `${SHOP}\n` })],
    ['hmac', good],
    ['hmac', { ...signed(good), hmac: '' }],
    ['hmac', signed(good, 'another secret')],
    ['hmac', { ...signed(good), code: 'changed' }],
    ['hmac', { ...signed(good), extra: 'added' }],
    ['hmac', { ...signed(good), hmac: signed(good).hmac?.toUpperCase() ?? '' }],
    ['timestamp', signed({ ...good, timestamp: '' })],
    ['timestamp', signed({ ...good, timestamp: 'now' })],
    ['timestamp', signed({ ...good, timestamp: `${1795255200 + 600}` })],
    ['code', signed({ ...good, code: '' })],
    ['code', signed({ host: good.host, shop: SHOP, state: 's', timestamp: STAMP, error: 'access_denied' })],
  ] as const)('a wrong %s is refused by that name', ([check, query]) => {
    const error = failure(query as Record<string, string>);
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ kind: 'rejected', code: 'OAUTH_CALLBACK_INVALID', subject: check });
  });
});

test('the consent page is asked for offline access to the scopes we need', () => {
  const url = new URL(
    oauth.authorizeUrl({
      app: APP,
      hosts: HOSTS,
      redirectUri: 'https://daybook.example/oauth/shopify/callback',
      state: 'st4te',
      codeChallenge: null,
      fields: { shop: SHOP },
    }),
  );
  expect(`${url.origin}${url.pathname}`).toBe(`https://${SHOP}/admin/oauth/authorize`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'client-1',
    scope: oauth.scopes.join(','),
    redirect_uri: 'https://daybook.example/oauth/shopify/callback',
    state: 'st4te',
  });
  expect(oauth.scopes).toContain('read_all_orders');
});

describe('tokens', () => {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => nock.cleanAll());
  const old: TokenSet = {
    accessToken: 'shpat_old',
    accessTokenExpiresAt: '2026-11-21T09:59:00.000Z',
    refreshToken: 'shprt_old',
    refreshTokenExpiresAt: null,
    scopes: ['read_orders'],
  };
  const answer = {
    access_token: 'shpat_new',
    expires_in: 3600,
    refresh_token: 'shprt_new',
    refresh_token_expires_in: 7776000,
    scope: 'read_orders,read_locations',
  };
  const expected: TokenSet = {
    accessToken: 'shpat_new',
    accessTokenExpiresAt: '2026-11-21T11:00:00.000Z',
    refreshToken: 'shprt_new',
    refreshTokenExpiresAt: '2027-02-19T10:00:00.000Z',
    scopes: ['read_orders', 'read_locations'],
  };
  const call = { app: APP, hosts: HOSTS, http: plainHttp, now: NOW };
  const exchange = () =>
    oauth.exchange({ ...call, query: signed(good), redirectUri: 'https://daybook.example/cb', codeVerifier: null });
  const path = '/admin/oauth/access_token';

  test('a code becomes an expiring pair', async () => {
    const form = { client_id: 'client-1', client_secret: 'hush', code: 'c0de', expiring: '1' };
    nock(HOSTS.auth).post(path, form).reply(200, answer);
    expect(await exchange()).toEqual(expected);
  });

  test('a refresh sends the old refresh token and brings a new pair', async () => {
    const form = {
      client_id: 'client-1',
      client_secret: 'hush',
      grant_type: 'refresh_token',
      refresh_token: 'shprt_old',
    };
    nock(HOSTS.auth).post(path, form).reply(200, answer);
    expect(await oauth.refresh({ ...call, tokens: old })).toEqual(expected);
  });

  test('a refused refresh means that the access was withdrawn', async () => {
    nock(HOSTS.auth).post(path).reply(400, { error: 'invalid_grant' });
    await expect(oauth.refresh({ ...call, tokens: old })).rejects.toMatchObject({
      kind: 'unauthorized',
      code: 'OAUTH_GRANT_REVOKED',
    });
  });

  test('a connection without a refresh token has to be made again', async () => {
    await expect(oauth.refresh({ ...call, tokens: { ...old, refreshToken: null } })).rejects.toMatchObject({
      kind: 'unauthorized',
    });
  });

  test.for([
    [400, { error: 'invalid_request' }, 'rejected', 'OAUTH_REFUSED'],
    [503, 'busy', 'retryable', 'CHANNEL_UNAVAILABLE'],
    [429, '', 'rate_limited', 'CHANNEL_THROTTLED'],
    [200, '<html>', 'retryable', 'OAUTH_UNAVAILABLE'],
    [200, { scope: 'read_orders' }, 'retryable', 'OAUTH_UNAVAILABLE'],
  ] as const)('an exchange answered %s %j is %s', async ([status, body, kind, code]) => {
    nock(HOSTS.auth).post(path).reply(status, body);
    await expect(exchange()).rejects.toMatchObject({ kind, code });
  });
});
