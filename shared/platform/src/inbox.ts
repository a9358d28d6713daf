import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
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
 * Bodies travel as one string that PostgreSQL cuts up, which is cheaper than an array of them (performance.md 3).
 */
export async function storeDeliveries(sql: Sql, deliveries: IncomingDelivery[]): Promise<Stored[]> {
  const keyed = deliveries.map((delivery) => {
    const hash = createHash('sha256').update(delivery.body).digest('hex');
    return { ...delivery, hash, key: keyOf(delivery, hash) };
  });
  const fresh = await insertDeliveries(
    sql,
    // Groups with the same deliveries wait for each other's rows: in one order for all, never in a circle.
    keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  );
  return keyed.map(({ key }) => {
    const id = fresh.get(key);
    // The same delivery twice in one group is stored for the first of them.
    fresh.delete(key);
    return id === undefined ? { outcome: 'duplicate' } : { outcome: 'stored', id };
  });
}

interface KeyedDelivery extends IncomingDelivery {
  /** SHA-256 of the body, hexadecimal. */
  hash: string;
  key: string;
}

/** Answers the ids of what was not there yet, by key. */
async function insertDeliveries(sql: Sql, deliveries: KeyedDelivery[]): Promise<Map<string, bigint>> {
  const starts: number[] = [];
  let position = 1;
  for (const { body } of deliveries) {
    starts.push(position);
    position += body.length;
  }
  const column = <Value>(pick: (delivery: KeyedDelivery) => Value) => deliveries.map(pick);
  const bodies = byteString(
    sql,
    column((each) => each.body),
  );
  const rows = await sql<StoredRow[]>`
    with stored as (
      insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at)
      select company_id, connection_id, topic, event_id, decode(hash, 'hex'), headers::jsonb,
             substring(bodies from start for length), via, received_at
      from unnest(
        ${column((each) => each.companyId)}::uuid[], ${column((each) => each.connectionId)}::uuid[],
        ${column((each) => each.topic)}::text[], ${column((each) => each.eventId)}::text[], ${column((each) => each.hash)}::text[],
        ${column((each) => JSON.stringify(each.headers))}::text[], ${column((each) => each.via)}::text[],
        ${column((each) => each.receivedAt.toISOString())}::timestamptz[],
        ${starts}::int[], ${column((each) => each.body.length)}::int[]
      ) as t(company_id, connection_id, topic, event_id, hash, headers, via, received_at, start, length)
      cross join (select ${bodies} as bodies offset 0) as b
      on conflict (connection_id, topic, event_id, body_hash) do nothing
      returning id, company_id, connection_id, topic, event_id, body_hash, received_at, via
    ), owed as (
      insert into todo (company_id, stage, ref, priority, due_at)
      select company_id, 'normalize', id, case via when 'backfill' then 1 else 0 end, received_at from stored
    )
    select id, connection_id as "connectionId", topic, event_id as "eventId", encode(body_hash, 'hex') as hash from stored`;
  return new Map(rows.map((row) => [keyOf(row, row.hash), row.id]));
}

interface StoredRow extends Pick<IncomingDelivery, 'connectionId' | 'topic' | 'eventId'> {
  id: bigint;
  hash: string;
}

function keyOf({ connectionId, topic, eventId }: Omit<StoredRow, 'id' | 'hash'>, hash: string): string {
  return JSON.stringify([connectionId, topic, eventId, hash]);
}

/**
 * All bodies as one expression of type bytea. Parameters travel as text, in which bytes are doubled (hexadecimal), so
 * what is text already goes as it is: `convert_to` gives back the same bytes where the server keeps text as UTF-8, and
 * `offset 0` around it keeps it from being computed for every row.
 */
function byteString(sql: Sql, bodies: Buffer[]) {
  const bytes = Buffer.concat(bodies);
  const isText = sql.parameters.server_encoding === 'UTF8' && isUtf8(bytes) && !bytes.includes(0);
  return isText ? sql`convert_to(${bytes.toString()}::text, 'UTF8')` : sql`${bytes}::bytea`;
}
