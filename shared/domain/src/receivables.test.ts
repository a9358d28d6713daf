import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, paymentOf, refundOf, rows, saleOf, taxed } from '../test/books.ts';
import { documentsFor } from './document-rules.ts';
import { makeEvent } from './events.ts';
import { entriesFor } from './posting-rules.ts';

const GB = {
  ...booksIn('GB'),
  subledgers: new Map([
    ['1100', 'gross' as const],
    ['2100', 'gross' as const],
  ]),
};

/** An event that people enter on 10 March. */
const entered = (type: string, given: object) =>
  makeEvent({
    ...{ version: 1, channel: 'entered', id: `${type}-1`, revision: '1', occurredAt: '2026-03-10T12:00:00Z' },
    ...{ type, currency: 'GBP', test: false, date: '2026-03-10', ...given },
  });
const posted = (type: string, given: object) => entriesFor(entered(type, given), factsWith(), GB)[0];

const invoice = saleOf({
  currency: 'GBP',
  number: 'INV-0107',
  order: { id: '55', number: '#1055' },
  lines: [{ kind: 'product', id: 'a', quantity: '10', net: 100000n, taxes: taxed(20000n, '20') }],
  due: 120000n,
  terms: { dueDate: '2026-04-09' },
  customer: { id: 'c7', name: 'Quayside Hotel' },
});
const known = { sale: invoice, saleRevisions: [invoice], saleEntries: entriesFor(invoice, factsWith(), GB) };

describe('an invoice on terms', () => {
  test('is owed under its own number, with name, order and due date for the invoice ledger', () => {
    expect(known.saleEntries[0]?.lines[0]).toMatchObject({
      document: 'INV-0107',
      item: { partyName: 'Quayside Hotel', dueDate: '2026-04-09', reference: '#1055' },
    });
  });

  test('of an anonymous buyer is owed by a party that stands for many', () => {
    const order = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'product', net: 1000n, taxes: taxed(200n, '20') }],
      due: 1200n,
    });
    expect(entriesFor(order, factsWith(), GB)[0]?.lines[0]?.item).toMatchObject({ sharedParty: true });
  });

  test('is credited on account by a credit note that names it, in ledger and documents', () => {
    const credit = refundOf({
      currency: 'GBP',
      number: 'CN-12',
      total: 24000n,
      due: 24000n,
      lines: [{ kind: 'product', id: 'a', quantity: '2', net: 20000n, taxes: taxed(4000n, '20') }],
    });
    const [entry] = entriesFor(credit, factsWith(known), GB);
    expect([entry?.entryType, ...rows(entry, 'GBP')]).toEqual([
      'RFD',
      'Cr ar.control 240.00',
      'Dr sales.returns 200.00',
      'Dr tax.output 40.00',
    ]);
    expect(entry?.lines[0]).toMatchObject({ document: 'CN-12', item: { reference: 'INV-0107' } });
    const documents = documentsFor(credit, factsWith(known), GB);
    expect(documents).toMatchObject([
      { kind: 'credit_note', number: 'CN-12', total: 24000n },
      { kind: 'allocation', creditNote: 'CN-12', invoice: 'INV-0107', amount: 24000n },
    ]);
    const after = factsWith({ ...known, earlierRefunds: [credit] });
    const paid = documentsFor(paymentOf({ currency: 'GBP', amount: 96000n }), after, GB);
    expect(paid).toMatchObject([{ kind: 'payment', settles: { number: 'INV-0107' }, amount: 96000n }]);
  });
});

describe('a receipt of the bank', () => {
  const line = { role: 'ar.control', net: 120000n, party: 'Quayside Hotel', document: 'INV-0107' };

  test('C19d: a discount for paying early lowers the sale and its tax', () => {
    const discount = { role: 'sales.discount', net: -2000n, tax: -400n, taxCode: 'S20' };
    const entry = posted('bank_movement', { amount: 117600n, lines: [line, discount] });
    expect([entry?.entryType, ...rows(entry, 'GBP')]).toEqual([
      'RCT',
      'Dr bank.main 1176.00',
      'Cr ar.control 1200.00',
      'Dr sales.discount 20.00',
      'Dr tax.output 4.00',
    ]);
    expect(entry?.lines[2]).toMatchObject({ taxCode: 'S20', taxKind: 'net_out' });
  });
});

describe('a write-off', () => {
  const owed = { party: 'Quayside Hotel', document: 'INV-0107', amount: 70000n };

  test('C19e: takes the gross amount as bad debt', () => {
    const entry = posted('write_off', owed);
    expect([entry?.entryType, ...rows(entry, 'GBP')]).toEqual(['GEN', 'Cr ar.control 700.00', 'Dr bad_debt 700.00']);
    expect(entry?.lines[0]).toMatchObject({ party: 'Quayside Hotel', document: 'INV-0107', item: { exact: true } });
  });

  test('C19f: corrects the output tax at once where the regime does', () => {
    const DE = booksIn('DE');
    const event = entered('write_off', { ...owed, currency: 'EUR', tax: 11667n, taxCode: 'U19' });
    expect(rows(entriesFor(event, factsWith(), DE)[0], 'EUR')).toEqual([
      'Cr ar.control 700.00',
      'Dr bad_debt 583.33',
      'Dr tax.output 116.67',
    ]);
  });

  test('of a difference goes to the account the company chose for it, of a supplier’s bill the other way round', () => {
    const fees = { ...GB, settings: { ...GB.settings, toleranceRole: 'fees.processing' } };
    const small = entered('write_off', { ...owed, amount: 3n, reason: 'difference' });
    expect(rows(entriesFor(small, factsWith(), fees)[0], 'GBP')).toEqual([
      'Cr ar.control 0.03',
      'Dr fees.processing 0.03',
    ]);
    const bill = posted('write_off', { ...owed, amount: 3n, reason: 'difference', side: 'payable' });
    expect(rows(bill, 'GBP')).toEqual(['Dr ap.control 0.03', 'Cr rounding.cash 0.03']);
  });
});

describe('a journal by hand', () => {
  const to = (more: object) => ({
    lines: [
      { account: '1100', amount: 500n, ...more },
      { account: '4000', amount: -500n },
    ],
  });

  test('N09: is refused on a sub-ledger account without party and document', () => {
    const refused = { code: 'SUBLEDGER_DETAIL_REQUIRED', subject: '1100' };
    expect(() => posted('journal', to({}))).toThrow(expect.objectContaining(refused));
    expect(() => posted('journal', to({ party: 'Dune' }))).toThrow(expect.objectContaining(refused));
    expect(posted('journal', to({ party: 'Dune', document: 'INV-7', dueDate: '2026-04-30' }))?.lines[0]).toMatchObject({
      item: { dueDate: '2026-04-30' },
    });
  });
});

describe('opening balances', () => {
  const item = {
    document: 'INV-0091',
    party: 'Old Mill Cafe',
    date: '2026-01-11',
    dueDate: '2026-02-10',
    amount: 48000n,
  };
  const against = { account: '3980', amount: -48000n };

  test('E4: items behind a total are entered in the invoice ledger alone', () => {
    const more = { ...item, document: 'INV-0092', amount: 8000n };
    const lines = [
      { account: '1100', amount: 56000n },
      { account: '3980', amount: -56000n },
    ];
    const entry = posted('opening', { lines, openItems: [item, more] });
    expect(rows(entry, 'GBP')).toEqual(['Dr ar.control 560.00', 'Cr equity.opening 560.00']);
    expect(entry?.openingItems).toMatchObject([
      { account: '1100', document: 'INV-0091', documentDate: '2026-01-11', dueDate: '2026-02-10', amount: 48000n },
      { account: '1100', document: 'INV-0092', amount: 8000n },
    ]);
  });

  test('an item that stands on a line already only adds its dates to it', () => {
    const line = { account: '1100', amount: 48000n, party: 'Old Mill Cafe', document: 'INV-0091' };
    const entry = posted('opening', { lines: [line, against], openItems: [item] });
    expect(entry?.openingItems).toEqual([]);
    expect(entry?.lines[0]?.item).toEqual({ documentDate: '2026-01-11', dueDate: '2026-02-10' });
  });

  test('are refused while the items do not come to the balance', () => {
    const refused = expect.objectContaining({ code: 'OPENING_ITEMS_DIFFER', subject: '1100' });
    const total = { account: '1100', amount: 48000n };
    expect(() => posted('opening', { lines: [total, against] })).toThrow(refused);
    expect(() => posted('opening', { lines: [total, against], openItems: [{ ...item, amount: 47999n }] })).toThrow(
      refused,
    );
    expect(() => posted('opening', { lines: [], openItems: [item] })).toThrow(refused);
  });
});
