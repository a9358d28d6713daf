import type { BookDocument } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { isVendor } from './entities.ts';

/** Key of the product through which sales are posted to an account: lines of sales forms name products only. */
export function itemKey(account: Pick<RemoteAccount, 'remoteId'>): string {
  return `item:${account.remoteId}`;
}

/** Key of a party's customer or vendor in one currency: contacts keep theirs for life (provider section 2). */
export function contactKey(document: BookDocument, mapping: BooksMapping): string {
  const { id } = document.party;
  return `${isVendor(id) ? 'vendor' : 'customer'}:${mapping.party(id)}:${document.currency}`;
}

/** Id of that contact. Throws what `recordFor` throws. */
export function contactOf(document: BookDocument, mapping: BooksMapping): string {
  return recordFor(document, mapping, contactKey(document, mapping));
}

/** Key of the accounts receivable account of a currency. */
export function receivableKey(currency: string): string {
  return `receivable:${currency}`;
}

/** Key of the rates behind a tax code. */
export function rateKey(code: string, direction: 'sales' | 'purchase'): string {
  return `tax:${direction}:${code}`;
}

/**
 * Remote id of a record a document needs. One that could not be made is left out by `ensureRecords`, so that it stops
 * this document only: then throws ConnectorError `rejected` in words about the document.
 */
export function recordFor(document: BookDocument, mapping: BooksMapping, key: string): string {
  try {
    return mapping.record(key);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'MAPPING_MISSING') throw error;
    const { code, why } = MISSING[key.split(':')[0] ?? ''] ?? OTHER;
    const message = `${subjectOf(document)} was not sent to QuickBooks: ${why}`;
    throw new ConnectorError('rejected', message, { code, cause: error });
  }
}

const FOREIGN =
  'its contact cannot be kept in that currency there. Turn multicurrency on in QuickBooks (Settings, Advanced, Currency), ' +
  'or make a contact of that name in that currency, then replay.';
const OTHER = { code: 'BOOKS_REFUSED', why: 'a record that it needs could not be made there. Replay it.' };
const MISSING: Readonly<Record<string, { code: string; why: string }>> = {
  item: {
    code: 'BOOKS_ACCOUNT_REFUSED',
    why:
      'no product could be made there that posts to one of the mapped accounts. Products take income and liability ' +
      'accounts: change the account mapping of this connection, then replay.',
  },
  customer: { code: 'BOOKS_CURRENCY_REFUSED', why: FOREIGN },
  vendor: { code: 'BOOKS_CURRENCY_REFUSED', why: FOREIGN },
  receivable: {
    code: 'BOOKS_ACCOUNT_REFUSED',
    why: 'there is no active accounts receivable account in that currency. Make one active in QuickBooks, then replay.',
  },
  tax: {
    code: 'BOOKS_TAX_REFUSED',
    why: 'the mapped tax code does not exist there any more. Change the tax mapping of this connection, then replay.',
  },
};
