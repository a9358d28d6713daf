import type { TaxKind } from '@daybook/domain';
import { expect, test } from 'vitest';
import type { JournalEntryRow } from '../../reports.ts';
import { datevBooks } from './books.ts';
import { legNumber } from './persons.ts';
import { movedByRecord, recordsOf } from './records.ts';
import { bookingLine } from './rows.ts';
import { datevSettings } from './settings.ts';

const BOOKS = datevBooks(
  {
    currency: 'EUR',
    accounts: [
      '1000',
      '1200',
      '1400',
      '1360',
      '1600',
      '1771',
      '1776',
      '1576',
      '1718',
      '4930',
      '8120',
      '8290',
      '8300',
      '8400',
      '8790',
    ],
    controls: new Map([
      ['1400', 'debtor'],
      ['1600', 'creditor'],
    ]),
    rates: new Map([
      ['U19', '19'],
      ['U7', '7'],
      ['U0', '0'],
    ]),
  },
  datevSettings({ consultant: '1001', client: '1', chart: '03' }),
);
const numberOf = legNumber(BOOKS, { numberOf: (kind) => (kind === 'debtor' ? '10001' : '70001') });

type Line = [account: string, amount: number, more?: Partial<JournalEntryRow['lines'][number]>];

/** An entry of 2026 in cents, debit positive. */
function entry(lines: Line[], more: Partial<JournalEntryRow> = {}): JournalEntryRow {
  return {
    id: 1n,
    sequence: 1n,
    fiscalYear: '2026',
    number: 7,
    entryType: 'SAL',
    postingDate: '2026-03-05',
    taxPoint: '2026-03-05',
    recordedAt: new Date('2026-03-05T12:00:00Z'),
    sourceKey: 'shop:sale:1',
    memo: 'Rechnung 1',
    channel: null,
    eventId: null,
    reverses: null,
    reversedBy: null,
    lines: lines.map(([account, amount, change]) => ({
      account,
      name: account,
      debit: BigInt(Math.max(amount, 0)),
      credit: BigInt(Math.max(-amount, 0)),
      currency: 'EUR',
      amountTc: BigInt(Math.abs(amount)),
      role: 'role',
      taxCode: null,
      taxKind: null,
      party: null,
      document: null,
      ...change,
    })),
    ...more,
  };
}

const taxed = (taxCode: string, taxKind: TaxKind) => ({ taxCode, taxKind });
const NET19 = taxed('U19', 'net_out');
const TAX19 = taxed('U19', 'tax_out');
const INVOICE = { party: 'kunde', document: 'RE-1' };

/** Amount, side, account, contra account and key of each row. */
function rowsOf(given: JournalEntryRow): string[] {
  return recordsOf(given, BOOKS, numberOf).map((record) =>
    bookingLine(record, given, BOOKS, numberOf)
      .split(';')
      .filter((_, at) => [0, 1, 6, 7, 8].includes(at))
      .join(' '),
  );
}

/** What the rows move per account, tax taken out as the program does it; accounts at zero left out. */
function movedBy(given: JournalEntryRow): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const record of recordsOf(given, BOOKS, numberOf))
    for (const { account, amount } of movedByRecord(record, BOOKS))
      sums[account] = (sums[account] ?? 0) + Number(amount);
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0));
}

test('a sale of 19 % and 7 % on account is a gross row per revenue account, without tax or key (datev.md 4)', () => {
  // 1963.50 = 1650.00 + 313.50; 535.00 = 500.00 + 35.00.
  const sale = entry([
    ['1400', 249850, INVOICE],
    ['8400', -165000, NET19],
    ['8300', -50000, taxed('U7', 'net_out')],
    ['1776', -31350, TAX19],
    ['1771', -3500, taxed('U7', 'tax_out')],
  ]);
  expect(rowsOf(sale)).toEqual(['1963,50 "S" 10001 8400 ""', '535,00 "S" 10001 8300 ""']);
  expect(movedBy(sale)).toEqual({ 1400: 249850, 8400: -165000, 8300: -50000, 1776: -31350, 1771: -3500 });
});

test('a cent by which the channel departs from the rate stays on the tax account', () => {
  // 19 % of 84.03 is 15.97; the channel said 15.98.
  const sale = entry([
    ['1360', 10001],
    ['8400', -8403, NET19],
    ['1776', -1598, TAX19],
  ]);
  expect(rowsOf(sale)).toEqual(['100,00 "S" 1360 8400 ""', '0,01 "S" 1360 1776 ""']);
  expect(movedBy(sale)).toEqual({ 1360: 10001, 8400: -8403, 1776: -1598 });
});

test('input tax on an ordinary account has a key, as in the official sample (1000 4930 key 9)', () => {
  const bill = entry([
    ['4930', 2258, taxed('U19', 'net_in')],
    ['1576', 429, taxed('U19', 'tax_in')],
    ['1000', -2687],
  ]);
  expect(rowsOf(bill)).toEqual(['26,87 "H" 1000 4930 "9"']);
});

test('an automatic account without tax of its own is told so, a tax-free one needs nothing', () => {
  const correction = entry([
    ['1360', 1000],
    ['8400', -1000],
  ]);
  expect(rowsOf(correction)).toEqual(['10,00 "S" 1360 8400 "40"']);
  const zero = entry([
    ['1360', 1000],
    ['8290', -1000, taxed('U0', 'net_out')],
  ]);
  expect(rowsOf(zero)).toEqual(['10,00 "S" 1360 8290 ""']);
});

test('several accounts on both sides go over the interim account, which is even afterwards', () => {
  // Paid by cash and card, with a discount: 119.00 less 11.90.
  const sale = entry([
    ['1000', 5000],
    ['1360', 5710],
    ['8790', 1000, NET19],
    ['8400', -10000, NET19],
    ['1776', -1710, TAX19],
  ]);
  expect(rowsOf(sale)).toEqual([
    '50,00 "S" 1000 1599 ""',
    '57,10 "S" 1360 1599 ""',
    '11,90 "S" 8790 1599 ""',
    '119,00 "H" 8400 1599 ""',
  ]);
  expect(movedBy(sale)).toEqual({ 1000: 5000, 1360: 5710, 8790: 1000, 8400: -10000, 1776: -1710 });
});

test('a reversal has accounts and key of the original, the other side and the mark (datev.md 5)', () => {
  const lines: Line[] = [
    ['1600', -11900, { party: 'lieferant', document: 'ER-9' }],
    ['4930', 10000, taxed('U19', 'net_in')],
    ['1576', 1900, taxed('U19', 'tax_in')],
  ];
  const swapped = lines.map(([account, amount, more]): Line => [account, -amount, more]);
  const fields = (given: JournalEntryRow) => {
    const [record] = recordsOf(given, BOOKS, numberOf);
    if (!record) throw new Error('no row');
    const row = bookingLine(record, given, BOOKS, numberOf).split(';');
    return [0, 1, 6, 7, 8, 117].map((at) => row[at]).join(' ');
  };
  expect(fields(entry(lines))).toBe('119,00 "H" 70001 4930 "9" ""');
  expect(fields(entry(swapped, { reverses: 'shop:bill:9' }))).toBe('119,00 "S" 70001 4930 "9" "1"');
});

test('a foreign amount comes with rate and worth: 124.00 CHF at 1.24 are 100.00 EUR', () => {
  const foreign = { currency: 'CHF', amountTc: 12400n };
  const sale = entry([
    ['1400', 10000, { ...INVOICE, ...foreign }],
    ['8120', -10000, foreign],
  ]);
  const [record] = recordsOf(sale, BOOKS, numberOf);
  if (!record) throw new Error('no row');
  expect(bookingLine(record, sale, BOOKS, numberOf)).toMatch(/^124,00;"S";"CHF";1,240000;100,00;"EUR";10001;8120;/);
});

test('day, document, text, service period and lock stand in their columns', () => {
  const late = entry(
    [
      ['1400', 11900, { party: 'kunde', document: 'RE 2026_1.A' }],
      ['8400', -10000, NET19],
      ['1776', -1900, TAX19],
    ],
    { taxPoint: '2026-02-27', memo: `Łódź "neu"\n${'x'.repeat(80)}` },
  );
  const [record] = recordsOf(late, BOOKS, numberOf);
  if (!record) throw new Error('no row');
  const row = bookingLine(record, late, BOOKS, numberOf).trimEnd().split(';');
  expect(row).toHaveLength(125);
  expect([row[9], row[10], row[13], row[113], row[114], row[115]]).toEqual([
    '0503',
    '"RE-2026-1-A"',
    `"Lódz ""neu"" ${'x'.repeat(49)}"`,
    '0',
    '27022026',
    '05032026',
  ]);
});

test('a document number that open items could not be found by is refused', () => {
  const sale = entry([
    ['1400', 1000, { party: 'kunde', document: 'RÉ-1' }],
    ['8290', -1000],
  ]);
  expect(() => rowsOf(sale)).toThrow(/Entry 2026\/7 is on document "RÉ-1"/);
});

test('accounts need numbers of the length that is set, each its own, and none of them the interim account', () => {
  const settings = (more: Record<string, string>) =>
    datevSettings({ consultant: '1001', client: '1', chart: '03', ...more });
  const company = (accounts: string[]) => ({ currency: 'EUR', accounts, controls: new Map(), rates: new Map() });
  expect(() => datevBooks(company(['1200', 'cash']), settings({}))).toThrow(/Account cash is no number/);
  expect(() => datevBooks(company(['1599']), settings({}))).toThrow(/interim account 1599/);
  expect(() => datevBooks(company(['1200', '12000']), settings({ accountLength: '5' }))).toThrow(/1200 and 12000/);
  const { numbers } = datevBooks(company(['0800', 'cash']), settings({ accountLength: '5', 'account.cash': '1000' }));
  expect([...numbers.values()]).toEqual(['8000', '10000']);
});
