import { averageCost, exponentOf, parseQuantity, type Replayed, replayed, sum } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { companyOf } from './scope.ts';

/** Stock of an item; values in minor units of the company's currency. */
export interface ValuedItem {
  sku: string;
  title: string | null;
  /** Number of its inventory group. */
  group: number;
  /** Decimal text. */
  quantity: string;
  value: bigint;
  /** Value ÷ quantity in major units, to six decimals; null without stock. */
  average: string | null;
  /** Day of the last goods received, YYYY-MM-DD. */
  lastReceived: string | null;
  /**
   * What the item would be worth less what it is worth, had its movements been recorded in the order they happened
   * (accounting.md D3): 0 where they were.
   */
  replayDifference: bigint;
}

/** An inventory group; `ledger` is the balance of its account where no other group shares it. */
export interface ValuedGroup {
  number: number;
  description: string;
  account: string | null;
  value: bigint;
}

/** An inventory account: what stock is worth, what the ledger says, and the difference, which is 0 (accounting.md T9). */
export interface ValuedAccount {
  account: string;
  stock: bigint;
  ledger: bigint;
  difference: bigint;
}

export interface InventoryValuation {
  currency: string;
  to: string;
  items: ValuedItem[];
  groups: ValuedGroup[];
  accounts: ValuedAccount[];
  total: bigint;
}

/** Stock and what it is worth at the end of a day (accounting.md H11); items without any are left out. */
export async function inventoryValuation(
  sql: Queryable,
  companyId: string,
  { to }: { to: string },
): Promise<InventoryValuation> {
  const { currency } = await companyOf(sql, companyId);
  const exponent = exponentOf(currency);
  const rows = await sql<Omit<ValuedItem, 'average' | 'replayDifference'>[]>`
    select m.sku, i.title, m.group_number as "group", trim_scale(sum(m.quantity))::text as quantity,
      sum(m.value)::bigint as value,
      (select max(r.posting_date) from stock_movements r where r.company_id = ${companyId} and r.sku = m.sku
        and r.kind = 'receipt' and r.quantity > 0 and r.posting_date <= ${to}::date) as "lastReceived"
    from stock_movements m left join items i on i.company_id = m.company_id and i.sku = m.sku
    where m.company_id = ${companyId} and m.posting_date <= ${to}::date
    group by m.sku, i.title, m.group_number having sum(m.quantity) <> 0 or sum(m.value) <> 0
    order by m.group_number, m.sku`;
  const differences = await replayDifferences(sql, companyId, to, exponent);
  const items = rows.map((row) => ({
    ...row,
    average: averageCost({ quantity: parseQuantity(row.quantity), value: row.value }, exponent),
    replayDifference: differences.get(row.sku) ?? 0n,
  }));
  const groups = await groupTotals(sql, companyId, items);
  const accounts = await accountTotals(sql, companyId, to, groups);
  return { currency, to, items, groups, accounts, total: sum(items.map(({ value }) => value)) };
}

async function groupTotals(sql: Queryable, companyId: string, items: readonly ValuedItem[]): Promise<ValuedGroup[]> {
  const groups = await sql<Omit<ValuedGroup, 'value'>[]>`
    select number, description, inventory as account from inventory_groups
    where company_id = ${companyId} and stock_tracked order by number`;
  return groups.map((group) => ({
    ...group,
    value: sum(items.filter((item) => item.group === group.number).map(({ value }) => value)),
  }));
}

async function accountTotals(
  sql: Queryable,
  companyId: string,
  to: string,
  groups: readonly ValuedGroup[],
): Promise<ValuedAccount[]> {
  const byAccount = Map.groupBy(groups, ({ account }) => account ?? '');
  const rows = await sql<{ account: string; balance: bigint }[]>`
    select account, sum(debit - credit)::bigint as balance from account_days
    where company_id = ${companyId} and day <= ${to}::date and account = any(${[...byAccount.keys()]}::text[])
    group by account`;
  const balances = new Map(rows.map((row) => [row.account, row.balance]));
  return [...byAccount].map(([account, own]) => {
    const stock = sum(own.map(({ value }) => value));
    const ledger = balances.get(account) ?? 0n;
    return { account, stock, ledger, difference: stock - ledger };
  });
}

/** Items recorded in another order than they happened are valued again in that order; the others need it not. */
async function replayDifferences(
  sql: Queryable,
  companyId: string,
  to: string,
  exponent: number,
): Promise<Map<string, bigint>> {
  const rows = await sql<(Omit<Replayed, 'quantity'> & { sku: string; quantity: string })[]>`
    with disordered as (
      select distinct sku from (
        select sku, occurred_at < lag(occurred_at) over (partition by sku order by id) as early from stock_movements
        where company_id = ${companyId} and posting_date <= ${to}::date) m where early
    )
    select m.sku, m.kind, m.quantity::text as quantity, m.value
    from stock_movements m join disordered d on d.sku = m.sku
    where m.company_id = ${companyId} and m.posting_date <= ${to}::date order by m.sku, m.occurred_at, m.id`;
  const bySku = Map.groupBy(rows, ({ sku }) => sku);
  return new Map(
    [...bySku].map(([sku, own]) => {
      const strict = replayed(
        own.map((row) => ({ ...row, quantity: parseQuantity(row.quantity) })),
        exponent,
      );
      return [sku, strict.value - sum(own.map(({ value }) => value))];
    }),
  );
}
