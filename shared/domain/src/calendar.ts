import type { Books } from './chart.ts';
import { DomainError } from './domain-error.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local calendar date of an instant in a time zone, YYYY-MM-DD: 2026-03-31T23:30Z is 1 April in London. */
export function localDate(instant: string, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    // Swedish writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(new Date(instant));
}

/**
 * Day an automatic entry is booked (accounting.md G6, `post_in_first_open_period`): the business date, or the first
 * open day when the business date is closed. Throws PERIOD_CLOSED when that day is not open either, as for a date in
 * the future.
 */
export function postingDateFor(date: string, books: Pick<Books, 'isOpen' | 'firstOpenDay'>): string {
  if (books.isOpen(date)) return date;
  const moved = date > books.firstOpenDay ? date : books.firstOpenDay;
  if (books.isOpen(moved)) return moved;
  throw new DomainError(
    'PERIOD_CLOSED',
    `${date} is not in an open period, and neither is ${moved}. Open the period, then the event can be posted.`,
    moved,
  );
}
