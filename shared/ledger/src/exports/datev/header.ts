import type { DatevSettings } from './settings.ts';

/** What the first line says beyond the settings (providers/datev.md 2). */
export interface HeaderFacts {
  category: 'bookings' | 'persons';
  /** YYYYMMDDHHMMSSmmm. */
  createdAt: string;
  /** First day of the fiscal year, YYYY-MM-DD. */
  yearStart: string;
  /** First and last day of the bookings, YYYY-MM-DD. */
  from: string;
  to: string;
  title: string;
  currency: string;
}

/** The first line of a file: 31 fields. */
export function headerLine(facts: HeaderFacts, settings: DatevSettings): string {
  const { category, createdAt, yearStart, from, to, title, currency } = facts;
  const isBookings = category === 'bookings';
  const about = isBookings ? ['21', '"Buchungsstapel"', `${settings.version}`] : ['16', '"Debitoren/Kreditoren"', '5'];
  const start = ['"EXTF"', '700', ...about, createdAt, '', '"RE"', '"Daybook"', '""'];
  const who = [settings.consultant, settings.client, compact(yearStart), `${settings.accountLength}`];
  const batch = isBookings
    ? [compact(from), compact(to), `"${title}"`, `"${settings.initials}"`, '1', '0', settings.locked ? '1' : '0']
    : ['', '', `"${title}"`, '""', '', '', ''];
  const end = [isBookings ? `"${currency}"` : '""', '', '""', '', '', `"${settings.chart}"`, '', '', '""', '""'];
  return `${[...start, ...who, ...batch, ...end].join(';')}\r\n`;
}

/** 2026-03-01 → 20260301. */
export function compact(date: string): string {
  return date.replaceAll('-', '');
}
