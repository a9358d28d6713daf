import { abs, DomainError, exponentOf, formatMinor } from '@daybook/domain';
import type { JournalEntryRow } from '../../reports.ts';
import { oneLine } from '../book.ts';
import { toWindows1252 } from '../letters.ts';
import type { DatevBooks } from './books.ts';
import { BOOKING_COLUMNS, rowLine } from './columns.ts';
import type { Leg } from './legs.ts';
import type { BookingRecord, NumberOf } from './records.ts';

/** The day a leg on a person's account is due, YYYY-MM-DD; undefined for what is no open item. */
export type DueOf = (entry: JournalEntryRow, leg: Leg) => string | undefined;

/** Ten digits before the comma. */
const LARGEST = 10n ** 12n - 1n;

/** The line of a booking: what providers/datev.md 3 asks for, everything else empty. Refused with EXPORT_REFUSED. */
export function bookingLine(
  record: BookingRecord,
  entry: JournalEntryRow,
  books: DatevBooks,
  numberOf: NumberOf,
  dueOf: DueOf = () => undefined,
) {
  const { settings } = books;
  const columns = settings.version === 12 ? BOOKING_COLUMNS.slice(0, -1) : BOOKING_COLUMNS;
  const isLate = entry.taxPoint !== entry.postingDate;
  const due = [record.account, record.contra].flatMap((leg) => (leg && dueOf(entry, leg)) ?? [])[0];
  return rowLine(columns, {
    ...amounts(record, entry, books),
    2: record.side,
    7: numberOf(record.account),
    8: record.contra ? numberOf(record.contra) : books.interim,
    9: record.key,
    10: day(entry.postingDate).slice(0, 4),
    11: documentField(record, entry),
    ...(due !== undefined && { 12: day(due).replace(/20(\d\d)$/, '$1'), 117: day(due) }),
    14: textOf(entry.memo, 60),
    114: settings.locked ? '1' : '0',
    ...(isLate && { 115: day(entry.taxPoint), 116: day(entry.postingDate) }),
    ...(entry.reverses !== null && { 118: '1' }),
  });
}

/** Text of a field: in Windows-1252, in one line, cut to its length. */
export function textOf(text: string, length: number): string {
  return [...toWindows1252(oneLine(text))].slice(0, length).join('').trim();
}

/** A foreign amount comes with its rate (foreign units per unit of the company's) and worth, or not at all. */
function amounts({ amount, foreign }: BookingRecord, entry: JournalEntryRow, { currency }: DatevBooks) {
  const home = decimal(amount, currency);
  if (amount > LARGEST)
    throw refused(`${numbered(entry)} has ${currency} ${home}, more than ten digits before the comma.`, entry);
  const rate = foreign && rateOf(foreign, amount, currency);
  if (!foreign || rate === null) return { 1: home };
  return { 1: decimal(foreign.amount, foreign.currency), 3: foreign.currency, 4: rate, 5: home, 6: currency };
}

/** Six decimals, above zero and below 10000; null where the file cannot say it. */
function rateOf(foreign: { currency: string; amount: bigint }, worth: bigint, home: string): string | null {
  if (exponentOf(foreign.currency) > 2 || foreign.amount > LARGEST) return null;
  const scaled = foreign.amount * 10n ** BigInt(6 + exponentOf(home));
  const divisor = worth * 10n ** BigInt(exponentOf(foreign.currency));
  const millionths = (2n * scaled + divisor) / (2n * divisor);
  if (millionths === 0n || millionths >= 10n ** 10n) return null;
  const digits = millionths.toString().padStart(7, '0');
  return `${digits.slice(0, -6)},${digits.slice(-6)}`;
}

function decimal(minor: bigint, currency: string): string {
  const [whole, fraction = ''] = formatMinor(abs(minor), currency).split('.');
  return `${whole},${fraction.padEnd(2, '0')}`;
}

/** The key of open items: the document, else the entry's number. Letters it cannot have are refused, marks become dashes. */
function documentField({ account, contra }: BookingRecord, entry: JournalEntryRow): string {
  const document = account.document ?? contra?.document ?? `${entry.fiscalYear}/${entry.number}`;
  const field = document.replaceAll(/[ _.,:;#()'"\\]/g, '-');
  if (/^[A-Za-z0-9$&%*+/-]{1,36}$/.test(field)) return field;
  throw refused(
    `${numbered(entry)} is on document "${document}": its number must have 1 to 36 of A-Z, a-z, 0-9 and $ & % * + - / ` +
      '(Belegfeld 1), so that open items find each other. Reverse the entry and post it with another number.',
    entry,
  );
}

/** 2026-03-01 → 01032026. */
function day(date: string): string {
  const [year, month, date2] = date.split('-');
  return `${date2}${month}${year}`;
}

function numbered({ fiscalYear, number }: JournalEntryRow): string {
  return `Entry ${fiscalYear}/${number}`;
}

function refused(message: string, entry: JournalEntryRow): DomainError {
  return new DomainError('EXPORT_REFUSED', message, entry.sourceKey);
}
