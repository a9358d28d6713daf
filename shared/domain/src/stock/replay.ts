import { divideHalfEven } from '../money.ts';
import type { MovementKind } from './facts.ts';
import { formatQuantity } from './quantity.ts';
import { type Amount, adjusted, currentCost, issued, NO_STOCK, received, type StockState } from './state.ts';

/** A movement as the stock ledger holds it. */
export interface Replayed extends Amount {
  kind: MovementKind;
}

/** Kinds whose value is a fact of its own; that of the others follows from the average when they happen. */
const OWN_VALUE: ReadonlySet<MovementKind> = new Set(['opening', 'receipt', 'return', 'revaluation', 'transfer']);

/**
 * What an item would be worth, had its movements been recorded in this order (accounting.md D3, Order): goods
 * received and brought back at their own value, goods that left at the average of then. `exponent` is the number of
 * decimals of the company's currency.
 */
export function replayed(movements: readonly Replayed[], exponent: number): StockState {
  return movements.reduce<StockState>((state, movement) => after(state, movement, exponent), NO_STOCK);
}

function after(state: StockState, { kind, quantity, value }: Replayed, exponent: number): StockState {
  // What a settlement corrects follows anew from the order.
  if (kind === 'correction') return state;
  if (quantity === 0n) return adjusted(state, { quantity, value })?.state ?? state;
  if (quantity < 0n) {
    if (kind === 'transfer') return adjusted(state, { quantity, value })?.state ?? state;
    return issued(state, -quantity, exponent).state;
  }
  const worth = OWN_VALUE.has(kind) ? value : (currentCost(state, quantity, exponent) ?? value);
  return received(state, { quantity, value: worth }, null, exponent).state;
}

/** Average cost of a unit in major units, to six decimals, for people to read; null where there is no stock. */
export function averageCost({ quantity, value }: Amount, exponent: number): string | null {
  if (quantity === 0n) return null;
  const millionths = divideHalfEven(value * 10n ** 12n, quantity * 10n ** BigInt(exponent));
  return formatQuantity(millionths);
}
