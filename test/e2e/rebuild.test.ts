import { makeEvent } from '@daybook/domain';
import { enterEvents } from '@daybook/workers/enter';
import { rebuild } from '@daybook/workers/rebuild/rebuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

/** A journal follows from the raw inbox: replayed into an empty company it comes out the same, entry by entry. */
describe('a company rebuilt from its inbox', () => {
  let world: World;
  let from: string;
  beforeAll(async () => {
    world = await openWorld({ seed: 5, only: ['shopify', 'xero'] });
    for (let step = 0; step < 12; step += 1) {
      for (const pairing of world.pairings) await pairing.channel.simulator.trade(pairing.shop);
      await world.workOnce();
    }
    await world.settle(2);
    from = world.pairings[0]?.companyId as string;
    const day = world.now().toISOString();
    const journal = { version: 1, type: 'journal', channel: 'ledger', id: 'J-1', revision: '1', test: false } as const;
    const [row] = await world.database.sql<{ currency: string }[]>`select currency from companies where id = ${from}`;
    const accounts = await world.database.sql<{ code: string }[]>`
      select code from accounts where company_id = ${from} and type = 'expense' order by code limit 2`;
    const [one, other] = accounts.map((each) => each.code);
    const lines = [
      { account: one, amount: 1250 },
      { account: other, amount: -1250 },
    ];
    const date = day.slice(0, 10);
    const event = makeEvent({ ...journal, occurredAt: day, currency: row?.currency, date, lines });
    await enterEvents(from, [event], world.hub.deps);
  }, 120_000);
  afterAll(() => world.close());

  test('has the same journal, and owes nothing to any books', async () => {
    const rebuilt = await rebuild(from, 'rebuilt', world.hub.deps);
    expect(rebuilt.otherwise).toEqual([]);
    expect(rebuilt.differences).toEqual([]);
    expect(rebuilt.hashes.into).toBe(rebuilt.hashes.from);
    expect(rebuilt.facts).toBeGreaterThan(12);
    const { sql } = world.database;
    const [owed] = await sql<{ count: number }[]>`
      select count(*)::int as count from documents d join companies c on c.id = d.company_id where c.slug = 'rebuilt'`;
    expect(owed?.count).toBe(0);
  });

  test('goes on where it was, and repeated changes nothing', async () => {
    const { sql } = world.database;
    const entries = async () =>
      (
        await sql<{ entries: bigint }[]>`
        select h.entries from journal_heads h join companies c on c.id = h.company_id where c.slug = 'rebuilt'`
      )[0]?.entries;
    const before = await entries();
    const again = await rebuild(from, 'rebuilt', world.hub.deps);
    expect(again.differences).toEqual([]);
    expect(await entries()).toBe(before);
  });

  test('whose bytes were tampered with says which fact', async () => {
    const { sql } = world.database;
    await sql`
      update deliveries set body = convert_to(replace(convert_from(body, 'UTF8'), '1250', '1251'), 'UTF8')
      where company_id = ${from} and topic = 'journal'`;
    const rebuilt = await rebuild(from, 'rebuilt-again', world.hub.deps);
    expect(rebuilt.otherwise).toEqual([{ fact: 'journal J-1', says: 'the bytes say another fact' }]);
    expect(rebuilt.differences).toEqual([{ sourceKey: 'entered:journal:J-1', problem: 'missing' }]);
  });
});
