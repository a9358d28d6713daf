import { formatMinor, sum } from '@daybook/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { connector } from './connector.ts';

/** An order told by its parts in minor units; the test adds them up by itself. */
interface Parts {
  currency: string;
  inclusive: boolean;
  lines: {
    price: bigint;
    quantity: bigint;
    discounts: bigint[];
    taxes: { rate: string; amount: bigint }[];
    gift: boolean;
  }[];
  shipping: { price: bigint; discount: bigint; tax: bigint } | null;
  tip: bigint;
  duty: bigint;
  fee: bigint;
  rounding: bigint;
}

const amount = (max: bigint) => fc.bigInt({ min: 0n, max });

const line = fc
  .record({
    price: amount(500_000n),
    quantity: fc.bigInt({ min: 1n, max: 9n }),
    cut: fc.array(fc.bigInt({ min: 0n, max: 50n }), { maxLength: 2 }),
    rates: fc.array(fc.constantFrom('0.2', '0.0825', '0.05', '0.0', '0.255'), { maxLength: 2 }),
    gift: fc.boolean(),
  })
  .map(({ price, quantity, cut, rates, gift }) => {
    const list = price * quantity;
    const discounts = cut.map((percent) => (list * percent) / 100n);
    const paid = list - sum(discounts);
    // A channel may round a tax any way it likes; what it states counts.
    const taxes = rates.map((rate, index) => ({ rate, amount: (paid * BigInt(index + 7)) / 97n }));
    return { price, quantity, discounts, taxes, gift };
  });

const parts: fc.Arbitrary<Parts> = fc.record({
  currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'),
  inclusive: fc.boolean(),
  lines: fc.array(line, { minLength: 1, maxLength: 6 }),
  shipping: fc.option(
    fc.record({ price: fc.bigInt({ min: 100n, max: 9_000n }), discount: amount(50n), tax: amount(50n) }),
    { nil: null },
  ),
  tip: amount(900n),
  duty: amount(900n),
  fee: amount(200n),
  rounding: fc.bigInt({ min: -4n, max: 4n }),
});

/** What the buyer owes before cash rounding, and the taxes in it. */
function owed(order: Parts): { total: bigint; tax: bigint } {
  const taxOf = (taxes: { amount: bigint }[]) => sum(taxes.map((each) => each.amount));
  const tax = sum(order.lines.map((each) => taxOf(each.taxes))) + (order.shipping?.tax ?? 0n);
  const goods = sum(order.lines.map((each) => each.price * each.quantity - sum(each.discounts)));
  const shipping = order.shipping ? order.shipping.price - order.shipping.discount : 0n;
  return { total: goods + shipping + order.tip + order.duty + order.fee + (order.inclusive ? 0n : tax), tax };
}

/** The order as Shopify would write it. */
function written(order: Parts, total: bigint): string {
  const { currency } = order;
  const show = (minor: bigint) => formatMinor(minor, currency);
  const set = (minor: bigint) => ({ shop_money: { amount: show(minor), currency_code: currency } });
  const taxLine = (rate: string, minor: bigint) => ({ title: `Tax ${rate}`, rate, price: show(minor) });
  return JSON.stringify({
    id: '1',
    name: '#1',
    processed_at: '2026-11-01T10:00:00Z',
    updated_at: '2026-11-01T10:00:00Z',
    currency,
    taxes_included: order.inclusive,
    financial_status: 'paid',
    payment_gateway_names: ['cash'],
    total_price: show(total),
    total_tax: show(owed(order).tax),
    total_tip_received: show(order.tip),
    original_total_duties_set: set(order.duty),
    original_total_additional_fees_set: set(order.fee),
    total_cash_rounding_payment_adjustment_set: set(order.rounding),
    line_items: order.lines.map((each, index) => ({
      id: `${index + 10}`,
      title: `Thing ${index}`,
      quantity: `${each.quantity}`,
      price: show(each.price),
      gift_card: each.gift,
      // Line-level discounts stand in both places: the allocations are the whole truth.
      total_discount: show(each.discounts[0] ?? 0n),
      discount_allocations: each.discounts.map((minor) => ({ amount: show(minor) })),
      tax_lines: each.taxes.map((tax) => taxLine(tax.rate, tax.amount)),
    })),
    shipping_lines: order.shipping
      ? [
          {
            id: '99',
            title: 'Post',
            price: show(order.shipping.price),
            discounted_price: show(order.shipping.price - order.shipping.discount),
            tax_lines: [taxLine('0.2', order.shipping.tax)],
          },
        ]
      : [],
  });
}

function normalize(order: Parts, total: bigint) {
  const delivery = { topic: 'orders/paid', headers: {}, body: Buffer.from(written(order, total)) };
  return connector.normalize(delivery, { settings: {}, fetched: {} });
}

test('an order whose parts add up becomes a sale that adds up, whatever its currency and tax mode', () => {
  fc.assert(
    fc.property(parts, (order) => {
      const { total, tax } = owed(order);
      fc.pre(total + order.rounding > 0n);
      const result = normalize(order, total);
      const [sale] = 'events' in result ? result.events : [];
      if (sale?.type !== 'sale') throw new Error(JSON.stringify(result));
      expect(sale.total).toBe(total + order.rounding);
      expect(sum(sale.tenders.map((each) => each.amount))).toBe(total + order.rounding);
      expect(sum(sale.lines.flatMap((each) => each.taxes.map((one) => one.amount)))).toBe(tax);
      expect(sum(sale.lines.map((each) => each.net))).toBe(total + order.rounding - tax);
      expect(sale.lines.every((each) => each.discount >= 0n && each.listNet - each.discount === each.net)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('a total that is off by the smallest unit is refused', () => {
  fc.assert(
    fc.property(parts, fc.constantFrom(-1n, 1n), (order, off) => {
      const { total } = owed(order);
      fc.pre(total + off >= 0n);
      expect(() => normalize(order, total + off)).toThrow(ConnectorError);
    }),
    { numRuns: 200 },
  );
});
