import type { Sql, Tx } from './db.ts';
import type { Sealer as WholeSealer } from './secrets.ts';

type Sealer = Pick<WholeSealer, 'seal' | 'unseal'>;

/** How long a secret that was replaced stays valid (product.md T20). */
const OVERLAP_MS = 24 * 60 * 60_000;

/** In place of a connection's id in the address of webhooks that carry every tenant of the application. */
export const APPLICATION = 'app';

/** Secrets valid now, newest first: of the connection's own subscription and of the application's. */
export async function heldSecrets(
  sql: Sql | Tx,
  sealer: Sealer,
  connector: string,
  connectionId: string | null,
  now: Date,
): Promise<{ connection: string[]; app: string[] }> {
  const rows = await sql<{ connectionId: string | null; keyId: string; sealed: Buffer }[]>`
    select connection_id as "connectionId", key_id as "keyId", sealed from webhook_secrets
    where connector = ${connector} and (connection_id = ${connectionId} or connection_id is null)
      and (retired_at is null or retired_at > ${new Date(now.getTime() - OVERLAP_MS)})
    order by retired_at is not null, created_at desc`;
  const open = (each: (typeof rows)[number]) => sealer.unseal(each.keyId, each.sealed);
  return {
    connection: rows.filter((each) => each.connectionId !== null).map(open),
    app: rows.filter((each) => each.connectionId === null).map(open),
  };
}

/** Keeps a new secret; the ones before it stay valid for a day. */
export async function keepSecret(
  { sql, sealer, clock }: { sql: Sql | Tx; sealer: Sealer; clock(): Date },
  connector: string,
  connectionId: string | null,
  secret: string,
): Promise<void> {
  const now = clock();
  const { keyId, sealed } = sealer.seal(secret);
  await sql`
    with retired as (
      update webhook_secrets set retired_at = ${now}
      where connector = ${connector} and connection_id is not distinct from ${connectionId} and retired_at is null
    )
    insert into webhook_secrets (connector, connection_id, key_id, sealed, created_at)
    values (${connector}, ${connectionId}, ${keyId}, ${sealed}, ${now})`;
}
