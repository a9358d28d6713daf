import { describe, expect, test } from 'vitest';
import { call } from './client.ts';
import { connector } from './connector.ts';
import { stubApi } from './test-support.ts';
import { TOPICS } from './webhooks.ts';

const refusal = (code: string, message: string, status: number) => JSON.stringify({ code, message, data: { status } });

describe('an answer', () => {
  test.for([
    [200, '<br />Notice: Undefined index', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [
      401,
      refusal('woocommerce_rest_authentication_error', 'Consumer key is invalid.', 401),
      {},
      {
        kind: 'unauthorized',
        code: 'CHANNEL_UNAUTHORIZED',
        message: expect.stringContaining('Consumer key is invalid'),
      },
    ],
    [
      401,
      refusal('woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.', 401),
      {},
      { kind: 'unauthorized', message: expect.stringContaining('auth=query') },
    ],
    [
      401,
      refusal('woocommerce_rest_authentication_error', 'The API key provided does not have write permissions.', 401),
      {},
      { kind: 'unauthorized', code: 'CHANNEL_SCOPE_MISSING', message: expect.stringContaining('Read/Write') },
    ],
    [403, refusal('rest_forbidden', 'No.', 403), {}, { kind: 'unauthorized' }],
    [
      403,
      '<html>Access denied by firewall</html>',
      {},
      { kind: 'retryable', message: expect.stringContaining('firewall') },
    ],
    [404, '<html>Not found</html>', {}, { kind: 'rejected', message: expect.stringContaining('Permalinks') }],
    [404, refusal('rest_no_route', 'No route was found', 404), {}, { kind: 'rejected', code: 'CHANNEL_REFUSED' }],
    [
      404,
      refusal('woocommerce_rest_shop_order_invalid_id', 'Invalid ID.', 404),
      {},
      { kind: 'rejected', code: 'CHANNEL_OBJECT_MISSING' },
    ],
    [
      301,
      '',
      { location: 'https://www.books.example.com/wp-json/' },
      { kind: 'rejected', message: expect.stringContaining('https://www.books.example.com/wp-json/') },
    ],
    [400, refusal('rest_invalid_param', 'Invalid parameter(s): per_page', 400), {}, { kind: 'rejected' }],
    [429, '', { 'retry-after': '7' }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    [429, '', {}, { kind: 'rate_limited', retryAfterMs: 30_000 }],
    [
      503,
      '<html>Briefly unavailable for scheduled maintenance.</html>',
      { 'retry-after': '600' },
      {
        kind: 'retryable',
        code: 'CHANNEL_UNAVAILABLE',
        retryAfterMs: 600_000,
      },
    ],
    [500, refusal('internal_server_error', 'There has been a critical error.', 500), {}, { kind: 'retryable' }],
  ] as const)('%s %s means what it says', async ([status, text, headers, expected]) => {
    const { api } = stubApi(() => ({ status, text, headers }));
    await expect(call(api, 'GET', '/orders')).rejects.toMatchObject({ ...expected, ambiguous: false });
  });

  test('a write whose answer is lost may have happened', async () => {
    const { api } = stubApi(() => ({ status: 502, text: '<html>' }));
    await expect(call(api, 'POST', '/webhooks', { body: {} })).rejects.toMatchObject({ ambiguous: true });
  });

  test('names the store, and never the keys', async () => {
    const { api } = stubApi(() => ({ status: 401, text: '' }));
    const error = await call(api, 'GET', '/orders').catch((cause: Error) => cause.message);
    expect(error).toContain('books.example.com');
    expect(error).not.toMatch(/c[ks]_/);
  });
});

describe('keys', () => {
  test('travel in the header, and in the address only when somebody chose that', async () => {
    const { api, asked } = stubApi(() => ({ text: '[]' }));
    await call(api, 'GET', '/orders', { query: { page: '2' } });
    await call({ ...api, settings: { auth: 'query' } }, 'GET', '/orders');
    const [plain, inQuery] = asked;
    expect(plain?.url).toBe('https://books.example.com/wp-json/wc/v3/orders?page=2');
    // "ck_0123456789abcdef0123:cs_0123456789abcdef0123" in base64.
    expect(plain?.headers?.authorization).toBe(
      'Basic Y2tfMDEyMzQ1Njc4OWFiY2RlZjAxMjM6Y3NfMDEyMzQ1Njc4OWFiY2RlZjAxMjM=',
    );
    expect(inQuery?.headers?.authorization).toBeUndefined();
    expect(new URL(inQuery?.url ?? '').searchParams.get('consumer_secret')).toBe('cs_0123456789abcdef0123');
  });

  const status = (home: string) => JSON.stringify({ environment: { home_url: home }, settings: { currency: 'GBP' } });

  test('that work say whose they are', async () => {
    const { api, asked } = stubApi(() => ({ text: status('https://books.example.com') }));
    expect(await connector.keys?.verify(api)).toEqual({
      account: 'books.example.com',
      label: 'books.example.com',
      settings: { currency: 'GBP' },
    });
    expect(asked[0]?.url).toContain('/system_status?_fields=environment.home_url%2Csettings.currency');
  });

  test.for(['https://www.books.example.com', 'https://books.example.com/shop', 'https://other.example'])(
    'of a store that calls itself %s are refused: its webhooks would be',
    async (home) => {
      const { api } = stubApi(() => ({ text: status(home) }));
      await expect(connector.keys?.verify(api)).rejects.toMatchObject({
        kind: 'rejected',
        code: 'OAUTH_FIELD_INVALID',
        message: expect.stringContaining(home.replace('https://', '')),
      });
    },
  );

  test('have the form that stores give them', () => {
    const parse = (consumerKey: string, consumerSecret: string) =>
      connector.credentials.safeParse({ consumerKey, consumerSecret }).success;
    expect(parse(`ck_${'a1'.repeat(20)}`, `cs_${'b2'.repeat(20)}`)).toBe(true);
    expect(parse(`cs_${'a1'.repeat(20)}`, `ck_${'b2'.repeat(20)}`)).toBe(false);
  });
});

describe('the consent page', () => {
  const handover = connector.keys?.handover;

  test.for([
    ['books.example.com', 'books.example.com'],
    ['https://Books.Example.com/', 'books.example.com'],
    ['example.com/shop', 'example.com/shop'],
    ['https://example.com/a/b/', 'example.com/a/b'],
  ] as const)('is found for %s', ([typed, account]) => {
    expect(handover?.fields[0]?.pattern.test(typed)).toBe(true);
    expect(handover?.account({ store: typed })).toBe(account);
  });

  test.for(['', 'localhost', 'http://books.example.com', 'books.example.com?x=1', 'a b.com', 'javascript:alert(1)'])(
    'is not looked for at "%s"',
    (typed) => {
      expect(handover?.fields[0]?.pattern.test(typed)).toBe(false);
    },
  );

  test('is told everything it asks for', () => {
    const url = handover?.authorizeUrl({
      hosts: { api: 'https://books.example.com', auth: 'https://books.example.com' },
      fields: { store: 'books.example.com' },
      callbackUrl: 'https://daybook.example/keys',
      returnUrl: 'https://daybook.example/done',
      state: 'once-only',
    });
    const { pathname, searchParams } = new URL(url ?? '');
    expect(pathname).toBe('/wc-auth/v1/authorize');
    expect(Object.fromEntries(searchParams)).toEqual({
      app_name: 'Daybook',
      scope: 'read_write',
      user_id: 'once-only',
      return_url: 'https://daybook.example/done',
      callback_url: 'https://daybook.example/keys',
    });
  });

  const posted = {
    key_id: 1,
    user_id: 'once-only',
    consumer_key: 'ck_1',
    consumer_secret: 'cs_1',
    key_permissions: 'read_write',
  };
  const receive = (body: unknown) => handover?.receive(Buffer.from(JSON.stringify(body)));

  test('hands over keys with our state', () => {
    expect(receive(posted)).toEqual({
      state: 'once-only',
      credentials: { consumerKey: 'ck_1', consumerSecret: 'cs_1' },
    });
  });

  test.for([
    ['user_id', { ...posted, user_id: undefined }],
    ['consumer_secret', { ...posted, consumer_secret: '' }],
    ['key_permissions', { ...posted, key_permissions: 'read' }],
  ] as const)('is refused when %s is not as it should be', ([subject, body]) => {
    expect(() => receive(body)).toThrow(expect.objectContaining({ kind: 'rejected', subject }));
  });
});

describe('webhooks', () => {
  const url = 'https://daybook.example/webhooks/woocommerce/c0ffee';
  const target = (connection: boolean) => ({
    ...{ url, appUrl: 'https://daybook.example/webhooks/woocommerce/app', freshSecret: 'fresh' },
    known: { connection, app: false },
  });
  const subscription = (id: number, topic: string, changes: Record<string, unknown> = {}) => ({
    ...{ id, topic, status: 'active', delivery_url: url },
    ...changes,
  });
  const all = TOPICS.map((topic, index) => subscription(index + 1, topic));

  /** Registers against a store with these subscriptions; answers the result and the writes it took. */
  async function register(present: unknown[], isKnown: boolean) {
    const { api, asked, logged } = stubApi(({ method }) => ({
      status: method === 'POST' ? 201 : 200,
      text: JSON.stringify(method === 'GET' ? present : {}),
    }));
    const result = await connector.registerWebhooks?.(target(isKnown), api);
    const writes = asked
      .filter(({ method }) => method !== 'GET')
      .map(({ method, url: to, body }) => [
        method,
        new URL(to).pathname.split('/wc/v3')[1],
        JSON.parse(body ?? 'null'),
      ]);
    return { result, writes, logged };
  }

  test('are all made, with one secret of ours, where there are none', async () => {
    const { result, writes } = await register([], false);
    expect(result).toEqual({ created: [...TOPICS], kept: [], secret: { value: 'fresh', scope: 'connection' } });
    expect(writes).toEqual(
      TOPICS.map((topic) => [
        'POST',
        '/webhooks',
        { name: `Daybook ${topic}`, topic, delivery_url: url, secret: 'fresh', status: 'active' },
      ]),
    );
  });

  test('are left alone where all is well', async () => {
    expect(await register(all, true)).toMatchObject({ result: { created: [], kept: [...TOPICS] }, writes: [] });
  });

  test('of other people and other topics are left alone', async () => {
    const others = [
      subscription(50, 'order.updated', { delivery_url: 'https://other.example/hook' }),
      subscription(51, 'product.updated'),
      subscription(52, 'order.updated', { delivery_url: 'not an address' }),
    ];
    expect((await register([...all, ...others], true)).writes).toEqual([]);
  });

  test('that the store switched off are switched on, and that is logged', async () => {
    const off = all.map((each) => (each.topic === 'order.updated' ? { ...each, status: 'disabled' } : each));
    const { result, writes, logged } = await register(off, true);
    expect(writes).toEqual([['PUT', '/webhooks/2', { status: 'active' }]]);
    expect(result?.secret).toBeUndefined();
    expect(logged).toEqual(['webhook.reactivated {"topic":"order.updated","was":"disabled"}']);
  });

  test('that point to an address we had before are pointed here', async () => {
    const old = all.map((each) => ({ ...each, delivery_url: url.replace('daybook.example', 'old.example') }));
    const { writes } = await register(old, true);
    expect(writes).toEqual(all.map(({ id }) => ['PUT', `/webhooks/${id}`, { delivery_url: url }]));
  });

  test('there twice are removed once', async () => {
    const { writes } = await register([...all, subscription(60, 'order.updated')], true);
    expect(writes).toEqual([['DELETE', '/webhooks/60', null]]);
  });

  test('all get a fresh secret when we do not know theirs, or one is missing', async () => {
    const unknown = await register(all, false);
    expect(unknown.writes).toEqual(all.map(({ id }) => ['PUT', `/webhooks/${id}`, { secret: 'fresh' }]));
    expect(unknown.result?.secret).toEqual({ value: 'fresh', scope: 'connection' });
    const missing = await register(all.slice(1), true);
    expect(missing.result).toMatchObject({ created: ['order.created'], secret: { value: 'fresh' } });
    expect(missing.writes.map(([method]) => method)).toEqual(['POST', 'PUT', 'PUT', 'PUT']);
  });
});
