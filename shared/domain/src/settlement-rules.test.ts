import { describe, expect, test } from 'vitest';
import {
  balances,
  booksIn,
  disputeOf,
  factsWith,
  feeOf,
  moved,
  payoutOf,
  refundOf,
  rows,
  saleOf,
  settlementOf,
} from '../test/books.ts';
import { c18, card, US } from '../test/examples.ts';
import type { CanonicalEvent } from './events.ts';
import type { ResolvedEntry } from './journal-entry.ts';
import { sum } from './money.ts';
import { entriesFor, type PostingFacts, relatedFacts } from './posting-rules.ts';

/** Accounting.md C18: foreign money at a processor, converted or paid out as it is. */
const post = (event: CanonicalEvent, known: Partial<PostingFacts> = {}, books = US) =>
  entriesFor(event, factsWith(known), books);
const c18a = post(c18);
const about = (id: string, ...entries: ResolvedEntry[]) => new Map([[`sale:${id}`, entries]]);
const lines = (entry: ResolvedEntry | undefined) =>
  entry?.lines.map(({ role, currency, amountTc, amount }) => [role, currency, amountTc, amount]);
const untaxed = (currency: string, net: bigint) =>
  saleOf({ currency, lines: [{ kind: 'product', net }], tenders: [card('stripe', net)] });
const byRole = (entries: readonly ResolvedEntry[]) => balances(entries, (line) => line.role);

describe('a conversion', () => {
  const c18b = settlementOf({ currency: 'USD', from: { currency: 'JPY', amount: 11000n }, amount: 7279n });

  test('C18b: leaves foreign clearing at the carried value, through fx.trading, with the loss', () => {
    const [entry] = post(c18b, { related: about('1001', ...c18a) });
    expect(lines(entry)).toEqual([
      ['clearing.stripe.JPY', 'JPY', -11000n, -7348n],
      ['fx.trading', 'JPY', 11000n, 7348n],
      ['fx.trading', 'USD', -7348n, -7348n],
      ['clearing.stripe', 'USD', 7279n, 7279n],
      ['fx.loss', 'USD', 69n, 69n],
    ]);
    expect(entry).toMatchObject({ entryType: 'FXC', sourceKey: 'webshop:demo.example:settlement:txn_502' });
    const left = byRole([...c18a, ...(entry ? [entry] : [])]);
    expect([...left.keys()]).toEqual([
      'sales.revenue.standard JPY',
      'tax.output JPY',
      'fx.trading JPY',
      'fx.trading USD',
      'clearing.stripe USD',
      'fx.loss USD',
    ]);
  });

  test('a gain is on the other side, and the same amount is neither', () => {
    const gain = settlementOf({ currency: 'USD', from: { currency: 'JPY', amount: 11000n }, amount: 7400n });
    expect(rows(post(gain, { related: about('1001', ...c18a) })[0], 'USD').at(-1)).toBe('Cr fx.gain 0.52');
    const even = settlementOf({ currency: 'USD', from: { currency: 'JPY', amount: 11000n }, amount: 7348n });
    expect(lines(post(even, { related: about('1001', ...c18a) })[0])?.map(([role]) => role)).toEqual([
      'clearing.stripe.JPY',
      'fx.trading',
      'fx.trading',
      'clearing.stripe',
    ]);
  });

  test('C18c: a refund charged later at another rate; refund and charge together are the row of the table', () => {
    const refund = refundOf({
      currency: 'JPY',
      lines: [{ kind: 'adjustment', net: 11000n, taxUnknown: true }],
      tenders: [card('stripe', 11000n)],
    });
    const refunded = post(refund, { sale: c18, saleEntries: c18a });
    const charged = settlementOf({
      currency: 'USD',
      id: 'txn_503',
      from: { currency: 'JPY', amount: -11000n },
      amount: -7410n,
      refund: { id: '9001' },
    });
    const settled = post(charged, { related: new Map([['refund:9001', refunded]]) });
    const both = byRole([...refunded, ...settled]);
    const functional = new Map<string, bigint>();
    for (const [key, { amount }] of both) {
      const role = key.split(' ')[0] ?? '';
      functional.set(role, (functional.get(role) ?? 0n) + amount);
    }
    expect(Object.fromEntries([...functional].filter(([, amount]) => amount !== 0n))).toEqual({
      'sales.returns': 6680n,
      'tax.output': 668n,
      'fx.loss': 62n,
      'clearing.stripe': -7410n,
    });
  });

  test('in parts takes the value in parts, and the last part what is left, in any order', () => {
    const part = (id: string, yen: bigint, cents: bigint) =>
      settlementOf({ currency: 'USD', id, from: { currency: 'JPY', amount: yen }, amount: cents });
    const parts = [part('a', 3333n, 2200n), part('b', 3333n, 2300n), part('c', 4334n, 2800n)];
    for (const order of [parts, parts.toReversed()]) {
      const entries = [...c18a];
      for (const each of order) entries.push(...post(each, { related: about('1001', ...entries) }));
      expect([...byRole(entries).keys()]).not.toContain('clearing.stripe.JPY JPY');
      expect(sum(entries.flatMap((each) => each.lines).map((l) => (l.role === 'fx.trading' ? l.amount : 0n)))).toBe(0n);
    }
    // 73.48 × 3333/11000 = 22.2644… leaves with the first part.
    expect(lines(post(parts[0] as CanonicalEvent, { related: about('1001', ...c18a) })[0])?.[0]?.[3]).toBe(-2226n);
  });

  test('of what a fee has left takes the value that the fee has left', () => {
    const rates = { 'JPY 2026-03-10': '0.00668', 'JPY 2026-03-12': '0.00700' };
    const books = booksIn('US', { roles: { 'clearing.stripe.JPY': '1104' }, rates });
    const late = { occurredAt: '2026-03-12T12:00:00Z' };
    const fee = post(feeOf({ currency: 'JPY', amount: 1000n, sale: { id: '1001' }, ...late }), {}, books);
    const half = settlementOf({ currency: 'USD', from: { currency: 'JPY', amount: 5000n }, amount: 3300n });
    // 73.48 less 7.00 for 10 000 yen, of which half leaves.
    const entries = post(half, { related: about('1001', ...c18a, ...fee) }, books);
    expect(lines(entries[0])?.[0]).toEqual(['clearing.stripe.JPY', 'JPY', -5000n, -3324n]);
  });

  test('of a sale that never comes uses the rate of the day; of one still to come it waits', () => {
    const books = booksIn('US', {
      roles: { 'clearing.stripe.JPY': '1104' },
      rates: { 'JPY 2026-03-10': '0.0065' },
    });
    expect(lines(post(c18b, {}, books)[0])?.[0]).toEqual(['clearing.stripe.JPY', 'JPY', -11000n, -7150n]);
    expect(() => post(c18b, { related: new Map([['sale:1001', null]]) })).toThrow(
      /settlement txn_502 \(USD 72\.79\): the sale 1001 it belongs to is not in the books yet/,
    );
    expect(() => post(c18b, {}, booksIn('US', { roles: { 'clearing.stripe.JPY': '1104' } }))).toThrow(
      /the rate table has no JPY rate for 2026-03-10/,
    );
  });

  test('between two foreign currencies keeps each of them and fx.trading even', () => {
    const books = booksIn('GB', {
      roles: { 'clearing.stripe.JPY': '1251', 'bank.EUR': '1201' },
      rates: { JPY: '0.005', 'EUR 2026-03-10': '0.85', 'EUR 2026-03-12': '0.9' },
    });
    const sold = post(untaxed('JPY', 11000n), {}, books);
    // JPY 11 000 carried at 55.00; EUR 66.00 are worth 56.10.
    const converted = settlementOf({ currency: 'EUR', from: { currency: 'JPY', amount: 11000n }, amount: 6600n });
    const settled = post(converted, { related: about('1001', ...sold) }, books);
    expect(lines(settled[0])).toEqual([
      ['clearing.stripe.JPY', 'JPY', -11000n, -5500n],
      ['fx.trading', 'JPY', 11000n, 5500n],
      ['fx.trading', 'EUR', -6600n, -5610n],
      ['clearing.stripe.EUR', 'EUR', 6600n, 5610n],
      ['fx.trading', 'GBP', 110n, 110n],
      ['fx.gain', 'GBP', -110n, -110n],
    ]);
    // The euros are then paid out as they are: 59.40 arrive for 56.10.
    const payout = payoutOf({ currency: 'EUR', amount: 6600n, lines: [moved('sale', 6600n, '1001')] });
    const paid = post(payout, { related: about('1001', ...sold, ...settled) }, books);
    expect(lines(paid[0])).toEqual([
      ['bank.EUR', 'EUR', 6600n, 5940n],
      ['clearing.stripe.EUR', 'EUR', -6600n, -5610n],
      ['fx.gain', 'EUR', 0n, -330n],
    ]);
  });

  test('of our own money into a foreign currency is worth what it cost', () => {
    const books = booksIn('GB');
    const bought = settlementOf({ currency: 'EUR', from: { currency: 'GBP', amount: 8500n }, amount: 10000n });
    expect(lines(post(bought, {}, books)[0])).toEqual([
      ['clearing.stripe', 'GBP', -8500n, -8500n],
      ['fx.trading', 'GBP', 8500n, 8500n],
      ['fx.trading', 'EUR', -10000n, -8500n],
      ['clearing.stripe.EUR', 'EUR', 10000n, 8500n],
    ]);
  });
});

describe('a payout in a foreign currency', () => {
  const rates = { 'EUR 2026-03-10': '0.8640', 'EUR 2026-03-12': '0.8700', 'EUR 2026-03-20': '0.8800' };
  const books = booksIn('GB', { roles: { 'bank.EUR': '1201', 'processor.reserve.EUR': '1258' }, rates });
  const sale = untaxed('EUR', 13500n);
  const sold = post(sale, {}, books);
  const fee = post(feeOf({ currency: 'EUR', amount: 250n, sale: { id: '1001' } }), {}, books);
  const lineOfSale = { kind: 'sale' as const, gross: 13500n, fee: 250n, net: 13250n, source: '1001' };

  test('arrives at the day’s rate and leaves clearing at what sale and fee carry', () => {
    const payout = payoutOf({ currency: 'EUR', amount: 13250n, lines: [lineOfSale] });
    expect(relatedFacts(payout, books)).toEqual([{ type: 'sale', id: '1001' }]);
    const paid = post(payout, { related: about('1001', ...sold, ...fee) }, books);
    expect(rows(paid[0], 'GBP')).toEqual(['Dr bank.EUR 115.28', 'Cr clearing.stripe.EUR 114.48', 'Cr fx.gain 0.80']);
    expect([...byRole([...sold, ...fee, ...paid]).keys()]).not.toContain('clearing.stripe.EUR EUR');
  });

  test('of a sale that its fee has used up leaves not even the difference between their rates', () => {
    const small = post(untaxed('EUR', 10000n), {}, books);
    const late = { occurredAt: '2026-03-12T12:00:00Z' };
    const all = post(feeOf({ currency: 'EUR', amount: 10000n, sale: { id: '1001' }, ...late }), {}, books);
    const nothing = { kind: 'sale' as const, gross: 10000n, fee: 10000n, net: 0n, source: '1001' };
    const payout = payoutOf({ currency: 'EUR', amount: 0n, lines: [nothing] });
    const paid = post(payout, { related: about('1001', ...small, ...all) }, books);
    expect(rows(paid[0], 'GBP')).toEqual(['Dr clearing.stripe.EUR 0.60', 'Cr fx.gain 0.60']);
  });

  test('of a dispute that was corrected in a closed month counts the correction as the same fact', () => {
    const flat = booksIn('GB', { roles: { 'bank.EUR': '1201' }, rates: { EUR: '0.8637' } });
    const closed = { ...flat, isOpen: (date: string) => date >= '2026-04-01', firstOpenDay: '2026-04-01' };
    const opened = disputeOf({ currency: 'EUR', amount: 1000n });
    const first = post(opened, {}, flat);
    const previous = { version: 1, event: opened, entries: first };
    const second = post(disputeOf({ currency: 'EUR', revision: '2', amount: 900n }), { previous }, closed);
    expect(second).toHaveLength(1);
    const payout = payoutOf({ currency: 'EUR', amount: -900n, lines: [moved('dispute', -900n, 'dp_1')] });
    const related = new Map([['dispute:dp_1', [...first, ...second]]]);
    const entries = [...first, ...second, ...post(payout, { related }, flat)];
    expect([...byRole(entries).keys()]).not.toContain('clearing.stripe.EUR EUR');
  });

  test('that is not itemised, or of a sale nobody knows, leaves at the day’s rate too', () => {
    for (const lines of [[], [lineOfSale]]) {
      const [entry] = post(payoutOf({ currency: 'EUR', amount: 13250n, lines }), {}, books);
      expect(rows(entry, 'GBP')).toEqual(['Dr bank.EUR 115.28', 'Cr clearing.stripe.EUR 115.28']);
    }
    const waiting = new Map([['sale:1001', null]]);
    const payout = payoutOf({ currency: 'EUR', amount: 13250n, lines: [lineOfSale] });
    expect(() => post(payout, { related: waiting }, books)).toThrow(/the sale 1001 it belongs to is not in the books/);
  });

  test('a reserve held at one rate and released at another leaves nothing behind', () => {
    const first = payoutOf({ currency: 'EUR', amount: 12250n, lines: [lineOfSale, moved('reserve', -1000n)] });
    const held = post(first, { related: about('1001', ...sold, ...fee) }, books);
    // 122.50 and 10.00 at 0.87: 106.575 is 106.58 (half-even), 8.70.
    expect(rows(held[0], 'GBP')).toEqual([
      'Dr bank.EUR 106.58',
      'Dr processor.reserve.EUR 8.70',
      'Cr clearing.stripe.EUR 114.48',
      'Cr fx.gain 0.80',
    ]);
    const release = (id: string, amount: bigint) =>
      payoutOf({ currency: 'EUR', id, arrivalDate: '2026-03-20', amount, lines: [moved('reserve', amount)] });
    const one = post(release('po_2', 333n), { reserved: { amountTc: 1000n, amount: 870n } }, books);
    expect(rows(one[0], 'GBP')).toEqual(['Dr bank.EUR 2.93', 'Cr processor.reserve.EUR 2.90', 'Cr fx.gain 0.03']);
    const two = post(release('po_3', 667n), { reserved: { amountTc: 667n, amount: 580n } }, books);
    expect([...byRole([...held, ...one, ...two]).keys()].filter((key) => key.startsWith('processor'))).toEqual([]);
  });

  test('in the company’s own currency needs no other facts', () => {
    expect(relatedFacts(payoutOf({ currency: 'GBP', amount: 13250n, lines: [lineOfSale] }), books)).toEqual([]);
  });
});
