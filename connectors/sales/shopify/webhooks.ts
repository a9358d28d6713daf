import type { WebhookTopic } from 'shopify-api-node';
import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, Subscribed, WebhookTarget } from '../../kit/contract.ts';
import { callerOf, graphql } from './client.ts';
import { SUBSCRIBE, SUBSCRIPTIONS_QUERY } from './queries.ts';

/** Topics by the spelling that `shopify-api-node` knows, so that a typing error does not compile. */
const KNOWN = [
  'app/uninstalled',
  'disputes/create',
  'disputes/update',
  'order_transactions/create',
  'orders/cancelled',
  'orders/create',
  'orders/delete',
  'orders/edited',
  'orders/paid',
  'orders/updated',
  'refunds/create',
  'tender_transactions/create',
] as const satisfies readonly WebhookTopic[];

/**
 * What we subscribe to. The three compliance topics are not among them: Shopify takes those from the app's
 * configuration only. `app/scopes_update` is younger than the package.
 */
export const TOPICS: readonly string[] = [...KNOWN, 'app/scopes_update'];

const subscriptions = z.object({
  webhookSubscriptions: z.object({
    nodes: z.array(z.object({ id: z.string(), topic: z.string(), uri: z.string() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
});
const subscribed = z.object({
  webhookSubscriptionCreate: z.object({
    webhookSubscription: z.object({ id: z.string() }).nullish(),
    userErrors: z.array(z.object({ message: z.string() })),
  }),
});

/**
 * Creates the subscriptions that are missing for our address and leaves all others alone; safe to repeat daily. Throws
 * ConnectorError `rejected` CHANNEL_REFUSED naming the topic that Shopify does not accept.
 */
export async function registerWebhooks({ url: callbackUrl }: WebhookTarget, api: Api): Promise<Subscribed> {
  const present = await presentTopics(callbackUrl, api);
  const created: string[] = [];
  const kept: string[] = [];
  for (const topic of TOPICS) {
    const name = topic.toUpperCase().replace('/', '_');
    if (present.has(name)) {
      kept.push(topic);
      continue;
    }
    const answer = await graphql(callerOf(api), SUBSCRIBE, { topic: name, uri: callbackUrl });
    const { webhookSubscription, userErrors } = subscribed.parse(answer).webhookSubscriptionCreate;
    if (!webhookSubscription) {
      const told = userErrors.map((each) => each.message).join('; ');
      const message = `Shopify does not take the webhook ${topic} for ${callbackUrl}: ${told}.`;
      throw new ConnectorError('rejected', message, { code: 'CHANNEL_REFUSED', subject: topic });
    }
    created.push(topic);
  }
  return { created, kept };
}

async function presentTopics(callbackUrl: string, api: Api): Promise<Set<string>> {
  const found = new Set<string>();
  let after: string | null = null;
  do {
    const answer: z.output<typeof subscriptions> = subscriptions.parse(
      await graphql(callerOf(api), SUBSCRIPTIONS_QUERY, { after }),
    );
    const { nodes, pageInfo } = answer.webhookSubscriptions;
    for (const node of nodes) if (node.uri === callbackUrl) found.add(node.topic);
    after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
  } while (after !== null);
  return found;
}
