import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KINDS } from './programme.ts';
import { APP, REDIRECT, SCOPES, type TestSquare, testSquare } from './test-support.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let it: TestSquare;
const later = (milliseconds: number) => {
  it.clock.now = new Date(it.clock.now.getTime() + milliseconds);
};
const code = (answer: { body: { errors?: { code: string }[] } }) => answer.body.errors?.[0]?.code;
const outcome = (answer: { status: number; body: { errors?: { code: string }[] } }) => [answer.status, code(answer)];

beforeEach(async () => {
  it = await testSquare({ limits: { maximum: 10_000 } });
});
afterEach(() => it.square.close());

describe('connecting', () => {
  test('a consent gives a token for thirty days and a refresh token without end', async () => {
    const { body } = await it.connect();
    expect(body).toMatchObject({ token_type: 'bearer', merchant_id: it.account, short_lived: false });
    expect(body.expires_at).toBe('2026-07-31T12:00:00Z');
    expect(body).not.toHaveProperty('refresh_token_expires_at');
    const status = await it.call('POST', '/oauth2/token/status', body.access_token);
    expect(status.body).toEqual({
      client_id: APP.clientId,
      merchant_id: it.account,
      expires_at: '2026-07-31T12:00:00Z',
      scopes: SCOPES.split(' '),
    });
  });

  test('a code works once and for five minutes, with the secret and the address it was given for', async () => {
    const exchange = (asked: object) => it.token({ grant_type: 'authorization_code', ...asked });
    const client_secret = APP.clientSecret;
    const first = await it.codeOf();
    expect(outcome(await exchange({ code: first, client_secret }))[0]).toBe(200);
    expect(outcome(await exchange({ code: first, client_secret }))).toEqual([401, 'UNAUTHORIZED']);
    const late = await it.codeOf();
    later(5 * MINUTE);
    expect(outcome(await exchange({ code: late, client_secret }))).toEqual([401, 'UNAUTHORIZED']);
    expect(outcome(await exchange({ code: await it.codeOf() }))).toEqual([401, 'UNAUTHORIZED']);
    expect(outcome(await exchange({ code: await it.codeOf(), client_secret: 'no' }))).toEqual([401, 'UNAUTHORIZED']);
    const elsewhere = { code: await it.codeOf(), client_secret, redirect_uri: 'https://other.example/' };
    expect(outcome(await exchange(elsewhere))).toEqual([401, 'UNAUTHORIZED']);
    const here = { code: await it.codeOf(), client_secret, redirect_uri: REDIRECT };
    expect(outcome(await exchange(here))[0]).toBe(200);
    expect(outcome(await it.call('POST', '/oauth2/token', null, 'client_id=x'))[0]).toBe(400);
    expect(outcome(await it.token({ grant_type: 'password', client_secret }))).toEqual([400, 'INVALID_VALUE']);
  });

  test('the consent page refuses strangers, and tells when the seller says no', async () => {
    const url = (query: object) => `${it.square.url}/oauth2/authorize?${new URLSearchParams({ ...query })}`;
    const asked = { client_id: APP.clientId, scope: 'PAYMENTS_READ', state: 's', redirect_uri: REDIRECT };
    await expect(it.square.consent(url({ ...asked, client_id: 'other' }))).rejects.toThrow('client_id');
    await expect(it.square.consent(url({ ...asked, redirect_uri: 'no address' }))).rejects.toThrow('redirect_uri');
    await expect(it.square.consent(url({ ...asked, scope: 'everything' }))).rejects.toThrow('Invalid scope');
    const denied = new URL(await it.square.consent(url({ ...asked, deny: '1' })));
    expect(Object.fromEntries(denied.searchParams)).toMatchObject({ error: 'access_denied', state: 's' });
  });

  test('a refresh of the code flow keeps the refresh token and gives another access token', async () => {
    const first = (await it.connect()).body;
    later(20 * DAY);
    const request = {
      grant_type: 'refresh_token',
      client_secret: APP.clientSecret,
      refresh_token: first.refresh_token,
    };
    const [second, third] = [(await it.token(request)).body, (await it.token(request)).body];
    expect(second.refresh_token).toBe(first.refresh_token);
    expect(new Set([first, second, third].map(({ access_token }) => access_token)).size).toBe(3);
    for (const { access_token } of [first, second, third]) {
      expect((await it.call('GET', '/v2/locations', access_token)).status).toBe(200);
    }
    later(11 * DAY);
    expect(outcome(await it.call('GET', '/v2/locations', first.access_token))).toEqual([401, 'ACCESS_TOKEN_EXPIRED']);
    expect((await it.call('GET', '/v2/locations', third.access_token)).status).toBe(200);
    expect(outcome(await it.token({ ...request, refresh_token: 'none' }))).toEqual([401, 'UNAUTHORIZED']);
  });

  test('a refresh of the PKCE flow rotates the refresh token, which lives ninety days', async () => {
    const verifier = 'a-verifier-that-is-at-least-forty-three-characters-long';
    const code_challenge = createHash('sha256').update(verifier).digest('base64url');
    const ask = (code_verifier: string, given: string) =>
      it.token({ grant_type: 'authorization_code', code: given, code_verifier });
    const wrong = await ask('another', await it.codeOf(SCOPES, { code_challenge }));
    expect(outcome(wrong)).toEqual([401, 'UNAUTHORIZED']);
    const first = (await ask(verifier, await it.codeOf(SCOPES, { code_challenge }))).body;
    expect(first.refresh_token_expires_at).toBe('2026-09-29T12:00:00Z');
    const refresh = (refresh_token: string) => it.token({ grant_type: 'refresh_token', refresh_token });
    const second = (await refresh(first.refresh_token)).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(outcome(await refresh(first.refresh_token))).toEqual([401, 'UNAUTHORIZED']);
    later(90 * DAY);
    expect(outcome(await refresh(second.refresh_token))).toEqual([401, 'UNAUTHORIZED']);
  });

  test('a short-lived token with fewer scopes lasts a day', async () => {
    const { refresh_token } = (await it.connect()).body;
    const request = { grant_type: 'refresh_token', client_secret: APP.clientSecret, refresh_token };
    const { body } = await it.token({ ...request, short_lived: true, scopes: ['PAYMENTS_READ'] });
    expect([body.expires_at, body.short_lived]).toEqual(['2026-07-02T12:00:00Z', true]);
    expect((await it.call('GET', '/v2/payments', body.access_token)).status).toBe(200);
    expect(outcome(await it.call('GET', '/v2/payouts', body.access_token))).toEqual([403, 'INSUFFICIENT_SCOPES']);
  });

  test('a revocation needs the application’s secret and ends every token of the seller', async () => {
    const { access_token, refresh_token } = (await it.connect()).body;
    const other = (await it.connect()).body;
    const asked = { client_id: APP.clientId, access_token };
    const revoke = (authorization: string) => it.call('POST', '/oauth2/revoke', null, asked, { authorization });
    expect(outcome(await revoke(`Bearer ${APP.clientSecret}`))).toEqual([401, 'UNAUTHORIZED']);
    expect((await revoke(`Client ${APP.clientSecret}`)).body).toEqual({ success: true });
    for (const token of [access_token, other.access_token]) {
      expect(outcome(await it.call('GET', '/v2/locations', token))).toEqual([401, 'ACCESS_TOKEN_REVOKED']);
    }
    const request = { grant_type: 'refresh_token', client_secret: APP.clientSecret, refresh_token };
    expect(outcome(await it.token(request))).toEqual([401, 'UNAUTHORIZED']);
  });
});

describe('who may call what', () => {
  test('without a token, with an invented one, or with the wrong scope a call is refused', async () => {
    expect(outcome(await it.call('GET', '/v2/payments', null))).toEqual([401, 'UNAUTHORIZED']);
    expect(outcome(await it.call('GET', '/v2/payments', 'EAAAinvented'))).toEqual([401, 'UNAUTHORIZED']);
    const { access_token } = (await it.connect('ORDERS_READ')).body;
    expect(outcome(await it.call('GET', '/v2/payments', access_token))).toEqual([403, 'INSUFFICIENT_SCOPES']);
    const strange = { 'square-version': 'yesterday' };
    const answer = await it.call('GET', '/v2/locations', access_token, undefined, strange);
    expect(outcome(answer)).toEqual([400, 'INVALID_SQUARE_VERSION_FORMAT']);
  });

  test('subscriptions are the application’s: an OAuth token is refused, its own token sells nothing', async () => {
    const { access_token } = (await it.connect()).body;
    const path = '/v2/webhooks/subscriptions';
    expect(outcome(await it.call('GET', path, access_token))).toEqual([403, 'FORBIDDEN']);
    expect((await it.call('GET', path, APP.token)).status).toBe(200);
    expect(outcome(await it.call('GET', '/v2/payments', APP.token))).toEqual([403, 'FORBIDDEN']);
  });

  test('without a token of its own, the application’s secret stands for it', async () => {
    const { token: _, ...app } = APP;
    const other = await testSquare({ app });
    expect((await other.call('GET', '/v2/webhooks/subscriptions', APP.clientSecret)).status).toBe(200);
    expect((await other.call('GET', '/v2/webhooks/subscriptions', APP.token)).status).toBe(401);
    await other.square.close();
  });

  test('the seller’s own key never expires and may do everything', async () => {
    const { accessToken } = it.square.keys!(it.account);
    later(400 * DAY);
    expect((await it.call('GET', '/v2/merchants/me', accessToken!)).body.merchant.id).toBe(it.account);
    expect((await it.call('GET', '/v2/webhooks/subscriptions', accessToken!)).status).toBe(200);
  });

  test('too many calls are told to wait', async () => {
    const other = await testSquare({ limits: { maximum: 2, perSecond: 1 } });
    const { accessToken } = other.square.keys!(other.account);
    const answers = [];
    for (let count = 0; count < 3; count += 1) answers.push(await other.call('GET', '/v2/locations', accessToken!));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]!.body.errors).toMatchObject([{ category: 'RATE_LIMIT_ERROR', code: 'RATE_LIMITED' }]);
    expect(answers[2]!.headers.get('retry-after')).toBe('1');
    other.clock.now = new Date(other.clock.now.getTime() + 1000);
    expect((await other.call('GET', '/v2/locations', accessToken!)).status).toBe(200);
    await other.square.close();
  });
});

describe('reading', () => {
  let token: string;
  const get = async (path: string) => (await it.call('GET', path, token)).body;
  const search = (body: object) => it.call('POST', '/v2/orders/search', token, body);
  const places = async (): Promise<string[]> =>
    (await get('/v2/locations')).locations.map((each: { id: string }) => each.id);

  beforeEach(async () => {
    token = (await it.connect()).body.access_token;
    await it.trade(KINDS.length);
    later(MINUTE);
  });

  test('payments and payouts are those of the main location unless another is named, refunds are of all', async () => {
    const [main, other] = await places();
    const { payments, refunds } = it.square.objects(it.account);
    const at = (place: string) => [...payments.values()].filter(({ location_id }) => location_id === place).length;
    expect((await get('/v2/payments')).payments).toHaveLength(at(main!));
    expect((await get(`/v2/payments?location_id=${other}`)).payments).toHaveLength(at(other!));
    expect((await get('/v2/payouts')).payouts.every((each: { location_id: string }) => each.location_id === main)).toBe(
      true,
    );
    expect((await get('/v2/refunds')).refunds).toHaveLength(refunds.size);
    expect(code({ body: await get('/v2/payments?location_id=L0') })).toBe('INVALID_LOCATION');
  });

  test('pages go through everything once, newest first unless asked otherwise', async () => {
    for (const order of ['DESC', 'ASC'] as const) {
      const seen: { id: string; updated_at: string }[] = [];
      let next = '';
      do {
        const page = await get(`/v2/payments?limit=3&sort_field=UPDATED_AT&sort_order=${order}${next}`);
        expect(page.payments.length).toBeLessThanOrEqual(3);
        seen.push(...page.payments);
        next = page.cursor === undefined ? '' : `&cursor=${page.cursor}`;
      } while (next !== '');
      const [main] = await places();
      const all = [...it.square.objects(it.account).payments.values()].filter(
        ({ location_id }) => location_id === main,
      );
      expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
      expect(seen).toHaveLength(all.length);
      const times = seen.map(({ updated_at }) => Date.parse(updated_at));
      const sorted = times.toSorted((a, b) => (order === 'ASC' ? a - b : b - a));
      expect(times).toEqual(sorted);
    }
  });

  test('a cursor goes on with its own query and no other', async () => {
    const { cursor } = await get('/v2/payments?limit=3');
    expect(code({ body: await get(`/v2/payments?limit=3&sort_field=UPDATED_AT&cursor=${cursor}`) })).toBe(
      'INVALID_CURSOR',
    );
    expect(code({ body: await get('/v2/payments?cursor=bm8') })).toBe('INVALID_CURSOR');
  });

  test('ranges filter by creation and by the last change', async () => {
    const all = (await get('/v2/refunds')).refunds as { created_at: string; updated_at: string }[];
    const middle = all[Math.floor(all.length / 2)]!;
    const since = (await get(`/v2/refunds?begin_time=${middle.created_at}`)).refunds;
    expect(since).toEqual(all.filter(({ created_at }) => created_at >= middle.created_at));
    const until = (await get(`/v2/refunds?end_time=${middle.created_at}`)).refunds;
    expect(until).toEqual(all.filter(({ created_at }) => created_at < middle.created_at));
    const changed = (await get(`/v2/refunds?updated_at_begin_time=${middle.updated_at}`)).refunds;
    expect(changed).toEqual(all.filter(({ updated_at }) => updated_at >= middle.updated_at));
    later(366 * DAY);
    token = (await it.connect()).body.access_token;
    expect(await get('/v2/refunds')).toEqual({});
  });

  test('what cannot be understood is refused by its name', async () => {
    const refusals = [
      ['/v2/payments?begin_time=yesterday', 'INVALID_TIME'],
      ['/v2/payments?begin_time=2026-07-02T00:00:00Z&end_time=2026-07-01T00:00:00Z', 'INVALID_TIME_RANGE'],
      ['/v2/payments?sort_order=UP', 'INVALID_SORT_ORDER'],
      ['/v2/payments?limit=0', 'INVALID_VALUE'],
      ['/v2/payments?colour=red', 'UNKNOWN_QUERY_PARAMETER'],
      ['/v2/payouts?status=GONE', 'INVALID_ENUM_VALUE'],
      ['/v2/cash-drawers/shifts', 'MISSING_REQUIRED_PARAMETER'],
      ['/v2/payments/none', 'NOT_FOUND'],
      ['/v2/orders/none', 'NOT_FOUND'],
      ['/v2/payouts/none/payout-entries', 'NOT_FOUND'],
      ['/v2/catalog/object/none', 'NOT_FOUND'],
      ['/v2/nothing', 'NOT_FOUND'],
    ] as const;
    for (const [path, expected] of refusals) expect([path, code({ body: await get(path) })]).toEqual([path, expected]);
    const broken = await it.call('POST', '/v2/orders/search', token, '{"location_ids":');
    expect(outcome(broken)).toEqual([400, 'BAD_REQUEST']);
  });

  test('a search needs locations, and sorts by the time it filters by', async () => {
    const location_ids = await places();
    expect(outcome(await search({}))).toEqual([400, 'MISSING_REQUIRED_PARAMETER']);
    const eleven = Array.from({ length: 11 }, () => location_ids[0]);
    expect(outcome(await search({ location_ids: eleven }))).toEqual([400, 'ARRAY_LENGTH_TOO_LONG']);
    expect(outcome(await search({ location_ids: ['L0'] }))).toEqual([400, 'INVALID_LOCATION']);
    const updated_at = { start_at: '2026-07-01T14:00:00Z' };
    const filter = { date_time_filter: { updated_at } };
    expect(outcome(await search({ location_ids, query: { filter } }))).toEqual([400, 'BAD_REQUEST']);
    const sort = { sort_field: 'UPDATED_AT', sort_order: 'ASC' };
    const { body } = await search({ location_ids, query: { filter, sort } });
    const expected = [...it.square.objects(it.account).orders.values()].filter(
      (each) => each.updated_at >= updated_at.start_at,
    );
    expect(body.orders).toHaveLength(expected.length);
    expect(outcome(await search({ location_ids, limit: 1001 }))).toEqual([400, 'VALUE_TOO_HIGH']);
  });

  test('entries of a search are id, version and location; completed ones can be asked for', async () => {
    const location_ids = await places();
    const query = { filter: { state_filter: { states: ['COMPLETED'] } } };
    const seen = [];
    let cursor: string | undefined;
    do {
      const { body } = await search({
        location_ids,
        query,
        limit: 7,
        return_entries: true,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...body.order_entries);
      cursor = body.cursor;
    } while (cursor !== undefined);
    const orders = [...it.square.objects(it.account).orders.values()].filter(({ state }) => state === 'COMPLETED');
    expect(new Set(seen.map(({ order_id }) => order_id))).toEqual(new Set(orders.map(({ id }) => id)));
    const versioned = orders.filter(({ version }) => version !== undefined);
    expect(seen.filter(({ version }) => version !== undefined)).toHaveLength(versioned.length);
    expect(versioned.every(({ source }) => source.name !== 'Point of Sale')).toBe(true);
  });

  test('several orders at once leave out what does not exist, and a hundred are enough', async () => {
    const [id] = it.square.objects(it.account).orders.keys();
    const retrieve = (order_ids: string[]) => it.call('POST', '/v2/orders/batch-retrieve', token, { order_ids });
    expect((await retrieve([id!, 'none'])).body.orders.map((each: { id: string }) => each.id)).toEqual([id]);
    expect(outcome(await retrieve(Array.from({ length: 101 }, () => id!)))).toEqual([400, 'ARRAY_LENGTH_TOO_LONG']);
    expect(outcome(await retrieve([]))).toEqual([400, 'MISSING_REQUIRED_PARAMETER']);
  });

  test('payouts say currency_code where everything else says currency', async () => {
    const { payouts } = await get('/v2/payouts');
    expect(payouts[0].amount_money).toEqual({ amount: expect.any(Number), currency_code: 'USD' });
    const { payout_entries } = await get(`/v2/payouts/${payouts[0].id}/payout-entries`);
    expect(payout_entries[0].net_amount_money).toEqual({ amount: expect.any(Number), currency: 'USD' });
  });

  test('the version of a refund is told by events only', async () => {
    const { refunds } = await get('/v2/refunds');
    expect(refunds[0]).not.toHaveProperty('version');
  });

  test('an SKU is found through the catalogue', async () => {
    const orders = [...it.square.objects(it.account).orders.values()];
    const line = orders.flatMap(({ line_items = [] }) => line_items).find(({ name }) => name === 'Latte');
    const { object } = await get(`/v2/catalog/object/${line!.catalog_object_id}`);
    expect(object).toMatchObject({ type: 'ITEM_VARIATION', item_variation_data: { sku: 'LATTE-12', name: '12 oz' } });
  });
});

describe('orders whose lines come late', () => {
  test('the first look sees an open order without lines, the next one or a later one sees all', async () => {
    const { accessToken } = it.square.keys!(it.account);
    const read = async (id: string) => (await it.call('GET', `/v2/orders/${id}`, accessToken!)).body.order;
    const play = async () => {
      let what = '';
      while (what !== 'order told before its lines') {
        later(MINUTE);
        ({ what } = await it.square.trade(it.account));
      }
      return [...it.square.objects(it.account).orders.values()].at(-1)!.id;
    };
    const id = await play();
    const first = await read(id);
    expect([first.state, first.line_items, first.closed_at]).toEqual(['OPEN', undefined, undefined]);
    const second = await read(id);
    expect([second.state, second.line_items.length > 0]).toEqual(['COMPLETED', true]);
    const other = await play();
    later(6_000);
    expect((await read(other)).state).toBe('COMPLETED');
  });
});
