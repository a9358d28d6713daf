import { ENTRY_TYPES, type EntryType, localDate } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import type { Command } from 'commander';
import { type CompanyRow, companyNamed, withDatabase } from '../database.ts';
import { checkDates } from '../dates.ts';
import { printBankReconciliation } from '../report/bank-reconciliation.ts';
import { printClearing, printSalesByChannel } from '../report/by-channel.ts';
import { printCashBook } from '../report/cash-book.ts';
import { printGeneralLedger } from '../report/general-ledger.ts';
import { printAged, printItems, printOverdue } from '../report/invoices.ts';
import { printJournal } from '../report/journal.ts';
import { printLines } from '../report/lines.ts';
import type { Format, Print, Printed, Range } from '../report/printed.ts';
import { printRegister } from '../report/registers.ts';
import { printBalanceSheet, printCashFlow, printIncomeStatement } from '../report/statements.ts';
import { printStockFindings, printStockMovements, printValuation } from '../report/stock.ts';
import { OFFICIAL_FORMATS, printOfficial, printOss, printTaxReturn } from '../report/tax-return.ts';
import { printTrialBalance } from '../report/trial-balance.ts';
import { FoundError, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  company: string;
  from?: string;
  to?: string;
  channel?: string;
  account?: string;
  type?: string;
  by?: 'account' | 'name';
  of?: string;
  figure?: string;
  document?: string;
  taxNumber?: string;
  zeros?: boolean;
  afterClosing?: boolean;
  format?: string;
  json?: boolean;
}

const REPORTS: Readonly<Record<string, Print>> = {
  'trial-balance': printTrialBalance,
  journal: printJournal,
  'general-ledger': printGeneralLedger,
  'income-statement': printIncomeStatement,
  'balance-sheet': printBalanceSheet,
  'cash-flow': printCashFlow,
  'sales-by-channel': printSalesByChannel,
  'clearing-statement': printClearing,
  'bank-reconciliation': printBankReconciliation,
  'cash-book': printCashBook,
  'gift-cards': printRegister('gift-cards'),
  'store-credit': printRegister('store-credit'),
  'stored-value': printRegister('stored-value'),
  deposits: printRegister('deposits'),
  'inventory-valuation': printValuation,
  'stock-movements': printStockMovements,
  'stock-findings': printStockFindings,
  lines: printLines,
  'open-items': printItems('open', { title: 'open items' }),
  'open-payments': printItems('open', { title: 'open items with their payments', parts: true }),
  invoices: printItems('invoices', { title: 'invoices' }),
  payments: printItems('payments', { title: 'payments', parts: true }),
  'aged-receivables': printAged('receivable'),
  'aged-payables': printAged('payable'),
  overdue: printOverdue,
  'tax-return': printTaxReturn,
  oss: printOss,
};
const FORMATS: readonly Format[] = ['table', 'json', 'csv'];

/** `daybook report`: the books, on the terminal, as CSV or JSON. */
export function registerReport(root: Command, terminal: Terminal): void {
  root
    .command('report')
    .description('print a report of the books')
    .argument('<name>', `one of: ${Object.keys(REPORTS).join(', ')}`)
    .requiredOption('--company <slug>', 'whose books')
    .option('--from <date>', 'first day, YYYY-MM-DD; earlier entries make the opening balance')
    .option('--to <date>', 'last day, YYYY-MM-DD; everything booked without it')
    .option('--channel <channel>', 'only entries of this channel')
    .option('--account <code>', 'only this account, in the general ledger and the invoice ledger')
    .option('--by <grouping>', 'invoice ledger: subtotals by account (without it) or by name')
    .option('--type <type>', `only entries of this type, in the journal: ${ENTRY_TYPES.join(', ')}`)
    .option('--of <report>', 'whose figure, in lines')
    .option('--figure <figure>', 'which figure, in lines, as JSON calls it: netSales, revenue, customers, used …')
    .option('--document <document>', 'only this card or order, in lines of a register')
    .option('--zeros', 'accounts without any line too, in the trial balance')
    .option('--after-closing', 'a closed year after its result was transferred; before that without it')
    .option('--tax-number <number>', 'number at the tax office, in the XML of a tax return')
    .option(
      '--format <format>',
      `one of: ${FORMATS.join(', ')}; table without it; tax-return: ${OFFICIAL_FORMATS.join(', ')}`,
    )
    .option('--json', 'short for --format json')
    .addHelpText(
      'after',
      '\nAmounts are in major units with a point ("12.50") in tables and CSV, in minor units (1250) in JSON.\n' +
        'Exit code 1 when debits and credits differ, or a number of the journal is missing.',
    )
    .action(async (name: string, options: Options) => {
      const official = OFFICIAL_FORMATS.find((each) => each === options.format);
      const print = official && name === 'tax-return' ? printOfficial(official) : REPORTS[name];
      if (!print) throw new UsageError(`there is no report "${name}"; there is: ${Object.keys(REPORTS).join(', ')}`);
      const format = official && name === 'tax-return' ? 'table' : formatOf(options);
      checkOptions(options);
      const difference = await withDatabase(terminal, (database) =>
        database.sql.begin('isolation level repeatable read read only', async (tx: Tx) => {
          const company = await companyNamed({ sql: tx }, options.company);
          return write(print(tx, company, await rangeOf(tx, company, options), format), terminal);
        }),
      );
      if (difference !== null) throw new FoundError(`daybook: ${difference}`);
    });
}

async function rangeOf(sql: Queryable, company: CompanyRow, options: Options): Promise<Range> {
  const { channel, account, zeros, of, figure, document } = options;
  return {
    from: options.from ?? null,
    to: options.to ?? (await lastDay(sql, company)),
    channel,
    account,
    zeros,
    of,
    figure,
    document,
    groupedBy: options.by,
    taxNumber: options.taxNumber,
    entryType: options.type as EntryType | undefined,
    closing: options.afterClosing ? 'after' : 'before',
  };
}

/** Writes piece by piece, so that a long report needs little memory; stops when nobody reads any more. */
async function write(printed: Printed, terminal: Terminal): Promise<string | null> {
  for (;;) {
    const { value, done } = await printed.next();
    if (done) return value;
    if (terminal.closed()) return null;
    terminal.out(value);
  }
}

function formatOf({ format, json }: Options): Format {
  const found = FORMATS.find((each) => each === format);
  if (format !== undefined && found === undefined)
    throw new UsageError(`there is no format "${format}"; there is: ${FORMATS.join(', ')}`);
  if (json && found !== undefined && found !== 'json')
    throw new UsageError(`--json and --format ${found} contradict each other; give one of them`);
  return json ? 'json' : (found ?? 'table');
}

function checkOptions({ from, to, type, by }: Options): void {
  if (by !== undefined && by !== 'account' && by !== 'name')
    throw new UsageError(`there are no subtotals by "${by}"; there is: account, name`);
  if (type !== undefined && !ENTRY_TYPES.some((each) => each === type))
    throw new UsageError(`there is no entry type "${type}"; there is: ${ENTRY_TYPES.join(', ')}`);
  checkDates({ from, to });
}

/** Today where the company is, or the day of its latest entry when that is later. */
async function lastDay(sql: Queryable, company: CompanyRow): Promise<string> {
  const today = localDate(new Date().toISOString(), company.timeZone);
  const [row] = await sql<{ last: string | null }[]>`
    select max(posting_date) as last from journal_entries where company_id = ${company.id}`;
  return row?.last && row.last > today ? row.last : today;
}
