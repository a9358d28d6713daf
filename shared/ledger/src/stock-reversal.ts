import { DomainError, parseQuantity, type StockMovement, type StockState } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { itemsOf, type StockToWrite, writeStock } from './stock.ts';

/** The entry that is reversed and the one that does it. */
export interface ReversedStock {
  original: { sourceKey: string; eventId: bigint | null };
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
  await writeStock(tx, companyId, movements, [], now);
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
