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
import { ensureRecords, recordsFor } from './rates.ts';
import { send } from './send.ts';
import { undo } from './undo.ts';

/** Sage Business Cloud Accounting, API v3.1. Facts and their sources: README.md beside this file. */
export const connector: AccountingConnector = {
  id: 'sage',
  label: 'Sage Accounting',
  kind: 'accounting',
  docsUrl: 'https://developer.sage.com/accounting/reference/invoicing-sales/',
  credentials: storedTokens,
  settings: z.object({}),
  secrets: ['accessToken', 'refreshToken', 'authorization', 'access_token', 'refresh_token', 'client_secret'],
  hosts: { api: 'https://api.accounting.sage.com', auth: 'https://oauth.accounting.sage.com' },
  oauth,
  // Figures in circulation conflict, 100 a minute the lowest; and one call at a time, because Sage numbers documents in
  // sequence and asks for it (provider sections 3 and 4).
  limits: { requestsPerMinute: 60, concurrent: 1, documentsPerRequest: 1 },
  // Seven days according to one third party, nothing according to Sage's page; an hour is safe in any case.
  idempotencyWindowMs: 60 * 60_000,
  batches: [],
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
};
