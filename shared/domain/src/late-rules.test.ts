import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, saleOf } from '../test/books.ts';
import { card } from '../test/examples.ts';
import type { CompanySettings } from './chart.ts';
import type { PostingFacts } from './posting/facts.ts';
import { entriesFor } from './posting-rules.ts';

const sale = saleOf({
  currency: 'GBP',
  occurredAt: '2026-03-15T10:00:00Z',
  lines: [{ kind: 'product', net: 100n }],
  tenders: [card('stripe', 100n)],
});
const entries = (
  policy: CompanySettings['lateEventPolicy'],
  facts: Partial<PostingFacts> = {},
  openFrom = '2026-04-01',
) => {
  const books = booksIn('GB', { openFrom });
  const settings = { ...books.settings, lateEventPolicy: policy };
  return entriesFor(sale, { ...factsWith(), ...facts }, { ...books, settings });
};

describe('a fact of a channel whose day is closed', () => {
  test('is booked on the first open day unless the company wants otherwise', () => {
    expect(entries('post_in_first_open_period')).toMatchObject([{ postingDate: '2026-04-01', taxPoint: '2026-03-15' }]);
  });

  test('is held for a person who lets it into the first open period or unlocks its own', () => {
    expect(() => entries('hold_for_approval')).toThrow(
      expect.objectContaining({ code: 'LATE_EVENT_HELD', message: expect.stringContaining('posted on 2026-04-01') }),
    );
    expect(entries('hold_for_approval', { lateApproved: true })).toMatchObject([{ postingDate: '2026-04-01' }]);
    expect(entries('hold_for_approval', {}, '2026-03-01')).toMatchObject([{ postingDate: '2026-03-15' }]);
  });

  test('is refused where its source is to send it again', () => {
    expect(() => entries('reject')).toThrow(expect.objectContaining({ code: 'LATE_EVENT_REJECTED' }));
  });

  test('is not late when it only says again what is booked, and late in what it changes', () => {
    const posted = entries(undefined, {}, '2026-03-01');
    const previous = { version: 1, event: sale, entries: posted };
    expect(entries('hold_for_approval', { previous })).toEqual([]);
    const smaller = {
      ...sale,
      total: 50n,
      lines: [{ ...sale.lines[0], listNet: 50n, net: 50n }],
      tenders: [card('stripe', 50n)],
    };
    const books = booksIn('GB', { openFrom: '2026-04-01' });
    const settings = { ...books.settings, lateEventPolicy: 'hold_for_approval' as const };
    const edit = (facts: Partial<PostingFacts>) =>
      entriesFor(smaller as typeof sale, { ...factsWith(), previous, ...facts }, { ...books, settings });
    expect(() => edit({})).toThrow(expect.objectContaining({ code: 'LATE_EVENT_HELD' }));
    expect(edit({ lateApproved: true })).toMatchObject([{ postingDate: '2026-04-01', taxPoint: '2026-03-15' }]);
  });
});
