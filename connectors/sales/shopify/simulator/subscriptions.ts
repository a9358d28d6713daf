import { random } from '../../../kit/random.ts';
import { seconds } from './instants.ts';
import { compareKeys, connection, type PageArguments } from './pages.ts';
import type { Store, Subscription } from './state.ts';
import { TOPICS, topicName } from './topics.ts';
import { API_VERSION } from './webhooks.ts';

export interface SubscriptionInput {
  uri?: string | null;
  callbackUrl?: string | null;
  format?: 'JSON' | 'XML' | null;
  includeFields?: string[] | null;
  name?: string | null;
}

interface UserError {
  field: string[];
  message: string;
}

export interface SubscriptionContext {
  seed: number;
  account: string;
  store: Store;
  now(): Date;
}

/** `webhookSubscriptionCreate`. */
export function createSubscription(context: SubscriptionContext, topic: string, input: SubscriptionInput) {
  const problem = refusal(context, TOPICS[topic]!, input, null);
  if (problem !== null) return { userErrors: [problem], webhookSubscription: null };
  const { account, store } = context;
  const id = `${random(context.seed, account, 'subscription', store.shop(account)!.made).digits(13)}`;
  const createdAt = seconds(context.now().getTime());
  return keep(context, { id, topic: TOPICS[topic]!, createdAt, ...contentOf(input) });
}

/** `webhookSubscriptionUpdate`. */
export function updateSubscription(context: SubscriptionContext, gid: string, input: SubscriptionInput) {
  const known = find(context, gid);
  if (known === undefined) return { userErrors: [missing()], webhookSubscription: null };
  const merged = { uri: known.uri, name: known.name, includeFields: known.includeFields, ...input };
  const problem = refusal(context, known.topic, merged, known.id);
  if (problem !== null) return { userErrors: [problem], webhookSubscription: null };
  return keep(context, { ...known, ...contentOf(merged) });
}

/** `webhookSubscriptionDelete`. */
export function deleteSubscription(context: SubscriptionContext, gid: string) {
  const known = find(context, gid);
  if (known === undefined) return { userErrors: [missing()], deletedWebhookSubscriptionId: null };
  context.store.record({ account: context.account, kind: 'unsubscribed', id: known.id });
  return { userErrors: [], deletedWebhookSubscriptionId: gid };
}

/** `webhookSubscription`. */
export function oneSubscription(context: SubscriptionContext, gid: string) {
  const known = find(context, gid);
  return known === undefined ? null : subscriptionNode(known);
}

/** `webhookSubscriptions`. */
export function listSubscriptions(
  { account, store }: SubscriptionContext,
  asked: PageArguments & { topics?: string[] | null; uri?: string | null; callbackUrl?: string | null },
) {
  const uri = asked.uri ?? asked.callbackUrl;
  const keyOf = (subscription: Subscription) => ({ value: subscription.createdAt, id: subscription.id });
  const found = [...store.shop(account)!.subscriptions.values()]
    .filter((each) => asked.topics == null || asked.topics.includes(topicName(each.topic)!))
    .filter((each) => uri == null || each.uri === uri)
    .sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  return connection(found, asked, keyOf, subscriptionNode);
}

function keep(context: SubscriptionContext, subscription: Subscription) {
  context.store.record({ account: context.account, kind: 'subscribed', subscription });
  return { userErrors: [], webhookSubscription: subscriptionNode(subscription) };
}

function contentOf(input: SubscriptionInput): Pick<Subscription, 'uri' | 'name' | 'includeFields'> {
  return { uri: addressOf(input), name: input.name ?? null, includeFields: input.includeFields ?? [] };
}

const addressOf = (input: SubscriptionInput): string => input.callbackUrl ?? input.uri ?? '';

/** Why an address cannot be subscribed. Plain http is for this machine only, where Shopify itself never delivers. */
function refusal(
  { account, store }: SubscriptionContext,
  topic: string,
  input: SubscriptionInput,
  own: string | null,
): UserError | null {
  const at = (message: string) => {
    const name = input.callbackUrl == null ? 'uri' : 'callbackUrl';
    return { field: ['webhookSubscription', name], message };
  };
  const address = addressOf(input);
  if (address === '') return at("Address can't be blank");
  if (!URL.canParse(address)) return at('Address is invalid');
  const { protocol, hostname } = new URL(address);
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && local)) {
    return at(`Address protocol ${protocol}// is not supported`);
  }
  if (input.format === 'XML') return at('This simulator sends JSON only');
  const taken = [...store.shop(account)!.subscriptions.values()].some(
    (other) => other.topic === topic && other.uri === address && other.id !== own,
  );
  return taken ? at('Address for this topic has already been taken') : null;
}

function missing(): UserError {
  return { field: ['id'], message: 'Webhook subscription does not exist' };
}

function find({ account, store }: SubscriptionContext, gid: string): Subscription | undefined {
  return store.shop(account)!.subscriptions.get(gid.replace('gid://shopify/WebhookSubscription/', ''));
}

function subscriptionNode(subscription: Subscription) {
  return {
    id: `gid://shopify/WebhookSubscription/${subscription.id}`,
    legacyResourceId: subscription.id,
    apiVersion: { displayName: API_VERSION, handle: API_VERSION, supported: true },
    topic: topicName(subscription.topic)!,
    uri: subscription.uri,
    callbackUrl: subscription.uri,
    format: 'JSON',
    name: subscription.name,
    filter: null,
    includeFields: subscription.includeFields,
    metafieldNamespaces: [],
    createdAt: subscription.createdAt,
    updatedAt: subscription.createdAt,
  };
}
