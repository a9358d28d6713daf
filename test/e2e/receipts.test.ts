import { verifyCompany } from '@daybook/ledger/verify';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** Each takes a few seconds; many times that on a machine whose cores are all taken. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const SEED = 21;
const START = new Date('2026-03-03T15:00:00Z');
const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function openShop(only = ['square', 'quickbooks']): Promise<World> {
  const world = await openWorld({ seed: SEED, only, startAt: START });
  worlds.push(world);
  return world;
}

function pairingOf(world: World) {
  const found = world.pairings.find(({ books }) => books !== null);
  if (!found?.books || !found.organisation) throw new Error('The sandbox has no shop with books.');
  return { ...found, books: found.books, organisation: found.organisation };
}

async function trade(world: World, times: number): Promise<void> {
  const { channel, shop } = pairingOf(world);
  for (let step = 0; step < times; step += 1) await channel.simulator.trade(shop);
  await world.settle(24);
}

/** What stands on every account of the books that is not even. */
function balances(world: World): Record<string, bigint> {
  const { books, organisation } = pairingOf(world);
  return Object.fromEntries(
    Object.entries(books.simulator.balances(organisation)).filter(([, amount]) => amount !== 0n),
  );
}

async function pathOf(world: World): Promise<string> {
  const [row] = await world.database.sql<{ id: string }[]>`
    select id from connections where kind = 'accounting' and company_id = ${pairingOf(world).companyId}`;
  return `/api/v1/connections/${row?.id}/paid-sales`;
}

const choose = async (world: World, paidSales: string) =>
  ask(world.url, await pathOf(world), { method: 'PUT', json: { paidSales } });

async function kinds(world: World): Promise<Record<string, number>> {
  const rows = await world.database.sql<{ kind: string; count: number }[]>`
    select kind, count(*)::int as count from documents group by kind`;
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

async function expectSound(world: World): Promise<void> {
  expect(
    await world.database.sql`select kind, number, state, reason from documents where state <> 'pushed'`,
  ).toHaveLength(0);
  for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
  const { checks } = await verifyCompany(world.database.sql, pairingOf(world).companyId);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

describe('books that take receipts', () => {
  test(`hold the same on every account with receipts, with invoices, and switched in between (seed ${SEED})`, async () => {
    const byReceipts = await openShop();
    expect((await ask(byReceipts.url, await pathOf(byReceipts))).body).toEqual({ paidSales: 'receipts' });
    const byInvoices = await openShop();
    expect(await choose(byInvoices, 'invoices')).toMatchObject({ status: 200, body: { paidSales: 'invoices' } });
    const switched = await openShop();
    for (const world of worlds) await trade(world, 20);
    await choose(switched, 'invoices');
    for (const world of worlds) await trade(world, 20);
    for (const world of worlds) await expectSound(world);

    expect(balances(byReceipts)).toEqual(balances(byInvoices));
    expect(balances(switched)).toEqual(balances(byInvoices));
    const [made, plain, both] = [await kinds(byReceipts), await kinds(byInvoices), await kinds(switched)];
    expect(made.sales_receipt).toBeGreaterThan(10);
    expect(made.refund_receipt).toBeGreaterThan(0);
    expect(Object.keys(plain).filter((kind) => kind.endsWith('receipt'))).toEqual([]);
    expect(both.sales_receipt).toBeGreaterThan(0);
    expect(both.invoice).toBeGreaterThan(made.invoice ?? 0);
    const receipts = (made.sales_receipt ?? 0) + (made.refund_receipt ?? 0);
    const forms = (all: Record<string, number>) => (all.invoice ?? 0) + (all.credit_note ?? 0);
    expect(forms(made) + receipts).toBe(forms(plain));
    expect((made.payment ?? 0) + receipts).toBe(plain.payment);
  });

  test('keep each once, whatever happens to the requests that bring them', async () => {
    const world = await openShop();
    const { books } = pairingOf(world);
    for (const path of ['/salesreceipt', '/refundreceipt'])
      for (const kind of ['lost_reply', 'drop_before', 'lost_reply', 'empty'] as const)
        books.simulator.inject({ kind, count: 1, method: 'POST', path });
    await trade(world, 25);
    await expectSound(world);
    expect((await kinds(world)).sales_receipt).toBeGreaterThan(5);
  });

  test('say of money on what a receipt paid whole that nothing is open there', async () => {
    const world = await openShop();
    await trade(world, 12);
    const { sql } = world.database;
    const [receipt] = await sql<{ id: bigint; number: string }[]>`
      select id, number from documents where kind = 'sales_receipt' order by id limit 1`;
    // As a second payment of the same sale would be owed: by the event that paid it twice.
    const [again] = await sql<{ id: bigint }[]>`
      insert into documents (company_id, connection_id, event_id, kind, number, date, currency, amount, tax, payload, content_hash, created_at)
      select company_id, connection_id, event_id, 'payment', number || '-x', date, currency, amount, 0,
        jsonb_build_object('kind', 'payment', 'number', number || '-x', 'reference', payload->'reference', 'date', payload->'date',
          'currency', payload->'currency', 'party', payload->'party', 'role', payload->'role', 'account', payload->'account',
          'amount', amount, 'settles', jsonb_build_object('kind', 'invoice', 'number', number)), 'again', created_at
      from documents where id = ${String(receipt?.id)} returning id`;
    await sql`
      insert into todo (company_id, connection_id, stage, ref, due_at)
      select company_id, connection_id, 'push', id, ${world.now()} from documents where id = ${String(again?.id)}`;
    await world.settle(1);
    const [refused] = await sql<{ state: string; code: string; reason: string }[]>`
      select state, code, reason from documents where id = ${String(again?.id)}`;
    expect(refused).toMatchObject({ state: 'rejected', code: 'BOOKS_AMOUNT_EXCEEDS_OPEN' });
    expect(refused?.reason).toContain(`invoice ${receipt?.number}, which is a receipt in`);
  });
});

test('books that take none say so, and keep their invoices', async () => {
  const world = await openShop(['square', 'xero']);
  expect((await ask(world.url, await pathOf(world))).body).toEqual({ paidSales: 'invoices' });
  expect(await choose(world, 'receipts')).toMatchObject({ status: 400, body: refusal('INPUT_INVALID') });
  const { body } = await ask(world.url, '/api/v1/connections');
  const shop = body.connections.find(({ kind }: { kind: string }) => kind === 'sales');
  const wrong = await ask(world.url, `/api/v1/connections/${shop.id}/paid-sales`);
  expect(wrong).toMatchObject({ status: 404, body: refusal('CONNECTION_UNKNOWN') });
});
