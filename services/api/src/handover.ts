import { createHash } from 'node:crypto';
import type { Connector, KeyHandover } from '@daybook/connectors/kit/contract';
import type { Request, Response } from 'express';
import { ApiError } from './api-error.ts';
import { connectByKeys } from './connect.ts';
import { type ApiContext, connectorOf } from './context.ts';
import { handedOverPage } from './oauth-pages.ts';
import { companyNamed } from './routes/companies.ts';

const STATE_LIFE_MS = 10 * 60_000;
/** Stands before what is hashed, so that this state opens no OAuth callback and the other way round. */
const KEYS = 'keys ';

/** The consent page of a provider that posts keys to us instead of answering with a code; null for all others. */
export function handoverOf(context: ApiContext, id: string): { connector: Connector; handover: KeyHandover } | null {
  const connector = connectorOf(context, id);
  const handover = connector?.oauth ? undefined : connector?.keys?.handover;
  return connector && handover ? { connector, handover } : null;
}

/** Sends the browser to the provider's consent page. The state is random, stored hashed, single use, ten minutes. */
export async function startHandover(
  context: ApiContext,
  { connector, handover }: NonNullable<ReturnType<typeof handoverOf>>,
  request: { company: string; fields: Record<string, string> },
  response: Response,
): Promise<void> {
  const companyId = await companyNamed(context.sql, request.company);
  const state = context.token(32);
  await context.sql`
    insert into oauth_states (state_hash, browser_hash, company_id, connector, fields, expires_at)
    values (${hashOf(state)}, 'none', ${companyId}, ${connector.id}, ${JSON.stringify(request.fields)},
            ${new Date(context.clock().getTime() + STATE_LIFE_MS)})`;
  const base = `${context.publicUrl()}/oauth/${connector.id}`;
  const hosts = context.access.hosts(connector, handover.account(request.fields));
  const { fields } = request;
  response.redirect(
    302,
    handover.authorizeUrl({ hosts, fields, callbackUrl: `${base}/keys`, returnUrl: `${base}/done`, state }),
  );
}

/**
 * The provider's server brings the keys. Nothing of the request is signed and no browser comes along: the state alone
 * says whose they are, and the test call proves that they open the store that was named. Exactly 200 means kept.
 */
export async function takeKeys(context: ApiContext, request: Request, response: Response): Promise<void> {
  const { connector, handover } = known(handoverOf(context, String(request.params.connector)));
  // Without a body there are no bytes at all.
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { state, credentials } = handover.receive(body);
  const [row] = await context.sql<{ companyId: string; fields: Record<string, string> }[]>`
    delete from oauth_states where state_hash = ${hashOf(state)} and connector = ${connector.id}
      and expires_at > ${context.clock()} returning company_id as "companyId", fields`;
  if (!row)
    throw new ApiError(
      400,
      'OAUTH_STATE_INVALID',
      'Nobody asked for these keys, they came twice, or later than ten minutes after the start.',
      'Start connecting again.',
    );
  await connectByKeys(context, {
    companyId: row.companyId,
    connector,
    account: handover.account(row.fields),
    credentials,
    webhookSecrets: [],
    settings: {},
  });
  response.status(200).json({ status: 'connected' });
}

/** Where the browser lands afterwards, before or after the keys did. */
export async function showHandedOver(context: ApiContext, request: Request, response: Response): Promise<void> {
  const { connector } = known(handoverOf(context, String(request.params.connector)));
  if (request.query.success !== '1')
    throw new ApiError(400, 'OAUTH_REFUSED', `${connector.label} gave no access.`, 'Start again and allow the access.');
  response.type('html').send(handedOverPage(connector.label));
}

function known(found: ReturnType<typeof handoverOf>): NonNullable<ReturnType<typeof handoverOf>> {
  if (found) return found;
  throw new ApiError(404, 'CONNECTOR_UNKNOWN', 'Nothing of that name hands over keys.');
}

function hashOf(state: string): string {
  return createHash('sha256')
    .update(KEYS + state)
    .digest('hex');
}
