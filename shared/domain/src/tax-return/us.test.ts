import { expect, test } from 'vitest';
import type { Moved } from './boxes.ts';
import { salesTaxByJurisdiction } from './us.ts';

const STATE = 'CALIFORNIA STATE TAX';
const COUNTY = 'LOS ANGELES COUNTY TAX';
const codes = [{ code: STATE }, { code: COUNTY }, { code: 'EXEMPT' }, { code: 'MKT' }, { code: 'X' }];

function sold(code: string, net: bigint): Moved {
  return { account: '4000', role: 'sales.revenue.standard', code, kind: 'net_out', amount: -net };
}
function taxed(code: string, tax: bigint): Moved {
  return { account: '2100', role: 'tax.output', code, kind: 'tax_out', amount: -tax };
}

test('a sale with several taxes counts in each jurisdiction, and every jurisdiction has its own tax', () => {
  // 100.00 in Los Angeles: state 6 %, county 1.25 %; 40.00 elsewhere in the state; 20.00 given back there.
  const rows = salesTaxByJurisdiction(
    [
      sold(`${STATE}+${COUNTY}`, 10000n),
      taxed(STATE, 600n),
      taxed(COUNTY, 125n),
      sold(STATE, 4000n),
      taxed(STATE, 240n),
      { ...sold(STATE, -2000n), role: 'sales.returns' },
      taxed(STATE, -120n),
    ],
    codes,
  );
  const none = { exempt: 0n, marketplace: 0n };
  expect(rows).toEqual([
    { code: STATE, gross: 12000n, taxable: 12000n, tax: 720n, ...none },
    { code: COUNTY, gross: 10000n, taxable: 10000n, tax: 125n, ...none },
  ]);
});

test('exempt and marketplace sales are told apart, by jurisdiction where the code names it, and X is nowhere', () => {
  // C14a: 40.00 sold through a marketplace.
  const rows = salesTaxByJurisdiction(
    [sold('MKT', 4000n), sold('EXEMPT', 700n), sold(`${STATE}+EXEMPT`, 300n), sold('X', 99n)],
    codes,
  );
  const none = { taxable: 0n, tax: 0n };
  expect(rows).toEqual([
    { code: STATE, gross: 300n, exempt: 300n, marketplace: 0n, ...none },
    { code: 'EXEMPT', gross: 700n, exempt: 700n, marketplace: 0n, ...none },
    { code: 'MKT', gross: 4000n, exempt: 0n, marketplace: 4000n, ...none },
  ]);
});
