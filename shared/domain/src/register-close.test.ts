import { describe, expect, test } from 'vitest';
import { booksIn, closeOf, factsWith, rows } from '../test/books.ts';
import { GB } from '../test/examples.ts';
import { makeEvent } from './events.ts';
import { entriesFor } from './posting-rules.ts';

/** Accounting.md F: what a till's closing posts, as far as the event says it. */
const DE = booksIn('DE');
const posted = (event: ReturnType<typeof closeOf>, books = DE) => entriesFor(event, factsWith(), books)[0];

describe('the closing of a till', () => {
  // F5 without its stored-value cards and its tax on expenses, which the event does not carry.
  const f5 = closeOf({
    currency: 'EUR',
    openingBalance: 20000n,
    revenueShould: 84550n,
    revenueActual: 84300n,
    expenditure: 2380n,
    bankDeposit: 70000n,
  });

  test('F5: the difference, the expenses and the way to the bank, in one entry', () => {
    const entry = posted(f5);
    expect(rows(entry, 'EUR')).toEqual([
      'Cr cash.drawer 726.30',
      'Dr cash.short 2.50',
      'Dr expense.office 23.80',
      'Dr cash.transit 700.00',
    ]);
    expect(entry).toMatchObject({ entryType: 'CSH', sourceKey: 'webshop:demo.example:register_close:R1-2026-03-10' });
    // Opening balance and cash sales less the entry are the closing balance of F5.
    expect(20000n + 84550n + (entry?.lines[0]?.amount ?? 0n)).toBe(31920n);
  });

  test('too much in the drawer is over', () => {
    const over = closeOf({ currency: 'GBP', revenueShould: 8100n, revenueActual: 8440n });
    expect(rows(posted(over, GB), 'GBP')).toEqual(['Dr cash.drawer 3.40', 'Cr cash.over 3.40']);
  });

  test('what equals itself out of the drawer is still told', () => {
    const close = closeOf({ currency: 'EUR', revenueShould: 0n, revenueActual: 500n, bankDeposit: 500n });
    expect(rows(posted(close), 'EUR')).toEqual(['Cr cash.over 5.00', 'Dr cash.transit 5.00']);
  });

  test('expenses are on the account for cash expenses where the company has chosen one', () => {
    const books = booksIn('DE', { roles: { 'expense.cash': '4980' } });
    expect(rows(posted(f5, books), 'EUR')).toContain('Dr expense.cash 23.80');
  });

  test('a day without difference, expense and deposit posts nothing', () => {
    expect(posted(closeOf({ currency: 'EUR', revenueShould: 5000n, revenueActual: 5000n }))).toBeUndefined();
  });

  test('that would leave less than nothing in the drawer is refused', () => {
    const close = closeOf({ currency: 'EUR', revenueShould: 5000n, revenueActual: 5000n, bankDeposit: 5001n });
    expect(() => posted(close)).toThrow(
      /register_close R1-2026-03-10: EUR -0\.01 would be left in the drawer of register R1/,
    );
  });

  test('corrected, the day is reversed and posted anew', () => {
    const entries = entriesFor(f5, factsWith(), DE);
    const corrected = makeEvent({ ...f5, revision: '2', revenueActual: 84550n });
    const facts = factsWith({ previous: { version: 1, event: f5, entries } });
    const [reversal, fresh] = entriesFor(corrected, facts, DE);
    expect(reversal?.reverses).toBe('webshop:demo.example:register_close:R1-2026-03-10');
    expect(rows(fresh, 'EUR')).toEqual(['Cr cash.drawer 723.80', 'Dr expense.office 23.80', 'Dr cash.transit 700.00']);
  });
});
