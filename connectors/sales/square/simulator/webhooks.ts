import { createHmac } from 'node:crypto';
import { type SignatureScheme, sign } from '../../../kit/signature.ts';
import {
  type Answered,
  type Courier,
  type CourierOptions,
  courier,
  type Packing,
  type Parcel,
  sendInOrder,
} from '../../../kit/simulator-courier.ts';
import type { Delivery, Grant, SquareEvent, State, Store, Subscription } from './state.ts';
import { TOPICS } from './topics.ts';

/** base64 of HMAC-SHA256 over notification URL and raw body, with the subscription's key taken as text. */
const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'x-square-hmacsha256-signature',
  encoding: 'base64',
  signs: 'url+body',
  secret: 'webhook',
};

export interface Webhooks {
  /** Deliveries that events become, in sending order: one per subscription that wants the event and may have it. */
  address(events: readonly SquareEvent[]): Delivery[];
  /** Sends in order, each first attempt after the other; resolves when every one was acknowledged or given up. */
  send(deliveries: readonly Delivery[]): Promise<void>;
  /** Sends one body to one subscription, once: the status of the answer, or null. */
  probe(subscription: Subscription, body: string): Promise<Answered>;
  close(): void;
}

/** The way of events to their subscribers: addressed once, sent until acknowledged or given up, forgotten then. */
export function webhooks({ store, now, ...way }: CourierOptions & { store: Store; now(): Date }): Webhooks {
  const post = courier(way);
  return {
    address: (events) => address(store.state, events),
    send: (deliveries) => sendInOrder(deliveries, (delivery) => bring(store, post, delivery)),
    probe: (subscription, body) => post.attempt(parcelOf({ subscription, body, at: now().getTime() }, 0, null)),
    close: post.close,
  };
}

function address({ subscriptions, grants, keyed }: State, events: readonly SquareEvent[]): Delivery[] {
  const times = new Map<string, number>();
  return events.flatMap((event) => {
    const time = (times.get(event.id) ?? 0) + 1;
    times.set(event.id, time);
    if (!mayBeTold(event, grants, keyed)) return [];
    return [...subscriptions.values()]
      .filter(({ enabled, event_types }) => enabled && event_types.includes(event.type))
      .map(({ id }) => ({ id: `${event.id}/${id}/${time}`, subscriptionId: id, eventId: event.id }));
  });
}

function mayBeTold({ type, merchantId }: SquareEvent, grants: readonly Grant[], keyed: boolean): boolean {
  const scope = TOPICS[type] ?? null;
  if (keyed || scope === null) return true;
  return grants.some((grant) => grant.merchantId === merchantId && grant.scopes.includes(scope));
}

function bring(store: Store, post: Courier, delivery: Delivery) {
  const { first, outcome } = post.send(packing(store.state, delivery));
  const finished = outcome.then((result) => {
    // What was cut off by a stop is still owed. What was given up is discarded, the subscription stays.
    if (result === 'stopped' || !store.state.pending.has(delivery.id)) return;
    store.record({ kind: 'done', delivery: delivery.id });
  });
  return { first, finished };
}

/** Address and key are those the subscription has at the moment of sending. */
function packing(state: State, { subscriptionId, eventId }: Delivery): Packing {
  const event = state.events.get(eventId);
  return (attempt, before) => {
    const subscription = state.subscriptions.get(subscriptionId);
    if (subscription === undefined || event === undefined) return null;
    return parcelOf({ subscription, body: event.body, at: event.at }, attempt, before);
  };
}

interface Letter {
  subscription: Subscription;
  body: string;
  /** When it was first sent, milliseconds. */
  at: number;
}

function parcelOf({ subscription, body, at }: Letter, attempt: number, before: Answered): Parcel {
  const { notification_url: url, signature_key: key, api_version } = subscription;
  const retry: Record<string, string> =
    attempt === 0
      ? {}
      : { 'square-retry-number': `${attempt}`, 'square-retry-reason': before === null ? 'http_timeout' : 'http_error' };
  return {
    url,
    body,
    headers: {
      'x-square-hmacsha256-signature': sign(scheme, { body: Buffer.from(body), url, at: new Date(at) }, key),
      // The older scheme, which nobody should rely on any more.
      'x-square-signature': createHmac('sha1', key).update(url).update(body).digest('base64'),
      'square-environment': 'Production',
      'square-version': api_version,
      'square-initial-delivery-timestamp': new Date(at).toISOString(),
      ...retry,
    },
  };
}
