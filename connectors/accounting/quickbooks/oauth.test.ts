import { describe, expect, test } from 'vitest';
import type { HttpRequest, TokenSet } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { type Answer, failureOf, fault, handed, json, NOW, REALM, TOKENS } from './test-support.ts';

const oauth = connector.oauth!;
const app = { clientId: 'client', clientSecret: 's/ecret' };
const { hosts } = connector;
const ANSWER = {
  access_token: 'access-2',
  refresh_token: 'refresh-2',
  token_type: 'bearer',
  expires_in: 3600,
  x_refresh_token_expires_in: 8_726_400,
  x_refresh_token_hard_expires_in: 157_680_000,
};

const exchange = (http: ReturnType<typeof handed>, query: Record<string, string> = { code: 'c-1', realmId: REALM }) =>
  oauth.exchange({ query, app, hosts, http: http.api.http, redirectUri: 'https://d/cb', codeVerifier: null, now: NOW });
const refresh = (tokens: TokenSet, ...answers: Answer[]) => {
  const world = handed(...answers);
  return { ...world, refreshed: () => oauth.refresh({ tokens, app, hosts, http: world.api.http, now: NOW }) };
};
const formOf = ({ body }: HttpRequest) => Object.fromEntries(new URLSearchParams(body));

describe('consent', () => {
  const request = { app, redirectUri: 'https://d/cb', state: 'st', codeChallenge: null, fields: {} };

  test('the browser goes to the consent page, asking for accounting only', () => {
    const url = new URL(oauth.authorizeUrl({ ...request, hosts }));
    expect(`${url.origin}${url.pathname}`).toBe('https://appcenter.intuit.com/connect/oauth2');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client',
      response_type: 'code',
      scope: 'com.intuit.quickbooks.accounting',
      redirect_uri: 'https://d/cb',
      state: 'st',
    });
  });

  test('a host of our own serves the page itself', () => {
    const url = oauth.authorizeUrl({ ...request, hosts: { ...hosts, auth: 'http://127.0.0.1:9' } });
    expect(url).toContain('http://127.0.0.1:9/connect/oauth2?');
  });

  test.each<[string, Record<string, string>, string]>([
    ['a refusal', { error: 'access_denied', realmId: REALM }, 'OAUTH_REFUSED'],
    ['no code', { realmId: REALM }, 'OAUTH_CALLBACK_INVALID'],
    ['no company', { code: 'c-1' }, 'OAUTH_CALLBACK_INVALID'],
    ['a company that is no number', { code: 'c-1', realmId: '1/../2' }, 'OAUTH_CALLBACK_INVALID'],
  ])('a callback with %s is refused', async (_, query, code) => {
    const verify = () => oauth.verifyCallback({ query, app, fields: {}, now: NOW });
    expect(await failureOf(verify)).toMatchObject({ kind: 'rejected', code });
  });

  test('the tokens come with the company the callback named, and with the end of the whole chain', async () => {
    const world = handed(json(ANSWER));
    expect(await exchange(world)).toEqual({
      accessToken: 'access-2',
      accessTokenExpiresAt: '2026-11-21T13:00:00.000Z',
      refreshToken: 'refresh-2',
      // A hundred and one days: sooner than the five years of the chain.
      refreshTokenExpiresAt: '2027-03-02T12:00:00.000Z',
      scopes: ['com.intuit.quickbooks.accounting'],
      account: REALM,
    });
    expect(world.asked[0]).toMatchObject({
      method: 'POST',
      url: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
      headers: {
        authorization: `Basic ${Buffer.from('client:s/ecret').toString('base64')}`,
        'x-include-refresh-token-hard-expires-in': 'true',
      },
    });
    expect(formOf(world.asked[0]!)).toEqual({
      grant_type: 'authorization_code',
      code: 'c-1',
      redirect_uri: 'https://d/cb',
    });
  });

  test('the company is read with the token, which proves that the token opens it', async () => {
    const world = handed(json({ CompanyInfo: { CompanyName: "Larry's Bakery", Country: 'US' } }));
    const found = await oauth.accounts({ tokens: TOKENS, hosts, http: world.api.http, fields: {}, now: NOW });
    expect(found).toEqual([{ account: REALM, label: "Larry's Bakery", settings: {} }]);
    expect(world.asked[0]?.url).toContain(`/v3/company/${REALM}/companyinfo/${REALM}?minorversion=75`);
    const foreign = handed(json({}, 403));
    const read = () => oauth.accounts({ tokens: TOKENS, hosts, http: foreign.api.http, fields: {}, now: NOW });
    expect(await failureOf(read)).toMatchObject({ kind: 'unauthorized' });
  });

  test('a consent without a company is refused', async () => {
    const { account: _account, ...tokens } = TOKENS;
    const { api } = handed();
    const read = () => oauth.accounts({ tokens, hosts, http: api.http, fields: {}, now: NOW });
    expect(await failureOf(read)).toMatchObject({ kind: 'rejected', code: 'OAUTH_NO_ACCOUNT' });
  });
});

describe('refreshing', () => {
  test('the pair of the latest answer replaces the old one, and the company stays', async () => {
    const { refreshed, asked } = refresh(TOKENS, json(ANSWER));
    expect(await refreshed()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', account: REALM });
    expect(formOf(asked[0]!)).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-1' });
  });

  test('near the end of the chain it is the chain that ends the token', async () => {
    const { refreshed } = refresh(TOKENS, json({ ...ANSWER, x_refresh_token_hard_expires_in: 86_400 }));
    expect(await refreshed()).toMatchObject({ refreshTokenExpiresAt: '2026-11-22T12:00:00.000Z' });
  });

  test.each<[string, Answer, object]>([
    ['an ended grant', json({ error: 'invalid_grant' }, 400), { kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' }],
    ['a wrong secret', json({ error: 'invalid_client' }, 401), { kind: 'rejected', code: 'OAUTH_APP_REFUSED' }],
    ['a page of some proxy', json('<html>', 403), { kind: 'retryable', code: 'OAUTH_UNAVAILABLE', ambiguous: true }],
    ['a fault of theirs', json({ error: 'server_error' }, 500), { kind: 'retryable', code: 'OAUTH_UNAVAILABLE' }],
    [
      'an unreadable success',
      json('{"access_token":'),
      { kind: 'retryable', code: 'OAUTH_UNAVAILABLE', ambiguous: true },
    ],
    ['half a success', json({ ...ANSWER, refresh_token: undefined }), { kind: 'retryable', code: 'OAUTH_UNAVAILABLE' }],
    ['too many', json({}, 429), { kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', retryAfterMs: 60_000 }],
    [
      'too many, with a time',
      { ...json({}, 429), headers: { 'retry-after': '9' } },
      { kind: 'rate_limited', retryAfterMs: 9_000 },
    ],
  ])('%s', async (_, answer, expected) => {
    const failure = await failureOf(refresh(TOKENS, answer).refreshed);
    expect(failure).toMatchObject(expected);
    expect(failure.message).not.toContain('refresh-1');
  });

  test('without a refresh token a person has to connect again', async () => {
    const { refreshed } = refresh({ ...TOKENS, refreshToken: null });
    expect(await failureOf(refreshed)).toMatchObject({ kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' });
  });
});

test('the words of a refused token are never repeated, because they quote it', async () => {
  const { api } = handed(fault('3200', 'message=AuthenticationFailed', 'Token expired: AB0160SECRET', 401));
  const failure = await failureOf(() => connector.readBooks(api));
  expect(failure).toMatchObject({ kind: 'unauthorized', code: 'BOOKS_TOKEN_EXPIRED' });
  expect(failure.message).not.toContain('AB0160SECRET');
});
