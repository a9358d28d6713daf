import { z } from 'zod';
import type { AccountingConnector } from '../../kit/contract.ts';
import { readBooks } from './books.ts';
import { encode, prepare } from './document.ts';
import { find } from './find.ts';
import { inspect } from './inspect.ts';
import { suggestMapping } from './mapping.ts';
import { oauth, tokenSet } from './oauth.ts';
import { ensureParties } from './parties.ts';
import { ensureRecords, recordsFor } from './records.ts';
import { send } from './send.ts';
import { undo } from './undo.ts';
import { webhooks } from './webhooks.ts';

/** QuickBooks Online's Accounting API v3. Facts and their sources: README.md beside this file. */
export const connector: AccountingConnector = {
  id: 'quickbooks',
  label: 'QuickBooks Online',
  kind: 'accounting',
  docsUrl: 'https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/invoice',
  credentials: tokenSet,
  settings: z.object({}),
  secrets: ['accessToken', 'refreshToken', 'authorization', 'access_token', 'refresh_token', 'id_token'],
  hosts: { api: 'https://quickbooks.api.intuit.com', auth: 'https://oauth.platform.intuit.com' },
  oauth,
  // 500 a minute and company are shared with every other app of the merchant, so some are left to them.
  limits: { requestsPerMinute: 450, requestsPerSecond: 10, concurrent: 5, documentsPerRequest: 1 },
  // How long request ids are remembered is not documented; a request they cut after two minutes may still finish.
  idempotencyWindowMs: 5 * 60_000,
  // A batch has one request id for all of it, and its documents cannot be told apart when the answer is lost.
  batches: [],
  receipts: true,
  readBooks,
  suggestMapping,
  ensureParties,
  recordsFor,
  ensureRecords,
  encode,
  prepare,
  send,
  find,
  inspect,
  undo,
  webhooks,
};
