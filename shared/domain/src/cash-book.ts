import { DomainError } from './domain-error.ts';
import type { CashDay } from './events.ts';
import { abs, formatMinor, sum } from './money.ts';

/** What a till's day is worked out from; minor units of the register's currency. */
export type CashFigures = Pick<
  CashDay,
  | 'openingBalance'
  | 'revenueShould'
  | 'revenueActual'
  | 'salesNonCash'
  | 'revaluation'
  | 'devaluation'
  | 'bankDeposit'
  | 'withdrawal'
  | 'withdrawalIntoDrawer'
> & { expenditures: readonly { net: bigint; tax: bigint }[] };

/** What a day comes to (accounting.md F2, F3); minor units of the register's currency. */
export interface CashTotals {
  cashExpenditure: bigint;
  cashDifference: bigint;
  salesCash: bigint;
  salesTotal: bigint;
  closingBalance: bigint;
  /** Closing less opening balance. */
  change: bigint;
  /** What the channel must have taken in cash that day (F4). */
  tendersExpected: bigint;
}

/**
 * The formulas of the cash book exactly as accounting.md F2 gives them; a withdrawal of the revaluator counts only
 * where it went into the drawer (F3). Expenditure is what left the drawer: net amounts with the tax the supplier
 * charged.
 */
export function cashTotals(day: CashFigures): CashTotals {
  const cashExpenditure = sum(day.expenditures.map((line) => line.net + line.tax));
  const salesCash = day.revenueActual - day.revaluation + day.devaluation;
  const into = day.withdrawalIntoDrawer ? day.withdrawal : 0n;
  const change = day.revenueActual - cashExpenditure - day.bankDeposit + into;
  return {
    cashExpenditure,
    cashDifference: day.revenueActual - day.revenueShould,
    salesCash,
    salesTotal: salesCash + day.salesNonCash,
    closingBalance: day.openingBalance + change,
    change,
    tendersExpected: day.revenueShould - day.revaluation + day.devaluation,
  };
}

/** Whether a difference has to be explained: beyond the tolerance, which itself is inside (F2). */
export function needsReason(cashDifference: bigint, tolerance: bigint): boolean {
  return abs(cashDifference) > tolerance;
}

/** The day of the same register before, or another one of the same date. */
export interface CashDayBefore {
  id: string;
  date: string;
  closing: bigint;
}

/**
 * Refuses a day that the cash book does not take (accounting.md F2): REASON_REQUIRED for an unexplained difference
 * beyond the tolerance or an unexplained opening balance, SOURCE_KEY_CONFLICT for a second day of one register and
 * date, EVENT_INVALID where less than nothing would be left. `before` is the newest other day of the register that is
 * not later, null for its first.
 */
export function checkCashDay(day: CashDay, before: CashDayBefore | null): void {
  const show = (amount: bigint) => `${day.currency} ${formatMinor(amount, day.currency)}`;
  const about = `Cash day ${day.date} of register ${day.register}`;
  const { cashDifference, closingBalance } = cashTotals(day);
  if (before?.date === day.date) {
    const message = `${about} is in the cash book already, as ${before.id}. Correct that one.`;
    throw new DomainError('SOURCE_KEY_CONFLICT', message, `cash_day ${before.id}`);
  }
  if (closingBalance < 0n) {
    const message =
      `${about}: ${show(closingBalance)} would be left in the drawer. Compare opening balance, takings, expenses ` +
      "and bank deposit with the till's report.";
    throw new DomainError('EVENT_INVALID', message, day.register);
  }
  if (needsReason(cashDifference, day.tolerance) && isBlank(day.reason)) {
    const message =
      `${about}: ${show(day.revenueActual)} was counted where ${show(day.revenueShould)} should be. The difference ` +
      `of ${show(cashDifference)} is beyond the tolerance of ${show(day.tolerance)}: give a reason.`;
    throw new DomainError('REASON_REQUIRED', message, 'reason');
  }
  if (before !== null && before.closing !== day.openingBalance && isBlank(day.openingReason)) {
    const message =
      `${about} opens with ${show(day.openingBalance)}, but ${before.date} closed with ${show(before.closing)}. ` +
      'Correct the opening balance, or give a reason for it.';
    throw new DomainError('REASON_REQUIRED', message, 'openingReason');
  }
}

function isBlank(text: string | null): boolean {
  return text === null || text.trim() === '';
}
