import type { Fulfilment, Refund, Sale, VoidedSale } from '../events.ts';
import type { PostingFacts } from '../posting/facts.ts';
import { soldLine } from '../posting/refunded-lines.ts';
import { isVoided, voidApplies } from '../posting/void.ts';
import { parseQuantity } from './quantity.ts';
import { NOTHING, putBack, type Shelf, takeOut, trackedGroup } from './shelf.ts';
import type { Amount } from './state.ts';

/** A quantity of an item, millionths. */
interface Wanted {
  sku: string;
  quantity: bigint;
}

/**
 * Goods of a sale leave at cost (accounting.md C1b). A prepaid sale moves nothing until it is fulfilled, nor does one
 * that was cancelled before it came. A newer revision moves the difference.
 */
export function saleStock(sale: Sale, shelf: Shelf, facts: PostingFacts): void {
  const products = isVoided(sale, facts) ? [] : sale.lines.filter((line) => line.kind === 'product');
  leave(
    products.flatMap(({ sku, quantity }) => (sku === undefined ? [] : [{ sku, quantity: parseQuantity(quantity) }])),
    shelf,
  );
}

/** Goods of a prepaid sale leave when it is fulfilled (accounting.md C21b). */
export function fulfilmentStock(event: Fulfilment, shelf: Shelf, facts: PostingFacts): void {
  const wanted = event.lines.flatMap((line): Wanted[] => {
    const sold = line.id === undefined ? undefined : facts.sale?.lines.find((each) => each.id === line.id);
    const sku = line.sku ?? sold?.sku;
    return sku === undefined ? [] : [{ sku, quantity: parseQuantity(line.quantity) }];
  });
  leave(wanted, shelf);
}

/** What a cancelled sale had taken comes back whole. */
export function voidStock(event: VoidedSale, shelf: Shelf, facts: PostingFacts): void {
  if (voidApplies(event, facts)) leave([], shelf);
}

/**
 * Restocked goods come back at the cost they left with (accounting.md D4); what is not restocked moves nothing (C10).
 */
export function refundStock(refund: Refund, shelf: Shelf, facts: PostingFacts): void {
  const wanted = refund.lines.flatMap((line): Wanted[] => {
    const sku = line.sku ?? soldLine(line, facts.sale)?.sku;
    const isBack = line.kind === 'product' && line.restock === true && sku !== undefined;
    return isBack ? [{ sku, quantity: parseQuantity(line.quantity) }] : [];
  });
  const { moved, issued, returned } = shelf.facts;
  for (const { sku, quantity } of differences(wanted, moved, 1n)) {
    const group = trackedGroup(sku, shelf);
    if (!group) continue;
    const item = { kind: 'return', sku, group, bearer: 'costOfSales' } as const;
    if (quantity < 0n) takeOut(shelf, item, -quantity);
    else putBack(shelf, item, quantity, issued.get(sku), returned.get(sku));
  }
}

function leave(wanted: Wanted[], shelf: Shelf): void {
  const { moved } = shelf.facts;
  for (const { sku, quantity } of differences(wanted, moved, -1n)) {
    const group = trackedGroup(sku, shelf);
    if (!group) continue;
    const item = { kind: 'issue', sku, group, bearer: 'costOfSales' } as const;
    const had = moved.get(sku) ?? NOTHING;
    if (quantity > 0n) takeOut(shelf, item, quantity);
    else putBack(shelf, item, -quantity, { quantity: -had.quantity, value: -had.value });
  }
}

/** What is still to be moved: each line as it stands, or of an item that was moved before the difference to that. */
function differences(wanted: Wanted[], moved: ReadonlyMap<string, Amount>, sign: bigint): Wanted[] {
  const before = [...moved].filter(([, amount]) => amount.quantity !== 0n);
  const known = new Set(before.map(([sku]) => sku));
  const fresh = wanted.filter(({ sku }) => !known.has(sku));
  const changed = before.map(([sku, amount]) => {
    const now = wanted.filter((each) => each.sku === sku).reduce((sum, each) => sum + each.quantity, 0n);
    return { sku, quantity: now - sign * amount.quantity };
  });
  return [...fresh, ...changed].filter(({ quantity }) => quantity !== 0n);
}
