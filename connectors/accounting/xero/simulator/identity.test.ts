import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { APP, authorizeUrl, type Bench, connect, openBench, REDIRECT, SCOPES, tokenCall } from './test-client.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.xero.close());

const refresh = (token: string) => tokenCall(bench.xero, { grant_type: 'refresh_token', refresh_token: token });
const codeOf = (redirect: string) => new URL(redirect).searchParams.get('code') ?? '';
const exchange = (code: string, more: Record<string, string> = {}) =>
  tokenCall(bench.xero, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...more });

describe('the consent page', () => {
  test('lets the person tick organisations and sends code and state back', async () => {
    const url = authorizeUrl(bench.xero);
    const page = await (await fetch(url)).text();
    expect(page).toContain('Harbour &amp; Pine Ltd');
    expect(page).toContain('Pine Coast Inc');
    const form = new URLSearchParams({ decision: 'allow', organisation: bench.american });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(url, { method: 'POST', headers, body: form.toString(), redirect: 'manual' });
    const redirect = new URL(answer.headers.get('location') ?? '');
    expect(`${redirect.origin}${redirect.pathname}`).toBe(REDIRECT);
    expect(redirect.searchParams.get('state')).toBe('s1');
    expect((await exchange(codeOf(redirect.href))).status).toBe(200);
  });

  test('sends access_denied back when the person cancels', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', headers, body: 'decision=deny', redirect: 'manual' as const };
    const answer = await fetch(authorizeUrl(bench.xero), init);
    expect(answer.headers.get('location')).toBe(`${REDIRECT}?error=access_denied&state=s1`);
  });

  test.each([
    ['a broad scope', 'openid offline_access accounting.transactions'],
    ['offline_access without openid', 'offline_access accounting.invoices'],
  ])('refuses %s with invalid_scope', async (_what, scope) => {
    const redirect = new URL(await bench.xero.consent(authorizeUrl(bench.xero, { scope })));
    expect(redirect.searchParams.get('error')).toBe('invalid_scope');
  });

  test('shows an error page for an app it does not know, and sends nobody anywhere', async () => {
    const answer = await fetch(authorizeUrl(bench.xero, { client_id: 'stranger' }), { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('unauthorized_client');
  });
});

describe('the token endpoint', () => {
  test('takes a code once', async () => {
    const code = codeOf(await bench.xero.consent(authorizeUrl(bench.xero)));
    const first = await exchange(code);
    expect(first.body).toMatchObject({ expires_in: 1800, token_type: 'Bearer', scope: SCOPES });
    const second = await exchange(code);
    expect([second.status, second.body]).toEqual([400, { error: 'invalid_grant' }]);
  });

  test('takes a code for five minutes, and only with the redirect URI it was made for', async () => {
    const wrong = codeOf(await bench.xero.consent(authorizeUrl(bench.xero)));
    expect((await exchange(wrong, { redirect_uri: 'http://127.0.0.1:4000/else' })).body.error).toBe('invalid_grant');
    const late = codeOf(await bench.xero.consent(authorizeUrl(bench.xero)));
    bench.clock.now += 5 * MINUTE;
    expect((await exchange(late)).body.error).toBe('invalid_grant');
  });

  test('asks for the verifier of the challenge', async () => {
    const challenge = createHash('sha256').update('verifier-1').digest('base64url');
    const url = authorizeUrl(bench.xero, { code_challenge: challenge, code_challenge_method: 'S256' });
    expect((await exchange(codeOf(await bench.xero.consent(url)), { code_verifier: 'other' })).status).toBe(400);
    expect((await exchange(codeOf(await bench.xero.consent(url)))).status).toBe(400);
    expect((await exchange(codeOf(await bench.xero.consent(url)), { code_verifier: 'verifier-1' })).status).toBe(200);
  });

  test('refuses a wrong client secret', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: bench.refreshToken };
    const answer = await tokenCall(bench.xero, form, { ...APP, clientSecret: 'wrong' });
    expect([answer.status, answer.body]).toEqual([400, { error: 'invalid_client' }]);
  });

  test('gives no refresh token without offline_access', async () => {
    expect((await connect(bench.xero, 'openid accounting.invoices')).body.refresh_token).toBeUndefined();
  });

  test('rotates the refresh token; the old one works for 30 minutes more, then never again', async () => {
    const first = await refresh(bench.refreshToken);
    expect(first.body.refresh_token).not.toBe(bench.refreshToken);
    bench.clock.now += 29 * MINUTE;
    expect((await refresh(bench.refreshToken)).status).toBe(200);
    bench.clock.now += MINUTE;
    expect((await refresh(bench.refreshToken)).body.error).toBe('invalid_grant');
    expect((await refresh(first.body.refresh_token)).status).toBe(200);
  });

  test('can be told to give no grace', async () => {
    const strict = await openBench({ lifetimes: { graceMs: 0 } });
    const again = () => tokenCall(strict.xero, { grant_type: 'refresh_token', refresh_token: strict.refreshToken });
    expect([(await again()).status, (await again()).status]).toEqual([200, 400]);
    await strict.xero.close();
  });

  test('lets a refresh token live 60 days from its own issue', async () => {
    bench.clock.now += 59 * DAY;
    const slid = await refresh(bench.refreshToken);
    expect(slid.status).toBe(200);
    bench.clock.now += 59 * DAY;
    const next = await refresh(slid.body.refresh_token);
    expect(next.status).toBe(200);
    bench.clock.now += 60 * DAY;
    expect((await refresh(next.body.refresh_token)).body.error).toBe('invalid_grant');
  });
});

describe('access', () => {
  test('ends after 30 minutes with TokenExpired', async () => {
    bench.clock.now += 30 * MINUTE - 1;
    expect((await bench.call('GET', '/Organisation')).status).toBe(200);
    bench.clock.now += 1;
    const answer = await bench.call('GET', '/Organisation');
    expect(answer.status).toBe(401);
    expect(answer.body.Detail).toMatch(/^TokenExpired/);
  });

  test('is refused to a token that Xero did not sign', async () => {
    const [head, claims] = bench.token.split('.');
    for (const token of ['nonsense', `${head}.${claims}.c2lnbmVk`, '']) {
      expect((await bench.call('GET', '/Organisation', { token })).status).toBe(401);
    }
  });

  test('is refused per endpoint where the scope is missing', async () => {
    const { access_token: token } = (await connect(bench.xero, 'openid accounting.settings.read')).body;
    expect((await bench.call('GET', '/Accounts', { token })).status).toBe(200);
    for (const path of ['/Invoices', '/Payments', '/Contacts', '/CreditNotes']) {
      const answer = await bench.call('GET', path, { token });
      expect([path, answer.status, answer.body.Detail]).toEqual([path, 401, 'AuthorizationUnsuccessful']);
      expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
    }
  });

  test('with a reading scope does not write', async () => {
    const { access_token: token } = (await connect(bench.xero, 'openid accounting.invoices.read')).body;
    expect((await bench.call('GET', '/Invoices', { token })).status).toBe(200);
    expect((await bench.invoice({}, { token })).status).toBe(401);
    expect(bench.xero.documents(bench.british)).toEqual([]);
  });

  test('is forbidden to an organisation that is not connected, or was disconnected', async () => {
    const stranger = await bench.call('GET', '/Organisation', { tenant: '00000000-0000-4000-a000-000000000000' });
    expect([stranger.status, stranger.body.Detail]).toEqual([403, 'AuthenticationUnsuccessful']);
    bench.xero.revoke(bench.british);
    expect((await bench.call('GET', '/Organisation')).status).toBe(403);
    expect((await bench.call('GET', '/Organisation', { tenant: bench.american })).status).toBe(200);
  });
});

describe('connections', () => {
  test('list every organisation behind the consent and can be deleted one by one', async () => {
    const rows = (await bench.call('GET', '/connections')).body;
    expect(rows.map((row: { tenantName: string }) => row.tenantName)).toEqual(['Harbour & Pine Ltd', 'Pine Coast Inc']);
    expect(rows[0]).toMatchObject({ tenantId: bench.british, tenantType: 'ORGANISATION' });
    expect(rows[0].createdDateUtc).toBe('2026-11-21T12:00:00.0000000');
    expect((await bench.call('DELETE', `/connections/${rows[0].id}`)).status).toBe(204);
    expect((await bench.call('GET', '/Organisation')).status).toBe(403);
    expect((await bench.call('DELETE', `/connections/${rows[0].id}`)).status).toBe(404);
  });

  test('keep the event of the first consent when an organisation is authorised again', async () => {
    const before = (await bench.call('GET', '/connections')).body;
    bench.clock.now += MINUTE;
    const token = (await connect(bench.xero)).body.access_token;
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    const after = (await bench.call('GET', '/connections', { token })).body;
    const events = (rows: { authEventId: string }[]) => rows.map(({ authEventId }) => authEventId);
    expect(events(after)).toEqual(events(before));
    expect(after[0].updatedDateUtc).toBe('2026-11-21T12:01:00.0000000');
    const own = await bench.call('GET', `/connections?authEventId=${claims.authentication_event_id}`, { token });
    expect(own.body).toEqual([]);
  });

  test('all end when the refresh token is revoked, and with them every token', async () => {
    const basic = Buffer.from(`${APP.clientId}:${APP.clientSecret}`).toString('base64');
    const answer = await fetch(`${bench.xero.url}/connect/revocation`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${bench.refreshToken}`,
    });
    expect(answer.status).toBe(200);
    expect((await bench.call('GET', '/Organisation')).status).toBe(401);
    expect((await refresh(bench.refreshToken)).body.error).toBe('invalid_grant');
    const token = (await connect(bench.xero)).body.access_token;
    expect((await bench.call('GET', '/Organisation', { token })).status).toBe(200);
  });
});
