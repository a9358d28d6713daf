import { parse, stringify } from 'lossless-json';
import { random } from '../../../kit/random.ts';
import { type SignatureScheme, sign } from '../../../kit/signature.ts';
import {
  type Courier,
  type CourierOptions,
  courier,
  type Parcel,
  sendInOrder,
} from '../../../kit/simulator-courier.ts';
import { type Fact, factBody } from './facts.ts';
import type { Order } from './order.ts';
import type { Shop } from './shops.ts';
import type { Delivery, ShopState, Store } from './state.ts';

/** base64 of HMAC-SHA256 over the raw body with the app's client secret; nothing else is signed. */
const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'x-shopify-hmac-sha256',
  encoding: 'base64',
  signs: 'body',
  secret: 'client',
};

export const API_VERSION = '2026-10';

export interface WebhooksOptions extends CourierOptions {
  seed: number;
  store: Store;
  /** The secret to sign with at the moment of sending; an older one during a rotation. */
  secret(): string;
}

export interface Webhooks {
  /** Deliveries that a step's facts become: one per fact and subscription to its topic. */
  address(shop: Shop, facts: readonly Fact[], stepKey: string): Delivery[];
  /** Sends in order, each first attempt after the other; resolves when every one was acknowledged or given up. */
  send(shop: Shop, deliveries: readonly Delivery[]): Promise<void>;
  close(): void;
}

/** How often each subscription was answered well since the start. */
type Successes = Map<string, number>;

/** The way of facts to their subscribers: addressed once, sent until acknowledged or given up, forgotten then. */
export function webhooks(options: WebhooksOptions): Webhooks {
  const post = courier(options);
  const successes: Successes = new Map();
  return {
    address: (shop, facts, stepKey) => address(options.seed, shop, options.store.shop(shop.account)!, facts, stepKey),
    send: (shop, deliveries) => sendInOrder(deliveries, (delivery) => bring(options, post, successes, shop, delivery)),
    close: post.close,
  };
}

function address(seed: number, shop: Shop, state: ShopState, facts: readonly Fact[], stepKey: string): Delivery[] {
  const chance = random(seed, shop.account, 'deliveries', stepKey);
  return facts.flatMap((fact) =>
    [...state.subscriptions.values()]
      .filter((subscription) => subscription.topic === fact.topic)
      .map(({ id, uri, name, includeFields }) => ({
        id: `${chance.hex(8)}-${chance.hex(4)}-4${chance.hex(3)}-a${chance.hex(3)}-${chance.hex(12)}`,
        subscriptionId: id,
        uri,
        name,
        includeFields,
        fact,
        stepKey,
      })),
  );
}

/** A subscription dies when a delivery has failed to the end of the ladder and nothing succeeded in the meantime. */
function bring(options: WebhooksOptions, post: Courier, successes: Successes, shop: Shop, delivery: Delivery) {
  const { store } = options;
  const { account } = shop;
  const state = store.shop(account)!;
  const versions = state.versions.get(delivery.stepKey) ?? [];
  const answered = () => successes.get(delivery.subscriptionId) ?? 0;
  const since = answered();
  const { first, outcome } = post.send(() => parcelOf(delivery, versions, shop, options.secret()));
  const finished = outcome.then((result) => {
    if (result === 'stopped') return;
    // An uninstalled app's deliveries are forgotten while they are on their way.
    if (state.pending.has(delivery.id)) store.record({ account, kind: 'done', delivery: delivery.id });
    if (result === 'delivered') {
      successes.set(delivery.subscriptionId, answered() + 1);
    } else if (since === answered()) {
      if (!state.subscriptions.has(delivery.subscriptionId)) return;
      store.record({ account, kind: 'unsubscribed', id: delivery.subscriptionId });
    }
  });
  return { first, finished };
}

function parcelOf(delivery: Delivery, versions: readonly Order[], shop: Shop, secret: string): Parcel {
  const { fact } = delivery;
  const body = chosenFields(factBody(fact, versions, shop), delivery.includeFields);
  return {
    url: delivery.uri,
    body,
    headers: {
      'X-Shopify-Topic': fact.topic,
      'X-Shopify-Shop-Domain': shop.account,
      'X-Shopify-API-Version': API_VERSION,
      'X-Shopify-Webhook-Id': delivery.id,
      'X-Shopify-Event-Id': fact.eventId,
      'X-Shopify-Triggered-At': fact.triggeredAt,
      'X-Shopify-Hmac-Sha256': sign(
        scheme,
        { body: Buffer.from(body), url: delivery.uri, at: new Date(fact.triggeredAt) },
        secret,
      ),
      ...(delivery.name === null ? {} : { 'X-Shopify-Name': delivery.name }),
    },
  };
}

/** `includeFields` of a subscription, at the top level. */
function chosenFields(body: string, fields: readonly string[]): string {
  if (fields.length === 0) return body;
  const whole = parse(body) as Record<string, unknown>;
  return stringify(Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name))))!;
}
