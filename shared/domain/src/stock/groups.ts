import type { Books, InventoryGroup } from '../chart.ts';
import { DomainError } from '../domain-error.ts';
import { resolveRole, type Target } from '../posting/accounts.ts';
import type { Ground } from '../posting/facts.ts';

const ROLES = {
  inventory: 'inventory.control',
  costOfSales: 'cost_of_sales',
  countVariance: 'count.variance',
  adjustment: 'inventory.adjustment',
  purchaseVariance: 'purchase.variance',
  purchases: 'purchases',
} as const;

/** Accounts of an inventory group besides sales. */
export type GroupAccount = keyof typeof ROLES;

/** The account of a group (accounting.md D1): its own, else the role's for the group, else the role's for all. */
export function groupTarget(group: InventoryGroup, which: GroupAccount, ground: Ground): Target {
  const role = `${ROLES[which]}.${group.number}`;
  const account = group[which];
  return account === null ? resolveRole(ground, role, ROLES[which]) : { role, account };
}

/** Group of an item whose stock is moved. Throws ACCOUNT_UNRESOLVED where it has none and the company no default. */
export function groupOfItem(sku: string, ground: Ground): InventoryGroup {
  const group = ground.books.groupOf?.(sku);
  if (group) return group;
  throw new DomainError(
    'ACCOUNT_UNRESOLVED',
    `${ground.about}: item ${sku} is in no inventory group, and the company has no default group. ` +
      'Put it into one or choose a default group, then the event is posted.',
    `inventory group of ${sku}`,
  );
}

/** Whether stock is kept outside the ledger (accounting.md D7). */
export function isPeriodic(books: Books): boolean {
  return books.settings.inventoryIntegration === 'periodic';
}
