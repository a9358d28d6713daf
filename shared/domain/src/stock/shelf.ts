import type { InventoryGroup } from '../chart.ts';
import { exponentOf } from '../currency.ts';
import { DomainError } from '../domain-error.ts';
import type { Target } from '../posting/accounts.ts';
import type { Ground } from '../posting/facts.ts';
import type { MovementKind, StockFacts } from './facts.ts';
import type { Goods } from './goods.ts';
import { type GroupAccount, groupOfItem, groupTarget, isPeriodic } from './groups.ts';
import { formatQuantity } from './quantity.ts';
import { type Amount, costBack, currentCost, issued, type Moved, received, type StockState } from './state.ts';

/** No goods. */
export const NOTHING: Amount = { quantity: 0n, value: 0n };

/** An amount on an account, debit positive, in minor units of the company's currency. */
export interface Against extends Target {
  amount: bigint;
}

/** One change of an item's stock, and the accounts that stand against it. */
export interface Step {
  kind: MovementKind;
  sku: string;
  group: InventoryGroup;
  moved: Moved;
  against: Against[];
}

/** What a fact does to stock, step by step: each stands on what the one before left. */
export interface Shelf {
  ground: Ground;
  facts: StockFacts;
  /** Decimals of the company's currency. */
  exponent: number;
  steps: Step[];
  /** What is known of the goods of the fact's note, with what it has done so far. */
  goods: Map<string, Goods>;
  state(sku: string): StockState;
  put(step: Step): void;
}

/** An empty shelf. */
export function openShelf(facts: StockFacts, ground: Ground): Shelf {
  const left = new Map<string, StockState>();
  const steps: Step[] = [];
  return {
    ground,
    facts,
    exponent: exponentOf(ground.books.functionalCurrency),
    steps,
    goods: new Map(facts.goods),
    state: (sku) => left.get(sku) ?? facts.state(sku),
    put: (step) => {
      steps.push(step);
      left.set(step.sku, step.moved.state);
    },
  };
}

/** The item's group where its stock is counted; null for services. Throws ACCOUNT_UNRESOLVED where it has none. */
export function trackedGroup(sku: string, { ground }: Shelf): InventoryGroup | null {
  const group = groupOfItem(sku, ground);
  return group.stockTracked ? group : null;
}

/** An item about to be moved, and what bears it: an account of its group, or one that a person chose. */
export interface Item {
  kind: MovementKind;
  sku: string;
  group: InventoryGroup;
  bearer: GroupAccount | Target;
}

/** Goods leave, at the average or at a provisional cost. */
export function takeOut(shelf: Shelf, item: Item, quantity: bigint): void {
  keep(shelf, item, issued(shelf.state(item.sku), quantity, shelf.exponent));
}

/** Goods come in at a value. */
export function putIn(shelf: Shelf, item: Item, amount: Amount, costUnknown = false): void {
  const moved = received(shelf.state(item.sku), amount, null, shelf.exponent);
  keep(shelf, item, { ...moved, costUnknown });
}

/**
 * Goods come back at the cost they left with, as far as they are among what went `out` and not `returned` yet
 * (accounting.md D4). Others have no cost of their own: they come in at the average, else at the last known cost.
 */
export function putBack(shelf: Shelf, item: Item, quantity: bigint, out = NOTHING, returned = NOTHING): void {
  const back = costBack(out, returned, quantity);
  const rest = quantity - back.quantity;
  const more = rest === 0n ? 0n : currentCost(shelf.state(item.sku), rest, shelf.exponent);
  putIn(shelf, item, { quantity, value: back.value + (more ?? 0n) }, more === null);
}

/** Books a movement against what bears it; outside the ledger nothing does (accounting.md D7). */
export function keep(shelf: Shelf, { kind, sku, group, bearer }: Item, moved: Moved): void {
  const { ground } = shelf;
  const target = () => (typeof bearer === 'string' ? groupTarget(group, bearer, ground) : bearer);
  const against = isPeriodic(ground.books) ? [] : [{ ...target(), amount: -moved.value }];
  shelf.put({ kind, sku, group, moved, against });
}

/** Refuses a person's document that takes more out of stock than is there (accounting.md D6). */
export function checkThere(shelf: Shelf, sku: string, quantity: bigint): void {
  const there = shelf.state(sku).quantity;
  if (there >= quantity) return;
  throw new DomainError(
    'INSUFFICIENT_STOCK',
    `${shelf.ground.about} takes ${formatQuantity(quantity)} of ${sku} out of stock, but ${formatQuantity(there)} are there. ` +
      'Correct the quantity, or enter the goods that arrived first.',
    sku,
  );
}
