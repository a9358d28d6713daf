import { daysOverdue } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import {
  allocationsOf,
  type ItemFilter,
  type ListedAllocation,
  type ListedItem,
  listItems,
} from '../invoice-ledger/listing.ts';
import { companyOf } from './scope.ts';

/** An item with the days it is overdue, and in `open` reports what settled part of it. */
export interface ReportedItem extends ListedItem {
  daysOverdue: number;
  parts: ListedAllocation[];
}

/** Items of one account or one name with what they come to, in the company's currency. */
export interface ItemGroup {
  key: string;
  name: string;
  items: ReportedItem[];
  amount: bigint;
  settled: bigint;
  open: bigint;
}

export interface ItemReport {
  currency: string;
  date: string;
  from: string | null;
  groupedBy: 'account' | 'name';
  groups: ItemGroup[];
  total: { items: number; amount: bigint; settled: bigint; open: bigint };
}

export type ItemReportQuery = ItemFilter & { groupedBy?: 'account' | 'name' };

/**
 * The reports of the invoice ledger (accounting.md E7): what is open as of a day with the part payments beneath, or the
 * invoices or payments of a range of days; grouped by account or name with subtotals, items by due date. Throws when
 * the company does not exist.
 */
export async function itemReport(sql: Queryable, companyId: string, query: ItemReportQuery): Promise<ItemReport> {
  const { groupedBy = 'account', date, from = null } = query;
  const { currency } = await companyOf(sql, companyId);
  const items = await listItems(sql, companyId, query);
  const parts = await allocationsOf(
    sql,
    companyId,
    items.filter((item) => item.open !== item.amount).map(({ id }) => id),
    date,
  );
  const rows = items
    .map((item) => ({ ...item, daysOverdue: overdueOf(item, date), parts: parts.get(item.id) ?? [] }))
    .sort((a, b) => compare(a.dueDate, b.dueDate) || compare(a.document ?? '', b.document ?? ''));
  const groups = [
    ...Map.groupBy(rows, (item) => (groupedBy === 'account' ? item.account : (item.party ?? ''))).entries(),
  ]
    .map(([key, own]) => groupOf(key, own, groupedBy))
    .sort((a, b) => compare(groupedBy === 'account' ? a.key : a.name, groupedBy === 'account' ? b.key : b.name));
  return { currency, date, from, groupedBy, groups, total: { items: rows.length, ...totals(rows) } };
}

/** Days past the due date of what is still owed; 0 for credits. */
export function overdueOf(item: Pick<ListedItem, 'side' | 'open' | 'dueDate'>, date: string): number {
  const isOwed = item.side === 'receivable' ? item.open > 0n : item.open < 0n;
  return isOwed ? daysOverdue(item.dueDate, date) : 0;
}

function groupOf(key: string, items: ReportedItem[], groupedBy: 'account' | 'name'): ItemGroup {
  const last = items.at(-1);
  const name = groupedBy === 'account' ? last?.accountName : last?.partyName;
  return { key, name: name ?? key, items, ...totals(items) };
}

function totals(items: readonly ReportedItem[]) {
  const total = (pick: (item: ReportedItem) => bigint) => items.reduce((sum, item) => sum + pick(item), 0n);
  return {
    amount: total((item) => item.amount),
    settled: total((item) => item.settled),
    open: total((item) => item.open),
  };
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
