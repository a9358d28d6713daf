import { afterEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const HOUR_MS = 60 * 60_000;

async function booksConnection({ database }: World): Promise<{ id: string; tokenSetId: string }> {
  const [row] = await database.sql<{ id: string; tokenSetId: string }[]>`
    select id, token_set_id as "tokenSetId" from connections where kind = 'accounting' order by id limit 1`;
  if (!row) throw new Error('No books are connected.');
  return row;
}

describe('tokens', () => {
  it('are refreshed once however many workers ask at the same moment', async () => {
    world = await openWorld({ seed: 31 });
    const { access } = world.hub.deps;
    const { id, tokenSetId } = await booksConnection(world);
    const { sql } = world.database;
    const sealed = async () => (await sql`select updated_at from token_sets where id = ${tokenSetId}`)[0];
    const before = await sealed();
    world.advance(HOUR_MS);
    const apis = await Promise.all(Array.from({ length: 40 }, () => access.api(id)));
    const tokens = new Set(apis.map((api) => (api.credentials as { accessToken: string }).accessToken));
    expect(tokens.size).toBe(1);
    expect(await sealed()).not.toEqual(before);
    // The provider rotates on every refresh, so a second refresh with the spent token would have ended the grant.
    const [set] = await world.database.sql`select revoked_at from token_sets where id = ${tokenSetId}`;
    expect(set).toEqual({ revoked_at: null });
  }, 60_000);

  it('of one consent serve every organisation behind it', async () => {
    world = await openWorld({ seed: 32 });
    const rows = await world.database.sql<{ tokenSetId: string }[]>`
      select distinct token_set_id as "tokenSetId" from connections where kind = 'accounting'`;
    expect(rows).toHaveLength(1);
    world.advance(HOUR_MS);
    for (const pairing of world.pairings) await pairing.channel.simulator.trade(pairing.shop);
    await world.settle();
    for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
  }, 60_000);

  it('are stored encrypted', async () => {
    world = await openWorld({ seed: 33 });
    const { id } = await booksConnection(world);
    const api = await world.hub.deps.access.api(id);
    const { accessToken } = api.credentials as { accessToken: string };
    const [found] = await world.database.sql`
      select count(*)::int as count from token_sets where position(${Buffer.from(accessToken)} in sealed) > 0`;
    expect(found).toEqual({ count: 0 });
  }, 60_000);

  it('that were withdrawn give one named issue, and work goes on by itself after reconnecting', async () => {
    world = await openWorld({ seed: 34 });
    const { tokenSetId } = await booksConnection(world);
    await world.database.sql`update token_sets set revoked_at = now() where id = ${tokenSetId}`;
    for (const pairing of world.pairings) await pairing.channel.simulator.trade(pairing.shop);
    await world.settle();
    const issues = await world.database.sql`select code, message from issues where state = 'open'`;
    expect(issues.map((issue) => issue.code)).toEqual(['RECONNECT', 'RECONNECT']);
    await world.sandbox.connect(world.hub, world.url, () => undefined);
    await world.settle();
    expect(await world.database.sql`select 1 from issues where state = 'open'`).toHaveLength(0);
    for (const proof of (await world.prove()).slice(0, 2)) expect(proof).toMatchObject({ equal: true });
  }, 60_000);
});
