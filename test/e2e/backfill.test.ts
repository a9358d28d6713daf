import { cancelBackfill, readBackfill, resumeBackfill, startBackfill, stepBackfill } from '@daybook/workers/backfill';
import { coverage } from '@daybook/workers/coverage';
import { pollAll } from '@daybook/workers/upkeep';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ seed: 31 });
}, 120_000);
afterAll(() => world?.close());

const DAY_MS = 24 * 60 * 60_000;
const first = () => world.pairings[0]!;
const deps = () => world.hub.deps;

async function connectionOf(): Promise<string> {
  const { channel, shop } = first();
  const [row] = await deps().sql<{ id: string }[]>`
    select id from connections where connector = ${channel.connector.id} and account = ${shop}`;
  return row!.id;
}

/** Everything that is in the inbox is thrown away before it is read: the shop's webhooks were lost. */
async function loseWebhooks(): Promise<void> {
  await deps().sql`delete from todo`;
  await deps().sql`delete from deliveries`;
}

function range() {
  const now = world.now().getTime();
  return { from: new Date(now - 30 * DAY_MS), to: new Date(now + DAY_MS) };
}

async function finish(id: string): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await stepBackfill({ id }, deps());
    if ((await readBackfill(deps().sql, id))?.state !== 'running') return;
    world.advance(121_000);
  }
  throw new Error('The import never came to its end.');
}

describe('importing a range', () => {
  test('finds everything that no webhook told, and counts it as healed', async () => {
    const connectionId = await connectionOf();
    for (let step = 0; step < 12; step += 1) await first().channel.simulator.trade(first().shop);
    await loseWebhooks();
    const { id } = await startBackfill({ connectionId, ...range() }, deps());
    await finish(id);
    expect(await readBackfill(deps().sql, id)).toMatchObject({ state: 'done', reason: null });
    await world.settle();
    const [proof] = await world.prove();
    expect(proof).toMatchObject({ equal: true });
    const hours = await coverage(deps().sql, { connectionId, ...range(), polledOnly: [] });
    const [facts] = await deps().sql<{ count: number }[]>`
      select count(distinct (type, source_id))::int as count from events where connection_id = ${connectionId}`;
    const total = (pick: (hour: (typeof hours)[number]) => number) => hours.reduce((sum, hour) => sum + pick(hour), 0);
    expect(total(({ healed }) => healed)).toBe(facts?.count);
    expect(total(({ both, webhookOnly }) => both + webhookOnly)).toBe(0);
  });

  test('again changes nothing', async () => {
    const connectionId = await connectionOf();
    const [before] = await deps().sql`select count(*)::int as count from journal_entries`;
    const { id } = await startBackfill({ connectionId, ...range() }, deps());
    await finish(id);
    expect(await readBackfill(deps().sql, id)).toMatchObject({ state: 'done', stored: 0 });
    await world.settle();
    expect((await deps().sql`select count(*)::int as count from journal_entries`)[0]).toEqual(before);
  });

  test('can be cancelled, and goes on where it was', async () => {
    const connectionId = await connectionOf();
    const { id } = await startBackfill({ connectionId, ...range() }, deps());
    await expect(startBackfill({ connectionId, ...range() }, deps())).rejects.toThrow('running');
    expect(await cancelBackfill(id, deps())).toMatchObject({ state: 'cancelled' });
    await stepBackfill({ id }, deps());
    expect(await readBackfill(deps().sql, id)).toMatchObject({ state: 'cancelled', read: 0 });
    expect(await resumeBackfill(id, deps())).toMatchObject({ state: 'running' });
    await finish(id);
    expect(await readBackfill(deps().sql, id)).toMatchObject({ state: 'done' });
    await expect(resumeBackfill(id, deps())).rejects.toThrow('done');
  });

  test('what webhooks and polls both told counts as both', async () => {
    const connectionId = await connectionOf();
    const since = world.now();
    for (let step = 0; step < 6; step += 1) await first().channel.simulator.trade(first().shop);
    await world.settle();
    world.advance(5 * 60_000);
    await pollAll(deps());
    await world.settle();
    const hours = await coverage(deps().sql, {
      connectionId,
      from: new Date(since.getTime() - DAY_MS),
      to: new Date(world.now().getTime() + DAY_MS),
      polledOnly: [],
    });
    expect(hours.reduce((sum, { both }) => sum + both, 0)).toBeGreaterThan(0);
  });

  test('live work goes before an import', async () => {
    const { sql } = deps();
    await sql`delete from todo`;
    const [company] = await sql<{ id: string }[]>`select id from companies limit 1`;
    await sql`
      insert into todo (company_id, stage, ref, priority, due_at) values
        (${company!.id}, 'normalize', 900001, 1, now() - interval '2 hours'), (${company!.id}, 'normalize', 900002, 0, now() - interval '1 hour')`;
    const { lease } = await import('@daybook/workers/owed');
    expect(await lease(sql, 'normalize', company!.id, [], 1, world.now())).toEqual([900002n]);
    await sql`delete from todo`;
  });
});
