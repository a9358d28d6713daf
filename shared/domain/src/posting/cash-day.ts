import { cashTotals, checkCashDay } from '../cash-book.ts';
import { DomainError } from '../domain-error.ts';
import type { CashDay } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { sum } from '../money.ts';
import { drawerTarget, resolveRole } from './accounts.ts';
import { namedTarget } from './entered.ts';
import { type Leg, translated } from './entry.ts';
import type { Ground, PostingFacts } from './facts.ts';
import { purchasedLegs } from './purchased.ts';
import { isReverseCharge } from './tax-codes.ts';

/**
 * Lines of a day of the cash book (accounting.md F4). Sales have debited the drawer with their cash tenders already, so
 * only what else moved is posted: cards topped up and paid out, the difference, what was spent with its input tax, cash
 * on its way to the bank, and a withdrawal of the revaluator that went into the drawer (F3); each movement stands
 * against a line of its own on the register's cash account. Throws what `checkCashDay` refuses, EVENT_INVALID where a
 * supplier is said to charge tax that falls under reverse charge.
 */
export function cashDayLines(day: CashDay, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  checkCashDay(day, facts.cashBefore ?? null);
  const { cashDifference } = cashTotals(day);
  const leg = (amountTc: bigint, role: string): Leg[] =>
    amountTc === 0n ? [] : [{ ...resolveRole(ground, role), amountTc }];
  const movements = [
    leg(-day.revaluation, 'storedvalue.liability'),
    leg(day.devaluation, 'storedvalue.liability'),
    leg(-cashDifference, cashDifference > 0n ? 'cash.over' : 'cash.short'),
    ...day.expenditures.map((line) => spentLegs(line, ground)),
    leg(day.bankDeposit, 'cash.transit'),
    leg(day.withdrawalIntoDrawer ? -day.withdrawal : 0n, 'cash.revaluator'),
  ];
  return movements.flatMap((items) => {
    const amountTc = -sum(items.map((item) => item.amountTc));
    const money = amountTc === 0n ? [] : [{ ...drawerTarget(ground), amountTc }];
    return translated({ money, items }, day.date, ground);
  });
}

function spentLegs(line: CashDay['expenditures'][number], ground: Ground): Leg[] {
  const { net, tax, taxCode } = line;
  if (tax !== 0n && taxCode !== undefined && isReverseCharge(taxCode, ground)) {
    const message =
      `${ground.about}: a supplier charges no tax under ${taxCode}. Enter what was paid without tax; ` +
      'the tax owed on it is worked out.';
    throw new DomainError('EVENT_INVALID', message, taxCode);
  }
  return purchasedLegs({ target: namedTarget(line, ground), net, tax, taxCode }, ground);
}
