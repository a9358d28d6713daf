import { type CashDraft, cashDayInput, localDate, makeEvent } from '@daybook/domain';
import { findCashBook } from '@daybook/ledger/cash-book/books';
import { type CashDayView, type CashPlace, cashDay, checkStep, noteSubmission } from '@daybook/ledger/cash-book/days';
import { loadBooks } from '@daybook/ledger/company';
import type { Queryable } from '@daybook/platform/db';
import type { WorkerDeps } from './deps.ts';
import { enterEvents } from './enter.ts';

/** What a clerk does with a day: submits its draft, or corrects what was submitted. */
export type CashDayStep = { step: 'submitted' } | { step: 'corrected'; draft: CashDraft };

/**
 * Books a day of the cash book as an event and notes it in the same transaction; a correction is a new revision, which
 * reverses what was booked (accounting.md A3, F4). Throws DomainError: CASH_BOOK_REFUSED when the day cannot take the
 * step, EVENT_INVALID for what the draft lacks, REASON_REQUIRED and whatever else the books refuse.
 */
export async function enterCashDay(
  place: CashPlace,
  { by, ...asked }: CashDayStep & { by: string },
  deps: WorkerDeps,
): Promise<CashDayView> {
  const { sql } = deps;
  const { companyId } = place.book;
  const view = await cashDay(sql, place);
  checkStep(place, asked.step, view.entryStatus);
  const draft = asked.step === 'corrected' ? asked.draft : view.draft;
  const now = deps.clock();
  const input = cashDayInput(
    draft,
    { ...headOf(place), clerk: by, ...revisionAfter(view, now) },
    await loadBooks(sql, companyId),
  );
  const submission = { step: asked.step, draft, clerk: by, now };
  await enterEvents(companyId, [makeEvent(input)], deps, (tx) => noteSubmission(tx, place, submission));
  return cashDay(sql, place);
}

function headOf({ book, register, date }: CashPlace) {
  return { book: book.name, currency: book.currency, tolerance: book.tolerance, register, date };
}

/** Instants sort; a clock that was put back must not make a correction older than what it corrects. */
function revisionAfter({ day }: CashDayView, now: Date): { revision: string; occurredAt: string } {
  const instant = now.toISOString();
  const revision = day === null || instant > day.revision ? instant : `${day.revision}+`;
  return { revision, occurredAt: instant };
}

/** A day of a cash book named by id or name. Throws CASH_BOOK_UNKNOWN. */
export async function cashPlace(
  sql: Queryable,
  companyId: string,
  named: { book: string; register: string; date: string },
  now: Date,
): Promise<CashPlace> {
  const book = await findCashBook(sql, companyId, named.book, await companyToday(sql, companyId, now));
  return { book, register: named.register, date: named.date };
}

/** Today where the company is, YYYY-MM-DD. */
export async function companyToday(sql: Queryable, companyId: string, now: Date): Promise<string> {
  const [row] = await sql<
    { timeZone: string }[]
  >`select time_zone as "timeZone" from companies where id = ${companyId}`;
  return localDate(now.toISOString(), row?.timeZone ?? 'UTC');
}
