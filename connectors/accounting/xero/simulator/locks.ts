import type { Organisation } from './world.ts';

/** Posting on or before a locked day is refused. */
export function lockErrors(organisation: Organisation, date: string): string[] {
  const { yearEnd, period } = organisation.locks;
  if (yearEnd !== null && date <= yearEnd) return ['The document date cannot be before the end of year lock date'];
  if (period !== null && date <= period) return ['The document date cannot be before the period lock date'];
  return [];
}
