import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PlacedLine, placedLines, recognise, type SeenLine } from './place.ts';
import type { BankLine } from './statement.ts';

const line = (day: number, amount: bigint, bankId: string | null = null): BankLine => ({
  bookedOn: `2026-03-${String(day).padStart(2, '0')}`,
  valueOn: null,
  amount,
  counterparty: null,
  counterpartyAccount: null,
  reference: null,
  text: 'same words',
  bankId,
  endToEndId: null,
});

/** Imports statements one after the other and answers how often each content is kept. */
function imported(statements: readonly PlacedLine[][]): Map<string, number> {
  const seen: SeenLine[] = [];
  let next = 1n;
  for (const lines of statements) {
    const ids = recognise(lines, seen);
    lines.forEach((each, index) => {
      const lineId = ids[index] ?? next;
      if (lineId === next) next += 1n;
      seen.push({ ...each, lineId });
    });
  }
  const kept = new Map<bigint, string>(seen.map(({ lineId, content }) => [lineId, content]));
  return counted([...kept.values()]);
}

function counted(contents: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const content of contents.toSorted()) counts.set(content, (counts.get(content) ?? 0) + 1);
  return counts;
}

/** Few days and few amounts, so that many lines look alike. */
const month = (amounts: fc.Arbitrary<bigint>) =>
  fc
    .array(fc.record({ day: fc.integer({ min: 1, max: 5 }), amount: amounts }), { minLength: 1, maxLength: 14 })
    .map((all) => all.toSorted((a, b) => a.day - b.day).map(({ day, amount }) => line(day, amount)));

function cut(lines: readonly BankLine[], from: number, to: number): PlacedLine[] {
  const sum = (some: readonly BankLine[]) => some.reduce((total, each) => total + each.amount, 0n);
  const opening = 10_000n + sum(lines.slice(0, from));
  const part = lines.slice(from, to);
  const about = { account: null, currency: 'EUR', number: null, closesOn: null };
  return placedLines({ ...about, opening, closing: opening + sum(part), lines: part });
}

test('statements of whole days, overlapping, in any order and with lines of a day in any order, keep each line once', () => {
  fc.assert(
    fc.property(
      month(fc.constantFrom(100n, -100n, 250n)),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))),
      fc.boolean(),
      (lines, ranges, turned) => {
        const day = (number: number) => `2026-03-0${number}`;
        const spans: [number, number][] = [
          ...ranges.map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
        ];
        spans.splice(Math.floor(spans.length / 2), 0, [1, 5]);
        const statements = spans.map(([from, to], index) => {
          const at = lines.findIndex((each) => each.bookedOn >= day(from));
          const end = lines.filter((each) => each.bookedOn <= day(to)).length;
          const start = at < 0 ? lines.length : at;
          if (end <= start) return [];
          const placed = cut(lines, start, end);
          return turned && index % 2 === 1 ? rearranged(placed) : placed;
        });
        expect(imported(statements)).toEqual(counted(cut(lines, 0, lines.length).map(({ content }) => content)));
      },
    ),
  );
});

/** The same statement with the lines of each day listed backwards. */
function rearranged(lines: readonly PlacedLine[]): PlacedLine[] {
  const [first] = lines;
  const total = lines.reduce((sum, each) => sum + each.amount, 0n);
  const opening = first?.before ?? 0n;
  const about = { account: null, currency: 'EUR', number: null, closesOn: null };
  const backwards = [...Map.groupBy(lines, (each) => each.bookedOn).values()].flatMap((each) => each.toReversed());
  return placedLines({ ...about, opening, closing: opening + total, lines: backwards });
}

test('statements cut in the middle of a day keep each line once, in any order, where balances do not come back', () => {
  fc.assert(
    fc.property(
      month(fc.constantFrom(100n, 250n)),
      fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 5 }),
      fc.array(fc.nat(14), { maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (lines, overlaps, cuts, random) => {
        const edges = [0, ...cuts.map((at) => at % (lines.length + 1)), lines.length].toSorted((a, b) => a - b);
        const pieces = edges.slice(1).map((to, index): [number, number] => [edges[index] as number, to]);
        const extra = overlaps.map(([a, b]): [number, number] => [
          Math.min(a, b) % (lines.length + 1),
          Math.max(a % (lines.length + 1), b % (lines.length + 1)),
        ]);
        const all = [...pieces, ...extra].filter(([from, to]) => from < to);
        const order = all.map((span) => ({ span, key: random.next().value })).toSorted((a, b) => a.key - b.key);
        const statements = order.map(({ span: [from, to] }) => cut(lines, from, to));
        expect(imported(statements)).toEqual(counted(cut(lines, 0, lines.length).map(({ content }) => content)));
      },
    ),
  );
});

test('with an id of the bank’s, words that are told differently later are the same line', () => {
  const about = { account: null, currency: 'EUR', number: null, closesOn: null, opening: null, closing: null };
  const told = (text: string) => placedLines({ ...about, lines: [{ ...line(1, 100n, 'B1'), text }] });
  expect([...imported([told('short'), told('all of it')]).values()]).toEqual([1]);
});

test('without balances two equal lines of a day are two, and two statements of that day are one', () => {
  const about = { account: null, currency: null, number: null, closesOn: null, opening: null, closing: null };
  const twice = placedLines({ ...about, lines: [line(1, 100n), line(1, 100n)] });
  expect([...imported([twice, twice, twice.slice(0, 1)]).values()]).toEqual([2]);
});
