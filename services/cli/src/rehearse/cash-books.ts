import { createCashBook } from '@daybook/ledger/cash-book/books';
import { approveDay } from '@daybook/ledger/cash-book/days';
import { cashPlace } from '@daybook/workers/cash-days';
import type { WorkerDeps } from '@daybook/workers/deps';
import type { Difference } from './compare.ts';
import type { Month, MonthEvent } from './month-file.ts';
import { refusalOf } from './rehearse.ts';

/** Who enters days of the month's cash books, and who checks them. */
export const CLERK = 'clerk';
export const AUDITOR = 'auditor';

/** A cash book of each register, named like it, for the fiscal year. */
export async function makeCashBooks(month: Month, companyId: string, deps: WorkerDeps): Promise<void> {
  const { start, end } = month.company.fiscal_year;
  const days = month.events.filter((event) => event.type === 'cash_close');
  const registers = new Map(days.map((day) => [day.register ?? '', day]));
  for (const [register, day] of registers) {
    const book = {
      name: register,
      startsOn: start,
      endsOn: end,
      currency: day.currency,
      tolerance: day.tolerance ?? 0n,
      companyCode: month.company.name,
      site: day.channel ?? register,
      registers: [{ register }],
      auditor: AUDITOR,
      clerk: CLERK,
    };
    await deps.sql.begin((tx) => createCashBook(tx, companyId, book, deps.clock()));
  }
}

/** Has a day approved by someone. Throws what the cash book refuses. */
export async function approve(day: MonthEvent, by: string, companyId: string, deps: WorkerDeps): Promise<void> {
  const { register = '', posting_date: date } = day;
  const place = await cashPlace(deps.sql, companyId, { book: register, register, date }, deps.clock());
  await deps.sql.begin((tx) => approveDay(tx, place, { by, now: deps.clock() }));
}

/** Approves the days that the file says are approved; what is refused is a difference. */
export async function approveDays(month: Month, companyId: string, deps: WorkerDeps): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const day of month.events) {
    if (day.type !== 'cash_close' || day.check_status !== 'approved') continue;
    const problem = await refusalOf(() => approve(day, AUDITOR, companyId, deps));
    if (problem !== null) found.push({ where: `events.${day.id}.check_status`, expected: 'approved', found: problem });
  }
  return found;
}
