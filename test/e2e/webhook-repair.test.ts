import type { WooCommerceSimulator } from '@daybook/connectors/sales/woocommerce/simulator';
import { repairWebhooks } from '@daybook/workers/upkeep';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ask } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** What the hourly chore mends. */
let world: World;
let ourUrl: () => string;

beforeAll(async () => {
  world = await openWorld({ seed: 61, only: ['stripe', 'square', 'woocommerce'] });
  ourUrl = world.hub.deps.publicUrl;
}, 120_000);
afterAll(() => world?.close());
afterEach(() => {
  world.hub.deps.publicUrl = ourUrl;
});

function pairing(channel: string) {
  const found = world.pairings.find((each) => each.channel.connector.id === channel);
  if (!found) throw new Error(`No ${channel} takes part.`);
  return { ...found, simulator: found.channel.simulator };
}

/** Asks a provider itself, as its owner. */
async function provider<Answer>(channel: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const { simulator, shop } = pairing(channel);
  const { apps } = world.sandbox;
  const keys = simulator.keys?.(shop) ?? {};
  const authorization =
    channel === 'woocommerce'
      ? `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`
      : `Bearer ${channel === 'square' ? apps.square?.token : apps.stripe?.clientSecret}`;
  const base = simulator.hosts.api.replace('{account}', shop);
  const headers = { authorization, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(base + path, { ...init, headers });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json() as Answer;
}

interface Endpoint {
  id: string;
  url: string;
  status: string;
}
async function stripeEndpoints(key = world.sandbox.apps.stripe?.clientSecret ?? ''): Promise<Endpoint[]> {
  const headers = { authorization: `Bearer ${key}` };
  return (await provider<{ data: Endpoint[] }>('stripe', '/v1/webhook_endpoints', { headers })).data;
}
interface Subscription {
  id: string;
  notification_url: string;
}
async function squareSubscriptions(): Promise<Subscription[]> {
  return (await provider<{ subscriptions: Subscription[] }>('square', '/v2/webhooks/subscriptions')).subscriptions;
}

const secrets = async (channel: string) =>
  (await world.database.sql`select 1 from webhook_secrets where connector = ${channel} and retired_at is null`).length;

/** Lets the shop sell until something is told of it. */
async function expectDeliveries(channel: string): Promise<void> {
  const { simulator, shop, companyId } = pairing(channel);
  const told = async () =>
    (await world.database.sql`select 1 from deliveries where company_id = ${companyId} and via = 'webhook'`).length;
  const before = await told();
  for (let step = 0; step < 5 && (await told()) === before; step += 1) await simulator.trade(shop);
  expect(await told()).toBeGreaterThan(before);
}

const repair = () => repairWebhooks(world.hub.deps);

it('changes nothing where all is well', async () => {
  const before = [await stripeEndpoints(), await squareSubscriptions(), await secrets('woocommerce')];
  await repair();
  expect([await stripeEndpoints(), await squareSubscriptions(), await secrets('woocommerce')]).toEqual(before);
});

it('a store’s webhooks that were switched off are switched on, with the secret they have', async () => {
  const store = pairing('woocommerce').simulator as WooCommerceSimulator;
  const before = store.webhooks().map(({ id, secret }) => ({ id, secret }));
  for (const { id } of store.webhooks())
    await provider('woocommerce', `/wp-json/wc/v3/webhooks/${id}`, { method: 'PUT', body: '{"status":"disabled"}' });
  expect(store.webhooks().map(({ status }) => status)).toEqual(before.map(() => 'disabled'));
  await repair();
  expect(store.webhooks().map(({ status }) => status)).toEqual(before.map(() => 'active'));
  expect(store.webhooks().map(({ id, secret }) => ({ id, secret }))).toEqual(before);
  await expectDeliveries('woocommerce');
});

it('a store’s webhooks whose secret is lost get a fresh one, all of them', async () => {
  const store = pairing('woocommerce').simulator as WooCommerceSimulator;
  const [old] = store.webhooks().map(({ secret }) => secret);
  await world.database.sql`delete from webhook_secrets where connector = 'woocommerce'`;
  await repair();
  const now = new Set(store.webhooks().map(({ secret }) => secret));
  expect([now.size, now.has(old ?? '')]).toEqual([1, false]);
  await expectDeliveries('woocommerce');
});

it('an endpoint of Stripe that was switched off is switched on', async () => {
  const [endpoint] = await stripeEndpoints();
  const body = new URLSearchParams({ disabled: 'true' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  await provider('stripe', `/v1/webhook_endpoints/${endpoint?.id}`, { method: 'POST', body, headers });
  expect(await stripeEndpoints()).toMatchObject([{ id: endpoint?.id, status: 'disabled' }]);
  await repair();
  expect(await stripeEndpoints()).toMatchObject([{ id: endpoint?.id, status: 'enabled' }]);
  await expectDeliveries('stripe');
});

it('an endpoint of Stripe whose secret is lost is replaced, for it is told only once', async () => {
  const [before] = await stripeEndpoints();
  await world.database.sql`delete from webhook_secrets where connector = 'stripe'`;
  await repair();
  const [after, ...others] = await stripeEndpoints();
  expect([after?.url, others]).toEqual([before?.url, []]);
  expect(after?.id).not.toBe(before?.id);
  await expectDeliveries('stripe');
});

it('however many subscribe at the same moment, one endpoint is made and its secret is the one kept', async () => {
  for (const { id } of await stripeEndpoints())
    await provider('stripe', `/v1/webhook_endpoints/${id}`, { method: 'DELETE' });
  await world.database.sql`delete from webhook_secrets where connector = 'stripe'`;
  await Promise.all([repair(), repair(), repair(), repair()]);
  expect([(await stripeEndpoints()).length, await secrets('stripe')]).toEqual([1, 1]);
  await expectDeliveries('stripe');
});

it('an endpoint whose secret is configured is ours, though nobody told us', async () => {
  const [before] = await stripeEndpoints();
  const { apps } = world.sandbox;
  const app = apps.stripe;
  if (!app) throw new Error('There is no application.');
  await world.database.sql`delete from webhook_secrets where connector = 'stripe'`;
  apps.stripe = { ...app, ...{ webhookSecrets: ['copied from the page of the endpoint'] } };
  await repair();
  expect(await stripeEndpoints()).toEqual([before]);
  apps.stripe = app;
  await repair();
  expect(await stripeEndpoints()).not.toEqual([before]);
});

it('an account’s own endpoint is pointed to our new address, and its secret stays', async () => {
  const json = { slug: 'pasted', name: 'Pasted', country: 'US', currency: 'USD', timeZone: 'America/New_York' };
  await ask(world.url, '/api/v1/companies', { json });
  const { simulator, shop } = pairing('stripe');
  const credentials = simulator.keys?.(shop) ?? {};
  const connection = { company: 'pasted', connector: 'stripe', credentials };
  const { id } = (await ask(world.url, '/api/v1/connections', { json: connection })).body;
  const own = () => stripeEndpoints(credentials.apiKey);
  const [before] = await own();
  expect(before).toMatchObject({ url: `${world.url}/webhooks/stripe/${id}` });
  const held = await secrets('stripe');
  world.hub.deps.publicUrl = () => 'https://daybook.example';
  await repair();
  expect(await own()).toMatchObject([{ id: before?.id, url: `https://daybook.example/webhooks/stripe/${id}` }]);
  world.hub.deps.publicUrl = ourUrl;
  await repair();
  expect(await own()).toMatchObject([{ id: before?.id, url: before?.url }]);
  expect(await secrets('stripe')).toBe(held);
});

it('the subscription of Square follows our public address; that of another installation is left alone', async () => {
  const [before, ...none] = await squareSubscriptions();
  expect(none).toEqual([]);
  const theirs = {
    name: 'Daybook',
    event_types: ['payment.updated'],
    notification_url: 'https://staging.example/webhooks/square/app',
  };
  const body = JSON.stringify({ idempotency_key: 'theirs', subscription: theirs });
  await provider('square', '/v2/webhooks/subscriptions', { method: 'POST', body });
  world.hub.deps.publicUrl = () => 'https://daybook.example';
  await repair();
  expect((await squareSubscriptions()).map((each) => [each.id === before?.id, each.notification_url])).toEqual([
    [true, 'https://daybook.example/webhooks/square/app'],
    [false, theirs.notification_url],
  ]);
  world.hub.deps.publicUrl = ourUrl;
  await repair();
  expect((await squareSubscriptions()).map(({ notification_url }) => notification_url)).toEqual([
    before?.notification_url,
    theirs.notification_url,
  ]);
  const [, foreign] = await squareSubscriptions();
  await provider('square', `/v2/webhooks/subscriptions/${foreign?.id}`, { method: 'DELETE' });
  await expectDeliveries('square');
});

it('a new signature key of Square is taken over, and the one before stays good', async () => {
  const [subscription] = await squareSubscriptions();
  await provider('square', `/v2/webhooks/subscriptions/${subscription?.id}/signature-key`, {
    method: 'POST',
    body: '{"idempotency_key":"rotate"}',
  });
  await repair();
  const held = await world.database
    .sql`select retired_at is null as live from webhook_secrets where connector = 'square'`;
  expect(held.map(({ live }) => live).sort()).toEqual([false, true]);
  await expectDeliveries('square');
});
