import type { Database, Tx } from '@daybook/platform/db';

export interface RawLine {
  account?: string;
  debit?: number;
  credit?: number;
  currency?: string;
  tc?: number;
  taxCode?: string;
  postingDate?: string;
  party?: string;
  document?: string;
  taxKind?: string;
  lineNo?: number;
  company?: string;
}

export interface RawEntry {
  company?: string;
  key?: string;
  year?: string;
  postingDate?: string;
  type?: string;
  sequence?: string;
  number?: string;
  previous?: string;
  lineCount?: number;
  eventId?: number;
  reverses?: string;
  channel?: string | null;
  lines: RawLine[];
}

export const BALANCED: RawLine[] = [
  { account: '1241', debit: 500 },
  { account: '4000', credit: 500 },
];

let keys = 0;

/** Entry and lines as anybody could write them in psql: one statement, next number, right hash, unless told otherwise. */
export function rawEntry(shop: string, entry: RawEntry): string {
  keys += 1;
  const company = entry.company ?? shop;
  const postingDate = entry.postingDate ?? '2026-03-10';
  const values = entry.lines.map((each, index) => {
    const [debit, credit] = [each.debit ?? 0, each.credit ?? 0];
    const text = [
      each.lineNo ?? index + 1,
      each.company ?? company,
      each.account ?? '1241',
      each.postingDate ?? postingDate,
    ];
    const rest = [each.currency ?? 'GBP', each.tc ?? debit + credit, each.taxCode ?? null, each.taxKind ?? null];
    rest.push(each.party ?? null, each.document ?? null);
    const quoted = [...text, debit, credit, ...rest].map((value) => (value === null ? 'null' : `'${value}'`));
    return `((select id from made), ${quoted.join(', ')}, 'x')`;
  });
  const insertLines = `insert into journal_lines (entry_id, line_no, company_id, account, posting_date, debit, credit,
    currency, amount_tc, tax_code, tax_kind, party, document, role) select id::bigint, line_no::smallint, company::uuid, account, day::date,
    debit::bigint, credit::bigint, currency, tc::bigint, tax, kind, party, document, role from (values ${values.join(', ')})
    as v(id, line_no, company, account, day, debit, credit, currency, tc, tax, kind, party, document, role)`;
  return `with head as (select * from journal_heads where company_id = '${company}'), made as (
    insert into journal_entries (company_id, sequence, fiscal_year, number, entry_type, posting_date, tax_point,
      occurred_at, recorded_at, source_key, content_hash, memo, line_count, channel, event_id, reverses, previous_hash, hash)
    select '${company}', ${entry.sequence ?? 'entries + 1'}, '${entry.year ?? '2026'}', ${
      entry.number ??
      `(select last_number + 1 from fiscal_years where company_id = '${company}' and label = '${entry.year ?? '2026'}')`
    }, '${entry.type ?? 'SAL'}', '${postingDate}', '${postingDate}', '2026-03-10T10:00Z', '2026-03-15T14:00Z',
      '${entry.key ?? keyFor(entry)}', 'hash', 'typed into psql', ${entry.lineCount ?? entry.lines.length},
      ${entry.channel === null ? 'null' : "'shopify'"}, ${entry.eventId ?? 'null'}, ${entry.reverses ?? 'null'},
      ${entry.previous ?? 'last_hash'}, sha256('raw-${keys}') from head returning id)
    ${entry.lines.length === 0 ? 'select id from made' : insertLines}`;
}

/** Entries of type INV that move no stock are refused, but for the switch of inventory integration. */
function keyFor({ type }: RawEntry): string {
  return `${type === 'INV' ? 'inventory:switch:' : ''}raw-${keys}`;
}

/** Runs SQL in a transaction that is rolled back whatever happens, and answers how it was refused. */
export async function attemptOn({ sql }: Database, ...statements: string[]): Promise<string> {
  const undo = new Error('accepted');
  const outcome = sql.begin(async (tx: Tx) => {
    for (const each of statements) await tx.unsafe(each);
    throw undo;
  });
  return outcome.then(
    () => 'accepted',
    (error: unknown) => (error === undo ? 'accepted' : (error as Error).message),
  );
}
