import { DomainError, type EntryType, parseQuantity, type StockMovement, type StockState } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { type GoodsToWrite, itemsOf, type StockToWrite, writeStock } from './stock.ts';

/** The entry that is reversed and the one that does it. */
export interface ReversedStock {
  original: { sourceKey: string; eventId: bigint | null; entryType: EntryType; reverses?: string | undefined };
  reversal: { sourceKey: string; postingDate: string; occurredAt: string };
}

/**
 * Mirrors what an entry moved in stock, quantity and value for value, so that stock and inventory accounts stay equal
 * (accounting.md I4, D3). Nothing happens for an entry that moved none. The caller holds the lock of the journal and
 * posts the entry after this. Throws INSUFFICIENT_STOCK where the goods that would leave are not there any more at that
 * value.
 */
export async function mirrorStock(
  tx: Tx,
  companyId: string,
  { original, reversal }: ReversedStock,
  now: Date,
): Promise<void> {
  const moved = await tx<Moved[]>`
    select sku, group_number as "group", kind, quantity::text as quantity, value from stock_movements
    where company_id = ${companyId} and source_key = ${original.sourceKey} order by line`;
  const items = await itemsOf(tx, companyId, [...new Set(moved.map(({ sku }) => sku))]);
  const states = new Map([...items].map(([sku, { state }]) => [sku, state]));
  const movements = moved.map(({ sku, group, kind, ...amount }): StockToWrite => {
    const [quantity, value] = [-parseQuantity(amount.quantity), -amount.value];
    const after = changed(states.get(sku) as StockState, quantity, value);
    if (after === null) throw gone(original.sourceKey, sku);
    states.set(sku, after);
    return { sku, group, kind, quantity, value, after, eventId: original.eventId, ...reversal };
  });
  await writeStock(tx, companyId, movements, await goodsBack(tx, original, reversal.postingDate), now);
}

/**
 * What the fact of the entry said of goods received and their invoice, taken back with the entry that booked it: of a
 * note its INV, of a bill its PUR (accounting.md D3).
 */
async function goodsBack(tx: Tx, original: ReversedStock['original'], date: string): Promise<GoodsToWrite[]> {
  const { eventId, entryType, sourceKey, reverses } = original;
  if (eventId === null || (entryType !== 'PUR' && entryType !== 'INV')) return [];
  const told = await tx<Told[]>`
    select g.note, g.sku, g.supplier, sum(g.received)::text as received, sum(g.received_value)::bigint as "receivedValue",
      sum(g.invoiced)::text as invoiced, sum(g.invoiced_value)::bigint as "invoicedValue", sum(g.grni)::bigint as grni
    from goods_movements g join events v on v.id = g.event_id
    where g.event_id = ${eventId} and (v.type = 'bill') = (${entryType} = 'PUR') group by g.note, g.sku, g.supplier`;
  const [first] = told;
  if (first && reverses !== undefined) {
    const message = `Entry ${sourceKey} took back goods of note ${first.note}. Enter the note again instead of reversing it.`;
    throw new DomainError('ENTRY_IMMUTABLE', message, sourceKey);
  }
  return told.map(({ note, sku, supplier, received, receivedValue, invoiced, invoicedValue, grni }) => ({
    note,
    sku,
    supplier,
    date,
    received: -parseQuantity(received),
    receivedValue: -receivedValue,
    invoiced: -parseQuantity(invoiced),
    invoicedValue: -invoicedValue,
    grni: -grni,
    eventId,
  }));
}

interface Told {
  note: string;
  sku: string;
  supplier: string;
  received: string;
  receivedValue: bigint;
  invoiced: string;
  invoicedValue: bigint;
  grni: bigint;
}

interface Moved extends Pick<StockMovement, 'sku' | 'group' | 'kind'> {
  quantity: string;
  value: bigint;
}

/** Stock after a mirrored movement; null where goods leave that are not there, or value stays without goods. */
function changed(state: StockState, quantity: bigint, value: bigint): StockState | null {
  const after = { quantity: state.quantity + quantity, value: state.value + value };
  if (after.quantity > 0n) return after.value < 0n ? null : { ...state, ...after, average: after };
  const isSound = after.quantity === 0n ? after.value === 0n : quantity > 0n && after.value <= 0n;
  return isSound ? { ...state, ...after } : null;
}

function gone(entry: string, sku: string): DomainError {
  const message =
    `Entry ${entry} cannot be reversed: of ${sku} less is in stock than it brought, or at another value. Put the stock ` +
    'right with an adjustment instead.';
  return new DomainError('INSUFFICIENT_STOCK', message, sku);
}
