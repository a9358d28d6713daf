import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  APP,
  authorizeUrl,
  type Bench,
  connect,
  NOON,
  openBench,
  REDIRECT,
  type Reply,
  tokenCall,
} from './test-client.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.qbo.close());

const redirected = async (more: Record<string, string> = {}, account?: string) =>
  Object.fromEntries(new URL(await bench.qbo.consent(authorizeUrl(bench.qbo, more), account)).searchParams);
const exchange = (code: string, more: Record<string, string> = {}) =>
  tokenCall(bench.qbo, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...more });
const refresh = (token: string, headers: Record<string, string> = {}) =>
  tokenCall(bench.qbo, { grant_type: 'refresh_token', refresh_token: token }, { headers });
const read = (token: string, realm = bench.harbor) => bench.call('GET', `/companyinfo/${realm}`, { realm, token });

describe('a consent', () => {
  test('is for one company: the callback names it, the token opens that one and no other', async () => {
    const back = await redirected({}, bench.nimbus);
    expect(back).toMatchObject({ state: 's1', realmId: bench.nimbus });
    const token = (await exchange(back.code ?? '')).body.access_token;
    expect((await read(token, bench.nimbus)).body.CompanyInfo.CompanyName).toBe('Nimbus Books');
    const other = await read(token, bench.british);
    expect(other.status).toBe(403);
    expect(other.body.fault.error[0]).toMatchObject({
      message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
      code: '3100',
    });
  });

  test('takes the next company that is not connected, or the one the address names', async () => {
    const fresh = await openBench();
    const names = new Map(fresh.qbo.accounts.map(({ account, label }) => [account, label]));
    for (const { account } of fresh.qbo.accounts) fresh.qbo.disconnect(account);
    const picked = [];
    for (let step = 0; step < 4; step += 1) {
      const back = new URL(await fresh.qbo.consent(authorizeUrl(fresh.qbo)));
      picked.push(names.get(back.searchParams.get('realmId') ?? ''));
    }
    expect(picked).toEqual(['Harbor Café Books', 'Nimbus Books', 'Harbour & Pine Books Ltd', 'Harbor Café Books']);
    const named = new URL(await fresh.qbo.consent(authorizeUrl(fresh.qbo, { realm: fresh.british })));
    expect(named.searchParams.get('realmId')).toBe(fresh.british);
    await expect(fresh.qbo.consent(authorizeUrl(fresh.qbo), '12')).rejects.toThrow('no company 12');
    await fresh.qbo.close();
  });

  test('again for the same company ends the earlier one', async () => {
    expect((await connect(bench.qbo, bench.harbor)).status).toBe(200);
    expect((await read(bench.tokens[bench.harbor]!)).status).toBe(401);
    expect((await refresh(bench.refreshTokens[bench.harbor]!)).body.error).toBe('invalid_grant');
    expect((await read(bench.tokens[bench.nimbus]!, bench.nimbus)).status).toBe(200);
  });

  test('can be refused on the page, where the administrator sees the companies', async () => {
    const page = await fetch(authorizeUrl(bench.qbo));
    expect(await page.text()).toContain('Harbour &amp; Pine Books Ltd');
    const answer = (decision: string, company: string) =>
      fetch(authorizeUrl(bench.qbo), {
        method: 'POST',
        body: new URLSearchParams({ decision, company }),
        redirect: 'manual',
      });
    const denied = await answer('deny', bench.harbor);
    expect(denied.headers.get('location')).toBe(`${REDIRECT}?error=access_denied&state=s1`);
    const allowed = new URL((await answer('connect', bench.british)).headers.get('location') ?? '');
    expect(allowed.searchParams.get('realmId')).toBe(bench.british);
  });

  test('needs a known app, an address to go back to, a state, and the scope', async () => {
    await expect(redirected({ client_id: 'other' })).rejects.toThrow('client_id');
    await expect(redirected({ redirect_uri: 'nowhere' })).rejects.toThrow('redirect_uri');
    await expect(redirected({ state: '' })).rejects.toThrow('state');
    expect(await redirected({ scope: 'openid' })).toMatchObject({ error: 'invalid_scope', state: 's1' });
    expect(await redirected({ response_type: 'token' })).toMatchObject({ error: 'unsupported_response_type' });
    expect((await fetch(authorizeUrl(bench.qbo, { client_id: 'other' }))).status).toBe(400);
  });
});

describe('tokens', () => {
  test('last an hour, and a hundred days; the end of the chain is told when it is asked for', async () => {
    const { code = '' } = await redirected({}, bench.harbor);
    const { body } = await exchange(code);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 3600, x_refresh_token_expires_in: 8_640_000 });
    expect(body).not.toHaveProperty('x_refresh_token_hard_expires_in');
    bench.clock.now += 10 * DAY;
    const asked = await refresh(body.refresh_token, { 'x-include-refresh-token-hard-expires-in': 'true' });
    expect(asked.body.x_refresh_token_hard_expires_in).toBe((5 * 365 - 10) * 86_400);
  });

  test('a code is worth one exchange, for five minutes, at the same address, by the app', async () => {
    const { code = '' } = await redirected({}, bench.harbor);
    expect((await exchange(code, { redirect_uri: 'https://other.example' })).body.error).toBe('invalid_grant');
    expect((await exchange(code)).body.error, 'a code that was tried is spent').toBe('invalid_grant');
    const again = (await redirected({}, bench.harbor)).code ?? '';
    expect((await exchange(again)).status).toBe(200);
    expect((await exchange(again)).body.error).toBe('invalid_grant');
    const late = (await redirected({}, bench.harbor)).code ?? '';
    bench.clock.now += 5 * 60_000;
    expect((await exchange(late)).body.error).toBe('invalid_grant');
  });

  test('only the app gets tokens, and only for the two grants', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: bench.refreshTokens[bench.harbor]! };
    const wrong = await tokenCall(bench.qbo, form, { app: { ...APP, clientSecret: 'guessed' } });
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
    const password = await tokenCall(bench.qbo, { grant_type: 'password' });
    expect([password.status, password.body.error]).toEqual([400, 'unsupported_grant_type']);
  });

  test('an access token is refused after its hour in the envelope of the gateway', async () => {
    const token = bench.tokens[bench.harbor]!;
    bench.clock.now += HOUR - 1;
    expect((await read(token)).status).toBe(200);
    bench.clock.now += 1;
    const expired = await read(token);
    expect(expired.status).toBe(401);
    expect(expired.headers.get('www-authenticate')).toBe('Bearer realm="Intuit", error="invalid_token"');
    expect(expired.body.fault).toEqual({
      error: [
        {
          message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
          detail: `Token expired: ${token}`,
          code: '3200',
          element: null,
        },
      ],
      type: 'AUTHENTICATION',
    });
    expect((await read('never-given')).status).toBe(401);
    expect((await read(`${token.split('.')[0]}.forged`)).status).toBe(401);
  });

  test('a refresh token keeps its value for a day; then the former one works until the newer one was used', async () => {
    const first = bench.refreshTokens[bench.harbor]!;
    const value = (answer: Reply) => answer.body.refresh_token;
    bench.clock.now += DAY - 1;
    expect(value(await refresh(first))).toBe(first);
    bench.clock.now += 1;
    const second = value(await refresh(first));
    expect(second).not.toBe(first);
    // The answer was lost: the former value leads to the same newer one.
    expect(value(await refresh(first))).toBe(second);
    expect(value(await refresh(second))).toBe(second);
    expect((await refresh(first)).body.error).toBe('invalid_grant');
  });

  test('a refresh token dies after a hundred days without use, and the chain after five years whatever is done', async () => {
    let token: string = bench.refreshTokens[bench.harbor]!;
    const forgotten = bench.refreshTokens[bench.nimbus]!;
    bench.clock.now += 100 * DAY;
    expect((await refresh(forgotten)).body.error).toBe('invalid_grant');
    bench.clock.now = NOON;
    // 18 × 99 days are 1782 of the 1825.
    for (let step = 0; step < 18; step += 1) {
      bench.clock.now += 99 * DAY;
      const answer = await refresh(token);
      expect(answer.status).toBe(200);
      token = answer.body.refresh_token;
    }
    bench.clock.now += 43 * DAY - 1;
    expect((await refresh(token)).status).toBe(200);
    bench.clock.now += 1;
    expect((await refresh(token)).body.error).toBe('invalid_grant');
  });
});

describe('revoking', () => {
  const revoke = (body: string, type: string, secret = APP.clientSecret) =>
    fetch(`${bench.qbo.url}/v2/oauth2/tokens/revoke`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${APP.clientId}:${secret}`).toString('base64')}`,
        'content-type': type,
      },
      body,
    });

  test('either token ends the consent, sent as JSON or as a form', async () => {
    const [access, renewing] = [bench.tokens[bench.harbor]!, bench.refreshTokens[bench.nimbus]!];
    expect((await revoke(JSON.stringify({ token: access }), 'application/json')).status).toBe(200);
    expect((await read(access)).status).toBe(401);
    expect((await refresh(bench.refreshTokens[bench.harbor]!)).body.error).toBe('invalid_grant');
    expect((await revoke(`token=${renewing}`, 'application/x-www-form-urlencoded')).status).toBe(200);
    expect((await read(bench.tokens[bench.nimbus]!, bench.nimbus)).status).toBe(401);
  });

  test('needs the app and a token that lives', async () => {
    const known = JSON.stringify({ token: bench.refreshTokens[bench.harbor] });
    expect((await revoke(known, 'application/json', 'guessed')).status).toBe(401);
    expect((await revoke('{"token":"never-given"}', 'application/json')).status).toBe(400);
    expect((await revoke('{', 'application/json')).status).toBe(400);
    expect((await read(bench.tokens[bench.harbor]!)).status).toBe(200);
  });
});
