import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWarehouse, restockOf, soldOf, stockEvent, type Warehouse } from '../test/stock.ts';
import { DomainError } from './domain-error.ts';
import { sum } from './money.ts';
import { goodsAfter, NO_GOODS } from './stock/goods.ts';

/** Whatever happens to an item, in whatever order, with quantities to a thousandth and costs to a hundredth of a cent. */
type Happening =
  | { what: 'receipt' | 'sale' | 'count' | 'adjustment' | 'value'; quantity: number; cost: number }
  | { what: 'restock'; quantity: number; of: number; cost: number };

const quantity = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((n) => n * 1000),
  fc.integer({ min: 1, max: 20_000 }),
);
const cost = fc.integer({ min: 0, max: 9_999_999 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    what: fc.constantFrom('receipt', 'sale', 'count', 'adjustment', 'value'),
    quantity,
    cost,
  }) as fc.Arbitrary<Happening>,
  fc.record({ what: fc.constant('restock' as const), quantity, cost, of: fc.nat(9) }),
);

const thousandths = (n: number) => `${Math.trunc(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;
const fine = (n: number) => `${Math.trunc(n / 10_000)}.${String(n % 10_000).padStart(4, '0')}`;

function happen(each: Happening, index: number, house: Warehouse): void {
  const id = String(index);
  const amount = thousandths(each.quantity);
  const line = { sku: 'A', quantity: amount };
  if (each.what === 'receipt') {
    house.post(stockEvent({ type: 'goods_receipt', id, lines: [{ ...line, unitCost: fine(each.cost) }] }));
  } else if (each.what === 'sale') house.post(soldOf(id, { A: amount }));
  else if (each.what === 'count')
    house.post(stockEvent({ type: 'stock_count', id, lines: [{ sku: 'A', counted: amount }] }));
  else if (each.what === 'restock') house.post(restockOf(`r${id}`, String(each.of), { A: amount }));
  else {
    const change = each.what === 'value' ? { value: each.cost - 5_000_000 } : { quantity: `-${amount}` };
    post(house, stockEvent({ type: 'stock_adjustment', id, reason: 'as it is', lines: [{ sku: 'A', ...change }] }));
  }
}

/** What a person may not do is refused and changes nothing. */
function post(house: Warehouse, event: Parameters<Warehouse['post']>[0]): void {
  try {
    house.post(event);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'INSUFFICIENT_STOCK')) throw error;
  }
}

test('stock is the sum of its movements and the balance of its account, and never worth the opposite of what is there', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 25 }), (happenings) => {
      const house = openWarehouse();
      for (const [index, each] of happenings.entries()) {
        try {
          happen(each, index, house);
        } catch (error) {
          // A refund whose sale never came waits.
          if (!(error instanceof DomainError && error.code === 'SALE_UNKNOWN')) throw error;
        }
        const { quantity: there, value } = house.state('A');
        expect(sum(house.movements().map((movement) => movement.quantity))).toBe(there);
        expect(sum(house.movements().map((movement) => movement.value))).toBe(value);
        expect(house.balances()['inventory.control'] ?? 0n).toBe(value);
        if (there === 0n) expect(value).toBe(0n);
        if (there > 0n) expect(value).toBeGreaterThanOrEqual(0n);
        if (there < 0n) expect(value).toBeLessThanOrEqual(0n);
      }
    }),
  );
});

test('whatever is sold and comes back whole, in whatever parts, leaves no cost of sales behind', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(quantity, cost, parts, (more, unitCost, back) => {
      const house = openWarehouse();
      const sold = back.reduce((all, each) => all + each, 0);
      const lines = [{ sku: 'A', quantity: thousandths(sold + more), unitCost: fine(unitCost) }];
      house.post(stockEvent({ type: 'goods_receipt', id: '1', lines }));
      const before = house.state('A');
      house.post(soldOf('s', { A: thousandths(sold) }));
      for (const [index, part] of back.entries()) house.post(restockOf(`r${index}`, 's', { A: thousandths(part) }));
      expect(house.balances().cost_of_sales).toBeUndefined();
      expect(house.state('A')).toMatchObject({ quantity: before.quantity, value: before.value });
    }),
  );
});

test('goods received and invoiced in the same quantity leave nothing on goods received not invoiced', () => {
  const part = fc.record({ quantity: fc.integer({ min: 1, max: 99 }), value: fc.integer({ min: 0, max: 9999 }) });
  const order = fc.array(part, { minLength: 1, maxLength: 5 }).chain((parts) =>
    fc.record({
      received: fc.constant(parts),
      invoiced: fc.shuffledSubarray(parts, { minLength: parts.length }),
      turns: fc.array(fc.boolean(), { minLength: 2 * parts.length, maxLength: 2 * parts.length }),
    }),
  );
  fc.assert(
    fc.property(order, ({ received, invoiced, turns }) => {
      const [in_, billed] = [[...received], [...invoiced]];
      let goods = NO_GOODS;
      while (in_.length + billed.length > 0) {
        const arrives = billed.length === 0 || (in_.length > 0 && (turns.shift() ?? true));
        const next = (arrives ? in_ : billed).shift() ?? { quantity: 0, value: 0 };
        const [amount, value] = [BigInt(next.quantity), BigInt(next.value)];
        const more = arrives ? { received: amount, receivedValue: value } : { invoiced: amount, invoicedValue: value };
        goods = goodsAfter(goods, more);
      }
      expect(goods.grni).toBe(0n);
    }),
  );
});
