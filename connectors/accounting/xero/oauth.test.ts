import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { oauth, SCOPES } from './oauth.ts';
import { API, AUTH, http, NOW, TOKENS } from './test-support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

const app = { clientId: 'CLIENT', clientSecret: 's3cret' };
const hosts = { api: API, auth: AUTH };
const redirectUri = 'https://daybook.example/oauth/xero/callback';
const answer = {
  id_token: 'ignored',
  access_token: 'access-2',
  refresh_token: 'refresh-2',
  expires_in: 1800,
  token_type: 'Bearer',
  scope: 'offline_access openid accounting.invoices',
};

/** A token whose only readable claim ties it to one consent. */
function tokenOf(authEventId: string): string {
  const claims = Buffer.from(JSON.stringify({ authentication_event_id: authEventId })).toString('base64url');
  return `eyJhbGciOiJSUzI1NiJ9.${claims}.signature`;
}

async function failure(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof ConnectorError) return error;
  throw new Error(`No ConnectorError but ${error}`);
}

describe('the consent', () => {
  const request = { app, hosts, redirectUri, state: 'st4te', codeChallenge: 'ch4llenge', fields: {} };

  test('sends the browser to the log-in page with PKCE and the granular scopes', () => {
    const url = new URL(oauth.authorizeUrl(request));
    expect(`${url.origin}${url.pathname}`).toBe('https://login.xero.com/identity/connect/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'CLIENT',
      redirect_uri: redirectUri,
      scope:
        'offline_access openid accounting.invoices accounting.payments accounting.banktransactions ' +
        'accounting.manualjournals accounting.contacts accounting.settings.read',
      state: 'st4te',
      code_challenge: 'ch4llenge',
      code_challenge_method: 'S256',
    });
  });

  test('goes to a configured host instead, so that a stub can be tried', () => {
    const url = oauth.authorizeUrl({ ...request, hosts: { api: API, auth: 'http://127.0.0.1:9001' } });
    expect(url.startsWith('http://127.0.0.1:9001/identity/connect/authorize?')).toBe(true);
  });

  test('a refused consent or a missing code is said plainly', () => {
    const verify = (query: Record<string, string>) => () => oauth.verifyCallback({ query, app, fields: {}, now: NOW });
    expect(verify({ error: 'access_denied' })).toThrow(/did not give access: access_denied/);
    expect(verify({})).toThrow(/without a code/);
    expect(verify({ code: 'c' })).not.toThrow();
  });

  test('the code is exchanged with HTTP Basic and the code verifier', async () => {
    nock(AUTH, { reqheaders: { authorization: `Basic ${Buffer.from('CLIENT:s3cret').toString('base64')}` } })
      .post('/connect/token', {
        grant_type: 'authorization_code',
        code: 'c0de',
        redirect_uri: redirectUri,
        code_verifier: 'v3rifier',
      })
      .reply(200, answer);
    const query = { code: 'c0de' };
    expect(await oauth.exchange({ query, app, hosts, http, redirectUri, codeVerifier: 'v3rifier', now: NOW })).toEqual({
      accessToken: 'access-2',
      accessTokenExpiresAt: '2026-11-21T12:30:00.000Z',
      refreshToken: 'refresh-2',
      refreshTokenExpiresAt: '2027-01-20T12:00:00.000Z',
      scopes: ['offline_access', 'openid', 'accounting.invoices'],
    });
  });
});

describe('the refresh', () => {
  const refresh = () => oauth.refresh({ tokens: TOKENS, app, hosts, http, now: NOW });
  const reply = (status: number, body: unknown, headers = {}) =>
    nock(AUTH)
      .post('/connect/token', { grant_type: 'refresh_token', refresh_token: 'refresh-1' })
      .reply(status, typeof body === 'string' ? body : JSON.stringify(body), headers);

  test('gives the new pair; the refresh token rotates', async () => {
    const { scope: _scope, ...withoutScope } = answer;
    reply(200, withoutScope);
    expect(await refresh()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', scopes: SCOPES });
  });

  test.each([
    ['a spent or withdrawn grant', 400, { error: 'invalid_grant' }, 'unauthorized', 'OAUTH_GRANT_REVOKED', false],
    ['a wrong client secret', 401, { error: 'invalid_client' }, 'rejected', 'OAUTH_APP_REFUSED', false],
    ['a refusal by something in between', 403, '<html>', 'retryable', 'OAUTH_UNAVAILABLE', true],
    ['a fault of the provider', 503, 'busy', 'retryable', 'OAUTH_UNAVAILABLE', true],
    ['a success that cannot be read', 200, '<html>', 'retryable', 'OAUTH_UNAVAILABLE', true],
    [
      'a success without a new refresh token',
      200,
      { access_token: 'a', expires_in: 1 },
      'retryable',
      'OAUTH_UNAVAILABLE',
      true,
    ],
    ['too many calls', 429, '', 'rate_limited', 'BOOKS_RATE_LIMITED', false],
  ])('%s', async (_, status, body, kind, code, ambiguous) => {
    reply(status, body);
    expect(await failure(refresh())).toMatchObject({ kind, code, ambiguous });
  });

  test('without a refresh token nobody is called', async () => {
    const without = { ...TOKENS, refreshToken: null };
    const error = await failure(oauth.refresh({ tokens: without, app, hosts, http, now: NOW }));
    expect(error).toMatchObject({ kind: 'unauthorized', code: 'OAUTH_GRANT_REVOKED' });
  });
});

describe('the organisations of a consent', () => {
  // From the recorded answer of list-tenants (NangoHQ/integration-templates, 24 Apr 2026), and a practice.
  const demo = {
    id: '1b22ca24-7ef1-407b-a40b-31595cc51d55',
    authEventId: '29398389-1728-4766-8f2a-dc6b6e966f9f',
    tenantId: '59712f8f-45a3-4d45-a705-5d0c9748317e',
    tenantType: 'ORGANISATION',
    tenantName: 'Demo Company (Global)',
    createdDateUtc: '2026-04-20T11:47:10.3365440',
    updatedDateUtc: '2026-04-20T16:35:19.5282060',
  };
  const second = {
    ...demo,
    id: 'dcdec7dd-2054-44de-bcea-4573c9657771',
    authEventId: '80dd7b5f-682a-4a15-8e22-6703aa269e58',
    tenantId: '8fecd03b-d211-491a-a3bb-7203920abac7',
    tenantName: 'NangoAPI',
    updatedDateUtc: '2026-04-20T17:28:35.3728250',
  };
  const practice = { ...demo, tenantId: 'practice', tenantType: 'PRACTICE' };
  const accounts = (accessToken: string) =>
    oauth.accounts({ tokens: { ...TOKENS, accessToken }, hosts, http, fields: {}, now: NOW });
  const listed = (query: Record<string, string>, body: unknown) =>
    nock(API).get('/connections').query(query).reply(200, JSON.stringify(body));

  test('are those of this very consent', async () => {
    listed({ authEventId: second.authEventId }, [second]);
    expect(await accounts(tokenOf(second.authEventId))).toEqual([
      {
        account: '8fecd03b-d211-491a-a3bb-7203920abac7',
        label: 'NangoAPI',
        settings: { connectionId: 'dcdec7dd-2054-44de-bcea-4573c9657771' },
      },
    ]);
  });

  test('are all of the user, newest first, when an organisation connected again kept its first consent', async () => {
    const fresh = '0d9f0a0a-7f2f-4e5b-9a51-0f6f5a9e8f11';
    listed({ authEventId: fresh }, []);
    listed({}, [demo, practice, second]);
    const found = await accounts(tokenOf(fresh));
    expect(found.map(({ label }) => label)).toEqual(['NangoAPI', 'Demo Company (Global)']);
  });

  test('are all of the user when the token cannot be read', async () => {
    listed({}, [demo]);
    expect(await accounts('opaque')).toMatchObject([{ account: demo.tenantId }]);
  });

  test('none, or only a practice, is said plainly', async () => {
    listed({}, [practice]);
    expect(await failure(accounts('opaque'))).toMatchObject({ kind: 'rejected', code: 'OAUTH_NO_ACCOUNT' });
  });
});
