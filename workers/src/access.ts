import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Api, Connector, Hosts, HttpClient, OAuthApp, TokenSet } from '@daybook/connectors/kit/contract';
import type { Sql, Tx } from '@daybook/platform/db';
import type { WorkLog } from './deps.ts';
import { openIssue } from './issues.ts';
import { type Pace, paced } from './pace.ts';

/** Seals and opens credentials; see platform/secrets. */
export interface Sealer {
  seal(plain: string): { keyId: string; sealed: Buffer };
  unseal(keyId: string, sealed: Buffer): string;
}

export interface AccessOptions {
  sql: Sql;
  connectors: ReadonlyMap<string, Connector>;
  sealer: Sealer;
  /** The OAuth application per connector, from configuration. */
  apps: Readonly<Record<string, (OAuthApp & { webhookSecrets?: readonly string[] }) | undefined>>;
  /** Overrides of connectors' hosts, from configuration. */
  hosts: Readonly<Record<string, Partial<Hosts> | undefined>>;
  /** A client that may call these origins and no others. */
  network(connector: Connector, hosts: Hosts): HttpClient;
  clock(): Date;
  /** Waits some milliseconds; really, unless a test drives time. */
  wait?: ((ms: number) => Promise<unknown>) | undefined;
  log: WorkLog;
}

/** Everything needed to call the system behind a connection, with a token that is good for a while. */
export interface Access {
  api(connectionId: string): Promise<Api>;
  /** The same for credentials that are not stored yet: to try them first. */
  trial(connector: Connector, account: string, credentials: unknown, settings: Record<string, string>): Api;
  /** Hosts of a connector for one tenant. */
  hosts(connector: Connector, account: string): Hosts;
  http(connector: Connector, account: string): HttpClient;
  /**
   * The provider says the access token is too old although its time is not up: the next `api` renews it. False when it
   * was renewed a moment ago already, so that renewing again would not help.
   */
  outdated(connectionId: string): Promise<boolean>;
  /** Secrets of subscriptions that somebody made by hand, from configuration. */
  secretsByHand(connector: string): readonly string[];
}

interface ConnectionRow {
  id: string;
  companyId: string;
  connector: string;
  account: string;
  label: string;
  settings: Record<string, string>;
  tokenSetId: string | null;
  keyId: string | null;
  sealed: Buffer | null;
}

/** A token is renewed when it has less than this left, so that it outlives the call it is handed out for. */
const REFRESH_AHEAD_MS = 120_000;

/** See `Access`. */
export function createAccess(options: AccessOptions): Access {
  const hosts = (connector: Connector, account: string): Hosts => {
    const chosen = { ...connector.hosts, ...options.hosts[connector.id] };
    const fill = (url: string) => url.replaceAll('{account}', account);
    return { api: fill(chosen.api), auth: fill(chosen.auth) };
  };

  const paces = new Map<string, Pace>();
  /** One client per tenant, so that its pace is kept over all calls. */
  const pace = (connector: Connector, account: string): Pace => {
    const key = `${connector.id}|${account}`;
    const known = paces.get(key);
    if (known) return known;
    const network = options.network(connector, hosts(connector, account));
    const made =
      connector.kind === 'accounting'
        ? paced(network, connector.limits, { now: options.clock, wait: options.wait })
        : { http: network, remaining: () => undefined };
    paces.set(key, made);
    return made;
  };
  const http = (connector: Connector, account: string): HttpClient => pace(connector, account).http;

  const api = async (connectionId: string): Promise<Api> => {
    const row = await readConnection(options.sql, connectionId);
    const connector = options.connectors.get(row.connector);
    if (!connector)
      throw new ConnectorError('unsupported', `No connector "${row.connector}" is installed.`, {
        code: 'CONNECTOR_UNKNOWN',
      });
    const reach = hosts(connector, row.account);
    const credentials = await credentialsOf(options, row, connector, reach, http(connector, row.account));
    return trial(connector, row.account, credentials, row.settings, connectionId);
  };

  const trial = (
    connector: Connector,
    account: string,
    credentials: unknown,
    settings: Record<string, string>,
    connection = 'not connected yet',
  ): Api => {
    const { http: client, remaining } = pace(connector, account);
    const app = options.apps[connector.id];
    return {
      http: client,
      remaining,
      hosts: hosts(connector, account),
      account,
      settings,
      credentials,
      ...(app && { app }),
      now: options.clock,
      log: (message, fields) => options.log.info({ connection, connector: connector.id, ...fields }, message),
    };
  };

  const outdated = async (connectionId: string): Promise<boolean> => {
    const row = await readConnection(options.sql, connectionId);
    return row.tokenSetId !== null && expire(options, row, row.tokenSetId);
  };

  const secretsByHand = (connector: string) => options.apps[connector]?.webhookSecrets ?? [];

  return { api, trial, hosts, http, outdated, secretsByHand };
}

async function readConnection(sql: Sql, id: string): Promise<ConnectionRow> {
  const [row] = await sql<ConnectionRow[]>`
    select id, company_id as "companyId", connector, account, label, settings, token_set_id as "tokenSetId",
           key_id as "keyId", sealed from connections where id = ${id}`;
  if (!row)
    throw new ConnectorError('rejected', `Connection ${id} does not exist any more.`, { code: 'CONNECTION_UNKNOWN' });
  return row;
}

async function credentialsOf(
  options: AccessOptions,
  row: ConnectionRow,
  connector: Connector,
  hosts: Hosts,
  http: HttpClient,
): Promise<unknown> {
  if (row.tokenSetId !== null) return freshTokens(options, row, row.tokenSetId, connector, hosts, http);
  if (row.keyId === null || row.sealed === null) return {};
  return JSON.parse(options.sealer.unseal(row.keyId, row.sealed)) as unknown;
}

interface TokenRow {
  keyId: string;
  sealed: Buffer;
  revokedAt: Date | null;
  updatedAt: Date;
}

/**
 * The connection's tokens, renewed when they are about to expire. The row lock makes it one refresh at a time per
 * consent, and the new pair is committed before anybody uses it: a crash in between loses at most an answer, which the
 * next refresh makes good where the provider lets the old pair live a little longer.
 */
async function freshTokens(
  options: AccessOptions,
  row: ConnectionRow,
  tokenSetId: string,
  connector: Connector,
  hosts: Hosts,
  http: HttpClient,
): Promise<TokenSet> {
  const current = openTokens(options.sealer, await readTokens(options.sql, tokenSetId, false), row);
  if (!expiresSoon(current, options.clock())) return current;
  const result = await options.sql.begin(async (tx) => {
    const locked = openTokens(options.sealer, await readTokens(tx, tokenSetId, true), row);
    if (!expiresSoon(locked, options.clock())) return { tokens: locked };
    try {
      const tokens = await renew(options, connector, locked, hosts, http);
      await storeTokens(tx, options.sealer, tokenSetId, tokens, options.clock());
      return { tokens };
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.kind !== 'unauthorized') throw error;
      await tx`update token_sets set revoked_at = ${options.clock()} where id = ${tokenSetId}`;
      return { revoked: error };
    }
  });
  if (result.tokens) return result.tokens;
  await askToReconnect(options.sql, row, result.revoked.message, options.clock());
  throw result.revoked;
}

/** A token renewed less than this ago is not made better by renewing it again. */
const JUST_RENEWED_MS = 60_000;

async function expire(options: AccessOptions, row: ConnectionRow, tokenSetId: string): Promise<boolean> {
  return options.sql.begin(async (tx) => {
    const locked = await readTokens(tx, tokenSetId, true);
    if (options.clock().getTime() - locked.updatedAt.getTime() < JUST_RENEWED_MS) return false;
    const tokens = openTokens(options.sealer, locked, row);
    if (tokens.refreshToken === null) return false;
    await storeTokens(
      tx,
      options.sealer,
      tokenSetId,
      { ...tokens, accessTokenExpiresAt: new Date(0).toISOString() },
      locked.updatedAt,
    );
    return true;
  });
}

async function renew(
  options: AccessOptions,
  connector: Connector,
  tokens: TokenSet,
  hosts: Hosts,
  http: HttpClient,
): Promise<TokenSet> {
  const app = options.apps[connector.id];
  if (!connector.oauth || !app) {
    throw new ConnectorError(
      'unauthorized',
      `The access to ${connector.label} expired and no OAuth application is configured to renew it.`,
      {
        code: 'OAUTH_APP_MISSING',
      },
    );
  }
  return connector.oauth.refresh({ tokens, app, hosts, http, now: options.clock() });
}

function expiresSoon(tokens: TokenSet, now: Date): boolean {
  return (
    tokens.accessTokenExpiresAt !== null && Date.parse(tokens.accessTokenExpiresAt) - now.getTime() < REFRESH_AHEAD_MS
  );
}

async function readTokens(sql: Sql | Tx, id: string, lock: boolean): Promise<TokenRow> {
  const [row] = await sql<TokenRow[]>`
    select key_id as "keyId", sealed, revoked_at as "revokedAt", updated_at as "updatedAt" from token_sets where id = ${id} ${lock ? sql`for update` : sql``}`;
  if (!row)
    throw new ConnectorError('unauthorized', 'The tokens of this connection are gone. Reconnect it.', {
      code: 'RECONNECT',
    });
  return row;
}

function openTokens(sealer: Sealer, row: TokenRow, connection: ConnectionRow): TokenSet {
  if (row.revokedAt !== null) {
    throw new ConnectorError(
      'unauthorized',
      `${connection.label} has withdrawn our access. Reconnect it; waiting work then goes on by itself.`,
      {
        code: 'RECONNECT',
      },
    );
  }
  return JSON.parse(sealer.unseal(row.keyId, row.sealed)) as TokenSet;
}

/** Stores a token pair; expiry columns beside it let alarms look ahead without opening it. */
export async function storeTokens(
  sql: Sql | Tx,
  sealer: Sealer,
  id: string,
  tokens: TokenSet,
  now: Date,
): Promise<void> {
  const { keyId, sealed } = sealer.seal(JSON.stringify(tokens));
  await sql`
    update token_sets set key_id = ${keyId}, sealed = ${sealed}, access_expires_at = ${tokens.accessTokenExpiresAt},
      refresh_expires_at = ${tokens.refreshTokenExpiresAt}, revoked_at = null, updated_at = ${now}
    where id = ${id}`;
}

/** One named issue per connection whose grant is gone; its work waits and resumes by itself after reconnecting. */
export async function askToReconnect(
  sql: Sql | Tx,
  row: Pick<ConnectionRow, 'id' | 'companyId' | 'label'>,
  why: string,
  now: Date,
): Promise<void> {
  await sql`update connections set state = 'reconnect' where id = ${row.id} and state = 'active'`;
  await openIssue(
    sql,
    {
      companyId: row.companyId,
      connectionId: row.id,
      code: 'RECONNECT',
      subject: 'reconnect',
      message: `${row.label} has to be reconnected: ${why}`,
    },
    now,
  );
}
