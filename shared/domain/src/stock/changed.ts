import { DomainError } from '../domain-error.ts';
import type { Opening, StockAdjustment, StockCount, StockEvent } from '../events.ts';
import { formatMinor } from '../money.ts';
import { namedTarget } from '../posting/entered.ts';
import { channelReceipt } from './bought.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';
import { checkThere, type Item, keep, NOTHING, putBack, putIn, type Shelf, takeOut, trackedGroup } from './shelf.ts';
import { type Amount, adjusted } from './state.ts';

/**
 * The difference between what was counted and what should have been there at the instant of the count, whatever was
 * moved since (accounting.md D3).
 */
export function countStock(event: StockCount, shelf: Shelf): void {
  const counted = new Map<string, bigint>();
  for (const line of event.lines) counted.set(line.sku, (counted.get(line.sku) ?? 0n) + parseQuantity(line.counted));
  for (const [sku, quantity] of counted) countItem(sku, quantity, shelf);
}

function countItem(sku: string, counted: bigint, shelf: Shelf): void {
  const group = trackedGroup(sku, shelf);
  if (!group) return;
  const expected = shelf.state(sku).quantity - shelf.facts.movedSince(sku);
  change(shelf, { kind: 'count', sku, group, bearer: 'countVariance' }, counted - expected);
}

/**
 * A person puts quantity, value or both right (accounting.md D3); a newer revision moves the difference. Throws
 * INSUFFICIENT_STOCK where less than nothing, or value without goods, would be left.
 */
export function adjustmentStock(event: StockAdjustment, shelf: Shelf): void {
  const before = new Map(shelf.facts.moved);
  for (const line of event.lines) {
    const had = before.get(line.sku) ?? NOTHING;
    before.delete(line.sku);
    adjust(line, had, shelf);
  }
  for (const [sku, had] of before) adjust({ sku, quantity: '0' }, had, shelf);
}

function adjust(line: StockAdjustment['lines'][number], had: Amount, shelf: Shelf): void {
  const { sku, account } = line;
  const group = trackedGroup(sku, shelf);
  if (!group) return;
  const bearer = account === undefined ? 'adjustment' : namedTarget({ account }, shelf.ground);
  const item = { kind: 'adjustment', sku, group, bearer } as const;
  const quantity = parseQuantity(line.quantity ?? '0') - had.quantity;
  if (line.value !== undefined) revalue(shelf, item, { quantity, value: line.value - had.value });
  else {
    if (quantity < 0n) checkThere(shelf, sku, -quantity);
    change(shelf, item, quantity);
  }
}

/** What the company's stock is when its books begin; the opening balances themselves book its value. */
export function openingStock(event: Opening, shelf: Shelf): void {
  const wanted = new Map<string, Amount>([...shelf.facts.moved].map(([sku]) => [sku, NOTHING]));
  for (const { sku, quantity, value } of event.stock) {
    const sum = wanted.get(sku) ?? NOTHING;
    wanted.set(sku, { quantity: sum.quantity + parseQuantity(quantity), value: sum.value + value });
  }
  for (const [sku, amount] of wanted) {
    const group = trackedGroup(sku, shelf);
    const had = shelf.facts.moved.get(sku) ?? NOTHING;
    const by = { quantity: amount.quantity - had.quantity, value: amount.value - had.value };
    if (!group || (by.quantity === 0n && by.value === 0n)) continue;
    const item = { kind: 'opening', sku, group, bearer: 'inventory' } as const;
    if (by.quantity > 0n && by.value >= 0n) putIn(shelf, item, by);
    else revalue(shelf, item, by);
  }
}

/**
 * What a channel tells of its stock: goods received, returned by customers without a refund that we know, counted or
 * adjusted. A cost alone moves nothing: the average follows what goods were bought for.
 */
export function channelStock(event: StockEvent, shelf: Shelf): void {
  const { sku, kind } = event;
  const group = trackedGroup(sku, shelf);
  if (!group || kind === 'cost') return;
  const quantity = parseQuantity(event.quantity);
  const had = shelf.facts.moved.get(sku) ?? NOTHING;
  if (kind === 'receipt') channelReceipt(event, shelf);
  else if (kind === 'count') countItem(sku, quantity, shelf);
  else {
    const bearer = kind === 'return' ? 'costOfSales' : 'adjustment';
    change(shelf, { kind, sku, group, bearer }, quantity - had.quantity);
  }
}

function change(shelf: Shelf, item: Item, quantity: bigint): void {
  if (quantity < 0n) takeOut(shelf, item, -quantity);
  if (quantity > 0n) putBack(shelf, item, quantity);
}

function revalue(shelf: Shelf, item: Item, by: Amount): void {
  const state = shelf.state(item.sku);
  const moved = adjusted(state, by);
  if (!moved)
    throw belowZero(shelf, item.sku, { quantity: state.quantity + by.quantity, value: state.value + by.value });
  keep(shelf, item, moved);
}

function belowZero({ ground }: Shelf, sku: string, left: Amount): DomainError {
  const currency = ground.books.functionalCurrency;
  return new DomainError(
    'INSUFFICIENT_STOCK',
    `${ground.about} would leave ${formatQuantity(left.quantity)} of ${sku} worth ${currency} ` +
      `${formatMinor(left.value, currency)}. Correct quantity and value so that neither is below zero, and no value is ` +
      'left without goods.',
    sku,
  );
}
