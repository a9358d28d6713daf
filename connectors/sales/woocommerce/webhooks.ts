import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, Subscribed, WebhookTarget } from '../../kit/contract.ts';
import { call } from './client.ts';

/** Refunds, payments and fees have no topic of their own: they all show as `order.updated`. */
export const TOPICS: readonly string[] = ['order.created', 'order.updated', 'order.deleted', 'order.restored'];

const subscription = z.object({ id: z.string(), topic: z.string(), status: z.string(), delivery_url: z.string() });
type Subscription = z.output<typeof subscription>;

const PAGE = 100;
/** A store has a handful of webhooks; more pages than this is a list that never ends. */
const MOST_PAGES = 20;

/**
 * Makes the store's webhooks for this connection what they should be. The store never sends twice and switches a
 * webhook off after some failures in a row without telling anyone, so this is repeated often: what was switched off is
 * switched on, what points to an address we had before is pointed here, what is there twice is removed. All webhooks of
 * a connection share one secret; where we do not know it, or one of them is missing, all get a fresh one.
 * Throws ConnectorError like `call`.
 */
export async function registerWebhooks(target: WebhookTarget, api: Api): Promise<Subscribed> {
  const ours = (await allSubscriptions(api)).filter((each) => isOurs(each, target.url));
  const found = TOPICS.map((topic) => ({ topic, present: bestOf(ours, topic, target.url) }));
  const used = new Set(found.map(({ present }) => present?.id));
  for (const each of ours) if (!used.has(each.id)) await remove(each, api);
  const isFresh = !target.known.connection || found.some(({ present }) => present === undefined);
  const created: string[] = [];
  const kept: string[] = [];
  for (const { topic, present } of found) {
    if (present === undefined) {
      await create(topic, target, api);
      created.push(topic);
    } else {
      await mend(present, target, isFresh, api);
      kept.push(topic);
    }
  }
  return { created, kept, ...(isFresh && { secret: { value: target.freshSecret, scope: 'connection' as const } }) };
}

/** Of this connection: its path carries the connection's own id, under whatever host we had then. */
function isOurs({ topic, delivery_url: url }: Subscription, wanted: string): boolean {
  return TOPICS.includes(topic) && URL.canParse(url) && new URL(url).pathname === new URL(wanted).pathname;
}

function bestOf(ours: readonly Subscription[], topic: string, url: string): Subscription | undefined {
  const same = ours.filter((each) => each.topic === topic);
  return same.find((each) => each.delivery_url === url) ?? same[0];
}

async function allSubscriptions(api: Api): Promise<Subscription[]> {
  const all: Subscription[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const query = { per_page: String(PAGE), page: String(page) };
    const { body } = await call(api, 'GET', '/webhooks', { query });
    const found = z.array(subscription).safeParse(body);
    if (!found.success) {
      const message = `The store ${api.account} answered with something that is no list of webhooks; we try again.`;
      throw new ConnectorError('retryable', message, { code: 'CHANNEL_ANSWER_UNREADABLE' });
    }
    all.push(...found.data);
    if (found.data.length < PAGE) break;
  }
  return all;
}

async function create(topic: string, { url, freshSecret }: WebhookTarget, api: Api): Promise<void> {
  const body = { name: `Daybook ${topic}`, topic, delivery_url: url, secret: freshSecret, status: 'active' };
  await call(api, 'POST', '/webhooks', { body });
}

async function mend(present: Subscription, target: WebhookTarget, isFresh: boolean, api: Api): Promise<void> {
  const body = {
    ...(present.status === 'active' ? {} : { status: 'active' }),
    ...(present.delivery_url === target.url ? {} : { delivery_url: target.url }),
    ...(isFresh ? { secret: target.freshSecret } : {}),
  };
  if (Object.keys(body).length === 0) return;
  if (present.status !== 'active') api.log('webhook.reactivated', { topic: present.topic, was: present.status });
  await call(api, 'PUT', `/webhooks/${present.id}`, { body });
}

async function remove({ id }: Subscription, api: Api): Promise<void> {
  await call(api, 'DELETE', `/webhooks/${id}`, { query: { force: 'true' } });
}
