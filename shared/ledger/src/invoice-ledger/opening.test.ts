import type { OpeningItem, ResolvedEntry } from '@daybook/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, NOW, newShop, openLedger, post, reversal } from '../../test/fixtures.ts';
import { invoice, receipt } from '../../test/items.ts';
import { aged } from '../reports/aged.ts';
import { overdue } from '../reports/overdue.ts';
import { verifyCompany } from '../verify.ts';
import { activateSubledger } from './activate.ts';
import { allocateOpen, proposals } from './allocate-open.ts';
import { editItem } from './details.ts';
import { listItems } from './listing.ts';
import { markReminderSent, raiseReminders, remindersOf } from './reminders.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const END = '2026-12-31';
const BY = { madeBy: 'Ana', now: NOW };

const item = (document: string, amount: bigint, more: Partial<OpeningItem> = {}): OpeningItem => ({
  ...{ account: '1100', party: 'Old Mill Cafe', document, documentDate: '2025-11-20', dueDate: '2026-02-10' },
  ...{ amount, amountTc: amount, currency: 'GBP', ...more },
});

/** Opening balances of 1 March: what customers owe in total, against equity. */
const opening = (amount: bigint, openingItems: OpeningItem[] = []): ResolvedEntry => ({
  ...{ entryType: 'OPN', sourceKey: 'entered:opening:1', memo: 'Opening balances', occurredAt: '2026-03-01T00:00:00Z' },
  ...{ postingDate: '2026-03-01', taxPoint: '2026-03-01', openingItems },
  lines: [line('1100', amount), line('3980', -amount)],
});

async function expectSound(shop: string): Promise<void> {
  const { checks } = await verifyCompany(ledger.sql, shop);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

const openOf = async (shop: string, date = END) =>
  (await listItems(ledger.sql, shop, { view: 'open', date })).map(({ document, open, opening: isOpening }) => [
    document,
    open,
    isOpening,
  ]);

test('items behind opening balances are paid like invoices and taken back with them', async () => {
  const shop = await newShop(ledger);
  const balances = opening(48000n, [item('INV-91', 30000n), item('INV-92', 18000n)]);
  await post(ledger, shop, [balances]);
  await post(ledger, shop, [receipt({ key: 'R-1', amount: 18000n, party: 'Old Mill Cafe', document: 'INV-92' })]);
  expect(await openOf(shop)).toEqual([['INV-91', 30000n, true]]);
  await expectSound(shop);
  await post(ledger, shop, [reversal(balances)]);
  expect(await openOf(shop)).toEqual([['INV-92', -18000n, false]]);
  await expectSound(shop);
});

test('nobody enters an item that no opening balance is behind', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [invoice({ key: 'INV-1', amount: 100n })]);
  const [entry] = await ledger.sql<{ id: bigint }[]>`select id from journal_entries where company_id = ${shop}`;
  const made = ledger.sql`
    insert into invoice_events (company_id, account, kind, opening, posting_date, entry_id, amount, amount_tc, currency,
      description, open, open_tc)
    values (${shop}, '1100', 0, true, '2026-03-10', ${(entry as { id: bigint }).id}, 5, 5, 'GBP', 'made up', 5, 5)`;
  await expect(made).rejects.toThrow(/^ENTRY_IMMUTABLE: /);
});

test('an account in use becomes a sub-ledger account when its items come to its balance, and not before', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`update accounts set subledger = null where company_id = ${shop} and code = '1100'`;
  await post(ledger, shop, [opening(48000n), invoice({ key: 'INV-1', amount: 2000n })]);
  const activate = (items: OpeningItem[]) =>
    ledger.sql.begin((tx) => activateSubledger(tx, shop, { account: '1100', basis: 'gross', items }));
  const refusal = { code: 'OPENING_ITEMS_DIFFER', message: expect.stringContaining('differ by 18000 (minor units)') };
  await expect(activate([item('INV-91', 30000n)])).rejects.toMatchObject(refusal);
  await activate([item('INV-91', 30000n), item('INV-92', 18000n)]);
  expect((await openOf(shop)).sort()).toEqual([
    ['INV-1', 2000n, false],
    ['INV-91', 30000n, true],
    ['INV-92', 18000n, true],
  ]);
  await expectSound(shop);
  const deactivate = ledger.sql.begin((tx) => activateSubledger(tx, shop, { account: '1100', basis: null }));
  await expect(deactivate).rejects.toMatchObject({ code: 'ENTRY_IMMUTABLE' });
});

test('deposits can be followed net of tax, each line as an item', async () => {
  const shop = await newShop(ledger);
  const activated = { account: '2130', basis: 'net' as const };
  await ledger.sql.begin((tx) => activateSubledger(tx, shop, activated));
  const detail = { party: 'Ada', document: 'W-503' };
  const paid: ResolvedEntry = {
    ...{ entryType: 'DEP', sourceKey: 'shop:deposit:W-503', memo: 'Prepaid', occurredAt: '2026-03-10T09:00:00Z' },
    ...{ postingDate: '2026-03-10', taxPoint: '2026-03-10' },
    lines: [
      line('1241', 24000n),
      line('2130', -20000n, detail),
      line('2200', -4000n, { taxCode: 'S20', taxKind: 'tax_out' }),
    ],
  };
  const shipped: ResolvedEntry = {
    ...{ ...paid, entryType: 'SAL', sourceKey: 'shop:fulfilment:1', postingDate: '2026-03-12', taxPoint: '2026-03-12' },
    lines: [line('2130', 16000n, detail), line('4000', -16000n)],
  };
  await post(ledger, shop, [paid, shipped]);
  const items = await listItems(ledger.sql, shop, { view: 'all', date: END, account: '2130' });
  expect(items.map(({ kind, amount, open }) => [kind, amount, open])).toEqual([
    [0, -20000n, -4000n],
    [1, 16000n, 0n],
  ]);
  await expectSound(shop);
});

test('items age by their due dates; credits nobody took are not due and shown apart', async () => {
  const shop = await newShop(ledger);
  const due = (key: string, amount: bigint, dueDate: string) =>
    invoice({ key, amount, dueDate, day: '2026-03-01', party: key });
  await post(ledger, shop, [
    due('TODAY', 1n, '2026-06-30'),
    due('ONE', 10n, '2026-06-29'),
    due('THIRTY', 100n, '2026-05-31'),
    due('31', 1000n, '2026-05-30'),
    due('61', 10000n, '2026-04-30'),
    due('91', 100000n, '2026-03-31'),
    receipt({ key: 'R-1', amount: 7n, party: 'Credit', day: '2026-03-05' }),
  ]);
  const report = await aged(ledger.sql, shop, { date: '2026-06-30', side: 'receivable' });
  expect(report.buckets).toEqual({ not_due: -6n, '1_30': 110n, '31_60': 1000n, '61_90': 10000n, over_90: 100000n });
  expect([report.unallocated, report.total, report.difference]).toEqual([-7n, 111104n, 0n]);
  const late = await overdue(ledger.sql, shop, { date: '2026-06-30' });
  expect(late.total).toBe(111110n);
  expect(Object.fromEntries(late.parties.map(({ name, items }) => [name, items[0]?.level]))).toEqual({
    ...{ ONE: 0, THIRTY: 2, '31': 2, '61': 3, '91': 3 },
  });
});

test('reminders are raised once per level, wait while an item is paused, and end when it is paid', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`update companies set settings = '{"reminderDays": [5, 10, 15]}' where id = ${shop}`;
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 100n, dueDate: '2026-03-10' }),
    invoice({ key: 'INV-2', amount: 100n, dueDate: '2026-03-10', party: 'Dune' }),
  ]);
  const raise = (day: string) => ledger.sql.begin((tx) => raiseReminders(tx, shop, day));
  expect([await raise('2026-03-14'), await raise('2026-03-15'), await raise('2026-03-16')]).toEqual([0, 2, 0]);
  const due = async () => (await remindersOf(ledger.sql, shop)).map(({ document, level }) => [document, level]).sort();
  const [first] = await remindersOf(ledger.sql, shop);
  const disputed = first?.item as bigint;
  await ledger.sql.begin((tx) => editItem(tx, shop, disputed, { pausedFor: 'goods came broken' }, BY));
  const other = first?.document === 'INV-1' ? 'INV-2' : 'INV-1';
  expect(await due()).toEqual([[other, 1]]);
  expect(await raise('2026-03-20')).toBe(1);
  expect(await due()).toEqual([[other, 2]]);
  const [second] = await remindersOf(ledger.sql, shop);
  await ledger.sql.begin((tx) => markReminderSent(tx, shop, { item: second?.item as bigint, level: 2 }, BY));
  expect(await due()).toEqual([]);
  const wrong = ledger.sql.begin((tx) => markReminderSent(tx, shop, { item: second?.item as bigint, level: 3 }, BY));
  await expect(wrong).rejects.toMatchObject({ code: 'ITEM_UNKNOWN' });
});

test('what waits for confirmation is proposed, and confirmed at once', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`update companies set settings = '{"invoiceAllocation": "confirm"}' where id = ${shop}`;
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 100n }),
    invoice({ key: 'INV-2', amount: 100n, dueDate: '2026-03-09' }),
    receipt({ key: 'R-1', amount: 150n }),
  ]);
  const offered = (await proposals(ledger.sql, shop)).map((each) => [each.againstDocument, each.amountTc]);
  expect(offered).toEqual([
    ['INV-2', 100n],
    ['INV-1', 50n],
  ]);
  expect(await ledger.sql.begin((tx) => allocateOpen(tx, shop, BY))).toBe(2);
  expect(await openOf(shop)).toEqual([['INV-1', 50n, false]]);
  await expectSound(shop);
});
