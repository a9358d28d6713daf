import { createCompany } from '@daybook/ledger/company';
import { putInventoryGroup, putItems } from '@daybook/ledger/inventory';
import { reverseEntry } from '@daybook/ledger/reversal';
import { verifyCompany } from '@daybook/ledger/verify';
import { enterEvents } from '@daybook/workers/enter';
import { rebuild } from '@daybook/workers/rebuild/rebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventInput, makeEvent } from '../../shared/domain/src/events.ts';
import { ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** What people date themselves: in a company whose books begin with opening balances on 1 March 2026. */
let world: World;
let companies = 0;
beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-04-10T09:00:00Z') });
}, 120_000);
afterAll(async () => {
  await world?.close();
});

interface Shop {
  id: string;
  slug: string;
}

const HEAD = { version: 1, channel: 'office', revision: '1', currency: 'GBP', test: false } as const;
const LINES = [
  { role: 'expense.cleaning', amount: 1000 },
  { role: 'cash.drawer', amount: -1000 },
];

async function newShop(): Promise<Shop> {
  companies += 1;
  const slug = `dates-${companies}`;
  const fiscalYear = { label: 'FY2026', startsOn: '2026-03-01', endsOn: '2027-02-28' };
  const company = { slug, name: 'Dates', country: 'GB', currency: 'GBP', timeZone: 'Europe/London', fiscalYear };
  const { id } = await world.database.sql.begin((tx) => createCompany(tx, { ...company, now: world.now() }));
  const shop = { id, slug };
  const lines = [
    { role: 'cash.drawer', amount: 20000 },
    { role: 'equity.capital', amount: -20000 },
  ];
  await enter(shop, { type: 'opening', id: 'opening', date: '2026-03-01', lines, occurredAt: '2026-03-01T08:00:00Z' });
  return shop;
}

let facts = 0;
async function enter(shop: Shop, given: Partial<EventInput> & { type: string }): Promise<void> {
  facts += 1;
  const event = { ...HEAD, id: `fact-${facts}`, occurredAt: world.now().toISOString(), ...given } as EventInput;
  await enterEvents(shop.id, [makeEvent(event)], world.hub.deps);
}
const journal = (shop: Shop, date: string) => enter(shop, { type: 'journal', date, lines: LINES });
const put = (shop: Shop, path: string, json: object) =>
  ask(world.url, `/api/v1/companies/${shop.slug}${path}`, { method: 'PUT', json });

describe('what a person dates', () => {
  it('before the books begin is refused with the first day that is open, and opens no earlier year', async () => {
    const shop = await newShop();
    await expect(journal(shop, '2026-02-28')).rejects.toMatchObject({
      code: 'PERIOD_CLOSED',
      message: expect.stringContaining('Date it 2026-03-01 or later'),
    });
    const years = await world.database.sql`select label from fiscal_years where company_id = ${shop.id}`;
    expect([...years]).toEqual([{ label: 'FY2026' }]);
  });

  it('in a softly closed period is taken when it is a journal, and refused when it is a bank movement', async () => {
    const shop = await newShop();
    await put(shop, '/periods', { day: '2026-03-15', state: 'soft_closed' });
    await journal(shop, '2026-03-20');
    const movement = { amount: -1000, bank: 'bank.main', lines: [{ role: 'expense.cleaning', net: -1000 }] };
    await expect(enter(shop, { type: 'bank_movement', date: '2026-03-20', ...movement })).rejects.toMatchObject({
      code: 'PERIOD_CLOSED',
      message: expect.stringContaining('Date it 2026-04-01 or later'),
    });
    await enter(shop, { type: 'bank_movement', date: '2026-04-01', ...movement });
  });

  it('behind the lock date for purchases is refused when it is a bill, and taken when it is a journal', async () => {
    const shop = await newShop();
    await put(shop, '/lock-dates', { kind: 'purchases', day: '2026-03-31' });
    const bill = (date: string) =>
      enter(shop, {
        type: 'bill',
        date,
        number: `B-${date}`,
        supplier: { id: 'cleaner', name: 'Cleaner' },
        dueDate: '2026-04-30',
        lines: [{ role: 'expense.cleaning', net: 1000 }],
        total: 1000,
      });
    await expect(bill('2026-03-31')).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
    await bill('2026-04-01');
    await journal(shop, '2026-03-31');
  });

  it('in a year that has just begun opens that year; in a later one it is refused', async () => {
    const shop = await newShop();
    await expect(journal(shop, '2027-03-02')).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
    world.advance(Date.parse('2027-03-03T09:00:00Z') - world.now().getTime());
    await journal(shop, '2027-03-02');
    await expect(journal(shop, '2029-03-02')).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
    const years = await world.database.sql`
      select label from fiscal_years where company_id = ${shop.id} order by starts_on`;
    expect(years.map(({ label }) => label)).toEqual(['FY2026', '2027/28']);
  });
});

describe('a journal that was reversed by a person', () => {
  it('comes out of the inbox again as it was entered, and the reversal is told as nobody else’s', async () => {
    const shop = await newShop();
    await journal(shop, '2026-04-02');
    const [entry] = await world.database.sql<{ key: string }[]>`
      select source_key as key from journal_entries where company_id = ${shop.id} and entry_type = 'GEN'`;
    const act = { by: 'Ada', reason: 'typed twice', now: world.now() };
    for (const key of [entry?.key ?? '', `${entry?.key}:reversal`]) {
      await reverseEntry(world.database.sql, shop.id, { entry: key }, act);
    }
    const rebuilt = await rebuild(shop.id, `${shop.slug}-again`, world.hub.deps);
    expect(rebuilt.differences).toEqual([]);
    expect(rebuilt.hashes.into).toBe(rebuilt.hashes.from);
  });
});

describe('a note of goods received', () => {
  it('is taken back with its stock and with what is not invoiced yet', async () => {
    const shop = await newShop();
    const group = { number: 1, description: 'Mugs', stockTracked: true, salesTax: 'S20', purchaseTax: 'S20' };
    const roles = { sales: null, inventory: null, costOfSales: null, countVariance: null, adjustment: null };
    await world.database.sql.begin(async (tx) => {
      await putInventoryGroup(tx, shop.id, { ...group, ...roles, purchaseVariance: null, purchases: null });
      await putItems(tx, shop.id, [{ sku: 'MUG', group: 1 }], world.now());
    });
    const supplier = { id: 'pottery', name: 'Pottery' };
    const lines = [{ sku: 'MUG', quantity: '10', unitCost: '4.50' }];
    await enter(shop, { type: 'goods_receipt', id: 'grn-1', date: '2026-04-02', number: '31', supplier, lines });
    const [entry] = await world.database.sql<{ key: string }[]>`
      select source_key as key from journal_entries where company_id = ${shop.id} and entry_type = 'INV'`;
    const wish = { entry: entry?.key, reason: 'of another shop' };
    const at = `/api/v1/companies/${shop.slug}/reversals`;
    expect((await ask(world.url, at, { json: wish })).body).toMatchObject({ postingDate: '2026-04-02' });
    const [stock] = await world.database.sql`
      select quantity::text as quantity, value from items where company_id = ${shop.id}`;
    expect(stock).toEqual({ quantity: '0.000000', value: 0n });
    const { checks } = await verifyCompany(world.database.sql, shop.id);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 120_000);
});

describe('a period with a cash day that nobody approved', () => {
  it('is not locked, whatever the reason', async () => {
    const shop = await newShop();
    const book = { companyCode: '1000', site: 'Kiel', auditor: 'Anna', clerk: 'Karl', tolerance: 200 };
    const days = { startsOn: '2026-03-01', endsOn: '2026-03-31', registers: [{ register: 'R1' }] };
    await ask(world.url, `/api/v1/cash-books?company=${shop.slug}`, { json: { name: 'Till', ...book, ...days } });
    const draft = { receiptNumber: 'Z-1', openingBalance: 20000, revenueShould: 0, revenueActual: 0 };
    const at = `/api/v1/cash-books/Till/registers/R1/days/2026-03-10?company=${shop.slug}`;
    await ask(world.url, at, { method: 'PUT', json: { draft } });
    const lock = await put(shop, '/periods', { day: '2026-03-31', state: 'locked', reason: 'we are in a hurry' });
    expect(lock).toMatchObject({ status: 422, body: refusal('PERIOD_NOT_READY') });
    expect(lock.body.error.message).toContain('2026-03-10 of Till, register R1');
  });
});
