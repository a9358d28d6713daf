import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateGiving, splitTranslated, steadyRate, translate } from './fx.ts';
import { sum } from './money.ts';

test('A6: exponents count: JPY 11 000 at 0.00668 is USD 73.48, not 0.73', () => {
  expect(translate(11000n, 'JPY', 'USD', '0.00668')).toBe(7348n);
  expect(translate(1000n, 'KWD', 'USD', '3.25')).toBe(325n);
  expect(translate(325n, 'USD', 'KWD', '0.3')).toBe(975n);
});

test('translation rounds half to even', () => {
  expect(translate(25n, 'EUR', 'USD', '0.5')).toBe(12n);
  expect(translate(27n, 'EUR', 'USD', '0.5')).toBe(14n);
  expect(translate(-25n, 'EUR', 'USD', '0.5')).toBe(-12n);
});

test('the document is translated first and split over its lines: no cent is left over', () => {
  // 10.00 at 0.5 = 5.00; lines 3.33, 3.33, 3.34 → 1.665, 1.665, 1.67.
  expect(splitTranslated(500n, [333n, 333n, 334n], 'EUR', 'USD', '0.5')).toEqual([167n, 166n, 167n]);
  // A discount on the same side has the other sign: 12.00 − 2.01 = 9.99 → 4.995 → 5.00.
  expect(splitTranslated(500n, [1200n, -201n], 'EUR', 'USD', '0.5')).toEqual([600n, -100n]);
});

test('parts sum to the total, keep their sign, mirror for the refund, and are off by less than one unit', () => {
  const amounts = fc.array(fc.bigInt(-(10n ** 9n), 10n ** 9n), { minLength: 1, maxLength: 12 });
  const rates = fc.bigInt(1n, 10n ** 7n).map((units) => `${units / 10000n}.${String(units % 10000n).padStart(4, '0')}`);
  fc.assert(
    fc.property(amounts, rates, fc.constantFrom('JPY', 'EUR', 'KWD'), (parts, rate, from) => {
      const total = translate(sum(parts), from, 'USD', rate);
      const split = splitTranslated(total, parts, from, 'USD', rate);
      expect(sum(split)).toBe(total);
      const mirrored = splitTranslated(
        -total,
        parts.map((part) => -part),
        from,
        'USD',
        rate,
      );
      expect(mirrored).toEqual(split.map((part) => -part));
      for (const [index, part] of split.entries()) {
        const own = parts[index] ?? 0n;
        expect(part === 0n || part > 0n === own > 0n).toBe(true);
        const off = part - translate(own, from, 'USD', rate);
        expect(off >= -1n && off <= 1n).toBe(true);
      }
    }),
  );
});

test('the shortest rate that gives an amount is within a tenth of a cent, and signs have to agree', () => {
  expect(rateGiving(7348n, 'USD', 11000n, 'JPY')).toBe('0.00668');
  // 20.62 / 19.00 = 1.08526…; 1.085 gives 20.615, 1.0853 gives 20.6207.
  expect(rateGiving(2062n, 'USD', 1900n, 'EUR')).toBe('1.0853');
  expect(rateGiving(-2062n, 'USD', -1900n, 'EUR')).toBe('1.0853');
  expect(rateGiving(975n, 'KWD', 325n, 'USD')).toBe('0.3');
  expect(rateGiving(100n, 'USD', 1n, 'JPY')).toBe('1');
  expect(rateGiving(2062n, 'USD', -1900n, 'EUR')).toBeNull();
  expect(rateGiving(0n, 'USD', 1900n, 'EUR')).toBeNull();
  expect(rateGiving(1n, 'USD', 0n, 'EUR')).toBeNull();
});

test('a rate gives way only where it leaves exactly half a cent', () => {
  expect(steadyRate(1899n, 'EUR', 'USD', '1.085')).toBe('1.085');
  expect(steadyRate(2000n, 'EUR', 'USD', '1.085')).toBe('1.085');
  // 21.00 × 1.085 = 22.785, half to even 22.78; 21.00 × 1.0848 = 22.7808.
  expect(steadyRate(2100n, 'EUR', 'USD', '1.085')).toBe('1.0848');
});

test('any rate found gives the amount back, whichever way halves are rounded', () => {
  const amounts = fc.bigInt(1n, 10n ** 10n);
  fc.assert(
    fc.property(amounts, amounts, fc.constantFrom('JPY', 'EUR', 'KWD'), (worth, minor, from) => {
      const rate = rateGiving(worth, 'USD', minor, from) ?? '';
      expect(translate(minor, from, 'USD', rate)).toBe(worth);
      expect(steadyRate(minor, from, 'USD', rate)).toBe(rate);
    }),
  );
});
