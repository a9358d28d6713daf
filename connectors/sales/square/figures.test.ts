import { describe, expect, test } from 'vitest';
import { eventsOf, normalized, order, payment, tender, usd } from './test-support.ts';

const alone = (changes: Record<string, unknown>) => payment({ order_id: undefined, ...changes });
const refund = (changes: Record<string, unknown> = {}) => ({
  id: 'P1_R1',
  payment_id: 'P1',
  status: 'COMPLETED',
  amount_money: usd(1000),
  created_at: '2026-11-04T10:00:00Z',
  updated_at: '2026-11-04T10:00:05Z',
  ...changes,
});

/** The refusal of figures that disagree, by field and words. */
const refused = (subject: string, said: string) =>
  expect.objectContaining({
    kind: 'rejected',
    code: 'PAYLOAD_CONTRADICTS_ITSELF',
    subject,
    message: expect.stringContaining(said),
  });

describe('a payment by itself', () => {
  test('without a total it came to its amount and tip: 10.00 + 2.00', () => {
    const told = alone({ amount_money: usd(1000), tip_money: usd(200), total_money: undefined });
    expect(eventsOf(normalized('payments', told))).toMatchObject([
      { lines: [{ net: 1000n }, { kind: 'tip', net: 200n }], tenders: [{ amount: 1200n }], total: 1200n },
    ]);
  });

  test('a surcharge for the card may stand beside the amount: 10.00 + 0.35', () => {
    const told = alone({
      total_money: usd(1035),
      card_details: { applied_card_surcharge_details: { card_surcharge_money: usd(35) } },
    });
    expect(eventsOf(normalized('payments', told))).toMatchObject([{ tenders: [{ amount: 1035n }], total: 1035n }]);
  });

  test('whose total is neither is refused, with both amounts', () => {
    const told = alone({ amount_money: usd(1000), tip_money: usd(200), total_money: usd(1300) });
    const said = 'payment P1: its amount and tip come to USD 12.00, but total_money says USD 13.00';
    expect(() => normalized('payments', told)).toThrow(refused('total_money', said));
  });

  test('without any amount is refused, not booked as nothing', () => {
    const told = alone({ amount_money: undefined, total_money: undefined });
    expect(() => normalized('payments', told, {}, { currency: 'USD' })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_UNREADABLE', subject: 'total_money' }),
    );
  });

  test('an amount that is no whole number is named with the payment', () => {
    const told = alone({ total_money: { amount: 10.5, currency: 'USD' } });
    expect(() => normalized('payments', told)).toThrow(
      expect.objectContaining({
        subject: 'total_money.amount',
        message: expect.stringMatching(/"10\.5".*payment P1/),
      }),
    );
  });
});

describe('a payment and the tender that stands for it', () => {
  const tipped = payment({ tip_money: usd(200), total_money: usd(1200) });

  test('a tip added after the order was written: the order is read again', () => {
    const late = { ...tipped, updated_at: '2026-11-03T10:20:00.000Z' };
    expect(() => normalized('payments', late, { order: order() })).toThrow(
      expect.objectContaining({
        kind: 'retryable',
        code: 'CHANNEL_OBJECT_INCOMPLETE',
        message: expect.stringMatching(/order O1 .*P1 with USD 10\.00.*USD 12\.00/),
      }),
    );
  });

  test('an order written later that still lists another amount contradicts it', () => {
    const said = 'order O1: amount and tip of payment P1 come to USD 12.00, but tenders.amount_money says USD 10.00';
    expect(() => normalized('payments', tipped, { order: order() })).toThrow(refused('tenders.amount_money', said));
  });

  test('the tip of a card that failed is no tip', () => {
    const tenders = [
      tender({ id: 'P0', payment_id: 'P0', tip_money: usd(200), card_details: { status: 'FAILED' } }),
      tender({ amount_money: usd(1200), tip_money: usd(200) }),
    ];
    const sold = order({ tenders, total_money: usd(1200), total_tip_money: usd(200) });
    expect(eventsOf(normalized('orders', sold))).toMatchObject([
      { lines: [{ net: 1000n }, { kind: 'tip', net: 200n }], tenders: [{ id: 'P1', amount: 1200n }], total: 1200n },
    ]);
  });
});

describe('totals of an order', () => {
  test('a tax that only its rates tell: 5 % of 10.00 on top', () => {
    const line = { total_money: usd(1050), applied_taxes: [{ tax_uid: 't', applied_money: usd(50) }] };
    const taxes = [{ uid: 't', name: 'City', percentage: '5', type: 'ADDITIVE' }];
    const sold = order({ taxes, total_money: usd(1050), tenders: [tender({ amount_money: usd(1050) })] }, line);
    expect(eventsOf(normalized('orders', sold))).toMatchObject([
      { lines: [{ net: 1000n, taxes: [{ name: 'City', rate: '5', amount: 50n }] }], total: 1050n },
    ]);
  });

  test('tax inside and on top of one line: 10.00 with 20 % inside (1.67), 5 % of 10.00 on top', () => {
    const line = {
      total_money: usd(1050),
      total_tax_money: usd(217),
      applied_taxes: [
        { tax_uid: 'in', applied_money: usd(167) },
        { tax_uid: 'on', applied_money: usd(50) },
      ],
    };
    const taxes = [
      { uid: 'in', name: 'VAT', percentage: '20', type: 'INCLUSIVE' },
      { uid: 'on', name: 'City', percentage: '5', type: 'ADDITIVE' },
    ];
    const sold = order({ taxes, total_money: usd(1050), tenders: [tender({ amount_money: usd(1050) })] }, line);
    expect(eventsOf(normalized('orders', sold))).toMatchObject([
      {
        pricesIncludeTax: false,
        lines: [
          {
            net: 833n,
            taxes: [
              { name: 'VAT', amount: 167n },
              { name: 'City', amount: 50n },
            ],
          },
        ],
        total: 1050n,
      },
    ]);
  });

  const charge = {
    uid: 's',
    name: 'Table',
    applied_money: usd(500),
    total_tax_money: usd(50),
    total_money: usd(600),
    applied_taxes: [{ tax_uid: 't', applied_money: usd(50) }],
  };
  test.for([
    ['total_discount_money', { total_discount_money: usd(500) }, 'the discounts of its lines come to USD 0.00'],
    [
      'total_tip_money',
      {
        total_money: usd(1200),
        total_tip_money: usd(200),
        tenders: [tender({ amount_money: usd(1200), tip_money: usd(500) })],
      },
      'the tips of its tenders come to USD 5.00, but total_tip_money says USD 2.00',
    ],
    [
      'service_charges[0].total_money',
      {
        service_charges: [charge],
        total_money: usd(1600),
        tenders: [tender({ amount_money: usd(1600) })],
      },
      'come to USD 5.50, but service_charges[0].total_money says USD 6.00',
    ],
  ] as const)('a contradiction in %s is refused, with both amounts', ([subject, changes, said]) => {
    expect(() => normalized('orders', order(changes))).toThrow(refused(subject, said));
  });
});

describe('a refund', () => {
  test('of more than its payment took is refused, with both amounts', () => {
    const told = refund({ amount_money: usd(2000) });
    const said = 'refund P1_R1: amount and tip of payment P1 come to USD 10.00, but amount_money says USD 20.00';
    expect(() => normalized('refunds', told, { payment: payment() })).toThrow(refused('amount_money', said));
  });

  test('to two cards: each has its share of 0.97 and 0.03 tax, and both together are the whole', () => {
    const line = {
      ...{ uid: 'x', source_line_item_uid: 'l1', quantity: '1', total_money: usd(100), total_tax_money: usd(3) },
      applied_taxes: [{ tax_uid: 't', applied_money: usd(3) }],
    };
    const back = { uid: 'r1', source_order_id: 'O1', return_line_items: [line], return_taxes: [{ uid: 't' }] };
    const refunds = [
      { id: 'P2_R1', created_at: '2026-11-04T10:00:01Z', amount_money: usd(50) },
      { id: 'P1_R1', created_at: '2026-11-04T10:00:00Z', amount_money: usd(50) },
    ];
    const own = {
      ...{ id: 'RO1', state: 'COMPLETED', version: 1, created_at: '2026-11-04T10:00:00Z' },
      returns: [back],
    };
    const told = refunds.map(({ id }) =>
      eventsOf(
        normalized('refunds', refund({ id, order_id: 'RO1', amount_money: usd(50) }), { order: { ...own, refunds } }),
      ),
    );
    // 48.5 and 1.5: the earlier part is rounded up, the later refund has the rest.
    expect(told).toMatchObject([
      [{ id: 'P2_R1', lines: [{ net: 48n, taxes: [{ amount: 2n }] }], total: 50n }],
      [{ id: 'P1_R1', lines: [{ net: 49n, taxes: [{ amount: 1n }] }], total: 50n }],
    ]);
  });

  test.for([
    ['refunds', { refunds: [refund({ amount_money: undefined })] }],
    ['disputes', { disputes: [{ id: 'D1', state: 'LOST', version: 1, created_at: '2026-11-05T00:00:00Z' }] }],
    ['payouts', { payouts: [{ id: 'po_1', status: 'PAID', type: 'SIMPLE', arrival_date: '2026-11-06', version: 1 }] }],
  ] as const)('and others of %s without an amount are refused, not booked as nothing', ([topic, body]) => {
    expect(() => normalized(topic, body, { payment: payment() }, { currency: 'USD' })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_UNREADABLE', subject: 'amount_money' }),
    );
  });

  test('of less than nothing is refused', () => {
    const told = refund({ amount_money: usd(-1000) });
    expect(() => normalized('refunds', told, { payment: payment() })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_UNREADABLE', message: expect.stringContaining('USD -10.00') }),
    );
  });

  test.for([
    ['with the tip', 1200],
    ['without it', 1000],
  ] as const)('goods of 10.00 and a tip of 2.00, where the return states its total %s', ([, total]) => {
    const back = {
      uid: 'r1',
      source_order_id: 'O1',
      return_line_items: [{ uid: 'x', source_line_item_uid: 'l1', quantity: '1', total_money: usd(1000) }],
      return_tips: [{ applied_money: usd(200) }],
      return_amounts: { total_money: usd(total) },
    };
    const own = {
      ...{ id: 'RO1', state: 'COMPLETED', version: 1, created_at: '2026-11-04T10:00:00Z' },
      returns: [back],
    };
    const told = refund({ order_id: 'RO1', amount_money: usd(1200) });
    expect(eventsOf(normalized('refunds', told, { order: own }))).toMatchObject([
      { sale: { id: 'O1' }, lines: [{ net: 1000n }, { kind: 'tip', net: 200n }], tenders: [{ amount: 1200n }] },
    ]);
  });
});
