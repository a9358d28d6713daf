import { UsageError } from './terminal.ts';

/** Days that a command was given, YYYY-MM-DD, in order. Throws UsageError naming the option that is wrong. */
export function checkDates({ from, to }: { from?: string | undefined; to?: string | undefined }): void {
  for (const [option, date] of [
    ['--from', from],
    ['--to', to],
  ]) {
    if (date !== undefined && !isDate(date))
      throw new UsageError(`${option} "${date}" is not a day of the calendar; write YYYY-MM-DD, such as 2026-03-31`);
  }
  if (from !== undefined && to !== undefined && from > to)
    throw new UsageError(`--from ${from} is after --to ${to}; turn them round`);
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '0001-01-01') return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
