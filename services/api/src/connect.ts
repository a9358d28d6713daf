import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector, Api, ConnectedAccount, Connector, TokenSet } from '@daybook/connectors/kit/contract';
import { accountsOf, taxCodesOf } from '@daybook/ledger/company';
import type { Tx } from '@daybook/platform/db';
import { keepSecret } from '@daybook/platform/webhook-secrets';
import { ringPush } from '@daybook/workers/doorbell';
import { resolveIssue } from '@daybook/workers/issues';
import { subscribe } from '@daybook/workers/subscriptions';
import { ApiError } from './api-error.ts';
import type { ApiContext } from './context.ts';

/** Stores the tokens of a fresh consent; connections made from it share the row. */
export async function storeConsent(context: ApiContext, connector: Connector, tokens: TokenSet): Promise<string> {
  const { keyId, sealed } = context.sealer.seal(JSON.stringify(tokens));
  const [row] = await context.sql<{ id: string }[]>`
    insert into token_sets (connector, key_id, sealed, access_expires_at, refresh_expires_at, updated_at)
    values (${connector.id}, ${keyId}, ${sealed}, ${tokens.accessTokenExpiresAt}, ${tokens.refreshTokenExpiresAt}, ${context.clock()})
    returning id`;
  return (row as { id: string }).id;
}

/**
 * Connects a tenant of the consent to a company, or reconnects it: the new tokens replace the old ones, the issue that
 * asked for it is closed and waiting work goes on. Ends with the test call that proves the connection works.
 */
export async function connectAccount(
  context: ApiContext,
  request: { companyId: string; connector: Connector; account: ConnectedAccount; tokenSetId: string },
): Promise<{ connectionId: string }> {
  const { connector, account, companyId, tokenSetId } = request;
  const connectionId = await context.sql.begin(async (tx) => {
    const [before] = await tx<{ tokenSetId: string | null }[]>`
      select token_set_id as "tokenSetId" from connections
      where company_id = ${companyId} and connector = ${connector.id} and account = ${account.account} for update`;
    const [row] = await tx<{ id: string }[]>`
      insert into connections (company_id, connector, kind, label, account, settings, token_set_id)
      values (${companyId}, ${connector.id}, ${connector.kind}, ${account.label}, ${account.account},
              ${JSON.stringify(account.settings)}, ${tokenSetId})
      on conflict (company_id, connector, account) do update
        set token_set_id = excluded.token_set_id, label = excluded.label, state = 'active', paused_until = null,
            settings = connections.settings || excluded.settings
      returning id`;
    const { id } = row as { id: string };
    if (before?.tokenSetId) await forgetUnused(tx, before.tokenSetId);
    await noteConnected(tx, companyId, id, context.clock());
    return id;
  });
  await prove(context, connectionId, companyId, connector);
  return { connectionId };
}

/** Tokens that no connection uses any more are not kept. */
async function forgetUnused(tx: Tx, tokenSetId: string): Promise<void> {
  await tx`
    delete from token_sets where id = ${tokenSetId}
      and not exists (select 1 from connections where token_set_id = ${tokenSetId})`;
}

/** Codes of the issues that connecting anew settles. */
const MENDED_BY_CONNECTING = ['RECONNECT', 'DISCONNECTED', 'SCOPES_CHANGED'];

/** A connection has access again: closes the issues that asked for it and sets free what waited. */
export async function noteConnected(tx: Tx, companyId: string, connectionId: string, now: Date): Promise<void> {
  const issues = await tx<{ fingerprint: string }[]>`
    select fingerprint from issues where company_id = ${companyId} and connection_id = ${connectionId}
      and state = 'open' and code = any(${MENDED_BY_CONNECTING})`;
  for (const issue of issues) await resolveIssue(tx, companyId, issue.fingerprint, now);
}

/** The first call: webhooks for a channel, chart and mapping suggestions for books. */
export async function prove(
  context: ApiContext,
  connectionId: string,
  companyId: string,
  connector: Connector,
): Promise<void> {
  const api = await context.access.api(connectionId);
  if (connector.kind === 'sales') await subscribe(connector, connectionId, context.deps);
  else await mapAccounts(context, connectionId, companyId, connector, api);
}

/** What a person, or the provider, handed over to connect by keys. */
export interface GivenKeys {
  companyId: string;
  connector: Connector;
  account: string;
  label?: string | undefined;
  credentials: Record<string, unknown>;
  webhookSecrets: readonly string[];
  settings: Record<string, string>;
}

/**
 * Connects by keys. They are tried before anything is stored, and the tenant is the one they really open; without
 * credentials the connection only takes webhooks. Throws the connector's refusal.
 */
export async function connectByKeys(context: ApiContext, given: GivenKeys): Promise<{ connectionId: string }> {
  const { connector, companyId } = given;
  const named = Object.keys(given.credentials).length > 0;
  const credentials = named ? (connector.credentials.parse(given.credentials) as Record<string, unknown>) : {};
  connector.settings.parse(given.settings);
  const api = context.access.trial(connector, given.account, credentials, given.settings);
  const found = named ? await connector.keys?.verify(api) : undefined;
  const account = found?.account ?? given.account;
  const settings = { ...found?.settings, ...given.settings };
  const { keyId, sealed } = context.sealer.seal(JSON.stringify(credentials));
  const connectionId = await context.sql.begin(async (tx) => {
    const [row] = await tx<{ id: string }[]>`
      insert into connections (company_id, connector, kind, label, account, settings, key_id, sealed)
      values (${companyId}, ${connector.id}, ${connector.kind}, ${given.label ?? found?.label ?? account}, ${account},
              ${JSON.stringify(settings)}, ${keyId}, ${sealed})
      on conflict (company_id, connector, account) do update set key_id = excluded.key_id, sealed = excluded.sealed,
        settings = excluded.settings, label = excluded.label, state = 'active', token_set_id = null
      returning id`;
    const { id } = row as { id: string };
    await noteConnected(tx, companyId, id, context.clock());
    return id;
  });
  for (const secret of given.webhookSecrets.toReversed()) await keepSecret(context, connector.id, connectionId, secret);
  if (named) await prove(context, connectionId, companyId, connector);
  return { connectionId };
}

/** Fills in what their chart suggests; what a person chose stays. */
async function mapAccounts(
  context: ApiContext,
  connectionId: string,
  companyId: string,
  connector: AccountingConnector,
  api: Api,
): Promise<void> {
  const books = await connector.readBooks(api);
  const suggestions = connector.suggestMapping(
    books,
    await accountsOf(context.sql, companyId),
    await taxCodesOf(context.sql, companyId),
  );
  for (const { kind, ours, theirs } of suggestions) {
    await context.sql`
      insert into mappings (connection_id, kind, ours, theirs) values (${connectionId}, ${kind}, ${ours}, ${theirs})
      on conflict (connection_id, kind, ours, channel, valid_from) do nothing`;
  }
  await ringPush(context.deps, connectionId);
}

/** Turns a connector's refusal into an answer for the person at the screen. */
export function toApiError(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  const status = error.kind === 'rejected' || error.kind === 'unauthorized' ? 400 : 502;
  return new ApiError(status, error.code, error.message);
}
