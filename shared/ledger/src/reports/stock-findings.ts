import type { Queryable } from '@daybook/platform/db';
import { companyOf } from './scope.ts';

/** Goods received and not invoiced, or invoiced and not received, for longer than this are a finding. */
const GRNI_DAYS = 60;

/** Something about stock that a person has to look at; values in minor units of the company's currency. */
export interface StockFinding {
  kind: 'negative_quantity' | 'not_invoiced' | 'not_received';
  sku: string;
  /** Decimal text: what is short, or the quantity that waits. */
  quantity: string;
  value: bigint;
  /** Of goods: the note, its supplier and how long it has waited. */
  note: string | null;
  supplier: string | null;
  since: string | null;
  days: number | null;
}

export interface StockFindings {
  currency: string;
  to: string;
  rows: StockFinding[];
}

/** Items sold short (accounting.md D6), and goods whose invoice or arrival is more than 60 days late (D3), as of a day. */
export async function stockFindings(sql: Queryable, companyId: string, { to }: { to: string }): Promise<StockFindings> {
  const { currency } = await companyOf(sql, companyId);
  const rows = await sql<StockFinding[]>`
    select 'negative_quantity' as kind, sku, trim_scale(sum(quantity))::text as quantity, sum(value)::bigint as value,
      null as note, null as supplier, null::date as since, null::int as days
    from stock_movements where company_id = ${companyId} and posting_date <= ${to}::date
    group by sku having sum(quantity) < 0
    union all
    select case when sum(grni) > 0 then 'not_invoiced' else 'not_received' end, sku,
      trim_scale(sum(received) - sum(invoiced))::text, sum(grni)::bigint, note, max(supplier), min(day),
      ${to}::date - min(day)
    from goods_movements where company_id = ${companyId} and day <= ${to}::date
    group by note, sku having sum(grni) <> 0 and ${to}::date - min(day) > ${GRNI_DAYS}
    order by 1, 7, 2`;
  return { currency, to, rows: [...rows] };
}
