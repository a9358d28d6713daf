import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, newShop, openLedger, post, reversal, sale } from '../test/fixtures.ts';
import { verifyCompany } from './verify.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

interface Shop {
  id: string;
  books: string;
  event: bigint;
}

/** A shop with a sale of an event, its invoice pushed to connected books, a sale reversed, and nothing left to do. */
async function tradingShop(): Promise<Shop> {
  const id = await newShop(ledger);
  const [channel, books] = await ledger.sql<{ id: string }[]>`
    insert into connections (company_id, connector, kind, label, account) values
      (${id}, 'a-shop', 'sales', 'Shop', 'harbour'), (${id}, 'some-books', 'accounting', 'Books', 'tenant')
    returning id`;
  const [event] = await ledger.sql<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload,
      occurred_at, recorded_at, state)
    values (${id}, ${channel?.id ?? ''}, 1, 'sale', '1001', '1', 'hash', '{"total": 2400}', now(), now(), 'posted')
    returning id`;
  const eventId = event?.id ?? 0n;
  const first = sale('1001');
  const role = { '1241': 'clearing.stripe', '4000': 'sales.revenue.standard', '2200': 'tax.output' };
  const lines = first.lines.map((each) => ({ ...each, role: role[each.account as keyof typeof role] }));
  await post(
    ledger,
    id,
    [{ entry: { ...first, lines }, eventId }, sale('1002'), reversal(sale('1002'))].map((each) =>
      'entry' in each ? each : { entry: each, eventId: null },
    ),
  );
  await ledger.sql`
    insert into documents (company_id, connection_id, event_id, kind, number, date, currency, amount, tax, payload,
      content_hash, state, remote_id, created_at)
    values (${id}, ${books?.id ?? ''}, ${eventId}, 'invoice', 'SHOP-1001', '2026-03-10', 'GBP', 2400, 400,
      '{"lines": [{"net": 2000, "tax": 400}]}', 'hash', 'pushed', 'remote-1', now())`;
  return { id, books: books?.id ?? '', event: eventId };
}

/** Names of the checks that fail, with their first bad row. */
async function failures(companyId: string): Promise<string[]> {
  const { checks } = await verifyCompany(ledger.sql, companyId);
  return checks.filter((check) => !check.ok).map((check) => `${check.name}: ${check.firstBad}`);
}

/** Does what only a superuser can: past every trigger. */
async function tamper(change: string): Promise<void> {
  await ledger.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    const done = await tx.unsafe(change);
    expect(done.count).toBeGreaterThan(0);
  });
}

test('sound books pass every check, and each check says how many rows it looked at', async () => {
  const shop = await tradingShop();
  const { checks } = await verifyCompany(ledger.sql, shop.id);
  expect(checks.map((check) => [check.name, check.rows, check.ok])).toEqual([
    ['debits equal credits, in the books and in every currency', 9, true],
    ['every entry has all its lines and balances', 3, true],
    ['every line belongs to its entry, an account and a tax code', 9, true],
    ['numbers run 1..N in every fiscal year', 3, true],
    ['every reversal mirrors its original, and both name each other', 1, true],
    ['sums of days are those of their lines', 6, true],
    ['reports tie out with one another', 30, true],
    ['the cash book closes with what is on the cash accounts of its registers', 0, true],
    ['the sequence has no gap and the hash chain holds over every field', 3, true],
    ['every posted event with an amount has entries', 1, true],
    ['daily summaries come to their receipts, account by account', 0, true],
    ['every entry of an event belongs to a posted one', 1, true],
    ['documents owed come to what the ledger says of their events', 1, true],
    ['tax on documents owed comes to what the ledger says of their events', 1, true],
    ['lines of invoices, credit notes and receipts come to their totals', 1, true],
    ['every pushed document knows its id in the books', 1, true],
    ['no work is owed that is done', 0, true],
    ['all work that is not done is owed', 0, true],
    ['every line on a sub-ledger account is one item of the invoice ledger', 0, true],
    ['what is open of an item is its amount less its allocations, and never on the other side', 0, true],
    ['open items come to their control account on every day, in both currencies (E6, T8)', 0, true],
    ['allocations are dated like the later of their items, undos not before what they undo', 0, true],
    ['closed years leave nothing behind', 0, true],
    ['opening balances are closing balances turned', 0, true],
    ['closing entries belong to a closing', 0, true],
    ['stock of every item is the sum of its movements, and each movement goes on from the one before', 0, true],
    ['no stock is worth nothing, and what was sold short is worth less than nothing', 0, true],
    ['every entry of type INV books its movements on the inventory accounts', 0, true],
    ['inventory accounts carry what their groups’ stock is worth', 0, true],
    ['goods received not invoiced are what notes and invoices say', 0, true],
    ['taxes of returns are on tax accounts, under a code', 4, true],
    ['filed tax returns settled what their codes moved', 0, true],
  ]);
});

const entry = (number: number) => `(select id from journal_entries where company_id = 'SHOP' and number = ${number})`;
const REHASHED = /hash chain .*: entry 2026\/1 \(shopify:harbour:sale:1001\) is not what was hashed/;

const faults: [string, string, RegExp[]][] = [
  [
    'an amount is changed on one side',
    `update journal_lines set debit = debit + 1 where entry_id = ${entry(1)} and line_no = 1`,
    [/debits equal credits.*differ by 1 minor/, /all its lines and balances: entry 2026\/1 .*differ by 1$/m, REHASHED],
  ],
  [
    'both sides of an entry are changed, so that it still balances',
    `update journal_lines set debit = debit * 2, credit = credit * 2, amount_tc = amount_tc * 2 where entry_id = ${entry(1)}`,
    [REHASHED, /documents owed .* comes to GBP 2400, the ledger says 4800/],
  ],
  [
    'a kept sum is changed',
    `update account_days set credit = credit + 1 where company_id = 'SHOP' and role = 'tax.output'`,
    [
      /^sums of days .*: 2200 2026-03-10 \(tax.output\): kept are .* credits of 401, the lines come to 0 and 400/,
      /^reports tie out .*: T1 on 2026-03-10: debits and credits of the trial balance: /m,
    ],
  ],
  [
    'a kept sum is lost',
    `delete from account_days where company_id = 'SHOP' and role = 'clearing.stripe'`,
    [/^sums of days .*: 1241 2026-03-10 \(clearing.stripe\): kept are debits of 0 and credits of 0, .* 2400 and 0/],
  ],
  [
    'a foreign amount is changed',
    `update journal_lines set amount_tc = 2399 where entry_id = ${entry(1)} and line_no = 1`,
    [/debits equal credits.*lines in GBP differ by -1/, REHASHED],
  ],
  [
    'a line is deleted',
    `delete from journal_lines where entry_id = ${entry(1)} and line_no = 3`,
    [/2 of 3 lines/, REHASHED],
  ],
  [
    'a line is moved to an account that does not exist',
    `update journal_lines set account = 'gone' where entry_id = ${entry(1)} and line_no = 1`,
    [/every line belongs.*line 1 of entry 2026\/1 on account gone/, REHASHED],
  ],
  [
    'a tax code is taken off a line',
    `update journal_lines set tax_code = null where entry_id = ${entry(1)}`,
    [REHASHED],
  ],
  ['a party is written to a line', `update journal_lines set party = 'me' where entry_id = ${entry(1)}`, [REHASHED]],
  ['a memo is changed', `update journal_entries set memo = 'x' where id = ${entry(1)}`, [REHASHED]],
  ['a tax point is changed', `update journal_entries set tax_point = '2026-02-10' where id = ${entry(1)}`, [REHASHED]],
  [
    'a time of recording is changed',
    `update journal_entries set recorded_at = now() where id = ${entry(1)}`,
    [REHASHED],
  ],
  [
    'a posting date is changed on the entry alone',
    `update journal_entries set posting_date = '2026-03-11' where id = ${entry(1)}`,
    [/every line belongs/, REHASHED],
  ],
  [
    'an entry is deleted with its lines',
    `with gone as (delete from journal_entries where id = ${entry(2)} returning id)
     delete from journal_lines where entry_id in (select id from gone)`,
    [/entry 2026\/3 should be number 2/, /follows sequence 1 with 3/],
  ],
  [
    'the last entry is deleted with its lines',
    `with gone as (delete from journal_entries where id = ${entry(3)} returning id)
     delete from journal_lines where entry_id in (select id from gone)`,
    [/fiscal year 2026 counts 3 entries but has 2/, /ends with sequence 2, but its head says 3/],
  ],
  [
    'a hash is recomputed for one entry only',
    `update journal_entries set hash = sha256('x') where id = ${entry(1)}`,
    [REHASHED],
  ],
  [
    'a content hash is changed',
    `update journal_entries set content_hash = 'x' where id = ${entry(1)}`,
    [/entry 2026\/1 .* has another content hash than its content/],
  ],
  [
    'a reversed entry forgets its reversal',
    `update journal_entries set reversed_by = null where id = ${entry(2)}`,
    [/every reversal mirrors.*entry 2026\/3/],
  ],
  [
    'an entry says it is reversed, but is not',
    `update journal_entries set reversed_by = ${entry(3)} where id = ${entry(1)}`,
    [/every reversal mirrors.*entry 2026\/1 .* nothing reverses it/],
  ],
  [
    'the event of an entry is lost',
    `delete from events where company_id = 'SHOP'`,
    [/every entry of an event.*entry 2026\/1 .* which is not there/],
  ],
  [
    'a posted event is taken for unfinished',
    `update events set state = 'waiting' where company_id = 'SHOP'`,
    [/every entry of an event.* which is waiting/, /post of \d+ \(waiting\) is not done and not owed/],
  ],
  [
    'an entry loses its event',
    `update journal_entries set event_id = null where id = ${entry(1)}`,
    [/sale 1001 \(event \d+\) is posted but has no entry/],
  ],
  [
    'an invoice says another total than the ledger',
    `update documents set amount = 2401, payload = '{"lines": [{"net": 2001, "tax": 400}]}' where company_id = 'SHOP'`,
    [/documents owed .* comes to GBP 2401, the ledger says 2400/],
  ],
  [
    'an invoice says another tax than the ledger',
    `update documents set tax = 401, payload = '{"lines": [{"net": 1999, "tax": 401}]}' where company_id = 'SHOP'`,
    [/tax on its documents comes to GBP 401, the ledger says 400/],
  ],
  [
    'lines of an invoice do not come to its total',
    `update documents set payload = '{"lines": [{"net": 1999, "tax": 400}]}' where company_id = 'SHOP'`,
    [/invoice SHOP-1001: lines come to 2399, total is 2400/],
  ],
  [
    'a pushed document has no id in the books',
    `update documents set remote_id = null where company_id = 'SHOP'`,
    [/invoice SHOP-1001 is pushed but has no id/],
  ],
  [
    'a document is forgotten on its way to the books',
    `update documents set state = 'sending' where company_id = 'SHOP'`,
    [/push of \d+ \(sending\) is not done and not owed/],
  ],
  [
    'finished work stays owed',
    `insert into todo (company_id, stage, ref, due_at) select company_id, 'post', id, now() from events where company_id = 'SHOP'`,
    [/post of \d+ is owed, but it is posted/],
  ],
  [
    'a delivery is stored but not owed',
    `insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, received_at)
     select 'SHOP', connection_id, 'orders/create', 'e1', 'h', '{}', 'b', now() from events where company_id = 'SHOP'`,
    [/normalize of \d+ \(received\) is not done and not owed/],
  ],
];

test.each(faults)('verify names the row when %s', async (_name, change, expected) => {
  const shop = await tradingShop();
  await tamper(change.replaceAll("SHOP'", `${shop.id}'`));
  const found = (await failures(shop.id)).join('\n');
  for (const pattern of expected) expect(found).toMatch(pattern);
});

test('a fault in one company is no fault of another', async () => {
  const [sound, broken] = [await tradingShop(), await tradingShop()];
  await tamper(`update journal_entries set memo = 'x' where company_id = '${broken.id}'`);
  expect(await failures(sound.id)).toEqual([]);
  expect(await failures(broken.id)).toHaveLength(1);
});
