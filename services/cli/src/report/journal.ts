import { formatMinor } from '@daybook/domain';
import { type Journal, type JournalEntryRow, type JournalLineRow, journal } from '@daybook/ledger/reports';
import type { Queryable } from '@daybook/platform/db';
import type { CompanyRow } from '../database.ts';
import { json } from '../terminal.ts';
import { csvLine, type Format, type Printed, type Range } from './printed.ts';

/** Entries read at once: some ten megabytes, whatever the length of the journal. */
const PAGE = 2_000;

interface Totals {
  entries: number;
  debits: bigint;
  credits: bigint;
}

/** How one format writes the beginning, an entry (first or later) and the end. */
interface Writer {
  head(): string;
  entry(entry: JournalEntryRow, isFirst: boolean): string;
  foot(totals: Totals, gaps: Journal['gaps']): string;
}

/** The journal (accounting.md H3) in the order it was recorded, page by page. */
export async function* printJournal(sql: Queryable, company: CompanyRow, range: Range, format: Format): Printed {
  const writer = WRITERS[format](company, range);
  const totals: Totals = { entries: 0, debits: 0n, credits: 0n };
  let gaps: Journal['gaps'] = [];
  let afterSequence = 0n;
  yield writer.head();
  for (;;) {
    const page = await journal(sql, company.id, { ...range, afterSequence, limit: PAGE });
    gaps = page.gaps;
    const text = page.entries.map((entry, index) => writer.entry(entry, totals.entries + index === 0));
    totals.entries += page.totals.entries;
    totals.debits += page.totals.debits;
    totals.credits += page.totals.credits;
    if (text.length > 0) yield text.join('');
    afterSequence = page.entries.at(-1)?.sequence ?? afterSequence;
    if (page.entries.length < PAGE) break;
  }
  yield writer.foot(totals, gaps);
  return differenceOf(company, totals, gaps);
}

function differenceOf(company: CompanyRow, totals: Totals, gaps: Journal['gaps']): string | null {
  if (totals.debits !== totals.credits) {
    const shown = formatMinor(totals.debits - totals.credits, company.currency);
    return `debits and credits of ${company.slug} differ by ${company.currency} ${shown}`;
  }
  const gap = gaps.find(({ firstMissing }) => firstMissing !== null);
  return gap ? `number ${gap.fiscalYear}/${gap.firstMissing} is missing in the journal of ${company.slug}` : null;
}

const WRITERS: Readonly<Record<Format, (company: CompanyRow, range: Range) => Writer>> = {
  json: (company, { from, to }) => ({
    head: () =>
      `{"company":${JSON.stringify(company.slug)},"currency":"${company.currency}","from":${JSON.stringify(from)},"to":"${to}","entries":[\n`,
    entry: (entry, isFirst) => `${isFirst ? '' : ',\n'}${json(entry).trimEnd()}`,
    foot: (totals, gaps) => `\n],"totals":${json(totals).trimEnd()},"gaps":${json(gaps).trimEnd()}}\n`,
  }),
  csv: ({ currency }) => ({
    head: () => csvLine(CSV_HEAD),
    entry: (entry) => entry.lines.map((line) => csvLine(csvFields(entry, line, currency))).join(''),
    foot: ({ debits, credits }) => {
      const row: string[] = CSV_HEAD.map(() => '');
      row[0] = 'Total';
      row[CSV_HEAD.indexOf('Debit')] = formatMinor(debits, currency);
      row[CSV_HEAD.indexOf('Credit')] = formatMinor(credits, currency);
      return csvLine(row);
    },
  }),
  table: (company, range) => ({
    head: () =>
      `${company.name}: journal ${range.from ?? 'from the beginning'} to ${range.to}, in ${company.currency}\n`,
    entry: (entry) => block(entry, company.currency),
    foot: ({ entries, debits, credits }, gaps) => {
      const lines = gaps.map(({ fiscalYear, entries: count, firstMissing }) =>
        firstMissing === null
          ? `${fiscalYear}: numbers 1 to ${count}, none missing\n`
          : `${fiscalYear}: number ${firstMissing} IS MISSING\n`,
      );
      const total = row('Total', `${entries} entries`, debits, credits, company.currency);
      return `\n${total}\n\n${lines.join('')}`;
    },
  }),
};

const CSV_HEAD = [
  'Number',
  'Date',
  'Tax point',
  'Type',
  'Account',
  'Name',
  'Debit',
  'Credit',
  'Currency',
  'Amount in currency',
  'Role',
  'Tax code',
  'Party',
  'Document',
  'Reverses',
  'Source',
  'Memo',
];

function csvFields(entry: JournalEntryRow, line: JournalLineRow, currency: string): string[] {
  return [
    `${entry.fiscalYear}/${entry.number}`,
    entry.postingDate,
    entry.taxPoint,
    entry.entryType,
    line.account,
    line.name,
    amount(line.debit, currency),
    amount(line.credit, currency),
    line.currency,
    formatMinor(line.amountTc, line.currency),
    line.role,
    line.taxCode ?? '',
    line.party ?? '',
    line.document ?? '',
    entry.reverses ?? '',
    entry.sourceKey,
    entry.memo,
  ];
}

/** An entry for a person: its head, then a line per account. */
function block(entry: JournalEntryRow, currency: string): string {
  const marks = [entry.reverses && `reverses ${entry.reverses}`, entry.reversedBy && `reversed by ${entry.reversedBy}`];
  const head = [`${entry.fiscalYear}/${entry.number}`, entry.postingDate, entry.entryType, entry.memo, ...marks];
  const lines = entry.lines.map((line) =>
    row(line.account, line.name, line.debit, line.credit, currency, line.taxCode ?? ''),
  );
  return `\n${head.filter(Boolean).join('  ')}\n${lines.join('\n')}\n`;
}

function row(account: string, name: string, debit: bigint, credit: bigint, currency: string, tax = ''): string {
  const sides = [debit, credit].map((minor) => amount(minor, currency).padStart(15));
  return `    ${account.padEnd(10)} ${name.padEnd(36)} ${sides.join(' ')}  ${tax}`.trimEnd();
}

function amount(minor: bigint, currency: string): string {
  return minor === 0n ? '' : formatMinor(minor, currency);
}
