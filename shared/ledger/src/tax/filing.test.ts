import { taxPeriod } from '@daybook/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, NOW, newShop, openLedger, post, sale } from '../../test/fixtures.ts';
import { bookMonth, isThere } from '../../test/month.ts';
import { APRIL, act, entry, MARCH, SPAN, taxActs } from '../../test/tax.ts';
import { setLockDate } from '../periods.ts';
import { journal, taxReturn, trialBalance } from '../reports.ts';
import { reverseEntry } from '../reversal.ts';
import { draftReturn, fileReturn } from './filing.ts';
import { withdrawReturn } from './withdraw.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const { file, newest, taxLock, tieOut } = taxActs(() => ledger);

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
  expect(await file(shop, { ...MARCH, hash: again.draft.hash })).toMatchObject({ due: 800n });
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

test('a lock date that people moved further stays when a return is taken back', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const filed = await file(shop);
  await setLockDate(ledger.sql, shop, { kind: 'tax', day: '2026-04-05' }, act());
  await withdrawReturn(ledger.sql, shop, filed.id, act('wrong box'));
  expect(await taxLock(shop)).toBe('2026-04-05');
});
