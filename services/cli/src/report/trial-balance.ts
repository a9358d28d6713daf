import { formatMinor } from '@daybook/domain';
import { type TrialBalance, trialBalance } from '@daybook/ledger/reports';
import type { Queryable } from '@daybook/platform/db';
import type { CompanyRow } from '../database.ts';
import { drawTable } from '../table.ts';
import { json } from '../terminal.ts';
import { csvLine, type Format, type Printed, type Range } from './printed.ts';

const HEAD = ['Account', 'Name', 'Opening', 'Debits', 'Credits', 'Closing debit', 'Closing credit'];

/** The trial balance (accounting.md H1); opening balances are debit positive. */
export async function* printTrialBalance(sql: Queryable, company: CompanyRow, range: Range, format: Format): Printed {
  const report = await trialBalance(sql, company.id, range);
  const rows = rowsOf(report);
  if (format === 'json') yield json({ company: company.slug, ...report });
  else if (format === 'csv') yield [HEAD, ...rows].map(csvLine).join('');
  else yield `${titleOf(company, report)}\n${drawTable(HEAD, rows, [2, 3, 4, 5, 6])}`;
  if (report.difference === 0n) return null;
  const shown = `${report.currency} ${formatMinor(report.difference, report.currency)}`;
  return `the trial balance of ${company.slug} differs by ${shown}; \`daybook verify --company ${company.slug}\` says where`;
}

function titleOf(company: CompanyRow, { from, to, currency }: TrialBalance): string {
  return `${company.name}: trial balance ${from === null ? 'up to' : `${from} to`} ${to}, in ${currency}`;
}

function rowsOf(report: TrialBalance): string[][] {
  const show = (minor: bigint) => formatMinor(minor, report.currency);
  const side = (minor: bigint) => (minor > 0n ? show(minor) : '');
  const rows = report.rows.map((row) => [
    row.account,
    row.name,
    show(row.opening),
    show(row.debits),
    show(row.credits),
    side(row.closing),
    side(-row.closing),
  ]);
  const { debits, credits, closingDebit, closingCredit } = report.totals;
  return [...rows, ['Total', '', '', show(debits), show(credits), show(closingDebit), show(closingCredit)]];
}
