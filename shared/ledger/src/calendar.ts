import { DomainError, dayAfter, type Span } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';

/** A fiscal year: both days inside it, YYYY-MM-DD, and the name its journal numbers are told by ("2026", "FY26"). */
export interface FiscalYear extends Span {
  label: string;
}

/** Beyond this a date is taken for a mistake rather than for history. */
const MOST_YEARS = 30;

/**
 * Makes sure the company has a fiscal year for the date, adding twelve-month years before the first or after the last
 * one until it is reached, each divided into months (accounting.md G1). Nothing is added before a period that is no
 * longer open, or before opening balances, which hold what came before them: late facts go into the first open period
 * (G6). Throws PERIOD_CLOSED for a date more than 30 years away.
 */
export async function ensureFiscalYears(tx: Tx, companyId: string, date: string): Promise<void> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const years = await yearsOf(tx, companyId);
  const [first] = years;
  const last = years.at(-1);
  const add = (spans: Span[]) =>
    insertYears(
      tx,
      companyId,
      spans.map((span) => named(span, years)),
    );
  if (!first || !last) return add([calendarYear(date)]);
  if (date > last.endsOn) return add(following(last, date));
  if (date >= first.startsOn || !(await mayPrecede(tx, companyId, first.startsOn))) return;
  return add(preceding(first, date));
}

async function mayPrecede(tx: Tx, companyId: string, startsOn: string): Promise<boolean> {
  const rows = await tx`
    select 1 from periods where company_id = ${companyId} and starts_on = ${startsOn} and state = 'open'
      and not exists (select from journal_entries e where e.company_id = ${companyId} and e.entry_type = 'OPN')`;
  return rows.length === 1;
}

/**
 * Adds a fiscal year of any days, at most 18 months, divided into calendar months (accounting.md G1). It has to follow
 * or precede the years there are without a gap. Throws FISCAL_YEAR_INVALID saying what does not fit.
 */
export async function createFiscalYear(tx: Tx, companyId: string, year: FiscalYear): Promise<void> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const years = await yearsOf(tx, companyId);
  const problem = problemOf(year) ?? problemBeside(year, years);
  if (problem !== undefined) {
    const { label, startsOn, endsOn } = year;
    const message = `Fiscal year ${label}, ${startsOn} to ${endsOn}, ${problem}.`;
    throw new DomainError('FISCAL_YEAR_INVALID', message, label);
  }
  await insertYears(tx, companyId, [year]);
}

/** What makes these days no fiscal year, in words that go on after its name; undefined when they are one. */
export function problemOf({ label, startsOn, endsOn }: FiscalYear): string | undefined {
  if (label.trim() === '') return 'needs a name';
  if (endsOn <= startsOn) return 'ends before it has begun; it has two days at least';
  const longest = shift(shift(startsOn, { months: 18 }), { days: -1 });
  return endsOn > longest ? `is longer than 18 months; let it end on ${longest} at the latest` : undefined;
}

function problemBeside(year: FiscalYear, years: readonly FiscalYear[]): string | undefined {
  const [first, last] = [years[0], years.at(-1)];
  if (!first || !last) return undefined;
  if (years.some((each) => each.label === year.label)) return 'has the name of another year';
  const after = dayAfter(last.endsOn);
  const before = shift(first.startsOn, { days: -1 });
  if (year.startsOn === after || year.endsOn === before) return undefined;
  return `overlaps the years there are or leaves days out; start on ${after}, or end on ${before}`;
}

async function yearsOf(tx: Tx, companyId: string): Promise<FiscalYear[]> {
  return tx<FiscalYear[]>`
    select label, starts_on as "startsOn", ends_on as "endsOn" from fiscal_years where company_id = ${companyId}
    order by starts_on`;
}

/** With its usual name, or its days where another year has been given that name. */
function named(span: Span, years: readonly FiscalYear[]): FiscalYear {
  const label = labelOf(span);
  const taken = years.some((year) => year.label === label);
  return { ...span, label: taken ? `${span.startsOn} to ${span.endsOn}` : label };
}

async function insertYears(tx: Tx, companyId: string, years: FiscalYear[]): Promise<void> {
  const rows = years.map((year) => ({ company_id: companyId, label: year.label, ...columns(year) }));
  await tx`insert into fiscal_years ${tx(rows)}`;
  for (const { label, ...span } of years) await insertPeriods(tx, companyId, label, span);
}

/** Divides days of a fiscal year into calendar months. */
export async function insertPeriods(tx: Tx, companyId: string, label: string, span: Span): Promise<void> {
  const months = monthsOf(span).map((month) => ({ company_id: companyId, fiscal_year: label, ...columns(month) }));
  await tx`insert into periods ${tx(months)}`;
}

function columns(span: Span) {
  return { starts_on: span.startsOn, ends_on: span.endsOn };
}

function calendarYear(date: string): Span {
  const year = date.slice(0, 4);
  return { startsOn: `${year}-01-01`, endsOn: `${year}-12-31` };
}

function following(last: Span, date: string): Span[] {
  const added: Span[] = [];
  for (let at = last; at.endsOn < date; ) {
    const startsOn = dayAfter(at.endsOn);
    at = { startsOn, endsOn: shift(shift(startsOn, { months: 12 }), { days: -1 }) };
    added.push(at);
    refuseFar(added, date);
  }
  return added;
}

function preceding(first: Span, date: string): Span[] {
  const added: Span[] = [];
  for (let at = first; at.startsOn > date; ) {
    at = { startsOn: shift(at.startsOn, { months: -12 }), endsOn: shift(at.startsOn, { days: -1 }) };
    added.push(at);
    refuseFar(added, date);
  }
  return added;
}

function refuseFar(added: Span[], date: string): void {
  if (added.length <= MOST_YEARS) return;
  throw new DomainError(
    'PERIOD_CLOSED',
    `${date} is more than ${MOST_YEARS} years away from the company's books. Check the date of the fact.`,
    date,
  );
}

/** "2026" for a calendar year, "2026/27" for one that ends in another. */
function labelOf({ startsOn, endsOn }: Span): string {
  const [from, to] = [startsOn.slice(0, 4), endsOn.slice(0, 4)];
  return from === to ? from : `${from}/${to.slice(2)}`;
}

function monthsOf(year: Span): Span[] {
  const months: Span[] = [];
  for (let startsOn = year.startsOn; startsOn <= year.endsOn; ) {
    const next = `${shift(`${startsOn.slice(0, 7)}-01`, { months: 1 }).slice(0, 7)}-01`;
    const endsOn = shift(next, { days: -1 });
    const [earlier = endsOn] = [endsOn, year.endsOn].sort();
    months.push({ startsOn, endsOn: earlier });
    startsOn = next;
  }
  return months;
}

function shift(date: string, { months = 0, days = 0 }: { months?: number; days?: number }): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
