import { describe, expect, test } from 'vitest';
import type { TokenSet } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { type Answer, failureOf, handed, items, json, NOW, TOKENS } from './test-support.ts';

const oauth = connector.oauth!;
const app = { clientId: 'client-1', clientSecret: 'secret-1' };
const redirectUri = 'https://daybook.example/oauth/callback';
const AUTH = connector.hosts.auth;
const answer = {
  access_token: 'access-2',
  token_type: 'bearer',
  expires_in: 300,
  refresh_token: 'refresh-2',
  refresh_token_expires_in: 2_678_400,
  scope: 'full_access',
};

function asked(...answers: Answer[]) {
  const { api, asked: requests } = handed(...answers);
  return { requests, rest: { app, hosts: connector.hosts, http: api.http, now: NOW } };
}

const refresh = (tokens: TokenSet, ...answers: Answer[]) => oauth.refresh({ tokens, ...asked(...answers).rest });

describe('the consent page', () => {
  const at = (auth: string) =>
    oauth.authorizeUrl({
      app,
      hosts: { ...connector.hosts, auth },
      redirectUri,
      state: 's-1',
      codeChallenge: null,
      fields: {},
    });

  test('is on the provider’s log-in host, the tokens on another', () => {
    const url = new URL(at(AUTH));
    expect(url.origin + url.pathname).toBe('https://www.sageone.com/oauth2/auth/central');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      filter: 'apiv3.1',
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: redirectUri,
      scope: 'full_access',
      state: 's-1',
    });
  });

  test('is on the same host where that was replaced', () => {
    expect(at('http://127.0.0.1:9')).toMatch(/^http:\/\/127\.0\.0\.1:9\/oauth2\/auth\/central\?filter=apiv3\.1&/);
  });
});

describe('tokens', () => {
  test('are asked for with id and secret in the form, and live five minutes and 31 days', async () => {
    const { requests, rest } = asked(json(answer));
    const tokens = await oauth.exchange({ ...rest, query: { code: 'GB/abc' }, redirectUri, codeVerifier: null });
    expect(tokens).toEqual({
      accessToken: 'access-2',
      accessTokenExpiresAt: '2026-11-21T12:05:00.000Z',
      refreshToken: 'refresh-2',
      refreshTokenExpiresAt: '2026-12-22T12:00:00.000Z',
      scopes: ['full_access'],
    });
    expect(requests[0]).toMatchObject({ method: 'POST', url: 'https://oauth.accounting.sage.com/token' });
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      client_id: 'client-1',
      client_secret: 'secret-1',
      grant_type: 'authorization_code',
      code: 'GB/abc',
      redirect_uri: redirectUri,
    });
  });

  test('are renewed with the refresh token, which is another one afterwards', async () => {
    const { requests, rest } = asked(json(answer));
    const tokens = await oauth.refresh({ tokens: TOKENS, ...rest });
    expect(tokens.refreshToken).toBe('refresh-2');
    expect(new URLSearchParams(requests[0]?.body).get('refresh_token')).toBe('refresh-1');
  });

  test.each<[string, Answer, object]>([
    [
      'a spent or revoked grant',
      json({ error: 'invalid_grant' }, 400),
      { kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' },
    ],
    ['a wrong secret', json({ error: 'invalid_client' }, 401), { kind: 'rejected', code: 'OAUTH_APP_REFUSED' }],
    [
      'trouble, which may have spent the token',
      { status: 503, text: '<html>' },
      { kind: 'retryable', code: 'OAUTH_UNAVAILABLE', ambiguous: true },
    ],
    ['a proxy’s refusal', { status: 403, text: '' }, { kind: 'retryable', code: 'OAUTH_UNAVAILABLE' }],
    ['an answer without a token', json({ access_token: 'a' }), { kind: 'retryable', ambiguous: true }],
    ['too many', { status: 429, headers: { 'retry-after': '9' } }, { kind: 'rate_limited', retryAfterMs: 9_000 }],
  ])('%s', async (_, given, failure) => {
    expect(await failureOf(() => refresh(TOKENS, given))).toMatchObject(failure);
  });

  test('cannot be renewed without a refresh token', async () => {
    const failure = await failureOf(() => refresh({ ...TOKENS, refreshToken: null }));
    expect(failure).toMatchObject({ kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' });
  });
});

describe('the businesses of a user', () => {
  const accounts = (...answers: Answer[]) => oauth.accounts({ tokens: TOKENS, fields: {}, ...asked(...answers).rest });

  test('are all offered', async () => {
    const found = await accounts(items({ id: 'b1', displayed_as: 'Books Ltd' }, { id: 'b2', displayed_as: null }));
    expect(found).toEqual([
      { account: 'b1', label: 'Books Ltd', settings: {} },
      { account: 'b2', label: 'b2', settings: {} },
    ]);
  });

  test('may be none', async () => {
    expect(await failureOf(() => accounts(items()))).toMatchObject({ kind: 'rejected', code: 'OAUTH_NO_ACCOUNT' });
  });

  test('are not shown to a token that died', async () => {
    const failure = await failureOf(() => accounts(json([], 401)));
    expect(failure).toMatchObject({ kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' });
  });
});

test('a callback says why it brings no code', async () => {
  const verify = (query: Record<string, string>) =>
    failureOf(() => oauth.verifyCallback({ query, app, fields: {}, now: NOW }));
  expect(await verify({ error: 'access_denied' })).toMatchObject({ code: 'OAUTH_REFUSED' });
  expect(await verify({})).toMatchObject({ code: 'OAUTH_CALLBACK_INVALID' });
});
