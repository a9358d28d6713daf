import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  authorizeUrl,
  type Bench,
  codeFor,
  openBench,
  REDIRECT,
  reply,
  temporaryFile,
  tokenCall,
} from './test-client.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.sage.close());

const exchange = (code: string, more: Record<string, string> = {}) =>
  tokenCall(bench.sage, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...more });
const refresh = (token: string) => tokenCall(bench.sage, { grant_type: 'refresh_token', refresh_token: token });
const MINUTE = 60_000;

describe('a code', () => {
  test('works once', async () => {
    const code = await codeFor(bench.sage);
    expect(await exchange(code)).toMatchObject({
      status: 200,
      body: { token_type: 'bearer', expires_in: 300, refresh_token_expires_in: 2_678_400 },
    });
    expect(await exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('lives a minute, and for the very same address', async () => {
    const late = await codeFor(bench.sage);
    bench.clock.now += MINUTE;
    expect(await exchange(late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const other = await exchange(await codeFor(bench.sage), { redirect_uri: REDIRECT.toUpperCase() });
    expect(other).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('is worth nothing to another application', async () => {
    const wrong = await exchange(await codeFor(bench.sage), { client_secret: 'another' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

describe('tokens', () => {
  test('last five minutes', async () => {
    bench.clock.now += 5 * MINUTE - 1;
    expect((await bench.call('GET', '/financial_settings')).status).toBe(200);
    bench.clock.now += 1;
    const late = await bench.call('GET', '/financial_settings');
    expect(late.status).toBe(401);
    expect(late.body).toMatchObject([{ $severity: 'error', $dataCode: 'AuthorizationFailure' }]);
  });

  test('a refresh kills the refresh token it used at once', async () => {
    const first = await refresh(bench.refreshToken);
    expect(first.status).toBe(200);
    expect(await refresh(bench.refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await refresh(first.body.refresh_token)).status).toBe(200);
  });

  test('an idle connection dies after 31 days', async () => {
    bench.clock.now += 31 * 24 * 60 * MINUTE;
    expect((await refresh(bench.refreshToken)).status).toBe(400);
  });

  test('are all dead when the user withdraws the consent', async () => {
    bench.sage.revoke();
    expect((await bench.call('GET', '/financial_settings')).status).toBe(401);
    expect((await refresh(bench.refreshToken)).status).toBe(400);
  });

  test('live on when the process is killed and started again', async () => {
    const stateFile = temporaryFile();
    const before = await openBench({ stateFile });
    await before.sage.close();
    const after = await openBench({ stateFile });
    expect((await after.call('GET', '/financial_settings', { token: before.token })).status).toBe(200);
    const form = { grant_type: 'refresh_token', refresh_token: before.refreshToken };
    expect((await tokenCall(after.sage, form)).status).toBe(200);
    await after.sage.close();
  });
});

describe('the consent page', () => {
  test('shows the businesses, and sends the answer back', async () => {
    const page = await reply(await fetch(authorizeUrl(bench.sage)));
    expect(page.text).toContain('Daybook Books Ltd');
    const post = (decision: string) =>
      fetch(authorizeUrl(bench.sage), { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' });
    expect((await post('allow')).headers.get('location')).toMatch(/callback\?code=GB%2F.+&country=GB&state=s1$/);
    expect((await post('deny')).headers.get('location')).toBe(`${REDIRECT}?error=access_denied&state=s1`);
  });

  test('refuses what is wrong: to the person where the address cannot be trusted, else back to it', async () => {
    await expect(bench.sage.consent(authorizeUrl(bench.sage, { client_id: 'x' }))).rejects.toThrow('client_id');
    expect(await bench.sage.consent(authorizeUrl(bench.sage, { scope: 'all' }))).toContain('error=invalid_scope');
    expect(await bench.sage.consent(authorizeUrl(bench.sage, { filter: 'apiv3' }))).toContain('error=invalid_request');
  });
});

describe('businesses', () => {
  test('are listed without naming one, and each says its plan', async () => {
    const list = await bench.call('GET', '/businesses', { business: '' });
    expect(list.body.$items.map((each: { displayed_as: string }) => each.displayed_as)).toEqual([
      'Daybook Books Ltd',
      'Daybook Trading Ltd',
    ]);
    expect(list.headers.get('x-business')).toBeNull();
    const one = await bench.call('GET', `/businesses/${bench.trading}`, { business: '' });
    expect(one.body).toMatchObject({ country: { id: 'GB' }, subscriptions: [{ id: 'ACCOUNTING_PLUS' }] });
  });

  test('are picked by the header, which the answer repeats; without it the lead one is meant', async () => {
    const asked = async (business: string) =>
      (await bench.call('GET', '/financial_settings', { business })).headers.get('x-business');
    expect(await asked(bench.trading)).toBe(bench.trading);
    expect(await asked('')).toBe(bench.books);
    expect((await bench.call('GET', '/financial_settings', { business: 'f'.repeat(32) })).status).toBe(404);
  });

  test('without a subscription answer nothing', async () => {
    bench.sage.suspend(bench.books, true);
    const { status, body } = await bench.call('GET', '/financial_settings');
    expect([status, body[0].$message]).toEqual([401, 'No active subscription. (MSE)']);
    expect((await bench.call('GET', '/financial_settings', { business: bench.trading })).status).toBe(200);
  });
});
