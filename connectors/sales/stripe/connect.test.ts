import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { WebhookTarget } from '../../kit/contract.ts';
import { sign, verifySignature } from '../../kit/signature.ts';
import { API_VERSION } from './client.ts';
import { connector } from './connector.ts';
import { keys, oauth } from './oauth.ts';
import { list, made, stubbed } from './test-support.ts';
import { TOPICS } from './webhooks.ts';

const app = { clientId: 'ca_1', clientSecret: 'sk_live_platform' };
const account = {
  id: 'acct_1',
  object: 'account',
  business_profile: { name: 'Mugs' },
  settings: { dashboard: { display_name: 'Mugs Ltd' } },
};

describe('signatures', () => {
  const secret = 'whsec_dGhlIHNlY3JldA';
  const body = JSON.stringify(made.charge());
  const at = new Date('2026-11-21T10:00:00Z');
  const timestamp = at.getTime() / 1_000;
  const { webhooks } = new Stripe('sk_test_1');
  const request = (header: string, text = body) => ({
    headers: { 'stripe-signature': header },
    body: Buffer.from(text),
    url: 'https://daybook.example/webhooks/stripe/1',
    receivedAt: at,
  });

  test('what the provider’s package signs is valid here', () => {
    const header = webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
    expect(verifySignature(connector.signature, request(header), [secret])).toBe(true);
    expect(verifySignature(connector.signature, request(header, `${body} `), [secret])).toBe(false);
    expect(verifySignature(connector.signature, request(header), ['whsec_another'])).toBe(false);
  });

  test('what is signed here is valid for the provider’s package', () => {
    const header = sign(connector.signature, { body: Buffer.from(body), url: '', at }, secret);
    const event = webhooks.constructEvent(body, header, secret, 300, undefined, at.getTime());
    expect(event).toEqual(JSON.parse(body));
  });

  test('the whole secret is the key, several signatures may be listed, and v0 counts for nothing', () => {
    const header = webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
    const [time, v1] = header.split(',');
    expect(verifySignature(connector.signature, request(`${time},v1=00ff,${v1}`), [secret])).toBe(true);
    expect(verifySignature(connector.signature, request(`${time},${v1?.replace('v1', 'v0')}`), [secret])).toBe(false);
    expect(verifySignature(connector.signature, request(header), [secret.replace('whsec_', '')])).toBe(false);
  });
});

describe('the header of a delivery', () => {
  const header = (event: object) => connector.header({}, Buffer.from(JSON.stringify(event)));

  test('is in the body: type, id, the connected account, the time', () => {
    const event = { id: 'evt_1', object: 'event', type: 'charge.succeeded', account: 'acct_9', created: 1_794_304_800 };
    expect(header(event)).toEqual({
      topic: 'charge.succeeded',
      eventId: 'evt_1',
      account: 'acct_9',
      triggeredAt: '2026-11-10T10:00:00Z',
    });
    expect(header({ ...event, account: undefined })).toMatchObject({ account: null });
  });

  test('of a thin event names the account as its context', () => {
    const event = {
      id: 'evt_2',
      object: 'v2.core.event',
      type: 'v1.charge.succeeded',
      context: 'acct_9',
      created: '2026-11-10T10:00:00.000Z',
    };
    expect(header(event)).toEqual({
      topic: 'charge.succeeded',
      eventId: 'evt_2',
      account: 'acct_9',
      triggeredAt: '2026-11-10T10:00:00.000Z',
    });
  });

  test.for([{ id: 'evt_1' }, { type: 'charge.succeeded' }, {}, [], null])('%j is none', (body) => {
    expect(() => header(body as object)).toThrow(/no (type|id)/);
  });
});

describe('consent', () => {
  const exchange = (answer: unknown) => {
    const { api, asked } = stubbed({ 'POST /oauth/token': answer });
    const { http, hosts } = api;
    const tokens = oauth.exchange({
      query: { code: 'ac_1' },
      app,
      hosts,
      http,
      redirectUri: '',
      codeVerifier: null,
      now: api.now(),
    });
    return { tokens, asked };
  };

  test('sends the seller to Connect with our state', () => {
    const { hosts } = stubbed({}).api;
    const url = oauth.authorizeUrl({
      app,
      hosts,
      redirectUri: 'https://daybook.example/cb',
      state: 's 1',
      codeChallenge: null,
      fields: {},
    });
    expect(url).toBe(
      'https://connect.stripe.com/oauth/authorize?response_type=code&client_id=ca_1&scope=read_write' +
        '&redirect_uri=https%3A%2F%2Fdaybook.example%2Fcb&state=s+1',
    );
  });

  test('the code is exchanged with the platform’s key for a token that does not expire', async () => {
    const answer = {
      access_token: 'sk_live_seller',
      scope: 'read_write',
      livemode: true,
      stripe_user_id: 'acct_1',
      refresh_token: 'rt_1',
    };
    const { tokens, asked } = exchange(answer);
    expect(await tokens).toEqual({
      accessToken: 'sk_live_seller',
      accessTokenExpiresAt: null,
      refreshToken: null,
      refreshTokenExpiresAt: null,
      scopes: ['read_write'],
    });
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: 'ac_1',
      client_secret: 'sk_live_platform',
    });
  });

  test.for([
    [
      { status: 400, text: '{"error":"invalid_grant","error_description":"Authorization code does not exist"}' },
      { kind: 'rejected', code: 'OAUTH_REFUSED', message: expect.stringMatching(/does not exist/) },
    ],
    [
      { status: 200, text: '<html>' },
      { kind: 'retryable', code: 'OAUTH_UNAVAILABLE' },
    ],
    [{ status: 200, text: '{}' }, { kind: 'retryable' }],
    [{ status: 429, text: '{}' }, { kind: 'rate_limited' }],
    [{ status: 500, text: '' }, { kind: 'retryable' }],
  ] as const)('an exchange answered %j', async ([answer, expected]) => {
    await expect(exchange(answer).tokens).rejects.toMatchObject(expected);
  });

  test('names the account behind the token, and lets it look things up', async () => {
    const { api, asked } = stubbed({ 'GET /v1/account': account });
    const tokens = {
      accessToken: 'sk_live_seller',
      accessTokenExpiresAt: null,
      refreshToken: null,
      refreshTokenExpiresAt: null,
      scopes: [],
    };
    const { http, hosts } = api;
    expect(await oauth.accounts({ tokens, http, hosts, fields: {}, now: api.now() })).toEqual([
      { account: 'acct_1', label: 'Mugs Ltd', settings: { account: 'acct_1', lookups: 'on', livemode: 'true' } },
    ]);
    expect(asked[0]?.headers.authorization).toBe('Bearer sk_live_seller');
  });
});

describe('pasted keys', () => {
  test.for([
    ['sk_live_1', 'true'],
    ['rk_test_1', 'false'],
  ] as const)('%s opens its account', async ([apiKey, livemode]) => {
    const { api } = stubbed({ 'GET /v1/account': account }, { credentials: { apiKey } });
    expect(await keys.verify(api)).toMatchObject({ account: 'acct_1', settings: { livemode, lookups: 'on' } });
  });

  test('of another account than the one named are refused, naming both', async () => {
    const { api } = stubbed({ 'GET /v1/account': account }, { account: 'acct_2' });
    await expect(keys.verify(api)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/acct_1.*acct_2/),
    });
  });

  test('that are wrong are unauthorized', async () => {
    const { api } = stubbed({ 'GET /v1/account': { status: 401, text: '{}' } });
    await expect(keys.verify(api)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('look like keys', () => {
    expect(connector.credentials.safeParse({ apiKey: 'rk_live_abc' }).success).toBe(true);
    for (const apiKey of ['pk_live_abc', '', 'whsec_1', 'sk_live_a\nb'])
      expect(connector.credentials.safeParse({ apiKey }).success).toBe(false);
  });
});

describe('webhook endpoints', () => {
  const target = (known: boolean): WebhookTarget => ({
    url: 'https://daybook.example/webhooks/stripe/1',
    appUrl: 'https://daybook.example/webhooks/stripe/app',
    freshSecret: 'unused',
    known: { connection: known, app: known },
  });
  const endpoint = (changes: object = {}) => ({
    id: 'we_1',
    object: 'webhook_endpoint',
    url: target(true).url,
    status: 'enabled',
    api_version: API_VERSION,
    enabled_events: TOPICS,
    ...changes,
  });
  const made_ = { 'POST /v1/webhook_endpoints': { ...endpoint({ id: 'we_2' }), secret: 'whsec_new' } };
  const register = async (
    present: object[],
    known: boolean,
    more: Record<string, unknown> = {},
    changes: object = {},
  ) => {
    const { api, asked } = stubbed({ 'GET /v1/webhook_endpoints': list(present), ...made_, ...more }, changes);
    return { done: await connector.registerWebhooks!(target(known), api), asked };
  };

  test('one is made with a version of its own, and its secret handed over', async () => {
    const { done, asked } = await register([endpoint({ url: 'https://other.example/' })], false);
    expect(done).toEqual({ created: [...TOPICS], kept: [], secret: { value: 'whsec_new', scope: 'connection' } });
    const form = asked.at(-1)?.form;
    expect([form?.get('url'), form?.get('api_version'), form?.get('connect')]).toEqual([
      target(true).url,
      API_VERSION,
      null,
    ]);
    expect(form?.getAll('enabled_events[]')).toEqual([...TOPICS]);
  });

  test('for consents it is the platform’s, for all accounts at once', async () => {
    const { done, asked } = await register([], false, {}, { credentials: { accessToken: 'sk_live_seller' }, app });
    expect(done.secret).toEqual({ value: 'whsec_new', scope: 'app' });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk_live_platform',
      'Bearer sk_live_platform',
    ]);
    expect([asked.at(-1)?.form.get('url'), asked.at(-1)?.form.get('connect')]).toEqual([target(true).appUrl, 'true']);
  });

  test('without the platform’s key nobody can make it', async () => {
    await expect(register([], false, {}, { credentials: { accessToken: 'x' } })).rejects.toMatchObject({
      code: 'OAUTH_APP_MISSING',
    });
  });

  test('one that is as it should be is left alone', async () => {
    const { done, asked } = await register([endpoint()], true);
    expect(done).toEqual({ created: [], kept: [...TOPICS] });
    expect(asked.map(({ line }) => line)).toEqual(['GET /v1/webhook_endpoints?limit=100']);
  });

  test('one that was switched off, or lacks a topic, is mended', async () => {
    const update = { 'POST /v1/webhook_endpoints/we_1': endpoint() };
    const off = await register([endpoint({ status: 'disabled' })], true, update);
    expect(off.asked.at(-1)?.form.get('disabled')).toBe('false');
    expect(off.done.created).toEqual([]);
    const less = await register([endpoint({ enabled_events: TOPICS.slice(1) })], true, update);
    expect(less.done.created).toEqual([TOPICS[0]]);
  });

  test.for([
    ['whose secret is not known any more', {}, false],
    ['of another version of the API', { api_version: '2020-08-27' }, true],
  ] as const)('one %s is made anew', async ([_why, changes, known]) => {
    const gone = { 'DELETE /v1/webhook_endpoints/we_1': { id: 'we_1', object: 'webhook_endpoint', deleted: true } };
    const { done, asked } = await register([endpoint(changes)], known, gone);
    expect(done.secret).toEqual({ value: 'whsec_new', scope: 'connection' });
    expect(asked.map(({ line }) => line.split('?')[0])).toEqual([
      'GET /v1/webhook_endpoints',
      'DELETE /v1/webhook_endpoints/we_1',
      'POST /v1/webhook_endpoints',
    ]);
  });
});
