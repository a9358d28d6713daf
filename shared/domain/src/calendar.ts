import type { Books } from './chart.ts';
import { DomainError } from './domain-error.ts';
import type { PostingKind } from './open-days.ts';

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
 * Day an entry of a channel is booked (accounting.md G6): the business date, or when that is closed to such an entry
 * the first open day after it. Where the company's `lateEventPolicy` does not let late facts in by themselves, and nobody
 * `approved` this one, LATE_EVENT_HELD or LATE_EVENT_REJECTED is thrown; PERIOD_CLOSED when no later day is open either,
 * as for a date in the future.
 */
export function postingDateFor(date: string, late: Late): string {
  const { books, kind, about, approved = false } = late;
  if (books.isOpen(date, kind)) return date;
  const first = date > books.firstOpenDay ? date : books.firstOpenDay;
  const moved = books.openFrom ? books.openFrom(date, kind) : first;
  if (moved === undefined || !books.isOpen(moved, kind)) {
    throw new DomainError(
      'PERIOD_CLOSED',
      `${about}: ${date} is not in an open period, and no later day is open either. Open the period, or add the next ` +
        'fiscal year, then it is posted.',
      moved ?? date,
    );
  }
  const policy = books.settings.lateEventPolicy ?? 'post_in_first_open_period';
  if (approved || policy === 'post_in_first_open_period') return moved;
  throw lateRefusal(policy, late, date, moved);
}

/** A fact that may be late: the books it goes to, what is posted, and how to speak of it. */
export interface Late {
  books: Books;
  kind: PostingKind;
  about: string;
  approved?: boolean | undefined;
}

function lateRefusal(
  policy: 'hold_for_approval' | 'reject',
  { about }: Late,
  date: string,
  moved: string,
): DomainError {
  if (policy === 'reject') {
    return new DomainError(
      'LATE_EVENT_REJECTED',
      `${about} belongs to ${date}, which is closed, and late facts are refused here. Send it again with a day from ` +
        `${moved} on, or unlock its period and replay it.`,
      about,
    );
  }
  return new DomainError(
    'LATE_EVENT_HELD',
    `${about} belongs to ${date}, which is closed. Approve it to be posted on ${moved}, or unlock its period.`,
    about,
  );
}
