import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exponentOf } from './currency.ts';
import {
  add,
  allocate,
  divideHalfEven,
  divideHalfUp,
  formatMinor,
  formatMoney,
  money,
  negate,
  parseMinor,
  sum,
} from './money.ts';

describe('reading and writing amounts', () => {
  test('every currency has its own decimals', () => {
    expect([parseMinor('12.5', 'USD'), parseMinor('11000', 'JPY'), parseMinor('1.234', 'KWD')]).toEqual([
      1250n,
      11000n,
      1234n,
    ]);
    expect([formatMinor(-5n, 'USD'), formatMinor(11000n, 'JPY'), formatMinor(7n, 'KWD')]).toEqual([
      '-0.05',
      '11000',
      '0.007',
    ]);
  });

  test('digits beyond the currency are refused, zeros are not', () => {
    expect(parseMinor('5.000', 'USD')).toBe(500n);
    expect(() => parseMinor('5.001', 'USD')).toThrow(/more than the 2 decimals/);
    expect(() => parseMinor('5.1', 'JPY')).toThrow(/more than the 0 decimals/);
    for (const text of ['', '1,000.00', '1e3', '.5', 'NaN', '--1']) {
      expect(() => parseMinor(text, 'USD'), text).toThrow(/is not a decimal amount/);
    }
    expect(() => parseMinor('1', 'ABC')).toThrow(/not an ISO 4217 currency/);
  });

  test('what is written reads back as the same amount, in every exponent', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 18n), 10n ** 18n), fc.constantFrom('USD', 'JPY', 'KWD', 'CLF'), (minor, code) => {
        const text = formatMinor(minor, code);
        expect(parseMinor(text, code)).toBe(minor);
        expect(text.split('.')[1]?.length ?? 0).toBe(exponentOf(code));
      }),
    );
  });
});

test('amounts of two currencies are never added', () => {
  const dollars = money(1250n, 'USD');
  expect(add(dollars, negate(money(250n, 'USD')))).toEqual({ minor: 1000n, currency: 'USD' });
  expect(() => add(dollars, money(1n, 'EUR'))).toThrow('USD 12.50 and EUR 0.01 cannot be added.');
  expect(() => money(1n, 'usd')).toThrow(/"usd" is not an ISO 4217/);
  expect(formatMoney(dollars)).toBe('USD 12.50');
});

describe('rounding', () => {
  test('half-up goes away from zero, half-even to the even neighbour', () => {
    expect([divideHalfUp(825n, 10n), divideHalfUp(-825n, 10n), divideHalfUp(824n, 10n)]).toEqual([83n, -83n, 82n]);
    expect([divideHalfEven(125n, 10n), divideHalfEven(135n, 10n), divideHalfEven(-125n, 10n)]).toEqual([
      12n,
      14n,
      -12n,
    ]);
  });

  test('both are symmetric and within half a unit', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.bigInt(1n, 10n ** 6n), (numerator, denominator) => {
        for (const divide of [divideHalfUp, divideHalfEven]) {
          const quotient = divide(numerator, denominator);
          expect(divide(-numerator, denominator)).toBe(-quotient);
          const twice = 2n * (numerator - quotient * denominator);
          expect(twice <= denominator && twice >= -denominator).toBe(true);
        }
      }),
    );
  });
});

describe('splitting a known total', () => {
  test('A6: 10.00 over three equal lines; ties go to the earlier line', () => {
    expect(allocate(1000n, [1n, 1n, 1n])).toEqual([334n, 333n, 333n]);
    expect(allocate(600n, [3000n, 1250n, 749n])).toEqual([360n, 150n, 90n]);
    expect(allocate(-1000n, [1n, 1n, 1n])).toEqual([-334n, -333n, -333n]);
  });

  test('nothing to split over, and weights that are all zero', () => {
    expect(allocate(0n, [])).toEqual([]);
    expect(() => allocate(1n, [])).toThrow(/over no parts/);
    expect(() => allocate(1n, [-1n])).toThrow(/negative weights/);
    expect(allocate(5n, [0n, 0n])).toEqual([5n, 0n]);
  });

  test('the parts always sum to the total, mirror with its sign, and no part is off by a whole unit', () => {
    const weights = fc.array(fc.bigInt(0n, 10n ** 9n), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), weights, (total, shares) => {
        const parts = allocate(total, shares);
        expect(sum(parts)).toBe(total);
        expect(allocate(-total, shares)).toEqual(parts.map((part) => -part));
        const whole = sum(shares);
        if (whole === 0n) return;
        for (const [index, part] of parts.entries()) {
          const off = part * whole - total * (shares[index] ?? 0n);
          expect(off < whole && off > -whole).toBe(true);
        }
      }),
    );
  });
});
