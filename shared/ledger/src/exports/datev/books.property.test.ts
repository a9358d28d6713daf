import { parseMinor, type ResolvedEntry, type ResolvedLine, type TaxKind } from '@daybook/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exported } from '../../../test/exported.ts';
import { type Ledger, line, newShop, openLedger, post, reversal } from '../../../test/fixtures.ts';
import { trialBalance } from '../../reports.ts';

/** Random German books (SKR03) are exported, read back, and taxed as the program does it: the trial balance, to the cent. */
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

/** Rate within gross amounts by account and by key, and the accounts tax goes to (accounting.md B; datev.md 4). */
const AUTOMATIC: Record<string, string> = {
  8400: 'out 19',
  8300: 'out 7',
  8790: 'out 19',
  8720: 'out 19',
  1718: 'out 19',
};
const KEYED: Record<string, string> = { 3: 'out 19', 2: 'out 7', 9: 'in 19', 8: 'in 7' };
const TAX: Record<string, string> = { 'out 19': '1776', 'out 7': '1771', 'in 19': '1576', 'in 7': '1571' };

interface Taxed {
  account: string;
  tax: string;
  net: bigint;
  /** Cents by which the tax is not the rate's. */
  off: bigint;
}

const euro = (account: string, amount: bigint, more: Partial<ResolvedLine> = {}) =>
  line(account, amount, { currency: 'EUR', ...more });

const taxed: fc.Arbitrary<Taxed> = fc.record({
  account: fc.constantFrom('8400', '8300', '8790', '8720', '1718', '8320', '4930', '4970'),
  tax: fc.constantFrom('out 19', 'out 7', 'in 19', 'in 7'),
  net: fc.bigInt(-500_000n, 500_000n).filter((net) => net !== 0n),
  off: fc.constantFrom(0n, 0n, 0n, 1n, -2n),
});

/** Net and tax lines against money, or against two kinds of money: some taxes are untold, as of a deposit taxed before. */
const trade: fc.Arbitrary<ResolvedLine[]> = fc
  .record({
    parts: fc.array(taxed, { minLength: 1, maxLength: 4 }),
    money: fc.constantFrom('1200', '1360', '1364'),
    second: fc.option(fc.bigInt(1n, 90_000n), { nil: undefined }),
    isUntaxed: fc.boolean(),
  })
  .map(({ parts, money, second, isUntaxed }) => {
    const lines = parts.flatMap(({ account, tax, net, off }) => {
      const code = tax.endsWith('19') ? 'U19' : 'U7';
      const [kind, rate] = tax.split(' ') as ['out' | 'in', string];
      const amount = (net * BigInt(rate)) / 100n + off;
      const kinds = (part: string) => ({ taxCode: code, taxKind: `${part}_${kind}` as TaxKind });
      const netLine = euro(account, net, kinds('net'));
      return isUntaxed || amount === 0n ? [netLine] : [netLine, euro(TAX[tax] as string, amount, kinds('tax'))];
    });
    const total = lines.reduce((sum, { amount }) => sum + amount, 0n);
    const rest = second === undefined ? -total : -total - second;
    const balance = [euro(money, rest), euro('1000', second ?? 0n)].filter(({ amount }) => amount !== 0n);
    return [...lines, ...balance].map((each) => ({ taxKind: 'net_out' as const, ...each }));
  })
  .filter((lines) => lines.length > 1);

/** Foreign money moves between accounts at some worth. */
const abroad: fc.Arbitrary<ResolvedLine[]> = fc
  .record({ worth: fc.bigInt(1n, 900_000n), amountTc: fc.bigInt(1n, 99_999_999n), cut: fc.bigInt(1n, 900_000n) })
  .map(({ worth, amountTc, cut }) => {
    const kind = { taxKind: 'net_out' as const };
    const dollars = { currency: 'USD', ...kind };
    const pair = [
      line('1200', worth, { ...dollars, amountTc }),
      line('1360', -worth, { ...dollars, amountTc: -amountTc }),
    ];
    return cut < worth ? [...pair, euro('1000', cut, kind), euro('1360', -cut, kind)] : pair;
  });

const facts: fc.Arbitrary<ResolvedEntry[]> = fc
  .array(
    fc.record({
      lines: fc.oneof({ weight: 3, arbitrary: trade }, abroad),
      entryType: fc.constantFrom('SAL', 'RFD', 'PUR', 'OPN', 'GEN', 'PYT'),
      day: fc.integer({ min: 1, max: 59 }),
      memo: fc.string({ unit: 'grapheme' }).filter((memo) => !memo.includes('\0')),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((drafts) =>
    drafts.map(({ day, ...draft }, at) => {
      const postingDate = new Date(Date.UTC(2026, 0, 31 + day)).toISOString().slice(0, 10);
      const dates = { postingDate, taxPoint: postingDate, occurredAt: `${postingDate}T09:00:00Z` };
      return { ...draft, ...dates, entryType: draft.entryType as 'SAL', sourceKey: `fact:${at}` };
    }),
  );

test('files read back come to the trial balance, whatever was posted', async () => {
  const property = fc.asyncProperty(facts, fc.array(fc.nat(9)), async (given, picks) => {
    const shop = await newShop(ledger, { country: 'DE', currency: 'EUR' });
    const settings = { datev: { consultant: '1001', client: '1', chart: '03' } };
    await ledger.sql`update companies set settings = ${ledger.sql.json(settings)} where id = ${shop}`;
    await post(ledger, shop, given);
    const undone = [...new Set(picks)].flatMap((pick) => given[pick] ?? []);
    if (undone.length > 0) await post(ledger, shop, undone.map(reversal));
    const told = [...given, ...undone.map(reversal)].filter(({ entryType }) => entryType !== 'OPN');
    const sums = booked(told);
    if (told.length === 0) return;
    const { files } = await exported(ledger, shop, { format: 'datev', from: '2026-02-01', to: '2026-03-31' });
    expect(readBack([...files.values()])).toEqual(sums);
    const all = given.every(({ entryType }) => entryType !== 'OPN');
    if (all) expect(sums).toEqual(await movementOf(shop));
  });
  // A failure prints the seed and the smallest counterexample.
  await fc.assert(property, { numRuns: 40 });
}, 240_000);

/** What the facts themselves move per account; zero left out. */
function booked(entries: readonly ResolvedEntry[]): Record<string, bigint> {
  return summed(
    entries.flatMap(({ lines }) => lines.map(({ account, amount }): [string, bigint] => [account, amount])),
  );
}

async function movementOf(shop: string): Promise<Record<string, bigint>> {
  const { rows } = await trialBalance(ledger.sql, shop, { from: '2026-02-01', to: '2026-03-31' });
  return summed(rows.map(({ account, debits, credits }) => [account, debits - credits]));
}

/** What the program books: both accounts, and tax out of gross amounts, half away from zero. */
function readBack(files: readonly Buffer[]): Record<string, bigint> {
  const rows = files.flatMap((bytes) => new TextDecoder('windows-1252').decode(bytes).trimEnd().split('\r\n').slice(2));
  return summed(rows.flatMap((row) => bookingsOf(row.split(';').slice(0, 9))));
}

function bookingsOf(fields: string[]): [account: string, amount: bigint][] {
  const [amount = '', side, , , base = '', , account = '', contra = '', key = ''] = fields;
  const worth = parseMinor((base === '' ? amount : base).replace(',', '.'), 'EUR');
  const signed = side === '"S"' ? worth : -worth;
  const isOverInterim = contra === '1599';
  const keyOf = (isTaxed: boolean) => (isTaxed ? key.replaceAll('"', '') : '');
  return [...split(account, signed, keyOf(isOverInterim)), ...split(contra, -signed, keyOf(!isOverInterim))];
}

function split(account: string, amount: bigint, key: string): [account: string, amount: bigint][] {
  const tax = key === '40' ? undefined : (KEYED[key] ?? AUTOMATIC[account]);
  if (tax === undefined) return [[account, amount]];
  const rate = tax.endsWith('19') ? 19n : 7n;
  const magnitude = amount < 0n ? -amount : amount;
  const within = (2n * magnitude * rate + 100n + rate) / (2n * (100n + rate));
  const signed = amount < 0n ? -within : within;
  return [
    [account, amount - signed],
    [TAX[tax] as string, signed],
  ];
}

function summed(amounts: readonly (readonly [string, bigint])[]): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const [account, amount] of amounts) sums[account] = (sums[account] ?? 0n) + amount;
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n));
}
