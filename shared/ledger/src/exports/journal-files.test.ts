import { parseMinor } from '@daybook/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvRows, exported, isInstalled, onDisk, printed } from '../../test/exported.ts';
import { type Ledger, newShop, openLedger, post, reversal } from '../../test/fixtures.ts';
import { bookMonth, isThere, month } from '../../test/month.ts';
import { randomEntries } from '../../test/random-books.ts';
import { trialBalance } from '../reports.ts';

const MARCH = { from: '2026-03-01', to: '2026-03-31' };
const hasHledger = isInstalled('hledger');
const hasBeancount = isInstalled('bean-check');

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

/** A shop with random books, some of its facts reversed. */
async function randomShop(facts: Parameters<typeof post>[2], picks: number[]): Promise<string> {
  const shop = await newShop(ledger);
  await post(ledger, shop, facts);
  const undone = [...new Set(picks)].flatMap((pick) => facts[pick] ?? []) as Parameters<typeof reversal>[0][];
  if (undone.length > 0) await post(ledger, shop, undone.map(reversal));
  return shop;
}

/** Closing balances of the trial balance that are not zero, by account. */
async function closings(shop: string): Promise<Record<string, bigint>> {
  const { rows } = await trialBalance(ledger.sql, shop, MARCH);
  return Object.fromEntries(rows.filter(({ closing }) => closing !== 0n).map((row) => [row.account, row.closing]));
}

/** Balances at cost as hledger has them, by the number that an account's name begins with. */
function hledgerBalances(path: string, currency: string): Record<string, bigint> {
  printed('hledger', ['-f', path, 'check', '-s']);
  const rows = csvRows(printed('hledger', ['-f', path, 'bal', '-B', '--flat', '-N', '-O', 'csv'])).slice(1);
  return balancesOf(
    rows.map(([account = '', amount = '']) => [account.split(':')[1] ?? '', amount]),
    currency,
  );
}

/** What each account's postings weigh; beancount divides a total cost by its units, so sums are rounded to the cent. */
const WEIGHTS = `
import collections, decimal, sys
from beancount import loader
from beancount.core import convert, data
entries, errors, _ = loader.load_file(sys.argv[1])
sums = collections.defaultdict(decimal.Decimal)
for entry in data.filter_txns(entries):
    for posting in entry.postings:
        sums[posting.account] += convert.get_weight(posting).number
for account, number in sums.items():
    print(f"{account},{number.quantize(decimal.Decimal('0.01'), decimal.ROUND_HALF_UP)}")
`;

function beancountBalances(path: string, currency: string): Record<string, bigint> {
  printed('bean-check', [path]);
  const rows = csvRows(printed('/usr/bin/python3', ['-c', WEIGHTS, path]));
  return balancesOf(
    rows.map(([account = '', amount = '']) => [account.split(':A')[1] ?? '', amount]),
    currency,
  );
}

function balancesOf(rows: [account: string, amount: string][], currency: string): Record<string, bigint> {
  const amounts = rows.map(([account, amount]): [string, bigint] => {
    const digits = amount.replace(currency, '').replaceAll(/[ ,]/g, '');
    return [account.split(' ')[0] ?? '', digits === '' ? 0n : parseMinor(digits, currency)];
  });
  return Object.fromEntries(amounts.filter(([, amount]) => amount !== 0n));
}

test.skipIf(!hasHledger)(
  'hledger has the balances of the trial balance, whatever was posted',
  async () => {
    const property = fc.asyncProperty(randomEntries, fc.array(fc.nat(7)), async (facts, picks) => {
      const shop = await randomShop(facts, picks);
      const { files } = await exported(ledger, shop, { format: 'hledger', ...MARCH });
      const [[name, bytes]] = [...files] as [[string, Buffer]];
      expect(hledgerBalances(onDisk(name, bytes), 'GBP')).toEqual(await closings(shop));
    });
    // A failure prints the seed and the smallest counterexample.
    await fc.assert(property, { numRuns: 25 });
  },
  240_000,
);

test.skipIf(!hasBeancount)(
  'beancount has the balances of the trial balance, whatever was posted',
  async () => {
    const property = fc.asyncProperty(randomEntries, fc.array(fc.nat(7)), async (facts, picks) => {
      const shop = await randomShop(facts, picks);
      const { files } = await exported(ledger, shop, { format: 'beancount', ...MARCH });
      const [[name, bytes]] = [...files] as [[string, Buffer]];
      expect(beancountBalances(onDisk(name, bytes), 'GBP')).toEqual(await closings(shop));
    });
    await fc.assert(property, { numRuns: 5 });
  },
  240_000,
);

test('the rows of the CSV add up to the movement of the trial balance, account by account', async () => {
  const property = fc.asyncProperty(randomEntries, async (facts) => {
    const shop = await randomShop(facts, []);
    const { files } = await exported(ledger, shop, { format: 'csv', ...MARCH });
    const [, ...rows] = csvRows([...files.values()].join(''));
    const sums: Record<string, { debits: bigint; credits: bigint }> = {};
    for (const [, , , , account = '', , debit = '', credit = ''] of rows) {
      sums[account] ??= { debits: 0n, credits: 0n };
      sums[account].debits += parseMinor(debit, 'GBP');
      sums[account].credits += parseMinor(credit, 'GBP');
    }
    const report = await trialBalance(ledger.sql, shop, MARCH);
    const moved = report.rows.filter(({ debits, credits }) => debits > 0n || credits > 0n);
    expect(sums).toEqual(
      Object.fromEntries(moved.map(({ account, debits, credits }) => [account, { debits, credits }])),
    );
  });
  await fc.assert(property, { numRuns: 15 });
}, 120_000);

describe.skipIf(!isThere)('the acceptance month', () => {
  let company: string;
  beforeAll(async () => {
    company = await bookMonth(ledger);
  });

  const expected = () =>
    Object.fromEntries(
      month.expected.trial_balance.lines
        .filter(({ debit, credit }) => debit !== credit)
        .map(({ account, debit, credit }) => [account, BigInt(debit - credit)]),
    );

  test.skipIf(!hasHledger)('hledger has its trial balance, and that of the journal beside it', async () => {
    const { files } = await exported(ledger, company, { format: 'hledger', ...MARCH });
    const [[name, bytes]] = [...files] as [[string, Buffer]];
    expect(hledgerBalances(onDisk(name, bytes), 'GBP')).toEqual(expected());
    const beside = `${import.meta.dirname}/../../../../../shared/contracts/accounting/month.journal`;
    const args = ['-f', beside, 'bal', '-B', '--flat', '-N', '-e', '2026-04-01', '-O', 'csv'];
    const rows = csvRows(printed('hledger', args)).slice(1);
    const theirs = rows.map(([account = '', amount = '']): [string, string] => [account.split(':')[1] ?? '', amount]);
    expect(balancesOf(theirs, 'GBP')).toEqual(expected());
  });

  test.skipIf(!hasBeancount)('beancount has its trial balance', async () => {
    const { files } = await exported(ledger, company, { format: 'beancount', ...MARCH });
    const [[name, bytes]] = [...files] as [[string, Buffer]];
    expect(beancountBalances(onDisk(name, bytes), 'GBP')).toEqual(expected());
  });

  test('a foreign sale is told with its cost, its revenue in pounds and the exchange account not at all', async () => {
    const { files } = await exported(ledger, company, { format: 'hledger', ...MARCH });
    const text = [...files.values()].join('');
    // E09 and E10 of the month: 135.00 EUR at 0.864, settled for 116.11.
    expect(text).toContain('1242 Stripe clearing EUR  EUR 135.00 @@ GBP 116.64\n');
    expect(text).toContain('income:4003 Sales - exports  GBP -103.68\n');
    expect(text).toContain('1242 Stripe clearing EUR  EUR -135.00 @@ GBP 116.64\n');
    expect(text).toContain('expenses:7906 Exchange rate variance  GBP 0.53\n');
    expect(text.match(/1290/g)?.length ?? 0).toBe(2);
  });
});
