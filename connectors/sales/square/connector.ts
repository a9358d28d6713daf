import { z } from 'zod';
import type { SalesConnector } from '../../kit/contract.ts';
import { changesSince } from './changes.ts';
import { FEEDS } from './feeds.ts';
import { normalize } from './normalize.ts';
import { keys, oauth } from './oauth.ts';
import { fetchFor } from './reread.ts';
import { header, registerWebhooks, TOPICS } from './webhooks.ts';

/** Square: sales at the till and online, refunds, payouts, disputes and cash drawers of one seller. */
export const connector: SalesConnector = {
  kind: 'sales',
  id: 'square',
  label: 'Square',
  docsUrl: 'https://developer.squareup.com/reference/square',
  credentials: z.object({
    accessToken: z.string().min(1).describe('Access token of the seller, from the developer console'),
  }),
  settings: z.object({
    records: z.enum(['sales', 'settlements']).default('sales'),
    currency: z.string().optional(),
    environment: z.enum(['production', 'sandbox']).optional(),
  }),
  secrets: [
    'accessToken',
    'refreshToken',
    'client_secret',
    'signature_key',
    'authorization',
    'x-square-hmacsha256-signature',
  ],
  hosts: { api: 'https://connect.squareup.com', auth: 'https://connect.squareup.com' },
  signature: {
    algorithm: 'sha256',
    header: 'x-square-hmacsha256-signature',
    encoding: 'base64',
    signs: 'url+body',
    secret: 'webhook',
  },
  topics: TOPICS,
  header,
  normalize,
  // A POS order has no version, and its time of change counts in seconds.
  reread: { fetch: 'order', topic: 'orders' },
  fetch: fetchFor,
  feeds: Object.keys(FEEDS),
  // A drawer has no event, and neither has many an order made at the till, so that its cancellation is only found.
  polledOnly: ['register_close', 'void'],
  changesSince,
  registerWebhooks,
  oauth,
  keys,
};
