import type { WooCommerceSimulator } from '@daybook/connectors/sales/woocommerce/simulator';
import { verifyCompany } from '@daybook/ledger/verify';
import { pollConnection } from '@daybook/workers/poll';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let store: WooCommerceSimulator;
beforeEach(async () => {
  world = await openWorld({ seed: 3, only: ['woocommerce'] });
  store = world.pairings[0]?.channel.simulator as WooCommerceSimulator;
  await store.trade(world.pairings[0]?.shop ?? '');
  await world.settle();
});
afterEach(() => world.close());

/** Every stored state of the order's refund, oldest first. */
function refundStates(): Promise<object[]> {
  return world.database.sql<object[]>`
    select split_part(revision, '-', 1) as stage, state, payload->>'total' as total from events
    where type = 'refund' order by id`;
}

async function expectProven(): Promise<void> {
  await world.settle();
  const [proof] = await world.prove();
  expect(proof?.ledger).toMatchObject({ total: proof?.shop.total, tax: proof?.shop.tax });
  const { checks } = await verifyCompany(world.database.sql, world.pairings[0]?.companyId ?? '');
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

async function connectionId(): Promise<string> {
  const [row] = await world.database.sql<{ id: string }[]>`select id from connections`;
  return row?.id ?? '';
}

/** Somebody tidies up the store's webhooks. */
async function removeWebhooks(): Promise<void> {
  const { consumerKey, consumerSecret } = store.keys?.('books.daybook.example') ?? {};
  const authorization = `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`;
  const base = store.hosts.api.replace('{account}', 'books.daybook.example');
  for (const { id } of store.webhooks())
    await fetch(`${base}/wp-json/wc/v3/webhooks/${id}?force=true`, { method: 'DELETE', headers: { authorization } });
  expect(store.webhooks()).toEqual([]);
}

const issues = () => world.database.sql`select code, subject from issues where state = 'open'`;

describe('a refund that its order only lists in short', () => {
  it('is booked from its details, which are read with it', async () => {
    await store.administer('refund an amount');
    await expectProven();
    const total = store.orders()[0]?.refunds[0]?.amount.toString();
    expect(await refundStates()).toEqual([{ stage: '1', state: 'posted', total }]);
  });

  it('is taken out of the books when the store does not list it any more', async () => {
    await store.administer('refund an amount');
    await world.settle();
    await store.administer('delete the refund');
    await expectProven();
    expect(await refundStates()).toMatchObject([
      { stage: '1', state: 'superseded' },
      { stage: '2', state: 'posted', total: '0' },
    ]);
    expect(store.totals('books.daybook.example').total).toBeGreaterThan(0n);
  });

  it('stays taken out when old webhooks come again', async () => {
    await store.administer('refund an amount');
    await world.settle();
    const [old] = await world.database.sql<{ id: bigint }[]>`select id from deliveries order by id desc limit 1`;
    await store.administer('delete the refund');
    await world.settle();
    await world.database.sql`
      insert into todo (stage, ref, company_id, due_at, attempts)
      select 'normalize', id, company_id, ${world.now()}, 0 from deliveries where id = ${old?.id ?? 0n}`;
    await expectProven();
    expect(await refundStates()).toHaveLength(2);
    expect(await issues()).toEqual([]);
  });

  it('is found by the next look at the store when every webhook was lost', async () => {
    await store.administer('refund an amount');
    await world.settle();
    await removeWebhooks();
    await store.administer('delete the refund');
    await world.settle();
    expect(await refundStates()).toMatchObject([{ stage: '1', state: 'posted' }]);
    await pollConnection({ connectionId: await connectionId() }, world.hub.deps);
    await expectProven();
    expect(await refundStates()).toMatchObject([
      { stage: '1', state: 'superseded' },
      { stage: '2', state: 'posted', total: '0' },
    ]);
  });
});

describe('an order that was deleted', () => {
  it('stays booked, and the accountant hears of it', async () => {
    await store.administer('move it to the trash');
    await expectProven();
    expect(await issues()).toMatchObject([{ code: 'ORDER_DELETED' }]);
  });

  it('and restored is the sale it was', async () => {
    const states = () =>
      world.database.sql`select count(*)::int as n from events where type = 'sale' and state = 'posted'`;
    const before = await states();
    await store.administer('move it to the trash');
    await store.administer('restore it');
    await expectProven();
    expect(await states()).toEqual(before);
  });
});
