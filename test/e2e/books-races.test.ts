import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ seed: 23 });
});
afterEach(() => world.close());

function pairing() {
  const [first] = world.pairings;
  if (!first?.books) throw new Error('The sandbox has no shop with books.');
  return { ...first, books: first.books };
}

async function trade(times: number): Promise<void> {
  for (let step = 0; step < times; step += 1) await pairing().channel.simulator.trade(pairing().shop);
}

async function workWhileDue(): Promise<void> {
  while (await world.workOnce()) {
    // until nothing is due right now
  }
}

async function states(): Promise<string[]> {
  const rows = await world.database.sql<{ state: string }[]>`
    select distinct state from documents where company_id = ${pairing().companyId} order by state`;
  return rows.map((row) => row.state);
}

async function expectExactlyOnce(): Promise<void> {
  expect(await states()).toEqual(['pushed']);
  for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
}

describe('what was on its way when something broke is looked up, never just sent again', () => {
  it('the books took payments, but their answer could not be written down', async () => {
    const { sql } = world.database;
    // Breaks the first transaction that would note the answer to payments; a sequence remembers over the rollback.
    await sql`create sequence broken_once`;
    await sql`
      create function break_once() returns trigger language plpgsql as $$
      begin
        if new.outcome = 'answered' and new.path like '%/Payments%' and nextval('broken_once') = 1 then
          raise exception 'the connection to the database broke';
        end if;
        return new;
      end $$`;
    await sql`create trigger break_once before update on push_attempts for each row execute function break_once()`;
    for (let step = 0; step < 30; step += 1) {
      await trade(1);
      await workWhileDue();
      const [broken] = await sql<{ broken: boolean }[]>`select is_called as broken from broken_once`;
      if (broken?.broken) break;
    }
    expect(await states()).toContain('unknown');
    await world.settle();
    await expectExactlyOnce();
  }, 60_000);

  it('a batch that got no answer is sent again as the same request, not in pieces', async () => {
    await trade(6);
    pairing().books.simulator.inject({ kind: 'drop_before', count: 1, path: '/Invoices', method: 'PUT' });
    await world.settle(1);
    const requests = await world.database.sql<{ documents: number; requests: number }[]>`
      select count(distinct id)::int as documents, count(distinct request)::int as requests from (
        select unnest(a.document_ids) as id, a.id as request from push_attempts a
        where a.path like '%/Invoices%' and a.company_id = ${pairing().companyId} and exists (
          select 1 from push_attempts first where first.document_ids && a.document_ids and first.id = (
            select min(id) from push_attempts where path like '%/Invoices%' and company_id = ${pairing().companyId}))) as sent`;
    expect(requests[0]?.documents).toBeGreaterThan(1);
    expect(requests[0]?.requests).toBe(1);
    await expectExactlyOnce();
  }, 60_000);

  it('a replay that is told to slow down leaves the first request in doubt', async () => {
    const { simulator } = pairing().books;
    await trade(3);
    simulator.inject({ kind: 'drop_before', count: 1, path: '/Invoices', method: 'PUT' });
    await workWhileDue();
    expect(await states()).toContain('unknown');
    const headers = { 'retry-after': '20', 'x-rate-limit-problem': 'minute' };
    simulator.inject({ kind: 'status', status: 429, headers, count: 1, path: '/Invoices', method: 'PUT' });
    world.advance(7_000);
    await workWhileDue();
    expect(await states()).toContain('unknown');
    await world.settle(1);
    const [twice] = await world.database.sql`
      select id from (select unnest(document_ids) as id from push_attempts where path like '%/Invoices%') as sent
      group by id having count(*) > 1`;
    expect(twice).toBeUndefined();
    await expectExactlyOnce();
  }, 60_000);

  it('what never got an answer is held as unknown, so that a replay looks it up', async () => {
    await trade(1);
    pairing().books.simulator.inject({ kind: 'drop_before', count: 40, path: '/Invoices', method: 'PUT' });
    await world.settle(72);
    const held = await world.database.sql<{ state: string }[]>`
      select distinct d.state from documents d join todo t on t.stage = 'push' and t.ref = d.id where t.held is not null`;
    expect(held.map((row) => row.state)).toEqual(['unknown']);
  }, 60_000);
});

describe('a number that is taken', () => {
  it('by a document with other totals is not adopted but shown', async () => {
    const { sql } = world.database;
    await trade(4);
    await world.settle(1);
    await sql`update connections set paused_until = ${new Date(world.now().getTime() + 60_000)} where kind = 'accounting'`;
    await trade(6);
    await workWhileDue();
    const [pair] = await sql<{ theirs: string; ours: string }[]>`
      select a.number as theirs, b.number as ours from documents a join documents b
        on b.connection_id = a.connection_id and b.kind = 'invoice' and b.state = 'pending' and b.amount <> a.amount
      where a.kind = 'invoice' and a.state = 'pushed' and a.company_id = ${pairing().companyId} limit 1`;
    if (!pair) throw new Error('The programme of this seed has no two such invoices.');
    const simulator = pairing().books.simulator as unknown as {
      editByHand(account: string, number: string, edit: { number: string }): void;
    };
    simulator.editByHand(pairing().organisation ?? '', pair.theirs, { number: pair.ours });
    await world.settle(1);
    const [ours] = await sql<{ state: string; code: string; remoteId: string | null }[]>`
      select state, code, remote_id as "remoteId" from documents where kind = 'invoice' and number = ${pair.ours}`;
    expect(ours).toEqual({ state: 'rejected', code: 'BOOKS_DUPLICATE_NUMBER', remoteId: null });
    const issues = await sql`select 1 from issues where code = 'BOOKS_DUPLICATE_NUMBER' and state = 'open'`;
    expect(issues).toHaveLength(1);
  }, 60_000);
});

it('a payment of an invoice from before the books were connected is held and says so', async () => {
  const { sql } = world.database;
  await sql`update connections set paused_until = ${new Date(world.now().getTime() + 60_000)} where kind = 'accounting'`;
  await trade(6);
  await workWhileDue();
  // As if only the payment had been posted after connecting: the invoice was never owed.
  const [earlier] = await sql<{ number: string }[]>`
    delete from documents where id = (
      select i.id from documents i join documents p on p.connection_id = i.connection_id and p.kind = 'payment'
        and p.payload->'settles'->>'kind' = 'invoice' and p.payload->'settles'->>'number' = i.number
      where i.kind = 'invoice' and i.state = 'pending' limit 1) returning number`;
  await sql`delete from todo where stage = 'push' and not exists (select 1 from documents where id = ref)`;
  await world.settle(1);
  const issues = await sql<{ message: string }[]>`
    select message from issues where code = 'BOOKS_PREDECESSOR_MISSING' and state = 'open'`;
  expect(issues.map((row) => row.message)).toEqual([expect.stringContaining(`invoice ${earlier?.number}`)]);
}, 60_000);
