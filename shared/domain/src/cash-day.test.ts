import { describe, expect, test } from 'vitest';
import { booksIn, cashDayOf, closeOf, factsWith, rows, saleOf } from '../test/books.ts';
import { cashDays, expectedEntry, expectedLines, isThere, books as monthBooks, postedEntry } from '../test/month.ts';
import { documentsFor } from './document-rules.ts';
import { makeEvent } from './events.ts';
import { entriesFor } from './posting-rules.ts';

/**
 * Accounting.md F4: what a day of the cash book posts. SKR03 has no account of its own for stored-value cards' machine.
 */
const DE = booksIn('DE', { roles: { 'cash.revaluator': '1010' } });
const posted = (event: Parameters<typeof entriesFor>[0], books = DE) => entriesFor(event, factsWith(), books)[0];

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

describe('a day of the cash book', () => {
  test('F5: cards, difference, expenses with their input tax and the way to the bank, in one entry', () => {
    const entry = posted(f5);
    // 60.00 − 10.00 − 2.50 − 23.80 − 700.00 leave the drawer.
    expect(rows(entry, 'EUR')).toEqual([
      'Cr cash.drawer 676.30',
      'Cr storedvalue.liability 50.00',
      'Dr cash.short 2.50',
      'Dr expense.office 20.00',
      'Dr tax.input 3.80',
      'Dr cash.transit 700.00',
    ]);
    expect(entry).toMatchObject({
      entryType: 'CSH',
      postingDate: '2026-03-10',
      sourceKey: 'webshop:demo.example:cash_day:R1:2026-03-10',
    });
    // Opening balance and the channel's cash tenders of 795.50 less the entry are the closing balance.
    const cash = entry?.lines.filter((line) => line.role === 'cash.drawer') ?? [];
    expect(20000n + 79550n + cash.reduce((sum, line) => sum + line.amount, 0n)).toBe(31920n);
    expect(cash.map((line) => line.amount)).toEqual([6000n, -1000n, -250n, -2380n, -70000n]);
  });

  test('each register has its own cash account where the company gave it one', () => {
    const books = booksIn('DE', { roles: { 'cash.drawer.R1': '1001', 'cash.drawer.R2': '1002' } });
    const account = (event: Parameters<typeof entriesFor>[0]) =>
      posted(event, books)?.lines.find((line) => line.role.startsWith('cash.drawer'))?.account;
    const close = { currency: 'EUR', revenueShould: 100n, revenueActual: 90n };
    expect(account(f5)).toBe('1001');
    expect(account(closeOf({ ...close, register: 'R2' }))).toBe('1002');
    expect(account(closeOf({ ...close, register: 'R3' }))).toBe('1000');
    const sale = { currency: 'EUR', tenders: [{ kind: 'cash' as const, amount: 500n }] };
    const lines = [{ kind: 'tip' as const, net: 500n }];
    expect(account(saleOf({ ...sale, lines, register: 'R2' }))).toBe('1002');
    expect(account(saleOf({ ...sale, lines }))).toBe('1000');
  });

  test('what names no register belongs to the only one', () => {
    const books = booksIn('DE', { roles: { 'cash.drawer.R1': '1001' } });
    const lines = [{ kind: 'tip' as const, net: 500n }];
    const sale = saleOf({ currency: 'EUR', tenders: [{ kind: 'cash', amount: 500n }], lines });
    expect(posted(sale, books)?.lines[0]).toMatchObject({ role: 'cash.drawer.R1', account: '1001', amount: 500n });
  });

  test('a withdrawal of the revaluator is posted only where it went into the drawer', () => {
    const withdrawal = { currency: 'EUR', revenueShould: 0n, revenueActual: 0n, withdrawal: 5000n };
    expect(posted(cashDayOf(withdrawal))).toBeUndefined();
    const into = posted(cashDayOf({ ...withdrawal, withdrawalIntoDrawer: true }));
    expect(rows(into, 'EUR')).toEqual(['Dr cash.drawer 50.00', 'Cr cash.revaluator 50.00']);
  });

  test('an expense under reverse charge leaves the drawer without tax, and its tax is owed and recovered', () => {
    const spent = (tax: bigint) =>
      cashDayOf({
        currency: 'EUR',
        openingBalance: 20000n,
        revenueShould: 0n,
        revenueActual: 0n,
        expenditures: [{ role: 'expense.office', net: 10000n, tax, taxCode: 'RC19' }],
      });
    expect(rows(posted(spent(0n)), 'EUR')).toEqual([
      'Cr cash.drawer 100.00',
      'Dr expense.office 100.00',
      'Dr tax.input.rc 19.00',
      'Cr tax.output.rc 19.00',
    ]);
    expect(() => posted(spent(1900n))).toThrow(/a supplier charges no tax under RC19/);
  });

  test('corrected, the day is reversed and posted anew', () => {
    const entries = entriesFor(f5, factsWith(), DE);
    const corrected = makeEvent({ ...f5, revision: '2', revenueActual: 84550n });
    const facts = factsWith({ previous: { version: 1, event: f5, entries } });
    const [reversal, fresh] = entriesFor(corrected, facts, DE);
    expect(reversal?.reverses).toBe('webshop:demo.example:cash_day:R1:2026-03-10');
    expect(rows(fresh, 'EUR')[0]).toBe('Cr cash.drawer 673.80');
    expect(rows(fresh, 'EUR').some((row) => row.includes('cash.short'))).toBe(false);
  });

  test("the till's own closing posts nothing where its register is kept in a cash book", () => {
    const close = closeOf({ currency: 'EUR', revenueShould: 84550n, revenueActual: 84300n });
    expect(entriesFor(close, factsWith({ cashBook: 'Main till' }), DE)).toEqual([]);
    expect(documentsFor(close, factsWith({ cashBook: 'Main till' }), DE)).toEqual([]);
    expect(entriesFor(close, factsWith(), DE)).toHaveLength(1);
  });

  test('connected books hear of it in bank entries on the cash account, each amount with its tax', () => {
    const expenditures = [
      { role: 'expense.office', net: 2000n, tax: 380n, taxCode: 'U19' },
      { role: 'expense.cleaning', net: 1000n, tax: 190n, taxCode: 'U19' },
    ];
    const books = booksIn('DE', { roles: { 'expense.cleaning': '4250', 'cash.drawer.R1': '1001' } });
    const documents = documentsFor(makeEvent({ ...f5, expenditures }), factsWith(), books);
    const told = documents.flatMap((document) =>
      document.kind === 'bank_entry'
        ? [
            [
              document.direction,
              document.account,
              document.total,
              document.lines.map(({ account, net, tax }) => `${account} ${net} ${tax}`),
            ],
          ]
        : [],
    );
    expect(told).toEqual([
      [
        'spend',
        '1001',
        73820n,
        [
          `${account(books, 'cash.short')} 250 0`,
          `${account(books, 'expense.office')} 2000 380`,
          '4250 1000 190',
          `${account(books, 'cash.transit')} 70000 0`,
        ],
      ],
      ['receive', '1001', 5000n, [`${account(books, 'storedvalue.liability')} 5000 0`]],
    ]);
  });
});

const account = (books: typeof DE, role: string) => books.roles.get(role);

describe.skipIf(!isThere)('the cash days of the acceptance month', () => {
  test('E03 and E32 post what the month expects', () => {
    for (const { id, given } of cashDays()) {
      expect(postedEntry(given)).toEqual(expectedEntry(id));
      expect(
        posted(given, monthBooks)
          ?.lines.map(({ account, amount }) => `${account} ${amount}`)
          .sort(),
      ).toEqual(expectedLines(id));
    }
  });

  test('N08: E32 without its reason is refused', () => {
    const e32 = cashDays().find(({ id }) => id === 'E32')?.given;
    if (!e32) throw new Error('the month has no E32');
    expect(() => posted({ ...e32, reason: null }, monthBooks)).toThrow(
      expect.objectContaining({ code: 'REASON_REQUIRED' }),
    );
  });
});
