import type { Fault } from '@daybook/connectors/kit/simulator';
import { verifyCompany } from '@daybook/ledger/verify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ seed: 11 });
});
afterEach(() => world.close());

function pairing() {
  const [first] = world.pairings;
  if (!first?.books) throw new Error('The sandbox has no shop with books.');
  return { ...first, books: first.books };
}

/** Makes the books misbehave once at a path, and trades until they did: the attempt is on record. */
async function provoke(fault: Fault): Promise<void> {
  const { sql } = world.database;
  const [mark] = await sql<{ id: bigint }[]>`select coalesce(max(id), 0)::bigint as id from push_attempts`;
  pairing().books.simulator.inject(fault);
  for (let step = 0; step < 60; step += 1) {
    await pairing().channel.simulator.trade(pairing().shop);
    while (await world.workOnce()) {
      // until nothing is due right now
    }
    const [failed] = await sql`
      select 1 from push_attempts where id > ${mark?.id ?? 0n} and (outcome <> 'answered' or detail is not null)`;
    if (failed) return;
    world.advance(5_000);
  }
  throw new Error('In 60 trades the fault never showed.');
}

/** Trades until a document waits for a person. */
async function tradeUntilHeld(): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    await pairing().channel.simulator.trade(pairing().shop);
    while (await world.workOnce()) {
      // until nothing is due right now
    }
    const [held] = await world.database.sql`select 1 from todo where stage = 'push' and held is not null`;
    if (held) return;
    world.advance(5_000);
  }
  throw new Error('In 60 trades nothing was held.');
}

async function states(): Promise<Record<string, number>> {
  const rows = await world.database.sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from documents where company_id = ${pairing().companyId} group by state`;
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

async function expectExactlyOnce(): Promise<void> {
  expect(Object.keys(await states())).toEqual(['pushed']);
  for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
  const { checks } = await verifyCompany(world.database.sql, pairing().companyId);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

describe('whatever the books answer, every document arrives exactly once', () => {
  const passing: [string, Omit<Fault, 'count' | 'path'>][] = [
    ['a lost reply after the commit', { kind: 'lost_reply' }],
    ['a connection cut before', { kind: 'drop_before' }],
    ['500', { kind: 'status', status: 500 }],
    ['503 with Retry-After', { kind: 'status', status: 503, headers: { 'retry-after': '30' } }],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '20', 'x-rate-limit-problem': 'minute' } }],
    ['an HTML page', { kind: 'html' }],
    ['nothing at all', { kind: 'empty' }],
    ['409', { kind: 'status', status: 409 }],
    ['a reply slower than we wait', { kind: 'slow', delayMs: 4_000 }],
  ];
  const writes: [string, string, number][] = [
    ['invoice', '/Invoices', passing.length],
    // The same code sends every kind; for these the faults that differ in what the books have done are enough.
    ['payment', '/Payments', 3],
    ['credit_note', '/CreditNotes', 3],
  ];
  for (const [kind, path, faults] of writes) {
    it.each(passing.slice(0, faults))(
      `${kind}: %s`,
      async (_what, fault) => {
        await provoke({ ...fault, count: 1, path, method: 'PUT' });
        await world.settle(72);
        await expectExactlyOnce();
      },
      60_000,
    );
  }

  it('replies lost ten times in a row are still one document each', async () => {
    await provoke({ kind: 'lost_reply', count: 10, method: 'PUT' });
    await world.settle(96);
    await expectExactlyOnce();
  }, 60_000);
});

describe('what cannot heal by itself is shown and resumes after it was mended', () => {
  const issue = async (code: string) =>
    (
      await world.database.sql<{ message: string; subject: string }[]>`
    select message, subject from issues where code = ${code} and state = 'open'`
    )[0];

  it('403 asks to reconnect that connection, and nothing is lost', async () => {
    await provoke({
      kind: 'status',
      status: 403,
      count: 1,
      path: '/Invoices',
      method: 'PUT',
      body: JSON.stringify({ Title: 'Forbidden', Status: 403, Detail: 'AuthenticationUnsuccessful' }),
    });
    await world.settle();
    expect((await issue('RECONNECT'))?.message).toMatch(/reconnect/i);
    await world.database.sql`update connections set state = 'active'`;
    await world.settle();
    await expectExactlyOnce();
  }, 60_000);

  it('an unmapped account holds the documents that need it, names the mapping, and they go on after mapping', async () => {
    const [mapped] = await world.database.sql<{ connectionId: string; ours: string; theirs: string }[]>`
      delete from mappings using connections c where c.id = mappings.connection_id and c.company_id = ${pairing().companyId}
        and mappings.kind = 'account' and mappings.ours = 'sales.revenue.standard'
      returning connection_id as "connectionId", ours, theirs`;
    await tradeUntilHeld();
    await world.settle();
    expect((await issue('MAPPING_MISSING'))?.message).toContain('account sales.revenue.standard');
    const response = await fetch(`${world.url}/api/v1/connections/${mapped?.connectionId}/mappings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'account', ours: mapped?.ours, theirs: mapped?.theirs }),
    });
    expect(response.status).toBe(200);
    await world.settle();
    expect(await issue('MAPPING_MISSING')).toBeUndefined();
    await expectExactlyOnce();
  }, 60_000);

  it('a locked period is not written to, and the issue says which day is locked', async () => {
    const { books, organisation } = pairing();
    books.simulator.lock(organisation ?? '', '2099-12-31');
    await tradeUntilHeld();
    await world.settle();
    expect((await issue('BOOKS_PERIOD_LOCKED'))?.message).toMatch(/lock/i);
    books.simulator.lock(organisation ?? '', '2000-01-01');
    world.advance(5_000);
    const response = await fetch(`${world.url}/api/v1/replays`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: 'BOOKS_PERIOD_LOCKED' }),
    });
    expect(response.status).toBe(200);
    await world.settle();
    await expectExactlyOnce();
  }, 60_000);
});
