import {
  type AccountType,
  type Books,
  DomainError,
  type InventoryGroup,
  localDate,
  type ResolvedLine,
  type StockMovement,
} from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import { loadBooks } from './books.ts';
import { postEntries } from './post.ts';
import { asDomainError } from './refusal.ts';
import { type Item, itemsOf, writeStock } from './stock.ts';

/** Which types of accounts each account of a group may be (accounting.md D1). */
const TYPES: Readonly<Record<GroupAccount, readonly AccountType[]>> = {
  sales: ['income'],
  inventory: ['asset'],
  costOfSales: ['expense'],
  countVariance: ['expense', 'income'],
  adjustment: ['expense', 'income'],
  purchaseVariance: ['expense', 'income'],
  purchases: ['expense'],
};
type GroupAccount =
  | 'sales'
  | 'inventory'
  | 'costOfSales'
  | 'countVariance'
  | 'adjustment'
  | 'purchaseVariance'
  | 'purchases';

/** Roles of accounts that no inventory account may be. */
const NOT_INVENTORY = /^(bank|cash|clearing)\.|^(ar|ap)\.control/;

/** Inventory groups of a company by number. */
export async function inventoryGroupsOf(sql: Queryable, companyId: string): Promise<InventoryGroup[]> {
  const { groups } = await loadBooks(sql, companyId);
  return [...(groups?.values() ?? [])].sort((a, b) => a.number - b.number);
}

/**
 * Makes an inventory group, or changes the one of that number (accounting.md D1). Without an inventory account a group
 * whose stock is counted takes the one of the role. Throws DomainError: ACCOUNT_UNRESOLVED, EVENT_INVALID (an account
 * of another type than it must be), GROUP_ACCOUNT_LOCKED.
 */
export async function putInventoryGroup(tx: Tx, companyId: string, given: InventoryGroup): Promise<void> {
  await lockJournal(tx, companyId);
  const books = await loadBooks(tx, companyId);
  const group = { ...given, inventory: given.inventory ?? inventoryByRole(given, books) };
  await checkAccounts(tx, companyId, group, books);
  const row = {
    description: group.description,
    stock_tracked: group.stockTracked,
    sales_tax: group.salesTax,
    purchase_tax: group.purchaseTax,
    sales: group.sales,
    inventory: group.inventory,
    cost_of_sales: group.costOfSales,
    count_variance: group.countVariance,
    adjustment: group.adjustment,
    purchase_variance: group.purchaseVariance,
    purchases: group.purchases,
  };
  await tx`
    insert into inventory_groups ${tx({ company_id: companyId, number: group.number, ...row })}
    on conflict (company_id, number) do update set ${tx(row)}`.catch((error: unknown) => {
    throw asDomainError(error);
  });
}

function inventoryByRole({ number, stockTracked }: InventoryGroup, books: Books): string | null {
  if (!stockTracked) return null;
  const account = books.roles.get(`inventory.control.${number}`) ?? books.roles.get('inventory.control');
  if (account !== undefined) return account;
  throw new DomainError(
    'ACCOUNT_UNRESOLVED',
    `Inventory group ${number} needs an inventory account. Name one, or give the role inventory.control an account.`,
    'inventory.control',
  );
}

async function checkAccounts(tx: Tx, companyId: string, group: InventoryGroup, books: Books): Promise<void> {
  const named = (Object.keys(TYPES) as GroupAccount[]).flatMap((which) => {
    const account = group[which];
    return account === null ? [] : [{ which, account }];
  });
  const rows = await tx<{ code: string; type: AccountType }[]>`
    select code, type from accounts where company_id = ${companyId} and code = any(${named.map((each) => each.account)}::text[])`;
  const types = new Map(rows.map((row) => [row.code, row.type]));
  for (const { which, account } of named) {
    const type = types.get(account);
    if (type === undefined) {
      throw new DomainError('ACCOUNT_UNRESOLVED', `The chart of accounts has no account ${account}. Add it.`, account);
    }
    const isMoney =
      which === 'inventory' && [...books.roles].some(([role, code]) => code === account && NOT_INVENTORY.test(role));
    if (TYPES[which].includes(type) && !isMoney) continue;
    const kinds = TYPES[which].join(' or ');
    throw new DomainError(
      'EVENT_INVALID',
      `Account ${account} cannot be the ${which} account of inventory group ${group.number}: it must be of type ${kinds}` +
        `${which === 'inventory' ? ', and neither bank nor cash nor a control account' : ''}. Choose another.`,
      account,
    );
  }
}

/** What is said of an item; what is left out of a known item stays as it is. */
export interface GivenItem {
  sku: string;
  /** Number of its group. */
  group: number;
  title?: string | null | undefined;
  /** Decimal text. */
  reorderPoint?: string | null | undefined;
  reorderQuantity?: string | null | undefined;
  /** Tax codes of its own; absent, of a new item or one that changes its group: the group's. */
  salesTax?: string | null | undefined;
  purchaseTax?: string | null | undefined;
}

/**
 * Makes items or changes them. An item with stock that moves to a group with another inventory account takes its value
 * along: an entry dated today, Dr new, Cr old (accounting.md D1). Throws DomainError: EVENT_INVALID for a group the
 * company does not have or one whose items are not counted, PERIOD_CLOSED.
 */
export async function putItems(tx: Tx, companyId: string, given: readonly GivenItem[], now: Date): Promise<void> {
  await lockJournal(tx, companyId);
  const books = await loadBooks(tx, companyId);
  const known = await itemsOf(
    tx,
    companyId,
    given.map(({ sku }) => sku),
  );
  for (const item of given) await putItem(tx, companyId, item, { books, before: known.get(item.sku), now });
}

interface Change {
  books: Books;
  before: Item | undefined;
  now: Date;
}

async function putItem(tx: Tx, companyId: string, item: GivenItem, { books, before, now }: Change): Promise<void> {
  const group = groupNamed(item, books);
  if (before && before.group !== group.number) await transfer(tx, companyId, { books, before, now }, group);
  const fromGroup = before?.group !== group.number;
  const orGroups = (own: string | null | undefined, groups: string | null) => own ?? (fromGroup ? groups : null);
  const { sku, title = null, reorderPoint = null, reorderQuantity = null } = item;
  await tx`
    insert into items (company_id, sku, group_number, title, reorder_point, reorder_quantity, sales_tax, purchase_tax)
    values (${companyId}, ${sku}, ${group.number}, ${title}, ${reorderPoint}, ${reorderQuantity},
      ${orGroups(item.salesTax, group.salesTax)}, ${orGroups(item.purchaseTax, group.purchaseTax)})
    on conflict (company_id, sku) do update set group_number = excluded.group_number,
      title = coalesce(excluded.title, items.title),
      reorder_point = case when ${item.reorderPoint !== undefined} then excluded.reorder_point else items.reorder_point end,
      reorder_quantity = case when ${item.reorderQuantity !== undefined} then excluded.reorder_quantity
        else items.reorder_quantity end,
      sales_tax = coalesce(excluded.sales_tax, items.sales_tax),
      purchase_tax = coalesce(excluded.purchase_tax, items.purchase_tax)`;
}

function groupNamed({ sku, group }: GivenItem, { groups }: Books): InventoryGroup {
  const found = groups?.get(group);
  if (found) return found;
  const message = `Item ${sku} cannot go into inventory group ${group}: the company has no such group. Create it first.`;
  throw new DomainError('EVENT_INVALID', message, String(group));
}

/** The value of an item leaves its group and comes into another. */
async function transfer(
  tx: Tx,
  companyId: string,
  { books, before, now }: { books: Books; before: Item; now: Date },
  to: InventoryGroup,
): Promise<void> {
  const from = books.groups?.get(before.group);
  const { quantity, value } = before.state;
  if (!from || (quantity === 0n && value === 0n)) return;
  if (!to.stockTracked || !from.stockTracked) {
    const message = `Item ${before.sku} has stock, and the items of group ${to.number} are not counted. Bring it to zero first.`;
    throw new DomainError('EVENT_INVALID', message, before.sku);
  }
  const [earlier] = await tx<{ count: number }[]>`
    select count(*)::int as count from stock_movements
    where company_id = ${companyId} and sku = ${before.sku} and kind = 'transfer'`;
  const sourceKey = `inventory:transfer:${before.sku}:${(earlier?.count ?? 0) / 2 + 1}`;
  const postingDate = localDate(now.toISOString(), books.timeZone);
  const common = { sku: before.sku, kind: 'transfer', sourceKey, postingDate, occurredAt: now.toISOString() } as const;
  const empty = { ...before.state, quantity: 0n, value: 0n };
  const out: StockMovement = { ...common, group: from.number, quantity: -quantity, value: -value, after: empty };
  const into: StockMovement = { ...common, group: to.number, quantity, value, after: before.state };
  const movements = [out, into].map((movement) => ({ ...movement, eventId: null }));
  await writeStock(tx, companyId, movements, [], now);
  if (books.settings.inventoryIntegration === 'periodic' || from.inventory === to.inventory || value === 0n) return;
  const memo = `Item ${before.sku} moved from inventory group ${from.number} to ${to.number}`;
  const lines = [stockLine(to, value, books), stockLine(from, -value, books)];
  const dates = { postingDate, taxPoint: postingDate, occurredAt: now.toISOString() };
  await postEntries(
    tx,
    companyId,
    [{ entry: { entryType: 'INV', sourceKey, memo, ...dates, lines }, eventId: null }],
    now,
  );
}

function stockLine({ number, inventory }: InventoryGroup, amount: bigint, books: Books): ResolvedLine {
  const role = `inventory.control.${number}`;
  return { role, account: inventory ?? '', amount, currency: books.functionalCurrency, amountTc: amount };
}

async function lockJournal(tx: Tx, companyId: string): Promise<void> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
}
