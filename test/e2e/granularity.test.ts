import { trialBalance } from '@daybook/ledger/reports';
import { verifyCompany } from '@daybook/ledger/verify';
import { setGranularity } from '@daybook/workers/summaries/granularity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

const TRADES = 40;
const SEED = 77;

/** The same shops doing the same things, booked per order, per day, and switched in the middle of it. */
interface Variant {
  name: string;
  world: World;
}

const variants: Variant[] = [];

beforeAll(async () => {
  const now = new Date();
  for (const name of ['per order', 'daily', 'switched']) {
    const world = await openWorld({ seed: SEED, startAt: now });
    variants.push({ name, world });
    const connections = await world.hub.deps.sql<{ id: string }[]>`select id from connections where kind = 'sales'`;
    const from = name === 'daily' ? '2000-01-01' : dayAfter(now, 1);
    if (name !== 'per order')
      for (const { id } of connections)
        await setGranularity(world.hub.deps.sql, { connectionId: id, fromDate: from, mode: 'daily_summary' });
    for (let step = 0; step < TRADES; step += 1) {
      for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
      if (step % 10 === 9) {
        await world.settle(1);
        world.advance(12 * 60 * 60_000);
      }
    }
    await world.settle(96);
  }
}, 600_000);
afterAll(async () => {
  for (const { world } of variants) await world.close();
});

function dayAfter(date: Date, days: number): string {
  return new Date(date.getTime() + days * 24 * 60 * 60_000).toISOString().slice(0, 10);
}

async function balances({ hub }: World): Promise<Record<string, Record<string, string>>> {
  const companies = await hub.deps.sql<{ id: string; slug: string }[]>`select id, slug from companies order by slug`;
  const all: Record<string, Record<string, string>> = {};
  for (const { id, slug } of companies) {
    const rows = await hub.deps.sql<{ account: string; currency: string; balance: bigint; tc: bigint }[]>`
      select account, currency, sum(debit - credit)::bigint as balance,
        sum(case when debit > 0 then amount_tc else -amount_tc end)::bigint as tc
      from journal_lines l join journal_entries e on e.id = l.entry_id where e.company_id = ${id} group by 1, 2`;
    const moved = rows.filter(({ balance, tc }) => balance !== 0n || tc !== 0n);
    all[slug] = Object.fromEntries(
      moved.map((row) => [`${row.account} ${row.currency}`, `${row.balance} / ${row.tc}`]),
    );
  }
  return all;
}

describe(`booking per order and per day (seed ${SEED})`, () => {
  test('ends in the same balance on every account', async () => {
    const [perOrder, daily, switched] = await Promise.all(variants.map(({ world }) => balances(world)));
    expect(Object.keys(perOrder ?? {}).length).toBeGreaterThan(0);
    expect(daily).toEqual(perOrder);
    expect(switched).toEqual(perOrder);
  });

  test('leaves the same balances in the books', async () => {
    const inBooks = variants.map(({ world }) =>
      Object.fromEntries(
        world.pairings.map(({ slug, books, organisation }) => [
          slug,
          Object.fromEntries(
            Object.entries(books?.simulator.balances(organisation ?? '') ?? {}).filter(([, amount]) => amount !== 0n),
          ),
        ]),
      ),
    );
    expect(inBooks[1]).toEqual(inBooks[0]);
    expect(inBooks[2]).toEqual(inBooks[0]);
  });

  test('makes far fewer entries and documents, and still proves every cent', async () => {
    const counts = await Promise.all(
      variants.map(async ({ world }) => {
        const [row] = await world.hub.deps.sql<{ entries: number; documents: number }[]>`
          select (select count(*) from journal_entries)::int as entries, (select count(*) from documents)::int as documents`;
        return row!;
      }),
    );
    expect(counts[1]!.entries).toBeLessThan(counts[0]!.entries / 2);
    expect(counts[1]!.documents).toBeLessThan(counts[0]!.documents / 2);
    for (const { world, name } of variants) {
      for (const proof of await world.prove()) expect(proof, `${name}: ${proof.slug}`).toMatchObject({ equal: true });
    }
  });

  test('passes every check of verify', async () => {
    for (const { world, name } of variants) {
      const companies = await world.hub.deps.sql<{ id: string }[]>`select id from companies`;
      for (const { id } of companies) {
        const { checks } = await verifyCompany(world.hub.deps.sql, id);
        expect(
          checks.filter((check) => !check.ok),
          name,
        ).toEqual([]);
      }
    }
  });

  test('keeps debits and credits even', async () => {
    for (const { world } of variants) {
      const companies = await world.hub.deps.sql<{ id: string }[]>`select id from companies`;
      for (const { id } of companies) {
        const { difference } = await trialBalance(world.hub.deps.sql, id, { to: '2099-12-31' });
        expect(difference).toBe(0n);
      }
    }
  });
});
