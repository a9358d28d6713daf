import { ENTRY_TYPES, type ResolvedEntry, type ResolvedLine } from '@daybook/domain';
import fc from 'fast-check';
import { line } from './fixtures.ts';

/** Guarded accounts want a detail on lines that people write. */
const KIND = { taxKind: 'net_out' } as const;

const ACCOUNTS = [
  '1200',
  '1230',
  '1241',
  '1242',
  '1290',
  '2120',
  '2140',
  '3000',
  '4000',
  '4009',
  '4010',
  '7905',
  '8205',
];

/** Lines of any account and currency, each with its counterpart on cash in transit; some worth nothing where they came from. */
const moves: fc.Arbitrary<ResolvedLine[]> = fc
  .array(
    fc.record({
      account: fc.constantFrom(...ACCOUNTS),
      amount: fc.bigInt(-1_000_000_000n, 1_000_000_000n).filter((amount) => amount !== 0n),
      currency: fc.constantFrom('GBP', 'EUR', 'JPY', 'KWD'),
      amountTc: fc.bigInt(0n, 99_999_999n),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((drafts) => {
    const made = drafts.map(({ account, amount, currency, amountTc }) => {
      const foreign = amount > 0n ? amountTc : -amountTc;
      return line(account, amount, { currency, amountTc: currency === 'GBP' ? amount : foreign, ...KIND });
    });
    return [
      ...made,
      ...made.map((each) => ({ ...each, account: '1235', amount: -each.amount, amountTc: -each.amountTc })),
    ];
  });

/** Euros become pounds through the exchange account, with a loss (accounting.md C18). */
const conversion: fc.Arbitrary<ResolvedLine[]> = fc
  .record({ euros: fc.bigInt(1n, 500_000n), book: fc.bigInt(2n, 500_000n), loss: fc.bigInt(0n, 1n) })
  .map(({ euros, book, loss }) => [
    line('1242', -book, { currency: 'EUR', amountTc: -euros, ...KIND }),
    line('1290', book, { currency: 'EUR', amountTc: euros, ...KIND }),
    line('1290', -book, KIND),
    line('1241', book - loss, KIND),
    ...(loss === 0n ? [] : [line('7906', loss)]),
  ]);

/** Entries of February and March 2026 in pounds, as text of any kind describes them. */
export const randomEntries: fc.Arbitrary<ResolvedEntry[]> = fc
  .array(
    fc.record({
      entryType: fc.constantFrom(...ENTRY_TYPES.filter((type) => type !== 'INV' && type !== 'CLS')),
      day: fc.integer({ min: 1, max: 59 }),
      memo: fc.string({ unit: 'grapheme' }).filter((memo) => !memo.includes('\0')),
      lines: fc.oneof(moves, conversion),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drafts) =>
    drafts.map(({ day, ...draft }, at) => {
      const postingDate = new Date(Date.UTC(2026, 0, 31 + day)).toISOString().slice(0, 10);
      return {
        ...draft,
        sourceKey: `fact:${at}`,
        postingDate,
        taxPoint: postingDate,
        occurredAt: `${postingDate}T09:00:00Z`,
      };
    }),
  );
