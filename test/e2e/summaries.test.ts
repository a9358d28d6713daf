import { verifyCompany } from '@daybook/ledger/verify';
import { setGranularity } from '@daybook/workers/summaries/granularity';
import { summariseAll } from '@daybook/workers/summaries/post-summaries';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { pollPatiently } from '../support/poll-patiently.ts';
import { openWorld, type World } from '../support/world.ts';

const HOUR_MS = 60 * 60_000;
const START = new Date('2026-03-03T15:00:00Z');
const DAYS = 5;

type Mode = 'per_order' | 'daily_summary';

/** From which days on which mode; the same shop does the same things in each world. */
const VARIANTS: Record<string, [day: string, mode: Mode][]> = {
  'per order': [],
  daily: [['2026-01-01', 'daily_summary']],
  'back and forth': [
    ['2026-03-03', 'daily_summary'],
    ['2026-03-05', 'per_order'],
    ['2026-03-07', 'daily_summary'],
  ],
};
const worlds: Record<string, World> = {};
/** What the seeds above brought up, or these tests would show little. */
const seen = { edits: 0, fees: 0, lateRefunds: 0 };

/** Five days of trading; on the second, half of what happened is told only after the day was summed up. */
async function trade(world: World): Promise<void> {
  for (let day = 0; day < DAYS; day += 1) {
    for (let step = 0; step < 10; step += 1) {
      for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
      if (step === 4) await world.settle(1);
    }
    if (day === 1) {
      world.advance(20 * HOUR_MS);
      await summariseAll(world.hub.deps);
    }
    await world.settle(1);
    world.advance((day === 1 ? 4 : 24) * HOUR_MS);
  }
  await world.settle(48);
  await pollPatiently(world);
  await world.settle(48);
}

async function balances({ hub }: World): Promise<Record<string, string>> {
  const rows = await hub.deps.sql<{ account: string; balance: bigint; tc: bigint }[]>`
    select c.slug || ' ' || l.account || ' ' || l.currency as account, sum(l.debit - l.credit)::bigint as balance,
      sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end)::bigint as tc
    from journal_lines l join journal_entries e on e.id = l.entry_id join companies c on c.id = e.company_id group by 1`;
  const moved = rows.filter(({ balance, tc }) => balance !== 0n || tc !== 0n);
  return Object.fromEntries(moved.map((row) => [row.account, `${row.balance} / ${row.tc}`]));
}

function inBooks(world: World) {
  return world.pairings.map(({ books, organisation }) => {
    const all = Object.entries(books?.simulator.balances(organisation ?? '') ?? {});
    return Object.fromEntries(all.filter(([, amount]) => amount !== 0n));
  });
}

async function count(world: World, what: string): Promise<number> {
  const [row] = await world.database.sql<
    { count: number }[]
  >`select count(*)::int as count from (${world.database.sql.unsafe(what)}) as found`;
  return row?.count ?? 0;
}

describe.each([
  [31, ['square', 'quickbooks']],
  [32, ['shopify', 'xero']],
])('five days booked per order, per day, and switched back and forth (seed %i, %s)', (seed, only) => {
  beforeAll(async () => {
    for (const [name, choices] of Object.entries(VARIANTS)) {
      const world = await openWorld({ seed, only, startAt: START });
      worlds[name] = world;
      const sales = await world.database.sql<{ id: string }[]>`select id from connections where kind = 'sales'`;
      for (const { id: connectionId } of sales)
        for (const [fromDate, mode] of choices)
          await setGranularity(world.database.sql, { connectionId, fromDate, mode });
      await trade(world);
    }
  }, 300_000);
  afterAll(async () => {
    for (const world of Object.values(worlds)) await world.close();
  });
  const daily = () => worlds.daily as World;

  test('come to the same on every account, in both currencies', async () => {
    const once = await balances(worlds['per order'] as World);
    expect(Object.keys(once).length).toBeGreaterThan(5);
    expect(await balances(daily())).toEqual(once);
    expect(await balances(worlds['back and forth'] as World)).toEqual(once);
  });

  test('come to the same in the books, and nothing is left behind', async () => {
    const once = inBooks(worlds['per order'] as World);
    for (const [name, world] of Object.entries(worlds)) {
      expect(inBooks(world), name).toEqual(once);
      const left = await world.database.sql`select kind, number, state, reason from documents where state <> 'pushed'`;
      expect(left, name).toHaveLength(0);
      for (const proof of await world.prove()) expect(proof, name).toMatchObject({ equal: true });
    }
  });

  test('held receipts that came after their day was summed up, and left nothing open', async () => {
    expect(
      await count(daily(), 'select 1 from summaries where version = 2 and source_key is not null'),
    ).toBeGreaterThan(0);
    expect(await count(daily(), "select 1 from summaries where state = 'open'")).toBe(0);
    expect(await count(daily(), 'select 1 from documents where length(number) > 21')).toBe(0);
    seen.edits += await count(daily(), 'select 1 from receipts where reverses is not null');
    seen.fees += await count(daily(), "select 1 from summaries where journal = 'FEE' and source_key is not null");
    seen.lateRefunds += await count(
      daily(),
      `select 1 from events r join events s on s.connection_id = r.connection_id and s.source_id = r.sale_id and s.type = 'sale'
       where r.type = 'refund' and r.occurred_at::date > s.occurred_at::date and exists (select 1 from receipts x where x.event_id = r.id)`,
    );
  });

  test('pass every check of verify', async () => {
    for (const [name, world] of Object.entries(worlds)) {
      for (const { companyId } of world.pairings) {
        const { checks } = await verifyCompany(world.database.sql, companyId);
        expect(
          checks.filter((check) => !check.ok),
          name,
        ).toEqual([]);
      }
    }
  });

  test('show for a summarised sale its receipt, the summary it is in and where its documents went', async () => {
    const { body } = await ask(daily().url, '/api/v1/sales?state=posted&limit=200');
    // biome-ignore lint/suspicious/noExplicitAny: an answer of the API
    const sale = body.sales.find((each: any) => each.type === 'sale' && each.receipts.length === 1);
    expect(sale).toMatchObject({ entries: [], documents: [] });
    const [receipt] = sale.receipts;
    expect(receipt.summary).toMatchObject({
      journal: 'SAL',
      state: 'posted',
      entry: expect.stringMatching(/^2026\/\d+$/),
    });
    const invoice = receipt.documents.find(({ kind }: { kind: string }) => kind === 'invoice');
    // Books that take receipts hold a day that one tender paid as one.
    expect(['invoice', 'sales_receipt']).toContain(invoice.within.kind);
    expect(invoice.within).toMatchObject({ state: 'pushed' });
    const [entry] = await daily().database.sql<{ number: string }[]>`
      select d.number from documents d join summaries s on s.id = d.summary_id
      where s.id = ${receipt.summary.id} and d.kind in ('invoice', 'sales_receipt')`;
    expect(invoice.within.number).toBe(entry?.number);
    expect(invoice.number).not.toBe(entry?.number);

    const [connection] = await daily().database.sql<
      { id: string }[]
    >`select id from connections where kind = 'accounting'`;
    const alone = { connection: connection?.id, eventId: sale.id, dryRun: true };
    const refused = await ask(daily().url, '/api/v1/undos', { json: alone });
    expect(refused).toMatchObject({ status: 409, body: refusal('UNDO_REFUSED') });
    expect(refused.body.error.message).toContain(`daily summary of ${receipt.summary.day}`);
  });
});

test('edits and fees of summarised sales, and refunds on later days, came up', () => {
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
});
