import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, refundOf, rows, saleOf, taxed } from '../test/books.ts';
import { c1, c3, c18, card, GB, US } from '../test/examples.ts';
import { entriesFor } from './posting-rules.ts';

/** Worked examples of accounting.md C that post from a refund, to the cent. */
const ofC1 = factsWith({ sale: c1, saleEntries: entriesFor(c1, factsWith(), US) });

describe('refunds', () => {
  test('C5 and C12a: a refund as store credit', () => {
    const refund = refundOf({
      currency: 'GBP',
      sale: null,
      lines: [{ kind: 'product', net: 2000n, taxes: taxed(400n, '20') }],
      tenders: [{ kind: 'store_credit', amount: 2400n }],
    });
    expect(rows(entriesFor(refund, factsWith(), GB)[0], 'GBP')).toEqual([
      'Cr storecredit.liability 24.00',
      'Dr sales.returns 20.00',
      'Dr tax.output 4.00',
    ]);
  });

  test('C7a: a full refund', () => {
    const refund = refundOf({
      currency: 'USD',
      lines: [{ kind: 'product', id: 'a', quantity: '2', net: 4998n, taxes: taxed(412n, '8.25'), restock: true }],
      tenders: [card('stripe', 5410n)],
    });
    const [entry] = entriesFor(refund, ofC1, US);
    expect([entry?.entryType, ...rows(entry, 'USD')]).toEqual([
      'RFD',
      'Cr clearing.stripe 54.10',
      'Dr sales.returns 49.98',
      'Dr tax.output 4.12',
    ]);
  });

  test('C8: one of two units without its tax takes half of it, the second unit the rest', () => {
    const one = (id: string, amount: bigint) =>
      refundOf({
        currency: 'USD',
        id,
        lines: [{ kind: 'product', id: 'a', quantity: '1', net: amount, taxUnknown: true }],
        tenders: [card('stripe', amount)],
      });
    const first = one('9001', 2705n);
    expect(rows(entriesFor(first, ofC1, US)[0], 'USD')).toEqual([
      'Cr clearing.stripe 27.05',
      'Dr sales.returns 24.99',
      'Dr tax.output 2.06',
    ]);
    const facts = { ...ofC1, earlierRefunds: [first] };
    expect(rows(entriesFor(one('9002', 2705n), facts, US)[0], 'USD')).toEqual([
      'Cr clearing.stripe 27.05',
      'Dr sales.returns 24.99',
      'Dr tax.output 2.06',
    ]);
  });

  test('C9: refunded shipping goes against shipping, not returns', () => {
    const refund = refundOf({
      currency: 'USD',
      lines: [{ kind: 'shipping', id: 's', net: 500n, taxes: taxed(40n, '8') }],
      tenders: [card('square', 540n)],
    });
    expect(rows(entriesFor(refund, factsWith({ sale: c3 }), US)[0], 'USD')).toEqual([
      'Cr clearing.square 5.40',
      'Dr sales.shipping 5.00',
      'Dr tax.output 0.40',
    ]);
  });

  const c11sale = saleOf({
    currency: 'GBP',
    pricesIncludeTax: true,
    lines: [{ kind: 'product', id: 'a', net: 5000n, taxes: taxed(1000n, '20') }],
    tenders: [card('stripe', 6000n)],
  });
  const goodwill = (amount: bigint, id = '9001') =>
    refundOf({
      currency: 'GBP',
      id,
      lines: [{ kind: 'adjustment', net: amount, taxUnknown: true }],
      tenders: [card('stripe', amount)],
    });

  test('C11: goodwill without lines takes tax in the ratio of the order', () => {
    const [entry] = entriesFor(goodwill(500n), factsWith({ sale: c11sale }), GB);
    expect(rows(entry, 'GBP')).toEqual(['Cr clearing.stripe 5.00', 'Dr sales.returns 4.17', 'Dr tax.output 0.83']);
    expect(entry?.lines[1]).toMatchObject({ taxCode: 'S20', taxKind: 'net_out' });
  });

  test('goodwill over two rates: tax and net each by largest remainder', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [
        { kind: 'product', net: 5000n, taxes: taxed(1000n, '20') },
        { kind: 'product', net: 4000n, taxes: taxed(0n, '0') },
      ],
      tenders: [card('stripe', 10000n)],
    });
    // Tax 10.00 × 10.00/100.00 = 1.00; net 9.00 over 50:40 = 5.00 and 4.00.
    const [entry] = entriesFor(goodwill(1000n), factsWith({ sale }), GB);
    expect(entry?.lines.map((line) => [line.role, line.taxCode, line.amount])).toEqual([
      ['clearing.stripe', undefined, -1000n],
      ['sales.returns', 'S20', 500n],
      ['tax.output', 'S20', 100n],
      ['sales.returns', 'Z0', 400n],
    ]);
  });

  test('a refund without lines that completes the sale gives back exactly what is left, also tip and shipping', () => {
    const facts = factsWith({ sale: c3 });
    const first = refundOf({
      currency: 'USD',
      lines: [{ kind: 'product', id: 'i', net: 2000n, taxes: taxed(160n, '8') }],
      tenders: [card('square', 2160n)],
    });
    const rest = refundOf({
      currency: 'USD',
      id: '9002',
      lines: [{ kind: 'adjustment', net: 840n, taxUnknown: true }],
      tenders: [card('square', 840n)],
    });
    expect(rows(entriesFor(rest, { ...facts, earlierRefunds: [first] }, US)[0], 'USD')).toEqual([
      'Cr clearing.square 8.40',
      'Dr sales.shipping 5.00',
      'Dr tax.output 0.40',
      'Dr tips.payable 3.00',
    ]);
  });

  test('a refund larger than its sale is posted: the channel paid it, so it is a fact', () => {
    const [entry] = entriesFor(goodwill(9000n), factsWith({ sale: c11sale }), GB);
    expect(rows(entry, 'GBP')).toEqual(['Cr clearing.stripe 90.00', 'Dr sales.returns 75.00', 'Dr tax.output 15.00']);
  });

  test('a returned line without tax of its own keeps the tax code of the sale', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'product', id: 'a', net: 6000n, taxCode: 'EXP0' }],
      tenders: [card('stripe', 6000n)],
    });
    const refund = refundOf({
      currency: 'GBP',
      lines: [{ kind: 'product', id: 'a', net: 6000n }],
      tenders: [card('stripe', 6000n)],
    });
    const [entry] = entriesFor(refund, factsWith({ sale }), GB);
    expect(entry?.lines.map((line) => [line.role, line.taxCode])).toEqual([
      ['clearing.stripe', undefined],
      ['sales.returns', 'EXP0'],
    ]);
  });

  test('a foreign refund mirrors the rate of its sale, not of its own day', () => {
    const rates = { 'JPY 2026-03-10': '0.00668', 'JPY 2026-04-20': '0.00700' };
    const books = booksIn('US', { roles: { 'clearing.stripe.JPY': '1104' }, rates });
    const facts = factsWith({ sale: c18, saleEntries: entriesFor(c18, factsWith(), books) });
    const refund = refundOf({
      currency: 'JPY',
      occurredAt: '2026-04-20T08:00:00Z',
      lines: [{ kind: 'product', id: 'a', net: 10000n, taxes: taxed(1000n, '10', 'Consumption tax') }],
      tenders: [card('stripe', 11000n)],
    });
    const [entry] = entriesFor(refund, facts, books);
    expect(entry?.postingDate).toBe('2026-04-20');
    expect(rows(entry, 'USD')).toEqual([
      'Cr clearing.stripe.JPY 73.48',
      'Dr sales.returns 66.80',
      'Dr tax.output 6.68',
    ]);
  });
});
