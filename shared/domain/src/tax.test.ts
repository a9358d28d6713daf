import { describe, expect, test } from 'vitest';
import { refundedTax, refundShare, taxInGross, taxLines, taxOnNet, taxPerRate } from './tax.ts';

describe('tax computed by us', () => {
  test('A6: half-up away from zero, and a refund mirrors its sale', () => {
    expect(taxInGross(495n, '20')).toBe(83n);
    expect(taxInGross(-495n, '20')).toBe(-83n);
    expect(taxOnNet(4998n, '8.25')).toBe(412n);
  });

  test('C2: the order discount is split over the lines first, then tax is taken from each line', () => {
    const lines = [
      { amount: 3000n, rate: '20' },
      { amount: 1250n, rate: '0' },
      { amount: 749n, rate: '5' },
    ];
    expect(taxLines(lines, 600n, true)).toEqual([
      { listNet: 2500n, discount: 300n, net: 2200n, tax: 440n },
      { listNet: 1250n, discount: 150n, net: 1100n, tax: 0n },
      { listNet: 713n, discount: 85n, net: 628n, tax: 31n },
    ]);
  });

  test('exclusive prices: the discount is net already', () => {
    expect(taxLines([{ amount: 10000n, rate: '8.25' }], 1000n, false)).toEqual([
      { listNet: 10000n, discount: 1000n, net: 9000n, tax: 743n },
    ]);
  });

  test('C20: a summary adds up the tax of its receipts: 3 × 0.17, not 2.97/6', () => {
    const receipts = taxLines(Array(3).fill({ amount: 99n, rate: '20' }), 0n, true);
    expect(receipts.reduce((all, line) => all + line.tax, 0n)).toBe(51n);
    expect(taxInGross(297n, '20')).toBe(50n);
  });

  test('business invoices compute tax once per rate on the sum of their lines', () => {
    const lines = [
      { net: 333n, rate: '20' },
      { net: 333n, rate: '20' },
      { net: 100n, rate: '5' },
    ];
    // 6.66 × 20 % = 1.332 → 1.33, while two lines of 0.67 would be 1.34.
    expect(taxPerRate(lines)).toEqual(
      new Map([
        ['20', 133n],
        ['5', 5n],
      ]),
    );
  });
});

describe('A8: partial refunds', () => {
  test('the second of two units gives back what the first left', () => {
    expect(refundShare(412n, '2', '0', '1')).toBe(206n);
    expect(refundShare(412n, '2', '1', '1')).toBe(206n);
    expect(refundShare(413n, '2', '0', '1')).toBe(207n);
    expect(refundShare(413n, '2', '1', '1')).toBe(206n);
  });

  test('quantities may be fractions', () => {
    expect(refundShare(1000n, '1.5', '0', '0.5')).toBe(333n);
    expect(refundShare(1000n, '1.5', '0.5', '0.25')).toBe(167n);
    expect(refundShare(1000n, '1.5', '0.75', '0.75')).toBe(500n);
  });

  test('C11: goodwill takes tax in the ratio of the order, and amounts that add up to the order take all of it', () => {
    expect(refundedTax(500n, 0n, 1000n, 6000n)).toBe(83n);
    expect(refundedTax(5500n, 500n, 1000n, 6000n)).toBe(917n);
    expect(refundedTax(100n, 0n, 0n, 0n)).toBe(0n);
  });
});
