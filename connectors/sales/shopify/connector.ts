import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { EventHeader, HeaderMap, SalesConnector } from '../../kit/contract.ts';
import { utcInstant } from './money.ts';
import { normalize } from './normalize.ts';
import { oauth } from './oauth.ts';
import { changesSince, FEEDS, fetchFor } from './reread.ts';
import { registerWebhooks, TOPICS } from './webhooks.ts';

/** What Shopify's headers tell; none of them is signed, the body is. Throws `rejected` when topic or id is missing. */
function header(headers: HeaderMap): EventHeader {
  const topic = headers['x-shopify-topic'];
  const eventId = headers['x-shopify-event-id'] ?? headers['x-shopify-webhook-id'];
  if (!topic || !eventId) {
    const missing = topic ? 'X-Shopify-Event-Id' : 'X-Shopify-Topic';
    throw new ConnectorError('rejected', `The request lacks the header ${missing}; it did not come from Shopify.`, {
      code: 'HEADER_MISSING',
      subject: missing,
    });
  }
  return {
    topic,
    eventId,
    account: headers['x-shopify-shop-domain'] ?? null,
    triggeredAt: utcInstant(headers['x-shopify-triggered-at']) ?? null,
  };
}

/** Shopify: orders, refunds, payouts and disputes of one shop. */
export const connector: SalesConnector = {
  kind: 'sales',
  id: 'shopify',
  label: 'Shopify',
  docsUrl: 'https://shopify.dev/docs/api/admin-graphql/2026-10',
  credentials: z.object({}),
  settings: z.object({
    records: z.enum(['sales', 'settlements']).default('sales'),
    currency: z.string().optional(),
  }),
  secrets: ['accessToken', 'refreshToken', 'x-shopify-access-token', 'client_secret', 'x-shopify-hmac-sha256'],
  hosts: { api: 'https://{account}', auth: 'https://{account}' },
  signature: {
    algorithm: 'sha256',
    header: 'x-shopify-hmac-sha256',
    encoding: 'base64',
    signs: 'body',
    secret: 'client',
  },
  topics: TOPICS,
  feeds: FEEDS,
  polledOnly: ['payout', 'fee', 'settlement'],
  header,
  normalize,
  // Revisions are `updated_at` in whole seconds, in which an order can be placed, paid and edited.
  reread: { fetch: 'order', topic: 'orders' },
  fetch: fetchFor,
  changesSince,
  registerWebhooks,
  oauth,
};
