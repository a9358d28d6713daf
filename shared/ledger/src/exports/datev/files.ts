import type { Tx } from '@daybook/platform/db';
import type { JournalEntryRow } from '../../reports.ts';
import { contained, type Extent, pagesOf } from '../extent.ts';
import type { FilePiece } from '../format.ts';
import { encodeWindows1252 } from '../letters.ts';
import { BOOKING_COLUMNS, headingsLine, PERSON_COLUMNS } from './columns.ts';
import { compact, headerLine } from './header.ts';
import { type DatevCompanyRow, loadDatevBooks } from './load.ts';
import { factsOf, legNumber, loadPersons, type Persons, personLine } from './persons.ts';
import { movedByRecord, recordsOf } from './records.ts';
import { bookingLine, type DueOf } from './rows.ts';

/** Bookings that a file may have. */
const MOST = 99_999;

/**
 * The bookings, a file per month because a file must not cross years, and the persons they are booked on. Made of
 * nothing but entries and settings: the time of making is that of the newest entry, so that the same entries make the
 * same bytes.
 */
export async function* datevFiles(tx: Tx, extent: Extent): AsyncGenerator<FilePiece> {
  const company = await loadDatevBooks(tx, extent.companyId);
  const persons = await loadPersons(tx, extent.companyId, company.books.settings.accountLength);
  const createdAt = await newestInstant(tx, extent, company.timeZone);
  if (createdAt === null) return;
  const spans = await spansOf(tx, extent);
  for (const span of spans) yield* bookingFiles(tx, extent, { ...span, createdAt, company, persons });
  await persons.keep(tx);
  yield* personFile(tx, extent, { createdAt, company, persons, yearStart: spans.at(-1)?.yearStart ?? extent.from });
}

interface Span {
  from: string;
  to: string;
  yearStart: string;
}

interface Making {
  createdAt: string;
  company: DatevCompanyRow;
  persons: Persons;
  yearStart: string;
}

async function* bookingFiles(tx: Tx, extent: Extent, making: Making & Span): AsyncGenerator<FilePiece> {
  const { company, persons, from, to } = making;
  const { books } = company;
  const numberOf = legNumber(books, persons);
  let [part, rows] = [0, MOST];
  for await (const page of pagesOf(tx, { ...extent, from, to })) {
    const dueOf = await dueDates(tx, page);
    const told = page.map((entry) => {
      const records = recordsOf(entry, books, numberOf);
      const isFull = rows + records.length > MOST;
      if (isFull) part += 1;
      rows = (isFull ? 0 : rows) + records.length;
      const text = records.map((record) => bookingLine(record, entry, books, numberOf, dueOf)).join('');
      const moved = records.flatMap((record) => movedByRecord(record, books));
      return { part, text: isFull ? head(making, part) + text : text, moved };
    });
    for (const [of, entries] of Map.groupBy(told, (each) => each.part)) {
      const bytes = encodeWindows1252(entries.map(({ text }) => text).join(''));
      const moved = entries.flatMap((each) => each.moved);
      yield { file: fileName(making, of), bytes, moved, entries: entries.length };
    }
  }
}

/** When the open items of entries are due, by the invoice ledger. */
async function dueDates(tx: Tx, page: readonly JournalEntryRow[]): Promise<DueOf> {
  const rows = await tx<{ entry: bigint; account: string; document: string | null; due: string }[]>`
    select entry_id as entry, account, document, due_date as due from invoice_events
    where entry_id = any(${page.map(({ id }) => String(id))}::bigint[]) and line_no is not null and due_date is not null`;
  const due = new Map(rows.map((row) => [`${row.entry} ${row.account} ${row.document}`, row.due]));
  return ({ id }, { account, document }) => due.get(`${id} ${account} ${document}`);
}

function head({ createdAt, company, from, to, yearStart }: Making & Span, part: number): string {
  const { books } = company;
  const title = `Daybook ${compact(from)}-${compact(to)}${part > 1 ? `/${part}` : ''}`;
  const facts = { category: 'bookings' as const, createdAt, yearStart, from, to, title, currency: books.currency };
  const columns = books.settings.version === 12 ? BOOKING_COLUMNS.slice(0, -1) : BOOKING_COLUMNS;
  return headerLine(facts, books.settings) + headingsLine(columns);
}

function fileName({ from, to }: Span, part: number): string {
  return `EXTF_Buchungsstapel_${compact(from)}_${compact(to)}${part > 1 ? `_${part}` : ''}.csv`;
}

async function* personFile(tx: Tx, extent: Extent, making: Making): AsyncGenerator<FilePiece> {
  const used = making.persons.used();
  if (used.length === 0) return;
  const { createdAt, company, yearStart } = making;
  const { books } = company;
  const facts = await factsOf(
    tx,
    extent.companyId,
    used.map(({ party }) => party),
  );
  const about = { createdAt, yearStart, from: '', to: '', title: 'Kunden und Lieferanten', currency: books.currency };
  const top = headerLine({ ...about, category: 'persons' }, books.settings) + headingsLine(PERSON_COLUMNS);
  const lines = used.map((person) => personLine(person, facts.get(person.party) ?? {})).join('');
  yield { file: 'EXTF_Debitoren_Kreditoren.csv', bytes: encodeWindows1252(top + lines), moved: [], entries: 0 };
}

/** When the newest entry was recorded, at the company's place; null without entries. */
async function newestInstant(tx: Tx, extent: Extent, timeZone: string): Promise<string | null> {
  const [row] = await tx<{ at: string | null }[]>`
    select to_char(max(e.recorded_at) at time zone ${timeZone}, 'YYYYMMDDHH24MISSMS') as at
    from journal_entries e where e.company_id = ${extent.companyId} and ${contained(tx, extent)}`;
  return row?.at ?? null;
}

/** The months of a range, cut where fiscal years begin. */
function spansOf(tx: Tx, { companyId, from, to }: Extent): Promise<Span[]> {
  return tx<Span[]>`
    select greatest(m.day::date, y.starts_on, ${from}::date) as "from",
      least((m.day + interval '1 month - 1 day')::date, y.ends_on, ${to}::date) as "to", y.starts_on as "yearStart"
    from fiscal_years y, generate_series(date_trunc('month', greatest(y.starts_on, ${from}::date)::timestamp),
      least(y.ends_on, ${to}::date)::timestamp, interval '1 month') as m(day)
    where y.company_id = ${companyId} and y.starts_on <= ${to}::date and y.ends_on >= ${from}::date
    order by 1`;
}
