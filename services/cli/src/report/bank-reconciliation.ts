import { findBankAccount, listBankAccounts } from '@daybook/ledger/bank/accounts';
import { bankReconciliation } from '@daybook/ledger/reports';
import { UsageError } from '../terminal.ts';
import { type Print, printSheet } from './printed.ts';

/** Bank and books on each day a statement closes, with every line that only one of them has. */
export const printBankReconciliation: Print = printSheet({
  async load(sql, companyId, range) {
    const all = await listBankAccounts(sql, companyId);
    const named = range.account ?? (all.length === 1 ? all[0]?.name : undefined);
    if (named === undefined) {
      const known = all.map(({ name }) => name).join(', ') || 'none';
      throw new UsageError(`name the bank account with --account; there is: ${known}`);
    }
    const account = await findBankAccount(sql, companyId, named);
    const { name, number, currency } = account;
    return { account: name, number, currency, days: await bankReconciliation(sql, account, range) };
  },
  sheet({ account, currency, days }, show) {
    const off = days.filter(({ missing }) => missing !== 0n);
    return {
      title: `bank reconciliation of ${account} (${currency})`,
      head: ['Day', 'What', 'Statement', 'Ledger', 'Difference'],
      rows: days.flatMap((day) => [
        [day.date, 'Balance', show(day.statement), show(day.ledger), show(day.difference)],
        ...(day.openingDifference === 0n
          ? []
          : [['', 'before the first statement', '', '', show(day.openingDifference)]]),
        ...day.notBooked.map((line) => [
          line.bookedOn,
          `line ${line.id} ${line.text} (${line.state})`,
          show(line.amount),
          '',
          show(line.amount),
        ]),
        ...day.notShown.map((line) => [
          line.postingDate,
          `entry ${line.entry} ${line.memo}`,
          '',
          show(line.amount),
          show(-line.amount),
        ]),
        ...(day.missing === 0n ? [] : [['', 'statements that were not imported', '', '', show(day.missing)]]),
      ]),
      amounts: [2, 3, 4],
      difference:
        off.length === 0 ? null : `statements are missing before ${off[0]?.date}: import those of the days before it`,
    };
  },
});
