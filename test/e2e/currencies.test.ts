import type { QuickBooksSimulator } from '@daybook/connectors/accounting/quickbooks/simulator';
import type { SageSimulatorOptions } from '@daybook/connectors/accounting/sage/simulator';
import { verifyCompany } from '@daybook/ledger/verify';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** Suspense is what the processor itself does not explain; a person has to, in any currency. */
const EXPECTED_ISSUE = 'SUSPENSE_POSTED';

describe('a shop that sells in dollars, euros and yen, and is paid out in dollars', () => {
  for (const seed of [1, 3, 4]) {
    it(`has the same balances in ledger and books, account by account (seed ${seed})`, async () => {
      world = await openWorld({ seed, only: ['stripe', 'quickbooks'] });
      await trade(world, 90);
      await expectSameBalances(world, seed);
      await expectProven(world);
    }, 240_000);
  }

  it('has them too after requests for conversions were lost, answered with errors or with nothing', async () => {
    const seed = 6;
    world = await openWorld({ seed, only: ['stripe', 'quickbooks'] });
    const kinds = ['lost_reply', 'drop_before', 'status', 'empty'] as const;
    for (const kind of [...kinds, ...kinds]) {
      for (const path of ['/transfer', '/journalentry']) {
        for (const { books } of world.pairings)
          books?.simulator.inject({ kind, count: 1, path, method: 'POST', status: 503 });
      }
      await trade(world, 12);
    }
    await expectSameBalances(world, seed);
    await expectProven(world);
  }, 240_000);
});

/**
 * Sage converts by the rate a document says, whichever way round it says rates; its own are of another day. Its bank
 * accounts for money of other currencies are in dollars, as payouts are: it has nothing that converts money at a rate.
 */
const DOLLAR_BOOKS = {
  home_per_foreign: { EUR: '1.09', JPY: '0.0064' },
  foreign_per_home: { EUR: '0.93', JPY: '156.2' },
} as const;
const BANKS = [
  { code: '1104', name: 'Stripe clearing EUR' },
  { code: '1105', name: 'Stripe clearing JPY' },
];

describe('the same shop with its books in Sage', () => {
  for (const [seed, quotes] of [
    [1, 'home_per_foreign'],
    [2, 'foreign_per_home'],
    [3, 'foreign_per_home'],
  ] as const) {
    it(`has the same balances in ledger and books, rates said ${quotes} (seed ${seed})`, async () => {
      const plan = {
        name: 'Dollar Books Inc',
        country: 'US',
        quotes,
        live: true,
        rates: DOLLAR_BOOKS[quotes],
        banks: BANKS,
      } as const;
      const sage: Partial<SageSimulatorOptions> = { businesses: [plan] };
      world = await openWorld({ seed, only: ['stripe', 'sage'], startWith: { sage } });
      await mapCityTax(world);
      await trade(world, 60);
      await expectAllPushed(world, seed);
      expectSame(sageBalances(world), await ourBalances(world), seed);
      await expectProven(world);
    }, 240_000);
  }
});

/** Whatever the shop calls its taxes, there is one in the books: a person says so. */
async function mapCityTax({ database }: World): Promise<void> {
  await database.sql`
    insert into mappings (connection_id, kind, ours, theirs)
    select id, 'tax', '*', 'US_NEW_YORK' from connections where connector = 'sage'`;
}

async function expectSameBalances(on: World, seed: number): Promise<void> {
  await expectAllPushed(on, seed);
  const { books, foreign } = theirBalances(on);
  expectSame(books, await ourBalances(on), seed);
  expect(foreign).toMatchObject({ '1101-EUR': 0n, '1101-JPY': 0n });
  expect([books['1101-EUR'], books['1101-JPY']]).toEqual([0n, 0n]);
}

function expectSame(books: Balances, ours: Balances, seed: number): void {
  expect(books['6300'], 'exchange differences were realised').not.toBe(0n);
  expect(withoutZeros(books), `seed ${seed}`).toEqual(withoutZeros(ours));
  expect(Object.values(books).reduce((sum, each) => sum + each, 0n)).toBe(0n);
}

async function expectAllPushed(on: World, seed: number): Promise<void> {
  const { sql } = on.database;
  const issues = await sql`select code, message from issues where state = 'open' and code <> ${EXPECTED_ISSUE}`;
  expect([...issues], `seed ${seed}`).toEqual([]);
  expect([...(await sql`select number, state, reason from documents where state <> 'pushed'`)]).toEqual([]);
  // It really did trade in all three.
  expect(await pushedCurrencies(on)).toEqual(['EUR invoice', 'JPY invoice', 'USD invoice', 'USD journal']);
}

async function trade(on: World, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    for (const { channel, shop } of on.pairings) await channel.simulator.trade(shop);
    await on.workOnce();
  }
  await on.settle();
}

async function pushedCurrencies({ database }: World): Promise<string[]> {
  const rows = await database.sql<{ what: string }[]>`
    select distinct payload->>'currency' || ' ' || case kind when 'sales_receipt' then 'invoice' else kind end as what
    from documents where state = 'pushed' and kind in ('invoice', 'sales_receipt', 'journal') order by what`;
  return rows.map(({ what }) => what);
}

async function expectProven({ database, pairings, prove }: World): Promise<void> {
  for (const proof of await prove()) {
    expect(proof, proof.slug).toMatchObject({ equal: true });
    for (const { owed, ledger } of proof.processors) expect(ledger).toBe(owed);
  }
  for (const { companyId } of pairings) {
    const { checks } = await verifyCompany(database.sql, companyId);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
  }
}

type Balances = Record<string, bigint>;

/** The company's own currency, debit positive, by the number of the account that each of our accounts is mapped to. */
async function ourBalances({ database, pairings }: World): Promise<Balances> {
  const rows = await database.sql<{ number: string; amount: bigint }[]>`
    select coalesce(m.theirs, 'not mapped: ' || l.role) as number, sum(l.debit - l.credit)::bigint as amount
    from journal_entries e join journal_lines l on l.entry_id = e.id
    left join mappings m on m.kind = 'account' and m.ours = l.role
    where e.company_id = ${pairings[0]?.companyId ?? ''} group by 1`;
  return Object.fromEntries(rows.map(({ number, amount }) => [number, amount]));
}

const FOREIGN_RECEIVABLE = /^Accounts Receivable \(A\/R\) - [A-Z]{3}$/;

/** The same as the books have it. Receivables, which they keep per currency, are one account with us. */
function theirBalances({ pairings }: World): { books: Balances; foreign: Balances } {
  const simulator = pairings[0]?.books?.simulator as QuickBooksSimulator;
  const organisation = pairings[0]?.organisation ?? '';
  const books: Balances = {};
  for (const [name, amount] of Object.entries(simulator.balances(organisation))) {
    const number = FOREIGN_RECEIVABLE.test(name) ? '1200' : name;
    books[number] = (books[number] ?? 0n) + amount;
  }
  return { books, foreign: simulator.foreignBalances(organisation) };
}

function sageBalances({ pairings }: World): Balances {
  const { books, organisation } = pairings[0] ?? {};
  return books?.simulator.balances(organisation ?? '') ?? {};
}

function withoutZeros(balances: Balances): Balances {
  return Object.fromEntries(Object.entries(balances).filter(([, amount]) => amount !== 0n));
}
