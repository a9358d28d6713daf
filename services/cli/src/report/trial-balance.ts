import { trialBalance } from '@daybook/ledger/reports';
import { printSheet } from './printed.ts';

/** The trial balance (accounting.md H1); opening balances are debit positive. */
export const printTrialBalance = printSheet({
  load: trialBalance,
  sheet({ rows, totals, difference, currency }, show) {
    const side = (minor: bigint) => (minor > 0n ? show(minor) : '');
    const { debits, credits, closingDebit, closingCredit } = totals;
    return {
      title: 'trial balance',
      head: ['Account', 'Name', 'Opening', 'Debits', 'Credits', 'Closing debit', 'Closing credit'],
      rows: [
        ...rows.map((row) => [
          ...[row.account, row.name, show(row.opening), show(row.debits), show(row.credits)],
          ...[side(row.closing), side(-row.closing)],
        ]),
        ['Total', '', '', show(debits), show(credits), show(closingDebit), show(closingCredit)],
      ],
      amounts: [2, 3, 4, 5, 6],
      difference:
        difference === 0n
          ? null
          : `debits and credits of the trial balance differ by ${currency} ${show(difference)}; \`daybook verify\` says where`,
    };
  },
});
