import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeaderMap } from '../../kit/contract.ts';
import { type SignatureScheme, verifySignature } from '../../kit/signature.ts';
import { type Inbox, inbox, type Received } from '../../kit/test-inbox.ts';
import { KINDS } from './simulator/programme.ts';
import { APP, SCOPES, type TestSquare, testSquare } from './simulator/test-support.ts';
import { TOPICS } from './simulator/topics.ts';
import type { SquareSimulatorOptions } from './simulator.ts';

const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'x-square-hmacsha256-signature',
  encoding: 'base64',
  signs: 'url+body',
  secret: 'webhook',
};

const idOf = ({ body }: Received): string => JSON.parse(body).event_id;
const typeOf = ({ body }: Received): string => JSON.parse(body).type;

describe('the simulated Square', () => {
  let hub: Inbox;
  let it: TestSquare;
  let folder: string;

  const begin = async (more: Partial<SquareSimulatorOptions> = {}) => {
    it = await testSquare(more);
    return it;
  };
  /** Subscribes the hub for all that there is, or for these types; answers id and key. */
  const subscribe = async (event_types = Object.keys(TOPICS), on = it) => {
    const subscription = { name: 'hub', event_types, notification_url: hub.url, api_version: '2026-09-16' };
    const { body } = await on.call('POST', '/v2/webhooks/subscriptions', APP.token, { subscription });
    return body.subscription as { id: string; signature_key: string };
  };
  const isSigned = ({ headers, body }: Received, key: string, url = hub.url) =>
    verifySignature(scheme, { headers: headers as HeaderMap, body: Buffer.from(body), url, receivedAt: it.clock.now }, [
      key,
    ]);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'square-simulator-'));
    hub = await inbox();
    await begin();
  });
  afterEach(async () => {
    await it.square.close();
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  test('is one café in New York with two locations, and redelivers', () => {
    const { accounts, redelivers } = it.square;
    expect(accounts).toMatchObject([
      { label: 'Daybook Café', country: 'US', currency: 'USD', timeZone: 'America/New_York' },
    ]);
    expect(redelivers).toBe(true);
  });

  test('plays every kind of step once before it chooses at random', async () => {
    expect(new Set(await it.trade(KINDS.length))).toEqual(new Set(KINDS));
  });

  test('signs address and body with the subscription’s key, and in the old way too', async () => {
    await it.connect();
    const { signature_key: key } = await subscribe(['payment.created']);
    await it.trade(1);
    const [first] = hub.received;
    expect(isSigned(first!, key)).toBe(true);
    expect(isSigned(first!, key, `${hub.url}/`)).toBe(false);
    expect(isSigned(first!, APP.clientSecret)).toBe(false);
    const old = createHmac('sha1', key).update(`${hub.url}${first!.body}`).digest('base64');
    expect(first!.headers).toMatchObject({
      'x-square-signature': old,
      'square-environment': 'Production',
      'square-version': '2026-09-16',
    });
    expect(first!.headers['square-initial-delivery-timestamp']).toMatch(/^2026-07-01T11:59:\d\d\.\d{3}Z$/);
    expect(first!.headers).not.toHaveProperty('square-retry-number');
    expect(JSON.parse(first!.body)).toMatchObject({
      merchant_id: it.account,
      type: 'payment.created',
      data: { type: 'payment', object: { payment: { status: 'APPROVED' } } },
    });
  });

  test('a new signature key signs from then on', async () => {
    await it.connect();
    const { id, signature_key: before } = await subscribe();
    const path = `/v2/webhooks/subscriptions/${id}`;
    const { body } = await it.call('POST', `${path}/signature-key`, APP.token, {});
    await it.trade(1);
    expect(isSigned(hub.received[0]!, before)).toBe(false);
    expect(isSigned(hub.received[0]!, body.signature_key)).toBe(true);
    expect((await it.call('GET', path, APP.token)).body.subscription.signature_key).toBe(body.signature_key);
    const { subscriptions } = (await it.call('GET', '/v2/webhooks/subscriptions', APP.token)).body;
    expect(subscriptions[0]).not.toHaveProperty('signature_key');
  });

  test('a seller who has not let the application in, or not granted the scope, sends nothing', async () => {
    await subscribe();
    await it.trade(4);
    expect(hub.received).toEqual([]);
    await it.connect('PAYMENTS_READ');
    await it.trade(KINDS.length);
    const types = new Set(hub.received.map(typeOf));
    expect(types).toEqual(new Set(['payment.created', 'payment.updated', 'refund.created', 'refund.updated']));
  });

  test('a seller with a key of their own is told everything', async () => {
    await subscribe();
    expect(it.square.keys!(it.account)).toEqual({ accessToken: expect.stringMatching(/^EAAA/) });
    await it.trade(1);
    expect(hub.received.length).toBeGreaterThan(1);
  });

  test('a refused event comes again with the same id and body, its number and the reason', async () => {
    await it.connect();
    await subscribe(['payment.created']);
    hub.answers.push(503, 0);
    await it.trade(1);
    expect(hub.received).toHaveLength(3);
    expect(new Set(hub.received.map(({ body }) => body)).size).toBe(1);
    expect(hub.received.map(({ headers }) => headers['square-retry-number'])).toEqual([undefined, '1', '2']);
    const reasons = hub.received.map(({ headers }) => headers['square-retry-reason']);
    expect(reasons).toEqual([undefined, 'http_error', 'http_timeout']);
    const sentAt = hub.received.map(({ headers }) => headers['square-initial-delivery-timestamp']);
    expect(new Set(sentAt).size).toBe(1);
    expect(it.square.unacknowledged()).toBe(0);
  });

  test('an event nobody takes is given up, the subscription stays', async () => {
    await it.connect();
    await subscribe(['payment.created']);
    hub.answers.push(500, 500, 500, 500);
    await it.trade(1);
    expect(hub.received).toHaveLength(4);
    expect(it.square.unacknowledged()).toBe(0);
    expect(it.square.webhookUrl(it.account)).toBe(hub.url);
  });

  test('a subscription that is switched off or deleted gets nothing', async () => {
    await it.connect();
    const { id } = await subscribe();
    const path = `/v2/webhooks/subscriptions/${id}`;
    await it.call('PUT', path, APP.token, { subscription: { enabled: false } });
    expect(it.square.webhookUrl(it.account)).toBeNull();
    expect((await it.call('GET', '/v2/webhooks/subscriptions', APP.token)).body).toEqual({});
    const hidden = await it.call('GET', '/v2/webhooks/subscriptions?include_disabled=true', APP.token);
    expect(hidden.body.subscriptions).toHaveLength(1);
    await it.trade(1);
    expect(hub.received).toEqual([]);
    expect((await it.call('DELETE', path, APP.token)).status).toBe(200);
    expect((await it.call('GET', path, APP.token)).status).toBe(404);
  });

  test('a subscription is refused without a safe address, without types, or with a type nobody knows', async () => {
    const make = (subscription: object) => it.call('POST', '/v2/webhooks/subscriptions', APP.token, { subscription });
    const event_types = ['payment.created'];
    const bad = [
      { event_types, notification_url: 'http://hub.example/' },
      { event_types, notification_url: 'hub' },
      { event_types },
      { event_types: [], notification_url: hub.url },
      { event_types: ['payment.eaten'], notification_url: hub.url },
      { event_types, notification_url: hub.url, api_version: 'new' },
    ];
    for (const each of bad) expect((await make(each)).status, JSON.stringify(each)).toBe(400);
    expect((await make({ event_types, notification_url: 'https://hub.example/' })).status).toBe(200);
  });

  test('the same idempotency key makes one subscription', async () => {
    const subscription = { name: 'hub', event_types: ['payment.created'], notification_url: hub.url };
    const make = () =>
      it.call('POST', '/v2/webhooks/subscriptions', APP.token, { idempotency_key: 'once', subscription });
    const [first, second] = [(await make()).body, (await make()).body];
    expect(second).toEqual(first);
    expect((await it.call('GET', '/v2/webhooks/subscriptions', APP.token)).body.subscriptions).toHaveLength(1);
  });

  test('a subscription can be tested', async () => {
    const { id, signature_key: key } = await subscribe(['payment.created', 'payout.paid']);
    hub.answers.push(418);
    const path = `/v2/webhooks/subscriptions/${id}/test`;
    const { body } = await it.call('POST', path, APP.token, { event_type: 'payment.created' });
    expect(body.subscription_test_result).toMatchObject({ status_code: 418, payload: hub.received[0]!.body });
    expect(isSigned(hub.received[0]!, key)).toBe(true);
    expect((await it.call('POST', path, APP.token, { event_type: 'order.created' })).status).toBe(400);
  });

  test('a refund is about a dozen events', async () => {
    await it.connect();
    await subscribe();
    for (;;) {
      hub.received.length = 0;
      const [what] = await it.trade(1);
      if (what === 'refund told before its sale') break;
    }
    const ids = new Set(hub.received.map(idOf));
    expect(ids.size).toBeGreaterThanOrEqual(10);
    expect(typeOf(hub.received[0]!)).toBe('refund.created');
  });

  test('order events are thin, and most tills send none for some of their orders', async () => {
    await it.connect();
    await subscribe(['order.created', 'order.updated', 'payment.created']);
    await it.trade(KINDS.length);
    const bodies = hub.received.map(({ body }) => JSON.parse(body));
    const told = new Set(bodies.filter(({ type }) => type === 'order.created').map(({ data }) => data.id));
    const paid = new Set(
      bodies.filter(({ type }) => type === 'payment.created').map(({ data }) => data.object.payment.order_id),
    );
    expect(told.size).toBeGreaterThan(5);
    expect([...paid].filter((id) => !told.has(id)).length).toBeGreaterThan(5);
    const { orders } = it.square.objects(it.account);
    for (const { type, data } of bodies.filter((each) => each.type.startsWith('order.'))) {
      const thin = data.object[type.replace('.', '_')];
      const allowed = ['created_at', 'location_id', 'order_id', 'state', 'updated_at', 'version'];
      expect(Object.keys(thin).filter((name) => !allowed.includes(name))).toEqual([]);
      expect('version' in thin).toBe(orders.get(data.id)!.version !== undefined);
    }
  });

  test('an offline payment arrives hours after it was taken', async () => {
    for (;;) {
      const [what] = await it.trade(1);
      if (what === 'offline payment uploaded late') break;
    }
    const offline = [...it.square.objects(it.account).payments.values()].find((each) => each.is_offline_payment);
    const late = Date.parse(offline!.updated_at) - Date.parse(offline!.created_at);
    expect(late).toBeGreaterThan(2 * 3_600_000 - 60_000);
    expect(late).toBeLessThan(72 * 3_600_000);
    expect(offline!.offline_payment_details).toEqual({ client_created_at: offline!.created_at });
  });

  test('events can be searched for four weeks once that is switched on', async () => {
    const { access_token } = (await it.connect()).body;
    const search = async (body: object, token = access_token) =>
      (await it.call('POST', '/v2/events', token, body)).body.events ?? [];
    expect((await it.call('PUT', '/v2/events/enable', access_token)).status).toBe(403);
    await it.trade(1);
    expect(await search({})).toEqual([]);
    await it.call('PUT', '/v2/events/enable', APP.token);
    await subscribe();
    await it.trade(3);
    const found = await search({ limit: 100 });
    expect(new Set(found.map(({ event_id }: { event_id: string }) => event_id))).toEqual(
      new Set(hub.received.map(idOf)),
    );
    const created = await search({ query: { filter: { event_types: ['payment.created'] } } });
    expect(new Set(created.map(({ type }: { type: string }) => type))).toEqual(new Set(['payment.created']));
    const strange = { query: { filter: { merchant_ids: ['MLOTHER'] } } };
    expect((await it.call('POST', '/v2/events', access_token, strange)).status).toBe(403);
    it.clock.now = new Date(it.clock.now.getTime() + 29 * 86_400_000);
    expect(await search({}, APP.token)).toEqual([]);
  });

  test('when the seller disconnects, tokens die and the application is told', async () => {
    const { access_token } = (await it.connect()).body;
    await subscribe(['oauth.authorization.revoked', 'payment.created']);
    await it.square.disconnect(it.account);
    expect((await it.call('GET', '/v2/locations', access_token)).status).toBe(401);
    expect(hub.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'oauth.authorization.revoked', data: { object: { revocation: { revoker_type: 'MERCHANT' } } } },
    ]);
    await it.trade(2);
    expect(hub.received).toHaveLength(1);
  });

  test('the same seed and times give the same bytes, another seed others', async () => {
    const run = async (seed: number) => {
      const box = await inbox();
      const other = await testSquare({ seed });
      await other.connect();
      const subscription = { event_types: Object.keys(TOPICS), notification_url: box.url };
      await other.call('POST', '/v2/webhooks/subscriptions', APP.token, { subscription });
      await other.trade(30);
      await other.square.close();
      await box.close();
      return box.received.map(({ body }) => body);
    };
    const first = await run(11);
    expect(first.length).toBeGreaterThan(100);
    expect(await run(11)).toEqual(first);
    expect(await run(12)).not.toEqual(first);
  });

  test('after a restart it knows everything, and sends what nobody took', async () => {
    await it.square.close();
    const stateFile = join(folder, 'square.jsonl');
    await begin({ stateFile });
    const tokens = (await it.connect()).body;
    const { signature_key: key } = await subscribe();
    await it.trade(KINDS.length);
    hub.answers.push(...Array.from({ length: 50 }, () => 0));
    const { account, square } = it;
    let cutOff: Promise<unknown>;
    // Some steps have nothing to tell.
    do cutOff = square.trade(account);
    while (square.unacknowledged() === 0);
    const before = [square.totals(account), square.balances(account), [...square.objects(account).orders.values()]];
    await square.close();
    await cutOff;
    hub.received.length = 0;
    hub.answers.length = 0;
    const { now } = it.clock;
    await begin({ stateFile, now: () => now });
    await it.square.caughtUp;
    expect(hub.received.length).toBeGreaterThan(0);
    expect(hub.received.every((each) => isSigned(each, key))).toBe(true);
    expect(it.square.unacknowledged()).toBe(0);
    const after = [it.square.totals(account), it.square.balances(account)];
    expect([...after, [...it.square.objects(account).orders.values()]]).toEqual(before);
    expect((await it.call('GET', '/v2/locations', tokens.access_token)).status).toBe(200);
    expect(it.square.webhookUrl(account)).toBe(hub.url);
  });

  test('a restart does not change what is played next', async () => {
    const run = async (restart: boolean) => {
      const stateFile = join(folder, `${restart}.jsonl`);
      const first = await testSquare({ stateFile });
      await first.trade(25);
      if (!restart) {
        const { account, clock, square } = first;
        await first.trade(25);
        const left = [square.totals(account), square.balances(account), clock.now];
        await square.close();
        return left;
      }
      await first.square.close();
      const second = await testSquare({ stateFile });
      second.clock.now = first.clock.now;
      await second.trade(25);
      const { account, clock, square } = second;
      const left = [square.totals(account), square.balances(account), clock.now];
      await square.close();
      return left;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test('it commits the faults it is told to', async () => {
    const { access_token } = (await it.connect(SCOPES)).body;
    it.square.inject({ kind: 'status', count: 1, path: '/v2/payments', status: 429, body: '{"errors":[]}' });
    expect((await it.call('GET', '/v2/payments', access_token)).status).toBe(429);
    expect((await it.call('GET', '/v2/payments', access_token)).status).toBe(200);
  });

  test('knows no other seller', () => {
    expect(() => it.square.totals('ML0')).toThrow('no seller ML0');
  });
});
