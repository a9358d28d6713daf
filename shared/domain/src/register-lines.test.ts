import { expect, test } from 'vitest';
import { booksIn, factsWith, refundOf, saleOf, taxed } from '../test/books.ts';
import { makeEvent } from './events.ts';
import { entriesFor } from './posting-rules.ts';

/** What the registers of gift cards, store credit and deposits are kept by (accounting.md H13). */
const GB = booksIn('GB');
const COIN = { currency: 'GBP' };

function named(entry: ReturnType<typeof entriesFor>[number] | undefined, role: string) {
  const lines = entry?.lines.filter((line) => line.role === role) ?? [];
  return lines.map(({ document, amount }) => [document, amount]);
}

test('a gift card that is sold is named by its line, and cards that pay by their tenders', () => {
  const card = { kind: 'gift_card' as const, id: 'GC-550', net: 5000n };
  const sold = saleOf({ ...COIN, lines: [card], tenders: [{ kind: 'cash', amount: 5000n }] });
  expect(named(entriesFor(sold, factsWith(), GB)[0], 'giftcard.liability')).toEqual([['GC-550', -5000n]]);
  const used = saleOf({
    ...COIN,
    lines: [{ kind: 'product', net: 5000n, taxes: taxed(1000n, '20') }],
    tenders: [
      { kind: 'gift_card', id: 'GC-550', amount: 3000n },
      { kind: 'gift_card', id: 'GC-551', amount: 1000n },
      { kind: 'gift_card', amount: 500n },
      { kind: 'cash', amount: 1500n },
    ],
  });
  expect(named(entriesFor(used, factsWith(), GB)[0], 'giftcard.liability')).toEqual([
    ['GC-550', 3000n],
    ['GC-551', 1000n],
    [undefined, 500n],
  ]);
});

test('store credit that a refund gives is named by its tender', () => {
  const sale = saleOf({
    ...COIN,
    lines: [{ kind: 'product', id: 'l1', net: 2000n, taxes: taxed(400n, '20') }],
    tenders: [{ kind: 'cash', amount: 2400n }],
  });
  const refund = refundOf({
    ...COIN,
    lines: [{ kind: 'product', id: 'l1', net: 2000n, taxes: taxed(400n, '20') }],
    tenders: [{ kind: 'store_credit', id: 'SC-7', amount: 2400n }],
  });
  expect(named(entriesFor(refund, factsWith({ sale }), GB)[0], 'storecredit.liability')).toEqual([['SC-7', -2400n]]);
});

test('a deposit and what is shipped of it are named by the order', () => {
  const prepaid = saleOf({
    ...COIN,
    order: { id: '77', number: 'W-503' },
    lines: [{ kind: 'deposit', net: 20000n, taxes: taxed(4000n, '20'), taxCode: 'S20' }],
    tenders: [{ kind: 'cash', amount: 24000n }],
  });
  expect(named(entriesFor(prepaid, factsWith(), GB)[0], 'customer.deposits')).toEqual([['W-503', -20000n]]);
  const shipped = makeEvent({
    ...{ version: 1, type: 'fulfilment', channel: 'webshop', id: 'f1', revision: '1', test: false, currency: 'GBP' },
    ...{ occurredAt: '2026-03-12T12:00:00Z', sale: { id: '1001' }, lines: [{ quantity: '4', net: 16000n }] },
  });
  const [entry] = entriesFor(shipped, factsWith({ sale: prepaid }), GB);
  expect(named(entry, 'customer.deposits')).toEqual([['W-503', 16000n]]);
});
