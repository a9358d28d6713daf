/** How a report can be written. */
export type Format = 'table' | 'json' | 'csv';

/** Days a report is about, both included, YYYY-MM-DD; null = from the beginning. */
export interface Range {
  from: string | null;
  to: string;
}

/** Pieces of text to be written one after the other; at the end what does not hold in the books, or null. */
export type Printed = AsyncGenerator<string, string | null>;

/** One line of CSV after RFC 4180. */
export function csvLine(fields: readonly string[]): string {
  const quoted = fields.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
  return `${quoted.join(',')}\r\n`;
}
