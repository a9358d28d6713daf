import { random } from '../../../kit/random.ts';
import { type Answer, badRequest, fine, isAnswer, notFound } from './answers.ts';
import type { Cafe } from './cafe.ts';
import { shortId, uuid } from './ids.ts';
import { limitOf, pageOf } from './pages.ts';
import { testBody } from './sample-event.ts';
import type { Store, Subscription } from './state.ts';
import { API_VERSION, isVersion, TOPICS } from './topics.ts';
import type { Webhooks } from './webhooks.ts';

export interface SubscriptionContext {
  seed: number;
  cafe: Cafe;
  store: Store;
  post: Webhooks;
  now(): Date;
}

type Body = Record<string, unknown>;

/** `POST /v2/webhooks/subscriptions`: the answer alone, and the reading of one, tell the signature key. */
export function createSubscription(context: SubscriptionContext, body: Body): Answer {
  const { state } = context.store;
  const key = typeof body.idempotency_key === 'string' ? body.idempotency_key : null;
  const known = key === null ? undefined : state.subscriptions.get(state.created.get(key) ?? '');
  if (known !== undefined) return fine({ subscription: known });
  const asked = body.subscription as Body | undefined;
  if (typeof asked !== 'object' || asked === null) {
    return badRequest('MISSING_REQUIRED_PARAMETER', 'Missing required parameter subscription.', 'subscription');
  }
  const problem = refusal(asked, ['event_types', 'notification_url']);
  if (problem !== null) return problem;
  const at = stamp(context);
  const subscription: Subscription = {
    ...contentOf(asked, { name: null, enabled: true, event_types: [], notification_url: '', api_version: API_VERSION }),
    id: `wbhk_${random(context.seed, 'subscription', state.made).hex(32)}`,
    signature_key: newKey(context),
    created_at: at,
    updated_at: at,
  };
  context.store.record({ kind: 'subscribed', subscription, key });
  return fine({ subscription });
}

/** `PUT /v2/webhooks/subscriptions/{id}`: only what is named changes. */
export function updateSubscription(context: SubscriptionContext, id: string, body: Body): Answer {
  const known = context.store.state.subscriptions.get(id);
  if (known === undefined) return missing(id);
  const asked = (body.subscription ?? {}) as Body;
  const problem = refusal(asked, []);
  if (problem !== null) return problem;
  const subscription = { ...known, ...contentOf(asked, known), updated_at: stamp(context) };
  context.store.record({ kind: 'subscribed', subscription, key: null });
  return fine({ subscription: withoutKey(subscription) });
}

/** `POST /v2/webhooks/subscriptions/{id}/signature-key`: a new key, from now on the only one that signs. */
export function replaceKey(context: SubscriptionContext, id: string): Answer {
  const known = context.store.state.subscriptions.get(id);
  if (known === undefined) return missing(id);
  const subscription = { ...known, signature_key: newKey(context), updated_at: stamp(context) };
  context.store.record({ kind: 'subscribed', subscription, key: null });
  return fine({ signature_key: subscription.signature_key });
}

/** `DELETE /v2/webhooks/subscriptions/{id}`. */
export function deleteSubscription({ store }: SubscriptionContext, id: string): Answer {
  if (!store.state.subscriptions.has(id)) return missing(id);
  store.record({ kind: 'unsubscribed', id });
  return fine({});
}

/** `GET /v2/webhooks/subscriptions/{id}`. */
export function oneSubscription({ store }: SubscriptionContext, id: string): Answer {
  const subscription = store.state.subscriptions.get(id);
  return subscription === undefined ? missing(id) : fine({ subscription });
}

/** `GET /v2/webhooks/subscriptions`: those switched off only when they are asked for; never with their keys. */
export function listSubscriptions({ store }: SubscriptionContext, query: Record<string, string>): Answer {
  const { cursor, limit: asked, ...rest } = query;
  const limit = limitOf(asked, 100);
  if (typeof limit !== 'number') return limit;
  const all = [...store.state.subscriptions.values()].filter(
    ({ enabled }) => enabled || query.include_disabled === 'true',
  );
  const order = query.sort_order === 'DESC' ? 'DESC' : 'ASC';
  const placeOf = ({ created_at, id }: Subscription) => ({ at: created_at, id });
  const page = pageOf(all, placeOf, { cursor, limit, order, query: rest });
  if (isAnswer(page)) return page;
  const { entries, ...next } = page;
  return fine({ ...(entries.length > 0 ? { subscriptions: entries.map(withoutKey) } : {}), ...next });
}

/** `POST /v2/webhooks/subscriptions/{id}/test`: one delivery of a made-up event, and how it was answered. */
export async function testSubscription(context: SubscriptionContext, id: string, body: Body): Promise<Answer> {
  const subscription = context.store.state.subscriptions.get(id);
  if (subscription === undefined) return missing(id);
  const type = `${body.event_type ?? subscription.event_types[0]}`;
  if (!subscription.event_types.includes(type)) {
    return badRequest('INVALID_VALUE', `The subscription has no event type ${type}.`, 'event_type');
  }
  const chance = random(context.seed, 'test', context.store.state.made);
  context.store.record({ kind: 'made' });
  const eventId = uuid(chance);
  const at = stamp(context);
  const payload = testBody(context.cafe, type, eventId, at);
  const answered = await context.post.probe(subscription, payload);
  const result = { id: eventId, status_code: answered ?? 0, payload, created_at: at, updated_at: stamp(context) };
  return fine({ subscription_test_result: result });
}

function newKey({ seed, store }: SubscriptionContext): string {
  return shortId(random(seed, 'signature key', store.state.made));
}

function stamp({ now }: SubscriptionContext): string {
  return now().toISOString();
}

function missing(id: string): Answer {
  return notFound(`Could not find webhook subscription ${id}.`);
}

function withoutKey({ signature_key: _, ...subscription }: Subscription): object {
  return subscription;
}

type Content = Pick<Subscription, 'name' | 'enabled' | 'event_types' | 'notification_url' | 'api_version'>;

function contentOf(asked: Body, before: Content): Content {
  const { name, enabled, event_types, notification_url, api_version } = before;
  return {
    name: typeof asked.name === 'string' ? asked.name : name,
    enabled: typeof asked.enabled === 'boolean' ? asked.enabled : enabled,
    event_types: Array.isArray(asked.event_types) ? asked.event_types.map(String) : event_types,
    notification_url: typeof asked.notification_url === 'string' ? asked.notification_url : notification_url,
    api_version: typeof asked.api_version === 'string' ? asked.api_version : api_version,
  };
}

/** Why a subscription cannot be so. Plain http is for this machine only, where Square itself never delivers. */
function refusal(asked: Body, required: readonly string[]): Answer | null {
  const field = (name: string) => `subscription.${name}`;
  const absent = required.find((name) => asked[name] == null);
  if (absent !== undefined) {
    return badRequest('MISSING_REQUIRED_PARAMETER', `Missing required parameter ${absent}.`, field(absent));
  }
  const { event_types: types, notification_url: url, api_version: version, name } = asked;
  if (typeof name === 'string' && name.length > 64)
    return badRequest('VALUE_TOO_LONG', 'The name is too long.', field('name'));
  if (types != null && (!Array.isArray(types) || types.length === 0)) {
    return badRequest('ARRAY_EMPTY', 'At least one event type is needed.', field('event_types'));
  }
  const strange = Array.isArray(types) ? types.find((type) => !(`${type}` in TOPICS)) : undefined;
  if (strange !== undefined) {
    return badRequest('INVALID_VALUE', `${strange} is not a valid event type.`, field('event_types'));
  }
  if (url != null && !isDeliverable(url)) {
    return badRequest('INVALID_VALUE', 'URL is not valid: it must be an https URL.', field('notification_url'));
  }
  if (version != null && !isVersion(`${version}`)) {
    return badRequest('INVALID_SQUARE_VERSION_FORMAT', `${version} is not an API version.`, field('api_version'));
  }
  return null;
}

function isDeliverable(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}
