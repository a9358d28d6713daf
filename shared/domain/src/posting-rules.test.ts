import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, paymentOf, rows, saleOf, taxed } from '../test/books.ts';
import { c1, c3, c18, card, GB, US } from '../test/examples.ts';
import { entriesFor } from './posting-rules.ts';

/** Worked examples of accounting.md C that post from a sale or a payment, to the cent. */
describe('sales', () => {
  test('C1a: a card sale with exclusive tax', () => {
    expect(rows(entriesFor(c1, factsWith(), US)[0], 'USD')).toEqual([
      'Dr clearing.stripe 54.10',
      'Cr sales.revenue.standard 49.98',
      'Cr tax.output 4.12',
    ]);
  });

  const c2 = saleOf({
    currency: 'GBP',
    pricesIncludeTax: true,
    lines: [
      { kind: 'product', sku: 'A', listNet: 2500n, discount: 300n, net: 2200n, taxes: taxed(440n, '20') },
      { kind: 'product', sku: 'B', listNet: 1250n, discount: 150n, net: 1100n, taxes: taxed(0n, '0') },
      { kind: 'product', sku: 'C', listNet: 713n, discount: 85n, net: 628n, taxes: taxed(31n, '5') },
    ],
    tenders: [card('shopify_payments', 4399n)],
  });

  test('C2: an order discount over three rates is contra revenue, per tax code', () => {
    const [entry] = entriesFor(c2, factsWith(), GB);
    expect(rows(entry, 'GBP')).toEqual([
      'Dr clearing.shopify_payments 43.99',
      'Cr sales.revenue.standard 25.00',
      'Cr tax.output 4.71',
      'Dr sales.discount 5.35',
      'Cr sales.revenue.zero 12.50',
      'Cr sales.revenue.reduced 7.13',
    ]);
    const discounts = entry?.lines.filter((line) => line.role === 'sales.discount');
    expect(discounts?.map((line) => [line.taxCode, line.taxKind, line.amount])).toEqual([
      ['S20', 'net_out', 300n],
      ['Z0', 'net_out', 150n],
      ['R5', 'net_out', 85n],
    ]);
    const taxes = entry?.lines.filter((line) => line.role === 'tax.output');
    expect(taxes?.map((line) => [line.taxCode, line.taxKind, line.amount])).toEqual([
      ['S20', 'tax_out', -440n],
      ['R5', 'tax_out', -31n],
    ]);
  });

  test('C2 with discounts presented net: revenue is what was charged', () => {
    const books = booksIn('GB', { settings: { discountPresentation: 'net' } });
    expect(rows(entriesFor(c2, factsWith(), books)[0], 'GBP')).toEqual([
      'Dr clearing.shopify_payments 43.99',
      'Cr sales.revenue.standard 22.00',
      'Cr tax.output 4.71',
      'Cr sales.revenue.zero 11.00',
      'Cr sales.revenue.reduced 6.28',
    ]);
  });

  test('C3: shipping and a tip, which is neither taxed nor revenue', () => {
    expect(rows(entriesFor(c3, factsWith(), US)[0], 'USD')).toEqual([
      'Dr clearing.square 30.00',
      'Cr sales.revenue.standard 20.00',
      'Cr tax.output 2.00',
      'Cr sales.shipping 5.00',
      'Cr tips.payable 3.00',
    ]);
  });

  test('C4a: a gift card sold is owed, not earned, and on no return', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'gift_card', net: 5000n }],
      tenders: [card('shopify_payments', 5000n)],
    });
    const [entry] = entriesFor(sale, factsWith(), GB);
    expect(rows(entry, 'GBP')).toEqual(['Dr clearing.shopify_payments 50.00', 'Cr giftcard.liability 50.00']);
    expect(entry?.lines.every((line) => line.taxCode === undefined)).toBe(true);
  });

  test('C4b: a single-purpose gift card is taxed when sold', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'gift_card', net: 4167n, taxes: taxed(833n, '20') }],
      tenders: [card('shopify_payments', 5000n)],
    });
    expect(rows(entriesFor(sale, factsWith(), GB)[0], 'GBP')).toEqual([
      'Dr clearing.shopify_payments 50.00',
      'Cr giftcard.liability 41.67',
      'Cr tax.output 8.33',
    ]);
  });

  test('a gift card sold at a discount is owed at its face value', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'gift_card', listNet: 5000n, discount: 1000n, net: 4000n }],
      tenders: [card('shopify_payments', 4000n)],
    });
    for (const discountPresentation of ['contra_revenue', 'net'] as const) {
      const books = booksIn('GB', { settings: { discountPresentation } });
      expect(rows(entriesFor(sale, factsWith(), books)[0], 'GBP')).toEqual([
        'Dr clearing.shopify_payments 40.00',
        'Cr giftcard.liability 50.00',
        'Dr sales.discount 10.00',
      ]);
    }
  });

  test('C4c: a gift card used is a tender', () => {
    const sale = saleOf({
      currency: 'GBP',
      pricesIncludeTax: true,
      lines: [{ kind: 'product', net: 5000n, taxes: taxed(1000n, '20') }],
      tenders: [{ kind: 'gift_card', amount: 5000n }, card('stripe', 1000n)],
    });
    expect(rows(entriesFor(sale, factsWith(), GB)[0], 'GBP')).toEqual([
      'Dr giftcard.liability 50.00',
      'Dr clearing.stripe 10.00',
      'Cr sales.revenue.standard 50.00',
      'Cr tax.output 10.00',
    ]);
  });

  test('C6: cash rounded at the till is outside the tax base, and rounding down is our cost', () => {
    const line = { kind: 'product' as const, net: 795n, taxes: taxed(203n, '25.5', 'VAT') };
    const paidWith = (rounding: bigint, cash: bigint) =>
      saleOf({
        currency: 'EUR',
        pricesIncludeTax: true,
        lines: [line, { kind: 'rounding', net: rounding }],
        tenders: [{ kind: 'cash', amount: cash }],
      });
    const finland = booksIn('FI');
    const [entry] = entriesFor(paidWith(2n, 1000n), factsWith(), finland);
    expect(rows(entry, 'EUR')).toEqual([
      'Dr cash.drawer 10.00',
      'Cr sales.revenue.standard 7.95',
      'Cr tax.output 2.03',
      'Cr rounding.cash 0.02',
    ]);
    expect(entry?.lines.find((line) => line.role === 'tax.output')?.taxCode).toBe('VAT 25.5%');
    expect(rows(entriesFor(paidWith(-3n, 995n), factsWith(), finland)[0], 'EUR')).toContain('Dr rounding.cash 0.03');
  });

  test('C12b: an exchange paid partly with the credit of what came back', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'product', net: 5000n, taxes: taxed(1000n, '20') }],
      tenders: [{ kind: 'store_credit', amount: 4900n }, card('square', 1100n)],
    });
    expect(rows(entriesFor(sale, factsWith(), GB)[0], 'GBP')).toEqual([
      'Dr storecredit.liability 49.00',
      'Dr clearing.square 11.00',
      'Cr sales.revenue.standard 50.00',
      'Cr tax.output 10.00',
    ]);
  });

  test('duties, donations and deposits are owed; a deposit alone is its own journal', () => {
    const sale = saleOf({
      currency: 'USD',
      lines: [
        { kind: 'product', net: 1000n },
        { kind: 'duty', net: 120n },
        { kind: 'donation', net: 100n },
      ],
      tenders: [card('stripe', 1220n)],
    });
    expect(rows(entriesFor(sale, factsWith(), US)[0], 'USD')).toEqual([
      'Dr clearing.stripe 12.20',
      'Cr sales.revenue.exempt 10.00',
      'Cr duties.payable 1.20',
      'Cr donations.payable 1.00',
    ]);
    const deposit = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'deposit', net: 10000n, taxes: taxed(2000n, '20') }],
      tenders: [card('stripe', 12000n)],
    });
    const [entry] = entriesFor(deposit, factsWith(), GB);
    expect([entry?.entryType, ...rows(entry, 'GBP')]).toEqual([
      'DEP',
      'Dr clearing.stripe 120.00',
      'Cr customer.deposits 100.00',
      'Cr tax.output 20.00',
    ]);
  });

  test('C19a and C19b: what is due goes to receivables with party and document, and a payment settles it', () => {
    const sale = saleOf({
      currency: 'GBP',
      lines: [{ kind: 'product', net: 100000n, taxes: taxed(20000n, '20') }],
      due: 120000n,
      terms: { dueDate: '2026-04-09' },
      customer: { id: 'c7', name: 'Quayside Hotel' },
    });
    const [entry] = entriesFor(sale, factsWith(), GB);
    expect(rows(entry, 'GBP')).toEqual([
      'Dr ar.control 1200.00',
      'Cr sales.revenue.standard 1000.00',
      'Cr tax.output 200.00',
    ]);
    const owed = entry?.lines[0];
    expect(owed?.party).toBe('webshop:demo.example:customer:c7');
    const [receipt] = entriesFor(
      paymentOf({ currency: 'GBP', amount: 50000n }),
      factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), GB) }),
      GB,
    );
    expect([receipt?.entryType, ...rows(receipt, 'GBP')]).toEqual([
      'RCT',
      'Dr clearing.bank_transfer 500.00',
      'Cr ar.control 500.00',
    ]);
    expect(receipt?.lines[1]).toMatchObject({ party: owed?.party, document: owed?.document });
  });

  test('C14a and C14c: tax a marketplace collects never reaches our tax account', () => {
    const sale = saleOf({
      currency: 'USD',
      lines: [
        {
          kind: 'product',
          net: 4000n,
          taxes: [{ name: 'CA tax', rate: '8.25', amount: 330n, collectedBy: 'channel' }],
        },
      ],
      tenders: [card('marketplace', 4330n)],
    });
    const [net] = entriesFor(sale, factsWith(), US);
    expect(rows(net, 'USD')).toEqual(['Dr clearing.marketplace 40.00', 'Cr sales.revenue.standard 40.00']);
    expect(net?.lines[1]).toMatchObject({ taxCode: 'MKT', taxKind: 'net_out' });
    const gross = booksIn('US', { settings: { channelTax: 'gross' } });
    expect(rows(entriesFor(sale, factsWith(), gross)[0], 'USD')).toEqual([
      'Dr clearing.marketplace 43.30',
      'Cr sales.revenue.standard 40.00',
      'Cr tax.marketplace 3.30',
    ]);
  });

  test('tax a channel collects stays owed to it when the buyer paid with a gift card', () => {
    const sale = saleOf({
      currency: 'USD',
      lines: [{ kind: 'product', net: 4000n, taxes: [{ name: 'CA', amount: 330n, collectedBy: 'channel' }] }],
      tenders: [{ kind: 'gift_card', amount: 4130n }, card('stripe', 200n)],
    });
    expect(rows(entriesFor(sale, factsWith(), US)[0], 'USD')).toEqual([
      'Dr giftcard.liability 41.30',
      'Cr sales.revenue.standard 40.00',
      'Cr tax.marketplace 1.30',
    ]);
  });

  test('C18a: a foreign sale keeps both amounts on every line', () => {
    const [entry] = entriesFor(c18, factsWith(), US);
    expect(rows(entry, 'USD')).toEqual([
      'Dr clearing.stripe.JPY 73.48',
      'Cr sales.revenue.standard 66.80',
      'Cr tax.output 6.68',
    ]);
    expect(entry?.lines.map((line) => [line.currency, line.amountTc])).toEqual([
      ['JPY', 11000n],
      ['JPY', -10000n],
      ['JPY', -1000n],
    ]);
  });
});

describe('a foreign receivable', () => {
  test('leaves at its own rate; the difference to the day of payment is realised, and the last payment leaves zero', () => {
    const rates = { 'EUR 2026-03-10': '0.8640', 'EUR 2026-03-20': '0.8700', 'EUR 2026-03-30': '0.8600' };
    const books = booksIn('GB', { roles: { 'clearing.bank_transfer.EUR': '1245' }, rates });
    const sale = saleOf({
      currency: 'EUR',
      lines: [{ kind: 'product', net: 13500n, taxCode: 'EXP0' }],
      due: 13500n,
    });
    const facts = factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), books) });
    expect(rows(facts.saleEntries[0], 'GBP')[0]).toBe('Dr ar.control 116.64');
    const paid = (amount: bigint, occurredAt: string) => paymentOf({ currency: 'EUR', amount, occurredAt });
    const first = paid(10000n, '2026-03-20T09:00:00Z');
    expect(rows(entriesFor(first, facts, books)[0], 'GBP')).toEqual([
      'Dr clearing.bank_transfer.EUR 87.00',
      'Cr ar.control 86.40',
      'Cr fx.gain 0.60',
    ]);
    const last = paid(3500n, '2026-03-30T09:00:00Z');
    expect(rows(entriesFor(last, { ...facts, earlierPayments: [first] }, books)[0], 'GBP')).toEqual([
      'Dr clearing.bank_transfer.EUR 30.10',
      'Cr ar.control 30.24',
      'Dr fx.loss 0.14',
    ]);
  });
});

describe('dates', () => {
  const sale = (occurredAt: string) =>
    saleOf({ currency: 'GBP', occurredAt, lines: [{ kind: 'product', net: 100n }], tenders: [card('stripe', 100n)] });

  test('the posting date is the local calendar date: 23:30 UTC on 31 March is 1 April in London', () => {
    const books = booksIn('GB', { timeZone: 'Europe/London' });
    expect(entriesFor(sale('2026-03-31T23:30:00Z'), factsWith(), books)[0]?.postingDate).toBe('2026-04-01');
    expect(entriesFor(sale('2026-03-28T23:30:00Z'), factsWith(), books)[0]?.postingDate).toBe('2026-03-28');
  });

  test('a late fact is booked on the first open day, says so, and keeps its tax point', () => {
    const books = booksIn('GB', { openFrom: '2026-04-01' });
    expect(entriesFor(sale('2026-03-15T10:00:00Z'), factsWith(), books)[0]).toMatchObject({
      postingDate: '2026-04-01',
      taxPoint: '2026-03-15',
      occurredAt: '2026-03-15T10:00:00Z',
      memo: 'Demo shop sale 1001 (late: business date 2026-03-15 is closed)',
    });
  });

  test('no open day at all is PERIOD_CLOSED', () => {
    const books = { ...booksIn('GB'), isOpen: () => false };
    expect(() => entriesFor(sale('2026-03-15T10:00:00Z'), factsWith(), books)).toThrow(/2026-03-15 is not in an open/);
  });
});

test('a free order posts nothing, and a line at zero is dropped', () => {
  const free = saleOf({ currency: 'GBP', lines: [{ kind: 'product', net: 0n, taxes: taxed(0n, '20') }] });
  expect(entriesFor(free, factsWith(), GB)).toEqual([]);
});
