import { type CanonicalEvent, makeEvent } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import { readMappings } from '@daybook/workers/push/mapping-rows';
import { z } from 'zod';
import type { Origin } from './preview-events.ts';
import { UsageError } from './terminal.ts';
import type { BooksSide, ProposedChange, Summarised } from './what-if.ts';
import type { Part } from './what-if-days.ts';

const changeFile = z.strictObject({
  roles: z.record(z.string(), z.string()).default({}),
  taxRules: z
    .array(
      z.strictObject({
        channel: z.string().nullable().default(null),
        name: z.string().nullable().default(null),
        rate: z.string().nullable().default(null),
        code: z.string(),
      }),
    )
    .default([]),
  settings: z
    .strictObject({
      discountPresentation: z.enum(['contra_revenue', 'net']).optional(),
      channelTax: z.enum(['net', 'gross']).optional(),
    })
    .default({}),
  mappings: z
    .array(
      z.strictObject({
        connection: z.guid(),
        kind: z.enum(['account', 'tax']),
        ours: z.string(),
        theirs: z.string(),
        channel: z.string().default(''),
        validFrom: z.iso.date().default('0001-01-01'),
      }),
    )
    .default([]),
});

/** Reads the file that says what would be changed. Throws UsageError naming the field. */
export function parseChange(text: string, file: string): ProposedChange {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`"${file}" is not JSON: ${(error as Error).message}`);
  }
  const result = changeFile.safeParse(parsed);
  if (!result.success) throw new UsageError(`"${file}" is not a change of mappings: ${z.prettifyError(result.error)}`);
  return result.data as ProposedChange;
}

/** Past events of a company in a range of business instants, with the connections they came by. */
export async function pastEvents(
  sql: Sql,
  companyId: string,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): Promise<{ events: CanonicalEvent[]; originOf: (event: CanonicalEvent, index: number) => Origin }> {
  const rows = await sql<({ payload: unknown } & Origin)[]>`
    select e.payload, e.connection_id as "connectionId", c.account, c.label,
           coalesce(c.settings->>'records', 'sales') as records
    from events e join connections c on c.id = e.connection_id
    where e.company_id = ${companyId} and e.state in ('posted', 'superseded')
      and e.occurred_at >= ${from ? `${from}T00:00:00Z` : '-infinity'}::text::timestamptz
      and e.occurred_at < ${to ? `${to}T00:00:00Z` : 'infinity'}::text::timestamptz + interval '1 day'
    order by e.id`;
  return {
    events: rows.map(({ payload }) => makeEvent(payload)),
    originOf: (_event, index) => rows[index] as Origin,
  };
}

/** The connected books of a company with their mappings and what is there already. */
export async function booksSides(sql: Sql, companyId: string): Promise<BooksSide[]> {
  const connections = await sql<{ connection: string; label: string }[]>`
    select id as connection, label from connections
    where company_id = ${companyId} and kind = 'accounting' and state <> 'disconnected' order by label`;
  return Promise.all(
    connections.map(async (each) => {
      const pushed = await sql<{ key: string }[]>`
        select kind || ' ' || number as key from documents where connection_id = ${each.connection} and state = 'pushed'`;
      return {
        ...each,
        mappings: await readMappings(sql, each.connection),
        pushed: new Set(pushed.map(({ key }) => key)),
        receipts: await receiptsIn(sql, each.connection),
      };
    }),
  );
}

/** Which receipt of a set of books stands for an invoice or credit note and for its payment. */
async function receiptsIn(sql: Sql, connection: string): Promise<Map<string, string>> {
  const rows = await sql<{ key: string; form: string; payment: string }[]>`
    select kind || ' ' || number as key, payload->>'payment' as payment,
           case kind when 'sales_receipt' then 'invoice ' else 'credit_note ' end || number as form
    from documents where connection_id = ${connection} and kind in ('sales_receipt', 'refund_receipt')`;
  return new Map(
    rows.flatMap(({ key, form, payment }) => [
      [form, key],
      [`payment ${payment}`, key],
    ]),
  );
}

/** What of a company's past went into daily summaries, posted or still open. */
export async function summarisedPast(sql: Sql, companyId: string): Promise<Summarised> {
  const entries = await sql<({ key: string } & Part)[]>`
    select r.source_key as key, s.connection_id as "connectionId", c.label as channel, s.day::text as day,
           coalesce(s.source_key, 'summary ' || s.id) as whole
    from receipts r join summaries s on s.id = r.summary_id join connections c on c.id = s.connection_id
    where r.company_id = ${companyId}`;
  const documents = await sql<({ key: string } & Part)[]>`
    select d.kind || ' ' || d.number as key, s.connection_id as "connectionId", c.label as channel, s.day::text as day,
           coalesce(d.within_kind || ' ' || d.within, 'summary ' || s.id || ' ' || d.kind) as whole
    from receipt_documents d join summaries s on s.id = d.summary_id join connections c on c.id = s.connection_id
    where d.company_id = ${companyId}`;
  const parts = (rows: readonly ({ key: string } & Part)[]) => new Map(rows.map(({ key, ...part }) => [key, part]));
  return { entries: parts(entries), documents: parts(documents) };
}
