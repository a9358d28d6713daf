import type { SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import type { IntakeConnection } from './ingest.ts';

/** Signing secrets of a connection: the application's for OAuth channels, else the connection's own. */
export type SecretsOf = (connector: SalesConnector, sealed: { keyId: string; sealed: Buffer } | null) => string[];

interface ConnectionRow {
  id: string;
  companyId: string;
  connector: string;
  account: string;
  keyId: string | null;
  sealed: Buffer | null;
}

/** Milliseconds a connection is remembered; a rotated secret or a new connection is seen after at most this long. */
const REMEMBERED_MS = 2_000;

/**
 * Looks connections up by id, remembering each for a moment because a busy shop sends hundreds of webhooks a second.
 */
export function connectionLookup(options: {
  sql: Sql;
  connectors: ReadonlyMap<string, SalesConnector>;
  secretsOf: SecretsOf;
  now: () => number;
}): (id: string) => Promise<IntakeConnection | null> {
  const remembered = new Map<string, { until: number; found: Promise<IntakeConnection | null> }>();

  const read = async (id: string): Promise<IntakeConnection | null> => {
    const [row] = await options.sql<ConnectionRow[]>`
      select id, company_id as "companyId", connector, account, key_id as "keyId", sealed
      from connections where id = ${id} and kind = 'sales'`;
    const connector = row && options.connectors.get(row.connector);
    if (!row || !connector) return null;
    const sealed = row.keyId !== null && row.sealed !== null ? { keyId: row.keyId, sealed: row.sealed } : null;
    return {
      id: row.id,
      companyId: row.companyId,
      connector,
      account: row.account,
      secrets: options.secretsOf(connector, sealed),
    };
  };

  return (id) => {
    const now = options.now();
    const known = remembered.get(id);
    if (known && known.until > now) return known.found;
    const found = read(id);
    remembered.set(id, { until: now + REMEMBERED_MS, found });
    const forget = () => remembered.delete(id);
    // Neither a failure nor an unknown id is worth remembering: the one heals, the other is whatever strangers make up.
    found.then((connection) => connection === null && forget(), forget);
    return found;
  };
}
