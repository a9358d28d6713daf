import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { detail, eventsOf, outcome, plainOrder } from './test-support.ts';

describe('what contradicts itself is refused by name', () => {
  test('lines and total: both amounts, the difference and the order', () => {
    const result = outcome('order.updated', plainOrder({ total: '15.00', number: 'A-7' }));
    expect(result).toMatchObject({
      kind: 'rejected',
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/order A-7 \(7\).*GBP 12\.00.*total says GBP 15\.00.*GBP -3\.00/),
    });
  });

  test('a total that nobody can pay is no amount', () => {
    expect(outcome('order.updated', plainOrder({ total: '12.005' }))).toMatchObject({ code: 'INVALID_AMOUNT_SCALE' });
    expect(outcome('order.updated', plainOrder({ total: 'twelve' }))).toMatchObject({ code: 'INVALID_AMOUNT' });
  });

  test('a currency nobody knows', () => {
    expect(outcome('order.updated', plainOrder({ currency: 'XBT' }))).toMatchObject({ code: 'CURRENCY_UNKNOWN' });
  });

  test('paid, but in local time only: when cannot be told', () => {
    expect(outcome('order.updated', plainOrder({ date_paid_gmt: null }))).toMatchObject({
      code: 'PAYLOAD_UNREADABLE',
      subject: 'date_paid_gmt',
    });
  });

  test('up to a step per figure is the store’s own rounding, one more is not', () => {
    // One line and the total: two steps.
    for (const [total, isTaken] of [
      ['12.02', true],
      ['11.98', true],
      ['12.03', false],
      ['11.97', false],
    ] as const) {
      const result = outcome('order.updated', plainOrder({ total }));
      expect('events' in (result as object), total).toBe(isTaken);
    }
  });
});

describe('every store is different', () => {
  test('ids as text, lists as objects, fields that old stores lack', () => {
    const line = { id: '70', quantity: '2.5', total: '10', total_tax: '2', taxes: { 1: { id: '1', total: '2' } } };
    const body = { ...plainOrder({ id: '7', line_items: { 0: line }, prices_include_tax: undefined }), refunds: null };
    expect(eventsOf(outcome('orders', body))).toMatchObject([
      {
        id: '7',
        pricesIncludeTax: false,
        lines: [{ id: '70', quantity: '2.5', listNet: 1000n, net: 1000n, taxes: [{ rate: '20', amount: 200n }] }],
      },
    ]);
  });

  test('a rate without its percent keeps its name', () => {
    const body = plainOrder({ tax_lines: [{ rate_id: 1, label: '', rate_code: 'US-CA-STATE' }] });
    expect(eventsOf(outcome('orders', body))[0]).toMatchObject({
      lines: [{ taxes: [{ name: 'US-CA-STATE', rate: null, amount: 200n }] }],
    });
  });

  test('more decimals than the currency has are rounded on lines: 8.3333 and 1.6667 are 8.33 and 1.67', () => {
    const taxes = [{ id: 1, total: '1.66666' }];
    const line = { subtotal: '8.3333', total: '8.3333', total_tax: '1.6667', taxes };
    const [sale] = eventsOf(outcome('orders', plainOrder({ total: '10.00', total_tax: '1.67' }, line)));
    expect(sale).toMatchObject({ total: 1000n, lines: [{ net: 833n, taxes: [{ amount: 167n }] }] });
  });

  test('the unit price is a float with noise and is never read', () => {
    const noisy = plainOrder({}, { price: 3.3333333333333335 });
    expect(eventsOf(outcome('orders', noisy))).toEqual(eventsOf(outcome('orders', plainOrder())));
  });

  test('a price raised by hand is no negative discount', () => {
    const [sale] = eventsOf(outcome('orders', plainOrder({}, { subtotal: '8.00' })));
    expect(sale).toMatchObject({ lines: [{ listNet: 1000n, discount: 0n, net: 1000n }] });
  });

  test('gift cards of a plugin that made a negative fee of them are not counted twice', () => {
    const fee = { id: 71, name: 'Gift card', total: '-5.00', total_tax: '0.00', taxes: [] };
    const metas = [{ id: 1, key: '_ywgc_applied_gift_cards_totals', value: '5.00' }];
    const [lowered] = eventsOf(outcome('orders', plainOrder({ total: '7.00', meta_data: metas })));
    expect(lowered).toMatchObject({ total: 1200n, tenders: [{ kind: 'gift_card', amount: 500n }, { amount: 700n }] });
    const asFee = plainOrder({ total: '7.00', meta_data: metas, fee_lines: [fee] });
    expect(eventsOf(outcome('orders', asFee))[0]).toMatchObject({
      total: 700n,
      tenders: [{ kind: 'card', amount: 700n }],
    });
  });

  test('gift cards listed without lowering the total are tenders of it all the same', () => {
    const [sale] = eventsOf(outcome('orders', plainOrder({ gift_cards: [{ id: 5, amount: '4.00' }] })));
    expect(sale).toMatchObject({
      total: 1200n,
      tenders: [
        { kind: 'gift_card', amount: 400n, id: '5' },
        { kind: 'card', amount: 800n },
      ],
    });
  });

  test.for([
    ['cod', 'cash_on_delivery', 'manual'],
    ['bacs', 'bank_transfer', 'manual'],
    ['cheque', 'other', 'manual'],
    ['', 'other', 'manual'],
    ['pos_cash', 'cash', 'manual'],
    ['stripe_sepa', 'other', 'stripe'],
    ['stripe_klarna', 'pay_later', 'stripe'],
    ['ppcp-gateway', 'wallet', 'paypal'],
    ['ppcp-credit-card-gateway', 'card', 'paypal'],
    ['square_credit_card', 'card', 'square'],
    ['woocommerce_payments', 'card', 'woocommerce_payments'],
    ['mollie_wc_gateway_ideal', 'other', 'mollie'],
    ['klarna_payments', 'pay_later', 'klarna'],
    ['accountfunds', 'store_credit', 'accountfunds'],
    ['authorize_net_cim_credit_card', 'card', 'authorize_net_cim_credit_card'],
  ] as const)('the payment method "%s" is a %s tender of %s', ([method, kind, processor]) => {
    const [sale] = eventsOf(outcome('orders', plainOrder({ payment_method: method })));
    expect(sale).toMatchObject({ tenders: [{ kind, processor, amount: 1200n }] });
  });

  test('a sandbox order of PayPal is a test', () => {
    const metas = [{ key: '_ppcp_paypal_payment_mode', value: 'sandbox' }];
    expect(eventsOf(outcome('orders', plainOrder({ meta_data: metas })))[0]).toMatchObject({ test: true });
  });

  test.for(['Tip', 'Tip for the staff', 'Trinkgeld'])('a fee called "%s" is a tip', (name) => {
    const body = plainOrder({
      total: '14.00',
      fee_lines: [{ id: 71, name, total: '2.00', total_tax: '0.00', taxes: [] }],
    });
    expect(eventsOf(outcome('orders', body))[0]).toMatchObject({ lines: [{}, { kind: 'tip', net: 200n }] });
  });

  test('a fee that only sounds like one is a fee', () => {
    const body = plainOrder({
      total: '14.00',
      fee_lines: [{ id: 71, name: 'Tippex', total: '2.00', total_tax: '0.00' }],
    });
    expect(eventsOf(outcome('orders', body))[0]).toMatchObject({ lines: [{}, { kind: 'fee' }] });
  });
});

describe('refunds', () => {
  const listed = plainOrder({ refunds: [{ id: 80, total: '-12.00' }] });

  test('told in short, in full, deleted: each is a later revision of the same id', () => {
    const [, short] = eventsOf(outcome('order.updated', listed));
    const [, full] = eventsOf(outcome('order.updated', listed, { fetched: { refunds: [detail(80)] } }));
    const [, deleted] = eventsOf(outcome('order.updated', listed, { fetched: { refunds: [] } }));
    const alone = eventsOf(outcome('refunds', { ...detail(80), parent_id: 7 }, { settings: { currency: 'GBP' } }))[0];
    expect([short?.id, full?.id, deleted?.id, alone?.id]).toEqual(['80', '80', '80', '80']);
    expect(short!.revision < full!.revision && full!.revision < deleted!.revision).toBe(true);
    expect(alone?.revision).toBe(full?.revision);
    expect([short?.total, full?.total, deleted?.total]).toEqual([1200n, 1200n, 0n]);
  });

  test('a booked refund that the store does not list any more is taken back', () => {
    const fetched = { refunds: [detail(81)] };
    const events = eventsOf(outcome('order.updated', plainOrder(), { fetched, knownRefunds: ['80', '81'] }));
    expect(events.map((each) => [each.type, each.id, each.total])).toEqual([
      ['sale', '7', 1200n],
      ['refund', '81', 1200n],
      ['refund', '80', 0n],
    ]);
  });

  test('what an old webhook does not list yet is not taken back', () => {
    const events = eventsOf(outcome('order.updated', plainOrder(), { knownRefunds: ['80'] }));
    expect(events.map((each) => each.type)).toEqual(['sale']);
  });

  test('a deleted refund is the same fact however often the order changes', () => {
    const later = { ...listed, date_modified_gmt: '2026-05-09T08:00:00' };
    const told = [listed, later].map(
      (order) => eventsOf(outcome('order.updated', order, { fetched: { refunds: [] } }))[1],
    );
    expect(told[0]).toEqual(told[1]);
  });

  test.for([
    ['stripe', true, { kind: 'card', processor: 'stripe' }],
    ['stripe', false, { kind: 'other', processor: 'manual' }],
    ['bacs', false, { kind: 'bank_transfer', processor: 'manual' }],
  ] as const)('an order paid by %s, paid back by its gateway: %s', ([method, byGateway, tender]) => {
    const fetched = { refunds: [detail(80, { refunded_payment: byGateway })] };
    const [, refund] = eventsOf(outcome('orders', plainOrder({ payment_method: method }), { fetched }));
    expect(refund).toMatchObject({ tenders: [{ ...tender, amount: 1200n }] });
  });

  test('goods are back on the shelf where the store kept count of it', () => {
    const meta_data = [{ key: '_restock_refunded_items', value: '1' }];
    const [, refund] = eventsOf(
      outcome('orders', plainOrder({}, { meta_data }), { fetched: { refunds: [detail(80)] } }),
    );
    expect(refund).toMatchObject({ lines: [{ id: '70', restock: true }] });
  });

  test('the order gives a refund by itself its currency and gateway', () => {
    const refund = detail(80);
    expect(eventsOf(outcome('refunds', refund, { fetched: { order: plainOrder() } }))).toMatchObject([
      { id: '80', currency: 'GBP', sale: { id: '7' }, tenders: [{ kind: 'card', processor: 'stripe' }] },
    ]);
  });

  test('a refund that names no order is refused', () => {
    const result = outcome('refunds', detail(80), { settings: { currency: 'GBP' } });
    expect(result).toMatchObject({ code: 'PAYLOAD_UNREADABLE', subject: 'parent_id' });
  });

  test('refunds of another order are refused', () => {
    const fetched = { refunds: [detail(80, { parent_id: 8 })] };
    expect(outcome('orders', plainOrder(), { fetched })).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringContaining('belongs to order 8, but was read for order 7'),
    });
  });

  test('what a delivery lists: in short it is not complete, read again it is', () => {
    const body = (value: unknown) => ({
      topic: 'order.updated',
      headers: {},
      body: Buffer.from(JSON.stringify(value)),
    });
    const list = (value: unknown) => connector.refundsListed?.(body(value));
    expect(list(listed)).toEqual({ sale: '7', ids: ['80'], complete: false });
    expect(list({ order: listed, refunds: [detail(80)] })).toEqual({ sale: '7', ids: ['80'], complete: true });
    expect(list(plainOrder())).toEqual({ sale: '7', ids: [], complete: true });
    expect(list({ weather: 'fine' })).toBeNull();
    expect(connector.refundsListed?.({ ...body(listed), topic: 'order.deleted' })).toBeNull();
  });
});

describe('orders that are none, or no more', () => {
  test('in the trash: what was booked stays, and somebody is told', () => {
    const told = { ignored: expect.stringContaining('trash'), notice: { code: 'order_deleted', sale: '7' } };
    expect(outcome('order.updated', plainOrder({ status: 'trash' }))).toMatchObject(told);
    expect(outcome('order.deleted', { id: 7 })).toMatchObject(told);
  });

  test('restored, it is the sale it was', () => {
    expect(outcome('order.restored', plainOrder())).toEqual(outcome('order.updated', plainOrder()));
  });

  test('a deposit is not the whole price: it waits', () => {
    expect(outcome('order.updated', plainOrder({ status: 'partially-paid' }))).toEqual({
      ignored: expect.stringContaining('not paid in full yet'),
    });
  });

  test('on hold after it was paid, as in a dispute, it stays sold', () => {
    expect(eventsOf(outcome('order.updated', plainOrder({ status: 'on-hold' })))[0]).toMatchObject({ total: 1200n });
  });
});

describe('a webhook', () => {
  const body = Buffer.from(JSON.stringify(plainOrder()));
  const headers = { 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-delivery-id': 'same-second' };
  const idOf = (bytes: Buffer) => connector.header(headers, bytes).eventId;

  test('is known by its content: the store’s delivery id is shared by all of one second', () => {
    const other = Buffer.from(JSON.stringify(plainOrder({ id: 8 })));
    const edited = Buffer.from(JSON.stringify(plainOrder({ status: 'completed' })));
    expect(new Set([body, other, edited].map(idOf)).size).toBe(3);
    expect(idOf(Buffer.from(body))).toBe(idOf(body));
    expect(connector.header(headers, body).triggeredAt).toBe('2026-05-01T08:00:09Z');
  });

  test.for([
    ['https://Books.Example.com/', 'books.example.com'],
    ['http://books.example.com', 'books.example.com'],
    ['https://example.com/Shop/', 'example.com/Shop'],
    ['https://staging.books.example.com/', 'staging.books.example.com'],
  ] as const)('from %s claims to be %s', ([source, account]) => {
    expect(connector.header({ ...headers, 'x-wc-webhook-source': source }, body).account).toBe(account);
  });

  test('without a topic came from somewhere else', () => {
    expect(() => connector.header({}, body)).toThrow(/X-WC-Webhook-Topic/);
  });

  test('that cannot be read still has an identity, so that it is stored and refused in plain sight', () => {
    expect(connector.header(headers, Buffer.from('<html>')).eventId).toMatch(/^order\.updated::[0-9a-f]{24}$/);
  });

  test('the ping of a new subscription is a handshake; a signed form is not', () => {
    const ping = Buffer.from('webhook_id=12');
    expect(connector.handshake?.({}, ping)).toBe(true);
    expect(connector.handshake?.({ 'x-wc-webhook-signature': 'c2ln' }, ping)).toBe(false);
    expect(connector.handshake?.({}, Buffer.from('webhook_id=12&x=1'))).toBe(false);
  });
});
