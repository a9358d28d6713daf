import { DomainError } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { CashBook } from './books.ts';
import { cashDayStates } from './day-states.ts';

/**
 * Archives a cash book: from then on it is only read (accounting.md F4). Throws CASH_BOOK_REFUSED before its last day
 * is over, and while a day of it is not approved. `today` is the company's; archiving twice changes nothing.
 */
export async function archiveCashBook(tx: Tx, book: CashBook, today: string, now: Date): Promise<void> {
  // Days are booked under this lock, so none is added while they are counted.
  await tx`select 1 from journal_heads where company_id = ${book.companyId} for update`;
  if (book.archivedAt !== null) return;
  const refused = (why: string) =>
    new DomainError('CASH_BOOK_REFUSED', `The cash book "${book.name}" ${why}`, book.name);
  if (today <= book.endsOn) throw refused(`is kept until ${book.endsOn}: it can be archived after that day.`);
  const states = await cashDayStates(tx, book.companyId, { bookId: book.id });
  const open = states.filter(({ checkStatus }) => checkStatus !== 'approved');
  const [first] = open;
  if (first) {
    const day = `${first.date} of register ${first.register} (${first.entryStatus}, ${first.checkStatus})`;
    throw refused(
      `has ${open.length} ${open.length === 1 ? 'day' : 'days'} that nobody has approved; the first is ${day}.`,
    );
  }
  await tx`update cash_books set archived_at = ${now} where id = ${book.id} and archived_at is null`;
}
