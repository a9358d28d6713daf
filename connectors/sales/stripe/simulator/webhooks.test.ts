import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeaderMap } from '../../../kit/contract.ts';
import { verifySignature } from '../../../kit/signature.ts';
import { type Inbox, inbox, type Received } from '../../../kit/test-inbox.ts';
import { APP, type Stand, stand } from './test-support.ts';
import { scheme } from './webhooks.ts';

const PATH = '/v1/webhook_endpoints';
const platform = { authorization: `Bearer ${APP.clientSecret}` };
const eventOf = ({ body }: Received) => JSON.parse(body);

describe('webhooks of the simulated Stripe', () => {
  let at: Stand;
  let hub: Inbox;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stripe-'));
    hub = await inbox();
    at = await stand();
  });
  afterEach(async () => {
    await at.stripe.close();
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  /** An endpoint of the merchant's own, or one of the platform for all accounts. */
  async function listen(events: readonly string[], connect = false): Promise<{ id: string; secret: string }> {
    const query = [...events.map((type): [string, string] => ['enabled_events[]', type]), ['url', hub.url]];
    const form = `${new URLSearchParams(query as [string, string][])}${connect ? '&connect=true' : ''}`;
    return (await at.call(PATH, { form, ...(connect ? { headers: platform } : {}) })).body;
  }

  test('Stripe’s own library and ours find every signature good, and a changed byte bad', async () => {
    const { secret } = await listen(['*']);
    await at.trade(12);
    const stripe = new Stripe('sk_live_unused');
    expect(hub.received.length).toBeGreaterThan(30);
    for (const { headers, body } of hub.received) {
      const header = `${headers['stripe-signature']}`;
      const at = Number.parseInt(/t=(\d+)/.exec(header)?.[1] ?? '', 10);
      const checked = stripe.webhooks.constructEvent(body, header, secret, 300, undefined, at);
      expect(checked.id).toBe(JSON.parse(body).id);
      const request = {
        headers: headers as HeaderMap,
        body: Buffer.from(body),
        url: hub.url,
        receivedAt: new Date(at * 1_000),
      };
      expect(verifySignature(scheme, request, [secret])).toBe(true);
      const changed = body.replace('"livemode"', '"livemude"');
      expect(() => stripe.webhooks.constructEvent(changed, header, secret, 300, undefined, at)).toThrow();
      expect(() => stripe.webhooks.constructEvent(body, header, `${secret}x`, 300, undefined, at)).toThrow();
    }
  });

  test('an endpoint hears what it asked for, in the version it was made for, without an account of its own', async () => {
    await listen(['charge.succeeded', 'payout.paid']);
    await at.trade(20);
    const events = hub.received.map(eventOf);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['charge.succeeded', 'payout.paid']));
    for (const event of events) {
      expect(event).toMatchObject({ object: 'event', api_version: '2026-10-28.endive', livemode: true });
      expect(event).not.toHaveProperty('account');
    }
  });

  test('a Connect endpoint hears of connected accounts alone, by name, and of test mode too', async () => {
    await listen(['*'], true);
    await at.trade(40);
    expect(hub.received).toEqual([]);
    await at.connect();
    await at.trade(80);
    const events = hub.received.map(eventOf);
    expect(new Set(events.map(({ account }) => account))).toEqual(new Set([at.account]));
    const modes = new Set(events.map(({ livemode }) => livemode));
    expect(modes).toEqual(new Set([true, false]));
  });

  test('the platform is told when it is let in and when it is shown out', async () => {
    await listen(['account.application.authorized', 'account.application.deauthorized'], true);
    await at.connect();
    await at.stripe.disconnect(at.account);
    await expect.poll(() => hub.received.length).toBe(2);
    const told = hub.received
      .map(eventOf)
      .map(({ type, data, account }) => [type, data.object.object, data.object.id, account]);
    expect(told).toEqual([
      ['account.application.authorized', 'application', APP.clientId, at.account],
      ['account.application.deauthorized', 'application', APP.clientId, at.account],
    ]);
    await at.trade(3);
    expect(hub.received).toHaveLength(2);
  });

  test('what was not taken comes again: the same event and body, a new time, a new signature', async () => {
    const { secret } = await listen(['charge.succeeded']);
    hub.answers.push(500, 302);
    await at.trade(1);
    const [first, second, third] = hub.received;
    expect(hub.received).toHaveLength(3);
    expect([second?.body, third?.body]).toEqual([first?.body, first?.body]);
    hub.received.length = 0;
    hub.answers.push(500, 500, 500, 500);
    const { what } = await at.stripe.trade(at.account);
    const tries = hub.received.filter(({ body }) => body === hub.received[0]?.body);
    expect(tries.length, what).toBeGreaterThanOrEqual(4);
    const failed = (await at.call('/v1/events?delivery_success=false')).body.data;
    expect(failed.map(({ id }: { id: string }) => id)).toEqual([eventOf(tries[0] as Received).id]);
    expect(secret).toMatch(/^whsec_/);
  });

  test('a retry is signed for the moment it is sent', async () => {
    const late = await stand({ ladderMs: [500] });
    await at.stripe.close();
    at = late;
    await listen(['charge.succeeded']);
    hub.answers.push(500);
    const trading = late.stripe.trade(late.account);
    await expect.poll(() => hub.received.length).toBe(1);
    late.clock.now = new Date(late.clock.now.getTime() + 3_600_000);
    await trading;
    const times = hub.received.map(({ headers }) => /t=(\d+)/.exec(`${headers['stripe-signature']}`)?.[1]);
    expect(times).toEqual(['1794301200', '1794304800']);
  });

  test('nothing is sent to an endpoint that is switched off, and nothing sent again after it', async () => {
    const { id } = await listen(['*']);
    await at.call(`${PATH}/${id}`, { form: 'disabled=true' });
    await at.trade(5);
    expect(hub.received).toEqual([]);
    expect(at.stripe.webhookUrl(at.account)).toBeNull();
    await at.call(`${PATH}/${id}`, { form: 'disabled=false' });
    expect(at.stripe.webhookUrl(at.account)).toBe(hub.url);
    await at.trade(1);
    expect(hub.received.length).toBeGreaterThan(0);
  });

  test('deliveries come twice and out of order now and then', async () => {
    await listen(['*']);
    await at.trade(60);
    const ids = hub.received.map((received) => eventOf(received).id as string);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
    const events = hub.received.map(eventOf);
    const place = (type: string, id: string) =>
      events.findIndex((each) => each.type === type && each.data.object.id === id);
    const early = events.filter(({ type, data }) => {
      const intent = place('payment_intent.created', data.object.payment_intent);
      return type === 'charge.succeeded' && intent >= 0 && place(type, data.object.id) < intent;
    });
    expect(early.length, 'charges told before their intents').toBeGreaterThan(0);
    const times = events.map(({ created }) => created as number);
    expect(times).not.toEqual([...times].sort((a, b) => a - b));
  });

  test('a payload is what was true when it happened, however late it comes', async () => {
    await listen(['charge.succeeded', 'charge.updated']);
    await at.trade(1);
    const [first] = hub.received.map(eventOf).filter(({ type }) => type === 'charge.succeeded');
    expect(first.data.object.balance_transaction).toBeNull();
    const charge = (await at.call(`/v1/charges/${first.data.object.id}`)).body;
    expect(charge.balance_transaction).toMatch(/^txn_/);
    const updated = hub.received.map(eventOf).find(({ type }) => type === 'charge.updated');
    expect(updated.data.previous_attributes).toEqual({ balance_transaction: null });
  });

  test('a restart forgets nothing that was confirmed, and sends what was not', async () => {
    await at.stripe.close();
    const stateFile = join(folder, 'stripe.jsonl');
    const resumable = { stateFile, ladderMs: [5_000] };
    at = await stand(resumable);
    const { access_token: token } = await at.connect();
    const endpoint = await listen(['charge.succeeded']);
    hub.answers.push(500);
    const interrupted = at.stripe.trade(at.account);
    await expect.poll(() => hub.received.length).toBe(1);
    const before = [at.stripe.totals(at.account), at.stripe.balances(at.account)];
    const charges = (await at.call('/v1/charges')).body;
    await at.stripe.close();
    await interrupted;
    at = await stand(resumable);
    await at.stripe.caughtUp;
    expect(hub.received.map(({ body }) => body)).toEqual([hub.received[0]?.body, hub.received[0]?.body]);
    expect([at.stripe.totals(at.account), at.stripe.balances(at.account)]).toEqual(before);
    expect((await at.call('/v1/charges')).body).toEqual(charges);
    expect((await at.call('/v1/account', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await at.call(PATH)).body.data.map(({ id }: { id: string }) => id)).toEqual([endpoint.id]);
  });

  test('the same seed does the same things, with a restart between or without', async () => {
    await at.stripe.close();
    const stateFile = join(folder, 'same.jsonl');
    at = await stand({ stateFile });
    await at.trade(20);
    const { clock } = at;
    await at.stripe.close();
    at = await stand({ stateFile });
    at.clock.now = clock.now;
    await at.trade(20);
    const straight = await stand();
    await straight.trade(40);
    const events = async (from: Stand) => (await from.call('/v1/events?limit=100')).body.data;
    expect(await events(at)).toEqual(await events(straight));
    expect(at.stripe.totals(at.account)).toEqual(straight.stripe.totals(at.account));
    await straight.stripe.close();
  });
});

describe('Stripe’s own library against the simulated Stripe', () => {
  test('it reads lists to their end, expands, makes endpoints and knows its errors', async () => {
    const at = await stand();
    await at.trade(40);
    const { hostname: host, port } = new URL(at.stripe.url);
    const stripe = new Stripe(at.key, { host, port, protocol: 'http', maxNetworkRetries: 0 });
    const charges = await stripe.charges
      .list({ limit: 7, expand: ['data.balance_transaction'] })
      .autoPagingToArray({ limit: 500 });
    expect(charges.length).toBe(
      at.stripe
        .books(at.account)
        .all('charge')
        .filter(({ live }) => live).length,
    );
    const fees = charges.map(({ balance_transaction: known }) => (typeof known === 'string' ? -1 : (known?.fee ?? 0)));
    expect(Math.min(...fees)).toBe(0);
    const events = await stripe.events.list({ types: ['payout.paid', 'payout.failed'], created: { gte: 1 } });
    expect(events.data.every(({ type }) => type.startsWith('payout.'))).toBe(true);
    const endpoint = await stripe.webhookEndpoints.create({
      url: 'https://daybook.example/hook',
      enabled_events: ['charge.succeeded'],
      api_version: '2026-10-28.endive',
    });
    expect(endpoint.secret).toMatch(/^whsec_/);
    const failure = async (call: Promise<unknown>) =>
      call.then(
        () => null,
        (error: { type: string }) => error.type,
      );
    expect(await failure(stripe.charges.retrieve('ch_nobody'))).toBe('StripeInvalidRequestError');
    const stranger = new Stripe('sk_live_stranger', { host, port, protocol: 'http', maxNetworkRetries: 0 });
    expect(await failure(stranger.charges.list())).toBe('StripeAuthenticationError');
    at.stripe.inject({
      kind: 'status',
      status: 429,
      count: 1,
      body: '{"error":{"type":"invalid_request_error","code":"rate_limit"}}',
    });
    expect(await failure(stripe.charges.list())).toBe('StripeRateLimitError');
    await at.stripe.close();
  });
});
