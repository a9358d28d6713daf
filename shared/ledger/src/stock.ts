import {
  type Amount,
  type Goods,
  type GoodsMovement,
  NO_STOCK,
  parseQuantity,
  type StockMovement,
  type StockState,
} from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';

/** An item as it stands. */
export interface Item {
  sku: string;
  /** Number of its inventory group. */
  group: number;
  state: StockState;
}

/** Items of a company by SKU; those nobody has made are absent. */
export async function itemsOf(sql: Queryable, companyId: string, skus: readonly string[]): Promise<Map<string, Item>> {
  if (skus.length === 0) return new Map();
  const rows = await sql<ItemRow[]>`
    select sku, group_number as "group", quantity::text as quantity, value, average_quantity::text as "averageQuantity",
      average_value as "averageValue", last_cost::text as "lastCost"
    from items where company_id = ${companyId} and sku = any(${[...skus]}::text[])`;
  return new Map(rows.map((row) => [row.sku, { sku: row.sku, group: row.group, state: stateOf(row) }]));
}

interface ItemRow {
  sku: string;
  group: number;
  quantity: string;
  value: bigint;
  averageQuantity: string | null;
  averageValue: bigint | null;
  lastCost: string | null;
}

function stateOf({ quantity, value, averageQuantity, averageValue, lastCost }: ItemRow): StockState {
  const average =
    averageQuantity === null || averageValue === null
      ? null
      : { quantity: parseQuantity(averageQuantity), value: averageValue };
  return { ...NO_STOCK, quantity: parseQuantity(quantity), value, average, lastCost };
}

/** What an event has moved of an item, by kind of movement. */
export interface MovedByEvent extends Amount {
  eventId: bigint;
  kind: StockMovement['kind'];
  sku: string;
}

/** Sums of the movements of events. */
export async function movedByEvents(sql: Queryable, eventIds: readonly bigint[]): Promise<MovedByEvent[]> {
  if (eventIds.length === 0) return [];
  const rows = await sql<(Omit<MovedByEvent, 'quantity'> & { quantity: string })[]>`
    select event_id as "eventId", kind, sku, sum(quantity)::text as quantity, sum(value)::bigint as value
    from stock_movements where event_id = any(${eventIds.map(String)}::bigint[])
    group by event_id, kind, sku order by min(id)`;
  return rows.map((row) => ({ ...row, quantity: parseQuantity(row.quantity) }));
}

/** Quantity of items moved after an instant each, millionths, in the order asked. */
export async function movedAfter(
  sql: Queryable,
  companyId: string,
  asked: readonly { sku: string; instant: string }[],
): Promise<bigint[]> {
  if (asked.length === 0) return [];
  const rows = await sql<{ quantity: string }[]>`
    select coalesce((select sum(m.quantity) from stock_movements m where m.company_id = ${companyId} and m.sku = asked.sku
      and m.occurred_at > asked.instant), 0)::text as quantity
    from unnest(${asked.map((each) => each.sku)}::text[], ${asked.map((each) => each.instant)}::timestamptz[])
      with ordinality as asked(sku, instant, at) order by asked.at`;
  return rows.map((row) => parseQuantity(row.quantity));
}

/** What an event said of the goods of a note. */
export interface GoodsByEvent extends Goods {
  note: string;
  sku: string;
  eventId: bigint;
}

/** All that is known of the goods of notes, by event. */
export async function goodsOfNotes(
  sql: Queryable,
  companyId: string,
  notes: readonly string[],
): Promise<GoodsByEvent[]> {
  if (notes.length === 0) return [];
  const rows = await sql<(Omit<GoodsByEvent, 'received' | 'invoiced'> & { received: string; invoiced: string })[]>`
    select note, sku, event_id as "eventId", received::text as received, received_value as "receivedValue",
      invoiced::text as invoiced, invoiced_value as "invoicedValue", grni
    from goods_movements where company_id = ${companyId} and note = any(${[...notes]}::text[]) order by id`;
  return rows.map((row) => ({
    ...row,
    received: parseQuantity(row.received),
    invoiced: parseQuantity(row.invoiced),
  }));
}

/** A movement with the event it comes from; none where a person moved an item to another group. */
export type StockToWrite = StockMovement & { eventId: bigint | null };
export type GoodsToWrite = GoodsMovement & { eventId: bigint };

/**
 * Writes movements in their order, the items as they stand after them and the suggestions that follow, inside the
 * caller's transaction, who holds the lock of the company's journal. Items nobody has made are made in the movement's
 * group, with its default taxes.
 */
export async function writeStock(
  tx: Tx,
  companyId: string,
  movements: readonly StockToWrite[],
  goods: readonly GoodsToWrite[],
  recordedAt: Date,
): Promise<void> {
  if (goods.length > 0) await writeGoods(tx, companyId, goods);
  if (movements.length === 0) return;
  await writeItems(tx, companyId, movements);
  await writeMovements(tx, companyId, movements, recordedAt);
  await suggest(tx, companyId, [...new Set(movements.map(({ sku }) => sku))], recordedAt);
}

async function writeItems(tx: Tx, companyId: string, movements: readonly StockToWrite[]): Promise<void> {
  const rows = [...Map.groupBy(movements, ({ sku }) => sku)].map(([sku, own]) => {
    const { after, group } = own.at(-1) as StockToWrite;
    const receipt = own.filter(({ kind, quantity }) => kind === 'receipt' && quantity > 0n).at(-1);
    return { sku, group, after, received: receipt?.postingDate ?? null };
  });
  await tx`
    insert into items (company_id, sku, group_number, quantity, value, average_quantity, average_value, last_cost,
      last_received, sales_tax, purchase_tax)
    select ${companyId}, given.sku, given.group_number, given.quantity / 1e6, given.value, given.average_quantity / 1e6,
      given.average_value, given.last_cost, given.received, g.sales_tax, g.purchase_tax
    from unnest(${rows.map(({ sku }) => sku)}::text[], ${rows.map(({ group }) => group)}::smallint[],
      ${rows.map(({ after }) => String(after.quantity))}::numeric[], ${rows.map(({ after }) => String(after.value))}::bigint[],
      ${rows.map(({ after }) => textOf(after.average?.quantity))}::numeric[],
      ${rows.map(({ after }) => textOf(after.average?.value))}::bigint[],
      ${rows.map(({ after }) => after.lastCost)}::numeric[], ${rows.map(({ received }) => received)}::date[])
      as given(sku, group_number, quantity, value, average_quantity, average_value, last_cost, received)
    join inventory_groups g on g.company_id = ${companyId} and g.number = given.group_number
    on conflict (company_id, sku) do update set quantity = excluded.quantity, value = excluded.value,
      average_quantity = excluded.average_quantity, average_value = excluded.average_value,
      last_cost = excluded.last_cost, last_received = coalesce(excluded.last_received, items.last_received)`;
}

async function writeMovements(
  tx: Tx,
  companyId: string,
  movements: readonly StockToWrite[],
  recordedAt: Date,
): Promise<void> {
  const lines = new Map<string, number>();
  const numbered = movements.map((movement) => {
    const line = (lines.get(movement.sourceKey) ?? 0) + 1;
    lines.set(movement.sourceKey, line);
    return { ...movement, line };
  });
  const column = <T>(value: (each: (typeof numbered)[number]) => T) => numbered.map(value);
  await tx`
    insert into stock_movements (company_id, sku, group_number, kind, quantity, value, on_hand, on_hand_value, event_id,
      source_key, line, occurred_at, posting_date, recorded_at)
    select ${companyId}, sku, group_number, kind, quantity / 1e6, value, on_hand / 1e6, on_hand_value, event_id, source_key,
      line, occurred_at, posting_date, ${recordedAt}
    from unnest(${column(({ sku }) => sku)}::text[], ${column(({ group }) => group)}::smallint[],
      ${column(({ kind }) => kind)}::text[], ${column(({ quantity }) => String(quantity))}::numeric[],
      ${column(({ value }) => String(value))}::bigint[], ${column(({ after }) => String(after.quantity))}::numeric[],
      ${column(({ after }) => String(after.value))}::bigint[], ${column(({ eventId }) => textOf(eventId))}::bigint[],
      ${column(({ sourceKey }) => sourceKey)}::text[], ${column(({ line }) => line)}::smallint[],
      ${column(({ occurredAt }) => occurredAt)}::timestamptz[], ${column(({ postingDate }) => postingDate)}::date[])
      with ordinality as given(sku, group_number, kind, quantity, value, on_hand, on_hand_value, event_id, source_key, line,
        occurred_at, posting_date, at) order by at`;
}

async function writeGoods(tx: Tx, companyId: string, goods: readonly GoodsToWrite[]): Promise<void> {
  for (const each of goods) {
    await tx`
      insert into goods_movements (company_id, note, sku, supplier, day, received, received_value, invoiced,
        invoiced_value, grni, event_id)
      values (${companyId}, ${each.note}, ${each.sku}, ${each.supplier}, ${each.date},
        ${String(each.received)}::numeric / 1e6, ${each.receivedValue}, ${String(each.invoiced)}::numeric / 1e6,
        ${each.invoicedValue}, ${each.grni}, ${each.eventId})`;
  }
}

/** Stock that fell to an item's re-order point suggests a purchase, once; above it again the suggestion is closed. */
async function suggest(tx: Tx, companyId: string, skus: readonly string[], now: Date): Promise<void> {
  await tx`
    insert into purchase_suggestions (company_id, sku, on_hand, quantity, opened_at)
    select company_id, sku, quantity, coalesce(reorder_quantity, reorder_point - quantity), ${now} from items
    where company_id = ${companyId} and sku = any(${[...skus]}::text[]) and quantity <= reorder_point
    on conflict (company_id, sku) where closed_at is null do nothing`;
  await tx`
    update purchase_suggestions s set closed_at = ${now} from items i
    where s.company_id = ${companyId} and s.sku = any(${[...skus]}::text[]) and s.closed_at is null
      and i.company_id = s.company_id and i.sku = s.sku and (i.reorder_point is null or i.quantity > i.reorder_point)`;
}

function textOf(value: bigint | null | undefined): string | null {
  return value == null ? null : String(value);
}
