/** Xero's own names of time zones, by IANA name. */
const ZONES: Readonly<Record<string, string>> = {
  'Europe/London': 'GMTSTANDARDTIME',
  'America/New_York': 'EASTERNSTANDARDTIME',
  'America/Chicago': 'CENTRALSTANDARDTIME',
  'America/Los_Angeles': 'PACIFICSTANDARDTIME',
  'Europe/Berlin': 'WEUROPESTANDARDTIME',
  UTC: 'UTC',
};

/** Xero's constant for an IANA time zone: the Windows zone name in capitals, without spaces or dots. */
export function xeroZone(timeZone: string): string {
  return ZONES[timeZone] ?? 'UTC';
}

/** `/Date(1776988800000+0000)/` for an instant in milliseconds or a calendar date. */
export function msDate(when: number | string): string {
  return `/Date(${typeof when === 'number' ? when : Date.parse(`${when}T00:00:00Z`)}+0000)/`;
}

/** `2026-04-24T00:00:00`. */
export function dateString(date: string): string {
  return `${date}T00:00:00`;
}

/** Calendar date from a request (YYYY-MM-DD, with or without a time), or null when it is none. */
export function parseDate(value: unknown): string | null {
  const match = typeof value === 'string' ? /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(value) : null;
  if (!match) return null;
  const date = match[1]!;
  const instant = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(date) ? date : null;
}

/** Today in the organisation's time zone. */
export function today(now: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
}

/** `2026-04-20T11:47:10.3360000`, as /connections writes instants: seven decimals, no zone. */
export function connectionInstant(when: number): string {
  return `${new Date(when).toISOString().slice(0, -1)}0000`;
}
