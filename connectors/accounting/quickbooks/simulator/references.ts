import { business, notFound, Refused } from './refusal.ts';
import { text } from './request.ts';
import { type Company, type ListEntity, type ListRow, rowKey } from './world.ts';

const KINDS: Readonly<Record<ListEntity, string>> = {
  Account: 'Accounts',
  Item: 'Items',
  Customer: 'Names',
  Vendor: 'Names',
};

/** The active record of that id. Throws 2500 for an unknown one, 610 for an inactive one, 6250 for such a customer. */
export function activeRow(company: Company, entity: ListEntity, id: string): ListRow {
  const row = company.rows.get(rowKey(entity, id));
  if (!row) throw new Refused('2500', `Invalid Reference Id : ${KINDS[entity]} element id ${id} not found`);
  if (row.active) return row;
  throw entity === 'Customer' ? new Refused('6250', `The customer ${id} does not exist or is inactive.`) : notFound();
}

/** `{value, name}` of a record, as answers carry it. */
export function refTo(row: ListRow): { value: string; name: string } {
  return { value: row.id, name: row.name };
}

const WRONG_TYPE = 'You need to select a different type of account for this transaction.';

/** An active account of one of the types. Throws what `activeRow` throws, and 6000 for another type. */
export function accountOf(company: Company, id: string, types: readonly string[]): ListRow {
  const row = activeRow(company, 'Account', id);
  if (types.includes(row.account!.type)) return row;
  throw business(WRONG_TYPE);
}

export const MONEY_TYPES = ['Bank', 'Other Current Asset'] as const;

const isReceivable = (row: ListRow) => row.account?.type === 'Accounts Receivable';
const isPayable = (row: ListRow) => row.account?.type === 'Accounts Payable';

/**
 * A document has one currency: accounts kept in another one than that and the company's own cannot be on it, and
 * receivables and payables only in the very same. Throws 6000.
 */
export function checkCurrency(company: Company, row: ListRow, currency: string): void {
  const isOnAccount = isReceivable(row) || isPayable(row);
  if (row.currency === currency || (row.currency === company.currency && !isOnAccount)) return;
  throw business('Transaction currency is invalid for customer/ vendor / account.');
}

/**
 * An active account that a line of a document in a currency may name, with the party that a receivable or payable
 * needs. Throws 6000 when that is missing or of the wrong kind, or the account is kept in another currency.
 */
export function lineAccount(company: Company, id: string, party: ListRow | null, currency: string): ListRow {
  const row = activeRow(company, 'Account', id);
  checkCurrency(company, row, currency);
  if (isReceivable(row) && party?.entity !== 'Customer') {
    throw business('When you use Accounts Receivable, you must choose a customer in the Name field.');
  }
  if (isPayable(row) && party?.entity !== 'Vendor') {
    throw business('When you use Accounts Payable, you must choose a vendor in the Name field.');
  }
  return row;
}

/** Who a document or line is about. `type` says which list; without it a vendor, else a customer of that id. */
export function partyOf(company: Company, id: string, type: string | null): ListRow {
  const said = type?.toLowerCase();
  if (said === 'customer') return activeRow(company, 'Customer', id);
  if (said === 'vendor' || company.rows.has(rowKey('Vendor', id))) return activeRow(company, 'Vendor', id);
  return activeRow(company, 'Customer', id);
}

/** An enabled currency. Throws 5030 where multicurrency is off, 2220 for one that is not enabled. */
export function enabledCurrency(company: Company, body: unknown): string | null {
  const said = text((body as Record<string, unknown> | null)?.CurrencyRef, 'value');
  if (said === null || said === company.currency) return said;
  if (company.enabledCurrencies.length === 1) {
    throw new Refused('5030', 'Feature Not Supported Error : Multicurrency is not enabled for this company.');
  }
  if (!company.enabledCurrencies.includes(said)) throw new Refused('2220', `Invalid Currency Type : ${said}`);
  return said;
}

/** The currency of a document about a party: theirs. Throws 6000 when the document says another. */
export function currencyFor(company: Company, body: unknown, party: ListRow | null): string {
  const said = enabledCurrency(company, body);
  const theirs = party?.currency ?? said ?? company.currency;
  if (said !== null && said !== theirs) {
    throw business('Transaction currency is invalid for customer/ vendor / account.');
  }
  return theirs;
}
