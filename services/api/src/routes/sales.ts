import type { Sql } from '@daybook/platform/db';
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
/** A summarised fact has no entries of its own: it is a receipt in the summary of a day. */
const receiptRow = z.object({
  summary: z.object({
    id: idText,
    day: z.string(),
    journal: z.string(),
    register: z.string(),
    version: z.number(),
    state: z.string(),
    entry: z.string().nullable(),
  }),
  sourceKey: z.string(),
  reversed: z.boolean(),
  documents: z.array(
    z.object({
      kind: z.string(),
      number: z.string(),
      within: z
        .object({ kind: z.string(), number: z.string(), state: z.string(), remoteUrl: z.string().nullable() })
        .nullable(),
    }),
  ),
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
  receipts: z.array(receiptRow),
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
    const receipts = await receiptsOf(sql, ids);
    const sales = rows.map(({ deliveryId, topic, deliveryState, receivedAt, ...row }) => ({
      ...row,
      delivery: { id: deliveryId, topic, state: deliveryState, receivedAt },
      entries: entries.filter((entry) => entry.eventId === row.id),
      documents: documents.filter((document) => document.eventId === row.id),
      receipts: receipts.get(row.id) ?? [],
    }));
    return { sales, cursor: nextCursor(rows, query.limit) };
  },
});

type ReceiptPath = z.input<typeof receiptRow>;

/** Receipts of events, with the summary each is in, its journal entry, and the documents theirs went into. */
async function receiptsOf(sql: Sql, ids: readonly string[]): Promise<Map<bigint, ReceiptPath[]>> {
  const rows = await sql<
    (ReceiptPath['summary'] & { eventId: bigint; summaryId: bigint; sourceKey: string; reversed: boolean })[]
  >`
    select r.event_id as "eventId", r.summary_id as "summaryId", r.source_key as "sourceKey", r.reversed or r.reverses is not null as reversed,
           s.id, s.day::text as day, s.journal, s.register, s.version, s.state, j.fiscal_year || '/' || j.number as entry
    from receipts r join summaries s on s.id = r.summary_id
      left join journal_entries j on j.company_id = s.company_id and j.source_key = s.source_key
    where r.event_id = any(${ids}::bigint[]) order by r.id`;
  const documents = await sql<
    {
      eventId: bigint;
      summaryId: bigint;
      kind: string;
      number: string;
      within: ReceiptPath['documents'][0]['within'];
    }[]
  >`
    select p.event_id as "eventId", p.summary_id as "summaryId", p.kind, p.number,
           case when d.id is not null then jsonb_build_object(
             'kind', d.kind, 'number', d.number, 'state', d.state, 'remoteUrl', d.remote_url) end as within
    from receipt_documents p left join lateral (
      select * from documents d where d.summary_id = p.summary_id and ((d.kind = p.within_kind and d.number = p.within)
        or (d.kind in ('sales_receipt', 'refund_receipt') and (
          (p.within_kind in ('invoice', 'credit_note') and d.number = p.within)
          or (p.within_kind = 'payment' and d.payload->>'payment' = p.within))))
      order by d.id limit 1) d on true
    where p.event_id = any(${ids}::bigint[]) order by p.id`;
  const told = rows.map(({ eventId, summaryId, sourceKey, reversed, ...summary }) => {
    const own = documents.filter((each) => each.eventId === eventId && each.summaryId === summaryId);
    const receipt = { summary, sourceKey, reversed, documents: own };
    return { eventId, receipt };
  });
  return new Map(
    [...Map.groupBy(told, ({ eventId }) => eventId)].map(([id, same]) => [id, same.map(({ receipt }) => receipt)]),
  );
}
