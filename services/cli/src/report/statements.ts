import { balanceSheet, cashFlow, incomeStatement } from '@daybook/ledger/reports';
import { printSheet } from './printed.ts';

type Show = (minor: bigint) => string;

const HEAD = ['Part', 'Account', 'Name', 'Amount'];

/** Rows of one part of a statement and their total. */
function part(name: string, { rows, total }: { rows: Named[]; total: bigint }, show: Show): string[][] {
  return [
    ...rows.map(({ account, name: called, amount }) => [name, account, called, show(amount)]),
    [`Total ${name.toLowerCase()}`, '', '', show(total)],
  ];
}

interface Named {
  account: string;
  name: string;
  amount: bigint;
}

/** The income statement (accounting.md H4). */
export const printIncomeStatement = printSheet({
  load: incomeStatement,
  sheet: (report, show) => ({
    title: 'income statement',
    head: HEAD,
    rows: [
      ...part('Revenue', report.revenue, show),
      ...part('Cost of sales', report.cost_of_sales, show),
      ['Gross profit', '', '', show(report.grossProfit)],
      ...part('Other income', report.other_income, show),
      ...part('Other expenses', report.other_expenses, show),
      ['Profit', '', '', show(report.profit)],
    ],
    amounts: [3],
  }),
});

/** The balance sheet (accounting.md H5). */
export const printBalanceSheet = printSheet({
  load: balanceSheet,
  sheet: (report, show) => ({
    title: 'balance sheet',
    isBalance: true,
    head: HEAD,
    rows: [
      ...part('Assets', report.assets, show),
      ...part('Liabilities', report.liabilities, show),
      ...report.equity.rows.map(({ account, name, amount }) => ['Equity', account, name, show(amount)]),
      ['Results of earlier years', '', '', show(report.earlierResults)],
      ['Result of the year', '', '', show(report.resultOfYear)],
      ['Total equity', '', '', show(report.totalEquity)],
    ],
    amounts: [3],
    difference:
      report.difference === 0n ? null : `assets are not liabilities and equity; ${show(report.difference)} off`,
  }),
});

/** Cash flow, by counterpart and from the result (accounting.md H6). */
export const printCashFlow = printSheet({
  load: cashFlow,
  sheet({ opening, closing, direct, indirect }, show) {
    const { change, ...counterparts } = direct;
    const direction = Object.entries(counterparts).map(([name, amount]) => [
      ...['Direct', '', name.replace('_', ' ').replace(/^./, (first) => first.toUpperCase()), show(amount)],
    ]);
    return {
      title: 'cash flow',
      head: HEAD,
      rows: [
        ['Opening cash', '', '', show(opening)],
        ...direction,
        ['Change, direct', '', '', show(change)],
        ['Indirect', '', 'Profit', show(indirect.profit)],
        ...indirect.changes.map(({ account, name, amount }) => ['Indirect', account, name, show(amount)]),
        ['Change, indirect', '', '', show(indirect.change)],
        ['Closing cash', '', '', show(closing)],
      ],
      amounts: [3],
      difference: change === indirect.change ? null : 'cash flow by counterpart and from the result differ',
    };
  },
});
