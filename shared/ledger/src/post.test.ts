import type { ResolvedEntry } from '@daybook/domain';
import { openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, NOW, newShop, openLedger, post, reversal, sale } from '../test/fixtures.ts';
import { postEntries, postedEntries, postedEntriesOf } from './post.ts';
import { verifyCompany } from './verify.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const KEY_1002 = 'shopify:harbour:sale:1002';

async function numbers(companyId: string): Promise<number[]> {
  const rows = await ledger.sql<{ number: number }[]>`
    select number from journal_entries where company_id = ${companyId} order by sequence`;
  return rows.map((row) => row.number);
}

async function expectSound(companyId: string): Promise<void> {
  const { checks } = await verifyCompany(ledger.sql, companyId);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
}

test('entries are numbered from 1 in the order given, and every field is stored', async () => {
  const shop = await newShop(ledger);
  const outcomes = await post(ledger, shop, [
    sale('1001'),
    sale('1002', { memo: 'quotes " and \\ and {braces}, NULL' }),
  ]);
  expect(outcomes).toMatchObject([
    { outcome: 'posted', number: 1, fiscalYear: '2026' },
    { outcome: 'posted', number: 2, fiscalYear: '2026' },
  ]);
  expect(await postedEntries(ledger.sql, shop, [KEY_1002])).toEqual([
    { ...sale('1002'), memo: 'quotes " and \\ and {braces}, NULL', occurredAt: '2026-03-10T11:30:00.000Z' },
  ]);
  const lines = await ledger.sql`
    select account, debit, credit, amount_tc from journal_lines l join journal_entries e on e.id = l.entry_id
    where e.company_id = ${shop} and number = 1 order by line_no`;
  expect([...lines]).toEqual([
    { account: '1241', debit: 2400n, credit: 0n, amount_tc: 2400n },
    { account: '4000', debit: 0n, credit: 2000n, amount_tc: 2000n },
    { account: '2200', debit: 0n, credit: 400n, amount_tc: 400n },
  ]);
  await expectSound(shop);
});

test('the same entry posted again exists: nothing is added and its number is answered', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001'), sale('1002')]);
  const again = await post(ledger, shop, [sale('1002'), sale('1003'), sale('1003')]);
  expect(again.map(({ outcome, number }) => `${outcome} ${number}`)).toEqual(['exists 2', 'posted 3', 'exists 3']);
  expect(await numbers(shop)).toEqual([1, 2, 3]);
});

test('another content under a posted source key is a conflict, and nothing of the call is posted', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001')]);
  const changed = sale('1001', { memo: 'Shopify order 1001, edited' });
  await expect(post(ledger, shop, [sale('1002'), changed])).rejects.toMatchObject({
    code: 'SOURCE_KEY_CONFLICT',
    subject: 'shopify:harbour:sale:1001',
    message: expect.stringContaining('posted as entry 2026/1 with other content'),
  });
  expect(await numbers(shop)).toEqual([1]);
});

test('a conflict inside a transaction leaves it usable for the other entries', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001')]);
  await ledger.sql.begin(async (tx) => {
    const conflict = postEntries(tx, shop, [{ entry: sale('1001', { memo: 'other' }), eventId: null }], NOW);
    await expect(conflict).rejects.toMatchObject({ code: 'SOURCE_KEY_CONFLICT' });
    await postEntries(tx, shop, [{ entry: sale('1002'), eventId: null }], NOW);
  });
  expect(await numbers(shop)).toEqual([1, 2]);
});

test('a reversal and its original name each other, also when both come in one call', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001')]);
  await post(ledger, shop, [reversal(sale('1001')), sale('1002'), reversal(sale('1002'))]);
  const rows = await ledger.sql`
    select e.number, o.number as reverses, r.number as "reversedBy" from journal_entries e
    left join journal_entries o on o.id = e.reverses left join journal_entries r on r.id = e.reversed_by
    where e.company_id = ${shop} order by e.number`;
  expect([...rows]).toEqual([
    { number: 1, reverses: null, reversedBy: 2 },
    { number: 2, reverses: 1, reversedBy: null },
    { number: 3, reverses: null, reversedBy: 4 },
    { number: 4, reverses: 3, reversedBy: null },
  ]);
  const twice = { ...reversal(sale('1001')), sourceKey: 'second-reversal' };
  await expect(post(ledger, shop, [twice])).rejects.toMatchObject({ code: 'ENTRY_IMMUTABLE' });
  const unknown = { ...reversal(sale('1003')), sourceKey: 'reversal-of-nothing' };
  await expect(post(ledger, shop, [unknown])).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  await expectSound(shop);
});

test('live entries of an event leave out what was reversed and the reversals themselves', async () => {
  const shop = await newShop(ledger);
  const [first, second] = await ledger.sql<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload,
      occurred_at, recorded_at, state)
    select ${shop}, gen_random_uuid(), 1, 'sale', '1001', version, 'hash', '{"total": 2400}', now(), now(), 'posted'
    from unnest(array['1', '2']) as version returning id`;
  const [v1, v2] = [sale('1001'), sale('1001:v2', { memo: 'edited' })];
  await post(ledger, shop, [{ entry: v1, eventId: first?.id ?? null }]);
  const change = [reversal(v1), v2].map((entry) => ({ entry, eventId: second?.id ?? null }));
  await post(ledger, shop, change);
  const live = await postedEntriesOf(ledger.sql, [first?.id ?? 0n, second?.id ?? 0n]);
  expect([...live.values()].flat().map((entry) => entry.sourceKey)).toEqual(['shopify:harbour:sale:1001:v2']);
});

test('lines of zero are dropped, and a line without worth in the company currency is refused by name', async () => {
  const shop = await newShop(ledger);
  const withZero = sale('1001', { lines: [...sale('1001').lines, line('4009', 0n)] });
  await post(ledger, shop, [withZero]);
  expect((await postedEntries(ledger.sql, shop, [withZero.sourceKey]))[0]?.lines).toHaveLength(3);
  const worthless = line('4009', 0n, { currency: 'JPY', amountTc: 1n });
  const entry = sale('1002', { lines: [...sale('1002').lines, worthless] });
  await expect(post(ledger, shop, [entry])).rejects.toMatchObject({ code: 'INVALID_AMOUNT', subject: '4009' });
});

test('a sale in yen balances in yen and in dollars (accounting.md C18a)', async () => {
  const shop = await newShop(ledger, { country: 'US', currency: 'USD' });
  const yen = (account: string, amount: bigint, amountTc: bigint) =>
    line(account, amount, { currency: 'JPY', amountTc });
  const lines = [yen('1101', 7348n, 11000n), yen('4000', -6680n, -10000n), yen('2100', -668n, -1000n)];
  await post(ledger, shop, [sale('jpy', { lines })]);
  const lopsided = [yen('1101', 7348n, 11000n), yen('4000', -6680n, -10000n), yen('2100', -668n, -999n)];
  await expect(post(ledger, shop, [sale('jpy-2', { lines: lopsided })])).rejects.toMatchObject({
    code: 'ENTRY_UNBALANCED',
    message: expect.stringContaining('debits and credits in JPY differ'),
  });
  await expectSound(shop);
});

test('a jurisdiction nobody listed becomes a tax code of a US company, while a GB company refuses it', async () => {
  const taxed = (key: string, tax: string, account: string, revenue: string) =>
    sale(key, {
      lines: [
        line(account, 1000n),
        line(revenue, -1000n, { taxCode: 'LOS ANGELES COUNTY TAX', taxKind: 'net_out', role: tax }),
      ],
    });
  const us = await newShop(ledger, { country: 'US', currency: 'USD' });
  const inDollars = taxed('1', 'x', '1101', '4000');
  await post(ledger, us, [{ ...inDollars, lines: inDollars.lines.map((each) => ({ ...each, currency: 'USD' })) }]);
  const [code] = await ledger.sql`select rate from tax_codes where company_id = ${us} and code like 'LOS%'`;
  expect(code).toEqual({ rate: null });
  const gb = await newShop(ledger);
  await expect(post(ledger, gb, [taxed('1', 'x', '1241', '4000')])).rejects.toMatchObject({
    code: 'TAX_UNRESOLVED',
    subject: 'LOS ANGELES COUNTY TAX',
  });
});

test('a date outside the fiscal years is refused with the date as what to mend', async () => {
  const shop = await newShop(ledger);
  const old = sale('1001', { postingDate: '2025-12-31' });
  await expect(post(ledger, shop, [old])).rejects.toMatchObject({ code: 'PERIOD_CLOSED', subject: '2025-12-31' });
});

test('a transaction that is rolled back leaves no gap', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001')]);
  const rolledBack = ledger.sql.begin(async (tx) => {
    await postEntries(tx, shop, [{ entry: sale('1002'), eventId: null }], NOW);
    throw new Error('the caller changed its mind');
  });
  await expect(rolledBack).rejects.toThrow('changed its mind');
  await post(ledger, shop, [sale('1003')]);
  expect(await numbers(shop)).toEqual([1, 2]);
  await expectSound(shop);
});

test('a server process killed in mid-transaction leaves no trace and no lock', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001')]);
  const doomed = openDatabase(ledger.url, { max: 1 });
  const killed = doomed.sql.begin(async (tx) => {
    await postEntries(tx, shop, [{ entry: sale('1002'), eventId: null }], NOW);
    const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await ledger.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
    await tx`select 1`;
  });
  await expect(killed).rejects.toThrow();
  await doomed.sql.end({ timeout: 0 });
  await post(ledger, shop, [sale('1002'), sale('1003')]);
  expect(await numbers(shop)).toEqual([1, 2, 3]);
  await expectSound(shop);
});

test('eight posters on one company at once leave no gap, no deadlock and a whole chain', async () => {
  const shop = await newShop(ledger);
  const poster = async (name: number) => {
    for (let round = 0; round < 6; round += 1) {
      const keys = Array.from({ length: 1 + ((name + round) % 4) }, (_, at) => `${name}-${round}-${at}`);
      await post(ledger, shop, [...keys.map((key) => sale(key)), sale(`shared-${round}`)]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, name) => poster(name)));
  // Poster n posts 1 + (n + r) mod 4 of its own in round r: 2.5 on average, 8 × 6 × 2.5 = 120; and 6 shared ones, once.
  expect(await numbers(shop)).toEqual(Array.from({ length: 126 }, (_, at) => at + 1));
  await expectSound(shop);
});

test('numbers restart with the fiscal year, while the sequence goes on', async () => {
  const shop = await newShop(ledger);
  await ledger.sql.begin(async (tx) => {
    const { ensureFiscalYears } = await import('./company.ts');
    await ensureFiscalYears(tx, shop, '2025-06-01');
  });
  const at = (key: string, postingDate: string): ResolvedEntry => sale(key, { postingDate, taxPoint: postingDate });
  const outcomes = await post(ledger, shop, [at('a', '2026-01-01'), at('b', '2025-12-31'), at('c', '2026-01-02')]);
  expect(outcomes.map(({ fiscalYear, number }) => `${fiscalYear}/${number}`)).toEqual(['2026/1', '2025/1', '2026/2']);
  await expectSound(shop);
});
