import { z } from 'zod';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { EventHeader, HeaderMap, SalesConnector } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { asNode, asText, plainTopic } from './envelope.ts';
import { changesSince, FEEDS } from './feeds.ts';
import { instantOf } from './money.ts';
import { normalize } from './normalize.ts';
import { keys, oauth } from './oauth.ts';
import { fetchFor } from './reread.ts';
import { registerWebhooks, TOPICS } from './webhooks.ts';

/** What an event tells of itself; Stripe's headers carry nothing but the signature. Throws `rejected` naming what is missing. */
function header(_headers: HeaderMap, body: Buffer): EventHeader {
  const event = asNode(parseJson(body));
  const [topic, eventId] = [asText(event?.type), asText(event?.id)];
  if (!topic || !eventId) {
    const missing = topic ? 'id' : 'type';
    const message = `The request's body has no ${missing}; it is no event of Stripe.`;
    throw new ConnectorError('rejected', message, { code: 'HEADER_MISSING', subject: missing });
  }
  const created = asText(event?.created) ?? '';
  return {
    topic: plainTopic(topic),
    eventId,
    account: asText(event?.account) ?? asText(event?.context),
    triggeredAt: /^\d{1,11}$/.test(created) ? instantOf(created) : Number.isNaN(Date.parse(created)) ? null : created,
  };
}

/** Stripe: charges, refunds, invoices, fees, disputes and payouts of one account. */
export const connector: SalesConnector = {
  kind: 'sales',
  id: 'stripe',
  label: 'Stripe',
  docsUrl: 'https://docs.stripe.com/api',
  credentials: z.object({
    apiKey: z.string().regex(/^(sk|rk)_\w+$/, 'must be a secret key (sk_…) or a restricted key (rk_…)'),
  }),
  settings: z.object({
    records: z.enum(['sales', 'settlements']).default('sales'),
    account: z.string().optional(),
    livemode: z.enum(['true', 'false']).optional(),
    /** Whether charges, refunds and payouts are looked up before they are booked; set by connecting. */
    lookups: z.enum(['on', 'off']).default('off'),
  }),
  secrets: ['accessToken', 'apiKey', 'client_secret', 'authorization', 'stripe-signature'],
  hosts: { api: 'https://api.stripe.com', auth: 'https://connect.stripe.com' },
  signature: {
    algorithm: 'sha256',
    header: 'stripe-signature',
    encoding: 'hex',
    signs: 'time.body',
    secret: 'webhook',
    list: { time: 't', signature: 'v1', toleranceSeconds: 300 },
  },
  topics: TOPICS,
  header,
  normalize,
  fetch: fetchFor,
  feeds: FEEDS,
  changesSince,
  registerWebhooks,
  oauth,
  keys,
};
