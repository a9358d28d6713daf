import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayAfter, isOpenDay, type LockDates, type OpenDays, openFrom, type PostingKind } from './open-days.ts';

const NONE: LockDates = { sales: null, purchases: null, tax: null, everything: null, hard: null };

/** January locked, February soft closed, March open, April locked, May open. */
const days = (locks: Partial<LockDates> = {}): OpenDays => ({
  open: [
    { startsOn: '2026-03-01', endsOn: '2026-03-31' },
    { startsOn: '2026-05-01', endsOn: '2026-05-31' },
  ],
  softClosed: [{ startsOn: '2026-02-01', endsOn: '2026-02-28' }],
  locks: { ...NONE, ...locks },
});
const kind = (change: Partial<PostingKind> = {}): PostingKind => ({
  entryType: 'SAL',
  taxed: true,
  byHand: false,
  ...change,
});

describe('the first day open to an entry', () => {
  test('is its own day while that is open, else the next open one; a date between open periods goes to the later one', () => {
    expect(openFrom(days(), '2026-03-07', kind())).toBe('2026-03-07');
    expect(openFrom(days(), '2026-01-07', kind())).toBe('2026-03-01');
    expect(openFrom(days(), '2026-04-07', kind())).toBe('2026-05-01');
    expect(openFrom(days(), '2026-06-01', kind())).toBeUndefined();
  });

  test('lies in a soft-closed period only for the journals, stock corrections and revaluations of a person', () => {
    expect(openFrom(days(), '2026-02-07', kind({ entryType: 'GEN', byHand: true }))).toBe('2026-02-07');
    expect(openFrom(days(), '2026-02-07', kind({ entryType: 'GEN' }))).toBe('2026-03-01');
    expect(openFrom(days(), '2026-02-07', kind({ entryType: 'BNK', byHand: true }))).toBe('2026-03-01');
  });

  test('lies behind the lock dates that concern the entry, and minds no others', () => {
    expect(openFrom(days({ sales: '2026-03-10' }), '2026-03-07', kind())).toBe('2026-03-11');
    expect(openFrom(days({ sales: '2026-03-10' }), '2026-03-07', kind({ entryType: 'PUR' }))).toBe('2026-03-07');
    expect(openFrom(days({ purchases: '2026-03-10' }), '2026-03-07', kind({ entryType: 'PUR' }))).toBe('2026-03-11');
    expect(openFrom(days({ tax: '2026-03-31' }), '2026-03-07', kind())).toBe('2026-05-01');
    expect(openFrom(days({ tax: '2026-03-31' }), '2026-03-07', kind({ taxed: false }))).toBe('2026-03-07');
    expect(openFrom(days({ everything: '2026-03-10', hard: '2026-03-20' }), '2026-03-07', kind())).toBe('2026-03-21');
  });
});

test('the first open day is open, not before the date, and no day between is', () => {
  const day = fc.integer({ min: 0, max: 180 }).map((n) => {
    return new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
  });
  const locks = fc.record({
    sales: fc.option(day),
    purchases: fc.option(day),
    tax: fc.option(day),
    everything: fc.option(day),
    hard: fc.option(day),
  });
  const kinds = fc.record({
    entryType: fc.constantFrom('SAL', 'PUR', 'GEN', 'INV', 'PYT'),
    taxed: fc.boolean(),
    byHand: fc.boolean(),
  });
  fc.assert(
    fc.property(day, locks, kinds as fc.Arbitrary<PostingKind>, (date, dates, given) => {
      const open = days(dates);
      const found = openFrom(open, date, given) ?? '2026-06-30';
      expect(found >= date).toBe(true);
      for (let at = date; at < found; at = dayAfter(at)) expect([at, isOpenDay(open, at, given)]).toEqual([at, false]);
      if (found !== '2026-06-30') expect(isOpenDay(open, found, given)).toBe(true);
    }),
  );
});
