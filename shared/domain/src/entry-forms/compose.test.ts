import { describe, expect, test } from 'vitest';
import type { TaxCode } from '../chart.ts';
import type { Sale } from '../events.ts';
import { composeDocument } from './compose.ts';
import { documentForm } from './forms.ts';
import { type EntryPlace, instantAt } from './place.ts';

const code = (name: string, rate: string, more: Partial<TaxCode> = {}): [string, TaxCode] => [
  name,
  { code: name, rate, label: name, revenue: 'standard', ...more },
];
const books = {
  functionalCurrency: 'GBP',
  timeZone: 'Europe/London',
  taxCodes: new Map([code('S', '20'), code('R', '5'), code('RC20', '20', { reverseCharge: true })]),
};
const place = (more: Partial<EntryPlace> = {}): EntryPlace => ({
  books,
  number: 'N-1',
  revision: '0001',
  sale: null,
  ...more,
});
const compose = (form: object, more: Partial<EntryPlace> = {}) =>
  composeDocument(documentForm.parse(form), place(more));
const INVOICE = {
  type: 'invoice',
  date: '2026-03-31',
  termsDays: 30,
  customer: { id: 'C-1', name: 'Harbour Ltd' },
  lines: [
    { sku: 'MUG', quantity: '2', unitPrice: '5.015', taxCode: 'S' },
    { description: 'Engraving', unitPrice: '10.03', taxCode: 'S' },
    { sku: 'BOOK', quantity: 4, unitPrice: '2.50', discount: '1.00', taxCode: 'R' },
  ],
};

describe('an invoice', () => {
  test('computes its tax once per rate on the sum of the net lines, and falls due after its terms', () => {
    // 20 % of 10.03 + 10.03 = 4.012 → 4.01, where each line alone would be 2.006 → 2.01. 5 % of 10.00 − 1.00 = 0.45.
    const sale = compose(INVOICE) as Sale;
    expect(sale.lines.map(({ net, taxes }) => [net, taxes[0]?.amount])).toEqual([
      [1003n, 201n],
      [1003n, 200n],
      [900n, 45n],
    ]);
    expect(sale).toMatchObject({ total: 3352n, due: 3352n, number: 'N-1', terms: { dueDate: '2026-04-30' } });
    expect(sale.lines[2]).toMatchObject({ listNet: 1000n, discount: 100n });
  });

  test('is of its day where the company is, whatever the season', () => {
    expect(compose(INVOICE).occurredAt).toBe('2026-03-31T11:00:00.000Z');
    expect(instantAt('2026-01-31', '12:00:00', 'Pacific/Auckland')).toBe('2026-01-30T23:00:00.000Z');
    expect(instantAt('2026-10-25', '23:59:59', 'Europe/London')).toBe('2026-10-25T23:59:59.000Z');
  });

  test('charges no tax where the customer owes it', () => {
    const sale = compose({ ...INVOICE, lines: [{ sku: 'MUG', unitPrice: '100', taxCode: 'RC20' }] }) as Sale;
    expect([sale.total, sale.lines[0]?.taxCode, sale.lines[0]?.taxes]).toEqual([10000n, 'RC20', []]);
  });

  test('with an amount finer than its currency, an unknown tax code or two due dates is refused', () => {
    const line = (more: object) => ({ ...INVOICE, lines: [{ sku: 'MUG', unitPrice: '1', ...more }] });
    expect(() => compose(line({ discount: '0.005' }))).toThrow(/0.005 GBP has more than the 2 decimals/);
    expect(() => compose(line({ taxCode: 'Z' }))).toThrow(/no tax code "Z"; there is: S, R, RC20/);
    expect(documentForm.safeParse({ ...INVOICE, dueDate: '2026-04-01' }).success).toBe(false);
  });
});

describe('a credit note', () => {
  const sale = compose(INVOICE) as Sale;

  test('without lines takes back all of its invoice, to the cent', () => {
    const note = compose({ type: 'credit_note', date: '2026-04-02', of: 'N-1' }, { sale, number: 'CN-1' });
    expect(note).toMatchObject({
      type: 'refund',
      total: 3352n,
      due: 3352n,
      sale: { id: 'invoice:N-1' },
      number: 'CN-1',
    });
  });

  test('takes price and tax code of an item from its invoice, and says what it cannot take from there', () => {
    const credit = (lines: object[]) =>
      compose({ type: 'credit_note', date: '2026-04-02', of: 'N-1', lines }, { sale });
    // 5.015 × 1 = 5.015 → 5.02 (half-even of 501.5 is 502), tax 1.004 → 1.00.
    expect(credit([{ sku: 'MUG' }])).toMatchObject({ total: 602n, lines: [{ id: 'l1', net: 502n, taxCode: 'S' }] });
    expect(() => credit([{ sku: 'CUP' }])).toThrow(/CUP has no unitPrice, and its invoice N-1 has no such item/);
  });
});

describe('other documents', () => {
  const BILL = {
    type: 'bill',
    number: 'B-7',
    date: '2026-03-05',
    dueDate: '2026-04-05',
    supplier: { id: 'S-1' },
    lines: [{ role: 'expense.office', net: '99.99', taxCode: 'S' }],
  };

  test('a bill works out its tax, and is refused where its printed total is another', () => {
    expect(compose(BILL, { number: 'B-7' })).toMatchObject({
      id: 'bill:S-1:B-7',
      total: 11999n,
      lines: [{ net: 9999n, tax: 2000n }],
    });
    expect(() => compose({ ...BILL, total: '119.98' })).toThrow(/come to GBP 119.99, but its total is GBP 119.98/);
    const printed = { ...BILL, total: '119.98', lines: [{ ...BILL.lines[0], tax: '19.99' }] };
    expect(compose(printed)).toMatchObject({ total: 11998n });
  });

  test('bank lines without an account are for what customers owe or suppliers are owed, with the sign of the bank', () => {
    const lines = [
      { amount: '60.00', party: 'C-1', document: 'N-1' },
      { amount: '12.00', role: 'expense.bank', taxCode: 'S' },
    ];
    const paid = { type: 'bank_payment', date: '2026-03-05', lines };
    expect(compose(paid)).toMatchObject({
      amount: -7200n,
      lines: [
        { role: 'ap.control', net: -6000n, tax: 0n },
        { role: 'expense.bank', net: -1000n, tax: -200n },
      ],
    });
    expect(compose({ ...paid, type: 'bank_receipt' })).toMatchObject({
      amount: 7200n,
      lines: [{ role: 'ar.control' }, {}],
    });
  });

  test('a count is of the end of its day, and a journal keeps its sides', () => {
    const count = { type: 'stock_count', date: '2026-07-31', lines: [{ sku: 'MUG', counted: '12' }] };
    expect(compose(count).occurredAt).toBe('2026-07-31T22:59:59.000Z');
    const lines = [
      { role: 'expense.cleaning', debit: '10' },
      { role: 'cash.drawer', credit: '10.00' },
    ];
    expect(compose({ type: 'journal', date: '2026-07-31', lines })).toMatchObject({
      lines: [{ amount: 1000n }, { amount: -1000n }],
    });
  });
});
