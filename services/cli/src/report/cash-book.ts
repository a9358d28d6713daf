import { formatMinor } from '@daybook/domain';
import { type CashBookSection, cashBookReport } from '@daybook/ledger/reports';
import { drawTable } from '../table.ts';
import { json } from '../terminal.ts';
import { csvLine, type Print, titleOf } from './printed.ts';

/** Columns of amounts, by the figure they show. */
const FIGURES = [
  ['Opening', 'openingBalance'],
  ['Should', 'revenueShould'],
  ['Actual', 'revenueActual'],
  ['Difference', 'cashDifference'],
  ['Topped up', 'revaluation'],
  ['Paid out', 'devaluation'],
  ['Sales cash', 'salesCash'],
  ['Non-cash', 'salesNonCash'],
  ['Sales', 'salesTotal'],
  ['Spent', 'cashExpenditure'],
  ['To bank', 'bankDeposit'],
  ['Withdrawn', 'withdrawal'],
  ['Closing', 'closingBalance'],
  ['Change', 'change'],
] as const;
const BEFORE = ['Book', 'Register', 'Date', 'Receipt', 'Currency'];
const HEAD = [...BEFORE, ...FIGURES.map(([title]) => title), 'Status', 'Reason'];

/**
 * The cash book (accounting.md F2): a line per day, totals per book and register. Exit code 0: gaps have their reasons.
 */
export const printCashBook: Print = async function* (sql, company, range, format) {
  const report = await cashBookReport(sql, company.id, range);
  const rows = report.sections.flatMap(rowsOf);
  const amounts = FIGURES.map((_, index) => BEFORE.length + index);
  if (format === 'json') yield json({ company: company.slug, ...report });
  else if (format === 'csv') yield [HEAD, ...rows].map(csvLine).join('');
  else yield `${titleOf(company, range, 'cash book')}\n${drawTable(HEAD, rows, amounts)}`;
  return null;
};

function rowsOf({ book, register, currency, rows, totals }: CashBookSection): string[][] {
  const figures = (of: CashBookSection['totals']) => FIGURES.map(([, figure]) => formatMinor(of[figure], currency));
  const days = rows.map((row) => {
    const reasons = [row.reason, row.openingReason, row.comment].filter((text) => text !== null);
    const status = `${row.entryStatus}, ${row.checkStatus}`;
    return [book, register, row.date, row.receiptNumber, currency, ...figures(row), status, reasons.join('; ')];
  });
  return [...days, [book, register, 'Total', '', currency, ...figures(totals), '', '']];
}
