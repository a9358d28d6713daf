import type { CanonicalEvent, Refund, Sale } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';

/** A line with prices that exclude tax: what one costs, and the tax on all units. */
interface Item {
  id: number;
  price: string;
  quantity: number;
  left: number;
  tax?: string;
  rate?: number;
}

const lineItem = ({ id, price, quantity, left, tax, rate }: Item) => ({
  ...{ id, title: `Thing ${id}`, sku: `T${id}`, quantity, current_quantity: left, price },
  ...(tax && { tax_lines: [{ title: 'VAT', rate: rate ?? 0.2, price: tax }] }),
});

const movement = (id: number, amount: string, time: string) => ({
  ...{ id, kind: 'refund', status: 'success', gateway: 'shopify_payments', amount, currency: 'GBP' },
  ...{ created_at: time, processed_at: time },
});

/** A refund that says an amount and nothing else. */
const lineless = (id: number, amount: string, time: string, more: Record<string, unknown> = {}) => ({
  ...{ id, order_id: 1, created_at: time, processed_at: time, restock: false, refund_line_items: [] },
  transactions: [movement(id + 100, amount, time)],
  ...more,
});

/** An order that was paid in full, then edited, as it stands. */
function edited(
  items: Item[],
  totals: { ordered: string; current: string; outstanding?: string },
  refunds: unknown[],
  more: Record<string, unknown> = {},
) {
  return {
    ...{ id: 1, name: '#1', currency: 'GBP', taxes_included: false, payment_gateway_names: ['shopify_payments'] },
    ...{ created_at: '2026-11-01T10:00:00Z', processed_at: '2026-11-01T10:00:00Z' },
    updated_at: '2026-11-04T12:00:00Z',
    financial_status: 'partially_refunded',
    total_price: totals.ordered,
    current_total_price: totals.current,
    total_outstanding: totals.outstanding ?? '0.00',
    line_items: items.map(lineItem),
    refunds,
    ...more,
  };
}

function factsOf(body: unknown, topic = 'orders/updated'): { sale: Sale | undefined; refunds: Refund[] } {
  const delivery = { topic, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  const result = connector.normalize(delivery, { settings: {}, fetched: {} });
  const events: CanonicalEvent[] = 'events' in result ? result.events : [];
  return {
    sale: events.find((each) => each.type === 'sale'),
    refunds: events.filter((each) => each.type === 'refund'),
  };
}

// 2 × 10.00 at 20 % = 24.00; 5.00 without tax; 30.00 at 5 % = 31.50: ordered 60.50.
const CUP = { id: 11, price: '10.00', quantity: 2, tax: '4.00' };
const BOOK = { id: 12, price: '5.00', quantity: 1 };
const LAMP = { id: 13, price: '30.00', quantity: 1, tax: '1.50', rate: 0.05 };
const whole = { left: 0 };

describe('what an edit removed and a refund without lines repaid', () => {
  test('is taken back with its own tax, and the sale keeps every line', () => {
    // The lamp is gone: current 24.00 + 5.00 = 29.00; 31.50 were paid back.
    const order = edited(
      [
        { ...CUP, left: 2 },
        { ...BOOK, left: 1 },
        { ...LAMP, ...whole },
      ],
      { ordered: '60.50', current: '29.00' },
      [lineless(7, '31.50', '2026-11-03T09:00:00Z')],
    );
    const { sale, refunds } = factsOf(order);
    expect(sale).toMatchObject({ total: 6050n, due: 0n, tenders: [{ amount: 6050n }] });
    expect(sale?.lines.map((line) => line.quantity)).toEqual(['2', '1', '1']);
    expect(refunds).toEqual([
      expect.objectContaining({
        id: '7',
        total: 3150n,
        lines: [
          expect.objectContaining({
            ...{ kind: 'product', id: '13', sku: 'T13', quantity: '1', net: 3000n, discount: 0n, restock: false },
            taxes: [{ name: 'VAT', rate: '5', amount: 150n, collectedBy: 'merchant' }],
          }),
        ],
        tenders: [expect.objectContaining({ kind: 'card', amount: 3150n })],
      }),
    ]);
    expect(refunds[0]?.lines[0]).not.toHaveProperty('taxUnknown');
  });

  test('wins over the refund delivered by itself, whichever comes first and even within its second', () => {
    const refund = lineless(7, '31.50', '2026-11-04T12:00:00Z');
    const order = edited(
      [
        { ...CUP, left: 2 },
        { ...LAMP, ...whole },
      ],
      { ordered: '55.50', current: '24.00' },
      [refund],
    );
    const [exact] = factsOf(order).refunds;
    const [alone] = factsOf(refund, 'refunds/create').refunds;
    expect(alone).toMatchObject({
      revision: '2026-11-04T12:00:00Z',
      lines: [{ kind: 'adjustment', taxUnknown: true }],
    });
    expect(exact?.revision).toBe('2026-11-04T12:00:00Z+edit');
    expect((exact?.revision ?? '') > (alone?.revision ?? '')).toBe(true);
    const [later] = factsOf({ ...order, updated_at: '2026-11-05T08:00:00Z' }).refunds;
    expect(later?.revision).toBe('2026-11-05T08:00:00Z+edit');
  });

  test('may be some units of a line, and removed shipping with its tax', () => {
    // One cup of two: 10.00 + 2.00; post 4.00 + 0.80: together 16.80. Ordered 24.00 + 4.80 = 28.80, left 12.00.
    const post = {
      ...{ id: 21, title: 'Post', price: '4.00', discounted_price: '4.00', is_removed: true },
      tax_lines: [{ title: 'VAT', rate: 0.2, price: '0.80' }],
    };
    const { sale, refunds } = factsOf(
      edited(
        [{ ...CUP, left: 1 }],
        { ordered: '28.80', current: '12.00' },
        [lineless(7, '16.80', '2026-11-03T09:00:00Z')],
        {
          shipping_lines: [post],
        },
      ),
    );
    expect(sale).toMatchObject({ total: 2880n, due: 0n, lines: [{ quantity: '2' }, { kind: 'shipping', net: 400n }] });
    expect(refunds[0]).toMatchObject({
      total: 1680n,
      lines: [
        { kind: 'product', quantity: '1', net: 1000n, taxes: [{ amount: 200n }] },
        { kind: 'shipping', id: '21', net: 400n, taxes: [{ amount: 80n }] },
      ],
    });
  });

  test('of two edits is matched refund by refund, in the order of time', () => {
    const refunds = [lineless(8, '5.00', '2026-11-04T11:00:00Z'), lineless(7, '31.50', '2026-11-03T09:00:00Z')];
    const order = edited(
      [
        { ...CUP, left: 2 },
        { ...BOOK, ...whole },
        { ...LAMP, ...whole },
      ],
      { ordered: '60.50', current: '24.00' },
      refunds,
    );
    const found = factsOf(order);
    expect(found.sale).toMatchObject({ total: 6050n, due: 0n });
    expect(found.refunds.map((each) => [each.id, each.lines.map((line) => line.id)])).toEqual([
      ['8', ['12']],
      ['7', ['13']],
    ]);
  });

  test('counts as sold while what a second edit removed is still owed', () => {
    // The lamp was repaid, the book not yet: 24.00 + 31.50 are sold, 60.50 were paid, 5.00 are owed.
    const order = edited(
      [
        { ...CUP, left: 2 },
        { ...BOOK, ...whole },
        { ...LAMP, ...whole },
      ],
      { ordered: '60.50', current: '24.00', outstanding: '-5.00' },
      [lineless(7, '31.50', '2026-11-03T09:00:00Z')],
    );
    const { sale, refunds } = factsOf(order);
    expect(sale).toMatchObject({ total: 5550n, due: -500n, tenders: [{ amount: 6050n }] });
    expect(sale?.lines.map((line) => line.id)).toEqual(['11', '13']);
    expect(refunds[0]).toMatchObject({ total: 3150n, lines: [{ id: '13' }] });
  });

  test('stands beside goods that the same refund took back', () => {
    // One cup came back (10.00 + 2.00), the lamp was removed (31.50): one refund of 43.50, one cup 12.00 is left.
    const back = { line_item_id: 11, quantity: 1, subtotal: 10, total_tax: 2, restock_type: 'return' };
    const refund = lineless(7, '43.50', '2026-11-03T09:00:00Z', { refund_line_items: [back] });
    const order = edited(
      [
        { ...CUP, left: 1 },
        { ...LAMP, ...whole },
      ],
      { ordered: '55.50', current: '12.00' },
      [refund],
    );
    const { sale, refunds } = factsOf(order);
    expect(sale).toMatchObject({ total: 5550n, due: 0n });
    expect(refunds[0]).toMatchObject({
      total: 4350n,
      lines: [
        { id: '11', net: 1000n, taxes: [{ amount: 200n }], restock: true },
        { id: '13', net: 3000n, taxes: [{ amount: 150n }], restock: false },
      ],
    });
  });

  test('stays an amount when the sum fits nothing that was removed', () => {
    // 20.00 and 11.50 come to the lamp only together.
    const refunds = [lineless(7, '20.00', '2026-11-03T09:00:00Z'), lineless(8, '11.50', '2026-11-03T10:00:00Z')];
    const order = edited(
      [
        { ...CUP, left: 2 },
        { ...LAMP, ...whole },
      ],
      { ordered: '55.50', current: '24.00' },
      refunds,
    );
    const found = factsOf(order);
    expect(found.sale).toMatchObject({ total: 5550n, due: 0n });
    expect(found.refunds).toMatchObject([
      { revision: '2026-11-03T09:00:00', lines: [{ kind: 'adjustment', net: 2000n, taxUnknown: true }] },
      { revision: '2026-11-03T10:00:00', lines: [{ kind: 'adjustment', net: 1150n, taxUnknown: true }] },
    ]);
  });

  test('is the first of two lines that cost the same; the other is left for the next refund', () => {
    // 12.00 is a card without tax or a cup at 20 %: both are removed, one is repaid, 12.00 are still owed.
    const items = [
      { ...CUP, left: 2 },
      { id: 14, price: '12.00', quantity: 1, left: 0 },
      { id: 15, price: '10.00', quantity: 1, left: 0, tax: '2.00' },
    ];
    const [first, second] = [
      lineless(7, '12.00', '2026-11-03T09:00:00Z'),
      lineless(8, '12.00', '2026-11-04T09:00:00Z'),
    ];
    const totals = { ordered: '48.00', current: '24.00' };
    const half = factsOf(edited(items, { ...totals, outstanding: '-12.00' }, [first]));
    expect(half.sale).toMatchObject({ total: 3600n, due: -1200n, tenders: [{ amount: 4800n }] });
    expect(half.refunds).toMatchObject([{ total: 1200n, lines: [{ id: '14', taxes: [] }] }]);
    const both = factsOf(edited(items, totals, [first, second]));
    expect(both.sale).toMatchObject({ total: 4800n, due: 0n });
    expect(both.refunds).toMatchObject([
      { lines: [{ id: '14' }] },
      { lines: [{ id: '15', taxes: [{ amount: 200n }] }] },
    ]);
  });

  test('is not looked for in a refund that explains itself by an adjustment', () => {
    const adjustment = { kind: 'refund_discrepancy', amount: '-31.50', tax_amount: '0.00' };
    const refund = lineless(7, '31.50', '2026-11-03T09:00:00Z', { order_adjustments: [adjustment] });
    const order = edited(
      [
        { ...CUP, left: 2 },
        { ...LAMP, ...whole },
      ],
      { ordered: '55.50', current: '24.00' },
      [refund],
    );
    expect(factsOf(order).refunds[0]).toMatchObject({ lines: [{ kind: 'adjustment', taxUnknown: true }] });
  });
});
