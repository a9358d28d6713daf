import type { InventoryGroup } from '../chart.ts';
import { multiplied } from '../decimal.ts';
import type { Bill, GoodsReceipt, StockEvent } from '../events.ts';
import { divideHalfEven, lesser } from '../money.ts';
import { resolveRole, type Target } from '../posting/accounts.ts';
import { rateOn } from '../posting/entry.ts';
import { businessDate, type Ground } from '../posting/facts.ts';
import type { GoodsMovement, StockFacts } from './facts.ts';
import { type Goods, goodsAfter, NO_GOODS } from './goods.ts';
import { groupOfItem, groupTarget, isPeriodic } from './groups.ts';
import { parseQuantity, worthAt } from './quantity.ts';
import { type Against, checkThere, keep, type Shelf } from './shelf.ts';
import { adjusted, currentCost, issued, type Moved, received } from './state.ts';

/** Goods that a note says arrived, or went back to the supplier where the quantity is below zero. */
interface Arrival {
  sku: string;
  quantity: bigint;
  /** Major units of the event's currency; null where nobody said. */
  unitCost: string | null;
}

/** Which note goods belong to: their own, or the invoice that came before them. */
export function goodsKeyOf(event: Bill | GoodsReceipt | StockEvent): string {
  if (event.type === 'bill') return event.goodsReceipt ? `receipt:${event.goodsReceipt.id}` : `bill:${event.id}`;
  return event.type === 'goods_receipt' && event.bill ? `bill:${event.bill.id}` : `receipt:${event.id}`;
}

/**
 * Goods received (accounting.md D3): into stock at their cost, owed as not invoiced yet; where the invoice came first
 * the difference to it is purchase variance. Goods that go back leave at the current average (D4). A newer revision
 * moves the difference. Throws INSUFFICIENT_STOCK where more goes back than is there.
 */
export function receiptStock(event: GoodsReceipt, shelf: Shelf): void {
  const arrivals = event.lines.map(({ sku, quantity, unitCost }) => ({
    sku,
    quantity: parseQuantity(quantity),
    unitCost: functionalCost(unitCost, event, shelf.ground),
  }));
  const isBilled = event.bill !== undefined;
  const { ownGoods } = shelf.facts;
  for (const arrival of arrivals) {
    if (!ownGoods.has(arrival.sku)) arrive(arrival, { isBilled, valueChange: 0n }, shelf);
  }
  for (const [sku, own] of ownGoods) {
    const now = arrivals.filter((each) => each.sku === sku);
    const quantity = now.reduce((sum, each) => sum + each.quantity, 0n) - own.received;
    const value = now.reduce((sum, each) => sum + worthAt(each.quantity, each.unitCost, shelf.exponent), 0n);
    const unitCost = now.at(-1)?.unitCost ?? null;
    arrive({ sku, quantity, unitCost }, { isBilled, valueChange: value - own.receivedValue }, shelf);
  }
}

/** Goods that a channel says arrived. */
export function channelReceipt(event: StockEvent, shelf: Shelf): void {
  const quantity = parseQuantity(event.quantity);
  const own = shelf.facts.ownGoods.get(event.sku);
  const unitCost = event.unitCost === undefined ? null : functionalCost(event.unitCost, event, shelf.ground);
  const arrival = { sku: event.sku, quantity: quantity - (own?.received ?? 0n), unitCost };
  arrive(arrival, { isBilled: false, valueChange: 0n }, shelf);
}

/** `valueChange` is what a note is worth more that was corrected in its prices only. */
function arrive(arrival: Arrival, note: { isBilled: boolean; valueChange: bigint }, shelf: Shelf): void {
  const { sku } = arrival;
  const group = groupOfItem(sku, shelf.ground);
  const moved = arrived(arrival, shelf);
  const owed = isPeriodic(shelf.ground.books) && note.isBilled ? [] : owedFor(arrival, moved, note.valueChange, shelf);
  shelf.put({ kind: 'receipt', sku, group, moved, against: owed });
}

/** What stands against goods that arrived. In goods bought outright before nothing is owed (accounting.md D7). */
function owedFor({ sku, quantity }: Arrival, moved: Moved, valueChange: bigint, shelf: Shelf): Against[] {
  const before = shelf.goods.get(sku) ?? NO_GOODS;
  const after = goodsAfter(before, { received: quantity, receivedValue: quantity === 0n ? valueChange : moved.value });
  shelf.goods.set(sku, after);
  const owed = after.grni - before.grni;
  const variance = groupTarget(groupOfItem(sku, shelf.ground), 'purchaseVariance', shelf.ground);
  return [
    { ...resolveRole(shelf.ground, 'grni'), amount: -owed },
    { ...variance, amount: owed - moved.value },
  ];
}

function arrived({ sku, quantity, unitCost }: Arrival, shelf: Shelf): Moved {
  const state = shelf.state(sku);
  if (quantity < 0n) {
    checkThere(shelf, sku, -quantity);
    return issued(state, -quantity, shelf.exponent);
  }
  if (quantity === 0n) return { quantity, value: 0n, state, correction: 0n, costUnknown: false };
  const value =
    unitCost === null ? currentCost(state, quantity, shelf.exponent) : worthAt(quantity, unitCost, shelf.exponent);
  const moved = received(state, { quantity, value: value ?? 0n }, unitCost, shelf.exponent);
  return { ...moved, costUnknown: value === null };
}

/** A unit cost in major units of the company's currency. Throws RATE_MISSING. */
function functionalCost(unitCost: string, event: GoodsReceipt | StockEvent, ground: Ground): string {
  if (event.currency === ground.books.functionalCurrency) return unitCost;
  return multiplied(unitCost, rateOn(businessDate(event, ground.books.timeZone), ground));
}

/** A line of a supplier's invoice for goods, in the company's currency. */
export interface InvoicedLine {
  sku: string;
  group: InventoryGroup;
  /** Minor units. */
  net: bigint;
  /** What leaves goods received not invoiced, debit positive; the rest is purchase variance. */
  grni: bigint;
  goods: Goods;
}

/**
 * Splits an invoice's goods into what clears the goods received and purchase variance (accounting.md D3), as if earlier
 * revisions of the invoice had never been: those are reversed.
 */
export function invoicedGoods(
  lines: readonly { sku: string; quantity: string; net: bigint }[],
  facts: Pick<StockFacts, 'goods' | 'ownGoods'>,
  ground: Ground,
): { lines: InvoicedLine[]; goods: Map<string, Goods> } {
  const goods = new Map(facts.goods);
  for (const [sku, own] of facts.ownGoods) goods.set(sku, goodsLess(goods.get(sku) ?? NO_GOODS, own));
  const invoiced = lines.map(({ sku, quantity, net }) => {
    const before = goods.get(sku) ?? NO_GOODS;
    const after = goodsAfter(before, { invoiced: parseQuantity(quantity), invoicedValue: net });
    goods.set(sku, after);
    return { sku, group: groupOfItem(sku, ground), net, grni: before.grni - after.grni, goods: after };
  });
  return { lines: invoiced, goods };
}

/** Whether an invoice's line is for goods that come or came by a note, and not bought outright (accounting.md D7). */
export function isByNote(bill: Bill, group: InventoryGroup, ground: Ground): boolean {
  return group.stockTracked && (bill.goodsReceipt !== undefined || !isPeriodic(ground.books));
}

/** Where goods are booked that are bought outright. */
export function purchasesTarget(group: InventoryGroup, ground: Ground): Target {
  return groupTarget(group, 'purchases', ground);
}

/**
 * With `revalueOnInvoice` the share of an invoice's variance that falls on goods still there goes to their value
 * (accounting.md D3).
 */
export function billStock(lines: readonly InvoicedLine[], shelf: Shelf): void {
  if (!shelf.ground.books.settings.revalueOnInvoice) return;
  for (const { sku, group, net, grni, goods } of lines) {
    const state = shelf.state(sku);
    const there = lesser(state.quantity, goods.received);
    if (there <= 0n) continue;
    const value = divideHalfEven((net - grni) * there, goods.received) - (shelf.facts.moved.get(sku)?.value ?? 0n);
    const moved = adjusted(state, { quantity: 0n, value });
    if (!moved || value === 0n) continue;
    keep(shelf, { kind: 'revaluation', sku, group, bearer: 'purchaseVariance' }, moved);
  }
}

/** What is known of goods now, as changes to what was known before. */
export function goodsMoved(
  after: ReadonlyMap<string, Goods>,
  before: ReadonlyMap<string, Goods>,
  head: Pick<GoodsMovement, 'note' | 'supplier' | 'date'>,
): GoodsMovement[] {
  return [...after].flatMap(([sku, goods]) => {
    const change = goodsLess(goods, before.get(sku) ?? NO_GOODS);
    return Object.values(change).every((each) => each === 0n) ? [] : [{ ...head, sku, ...change }];
  });
}

function goodsLess(a: Goods, b: Goods): Goods {
  return {
    received: a.received - b.received,
    receivedValue: a.receivedValue - b.receivedValue,
    invoiced: a.invoiced - b.invoiced,
    invoicedValue: a.invoicedValue - b.invoicedValue,
    grni: a.grni - b.grni,
  };
}
