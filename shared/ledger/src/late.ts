import type { EntryType } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

/** A line of a late entry; minor units of the company's currency. */
export interface LateLine {
  account: string;
  debit: bigint;
  credit: bigint;
  taxCode: string | null;
  taxKind: string | null;
}

/** An entry booked after the day it belongs to, because that day was closed (accounting.md G6, A3, I4). */
export interface LateItem {
  entryId: bigint;
  fiscalYear: string;
  number: number;
  entryType: EntryType;
  postingDate: string;
  /** The day that decided the tax period: the return of that period lacks these taxes. */
  taxPoint: string;
  occurredAt: Date;
  sourceKey: string;
  memo: string;
  channel: string | null;
  eventId: bigint | null;
  lines: LateLine[];
}

/**
 * Whether an entry `e` is late: an OPN is never, it says again what was booked before. For reports that mark or list late
 * items.
 */
export function isLate(sql: Queryable) {
  return sql`e.posting_date > e.tax_point and e.entry_type <> 'OPN'`;
}

/**
 * Late entries booked in a range of days, both included, in journal order: the late-items section of the day book.
 * With `taxed` only those with a line on the tax return: the late-items section of that return.
 */
export async function lateItems(
  sql: Queryable,
  companyId: string,
  { from, to, taxed = false }: { from: string; to: string; taxed?: boolean },
): Promise<LateItem[]> {
  const rows = await sql<
    (Omit<LateItem, 'lines'> & { lines: [string, string, string, string | null, string | null][] })[]
  >`
    select e.id as "entryId", e.fiscal_year as "fiscalYear", e.number, e.entry_type as "entryType",
      e.posting_date as "postingDate", e.tax_point as "taxPoint", e.occurred_at as "occurredAt",
      e.source_key as "sourceKey", e.memo, e.channel, e.event_id as "eventId",
      (select json_agg(json_build_array(l.account, l.debit::text, l.credit::text, l.tax_code, l.tax_kind)
        order by l.line_no) from journal_lines l where l.entry_id = e.id) as lines
    from journal_entries e
    where e.company_id = ${companyId} and e.posting_date between ${from}::date and ${to}::date and ${isLate(sql)}
      and (not ${taxed} or exists (select from journal_lines l where l.entry_id = e.id and l.tax_kind is not null))
    order by e.sequence`;
  return rows.map(({ lines, ...row }) => ({ ...row, lines: lines.map(toLine) }));
}

function toLine([account, debit, credit, taxCode, taxKind]: [string, string, string, string | null, string | null]) {
  return { account, debit: BigInt(debit), credit: BigInt(credit), taxCode, taxKind };
}

/** Which of these events a person let into the first open period although they are late. */
export async function approvedLate(sql: Queryable, eventIds: readonly bigint[]): Promise<Set<bigint>> {
  const rows = await sql<{ eventId: bigint }[]>`
    select event_id as "eventId" from late_approvals where event_id = any(${eventIds.map(String)}::bigint[])`;
  return new Set(rows.map((row) => row.eventId));
}
