import { describe, expect, test } from 'vitest';
import { rows } from '../test/books.ts';
import { booksWithItems, openWarehouse, restockOf, soldOf, stockEvent, type Warehouse } from '../test/stock.ts';
import { DomainError } from './domain-error.ts';
import type { ResolvedEntry } from './journal-entry.ts';
import { formatQuantity } from './stock-rules.ts';

const told = (entries: ResolvedEntry[]) => entries.map((entry) => rows(entry, 'USD'));
const keys = (entries: ResolvedEntry[]) =>
  entries.map(({ sourceKey }) => sourceKey.replace('webshop:demo.example:', ''));
const stock = ({ state }: Warehouse, sku = 'A') => [formatQuantity(state(sku).quantity), state(sku).value];

function receipt(id: string, quantity: string, unitCost: string, more: Record<string, unknown> = {}) {
  return stockEvent({ type: 'goods_receipt', id, lines: [{ sku: 'A', quantity, unitCost }], ...more });
}
function bill(id: string, quantity: string, net: number, more: Record<string, unknown> = {}) {
  return stockEvent({ type: 'bill', id, lines: [{ sku: 'A', quantity, net }], total: net, ...more });
}
function adjustment(line: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return stockEvent({ type: 'stock_adjustment', id: 'adj', lines: [{ sku: 'A', ...line }], ...more });
}
function count(counted: string, more: Record<string, unknown> = {}) {
  return stockEvent({ type: 'stock_count', id: 'count', lines: [{ sku: 'A', counted }], ...more });
}
function refusal(attempt: () => unknown) {
  try {
    attempt();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

test('the worked example of an item (accounting.md D5) is exact at every step', () => {
  const house = openWarehouse();
  expect(told(house.post(receipt('1', '10', '5.00')))).toEqual([['Dr inventory.control 50.00', 'Cr grni 50.00']]);
  expect(stock(house)).toEqual(['10', 5000n]);
  house.post(receipt('2', '5', '6.20'));
  expect(stock(house)).toEqual(['15', 8100n]);
  const sold = house.post(soldOf('3', { A: '4' }));
  expect(told(sold)).toEqual([['Dr cost_of_sales 21.60', 'Cr inventory.control 21.60']]);
  expect(keys(sold)).toEqual(['sale:3:cogs']);
  expect(stock(house)).toEqual(['11', 5940n]);
  house.post(receipt('4', '7', '5.55'));
  expect(stock(house)).toEqual(['18', 9825n]);
  house.post(soldOf('5', { A: '5' }));
  expect(stock(house)).toEqual(['13', 7096n]);
  const back = house.post(restockOf('6', '3', { A: '1' }));
  expect(told(back)).toEqual([['Dr inventory.control 5.40', 'Cr cost_of_sales 5.40']]);
  expect(keys(back)).toEqual(['refund:6:restock']);
  expect(stock(house)).toEqual(['14', 7636n]);
  expect(told(house.post(adjustment({ quantity: '-1' })))).toEqual([
    ['Dr inventory.adjustment 5.45', 'Cr inventory.control 5.45'],
  ]);
  expect(stock(house)).toEqual(['13', 7091n]);
  expect(told(house.post(count('12')))).toEqual([['Dr count.variance 5.45', 'Cr inventory.control 5.45']]);
  expect(stock(house)).toEqual(['12', 6546n]);
  const invoice = house.post(bill('B4', '7', 3990, { goodsReceipt: { id: '4' } }));
  expect(told(invoice)).toEqual([['Cr ap.control 39.90', 'Dr grni 38.85', 'Dr purchase.variance 1.05']]);
  expect(stock(house)).toEqual(['12', 6546n]);
  expect(house.balances()).toEqual({
    'inventory.control': 6546n,
    cost_of_sales: 4349n,
    'inventory.adjustment': 545n,
    'count.variance': 545n,
    'purchase.variance': 105n,
    grni: -8100n,
    'ap.control': -3990n,
  });
});

describe('units sold short (accounting.md D6)', () => {
  test('leave at the last average, and the next receipt corrects their cost', () => {
    const house = openWarehouse();
    house.post(receipt('1', '2', '5.00'));
    expect(told(house.post(soldOf('1', { A: '5' })))).toEqual([
      ['Dr cost_of_sales 25.00', 'Cr inventory.control 25.00'],
    ]);
    expect(stock(house)).toEqual(['-3', -1500n]);
    const arrived = house.post(receipt('2', '10', '6.00'));
    expect(told(arrived)).toEqual([
      ['Dr inventory.control 60.00', 'Cr grni 60.00'],
      ['Dr cost_of_sales 3.00', 'Cr inventory.control 3.00'],
    ]);
    expect(keys(arrived)).toEqual(['goods_receipt:2', 'goods_receipt:2:correction']);
    expect(stock(house)).toEqual(['7', 4200n]);
  });

  test('are settled part by part, and leave no value behind at zero', () => {
    const house = openWarehouse();
    house.post(receipt('1', '1', '5.00'));
    house.post(soldOf('1', { A: '4' }));
    house.post(receipt('2', '1', '6.01'));
    expect(stock(house)).toEqual(['-2', -1000n]);
    house.post(receipt('3', '2', '4.00'));
    expect(stock(house)).toEqual(['0', 0n]);
  });

  test('leave at the last average after the last unit was sold, and of an unknown item at zero', () => {
    const house = openWarehouse();
    house.post(receipt('1', '2', '5.50'));
    house.post(soldOf('1', { A: '2' }));
    house.post(soldOf('2', { A: '1', B: '1' }));
    expect(stock(house)).toEqual(['-1', -550n]);
    expect(stock(house, 'B')).toEqual(['-1', 0n]);
  });

  test('what a person takes out has to be there', () => {
    const house = openWarehouse();
    house.post(receipt('1', '2', '5.00'));
    expect(refusal(() => house.post(adjustment({ quantity: '-3' })))).toBe('INSUFFICIENT_STOCK');
    expect(refusal(() => house.post(receipt('2', '-3', '5.00')))).toBe('INSUFFICIENT_STOCK');
    expect(refusal(() => house.post(adjustment({ value: -1001 })))).toBe('INSUFFICIENT_STOCK');
    expect(refusal(() => house.post(adjustment({ quantity: '-2', value: -999 })))).toBe('INSUFFICIENT_STOCK');
    expect(stock(house)).toEqual(['2', 1000n]);
  });
});

describe('returns', () => {
  test('bring back the cost of their own sale, and the last one exactly what is left', () => {
    const house = openWarehouse();
    house.post(receipt('1', '7', '1.4286'));
    // 7 × 1.4286 = 10.0002 → 10.00; three of them cost 10.00 × 3/7 = 4.2857 → 4.29.
    house.post(soldOf('1', { A: '3' }));
    house.post(receipt('2', '10', '9.00'));
    const costs = ['r1', 'r2', 'r3'].map((id) => told(house.post(restockOf(id, '1', { A: '1' })))[0]?.[0]);
    // Cumulative: 1.43, 2.86, 4.29.
    expect(costs).toEqual([1, 2, 3].map(() => 'Dr inventory.control 1.43'));
    expect(house.balances().cost_of_sales).toBeUndefined();
  });

  test('whose sale nobody knows come back at the average, else at the last cost', () => {
    const house = openWarehouse();
    house.post(receipt('1', '2', '5.00'));
    house.post(receipt('2', '2', '6.00'));
    expect(told(house.post(restockOf('r1', null, { A: '1' })))).toEqual([
      ['Dr inventory.control 5.50', 'Cr cost_of_sales 5.50'],
    ]);
    house.post(soldOf('1', { A: '5' }));
    expect(told(house.post(restockOf('r2', null, { A: '1' })))).toEqual([
      ['Dr inventory.control 6.00', 'Cr cost_of_sales 6.00'],
    ]);
  });

  test('to the supplier leave at the average; what the credit note differs by is purchase variance', () => {
    const house = openWarehouse();
    house.post(receipt('1', '4', '5.00'));
    house.post(receipt('2', '4', '6.00'));
    expect(told(house.post(receipt('back', '-2', '6.00')))).toEqual([['Cr inventory.control 11.00', 'Dr grni 11.00']]);
    expect(told(house.post(bill('CN', '-2', -1200, { goodsReceipt: { id: 'back' } })))).toEqual([
      ['Dr ap.control 12.00', 'Cr grni 11.00', 'Cr purchase.variance 1.00'],
    ]);
    expect(house.balances().grni).toBe(-4400n);
  });
});

describe('a newer revision moves the difference only', () => {
  test('of a sale', () => {
    const house = openWarehouse();
    house.post(receipt('1', '10', '5.00'));
    house.post(soldOf('1', { A: '4' }));
    house.post(receipt('2', '4', '7.50'));
    const more = house.post(soldOf('1', { A: '5' }, { revision: '2' }));
    // Six of 5.00 and four of 7.50 are there: 60.00 ÷ 10.
    expect([keys(more), told(more)]).toEqual([
      ['sale:1:cogs:v2'],
      [['Dr cost_of_sales 6.00', 'Cr inventory.control 6.00']],
    ]);
    const fewer = house.post(soldOf('1', { A: '1' }, { revision: '3' }));
    // Five units went at 26.00; four of them come back at 26.00 × 4/5 = 20.80.
    expect([keys(fewer), told(fewer)]).toEqual([
      ['sale:1:cogs:v3'],
      [['Dr inventory.control 20.80', 'Cr cost_of_sales 20.80']],
    ]);
    expect(house.post(soldOf('1', { A: '1' }, { revision: '4', memo: 'said again' }))).toEqual([]);
  });

  test('of a sale that was cancelled: all of it comes back', () => {
    const house = openWarehouse();
    house.post(receipt('1', '3', '3.3333'));
    const owed = { tenders: [], due: 1000, customer: { id: 'c' } };
    house.post(soldOf('1', { A: '2' }, owed));
    const back = house.post(stockEvent({ type: 'void', id: '1', revision: '2', sale: { id: '1' } }));
    expect([keys(back), told(back)]).toEqual([
      ['void:1:restock'],
      [['Dr inventory.control 6.67', 'Cr cost_of_sales 6.67']],
    ]);
    expect(stock(house)).toEqual(['3', 1000n]);
  });

  test('of a goods receipt, a count and an adjustment', () => {
    const house = openWarehouse();
    house.post(receipt('1', '10', '5.00'));
    expect(told(house.post(receipt('1', '8', '5.00', { revision: '2' })))).toEqual([
      ['Cr inventory.control 10.00', 'Dr grni 10.00'],
    ]);
    house.post(count('7'));
    expect(told(house.post(count('8', { revision: '2' })))).toEqual([
      ['Dr inventory.control 5.00', 'Cr count.variance 5.00'],
    ]);
    house.post(adjustment({ quantity: '-2' }));
    expect(told(house.post(adjustment({ quantity: '-1' }, { revision: '2' })))).toEqual([
      ['Dr inventory.control 5.00', 'Cr inventory.adjustment 5.00'],
    ]);
    expect(stock(house)).toEqual(['7', 3500n]);
  });
});

describe('goods and their invoices (accounting.md D3)', () => {
  test('an invoice that comes first is cleared by the goods', () => {
    const house = openWarehouse();
    expect(told(house.post(bill('B1', '10', 6000)))).toEqual([['Cr ap.control 60.00', 'Dr grni 60.00']]);
    const arrived = house.post(receipt('1', '10', '5.80', { bill: { id: 'B1' } }));
    expect(told(arrived)).toEqual([['Dr inventory.control 58.00', 'Cr grni 60.00', 'Dr purchase.variance 2.00']]);
    expect(house.balances().grni).toBeUndefined();
  });

  test('part invoices clear their part of what was received, the last one the rest', () => {
    const house = openWarehouse();
    house.post(receipt('1', '3', '3.3333'));
    const cleared = ['x', 'y', 'z'].map((id) => {
      const lines = told(house.post(bill(id, '1', 333, { goodsReceipt: { id: '1' } })))[0] ?? [];
      return lines.find((line) => line.includes('grni'));
    });
    // 10.00 in all; cumulative half-even: what stays is 6.67, 3.33, 0.
    expect(cleared).toEqual(['Dr grni 3.33', 'Dr grni 3.34', 'Dr grni 3.33']);
    expect(house.balances()).toMatchObject({ 'ap.control': -999n });
    expect(house.balances().grni).toBeUndefined();
  });

  test('a corrected invoice ends where the right one would have', () => {
    const house = openWarehouse();
    house.post(bill('B1', '10', 6000));
    house.post(receipt('1', '10', '5.80', { bill: { id: 'B1' } }));
    house.post(bill('B1', '10', 5900, { revision: '2' }));
    expect(house.balances()).toEqual({ 'inventory.control': 5800n, 'ap.control': -5900n, 'purchase.variance': 100n });
  });

  test('with revalueOnInvoice the goods still there take their share of the difference', () => {
    const house = openWarehouse(booksWithItems('US', { settings: { revalueOnInvoice: true } }));
    house.post(receipt('1', '10', '5.00'));
    house.post(soldOf('1', { A: '6' }));
    const made = house.post(bill('B1', '10', 5500, { goodsReceipt: { id: '1' } }));
    // 5.00 more for ten, four are there: 2.00.
    expect(told(made)[1]).toEqual(['Dr inventory.control 2.00', 'Cr purchase.variance 2.00']);
    expect(stock(house)).toEqual(['4', 2200n]);
  });

  test('a bill in a foreign currency clears the goods in the company’s', () => {
    const house = openWarehouse(
      booksWithItems('US', { rates: { 'EUR 2026-03-10': '1.10', 'EUR 2026-03-20': '1.12' } }),
    );
    house.post(receipt('1', '10', '5.00', { currency: 'EUR' }));
    expect(stock(house)).toEqual(['10', 5500n]);
    const foreign = { currency: 'EUR', date: '2026-03-20', goodsReceipt: { id: '1' } };
    const made = house.post(bill('B1', '10', 5000, foreign));
    expect(told(made)).toEqual([['Cr ap.control 56.00', 'Dr grni 55.00', 'Dr purchase.variance 1.00']]);
  });
});

test('a bill whose lines do not come to its total is refused', () => {
  const house = openWarehouse();
  const attempt = () => house.post(bill('B1', '10', 6000, { total: 6100 }));
  expect(refusal(attempt)).toBe('EVENT_INVALID');
});

test('a count compares with what was there at its instant, not with what is there when it is entered', () => {
  const house = openWarehouse();
  house.post(receipt('1', '10', '5.00'));
  house.post(soldOf('late', { A: '3' }, { occurredAt: '2026-03-11T09:00:00Z' }));
  const counted = house.post(count('9', { occurredAt: '2026-03-10T20:00:00Z' }));
  expect(told(counted)).toEqual([['Dr count.variance 5.00', 'Cr inventory.control 5.00']]);
  expect(stock(house)).toEqual(['6', 3000n]);
});

test('counted goods of which there were none are worth what was paid last', () => {
  const house = openWarehouse();
  house.post(receipt('1', '1', '5.00'));
  house.post(soldOf('1', { A: '1' }));
  expect(told(house.post(count('2')))).toEqual([['Dr inventory.control 10.00', 'Cr count.variance 10.00']]);
});

test('an adjustment changes quantity, value or both, against the account a person names', () => {
  const house = openWarehouse();
  house.post(receipt('1', '10', '5.00'));
  expect(told(house.post(adjustment({ value: -500 }, { id: 'a' })))).toEqual([
    ['Dr inventory.adjustment 5.00', 'Cr inventory.control 5.00'],
  ]);
  house.post(adjustment({ quantity: '2', value: 1500 }, { id: 'b' }));
  expect(stock(house)).toEqual(['12', 6000n]);
  const named = house.post(adjustment({ quantity: '-1', account: '6500' }, { id: 'c' }));
  expect(named[0]?.lines.map(({ account, amount }) => [account, amount])).toEqual([
    ['6500', 500n],
    ['1300', -500n],
  ]);
});

test('services are sold without a cost entry, and a prepaid sale moves nothing until it is fulfilled', () => {
  const house = openWarehouse();
  house.post(receipt('1', '10', '5.00'));
  expect(house.post(soldOf('1', { 'service-hour': '2' }))).toEqual([]);
  const deposit = [{ kind: 'deposit', sku: 'A', quantity: '2', net: 1000 }];
  expect(house.post(soldOf('2', { A: '2' }, { lines: deposit }))).toEqual([]);
  const fulfilled = house.post(
    stockEvent({ type: 'fulfilment', id: 'f', sale: { id: '2' }, lines: [{ sku: 'A', quantity: '2', net: 1000 }] }),
  );
  expect([keys(fulfilled), told(fulfilled)]).toEqual([
    ['fulfilment:f:cogs'],
    [['Dr cost_of_sales 10.00', 'Cr inventory.control 10.00']],
  ]);
  expect(told(house.post(restockOf('r', '2', { A: '1' })))).toEqual([
    ['Dr inventory.control 5.00', 'Cr cost_of_sales 5.00'],
  ]);
});

test('outside the ledger only goods received are booked, as purchases, while stock is counted all the same (D7)', () => {
  const house = openWarehouse(booksWithItems('US', { settings: { inventoryIntegration: 'periodic' } }));
  const arrived = house.post(receipt('1', '10', '5.00'));
  expect(told(arrived)).toEqual([['Dr purchases 50.00', 'Cr grni 50.00']]);
  expect(arrived[0]?.entryType).toBe('PUR');
  expect(house.post(soldOf('1', { A: '4' }))).toEqual([]);
  expect(house.post(count('5'))).toEqual([]);
  expect(told(house.post(bill('B1', '10', 5100, { goodsReceipt: { id: '1' } })))).toEqual([
    ['Cr ap.control 51.00', 'Dr grni 50.00', 'Dr purchase.variance 1.00'],
  ]);
  expect(told(house.post(bill('B2', '1', 700)))).toEqual([['Cr ap.control 7.00', 'Dr purchases 7.00']]);
  expect(house.post(receipt('2', '1', '7.00', { bill: { id: 'B2' } }))).toEqual([]);
  // 50.00 less four, less one counted short, and one for 7.00: 25.00 + 7.00.
  expect(stock(house)).toEqual(['6', 3200n]);
});

test('what channels tell of stock goes through the same engine', () => {
  const house = openWarehouse();
  const tell = (kind: string, quantity: string, more: Record<string, unknown> = {}) =>
    told(house.post(stockEvent({ type: 'stock', id: `${kind}${quantity}`, kind, sku: 'A', quantity, ...more })));
  expect(tell('receipt', '10', { unitCost: '5.00' })).toEqual([['Dr inventory.control 50.00', 'Cr grni 50.00']]);
  expect(tell('return', '1')).toEqual([['Dr inventory.control 5.00', 'Cr cost_of_sales 5.00']]);
  expect(tell('adjustment', '-2')).toEqual([['Dr inventory.adjustment 10.00', 'Cr inventory.control 10.00']]);
  expect(tell('count', '10')).toEqual([['Dr inventory.control 5.00', 'Cr count.variance 5.00']]);
  expect(tell('cost', '10', { unitCost: '9.00' })).toEqual([]);
  expect(stock(house)).toEqual(['10', 5000n]);
});

test('an item in no group waits where the company has no default group', () => {
  const house = openWarehouse({ ...booksWithItems('US'), groupOf: () => undefined });
  expect(refusal(() => house.post(soldOf('1', { A: '1' })))).toBe('ACCOUNT_UNRESOLVED');
  expect(refusal(() => house.post(receipt('1', '1.0000001', '1')))).toBe('INVALID_AMOUNT_SCALE');
});
