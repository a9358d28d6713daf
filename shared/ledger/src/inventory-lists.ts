import type { Queryable } from '@daybook/platform/db';

/** An item as people see it; quantities as decimal text, the value in minor units of the company's currency. */
export interface ListedItem {
  sku: string;
  title: string | null;
  group: number;
  quantity: string;
  value: bigint;
  lastCost: string | null;
  lastReceived: string | null;
  reorderPoint: string | null;
  reorderQuantity: string | null;
  salesTax: string | null;
  purchaseTax: string | null;
}

/** Items of a company in the order of their SKUs; `after` is the last SKU of the page before. */
export async function listItems(
  sql: Queryable,
  companyId: string,
  { after = '', limit = 1_000_000 }: { after?: string; limit?: number } = {},
): Promise<ListedItem[]> {
  return sql<ListedItem[]>`
    select sku, title, group_number as "group", trim_scale(quantity)::text as quantity, value,
      trim_scale(last_cost)::text as "lastCost", last_received as "lastReceived",
      trim_scale(reorder_point)::text as "reorderPoint", trim_scale(reorder_quantity)::text as "reorderQuantity",
      sales_tax as "salesTax", purchase_tax as "purchaseTax"
    from items where company_id = ${companyId} and sku > ${after} order by sku limit ${limit}`;
}

/** A purchase that is suggested because stock fell to an item's re-order point; quantities as decimal text. */
export interface Suggestion {
  sku: string;
  title: string | null;
  /** Stock when it was raised, and now. */
  onHand: string;
  onHandNow: string;
  quantity: string;
  openedAt: Date;
}

/** Open suggestions, oldest first. */
export async function listSuggestions(sql: Queryable, companyId: string): Promise<Suggestion[]> {
  return sql<Suggestion[]>`
    select s.sku, i.title, trim_scale(s.on_hand)::text as "onHand", trim_scale(i.quantity)::text as "onHandNow",
      trim_scale(s.quantity)::text as quantity, s.opened_at as "openedAt"
    from purchase_suggestions s join items i on i.company_id = s.company_id and i.sku = s.sku
    where s.company_id = ${companyId} and s.closed_at is null order by s.id`;
}
