import { DomainError, type LockDates } from '@daybook/domain';
import type { Queryable, Sql, Tx } from '@daybook/platform/db';
import { noteChange } from './calendar-changes.ts';
import { type Problem, problemsBefore } from './lock-checks.ts';
import type { Act, YearRow } from './year-end.ts';

export type PeriodState = 'open' | 'soft_closed' | 'locked' | 'closed';

/** A period; the closing period is the year's last day once more, for the entries of the system alone. */
export interface Period {
  startsOn: string;
  endsOn: string;
  kind: 'regular' | 'closing';
  state: PeriodState;
}

export interface Calendar {
  years: (YearRow & { lastNumber: number; periods: Period[] })[];
  locks: LockDates;
}

export type LockKind = keyof LockDates;
export const LOCK_KINDS = ['sales', 'purchases', 'tax', 'everything', 'hard'] as const satisfies readonly LockKind[];

/** Fiscal years, oldest first, with their periods and states, and the lock dates (accounting.md G1, G2). */
export async function calendarOf(sql: Queryable, companyId: string): Promise<Calendar> {
  const [years, periods, locks] = await Promise.all([
    sql<(YearRow & { lastNumber: number })[]>`
      select label, starts_on as "startsOn", ends_on as "endsOn", state, closings, last_number as "lastNumber"
      from fiscal_years where company_id = ${companyId} order by starts_on`,
    sql<(Period & { year: string })[]>`
      select fiscal_year as year, starts_on as "startsOn", ends_on as "endsOn", 'regular' as kind, state
      from periods where company_id = ${companyId} order by starts_on`,
    locksOf(sql, companyId),
  ]);
  const withPeriods = years.map((year) => {
    const own = periods.filter((each) => each.year === year.label).map(({ year: _label, ...period }) => period);
    return { ...year, periods: [...own, closingPeriod(year)] };
  });
  return { years: withPeriods, locks };
}

function closingPeriod({ endsOn, state }: YearRow): Period {
  const shown = state === 'open' ? 'locked' : state === 'closed' ? 'closed' : 'open';
  return { startsOn: endsOn, endsOn, kind: 'closing', state: shown };
}

async function locksOf(sql: Queryable, companyId: string): Promise<LockDates> {
  const [row] = await sql<LockDates[]>`
    select sales, purchases, tax, everything, hard from lock_dates where company_id = ${companyId}`;
  return row ?? { sales: null, purchases: null, tax: null, everything: null, hard: null };
}

/** What of the check list concerns lock dates for some entries only: receipts must not wait behind them. */
const PARTLY: Readonly<Record<'sales' | 'purchases' | 'tax', readonly Problem['check'][]>> = {
  sales: ['summaries'],
  purchases: [],
  tax: ['summaries'],
};

const STRICTNESS: Readonly<Record<PeriodState, number>> = { open: 0, soft_closed: 1, locked: 2, closed: 3 };

/**
 * Gives the period of a day another state (accounting.md G2). Locking asks the check list first: what blocks has to be
 * settled, the rest is accepted with a reason. Opening again needs a reason. Everything is noted. A state it has
 * already changes nothing.
 *
 * Throws PERIOD_CLOSED for a day without period, in a closed year or behind the hard lock date, PERIOD_NOT_READY naming
 * what is unfinished, REASON_REQUIRED.
 */
export async function setPeriodState(
  sql: Sql,
  companyId: string,
  { day, state }: { day: string; state: Exclude<PeriodState, 'closed'> },
  act: Act,
): Promise<Period> {
  return sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    const { period, year } = await periodAt(tx, companyId, day);
    if (period.state === state) return period;
    const name = `the period from ${period.startsOn} to ${period.endsOn}`;
    if (year.state !== 'open') {
      const message = `Fiscal year ${year.label} is ${year.state}; reopen it before ${name} changes.`;
      throw new DomainError('PERIOD_CLOSED', message, year.label);
    }
    if (STRICTNESS[state] < STRICTNESS[period.state]) await refuseOpening(tx, companyId, period, act);
    if (state === 'locked') await refuseUnfinished(tx, companyId, period, act);
    await tx`update periods set state = ${state} where company_id = ${companyId} and starts_on = ${period.startsOn}`;
    const change = { kind: 'period' as const, subject: period.startsOn, before: period.state, after: state };
    await noteChange(tx, companyId, change, act);
    return { ...period, state };
  });
}

async function periodAt(tx: Tx, companyId: string, day: string) {
  const { years } = await calendarOf(tx, companyId);
  for (const year of years) {
    const period = year.periods.find((each) => each.startsOn <= day && day <= each.endsOn);
    if (period) return { period, year };
  }
  const message = `The company has no period for ${day}. Create its fiscal year first.`;
  throw new DomainError('PERIOD_CLOSED', message, day);
}

async function refuseOpening(tx: Tx, companyId: string, { startsOn, endsOn }: Period, act: Act): Promise<void> {
  if (!act.reason)
    throw new DomainError('REASON_REQUIRED', `Say why the period from ${startsOn} is to be opened.`, startsOn);
  const { hard } = await locksOf(tx, companyId);
  if (hard === null || hard < endsOn) return;
  const message = `The period from ${startsOn} to ${endsOn} lies behind the hard lock date ${hard}, which is never moved back.`;
  throw new DomainError('PERIOD_CLOSED', message, startsOn);
}

async function refuseUnfinished(
  tx: Tx,
  companyId: string,
  span: { startsOn: string; endsOn: string },
  act: Act,
  asked?: readonly Problem['check'][],
): Promise<void> {
  const found = await problemsBefore(tx, companyId, span);
  const problems = asked ? found.filter(({ check }) => asked.includes(check)) : found;
  const decisive = act.reason ? problems.filter(({ blocks }) => blocks) : problems;
  if (decisive.length === 0) return;
  const way = decisive.some(({ blocks }) => blocks)
    ? 'Settle it first.'
    : 'Settle it, or lock all the same with a reason.';
  const said = decisive.map(({ message }) => message).join(' ');
  throw new DomainError('PERIOD_NOT_READY', `${span.endsOn} cannot be locked yet: ${said} ${way}`, span.startsOn);
}

/**
 * Sets a lock date, or takes it off with null (accounting.md G2). Those for everything ask the check list as locking a
 * period does, those for sales and tax whether daily summaries are posted. Moving one back needs a reason; the hard one
 * never moves back. Answers all lock dates.
 *
 * Throws REASON_REQUIRED, PERIOD_NOT_READY, and PERIOD_CLOSED for a hard lock date that would move back.
 */
export async function setLockDate(
  sql: Sql,
  companyId: string,
  lock: { kind: LockKind; day: string | null },
  act: Act,
): Promise<LockDates> {
  return sql.begin((tx) => moveLockDate(tx, companyId, lock, act));
}

/** Sets a lock date like `setLockDate` does, inside the caller's transaction. */
export async function moveLockDate(
  tx: Tx,
  companyId: string,
  { kind, day }: { kind: LockKind; day: string | null },
  act: Act,
): Promise<LockDates> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const before = (await locksOf(tx, companyId))[kind];
  const isBack = before !== null && (day === null || day < before);
  if (isBack && kind === 'hard') {
    throw new DomainError('PERIOD_CLOSED', `The hard lock date is ${before} and only moves forward.`, before);
  }
  if (isBack && !act.reason) {
    throw new DomainError('REASON_REQUIRED', `Say why the lock date for ${kind} moves back from ${before}.`, kind);
  }
  if (!isBack && day !== null) {
    const asked = kind === 'everything' || kind === 'hard' ? undefined : PARTLY[kind];
    await refuseUnfinished(tx, companyId, { startsOn: day, endsOn: day }, act, asked);
  }
  await tx`
    insert into lock_dates ${tx({ company_id: companyId, [kind]: day })}
    on conflict (company_id) do update set ${tx({ [kind]: day })}`;
  if (before !== day) await noteChange(tx, companyId, { kind: 'lock_date', subject: kind, before, after: day }, act);
  return locksOf(tx, companyId);
}

/** The check list before a lock, for the days up to the last one of the period of `day` (accounting.md G2). */
export async function checkBeforeLock(sql: Sql, companyId: string, day: string): Promise<Problem[]> {
  return sql.begin(async (tx) => {
    const { period } = await periodAt(tx, companyId, day);
    return problemsBefore(tx, companyId, period);
  });
}
