import { describe, expect, test } from 'vitest';
import { factsWith, refundOf, saleOf, voidOf } from '../test/books.ts';
import { books, expectedEntry, isThere, postedEntry } from '../test/month.ts';
import { entriesFor } from './posting-rules.ts';
import { taxInGross, taxLines } from './tax.ts';

/** Sales and refunds of the acceptance month (accounting.md J), translated to canonical events by hand. */
const vat = (amount: bigint) => [{ name: 'VAT', rate: '20', amount }];
const shopify = (amount: bigint) => ({ kind: 'card' as const, processor: 'shopify_payments', amount });
const stripe = (amount: bigint) => ({ kind: 'card' as const, processor: 'stripe', amount });

/** Order 1001: the month's source gives no tax, so A7 computes it: 24.00 and 15.00 inclusive, 5.00 off, post 4.95. */
const [mugs, book] = taxLines(
  [
    { amount: 2400n, rate: '20' },
    { amount: 1500n, rate: '0' },
  ],
  500n,
  true,
);
const postage = taxInGross(495n, '20');
const order1001 = saleOf({
  currency: 'GBP',
  occurredAt: '2026-03-02T10:12:31Z',
  pricesIncludeTax: true,
  lines: [
    { kind: 'product', id: 'm', sku: 'MUG', quantity: '2', ...priced(mugs), taxes: vat(mugs?.tax ?? 0n) },
    { kind: 'product', id: 'b', sku: 'BOOK', ...priced(book) },
    { kind: 'shipping', id: 's', net: 495n - postage, taxes: vat(postage) },
  ],
  tenders: [shopify(3895n)],
});

function priced(line: { listNet: bigint; discount: bigint; net: bigint } | undefined) {
  const { listNet, discount, net } = line ?? { listNet: 0n, discount: 0n, net: 0n };
  return { listNet, discount, net };
}

describe.skipIf(!isThere)('the acceptance month', () => {
  test('E01: inclusive sale with order discount and shipping', () => {
    expect(postedEntry(order1001)).toEqual(expectedEntry('E01'));
  });

  test('E02: a day of the till with cash, card and tip', () => {
    const day = saleOf({
      currency: 'GBP',
      occurredAt: '2026-03-03T17:30:00Z',
      lines: [
        { kind: 'product', sku: 'MUG', quantity: '20', net: 20000n, taxes: vat(4000n) },
        { kind: 'product', sku: 'LAMP', quantity: '3', net: 12250n, taxes: vat(2450n) },
        { kind: 'product', sku: 'BOOK', quantity: '4', net: 6000n },
        { kind: 'tip', net: 600n },
      ],
      tenders: [
        { kind: 'cash', amount: 18240n },
        { kind: 'card', processor: 'square', amount: 27060n },
      ],
    });
    expect(postedEntry(day)).toEqual(expectedEntry('E02'));
  });

  test('E05: tax as the channel states it', () => {
    const sale = saleOf({
      currency: 'GBP',
      occurredAt: '2026-03-04T13:44:09Z',
      lines: [
        { kind: 'product', sku: 'LAMP', quantity: '2', net: 8167n, taxes: vat(1633n) },
        { kind: 'shipping', net: 500n, taxes: vat(100n) },
      ],
      tenders: [stripe(10400n)],
    });
    expect(postedEntry(sale)).toEqual(expectedEntry('E05'));
  });

  test('E09: an export in euros', () => {
    const sale = saleOf({
      currency: 'EUR',
      occurredAt: '2026-03-06T20:15:44Z',
      lines: [
        { kind: 'product', sku: 'LAMP', quantity: '2', net: 12000n, taxCode: 'EXP0' },
        { kind: 'shipping', net: 1500n, taxCode: 'EXP0' },
      ],
      tenders: [stripe(13500n)],
    });
    expect(postedEntry(sale)).toEqual(expectedEntry('E09'));
  });

  test('E12 and E13: one mug of two, then the shipping', () => {
    const facts = factsWith({ sale: order1001, saleEntries: entriesFor(order1001, factsWith(), books) });
    const oneMug = refundOf({
      currency: 'GBP',
      occurredAt: '2026-03-08T12:00:00Z',
      lines: [{ kind: 'product', id: 'm', quantity: '1', net: 1046n, taxUnknown: true, restock: true }],
      tenders: [shopify(1046n)],
    });
    expect(postedEntry(oneMug, facts)).toEqual(expectedEntry('E12'));
    const shipping = refundOf({
      currency: 'GBP',
      id: '9002',
      occurredAt: '2026-03-09T12:00:00Z',
      lines: [{ kind: 'shipping', id: 's', net: 495n, taxUnknown: true }],
      tenders: [shopify(495n)],
    });
    expect(postedEntry(shipping, { ...facts, earlierRefunds: [oneMug] })).toEqual(expectedEntry('E13'));
  });

  test('E16 and E17: a gift card sold, and used in part', () => {
    const sold = saleOf({
      currency: 'GBP',
      occurredAt: '2026-03-10T18:30:00Z',
      lines: [{ kind: 'gift_card', net: 5000n }],
      tenders: [shopify(5000n)],
    });
    expect(postedEntry(sold)).toEqual(expectedEntry('E16'));
    const used = saleOf({
      currency: 'GBP',
      occurredAt: '2026-03-11T09:41:00Z',
      lines: [{ kind: 'product', sku: 'LAMP', net: 4083n, taxes: vat(817n) }],
      tenders: [{ kind: 'gift_card', amount: 3000n }, shopify(1900n)],
    });
    expect(postedEntry(used)).toEqual(expectedEntry('E17'));
  });

  test('E26 and E27: a return for store credit, and the exchange paid with it', () => {
    const back = refundOf({
      currency: 'GBP',
      sale: null,
      occurredAt: '2026-03-21T11:00:00Z',
      lines: [{ kind: 'product', sku: 'LAMP', net: 4083n, taxes: vat(817n), restock: true }],
      tenders: [{ kind: 'store_credit', amount: 4900n }],
    });
    expect(postedEntry(back)).toEqual(expectedEntry('E26'));
    const exchange = saleOf({
      currency: 'GBP',
      occurredAt: '2026-03-22T11:05:00Z',
      lines: [{ kind: 'product', sku: 'MUG', quantity: '4', net: 4000n, taxes: vat(800n) }],
      tenders: [{ kind: 'store_credit', amount: 4800n }],
    });
    expect(postedEntry(exchange)).toEqual(expectedEntry('E27'));
  });

  test('E28: authorised, then voided: no entry', () => {
    const cancelled = voidOf({ currency: 'GBP', occurredAt: '2026-03-23T12:00:00Z' });
    expect(postedEntry(cancelled)).toEqual(expectedEntry('E28'));
  });
});
