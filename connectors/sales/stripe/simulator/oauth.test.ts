import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { APP, authorizeUrl, REDIRECT_URI, type Stand, stand } from './test-support.ts';

describe('connecting to the simulated Stripe', () => {
  let at: Stand;
  const platform = { authorization: `Bearer ${APP.clientSecret}` };
  const token = (form: Record<string, string>, headers: Record<string, string> = platform) =>
    at.call('/oauth/token', { form: `${new URLSearchParams(form)}`, headers });
  const code = async () => new URL(await at.stripe.consent(authorizeUrl(at.stripe.url))).searchParams.get('code') ?? '';
  const exchange = (given: string) => token({ grant_type: 'authorization_code', code: given });

  beforeEach(async () => {
    at = await stand();
  });
  afterEach(() => at.stripe.close());

  test('a consent sends the browser back with code, scope and state; the code names the account', async () => {
    const back = new URL(await at.stripe.consent(authorizeUrl(at.stripe.url)));
    expect(back.origin + back.pathname).toBe(REDIRECT_URI);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ state: 'the-state', scope: 'read_write' });
    const { status, body } = await exchange(back.searchParams.get('code') ?? '');
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^sk_live_/),
        refresh_token: expect.stringMatching(/^rt_/),
        stripe_publishable_key: expect.stringMatching(/^pk_live_/),
        stripe_user_id: at.account,
        token_type: 'bearer',
        scope: 'read_write',
        livemode: true,
      },
    ]);
  });

  test('an application nobody knows and an address nobody registered are never redirected to', async () => {
    const unknown: Record<string, string>[] = [{ client_id: 'ca_other' }, { redirect_uri: 'javascript:alert(1)' }];
    for (const changes of unknown)
      await expect(at.stripe.consent(authorizeUrl(at.stripe.url, changes))).rejects.toThrow('400');
    const strict = await stand({ redirectUris: ['https://daybook.example/other'] });
    await expect(strict.stripe.consent(authorizeUrl(strict.stripe.url))).rejects.toThrow(/redirect URI/);
    await strict.stripe.close();
  });

  test('a scope that is not for this platform goes back as an error', async () => {
    for (const [name, value, error] of [
      ['scope', 'read_only', 'invalid_scope'],
      ['response_type', 'token', 'unsupported_response_type'],
    ] as const) {
      const back = new URL(await at.stripe.consent(authorizeUrl(at.stripe.url, { [name]: value })));
      expect(Object.fromEntries(back.searchParams)).toMatchObject({ error, state: 'the-state' });
    }
  });

  test('a code is worth one exchange, and using it twice takes back what it gave', async () => {
    const given = await code();
    const { access_token: first } = (await exchange(given)).body;
    expect((await at.call('/v1/account', { headers: { authorization: `Bearer ${first}` } })).status).toBe(200);
    const again = await exchange(given);
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
    expect((await at.call('/v1/account', { headers: { authorization: `Bearer ${first}` } })).status).toBe(401);
  });

  test('a code is worth nothing after five minutes, or when it was invented', async () => {
    const given = await code();
    at.clock.now = new Date(at.clock.now.getTime() + 301_000);
    for (const each of [given, 'ac_invented']) expect((await exchange(each)).body.error).toBe('invalid_grant');
  });

  test('the token endpoint wants the platform’s secret and a grant it knows', async () => {
    const wrong = { authorization: 'Bearer sk_live_wrong' };
    expect(await token({ grant_type: 'authorization_code', code: await code() }, wrong)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    const inForm = await token(
      { grant_type: 'authorization_code', code: await code(), client_secret: APP.clientSecret },
      {},
    );
    expect(inForm.status).toBe(200);
    expect((await token({ code: await code() })).body.error).toBe('invalid_request');
    expect((await token({ grant_type: 'authorization_code' })).body.error).toBe('invalid_request');
    expect((await token({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
  });

  test('a refresh token gives another access token beside the one before', async () => {
    const { access_token: first, refresh_token: refresh } = await at.connect();
    const { body } = await token({ grant_type: 'refresh_token', refresh_token: refresh ?? '' });
    expect(body.access_token).not.toBe(first);
    for (const each of [first, body.access_token])
      expect((await at.call('/v1/account', { headers: { authorization: `Bearer ${each}` } })).status).toBe(200);
    const unknown = await token({ grant_type: 'refresh_token', refresh_token: 'rt_never_given' });
    expect([unknown.status, unknown.body.error]).toEqual([400, 'invalid_grant']);
  });

  test('deauthorising ends every token, and cannot be done twice', async () => {
    const { access_token: access } = await at.connect();
    const leave = (changes: Record<string, string> = {}) => {
      const form = `${new URLSearchParams({ client_id: APP.clientId, stripe_user_id: at.account, ...changes })}`;
      return at.call('/oauth/deauthorize', { form, headers: platform });
    };
    expect((await leave({ client_id: 'ca_other' })).status).toBe(401);
    expect((await leave({ stripe_user_id: 'acct_1Nobody' })).status).toBe(401);
    expect((await leave()).body).toEqual({ stripe_user_id: at.account });
    expect((await at.call('/v1/account', { headers: { authorization: `Bearer ${access}` } })).status).toBe(401);
    const acting = { ...platform, 'stripe-account': at.account };
    expect((await at.call('/v1/charges', { headers: acting })).status).toBe(403);
    expect((await leave()).body.error).toBe('invalid_client');
    // The merchant's own key is none of the platform's business.
    expect((await at.call('/v1/account')).status).toBe(200);
  });
});
