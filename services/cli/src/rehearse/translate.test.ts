import { expect, test } from 'vitest';
import { parseMonth } from './month-file.ts';
import { contextOf, translate } from './translate.ts';

/** What a month's events become, where the whole months of test/months do not show it. */
const accounts = [{ code: '1200', name: 'Bank', type: 'asset', normal_side: 'debit' }];
const company = {
  name: 'Small',
  country: 'DE',
  functional_currency: 'EUR',
  fiscal_year: { start: '2026-01-01', end: '2026-12-31' },
  period_start: '2026-03-01',
  period_end: '2026-03-31',
  timezone: 'Europe/Berlin',
};
const tax_codes = [
  { code: 'U19', rate: '19' },
  { code: 'RC19', rate: '19', reverse_charge: true },
];

/** Canonical events of the last of some events. */
function told(...events: Record<string, unknown>[]) {
  const heads = events.map((event, index) => ({
    id: `T${index + 1}`,
    source_key: `key:${index + 1}`,
    occurred_at: `2026-03-0${index + 1}T12:00:00Z`,
    posting_date: `2026-03-0${index + 1}`,
    currency: 'EUR',
    ...event,
  }));
  const month = parseMonth(
    { schema: 'daybook.accounting.month/1', company, accounts, tax_codes, events: heads },
    'test',
  );
  const last = month.events.at(-1);
  return last === undefined ? [] : translate(last, contextOf(month));
}

test('tax of a reverse charge is ours: the supplier charges the net amounts, with the tax split over the lines', () => {
  const lines = [
    { sku: 'A', qty: 1, unit_cost: 3333, tax_code: 'RC19' },
    { sku: 'B', qty: 1, unit_cost: 6667, tax_code: 'RC19' },
  ];
  const [bill] = told({ type: 'supplier_invoice', document: 'R-1', party: 'Abroad', due_date: '2026-04-01', lines });
  // 19 % of 100.00 = 19.00, by largest remainder 6.33 (633.27) and 12.67 (1266.73).
  expect(bill).toMatchObject({ total: 10000n, lines: [{ tax: 633n }, { tax: 1267n }] });
});

test('refunds of parts of a quantity add up exactly to what was sold', () => {
  const sale = {
    type: 'sale',
    order: 'O-1',
    prices: 'tax_inclusive',
    tax_source: 'ledger',
    lines: [{ sku: 'TEA', qty: '0.3', unit_price: 1000, tax_code: 'U19' }],
    tenders: [{ kind: 'cash', amount: 300 }],
  };
  const part = (qty: string, amount: number) => ({
    type: 'refund',
    original_order: 'O-1',
    lines: [{ sku: 'TEA', qty, from_order: true }],
    tenders: [{ kind: 'cash', amount }],
  });
  expect(told(sale, part('0.1', 100))).toMatchObject([{ lines: [{ net: 100n }], total: 100n }]);
  expect(told(sale, part('0.1', 100), part('0.2', 200))).toMatchObject([{ lines: [{ net: 200n }], total: 200n }]);
});

test('a type nobody knows is told by name', () => {
  expect(() => told({ type: 'barter' })).toThrow(/event T1: nobody knows the type "barter"/);
});
