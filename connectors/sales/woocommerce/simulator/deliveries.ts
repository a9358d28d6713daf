import { createHash } from 'node:crypto';
import { type SignatureScheme, sign } from '../../../kit/signature.ts';
import type { Site } from './site.ts';
import type { Hook, Store, Webhook } from './state.ts';
import { orderBody } from './wire.ts';

/** base64 of HMAC-SHA256 over the body with the webhook's own secret; nothing else is signed. */
const scheme: SignatureScheme = {
  algorithm: 'sha256',
  header: 'x-wc-webhook-signature',
  encoding: 'base64',
  signs: 'body',
  secret: 'webhook',
};

/** A webhook is switched off when it fails once more after this many failures in a row. */
const MOST_FAILURES = 5;

export interface DeliveryOptions {
  store: Store;
  site: Site;
  now(): Date;
  /** Milliseconds until the site gives up on an answer; a minute in truth. */
  answerWithinMs: number;
}

/** A webhook about to be sent, its body built. */
interface Parcel {
  webhook: number;
  topic: string;
  body: string;
}

/** The site's outgoing webhooks: one attempt each. */
export interface Deliveries {
  /** Sends what hooks ask for, in order, with the state of now; late ones are built now and sent with the next. */
  send(hooks: readonly Hook[]): Promise<void>;
  /** Sends what is still held back. */
  flush(): Promise<void>;
  /** The unsigned form that a new webhook's address has to take. */
  ping(webhook: Webhook): Promise<void>;
}

/** Outgoing webhooks of a site. */
export function deliveries(options: DeliveryOptions): Deliveries {
  let held: Parcel[] = [];
  const flush = async () => {
    const waiting = held;
    held = [];
    for (const parcel of waiting) await sendOne(options, parcel);
  };
  return {
    send: async (hooks) => {
      const before = held;
      held = hooks.filter((hook) => hook.late).flatMap((hook) => parcelsFor(options, hook));
      for (const hook of hooks) {
        if (!hook.late) for (const parcel of parcelsFor(options, hook)) await sendOne(options, parcel);
      }
      for (const parcel of before) await sendOne(options, parcel);
    },
    flush,
    ping: async (webhook) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': agentOf(options.site) };
      await post(webhook.deliveryUrl, headers, `webhook_id=${webhook.id}`, options.answerWithinMs);
    },
  };
}

function parcelsFor({ store, site }: DeliveryOptions, hook: Hook): Parcel[] {
  const order = store.state.orders.get(hook.order);
  if (order === undefined) return [];
  const content = hook.topic === 'order.deleted' ? { id: order.id } : orderBody(order, site);
  return [...store.state.webhooks.values()]
    .filter((webhook) => webhook.topic === hook.topic && webhook.status === 'active')
    .map((webhook) => ({ webhook: webhook.id, topic: hook.topic, body: JSON.stringify(content) }));
}

async function sendOne(options: DeliveryOptions, { webhook: id, topic, body }: Parcel): Promise<void> {
  const { store, site, now } = options;
  const webhook = store.state.webhooks.get(id);
  if (webhook === undefined || webhook.status !== 'active') return;
  const [resource = '', event = ''] = topic.split('.');
  const at = now();
  const signature = sign(scheme, { body: Buffer.from(body), url: webhook.deliveryUrl, at }, webhook.secret);
  const headers = {
    'content-type': 'application/json',
    'user-agent': agentOf(site),
    'X-WC-Webhook-Source': `https://${site.account}/`,
    'X-WC-Webhook-Topic': topic,
    'X-WC-Webhook-Resource': resource,
    'X-WC-Webhook-Event': event,
    'X-WC-Webhook-Signature': signature,
    'X-WC-Webhook-ID': String(id),
    // Made of webhook and second only: two orders of one second share it.
    'X-WC-Webhook-Delivery-ID': createHash('md5')
      .update(`${id}${Math.floor(at.getTime() / 1_000)}`)
      .digest('hex'),
  };
  const status = await post(webhook.deliveryUrl, headers, body, options.answerWithinMs);
  noteOutcome(store, id, status >= 200 && status < 303);
}

const agentOf = (site: Site) => `WooCommerce/${site.version} Hookshot (WordPress/6.9)`;

/** A success resets the count; a failure beyond the limit switches the webhook off, and nobody is told. */
function noteOutcome(store: Store, id: number, isTaken: boolean): void {
  const webhook = store.state.webhooks.get(id);
  if (webhook === undefined || (isTaken && webhook.failures === 0)) return;
  if (isTaken) store.record({ kind: 'webhook', webhook: { ...webhook, failures: 0 } });
  else if (webhook.failures > MOST_FAILURES)
    store.record({ kind: 'webhook', webhook: { ...webhook, status: 'disabled' } });
  else store.record({ kind: 'webhook', webhook: { ...webhook, failures: webhook.failures + 1 } });
}

/** Status of the answer; 0 for none. Redirects are not followed. */
async function post(url: string, headers: Record<string, string>, body: string, withinMs: number): Promise<number> {
  try {
    const signal = AbortSignal.timeout(withinMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
