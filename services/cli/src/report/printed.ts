import { type EntryType, formatMinor } from '@daybook/domain';
import { csvLine } from '@daybook/ledger/exports/csv';
import type { Scope } from '@daybook/ledger/reports';
import type { Queryable } from '@daybook/platform/db';
import type { CompanyRow } from '../database.ts';
import { drawTable } from '../table.ts';
import { json } from '../terminal.ts';

export { csvLine };

/** How a report can be written. */
export type Format = 'table' | 'json' | 'csv';

/** Days a report is about, both included, YYYY-MM-DD (null = from the beginning), and what it is narrowed to. */
export interface Range extends Scope {
  from: string | null;
  /** Only this account, in the general ledger and among the lines of a figure. */
  account?: string | undefined;
  /** Subtotals of the invoice ledger. */
  groupedBy?: 'account' | 'name' | undefined;
  /** Whose lines are listed: a report, a figure of it, a card or order. */
  of?: string | undefined;
  figure?: string | undefined;
  document?: string | undefined;
  /** Only entries of this type, in the journal. */
  entryType?: EntryType | undefined;
  /** Number of the company at the tax office, in the XML of a tax return. */
  taxNumber?: string | undefined;
  /** The whole chart, in the trial balance. */
  zeros?: boolean | undefined;
}

/** Pieces of text to be written one after the other; at the end what does not hold in the books, or null. */
export type Printed = AsyncGenerator<string, string | null>;

/** Writes a report of a company. */
export type Print = (sql: Queryable, company: CompanyRow, range: Range, format: Format) => Printed;

/** A report as rows of text; columns named by index are amounts. */
export interface Sheet {
  title: string;
  head: string[];
  rows: string[][];
  amounts: number[];
  /** Whether it is about the end of the last day only. */
  isBalance?: boolean;
  /** What does not hold in the books, in words. */
  difference?: string | null;
}

/** How a report that fits into memory is read and laid out. */
export interface Layout<Report extends { currency: string }> {
  load(sql: Queryable, companyId: string, range: Range): Promise<Report>;
  /** `show` writes minor units of the company's currency, or of another. */
  sheet(report: Report, show: (minor: bigint, currency?: string) => string): Sheet;
}

/** Prints such a report: as it is in JSON, its sheet otherwise. */
export function printSheet<Report extends { currency: string }>({ load, sheet }: Layout<Report>): Print {
  return async function* (sql, company, range, format) {
    const report = await load(sql, company.id, range);
    const shown = sheet(report, (minor, currency = report.currency) => formatMinor(minor, currency));
    if (format === 'json') yield json({ company: company.slug, ...report });
    else if (format === 'csv') yield [shown.head, ...shown.rows].map(csvLine).join('');
    else
      yield `${titleOf(company, shown.isBalance ? { ...range, from: null } : range, shown.title)}\n${drawTable(shown.head, shown.rows, shown.amounts)}`;
    return shown.difference ? `${company.slug}: ${shown.difference}` : null;
  };
}

/** Whose report of which days it is, in one line. */
export function titleOf({ name, currency }: CompanyRow, { from, to, channel }: Range, title: string): string {
  const days = `${from === null ? 'up to' : `${from} to`} ${to}`;
  return `${name}: ${title} ${days}, in ${currency}${channel ? `, channel ${channel} only` : ''}`;
}
