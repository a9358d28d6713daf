import { inventoryValuation, stockMovements } from '@daybook/ledger/reports';
import type { Rehearsed } from './sections.ts';

/** Stock at the end of the month beside the inventory accounts (accounting.md H11). */
export async function valuationSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const { items, accounts, total } = await inventoryValuation(sql, companyId, { to: range.to });
  return {
    items: items.map(({ sku, quantity, value }) => ({ sku, qty: numberOf(quantity), value })),
    total,
    gl_total: accounts.reduce((sum, { ledger }) => sum + ledger, 0n),
  };
}

/** Every movement of stock since the opening, in the order it was valued in. */
export async function movementsSection({ sql, companyId, eventOf }: Rehearsed): Promise<unknown> {
  const { rows } = await stockMovements(sql, companyId, { to: '9999-12-31' });
  return rows
    .filter(({ kind }) => kind !== 'opening')
    .map((row) => ({
      date: row.postingDate,
      event: eventOf(row.sourceId ?? ''),
      kind: row.kind,
      sku: row.sku,
      qty: numberOf(row.quantity),
      value: row.value,
      on_hand_qty: numberOf(row.onHand),
      on_hand_value: row.onHandValue,
    }));
}

/** A file writes whole quantities as integers and others as decimal text. */
function numberOf(quantity: string): bigint | string {
  return /^-?\d+$/.test(quantity) ? BigInt(quantity) : quantity;
}
