import { FIGURE_REPORTS, figureLines } from '@daybook/ledger/reports';
import { UsageError } from '../terminal.ts';
import { printSheet } from './printed.ts';

/** More than a person reads; the API has pages. */
const MOST = 10_000;

/** Lines behind a figure of a report, with what each adds to it. */
export const printLines = printSheet({
  async load(sql, companyId, { of, ...range }) {
    const report = FIGURE_REPORTS.find((name) => name === of);
    if (!report) throw new UsageError(`--of "${of ?? ''}" names no report; write one of ${FIGURE_REPORTS.join(', ')}`);
    const found = figureLines(sql, companyId, { ...range, report, limit: MOST });
    return found.catch((error: unknown) => {
      throw error instanceof RangeError ? new UsageError(error.message) : error;
    });
  },
  sheet: ({ lines, total, cursor }, show) => ({
    title: 'lines of a figure',
    head: ['Date', 'Number', 'Type', 'Account', 'Tax code', 'Text', 'Document', 'Source', 'Amount'],
    rows: [
      ...lines.map((line) => [
        ...[line.postingDate, `${line.fiscalYear}/${line.number}`, line.entryType, line.account, line.taxCode ?? ''],
        ...[line.memo, line.document ?? '', line.sourceKey, show(line.amount)],
      ]),
      [cursor === null ? 'Total' : 'Total, of more lines', '', '', '', '', '', '', '', show(total)],
    ],
    amounts: [8],
  }),
});
