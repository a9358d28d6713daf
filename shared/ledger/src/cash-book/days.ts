import {
  type CashDay,
  type CashDraft,
  cashDraft,
  cashDraftOf,
  cashTotals,
  DomainError,
  formatMinor,
  makeEvent,
  toWire,
} from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import { asDomainError } from '../refusal.ts';
import type { CashBook } from './books.ts';
import { type CashDayState, cashDayStates, type EntryStatus } from './day-states.ts';
import { prefilled } from './prefill.ts';
import { cashTenders } from './registers.ts';

/** A register's day: which book, register and date. */
export interface CashPlace {
  book: CashBook;
  register: string;
  date: string;
}

/** A day with what the clerk entered, and what is booked of it. */
export interface CashDayView extends CashDayState {
  draft: CashDraft;
  day: CashDay | null;
}

/**
 * A day as it stands; one that nobody has touched yet is a draft made of the day before and the till's own closing.
 * Throws CASH_BOOK_REFUSED for a register or date that is not the book's.
 */
export async function cashDay(sql: Queryable, place: CashPlace): Promise<CashDayView> {
  const { book, register, date } = place;
  checkPlace(place);
  const range = { bookId: book.id, register, from: date, to: date };
  const [state = untouched(place)] = await cashDayStates(sql, book.companyId, range);
  const [row] = await sql<{ draft: unknown }[]>`
    select draft from cash_days where company_id = ${book.companyId} and register = ${register} and date = ${date}`;
  const day = state.eventId === null ? null : await bookedDay(sql, state.eventId);
  const untold = day === null ? await prefilled(sql, place) : cashDraftOf(day);
  return { ...state, day, draft: row ? cashDraft.parse(row.draft) : untold };
}

function untouched({ book, register, date }: CashPlace): CashDayState {
  const status = { entryStatus: 'draft', checkStatus: 'unchecked' } as const;
  return {
    bookId: book.id,
    book: book.name,
    register,
    date,
    ...status,
    clerk: book.clerk,
    comment: null,
    eventId: null,
  };
}

async function bookedDay(sql: Queryable, eventId: bigint): Promise<CashDay> {
  const [row] = await sql<{ payload: unknown }[]>`select payload from events where id = ${eventId}`;
  return makeEvent(row?.payload) as CashDay;
}

/** Throws CASH_BOOK_REFUSED for a register or date that is not the book's, or a book that is archived. */
function checkPlace({ book, register, date }: CashPlace): void {
  const span = `${book.startsOn} to ${book.endsOn}`;
  if (!book.registers.some((each) => each.register === register))
    throw refused(`The cash book "${book.name}" does not keep register ${register}.`, register);
  if (date < book.startsOn || date > book.endsOn)
    throw refused(`The cash book "${book.name}" is kept from ${span}; ${date} is not one of its days.`, date);
}

/** Keeps a draft. Throws CASH_BOOK_REFUSED where the day is submitted already, or the book archived. */
export async function putDraft(
  tx: Tx,
  place: CashPlace,
  change: { draft: CashDraft; clerk: string; now: Date },
): Promise<void> {
  await lockDay(tx, place, change);
  const { entryStatus } = await cashDay(tx, place);
  if (entryStatus !== 'draft')
    throw refused(`${about(place)} is ${entryStatus}: correct it instead of entering it again.`, place.date);
  const { book, register, date } = place;
  await tx`
    update cash_days set draft = ${toWire(change.draft)}::jsonb, clerk = ${change.clerk}, updated_at = ${change.now}
    where company_id = ${book.companyId} and register = ${register} and date = ${date}`;
}

/**
 * Makes sure the day has a row and locks it, so that two people's steps follow each other. Throws CASH_BOOK_REFUSED
 * where the book is archived.
 */
async function lockDay(tx: Tx, place: CashPlace, { now, clerk }: { now: Date; clerk?: string }): Promise<bigint> {
  const { book, register, date } = place;
  checkPlace(place);
  const known = () => tx<{ id: bigint }[]>`
    select id from cash_days where company_id = ${book.companyId} and register = ${register} and date = ${date}
    for update`;
  const [row] = await known();
  if (row) return row.id;
  const { day, draft, ...state } = await cashDay(tx, place);
  await tx`
    insert into cash_days (company_id, book_id, register, date, draft, entry_status, clerk, event_id, updated_at)
    values (${book.companyId}, ${book.id}, ${register}, ${date}, ${toWire(draft)}::jsonb, ${state.entryStatus},
            ${clerk ?? state.clerk}, ${state.eventId}, ${now})
    on conflict do nothing`.catch((error: unknown) => {
    throw asDomainError(error);
  });
  const [made] = await known();
  return (made as { id: bigint }).id;
}

/** A step of a day that is entered in the ledger. */
export interface Submission {
  step: Exclude<EntryStatus, 'draft'>;
  draft: CashDraft;
  clerk: string;
  now: Date;
}

/**
 * Notes that a day was submitted or corrected, in the transaction that books it: it has to be checked (again). Throws
 * CASH_BOOK_REFUSED when somebody else submitted it meanwhile, or nothing is submitted that could be corrected.
 */
export async function noteSubmission(tx: Tx, place: CashPlace, submission: Submission): Promise<void> {
  const { step, draft, clerk, now } = submission;
  const { book, register, date } = place;
  const dayId = await lockDay(tx, place, submission);
  const [row] = await tx<{ entryStatus: EntryStatus }[]>`
    select entry_status as "entryStatus" from cash_days where id = ${dayId}`;
  checkStep(place, step, (row as { entryStatus: EntryStatus }).entryStatus);
  const { eventId } = await cashDay(tx, place);
  await tx`
    update cash_days set draft = ${toWire(draft)}::jsonb, entry_status = ${step}, check_status = 'unchecked',
      clerk = ${clerk}, comment = null, event_id = ${eventId}, book_id = ${book.id}, updated_at = ${now}
    where company_id = ${book.companyId} and register = ${register} and date = ${date}`;
  await noteStep(tx, { dayId, step, by: clerk, comment: draft.reason ?? null, eventId, at: now });
}

/** Throws CASH_BOOK_REFUSED unless a day in that status can take the step. */
export function checkStep(place: CashPlace, step: Submission['step'], entryStatus: EntryStatus): void {
  if (place.book.archivedAt !== null)
    throw refused(`The cash book "${place.book.name}" is archived: it is only read.`, place.book.name);
  if (step === 'submitted' && entryStatus !== 'draft')
    throw refused(`${about(place)} is ${entryStatus} already. Correct it instead of submitting it again.`, place.date);
  if (step === 'corrected' && entryStatus === 'draft')
    throw refused(`${about(place)} is a draft: change it and submit it.`, place.date);
}

/** What an auditor decides about a day; a rejection says why. */
export interface Decision {
  by: string;
  comment?: string | null | undefined;
  now: Date;
}

/**
 * Approves a submitted day. Throws SEGREGATION_OF_DUTIES unless the book's auditor does, who must not have entered it;
 * CASH_DAY_MISMATCH while what the till should have taken is not what the channels' sales took in cash (accounting.md
 * F4); CASH_BOOK_REFUSED where there is nothing to approve.
 */
export async function approveDay(tx: Tx, place: CashPlace, decision: Decision): Promise<void> {
  const { dayId, view } = await dayToCheck(tx, place, decision);
  const { book, register, date } = place;
  const day = view.day as CashDay;
  const { tendersExpected } = cashTotals(day);
  const taken = await cashTenders(tx, book.companyId, { register, date, currency: book.currency });
  if (taken !== tendersExpected) {
    const show = (amount: bigint) => `${book.currency} ${formatMinor(amount, book.currency)}`;
    const message =
      `${about(place)} cannot be approved: revenue should, less top-ups, plus pay-outs comes to ` +
      `${show(tendersExpected)}, but the channels' sales of the day took ${show(taken)} in cash there. ` +
      'Correct the day, or book the sales that are missing; a daily summary is booked a while after its day.';
    throw new DomainError('CASH_DAY_MISMATCH', message, `${register}:${date}`);
  }
  await decide(tx, dayId, { entryStatus: view.entryStatus, checkStatus: 'approved', eventId: view.eventId }, decision);
}

/** Gives a submitted day back to the clerk with a comment; what is booked stands until it is submitted again. */
export async function rejectDay(tx: Tx, place: CashPlace, decision: Decision): Promise<void> {
  if (!decision.comment?.trim())
    throw new DomainError('REASON_REQUIRED', `${about(place)}: say in a comment what has to be changed.`, 'comment');
  const { dayId, view } = await dayToCheck(tx, place, decision);
  await decide(tx, dayId, { entryStatus: 'draft', checkStatus: 'rejected', eventId: view.eventId }, decision);
}

async function dayToCheck(tx: Tx, place: CashPlace, decision: Decision) {
  // A correction is booked under this lock: what is approved is what is booked.
  await tx`select 1 from journal_heads where company_id = ${place.book.companyId} for update`;
  const dayId = await lockDay(tx, place, decision);
  const view = await cashDay(tx, place);
  checkDuties(place, view.clerk, decision.by);
  if (view.entryStatus === 'draft' || view.day === null)
    throw refused(`${about(place)} is a draft: it has to be submitted before it is checked.`, place.date);
  if (view.checkStatus === 'approved') throw refused(`${about(place)} is approved already.`, place.date);
  return { dayId, view };
}

function checkDuties(place: CashPlace, clerk: string, by: string): void {
  const { auditor, clerk: bookClerk, name } = place.book;
  const isSame = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();
  const clerks = [clerk, bookClerk];
  if (isSame(by, auditor) && !clerks.some((each) => isSame(by, each))) return;
  const why = clerks.some((each) => isSame(by, each)) ? 'enters its days' : 'does not check it';
  const message =
    `${about(place)}: ${by} ${why}. The auditor of the cash book "${name}" is ${auditor}, ` +
    'who must not enter days.';
  throw new DomainError('SEGREGATION_OF_DUTIES', message, by);
}

interface Decided {
  entryStatus: EntryStatus;
  checkStatus: 'approved' | 'rejected';
  eventId: bigint | null;
}

async function decide(tx: Tx, dayId: bigint, decided: Decided, { by, comment = null, now }: Decision): Promise<void> {
  const { entryStatus, checkStatus, eventId } = decided;
  await tx`
    update cash_days set entry_status = ${entryStatus}, check_status = ${checkStatus}, comment = ${comment},
      event_id = ${eventId}, updated_at = ${now}
    where id = ${dayId}`.catch((error: unknown) => {
    throw asDomainError(error);
  });
  await noteStep(tx, { dayId, step: checkStatus, by, comment, eventId, at: now });
}

interface Step {
  dayId: bigint;
  step: string;
  by: string;
  comment: string | null;
  eventId: bigint | null;
  at: Date;
}

async function noteStep(tx: Tx, { dayId, step, by, comment, eventId, at }: Step): Promise<void> {
  await tx`
    insert into cash_day_steps (day_id, step, by, comment, event_id, at)
    values (${dayId}, ${step}, ${by}, ${comment}, ${eventId}, ${at})`;
}

function about({ register, date }: CashPlace): string {
  return `Cash day ${date} of register ${register}`;
}

function refused(message: string, subject: string): DomainError {
  return new DomainError('CASH_BOOK_REFUSED', message, subject);
}
