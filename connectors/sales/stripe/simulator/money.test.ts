import { describe, expect, test } from 'vitest';
import { sessionItem, sessionTax, sessionTotal } from './checkout.ts';
import { discounted, figuresOf } from './invoices.ts';
import { inDollars, processingFee, taxOnTop, taxWithin } from './money.ts';
import type { InvoiceLine } from './things.ts';

describe('what Stripe works out', () => {
  test('a fee is 2.9 % and 30 cents, half a cent up', () => {
    // 5300: 153.7 + 30 = 183.7; 4200: 121.8 + 30 = 151.8. Both are fees of real charges.
    expect(processingFee(5_300n)).toBe(184n);
    expect(processingFee(4_200n)).toBe(152n);
    // 2000 × 2.9 % = 58 exactly; 500 × 2.9 % = 14.5, which is half a cent.
    expect(processingFee(2_000n)).toBe(88n);
    expect(processingFee(500n)).toBe(45n);
  });

  test('tax of 8.875 % is on top of a price, or inside of it', () => {
    // 2499 × 0.08875 = 221.78; 4900 × 8.875 / 108.875 = 399.43.
    expect(taxOnTop(2_499n)).toBe(222n);
    expect(taxWithin(4_900n)).toBe(399n);
    // A plan's price is a multiple of $8: 4800 × 0.08875 = 426 without a remainder.
    expect(taxOnTop(4_800n)).toBe(426n);
  });

  test('foreign money becomes US cents at the day’s rate, whatever its own cents are', () => {
    // accounting.md C18: JPY 11 000 at 0.00668 are USD 73.48. EUR 40.00 at 1.0842 are 43.368.
    expect(inDollars(11_000n, 'JPY', '0.00668')).toBe(7_348n);
    expect(inDollars(4_000n, 'EUR', '1.0842')).toBe(4_337n);
    expect(inDollars(-4_000n, 'EUR', '1.0842')).toBe(-4_337n);
  });

  test('a Checkout line takes the discount off first, then the tax', () => {
    const mug = { price: 'price_mug', amount: 1_350n };
    // 2 × 13.50 = 27.00, less 20 % = 21.60; tax 2160 × 0.08875 = 191.7.
    expect(sessionItem('li_1', mug, 2, { coupon: 'WELCOME20' })).toMatchObject({
      subtotal: 2_700n,
      discount: 540n,
      tax: 192n,
      total: 2_352n,
    });
    // Inclusive: 2160 × 8.875 / 108.875 = 176.07 is inside the 21.60.
    expect(sessionItem('li_1', mug, 2, { coupon: 'WELCOME20', inclusive: true })).toMatchObject({
      discount: 540n,
      tax: 176n,
      total: 2_160n,
    });
  });

  test('a session is its lines and its shipping', () => {
    const items = [sessionItem('li_1', { price: 'price_mug', amount: 1_350n }, 1, {})];
    // 13.50 + tax 119.81 → 1.20; shipping 5.00 + tax 44.375 → 0.44.
    const session = { items, shipping: { subtotal: 500n, tax: 44n, total: 544n } };
    expect(sessionTotal(session)).toBe(2_014n);
    expect(sessionTax(session)).toBe(164n);
  });

  test('an invoice’s subtotal has its lines’ own discounts in it, and its total the invoice’s too', () => {
    const line = (id: string, amount: bigint): InvoiceLine => ({
      id,
      price: 'price_1Start',
      quantity: 1,
      amount,
      discounts: [],
      tax: 0n,
    });
    const lines = discounted([line('il_1', 4_800n), line('il_2', 9_600n)], 'di_own', 'di_all');
    // 4800 less its 10 % = 4320; with 9600 that is 13 920, of which 10 % = 1392: 432 and 960.
    expect(lines.map(({ discounts }) => discounts)).toEqual([
      [
        { discount: 'di_own', amount: 480n },
        { discount: 'di_all', amount: 432n },
      ],
      [{ discount: 'di_all', amount: 960n }],
    ]);
    // Tax: 3888 × 0.08875 = 345.06, 8640 × 0.08875 = 766.8.
    expect(lines.map(({ tax }) => tax)).toEqual([345n, 767n]);
    expect(figuresOf({ lines, discounts: ['di_all'] })).toEqual({
      subtotal: 13_920n,
      discount: 1_392n,
      tax: 1_112n,
      total: 13_640n,
    });
  });
});
