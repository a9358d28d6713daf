import { DomainError } from '../domain-error.ts';
import { abs, formatMinor, lesser } from '../money.ts';
import { type AllocationMode, candidatesFor, type ItemAllocation, later, type OpenItem, settle } from './allocate.ts';

/** An event of the invoice ledger that was just posted. */
export interface FreshItem extends OpenItem {
  /** The event it takes back. */
  reverses: bigint | null;
  /** The reversed event that it corrects: allocations follow (accounting.md E5). */
  supersedes: bigint | null;
  /** Settles only what it names, to its full amount (a write-off). */
  exact: boolean;
}

/** An allocation that stands. */
export interface LiveAllocation extends ItemAllocation {
  id: bigint;
  /** Event of the exchange difference it realised. */
  fx: bigint | null;
}

/** What the invoice ledger does next: take an allocation back, or set two items against each other. */
export type Move = { undo: LiveAllocation; date: string } | { allocate: ItemAllocation };

interface State {
  pool: Map<bigint, OpenItem>;
  live: LiveAllocation[];
  /** What the allocations of a reversed event had settled. */
  released: Map<bigint, { other: bigint; amountTc: bigint }[]>;
  /** Posted, but not settled yet. */
  ahead: Set<bigint>;
  moves: Move[];
}

/**
 * What follows from new events, one after the other in the order given. A reversal releases what its original settled,
 * and both close each other; a correction takes over the released allocations if party and side stay and it is not
 * smaller than they are; anything else settles what `candidatesFor` finds. Throws ALLOCATION_EXCEEDS_OPEN for a write-off
 * above what is open. `standing` has all open items they may meet,
 * and those that allocations in `live` (all of reversed events) are about. Pure; no input is changed.
 */
export function planSettlement(
  fresh: readonly FreshItem[],
  standing: readonly OpenItem[],
  live: readonly LiveAllocation[],
  mode: AllocationMode,
): Move[] {
  const state: State = {
    pool: new Map([...standing, ...fresh].map((item) => [item.id, { ...item }])),
    live: [...live],
    released: new Map(),
    ahead: new Set(fresh.map((item) => item.id)),
    moves: [],
  };
  for (const { id, reverses, supersedes, exact } of fresh) {
    state.ahead.delete(id);
    const item = state.pool.get(id) as OpenItem;
    if (reverses !== null) takeBack(item, reverses, state);
    else {
      if (supersedes !== null) takeOver(item, supersedes, state);
      allocateBest(item, state, exact ? 'confirm' : mode);
      if (exact && item.openTc !== 0n) throw exceeding(item);
    }
  }
  return state.moves;
}

function exceeding({ document, currency, openTc }: OpenItem): DomainError {
  const more = `${currency} ${formatMinor(abs(openTc), currency)}`;
  return new DomainError(
    'ALLOCATION_EXCEEDS_OPEN',
    `${document ?? 'An item'} would be settled by ${more} more than is open. Take what is open, or less.`,
    document ?? undefined,
  );
}

function takeBack(reversal: OpenItem, original: bigint, state: State): void {
  const item = state.pool.get(original);
  if (!item) return;
  const own = state.live.filter((each) => [each.debit, each.credit, each.fx].includes(original));
  state.live = state.live.filter((each) => !own.includes(each));
  for (const undo of own) {
    state.moves.push({ undo, date: later(undo.date, reversal.date) });
    giveBack(undo.debit, undo.amountTc, undo.debitAmount, state);
    giveBack(undo.credit, -undo.amountTc, -undo.creditAmount, state);
    if (undo.fx === original) giveBack(original, 0n, undo.creditAmount - undo.debitAmount, state);
  }
  const others = own.map(({ debit, credit, amountTc }) => ({ other: debit === original ? credit : debit, amountTc }));
  state.released.set(original, others);
  state.moves.push({ allocate: settle(item, reversal, abs(item.openTc)) });
}

function giveBack(id: bigint, amountTc: bigint, amount: bigint, { pool }: State): void {
  const item = pool.get(id);
  if (!item) return;
  item.openTc += amountTc;
  item.open += amount;
}

function takeOver(item: OpenItem, original: bigint, state: State): void {
  const before = state.pool.get(original);
  const parts = state.released.get(original) ?? [];
  const total = parts.reduce((sum, { amountTc }) => sum + amountTc, 0n);
  if (!before || before.party !== item.party || before.account !== item.account || total > abs(item.openTc)) return;
  for (const { other, amountTc } of parts) {
    const released = state.pool.get(other);
    if (released && isOpposite(item, released)) allocatePart(item, released, amountTc, state);
  }
}

function allocateBest(item: OpenItem, state: State, mode: AllocationMode): void {
  const others = [...state.pool.values()].filter((each) => !state.ahead.has(each.id));
  for (const candidate of candidatesFor(item, others, mode)) {
    if (item.openTc === 0n) return;
    allocatePart(item, candidate, abs(item.openTc), state);
  }
}

function allocatePart(item: OpenItem, other: OpenItem, most: bigint, state: State): void {
  const amountTc = lesser(most, lesser(abs(item.openTc), abs(other.openTc)));
  if (amountTc > 0n) state.moves.push({ allocate: settle(item, other, amountTc) });
}

function isOpposite(a: OpenItem, b: OpenItem): boolean {
  return a.currency === b.currency && a.openTc > 0n === b.openTc < 0n;
}
