import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector, ConnectedAccount, Connector, TokenSet } from '@daybook/connectors/kit/contract';
import { accountsOf, taxCodesOf } from '@daybook/ledger/company';
import type { Tx } from '@daybook/platform/db';
import { SLOW_DOWN_MS } from '@daybook/platform/retry';
import { heldSecrets, keepSecret } from '@daybook/platform/webhook-secrets';
import { ringPush } from '@daybook/workers/doorbell';
import { openIssue, resolveIssue } from '@daybook/workers/issues';
import { firstSettings } from '@daybook/workers/paid-sales';
import { keepSubscribed } from '@daybook/workers/subscriptions';
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

/** A tenant that is connected now. `problem`: what did not work beside that, in words; an issue says the same. */
export interface Connected {
  connectionId: string;
  label: string;
  problem: string | null;
}

/**
 * Connects a tenant of the consent to a company, or reconnects it: the new tokens replace the old ones, the issue that
 * asked for it is closed and waiting work goes on. Ends with the first calls.
 */
export async function connectAccount(
  context: ApiContext,
  request: { companyId: string; connector: Connector; account: ConnectedAccount; tokenSetId: string },
): Promise<Connected> {
  const { connector, account, companyId, tokenSetId } = request;
  const connectionId = await context.sql.begin(async (tx) => {
    const [before] = await tx<{ tokenSetId: string | null }[]>`
      select token_set_id as "tokenSetId" from connections
      where company_id = ${companyId} and connector = ${connector.id} and account = ${account.account} for update`;
    const settings = JSON.stringify(account.settings);
    const first = connector.kind === 'accounting' ? JSON.stringify(firstSettings(connector)) : '{}';
    const [row] = await tx<{ id: string }[]>`
      insert into connections (company_id, connector, kind, label, account, settings, token_set_id, created_at)
      values (${companyId}, ${connector.id}, ${connector.kind}, ${account.label}, ${account.account},
              ${first}::jsonb || ${settings}::jsonb, ${tokenSetId}, ${context.clock()})
      on conflict (company_id, connector, account) do update
        set token_set_id = excluded.token_set_id, key_id = null, sealed = null, label = excluded.label,
            state = 'active', paused_until = null, settings = connections.settings || ${settings}::jsonb
      returning id`;
    const { id } = row as { id: string };
    if (before?.tokenSetId) await forgetUnused(tx, before.tokenSetId);
    await noteConnected(tx, companyId, id, context.clock());
    return id;
  });
  const row = { id: connectionId, companyId, label: account.label };
  return { connectionId, label: account.label, problem: await firstCalls(context, connector, row) };
}

/** Tokens that no connection uses any more are not kept. */
async function forgetUnused(tx: Tx, tokenSetId: string): Promise<void> {
  await tx`
    delete from token_sets where id = ${tokenSetId}
      and not exists (select 1 from connections where token_set_id = ${tokenSetId})`;
}

/** Codes of the issues that connecting anew settles. */
const MENDED_BY_CONNECTING = ['RECONNECT', 'DISCONNECTED', 'SCOPES_CHANGED', 'CHART_UNREAD'];

/** A connection has access again: closes the issues that asked for it and sets free what waited. */
export async function noteConnected(tx: Tx, companyId: string, connectionId: string, now: Date): Promise<void> {
  const issues = await tx<{ fingerprint: string }[]>`
    select fingerprint from issues where company_id = ${companyId} and connection_id = ${connectionId}
      and state = 'open' and code = any(${MENDED_BY_CONNECTING})`;
  for (const issue of issues) await resolveIssue(tx, companyId, issue.fingerprint, now);
}

interface ConnectionRow {
  id: string;
  companyId: string;
  label: string;
}

/**
 * Webhooks for a channel, chart and mapping suggestions for books. The connection is made and works without them: what
 * goes wrong is answered in words and stays as an issue.
 */
async function firstCalls(context: ApiContext, connector: Connector, row: ConnectionRow): Promise<string | null> {
  if (connector.kind === 'sales') return keepSubscribed(connector, row, context.deps, { isFirst: true });
  try {
    await mapAccounts(context, connector, row);
    return null;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const message = `${row.label} is connected, but its chart of accounts could not be read: ${error.message} Connect it once more, or map the accounts by hand.`;
    const finding = { companyId: row.companyId, connectionId: row.id, code: 'CHART_UNREAD', subject: 'chart', message };
    await openIssue(context.sql, finding, context.clock());
    return message;
  }
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
 * credentials the connection only takes webhooks, and those stored before stay. Throws the connector's refusal, and
 * ZodError for keys of the wrong form.
 */
export async function connectByKeys(context: ApiContext, given: GivenKeys): Promise<Connected> {
  const { connector, companyId } = given;
  const named = Object.keys(given.credentials).length > 0;
  const credentials = named ? (connector.credentials.parse(given.credentials) as Record<string, unknown>) : {};
  connector.settings.parse(given.settings);
  const api = context.access.trial(connector, given.account, credentials, given.settings);
  const found = named ? await connector.keys?.verify(api) : undefined;
  const account = found?.account ?? given.account;
  const label = given.label ?? found?.label ?? account;
  const settings = { ...found?.settings, ...given.settings };
  const sealed = named ? context.sealer.seal(JSON.stringify(credentials)) : null;
  const stored = { ...given, account, label, settings };
  const connectionId = await context.sql.begin((tx) => storeKeys(tx, stored, sealed, context.clock()));
  await keepSecrets(context, connector, connectionId, given.webhookSecrets);
  const row = { id: connectionId, companyId, label };
  return { connectionId, label, problem: named ? await firstCalls(context, connector, row) : null };
}

/** What a person chose before stays where nothing else is said. */
async function storeKeys(
  tx: Tx,
  { companyId, connector, account, label, settings }: GivenKeys & { label: string },
  sealed: { keyId: string; sealed: Buffer } | null,
  now: Date,
): Promise<string> {
  const [before] = await tx<{ tokenSetId: string | null }[]>`
    select token_set_id as "tokenSetId" from connections
    where company_id = ${companyId} and connector = ${connector.id} and account = ${account} for update`;
  const [row] = await tx<{ id: string }[]>`
    insert into connections (company_id, connector, kind, label, account, settings, key_id, sealed, created_at)
    values (${companyId}, ${connector.id}, ${connector.kind}, ${label}, ${account}, ${JSON.stringify(settings)},
            ${sealed?.keyId ?? null}, ${sealed?.sealed ?? null}, ${now})
    on conflict (company_id, connector, account) do update set label = excluded.label,
      settings = connections.settings || excluded.settings, state = 'active', paused_until = null
      ${sealed ? tx`, key_id = excluded.key_id, sealed = excluded.sealed, token_set_id = null` : tx``}
    returning id`;
  const { id } = row as { id: string };
  if (sealed && before?.tokenSetId) await forgetUnused(tx, before.tokenSetId);
  await noteConnected(tx, companyId, id, now);
  return id;
}

/** The first of the secrets is the newest. One that is the newest already is not made newer. */
async function keepSecrets(
  context: ApiContext,
  connector: Connector,
  connectionId: string,
  secrets: readonly string[],
): Promise<void> {
  const held = await heldSecrets(context.sql, context.sealer, connector.id, connectionId, context.clock());
  if (secrets[0] === held.connection[0]) return;
  for (const secret of secrets.toReversed()) await keepSecret(context, connector.id, connectionId, secret);
}

/** Fills in what their chart suggests; what a person chose stays. */
async function mapAccounts(
  context: ApiContext,
  connector: AccountingConnector,
  { id, companyId }: ConnectionRow,
): Promise<void> {
  const books = await connector.readBooks(await context.access.api(id));
  const suggestions = connector.suggestMapping(
    books,
    await accountsOf(context.sql, companyId),
    await taxCodesOf(context.sql, companyId),
  );
  for (const { kind, ours, theirs } of suggestions) {
    await context.sql`
      insert into mappings (connection_id, kind, ours, theirs) values (${id}, ${kind}, ${ours}, ${theirs})
      on conflict (connection_id, kind, ours, channel, valid_from) do nothing`;
  }
  await ringPush(context.deps, id);
}

/** Turns a connector's refusal into an answer for the person at the screen. */
export function toApiError(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  if (error.kind === 'rate_limited') {
    const seconds = Math.ceil((error.retryAfterMs ?? SLOW_DOWN_MS) / 1_000);
    return new ApiError(429, error.code, error.message, `Try again in ${seconds} seconds.`, seconds);
  }
  const status = error.kind === 'rejected' || error.kind === 'unauthorized' ? 400 : 502;
  return new ApiError(status, error.code, error.message);
}
