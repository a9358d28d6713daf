import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventHash } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { Normalized } from '../../kit/contract.ts';
import { activityOf } from './activities.ts';
import { eventsOf, normalized, order, payment, tender, usd } from './test-support.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as {
    body: { data: { object: Record<string, Record<string, unknown>> } };
    fetched: Record<string, Record<string, unknown>>;
  };

describe('one sale, however it is told', () => {
  const { body, fetched } = fixture('tip-delivery-and-fee');
  const paid = body.data.object.payment;
  const sold = fetched.order?.order;
  const ways: [way: string, result: () => Normalized][] = [
    ['a webhook of its payment', () => normalized('payment.updated', body, fetched)],
    ['the payment alone, the order in a list', () => normalized('payments', paid, { order: { orders: [sold] } })],
    ['a polled payment with its order', () => normalized('payments', { payments: [paid], order: sold })],
    [
      'a thin event of its order',
      () => normalized('order.updated', { order_updated: { order_id: Object(sold).id as string } }, fetched),
    ],
    ['the order itself', () => normalized('orders', sold)],
    ['a list of orders', () => normalized('orders', { orders: [sold] })],
    ['an answer with one order', () => normalized('orders', { order: sold })],
  ];

  test.for(ways)('%s says the same', ([, result]) => {
    const told = eventsOf(result()).filter((event) => event.type === 'sale');
    const first = eventsOf(ways[0]?.[1]() ?? { ignored: '' }).filter((event) => event.type === 'sale');
    expect(told.map((event) => [event.id, event.revision, eventHash(event)])).toEqual(
      first.map((event) => [event.id, event.revision, eventHash(event)]),
    );
    expect(told).toHaveLength(1);
  });

  test('two payments of one order in a list are one sale with both fees', () => {
    const fee = (amount: number) => [
      { type: 'INITIAL', effective_at: '2026-11-03T12:00:00Z', amount_money: usd(amount) },
    ];
    const tenders = [
      tender({ amount_money: usd(600) }),
      tender({ id: 'P2', payment_id: 'P2', amount_money: usd(400) }),
    ];
    const payments = [
      payment({ amount_money: usd(600), total_money: usd(600), processing_fee: fee(26) }),
      payment({ id: 'P2', amount_money: usd(400), total_money: usd(400), processing_fee: fee(20) }),
    ];
    const events = eventsOf(normalized('payments', { payments }, { order: order({ tenders }) }));
    expect(events.map(({ type, id }) => `${type} ${id}`).sort()).toEqual([
      'fee P1:INITIAL:2026-11-03T12:00:00Z',
      'fee P2:INITIAL:2026-11-03T12:00:00Z',
      'sale O1',
    ]);
  });

  test('revisions sort: later versions behind earlier ones, versions behind times', () => {
    const revision = (changes: Record<string, unknown>) =>
      eventsOf(normalized('orders', order(changes)))[0]?.revision ?? '';
    const sorted = [
      { version: undefined },
      { version: 2 },
      { version: 9 },
      { version: 10 },
      { version: 1234567890 },
    ].map(revision);
    expect(sorted).toEqual([...sorted].sort());
    expect(new Set(sorted).size).toBe(5);
  });
});

describe('what is not there yet', () => {
  test('a paid order without lines is read again, by itself or beside its payment', () => {
    const bare = order({ line_items: undefined, total_money: undefined });
    const incomplete = expect.objectContaining({ kind: 'retryable', code: 'CHANNEL_OBJECT_INCOMPLETE' });
    expect(() => normalized('payment.created', { payment: payment() }, { order: { order: bare } })).toThrow(incomplete);
    expect(() => normalized('orders', bare)).toThrow(incomplete);
    // Polled together with a payment it may have been early; it is fetched once more first.
    expect(normalized('payments', { payment: payment(), order: bare })).toMatchObject({ needs: 'order' });
  });

  test('an order that was only just begun is no fault', () => {
    expect(normalized('orders', { id: 'O1', state: 'OPEN', created_at: '2026-11-03T10:00:00Z' })).toEqual({
      ignored: 'order O1 has no lines and nothing was paid for it',
    });
  });

  test('a refund whose order lists no returns yet is read again', () => {
    const refund = { id: 'R1', payment_id: 'P1', order_id: 'RO', status: 'COMPLETED', amount_money: usd(100) };
    const times = { created_at: '2026-11-04T10:00:00Z', updated_at: '2026-11-04T10:00:01Z' };
    const known = {
      order: { id: 'RO', state: 'OPEN', created_at: '2026-11-04T10:00:00Z', net_amounts: { total_money: usd(-100) } },
      payment: payment(),
    };
    expect(() => normalized('refund.updated', { refund: { ...refund, ...times } }, known)).toThrow(
      expect.objectContaining({ kind: 'retryable', code: 'CHANNEL_OBJECT_INCOMPLETE' }),
    );
  });

  test('a completed payment that its order does not list yet is a tender all the same', () => {
    const early = order({ tenders: [], state: 'OPEN', total_tip_money: usd(0) });
    expect(eventsOf(normalized('payments', payment(), { order: early }))).toMatchObject([
      { type: 'sale', tenders: [{ kind: 'card', amount: 1000n, id: 'P1' }], due: 0n },
    ]);
  });

  test('another order than the payment’s is refused by name', () => {
    expect(() => normalized('payments', payment(), { order: order({ id: 'O9' }) })).toThrow(
      expect.objectContaining({
        code: 'PAYLOAD_CONTRADICTS_ITSELF',
        message: expect.stringContaining('O1, but O9 was read'),
      }),
    );
  });
});

describe('figures', () => {
  test.for([
    ['total with the tip', 1300],
    ['total without it', 1000],
  ] as const)('%s: 10.00 and a tip of 3.00 are 13.00', ([, total]) => {
    const tipped = order({
      total_money: usd(total),
      total_tip_money: usd(300),
      tenders: [tender({ amount_money: usd(1300) })],
    });
    expect(eventsOf(normalized('orders', tipped))).toMatchObject([
      { lines: [{ net: 1000n }, { kind: 'tip', net: 300n }], tenders: [{ amount: 1300n }], total: 1300n },
    ]);
  });

  test('a tip that only the tender tells', () => {
    const tipped = order({ tenders: [tender({ amount_money: usd(1150), tip_money: usd(150) })] });
    expect(eventsOf(normalized('orders', tipped))).toMatchObject([
      { lines: [{}, { kind: 'tip', net: 150n }], total: 1150n },
    ]);
  });

  test('a charge apportioned to a line is taken out of it: 10.00 and 2.00 of a service charge', () => {
    const charge = {
      uid: 's1',
      name: 'Kitchen appreciation',
      applied_money: usd(200),
      total_money: usd(200),
      treatment_type: 'APPORTIONED_TREATMENT',
    };
    const line = {
      total_money: usd(1200),
      total_service_charge_money: usd(200),
      applied_service_charges: [{ service_charge_uid: 's1', applied_money: usd(200) }],
    };
    const charged = order(
      { service_charges: [charge], total_money: usd(1200), tenders: [tender({ amount_money: usd(1200) })] },
      line,
    );
    expect(eventsOf(normalized('orders', charged))).toMatchObject([
      {
        lines: [
          { kind: 'product', net: 1000n },
          { kind: 'fee', title: 'Kitchen appreciation', net: 200n },
        ],
        total: 1200n,
      },
    ]);
  });

  test.for([
    ['Versand', 'fee'],
    ['Shipping', 'shipping'],
    ['Frais de livraison', 'shipping'],
    ['配送料', 'shipping'],
  ] as const)('a charge called %s is %s', ([name, kind]) => {
    const charge = { uid: 's1', name, applied_money: usd(500), total_money: usd(500) };
    const charged = order({
      service_charges: [charge],
      total_money: usd(1500),
      tenders: [tender({ amount_money: usd(1500) })],
    });
    expect(eventsOf(normalized('orders', charged))).toMatchObject([{ lines: [{}, { kind, net: 500n }] }]);
  });

  test.for([
    [
      'line_items[0].total_tax_money',
      {},
      { total_tax_money: usd(80), applied_taxes: [{ tax_uid: 't', applied_money: usd(79) }] },
      'USD 0.79, but line_items[0].total_tax_money says USD 0.80',
    ],
    ['line_items[0].total_money', {}, { gross_sales_money: usd(900) }, 'USD 9.00'],
    ['total_money', { total_money: usd(1001) }, {}, 'USD 10.00, but total_money says USD 10.01 (difference USD -0.01)'],
    ['total_tax_money', { total_tax_money: usd(50) }, {}, 'USD 0.00, but total_tax_money says USD 0.50'],
    [
      'total_money with tips and rounding',
      { tenders: [tender({ amount_money: usd(1001) })] },
      {},
      'its tenders come to USD 10.01',
    ],
  ] as const)('a contradiction in %s is refused, with both amounts', ([subject, changes, line, said]) => {
    expect(() => normalized('orders', order(changes, line))).toThrow(
      expect.objectContaining({
        kind: 'rejected',
        code: 'PAYLOAD_CONTRADICTS_ITSELF',
        subject,
        message: expect.stringContaining(said),
      }),
    );
  });

  test('two currencies in one order are refused', () => {
    const mixed = order({}, { total_money: { amount: 1000, currency: 'CAD' } });
    expect(() => normalized('orders', mixed)).toThrow(expect.objectContaining({ code: 'CURRENCY_MISMATCH' }));
  });

  test('yen has no decimals', () => {
    const jpy = (amount: number) => ({ amount, currency: 'JPY' });
    const line = {
      total_money: jpy(1100),
      gross_sales_money: jpy(1000),
      total_tax_money: jpy(100),
      base_price_money: jpy(1100),
      applied_taxes: [{ tax_uid: 't', applied_money: jpy(100) }],
    };
    const taxes = [{ uid: 't', name: '消費税', percentage: '10', type: 'INCLUSIVE' }];
    const sold = order({ total_money: jpy(1100), taxes, tenders: [tender({ amount_money: jpy(1100) })] }, line);
    expect(eventsOf(normalized('orders', sold))).toMatchObject([
      {
        currency: 'JPY',
        pricesIncludeTax: true,
        lines: [{ unitPrice: '1100', net: 1000n, taxes: [{ rate: '10', amount: 100n }] }],
      },
    ]);
  });

  test('an even exchange moves no money: what came back pays for what was bought', () => {
    const back = {
      uid: 'r1',
      source_order_id: 'O0',
      return_line_items: [{ uid: 'x', source_line_item_uid: 'l9', quantity: '1', total_money: usd(1000) }],
    };
    expect(eventsOf(normalized('orders', order({ tenders: [], returns: [back] })))).toMatchObject([
      { type: 'sale', id: 'O1', tenders: [{ kind: 'store_credit', processor: 'exchange', amount: 1000n }], due: 0n },
      { type: 'refund', id: 'O1:r1', sale: { id: 'O0' }, total: 1000n, tenders: [{ processor: 'exchange' }] },
    ]);
  });
});

describe('tenders, by where the money arrives', () => {
  test.for([
    ['CARD', {}, { kind: 'card', processor: 'square' }],
    ['CASH', {}, { kind: 'cash' }],
    ['WALLET', {}, { kind: 'wallet', processor: 'square' }],
    ['BUY_NOW_PAY_LATER', {}, { kind: 'pay_later', processor: 'square' }],
    ['BANK_ACCOUNT', {}, { kind: 'other', processor: 'square' }],
    ['SQUARE_ACCOUNT', {}, { kind: 'wallet', processor: 'square' }],
    ['CARD', { card_details: { card: { card_brand: 'SQUARE_GIFT_CARD' } } }, { kind: 'gift_card' }],
    ['EXTERNAL', { external_details: { type: 'CHECK' } }, { kind: 'other', processor: 'manual' }],
    ['EXTERNAL', { external_details: { type: 'BANK_TRANSFER' } }, { kind: 'bank_transfer' }],
    ['EXTERNAL', { external_details: { type: 'OTHER_GIFT_CARD' } }, { kind: 'other', processor: 'manual' }],
    ['EXTERNAL', { external_details: { type: 'STORED_BALANCE' } }, { kind: 'store_credit' }],
    ['EXTERNAL', { external_details: { type: 'CARD' } }, { kind: 'card', processor: 'manual' }],
    ['EXTERNAL', {}, { kind: 'other', processor: 'manual' }],
  ] as const)('a payment by %s %j', ([source_type, details, expected]) => {
    const lone = payment({ order_id: undefined, source_type, ...details });
    expect(eventsOf(normalized('payments', lone))).toMatchObject([
      { tenders: [{ amount: 1000n, id: 'P1', ...expected }] },
    ]);
    const [sale] = eventsOf(normalized('payments', lone));
    expect(sale?.type === 'sale' && sale.tenders[0]).toEqual({ amount: 1000n, id: 'P1', ...expected });
  });

  test('a card that failed first is no tender', () => {
    const failed = tender({ id: 'P0', payment_id: 'P0', card_details: { status: 'FAILED' } });
    expect(eventsOf(normalized('orders', order({ tenders: [failed, tender()] })))).toMatchObject([
      { tenders: [{ id: 'P1' }] },
    ]);
  });

  test('an authorised order is no sale', () => {
    const held = order({ state: 'OPEN', tenders: [tender({ card_details: { status: 'AUTHORIZED' } })] });
    expect(normalized('orders', held)).toEqual({ ignored: expect.stringMatching(/authorised, not captured/) });
  });
});

describe('only settlements', () => {
  const settings = { records: 'settlements' };
  test.for([
    ['payments', payment()],
    ['payments', payment({ order_id: undefined })],
    ['orders', order()],
    ['order.updated', { order_updated: { order_id: 'O1' } }],
    ['refunds', { id: 'R1', status: 'COMPLETED', order_id: 'RO', amount_money: usd(1) }],
    ['gift_card_activities', { gift_card_activities: [] }],
    ['cash_drawer_shifts', { id: 'S1', state: 'CLOSED' }],
  ] as const)('%s: nothing is read for a sale that another system records', ([topic, body]) => {
    expect(normalized(topic, body, {}, settings)).toEqual({ ignored: expect.stringContaining('records=settlements') });
  });

  test('a dispute stays, without a link to a sale that is not ours', () => {
    const dispute = {
      id: 'D1',
      state: 'LOST',
      amount_money: usd(1000),
      version: 3,
      created_at: '2026-11-03T10:00:00Z',
      updated_at: '2026-11-20T10:00:00Z',
      disputed_payment: { payment_id: 'P1' },
    };
    const events = eventsOf(normalized('disputes', { dispute, payment: payment() }, {}, settings));
    expect(events.map((event) => event.type === 'dispute' && [event.status, event.sale])).toEqual([
      ['opened', undefined],
      ['lost', undefined],
    ]);
  });
});

describe('what does not belong here', () => {
  test.for([
    ['payments', { payments: [] }],
    ['payments', {}],
    ['payouts', { payouts: [] }],
    ['payout_entries', { payout_entries: [] }],
    ['labor.shift.created', { id: 1 }],
    ['invoice.payment_made', { data: { object: { invoice: { id: 'i' } } } }],
  ] as const)('%s %j is ignored with a reason', ([topic, body]) => {
    expect(normalized(topic, body)).toEqual({ ignored: expect.stringMatching(/\S{4}/) });
  });

  test('a refund or dispute in a state nobody documents is refused, not guessed', () => {
    const unreadable = expect.objectContaining({ kind: 'rejected', code: 'PAYLOAD_UNREADABLE' });
    expect(() => normalized('refunds', { id: 'R1', status: 'APPROVED' })).toThrow(unreadable);
    expect(() => normalized('disputes', { id: 'D1', state: 'SETTLED' })).toThrow(unreadable);
    expect(() => normalized('payouts', { id: 'po', status: 'LOST', amount_money: usd(1) })).toThrow(unreadable);
  });

  test('activities: those the API may add are adjustments, which a person looks at', () => {
    expect(activityOf('SOMETHING_NEW', undefined)).toEqual({ kind: 'adjustment', told: 'line' });
    expect(activityOf('FEE', 'P1').told).toBe('payment');
    expect(activityOf('FEE', undefined).told).toBe('here');
  });
});
