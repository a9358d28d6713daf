import { createBankAccount, findBankAccount } from '@daybook/ledger/bank/accounts';
import { bankLines, matchesOf } from '@daybook/ledger/bank/lines';
import { addBankRule } from '@daybook/ledger/bank/rules';
import { createCompany } from '@daybook/ledger/company';
import { bankReconciliation } from '@daybook/ledger/reports';
import { verifyCompany } from '@daybook/ledger/verify';
import { confirmLine } from '@daybook/workers/bank/confirm';
import { ignoreLine, lineToDecide, undoMatch } from '@daybook/workers/bank/decide';
import { importBankFile } from '@daybook/workers/bank/import';
import { matchAll, matchOpenLines } from '@daybook/workers/bank/match';
import { enterEvents } from '@daybook/workers/enter';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventInput, makeEvent } from '../../shared/domain/src/events.ts';
import { openWorld, type World } from '../support/world.ts';

/** Bank statements into the books; a British shop whose bank account is 1200 (accounting.md B, C16, C19, F4). */
let world: World;
let companies = 0;

beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-04-20T09:00:00Z') });
}, 120_000);
afterAll(async () => {
  await world?.close();
});

const HEAD = { version: 1, channel: 'desk', revision: '1', currency: 'GBP', test: false } as const;

async function newShop() {
  companies += 1;
  const slug = `bank-${companies}`;
  const given = { slug, name: 'Bank', country: 'GB', currency: 'GBP', timeZone: 'Europe/London', now: world.now() };
  return world.database.sql.begin(async (tx) => {
    const { id } = await createCompany(tx, given);
    const account = await createBankAccount(tx, id, { name: 'Current account', role: 'bank.main' }, world.now());
    return { id, slug, account };
  });
}
type Shop = Awaited<ReturnType<typeof newShop>>;

async function enter(shop: Shop, ...given: (Partial<EventInput> & { type: string })[]): Promise<void> {
  const events = given.map((each) => makeEvent({ ...HEAD, ...each }));
  await enterEvents(shop.id, events, world.hub.deps);
}

/** An invoice over `amount` with 20 % in it, owed by Quayside Hotel. */
const invoice = (number: string, amount: number, date = '2026-03-02') => ({
  type: 'sale' as const,
  id: `invoice-${number}`,
  occurredAt: `${date}T10:00:00Z`,
  number,
  customer: { id: 'quayside', name: 'Quayside Hotel Ltd' },
  pricesIncludeTax: false,
  lines: [
    { kind: 'product' as const, net: amount - amount / 6, taxes: [{ name: 'VAT', rate: '20', amount: amount / 6 }] },
  ],
  tenders: [],
  due: amount,
  terms: { dueDate: '2026-04-01' },
  total: amount,
});

/** Money put on an account against capital. */
const journal = (id: string, date: string, role: string, amount: number) => ({
  type: 'journal' as const,
  id,
  date,
  occurredAt: `${date}T10:00:00Z`,
  lines: [
    { role, amount },
    { role: 'equity.capital', amount: -amount },
  ],
});

/** A payout of a processor, dated at its arrival. */
const payout = (id: string, arrivalDate: string, amount: number) => ({
  type: 'payout' as const,
  id,
  occurredAt: `${arrivalDate}T06:00:00Z`,
  processor: 'stripe',
  amount,
  arrivalDate,
  lines: [],
});

/** Money that a person booked from the bank. */
const byHand = (id: string, date: string, amount: number) => ({
  type: 'bank_movement' as const,
  id,
  occurredAt: `${date}T10:00:00Z`,
  date,
  amount,
  lines: [{ role: 'suspense', net: amount }],
});

interface Move {
  day: string;
  amount: number;
  text: string;
  name?: string;
}

/** A statement as CSV with balances, in major units. */
function statement(opening: number, moves: readonly Move[]): Buffer {
  let balance = opening;
  const show = (minor: number) => (minor / 100).toFixed(2);
  const rows = moves.map(({ day, amount, text, name = '' }) => {
    balance += amount;
    return `${day},${name},${text},${show(amount)},${show(balance)}`;
  });
  return Buffer.from(['Date,Name,Description,Amount,Balance', ...rows].join('\n'));
}

async function load(shop: Shop, bytes: Buffer) {
  const account = await findBankAccount(world.database.sql, shop.id, 'bank.main');
  return importBankFile(account, { bytes, by: 'Ada' }, world.hub.deps);
}

const MONTH: Move[] = [
  { day: '2026-03-04', amount: 81563, text: 'PAYOUT 7', name: 'Processor' },
  { day: '2026-03-06', amount: 70000, text: 'Night safe' },
  { day: '2026-03-10', amount: 120000, text: 'Payment of INV 2026/17', name: 'Quayside Hotel' },
  { day: '2026-03-11', amount: -6000, text: 'Monthly water charge', name: 'Harbour Water Works' },
  { day: '2026-03-20', amount: 60000, text: 'thank you', name: 'QUAYSIDE HOTEL' },
  { day: '2026-03-25', amount: -1234, text: 'Card 99', name: 'Somebody' },
];

/** The books before the bank speaks: 815.63 of a payout is booked, 700.00 is under way, two invoices are open. */
async function tradingShop(): Promise<Shop> {
  const shop = await newShop();
  await enter(
    shop,
    payout('po_7', '2026-03-03', 81563),
    journal('deposit', '2026-03-05', 'cash.transit', 70000),
    invoice('INV-2026-17', 120000),
    invoice('INV-2026-18', 60000),
  );
  const rule = { contains: 'Harbour Water', direction: 'out' as const, role: 'suspense' };
  await addBankRule(world.database.sql, shop.id, rule, 'Ada', world.now());
  return shop;
}

async function balances(shop: Shop): Promise<Record<string, bigint>> {
  const rows = await world.database.sql<{ account: string; balance: bigint }[]>`
    select account, sum(debit - credit)::bigint as balance from journal_lines where company_id = ${shop.id} group by 1`;
  return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]));
}

/** Entries on the bank account, without their numbers. */
async function bankEntries(shop: Shop) {
  return world.database.sql`
    select l.posting_date, l.debit - l.credit as amount, e.entry_type, count(*)::int
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where l.company_id = ${shop.id} and l.account = ${shop.account.account} group by 1, 2, 3 order by 1, 2`;
}

async function openIssues(shop: Shop): Promise<string[]> {
  const rows = await world.database.sql<{ message: string }[]>`
    select message from issues where company_id = ${shop.id} and state = 'open' and code = 'BANK_LINE_UNMATCHED'`;
  return rows.map(({ message }) => message);
}

async function line(shop: Shop, day: string) {
  const [found] = await bankLines(world.database.sql, shop.id, { from: day, to: day });
  const { id } = found as { id: bigint };
  return lineToDecide(shop.id, id, [shop.account], { by: 'Ada', deps: world.hub.deps });
}

async function isProven(shop: Shop): Promise<void> {
  const { checks } = await verifyCompany(world.database.sql, shop.id);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}

describe('a month of bank lines', () => {
  it('links what is booked, books what is certain, suggests what resembles, and asks about the rest', async () => {
    const shop = await tradingShop();
    const { statements, matching } = await load(shop, statement(100000, MONTH));
    expect(statements).toMatchObject([{ outcome: 'imported', lines: 6, fresh: 6, opening: 100000n, closing: 424329n }]);
    expect(matching).toMatchObject({ looked: 6, matched: 4, suggested: 1, unmatched: 1 });
    const found = await bankLines(world.database.sql, shop.id, {});
    expect(found.map(({ state }) => state)).toEqual([
      'matched',
      'matched',
      'matched',
      'matched',
      'suggested',
      'unmatched',
    ]);
    // The payout is not posted again; transit and the named invoice are cleared.
    expect(await balances(shop)).toMatchObject({
      '1200': 81563n + 70000n + 120000n - 6000n,
      '1235': 0n,
      '1100': 60000n,
    });
    expect((await bankEntries(shop)).map((row) => row.entry_type)).toEqual(['PYT', 'BNK', 'RCT', 'BNK']);
    expect(await openIssues(shop)).toEqual([
      '2 lines of the bank account "Current account" since 2026-03-20, GBP 587.66 together, are not in the books yet; 1 ' +
        'of them have suggestions. Confirm these, book or ignore the others.',
    ]);
    await isProven(shop);
  }, 60_000);

  it('confirms and ignores, and closes the issue with the last line', async () => {
    const shop = await tradingShop();
    await load(shop, statement(100000, MONTH));
    await confirmLine(await line(shop, '2026-03-20'), undefined);
    expect(await balances(shop)).toMatchObject({ '1100': 0n });
    await expect(ignoreLine(await line(shop, '2026-03-25'), undefined)).rejects.toMatchObject({
      code: 'REASON_REQUIRED',
    });
    await ignoreLine(await line(shop, '2026-03-25'), 'private, paid back in cash');
    expect(await openIssues(shop)).toEqual([]);
    await isProven(shop);
  }, 60_000);

  it('undo reverses what was booked and opens the invoice again; the same is not chosen by itself, but can be', async () => {
    const shop = await tradingShop();
    await load(shop, statement(100000, MONTH));
    await undoMatch(await line(shop, '2026-03-10'), 'it was another customer');
    expect(await balances(shop)).toMatchObject({ '1100': 180000n });
    await matchOpenLines(shop.id, { by: 'Ada' }, world.hub.deps);
    expect((await line(shop, '2026-03-10')).line.state).not.toBe('matched');
    await undoMatch(await line(shop, '2026-03-04'), undefined);
    expect(await balances(shop)).toMatchObject({ '1200': 81563n + 70000n - 6000n });
    const again = await line(shop, '2026-03-04');
    const [undone] = await matchesOf(world.database.sql, [again.line.id]);
    await confirmLine(again, undone?.id);
    expect((await line(shop, '2026-03-04')).line.state).toBe('matched');
    expect(await balances(shop)).toMatchObject({ '1200': 81563n + 70000n - 6000n });
    await isProven(shop);
  }, 60_000);

  it('explains the difference between bank and ledger to the cent', async () => {
    const shop = await tradingShop();
    await enter(shop, byHand('cheque', '2026-03-24', -5000));
    await load(shop, statement(100000, MONTH));
    const [day] = await bankReconciliation(world.database.sql, shop.account, { to: '2026-12-31' });
    expect(day).toMatchObject({
      date: '2026-03-25',
      statement: 424329n,
      ledger: 81563n + 70000n + 120000n - 6000n - 5000n,
      openingDifference: 100000n,
      missing: 0n,
      notBooked: [{ amount: 60000n }, { amount: -1234n }],
      notShown: [{ amount: -5000n }],
    });
    const { difference, openingDifference } = day as NonNullable<typeof day>;
    expect(difference).toBe(openingDifference + 60000n - 1234n + 5000n);
  }, 60_000);
});

describe('nothing twice', () => {
  it('the same file again, and another worker at the same time, change nothing', async () => {
    const shop = await tradingShop();
    await load(shop, statement(100000, MONTH));
    const before = await bankEntries(shop);
    expect((await load(shop, statement(100000, MONTH))).statements).toMatchObject([{ outcome: 'exists', fresh: 0 }]);
    expect(await bankEntries(shop)).toEqual(before);

    const other = await tradingShop();
    const bytes = statement(100000, MONTH);
    await Promise.all([
      load(other, bytes),
      load(other, bytes),
      matchOpenLines(other.id, { by: 'Bob' }, world.hub.deps),
    ]);
    expect(await bankEntries(other)).toEqual(before);
    await isProven(other);
  }, 60_000);

  it('a crash between posting and matching leaves neither, and the next match does both once', async () => {
    const shop = await tradingShop();
    const { sql } = world.database;
    await sql.unsafe(`
      create function crash_of_${companies}() returns trigger language plpgsql as
        $$ begin if new.company_id = '${shop.id}' then raise exception 'the machine stops here'; end if; return new; end $$;
      create trigger crash_of_${companies} before insert on bank_matches for each row execute function crash_of_${companies}();`);
    await expect(load(shop, statement(100000, MONTH))).rejects.toThrow('the machine stops here');
    expect(await bankEntries(shop)).toHaveLength(1);
    await sql.unsafe(`drop trigger crash_of_${companies} on bank_matches; drop function crash_of_${companies}()`);
    await matchOpenLines(shop.id, { by: 'Ada' }, world.hub.deps);
    await matchOpenLines(shop.id, { by: 'Ada' }, world.hub.deps);
    expect((await bankEntries(shop)).map((row) => [row.entry_type, row.count])).toEqual([
      ['PYT', 1],
      ['BNK', 1],
      ['RCT', 1],
      ['BNK', 1],
    ]);
    await isProven(shop);
  }, 60_000);

  it('a month cut into overlapping statements in any order gives the same lines and the same postings', async () => {
    const whole = await tradingShop();
    await load(whole, statement(100000, MONTH));
    const [lines, entries, sums] = [await linesTold(whole), await bankEntries(whole), await balances(whole)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
        fc.boolean(),
        async (overlaps, cuts, turned) => {
          const edges = [0, ...cuts.toSorted((a, b) => a - b), 6];
          const pieces = edges.slice(1).map((to, index) => [edges[index] as number, to]);
          const all = [...overlaps.map((span) => span.toSorted((a, b) => a - b)), ...pieces] as [number, number][];
          const shop = await tradingShop();
          for (const [from, to] of turned ? all.toReversed() : all) {
            if (from < to) await load(shop, statement(openingAt(from), MONTH.slice(from, to)));
          }
          expect(await linesTold(shop)).toEqual(lines);
          expect(await bankEntries(shop)).toEqual(entries);
          expect(await balances(shop)).toEqual(sums);
        },
      ),
      { numRuns: 8 },
    );
  }, 240_000);
});

const openingAt = (index: number) => 100000 + MONTH.slice(0, index).reduce((sum, { amount }) => sum + amount, 0);

async function linesTold(shop: Shop) {
  const found = await bankLines(world.database.sql, shop.id, {});
  return found.map(({ bookedOn, amount, text, state }) => ({ bookedOn, amount, text, state }));
}

describe('bad files', () => {
  it('are refused with what is wrong, and nothing of them is stored', async () => {
    const shop = await newShop();
    const good = statement(100000, MONTH).toString();
    const bad = Buffer.from(good.replace('1815.63', '1815.64'));
    await expect(load(shop, bad)).rejects.toMatchObject({ code: 'BANK_FILE_INVALID' });
    await expect(load(shop, Buffer.from(':20:X\n:25:1\n:60F:C260301EUR1,\n:62F:C260301EUR1,\n'))).rejects.toThrow(
      'The statement is in EUR, the bank account "Current account" in GBP.',
    );
    expect(await bankLines(world.database.sql, shop.id, {})).toEqual([]);
    expect(await world.database.sql`select 1 from bank_statements where bank_account_id = ${shop.account.id}`).toEqual(
      [],
    );
  });

  it('a dry run shows what would be stored and keeps nothing', async () => {
    const shop = await newShop();
    const wish = { bytes: statement(100000, MONTH), by: 'Ada', dryRun: true };
    const shown = await importBankFile(shop.account, wish, world.hub.deps);
    expect(shown).toMatchObject({
      statements: [{ fresh: 6 }],
      matching: null,
      map: { date: 'YYYY-MM-DD', delimiter: ',' },
    });
    expect(await bankLines(world.database.sql, shop.id, {})).toEqual([]);
  });
});

it('a payout that is booked after its bank line is linked by the next chore, and the issue closes', async () => {
  const shop = await newShop();
  await load(shop, statement(100000, MONTH.slice(0, 1)));
  expect(await openIssues(shop)).toHaveLength(1);
  await enter(shop, payout('po_7', '2026-03-03', 81563));
  await matchAll(world.hub.deps);
  expect((await line(shop, '2026-03-04')).line.state).toBe('matched');
  expect((await bankEntries(shop)).map((row) => [row.entry_type, row.count])).toEqual([['PYT', 1]]);
  expect(await openIssues(shop)).toEqual([]);
}, 60_000);

it('suggestions say why, and name what they would claim', async () => {
  const shop = await tradingShop();
  await load(shop, statement(100000, MONTH));
  const { line: open } = await line(shop, '2026-03-20');
  const [best] = await matchesOf(world.database.sql, [open.id]);
  expect(best).toMatchObject({ state: 'suggested', why: 'same amount, 12 days apart, name', score: 85 });
});
