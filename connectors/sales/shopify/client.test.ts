import nock from 'nock';
import Shopify from 'shopify-api-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callerOf, graphql } from './client.ts';
import { connector } from './connector.ts';
import { testApi } from './test-support.ts';
import { TOPICS } from './webhooks.ts';

const HOST = 'https://daybook-demo.myshopify.com';
const PATH = '/admin/api/2026-10/graphql.json';
const api = testApi();
type Asked = { query: string; variables: Record<string, unknown> };

/**
 * Answers queries by the name of their operation; whatever is left over fails the test. What was asked is told in the
 * order of the replies.
 */
function answers(...replies: [operation: string, data: unknown][]): Asked[] {
  const asked: Asked[] = [];
  replies.forEach(([operation, data], index) => {
    nock(HOST, { reqheaders: { 'x-shopify-access-token': 'shpat_1' } })
      .post(PATH, (body: Asked) => {
        // nock may ask for every reply that is still waiting: only the first that fits is taken.
        const fits = body.query.includes(operation);
        if (fits && asked[index] === undefined) asked[index] = body;
        return fits;
      })
      .reply(200, { data } as nock.Body);
  });
  return asked;
}

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  const left = nock.pendingMocks();
  nock.cleanAll();
  expect(left).toEqual([]);
});

describe('an answer', () => {
  const ask = () => graphql(callerOf(api), '{ shop { name } }', {});
  const cost = (requested: number, available: number, rate: number) => ({
    errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
    extensions: {
      cost: {
        requestedQueryCost: requested,
        throttleStatus: { maximumAvailable: 2000, currentlyAvailable: available, restoreRate: rate },
      },
    },
  });

  test.for([
    // 700 asked for, 100 there, 100 a second: 6 seconds.
    [200, cost(700, 100, 100), {}, { kind: 'rate_limited', retryAfterMs: 6_000 }],
    // 52 − 45 = 7 at 50 a second is 0.14 s: never less than a second.
    [200, cost(52, 45, 50), {}, { kind: 'rate_limited', retryAfterMs: 1_000 }],
    [
      200,
      { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }] },
      {},
      { kind: 'rate_limited', retryAfterMs: 2_000 },
    ],
    [429, '', { 'retry-after': '2.5' }, { kind: 'rate_limited', retryAfterMs: 2_500 }],
    [429, '', {}, { kind: 'rate_limited', retryAfterMs: 2_000 }],
    [
      401,
      { errors: '[API] Invalid API key or access token' },
      {},
      { kind: 'unauthorized', code: 'CHANNEL_UNAUTHORIZED' },
    ],
    [403, '', {}, { kind: 'unauthorized' }],
    [
      200,
      { errors: [{ message: 'no', extensions: { code: 'ACCESS_DENIED' } }] },
      {},
      { kind: 'unauthorized', code: 'CHANNEL_SCOPE_MISSING' },
    ],
    [200, { errors: [{ message: "Field 'x' doesn't exist" }] }, {}, { kind: 'rejected', code: 'CHANNEL_REFUSED' }],
    [200, { errors: [{ message: 'oops', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }, {}, { kind: 'retryable' }],
    [402, '', {}, { kind: 'rejected', message: expect.stringContaining('frozen') }],
    [404, { errors: 'Not Found' }, {}, { kind: 'rejected', message: expect.stringContaining('no such shop') }],
    [500, 'oops', {}, { kind: 'retryable', code: 'CHANNEL_UNAVAILABLE' }],
    [502, '<html>', {}, { kind: 'retryable' }],
    [200, '<html>', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '', {}, { kind: 'retryable' }],
  ] as const)('%s %j means what it says', async ([status, body, headers, expected]) => {
    nock(HOST)
      .post(PATH)
      .reply(status, body as nock.Body, headers);
    await expect(ask()).rejects.toMatchObject(expected);
  });
});

const bag = (amount: string) => ({
  shopMoney: { amount, currencyCode: 'GBP' },
  presentmentMoney: { amount, currencyCode: 'GBP' },
});
const end = { hasNextPage: false, endCursor: null };
const item = (id: number) => ({
  ...{
    id: `gid://shopify/LineItem/${id}`,
    title: 'Mug',
    sku: 'MUG',
    quantity: 1,
    currentQuantity: 1,
    isGiftCard: false,
  },
  ...{ taxable: true, originalUnitPriceSet: bag('5.0'), discountAllocations: [], taxLines: [], duties: [] },
});
const order = (id: number, changes: Record<string, unknown> = {}) => ({
  ...{
    id: `gid://shopify/Order/${id}`,
    name: `#${id}`,
    createdAt: '2026-11-01T10:00:00Z',
    processedAt: '2026-11-01T10:00:00Z',
  },
  ...{
    updatedAt: '2026-11-01T10:00:00Z',
    test: false,
    currencyCode: 'GBP',
    presentmentCurrencyCode: 'GBP',
    taxesIncluded: false,
  },
  ...{
    displayFinancialStatus: 'PAID',
    paymentGatewayNames: ['cash'],
    totalPriceSet: bag('5.0'),
    currentTotalPriceSet: bag('5.0'),
  },
  lineItems: { nodes: [item(1)], pageInfo: end },
  shippingLines: { nodes: [] },
  refunds: [],
  transactions: [
    { id: 'gid://shopify/OrderTransaction/3', kind: 'SALE', status: 'SUCCESS', gateway: 'cash', amountSet: bag('5.0') },
  ],
  ...changes,
});
const delivery = (topic: string, body: unknown) => ({ topic, headers: {}, body: Buffer.from(JSON.stringify(body)) });

describe('re-reading', () => {
  test('an edit reads the whole order, long lists to their end, and becomes its sale', async () => {
    const refund = {
      ...{
        id: 'gid://shopify/Refund/7',
        createdAt: '2026-11-02T10:00:00Z',
        processedAt: '2026-11-02T10:00:00Z',
        duties: [],
      },
      ...{ updatedAt: '2026-11-02T10:00:00Z', refundShippingLines: { nodes: [] }, orderAdjustments: { nodes: [] } },
      refundLineItems: { nodes: [refundLine(1)], pageInfo: { hasNextPage: true, endCursor: 'r1' } },
      transactions: {
        nodes: [
          {
            id: 'gid://shopify/OrderTransaction/4',
            kind: 'REFUND',
            status: 'SUCCESS',
            gateway: 'cash',
            amountSet: bag('10.0'),
          },
        ],
      },
    };
    const sold = {
      kind: 'SALE',
      status: 'SUCCESS',
      gateway: 'cash',
      amountSet: bag('15.0'),
      id: 'gid://shopify/OrderTransaction/3',
    };
    const first = order(9, {
      ...{ totalPriceSet: bag('15.0'), currentTotalPriceSet: bag('5.0'), displayFinancialStatus: 'PARTIALLY_REFUNDED' },
      ...{ refunds: [refund], transactions: [sold] },
      lineItems: { nodes: [{ ...item(1), currentQuantity: 0 }], pageInfo: { hasNextPage: true, endCursor: 'l1' } },
    });
    const more = { nodes: [{ ...item(2), currentQuantity: 0 }, item(3)], pageInfo: end };
    const asked = answers(
      ['DaybookOrder(', { order: first }],
      ['DaybookOrderLines', { order: { lineItems: more } }],
      ['DaybookRefundLines', { refund: { refundLineItems: { nodes: [refundLine(2)], pageInfo: end } } }],
    );
    const edit = delivery('orders/edited', { order_edit: { id: 1, order_id: 9 } });
    const fetched = { order: await connector.fetch!('order', edit, api) };
    expect(asked.map(({ variables }) => variables)).toEqual([
      { id: 'gid://shopify/Order/9' },
      { id: 'gid://shopify/Order/9', after: 'l1' },
      { id: 'gid://shopify/Refund/7', after: 'r1' },
    ]);
    expect(connector.normalize(edit, { settings: {}, fetched })).toMatchObject({
      events: [
        { type: 'sale', id: '9', total: 1500n, lines: [{ id: '1' }, { id: '2' }, { id: '3' }] },
        {
          type: 'refund',
          id: '7',
          total: 1000n,
          lines: [
            { id: '1', restock: true },
            { id: '2', restock: true },
          ],
        },
      ],
    });
  });

  const refundLine = (id: number) => ({
    ...{ quantity: 1, restockType: 'RETURN', lineItem: { id: `gid://shopify/LineItem/${id}` } },
    ...{ subtotalSet: bag('5.0'), totalTaxSet: bag('0.0') },
  });

  test('an order paid through several gateways reads its transactions', async () => {
    const split = [
      {
        ...{ id: 'gid://shopify/OrderTransaction/3', kind: 'SALE', status: 'SUCCESS' },
        gateway: 'gift_card',
        amountSet: bag('2.0'),
      },
      {
        ...{ id: 'gid://shopify/OrderTransaction/4', kind: 'SALE', status: 'SUCCESS' },
        gateway: 'cash',
        amountSet: bag('3.0'),
      },
    ];
    answers(['DaybookTransactions', { order: { id: 'gid://shopify/Order/9', transactions: split } }]);
    const { transactions: _none, ...thin } = order(9, { paymentGatewayNames: ['gift_card', 'cash'] });
    const paid = delivery('orders', { order: thin });
    expect(connector.normalize(paid, { settings: {}, fetched: {} })).toMatchObject({ needs: 'transactions' });
    const fetched = { transactions: await connector.fetch!('transactions', paid, api) };
    expect(connector.normalize(paid, { settings: {}, fetched })).toMatchObject({
      events: [
        {
          tenders: [
            { kind: 'gift_card', amount: 200n },
            { kind: 'cash', amount: 300n },
          ],
        },
      ],
    });
  });

  test('an order that is gone, an unknown name and a delivery without an order are told apart', async () => {
    answers(['DaybookOrder(', { order: null }]);
    const capture = delivery('order_transactions/create', { id: 1, order_id: 9, kind: 'capture', status: 'success' });
    await expect(connector.fetch!('order', capture, api)).rejects.toMatchObject({ code: 'CHANNEL_OBJECT_MISSING' });
    await expect(connector.fetch!('weather', capture, api)).rejects.toMatchObject({ kind: 'unsupported' });
    const nothing = delivery('order_transactions/create', { id: 1 });
    await expect(connector.fetch!('order', nothing, api)).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' });
  });

  test('an order that was read for another delivery is refused', () => {
    const edit = delivery('orders/edited', { order_edit: { id: 1, order_id: 8 } });
    const fetched = { order: JSON.stringify({ order: order(9) }) };
    expect(() => connector.normalize(edit, { settings: {}, fetched })).toThrow(/about order 8, but order 9/);
  });
});

describe('catching up', () => {
  const change = (id: number, updatedAt: string) => ({ id: `gid://shopify/Order/${id}`, updatedAt });

  test('changes come oldest first, page by page, from a little before the cursor', async () => {
    const asked = answers(
      [
        'DaybookChanges',
        { orders: { nodes: [change(1, '2026-11-01T10:00:00Z')], pageInfo: { hasNextPage: true, endCursor: 'p1' } } },
      ],
      ['DaybookOrder(', { order: order(1) }],
      ['DaybookChanges', { orders: { nodes: [change(2, '2026-11-01T10:05:00Z')], pageInfo: end } }],
      ['DaybookOrder(', { order: order(2) }],
    );
    const pages = [];
    const range = {
      feed: 'orders',
      cursor: '2026-11-01T10:00:00Z',
      from: '2026-10-01T00:00:00Z',
      to: '2026-11-21T00:00:00Z',
    };
    for await (const page of connector.changesSince!(range, api)) pages.push(page);
    expect(pages.map(({ cursor }) => cursor)).toEqual(['2026-11-01T10:00:00Z+', '2026-11-01T10:05:00Z']);
    expect(pages.flatMap(({ deliveries }) => deliveries.map(({ topic, eventId }) => [topic, eventId]))).toEqual([
      ['orders', 'gid://shopify/Order/1:2026-11-01T10:00:00Z'],
      ['orders', 'gid://shopify/Order/2:2026-11-01T10:05:00Z'],
    ]);
    expect(asked[0]?.variables).toEqual({
      query: "updated_at:>='2026-11-01T09:58:00.000Z' AND updated_at:<='2026-11-21T00:00:00Z'",
      after: null,
    });
    expect(asked[2]?.variables.after).toBe('p1');
    const [first] = pages[0]?.deliveries ?? [];
    expect(connector.normalize(first!, { settings: {}, fetched: {} })).toMatchObject({
      events: [{ id: '1', total: 500n }],
    });
  });

  test('what was read before a refusal is handed over, and the next run goes on right there', async () => {
    const nodes = [change(1, '2026-11-01T10:00:00Z'), change(2, '2026-11-01T10:05:00Z')];
    const range = {
      feed: 'orders',
      cursor: '2026-11-01T10:00:00Z',
      from: '2026-10-01T00:00:00Z',
      to: '2026-11-21T00:00:00Z',
    };
    answers(['DaybookChanges', { orders: { nodes, pageInfo: end } }], ['DaybookOrder(', { order: order(1) }]);
    nock(HOST).post(PATH).reply(429, '', { 'retry-after': '2.0' });
    const pages: { cursor: string; deliveries: unknown[] }[] = [];
    const run = async () => {
      for await (const page of connector.changesSince!(range, api)) pages.push(page);
    };
    // 2 seconds as the shop asks, and 10 more for a handful of orders at once.
    await expect(run()).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 12_000 });
    expect(pages.map(({ cursor, deliveries }) => [cursor, deliveries.length])).toEqual([['2026-11-01T10:00:00Z+', 1]]);
    const asked = answers(['DaybookChanges', { orders: { nodes: [], pageInfo: end } }]);
    for await (const page of connector.changesSince!({ ...range, cursor: '2026-11-01T10:00:00Z+' }, api))
      pages.push(page);
    expect(asked[0]?.variables.query).toBe(
      "updated_at:>='2026-11-01T10:00:00Z' AND updated_at:<='2026-11-21T00:00:00Z'",
    );
  });
});

describe('webhooks', () => {
  const url = 'https://daybook.example/webhooks/shopify/1';
  const known = { connection: false, app: false };
  const target = { url, appUrl: 'https://daybook.example/webhooks/shopify/app', freshSecret: 'unused', known };
  const nameOf = (topic: string) => topic.toUpperCase().replace('/', '_');
  const present = (topics: readonly string[], uri = url) => ({
    webhookSubscriptions: {
      nodes: topics.map((topic, index) => ({
        id: `gid://shopify/WebhookSubscription/${index}`,
        topic: nameOf(topic),
        uri,
      })),
      pageInfo: end,
    },
  });

  test('what is missing is created, what is there is kept, another address does not count', async () => {
    const [missing, ...there] = TOPICS;
    const made = { webhookSubscriptionCreate: { webhookSubscription: { id: 'gid://1' }, userErrors: [] } };
    const asked = answers(['DaybookSubscriptions', present(there)], ['DaybookSubscribe', made]);
    expect(await connector.registerWebhooks!(target, api)).toEqual({ created: [missing], kept: there });
    expect(asked[1]?.variables).toEqual({ topic: nameOf(missing ?? ''), uri: url });
    const elsewhere = answers(
      ['DaybookSubscriptions', present(TOPICS, 'https://elsewhere.example')],
      ...TOPICS.map((): [string, unknown] => ['DaybookSubscribe', made]),
    );
    expect((await connector.registerWebhooks!(target, api)).created).toEqual(TOPICS);
    expect(elsewhere).toHaveLength(TOPICS.length + 1);
  });

  test('a refused subscription names the topic and what Shopify said', async () => {
    const refused = {
      webhookSubscriptionCreate: { webhookSubscription: null, userErrors: [{ message: 'Address is invalid' }] },
    };
    answers(['DaybookSubscriptions', present([])], ['DaybookSubscribe', refused]);
    await expect(connector.registerWebhooks!(target, api)).rejects.toMatchObject({
      kind: 'rejected',
      subject: TOPICS[0],
      message: expect.stringContaining('Address is invalid'),
    });
  });

  test('the compliance topics are not subscribed to by API', () => {
    expect(TOPICS.filter((topic) => /redact|data_request/.test(topic))).toEqual([]);
  });
});

describe('headers', () => {
  const NOTHING = Buffer.from('{}');
  const headers = {
    'x-shopify-topic': 'orders/paid',
    'x-shopify-webhook-id': 'delivery-1',
    'x-shopify-shop-domain': 'daybook-demo.myshopify.com',
    'x-shopify-triggered-at': '2026-11-03T09:12:32.123456789Z',
  };

  test('tell topic, event, shop and time; the delivery’s id stands in for a missing event id', () => {
    expect(connector.header({ ...headers, 'x-shopify-event-id': 'event-1' }, NOTHING)).toEqual({
      topic: 'orders/paid',
      eventId: 'event-1',
      account: 'daybook-demo.myshopify.com',
      triggeredAt: '2026-11-03T09:12:32.123Z',
    });
    expect(connector.header(headers, NOTHING).eventId).toBe('delivery-1');
  });

  test.for(['x-shopify-topic', 'x-shopify-webhook-id'] as const)('without %s the request is refused', (name) => {
    const { [name]: _missing, ...rest } = headers;
    expect(() => connector.header(rest, NOTHING)).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'HEADER_MISSING' }),
    );
  });
});

describe('why shopify-api-node makes no call of ours (docs/decisions/0003-shopify-sdk.md)', () => {
  test('it only ever calls https at *.myshopify.com, whatever host is configured', () => {
    const client = new Shopify({ shopName: 'http://127.0.0.1:9001', accessToken: 'shpat_1' });
    expect((client as unknown as { baseUrl: unknown }).baseUrl).toEqual({
      protocol: 'https:',
      hostname: 'http://127.0.0.1:9001.myshopify.com',
    });
  });
});
