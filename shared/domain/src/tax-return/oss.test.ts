import { expect, test } from 'vitest';
import { type OssSale, ossReturn } from './oss.ts';

const FRENCH: OssSale = {
  ...{ source: 'sale:1', code: 'OSS', net: 10000n, tax: 2000n, country: 'FR' },
  rates: [{ rate: '20', net: 10000n, tax: 2000n }],
};

test('sales are summed per country and rate, refunds against them', () => {
  const refund = { ...FRENCH, source: 'refund:1', net: -2500n, tax: -500n };
  const austrian = { ...FRENCH, source: 'sale:2', country: 'AT' };
  expect(ossReturn([FRENCH, refund, austrian])).toEqual({
    rows: [
      { country: 'AT', rate: '20', net: 10000n, tax: 2000n },
      { country: 'FR', rate: '20', net: 7500n, tax: 1500n },
    ],
    net: 17500n,
    tax: 3500n,
    incomplete: [],
  });
});

test('a sale of two rates is split by its lines, cents by largest remainder', () => {
  // Lines of 60.00 at 20 % and 40.00 at 5.5 % in another currency are 50.01 and tax 7.12 in ours: 30.01 and 20.00;
  // tax 12.00 to 2.20 of 7.12 is 6.0169… and 1.1030….
  const mixed = {
    ...FRENCH,
    ...{ net: 5001n, tax: 712n },
    rates: [
      { rate: '20', net: 6000n, tax: 1200n },
      { rate: '5.5', net: 4000n, tax: 220n },
    ],
  };
  expect(ossReturn([mixed]).rows).toEqual([
    { country: 'FR', rate: '5.5', net: 2000n, tax: 110n },
    { country: 'FR', rate: '20', net: 3001n, tax: 602n },
  ]);
});

test('a code may name country and rate; where nobody does the fact is listed', () => {
  const coded = { ...FRENCH, source: 'journal:1', code: 'OSS NL 21', country: null, rates: [] };
  const lost = { ...FRENCH, source: 'journal:2', country: null };
  const { rows, incomplete } = ossReturn([coded, lost]);
  expect(rows.map(({ country, rate }) => [country, rate])).toEqual([
    ['NL', '21'],
    [null, '20'],
  ]);
  expect(incomplete).toEqual(['journal:2']);
});
