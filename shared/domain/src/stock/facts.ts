import type { ResolvedEntry } from '../journal-entry.ts';
import type { Goods } from './goods.ts';
import type { Amount, StockState } from './state.ts';

/** What moves stock; sums over movements of a kind are what returns and counts are worked out from. */
export type MovementKind =
  | 'opening'
  | 'receipt'
  | 'issue'
  | 'return'
  | 'count'
  | 'adjustment'
  | 'revaluation'
  | 'correction'
  | 'transfer';

/** What the rules must know of the stock a fact moves. Amounts are sums over all movements so far. */
export interface StockFacts {
  /** Stock of an item as it stands now. */
  state(sku: string): StockState;
  /** What earlier revisions of this fact have moved, by item; for a cancellation what its sale has. */
  moved: ReadonlyMap<string, Amount>;
  /** What left with the sale this fact belongs to and its deliveries, by item; above zero. */
  issued: ReadonlyMap<string, Amount>;
  /** What came back with refunds of that sale, by item; above zero. */
  returned: ReadonlyMap<string, Amount>;
  /** Quantity moved after the instant of this fact, by item: what a count could not see. */
  movedSince(sku: string): bigint;
  /** Goods of the note this fact is about, by item, with what this fact itself did before. */
  goods: ReadonlyMap<string, Goods>;
  /** The part of `goods` that earlier revisions of this fact did. */
  ownGoods: ReadonlyMap<string, Goods>;
}

/** A change of an item's stock; quantities in millionths, values in minor units of the company's currency. */
export interface StockMovement extends Amount {
  kind: MovementKind;
  sku: string;
  /** Number of the item's inventory group. */
  group: number;
  /** Stock of the item afterwards. */
  after: StockState;
  /** Source key of the entry that books it. */
  sourceKey: string;
  postingDate: string;
  occurredAt: string;
}

/** A change of what is known of goods received and their invoices. */
export interface GoodsMovement extends Goods {
  /** Which note, see `goodsKeyOf`. */
  note: string;
  sku: string;
  supplier: string;
  date: string;
}

/** What a fact does to stock. */
export interface StockPosting {
  entries: ResolvedEntry[];
  movements: StockMovement[];
  goods: GoodsMovement[];
  /** Items whose cost nobody knows: they were issued at zero. */
  costUnknown: string[];
}
