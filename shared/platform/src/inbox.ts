import type { Sql } from './db.ts';

/** A verified request on its way into the inbox. */
export interface IncomingDelivery {
  companyId: string;
  connectionId: string;
  topic: string;
  eventId: string;
  /** Header names in lower case, without credentials. */
  headers: Record<string, string>;
  body: Buffer;
  via: 'webhook' | 'poll' | 'backfill';
  receivedAt: Date;
}

export type Stored = { outcome: 'stored'; id: bigint } | { outcome: 'duplicate' };

/**
 * Stores deliveries and the work they cause in one statement and one commit. The unique index over connection, topic,
 * event id and body hash decides what is a duplicate; a resend with other bytes is kept as a row of its own.
 * Bodies travel as one byte string that PostgreSQL cuts up, which is cheaper than an array of them (performance.md 3).
 */
export async function storeDeliveries(sql: Sql, deliveries: IncomingDelivery[]): Promise<Stored[]> {
  const starts: number[] = [];
  let position = 1;
  for (const { body } of deliveries) {
    starts.push(position);
    position += body.length;
  }
  const column = <Value>(pick: (delivery: IncomingDelivery) => Value) => deliveries.map(pick);
  const rows = await sql<{ ord: bigint; id: bigint | null }[]>`
    with input as materialized (
      select ord, company_id, connection_id, topic, event_id, headers::jsonb as headers, via, received_at,
             substring(bodies from start for length) as body,
             sha256(substring(bodies from start for length)) as body_hash
      from unnest(
        ${column((each) => each.companyId)}::uuid[], ${column((each) => each.connectionId)}::uuid[],
        ${column((each) => each.topic)}::text[], ${column((each) => each.eventId)}::text[],
        ${column((each) => JSON.stringify(each.headers))}::text[], ${column((each) => each.via)}::text[],
        ${column((each) => each.receivedAt.toISOString())}::timestamptz[],
        ${starts}::int[], ${column((each) => each.body.length)}::int[]
      ) with ordinality as t(company_id, connection_id, topic, event_id, headers, via, received_at, start, length, ord)
      cross join (select ${Buffer.concat(column((each) => each.body))}::bytea as bodies) as b
    ), stored as (
      insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at)
      select distinct on (connection_id, topic, event_id, body_hash)
             company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at
      from input order by connection_id, topic, event_id, body_hash, ord
      on conflict (connection_id, topic, event_id, body_hash) do nothing
      returning id, company_id, connection_id, topic, event_id, body_hash, received_at
    ), owed as (
      insert into todo (company_id, stage, ref, due_at)
      select company_id, 'normalize', id, received_at from stored
    )
    select ord, stored.id from input left join stored using (connection_id, topic, event_id, body_hash) order by ord`;
  return rows.map(({ id }) => (id === null ? { outcome: 'duplicate' } : { outcome: 'stored', id }));
}
