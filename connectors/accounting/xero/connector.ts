import { z } from 'zod';
import type { AccountingConnector } from '../../kit/contract.ts';
import { storedTokens } from '../../kit/stored-tokens.ts';
import { readBooks } from './books.ts';
import { encode, prepare } from './document.ts';
import { find } from './find.ts';
import { inspect } from './inspect.ts';
import { suggestMapping } from './mapping.ts';
import { oauth } from './oauth.ts';
import { ensureParties } from './parties.ts';
import { send } from './send.ts';
import { undo } from './undo.ts';
import { webhooks } from './webhooks.ts';

/** Xero's Accounting API 2.0. Facts and their sources: README.md beside this file. */
export const connector: AccountingConnector = {
  id: 'xero',
  label: 'Xero',
  kind: 'accounting',
  docsUrl: 'https://developer.xero.com/documentation/api/accounting/overview',
  credentials: storedTokens,
  settings: z.object({ connectionId: z.string().optional() }),
  secrets: ['accessToken', 'refreshToken', 'authorization', 'access_token', 'refresh_token', 'id_token'],
  hosts: { api: 'https://api.xero.com', auth: 'https://identity.xero.com' },
  oauth,
  limits: { requestsPerMinute: 60, concurrent: 5, documentsPerRequest: 50 },
  // Keys are kept six minutes after first use; a replay must arrive within them.
  idempotencyWindowMs: 5 * 60_000,
  batches: ['invoice', 'credit_note', 'payment'],
  readBooks,
  suggestMapping,
  ensureParties,
  encode,
  prepare,
  send,
  find,
  inspect,
  undo,
  webhooks,
};
