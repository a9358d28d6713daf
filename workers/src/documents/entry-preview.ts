import type { Queryable } from '@daybook/platform/db';

/** An entry as people read it; amounts in minor units of the company's currency. */
export interface EntryPreview {
  sourceKey: string;
  type: string;
  date: string;
  lines: { account: string; name: string; debit: bigint; credit: bigint; taxCode: string | null }[];
}

interface Row {
  sourceKey: string;
  type: string;
  date: string;
  account: string;
  name: string;
  debit: bigint;
  credit: bigint;
  taxCode: string | null;
}

/** What was posted for an event, in the order of the journal. */
export async function entriesOfEvent(sql: Queryable, eventId: bigint): Promise<EntryPreview[]> {
  const rows = await sql<Row[]>`
    select e.source_key as "sourceKey", e.entry_type as type, e.posting_date as date, l.account, a.name, l.debit, l.credit,
           l.tax_code as "taxCode"
    from journal_entries e join journal_lines l on l.entry_id = e.id
      join accounts a on a.company_id = l.company_id and a.code = l.account
    where e.event_id = ${eventId} order by e.sequence, l.line_no`;
  return [...Map.groupBy(rows, (row) => row.sourceKey).values()].map((lines) => {
    const [{ sourceKey, type, date }] = lines as [Row, ...Row[]];
    return {
      sourceKey,
      type,
      date,
      lines: lines.map(({ account, name, debit, credit, taxCode }) => ({ account, name, debit, credit, taxCode })),
    };
  });
}
