import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '@daybook/workers/deps';
import { normalizeDeliveries } from '@daybook/workers/normalize-deliveries';
import { postEvents } from '@daybook/workers/post-events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ seed: 31 });
});
afterEach(() => world.close());

async function trade(times: number): Promise<void> {
  const [pairing] = world.pairings;
  for (let step = 0; step < times; step += 1) await pairing?.channel.simulator.trade(pairing.shop);
}

/** A database whose first commit succeeds, but nobody hears of it. */
function losingFirstReply(sql: Sql): Sql {
  let lost = false;
  const begin = async (work: Parameters<Sql['begin']>[1]) => {
    const result = await sql.begin(work);
    if (lost) return result;
    lost = true;
    throw new Error('the connection broke after the commit');
  };
  return new Proxy(sql, {
    get: (target, name) => (name === 'begin' ? begin : (Reflect.get(target, name) as unknown)),
  });
}

async function owed(stage: string): Promise<{ companyId: string; refs: string[] }> {
  const [row] = await world.database.sql<{ companyId: string; ref: bigint }[]>`
    select company_id as "companyId", ref from todo where stage = ${stage} order by id limit 1`;
  if (!row) throw new Error(`Nothing is owed for ${stage}.`);
  // Nothing else is due, so that the job is about this one piece of work.
  await world.database
    .sql`update todo set due_at = ${new Date(world.now().getTime() + 60_000)} where ref <> ${row.ref}`;
  return { companyId: row.companyId, refs: [String(row.ref)] };
}

it('a commit whose reply is lost is no failure: what is normalized or posted stays so', async () => {
  const { deps } = world.hub;
  const { sql } = world.database;
  const lossy = (): WorkerDeps => ({ ...deps, sql: losingFirstReply(sql) });
  await trade(2);
  const delivery = await owed('normalize');
  await normalizeDeliveries(delivery, lossy());
  expect(await sql`select state, code from deliveries where id = ${delivery.refs[0] ?? ''}`).toEqual([
    { state: 'normalized', code: null },
  ]);
  const event = await owed('post');
  await postEvents(event, lossy());
  expect(await sql`select state, code from events where id = ${event.refs[0] ?? ''}`).toEqual([
    { state: 'posted', code: null },
  ]);
  expect(await sql`select 1 from issues`).toHaveLength(0);
});

it('a channel that asks to slow down uses up no attempt', async () => {
  const { deps } = world.hub;
  const { sql } = world.database;
  const slow = new ConnectorError('rate_limited', 'Exceeded 2 calls per second.', {
    code: 'RATE_LIMITED',
    retryAfterMs: 2_000,
  });
  await trade(20);
  const companies = await sql<{ companyId: string }[]>`select distinct company_id as "companyId" from todo`;
  for (const { companyId } of companies) {
    const access = { ...deps.access, api: () => Promise.reject(slow) };
    await normalizeDeliveries({ companyId, refs: [] }, { ...deps, access });
  }
  const waiting = await sql<{ attempts: number }[]>`
    select t.attempts from todo t join deliveries d on d.id = t.ref where t.stage = 'normalize' and d.code = 'RATE_LIMITED'`;
  expect(waiting.length).toBeGreaterThan(0);
  expect(waiting.filter((row) => row.attempts !== 0)).toEqual([]);
});
