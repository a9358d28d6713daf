import { type Books, DomainError, sum } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { loadBooks } from './books.ts';
import { postEntries } from './post.ts';
import { inventoryValuation } from './reports/inventory-valuation.ts';

/** Where stock is kept (accounting.md D2). */
export type Integration = 'perpetual_average' | 'periodic';

/**
 * Chooses the group of items that nobody has put into one, and whether invoices change the value of goods still there.
 * Throws DomainError EVENT_INVALID for a group the company does not have.
 */
export async function setInventorySettings(
  tx: Tx,
  companyId: string,
  given: { defaultGroup?: number | null | undefined; revalueOnInvoice?: boolean | undefined },
): Promise<void> {
  const { defaultGroup, revalueOnInvoice } = given;
  const books = await lockedBooks(tx, companyId);
  if (defaultGroup != null && !books.groups?.has(defaultGroup)) {
    const message = `The company has no inventory group ${defaultGroup}. Create it before it becomes the default.`;
    throw new DomainError('EVENT_INVALID', message, String(defaultGroup));
  }
  const settings = {
    ...(defaultGroup !== undefined && { defaultInventoryGroup: defaultGroup }),
    ...(revalueOnInvoice !== undefined && { revalueOnInvoice }),
  };
  await tx`update companies set settings = settings || ${JSON.stringify(settings)}::jsonb where id = ${companyId}`;
}

/**
 * Begins or ends keeping stock in the ledger (accounting.md D2), with effect from the first day of an open period in
 * which no stock has moved. The difference between what stock is worth and its accounts is posted to that day against
 * the change in stock; answers its source key, null where there is none. Throws DomainError: PERIOD_CLOSED,
 * EVENT_NOT_POSTABLE where the day is no first day or stock has moved since, ACCOUNT_UNRESOLVED.
 */
export async function switchIntegration(
  tx: Tx,
  companyId: string,
  { to, from, now }: { to: Integration; from: string; now: Date },
): Promise<string | null> {
  const books = await lockedBooks(tx, companyId);
  if ((books.settings.inventoryIntegration ?? 'perpetual_average') === to) return null;
  await checkDay(tx, companyId, from);
  await tx`
    update companies set settings = settings || ${JSON.stringify({ inventoryIntegration: to })}::jsonb where id = ${companyId}`;
  const { accounts } = await inventoryValuation(tx, companyId, { to: from });
  const differences = accounts.filter(({ difference }) => difference !== 0n);
  if (differences.length === 0) return null;
  const sourceKey = `inventory:switch:${from}`;
  const total = sum(differences.map(({ difference }) => difference));
  const memo = `Stock ${to === 'periodic' ? 'leaves' : 'comes into'} the ledger: change in stock up to ${from}`;
  const entry = {
    entryType: 'INV' as const,
    sourceKey,
    postingDate: from,
    taxPoint: from,
    occurredAt: now.toISOString(),
    memo,
    lines: [
      ...differences.map(({ account, difference }) => line('inventory.control', account, difference, books)),
      line('inventory.change', changeAccount(books), -total, books),
    ],
  };
  await postEntries(tx, companyId, [{ entry, eventId: null }], now);
  return sourceKey;
}

async function checkDay(tx: Tx, companyId: string, from: string): Promise<void> {
  const [period] = await tx<{ state: string }[]>`
    select state from periods where company_id = ${companyId} and starts_on = ${from}`;
  if (!period) {
    const message = `${from} is not the first day of a period. Stock comes into the ledger, or leaves it, on such a day.`;
    throw new DomainError('EVENT_NOT_POSTABLE', message, from);
  }
  if (period.state !== 'open') {
    throw new DomainError(
      'PERIOD_CLOSED',
      `The period that begins on ${from} is not open. Open it, or take another.`,
      from,
    );
  }
  const [moved] = await tx<{ sourceKey: string; day: string }[]>`
    select source_key as "sourceKey", posting_date as day from stock_movements
    where company_id = ${companyId} and posting_date >= ${from} order by posting_date limit 1`;
  if (!moved) return;
  const message = `Stock has moved since ${from}: ${moved.sourceKey} on ${moved.day}. Take the first day of a later period.`;
  throw new DomainError('EVENT_NOT_POSTABLE', message, from);
}

function changeAccount({ roles }: Books): string {
  const account = roles.get('inventory.change');
  if (account !== undefined) return account;
  const message = 'No account plays the role inventory.change. Choose one in the account mapping.';
  throw new DomainError('ACCOUNT_UNRESOLVED', message, 'inventory.change');
}

function line(role: string, account: string, amount: bigint, books: Books) {
  return { role, account, amount, currency: books.functionalCurrency, amountTc: amount };
}

async function lockedBooks(tx: Tx, companyId: string): Promise<Books> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  return loadBooks(tx, companyId);
}
