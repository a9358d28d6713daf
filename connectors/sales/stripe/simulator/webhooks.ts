import { stringify } from 'lossless-json';
import { random } from '../../../kit/random.ts';
import { type SignatureScheme, sign } from '../../../kit/signature.ts';
import {
  type Courier,
  type CourierOptions,
  courier,
  type Parcel,
  sendInOrder,
} from '../../../kit/simulator-courier.ts';
import { eventBody } from './render.ts';
import type { Delivery, Endpoint, Store } from './state.ts';
import type { Announcement } from './things.ts';

/** `t=…,v1=…`: hex HMAC-SHA256 with the endpoint's whole secret over the time, a dot and the body. */
export const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'stripe-signature',
  encoding: 'hex',
  signs: 'time.body',
  secret: 'webhook',
  list: { time: 't', signature: 'v1', toleranceSeconds: 300 },
};

export interface WebhooksOptions extends CourierOptions {
  seed: number;
  store: Store;
  now(): Date;
}

export interface Webhooks {
  /** Deliveries that announcements become, in their order: one for each endpoint that listens to the type. */
  address(sent: readonly Announcement[], key: string): Delivery[];
  /** Sends in order, each first attempt after the other; resolves when every one was acknowledged or given up. */
  send(deliveries: readonly Delivery[]): Promise<void>;
  close(): void;
}

/** The way of events to endpoints: addressed once, sent until acknowledged or given up, forgotten then. */
export function webhooks(options: WebhooksOptions): Webhooks {
  const post = courier(options);
  return {
    address: (sent, key) => address(options, sent, key),
    send: (deliveries) => sendInOrder(deliveries, (delivery) => bring(options, post, delivery)),
    close: post.close,
  };
}

function address({ seed, store }: WebhooksOptions, sent: readonly Announcement[], key: string): Delivery[] {
  const chance = random(seed, 'deliveries', key);
  return sent.flatMap((event) => {
    const listening = endpoints(store).filter((endpoint) => hears(endpoint, event, store));
    const among = listening.length;
    return listening.map(({ id }) => ({ id: `del_${chance.hex(24)}`, endpoint: id, event: event.id, among }));
  });
}

function endpoints({ merchant, platform }: Store): Endpoint[] {
  return [...merchant.endpoints.values(), ...platform.endpoints.values()];
}

/**
 * An endpoint of one's own hears of live events of its own account. A platform's Connect endpoint hears of every
 * account that is connected, in test mode too, and alone of the connection itself.
 */
function hears(endpoint: Endpoint, { type, live }: Announcement, { merchant }: Store): boolean {
  const isWanted = endpoint.enabledEvents.includes(type) || endpoint.enabledEvents.includes('*');
  if (!endpoint.isEnabled || !isWanted) return false;
  const isAboutConnection = type.startsWith('account.application.');
  if (endpoint.connect) return isAboutConnection || merchant.grant !== null;
  return endpoint.owner === merchant.account && live && !isAboutConnection;
}

function bring(options: WebhooksOptions, post: Courier, delivery: Delivery) {
  const { store } = options;
  const { first, outcome } = post.send(() => parcel(options, delivery));
  const finished = outcome.then((result) => {
    if (result === 'stopped' || !store.merchant.pending.has(delivery.id)) return;
    const delivered = result === 'delivered';
    store.record({ account: store.merchant.account, kind: 'done', delivery: delivery.id, delivered });
  });
  return { first, finished };
}

/** Signed anew for each attempt, with the time of the attempt; null once nobody listens there any more. */
function parcel({ store, now }: WebhooksOptions, { endpoint: id, event: eventId, among }: Delivery): Parcel | null {
  const { merchant } = store;
  const endpoint = endpoints(store).find((each) => each.id === id);
  const event = merchant.eventById.get(eventId);
  if (endpoint === undefined || !endpoint.isEnabled || event === undefined) return null;
  const account = endpoint.connect ? merchant.account : undefined;
  const body = stringify(eventBody(event, merchant.books, among, account), undefined, 2) ?? '';
  const signature = sign(scheme, { body: Buffer.from(body), url: endpoint.url, at: now() }, endpoint.secret);
  return {
    url: endpoint.url,
    body,
    headers: {
      'Stripe-Signature': event.live ? signature : `${signature},v0=${'0'.repeat(64)}`,
      'content-type': 'application/json; charset=utf-8',
      'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    },
  };
}
