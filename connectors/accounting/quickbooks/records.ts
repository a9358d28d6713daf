import type { AccountRef, BookDocument } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { type Account, readAccounts, readTaxCodes, remoteAccounts } from './books.ts';
import { readPreferences } from './company.ts';
import { ensureInCurrency } from './contacts.ts';
import { entityOf, needsParty } from './entities.ts';
import { ensureItem } from './items.ts';
import { contactKey, itemKey, receivableKey } from './record-keys.ts';
import { coded, rateKeys, ratesText, taxOfItsOwn } from './tax.ts';

/** Where tax goes that the books do not take as tax (American companies). */
export const TAX_ON_SALES: AccountRef = { role: 'tax.output', account: '' };
export const TAX_ON_PURCHASES: AccountRef = { role: 'tax.input', account: '' };

/** The account a role is mapped to. */
export function accountOf({ role, account }: AccountRef, mapping: BooksMapping): RemoteAccount {
  return mapping.remoteAccount(role, account);
}

/** Keys of the products, contacts, accounts and tax rates a document refers to there. Pure. */
export function recordsFor(document: BookDocument, mapping: BooksMapping): string[] {
  switch (document.kind) {
    case 'invoice':
    case 'credit_note':
    case 'sales_receipt':
    case 'refund_receipt': {
      const lines = coded(document.lines, mapping);
      const accounts = document.lines.map((line) => accountOf(line, mapping));
      if (taxOfItsOwn(lines) !== 0n) accounts.push(accountOf(TAX_ON_SALES, mapping));
      return [...accounts.map(itemKey), ...rateKeys(lines, 'sales'), contactKey(document, mapping)];
    }
    case 'payment': {
      const contact = contactKey(document, mapping);
      return entityOf(document, mapping) === 'payment' ? [contact] : [contact, receivableKey(document.currency)];
    }
    case 'bank_entry':
      return [...rateKeys(coded(document.lines, mapping), 'purchase'), contactKey(document, mapping)];
    case 'allocation':
      return [contactKey(document, mapping)];
    case 'journal': {
      const isOfParty = document.lines.some((line) => needsParty(accountOf(line, mapping)));
      return isOfParty ? [contactKey(document, mapping)] : [];
    }
    case 'transfer':
      return [];
  }
}

/**
 * Finds or makes what the keys name; idempotent. Answers key → remote id (rates: see tax.ts). What the books refuse is
 * left out and told when the document that needs it is translated.
 */
export async function ensureRecords(keys: string[], api: Api): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const known = lazily(api);
  for (const key of new Set(keys)) {
    const found = await orRefused(api, key, () => recordOf(key, known, api));
    if (found !== null) made.set(key, found);
  }
  return made;
}

interface Known {
  accounts(): Promise<Account[]>;
  codes(): ReturnType<typeof readTaxCodes>;
}

/** Chart and tax codes, read at most once. */
function lazily(api: Api): Known {
  let accounts: ReturnType<typeof readAccounts> | undefined;
  let codes: ReturnType<typeof readTaxCodes> | undefined;
  return {
    accounts: () => (accounts ??= readAccounts(api)),
    codes: () => (codes ??= readTaxCodes(api)),
  };
}

async function recordOf(key: string, known: Known, api: Api): Promise<string | null> {
  const [kind = '', first = '', second = ''] = key.split(':');
  if (kind === 'item') {
    const account = remoteAccounts(await known.accounts()).find(({ remoteId }) => remoteId === first);
    return account ? ensureItem(account, api) : null;
  }
  if (kind === 'customer' || kind === 'vendor') return ensureInCurrency(kind, first, second, api);
  if (kind === 'receivable') return receivableIn(first, await known.accounts(), api);
  if (kind !== 'tax') return null;
  const code = (await known.codes()).find(({ id }) => id === second);
  return code ? ratesText(first === 'sales' ? code.sales : code.purchases) : null;
}

/**
 * Each currency has an accounts receivable account of its own. Of several, the one that sales forms post to: links are
 * made within one account only.
 */
async function receivableIn(currency: string, accounts: readonly Account[], api: Api): Promise<string | null> {
  const fits = accounts.filter(
    ({ AccountType, CurrencyRef }) =>
      AccountType === 'Accounts Receivable' && (CurrencyRef?.value ?? currency) === currency,
  );
  const [first, ...others] = fits;
  if (!first || others.length === 0) return first?.Id ?? null;
  const { receivable } = await readPreferences(api);
  return fits.some(({ Id }) => Id === receivable) ? receivable : first.Id;
}

async function orRefused(api: Api, key: string, make: () => Promise<string | null>): Promise<string | null> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    api.log('books.record_refused', { key, code: error.code, message: error.message });
    return null;
  }
}
