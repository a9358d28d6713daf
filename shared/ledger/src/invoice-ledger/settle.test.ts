import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, NOW, newShop, openLedger, post, reversal } from '../../test/fixtures.ts';
import { creditNote, invoice, receipt, writeOff } from '../../test/items.ts';
import { trialBalance } from '../reports.ts';
import { verifyCompany } from '../verify.ts';
import { allocateItems, openItemOf, undoAllocation } from './allocations.ts';
import { editItem } from './details.ts';
import { listItems } from './listing.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const END = '2026-12-31';
const BY = { madeBy: 'Ana', now: NOW };

/** What is open in minor units of each item's currency, and the state: invoices by document, payments by memo. */
async function opens(shop: string, date = END): Promise<Record<string, [bigint, string]>> {
  const items = await listItems(ledger.sql, shop, { view: 'all', date });
  return Object.fromEntries(
    items.map((item) => [item.kind === 0 ? item.document : item.description, [item.openTc, item.state]]),
  );
}

async function expectSound(shop: string): Promise<void> {
  const { checks } = await verifyCompany(ledger.sql, shop);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

async function balance(shop: string, account: string): Promise<bigint> {
  const { rows } = await trialBalance(ledger.sql, shop, { to: END });
  return rows.find((row) => row.account === account)?.closing ?? 0n;
}

const allocationOf = async (shop: string): Promise<bigint> => {
  const [row] = await ledger.sql<{ id: bigint }[]>`
    select id from invoice_allocations where company_id = ${shop} and undoes is null order by id desc limit 1`;
  return (row as { id: bigint }).id;
};

test('a part payment leaves the difference open, the next one closes it and carries on to the oldest', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 120000n, dueDate: '2026-04-09' }),
    invoice({ key: 'INV-3', amount: 3000n, dueDate: '2026-04-20' }),
    invoice({ key: 'INV-2', amount: 3000n, dueDate: '2026-04-15' }),
    receipt({ key: 'R-1', amount: 50000n, document: 'INV-1' }),
  ]);
  expect((await opens(shop))['INV-1']).toEqual([70000n, 'partially_settled']);
  await post(ledger, shop, [receipt({ key: 'R-2', amount: 75000n, document: 'INV-1' })]);
  const after = await opens(shop);
  expect([after['INV-1'], after['INV-2'], after['INV-3']]).toEqual([
    [0n, 'paid'],
    [0n, 'paid'],
    [1000n, 'partially_settled'],
  ]);
  await expectSound(shop);
});

test('a payment without document takes the exact amount before the oldest, and never another customer’s', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'OLD', amount: 9900n, dueDate: '2026-03-20' }),
    invoice({ key: 'EXACT', amount: 5000n, dueDate: '2026-04-20' }),
    invoice({ key: 'OTHER', amount: 5000n, dueDate: '2026-03-11', party: 'Dune' }),
    receipt({ key: 'R-1', amount: 5000n }),
  ]);
  const { OLD, EXACT, OTHER } = await opens(shop);
  expect([OLD, EXACT, OTHER]).toEqual([
    [9900n, 'open'],
    [0n, 'paid'],
    [5000n, 'open'],
  ]);
});

test('a reference finds the invoice of that order before an older one', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 9900n }),
    invoice({ key: 'INV-2', amount: 9900n, reference: '#1002' }),
    receipt({ key: 'R-1', amount: 5000n, reference: '#1002' }),
  ]);
  expect((await opens(shop))['INV-2']).toEqual([4900n, 'partially_settled']);
});

test('what nothing takes stays unallocated and pays the next invoice of the customer', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [receipt({ key: 'R-1', amount: 5000n, document: 'ADVANCE' })]);
  expect((await opens(shop))['RCT R-1']).toEqual([-5000n, 'open']);
  await post(ledger, shop, [invoice({ key: 'INV-1', amount: 12000n, day: '2026-03-12' })]);
  expect(await opens(shop)).toEqual({ 'RCT R-1': [0n, 'paid'], 'INV-1': [7000n, 'partially_settled'] });
  expect((await opens(shop, '2026-03-11'))['RCT R-1']).toEqual([-5000n, 'open']);
  await expectSound(shop);
});

test('anonymous buyers share a party: one order’s overpayment never pays another’s', async () => {
  const shop = await newShop(ledger);
  const shared = { party: 'shopify:harbour', sharedParty: true };
  await post(ledger, shop, [
    invoice({ key: 'ORDER-1', amount: 1000n, ...shared }),
    invoice({ key: 'ORDER-2', amount: 2000n, ...shared }),
    receipt({ key: 'R-1', amount: 1500n, document: 'ORDER-1', ...shared }),
  ]);
  const items = await listItems(ledger.sql, shop, { view: 'open', date: END });
  expect(items.map(({ document, openTc }) => [document, openTc])).toEqual([
    ['ORDER-2', 2000n],
    ['ORDER-1', -500n],
  ]);
});

test('a credit note on account is set against the invoice that it names, and names its state', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 4000n, dueDate: '2026-03-12' }),
    invoice({ key: 'INV-2', amount: 6000n, dueDate: '2026-05-12' }),
    creditNote({ key: 'CN-1', amount: 6000n, reference: 'INV-2' }),
  ]);
  const state = await opens(shop);
  expect([state['INV-1'], state['INV-2']]).toEqual([
    [4000n, 'open'],
    [0n, 'credited'],
  ]);
});

test('the reversal of a payment reopens its invoices, that of an invoice frees its payment', async () => {
  const shop = await newShop(ledger);
  const [sold, paid] = [
    invoice({ key: 'INV-1', amount: 4000n }),
    receipt({ key: 'R-1', amount: 4000n, document: 'INV-1' }),
  ];
  await post(ledger, shop, [sold, paid]);
  await post(ledger, shop, [reversal(paid)]);
  expect(await openDocuments(shop)).toEqual([['INV-1', 0, 4000n]]);
  await post(ledger, shop, [{ ...paid, sourceKey: 'R-2' }]);
  expect(await openDocuments(shop)).toEqual([]);
  await post(ledger, shop, [reversal(sold)]);
  expect(await openDocuments(shop)).toEqual([['INV-1', 1, -4000n]]);
  await expectSound(shop);
});

async function openDocuments(shop: string) {
  const items = await listItems(ledger.sql, shop, { view: 'open', date: END });
  return items.map(({ document, kind, openTc }) => [document, kind, openTc]);
}

test('a corrected invoice takes its payments over when it is large enough, and is linked to the one before', async () => {
  const shop = await newShop(ledger);
  const sold = invoice({ key: 'shop:sale:1', document: 'INV-1', amount: 4000n });
  await post(ledger, shop, [
    sold,
    invoice({ key: 'INV-0', amount: 9000n, dueDate: '2026-03-01' }),
    receipt({ key: 'R-1', amount: 3000n, document: 'INV-1' }),
  ]);
  await post(ledger, shop, [reversal(sold), invoice({ key: 'shop:sale:1:v2', document: 'INV-1-2', amount: 5000n })]);
  expect(await openDocuments(shop)).toEqual([
    ['INV-0', 0, 9000n],
    ['INV-1-2', 0, 2000n],
  ]);
  const [linked] = await ledger.sql<{ document: string; before: string }[]>`
    select v.document, o.document as before from invoice_events v join invoice_events o on o.id = v.supersedes
    where v.company_id = ${shop}`;
  expect(linked).toEqual({ document: 'INV-1-2', before: 'INV-1' });
  await expectSound(shop);
});

test('a payment in euros realises what the rate has moved, its undo takes that back', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 8600n, tc: 10000n }),
    receipt({ key: 'R-1', amount: 4250n, tc: 5000n, document: 'INV-1', day: '2026-03-12' }),
  ]);
  // Half of 86.00 is 43.00; 42.50 came for it: a loss of 0.50. The other half is still carried at 43.00.
  expect([await balance(shop, '1100'), await balance(shop, '7906')]).toEqual([4300n, 50n]);
  await ledger.sql.begin(async (tx) => {
    await undoAllocation(tx, shop, await allocationOf(shop), '2026-03-13', BY);
  });
  expect([await balance(shop, '1100'), await balance(shop, '7906')]).toEqual([4350n, 0n]);
  expect(await openDocuments(shop)).toEqual([
    ['INV-1', 0, 10000n],
    ['INV-1', 1, -5000n],
  ]);
  await expectSound(shop);
  await post(ledger, shop, [receipt({ key: 'R-2', amount: 8700n, tc: 10000n, document: 'INV-1', day: '2026-03-14' })]);
  expect([await balance(shop, '1100'), await balance(shop, '7906')]).toEqual([-4250n, -100n]);
  await expectSound(shop);
});

test('reversing a payment in euros takes its exchange difference back by itself', async () => {
  const shop = await newShop(ledger);
  const paid = receipt({ key: 'R-1', amount: 8700n, tc: 10000n, document: 'INV-1' });
  await post(ledger, shop, [invoice({ key: 'INV-1', amount: 8600n, tc: 10000n }), paid]);
  expect(await balance(shop, '7906')).toBe(-100n);
  await post(ledger, shop, [reversal(paid)]);
  expect([await balance(shop, '1100'), await balance(shop, '7906')]).toEqual([8600n, 0n]);
  expect(await openDocuments(shop)).toEqual([['INV-1', 0, 10000n]]);
  await expectSound(shop);
});

test('a write-off settles the invoice it names, up to what is open of it', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 9000n }),
    receipt({ key: 'R-1', amount: 2000n, document: 'INV-1' }),
  ]);
  const tooMuch = writeOff({ key: 'W-1', amount: 7001n, document: 'INV-1' });
  await expect(post(ledger, shop, [tooMuch])).rejects.toMatchObject({ code: 'ALLOCATION_EXCEEDS_OPEN' });
  await post(ledger, shop, [writeOff({ key: 'W-1', amount: 7000n, document: 'INV-1' })]);
  const [item] = await listItems(ledger.sql, shop, { view: 'invoices', date: END });
  expect([item?.openTc, item?.state]).toEqual([0n, 'written_off']);
});

test('with confirmation only what names its invoice settles it by itself; a person allocates the rest', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`update companies set settings = '{"invoiceAllocation": "confirm"}' where id = ${shop}`;
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 1000n }),
    invoice({ key: 'INV-2', amount: 2000n }),
    receipt({ key: 'R-1', amount: 2500n, document: 'INV-1' }),
  ]);
  expect(await openDocuments(shop)).toEqual([
    ['INV-2', 0, 2000n],
    ['INV-1', 1, -1500n],
  ]);
  await ledger.sql.begin(async (tx) => {
    const [item, against] = [await openItemOf(tx, shop, 'INV-1', 1), await openItemOf(tx, shop, 'INV-2', 0)];
    await allocateItems(tx, shop, { item, against }, BY);
  });
  expect(await openDocuments(shop)).toEqual([['INV-2', 0, 500n]]);
  await expectSound(shop);
});

test('names, references and due dates are edited with a trail; amounts and allocations are beyond anybody', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    invoice({ key: 'INV-1', amount: 1000n, dueDate: '2026-04-01' }),
    receipt({ key: 'R-1', amount: 400n, document: 'INV-1' }),
  ]);
  const [item] = await listItems(ledger.sql, shop, { view: 'invoices', date: END });
  const id = item?.id as bigint;
  const edit = { partyName: 'Quayside Hotel Ltd', dueDate: '2026-04-30', pausedFor: 'disputed' };
  expect(await ledger.sql.begin((tx) => editItem(tx, shop, id, edit, BY))).toBe(3);
  const trail = await ledger.sql`
    select field, before, after, made_by from invoice_event_changes where company_id = ${shop} order by field`;
  expect([...trail]).toEqual([
    { field: 'due_date', before: '2026-04-01', after: '2026-04-30', made_by: 'Ana' },
    { field: 'party_name', before: 'Quayside Hotel', after: 'Quayside Hotel Ltd', made_by: 'Ana' },
    { field: 'paused_for', before: null, after: 'disputed', made_by: 'Ana' },
  ]);
  const attempts = [
    `update invoice_events set amount = 1 where id = ${id}`,
    `update invoice_events set open = 1, open_tc = 1 where id = ${id}`,
    `delete from invoice_events where id = ${id}`,
    `update invoice_allocations set amount_tc = 1`,
    `delete from invoice_allocations`,
    `insert into invoice_events select (jsonb_populate_record(v, '{"line_no": 2}')).* from invoice_events v where id = ${id}`,
  ];
  for (const attempt of attempts) await expect(ledger.sql.unsafe(attempt), attempt).rejects.toThrow();
  await expectSound(shop);
});
