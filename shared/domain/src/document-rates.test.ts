import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, refundOf, saleOf, settlementOf, voidOf } from '../test/books.ts';
import { c1, c18, card, US } from '../test/examples.ts';
import { documentsFor } from './document-rules.ts';
import { entriesFor } from './posting-rules.ts';

/** Functional USD; the euro's rate rises between the sale's day and the refund's. */
const books = booksIn('US', {
  roles: { 'clearing.stripe.EUR': '1101-EUR' },
  rates: { 'EUR 2026-03-10': '1.1', 'EUR 2026-03-12': '1.2' },
});
const sold = (net: bigint) =>
  saleOf({ currency: 'EUR', lines: [{ kind: 'product', net }], tenders: [card('stripe', net)] });
const givenBack = (id: string, amount: bigint) =>
  refundOf({
    id,
    currency: 'EUR',
    occurredAt: '2026-03-12T12:00:00Z',
    lines: [{ kind: 'adjustment', net: amount, taxUnknown: true }],
    tenders: [card('stripe', amount)],
  });
const rates = (documents: ReturnType<typeof documentsFor>) => documents.map(({ kind, rate }) => [kind, rate]);

describe('documents in a foreign currency say the rate of the ledger', () => {
  test('the sale’s own, on invoice and payment; at home there is none', () => {
    expect(rates(documentsFor(c18, factsWith(), US))).toEqual([
      ['invoice', '0.00668'],
      ['payment', '0.00668'],
    ]);
    for (const each of documentsFor(c1, factsWith(), US)) expect(each).not.toHaveProperty('rate');
  });

  test('the sale’s on a refund or void of another day', () => {
    const sale = sold(1_000n);
    const facts = factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), books) });
    expect(rates(documentsFor(givenBack('r1', 400n), facts, books))).toEqual([
      ['credit_note', '1.1'],
      ['payment', '1.1'],
    ]);
    const owed = saleOf({ currency: 'EUR', lines: [{ kind: 'product', net: 1_000n }], due: 1_000n });
    const cancelled = voidOf({ currency: 'EUR', occurredAt: '2026-03-12T12:00:00Z' });
    const known = factsWith({ sale: owed, saleEntries: entriesFor(owed, factsWith(), books) });
    expect(rates(documentsFor(cancelled, known, books))).toEqual([
      ['credit_note', '1.1'],
      ['allocation', '1.1'],
    ]);
  });

  test('none where the table has none', () => {
    const none = booksIn('US', { roles: { 'clearing.stripe.EUR': '1101-EUR' } });
    for (const each of documentsFor(sold(1_000n), factsWith(), none)) expect(each).not.toHaveProperty('rate');
  });

  test('one that gives the ledger’s amount where half a cent could be rounded either way', () => {
    // 5.05 × 1.1 = 5.555, in the ledger 5.56; 5.05 × 1.101 = 5.56005.
    expect(rates(documentsFor(sold(505n), factsWith(), books))).toEqual([
      ['invoice', '1.101'],
      ['payment', '1.101'],
    ]);
  });

  test('one that gives what is left to the refund of the rest', () => {
    // The sale is worth 11.011 → 11.01, 5.05 of it 5.56, the rest of 4.96 what is left: 5.45, and not 5.456 → 5.46.
    const sale = sold(1_001n);
    const first = givenBack('r1', 505n);
    const saleEntries = entriesFor(sale, factsWith(), books);
    const facts = factsWith({ sale, saleEntries, earlierRefunds: [first] });
    // 4.96 × 1.0988 = 5.450048
    expect(rates(documentsFor(givenBack('r2', 496n), facts, books))).toEqual([
      ['credit_note', '1.0988'],
      ['payment', '1.0988'],
    ]);
  });
});

test('the journal of a conversion is in our currency and says what left the foreign account', () => {
  const converted = settlementOf({ currency: 'USD', from: { currency: 'JPY', amount: 11_000n }, amount: 7_279n });
  const [journal] = documentsFor(converted, factsWith(), US);
  expect(journal).toMatchObject({ kind: 'journal', currency: 'USD' });
  expect(journal).not.toHaveProperty('rate');
  const lines = journal?.kind === 'journal' ? journal.lines : [];
  expect(lines.map(({ role, amount, currency, amountTc }) => [role, amount, currency, amountTc])).toEqual([
    ['clearing.stripe.JPY', -7_348n, 'JPY', -11_000n],
    ['clearing.stripe', 7_279n, undefined, undefined],
    ['fx.loss', 69n, undefined, undefined],
  ]);
});
