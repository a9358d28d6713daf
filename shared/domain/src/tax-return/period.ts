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
  const [first, last] =
    quarter === undefined ? [month ?? '01', month ?? '12'] : (QUARTERS[quarter] as [string, string]);
  return { startsOn: `${year}-${first}-01`, endsOn: lastDay(`${year}-${last}`) };
}

const QUARTERS: Readonly<Record<string, readonly [first: string, last: string]>> = {
  1: ['01', '03'],
  2: ['04', '06'],
  3: ['07', '09'],
  4: ['10', '12'],
};

function lastDay(month: string): string {
  return ['31', '30', '29', '28'].map((day) => `${month}-${day}`).find(isDay) as string;
}

function isDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false;
}

function checked(span: Span, text: string): Span {
  if (!isDay(span.startsOn) || !isDay(span.endsOn) || span.endsOn < span.startsOn) throw invalid(text);
  return span;
}

function invalid(text: string): DomainError {
  const message = `"${text}" is no period of a tax return; write 2026-03, 2026-Q1, 2026 or 2026-02-01..2026-04-30.`;
  return new DomainError('TAX_PERIOD_INVALID', message, text);
}
