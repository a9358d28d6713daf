import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, rows, saleOf, taxed } from '../test/books.ts';
import { card, GB, US } from '../test/examples.ts';
import { type EventInput, makeEvent, type Sale } from './events.ts';
import { entriesFor } from './posting-rules.ts';

/** What people and bank statements enter, and what becomes of prepaid orders (accounting.md C15, C19, C21). */
const HEAD = { version: 1, channel: 'ledger', id: 'J-1', revision: '1', test: false } as const;
const TIME = { occurredAt: '2026-03-10T12:00:00Z', date: '2026-03-10' } as const;
const entered = (type: EventInput['type'], given: Record<string, unknown>) =>
  makeEvent({ ...HEAD, ...TIME, type, currency: 'GBP', ...given });
const posted = (event: ReturnType<typeof entered>, books = GB, sale: Sale | null = null) =>
  entriesFor(event, factsWith({ source: 'entered', sale }), books)[0];

describe('a manual journal', () => {
  const journal = (lines: unknown[], given = {}) => entered('journal', { lines, ...given });

  test('is booked line by line as it was written, by account or by role', () => {
    const entry = posted(
      journal([
        { account: '7801', amount: 1250n },
        { role: 'cash.drawer', amount: -1250n },
      ]),
    );
    expect(entry).toMatchObject({ entryType: 'GEN', postingDate: '2026-03-10', sourceKey: 'entered:journal:J-1' });
    expect(entry?.lines.map(({ account, amount }) => [account, amount])).toEqual([
      ['7801', 1250n],
      ['1230', -1250n],
    ]);
  });

  test('that does not balance is refused', () => {
    const uneven = journal([
      { account: '7801', amount: 1000n },
      { account: '1200', amount: -999n },
    ]);
    expect(() => posted(uneven)).toThrow(expect.objectContaining({ code: 'ENTRY_UNBALANCED' }));
  });

  test('keeps its date or is refused: it is never moved to another period', () => {
    const early = journal(
      [
        { account: '7801', amount: 1n },
        { account: '7504', amount: -1n },
      ],
      { date: '2025-12-31' },
    );
    expect(() => posted(early)).toThrow(expect.objectContaining({ code: 'PERIOD_CLOSED' }));
  });

  test('in another currency is worth what the rate table says of its day', () => {
    const books = booksIn('GB', { rates: { EUR: '0.8640' } });
    const lines = [
      { account: '1242', amount: 13500n },
      { account: '4003', amount: -12000n },
      { account: '4050', amount: -1500n },
    ];
    // 135.00 EUR at 0.8640 = 116.64, of which 120/135 = 103.68 and 15/135 = 12.96 (accounting.md A6, fixture E09).
    const entry = posted(journal(lines, { currency: 'EUR' }), books);
    expect(entry?.lines.map(({ account, amount, amountTc }) => [account, amount, amountTc])).toEqual([
      ['1242', 11664n, 13500n],
      ['4003', -10368n, -12000n],
      ['4050', -1296n, -1500n],
    ]);
  });

  test('names an account or a role on each line, not both', () => {
    const both = [{ account: '7801', role: 'expense.cleaning', amount: 1n }];
    expect(() => journal(both)).toThrow(/needs an account or a role, not both/);
  });
});

describe('a movement on the bank account', () => {
  const movement = (amount: bigint, line: Record<string, unknown>) =>
    entered('bank_movement', { amount, lines: [{ net: amount, ...line }] });

  test('for an invoice is a receipt that says whose and which (C19b)', () => {
    const entry = posted(movement(50000n, { role: 'ar.control', party: 'Quayside Hotel', document: 'INV-0101' }));
    expect(entry?.entryType).toBe('RCT');
    expect(rows(entry, 'GBP')).toEqual(['Dr bank.main 500.00', 'Cr ar.control 500.00']);
    expect(entry?.lines[1]).toMatchObject({ party: 'Quayside Hotel', document: 'INV-0101' });
  });

  test('to the tax authority leaves the account of filed returns', () => {
    const entry = posted(movement(-120433n, { role: 'tax.settlement' }));
    expect(entry?.entryType).toBe('BNK');
    expect(rows(entry, 'GBP')).toEqual(['Cr bank.main 1204.33', 'Dr tax.settlement 1204.33']);
  });

  test('for an expense with tax books net and input tax', () => {
    const lines = [{ role: 'expense.office', net: -2000n, tax: -400n, taxCode: 'S20' }];
    const entry = posted(entered('bank_movement', { amount: -2400n, lines }));
    expect(rows(entry, 'GBP')).toEqual(['Cr bank.main 24.00', 'Dr expense.office 20.00', 'Dr tax.input 4.00']);
    expect(entry?.lines.map((line) => line.taxKind)).toEqual([undefined, 'net_in', 'tax_in']);
  });

  test('under reverse charge owes and recovers the tax at once (C15b)', () => {
    const entry = posted(movement(-2500n, { role: 'expense.software', taxCode: 'RC20' }));
    expect(rows(entry, 'GBP')).toEqual([
      'Cr bank.main 25.00',
      'Dr expense.software 25.00',
      'Dr tax.input.rc 5.00',
      'Cr tax.output.rc 5.00',
    ]);
  });

  test('whose lines come to something else than its amount is no event', () => {
    const event = () => entered('bank_movement', { amount: 100n, lines: [{ role: 'suspense', net: 99n }] });
    expect(event).toThrow(/the lines come to GBP 0\.99, but total is GBP 1\.00/);
  });
});

describe('a bill', () => {
  const bill = (given: Record<string, unknown>) =>
    entered('bill', {
      number: 'RE-77',
      supplier: { id: 'S-1', name: 'Verlag Nord' },
      lines: [{ role: 'expense.office', net: 10000n, tax: 2000n, taxCode: 'S20' }],
      total: 12000n,
      ...given,
    });

  test('on terms is owed to the supplier under its number, until its due date', () => {
    const entry = posted(bill({ dueDate: '2026-04-09' }));
    expect(entry?.entryType).toBe('PUR');
    expect(rows(entry, 'GBP')).toEqual(['Cr ap.control 120.00', 'Dr expense.office 100.00', 'Dr tax.input 20.00']);
    const item = { partyName: 'Verlag Nord', dueDate: '2026-04-09' };
    expect(entry?.lines[0]).toMatchObject({ party: 'S-1', document: 'RE-77', item });
  });

  test('that was paid at once is owed to nobody', () => {
    const entry = posted(bill({ paidFrom: 'bank.main' }));
    expect(rows(entry, 'GBP')[0]).toBe('Cr bank.main 120.00');
    expect(entry?.lines[0]?.party).toBeUndefined();
  });
});

describe('a prepaid order', () => {
  const fulfil = (lines: unknown[], currency: string) =>
    makeEvent({ ...HEAD, occurredAt: TIME.occurredAt, type: 'fulfilment', currency, sale: { id: '1001' }, lines });

  test('taxed with the payment becomes revenue without tax (C21a, C21b)', () => {
    const prepaid = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'deposit', net: 10000n, taxes: taxed(2000n, '20'), taxCode: 'S20' }],
      tenders: [card('stripe', 12000n)],
    });
    const [deposit] = entriesFor(prepaid, factsWith(), GB);
    expect(deposit?.entryType).toBe('DEP');
    expect(rows(deposit, 'GBP')).toEqual([
      'Dr clearing.stripe 120.00',
      'Cr customer.deposits 100.00',
      'Cr tax.output 20.00',
    ]);
    const entry = posted(fulfil([{ quantity: '1', net: 10000n }], 'GBP'), GB, prepaid);
    expect(entry?.entryType).toBe('SAL');
    expect(rows(entry, 'GBP')).toEqual(['Dr customer.deposits 100.00', 'Cr sales.revenue.standard 100.00']);
    expect(entry?.lines.every((line) => line.taxCode === undefined)).toBe(true);
  });

  test('taxed with the sale is a gross deposit, and tax is booked when it is fulfilled (C21c, C21d)', () => {
    const prepaid = saleOf({
      currency: 'USD',
      lines: [{ kind: 'deposit', net: 10800n }],
      tenders: [card('stripe', 10800n)],
    });
    expect(rows(entriesFor(prepaid, factsWith(), US)[0], 'USD')).toEqual([
      'Dr clearing.stripe 108.00',
      'Cr customer.deposits 108.00',
    ]);
    const event = fulfil([{ quantity: '1', net: 10000n, taxes: taxed(800n, '8') }], 'USD');
    expect(rows(posted(event, US, prepaid), 'USD')).toEqual([
      'Dr customer.deposits 108.00',
      'Cr sales.revenue.standard 100.00',
      'Cr tax.output 8.00',
    ]);
  });

  test('that is not in the books yet makes its fulfilment wait', () => {
    const event = fulfil([{ quantity: '1', net: 100n }], 'GBP');
    expect(() => posted(event)).toThrow(expect.objectContaining({ code: 'SALE_UNKNOWN' }));
  });
});

describe('the revenue account of a product', () => {
  const group = { number: 7, description: 'Lamps', stockTracked: true, salesTax: null, purchaseTax: null } as const;
  const accounts = {
    inventory: null,
    costOfSales: null,
    countVariance: null,
    adjustment: null,
    purchaseVariance: null,
    purchases: null,
  };
  const lamp = (taxCode: string) =>
    saleOf({
      currency: 'GBP',
      lines: [{ kind: 'product', sku: 'LAMP', net: 1000n, taxCode }],
      tenders: [card('stripe', 1000n)],
    });
  const booksWith = (roles: Record<string, string>) => ({
    ...booksIn('GB', { roles }),
    groupOf: () => ({ ...group, ...accounts, sales: '4007' }),
  });
  const accountOf = (taxCode: string, roles = {}) =>
    entriesFor(lamp(taxCode), factsWith(), booksWith(roles))[0]?.lines[1]?.account;

  test('is its group’s, unless its tax code asks for one of its own (accounting.md A4)', () => {
    expect(accountOf('Z0')).toBe('4007');
    expect(accountOf('EXP0')).toBe('4003');
    expect(accountOf('Z0', { 'sales.revenue.Z0': '4099' })).toBe('4099');
  });
});
