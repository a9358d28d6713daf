import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cashDayOf } from '../test/books.ts';
import { cashDays, isThere } from '../test/month.ts';
import { cashTotals, checkCashDay, needsReason } from './cash-book.ts';

/** The worked day of accounting.md F5, in cents. */
const f5 = cashDayOf({
  currency: 'EUR',
  openingBalance: 20000n,
  revenueShould: 84550n,
  revenueActual: 84300n,
  revaluation: 6000n,
  devaluation: 1000n,
  salesNonCash: 121040n,
  expenditures: [{ role: 'expense.office', net: 2000n, tax: 380n, taxCode: 'U19' }],
  bankDeposit: 70000n,
  tolerance: 200n,
  reason: 'counted twice',
});

describe('the formulas of the cash book', () => {
  test('F5, to the cent', () => {
    expect(cashTotals(f5)).toEqual({
      cashExpenditure: 2380n,
      cashDifference: -250n,
      salesCash: 79300n,
      salesTotal: 200340n,
      closingBalance: 31920n,
      change: 11920n,
      tendersExpected: 79550n,
    });
  });

  test('a withdrawal of the revaluator counts only where it went into the drawer (F3)', () => {
    expect(cashTotals({ ...f5, withdrawal: 5000n }).closingBalance).toBe(31920n);
    expect(cashTotals({ ...f5, withdrawal: 5000n, withdrawalIntoDrawer: true }).closingBalance).toBe(36920n);
  });

  test('a difference equal to the tolerance is inside, in both directions', () => {
    expect([200n, -200n, 201n, -201n, 0n].map((off) => needsReason(off, 200n))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
  const anyDay = fc.record({
    openingBalance: amount,
    revenueShould: amount,
    revenueActual: amount,
    salesNonCash: amount,
    revaluation: amount,
    devaluation: amount,
    bankDeposit: amount,
    withdrawal: amount,
    withdrawalIntoDrawer: fc.boolean(),
    expenditures: fc.array(fc.record({ net: amount, tax: amount }), { maxLength: 4 }),
  });

  test('the tie-out of F3 and the invariant of F4 hold for every day', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const totals = cashTotals(day);
        // F3: sales cash less the difference is what the channel took in cash.
        expect(totals.salesCash - totals.cashDifference).toBe(totals.tendersExpected);
        // F4: opening, cash tenders, cards and difference, less what was spent and taken to the bank.
        const into = day.withdrawalIntoDrawer ? day.withdrawal : 0n;
        const account =
          day.openingBalance + totals.tendersExpected + day.revaluation - day.devaluation + totals.cashDifference;
        expect(account - totals.cashExpenditure - day.bankDeposit + into).toBe(totals.closingBalance);
      }),
    );
  });

  test.skipIf(!isThere)('the days of the acceptance month', () => {
    for (const { given, expected } of cashDays()) {
      const totals = cashTotals(given);
      expect({
        cash_difference: totals.cashDifference,
        sales_cash: totals.salesCash,
        sales_total: totals.salesTotal,
        cash_expenditure: totals.cashExpenditure,
        closing_balance: totals.closingBalance,
        reason_required: needsReason(totals.cashDifference, given.tolerance),
      }).toEqual(expected);
    }
  });
});

describe('what the cash book does not take', () => {
  test('a difference beyond the tolerance without a reason', () => {
    expect(() => checkCashDay({ ...f5, reason: null }, null)).toThrow(
      /EUR 843\.00 was counted where EUR 845\.50 should be.*EUR -2\.50 is beyond the tolerance of EUR 2\.00/,
    );
    expect(() => checkCashDay({ ...f5, reason: '  ' }, null)).toThrow(
      expect.objectContaining({ code: 'REASON_REQUIRED' }),
    );
    checkCashDay({ ...f5, reason: null, tolerance: 250n }, null);
  });

  test('an opening balance that is not the last closing balance, without a reason', () => {
    const before = { id: 'R1:2026-03-09', date: '2026-03-09', closing: 20001n };
    expect(() => checkCashDay(f5, before)).toThrow(/opens with EUR 200\.00, but 2026-03-09 closed with EUR 200\.01/);
    checkCashDay({ ...f5, openingReason: 'a cent was found' }, before);
    checkCashDay(f5, { ...before, closing: 20000n });
  });

  test('less than nothing in the drawer', () => {
    expect(() => checkCashDay({ ...f5, bankDeposit: 101921n }, null)).toThrow(/EUR -0\.01 would be left in the drawer/);
    checkCashDay({ ...f5, bankDeposit: 101920n }, null);
  });

  test('a second day of the same register and date', () => {
    const same = { id: 'other', date: f5.date, closing: 20000n };
    expect(() => checkCashDay(f5, same)).toThrow(expect.objectContaining({ code: 'SOURCE_KEY_CONFLICT' }));
  });
});
