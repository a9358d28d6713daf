import nock from 'nock';
import { WebhooksHelper } from 'square';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TokenSet } from '../../kit/contract.ts';
import { sign, verifySignature } from '../../kit/signature.ts';
import { plainHttp } from '../../kit/test-http.ts';
import { connector } from './connector.ts';
import { keys, oauth } from './oauth.ts';
import { APP, HOST, NOW, testApi } from './test-support.ts';

const HOSTS = { api: HOST, auth: HOST };
const REDIRECT = 'https://daybook.example/oauth/square/callback';
const asked = { app: APP, hosts: HOSTS, http: plainHttp, now: NOW };

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  const left = nock.pendingMocks();
  nock.cleanAll();
  expect(left).toEqual([]);
});

const tokens: TokenSet = {
  accessToken: 'EAAA-old',
  accessTokenExpiresAt: '2026-11-30T00:00:00.000Z',
  refreshToken: 'EQAA-old',
  refreshTokenExpiresAt: null,
  scopes: [],
};

test('the consent page is asked for reading, and for a log-in of its own', () => {
  const pages = [HOST, 'https://connect.squareupsandbox.com'].map((auth) => {
    const rest = { app: APP, redirectUri: REDIRECT, state: 'st4te', codeChallenge: null, fields: {} };
    return new URL(oauth.authorizeUrl({ ...rest, hosts: { api: auth, auth } }));
  });
  const [live, sandbox] = pages;
  expect(live?.origin + (live?.pathname ?? '')).toBe('https://connect.squareup.com/oauth2/authorize');
  expect(Object.fromEntries(live?.searchParams ?? [])).toEqual({
    client_id: 'sq0idp-1',
    scope: oauth.scopes.join(' '),
    state: 'st4te',
    redirect_uri: REDIRECT,
    session: 'false',
  });
  expect(oauth.scopes.every((scope) => scope.endsWith('_READ'))).toBe(true);
  // Square's sandbox refuses session=false.
  expect(sandbox?.searchParams.has('session')).toBe(false);
});

test.for([
  [{ code: '', state: 's' }, 'it carries none'],
  [{ error: 'access_denied', error_description: 'user_denied', state: 's' }, 'access_denied'],
  [{ code: 'c', error: 'access_denied', state: 's' }, 'access_denied'],
] as const)('a callback %j is refused', ([query, why]) => {
  const verify = () => oauth.verifyCallback({ query, app: APP, fields: {}, now: NOW });
  expect(verify).toThrow(expect.objectContaining({ kind: 'rejected', code: 'OAUTH_CALLBACK_INVALID' }));
  expect(verify).toThrow(why);
});

describe('tokens', () => {
  const exchange = () =>
    oauth.exchange({ ...asked, query: { code: 'sq0cgp-1' }, redirectUri: REDIRECT, codeVerifier: null });

  test('a code is exchanged with the secret; expiry is taken from the answer', async () => {
    nock(HOST)
      .post('/oauth2/token', {
        client_id: 'sq0idp-1',
        client_secret: 'sq0csp-hush',
        grant_type: 'authorization_code',
        code: 'sq0cgp-1',
        redirect_uri: REDIRECT,
      })
      .matchHeader('square-version', '2026-09-16')
      .reply(200, {
        access_token: 'EAAA-1',
        token_type: 'bearer',
        expires_at: '2026-12-21T10:00:00Z',
        merchant_id: 'MLR4T9WQ0DAYB',
        refresh_token: 'EQAA-1',
        short_lived: false,
      });
    expect(await exchange()).toEqual({
      accessToken: 'EAAA-1',
      accessTokenExpiresAt: '2026-12-21T10:00:00.000Z',
      refreshToken: 'EQAA-1',
      refreshTokenExpiresAt: null,
      scopes: [...oauth.scopes],
    });
  });

  test.for([
    ['the same again', { refresh_token: 'EQAA-old' }, 'EQAA-old', null],
    [
      'a new one',
      { refresh_token: 'EQAA-2', refresh_token_expires_at: '2027-02-19T10:00:00Z' },
      'EQAA-2',
      '2027-02-19T10:00:00.000Z',
    ],
    ['none', {}, 'EQAA-old', null],
  ] as const)(
    'a refresh that brings %s is stored as it came',
    async ([, brought, refreshToken, refreshTokenExpiresAt]) => {
      nock(HOST)
        .post('/oauth2/token', (body) => body.grant_type === 'refresh_token' && body.refresh_token === 'EQAA-old')
        .reply(200, { access_token: 'EAAA-2', expires_at: '2026-12-21T10:00:00Z', ...brought });
      expect(await oauth.refresh({ ...asked, tokens })).toMatchObject({
        accessToken: 'EAAA-2',
        refreshToken,
        refreshTokenExpiresAt,
      });
    },
  );

  const refused = {
    errors: [{ category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED', detail: 'Authorization code is expired.' }],
  };
  test.for([
    [401, refused, { kind: 'rejected', code: 'OAUTH_REFUSED', message: expect.stringContaining('code is expired') }],
    [200, '<html>', { kind: 'retryable', code: 'OAUTH_UNAVAILABLE' }],
    [200, { token_type: 'bearer' }, { kind: 'retryable', code: 'OAUTH_UNAVAILABLE' }],
    [503, '', { kind: 'retryable', code: 'CHANNEL_UNAVAILABLE' }],
    [429, '', { kind: 'rate_limited' }],
  ] as const)('an exchange answered %s %j fails by its name', async ([status, body, expected]) => {
    nock(HOST)
      .post('/oauth2/token')
      .reply(status, body as nock.Body);
    await expect(exchange()).rejects.toMatchObject(expected);
  });

  test('a refresh that is refused, or has no token, waits for a person', async () => {
    nock(HOST).post('/oauth2/token').reply(401, refused);
    const gone = { kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' };
    await expect(oauth.refresh({ ...asked, tokens })).rejects.toMatchObject(gone);
    await expect(oauth.refresh({ ...asked, tokens: { ...tokens, refreshToken: null } })).rejects.toMatchObject(gone);
  });
});

describe('whose account it is', () => {
  const merchant = {
    id: 'MLR4T9WQ0DAYB',
    business_name: 'Apple A Day',
    country: 'US',
    currency: 'USD',
    status: 'ACTIVE',
  };
  const answers = (host = HOST) =>
    nock(host, { reqheaders: { authorization: /^Bearer EAAA-/ } })
      .get('/v2/merchants/me')
      .reply(200, { merchant });

  test('a consent names the merchant', async () => {
    answers();
    const accounts = await oauth.accounts({ ...asked, tokens, fields: {} });
    expect(accounts).toEqual([{ account: 'MLR4T9WQ0DAYB', label: 'Apple A Day', settings: { currency: 'USD' } }]);
  });

  test('a pasted token names it too, and in the sandbox everything is a test', async () => {
    const host = 'https://connect.squareupsandbox.com';
    answers(host);
    const api = { ...testApi(), hosts: { api: host, auth: host }, account: '' };
    expect(await keys.verify(api)).toMatchObject({ settings: { currency: 'USD', environment: 'sandbox' } });
  });

  test('a token of somebody else is refused by name', async () => {
    answers();
    await expect(keys.verify({ ...testApi(), account: 'ANOTHER' })).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('Apple A Day (MLR4T9WQ0DAYB), but ANOTHER was named'),
    });
  });

  test('a wrong token is unauthorized', async () => {
    nock(HOST)
      .get('/v2/merchants/me')
      .reply(401, { errors: [{ code: 'UNAUTHORIZED', detail: 'This request could not be authorized.' }] });
    await expect(keys.verify(testApi())).rejects.toMatchObject({ kind: 'unauthorized', code: 'CHANNEL_UNAUTHORIZED' });
  });
});

describe('signatures, against the helper of Square’s own package', () => {
  const url = 'https://daybook.example/webhooks/square/application';
  const body = '{"merchant_id":"MLR4T9WQ0DAYB","type":"payment.updated","event_id":"e-1","amount":"12.00 €"}';
  const theirs = (requestBody: string, signatureHeader: string, notificationUrl = url) =>
    WebhooksHelper.verifySignature({ requestBody, signatureHeader, signatureKey: 'k3y', notificationUrl });

  test('what we sign it accepts, and refuses when a byte of body or address differs', async () => {
    const ours = sign(connector.signature, { body: Buffer.from(body), url, at: NOW }, 'k3y');
    expect(await theirs(body, ours)).toBe(true);
    expect(await theirs(`${body} `, ours)).toBe(false);
    expect(await theirs(body, ours, `${url}/`)).toBe(false);
  });

  test('a signature worked out with openssl is accepted by both', async () => {
    // printf '%s' "$url$body" | openssl dgst -sha256 -hmac k3y -binary | base64
    const known = 'Mi93v78eiRi3mDSFcTkHrf8jgacxeyDKTgSdyrQDXAY=';
    expect(await theirs(body, known)).toBe(true);
    const request = { headers: { [connector.signature.header]: known }, body: Buffer.from(body), url, receivedAt: NOW };
    expect(verifySignature(connector.signature, request, ['k3y'])).toBe(true);
  });
});
