import express from 'express';
import { listen, type SalesSimulator, type SimulatorOptions } from '../../kit/simulator.ts';
import { consent } from '../../kit/simulator-consent.ts';
import { simulatorFaults } from '../../kit/simulator-faults.ts';
import { adminRoutes, type Limits, standardLimits } from './simulator/admin.ts';
import { type Balance, GATEWAY, owed } from './simulator/balance.ts';
import type { Fact } from './simulator/facts.ts';
import { seconds } from './simulator/instants.ts';
import { oauthRoutes } from './simulator/oauth.ts';
import type { Order } from './simulator/order.ts';
import { playStep } from './simulator/programme.ts';
import { type Shop, simulatedShops } from './simulator/shops.ts';
import { openStore, type Store } from './simulator/state.ts';
import { createSubscription, type SubscriptionContext } from './simulator/subscriptions.ts';
import { tokens } from './simulator/tokens.ts';
import { topicName } from './simulator/topics.ts';
import { totalsOf } from './simulator/totals.ts';
import { type Webhooks, webhooks } from './simulator/webhooks.ts';

export const label = 'Shopify';

/**
 * Shopify retries a webhook 8 times over 4 hours with growing gaps; here the hours are minutes. Milliseconds between
 * one failed attempt and the next.
 */
const LADDER_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 117_000];
/** Shopify waits 5 seconds for a webhook's answer. */
const ANSWER_WITHIN_MS = 5_000;

export interface ShopifySimulatorOptions extends SimulatorOptions {
  answerWithinMs?: number;
  limits?: Partial<Limits>;
  /** Redirect addresses registered for the app; any http(s) address when left out. */
  redirectUris?: readonly string[];
}

export interface ShopifySimulator extends SalesSimulator {
  /** Subscribes by hand what a hub would subscribe through the API. Throws where Shopify would refuse. */
  subscribe(account: string, uri: string, topics: readonly string[]): void;
  /** The merchant removes the app: tokens and subscriptions die, app/uninstalled is delivered. */
  uninstall(account: string): Promise<void>;
  /** Signs webhooks with this secret from now on: an older one while a rotation is under way. */
  signWith(secret: string): void;
  /** How many webhooks of the shop wait for their acknowledgement. */
  unacknowledged(account: string): number;
  /** Every order as it stands, oldest first; for tests that prove what the shop did. */
  orders(account: string): readonly Order[];
  /** Movements, payouts and disputes at Shopify Payments as they stand. */
  payments(account: string): Balance;
  /** Resolves when every webhook that was waiting at the start has been acknowledged or given up. */
  caughtUp: Promise<void>;
}

/**
 * Starts a Shopify with two shops on 127.0.0.1, each under `/{account}/admin`. What was confirmed before a stop is
 * remembered in `stateFile`: orders, tokens, subscriptions, and webhooks nobody acknowledged, which are sent again.
 */
export async function start(options: ShopifySimulatorOptions): Promise<ShopifySimulator> {
  const now = options.now ?? (() => new Date());
  const { seed } = options;
  const shops = simulatedShops(seed);
  const store = openStore(
    options.stateFile,
    shops.map((shop) => shop.account),
  );
  let secret = options.app.clientSecret;
  const { ladderMs = LADDER_MS, answerWithinMs = ANSWER_WITHIN_MS, redirectUris = null } = options;
  const post = webhooks({ seed, store, ladderMs, answerWithinMs, secret: () => secret });
  const faults = simulatorFaults();
  const granted = tokens(seed, store, now);
  const limits = { ...standardLimits, ...options.limits };
  const app = express();
  app.disable('x-powered-by');
  app.use(faults.middleware);
  app.use(oauthRoutes({ seed, store, tokens: granted, now, redirectUris, app: () => options.app }));
  app.use(adminRoutes({ seed, shops, store, tokens: granted, limits, now }));
  const { url, close } = await listen(app, options.port);
  const shopOf = (account: string): Shop => {
    const shop = shops.find((candidate) => candidate.account === account);
    if (shop === undefined) throw new Error(`This Shopify has no shop ${account}.`);
    return shop;
  };
  const perShop = url.concat('/{account}');
  return {
    url,
    hosts: { api: perShop, auth: perShop },
    accounts: shops.map(({ account, name, country, currency, timeZone }) => {
      return { account, label: name, country, currency, timeZone };
    }),
    redelivers: true,
    inject: faults.inject,
    consent,
    trade: (account) => trade({ seed, store, post, now }, shopOf(account)),
    webhookUrl: (account) => [...stateOf(store, account).subscriptions.values()][0]?.uri ?? null,
    totals: (account) => totalsOf(stateOf(store, account).orders.values()),
    balances: (account) => [
      { processor: GATEWAY, currency: shopOf(account).currency, ...owed(stateOf(store, account).balance) },
    ],
    subscribe: (account, uri, topics) => subscribe({ seed, store, now, account }, uri, topics),
    uninstall: (account) => uninstall({ seed, store, post, now }, shopOf(account)),
    signWith: (other) => {
      secret = other;
    },
    unacknowledged: (account) => stateOf(store, account).pending.size,
    orders: (account) => [...stateOf(store, account).orders.values()],
    payments: (account) => stateOf(store, account).balance,
    caughtUp: resend(shops, store, post),
    close: () => {
      post.close();
      return close();
    },
  };
}

interface Trading {
  seed: number;
  store: Store;
  post: Webhooks;
  now(): Date;
}

/** Plays a step, remembers it with the webhooks it owes, then sends them. */
async function trade({ seed, store, post, now }: Trading, shop: Shop): Promise<{ what: string }> {
  const { account } = shop;
  const { steps: step, orders, balance } = stateOf(store, account);
  const played = playStep({ seed, shop, step, now: now().getTime(), orders: [...orders.values()], balance });
  const deliveries = post.address(shop, played.facts, `${step}`);
  store.record({ account, kind: 'step', step, versions: played.versions, balance: played.balance, deliveries });
  await post.send(shop, deliveries);
  return { what: played.what };
}

async function uninstall({ store, post, now, seed }: Trading, shop: Shop): Promise<void> {
  const { account } = shop;
  const made = stateOf(store, account).made;
  const triggeredAt = seconds(now().getTime());
  const fact: Fact = { topic: 'app/uninstalled', eventId: `uninstalled-${seed}-${made}`, triggeredAt, version: null };
  const deliveries = post.address(shop, [fact], `uninstalled-${made}`);
  store.record({ account, kind: 'uninstalled', deliveries });
  await post.send(shop, deliveries);
}

async function resend(shops: readonly Shop[], store: Store, post: Webhooks): Promise<void> {
  await Promise.all(shops.map((shop) => post.send(shop, [...stateOf(store, shop.account).pending.values()])));
}

function subscribe(context: SubscriptionContext, uri: string, topics: readonly string[]): void {
  for (const topic of topics) {
    const name = topicName(topic);
    if (name === undefined) throw new Error(`Shopify has no webhook topic ${topic} that could be subscribed.`);
    const { userErrors } = createSubscription(context, name, { uri });
    if (userErrors[0] !== undefined) throw new Error(`${topic}: ${userErrors[0].message}`);
  }
}

function stateOf(store: Store, account: string) {
  const state = store.shop(account);
  if (state === undefined) throw new Error(`This Shopify has no shop ${account}.`);
  return state;
}
