import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import type { Sql, Tx } from '@daybook/platform/db';

/** What a sale that one payment pays whole is in a set of books, and a refund likewise (docs/ledger.md). */
export type PaidSales = 'receipts' | 'invoices';

/** The choice of a row of `connections`: invoices where nothing was chosen, as before there were receipts. */
export function paidSalesOf(sql: Sql | Tx) {
  return sql`coalesce(settings->>'paid_sales', 'invoices')`;
}

/** Settings of books that are connected for the first time. */
export function firstSettings({ receipts }: Pick<AccountingConnector, 'receipts'>): { paid_sales?: PaidSales } {
  return receipts ? { paid_sales: 'receipts' } : {};
}

/** Chooses for what is posted from now on; documents that are owed already stay what they are. */
export async function setPaidSales(sql: Sql, connectionId: string, choice: PaidSales): Promise<void> {
  await sql`
    update connections set settings = settings || jsonb_build_object('paid_sales', ${choice}::text)
    where id = ${connectionId} and kind = 'accounting'`;
}
