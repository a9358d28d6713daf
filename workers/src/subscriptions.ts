import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Api, SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql, Tx } from '@daybook/platform/db';
import { APPLICATION, heldSecrets, keepSecret } from '@daybook/platform/webhook-secrets';
import type { Access, Sealer } from './access.ts';
import { fingerprint, openIssue, resolveIssue } from './issues.ts';

/** What subscribing needs. */
export interface SubscribeDeps {
  sql: Sql;
  access: Access;
  sealer: Sealer;
  publicUrl(): string;
  clock(): Date;
  /** Random bytes as hexadecimal text. */
  randomHex(bytes: number): string;
}

/**
 * Makes a connection's webhook subscriptions what they should be, and keeps the secret the provider hands out before
 * anything signed with it can arrive twice. Safe to repeat: nothing changes when all is well. One at a time per host:
 * two at once would both make the application's subscription, and the secret kept last might be that of the other one.
 */
export async function subscribe(connector: SalesConnector, connectionId: string, deps: SubscribeDeps): Promise<void> {
  if (!connector.registerWebhooks) return;
  const api = await deps.access.api(connectionId);
  await deps.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`subscribe ${connector.id} ${api.hosts.api}`}, 0))`;
    await subscribeAlone(connector, connectionId, api, { ...deps, sql: tx });
  });
}

async function subscribeAlone(
  connector: SalesConnector,
  connectionId: string,
  api: Api,
  deps: Omit<SubscribeDeps, 'sql'> & { sql: Tx },
): Promise<void> {
  const base = `${deps.publicUrl()}/webhooks/${connector.id}`;
  const held = await heldSecrets(deps.sql, deps.sealer, connector.id, connectionId, deps.clock());
  const byHand = deps.access.secretsByHand(connector.id);
  const target = {
    url: `${base}/${connectionId}`,
    appUrl: `${base}/${APPLICATION}`,
    freshSecret: deps.randomHex(20),
    known: { connection: held.connection.length > 0, app: held.app.length > 0 || byHand.length > 0 },
    holds: (secret: string) => [...held.connection, ...held.app, ...byHand].includes(secret),
  };
  const { secret } = (await connector.registerWebhooks?.(target, api)) ?? {};
  // One that was replaced and came back is kept anew: as the one before it would only be good for a day.
  if (!secret || held[secret.scope][0] === secret.value) return;
  await keepSecret(deps, connector.id, secret.scope === 'app' ? null : connectionId, secret.value);
}

/** The connection to be subscribed. */
export interface Subscriber {
  id: string;
  companyId: string;
  label: string;
}

const WITHOUT_WEBHOOKS = { code: 'WEBHOOKS_OFF', subject: 'webhooks' };

/**
 * Subscribes and closes the issue that said it did not work. A refusal leaves the connection as good as polling makes
 * it: an issue says why, and the reason is answered. `isFirst` = nothing is subscribed yet, so that a passing fault is
 * worth an issue too. Throws ConnectorError for passing faults otherwise, and where our access is gone altogether.
 */
export async function keepSubscribed(
  connector: SalesConnector,
  row: Subscriber,
  deps: SubscribeDeps,
  { isFirst }: { isFirst: boolean },
): Promise<string | null> {
  const finding = { ...WITHOUT_WEBHOOKS, companyId: row.companyId, connectionId: row.id };
  try {
    await subscribe(connector, row.id, deps);
    await resolveIssue(deps.sql, row.companyId, fingerprint(finding), deps.clock());
    return null;
  } catch (error) {
    if (!(error instanceof ConnectorError) || !(isFirst || isRefusal(error))) throw error;
    const message = `${row.label} sends no webhooks, so what it sells arrives by polling, some minutes later: ${error.message}`;
    await openIssue(deps.sql, { ...finding, message }, deps.clock());
    return message;
  }
}

/** Of subscribing alone. With access gone nothing works, which is told by asking to reconnect. */
function isRefusal({ kind, code }: ConnectorError): boolean {
  return kind === 'rejected' || kind === 'unsupported' || code === 'CHANNEL_SCOPE_MISSING';
}
