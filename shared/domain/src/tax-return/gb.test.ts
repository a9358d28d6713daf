import { expect, test } from 'vitest';
import { boxTotals, type CodedAmount } from './boxes.ts';
import { vatReturn } from './gb.ts';

const codes = ['S20', 'Z0', 'E', 'RC20', 'X'].map((code) => ({ code }));

test('a reverse charge is owed, reclaimed, sold and bought at once; what is outside the scope is nowhere', () => {
  // C15b: a fee of 25.00 with 5.00; a sale of 100.00 + 20.00; a supply outside the scope.
  const amounts: CodedAmount[] = [
    { code: 'RC20', kind: 'net_in', amount: 2500n },
    { code: 'RC20', kind: 'tax_in', amount: 500n },
    { code: 'RC20', kind: 'tax_out', amount: 500n },
    { code: 'S20', kind: 'net_out', amount: 10000n },
    { code: 'S20', kind: 'tax_out', amount: 2000n },
    { code: 'X', kind: 'net_out', amount: 99900n },
  ];
  expect(vatReturn(boxTotals(amounts, codes, 'GB'))).toEqual({
    vatDueSales: 2500n,
    vatDueAcquisitions: 0n,
    totalVatDue: 2500n,
    vatReclaimedCurrPeriod: 500n,
    netVatDue: 2000n,
    direction: 'pay',
    totalValueSalesExVAT: 125n,
    totalValuePurchasesExVAT: 25n,
    totalValueGoodsSuppliedExVAT: 0n,
    totalAcquisitionsExVAT: 0n,
  });
});

test('more reclaimed than due is owed by the authority; pence of box 6 and 7 are dropped, also below zero', () => {
  const amounts: CodedAmount[] = [
    { code: 'S20', kind: 'tax_out', amount: -150n },
    { code: 'S20', kind: 'net_out', amount: -750n },
    { code: 'S20', kind: 'tax_in', amount: 199n },
    { code: 'S20', kind: 'net_in', amount: 999n },
  ];
  const told = vatReturn(boxTotals(amounts, codes, 'GB'));
  expect(told).toMatchObject({ netVatDue: 349n, direction: 'reclaim', totalValueSalesExVAT: -7n });
  expect(told.totalValuePurchasesExVAT).toBe(9n);
});

test('a code may name the boxes of its own company instead', () => {
  const own = [{ code: 'S20', boxes: { net_out: ['8'] } }];
  expect([...boxTotals([{ code: 'S20', kind: 'net_out', amount: 1n }], own, 'GB')]).toEqual([['8', 1n]]);
});
