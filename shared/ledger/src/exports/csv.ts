import { formatMinor } from '@daybook/domain';
import type { JournalEntryRow } from '../reports.ts';
import type { JournalFormat } from './book.ts';

const HEAD = [
  'entry_number',
  'date',
  'entry_type',
  'source_key',
  'account',
  'name',
  'debit',
  'credit',
  'currency',
  'transaction_amount',
  'tax_code',
  'party',
  'document',
  'channel',
];

/** The journal as CSV (accounting.md I): RFC 4180, UTF-8, a row per line, decimals with a point and all digits. */
export const csv: JournalFormat = {
  head: () => csvLine(HEAD),
  entry(entry, { currency }) {
    const text = entry.lines.map((line) => csvLine(fieldsOf(entry, line, currency))).join('');
    const moved = entry.lines.map(({ account, debit, credit }) => ({ account, amount: debit - credit }));
    return { text, moved };
  },
  foot: () => '',
};

/** One line of CSV after RFC 4180. */
export function csvLine(fields: readonly string[]): string {
  const quoted = fields.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
  return `${quoted.join(',')}\r\n`;
}

function fieldsOf(entry: JournalEntryRow, line: JournalEntryRow['lines'][number], home: string): string[] {
  return [
    `${entry.fiscalYear}/${entry.number}`,
    entry.postingDate,
    entry.entryType,
    entry.sourceKey,
    line.account,
    line.name,
    formatMinor(line.debit, home),
    formatMinor(line.credit, home),
    line.currency,
    formatMinor(line.debit > 0n ? line.amountTc : -line.amountTc, line.currency),
    line.taxCode ?? '',
    line.party ?? '',
    line.document ?? '',
    entry.channel ?? '',
  ];
}
