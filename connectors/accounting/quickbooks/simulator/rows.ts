import { linkedTo, openAmount } from './links.ts';
import { text } from './request.ts';
import { type BookedDocument, type Company, rowKey } from './world.ts';

/** One document as a test wants to see it; amounts in minor units of `currency`. */
export interface BookRow {
  entity: BookedDocument['entity'];
  id: string;
  number: string | null;
  date: string;
  state: BookedDocument['state'];
  currency: string;
  total: bigint;
  tax: bigint;
  open: bigint;
  party: string | null;
  note: string | null;
  /** Debit positive, by account number (name where it has none), in the company's own currency. */
  postings: { account: string; home: bigint }[];
  /** Ids of the documents that settle it or took it to the bank. */
  linked: string[];
}

/** Everything in the books, oldest first, void and deleted documents as well. */
export function bookRows(company: Company): BookRow[] {
  return [...company.documents.values()].map((document) => ({
    entity: document.entity,
    id: document.id,
    number: document.number,
    date: document.date,
    state: document.state,
    currency: document.currency,
    total: document.total,
    tax: document.tax,
    open: openAmount(company, document),
    party: partyName(company, document.party),
    note: text(document.body, 'PrivateNote'),
    postings: document.postings.map(({ account, home }) => ({ account: accountCode(company, account), home })),
    linked: linkedTo(company, document.id).map(({ TxnId }) => TxnId),
  }));
}

function partyName(company: Company, id: string | null): string | null {
  if (id === null) return null;
  return (company.rows.get(rowKey('Customer', id)) ?? company.rows.get(rowKey('Vendor', id)))?.name ?? null;
}

/** What people call an account by: its number, its name where it has none. */
export function accountCode(company: Company, id: string): string {
  const row = company.rows.get(rowKey('Account', id));
  return row?.account?.number ?? row?.name ?? id;
}
