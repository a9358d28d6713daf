import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLosslessNumber, parse } from 'lossless-json';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeaderMap } from '../../kit/contract.ts';
import { type SignatureScheme, verifySignature } from '../../kit/signature.ts';
import { type Inbox, inbox, type Received } from '../../kit/test-inbox.ts';
import { type ShopifySimulator, type ShopifySimulatorOptions, start } from './simulator.ts';

const TEA = 'daybook-tea.myshopify.com';
const OUTDOOR = 'daybook-outdoor.myshopify.com';
const TOPICS = [
  'orders/create',
  'orders/paid',
  'orders/updated',
  'orders/edited',
  'orders/cancelled',
  'refunds/create',
  'order_transactions/create',
  'app/uninstalled',
];
const NOON = new Date('2026-07-01T12:00:00Z');
const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'x-shopify-hmac-sha256',
  encoding: 'base64',
  signs: 'body',
  secret: 'client',
};

const summary = ({ headers, body }: Received) =>
  [headers['x-shopify-topic'], headers['x-shopify-event-id'], headers['x-shopify-hmac-sha256'], body] as const;

describe('the simulated Shopify', () => {
  let hub: Inbox;
  let shopify: ShopifySimulator;
  let folder: string;
  const options = (more: Partial<ShopifySimulatorOptions> = {}): ShopifySimulatorOptions => ({
    seed: 7,
    app: { clientId: 'client', clientSecret: 'secret-now' },
    now: () => NOON,
    ladderMs: [5, 5, 5],
    answerWithinMs: 300,
    ...more,
  });
  const begin = async (more: Partial<ShopifySimulatorOptions> = {}) => {
    shopify = await start(options(more));
    return shopify;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shopify-simulator-'));
    hub = await inbox();
    await begin();
  });
  afterEach(async () => {
    await shopify.close();
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  test('plays every kind of step within its first thirty-four', async () => {
    for (const account of [TEA, OUTDOOR]) {
      const played = new Set<string>();
      for (let step = 0; step < 34; step += 1) played.add((await shopify.trade(account)).what);
      expect(played.size).toBeGreaterThanOrEqual(account === TEA ? 34 : 33);
    }
  });

  test('signs the raw body with the app secret and names topic, shop, version and event', async () => {
    shopify.subscribe(TEA, hub.url, ['orders/create']);
    await shopify.trade(TEA);
    const [first] = hub.received;
    const headers = first!.headers as HeaderMap;
    const request = { headers, body: Buffer.from(first!.body), url: hub.url, receivedAt: new Date() };
    expect(verifySignature(scheme, request, ['secret-now'])).toBe(true);
    expect(verifySignature(scheme, request, ['another'])).toBe(false);
    expect(headers['x-shopify-topic']).toBe('orders/create');
    expect(headers['x-shopify-shop-domain']).toBe(TEA);
    expect(headers['x-shopify-api-version']).toBe('2026-10');
    expect(headers['x-shopify-event-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-shopify-webhook-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-shopify-triggered-at']).toMatch(/^2026-07-01T11:59:\d\d\.\d{9}Z$/);
  });

  test('signs with the older secret while a rotation is under way', async () => {
    shopify.subscribe(TEA, hub.url, ['orders/create']);
    shopify.signWith('secret-before');
    await shopify.trade(TEA);
    const { headers, body } = hub.received[0]!;
    const request = { headers: headers as HeaderMap, body: Buffer.from(body), url: hub.url, receivedAt: new Date() };
    expect(verifySignature(scheme, request, ['secret-now'])).toBe(false);
    expect(verifySignature(scheme, request, ['secret-now', 'secret-before'])).toBe(true);
  });

  test('prints ids beyond 2^53 as integers, money as strings, and times with the offset of the shop', async () => {
    for (const account of [TEA, OUTDOOR]) shopify.subscribe(account, hub.url, ['orders/create']);
    await shopify.trade(TEA);
    await shopify.trade(OUTDOOR);
    const [tea, outdoor] = hub.received.map(({ body }) => parse(body) as Record<string, never>);
    expect(isLosslessNumber(tea!.id)).toBe(true);
    expect(`${tea!.id}`).toMatch(/^\d{18}$/);
    expect(tea!.admin_graphql_api_id).toBe(`gid://shopify/Order/${tea!.id}`);
    expect(tea!.total_price).toMatch(/^\d+\.\d\d$/);
    expect([tea!.currency, tea!.taxes_included]).toEqual(['GBP', true]);
    expect([outdoor!.currency, outdoor!.taxes_included]).toEqual(['USD', false]);
    expect(tea!.created_at).toBe('2026-07-01T12:59:41+01:00');
    expect(outdoor!.created_at).toBe('2026-07-01T07:59:41-04:00');
  });

  test('the same seed and times give the same bytes, another seed others', async () => {
    const run = async (seed: number) => {
      const box = await inbox();
      const other = await start(options({ seed }));
      other.subscribe(TEA, box.url, TOPICS);
      for (let step = 0; step < 30; step += 1) await other.trade(TEA);
      await other.close();
      await box.close();
      return box.received.map(summary);
    };
    const first = await run(11);
    expect(first.length).toBeGreaterThan(60);
    expect(await run(11)).toEqual(first);
    expect(await run(12)).not.toEqual(first);
  });

  test('a failed delivery comes again with the same event, the same webhook id and the original payload', async () => {
    shopify.subscribe(TEA, hub.url, ['orders/create']);
    hub.answers.push(500, 302);
    await shopify.trade(TEA);
    expect(hub.received).toHaveLength(3);
    expect(new Set(hub.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(hub.received.map(({ headers }) => headers['x-shopify-event-id'])).size).toBe(1);
    expect(new Set(hub.received.map(({ headers }) => headers['x-shopify-webhook-id'])).size).toBe(1);
    expect(shopify.unacknowledged(TEA)).toBe(0);
  });

  test('no answer in time is a failure', async () => {
    shopify.subscribe(TEA, hub.url, ['orders/create']);
    hub.answers.push(0);
    await shopify.trade(TEA);
    expect(hub.received).toHaveLength(2);
  });

  test('a repeated delivery keeps its event id and changes its webhook id', async () => {
    shopify.subscribe(TEA, hub.url, ['orders/paid']);
    let what = '';
    while (what !== 'deliveries repeated') {
      hub.received.length = 0;
      ({ what } = await shopify.trade(TEA));
    }
    const [first, second] = hub.received;
    expect(second!.body).toBe(first!.body);
    expect(second!.headers['x-shopify-event-id']).toBe(first!.headers['x-shopify-event-id']);
    expect(second!.headers['x-shopify-webhook-id']).not.toBe(first!.headers['x-shopify-webhook-id']);
  });

  test('a delivery that fails to the last attempt is given up and its subscription deleted', async () => {
    shopify.subscribe(TEA, hub.url, ['orders/create']);
    hub.answers.push(500, 500, 500, 500);
    await shopify.trade(TEA);
    expect(hub.received).toHaveLength(4);
    expect(shopify.webhookUrl(TEA)).toBeNull();
    expect(shopify.unacknowledged(TEA)).toBe(0);
  });

  test('after a restart it knows its orders and subscriptions and sends what nobody acknowledged', async () => {
    await shopify.close();
    const stateFile = join(folder, 'state', 'shopify.jsonl');
    await begin({ stateFile, ladderMs: [60_000] });
    shopify.subscribe(TEA, hub.url, ['orders/create', 'orders/paid']);
    await shopify.trade(TEA);
    expect(hub.received).toHaveLength(2);
    hub.answers.push(503, 503);
    const interrupted = shopify.trade(TEA);
    while (hub.received.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    const missed = hub.received.slice(2).map(summary);
    const before = { totals: shopify.totals(TEA), orders: shopify.orders(TEA) };
    await shopify.close();
    await interrupted;

    await begin({ stateFile });
    await shopify.caughtUp;
    expect({ totals: shopify.totals(TEA), orders: shopify.orders(TEA) }).toEqual(before);
    expect(hub.received.slice(4).map(summary)).toEqual(missed);
    expect(shopify.unacknowledged(TEA)).toBe(0);
    expect(shopify.webhookUrl(TEA)).toBe(hub.url);
  });

  test('a restart in the middle changes nothing in what the shop goes on to do', async () => {
    for (let step = 0; step < 12; step += 1) await shopify.trade(TEA);
    const whole = shopify.orders(TEA);
    await shopify.close();
    const stateFile = join(folder, 'shopify.jsonl');
    for (let step = 0; step < 12; step += 4) {
      await begin({ stateFile });
      for (let part = 0; part < 4; part += 1) await shopify.trade(TEA);
      if (step < 8) await shopify.close();
    }
    expect(shopify.orders(TEA)).toEqual(whole);
  });

  test('removing the app ends tokens and subscriptions and announces it last', async () => {
    shopify.subscribe(TEA, hub.url, TOPICS);
    await shopify.uninstall(TEA);
    expect(hub.received.map(({ headers }) => headers['x-shopify-topic'])).toEqual(['app/uninstalled']);
    expect(JSON.parse(hub.received[0]!.body)).toMatchObject({ myshopify_domain: TEA, currency: 'GBP' });
    expect(shopify.webhookUrl(TEA)).toBeNull();
    await shopify.trade(TEA);
    expect(hub.received).toHaveLength(1);
  });
});
