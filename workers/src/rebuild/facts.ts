import { type CanonicalEvent, eventHash, makeEvent } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { factId } from '../fact-id.ts';

/** A booked event with the bytes it was made of. */
export interface Fact {
  id: bigint;
  type: string;
  sourceId: string;
  revision: string;
  contentHash: string;
  payload: unknown;
  saleId: string | null;
  kind: 'sales' | 'entered';
  connector: string;
  account: string;
  settings: Record<string, string>;
  topic: string;
  eventKey: string;
  bodyHash: Buffer;
  headers: Record<string, string>;
  body: Buffer;
  via: string;
  receivedAt: Date;
}

/** Booked events of a company in the order of their entries, those without one where they were posted; page by page. */
export async function* bookedFacts(sql: Sql, companyId: string, page = 200): AsyncGenerator<Fact[]> {
  const order = await sql<{ id: bigint }[]>`
    select e.id from events e
    left join lateral (select min(j.sequence) as first from journal_entries j where j.event_id = e.id) own on true
    left join lateral (
      select max(j.sequence) as last from journal_entries j
      where own.first is null and j.company_id = e.company_id and j.recorded_at <= e.posted_at
    ) before on true
    where e.company_id = ${companyId} and (e.posted_at is not null or e.state = 'unchanged')
    -- What changed nothing comes last, where it changes nothing again.
    order by e.posted_at is null, coalesce(own.first, before.last, 0), own.first is null, e.posted_at, e.id`;
  for (let at = 0; at < order.length; at += page) {
    const ids = order.slice(at, at + page).map((row) => String(row.id));
    const rows = await sql<Fact[]>`
      select e.id, e.type, e.source_id as "sourceId", e.revision, e.content_hash as "contentHash", e.payload,
        e.sale_id as "saleId", c.kind, c.connector, c.account, c.settings, d.topic, d.event_id as "eventKey",
        d.body_hash as "bodyHash", d.headers, d.body, d.via, d.received_at as "receivedAt"
      from unnest(${ids}::bigint[]) with ordinality as given(id, place)
      join events e on e.id = given.id join deliveries d on d.id = e.delivery_id join connections c on c.id = e.connection_id
      order by given.place`;
    yield [...rows];
  }
}

/** How many booked events a company has. */
export async function countFacts(sql: Sql, companyId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from events where company_id = ${companyId}
      and (posted_at is not null or state = 'unchanged')`;
  return row?.count ?? 0;
}

/** What an event is made of now: its bytes say the same, say something else, or need what was re-read then. */
export type Reading = { event: CanonicalEvent; source: 'bytes' | 'stored' } | { says: string };

/**
 * Reads the bytes again. Where they alone do not tell the fact (a thin webhook, refunds that were re-read, two states
 * of one second that the provider was asked about), what was read then stands in the stored event.
 */
export function readAgain(fact: Fact, deps: Pick<WorkerDeps, 'sales'>): Reading {
  const stored = { event: makeEvent(fact.payload), source: 'stored' as const };
  if (fact.kind === 'entered') {
    const event = makeEvent(JSON.parse(fact.body.toString()));
    return eventHash(event) === fact.contentHash ? { event, source: 'bytes' } : { says: 'the bytes say another fact' };
  }
  const connector = deps.sales.get(fact.connector);
  if (!connector) return stored;
  const normalized = connector.normalize(fact, { settings: fact.settings, fetched: {} });
  if (!('events' in normalized)) return stored;
  const same = normalized.events.find((each) => each.type === fact.type && factId(each) === fact.sourceId);
  if (same && eventHash(same) === fact.contentHash)
    return { event: { ...same, revision: fact.revision }, source: 'bytes' };
  return connector.fetch ? stored : { says: 'the bytes make another event now' };
}
