import type { Rehearsed } from './sections.ts';

/** Stock at the end of the month beside the inventory accounts (accounting.md H11). */
export async function valuationSection({ sql, companyId, range }: Rehearsed): Promise<unknown> {
  const items = await sql<{ sku: string; quantity: string; value: bigint }[]>`
    select sku, trim_scale(sum(quantity))::text as quantity, sum(value)::bigint as value from stock_movements
    where company_id = ${companyId} and posting_date <= ${range.to}::date group by sku order by sku`;
  const [booked] = await sql<{ amount: bigint }[]>`
    select coalesce(sum(l.debit - l.credit), 0)::bigint as amount from journal_lines l
    where l.company_id = ${companyId} and l.posting_date <= ${range.to}::date
      and l.account in (select inventory from inventory_groups where company_id = ${companyId})`;
  return {
    items: items.map(({ sku, quantity, value }) => ({ sku, qty: numberOf(quantity), value })),
    total: items.reduce((total, { value }) => total + value, 0n),
    gl_total: booked?.amount,
  };
}

/** Every movement of stock since the opening, in the order it was valued in. */
export async function movementsSection({ sql, companyId, eventOf }: Rehearsed): Promise<unknown> {
  const rows = await sql<StockRow[]>`
    select m.posting_date as date, v.source_id as "sourceId", m.kind, m.sku, trim_scale(m.quantity)::text as quantity, m.value,
      trim_scale(m.on_hand)::text as "onHand", m.on_hand_value as "onHandValue"
    from stock_movements m left join events v on v.id = m.event_id
    where m.company_id = ${companyId} and m.kind <> 'opening' order by m.id`;
  return rows.map((row) => ({
    date: row.date,
    event: eventOf(row.sourceId ?? ''),
    kind: row.kind,
    sku: row.sku,
    qty: numberOf(row.quantity),
    value: row.value,
    on_hand_qty: numberOf(row.onHand),
    on_hand_value: row.onHandValue,
  }));
}

interface StockRow {
  date: string;
  sourceId: string | null;
  kind: string;
  sku: string;
  quantity: string;
  value: bigint;
  onHand: string;
  onHandValue: bigint;
}

/** A file writes whole quantities as integers and others as decimal text. */
function numberOf(quantity: string): bigint | string {
  return /^-?\d+$/.test(quantity) ? BigInt(quantity) : quantity;
}
