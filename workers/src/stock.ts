import {
  type Amount,
  type Books,
  type CanonicalEvent,
  type Goods,
  NO_GOODS,
  NO_STOCK,
  type StockFacts,
  type StockMovement,
  type StockPosting,
  type StockState,
} from '@daybook/domain';
import {
  type GoodsByEvent,
  type GoodsToWrite,
  goodsOfNotes,
  type Item,
  itemsOf,
  type MovedByEvent,
  movedAfter,
  movedByEvents,
  type StockToWrite,
  writeStock,
} from '@daybook/ledger/stock';
import type { Tx } from '@daybook/platform/db';
import { openIssue } from './issues.ts';
import { type Booked, type EventRow, type Known, noteOf } from './posting-facts.ts';

/** Stock of a company while a round of events is posted: each event sees what those before it moved. */
export interface Stock {
  /** The company's books with the group of every item of the round. */
  books: Books;
  factsFor(row: EventRow, known: Known): StockFacts;
  /** Takes over what an event does to stock. */
  keep(row: EventRow, posting: StockPosting): void;
  /** Writes it, before the entries that book it. */
  write(now: Date): Promise<void>;
}

/** Reads what a round moves. Null where the company keeps no items: then nothing is read and nothing costs anything. */
export async function openStock(
  tx: Tx,
  companyId: string,
  rows: readonly EventRow[],
  books: Books,
  knownOf: (row: EventRow) => Known,
): Promise<Stock | null> {
  if (!books.groups || books.groups.size === 0) return null;
  const booked = rows.flatMap((row) => [...knownOf(row).booked().own, ...knownOf(row).booked().related]);
  const moved = await movedByEvents(tx, [...new Set(booked.map(({ id }) => id))]);
  const skus = new Set([...rows.flatMap(({ event }) => skusOf(event)), ...moved.map(({ sku }) => sku)]);
  for (const { event } of booked) for (const sku of skusOf(event)) skus.add(sku);
  const read: Read = {
    items: await itemsOf(tx, companyId, [...skus]),
    moved: Map.groupBy(moved, ({ eventId }) => eventId),
    goods: await goodsOfNotes(tx, companyId, [...new Set(rows.flatMap(({ event }) => noteOf(event) ?? []))]),
    since: await readSince(tx, companyId, rows),
  };
  return stockOf(tx, companyId, books, read);
}

interface Read {
  items: Map<string, Item>;
  moved: ReadonlyMap<bigint, MovedByEvent[]>;
  goods: readonly GoodsByEvent[];
  /** Quantity moved after counts, by `event|sku`. */
  since: ReadonlyMap<string, bigint>;
}

function stockOf(tx: Tx, companyId: string, books: Books, read: Read): Stock {
  const states = new Map<string, StockState>([...read.items].map(([sku, { state }]) => [sku, state]));
  const movements: StockToWrite[] = [];
  const goods: GoodsToWrite[] = [];
  const costUnknown = new Map<string, EventRow>();
  const state = (sku: string) => states.get(sku) ?? NO_STOCK;
  return {
    books: { ...books, groupOf: groupsBy(books, read.items) },
    factsFor: (row, known) => ({
      state,
      movedSince: (sku) =>
        (read.since.get(`${row.id}|${sku}`) ?? 0n) + movedLater(movements, sku, row.event.occurredAt),
      ...movedFacts(row, known.booked(), read.moved),
      ...goodsFacts(row, known.booked().own, read.goods),
    }),
    keep: (row, posting) => {
      for (const movement of posting.movements) {
        states.set(movement.sku, movement.after);
        movements.push({ ...movement, eventId: row.id });
      }
      for (const each of posting.goods) goods.push({ ...each, eventId: row.id });
      for (const sku of posting.costUnknown) costUnknown.set(sku, row);
    },
    write: async (now) => {
      await writeStock(tx, companyId, movements, goods, now);
      for (const [sku, row] of costUnknown) await tellCost(tx, row, sku, now);
    },
  };
}

/** Group of an item; of one that nobody has made the company's default group (accounting.md D1). */
function groupsBy({ groups, settings }: Books, items: ReadonlyMap<string, Item>): NonNullable<Books['groupOf']> {
  return (sku) => {
    const number = (sku === undefined ? undefined : items.get(sku)?.group) ?? settings.defaultInventoryGroup;
    return number == null ? undefined : groups?.get(number);
  };
}

function skusOf(event: CanonicalEvent): string[] {
  if (event.type === 'stock') return [event.sku];
  const lines = event.type === 'opening' ? event.stock : 'lines' in event ? event.lines : [];
  return lines.flatMap((line) => ('sku' in line && line.sku !== undefined ? [line.sku] : []));
}

async function readSince(tx: Tx, companyId: string, rows: readonly EventRow[]): Promise<Map<string, bigint>> {
  const counts = rows
    .filter(({ event }) => event.type === 'stock_count' || (event.type === 'stock' && event.kind === 'count'))
    .flatMap(({ id, event }) => skusOf(event).map((sku) => ({ id, sku, instant: event.occurredAt })));
  const moved = await movedAfter(tx, companyId, counts);
  return new Map(counts.map(({ id, sku }, index) => [`${id}|${sku}`, moved[index] ?? 0n]));
}

function movedLater(movements: readonly StockMovement[], sku: string, instant: string): bigint {
  return movements
    .filter((each) => each.sku === sku && Date.parse(each.occurredAt) > Date.parse(instant))
    .reduce((sum, { quantity }) => sum + quantity, 0n);
}

/** What the fact itself has moved, and what left and came back with its sale. */
function movedFacts(
  { event }: EventRow,
  { own, related }: ReturnType<Known['booked']>,
  moved: ReadonlyMap<bigint, MovedByEvent[]>,
): Pick<StockFacts, 'moved' | 'issued' | 'returned'> {
  const of = (booked: readonly Booked[]) => booked.flatMap(({ id }) => moved.get(id) ?? []);
  const isSale = event.type === 'sale' || event.type === 'void';
  const mine = isSale ? related.filter(({ type }) => type === 'sale' || type === 'void') : own;
  const all = of(related);
  return {
    moved: sums(of(mine).filter(({ kind }) => kind !== 'correction')),
    issued: sums(all.filter(({ kind }) => kind === 'issue').map(turned)),
    returned: sums(all.filter(({ kind }) => kind === 'return')),
  };
}

function turned(moved: MovedByEvent): MovedByEvent {
  return { ...moved, quantity: -moved.quantity, value: -moved.value };
}

function sums(moved: readonly MovedByEvent[]): Map<string, Amount> {
  const found = new Map<string, Amount>();
  for (const { sku, quantity, value } of moved) {
    const before = found.get(sku) ?? { quantity: 0n, value: 0n };
    found.set(sku, { quantity: before.quantity + quantity, value: before.value + value });
  }
  return found;
}

function goodsFacts(
  { event }: EventRow,
  own: readonly Booked[],
  goods: readonly GoodsByEvent[],
): Pick<StockFacts, 'goods' | 'ownGoods'> {
  const note = noteOf(event);
  const ids = new Set(own.map(({ id }) => id));
  const about = goods.filter((each) => each.note === note);
  return { goods: goodsSums(about), ownGoods: goodsSums(about.filter(({ eventId }) => ids.has(eventId))) };
}

function goodsSums(goods: readonly GoodsByEvent[]): Map<string, Goods> {
  const found = new Map<string, Goods>();
  for (const each of goods) {
    const { received, receivedValue, invoiced, invoicedValue, grni } = found.get(each.sku) ?? NO_GOODS;
    found.set(each.sku, {
      received: received + each.received,
      receivedValue: receivedValue + each.receivedValue,
      invoiced: invoiced + each.invoiced,
      invoicedValue: invoicedValue + each.invoicedValue,
      grni: grni + each.grni,
    });
  }
  return found;
}

async function tellCost(tx: Tx, row: EventRow, sku: string, now: Date): Promise<void> {
  const message =
    `${row.event.type} ${row.event.order?.number ?? row.event.id} moves ${sku}, of which nobody knows what it costs: it was ` +
    'taken at zero. Enter the goods receipt, or put the value right by a stock adjustment.';
  const { companyId, connectionId } = row;
  await openIssue(tx, { companyId, connectionId, code: 'STOCK_COST_UNKNOWN', message, subject: sku }, now);
}
