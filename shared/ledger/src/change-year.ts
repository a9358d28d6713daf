import { DomainError, dayAfter, type Span } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { type FiscalYear, insertPeriods, problemOf } from './calendar.ts';
import { noteChange } from './calendar-changes.ts';
import { asDomainError } from './refusal.ts';
import type { Act, YearRow } from './year-end.ts';

/**
 * Lets an open fiscal year begin or end on other days, as when a first year turns out to be short (accounting.md G1).
 * Its periods are added or cut; neighbours without entries are dropped, because they are made again when needed.
 *
 * Throws FISCAL_YEAR_INVALID saying what does not fit, ENTRY_IMMUTABLE when entries would be left outside or lie in a
 * month that would be cut.
 */
export async function changeFiscalYear(tx: Tx, companyId: string, wish: FiscalYear, act: Act): Promise<void> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const years = await tx<(YearRow & { lastNumber: number })[]>`
    select label, starts_on as "startsOn", ends_on as "endsOn", state, closings, last_number as "lastNumber"
    from fiscal_years where company_id = ${companyId} order by starts_on`;
  const year = years.find(({ label }) => label === wish.label);
  const before = years.filter(({ endsOn }) => year && endsOn < year.startsOn);
  const after = years.filter(({ startsOn }) => year && startsOn > year.endsOn);
  const moved = [...(wish.startsOn === year?.startsOn ? [] : before), ...(wish.endsOn === year?.endsOn ? [] : after)];
  const problem = problemOf(wish) ?? problemWith(year, moved);
  if (problem !== undefined || !year) {
    const message = `Fiscal year ${wish.label}, ${wish.startsOn} to ${wish.endsOn}, ${problem}.`;
    throw new DomainError('FISCAL_YEAR_INVALID', message, wish.label);
  }
  await movePeriods(tx, companyId, year, wish, moved).catch((error: unknown) => {
    throw asDomainError(error);
  });
  const shown = ({ startsOn, endsOn }: Span) => `${startsOn} to ${endsOn}`;
  await noteChange(tx, companyId, { kind: 'year', subject: wish.label, before: shown(year), after: shown(wish) }, act);
}

function problemWith(year: YearRow | undefined, moved: readonly (YearRow & { lastNumber: number })[]) {
  if (!year) return 'does not exist';
  if (year.state !== 'open') return 'is closed; reopen it first';
  const used = moved.find(({ lastNumber, state }) => lastNumber > 0 || state !== 'open');
  return used && `cannot move: its neighbour ${used.label} has entries`;
}

async function movePeriods(
  tx: Tx,
  companyId: string,
  year: Span,
  wish: FiscalYear,
  dropped: readonly { label: string }[],
) {
  const { label, startsOn, endsOn } = wish;
  const labels = dropped.map((each) => each.label);
  await tx`
    delete from periods where company_id = ${companyId} and (fiscal_year = any(${labels})
      or fiscal_year = ${label} and (starts_on > ${endsOn}::date or ends_on < ${startsOn}::date))`;
  await tx`delete from fiscal_years where company_id = ${companyId} and label = any(${labels})`;
  await tx`
    update periods set ends_on = least(ends_on, ${endsOn}::date), starts_on = greatest(starts_on, ${startsOn}::date)
    where company_id = ${companyId} and fiscal_year = ${label} and (ends_on > ${endsOn}::date or starts_on < ${startsOn}::date)`;
  await tx`
    update fiscal_years set starts_on = ${startsOn}, ends_on = ${endsOn} where company_id = ${companyId} and label = ${label}`;
  if (startsOn < year.startsOn)
    await insertPeriods(tx, companyId, label, { startsOn, endsOn: dayBefore(year.startsOn) });
  if (endsOn > year.endsOn) await insertPeriods(tx, companyId, label, { startsOn: dayAfter(year.endsOn), endsOn });
}

function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
