import {
  type ClosingBalance,
  type ClosingStep,
  closingOf,
  DomainError,
  dayAfter,
  localDate,
  type ResolvedEntry,
  reversalOf,
} from '@daybook/domain';
import type { Sql, Tx } from '@daybook/platform/db';
import { auxiliaryTargets } from './auxiliary-accounts.ts';
import { ensureFiscalYears } from './calendar.ts';
import { noteChange } from './calendar-changes.ts';
import { movedIn } from './closing-balances.ts';
import { problemsBefore } from './lock-checks.ts';
import { postEntries } from './post.ts';
import { postedEntries } from './posted-entries.ts';

/** Who does something to the calendar, when and why. */
export interface Act {
  by: string;
  reason?: string | undefined;
  now: Date;
}

/** A fiscal year with its state; `closings` counts how often it was closed. */
export interface YearRow {
  label: string;
  startsOn: string;
  endsOn: string;
  state: 'open' | 'closing' | 'closed' | 'reopening';
  closings: number;
}

/** How far a long closing is. */
export type Tell = (done: number, of: number, what: string) => void;

export interface Closed {
  label: string;
  outcome: 'closed' | 'was_closed';
  run: number;
  /** Entries of the closing, journal numbers by step; a step without lines has none. */
  entries: { step: ClosingStep; fiscalYear: string; number: number }[];
}

/**
 * Closes a fiscal year (accounting.md G3): CLS-1 to CLS-3 on its last day and the OPN of the next year, which is made
 * if it is not there. From the first step on nobody posts into the year; the entries come in one transaction, so a
 * closing that died is gone on with by closing again, and of two workers one does it. Closing what is closed changes
 * nothing.
 *
 * Throws YEAR_NOT_CLOSABLE saying what to do first, PERIOD_NOT_READY naming what the checks found (unless a reason
 * accepts it), and ACCOUNT_UNRESOLVED when no account takes the result.
 */
export async function closeYear(
  sql: Sql,
  companyId: string,
  label: string,
  act: Act,
  tell: Tell = () => undefined,
): Promise<Closed> {
  const year = await sql.begin((tx) => beginClosing(tx, companyId, label, act));
  if (year.state === 'closed') return { label, outcome: 'was_closed', run: year.closings, entries: [] };
  const balances = await balancesOf(sql, companyId, year, tell);
  return sql.begin((tx) => finishClosing(tx, companyId, year, balances, act));
}

async function beginClosing(tx: Tx, companyId: string, label: string, act: Act): Promise<YearRow> {
  const years = await lockedYears(tx, companyId);
  const year = yearNamed(years, label);
  if (year.state !== 'open') return year;
  await refuseUnready(tx, companyId, year, years, act);
  await ensureFiscalYears(tx, companyId, dayAfter(year.endsOn));
  await auxiliaryTargets(tx, companyId);
  await tx`
    update fiscal_years set state = 'closing', closings = closings + 1
    where company_id = ${companyId} and label = ${label}`;
  await noteChange(tx, companyId, { kind: 'year', subject: label, before: 'open', after: 'closing' }, act);
  return { ...year, state: 'closing', closings: year.closings + 1 };
}

async function refuseUnready(tx: Tx, companyId: string, year: YearRow, years: YearRow[], act: Act): Promise<void> {
  const refuse = (why: string) => {
    throw new DomainError('YEAR_NOT_CLOSABLE', `Fiscal year ${year.label} cannot be closed yet: ${why}`, year.label);
  };
  const before = years.findLast((each) => each.endsOn < year.startsOn);
  if (before && before.state !== 'closed') refuse(`close ${before.label} first.`);
  if (year.endsOn >= (await todayOf(tx, companyId, act.now))) refuse(`it ends on ${year.endsOn}.`);
  const open = await tx<{ startsOn: string; state: string }[]>`
    select starts_on as "startsOn", state from periods
    where company_id = ${companyId} and fiscal_year = ${year.label} and state <> 'locked' order by starts_on`;
  const [first] = open;
  if (first) refuse(`its period from ${first.startsOn} is ${first.state.replace('_', ' ')}; lock every period first.`);
  const problems = await problemsBefore(tx, companyId, year);
  if (problems.length === 0 || act.reason) return;
  throw new DomainError(
    'PERIOD_NOT_READY',
    `Fiscal year ${year.label} is not ready to be closed: ${problems.map(({ message }) => message).join(' ')} Settle it, ` +
      'or close all the same with a reason.',
    year.label,
  );
}

/** The date where the company is. */
async function todayOf(tx: Tx, companyId: string, now: Date): Promise<string> {
  const [company] = await tx<{ timeZone: string }[]>`
    select time_zone as "timeZone" from companies where id = ${companyId}`;
  return localDate(now.toISOString(), company?.timeZone ?? 'UTC');
}

/** Period by period, so that a long journal shows how far it is. The year takes no postings meanwhile. */
async function balancesOf(sql: Sql, companyId: string, year: YearRow, tell: Tell): Promise<ClosingBalance[]> {
  const periods = await sql<{ startsOn: string; endsOn: string }[]>`
    select starts_on as "startsOn", ends_on as "endsOn" from periods
    where company_id = ${companyId} and fiscal_year = ${year.label} order by starts_on`;
  const found = new Map<string, ClosingBalance>();
  for (const [done, period] of periods.entries()) {
    tell(done, periods.length, `${period.startsOn} to ${period.endsOn}`);
    for (const moved of await movedIn(sql, companyId, period, year.label)) {
      const key = `${moved.account} ${moved.currency}`;
      const before = found.get(key) ?? { ...moved, amount: 0n, amountTc: 0n };
      const [amount, amountTc] = [before.amount + moved.amount, before.amountTc + moved.amountTc];
      found.set(key, { ...moved, amount, amountTc });
    }
  }
  tell(periods.length, periods.length, 'closing entries');
  return [...found.values()];
}

async function finishClosing(
  tx: Tx,
  companyId: string,
  begun: YearRow,
  balances: ClosingBalance[],
  act: Act,
): Promise<Closed> {
  const year = yearNamed(await lockedYears(tx, companyId), begun.label);
  const { label, closings: run } = year;
  if (year.state !== 'closing') return { label, outcome: 'was_closed', run, entries: [] };
  const targets = await auxiliaryTargets(tx, companyId);
  const steps = closingOf({ ...year, run, ...targets }, balances);
  const entries = await postSteps(tx, companyId, { label, run, reversal: false }, steps, act.now);
  await tx`update periods set state = 'closed' where company_id = ${companyId} and fiscal_year = ${label}`;
  await tx`update fiscal_years set state = 'closed' where company_id = ${companyId} and label = ${label}`;
  await noteChange(tx, companyId, { kind: 'year', subject: label, before: 'closing', after: 'closed' }, act);
  return { label, outcome: 'closed', run, entries };
}

/**
 * Reopens the latest closed year (accounting.md G5): reverses its OPN, CLS-3, CLS-2 and CLS-1 by entries, and leaves
 * its periods locked. Throws REASON_REQUIRED and YEAR_NOT_REOPENABLE saying why.
 */
export async function reopenYear(sql: Sql, companyId: string, label: string, act: Act): Promise<Closed['entries']> {
  return sql.begin(async (tx) => {
    const years = await lockedYears(tx, companyId);
    const year = yearNamed(years, label);
    await refuseReopening(tx, companyId, year, years, act);
    await tx`update fiscal_years set state = 'reopening' where company_id = ${companyId} and label = ${label}`;
    const posted = await tx<{ step: ClosingStep; sourceKey: string }[]>`
      select c.step, e.source_key as "sourceKey" from closing_entries c join journal_entries e on e.id = c.entry_id
      where c.company_id = ${companyId} and c.fiscal_year = ${label} and c.run = ${year.closings} and not c.reversal
      order by e.sequence desc`;
    const originals = await postedEntries(
      tx,
      companyId,
      posted.map(({ sourceKey }) => sourceKey),
    );
    const steps = posted.map(({ step, sourceKey }): [ClosingStep, ResolvedEntry] => {
      const original = originals.find((entry) => entry.sourceKey === sourceKey) as ResolvedEntry;
      return [step, reversalOf(original, original.postingDate)];
    });
    const scope = { label, run: year.closings, reversal: true };
    const entries = await postSteps(tx, companyId, scope, steps, act.now);
    await tx`update periods set state = 'locked' where company_id = ${companyId} and fiscal_year = ${label}`;
    await tx`update fiscal_years set state = 'open' where company_id = ${companyId} and label = ${label}`;
    await noteChange(tx, companyId, { kind: 'year', subject: label, before: 'closed', after: 'open' }, act);
    return entries;
  });
}

async function refuseReopening(tx: Tx, companyId: string, year: YearRow, years: YearRow[], act: Act): Promise<void> {
  const refuse = (why: string) => {
    const message = `Fiscal year ${year.label} cannot be reopened: ${why}`;
    throw new DomainError('YEAR_NOT_REOPENABLE', message, year.label);
  };
  if (!act.reason) throw new DomainError('REASON_REQUIRED', `Say why fiscal year ${year.label} is to be reopened.`);
  if (year.state !== 'closed') refuse('it is not closed.');
  const later = years.find((each) => each.startsOn > year.endsOn && each.state !== 'open');
  if (later) refuse(`${later.label} is closed too, and only the latest closed year is reopened.`);
  const [locks] = await tx<{ hard: string | null; tax: string | null }[]>`
    select hard, tax from lock_dates where company_id = ${companyId}`;
  if (locks?.hard && locks.hard >= year.endsOn) refuse(`the hard lock date ${locks.hard} is never moved back.`);
  if (locks?.tax && locks.tax >= year.endsOn)
    refuse(
      `a tax return is filed up to ${locks.tax}; correct it in the open year, or move the lock date for tax first.`,
    );
}

async function postSteps(
  tx: Tx,
  companyId: string,
  { label, run, reversal }: { label: string; run: number; reversal: boolean },
  steps: [ClosingStep, ResolvedEntry][],
  now: Date,
): Promise<Closed['entries']> {
  const toPost = steps.map(([, entry]) => ({ entry, eventId: null }));
  const posted = await postEntries(tx, companyId, toPost, now);
  const rows = posted.map(({ id }, at) => ({
    entry_id: id,
    company_id: companyId,
    fiscal_year: label,
    run,
    step: (steps[at] as [ClosingStep, ResolvedEntry])[0],
    reversal,
  }));
  if (rows.length > 0) await tx`insert into closing_entries ${tx(rows)}`;
  return posted.map(({ fiscalYear, number }, at) => ({ step: rows[at]?.step as ClosingStep, fiscalYear, number }));
}

/** The company's years, oldest first, under the lock of its journal. */
async function lockedYears(tx: Tx, companyId: string): Promise<YearRow[]> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  return tx<YearRow[]>`
    select label, starts_on as "startsOn", ends_on as "endsOn", state, closings from fiscal_years
    where company_id = ${companyId} order by starts_on`;
}

function yearNamed(years: readonly YearRow[], label: string): YearRow {
  const year = years.find((each) => each.label === label);
  if (year) return year;
  const known = years.map((each) => each.label).join(', ');
  throw new DomainError('FISCAL_YEAR_INVALID', `There is no fiscal year ${label}; there is: ${known}.`, label);
}
