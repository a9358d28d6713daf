import type { Sql } from '@daybook/platform/db';
import type { Difference } from './compare.ts';
import type { MonthEntry, MonthEvent } from './month-file.ts';

/** An entry told so that two can be compared: what it comes to per account, tax code, side of the return, currency. */
interface ToldEntry {
  date: string;
  type: string;
  lines: string[];
}

interface PostedLine {
  sourceId: string;
  entryId: string;
  date: string;
  type: string;
  account: string;
  taxCode: string | null;
  taxKind: string | null;
  currency: string;
  amount: bigint;
  amountTc: bigint;
}

/** What the journal has of a company, by the source id of the event: live entries only. */
async function postedBySource(sql: Sql, companyId: string): Promise<Map<string, ToldEntry[]>> {
  const rows = await sql<PostedLine[]>`
    select v.source_id as "sourceId", e.id::text as "entryId", e.posting_date as date, e.entry_type as type, l.account,
      l.tax_code as "taxCode", l.tax_kind as "taxKind", l.currency, l.debit - l.credit as amount,
      case when l.debit > 0 then l.amount_tc else -l.amount_tc end as "amountTc"
    from journal_entries e join events v on v.id = e.event_id join journal_lines l on l.entry_id = e.id
    where e.company_id = ${companyId} and e.reverses is null and e.reversed_by is null order by e.sequence, l.line_no`;
  const bySource = Map.groupBy(rows, (row) => row.sourceId);
  return new Map(
    [...bySource].map(([source, own]) => [
      source,
      [...Map.groupBy(own, (row) => row.entryId).values()].map((lines) => ({
        date: lines[0]?.date ?? '',
        type: lines[0]?.type ?? '',
        lines: netted(
          lines.map((line) => ({ ...line, key: keyOf(line.account, line.taxCode, line.taxKind, line.currency) })),
        ),
      })),
    ]),
  );
}

function keyOf(
  account: string,
  taxCode: string | null | undefined,
  taxKind: string | null | undefined,
  currency: string,
) {
  return [account, taxCode ?? '', taxKind ?? '', currency].join(' ');
}

function netted(lines: { key: string; amount: bigint; amountTc: bigint }[]): string[] {
  const sums = new Map<string, { amount: bigint; amountTc: bigint }>();
  for (const { key, amount, amountTc } of lines) {
    const before = sums.get(key) ?? { amount: 0n, amountTc: 0n };
    sums.set(key, { amount: before.amount + amount, amountTc: before.amountTc + amountTc });
  }
  return [...sums]
    .filter(([, { amount, amountTc }]) => amount !== 0n || amountTc !== 0n)
    .map(([key, { amount, amountTc }]) => `${key}: ${amount} (${amountTc})`)
    .sort();
}

function expectedEntry(entry: MonthEntry, currency: string): ToldEntry {
  const lines = entry.lines.map((line) => {
    const amount = line.debit - line.credit;
    const tc = line.amount_tc ?? (amount < 0n ? -amount : amount);
    const key = keyOf(line.account, line.tax_code, line.tax_kind, line.currency ?? currency);
    return { key, amount, amountTc: amount < 0n ? -tc : tc };
  });
  return { date: entry.date, type: entry.entry_type, lines: netted(lines) };
}

/** Where the entries of the file's events are not what the file expects, entry types and amounts per account. */
export async function entryDifferences(
  sql: Sql,
  companyId: string,
  events: readonly MonthEvent[],
  currency: string,
): Promise<Difference[]> {
  const posted = await postedBySource(sql, companyId);
  return events.flatMap((event) => {
    if (event.expected_entries === undefined) return [];
    const own = [...posted].filter(([source]) => belongsTo(source, event)).flatMap(([, entries]) => entries);
    const told = (entries: ToldEntry[]) => entries.map((each) => JSON.stringify(each)).sort();
    const expected = told(
      event.expected_entries.map((entry) => expectedEntry(entry, currency)).filter(({ lines }) => lines.length > 0),
    );
    const found = told(own);
    if (expected.join('\n') === found.join('\n')) return [];
    const missing = expected.filter((each) => !found.includes(each)).map((each) => JSON.parse(each));
    const surplus = found.filter((each) => !expected.includes(each)).map((each) => JSON.parse(each));
    return [{ where: `events.${event.id}.expected_entries`, expected: missing, found: surplus }];
  });
}

/** The fact itself, the fees it mentions, and a dispute whose stages share an id. */
function belongsTo(sourceId: string, { source_key: key }: MonthEvent): boolean {
  return sourceId === key || /^:fee\d*$/.test(sourceId.startsWith(key) ? sourceId.slice(key.length) : '');
}
