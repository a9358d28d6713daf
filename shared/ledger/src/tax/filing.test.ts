import { type ResolvedEntry, type ResolvedLine, taxPeriod } from '@daybook/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, NOW, newShop, openLedger, post, sale } from '../../test/fixtures.ts';
import { bookMonth, isThere } from '../../test/month.ts';
import { setLockDate } from '../periods.ts';
import { postEntries } from '../post.ts';
import { journal, ossReport, taxReturn, trialBalance } from '../reports.ts';
import { reverseEntry } from '../reversal.ts';
import { verifyCompany } from '../verify.ts';
import { draftReturn, fileReturn } from './filing.ts';
import { withdrawReturn } from './withdraw.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const APRIL = new Date('2026-04-07T09:00:00Z');
const MARCH = { form: 'national' as const, period: taxPeriod('2026-03') };
const SPAN = { from: '2026-03-01', to: '2026-03-31' };
const act = (reason?: string, now = APRIL) => ({ by: 'Ada', now, reason });
const file = (company: string, wish = MARCH, reason?: string) => fileReturn(ledger.sql, company, wish, act(reason));

/** Lines of the newest entry: account and amount, debit positive. */
async function newest(company: string): Promise<[string, bigint][]> {
  const { entries } = await journal(ledger.sql, company);
  return (entries.at(-1)?.lines ?? []).map(({ account, debit, credit }) => [account, debit - credit]);
}

async function taxLock(company: string): Promise<string | null> {
  const [row] = await ledger.sql<{ tax: string | null }[]>`select tax from lock_dates where company_id = ${company}`;
  return row?.tax ?? null;
}

/** What the checks of T7 found. */
async function tieOut(company: string): Promise<(string | undefined)[]> {
  const { checks } = await verifyCompany(ledger.sql, company);
  return checks.filter(({ name }) => name.includes('tax')).map(({ firstBad }) => firstBad);
}

const entry = (key: string, lines: ResolvedLine[], more: Partial<ResolvedEntry> = {}) => sale(key, { lines, ...more });

describe.skipIf(!isThere)('the acceptance month', () => {
  let company: string;
  beforeAll(async () => {
    company = await bookMonth(ledger);
  });

  test('has the nine boxes of accounting.md H7a, with box 6 explained', async () => {
    const told = await taxReturn(ledger.sql, company, SPAN);
    expect(told.gb?.form).toEqual({
      vatDueSales: 22457n,
      vatDueAcquisitions: 0n,
      totalVatDue: 22457n,
      vatReclaimedCurrPeriod: 7400n,
      netVatDue: 15057n,
      direction: 'pay',
      totalValueSalesExVAT: 1357n,
      totalValuePurchasesExVAT: 407n,
      totalValueGoodsSuppliedExVAT: 0n,
      totalAcquisitionsExVAT: 0n,
    });
    expect(told.gb?.sales).toEqual({
      revenue: 129261n,
      depositsIncrease: 4000n,
      reverseChargePurchases: 2500n,
      notCounted: 0n,
      other: 0n,
      box6: 135761n,
    });
    expect(told).toMatchObject({ difference: 0n, uncoded: 0n, unboxed: [], due: 15057n, ledger: 15057n, late: [] });
  });

  test('is settled by one entry when it is filed, and locked for taxes; filing again changes nothing', async () => {
    const filed = await file(company);
    expect(filed).toMatchObject({ regime: 'GB', version: 1, state: 'filed', due: 15057n, filedBy: 'Ada' });
    expect(filed.entry).toMatchObject({
      sourceKey: 'tax-return:GB:2026-03-01:2026-03-31',
      postingDate: '2026-03-31',
    });
    expect((await newest(company)).sort()).toEqual([
      ['2200', 22457n],
      ['2201', -7400n],
      ['2202', -15057n],
    ]);
    expect(await taxLock(company)).toBe('2026-03-31');
    expect(await file(company)).toEqual(filed);
    const { rows } = await trialBalance(ledger.sql, company, SPAN);
    expect(
      rows.filter(({ account }) => account === '2200' || account === '2201').map(({ closing }) => closing),
    ).toEqual(rows.filter(({ account }) => account === '2200' || account === '2201').map(() => 0n));
    expect((await taxReturn(ledger.sql, company, SPAN)).uncoded).toBe(0n);
    expect(await tieOut(company)).toContain(undefined);
    expect((await tieOut(company)).filter(Boolean)).toEqual([]);
  });
});

test('the books are proved against what is filed: a tax off its account, and a return that lacks one, are found', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  await file(shop);
  expect((await tieOut(shop)).filter(Boolean)).toEqual([]);
  await setLockDate(ledger.sql, shop, { kind: 'tax', day: null }, act('tampering'));
  await post(ledger, shop, [
    entry('2', [line('1241', 5n), line('4000', -5n, { taxCode: 'S20', taxKind: 'tax_out' })], {
      postingDate: '2026-03-11',
    }),
  ]);
  const found = await tieOut(shop);
  expect(found.join('\n')).toMatch(
    /2026-03-11 4000: a tax is not on a tax account under code "S20" \(5, minor units\)/,
  );
  expect(found.join('\n')).toMatch(/settled 400, its codes moved 405 \(minor units\)/);
});

test('while it is filed no tax is posted into its days, its entry cannot be reversed, and it can be taken back', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const filed = await file(shop);
  await expect(post(ledger, shop, [sale('2')])).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
  const key = filed.entry?.sourceKey as string;
  await expect(reverseEntry(ledger.sql, shop, { entry: key }, act('wrong'))).rejects.toMatchObject({
    code: 'ENTRY_IMMUTABLE',
    message: expect.stringContaining('Take that return back instead'),
  });
  await expect(withdrawReturn(ledger.sql, shop, filed.id, act())).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
  const back = await withdrawReturn(ledger.sql, shop, filed.id, act('a sale was forgotten'));
  expect(back).toMatchObject({ state: 'withdrawn', withdrawnReason: 'a sale was forgotten' });
  expect(await taxLock(shop)).toBeNull();
  expect((await newest(shop)).sort()).toEqual([
    ['2200', -400n],
    ['2202', 400n],
  ]);
  expect((await taxReturn(ledger.sql, shop, SPAN)).uncoded).toBe(0n);
  await post(ledger, shop, [sale('2')]);
  expect(await file(shop)).toMatchObject({ version: 2, due: 800n, state: 'filed' });
  expect((await newest(shop)).sort()).toEqual([
    ['2200', 800n],
    ['2202', -800n],
  ]);
});

test('a return is not filed before its period is over, beside another one, or against a draft that has changed', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  await expect(fileReturn(ledger.sql, shop, MARCH, act(undefined, NOW))).rejects.toThrow('the period is not over');
  const { draft, problems } = await draftReturn(ledger.sql, shop, MARCH, { now: APRIL });
  expect([draft.state, draft.due, problems]).toEqual(['draft', 400n, []]);
  await post(ledger, shop, [sale('2')]);
  const stale = { ...MARCH, hash: draft.hash };
  await expect(file(shop, stale)).rejects.toMatchObject({ code: 'TAX_RETURN_NOT_READY' });
  const again = await draftReturn(ledger.sql, shop, MARCH, { now: APRIL });
  expect(await file(shop, { ...MARCH, hash: again.draft.hash } as typeof MARCH)).toMatchObject({ due: 800n });
  await expect(file(shop, { ...MARCH, period: taxPeriod('2026-Q1') })).rejects.toMatchObject({
    code: 'TAX_RETURN_FILED',
  });
  const drafts = await ledger.sql`select 1 from tax_returns where company_id = ${shop} and state = 'draft'`;
  expect(drafts).toHaveLength(0);
});

test('the earlier of two filed returns stays until the later one is taken back', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const february = await file(shop, { ...MARCH, period: taxPeriod('2026-02') });
  expect(february.entry).toBeNull();
  const march = await file(shop);
  const refused = withdrawReturn(ledger.sql, shop, february.id, act('why not'));
  await expect(refused).rejects.toMatchObject({ code: 'TAX_RETURN_FILED' });
  await withdrawReturn(ledger.sql, shop, march.id, act('first this'));
  expect(await taxLock(shop)).toBe('2026-02-28');
  await withdrawReturn(ledger.sql, shop, february.id, act('then that'));
  expect(await taxLock(shop)).toBeNull();
});

test('tax booked without a code, and codes without a box, are told before filing; a reason accepts them', async () => {
  const shop = await newShop(ledger);
  await ledger.sql`
    insert into tax_codes (company_id, code, rate, label, revenue) values (${shop}, 'S15', 15, 'old rate', 'standard')`;
  await post(ledger, shop, [
    entry('1', [line('1241', 100n), line('2200', -100n, { role: 'tax.output' })]),
    entry('2', [
      line('1241', 1150n),
      line('4000', -1000n, { taxCode: 'S15', taxKind: 'net_out' }),
      line('2200', -150n, { taxCode: 'S15', taxKind: 'tax_out', role: 'tax.output' }),
    ]),
  ]);
  await expect(file(shop)).rejects.toMatchObject({
    code: 'TAX_RETURN_NOT_READY',
    message: expect.stringMatching(/moved by GBP -1\.00 .*without a tax code.* takes the codes S15/),
  });
  expect(await file(shop, MARCH, 'agreed with HMRC')).toMatchObject({ due: 0n, reason: 'agreed with HMRC' });
});

test('two people filing at once file it once', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const [one, other] = await Promise.all([file(shop), file(shop)]);
  expect(one).toEqual(other);
  expect((await journal(ledger.sql, shop)).entries).toHaveLength(2);
});

test('relief for a bad debt is reclaimed through box 4 by an entry of its own, and box 7 stays (C19e)', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [
    sale('1'),
    entry(
      'relief',
      [line('2201', 11667n, { taxCode: 'S20', taxKind: 'tax_in', role: 'tax.input' }), line('8100', -11667n)],
      { entryType: 'GEN', sourceKey: 'entered:journal:relief', channel: undefined },
    ),
  ]);
  const { gb, due } = await taxReturn(ledger.sql, shop, SPAN);
  expect(gb?.form).toMatchObject({
    vatReclaimedCurrPeriod: 11667n,
    totalValuePurchasesExVAT: 0n,
    direction: 'reclaim',
  });
  expect(due).toBe(400n - 11667n);
});

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

test('a lock date that people moved further stays when a return is taken back', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const filed = await file(shop);
  await setLockDate(ledger.sql, shop, { kind: 'tax', day: '2026-04-05' }, act());
  await withdrawReturn(ledger.sql, shop, filed.id, act('wrong box'));
  expect(await taxLock(shop)).toBe('2026-04-05');
});
