import type { MovementKind } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { companyOf } from './scope.ts';

/** A change of stock; quantities as decimal text, values in minor units of the company's currency. */
export interface StockMovementRow {
  id: bigint;
  sku: string;
  group: number;
  kind: MovementKind;
  quantity: string;
  value: bigint;
  onHand: string;
  onHandValue: bigint;
  postingDate: string;
  occurredAt: Date;
  /** Of the entry that books it. */
  sourceKey: string;
  eventId: bigint | null;
  /** Id of the fact at its connection. */
  sourceId: string | null;
}

export interface StockMovements {
  currency: string;
  from: string | null;
  to: string;
  rows: StockMovementRow[];
}

export interface StockMovementsAsked {
  from?: string | null | undefined;
  to: string;
  /** Only this item. */
  sku?: string | undefined;
  /** Only movements recorded later than this one: for paging. */
  after?: bigint | undefined;
  limit?: number | undefined;
}

/** Movements of stock in the order they were recorded, which is the order they are valued in (accounting.md D3). */
export async function stockMovements(
  sql: Queryable,
  companyId: string,
  { from = null, to, sku, after = 0n, limit = 1_000_000 }: StockMovementsAsked,
): Promise<StockMovements> {
  const { currency } = await companyOf(sql, companyId);
  const rows = await sql<StockMovementRow[]>`
    select m.id, m.sku, m.group_number as "group", m.kind, trim_scale(m.quantity)::text as quantity, m.value,
      trim_scale(m.on_hand)::text as "onHand", m.on_hand_value as "onHandValue", m.posting_date as "postingDate",
      m.occurred_at as "occurredAt", m.source_key as "sourceKey", m.event_id as "eventId", e.source_id as "sourceId"
    from stock_movements m left join events e on e.id = m.event_id
    where m.company_id = ${companyId} and m.id > ${after} and m.posting_date <= ${to}::date
      and (${from}::date is null or m.posting_date >= ${from}::date)
      and (${sku ?? null}::text is null or m.sku = ${sku ?? null}::text)
    order by m.id limit ${limit}`;
  return { currency, from, to, rows: [...rows] };
}
