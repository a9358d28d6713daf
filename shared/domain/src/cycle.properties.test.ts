import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCycle } from '../test/any-cycle.ts';
import { balances, booksIn } from '../test/books.ts';
import { effectsOfDocuments, effectsOfEntries } from '../test/effects.ts';
import { postAsTheyCome, postInTurn } from '../test/posted-books.ts';
import type { Books } from './chart.ts';
import type { CanonicalEvent } from './events.ts';

/** From the sale to the bank, in three currencies whose rates move every day. */
const roles = {
  'bank.EUR': '1201',
  'clearing.stripe.JPY': '1253',
  'processor.reserve.EUR': '1258',
  'dispute.held.EUR': '1259',
};
const rate = (low: number, high: number, places: number) =>
  fc.integer({ min: low, max: high }).map((units) => `0.${String(units).padStart(places, '0')}`);
const books: fc.Arbitrary<Books> = fc
  .record({
    euros: fc.array(rate(7000, 9900, 4), { minLength: 16, maxLength: 16 }),
    yen: fc.array(rate(30, 900, 5), { minLength: 16, maxLength: 16 }),
    lostDispute: fc.constantFrom('loss' as const, 'refund' as const),
    feeTaxCode: fc.constantFrom('E', 'RC20', 'S20'),
  })
  .map(({ euros, yen, ...settings }) => {
    const perDay = (code: string, rates: string[]) =>
      rates.map((each, index) => [`${code} 2026-03-${10 + index}`, each]);
    const rates = Object.fromEntries([...perDay('EUR', euros), ...perDay('JPY', yen)]);
    return booksIn('GB', { roles, settings, rates });
  });

const isEmptied = /^(clearing\.|processor\.reserve|dispute\.held|fx\.trading)/;

describe('once everything is paid out', () => {
  test('clearing, reserves and disputed money are at zero in both currencies', () => {
    fc.assert(
      fc.property(anyCycle, books, (events, b) => {
        const entries = postInTurn(events, () => b).flatMap((each) => each.entries);
        const left = [...balances(entries, (line) => line.role)].filter(([role]) => isEmptied.test(role));
        // fx.trading is even in the company's currency over its legs; in each currency it keeps what passed through.
        const trading = left.filter(([role]) => role.startsWith('fx.trading'));
        expect(left.filter((each) => !trading.includes(each))).toEqual([]);
        expect(trading.reduce((sum, [, { amount }]) => sum + amount, 0n)).toBe(0n);
      }),
      { numRuns: 150 },
    );
  });

  test('the order in which the facts arrived has made no difference', () => {
    const shuffled = anyCycle.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, books, ([events, arrived], b) => {
        const ended = (booked: ReturnType<typeof postInTurn>) =>
          new Map(
            [
              ...balances(
                booked.flatMap((each) => each.entries),
                (line) => line.account,
              ),
            ].sort(([a], [z]) => (a < z ? -1 : 1)),
          );
        // A payout knows the fees of its charges only once they are there, and does not wait for them.
        const isPayout = (event: CanonicalEvent) => event.type === 'payout';
        const fees = arrived.filter((event) => event.type === 'fee');
        const rest = arrived.filter((event) => event.type !== 'fee');
        const first = rest.findIndex(isPayout);
        const order = [...rest.slice(0, first), ...fees, ...rest.slice(first)];
        expect(ended(postAsTheyCome(order, b))).toEqual(ended(postInTurn(events, () => b)));
      }),
      { numRuns: 150 },
    );
  });

  test('the documents have told the books the same', () => {
    const isMovement = ({ event }: { event: CanonicalEvent }) => event.type !== 'sale' && event.type !== 'refund';
    fc.assert(
      fc.property(anyCycle, books, (events, b) => {
        const booked = postInTurn(events, () => b).filter(isMovement);
        expect(effectsOfDocuments(booked.flatMap((each) => each.documents))).toEqual(effectsOfEntries(booked));
      }),
      { numRuns: 100 },
    );
  });
});
