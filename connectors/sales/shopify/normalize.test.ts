import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fixtureNames, readSalesFixture } from '../../kit/fixture.ts';
import { connector } from './connector.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * How each `.expected.json` was worked out from its payload and the documents, by hand. That it comes out is held in
 * test/conformance.test.ts.
 */
const WHY: Readonly<Record<string, string>> = {
  authorised: 'an authorisation is not money (accounting.md C13)',
  'cancelled-after-capture': '80.00 ÷ 6 = 13.33 tax; paid before it was cancelled, so sale and refund of 80.00 stand',
  'cancelled-before-capture': 'voided, one refund without money: only the void',
  capture: 'a transaction names no lines: the order has to be read',
  'cash-rounding': '9.98 − 2.03 = 7.95 net; 10.00 handed over, 0.02 rounding (C6)',
  'channel-liable-tax': '40.00 + 3.30 that the marketplace remits',
  'contradicting-tax': '36.00 adds up, but total_tax says 5.99 and the line 6.00',
  'contradicting-total': '30.00 + 6.00 = 36.00, total_price says 35.99',
  'dispute-lost': 'lost on 2026-12-01; the fee is not in the payload',
  'duties-and-discounts': '200 − 10 − 19 = 171.00, + duty 8.40 + its tax 0.42 + fee 1.50, shipping 15 − 15 = 0: 181.32',
  'eighteen-digit-ids': 'the plain ids end in 500, the global ids have the true last digits',
  'exchange-reread':
    'coat 60.00 back for a scarf 30.00: 60.00 paid in, 30.00 paid out, 30.00 by exchange on both sides',
  'gift-card-sold': '50.00 liability without tax, mug 12.00 ÷ 6 = 2.00 tax',
  'gift-card-used': '60.00 = 50.00 gift card + 10.00 card; total stays 60.00 (C4c)',
  'order-edited':
    'plates 3 − 1 current − 1 refunded = 1 removed, so 2 sold: 22.00 + 4.40 = 26.40 = current 15.40 + refund 11.00',
  'partly-paid': '600.00 − 450.00 outstanding = 150.00 by bank deposit',
  payouts: '1000.00 − 30.27 − 54.10 = 915.63; in transit is no payout yet, the failed one is 0',
  'refund-buyers-currency': 'CAD 0.90 + 0.90 = 1.80 proves it; in the shop INR 60.93 + 60.94 = 121.87',
  'refund-discrepancy': '85.50 + duty 4.20 − 10.00 kept = 79.70 as store credit',
  'refund-partial': 'half of 4.12 is 2.06, split 3.12 : 1.00 → 1.56 and 0.50; 24.99 + 2.06 = 27.05 (C8)',
  'refund-pending': 'no successful transaction: no money moved',
  'refund-shipping': 'shipping 5.00 + 0.40; the adjustment repeats it with the opposite sign (C9)',
  'refund-tax-inclusive': '60.00 + 10.00 is not 60.00, so the subtotal contains the tax: 50.00 + 10.00',
  'refund-without-lines': 'entry −5.00 is 5.00 given back, tax unknown (C11)',
  'several-gateways': 'two gateways: nobody knows how much each paid',
  'tax-inclusive-discount':
    'C2: 30 → 25.00 list net, 26.40 − 4.40 = 22.00; 12.50 → 11.00; 7.49 − 0.36 = 7.13, 6.59 − 0.31 = 6.28',
  'tip-and-shipping': 'C3: 20.00 + 1.60 + 3.00 tip + 5.00 + 0.40 = 30.00; the tip is a line already, so it counts once',
  'two-currencies': '2 × 24.99 + 4.12 = 54.10; split by CAD 50.00 : 23.04 → 37.03 and 17.07',
  'unpaid-on-terms': '500.00 + 100.00, nothing paid, due on 3 December',
  yen: '11 000 with 1 000 tax inside; JPY has no decimals',
  'balance-contradicting': '43.99 − 1.58 = 42.41, but net says 43.99',
  'balance-converted': '116.37 × 2.9 % = 3.37 + 0.30 = 3.67; the order says 100.00 and 25.00 in pounds',
  'balance-converted-thin': 'euros in a shop of pounds: only the order tells how many pounds they were',
  'balance-graphql':
    '43.99 × 2.9 % = 1.28 + 0.30 = 1.58; the dispute costs 15.00; 100.00 × 2.9 % + 0.30 = 3.20, a test',
  'balance-rest': '1.58 of the charge, 15.00 alone; refund, reserve and payout bear no fee',
  'balance-without-fees': 'a refund without fee; the 0.12 of an adjustment is in what its payout posts',
  'dispute-fee-given-back': '43.99 + 15.00 = 58.99 come back: a fee of −15.00',
  'dispute-polled-inquiry': 'an inquiry takes no money (accounting.md C13)',
  'dispute-polled-won': 'all that is ever seen of it: opened and won; GraphQL names the day only, so noon',
  'payout-all-test': '10.00 − 0.59 = 9.41, all of it a test',
  'payout-contradicting': 'without the refund 969.73 − 100.00 = 869.73, but the amount says 815.63',
  'payout-itemised': '582.30 + 387.43 − 54.10 − 100.00 = 815.63 (C16a); the charge of 9.00 is in another payout',
  'payout-polled-failed': 'it takes itself back; the fee of 0.59 was charged all the same',
  'payout-polled-retried': '9.41 of the payout that came back − 4.00 − 15.00 + 15.00 = 5.41',
  'payout-polled-scheduled': 'not paid yet',
  'payout-polled-withdrawal': '10.00 − 0.59 − 20.00 − 25.00 = −35.59, told as a withdrawal of 35.59',
  'settlements-only-payout': 'as payout-itemised: fees and payouts are what settles',
};

function outcome(topic: string, body: unknown, settings: Record<string, string> = {}): unknown {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    return connector.normalize({ topic, headers: {}, body: Buffer.from(text) }, { settings, fetched: {} });
  } catch (error) {
    return error;
  }
}

describe('fixtures', () => {
  test('each one has its arithmetic written down', () => {
    expect(Object.keys(WHY).sort()).toEqual(fixtureNames(folder));
  });
});

/** A one-line order of 10.00 paid by card, with some fields replaced. */
function plainOrder(
  changes: Record<string, unknown> = {},
  line: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: 1,
    name: '#1',
    created_at: '2026-11-01T00:30:00+02:00',
    processed_at: '2026-11-01T00:30:00+02:00',
    updated_at: '2026-11-01T00:30:05+02:00',
    currency: 'EUR',
    financial_status: 'paid',
    payment_gateway_names: ['shopify_payments'],
    total_price: '10.00',
    line_items: [{ id: 2, title: 'Cup', quantity: 1, current_quantity: 1, price: '10.00', ...line }],
    ...changes,
  };
}

describe('what is refused or ignored', () => {
  test('a contradiction names field, order, both amounts and the difference', () => {
    expect(outcome('orders/create', plainOrder({ total_price: '11.50' }))).toMatchObject({
      kind: 'rejected',
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      subject: 'total_price',
      message: expect.stringMatching(/order #1 \(1\).*EUR 10\.00.*total_price says EUR 11\.50.*difference EUR -1\.50/),
    });
  });

  test.for([
    ['orders/create', plainOrder({}, { price: '10.005' }), 'INVALID_AMOUNT_SCALE'],
    ['orders/create', plainOrder({ currency: 'JPY', total_price: '10' }, { price: '10.50' }), 'INVALID_AMOUNT_SCALE'],
    ['orders/create', plainOrder({ currency: 'EUX' }), 'CURRENCY_UNKNOWN'],
    ['orders/create', plainOrder({ total_price: 'ten' }), 'INVALID_AMOUNT'],
    ['orders/create', plainOrder({ total_price: null }), 'PAYLOAD_UNREADABLE'],
    ['orders/create', plainOrder({ processed_at: 'yesterday', created_at: '2026-11-01 00:30' }), 'PAYLOAD_UNREADABLE'],
    [
      'orders/create',
      plainOrder({ total_price_set: { shop_money: { amount: '10.00', currency_code: 'USD' } } }),
      'CURRENCY_MISMATCH',
    ],
    ['orders/create', { id: 1 }, 'PAYLOAD_UNREADABLE'],
    ['refunds/create', { id: 5, transactions: 'none' }, 'PAYLOAD_UNREADABLE'],
    ['orders/paid', '', 'PAYLOAD_NOT_JSON'],
    ['orders/paid', '{"id":1', 'PAYLOAD_NOT_JSON'],
  ] as const)('%s that cannot be read ends in a code of its own', ([topic, body, code]) => {
    expect(outcome(topic, body)).toMatchObject({ kind: 'rejected', code });
  });

  test('an order that another app sells as merchant of record is not the shop’s revenue', () => {
    expect(outcome('orders/create', plainOrder({ merchant_of_record_app_id: 77 }))).toEqual({
      ignored: "order #1 (1) was sold by app 77 as merchant of record: not the shop's own revenue",
    });
  });

  test.for([
    ['app/uninstalled', 'disconnected'],
    ['app/scopes_update', 'scopes_changed'],
    ['customers/data_request', 'privacy_request'],
    ['customers/redact', 'privacy_request'],
    ['shop/redact', 'privacy_request'],
  ] as const)('%s is a notice %s', ([topic, code]) => {
    expect(outcome(topic, { id: 1 })).toEqual({
      ignored: expect.any(String),
      notice: { code, message: expect.any(String) },
    });
  });

  test('a deleted order and an unknown topic are ignored with a reason', () => {
    expect(outcome('orders/delete', { id: 1 })).toEqual({ ignored: expect.stringContaining('deleted') });
    expect(outcome('carts/create', 'not even JSON')).toEqual({ ignored: expect.stringContaining('carts/create') });
  });

  test.for(['pending', 'failure', 'error'])('a sale that is %s moves no money', (status) => {
    const body = { id: 1, order_id: 2, kind: 'sale', status, gateway: 'bogus', amount: '1.00', currency: 'EUR' };
    expect(outcome('order_transactions/create', body)).toEqual({ ignored: `the sale is ${status}: no money moved` });
  });

  test('a shop that only records settlements gives no sales', () => {
    expect(outcome('orders/create', plainOrder(), { records: 'settlements' })).toEqual({
      ignored: 'this connection only records settlements (setting records=settlements)',
    });
  });
});

describe('what counts as sold and paid', () => {
  const eventsOf = (body: unknown) => (outcome('orders', body) as { events: Record<string, unknown>[] }).events;

  test('times with the shop’s offset become UTC', () => {
    expect(eventsOf({ order: plainOrder() })[0]).toMatchObject({
      occurredAt: '2026-10-31T22:30:00Z',
      revision: '2026-10-31T22:30:05Z',
    });
  });

  test('a list of orders gives all of them, and waits as a whole while one needs something', () => {
    const second = plainOrder({ id: 9, name: '#9' });
    expect(eventsOf({ orders: [plainOrder(), second] }).map((each) => each.id)).toEqual(['1', '9']);
    const waiting = { ...second, payment_gateway_names: ['cash', 'shopify_payments'] };
    expect(outcome('orders', { orders: [plainOrder(), waiting] })).toMatchObject({ needs: 'transactions' });
  });

  test.for([
    ['Cash on Delivery (COD)', 'cash_on_delivery', 'manual'],
    ['Bank Deposit', 'bank_transfer', 'manual'],
    ['Money Order', 'other', 'manual'],
    ['manual', 'other', 'manual'],
    ['shopify_installments', 'pay_later', 'shopify_installments'],
    ['shop_cash', 'wallet', 'shop_cash'],
    ['Authorize.Net', 'card', 'authorize_net'],
    ['shopify_store_credit', 'store_credit', 'shopify_store_credit'],
  ] as const)('the gateway %s is a %s tender of %s', ([gateway, kind, processor]) => {
    const [sale] = eventsOf(plainOrder({ payment_gateway_names: [gateway] }));
    expect(sale).toMatchObject({ tenders: [{ kind, processor, amount: 1000n }] });
  });

  test('captures count, an authorisation, a failure and a void do not, and change is given back', () => {
    const movement = (id: number, kind: string, amount: string, gateway: string, status = 'success') => ({
      ...{ id, kind, amount, gateway, status, currency: 'EUR' },
    });
    const transactions = [
      movement(1, 'authorization', '8.00', 'shopify_payments'),
      movement(2, 'capture', '5.00', 'shopify_payments'),
      movement(3, 'capture', '3.00', 'shopify_payments', 'failure'),
      movement(4, 'void', '3.00', 'shopify_payments'),
      movement(5, 'sale', '20.00', 'cash'),
      movement(6, 'change', '15.00', 'cash'),
    ];
    const [sale] = eventsOf(plainOrder({ transactions }));
    expect(sale).toMatchObject({
      tenders: [
        { kind: 'card', processor: 'shopify_payments', amount: 500n },
        { kind: 'cash', processor: 'cash', amount: 500n },
      ],
      due: 0n,
    });
  });

  test('a part that was captured leaves the rest due', () => {
    const transactions = [
      { id: 2, kind: 'capture', amount: '4.00', gateway: 'bogus', status: 'success', currency: 'EUR' },
    ];
    const [sale] = eventsOf(plainOrder({ financial_status: 'partially_paid', transactions }));
    expect(sale).toMatchObject({ tenders: [{ amount: 400n }], due: 600n });
  });

  test('paid, but the transactions do not come to it: refused', () => {
    const transactions = [
      { id: 2, kind: 'sale', amount: '4.00', gateway: 'bogus', status: 'success', currency: 'EUR' },
    ];
    expect(outcome('orders', plainOrder({ transactions, total_outstanding: '0.00' }))).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
    });
  });

  test('a paid order that an edit made cheaper owes the buyer the difference until it is refunded', () => {
    const edited = { total_outstanding: '-10.00', total_price: '20.00', current_total_price: '10.00', refunds: [] };
    const [sale] = eventsOf(plainOrder(edited, { quantity: 2, current_quantity: 1 }));
    expect(sale).toMatchObject({ total: 1000n, tenders: [{ amount: 2000n }], due: -1000n });
  });

  test('the refund of what an edit removed takes it back once, not twice', () => {
    const money = {
      id: 8,
      kind: 'refund',
      amount: '10.00',
      gateway: 'shopify_payments',
      status: 'success',
      currency: 'EUR',
    };
    const refund = { id: 7, created_at: '2026-11-02T10:00:00Z', refund_line_items: [], transactions: [money] };
    const edited = {
      total_price: '20.00',
      current_total_price: '10.00',
      financial_status: 'partially_refunded',
      refunds: [refund],
    };
    const events = eventsOf(plainOrder(edited, { quantity: 2, current_quantity: 1 }));
    expect(events.map((each) => [each.type, each.total])).toEqual([
      ['sale', 2000n],
      ['refund', 1000n],
    ]);
  });

  test('goods taken out of an unpaid order are not sold and never refunded', () => {
    const line = { line_item_id: 2, quantity: 1, subtotal: 10, total_tax: 0, restock_type: 'cancel' };
    const refund = { id: 7, created_at: '2026-11-02T10:00:00Z', refund_line_items: [line], transactions: [] };
    const unpaid = {
      financial_status: 'pending',
      total_price: '20.00',
      current_total_price: '10.00',
      refunds: [refund],
    };
    const events = eventsOf(plainOrder(unpaid, { quantity: 2, current_quantity: 1 }));
    expect(events).toMatchObject([{ type: 'sale', total: 1000n, due: 1000n, lines: [{ quantity: '1' }] }]);
  });

  test('taxes stated on the order only are split over the taxable goods', () => {
    const item = (id: number, price: string, taxable = true) => ({ id, quantity: 1, price, taxable });
    const order = plainOrder({
      line_items: [item(1, '10.00'), item(2, '10.00'), item(3, '10.00'), item(4, '5.00', false)],
      tax_lines: [{ title: 'VAT', rate: 0.1, price: '3.01' }],
      total_tax: '3.01',
      total_price: '38.01',
    });
    // 3.01 over three equal lines: 1.01, 1.00, 1.00 (largest remainder, ties to the earlier line).
    const taxes = (eventsOf(order)[0] as { lines: { taxes: { amount: bigint }[] }[] }).lines.map(
      ({ taxes }) => taxes[0]?.amount,
    );
    expect(taxes).toEqual([101n, 100n, 100n, undefined]);
  });

  test('tax that a marketplace keeps may be left out of the total, and then out of the sale', () => {
    const tax = { title: 'Marketplace tax', rate: 0.0825, price: '0.83', channel_liable: true };
    const totals = (total: string) => plainOrder({ total_price: total, total_tax: '0.83' }, { tax_lines: [tax] });
    expect(eventsOf(totals('10.83'))[0]).toMatchObject({
      total: 1083n,
      lines: [{ taxes: [{ collectedBy: 'channel' }] }],
    });
    expect(eventsOf(totals('10.00'))[0]).toMatchObject({ total: 1000n, lines: [{ taxes: [] }] });
  });

  test('the detailed refund is a later revision than the same refund inside its order', () => {
    const name = 'order-edited';
    const { body, expected } = readSalesFixture(folder, name);
    const embedded = (expected as { events: { revision: string }[] }).events[1]?.revision ?? '';
    const { refunds } = JSON.parse(body.toString()) as { refunds: unknown[] };
    const alone = outcome('refunds/create', refunds[0]) as { events: { revision: string }[] };
    expect(alone.events[0]?.revision).toBe('2026-11-05T16:20:00Z');
    expect(embedded < '2026-11-05T16:20:00Z').toBe(true);
  });
});
