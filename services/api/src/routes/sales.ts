import { z } from 'zod';
import { companyIdOf } from './companies.ts';
import { idText, instantText, minorText, nextCursor, page, route } from './route.ts';

const documentRow = z.object({
  id: idText,
  kind: z.string(),
  number: z.string(),
  amount: minorText,
  currency: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  remoteId: z.string().nullable(),
  remoteUrl: z.string().nullable(),
});
const entryRow = z.object({
  id: idText,
  number: z.string(),
  type: z.string(),
  date: z.string(),
  reversed: z.boolean(),
});
const pathRow = z.object({
  id: idText,
  type: z.string(),
  sourceId: z.string(),
  order: z.string().nullable(),
  occurredAt: instantText,
  state: z.string(),
  reason: z.string().nullable(),
  code: z.string().nullable(),
  amount: minorText.nullable(),
  currency: z.string(),
  company: z.string(),
  channel: z.string(),
  revision: z.string(),
  delivery: z.object({ id: idText, topic: z.string(), state: z.string(), receivedAt: instantText }),
  entries: z.array(entryRow),
  documents: z.array(documentRow),
});

interface EventPath {
  id: bigint;
  type: string;
  sourceId: string;
  order: string | null;
  occurredAt: Date;
  state: string;
  reason: string | null;
  code: string | null;
  amount: bigint | null;
  currency: string;
  company: string;
  channel: string;
  revision: string;
  deliveryId: bigint;
  topic: string;
  deliveryState: string;
  receivedAt: Date;
}

const EVENT_STATES = ['pending', 'posted', 'unchanged', 'superseded', 'waiting', 'conflict', 'failed', 'test'] as const;

/** Every fact with its path: delivery → event → journal entries → documents in the books. */
export const listSales = route({
  method: 'get',
  path: '/sales',
  summary: 'Sales, refunds and other facts, newest first, each with its path from delivery to document',
  query: page.extend({ search: z.string().max(100).optional(), state: z.enum(EVENT_STATES).optional() }),
  answer: z.object({ sales: z.array(pathRow), cursor: z.string().nullable() }),
  async handle({ query }, context) {
    const { sql } = context;
    const companyId = await companyIdOf(sql, query.company);
    const rows = await sql<EventPath[]>`
      select e.id, e.type, e.source_id as "sourceId", coalesce(e.payload->'order'->>'number', e.payload->'order'->>'id') as "order",
             e.occurred_at as "occurredAt", e.state, e.reason, e.code, (coalesce(e.payload->>'total', e.payload->>'amount'))::bigint as amount,
             e.payload->>'currency' as currency, e.revision, m.slug as company, c.label as channel,
             d.id as "deliveryId", d.topic, d.state as "deliveryState", d.received_at as "receivedAt"
      from events e join deliveries d on d.id = e.delivery_id join connections c on c.id = e.connection_id join companies m on m.id = e.company_id
      where true ${companyId ? sql`and e.company_id = ${companyId}` : sql``}
        ${query.cursor ? sql`and e.id < ${query.cursor}` : sql``}
        ${query.state ? sql`and e.state = ${query.state}` : sql``}
        ${query.search ? sql`and (e.source_id = ${query.search} or e.payload->'order'->>'number' = ${query.search} or e.payload->'order'->>'number' = ${`#${query.search}`})` : sql``}
      order by e.id desc limit ${query.limit}`;
    const ids = rows.map((row) => String(row.id));
    const entries = await sql<
      { eventId: bigint; id: bigint; number: string; type: string; date: string; reversed: boolean }[]
    >`
      select event_id as "eventId", id, fiscal_year || '/' || number as number, entry_type as type, posting_date as date,
             reversed_by is not null as reversed
      from journal_entries where event_id = any(${ids}::bigint[]) order by id`;
    const documents = await sql<({ eventId: bigint } & z.input<typeof documentRow>)[]>`
      select event_id as "eventId", id, kind, number, amount, currency, state, reason, remote_id as "remoteId", remote_url as "remoteUrl"
      from documents where event_id = any(${ids}::bigint[]) order by id`;
    const sales = rows.map(({ deliveryId, topic, deliveryState, receivedAt, ...row }) => ({
      ...row,
      delivery: { id: deliveryId, topic, state: deliveryState, receivedAt },
      entries: entries.filter((entry) => entry.eventId === row.id),
      documents: documents.filter((document) => document.eventId === row.id),
    }));
    return { sales, cursor: nextCursor(rows, query.limit) };
  },
});
