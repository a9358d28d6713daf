import { describe, expect, test } from 'vitest';
import { random } from '../../../kit/random.ts';
import { opposite } from './bag.ts';
import { everything } from './changes.ts';
import { checkout } from './checkout.ts';
import { type Order, outstanding } from './order.ts';
import { orderBody } from './rest-order.ts';
import { refundBody } from './rest-refund.ts';
import { type Product, type Shop, simulatedShops, type Tax } from './shops.ts';
import { placePaid, stage } from './step.ts';
import { totalsOf } from './totals.ts';

const [TEA, OUTDOOR] = simulatedShops(1) as [Shop, Shop];
const VAT20 = { title: 'GB VAT', ppm: 200_000 };
const VAT5 = { title: 'GB VAT', ppm: 50_000 };
const VAT0 = { title: 'GB VAT', ppm: 0 };

let made = 0;
const product = (price: bigint, ...taxes: Tax[]): Product => {
  made += 1;
  return {
    id: `${made}`,
    variantId: `${made}`,
    sku: `S${made}`,
    title: 'Thing',
    price,
    grams: 1,
    giftCard: false,
    taxes,
  };
};
const ids = () => {
  made += 1;
  return `${made}`;
};
const head = {
  number: 1001,
  createdAt: '2026-03-01T09:00:00Z',
  customer: { id: '1234567', firstName: 'Ada', lastName: 'Example' },
};
const play = (shop: Shop) =>
  stage({
    seed: 1,
    shop,
    step: 0,
    now: Date.parse('2026-03-01T09:00:00Z'),
    balance: { movements: new Map(), payouts: new Map(), disputes: new Map() },
    nextNumber: () => 1001,
    chance: random(1),
  });
const taxes = (order: Order) => order.lines.map((line) => line.taxes.map((tax) => tax.amount.shop));

describe('a checkout', () => {
  test('spreads an order discount first and takes included tax per line after it (accounting.md C2)', () => {
    // 30.00 at 20 %, 12.50 at 0 %, 7.49 at 5 %; 12 % of 49.99 is 5.9988, so 6.00, split 3.60, 1.50, 0.90.
    const items = [product(3000n, VAT20), product(1250n, VAT0), product(749n, VAT5)].map((each) => ({
      product: each,
      quantity: 1,
    }));
    const order = checkout(TEA, { items, code: { title: 'X', percent: 12 } }, head, ids);
    expect(order.lines.map((line) => line.allocations[0]!.amount.shop)).toEqual([360n, 150n, 90n]);
    // 26.40 / 6 = 4.40; nothing; 6.59 × 5 / 105 = 0.3138.
    expect(taxes(order)).toEqual([[440n], [0n], [31n]]);
    expect(orderBody(order, TEA)).toMatchObject({
      subtotal_price: '43.99',
      total_discounts: '6.00',
      total_tax: '4.71',
      total_price: '43.99',
    });
  });

  test('adds tax to prices without it, each tax rounded half-up on its own', () => {
    // 2 × 24.99 = 49.98: 4 % is 1.9992, 4.75 % is 2.37405; shipping 6.99: 0.2796 and 0.332025.
    const items = [{ product: product(2499n, ...OUTDOOR.shippingTaxes), quantity: 2 }];
    const shipping = { title: 'Ground', code: 'ground', price: 699n };
    const order = checkout(OUTDOOR, { items, shipping }, head, ids);
    expect(taxes(order)).toEqual([[200n, 237n]]);
    expect(order.shipping[0]!.taxes.map((tax) => tax.amount.shop)).toEqual([28n, 33n]);
    expect(orderBody(order, OUTDOOR)).toMatchObject({
      subtotal_price: '49.98',
      total_tax: '4.98',
      total_price: '61.95',
      total_line_items_price: '49.98',
    });
  });

  test('computes what the buyer sees in the other currency on its own, not by converting the total', () => {
    // 11.99 GBP × 1.1637 = 13.952763, so 13.95 EUR each; three are 41.85 EUR although 35.97 GBP would be 41.86.
    const items = [{ product: product(1199n, VAT20), quantity: 3 }];
    const order = checkout(TEA, { items, presentment: TEA.presentments[0]! }, head, ids);
    expect(orderBody(order, TEA)).toMatchObject({
      currency: 'GBP',
      presentment_currency: 'EUR',
      total_price: '35.97',
      total_price_set: { presentment_money: { amount: '41.85', currency_code: 'EUR' } },
      // 35.97 / 6 = 5.995 and 41.85 / 6 = 6.975, both half-up.
      total_tax_set: { shop_money: { amount: '6.00' }, presentment_money: { amount: '6.98' } },
    });
  });

  test('a tip is a line of its own that no discount or tax touches', () => {
    const items = [{ product: product(2000n, ...OUTDOOR.shippingTaxes), quantity: 1 }];
    const order = checkout(OUTDOOR, { items, tip: 300n, code: { title: 'X', percent: 50 } }, head, ids);
    // 10.00 after the code, 0.40 and 0.475 tax, 3.00 tip.
    expect(orderBody(order, OUTDOOR)).toMatchObject({
      subtotal_price: '10.00',
      total_tip_received: '3.00',
      total_tax: '0.88',
      total_price: '13.88',
      line_items: [{}, { title: 'Tip', price: '3.00', taxable: false, tax_lines: [], discount_allocations: [] }],
    });
  });
});

describe('changes of an order', () => {
  const twoLines = (on: ReturnType<typeof play>) =>
    placePaid(on, {
      items: [
        { product: product(3450n, VAT20), quantity: 1 },
        { product: product(1199n, VAT20), quantity: 2 },
      ],
    });

  test('a line taken off a paid order shows in current figures only, and its money goes back without lines', () => {
    const on = play(TEA);
    const placed = twoLines(on);
    const edited = on.removeLine(placed, placed.lines[1]!.id);
    expect(orderBody(edited, TEA)).toMatchObject({
      total_price: '58.48',
      current_total_price: '34.50',
      current_total_tax: '5.75',
      total_outstanding: '-23.98',
      financial_status: 'paid',
      refunds: [],
    });
    const repaid = on.repay(edited, opposite(outstanding(edited)));
    expect(refundBody(repaid.refunds[0]!, repaid, TEA)).toMatchObject({
      refund_line_items: [],
      order_adjustments: [],
      transactions: [{ kind: 'refund', amount: '23.98', status: 'success' }],
    });
    expect(orderBody(repaid, TEA)).toMatchObject({ total_outstanding: '0.00', financial_status: 'partially_refunded' });
    expect(totalsOf([repaid])).toEqual({ count: 1, total: 3450n, tax: 575n });
  });

  test('a line put on a paid order raises its totals, and the order is partly paid until the rest is', () => {
    const on = play(TEA);
    const edited = on.addLine(twoLines(on), product(745n, VAT20), 2);
    expect(orderBody(edited, TEA)).toMatchObject({
      total_price: '73.38',
      current_total_price: '73.38',
      total_outstanding: '14.90',
      financial_status: 'partially_paid',
    });
    expect(on.facts.at(-1)).toMatchObject({
      topic: 'orders/edited',
      edit: { added: [{ id: edited.lines[2]!.id, delta: 2 }], removed: [] },
    });
    const paid = on.pay(edited, 'sale', outstanding(edited));
    expect(orderBody(paid, TEA)).toMatchObject({ financial_status: 'paid', total_outstanding: '0.00' });
  });

  test('refunds of one unit after the other leave nothing of the line and its tax (accounting.md A8)', () => {
    // 3 × 3.33 with 8 % is 0.80 tax: up to one unit 0.27, two 0.53, three 0.80.
    const on = play({ ...OUTDOOR, shippingTaxes: [] });
    const items = [{ product: product(333n, { title: 'Sales tax', ppm: 80_000 }), quantity: 3 }];
    let order = placePaid(on, { items });
    for (const expected of ['0.27', '0.26', '0.27']) {
      const lines = [{ line: order.lines[0]!, quantity: 1, restock: 'return' as const }];
      order = on.refund(order, { lines, shipping: false, discrepancy: null, note: null });
      const body = refundBody(order.refunds.at(-1)!, order, OUTDOOR) as { refund_line_items: { subtotal: unknown }[] };
      expect(body).toMatchObject({
        restock: true,
        refund_line_items: [
          { restock_type: 'return', quantity: 1, total_tax_set: { shop_money: { amount: expected } } },
        ],
      });
      expect(`${body.refund_line_items[0]!.subtotal}`).toBe('3.33');
    }
    expect(order.payments.map((payment) => payment.amount.shop)).toEqual([1079n, 360n, 359n, 360n]);
    expect(orderBody(order, OUTDOOR)).toMatchObject({ financial_status: 'refunded', current_total_price: '0.00' });
    expect(totalsOf([order])).toEqual({ count: 1, total: 0n, tax: 0n });
  });

  test('goodwill without lines is a negative adjustment without tax; totals take the tax by ratio (C11)', () => {
    const on = play(TEA);
    const placed = placePaid(on, { items: [{ product: product(6000n, VAT20), quantity: 1 }] });
    const discrepancy = { shop: 500n, presentment: 500n };
    const order = on.refund(placed, { lines: [], shipping: false, discrepancy, note: 'Goodwill' });
    expect(refundBody(order.refunds[0]!, order, TEA)).toMatchObject({
      refund_line_items: [],
      order_adjustments: [{ kind: 'refund_discrepancy', amount: '-5.00', tax_amount: '0.00' }],
      transactions: [{ amount: '5.00' }],
    });
    // 10.00 tax of the sale less 5.00 × 10.00 / 60.00 = 0.83.
    expect(totalsOf([order])).toEqual({ count: 1, total: 5500n, tax: 917n });
  });

  test('a refund of everything goes back to the gift card and the card it was paid with', () => {
    const on = play(TEA);
    const placed = on.place({ items: [{ product: product(6000n, VAT20), quantity: 1 }] });
    const fifty = { shop: 5000n, presentment: 5000n };
    const begun = on.pay(placed, 'sale', fifty, { gateway: 'gift_card', sameEvent: true });
    const paid = on.pay(begun, 'sale', outstanding(begun), { sameEvent: true });
    expect(orderBody(paid, TEA)).toMatchObject({
      total_price: '60.00',
      payment_gateway_names: ['gift_card', 'shopify_payments'],
    });
    const order = on.refund(paid, everything(paid, 'return', null));
    expect(refundBody(order.refunds[0]!, order, TEA).transactions).toMatchObject([
      { gateway: 'shopify_payments', amount: '10.00' },
      { gateway: 'gift_card', amount: '50.00' },
    ]);
  });
});
