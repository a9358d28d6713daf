import type { EntryType, TaxKind } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import type postgres from 'postgres';
import { asked, companyOf, leftOut, type Scope } from './scope.ts';

/** An entry as the journal shows it; debit and credit in minor units of the company's currency. */
export interface JournalEntryRow {
  id: bigint;
  sequence: bigint;
  fiscalYear: string;
  number: number;
  entryType: EntryType;
  postingDate: string;
  taxPoint: string;
  recordedAt: Date;
  sourceKey: string;
  memo: string;
  channel: string | null;
  eventId: bigint | null;
  reverses: string | null;
  reversedBy: string | null;
  lines: JournalLineRow[];
}

export interface JournalLineRow {
  account: string;
  name: string;
  debit: bigint;
  credit: bigint;
  currency: string;
  amountTc: bigint;
  role: string;
  taxCode: string | null;
  taxKind: TaxKind | null;
  party: string | null;
  document: string | null;
}

/** accounting.md H3. */
export interface Journal {
  currency: string;
  entries: JournalEntryRow[];
  /** Of the entries shown. */
  totals: { entries: number; debits: bigint; credits: bigint };
  /** Per fiscal year: numbers run 1..count, or the first number that is missing. */
  gaps: { fiscalYear: string; entries: number; firstMissing: number | null }[];
}

export interface JournalRange {
  from?: string | null;
  to?: string | null;
  /** Only entries with a higher number: for paging through a range inside one fiscal year. */
  afterNumber?: number;
  /** Only entries recorded later: for paging over several years. */
  afterSequence?: bigint;
  /** Only entries of this journal (accounting.md A1), such as INV for the audit trail of stock. */
  entryType?: EntryType | null | undefined;
  channel?: string | null | undefined;
  limit?: number;
}

type RawLine = [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string | null,
  TaxKind | null,
  ...(string | null)[],
];

/** Entries in the order they were recorded, with their lines, and the gap check over the whole journal. */
export async function journal(sql: Queryable, companyId: string, range: JournalRange = {}): Promise<Journal> {
  const { from = null, to = null, afterNumber = 0, afterSequence = 0n, limit = 1000 } = range;
  const { entryType = null, channel = null } = range;
  const { currency } = await companyOf(sql, companyId);
  const entries = await entryRows(
    sql,
    companyId,
    sql`e.number > ${afterNumber} and e.sequence > ${afterSequence}
      and (${from}::date is null or e.posting_date >= ${from}::date)
      and (${to}::date is null or e.posting_date <= ${to}::date)
      and (${entryType}::text is null or e.entry_type = ${entryType}::text)
      and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)`,
    limit,
  );
  const lines = entries.flatMap((entry) => entry.lines);
  const totals = {
    entries: entries.length,
    debits: lines.reduce((sum, line) => sum + line.debit, 0n),
    credits: lines.reduce((sum, line) => sum + line.credit, 0n),
  };
  return { currency, entries, totals, gaps: await numberGaps(sql, companyId) };
}

/** Entries (`e`) that meet a condition, with their lines, in the order they were recorded. */
export async function entryRows(
  sql: Queryable,
  companyId: string,
  condition: postgres.Fragment,
  limit: number,
): Promise<JournalEntryRow[]> {
  const rows = await sql<(Omit<JournalEntryRow, 'lines'> & { lines: RawLine[] })[]>`
    select e.id, e.sequence, e.fiscal_year as "fiscalYear", e.number, e.entry_type as "entryType", e.posting_date as "postingDate",
      e.tax_point as "taxPoint", e.recorded_at as "recordedAt", e.source_key as "sourceKey", e.memo, e.channel,
      e.event_id as "eventId", o.source_key as reverses, r.source_key as "reversedBy",
      (select json_agg(json_build_array(l.account, coalesce(a.name, ''), l.debit::text, l.credit::text, l.currency,
          l.amount_tc::text, l.role, l.tax_code, l.tax_kind, l.party, l.document) order by l.line_no)
        from journal_lines l left join accounts a on a.company_id = l.company_id and a.code = l.account
        where l.entry_id = e.id) as lines
    from journal_entries e
    left join journal_entries o on o.id = e.reverses left join journal_entries r on r.id = e.reversed_by
    where e.company_id = ${companyId} and ${condition}
    order by e.sequence limit ${limit}`;
  return rows.map((row) => ({ ...row, lines: (row.lines ?? []).map(toLine) }));
}

/** Numbers that are missing, per fiscal year. */
export async function numberGaps(sql: Queryable, companyId: string): Promise<Journal['gaps']> {
  return sql<Journal['gaps']>`
    select y.label as "fiscalYear", count(e.number)::int as entries, (
      select min(n.due)::int from (
        select number, row_number() over (order by number) as due from journal_entries
        where company_id = ${companyId} and fiscal_year = y.label) n where n.number <> n.due) as "firstMissing"
    from fiscal_years y left join journal_entries e on e.company_id = y.company_id and e.fiscal_year = y.label
    where y.company_id = ${companyId} group by y.label, y.starts_on order by y.starts_on`;
}

function toLine([account, name, debit, credit, currency, amountTc, role, taxCode, taxKind, ...rest]: RawLine) {
  const [party = null, document = null] = rest;
  const amounts = { debit: BigInt(debit), credit: BigInt(credit), amountTc: BigInt(amountTc) };
  return { account, name, ...amounts, currency, role, taxCode, taxKind, party, document };
}

/** Debits and credits of all entries of a range, from their lines, without what reports leave out around the close. */
export async function journalTotals(
  sql: Queryable,
  companyId: string,
  scope: Scope,
): Promise<{ debits: bigint; credits: bigint }> {
  const { from, to } = asked(scope);
  const [sums] = await sql<{ debits: bigint; credits: bigint }[]>`
    select coalesce(sum(l.debit), 0)::bigint as debits, coalesce(sum(l.credit), 0)::bigint as credits
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where e.company_id = ${companyId} and e.posting_date <= ${to}::date
      and (${from}::date is null or e.posting_date >= ${from}::date)
      and e.id not in (${leftOut(sql, companyId, scope)})`;
  return sums ?? { debits: 0n, credits: 0n };
}
