import { describe, expect, test } from 'vitest';
import { type Article, simulatedCafe } from './cafe.ts';
import { openOrder, roundedForCash, withTender } from './order.ts';
import { type Basket, type BasketLine, priced } from './pricing.ts';
import { amountReturn, itemisedReturn } from './returns.ts';
import { type Order, type OrderLine, usd } from './wire.ts';

const cafe = simulatedCafe(1);
const article = (sku: string): Article => cafe.articles.find((each) => each.sku === sku)!;
const of = (sku: string, quantity: string, modifiers: string[] = []): BasketLine => ({
  what: { article: article(sku), modifiers: cafe.modifiers.filter(({ name }) => modifiers.includes(name)) },
  quantity,
});
let next = 0;
const uid = () => {
  next += 1;
  return `u${next}`;
};
const AT = '2026-07-01T12:00:00.000Z';
const head = { id: 'order', location_id: 'L1', source: 'Point of Sale', at: AT, versioned: false };
const order = (basket: Basket): Order => openOrder(head, priced(basket, 1n, uid));
const figures = ({ gross_sales_money, total_discount_money, total_tax_money, total_money }: OrderLine) => [
  gross_sales_money.amount,
  total_discount_money.amount,
  total_tax_money.amount,
  total_money.amount,
];

describe('an order is priced as Square prices it', () => {
  test('tax comes on top of price and modifiers, half a cent up', () => {
    const { line_items: lines, total_money } = order({ lines: [of('LATTE-12', '2', ['Oat milk'])] });
    // 2 × 4.95 + 2 × 0.75 = 11.40; 8.875 % of it is 1.01175.
    expect(figures(lines![0]!)).toEqual([1140n, 0n, 101n, 1241n]);
    expect(total_money).toEqual(usd(1241n));
  });

  test('tax inside the price is taken out of the gross sales of a seller in the US', () => {
    const { line_items: lines, taxes } = order({ lines: [of('POSTCARD', '3')] });
    // 7.50 × 8.875 / 108.875 = 0.61137.
    expect(figures(lines![0]!)).toEqual([689n, 0n, 61n, 750n]);
    expect(taxes).toMatchObject([{ type: 'INCLUSIVE', percentage: '8.875', applied_money: usd(61n) }]);
  });

  test('what is sold by weight costs its share of the pound', () => {
    const { line_items: lines } = order({ lines: [of('BEANS-LB', '0.350')] });
    // 0.350 × 18.99 = 6.6465.
    expect(figures(lines![0]!)).toEqual([665n, 0n, 0n, 665n]);
    expect(lines![0]).toMatchObject({ quantity: '0.350', quantity_unit: { precision: 3 } });
  });

  test('a line’s own discount goes first, then the order’s share, then the tax', () => {
    const orderDiscount = { name: 'Neighbours', percentage: '10' };
    const lines = [{ ...of('CROISSANT', '2'), discount: 100n }, of('POSTCARD', '3')];
    const { line_items, discounts, total_discount_money } = order({ lines, orderDiscount });
    // 8.90 − 1.00 = 7.90 and 7.50: 10 % of 15.40 is 1.54, split 0.79 and 0.75.
    // 8.875 % of 7.11 is 0.63; 6.75 holds 0.55.
    expect(figures(line_items![0]!)).toEqual([890n, 179n, 63n, 774n]);
    expect(figures(line_items![1]!)).toEqual([695n, 75n, 55n, 675n]);
    expect(discounts!.map(({ scope, applied_money }) => [scope, applied_money.amount])).toEqual([
      ['ORDER', 154n],
      ['LINE_ITEM', 100n],
    ]);
    expect(total_discount_money).toEqual(usd(254n));
  });

  test('an order’s discount is split by worth, the odd cents by the largest remainder', () => {
    const orderDiscount = { name: 'Neighbours', percentage: '12.5' };
    const lines = [of('ESPRESSO', '1'), of('LATTE-12', '1'), of('CROISSANT', '1')];
    const { line_items } = order({ lines, orderDiscount });
    // 12.5 % of 12.65 is 1.58: 40.59, 61.83 and 55.58 cents.
    expect(line_items!.map(({ total_discount_money }) => total_discount_money.amount)).toEqual([41n, 62n, 55n]);
  });

  test('gift cards are neither taxed nor discounted', () => {
    const card: BasketLine = { what: { giftCard: 5000n }, quantity: '1' };
    const orderDiscount = { name: 'Neighbours', percentage: '10' };
    const { line_items } = order({ lines: [card, of('LOAF-SOUR', '1')], orderDiscount });
    expect(figures(line_items![0]!)).toEqual([5000n, 0n, 0n, 5000n]);
    expect(figures(line_items![1]!)).toEqual([850n, 85n, 0n, 765n]);
  });

  test('a gratuity is a share of the lines with a tax of its own, a delivery fee is not taxed', () => {
    const tax = cafe.taxes[0]!;
    const charges = [
      { name: 'Auto Gratuity', type: 'AUTO_GRATUITY' as const, worth: { percentage: '18' }, tax },
      { name: 'Delivery Fee', type: 'CUSTOM' as const, worth: { amount: 399n } },
    ];
    const sold = order({ lines: [of('SANDWICH-TURKEY', '4')], charges });
    // 18 % of 47.80 is 8.604; 8.875 % of 8.60 is 0.76325, of 47.80 it is 4.24225.
    expect(sold.service_charges).toMatchObject([
      { type: 'AUTO_GRATUITY', applied_money: usd(860n), total_tax_money: usd(76n), total_money: usd(936n) },
      { type: 'CUSTOM', applied_money: usd(399n), total_tax_money: usd(0n), total_money: usd(399n), taxable: false },
    ]);
    expect([sold.total_tax_money, sold.total_service_charge_money]).toEqual([usd(500n), usd(1259n)]);
    expect(sold.total_money).toEqual(usd(4780n + 424n + 936n + 399n));
  });

  test.for([
    [1241n, 1240n],
    [1242n, 1240n],
    [1243n, 1245n],
    [1245n, 1245n],
  ] as const)('%i cents are paid with %i in cash', ([due, paid]) => {
    const custom: BasketLine = { what: { custom: due, note: '' }, quantity: '1' };
    const rounded = roundedForCash(order({ lines: [custom] }), uid(), AT);
    expect(rounded.total_money).toEqual(usd(paid));
    expect(rounded.rounding_adjustment?.amount_money ?? usd(0n)).toEqual(usd(paid - due));
    expect(rounded.total_tax_money).toEqual(usd(0n));
  });
});

describe('what is taken back', () => {
  const sale = order({ lines: [of('CROISSANT', '3')] });
  const [line] = sale.line_items!;
  const take = (quantity: string, earlier: Order[], cash = false) =>
    itemisedReturn(sale, { lines: [{ line: line!, quantity }], charges: false, tips: false, cash }, earlier, uid);

  test('takes its tax by the cumulative method, so that the last unit leaves nothing', () => {
    // 3 × 4.45 = 13.35, tax 1.18; a third of it is 39.33 cents.
    const earlier: Order[] = [];
    const taxes = ['1', '1', '1'].map((quantity) => {
      const back = take(quantity, earlier);
      earlier.push({ ...sale, id: `back${earlier.length}`, returns: [back] });
      expect(back.return_amounts.total_money.amount).toBe(445n + back.return_amounts.tax_money.amount);
      return back.return_amounts.tax_money.amount;
    });
    expect(taxes).toEqual([39n, 40n, 39n]);
  });

  test('in cash it is rounded to five cents like the sale', () => {
    const back = take('1', [], true);
    expect(back.rounding_adjustment?.amount_money).toEqual(usd(1n));
    expect(back.return_amounts.total_money).toEqual(usd(485n));
    expect(back.return_amounts.tax_money).toEqual(usd(39n));
  });

  test('as a whole it includes charges with their tax, and tips', () => {
    const tax = cafe.taxes[0]!;
    const charges = [{ name: 'Auto Gratuity', type: 'AUTO_GRATUITY' as const, worth: { percentage: '18' }, tax }];
    const tender = {
      id: 'p1',
      location_id: 'L1',
      transaction_id: 'order',
      created_at: AT,
      amount_money: usd(1000n),
      tip_money: usd(300n),
      type: 'CARD' as const,
      payment_id: 'p1',
    };
    const tipped = withTender(order({ lines: [of('CROISSANT', '3')], charges }), tender, AT);
    const lines = tipped.line_items!.map((each) => ({ line: each, quantity: each.quantity }));
    const back = itemisedReturn(tipped, { lines, charges: true, tips: true, cash: false }, [], uid);
    // 13.35 + 1.18; 18 % of 13.35 is 2.40, its tax 0.21; tip 3.00.
    expect(back.return_amounts).toEqual({
      total_money: usd(1335n + 118n + 240n + 21n + 300n),
      tax_money: usd(139n),
      discount_money: usd(0n),
      tip_money: usd(300n),
      service_charge_money: usd(240n),
    });
    expect(back.return_taxes).toMatchObject([{ source_tax_uid: tipped.taxes![0]!.uid, applied_money: usd(139n) }]);
  });

  test('an amount without goods is one custom amount without tax', () => {
    const back = amountReturn(sale, 500n, uid);
    expect(back.return_line_items).toMatchObject([
      { item_type: 'CUSTOM_AMOUNT', quantity: '1', total_money: usd(500n) },
    ]);
    expect(back.return_line_items[0]).not.toHaveProperty('source_line_item_uid');
    expect([back.return_amounts.total_money, back.return_amounts.tax_money]).toEqual([usd(500n), usd(0n)]);
  });
});
