import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { EventHeader, HeaderMap, SalesConnector } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { storeAddress } from './account.ts';
import { contentHash } from './content-hash.ts';
import { keys } from './keys.ts';
import { utcInstant } from './money.ts';
import { normalize, refundsListed } from './normalize.ts';
import { changesSince, FEEDS, fetchFor } from './reread.ts';
import { registerWebhooks, TOPICS } from './webhooks.ts';

const named = z.looseObject({ id: z.string().optional(), date_modified_gmt: z.string().nullish() });

/**
 * What a webhook is about. The store's delivery id is no identity: two orders delivered in one second share it. Ours is
 * topic, object and content. Throws `rejected` when the topic is missing.
 */
function header(headers: HeaderMap, body: Buffer): EventHeader {
  const topic = headers['x-wc-webhook-topic'];
  if (!topic) {
    const message = 'The request lacks the header X-WC-Webhook-Topic; it did not come from a store.';
    throw new ConnectorError('rejected', message, { code: 'HEADER_MISSING', subject: 'X-WC-Webhook-Topic' });
  }
  const { id = '', date_modified_gmt: modified } = objectIn(body);
  const source = headers['x-wc-webhook-source'];
  return {
    topic,
    eventId: `${topic}:${id}:${contentHash(body)}`,
    account: source ? storeAddress(source) : null,
    triggeredAt: utcInstant(modified) ?? null,
  };
}

function objectIn(body: Buffer): z.output<typeof named> {
  try {
    return named.catch({}).parse(parseJson(body));
  } catch (error) {
    if (error instanceof ConnectorError) return {};
    throw error;
  }
}

/** The ping of a new subscription: a form with its number, and no signature. It proves nothing. */
function handshake(headers: HeaderMap, body: Buffer): boolean {
  return headers['x-wc-webhook-signature'] === undefined && /^webhook_id=\d{1,20}$/.test(body.toString());
}

/** WooCommerce: orders and refunds of one store, on a server of its own. */
export const connector: SalesConnector = {
  kind: 'sales',
  id: 'woocommerce',
  label: 'WooCommerce',
  docsUrl: 'https://woocommerce.github.io/woocommerce-rest-api-docs/',
  credentials: z.object({
    consumerKey: z.string().regex(/^ck_\w{16,64}$/, 'starts with ck_'),
    consumerSecret: z.string().regex(/^cs_\w{16,64}$/, 'starts with cs_'),
  }),
  settings: z.object({
    records: z.enum(['sales', 'settlements']).default('sales'),
    currency: z.string().optional(),
    fees: z.enum(['gateway', 'ignore']).default('gateway'),
    auth: z.enum(['header', 'query']).default('header'),
  }),
  secrets: [
    'consumerKey',
    'consumerSecret',
    'consumer_key',
    'consumer_secret',
    'secret',
    'authorization',
    'x-wc-webhook-signature',
  ],
  hosts: { api: 'https://{account}', auth: 'https://{account}' },
  keys,
  signature: {
    algorithm: 'sha256',
    header: 'x-wc-webhook-signature',
    encoding: 'base64',
    signs: 'body',
    secret: 'webhook',
  },
  topics: TOPICS,
  header,
  handshake,
  normalize,
  // Revisions are `date_modified_gmt` in whole seconds, in which an order can be placed, paid and edited.
  reread: { fetch: 'order', topic: 'orders' },
  refundsListed,
  fetch: fetchFor,
  feeds: FEEDS,
  changesSince,
  registerWebhooks,
};
