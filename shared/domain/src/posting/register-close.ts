import { DomainError } from '../domain-error.ts';
import type { RegisterClose } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { formatMinor } from '../money.ts';
import { drawerTarget, resolveRole } from './accounts.ts';
import { type Leg, translated } from './entry.ts';
import { businessDate, type Ground } from './facts.ts';

/**
 * Lines of a till's closing (accounting.md F4). Sales have debited the drawer with what should be in it: what was
 * counted beyond that is over, what is missing short; cash spent goes to its expense, cash for the bank into transit.
 * The event names no purpose and no tax of what was spent, so it is on `expense.cash`, else `expense.office`, without
 * input tax. Throws EVENT_NOT_POSTABLE when less than nothing would be left in the drawer (F2).
 */
export function registerCloseLines(close: RegisterClose, ground: Ground): ResolvedLine[] {
  const { openingBalance, revenueActual, revenueShould, expenditure, bankDeposit } = close;
  const left = openingBalance - expenditure + revenueActual - bankDeposit;
  if (left < 0n) {
    throw new DomainError(
      'EVENT_NOT_POSTABLE',
      `${ground.about}: ${ground.currency} ${formatMinor(left, ground.currency)} would be left in the drawer of register ` +
        `${close.register}. Compare opening balance, takings, expenses and bank deposit with the till's report.`,
      close.register,
    );
  }
  const over = revenueActual - revenueShould;
  const leg = (amountTc: bigint, ...roles: [string, ...string[]]): Leg[] =>
    amountTc === 0n ? [] : [{ ...resolveRole(ground, ...roles), amountTc }];
  const moved = over - expenditure - bankDeposit;
  const money: Leg[] = moved === 0n ? [] : [{ ...drawerTarget(ground), amountTc: moved }];
  const items = [
    ...leg(-over, over > 0n ? 'cash.over' : 'cash.short'),
    ...leg(expenditure, 'expense.cash', 'expense.office'),
    ...leg(bankDeposit, 'cash.transit'),
  ];
  return translated({ money, items }, businessDate(close, ground.books.timeZone), ground);
}
