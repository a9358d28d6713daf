import type { Books, InventoryGroup } from '../src/chart.ts';
import { type CanonicalEvent, type EventInput, makeEvent, type Sale } from '../src/events.ts';
import type { ResolvedEntry } from '../src/journal-entry.ts';
import { entriesFor } from '../src/posting-rules.ts';
import {
  type Amount,
  type Goods,
  goodsKeyOf,
  NO_GOODS,
  NO_STOCK,
  type StockFacts,
  type StockMovement,
  type StockState,
  stockFor,
} from '../src/stock-rules.ts';
import { booksIn, factsWith } from './books.ts';

/** Group 1 of items that are counted, on the accounts of the roles. */
export const GROUP: InventoryGroup = {
  number: 1,
  description: 'Goods',
  stockTracked: true,
  salesTax: null,
  purchaseTax: null,
  sales: null,
  inventory: null,
  costOfSales: null,
  countVariance: null,
  adjustment: null,
  purchaseVariance: null,
  purchases: null,
};

/** Books whose items are all in group 1, but for those whose SKU begins with "service". */
export function booksWithItems(country: string, options: Parameters<typeof booksIn>[1] = {}): Books {
  const services = { ...GROUP, number: 2, stockTracked: false };
  return { ...booksIn(country, options), groupOf: (sku) => (sku?.startsWith('service') ? services : GROUP) };
}

const HEAD = { version: 1, channel: 'webshop', revision: '1', test: false, currency: 'USD' } as const;

/** An event of the stock tests: in dollars, on 10 March 2026 unless told otherwise. */
export function stockEvent(given: { type: EventInput['type']; id: string } & Record<string, unknown>): CanonicalEvent {
  const supplier = { id: 'supplier' };
  const dated: Record<string, object> = {
    goods_receipt: { date: '2026-03-10', number: given.id, supplier },
    bill: { date: '2026-03-10', number: given.id, supplier, dueDate: '2026-04-10' },
    stock_count: { date: '2026-03-10' },
    stock_adjustment: { date: '2026-03-10', reason: 'found so' },
    opening: { date: '2026-03-01', lines: [] },
  };
  return makeEvent({ ...HEAD, occurredAt: '2026-03-10T12:00:00Z', ...dated[given.type], ...given });
}

/** A sale of quantities of items at 10.00 each, paid by card. */
export function soldOf(id: string, items: Record<string, string>, more: Record<string, unknown> = {}): Sale {
  const lines = Object.entries(items).map(([sku, quantity]) => ({ kind: 'product', sku, quantity, net: 1000 }));
  const total = 1000 * lines.length;
  const tenders = [{ kind: 'card', processor: 'stripe', amount: total }];
  const event = { type: 'sale' as const, id, pricesIncludeTax: false, lines, tenders, total, ...more };
  return stockEvent(event) as Sale;
}

/** A refund of 1.00 for items of a sale that are restocked. */
export function restockOf(id: string, sale: string | null, items: Record<string, string>): CanonicalEvent {
  const lines = Object.entries(items).map(([sku, quantity]) => ({
    kind: 'product',
    sku,
    quantity,
    net: 100,
    restock: true,
  }));
  const total = 100 * lines.length;
  const tenders = [{ kind: 'card', processor: 'stripe', amount: total }];
  return stockEvent({ type: 'refund', id, sale: sale === null ? null : { id: sale }, lines, tenders, total });
}

interface Kept {
  event: CanonicalEvent;
  entries: ResolvedEntry[];
  movements: StockMovement[];
  goods: ReturnType<typeof stockFor>['goods'];
}

/** Stock kept in memory as a worker keeps it in tables: each event sees what those before it moved. */
export interface Warehouse {
  /** Posts an event; answers its entries of stock, and its bill's. Throws what the rules throw. */
  post(event: CanonicalEvent): ResolvedEntry[];
  state(sku: string): StockState;
  movements(): StockMovement[];
  /** Balance per role without the group's number, zeros left out. */
  balances(): Record<string, bigint>;
}

export function openWarehouse(books: Books = booksWithItems('US')): Warehouse {
  const states = new Map<string, StockState>();
  const kept: Kept[] = [];
  const state = (sku: string) => states.get(sku) ?? NO_STOCK;
  return {
    state,
    movements: () => kept.flatMap(({ movements }) => movements),
    post: (event) => {
      const own = kept.filter((each) => each.event.type === event.type && each.event.id === event.id);
      const previous = own.at(-1);
      const saleId = saleOf(event);
      const sale = kept.findLast((each) => each.event.type === 'sale' && each.event.id === saleId);
      const entries = own.flatMap((each) => each.entries.filter(({ entryType }) => entryType !== 'INV'));
      const facts = factsWith({
        previous: previous ? { version: own.length, event: previous.event, entries: entries.slice(-1) } : null,
        sale: (sale?.event as Sale | undefined) ?? null,
        saleEntries: sale?.entries.filter(({ entryType }) => entryType !== 'INV') ?? [],
        stock: stockFacts(event, kept, state),
      });
      const main = entriesFor(event, facts, books);
      const moved = stockFor(event, facts, books);
      for (const movement of moved.movements) states.set(movement.sku, movement.after);
      kept.push({ event, entries: [...main, ...moved.entries], movements: moved.movements, goods: moved.goods });
      return event.type === 'bill' ? [...main, ...moved.entries] : moved.entries;
    },
    balances: () => balancesOf(kept),
  };
}

function saleOf(event: CanonicalEvent): string | undefined {
  if (event.type === 'sale') return event.id;
  return 'sale' in event ? event.sale?.id : undefined;
}

function stockFacts(event: CanonicalEvent, kept: readonly Kept[], state: (sku: string) => StockState): StockFacts {
  const saleId = saleOf(event);
  const family = kept.filter((each) => saleId !== undefined && saleOf(each.event) === saleId);
  const own = kept.filter((each) => each.event.type === event.type && each.event.id === event.id);
  const ofSale = family.filter((each) => each.event.type === 'sale' || each.event.type === 'void');
  const mine = event.type === 'sale' || event.type === 'void' ? ofSale : own;
  const note = event.type === 'bill' || event.type === 'goods_receipt' ? goodsKeyOf(event) : null;
  const about = (some: readonly Kept[]) => some.flatMap(({ goods }) => goods).filter((each) => each.note === note);
  return {
    state,
    moved: sums(mine, (each) => each.kind !== 'correction'),
    issued: sums(family, ({ kind }) => kind === 'issue', -1n),
    returned: sums(family, ({ kind }) => kind === 'return'),
    movedSince: (sku) =>
      kept
        .flatMap(({ movements }) => movements)
        .filter((each) => each.sku === sku && each.occurredAt > event.occurredAt)
        .reduce((sum, { quantity }) => sum + quantity, 0n),
    goods: goodsSums(about(kept)),
    ownGoods: goodsSums(about(own)),
  };
}

function sums(some: readonly Kept[], counts: (movement: StockMovement) => boolean, sign = 1n): Map<string, Amount> {
  const found = new Map<string, Amount>();
  for (const { sku, quantity, value } of some.flatMap(({ movements }) => movements).filter(counts)) {
    const before = found.get(sku) ?? { quantity: 0n, value: 0n };
    found.set(sku, { quantity: before.quantity + sign * quantity, value: before.value + sign * value });
  }
  return found;
}

function goodsSums(goods: Kept['goods']): Map<string, Goods> {
  const found = new Map<string, Goods>();
  for (const each of goods) {
    const before = found.get(each.sku) ?? NO_GOODS;
    found.set(each.sku, {
      received: before.received + each.received,
      receivedValue: before.receivedValue + each.receivedValue,
      invoiced: before.invoiced + each.invoiced,
      invoicedValue: before.invoicedValue + each.invoicedValue,
      grni: before.grni + each.grni,
    });
  }
  return found;
}

function balancesOf(kept: readonly Kept[]): Record<string, bigint> {
  const found = new Map<string, bigint>();
  for (const line of kept.flatMap(({ entries }) => entries).flatMap(({ lines }) => lines)) {
    const role = line.role.replace(/\.\d+$/, '');
    found.set(role, (found.get(role) ?? 0n) + line.amount);
  }
  return Object.fromEntries([...found].filter(([role, amount]) => amount !== 0n && STOCK_ROLES.test(role)));
}

const STOCK_ROLES = /^(inventory|cost_of_sales|count|purchase|grni|ap\.control|tax\.input)/;
