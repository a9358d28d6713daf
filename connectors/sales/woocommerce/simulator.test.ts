import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifySignature } from '../../kit/signature.ts';
import { connector } from './connector.ts';
import { start, type WooCommerceSimulator } from './simulator.ts';

const APP = { clientId: 'unused', clientSecret: 'unused' };
const ACCOUNT = 'books.daybook.example';
/** British summer time: the site's clock is an hour ahead of UTC. */
let clock = new Date('2026-07-01T09:00:00Z');
let store: WooCommerceSimulator;
const open: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  clock = new Date('2026-07-01T09:00:00Z');
  store = await started();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function started(stateFile?: string): Promise<WooCommerceSimulator> {
  const made = await start({ seed: 5, app: APP, now: () => clock, stateFile });
  open.push(made);
  return made;
}

const api = () => `${store.url}/${ACCOUNT}/wp-json/wc/v3`;
const basic = ({ consumerKey, consumerSecret }: Record<string, string>) => ({
  authorization: `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`,
});

async function ask(path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) {
  const { method = 'GET', body, headers = basic(store.keys!(ACCOUNT)) } = init;
  const response = await fetch(`${api()}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as never };
}

interface Arrived {
  headers: Record<string, string>;
  body: string;
}

/** An address that takes whatever comes with the status that `answer` says. */
async function inbox(answer: (count: number) => number = () => 200): Promise<{ url: string; arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    arrived.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
    response.writeHead(answer(arrived.length)).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => void server.close(resolve)) });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, arrived };
}

const subscribe = (url: string, topic = 'order.updated') =>
  ask('/webhooks', { method: 'POST', body: { name: 'x', topic, delivery_url: url, secret: 'sesame' } });

async function trade(times: number): Promise<string[]> {
  const played: string[] = [];
  for (let step = 0; step < times; step += 1) {
    played.push((await store.trade(ACCOUNT)).what);
    clock = new Date(clock.getTime() + 20_000);
  }
  return played;
}

describe('the consent page', () => {
  const authorize = (callbackUrl: string, changes: Record<string, string> = {}) => {
    const { auth } = store.hosts;
    const url = new URL(
      connector.keys!.handover!.authorizeUrl({
        hosts: { api: '', auth: auth.replace('{account}', ACCOUNT) },
        fields: { store: ACCOUNT },
        callbackUrl,
        returnUrl: 'https://daybook.example/done',
        state: 'once-only',
      }),
    );
    for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
    return url.toString();
  };

  test('posts keys that work, and sends the browser back', async () => {
    const { url, arrived } = await inbox();
    expect(await store.consent(authorize(url))).toBe('https://daybook.example/done?success=1&user_id=once-only');
    const { state, credentials } = connector.keys!.handover!.receive(Buffer.from(arrived[0]?.body ?? ''));
    expect(state).toBe('once-only');
    expect(connector.credentials.safeParse(credentials).success).toBe(true);
    expect((await ask('/orders', { headers: basic(credentials) })).status).toBe(200);
  });

  test('deletes the keys again unless they are taken with exactly 200', async () => {
    const { url, arrived } = await inbox(() => 202);
    await expect(store.consent(authorize(url))).rejects.toThrow(/unable to send the consumer data/);
    const { credentials } = connector.keys!.handover!.receive(Buffer.from(arrived[0]?.body ?? ''));
    expect((await ask('/orders', { headers: basic(credentials) })).status).toBe(401);
  });

  test('can be declined', async () => {
    expect(await store.deny(authorize('https://daybook.example/keys'))).toBe(
      'https://daybook.example/done?success=0&user_id=once-only',
    );
  });

  test('refuses plain http elsewhere, unknown scopes and missing parameters', async () => {
    await expect(store.consent(authorize('http://daybook.example/keys'))).rejects.toThrow(/over SSL/);
    await expect(store.consent(authorize('https://d.example/k', { scope: 'everything' }))).rejects.toThrow(/scope/);
    await expect(store.consent(authorize('https://d.example/k', { user_id: '' }))).rejects.toThrow(/user_id/);
  });

  test('an approval counts for what was shown only', async () => {
    const url = authorize('https://daybook.example/keys').replace('authorize?', 'access_granted?wc_auth_nonce=0&');
    expect(await (await fetch(url)).text()).toContain('Invalid nonce');
  });
});

describe('keys', () => {
  test.for([
    [{}, 'woocommerce_rest_cannot_view'],
    [basic({ consumerKey: 'ck_none', consumerSecret: 'cs_none' }), 'woocommerce_rest_authentication_error'],
  ] as const)('%j is refused as %s', async ([headers, code]) => {
    expect(await ask('/orders', { headers: { ...headers } })).toMatchObject({ status: 401, body: { code } });
  });

  test('in the query are as good as in the header', async () => {
    const { consumerKey = '', consumerSecret = '' } = store.keys!(ACCOUNT);
    const query = new URLSearchParams({ consumer_key: consumerKey, consumer_secret: consumerSecret });
    expect((await ask(`/orders?${query}`, { headers: {} })).status).toBe(200);
    query.set('consumer_secret', 'cs_wrong');
    expect((await ask(`/orders?${query}`, { headers: {} })).status).toBe(401);
  });

  test('that may only read make no webhooks', async () => {
    const headers = basic(store.makeKeys('read'));
    expect((await ask('/orders', { headers })).status).toBe(200);
    const body = { topic: 'order.updated', delivery_url: 'https://daybook.example/hook' };
    expect(await ask('/webhooks', { method: 'POST', body, headers })).toMatchObject({
      status: 401,
      body: { message: expect.stringContaining('write permissions') },
    });
  });

  test('deleted by an administrator are dead', async () => {
    const headers = basic(store.keys!(ACCOUNT));
    store.deleteKeys();
    expect((await ask('/orders', { headers })).status).toBe(401);
  });
});

describe('the REST routes', () => {
  test('page as WordPress does: ten, at most a hundred, totals in the headers', async () => {
    await trade(20);
    const { headers, body } = await ask('/orders?status=any');
    const total = Number.parseInt(headers.get('x-wp-total') ?? '', 10);
    expect(body).toHaveLength(10);
    expect(total).toBeGreaterThan(10);
    expect(headers.get('x-wp-totalpages')).toBe(String(Math.ceil(total / 10)));
    expect(headers.get('link')).toContain('rel="next"');
    expect(await ask('/orders?per_page=101')).toMatchObject({ status: 400, body: { code: 'rest_invalid_param' } });
  });

  test('read times in filters as the site’s own, unless told that they are GMT', async () => {
    await trade(1);
    // The order changed at 09:00 UTC, which the site calls 10:00.
    const count = async (query: string) => ((await ask(`/orders?${query}`)).body as unknown[]).length;
    expect(await count('modified_after=2026-07-01T09:30:00')).toBe(1);
    expect(await count('modified_after=2026-07-01T09:30:00&dates_are_gmt=true')).toBe(0);
    expect(await count('modified_after=2026-07-01T08:30:00&dates_are_gmt=true')).toBe(1);
  });

  test('name local times without offset and UTC times without Z', async () => {
    await trade(1);
    expect((await ask('/orders')).body[0]).toMatchObject({
      date_created: '2026-07-01T10:00:00',
      date_created_gmt: '2026-07-01T09:00:00',
    });
  });

  test('say what they do not have', async () => {
    expect(await ask('/orders/99999')).toMatchObject({
      status: 404,
      body: { code: 'woocommerce_rest_shop_order_invalid_id' },
    });
    expect(await ask('/payments/deposits')).toMatchObject({ status: 404, body: { code: 'rest_no_route' } });
    expect(await ask('/webhooks/1?force=false', { method: 'DELETE' })).toMatchObject({ status: 501 });
  });

  test('answer with a page of the server when they are told to', async () => {
    store.inject({ kind: 'html', count: 1, path: '/orders', status: 503 });
    const response = await fetch(`${api()}/orders`, { headers: basic(store.keys!(ACCOUNT)) });
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  });

  test('keep what is in the trash to themselves', async () => {
    const played = await trade(30);
    expect(played).toContain('order trashed, restored and paid');
    const states = ((await ask('/orders?per_page=100')).body as { status: string }[]).map(({ status }) => status);
    expect(states).not.toContain('trash');
  });
});

describe('webhooks', () => {
  test('ping a new address with an unsigned form, and show their secret to nobody', async () => {
    const { url, arrived } = await inbox();
    const { status, body } = await subscribe(url);
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('secret');
    expect(arrived).toHaveLength(1);
    expect(connector.handshake?.(arrived[0]!.headers, Buffer.from(arrived[0]!.body))).toBe(true);
  });

  test('are refused for topics and addresses that are none', async () => {
    expect(await subscribe('https://daybook.example/hook', 'refund.created')).toMatchObject({ status: 400 });
    expect(await subscribe('ftp://daybook.example/hook')).toMatchObject({ status: 400 });
  });

  test('are signed over the body, and share a delivery id within a second', async () => {
    const { url, arrived } = await inbox();
    await subscribe(url);
    await trade(1);
    await store.trade(ACCOUNT);
    await trade(1);
    const sent = arrived.slice(1);
    for (const { headers, body } of sent) {
      const request = { headers, body: Buffer.from(body), url, receivedAt: clock };
      expect(verifySignature(connector.signature, request, ['sesame'])).toBe(true);
      expect(connector.header(headers, Buffer.from(body)).account).toBe(ACCOUNT);
    }
    const idOf = ({ headers }: Arrived) => headers['x-wc-webhook-delivery-id'];
    const orderOf = ({ body }: Arrived) => (JSON.parse(body) as { id: number }).id;
    const shared = sent.filter((each) =>
      sent.some((other) => idOf(other) === idOf(each) && orderOf(other) !== orderOf(each)),
    );
    expect(shared.length).toBeGreaterThan(0);
  });

  test('show the state of the moment they are sent: created arrives paid already', async () => {
    const { url, arrived } = await inbox();
    await subscribe(url, 'order.created');
    await trade(1);
    expect(JSON.parse(arrived[1]?.body ?? '{}')).toMatchObject({
      status: 'processing',
      date_paid_gmt: '2026-07-01T09:00:00',
    });
  });

  test('are sent once, and switched off after more than five failures in a row, in silence', async () => {
    const { url, arrived } = await inbox((count) => (count === 1 ? 200 : 500));
    await subscribe(url);
    await trade(30);
    expect(store.webhooks()[0]?.status).toBe('disabled');
    // The ping, six failures that are counted, and the one that is too many.
    expect(arrived).toHaveLength(8);
    const [webhook] = store.webhooks();
    await ask(`/webhooks/${webhook?.id}`, { method: 'PUT', body: { status: 'active' } });
    await trade(1);
    expect(arrived.length).toBeGreaterThan(8);
  });

  test('a success in between starts the count again', async () => {
    const { url } = await inbox((count) => (count % 5 === 0 ? 200 : 500));
    await subscribe(url);
    await trade(40);
    expect(store.webhooks()[0]?.status).toBe('active');
  });

  test('a deleted order tells its id only', async () => {
    const { url, arrived } = await inbox();
    await subscribe(url, 'order.deleted');
    await trade(35);
    const told = arrived.slice(1).map(({ body }) => Object.keys(JSON.parse(body) as object));
    expect(told.length).toBeGreaterThan(0);
    for (const fields of told) expect(fields).toEqual(['id']);
  });
});

test('a restart forgets nothing that happened, and does the work that was left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'woo-'));
  const stateFile = join(folder, 'state');
  try {
    store = await started(stateFile);
    await trade(40);
    const { url } = await inbox();
    await subscribe(url);
    const before = {
      totals: store.totals(ACCOUNT),
      orders: store.orders(),
      webhooks: store.webhooks(),
      keys: store.keys!(ACCOUNT),
    };
    await store.close();
    store = await started(stateFile);
    await store.caughtUp;
    expect({
      totals: store.totals(ACCOUNT),
      orders: store.orders(),
      webhooks: store.webhooks(),
      keys: store.keys!(ACCOUNT),
    }).toEqual(before);
    expect(await trade(5)).toHaveLength(5);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('another store is not here', () => {
  expect(() => store.totals('other.example')).toThrow(/no store other\.example/);
});
