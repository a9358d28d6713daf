import { DomainError } from '../domain-error.ts';
import type { Span } from '../open-days.ts';

/**
 * Days of a return's period: "2026-03" a month, "2026-Q1" a quarter, "2026" a calendar year, "2026-02-01..2026-04-30"
 * whatever days a tax office has set. Throws TAX_PERIOD_INVALID.
 */
export function taxPeriod(text: string): Span {
  const days = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text);
  if (days) return checked({ startsOn: days[1] as string, endsOn: days[2] as string }, text);
  const [, year = '', quarter, month] = /^(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?$/.exec(text) ?? [];
  if (year === '') throw invalid(text);
  if (quarter !== undefined) return months(year, Number(quarter) * 3 - 2, 3);
  return month === undefined ? months(year, 1, 12) : months(year, Number(month), 1);
}

function months(year: string, first: number, count: number): Span {
  const at = (month: number, day: number) =>
    new Date(Date.UTC(Number(year), month - 1, day)).toISOString().slice(0, 10);
  return { startsOn: at(first, 1), endsOn: at(first + count, 0) };
}

function checked(span: Span, text: string): Span {
  const isDay = (day: string) => new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false;
  if (!isDay(span.startsOn) || !isDay(span.endsOn) || span.endsOn < span.startsOn) throw invalid(text);
  return span;
}

function invalid(text: string): DomainError {
  const message = `"${text}" is no period of a tax return; write 2026-03, 2026-Q1, 2026 or 2026-02-01..2026-04-30.`;
  return new DomainError('TAX_PERIOD_INVALID', message, text);
}
