import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, newShop, openLedger } from '../../test/fixtures.ts';
import { putTaxCode, type TaxCodeChange, taxCodeRow, taxCodeRows } from './codes.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const put = (company: string, change: TaxCodeChange) =>
  ledger.sql.begin(async (tx) => {
    await putTaxCode(tx, company, change);
    return taxCodeRow(tx, company, change.code);
  });
const codeOf = async (company: string, code: string) =>
  (await taxCodeRows(ledger.sql, company)).find((row) => row.code === code);

test('codes of a British company have the boxes of the VAT return, one output and one input account', async () => {
  const shop = await newShop(ledger);
  expect(await codeOf(shop, 'RC20')).toEqual({
    code: 'RC20',
    rate: '20',
    label: 'reverse charge on services from abroad',
    revenue: 'standard',
    reverseCharge: true,
    boxes: { tax_out: ['1'], tax_in: ['4'], net_in: ['6', '7'] },
    ownBoxes: false,
    accounts: { output: '2200', input: '2201', revenue: '4000' },
  });
});

test('German codes have accounts per rate, and OSS its own', async () => {
  const shop = await newShop(ledger, { country: 'DE', currency: 'EUR' });
  const accounts = async (code: string) => (await codeOf(shop, code))?.accounts;
  expect(await accounts('U7')).toEqual({ output: '1771', input: '1571', revenue: '8300' });
  expect(await accounts('U19')).toMatchObject({ output: '1776', input: '1576' });
  expect(await accounts('OSS')).toMatchObject({ output: '1767', revenue: '8320' });
  expect(await codeOf(shop, 'E')).toMatchObject({ rate: '0', boxes: { net_out: ['48'] } });
});

test('a code is added with boxes and accounts of its own, and changed in part', async () => {
  const shop = await newShop(ledger);
  const boxes = { net_out: ['6'], tax_out: ['1'] };
  const made = { code: 'S15', rate: '15', label: 'old rate', boxes, accounts: { output: '2205', revenue: '4001' } };
  expect(await put(shop, made)).toMatchObject({
    ...{ rate: '15', revenue: 'S15', boxes, ownBoxes: true },
    accounts: { output: '2205', input: '2201', revenue: '4001' },
  });
  expect(await put(shop, { code: 'S15', label: 'rate of 2009' })).toMatchObject({
    ...{ rate: '15', label: 'rate of 2009', revenue: 'S15', boxes, ownBoxes: true },
  });
  expect(await put(shop, { code: 'S15', boxes: null })).toMatchObject({ boxes: null, ownBoxes: false });
});

test.each([
  [{ code: 'A+B', rate: '1' }, 'no "+"'],
  [{ code: 'NEW' }, 'needs a rate'],
  [{ code: 'NEW', rate: '1', accounts: { output: '9999' } }, 'no account 9999'],
])('%o is refused and nothing of it is kept', async (change, why) => {
  const shop = await newShop(ledger);
  await expect(put(shop, change)).rejects.toMatchObject({
    code: 'TAX_CODE_INVALID',
    message: expect.stringContaining(why),
  });
  expect(await codeOf(shop, change.code)).toBeUndefined();
});
