import { type Books, type CanonicalEvent, formatMinor, makeEvent } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import { readMappings } from '@daybook/workers/push/mapping-rows';
import { z } from 'zod';
import type { Origin } from './preview-events.ts';
import { drawTable } from './table.ts';
import { UsageError } from './terminal.ts';
import type { BooksSide, Moved, ProposedChange, WhatIf } from './what-if.ts';

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
      };
    }),
  );
}

/** A what-if for a person. */
export function whatIfTable(found: WhatIf, books: Books): string {
  const show = (minor: bigint) => formatMinor(minor, books.functionalCurrency);
  const table = (title: string, rows: readonly Moved[]) =>
    rows.length === 0
      ? `${title}: nothing moves.\n`
      : `${title}\n${drawTable(
          ['Account', 'Before', 'After', 'Difference'],
          rows.map((row) => [row.account, show(row.before), show(row.after), show(row.difference)]),
          [1, 2, 3],
        )}`;
  return [
    `${found.events} past events, ${found.ledger.entriesChanged} journal entries would be others.\n`,
    table('Our ledger', found.ledger.accounts),
    ...found.books.flatMap((side) => [
      `${side.label}: ${side.documentsChanged} documents would be others; ${side.alreadyPushed} of them are there already, ${side.inClosedPeriod} in a closed period.\n`,
      table(`Accounts in ${side.label}`, side.accounts),
      table(`Tax in ${side.label}`, side.taxes),
    ]),
    ...found.ledger.refused.map((each) => `REFUSED  ${each.event}: ${each.message} [${each.code}]\n`),
  ].join('\n');
}
