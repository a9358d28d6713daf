import { formatMinor } from '@daybook/domain';
import { journal, trialBalance } from '@daybook/ledger/reports';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { type CompanyRow, companiesNamed, withDatabase } from '../database.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  company: string;
  from?: string;
  to?: string;
  format: string;
  json?: boolean;
}

const NAMES = ['trial-balance', 'journal'];
const FORMATS = ['table', 'json', 'csv'];

/** `daybook report`: the books, on the terminal, as CSV or JSON. */
export function registerReport(root: Command, terminal: Terminal): void {
  root
    .command('report')
    .description('print a report of the books')
    .argument('<name>', `one of: ${NAMES.join(', ')}`)
    .requiredOption('--company <slug>', 'whose books')
    .option('--from <date>', 'first day, YYYY-MM-DD')
    .option('--to <date>', 'last day, YYYY-MM-DD; today without it')
    .option('--format <format>', `one of: ${FORMATS.join(', ')}`, 'table')
    .option('--json', 'short for --format json')
    .action(async (name: string, options: Options) => {
      check(name, options);
      terminal.out(
        await withDatabase(terminal, async (database) => {
          const [company] = await companiesNamed(database, options.company);
          return render(
            await rowsOf(name, database.sql, company as CompanyRow, options),
            options.json ? 'json' : options.format,
          );
        }),
      );
    });
}

function check(name: string, options: Options): void {
  if (!NAMES.includes(name)) throw new UsageError(`unknown report "${name}"; there is: ${NAMES.join(', ')}`);
  if (!FORMATS.includes(options.format))
    throw new UsageError(`unknown format "${options.format}"; there is: ${FORMATS.join(', ')}`);
  for (const date of [options.from, options.to]) {
    if (date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(date))
      throw new UsageError(`"${date}" is not a date; write YYYY-MM-DD`);
  }
}

interface Rendered {
  report: unknown;
  head: string[];
  rows: string[][];
}

async function rowsOf(
  name: string,
  sql: Parameters<typeof trialBalance>[0],
  company: CompanyRow,
  options: Options,
): Promise<Rendered> {
  const range = { from: options.from, to: options.to ?? '9999-12-31' };
  return name === 'trial-balance' ? trialBalanceRows(sql, company, range) : journalRows(sql, company, range);
}

async function trialBalanceRows(
  sql: Parameters<typeof trialBalance>[0],
  company: CompanyRow,
  range: { from?: string | undefined; to: string },
): Promise<Rendered> {
  const report = await trialBalance(sql, company.id, range);
  const show = (minor: bigint) => formatMinor(minor, company.currency);
  const rows = report.rows.map((row) => [
    row.account,
    row.name,
    show(row.opening),
    show(row.debit),
    show(row.credit),
    show(row.closing),
  ]);
  const total = ['', 'Total', '', show(report.totals.debit), show(report.totals.credit), show(report.totals.closing)];
  return { report, head: ['Account', 'Name', 'Opening', 'Debit', 'Credit', 'Closing'], rows: [...rows, total] };
}

async function journalRows(
  sql: Parameters<typeof journal>[0],
  company: CompanyRow,
  range: { from?: string | undefined; to: string },
): Promise<Rendered> {
  const report = await journal(sql, company.id, range);
  const show = (minor: bigint) => (minor === 0n ? '' : formatMinor(minor, company.currency));
  const rows = report.entries.flatMap((entry) =>
    entry.lines.map((line) => [
      `${entry.fiscalYear}/${entry.number}`,
      entry.postingDate,
      entry.entryType,
      line.account,
      line.name,
      show(line.debit),
      show(line.credit),
      line.taxCode ?? '',
      entry.sourceKey,
    ]),
  );
  return { report, head: ['Number', 'Date', 'Type', 'Account', 'Name', 'Debit', 'Credit', 'Tax', 'Source'], rows };
}

function render({ report, head, rows }: Rendered, format: string): string {
  if (format === 'json') return json(report);
  if (format === 'csv')
    return [head, ...rows]
      .map((row) => row.map(csvField).join(','))
      .join('\r\n')
      .concat('\r\n');
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  return `${table.toString()}\n`;
}

/** RFC 4180. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
