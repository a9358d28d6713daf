import { expect, test } from 'vitest';
import { addDecimals, parseRatio, plainDecimal, subtractDecimals } from './decimal.ts';

test('rates written differently are one rate', () => {
  expect(['20', '20.0', '20.0000', '020', '8.2500', '0.00', '-0', '-1.50', '100'].map(plainDecimal)).toEqual([
    '20',
    '20',
    '20',
    '20',
    '8.25',
    '0',
    '0',
    '-1.5',
    '100',
  ]);
});

test('decimals are exact fractions, and anything else is refused', () => {
  expect(parseRatio('8.25')).toEqual({ numerator: 825n, denominator: 100n });
  for (const text of ['', '1e3', '1,5', '20 %', '.5']) expect(() => parseRatio(text), text).toThrow(/not a decimal/);
});

test('quantities add without rounding', () => {
  expect(addDecimals('0.1', '0.2')).toBe('0.3');
  expect(addDecimals('2.5', '-1')).toBe('1.5');
});

test('quantities subtract without rounding', () => {
  expect(subtractDecimals('2.5', '1')).toBe('1.5');
  expect(subtractDecimals('1', '1.25')).toBe('-0.25');
  expect(subtractDecimals('0.3', '0.1')).toBe('0.2');
  expect(subtractDecimals('3', '3.00')).toBe('0');
});
