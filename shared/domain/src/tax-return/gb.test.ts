import { expect, test } from 'vitest';
import type { TaxKind } from '../journal-entry.ts';
import { boxTotals, type CodedAmount } from './boxes.ts';
import { mtdJson, reconcileSales, vatReturn } from './gb.ts';

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

test('the API takes pounds with two decimals, and whole pounds from box 6 on', () => {
  // Acceptance figures of accounting.md H7a.
  const boxes = new Map([
    ['1', 22457n],
    ['4', 7400n],
    ['6', 135761n],
    ['7', 40791n],
  ]);
  expect(JSON.parse(mtdJson(vatReturn(boxes)))).toEqual({
    vatDueSales: 224.57,
    vatDueAcquisitions: 0,
    totalVatDue: 224.57,
    vatReclaimedCurrPeriod: 74,
    netVatDue: 150.57,
    totalValueSalesExVAT: 1357,
    totalValuePurchasesExVAT: 407,
    totalValueGoodsSuppliedExVAT: 0,
    totalAcquisitionsExVAT: 0,
  });
  expect(mtdJson(vatReturn(boxes))).toContain('"vatReclaimedCurrPeriod": 74.00,');
});

test('box 6 is revenue, deposits not yet revenue and reverse charge, less what does not count', () => {
  const moved = (account: string, role: string, code: string, kind: TaxKind | '', amount: bigint) => ({
    ...{ account, role, code, kind, amount },
  });
  // Sales of 100.00 and 30.00 outside the scope; a deposit of 50.00 of which 20.00 was earned; a fee of 25.00 (C15b).
  const told = reconcileSales(
    [
      moved('4000', 'sales.revenue.standard', 'S20', 'net_out', -10000n),
      moved('4005', 'sales.revenue.exempt', 'X', 'net_out', -3000n),
      moved('2130', 'customer.deposits', 'S20', 'net_out', -5000n),
      moved('2130', 'customer.deposits', '', '', 2000n),
      moved('4000', 'sales.revenue.standard', '', '', -2000n),
      moved('7905', 'fees.processing', 'RC20', 'net_in', 2500n),
      moved('2200', 'tax.output', 'S20', 'tax_out', -3000n),
    ],
    {
      isRevenue: (account) => account.startsWith('4'),
      counts: ({ code, kind }) => (code === 'S20' && kind === 'net_out') || (code === 'RC20' && kind === 'net_in'),
    },
  );
  expect(told).toEqual({
    revenue: 15000n,
    depositsIncrease: 3000n,
    reverseChargePurchases: 2500n,
    notCounted: -3000n,
    other: 0n,
    box6: 17500n,
  });
});
