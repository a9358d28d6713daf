import { describe, expect, test } from 'vitest';
import { balances, booksIn, factsWith, paymentOf, refundOf, rows, saleOf, taxed, voidOf } from '../test/books.ts';
import type { Sale } from './events.ts';
import { entriesFor } from './posting-rules.ts';

/** Edited and cancelled orders (accounting.md A3, I4, C13). */
const GB = booksIn('GB');
const MARCH_CLOSED = booksIn('GB', { openFrom: '2026-04-01' });
const sold = (net: bigint, tax: bigint, revision: string, more: { occurredAt?: string } = {}) =>
  saleOf({
    currency: 'GBP',
    revision,
    lines: [{ kind: 'product', net, taxes: taxed(tax, '20') }],
    tenders: [{ kind: 'card', processor: 'stripe', amount: net + tax }],
    ...more,
  });
const first = sold(1000n, 200n, '1');
const posted = entriesFor(first, factsWith(), GB);
const after = (event: Sale, version = 1, entries = posted) => factsWith({ previous: { version, event, entries } });

describe('an edited order', () => {
  test('is reversed on its own date and posted anew while the period is open', () => {
    const entries = entriesFor(sold(1500n, 300n, '2'), after(first), GB);
    expect(entries.map(({ sourceKey, reverses, postingDate }) => [sourceKey, reverses, postingDate])).toEqual([
      ['webshop:demo.example:sale:1001:reversal', 'webshop:demo.example:sale:1001', '2026-03-10'],
      ['webshop:demo.example:sale:1001:v2', undefined, '2026-03-10'],
    ]);
    expect(rows(entries[0], 'GBP')).toEqual([
      'Cr clearing.stripe 12.00',
      'Dr sales.revenue.standard 10.00',
      'Dr tax.output 2.00',
    ]);
    expect(rows(entries[1], 'GBP')).toEqual([
      'Dr clearing.stripe 18.00',
      'Cr sales.revenue.standard 15.00',
      'Cr tax.output 3.00',
    ]);
  });

  test('posts only the difference, on the first open day and linked, when its period is closed', () => {
    const [entry, ...more] = entriesFor(sold(1500n, 300n, '2'), after(first), MARCH_CLOSED);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      sourceKey: 'webshop:demo.example:sale:1001:v2',
      postingDate: '2026-04-01',
      taxPoint: '2026-03-10',
    });
    expect(entry?.memo).toContain('difference to webshop:demo.example:sale:1001 of 2026-03-10');
    expect(rows(entry, 'GBP')).toEqual([
      'Dr clearing.stripe 6.00',
      'Cr sales.revenue.standard 5.00',
      'Cr tax.output 1.00',
    ]);
  });

  test('edited again after a difference ends at the newest version, with a key of its own', () => {
    const second = sold(1500n, 300n, '2');
    const difference = entriesFor(second, after(first), MARCH_CLOSED);
    const third = entriesFor(sold(500n, 100n, '3'), after(second, 2, [...posted, ...difference]), MARCH_CLOSED);
    expect(third.map((entry) => entry.sourceKey)).toEqual(['webshop:demo.example:sale:1001:v3']);
    const newest = entriesFor(sold(500n, 100n, '3'), factsWith(), GB);
    expect(balances([...posted, ...difference, ...third])).toEqual(balances(newest));
  });

  test('that changes no account posts nothing', () => {
    expect(entriesFor(sold(1000n, 200n, '2'), after(first), GB)).toEqual([]);
    expect(entriesFor(sold(1000n, 200n, '2'), after(first), MARCH_CLOSED)).toEqual([]);
  });

  test('whose date moved is posted on the new date', () => {
    const moved = sold(1000n, 200n, '2', { occurredAt: '2026-03-12T10:00:00Z' });
    expect(entriesFor(moved, after(first), GB).map((entry) => entry.postingDate)).toEqual(['2026-03-10', '2026-03-12']);
  });

  test('that came to nothing is only reversed', () => {
    const entries = entriesFor(sold(0n, 0n, '2'), after(first), GB);
    expect(entries.map((entry) => entry.reverses)).toEqual(['webshop:demo.example:sale:1001']);
  });
});

test('a refund that failed after it was posted is reversed', () => {
  const refund = refundOf({
    currency: 'GBP',
    lines: [{ kind: 'product', net: 1000n, taxes: taxed(200n, '20') }],
    tenders: [{ kind: 'card', processor: 'stripe', amount: 1200n }],
  });
  const facts = factsWith({ sale: first, saleEntries: posted });
  const entries = entriesFor(refund, facts, GB);
  const failed = refundOf({ currency: 'GBP', revision: '2' });
  const undone = entriesFor(failed, { ...facts, previous: { version: 1, event: refund, entries } }, GB);
  expect(undone.map((entry) => entry.sourceKey)).toEqual(['webshop:demo.example:refund:9001:reversal']);
  expect(balances([...entries, ...undone])).toEqual(new Map());
});

describe('a cancelled order', () => {
  const owed = saleOf({
    currency: 'GBP',
    lines: [{ kind: 'product', net: 1000n, taxes: taxed(200n, '20') }],
    due: 1200n,
  });
  const owedEntries = entriesFor(owed, factsWith(), GB);
  const cancelled = voidOf({ currency: 'GBP' });

  test('that was never posted posts nothing (C13)', () => {
    expect(entriesFor(cancelled, factsWith(), GB)).toEqual([]);
  });

  test('posted as owed is reversed, on the first open day when its own is closed', () => {
    const facts = factsWith({ sale: owed, saleEntries: owedEntries });
    expect(balances([...owedEntries, ...entriesFor(cancelled, facts, GB)])).toEqual(new Map());
    const [late] = entriesFor(cancelled, facts, MARCH_CLOSED);
    expect(late).toMatchObject({ postingDate: '2026-04-01', reverses: 'webshop:demo.example:sale:1001' });
  });

  test('that was paid stands: its refund is a fact of its own (C7)', () => {
    expect(entriesFor(cancelled, factsWith({ sale: first, saleEntries: posted }), GB)).toEqual([]);
  });

  test('that was paid in part is put before a person', () => {
    const facts = factsWith({
      sale: owed,
      saleEntries: owedEntries,
      earlierPayments: [paymentOf({ currency: 'GBP', amount: 500n })],
    });
    expect(() => entriesFor(cancelled, facts, GB)).toThrow(/sale 1001 \(GBP 12\.00\) it cancels was paid in part/);
  });

  test('whose void came first is not posted, until a newer revision revives it', () => {
    const facts = factsWith({ voided: cancelled });
    expect(entriesFor(owed, facts, GB)).toEqual([]);
    const revived = saleOf({ currency: 'GBP', revision: '3', lines: owed.lines, due: 1200n });
    expect(rows(entriesFor(revived, facts, GB)[0], 'GBP')[0]).toBe('Dr ar.control 12.00');
  });
});
