import type { SalesConnector } from '@daybook/connectors/kit/contract';
import { trialBalance } from '@daybook/ledger/reports';
import { verifyCompany } from '@daybook/ledger/verify';
import { afterEach, describe, expect, test } from 'vitest';
import { pollPatiently } from '../support/poll-patiently.ts';
import { openWorld, type World } from '../support/world.ts';

const DAY_MS = 24 * 60 * 60_000;

let world: World;
afterEach(() => world.close());

/** Trades over several days, so that payouts go out and arrive, and reads what webhooks did not tell. */
async function trade(seed: number, only: string[]): Promise<void> {
  world = await openWorld({ seed, only: [...only, 'quickbooks'], startAt: new Date('2026-03-03T15:00:00Z') });
  for (let day = 0; day < 6; day += 1) {
    for (let step = 0; step < 12; step += 1)
      for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
    await world.settle(1);
    world.advance(DAY_MS);
  }
  for (let poll = 0; poll < 2; poll += 1) {
    await pollPatiently(world);
    await world.settle(48);
  }
}

interface RoleBalance {
  role: string;
  currency: string;
  tc: bigint;
  amount: bigint;
}

/** What stands on accounts of money at processors, per role and currency. */
async function processorBalances(companyId: string): Promise<RoleBalance[]> {
  return world.database.sql<RoleBalance[]>`
    select l.role, l.currency, sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end)::bigint as tc,
           sum(l.debit - l.credit)::bigint as amount
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where e.company_id = ${companyId} and l.role ~ '^(clearing[.]|processor[.]reserve|dispute[.]held|fx[.]trading|suspense)'
    group by 1, 2 order by 1, 2`;
}

function sumOf(rows: RoleBalance[], fits: (row: RoleBalance) => boolean): bigint {
  return rows.filter(fits).reduce((total, { tc }) => total + tc, 0n);
}

describe.each([
  ['stripe', 1],
  ['stripe', 2],
  ['square', 1],
  ['square', 3],
])('six days of money at %s (seed %i)', (channel, seed) => {
  test('are on clearing and reserve exactly what the processor says it owes, and nothing is left waiting', async () => {
    await trade(seed, [channel]);
    const { sql } = world.database;
    const paid = await sql`select 1 from events where type = 'payout' and state = 'posted'`;
    expect(paid.length).toBeGreaterThan(2);
    for (const { companyId, channel: shopSystem, shop, currency: own } of world.pairings) {
      const rows = await processorBalances(companyId);
      const theirs = shopSystem.simulator.balances(shop);
      expect(theirs.length).toBeGreaterThan(0);
      for (const { processor, currency, clearing, reserve } of theirs) {
        const isOf = (base: string) => (row: RoleBalance) =>
          row.currency === currency && (row.role === base || row.role === `${base}.${currency}`);
        expect(sumOf(rows, isOf(`clearing.${processor}`)), `${processor} ${currency} clearing`).toBe(clearing);
        expect(sumOf(rows, isOf('processor.reserve')), `${processor} ${currency} reserve`).toBe(reserve);
      }
      // What was converted has left its clearing account, in both currencies.
      const converted = rows.filter((row) => row.role.startsWith('clearing.') && row.currency !== own && row.tc === 0n);
      for (const row of converted) expect(row, row.role).toMatchObject({ amount: 0n });
      const trading = rows.filter(({ role }) => role === 'fx.trading');
      expect(trading.reduce((total, { amount }) => total + amount, 0n)).toBe(0n);
      expect(sumOf(rows, ({ role }) => role === 'dispute.held')).toBe(await heldByDisputes(companyId));
    }
    expect(
      await sql`select type, code, reason from events where state in ('waiting', 'failed', 'pending', 'conflict')`,
    ).toHaveLength(0);
    for (const { companyId } of world.pairings) {
      expect((await trialBalance(sql, companyId, { to: '2099-12-31' })).difference).toBe(0n);
      const { checks } = await verifyCompany(sql, companyId);
      expect(checks.filter((check) => !check.ok)).toEqual([]);
    }
  }, 120_000);
});

/** Amounts of the disputes that are neither won nor lost, as their events say. */
async function heldByDisputes(companyId: string): Promise<bigint> {
  const [row] = await world.database.sql<{ held: bigint }[]>`
    with newest as (
      select distinct on (connection_id, source_id) payload from events
      where company_id = ${companyId} and type = 'dispute' and posted_at is not null
      order by connection_id, source_id, revision desc)
    select coalesce(sum((o.payload->>'amount')::bigint), 0)::bigint as held from newest o
    where o.payload->>'status' = 'opened' and not exists (
      select 1 from newest e where e.payload->>'id' = o.payload->>'id' and e.payload->>'status' in ('won', 'lost'))`;
  return row?.held ?? 0n;
}

/** JSON in which every payout says one minor unit more than it paid. */
function oneMore(text: string): string {
  const raised = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(raised);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, raised(each)]));
    const isPayout = fields.object === 'payout' && typeof fields.amount === 'number';
    return isPayout ? { ...fields, amount: (fields.amount as number) + 1 } : fields;
  };
  return JSON.stringify(raised(JSON.parse(text)));
}

describe('a payout whose lines do not come to what was paid', () => {
  test('is refused and shown as an issue once it names them, and not posted', async () => {
    world = await openWorld({ seed: 1, only: ['stripe', 'quickbooks'], startAt: new Date('2026-03-03T15:00:00Z') });
    const { deps } = world.hub;
    const honest = deps.sales.get('stripe') as SalesConnector;
    const wrong: SalesConnector = {
      ...honest,
      normalize: (raw, context) => {
        const fetched = Object.fromEntries(
          Object.entries(context.fetched).map(([name, text]) => [name, oneMore(text)]),
        );
        return honest.normalize({ ...raw, body: Buffer.from(oneMore(raw.body.toString())) }, { ...context, fetched });
      },
    };
    deps.sales = new Map([...deps.sales, ['stripe', wrong]]);
    for (let day = 0; day < 4; day += 1) {
      for (let step = 0; step < 12; step += 1)
        for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
      await world.settle(1);
      world.advance(DAY_MS);
    }
    const { sql } = world.database;
    const refused = await sql<{ code: string; reason: string }[]>`
      select code, reason from deliveries where state = 'refused' and topic like 'payout%'`;
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused)
      expect(each).toMatchObject({
        code: 'PAYLOAD_CONTRADICTS_ITSELF',
        reason: expect.stringMatching(/^payout .+ come to USD .+ but amount says USD /),
      });
    const issues = await sql`select message from issues where state = 'open' and code = 'PAYLOAD_CONTRADICTS_ITSELF'`;
    expect(issues.length).toBeGreaterThan(0);
    // What a payout says before it is itemised cannot be checked; not one that names its lines came through.
    const through = await sql`
      select source_id, payload->>'amount' as amount from events
      where type = 'payout' and state = 'posted' and jsonb_array_length(payload->'lines') > 0`;
    expect(through).toHaveLength(0);
    expect((await sql`select 1 from journal_entries`).length).toBeGreaterThan(10);
  });
});
