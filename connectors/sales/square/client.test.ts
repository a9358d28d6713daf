import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { ChangePage, WebhookTarget } from '../../kit/contract.ts';
import { callerOf, get } from './client.ts';
import { connector } from './connector.ts';
import { APP, HOST, testApi } from './test-support.ts';
import { TOPICS } from './webhooks.ts';

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  const left = nock.pendingMocks();
  nock.cleanAll();
  expect(left).toEqual([]);
});

const square = () =>
  nock(HOST, { reqheaders: { authorization: 'Bearer EAAA-seller', 'square-version': '2026-09-16' } });
const errors = (code: string, detail = 'told so', field?: string) => ({
  errors: [{ category: 'API_ERROR', code, detail, ...(field ? { field } : {}) }],
});
const failureOf = (call: Promise<unknown>) =>
  call.then(
    (answered) => ({ answered }),
    (error: unknown) => error,
  );

describe('an answer', () => {
  test.for([
    [429, errors('RATE_LIMITED'), {}, { kind: 'rate_limited', retryAfterMs: 5_000 }],
    [429, errors('RATE_LIMITED'), { 'retry-after': '7' }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    [401, errors('ACCESS_TOKEN_EXPIRED'), {}, { kind: 'unauthorized', code: 'CHANNEL_UNAUTHORIZED' }],
    [401, errors('ACCESS_TOKEN_REVOKED'), {}, { kind: 'unauthorized', message: expect.stringContaining('Reconnect') }],
    [403, errors('INSUFFICIENT_SCOPES'), {}, { kind: 'unauthorized', code: 'CHANNEL_SCOPE_MISSING' }],
    [403, '<html>', {}, { kind: 'unauthorized' }],
    [404, errors('NOT_FOUND', 'Location not found'), {}, { kind: 'rejected', code: 'CHANNEL_OBJECT_MISSING' }],
    [
      400,
      errors('INVALID_VALUE', 'Not a time', 'begin_time'),
      {},
      {
        kind: 'rejected',
        code: 'CHANNEL_REFUSED',
        message: 'Square refused the request: INVALID_VALUE Not a time (field begin_time).',
      },
    ],
    [500, errors('INTERNAL_SERVER_ERROR'), {}, { kind: 'retryable', code: 'CHANNEL_UNAVAILABLE' }],
    [503, '', {}, { kind: 'retryable', code: 'CHANNEL_UNAVAILABLE' }],
    [200, '<html>', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '[]', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
  ] as const)('%s %j means what it says', async ([status, body, headers, expected]) => {
    square()
      .get('/v2/locations')
      .reply(status, body as nock.Body, headers);
    const failure = await failureOf(get(callerOf(testApi()), '/v2/locations'));
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject(expected);
    expect((failure as Error).message.length).toBeGreaterThan(20);
  });

  test('amounts keep every digit', async () => {
    square().get('/v2/x').query({ a: '1' }).reply(200, '{"amount":9007199254740993}');
    const answer = await get(callerOf(testApi()), '/v2/x', { a: '1', b: undefined });
    expect(`${answer.amount}`).toBe('9007199254740993');
  });
});

describe('webhooks', () => {
  const url = 'https://daybook.example/webhooks/square/application';
  const target = (app: boolean): WebhookTarget => ({
    url: `${url}/1`,
    appUrl: url,
    freshSecret: 'fresh',
    known: { connection: false, app },
  });
  const application = () => nock(HOST, { reqheaders: { authorization: `Bearer ${APP.token}` } });
  const PATH = '/v2/webhooks/subscriptions';
  const good = { id: 'wbhk_1', enabled: true, event_types: TOPICS, notification_url: url, api_version: '2026-09-16' };
  const listed = (...subscriptions: object[]) =>
    application()
      .get(PATH)
      .query({ include_disabled: 'true' })
      .reply(200, subscriptions.length === 0 ? {} : { subscriptions });
  const shown = (signature_key: string) =>
    application()
      .get(`${PATH}/wbhk_1`)
      .reply(200, { subscription: { ...good, signature_key } });
  const register = (app = false, api = testApi()) => connector.registerWebhooks?.(target(app), api);

  test('where there is none, one is created and its key kept', async () => {
    listed({ ...good, id: 'wbhk_0', notification_url: `${url}/` });
    application()
      .post(PATH, ({ idempotency_key: key, subscription }) => {
        const { name, ...rest } = subscription;
        expect(name).toBe('Daybook');
        expect(rest).toEqual({ event_types: TOPICS, notification_url: url, api_version: '2026-09-16' });
        return typeof key === 'string' && key.length <= 45;
      })
      .reply(200, { subscription: { ...good, signature_key: 'k3y' } });
    expect(await register()).toEqual({ created: TOPICS, kept: [], secret: { value: 'k3y', scope: 'app' } });
  });

  test('one that is good is left alone; its key is read every time, for it may have been renewed', async () => {
    for (const known of [false, true]) {
      const value = known ? 'renewed' : 'k3y';
      listed(good);
      shown(value);
      expect(await register(known)).toEqual({ created: [], kept: TOPICS, secret: { value, scope: 'app' } });
    }
  });

  test.for([
    ['switched off', { enabled: false }, []],
    ['short of topics', { event_types: ['payment.created', 'invoice.published'] }, TOPICS.slice(1)],
    ['of another version', { api_version: '2021-12-15' }, []],
  ] as const)('one that is %s is mended', async ([, changes, created]) => {
    listed({ ...good, ...changes });
    const types = [...new Set([...('event_types' in changes ? changes.event_types : []), ...TOPICS])];
    application()
      .put(`${PATH}/wbhk_1`, { subscription: { enabled: true, event_types: types, api_version: '2026-09-16' } })
      .reply(200, { subscription: { ...good, signature_key: 'k3y' } });
    expect(await register(true)).toEqual({
      created,
      kept: TOPICS.filter((topic) => !(created as readonly string[]).includes(topic)),
      secret: { value: 'k3y', scope: 'app' },
    });
  });

  test('the subscription is looked for on every page', async () => {
    application().get(PATH).query({ include_disabled: 'true' }).reply(200, { subscriptions: [], cursor: 'c1' });
    application()
      .get(PATH)
      .query({ include_disabled: 'true', cursor: 'c1' })
      .reply(200, { subscriptions: [good] });
    shown('k3y');
    expect(await register(true)).toEqual({ created: [], kept: TOPICS, secret: { value: 'k3y', scope: 'app' } });
  });

  test('without a token of the application nothing is asked for, and the log says so', async () => {
    const logged: string[] = [];
    const { token: _token, ...app } = APP;
    expect(await register(false, { ...testApi(logged), app })).toEqual({ created: [], kept: [] });
    expect(logged).toEqual([expect.stringContaining('Sales arrive by polling')]);
  });

  test('a token of the application that is refused is the operator’s fault, not the seller’s', async () => {
    application().get(PATH).query(true).reply(401, errors('UNAUTHORIZED'));
    await expect(register()).rejects.toMatchObject({ kind: 'rejected', code: 'OAUTH_APP_REFUSED' });
  });
});

describe('what is read again', () => {
  const delivery = (topic: string, body: unknown) => ({ topic, headers: {}, body: Buffer.from(JSON.stringify(body)) });
  const fetched = async (name: string, topic: string, body: unknown) =>
    JSON.parse((await connector.fetch?.(name, delivery(topic, body), testApi())) ?? '') as Record<string, unknown>;
  const variation = { uid: 'l1', quantity: '1', catalog_object_id: 'V1' };

  test('an order comes with SKUs and with the payments that it leaves open', async () => {
    const tenders = [
      { id: 'P1', type: 'CARD', card_details: { status: 'CAPTURED' } },
      { id: 'P2', type: 'OTHER' },
    ];
    const order = { id: 'O1', state: 'COMPLETED', line_items: [variation], tenders };
    square().get('/v2/orders/O1').reply(200, { order });
    square()
      .post('/v2/catalog/batch-retrieve', { object_ids: ['V1'], include_deleted_objects: true })
      .reply(200, {
        objects: [
          { id: 'V1', type: 'ITEM_VARIATION', item_variation_data: { sku: 'MUG', price_money: { amount: 1 } } },
        ],
      });
    square()
      .get('/v2/payments/P2')
      .reply(200, { payment: { id: 'P2', order_id: 'O1', status: 'COMPLETED' } });
    const objects = [{ id: 'V1', type: 'ITEM_VARIATION', item_variation_data: { sku: 'MUG' } }];
    expect(
      await fetched('order', 'order.updated', { data: { object: { order_updated: { order_id: 'O1' } } } }),
    ).toEqual({
      orders: [order],
      payments: [{ id: 'P2', order_id: 'O1', status: 'COMPLETED' }],
      objects,
    });
  });

  test('a catalogue that is closed to us leaves lines without SKUs', async () => {
    square()
      .get('/v2/orders/O1')
      .reply(200, { order: { id: 'O1', line_items: [variation] } });
    square().post('/v2/catalog/batch-retrieve').reply(403, errors('INSUFFICIENT_SCOPES'));
    expect(await fetched('order', 'payments', { id: 'P1', order_id: 'O1' })).toMatchObject({ objects: [] });
  });

  test('a refund comes with its own order and the payment it gives back', async () => {
    square()
      .get('/v2/orders/RO')
      .reply(200, { order: { id: 'RO', returns: [{ source_order_id: 'O1' }] } });
    square()
      .get('/v2/payments/P1')
      .reply(200, { payment: { id: 'P1', order_id: 'O1' } });
    const read = await fetched('order', 'refund.updated', { refund: { id: 'R1', payment_id: 'P1', order_id: 'RO' } });
    expect(read).toMatchObject({ orders: [{ id: 'RO' }], payments: [{ id: 'P1', order_id: 'O1' }] });
  });

  test('entries of a payout are read to the end; payments around them name their sales', async () => {
    const entry = (id: string, payment_id: string) => ({
      id,
      type: 'CHARGE',
      effective_at: '2026-11-10T01:00:00Z',
      type_charge_details: { payment_id },
    });
    const entries = '/v2/payouts/po_1/payout-entries';
    square()
      .get(entries)
      .query({ limit: '100', sort_order: 'ASC' })
      .reply(200, { payout_entries: [entry('e1', 'P1')], cursor: 'c' });
    square()
      .get(entries)
      .query({ limit: '100', sort_order: 'ASC', cursor: 'c' })
      .reply(200, { payout_entries: [entry('e2', 'P2')] });
    const window = { location_id: 'L1', begin_time: '2026-11-10T00:00:00.000Z', end_time: '2026-11-10T02:00:00.000Z' };
    square()
      .get('/v2/payments')
      .query({ ...window, sort_order: 'ASC', limit: '100' })
      .reply(200, {
        payments: [{ id: 'P1', order_id: 'O1', status: 'COMPLETED', total_money: { amount: 5 } }, { id: 'P9' }],
      });
    square().get('/v2/payments/P2').reply(404, errors('NOT_FOUND'));
    expect(await fetched('payout_entries', 'payout.paid', { payout: { id: 'po_1', location_id: 'L1' } })).toEqual({
      payout_entries: [entry('e1', 'P1'), entry('e2', 'P2')],
      payments: [{ id: 'P1', order_id: 'O1', status: 'COMPLETED' }],
    });
  });

  test('what is gone, and what has no name, is said so', async () => {
    square().get('/v2/orders/O1').reply(404, errors('NOT_FOUND', 'Order not found for id O1'));
    await expect(fetched('order', 'payments', { id: 'P1', order_id: 'O1' })).rejects.toMatchObject({
      kind: 'rejected',
      code: 'CHANNEL_OBJECT_MISSING',
    });
    await expect(fetched('order', 'payments', { id: 'P1' })).rejects.toMatchObject({ kind: 'rejected' });
    square().get('/v2/payments/P1').reply(404, errors('NOT_FOUND'));
    await expect(fetched('payment', 'refunds', { id: 'R1', payment_id: 'P1' })).rejects.toMatchObject({
      kind: 'rejected',
      code: 'CHANNEL_OBJECT_MISSING',
    });
    await expect(fetched('weather', 'payments', {})).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

describe('polling', () => {
  const to = '2026-11-21T10:00:00.000Z';
  const locations = (...ids: string[]) =>
    square()
      .get('/v2/locations')
      .reply(200, { locations: ids.map((id) => ({ id })) });
  const paid = (id: string, updated_at: string) => ({ id, status: 'CANCELED', updated_at });
  const listed = (location_id: string, from: string, payments: object[], cursor?: string, next?: string) =>
    square()
      .get('/v2/payments')
      .query({
        location_id,
        updated_at_begin_time: from,
        updated_at_end_time: to,
        sort_field: 'UPDATED_AT',
        sort_order: 'ASC',
        limit: '100',
        ...(cursor ? { cursor } : {}),
      })
      .reply(200, { ...(payments.length > 0 ? { payments } : {}), ...(next ? { cursor: next } : {}) });

  async function poll(feed: string, cursor: string | null): Promise<{ pages: ChangePage[]; failure?: unknown }> {
    const pages: ChangePage[] = [];
    try {
      const range = { feed, cursor, from: '2026-11-01T00:00:00.000Z', to };
      for await (const page of connector.changesSince?.(range, testApi()) ?? []) pages.push(page);
      return { pages };
    } catch (failure) {
      return { pages, failure };
    }
  }
  const idsIn = (page: ChangePage | undefined) => page?.deliveries.map(({ eventId }) => eventId.split(':')[0]);

  test('every location is read to its last page; the last cursor is the end of the window', async () => {
    locations('LB', 'LA');
    listed('LA', '2026-11-01T00:00:00.000Z', [paid('P1', '2026-11-02T00:00:00Z')], undefined, 'c1');
    listed('LA', '2026-11-01T00:00:00.000Z', [paid('P2', '2026-11-03T00:00:00Z')], 'c1');
    listed('LB', '2026-11-01T00:00:00.000Z', [paid('P3', '2026-11-02T12:00:00Z')]);
    const { pages, failure } = await poll('payments', null);
    expect(failure).toBeUndefined();
    expect(pages.map(idsIn)).toEqual([['P1'], ['P2'], ['P3']]);
    expect(pages.map(({ cursor }) => cursor)).toEqual([
      '2026-11-01T00:00:00.000Z|LA|2026-11-02T00:00:00Z',
      '2026-11-01T00:00:00.000Z|LA|2026-11-03T00:00:00Z',
      to,
    ]);
  });

  test('the next run starts five minutes before the end of the last', async () => {
    locations('LA');
    listed('LA', '2026-11-20T23:55:00.000Z', []);
    expect(await poll('payments', '2026-11-21T00:00:00.000Z')).toEqual({ pages: [] });
  });

  test('a run that is throttled hands over what it has, and goes on there', async () => {
    locations('LA', 'LB');
    listed('LA', '2026-11-01T00:00:00.000Z', [paid('P1', '2026-11-02T00:00:00Z')], undefined, 'c1');
    square().get('/v2/payments').query(true).reply(429, errors('RATE_LIMITED'));
    const { pages, failure } = await poll('payments', null);
    expect(failure).toMatchObject({ kind: 'rate_limited' });
    expect(pages.map(({ cursor }) => cursor)).toEqual(['2026-11-01T00:00:00.000Z|LA|2026-11-02T00:00:00Z']);
    locations('LA', 'LB');
    listed('LA', '2026-11-02T00:00:00Z', [paid('P1', '2026-11-02T00:00:00Z'), paid('P2', '2026-11-03T00:00:00Z')]);
    listed('LB', '2026-11-01T00:00:00.000Z', []);
    const rest = await poll('payments', pages[0]?.cursor ?? null);
    expect(rest.pages.map(idsIn)).toEqual([['P1', 'P2']]);
  });

  test('payouts are looked for thirty days back, and only those that changed are told', async () => {
    locations('LA');
    const range = { begin_time: '2026-10-02T00:00:00.000Z', end_time: to };
    square()
      .get('/v2/payouts')
      .query({ location_id: 'LA', ...range, sort_order: 'ASC', limit: '100' })
      .reply(200, {
        payouts: [
          { id: 'po_1', status: 'PAID', updated_at: '2026-10-05T00:00:00Z' },
          { id: 'po_2', status: 'FAILED', updated_at: '2026-11-05T00:00:00Z' },
        ],
      });
    const { pages } = await poll('payouts', null);
    expect(pages.map(idsIn)).toEqual([['po_2']]);
  });

  test('orders that a payment tells are left to it; a free one, a cancelled one and one paid in part are told', async () => {
    const at = '2026-11-05T00:00:00Z';
    const line_items = [{ uid: 'l1', quantity: '1' }];
    const tenders = [{ id: 'P1', payment_id: 'P1', type: 'CARD', card_details: { status: 'CAPTURED' } }];
    const order = (id: string, changes: object) => ({ id, updated_at: at, line_items, state: 'COMPLETED', ...changes });
    locations('LA');
    square()
      .post(
        '/v2/orders/search',
        (body) => body.location_ids.join() === 'LA' && body.query.sort.sort_field === 'UPDATED_AT',
      )
      .reply(200, {
        orders: [
          order('paid', { tenders }),
          order('free', {}),
          order('cancelled', { state: 'CANCELED' }),
          order('part', { state: 'OPEN', tenders }),
          order('open', { state: 'OPEN' }),
          order('return', { line_items: undefined, returns: [{ uid: 'r' }] }),
        ],
      });
    const { pages } = await poll('orders', null);
    expect(pages.map(idsIn)).toEqual([['free', 'cancelled', 'part']]);
  });

  test('a drawer is read whole once it was counted', async () => {
    locations('LA');
    const shift = { id: 'S1', state: 'CLOSED', closed_at: '2026-11-05T00:00:00Z' };
    const range = { begin_time: '2026-10-25T00:00:00.000Z', end_time: to };
    square()
      .get('/v2/cash-drawers/shifts')
      .query({ location_id: 'LA', ...range, sort_order: 'ASC', limit: '1000' })
      .reply(200, { cash_drawer_shifts: [shift, { ...shift, id: 'S2', state: 'ENDED' }] });
    square()
      .get('/v2/cash-drawers/shifts/S1')
      .query({ location_id: 'LA' })
      .reply(200, { cash_drawer_shift: { ...shift, device: { name: 'Till 1' } } });
    const { pages } = await poll('cash_drawer_shifts', null);
    expect(JSON.parse(`${pages[0]?.deliveries[0]?.body}`)).toEqual({
      cash_drawer_shift: { ...shift, device: { name: 'Till 1' }, location_id: 'LA' },
    });
  });

  test('a feed there is none of is unsupported', async () => {
    expect((await poll('weather', null)).failure).toMatchObject({ kind: 'unsupported' });
  });
});

test('the envelope names topic, event, merchant and time; without them it is no webhook', () => {
  const body = (fields: object) => Buffer.from(JSON.stringify(fields));
  const envelope = {
    type: 'payment.updated',
    event_id: 'e-1',
    merchant_id: 'M1',
    created_at: '2020-08-14T15:51:04.246373287Z',
  };
  expect(connector.header({}, body(envelope))).toEqual({
    topic: 'payment.updated',
    eventId: 'e-1',
    account: 'M1',
    triggeredAt: '2020-08-14T15:51:04.246Z',
  });
  const lacking = expect.objectContaining({ kind: 'rejected', code: 'HEADER_MISSING' });
  expect(() => connector.header({}, body({ ...envelope, event_id: undefined }))).toThrow(lacking);
  expect(() => connector.header({}, body([]))).toThrow(lacking);
});
