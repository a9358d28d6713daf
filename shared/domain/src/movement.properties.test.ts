import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  balances,
  booksIn,
  cashDayOf,
  closeOf,
  disputeOf,
  feeOf,
  moved,
  payoutOf,
  saleOf,
  settlementOf,
  taxed,
} from '../test/books.ts';
import { effectsOfDocuments, effectsOfEntries } from '../test/effects.ts';
import { card } from '../test/examples.ts';
import { live, postInTurn } from '../test/posted-books.ts';
import type { Books } from './chart.ts';
import type { BookDocument } from './documents.ts';
import type { CanonicalEvent } from './events.ts';
import type { ResolvedEntry } from './journal-entry.ts';
import { sum } from './money.ts';

/** Any revisions of any fact without a customer: the ledger stays even, and the books are told the same. */
const roles = {
  'bank.EUR': '1201',
  'clearing.paypal.EUR': '1252',
  'clearing.stripe.JPY': '1253',
  'clearing.paypal.JPY': '1254',
  'processor.reserve.EUR': '1258',
  'cash.drawer.R2': '1231',
  'cash.revaluator': '1232',
  'expense.cleaning': '7801',
};
const bookkeeping: fc.Arbitrary<Books> = fc
  .record({
    feeTaxCode: fc.constantFrom(undefined, null, 'E', 'S20', 'RC20'),
    lostDispute: fc.constantFrom('loss' as const, 'refund' as const),
    channelTax: fc.constantFrom('net' as const, 'gross' as const),
  })
  .map((settings) => booksIn('GB', { roles, settings, rates: { EUR: '0.8637', JPY: '0.00531' } }));

const currency = fc.constantFrom('GBP', 'GBP', 'EUR');
const processor = fc.constantFrom('stripe', 'stripe', 'paypal');
const amount = fc.bigInt(-20_000n, 20_000n);
const positive = fc.bigInt(1n, 20_000n);
const orNothing = (some: fc.Arbitrary<bigint>) => fc.oneof(some, fc.constant(0n));
const day = fc.integer({ min: 10, max: 28 }).map((number) => `2026-03-${number}`);

const fee = fc
  .record({
    currency,
    processor,
    amount: orNothing(amount),
    taxCode: fc.constantFrom(undefined, 'E', 'S20', 'RC20'),
  })
  .map((given) => feeOf(given));

const payoutLine = fc.record({
  kind: fc.constantFrom('sale', 'refund', 'fee', 'reserve', 'adjustment', 'transfer', 'tax'),
  net: amount,
});
const payout = fc
  .record({ currency, processor, arrivalDate: day, lines: fc.array(payoutLine, { maxLength: 4 }), amount })
  .map(({ lines, amount: paid, ...given }) => {
    const itemised = lines.map(({ kind, net }) => moved(kind, net));
    return payoutOf({
      ...given,
      lines: itemised,
      amount: lines.length > 0 ? sum(lines.map((line) => line.net)) : paid,
    });
  });

const settlement = fc
  .record({ currency, processor, yen: orNothing(positive), amount: positive })
  .map(({ yen, ...given }) => settlementOf({ ...given, from: { currency: 'JPY', amount: yen }, sale: undefined }));

const dispute = (status: 'opened' | 'won' | 'lost') =>
  fc
    .record({ currency, processor, amount: orNothing(positive), fee: orNothing(amount) })
    .map((given) => disputeOf({ ...given, status, id: status === 'opened' ? 'dp_2' : 'dp_1' }));

const close = fc
  .record({
    revenueShould: positive,
    revenueActual: positive,
    expenditure: orNothing(positive),
    bankDeposit: orNothing(positive),
  })
  .map((given) => closeOf({ currency: 'GBP', openingBalance: 100_000n, ...given }));

const expenditure = fc.record({
  role: fc.constantFrom('expense.office', 'expense.cleaning'),
  net: positive,
  code: fc.constantFrom(undefined, 'S20', 'R5', 'RC20'),
});
const cashDay = fc
  .record({
    currency,
    register: fc.constantFrom('R1', 'R2'),
    revenueShould: positive,
    revenueActual: positive,
    revaluation: orNothing(positive),
    devaluation: orNothing(positive),
    bankDeposit: orNothing(positive),
    withdrawal: orNothing(positive),
    withdrawalIntoDrawer: fc.boolean(),
    expenditures: fc.array(expenditure, { maxLength: 3 }),
  })
  .map(({ expenditures, ...given }) =>
    cashDayOf({
      ...given,
      openingBalance: 1_000_000n,
      reason: 'counted twice',
      expenditures: expenditures.map(({ code, net, role }) => {
        const tax = code === 'S20' ? net / 5n : code === 'R5' ? net / 20n : 0n;
        return { role, net, tax, taxCode: code };
      }),
    }),
  );

const KINDS: Record<string, fc.Arbitrary<CanonicalEvent>> = {
  fee,
  payout,
  settlement,
  'dispute opened': dispute('opened'),
  'dispute won': dispute('won'),
  'dispute lost': dispute('lost'),
  'register close': close,
  'cash day': cashDay,
};

/** What came before: the sale that disputes are about, and the opening of the one that is won or lost. */
const before: CanonicalEvent[] = [
  saleOf({
    currency: 'GBP',
    lines: [{ kind: 'product', net: 10_000n, taxes: taxed(2000n, '20') }],
    tenders: [card('stripe', 12_000n)],
  }),
  disputeOf({ currency: 'EUR', amount: 15_000n }),
];

function expectEven(entries: ResolvedEntry[]): void {
  for (const { lines } of entries) {
    expect(lines.length).toBeGreaterThan(1);
    expect(sum(lines.map((line) => line.amount))).toBe(0n);
    for (const code of new Set(lines.map((line) => line.currency))) {
      expect(sum(lines.map((line) => (line.currency === code ? line.amountTc : 0n)))).toBe(0n);
    }
    for (const line of lines) {
      expect(line.amount).not.toBe(0n);
      if (line.currency === 'GBP') expect(line.amountTc).toBe(line.amount);
      if (line.amountTc !== 0n) expect(line.amount > 0n).toBe(line.amountTc > 0n);
    }
    expect(sum(lines.map((line) => (line.role === 'fx.trading' ? line.amount : 0n)))).toBe(0n);
  }
}

function expectSound(documents: BookDocument[]): void {
  const numbers = documents.map((each) => each.number);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const each of documents) {
    expect(each.number.length).toBeLessThanOrEqual(21);
    if (each.kind === 'transfer') {
      expect(each.amount > 0n).toBe(true);
      expect(each.from.account).not.toBe(each.to.account);
    } else if (each.kind === 'bank_entry') {
      for (const line of each.lines) expect(line.net > 0n && line.tax >= 0n).toBe(true);
      expect(each.total).toBe(sum(each.lines.map((line) => line.net + line.tax)));
      expect(each.tax).toBe(sum(each.lines.map((line) => line.tax)));
      expect(each.total > 0n).toBe(true);
    } else {
      expect(each.kind).toBe('journal');
      if (each.kind !== 'journal') return;
      expect(each.currency).toBe('GBP');
      expect(sum(each.lines.map((line) => line.amount))).toBe(0n);
      expect(each.total).toBe(sum(each.lines.map((line) => (line.amount > 0n ? line.amount : 0n))));
      expect(each.total > 0n).toBe(true);
    }
  }
}

describe.each(Object.entries(KINDS))('%s', (kind, any) => {
  const history = fc
    .array(any, { minLength: 1, maxLength: 12 })
    .map((events) => events.map((event, index) => ({ ...event, revision: String(index + 1).padStart(2, '0') })));

  test('after every revision documents and ledger say the same of every account, and both are sound', () => {
    fc.assert(
      fc.property(history, bookkeeping, fc.nat(12), (events, books, closedFrom) => {
        const now = { ...books, isOpen: (date: string) => date >= '2026-04-01', firstOpenDay: '2026-04-01' };
        // What a person dates is refused in a closed period, not moved.
        const closes = kind !== 'cash day';
        const booksAt = (index: number) => (closes && index > closedFrom + before.length ? now : books);
        const all = postInTurn([...before, ...events], booksAt);
        const booked = all.slice(before.length);
        for (let count = 1; count <= booked.length; count += 1) {
          const soFar = booked.slice(0, count);
          expect(effectsOfDocuments(soFar.flatMap((each) => each.documents))).toEqual(effectsOfEntries(soFar));
        }
        expectEven(booked.flatMap((each) => each.entries));
        expectSound(booked.flatMap((each) => each.documents));
        // What is live at the end is what the newest revision alone would have posted.
        const newest = postInTurn([...before, events.at(-1) as CanonicalEvent], () => books).at(-1);
        expect(balances(live(booked, all), (line) => line.role)).toEqual(
          balances(newest?.entries ?? [], (line) => line.role),
        );
      }),
      { numRuns: 100 },
    );
  });
});
