import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, paymentOf, refundOf, saleOf, taxed } from '../test/books.ts';
import { card, GB, US } from '../test/examples.ts';
import { DomainError } from './domain-error.ts';
import { makeEvent } from './events.ts';
import { entriesFor } from './posting-rules.ts';

/** How taxes and tenders find their codes and accounts, and what is refused when they do not. */
describe('what the rules refuse', () => {
  const refusal = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (error instanceof DomainError) return [error.code, error.subject];
      throw error;
    }
    return 'accepted';
  };
  const sold = (tender: { kind: 'card' | 'other'; processor?: string }, currency = 'GBP') =>
    saleOf({ currency, lines: [{ kind: 'product', net: 100n }], tenders: [{ ...tender, amount: 100n }] });

  test('an unknown processor, and a known one in a currency without an account', () => {
    const books = booksIn('GB', { rates: { USD: '0.75' } });
    const post = (sale: ReturnType<typeof sold>) => () => entriesFor(sale, factsWith(), books);
    const unresolved = (role: string) => ['ACCOUNT_UNRESOLVED', role];
    expect(refusal(post(sold({ kind: 'card', processor: 'klarna' })))).toEqual(unresolved('clearing.klarna'));
    expect(refusal(post(sold({ kind: 'other' })))).toEqual(unresolved('clearing.other'));
    const dollars = sold({ kind: 'card', processor: 'stripe' }, 'USD');
    expect(refusal(post(dollars))).toEqual(unresolved('clearing.stripe.USD'));
  });

  test('a tax without a rule, in Britain; in the US it gets a code of its own', () => {
    const sale = (currency: string) =>
      saleOf({
        currency,
        lines: [{ kind: 'product', net: 100n, taxes: taxed(13n, '13', 'Los Angeles  County Tax') }],
        tenders: [card('stripe', 113n)],
      });
    expect(refusal(() => entriesFor(sale('GBP'), factsWith(), GB))).toEqual([
      'TAX_UNRESOLVED',
      'Los Angeles  County Tax 13',
    ]);
    const [entry] = entriesFor(sale('USD'), factsWith(), US);
    expect(entry?.lines.map((line) => line.taxCode)).toEqual([
      undefined,
      'LOS ANGELES COUNTY TAX',
      'LOS ANGELES COUNTY TAX',
    ]);
  });

  test('a foreign currency without a rate', () => {
    const sale = sold({ kind: 'card', processor: 'stripe' }, 'EUR');
    expect(refusal(() => entriesFor(sale, factsWith(), GB))).toEqual(['RATE_MISSING', 'EUR 2026-03-10']);
  });

  test('a refund or payment whose sale is not there yet, and a refund of unknown tax without any sale', () => {
    const refund = refundOf({ currency: 'GBP', lines: [{ kind: 'product', net: 1n }], tenders: [card('stripe', 1n)] });
    expect(refusal(() => entriesFor(refund, factsWith(), GB))).toEqual(['SALE_UNKNOWN', '1001']);
    const payment = paymentOf({ currency: 'GBP', amount: 1n });
    expect(refusal(() => entriesFor(payment, factsWith(), GB))).toEqual(['SALE_UNKNOWN', '1001']);
    const orphan = refundOf({
      currency: 'GBP',
      sale: null,
      lines: [{ kind: 'adjustment', net: 1n, taxUnknown: true }],
      tenders: [card('stripe', 1n)],
    });
    expect(refusal(() => entriesFor(orphan, factsWith(), GB))).toEqual(['SALE_UNKNOWN', undefined]);
  });

  test('what a channel tells of stock, of a company that keeps no items', () => {
    const counted = makeEvent({
      version: 1,
      type: 'stock',
      channel: 'webshop',
      id: 'count-1',
      revision: '1',
      occurredAt: '2026-03-10T12:00:00Z',
      currency: 'GBP',
      test: false,
      kind: 'count',
      sku: 'MUG',
      quantity: '10',
    });
    expect(refusal(() => entriesFor(counted, factsWith(), GB))).toEqual(['ACCOUNT_UNRESOLVED', 'inventory group']);
  });
});

test('state, county and city taxes on one line keep a code each; the net names them all', () => {
  const taxes = [
    { name: 'Texas State Tax', rate: '6.25', amount: 625n },
    { name: 'Austin City Tax', rate: '1', amount: 100n },
    { name: 'Some District', rate: '0', amount: 0n },
  ];
  const sale = saleOf({
    currency: 'USD',
    lines: [{ kind: 'product', net: 10000n, taxes }],
    tenders: [card('stripe', 10725n)],
  });
  const [entry] = entriesFor(sale, factsWith(), US);
  expect(entry?.lines.map((line) => [line.role, line.taxCode, line.amount])).toEqual([
    ['clearing.stripe', undefined, 10725n],
    ['sales.revenue.standard', 'AUSTIN CITY TAX+TEXAS STATE TAX', -10000n],
    ['tax.output', 'TEXAS STATE TAX', -625n],
    ['tax.output', 'AUSTIN CITY TAX', -100n],
  ]);
});

test('German tax, discounts and returns sit on the accounts of their rate', () => {
  const sale = saleOf({
    currency: 'EUR',
    lines: [
      { kind: 'product', listNet: 11000n, discount: 1000n, net: 10000n, taxes: taxed(1900n, '19.00') },
      { kind: 'product', listNet: 1100n, discount: 100n, net: 1000n, taxes: taxed(70n, '7.00') },
      { kind: 'shipping', net: 500n, taxes: taxed(35n, '7') },
    ],
    tenders: [card('paypal', 13505n)],
  });
  const [entry] = entriesFor(sale, factsWith(), booksIn('DE'));
  expect(entry?.lines.map((line) => [line.account, line.taxCode, line.amount])).toEqual([
    ['1361', undefined, 13505n],
    ['8400', 'U19', -11000n],
    ['1776', 'U19', -1900n],
    ['8790', 'U19', 1000n],
    ['8300', 'U7', -1600n],
    ['1771', 'U7', -105n],
    ['8780', 'U7', 100n],
  ]);
});

test('the most specific tax rule wins: name before channel before rate', () => {
  const rules = [
    { channel: null, name: null, rate: '20.0000', code: 'S20' },
    { channel: 'webshop', name: null, rate: null, code: 'R5' },
    { channel: null, name: 'export', rate: null, code: 'EXP0' },
  ];
  const codeFor = (name: string, taxRules: typeof rules) => {
    const lines = [{ kind: 'product' as const, net: 100n, taxes: taxed(20n, '20', name) }];
    const sale = saleOf({ currency: 'GBP', lines, tenders: [card('stripe', 120n)] });
    return entriesFor(sale, factsWith(), { ...GB, taxRules })[0]?.lines[1]?.taxCode;
  };
  expect(codeFor('VAT', rules.slice(0, 1))).toBe('S20');
  expect(codeFor('VAT', rules)).toBe('R5');
  expect(codeFor(' Export ', rules)).toBe('EXP0');
});
