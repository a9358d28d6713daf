import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { rateFor } from './rate.ts';
import { fixture, mapping } from './test-support.ts';

const said = (minor: bigint, currency: string, rate: string) => rateFor(minor, currency, rate).CurrencyRate?.toString();

describe('a rate', () => {
  test.each([
    // 1 ÷ 0.85 = 1.17647059; EUR 24.00 ÷ 1.176471 = GBP 20.40.
    [2_400n, 'EUR', '0.85', '1.176471'],
    // 1 ÷ 0.00668 = 149.7005988; JPY 11 000 ÷ 149.700599 = USD 73.48.
    [11_000n, 'JPY', '0.00668', '149.700599'],
    // 1 ÷ 2.5 = 0.4; three decimals of the dinar do not matter.
    [1_500n, 'KWD', '2.5', '0.4'],
  ])('of %s %s at %s goes out turned round, with six decimals at most', (minor, currency, rate, expected) => {
    expect(said(minor, currency, rate)).toBe(expected);
  });

  test('that would miss the cent of the ledger gives way to the one beside it', () => {
    // EUR 0.30 × 0.85 = 0.255, half-even 0.26. 0.30 ÷ 1.176471 = 0.2549999 would be 0.25; 0.30 ÷ 1.17647 = 0.2550001.
    expect(said(30n, 'EUR', '0.85')).toBe('1.17647');
  });

  test('that no six decimals can say exactly is the nearest one', () => {
    // 1 ÷ 0.85 again: a million euros are 850 000.00, ÷ 1.176471 = 849 999.70, and 1.17647 is farther off.
    expect(said(100_000_000n, 'EUR', '0.85')).toBe('1.176471');
  });

  test('too small for six decimals is left to the provider', () => {
    expect(rateFor(1n, 'EUR', '3000000')).toEqual({});
  });

  test('is said by nothing in the organisation’s own currency', () => {
    for (const name of ['invoice', 'credit-note', 'payment', 'fees']) {
      expect(connector.encode(fixture(name).document, mapping)).not.toContain('CurrencyRate');
    }
    const note = { ...fixture('credit-note').document, currency: 'EUR', rate: '0.25' };
    expect(connector.encode(note, mapping)).toContain('"CurrencyCode":"EUR","CurrencyRate":4,');
  });
});
