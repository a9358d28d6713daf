import { createCompany } from '@daybook/ledger/company';
import { putInventoryGroup, putItems } from '@daybook/ledger/inventory';
import { listItems, listSuggestions } from '@daybook/ledger/inventory-lists';
import { inventoryValuation, journal, stockFindings, stockMovements, trialBalance } from '@daybook/ledger/reports';
import { verifyCompany } from '@daybook/ledger/verify';
import { enterEvents, importEvents } from '@daybook/workers/enter';
import { postEvents } from '@daybook/workers/post-events';
import { setGranularity } from '@daybook/workers/summaries/granularity';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEvent } from '../../shared/domain/src/events.ts';
import { GROUP } from '../../shared/domain/test/stock.ts';
import { ask } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** Stock through the whole house (accounting.md D): entered, booked, asked for and proved. */
let world: World;
let companies = 0;

beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-03-20T09:00:00Z') });
}, 120_000);
afterAll(async () => {
  await world?.close();
});

interface Shop {
  id: string;
  slug: string;
}

/** A US shop with mugs and lamps in group 1, which is on account 1300. */
async function newShop(settings: Record<string, unknown> = {}): Promise<Shop> {
  companies += 1;
  const slug = `stock-${companies}`;
  const now = world.now();
  const given = { slug, name: 'Stock', country: 'US', currency: 'USD', timeZone: 'America/New_York', now, settings };
  return world.database.sql.begin(async (tx) => {
    const { id } = await createCompany(tx, given);
    await tx`insert into accounts (company_id, code, name, type, normal_side) values (${id}, '1301', 'Lamps', 'asset', 'debit')`;
    await putInventoryGroup(tx, id, { ...GROUP, number: 1 });
    await putItems(
      tx,
      id,
      [
        { sku: 'MUG', group: 1, reorderPoint: '5', reorderQuantity: '20' },
        { sku: 'LAMP', group: 1 },
      ],
      now,
    );
    return { id, slug };
  });
}

const HEAD = { version: 1, channel: 'shop', revision: '1', currency: 'USD', test: false } as const;

function event(given: { type: string; id: string; day?: string } & Record<string, unknown>) {
  const { day = '2026-03-10', ...rest } = given;
  return makeEvent({ ...HEAD, occurredAt: `${day}T17:00:00Z`, ...rest });
}
function goods(id: string, sku: string, quantity: string, unitCost: string, day = '2026-03-10') {
  const lines = [{ sku, quantity, unitCost }];
  return event({ type: 'goods_receipt', id, day, date: day, number: id, supplier: { id: 'Potter' }, lines });
}
function sale(id: string, items: Record<string, string>, more: { day?: string } & Record<string, unknown> = {}) {
  const lines = Object.entries(items).map(([sku, quantity]) => ({ kind: 'product', sku, quantity, net: 1000 }));
  const total = 1000 * lines.length;
  const tenders = [{ kind: 'card', processor: 'stripe', amount: total }];
  return event({ type: 'sale', id, pricesIncludeTax: false, lines, tenders, total, ...more });
}
function restock(
  id: string,
  of: string,
  items: Record<string, string>,
  more: { day?: string } & Record<string, unknown> = {},
) {
  const lines = Object.entries(items).map(([sku, quantity]) => ({
    kind: 'product',
    sku,
    quantity,
    net: 100,
    restock: true,
  }));
  const total = 100 * lines.length;
  const tenders = [{ kind: 'card', processor: 'stripe', amount: total }];
  return event({ type: 'refund', id, sale: { id: of }, lines, tenders, total, ...more });
}
const enter = (shop: Shop, ...events: ReturnType<typeof event>[]) => enterEvents(shop.id, events, world.hub.deps);

/** What the API answers, or the code it refuses with; `body` is put. */
async function api(path: string, body?: unknown) {
  const answer = await ask(world.url, `/api/v1${path}`, body === undefined ? {} : { method: 'PUT', json: body });
  return answer.status === 200 ? answer.body : answer.body.error.code;
}

async function stock(shop: Shop) {
  const items = await listItems(world.database.sql, shop.id);
  return Object.fromEntries(items.map(({ sku, quantity, value }) => [sku, [quantity, value]]));
}

async function expectSound(shop: Shop): Promise<void> {
  const { checks } = await verifyCompany(world.database.sql, shop.id);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
  const { accounts } = await inventoryValuation(world.database.sql, shop.id, { to: '2026-12-31' });
  expect(accounts.map(({ difference }) => difference)).toEqual(accounts.map(() => 0n));
}

async function inventoryEntries(shop: Shop): Promise<string[]> {
  const { entries } = await journal(world.database.sql, shop.id, {});
  return entries
    .filter(({ entryType }) => entryType === 'INV')
    .map(({ sourceKey }) => sourceKey.replace(/^.*\bentered:/, ''));
}

it('books goods, sales, edits, returns and a cancellation, and everything ties to the ledger', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00'), goods('32', 'MUG', '5', '6.20'));
  await enter(shop, sale('1', { MUG: '4' }));
  await enter(shop, sale('1', { MUG: '5' }, { revision: '2' }));
  await enter(shop, restock('9', '1', { MUG: '1' }), restock('10', '1', { MUG: '1' }));
  const owed = { tenders: [], due: 1000, customer: { id: 'c' } };
  await enter(shop, sale('2', { MUG: '1' }, owed));
  await enter(shop, event({ type: 'void', id: '2', revision: '2', sale: { id: '2' } }));
  expect(await inventoryEntries(shop)).toEqual([
    ...['goods_receipt:31', 'goods_receipt:32', 'sale:1:cogs', 'sale:1:cogs:v2'],
    ...['refund:9:restock', 'refund:10:restock', 'sale:2:cogs', 'void:2:restock'],
  ]);
  // 81.00 for 15, so 5.40 each; five went and two came back.
  expect(await stock(shop)).toMatchObject({ MUG: ['12', 6480n], LAMP: ['0', 0n] });
  await expectSound(shop);
});

it('the same facts in one import, in any order and twice, end at the same stock', async () => {
  const facts = [
    goods('31', 'MUG', '10', '5.00', '2026-03-02'),
    sale('1', { MUG: '4' }, { day: '2026-03-03' }),
    restock('9', '1', { MUG: '1' }, { day: '2026-03-04' }),
    goods('32', 'MUG', '5', '6.20', '2026-03-05'),
    sale('2', { MUG: '20', LAMP: '1' }, { day: '2026-03-06' }),
    goods('33', 'LAMP', '2', '7.00', '2026-03-07'),
  ];
  const inOrder = await newShop();
  for (const fact of facts) await enter(inOrder, fact);
  const imported = await newShop();
  await importEvents(imported.id, [...facts].reverse(), world.hub.deps);
  await importEvents(imported.id, facts, world.hub.deps);
  await postEvents({ companyId: imported.id, refs: [] }, world.hub.deps);
  await world.settle();
  expect(await stock(imported)).toEqual(await stock(inOrder));
  const balances = async (shop: Shop) =>
    (await trialBalance(world.database.sql, shop.id, { to: '2026-12-31' })).rows.map((row) => [
      row.account,
      row.closing,
    ]);
  expect(await balances(imported)).toEqual(await balances(inOrder));
  await expectSound(imported);
  const { rows } = await stockFindings(world.database.sql, imported.id, { to: '2026-03-31' });
  expect(rows.map(({ kind, sku, quantity }) => [kind, sku, quantity])).toEqual([['negative_quantity', 'MUG', '-8']]);
});

it('goods nobody has invoiced after sixty days are found', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00', '2026-01-05'), goods('32', 'MUG', '10', '5.00', '2026-02-05'));
  const { rows } = await stockFindings(world.database.sql, shop.id, { to: '2026-03-20' });
  expect(rows.map(({ kind, note, value, days }) => [kind, note, value, days])).toEqual([
    ['not_invoiced', 'receipt:31', 5000n, 74],
  ]);
});

it('an item in no group waits, and goes on once there is a default group', async () => {
  const shop = await newShop();
  await importEvents(shop.id, [sale('1', { CARD: '1' })], world.hub.deps);
  await world.settle();
  const issue = { code: 'ACCOUNT_UNRESOLVED', subject: 'inventory group of CARD' };
  const open = () =>
    world.database.sql`select code, subject from issues where company_id = ${shop.id} and state = 'open'`;
  expect(await open()).toMatchObject([issue]);
  const settings = `/companies/${shop.slug}/inventory-settings`;
  expect(await api(settings, { defaultGroup: 7 })).toBe('EVENT_INVALID');
  expect(await api(settings, { defaultGroup: 1 })).toEqual({ resumed: 1 });
  await world.settle();
  expect(await stock(shop)).toMatchObject({ CARD: ['-1', 0n] });
  // Nobody knows what the card cost: that is told.
  expect(await open()).toMatchObject([{ code: 'STOCK_COST_UNKNOWN', subject: 'CARD' }]);
  await expectSound(shop);
});

it('stock that falls to its re-order point suggests a purchase once, until it is above again', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00'));
  const suggested = async () =>
    (await listSuggestions(world.database.sql, shop.id)).map(({ onHand, quantity }) => [onHand, quantity]);
  await enter(shop, sale('1', { MUG: '4' }));
  expect(await suggested()).toEqual([]);
  await enter(shop, sale('2', { MUG: '1' }), sale('3', { MUG: '1' }));
  expect(await suggested()).toEqual([['4', '20']]);
  await enter(shop, sale('4', { MUG: '1' }));
  expect(await suggested()).toEqual([['4', '20']]);
  await enter(shop, goods('32', 'MUG', '20', '5.00'));
  expect(await suggested()).toEqual([]);
});

it('a group that has had stock keeps its account, and an item moves to another with its value', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'LAMP', '3', '7.00'));
  const group = (number: number, inventory: string) =>
    ({
      body: { description: 'Lamps', inventory },
      path: `/companies/${shop.slug}/inventory-groups/${number}`,
    }) as const;
  const locked = group(1, '1301');
  expect(await api(locked.path, locked.body)).toBe('GROUP_ACCOUNT_LOCKED');
  const unsuitable = group(2, '4000');
  expect(await api(unsuitable.path, unsuitable.body)).toBe('EVENT_INVALID');
  const lamps = group(2, '1301');
  await api(lamps.path, lamps.body);
  const items = `/companies/${shop.slug}/items`;
  await api(items, { items: [{ sku: 'LAMP', group: 2 }] });
  const { groups, accounts } = await inventoryValuation(world.database.sql, shop.id, { to: '2026-12-31' });
  expect(groups.map(({ number, value }) => [number, value])).toEqual([
    [1, 0n],
    [2, 2100n],
  ]);
  expect(accounts.map(({ account, ledger }) => [account, ledger])).toEqual([
    ['1300', 0n],
    ['1301', 2100n],
  ]);
  await enter(shop, sale('1', { LAMP: '1' }));
  await expectSound(shop);
});

it('movements are never changed, and nothing else is posted as inventory', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00'));
  const { sql } = world.database;
  await expect(sql`update stock_movements set value = 1 where company_id = ${shop.id}`).rejects.toThrow(
    /^ENTRY_IMMUTABLE/,
  );
  await expect(sql`delete from goods_movements where company_id = ${shop.id}`).rejects.toThrow(/^ENTRY_IMMUTABLE/);
  await expect(
    sql`update inventory_groups set inventory = '1301' where company_id = ${shop.id} and number = 1`,
  ).rejects.toThrow(/^GROUP_ACCOUNT_LOCKED/);
});

it('the cost of a sale is booked at once, also where the sale goes into the summary of its day', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00'));
  const [connection] = await world.database.sql<
    { id: string }[]
  >`select id from connections where company_id = ${shop.id}`;
  const choice = { connectionId: connection?.id ?? '', fromDate: '2026-03-01', mode: 'daily_summary' } as const;
  await setGranularity(world.database.sql, choice);
  await enter(shop, sale('1', { MUG: '4' }), sale('2', { MUG: '1' }));
  await enter(shop, sale('1', { MUG: '3' }, { revision: '2' }));
  expect(await inventoryEntries(shop)).toEqual(['goods_receipt:31', 'sale:1:cogs', 'sale:2:cogs', 'sale:1:cogs:v2']);
  await world.settle();
  expect(await stock(shop)).toMatchObject({ MUG: ['6', 3000n] });
  await expectSound(shop);
});

it('what was recorded in another order than it happened is valued again in that order', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00', '2026-03-02'));
  await enter(shop, sale('1', { MUG: '5' }, { day: '2026-03-06' }));
  await enter(shop, goods('32', 'MUG', '10', '8.00', '2026-03-04'));
  const { items } = await inventoryValuation(world.database.sql, shop.id, { to: '2026-03-31' });
  // Recorded: 50.00 − 25.00 + 80.00 = 105.00. In order of time the five cost 6.50 each: 130.00 − 32.50 = 97.50.
  expect(items).toMatchObject([{ sku: 'MUG', quantity: '15', value: 10500n, average: '7', replayDifference: -750n }]);
});

it('stock kept outside the ledger comes into it on the first day of a period, with the difference posted', async () => {
  const shop = await newShop({ inventoryIntegration: 'periodic' });
  await enter(shop, goods('31', 'MUG', '10', '5.00', '2026-02-10'), sale('1', { MUG: '4' }, { day: '2026-02-20' }));
  expect(await inventoryEntries(shop)).toEqual([]);
  const change = (from: string) => ({ to: 'perpetual_average', from });
  const path = `/companies/${shop.slug}/inventory-integration`;
  expect(await api(path, change('2026-02-01'))).toBe('EVENT_NOT_POSTABLE');
  expect(await api(path, change('2026-03-02'))).toBe('EVENT_NOT_POSTABLE');
  expect(await api(path, change('2026-03-01'))).toEqual({ sourceKey: 'inventory:switch:2026-03-01' });
  await enter(shop, sale('2', { MUG: '1' }));
  expect(await stock(shop)).toMatchObject({ MUG: ['5', 2500n] });
  await expectSound(shop);
});

it('the API lists groups, items, movements and what they are worth', async () => {
  const shop = await newShop();
  await enter(shop, goods('31', 'MUG', '10', '5.00'), sale('1', { MUG: '4' }));
  expect(await api(`/companies/${shop.slug}/inventory-groups`)).toMatchObject({
    groups: [{ number: 1, inventory: '1300' }],
  });
  expect(await api(`/companies/${shop.slug}/items`)).toMatchObject({
    items: [{ sku: 'LAMP' }, { sku: 'MUG', quantity: '6', value: '3000', lastReceived: '2026-03-10' }],
  });
  const first = await api(`/reports/stock-movements?company=${shop.slug}&sku=MUG&limit=1`);
  expect(first).toMatchObject({ movements: [{ kind: 'receipt', quantity: '10', value: '5000' }] });
  const { cursor } = first;
  expect(await api(`/reports/stock-movements?company=${shop.slug}&cursor=${cursor}`)).toMatchObject({
    movements: [{ kind: 'issue', quantity: '-4', onHand: '6', onHandValue: '3000' }],
  });
  expect(await api(`/reports/inventory-valuation?company=${shop.slug}`)).toMatchObject({
    total: '3000',
    accounts: [{ account: '1300', stock: '3000', ledger: '3000', difference: '0' }],
  });
  expect(await api(`/reports/stock-findings?company=${shop.slug}`)).toMatchObject({ rows: [] });
  expect(await api(`/companies/${shop.slug}/purchase-suggestions`)).toEqual({ suggestions: [] });
  const { rows } = await stockMovements(world.database.sql, shop.id, { to: '2026-12-31' });
  expect(rows.map(({ sourceId, onHand }) => [sourceId, onHand])).toEqual([
    ['31', '10'],
    ['1', '6'],
  ]);
});
