import { divideHalfEven, lesser } from '../money.ts';
import { worthAt } from './quantity.ts';

/** A quantity in millionths and what it is worth in minor units of the company's currency. */
export interface Amount {
  quantity: bigint;
  value: bigint;
}

/**
 * Stock of an item (accounting.md D3). The average is value ÷ quantity and never stored rounded. A quantity below zero
 * was sold short; the value is then what those units were issued at for the time being, below zero too (D6).
 */
export interface StockState extends Amount {
  /** Quantity and value when there last was stock: their ratio is the last average. */
  average: Amount | null;
  /** Unit cost of the last receipt, decimal text in major units of the company's currency. */
  lastCost: string | null;
}

export const NO_STOCK: StockState = { quantity: 0n, value: 0n, average: null, lastCost: null };

/** What a movement did. */
export interface Moved extends Amount {
  /** Stock afterwards. `quantity` and `value` beside it are the movement's own, below zero when goods left. */
  state: StockState;
  /** What units sold short cost beyond the cost they were issued at: out of inventory, into cost of sales (D6). */
  correction: bigint;
  /** Nobody knows what the goods cost; they were taken at zero. */
  costUnknown: boolean;
}

/**
 * Goods arrive, worth `value` (accounting.md D3). Units sold short are settled first: the difference between what they
 * cost now and what they were issued at is the correction (D6).
 */
export function received(state: StockState, arrived: Amount, unitCost: string | null, exponent: number): Moved {
  const short = state.quantity < 0n ? -state.quantity : 0n;
  const settled = lesser(short, arrived.quantity);
  const issuedAt = settled === short ? lesser(state.value, 0n) : divideHalfEven(state.value * settled, short);
  const correction = settled === 0n ? 0n : worthOf(settled, arrived, unitCost, exponent) + issuedAt;
  const after = {
    ...state,
    quantity: state.quantity + arrived.quantity,
    value: state.value + arrived.value - correction,
    lastCost: unitCost ?? state.lastCost,
  };
  return { ...arrived, state: remembered(after), correction, costUnknown: false };
}

function worthOf(part: bigint, whole: Amount, unitCost: string | null, exponent: number): bigint {
  if (part === whole.quantity) return whole.value;
  return unitCost === null ? divideHalfEven(whole.value * part, whole.quantity) : worthAt(part, unitCost, exponent);
}

/**
 * Goods leave at the average; the last unit takes the whole value with it (accounting.md D3). Units beyond what is
 * there leave at a provisional cost: last average, else last receipt, else zero (D6).
 */
export function issued(state: StockState, quantity: bigint, exponent: number): Moved {
  const there = state.quantity > 0n ? lesser(state.quantity, quantity) : 0n;
  const own = there === 0n ? 0n : there === state.quantity ? state.value : share(state, there);
  const beyond = quantity - there;
  const provisional = beyond === 0n ? 0n : provisionalCost(state, beyond, exponent);
  const cost = own + (provisional ?? 0n);
  const after = { ...state, quantity: state.quantity - quantity, value: state.value - cost };
  return {
    quantity: -quantity,
    value: -cost,
    state: remembered(after),
    correction: 0n,
    costUnknown: provisional === null,
  };
}

function provisionalCost(state: StockState, quantity: bigint, exponent: number): bigint | null {
  const average = averageOf(state);
  if (average) return share(average, quantity);
  return state.lastCost === null ? null : worthAt(quantity, state.lastCost, exponent);
}

/**
 * What goods are worth whose own cost nobody knows: the average while there is stock, else the last receipt's cost,
 * else the last average (accounting.md D3, D4). Null where nothing is known.
 */
export function currentCost(state: StockState, quantity: bigint, exponent: number): bigint | null {
  if (state.quantity !== 0n) return share(state, quantity);
  if (state.lastCost !== null) return worthAt(quantity, state.lastCost, exponent);
  return state.average && share(state.average, quantity);
}

/**
 * Cost of `quantity` units that come back out of what was issued, after `returned` came back before: cumulative and
 * half-even, so that the last unit brings back exactly what is left (accounting.md A8, D4). Fewer units where not as
 * many were issued.
 */
export function costBack(out: Amount, returned: Amount, quantity: bigint): Amount {
  const left = out.quantity - returned.quantity;
  if (left <= 0n) return { quantity: 0n, value: 0n };
  const covered = lesser(left, quantity);
  const upTo = returned.quantity + covered;
  const value = upTo === out.quantity ? out.value : share(out, upTo);
  return { quantity: covered, value: value - returned.value };
}

/**
 * Stock with its quantity and value changed by a person; null where less than nothing, or value without goods, is left.
 */
export function adjusted(state: StockState, by: Amount): Moved | null {
  const after = { ...state, quantity: state.quantity + by.quantity, value: state.value + by.value };
  const isSound = after.quantity > 0n ? after.value >= 0n : after.quantity === 0n && after.value === 0n;
  return isSound ? { ...by, state: remembered(after), correction: 0n, costUnknown: false } : null;
}

function share(of: Amount, quantity: bigint): bigint {
  return divideHalfEven(of.value * quantity, of.quantity);
}

function averageOf(state: StockState): Amount | null {
  return state.quantity > 0n ? { quantity: state.quantity, value: state.value } : state.average;
}

function remembered(state: StockState): StockState {
  return { ...state, average: averageOf(state) };
}
