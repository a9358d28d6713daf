import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import { pollConnection } from '@daybook/workers/poll';
import { afterEach, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function world(seed: number): Promise<World> {
  const opened = await openWorld({ seed });
  closing.push(opened.close);
  return opened;
}

/** What the hub was told and had not looked at is gone, as after the restore of an older backup. */
async function loseWebhooks({ database: { sql } }: World): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`delete from todo where stage = 'normalize'`;
    await tx`delete from deliveries`;
  });
}

async function shopConnections({ database, pairings }: World) {
  const rows = await database.sql<{ id: string; account: string }[]>`
    select id, account from connections where kind = 'sales' and state = 'active'`;
  return pairings.map((pairing) => {
    const found = rows.find((row) => row.account === pairing.shop);
    if (!found) throw new Error(`${pairing.shop} is not connected.`);
    return { pairing, id: found.id };
  });
}

/** Trades with a minute between two steps, so that every order has its own seconds. */
async function trade(opened: World, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    for (const pairing of opened.pairings) await pairing.channel.simulator.trade(pairing.shop);
    opened.advance(60_000);
  }
}

/** Goes on after every refusal for calling too often, as the workers' own timer does. Answers the deliveries it gained. */
async function pollPatiently(opened: World, connectionId: string): Promise<number> {
  const before = await deliveries(opened, connectionId);
  for (let wait = 0; wait < 100; wait += 1) {
    try {
      await pollConnection({ connectionId }, opened.hub.deps);
      return (await deliveries(opened, connectionId)) - before;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.kind !== 'rate_limited') throw error;
      opened.advance(error.retryAfterMs ?? 1_000);
    }
  }
  throw new Error('A hundred waits were not enough to read what changed.');
}

async function deliveries({ database }: World, connectionId: string): Promise<number> {
  const [row] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from deliveries where connection_id = ${connectionId}`;
  return row?.count ?? 0;
}

async function pollAll(opened: World): Promise<number> {
  let stored = 0;
  for (const { id } of await shopConnections(opened)) {
    stored += await pollPatiently(opened, id);
  }
  await opened.settle();
  return stored;
}

/** Entries of what webhooks tell. Fees and payouts of the shops come by polling only. */
async function entries({ database }: World): Promise<number> {
  const [row] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from journal_entries j join events e on e.id = j.event_id
    where e.type not in ('fee', 'payout')`;
  return row?.count ?? 0;
}

/** Issues but those of adjustments in payouts, which nobody but a person can explain. */
async function openIssues({ database }: World): Promise<string[]> {
  const rows = await database.sql<{ said: string }[]>`
    select code || ': ' || message as said from issues where state = 'open' and code <> 'SUSPENSE_POSTED'`;
  return rows.map((row) => row.said);
}

async function expectProven(opened: World): Promise<void> {
  for (const { slug, shop, ledger, books } of await opened.prove()) {
    const figures = expect.objectContaining({ total: shop.total, tax: shop.tax });
    expect(shop.total, slug).toBeGreaterThan(0n);
    expect({ ledger, books }, slug).toEqual({ ledger: figures, books: figures });
  }
  expect(await openIssues(opened)).toEqual([]);
}

it('asking the shops brings everything when every webhook was lost', async () => {
  const opened = await world(5);
  await trade(opened, 40);
  await loseWebhooks(opened);
  await opened.settle();
  expect(await entries(opened)).toBe(0);
  expect(await pollAll(opened)).toBeGreaterThan(0);
  await expectProven(opened);
}, 240_000);

it('asking the shops again changes nothing when every webhook arrived', async () => {
  const opened = await world(6);
  await trade(opened, 40);
  await opened.settle();
  await expectProven(opened);
  const booked = await entries(opened);
  expect(await pollAll(opened)).toBeGreaterThan(0);
  expect(await entries(opened)).toBe(booked);
  await expectProven(opened);
  // What comes twice has the same event id: the overlap of two looks stores nothing.
  expect(await pollAll(opened)).toBe(0);
}, 240_000);
