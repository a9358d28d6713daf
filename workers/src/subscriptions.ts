import type { SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import { APPLICATION, heldSecrets, keepSecret } from '@daybook/platform/webhook-secrets';
import type { Access, Sealer } from './access.ts';

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
 * anything signed with it can arrive twice. Safe to repeat: nothing changes when all is well.
 */
export async function subscribe(connector: SalesConnector, connectionId: string, deps: SubscribeDeps): Promise<void> {
  if (!connector.registerWebhooks) return;
  const base = `${deps.publicUrl()}/webhooks/${connector.id}`;
  const held = await heldSecrets(deps.sql, deps.sealer, connector.id, connectionId, deps.clock());
  const { secret } = await connector.registerWebhooks(
    {
      url: `${base}/${connectionId}`,
      appUrl: `${base}/${APPLICATION}`,
      freshSecret: deps.randomHex(20),
      known: { connection: held.connection.length > 0, app: held.app.length > 0 },
    },
    await deps.access.api(connectionId),
  );
  if (!secret || held[secret.scope].includes(secret.value)) return;
  await keepSecret(deps, connector.id, secret.scope === 'app' ? null : connectionId, secret.value);
}
