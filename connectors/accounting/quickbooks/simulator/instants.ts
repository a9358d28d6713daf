const PACIFIC = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'longOffset',
});

/** QuickBooks writes every instant in Pacific time, wherever the company is: `2026-05-05T02:08:55-07:00`. */
export function pacific(when: number): string {
  const part = partsOf(when);
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}${offsetOf(part)}`;
}

/** The `time` of an answer: as `pacific`, with milliseconds. */
export function pacificTime(when: number): string {
  const text = pacific(when);
  return `${text.slice(0, 19)}.${String(when % 1000).padStart(3, '0')}${text.slice(19)}`;
}

/** The server's day, which is a document's date when it says none. */
export function today(when: number): string {
  return pacific(when).slice(0, 10);
}

/** Milliseconds of an instant as queries and cdc write it; a day, or an instant without a zone, is Pacific. */
export function parseInstant(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text.trim());
  if (!match) return null;
  const [, day, time = '00:00:00', zone] = match;
  const guess = Date.parse(`${day}T${time}${zone ?? 'Z'}`);
  if (Number.isNaN(guess)) return null;
  return zone === undefined ? Date.parse(`${day}T${time}${offsetOf(partsOf(guess))}`) : guess;
}

/** Whether the text is a calendar date, YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

function partsOf(when: number): Record<string, string> {
  return Object.fromEntries(PACIFIC.formatToParts(when).map(({ type, value }) => [type, value]));
}

function offsetOf(part: Record<string, string>): string {
  return (part.timeZoneName ?? 'GMT-08:00').slice('GMT'.length);
}
