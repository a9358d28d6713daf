import { type ResolvedEntry, type ResolvedLine, taxPeriod } from '@daybook/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, NOW, newShop, openLedger, post } from '../../test/fixtures.ts';
import { APRIL, act, entry, SPAN, taxActs } from '../../test/tax.ts';
import { postEntries } from '../post.ts';
import { ossReport, taxReturn } from '../reports.ts';
import { fileReturn } from './filing.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());
const { file, newest, tieOut } = taxActs(() => ledger);

const euro = (account: string, amount: bigint, more: Partial<ResolvedLine> = {}) =>
  line(account, amount, { currency: 'EUR', ...more });

/** A German sale of `net` at 19 %, with the tax on its account. */
function german(key: string, net: bigint, tax: bigint, more: Partial<ResolvedEntry> = {}): ResolvedEntry {
  const coded = { taxCode: 'U19' };
  return entry(
    key,
    [
      euro('1362', net + tax),
      euro('8400', -net, { ...coded, taxKind: 'net_out' }),
      euro('1776', -tax, { ...coded, taxKind: 'tax_out', role: 'tax.output' }),
    ],
    more,
  );
}

const newGermanShop = () => newShop(ledger, { country: 'DE', currency: 'EUR' });

test('a German return settles every tax account, the form is owed, and its cents are rounding', async () => {
  const shop = await newGermanShop();
  await post(ledger, shop, [
    german('1', 10099n, 1919n),
    entry('2', [
      euro('1362', 1070n),
      euro('8300', -1000n, { taxCode: 'U7', taxKind: 'net_out' }),
      euro('1771', -70n, { taxCode: 'U7', taxKind: 'tax_out', role: 'tax.output.7' }),
    ]),
    entry('3', [
      euro('4970', 2500n, { taxCode: 'RC19', taxKind: 'net_in' }),
      euro('1577', 475n, { taxCode: 'RC19', taxKind: 'tax_in', role: 'tax.input.rc' }),
      euro('1787', -475n, { taxCode: 'RC19', taxKind: 'tax_out', role: 'tax.output.rc' }),
      euro('1362', -2500n),
    ]),
    // C19f, smaller: 5.00 written off with its tax, which lowers Kz 81.
    entry('4', [
      euro('2406', 500n, { taxCode: 'U19', taxKind: 'net_out', role: 'bad_debt' }),
      euro('1776', 95n, { taxCode: 'U19', taxKind: 'tax_out', role: 'tax.output' }),
      euro('1362', -595n),
    ]),
  ]);
  const { de, due, ledger: booked, difference } = await taxReturn(ledger.sql, shop, SPAN);
  // Kz 81: 100.99 − 5.00 = 95.99 → 95, tax 18.05. Kz 86: 10 → 0.70. 46/47/67: 25, 4.75, 4.75. Booked 18.24 + 0.70.
  expect(de?.figures.map(({ kz, amount }) => [kz, amount])).toEqual([
    ['46', 25n],
    ['47', 475n],
    ['67', 475n],
    ['81', 95n],
    ['86', 10n],
  ]);
  expect([due, booked, difference, de?.reducedBases]).toEqual([1875n, 1894n, -19n, 500n]);
  await file(shop);
  expect((await newest(shop)).sort()).toEqual([
    ['1577', -475n],
    ['1771', 70n],
    ['1776', 1824n],
    ['1780', -1875n],
    ['1787', 475n],
    ['2309', -19n],
  ]);
});

describe('a late sale', () => {
  const lateSale = german('late', 10000n, 1900n, { postingDate: '2026-04-01' });
  const book = (shop: string) =>
    ledger.sql.begin((tx) => postEntries(tx, shop, [{ entry: lateSale, eventId: null }], APRIL));
  const april = { from: '2026-04-01', to: '2026-04-30' };

  test('counts in the month it is booked in and is listed there', async () => {
    const shop = await newGermanShop();
    await post(ledger, shop, [german('1', 10000n, 1900n)]);
    const filed = await file(shop);
    await book(shop);
    expect(await file(shop)).toEqual(filed);
    const told = await taxReturn(ledger.sql, shop, april);
    expect([told.due, told.late.map(({ sourceKey }) => sourceKey)]).toEqual([1900n, [lateSale.sourceKey]]);
  });

  test('makes a corrected return of its own month where the company wants that, settled by the difference', async () => {
    const shop = await newGermanShop();
    await ledger.sql`update companies set settings = settings || '{"lateTax": "original_period"}' where id = ${shop}`;
    await post(ledger, shop, [german('1', 10000n, 1900n)]);
    await file(shop);
    await book(shop);
    expect(await taxReturn(ledger.sql, shop, april)).toMatchObject({ due: 0n, basis: 'original_period' });
    const corrected = await file(shop);
    expect(corrected).toMatchObject({ version: 2, due: 3800n, entry: { postingDate: '2026-03-31' } });
    expect((await newest(shop)).sort()).toEqual([
      ['1776', 1900n],
      ['1780', -1900n],
    ]);
    expect(await file(shop)).toEqual(corrected);
    expect((await tieOut(shop)).filter(Boolean)).toEqual([]);
  });
});

test('sales tax is told per jurisdiction, and all of it is the account of sales tax', async () => {
  const shop = await newShop(ledger, { country: 'US', currency: 'USD' });
  const dollar = (account: string, amount: bigint, more: Partial<ResolvedLine> = {}) =>
    line(account, amount, { currency: 'USD', ...more });
  await post(ledger, shop, [
    entry('1', [
      dollar('1101', 10725n),
      dollar('4000', -10000n, { taxCode: 'STATE+CITY', taxKind: 'net_out' }),
      dollar('2100', -600n, { taxCode: 'STATE', taxKind: 'tax_out', role: 'tax.output' }),
      dollar('2100', -125n, { taxCode: 'CITY', taxKind: 'tax_out', role: 'tax.output' }),
    ]),
    entry('2', [dollar('1110', 4000n), dollar('4000', -4000n, { taxCode: 'MKT', taxKind: 'net_out' })]),
  ]);
  await ledger.sql`
    insert into tax_codes (company_id, code, label, revenue)
    values (${shop}, 'STATE', 'State', 'standard'), (${shop}, 'CITY', 'City', 'standard') on conflict do nothing`;
  const { us, due } = await taxReturn(ledger.sql, shop, SPAN);
  expect(us?.map(({ code, gross, taxable, marketplace, tax }) => [code, gross, taxable, marketplace, tax])).toEqual([
    ['CITY', 10000n, 10000n, 0n, 125n],
    ['MKT', 4000n, 0n, 4000n, 0n],
    ['STATE', 10000n, 10000n, 0n, 600n],
  ]);
  expect(due).toBe(725n);
  await file(shop);
  expect((await newest(shop)).sort()).toEqual([
    ['2100', 725n],
    ['2150', -725n],
  ]);
});

test('distance sales are told per country and rate of their facts, and are on no return of the country', async () => {
  const shop = await newGermanShop();
  const [connection] = await ledger.sql<{ id: string }[]>`
    insert into connections (company_id, connector, kind, label, account)
    values (${shop}, 'entered', 'entered', 'Entered', 'entered') returning id`;
  const event = async (type: string, id: string, payload: object, saleId: string | null = null) => {
    const [row] = await ledger.sql<{ id: bigint }[]>`
      with delivery as (
        insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at, state)
        values (${shop}, ${connection?.id ?? ''}, ${type}, ${id}, sha256(${id}::text::bytea), '{}', '', 'entered', ${NOW}, 'normalized')
        returning id)
      insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload, sale_id,
        occurred_at, recorded_at, state)
      select ${shop}, ${connection?.id ?? ''}, delivery.id, ${type}, ${id}, '1', ${id}, ${JSON.stringify(payload)}::jsonb,
        ${saleId}, ${NOW}, ${NOW}, 'posted' from delivery returning id`;
    return row?.id ?? 0n;
  };
  const taxed = { net: '10000', taxes: [{ name: 'TVA', rate: '20', amount: '2000' }] };
  const sold = await event('sale', 's1', { customer: { country: 'FR' }, lines: [taxed] });
  const refunded = await event('refund', 'r1', { lines: [] }, 's1');
  const distance = (key: string, net: bigint, tax: bigint, eventId: bigint | null) => ({
    entry: entry(key, [
      euro('1362', net + tax),
      euro('8320', -net, { taxCode: 'OSS', taxKind: 'net_out' }),
      euro('1767', -tax, { taxCode: 'OSS', taxKind: 'tax_out', role: 'tax.output.OSS' }),
    ]),
    eventId,
  });
  await post(ledger, shop, [
    distance('1', 10000n, 2000n, sold),
    distance('2', -2500n, -500n, refunded),
    distance('3', 100n, 20n, null),
  ]);
  const told = await ossReport(ledger.sql, shop, { from: '2026-01-01', to: '2026-03-31' });
  expect(told).toMatchObject({
    rows: [
      { country: 'FR', rate: '20', net: 7500n, tax: 1500n },
      { country: null, rate: null, net: 100n, tax: 20n },
    ],
    incomplete: ['shopify:harbour:sale:3'],
  });
  expect(await taxReturn(ledger.sql, shop, SPAN)).toMatchObject({ due: 0n, uncoded: 0n, unboxed: [], balances: [] });
  const quarter = { form: 'oss' as const, period: taxPeriod('2026-Q1') };
  await expect(fileReturn(ledger.sql, shop, quarter, act())).rejects.toThrow('Nobody tells the country');
  expect(await fileReturn(ledger.sql, shop, quarter, act('asked for it'))).toMatchObject({ regime: 'OSS', due: 1520n });
  expect((await newest(shop)).sort()).toEqual([
    ['1767', 1520n],
    ['1780', -1520n],
  ]);
});
