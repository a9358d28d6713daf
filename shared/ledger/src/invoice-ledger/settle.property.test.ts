import { DomainError, type ResolvedEntry } from '@daybook/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, NOW, newShop, openLedger, post, reversal } from '../../test/fixtures.ts';
import { creditNote, invoice, type OnDebtors, receipt, writeOff } from '../../test/items.ts';
import { verifyCompany } from '../verify.ts';
import { allocateOpen } from './allocate-open.ts';
import { undoAllocation } from './allocations.ts';
import { controlAccounts } from './control.ts';
import { listItems } from './listing.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const END = '2026-12-31';
const BY = { madeBy: 'Ana', now: NOW };
const KINDS = { invoice, receipt, creditNote, writeOff };

/** What somebody does: posts, takes an entry back, corrects it, takes an allocation back, or allocates all there is. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constantFrom('invoice' as const, 'receipt' as const, 'receipt' as const, 'creditNote' as const),
      amount: fc.bigInt(1n, 500n),
      party: fc.constantFrom('Ada', 'Bo'),
      document: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      day: fc.integer({ min: 1, max: 28 }),
      rate: fc.option(fc.bigInt(70n, 130n), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('writeOff' as const), pick: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constantFrom('reverse' as const, 'correct' as const), pick: fc.nat(20) }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('undo' as const, 'allocate' as const), pick: fc.nat(20) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Run {
  shop: string;
  live: ResolvedEntry[];
}

const dayOf = (day: number) => `2026-03-${String(day).padStart(2, '0')}`;

function entryOf(given: Extract<Step, { rate: unknown }>, key: string): ResolvedEntry {
  const { act, amount, party, document, day, rate } = given;
  // 100 cents of a euro are worth `rate` pence.
  const worth = rate === undefined ? amount : (amount * rate + 50n) / 100n || 1n;
  const on: OnDebtors = { key, amount: worth, party, day: dayOf(day), dueDate: dayOf(28 - (Number(amount) % 20)) };
  const named = document === undefined ? {} : { document: `INV-${document}` };
  return KINDS[act]({ ...on, ...named, ...(rate !== undefined && { tc: amount }) });
}

async function take(each: Step, index: number, run: Run): Promise<void> {
  const { shop, live } = run;
  if ('rate' in each) {
    const entry = entryOf(each, `fact:${index}`);
    await post(ledger, shop, [entry]);
    live.push(entry);
  } else if (each.act === 'writeOff') await writeOffOne(each.pick, index, run);
  else if (each.act === 'undo') await undoOne(each.pick, shop);
  else if (each.act === 'allocate') await ledger.sql.begin((tx) => allocateOpen(tx, shop, BY));
  else await takeBack(each.act, each.pick, index, run);
}

async function takeBack(act: 'reverse' | 'correct', pick: number, index: number, { shop, live }: Run): Promise<void> {
  const at = live.length === 0 ? -1 : pick % live.length;
  const entry = live[at];
  if (!entry) return;
  live.splice(at, 1);
  const lines = entry.lines.map((line) => ({ ...line, amount: line.amount * 2n, amountTc: line.amountTc * 2n }));
  const corrected = { ...entry, lines, sourceKey: `${entry.sourceKey}:v${index + 2}` };
  await post(ledger, shop, act === 'reverse' ? [reversal(entry)] : [reversal(entry), corrected]);
  if (act === 'correct') live.push(corrected);
}

async function writeOffOne(pick: number, index: number, { shop, live }: Run): Promise<void> {
  const open = (await listItems(ledger.sql, shop, { view: 'open', date: END })).filter(
    (item) => item.kind === 0 && item.openTc > 0n && item.currency === 'GBP' && item.document,
  );
  const item = open[pick % Math.max(open.length, 1)];
  if (!item) return;
  const on = {
    key: `fact:${index}`,
    amount: item.openTc,
    party: item.party ?? '',
    document: item.document ?? '',
    day: '2026-03-28',
  };
  await post(ledger, shop, [writeOff(on)]);
  live.push(writeOff(on));
}

async function undoOne(pick: number, shop: string): Promise<void> {
  const rows = await ledger.sql<{ id: bigint }[]>`
    select id from invoice_allocations where company_id = ${shop} and undoes is null and undone_by is null order by id`;
  const row = rows[pick % Math.max(rows.length, 1)];
  if (!row) return;
  const undone = ledger.sql.begin((tx) => undoAllocation(tx, shop, row.id, '2026-03-20', BY));
  // A reversal and its original stay closed by each other.
  await undone.catch((error: unknown) => expect(error).toBeInstanceOf(DomainError));
}

async function expectEven(shop: string): Promise<void> {
  for (const date of ['2026-03-05', '2026-03-15', END]) {
    const rows = await controlAccounts(ledger.sql, shop, date);
    const items = await listItems(ledger.sql, shop, { view: 'open', date });
    for (const row of rows) {
      const own = items.filter(({ account, currency }) => account === row.account && currency === row.currency);
      const open = own.reduce((sum, item) => sum + item.open, 0n);
      const openTc = own.reduce((sum, item) => sum + item.openTc, 0n);
      expect([date, row.currency, open, openTc]).toEqual([date, row.currency, row.balance, row.balanceTc]);
    }
  }
}

test('open items come to their control account after every step, as of any day, whatever is done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const run: Run = { shop: await newShop(ledger), live: [] };
      for (const [index, each] of steps.entries()) {
        await take(each, index, run);
        await expectEven(run.shop);
      }
      const { checks } = await verifyCompany(ledger.sql, run.shop);
      expect(checks.filter((check) => !check.ok)).toEqual([]);
    }),
    { numRuns: 25 },
  );
}, 600_000);

const fact = fc.record({
  act: fc.constantFrom('invoice' as const, 'receipt' as const, 'creditNote' as const),
  amount: fc.bigInt(1n, 500n),
  party: fc.constantFrom('Ada', 'Bo'),
  document: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  day: fc.integer({ min: 1, max: 28 }),
  rate: fc.constant(undefined),
});

test('what each customer owes is the same whatever the order in which the facts arrived', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(fact, { minLength: 2, maxLength: 8 })
        .chain((facts) =>
          fc.tuple(fc.constant(facts), fc.shuffledSubarray([...facts.keys()], { minLength: facts.length })),
        ),
      async ([facts, order]) => {
        const entries = facts.map((each, index) => entryOf(each, `fact:${index}`));
        const totals = [];
        for (const sorted of [entries, order.map((index) => entries[index] as ResolvedEntry)]) {
          const shop = await newShop(ledger);
          for (const entry of sorted) await post(ledger, shop, [entry]);
          const items = await listItems(ledger.sql, shop, { view: 'open', date: END });
          const owed: Record<string, bigint> = { Ada: 0n, Bo: 0n };
          for (const item of items) owed[item.party ?? ''] = (owed[item.party ?? ''] ?? 0n) + item.open;
          // Nothing stays open on both sides: what could be settled is settled.
          const sides = Map.groupBy(items, (item) => `${item.party} ${item.open > 0n}`);
          expect(['Ada', 'Bo'].filter((party) => sides.has(`${party} true`) && sides.has(`${party} false`))).toEqual(
            [],
          );
          totals.push(owed);
        }
        expect(totals[1]).toEqual(totals[0]);
      },
    ),
    { numRuns: 25 },
  );
}, 600_000);
