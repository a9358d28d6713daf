import { expect, test } from 'vitest';
import { settlementLines } from './settlement.ts';

const ACCOUNTS = {
  settlement: { role: 'tax.settlement', account: '1780' },
  rounding: { role: 'rounding.cash', account: '2309' },
};
const GERMAN = { target: (use: keyof typeof ACCOUNTS) => ACCOUNTS[use], currency: 'EUR', document: 'UStVA 2026-03' };

test('tax accounts go to zero, the form is owed, and the cents between them are rounding', () => {
  // Tax accounts hold 19.00 and 0.99 to pay and 5.00 to reclaim: 14.99; the form says 14.50.
  const lines = settlementLines({
    balances: [
      { role: 'tax.output', account: '1776', amount: -1900n },
      { role: 'tax.output.7', account: '1771', amount: -99n },
      { role: 'tax.input', account: '1576', amount: 500n },
    ],
    due: 1450n,
    ...GERMAN,
  });
  expect(lines.map(({ account, amount }) => [account, amount])).toEqual([
    ['1776', 1900n],
    ['1771', 99n],
    ['1576', -500n],
    ['1780', -1450n],
    ['2309', -49n],
  ]);
});

test('what is reclaimed is a claim on the authority, and nothing is nothing', () => {
  const balances = [{ role: 'tax.input', account: '1576', amount: 500n }];
  const lines = settlementLines({ balances, due: -500n, ...GERMAN });
  expect(lines.map(({ account, amount }) => [account, amount])).toEqual([
    ['1576', -500n],
    ['1780', 500n],
  ]);
  expect(settlementLines({ balances: [], due: 0n, ...GERMAN })).toEqual([]);
});
