import { ENTRY_TYPES, type ResolvedEntry, type ResolvedLine } from '@daybook/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, reversal } from '../test/fixtures.ts';
import { trialBalance } from './reports.ts';
import { verifyCompany } from './verify.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const ACCOUNTS = ['1200', '1230', '1241', '2120', '2200', '4000', '4009', '4010', '7905'];

/** Amounts up to a hundred million pounds, on either side, each with its counterpart on cash in transit. */
const lines: fc.Arbitrary<ResolvedLine[]> = fc
  .array(
    fc.record({
      account: fc.constantFrom(...ACCOUNTS),
      amount: fc.bigInt(-10_000_000_000n, 10_000_000_000n).filter((amount) => amount !== 0n),
      currency: fc.constantFrom('GBP', 'EUR', 'JPY'),
      amountTc: fc.bigInt(1n, 99_999_999n),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) => {
    const made = drafts.map(({ account, amount, currency, amountTc }) => {
      const foreign = amount > 0n ? amountTc : -amountTc;
      const coded = { taxCode: 'Z0', taxKind: 'net_out' as const };
      return line(account, amount, { currency, amountTc: currency === 'GBP' ? amount : foreign, ...coded });
    });
    const counter = made.map((each) => ({ ...each, account: '1235', amount: -each.amount, amountTc: -each.amountTc }));
    return [...made, ...counter];
  });

const entries: fc.Arbitrary<ResolvedEntry[]> = fc
  .array(
    fc.record({
      entryType: fc.constantFrom(...ENTRY_TYPES.filter((type) => type !== 'CLS' && type !== 'INV')),
      day: fc.integer({ min: 1, max: 31 }),
      memo: fc.string({ unit: 'grapheme' }).filter((memo) => !memo.includes('\0')),
      party: fc.option(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), { nil: undefined }),
      lines,
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drafts) =>
    drafts.map(({ day, party, ...draft }, at) => {
      const postingDate = `2026-03-${String(day).padStart(2, '0')}`;
      const partied = draft.lines.map((each) => ({ ...each, party }));
      return {
        ...draft,
        lines: partied,
        sourceKey: `fact:${at}`,
        postingDate,
        taxPoint: postingDate,
        occurredAt: `${postingDate}T09:00:00.123456Z`,
      };
    }),
  );

test('whatever is posted, posted again and reversed: the trial balance is zero and verify finds nothing', async () => {
  const property = fc.asyncProperty(entries, fc.array(fc.nat(7)), async (facts, picks) => {
    const shop = await newShop(ledger);
    await post(ledger, shop, facts);
    const undone = [...new Set(picks)].flatMap((pick) => facts[pick] ?? []).map(reversal);
    await post(ledger, shop, [...undone, ...facts]);
    const again = await post(ledger, shop, facts);
    expect(again.every(({ outcome }) => outcome === 'exists')).toBe(true);
    const report = await trialBalance(ledger.sql, shop, { to: '2026-12-31' });
    expect(report.difference).toBe(0n);
    expect(report.totals.debits).toBe(report.totals.credits);
    const { checks } = await verifyCompany(ledger.sql, shop);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(checks.find((check) => check.name.startsWith('numbers run'))?.rows).toBe(facts.length + undone.length);
  });
  // A failure prints the seed and the smallest counterexample.
  await fc.assert(property, { numRuns: 20 });
}, 120_000);

test('whatever one line is changed by, the database refuses the entry', async () => {
  const shop = await newShop(ledger);
  const property = fc.asyncProperty(entries, fc.bigInt(1n, 1000n), async ([entry], change) => {
    const [first, ...rest] = entry?.lines ?? [];
    if (!entry || !first) throw new Error('the generator makes at least one entry of two lines');
    const amount = first.amount > 0n ? first.amount + change : first.amount - change;
    const spoilt = { ...entry, sourceKey: 'spoilt', lines: [{ ...first, amount }, ...rest] };
    await expect(post(ledger, shop, [spoilt])).rejects.toMatchObject({ code: 'ENTRY_UNBALANCED' });
  });
  await fc.assert(property, { numRuns: 20 });
}, 120_000);
