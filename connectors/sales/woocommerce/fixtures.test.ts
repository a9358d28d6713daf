import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fixtureNames } from '../../kit/fixture.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * How each `.expected.json` was worked out from its payload and the documents, by hand. That it comes out is held in
 * test/conformance.test.ts.
 */
const WHY: Readonly<Record<string, string>> = {
  'bank-transfer': 'bacs, paid when the merchant moved the order on: 5.00 + 1.00',
  'business-with-its-own-numbers':
    'the number differs from the id; no person, so the company; the VAT number is plugin meta',
  'cancelled-after-payment': 'the money is here until a refund says otherwise (accounting.md C7)',
  'cancelled-unpaid': 'never paid: a void (C13)',
  'cash-on-delivery': 'completed, and paid by that: 6.00',
  charge: 'balance_transaction.fee 31 is 0.31; created 1773144010 is 2026-03-10T12:00:10Z; the order tells the sale',
  'checkout-draft': 'block checkout leaks drafts',
  'compound-tax': 'GST 5.00; QST 9.5 % of 105.00 = 9.975; 14.975 → 14.98, of which 5.00 and 9.98 (largest remainder)',
  dinar: '10.000 + 0.505: KWD has three decimals',
  'failed-after-payment': 'the payment came back: nothing sold, as a later revision',
  'fee-ignored': 'setting fees=ignore: the gateway is connected itself',
  'fee-in-settlement-currency': '_stripe_fee is in _stripe_currency, here GBP for a USD order',
  'free-order': '5.00 less a coupon of 5.00; paid at once, no tender',
  'gift-card-sold': 'card 50.00 without tax, mug 10.00 + 2.00 (C4a)',
  'gift-card-used': 'total 10.00 + redeemed 50.00 = 60.00, the full price (C4c)',
  'inclusive-prices-coupon':
    'C2: 30 → 25.00 list net, 26.40 − 4.40 = 22.00; 12.50 → 11.00; 7.49 − 0.36 = 7.13, 6.59 − 0.31 = 6.28; 43.99',
  'list-of-orders': 'the first is paid, the second is not',
  'lost-rights': 'an error object instead of an order',
  'negative-fee': '48.00 − 6.00 = 42.00',
  'order-deleted': 'only the id: the books are told, nothing is taken out of them',
  'order-reread': 'the order as we read it, with its refunds: C8',
  'paid-by-card': 'C1a: 49.98 + 4.12 = 54.10; the fee of 1.87 is a fact of its own; _stripe_net is not read',
  'payment-failed': 'no date_paid: the customer may try again',
  payouts: 'date 1773187200000 ms is 2026-03-11; in transit is none yet, failed is 0, a withdrawal is negative',
  'paypal-fee': '2.38 of the breakdown; wallet of PayPal',
  'pennies-off': '9.99 ÷ 6 = 1.665 → 1.67, 8.325 → 8.33: three lines show 30.00, the order is 29.97',
  'refund-alone': 'the order comes from its link, the currency from the setting; the gateway is unknown: by hand',
  'refund-amount-only': 'no lines: an amount with unknown tax (C11), not paid back by the gateway',
  'refund-contradicts': 'lines 27.05, amount 20.00, and which tax was kept nobody knows',
  'refund-deleted': 'listed by the order, gone when asked: 0',
  'refund-in-short': 'refunds[] only has the amount: one line with unknown tax, earlier than any detail',
  'refund-less-than-its-lines': '50.00 came back, 10.00 was kept; no tax anywhere',
  'refund-more-than-its-lines': '27.05 of lines, 5.00 more without a line',
  'refund-needs-its-order': 'no currency anywhere',
  'refund-partial': 'C8: half of 49.98 and of 4.12',
  'refund-shipping': 'C9: 5.00 + 0.40',
  'settlements-only': 'the sale is booked elsewhere, its fee is not',
  'several-rates': 'GST 5.00 + PST 7.00 on 100.00; shipping bears GST only, the empty PST does not apply: 122.50',
  'store-credit-used': 'total 4.00 + funds 8.00 = 12.00',
  'store-without-decimals': 'each 4.50 shows 4 + 1; the order shows 9: one crown off is one step, not 100 cents',
  'subscription-renewal-in-test-mode': '_wcpay_mode test; the fee in the intent’s currency',
  'tax-too-far-off': 'lines bear 1.00, total_tax says 0.90',
  'tip-and-shipping': 'C3: 20.00 + 1.60 + 5.00 + 0.40 + 3.00 = 30.00',
  'too-far-off': 'lines 6.00, total 5.00',
  'unpaid-on-hold': 'no date_paid',
  yen: '10000 + 1000, no decimals',
};

describe('fixtures', () => {
  test('each one has its arithmetic written down', () => {
    expect(Object.keys(WHY).sort()).toEqual(fixtureNames(folder));
  });
});
