import type { Books } from './chart.ts';
import type { Bill, CanonicalEvent, EventType } from './events.ts';
import type { EntryType, ResolvedEntry, ResolvedLine } from './journal-entry.ts';
import { billGoods } from './posting/bill.ts';
import { businessDate, groundOf, type PostingFacts, sourceKeyOf } from './posting/facts.ts';
import { entryHead } from './posting/fresh.ts';
import { billStock, goodsKeyOf, goodsMoved, receiptStock } from './stock/bought.ts';
import { adjustmentStock, channelStock, countStock, openingStock } from './stock/changed.ts';
import type { GoodsMovement, StockMovement, StockPosting } from './stock/facts.ts';
import { groupTarget, isPeriodic } from './stock/groups.ts';
import { openShelf, type Shelf, type Step } from './stock/shelf.ts';
import { fulfilmentStock, refundStock, saleStock, voidStock } from './stock/sold.ts';

export { goodsKeyOf } from './stock/bought.ts';
export type { GoodsMovement, MovementKind, StockFacts, StockMovement, StockPosting } from './stock/facts.ts';
export { type Goods, NO_GOODS } from './stock/goods.ts';
export { formatQuantity, parseQuantity } from './stock/quantity.ts';
export { averageCost, type Replayed, replayed } from './stock/replay.ts';
export { type Amount, NO_STOCK, type StockState } from './stock/state.ts';

const NOTHING: StockPosting = { entries: [], movements: [], goods: [], costUnknown: [] };

/** Ends of the source keys of entries that are made beside an event's main entry. */
const SUFFIX: Partial<Record<CanonicalEvent['type'], string>> = {
  sale: ':cogs',
  fulfilment: ':cogs',
  refund: ':restock',
  void: ':restock',
  bill: ':revaluation',
};

/** Types of the main entries that such entries stand beside. */
const MAIN: Partial<Record<CanonicalEvent['type'], EntryType>> = {
  sale: 'SAL',
  fulfilment: 'SAL',
  refund: 'RFD',
  void: 'SAL',
  bill: 'PUR',
};

const WORDS: Partial<Record<CanonicalEvent['type'], string>> = {
  sale: 'Cost of sales - ',
  fulfilment: 'Cost of sales - ',
  refund: 'Restock - ',
  void: 'Restock - ',
  bill: 'Revaluation - ',
};

/**
 * What an event does to stock (accounting.md D): movements in recorded order and the entries of type INV that book
 * them; nothing for a company that keeps no items (`facts.stock` is absent). Pure. Where stock is kept outside the
 * ledger (D7) only goods received are booked, as purchases.
 *
 * Throws DomainError: ACCOUNT_UNRESOLVED (an item in no group, a group without an account), INSUFFICIENT_STOCK,
 * RATE_MISSING, PERIOD_CLOSED, INVALID_AMOUNT_SCALE.
 */
export function stockFor(event: CanonicalEvent, facts: PostingFacts, books: Books): StockPosting {
  if (!facts.stock) return NOTHING;
  const shelf = openShelf(facts.stock, groundOf(event, books));
  (FILL[event.type] as Fill<EventType> | undefined)?.(event, shelf, facts);
  const goods = goodsOf(event, shelf);
  if (shelf.steps.length === 0) return { ...NOTHING, goods };
  const head = headOf(event, facts, books);
  const entries = event.type === 'opening' ? [] : [mainEntry(head, shelf, books), correctionEntry(head, shelf)];
  const costUnknown = shelf.steps.filter(({ moved }) => moved.costUnknown).map(({ sku }) => sku);
  return {
    entries: entries.filter((entry) => entry.lines.length > 0),
    movements: shelf.steps.flatMap((step) => movementsOf(step, head)),
    goods,
    costUnknown,
  };
}

type Fill<Type extends EventType> = (
  event: Extract<CanonicalEvent, { type: Type }>,
  shelf: Shelf,
  facts: PostingFacts,
) => void;

/** What moves stock. */
const FILL: { [Type in EventType]?: Fill<Type> } = {
  sale: saleStock,
  fulfilment: fulfilmentStock,
  refund: refundStock,
  void: voidStock,
  goods_receipt: receiptStock,
  bill: billed,
  stock_count: countStock,
  stock_adjustment: adjustmentStock,
  stock: channelStock,
  opening: openingStock,
};

function billed(bill: Bill, shelf: Shelf, facts: PostingFacts): void {
  const { lines, goods } = billGoods(bill, facts, shelf.ground);
  for (const [sku, each] of goods) shelf.goods.set(sku, each);
  billStock(lines, shelf);
}

function goodsOf(event: CanonicalEvent, shelf: Shelf): GoodsMovement[] {
  if (event.type !== 'bill' && event.type !== 'goods_receipt' && event.type !== 'stock') return [];
  const supplier = event.type === 'stock' ? event.channel : event.supplier.id;
  const date = businessDate(event, shelf.ground.books.timeZone);
  return goodsMoved(shelf.goods, shelf.facts.goods, { note: goodsKeyOf(event), supplier, date });
}

type Head = Omit<ResolvedEntry, 'lines'>;

function headOf(event: CanonicalEvent, facts: PostingFacts, books: Books): Head {
  const version = (facts.previous?.version ?? 0) + 1;
  const key = `${sourceKeyOf(event, facts.source, 1)}${SUFFIX[event.type] ?? ''}`;
  const entryType: EntryType = isPeriodic(books) ? 'PUR' : 'INV';
  // The cost of a sale lies in the sale's own period.
  const main = MAIN[event.type];
  const kind = { entryType: main ?? entryType, taxed: main !== undefined, byHand: 'date' in event };
  const head = entryHead(event, facts, books, kind);
  const sourceKey = version > 1 ? `${key}:v${version}` : key;
  return { ...head, entryType, sourceKey, memo: `${WORDS[event.type] ?? ''}${head.memo}` };
}

/** Each step against its accounts; per group and side, so that what is more and what is less stay apart. */
function mainEntry(head: Head, { steps, ground }: Shelf, books: Books): ResolvedEntry {
  const periodic = isPeriodic(books);
  const booked = periodic ? steps.filter(({ kind, against }) => kind === 'receipt' && against.length > 0) : steps;
  const lines = booked.flatMap(({ group, moved, against, kind }) => {
    const which = periodic || !group.stockTracked ? 'purchases' : 'inventory';
    const stock = { ...groupTarget(group, which, ground), amount: moved.value };
    return (moved.value < 0n && kind !== 'receipt' ? [...against, stock] : [stock, ...against]).map((each) =>
      lineOf(each, books),
    );
  });
  return { ...head, lines: sideBySide(lines) };
}

/** What units sold short cost beyond what they were issued at (accounting.md D6). */
function correctionEntry(head: Head, { steps, ground }: Shelf): ResolvedEntry {
  const lines = isPeriodic(ground.books)
    ? []
    : steps
        .filter(({ moved }) => moved.correction !== 0n)
        .flatMap(({ group, moved: { correction } }) => [
          lineOf({ ...groupTarget(group, 'costOfSales', ground), amount: correction }, ground.books),
          lineOf({ ...groupTarget(group, 'inventory', ground), amount: -correction }, ground.books),
        ]);
  const memo = `Cost of goods sold short - ${head.memo}`;
  return { ...head, sourceKey: `${head.sourceKey}:correction`, memo, lines: sideBySide(lines) };
}

function lineOf(
  { role, account, amount }: { role: string; account: string; amount: bigint },
  books: Books,
): ResolvedLine {
  return { role, account, amount, currency: books.functionalCurrency, amountTc: amount };
}

/** Lines of one account and side added up, zeros dropped. */
function sideBySide(lines: readonly ResolvedLine[]): ResolvedLine[] {
  const sides = Map.groupBy(
    lines.filter((line) => line.amount !== 0n),
    (line) => `${line.account}|${line.amount > 0n}`,
  );
  return [...sides.values()].map((side) => {
    const amount = side.reduce((sum, line) => sum + line.amount, 0n);
    return { ...(side[0] as ResolvedLine), amount, amountTc: amount };
  });
}

function movementsOf({ kind, sku, group, moved }: Step, head: Head): StockMovement[] {
  if (!group.stockTracked) return [];
  const { state, quantity, value, correction } = moved;
  const { postingDate, occurredAt, sourceKey } = head;
  const common = { sku, group: group.number, postingDate, occurredAt };
  const before = { ...state, value: state.value + correction };
  const main: StockMovement = { ...common, kind, quantity, value, after: before, sourceKey };
  if (correction === 0n) return quantity === 0n && value === 0n ? [] : [main];
  const settled = { ...common, kind: 'correction' as const, quantity: 0n, value: -correction, after: state };
  return [main, { ...settled, sourceKey: `${sourceKey}:correction` }];
}
