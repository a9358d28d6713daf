import { createHash } from 'node:crypto';
import type { BookDocument } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';

/** Kinds of records that our documents become; also their names in paths. */
export type Entity =
  | 'invoice'
  | 'creditmemo'
  | 'salesreceipt'
  | 'refundreceipt'
  | 'payment'
  | 'purchase'
  | 'deposit'
  | 'transfer'
  | 'journalentry';

/** Their names in bodies and queries. */
export const NAMES: Readonly<Record<Entity, string>> = {
  invoice: 'Invoice',
  creditmemo: 'CreditMemo',
  salesreceipt: 'SalesReceipt',
  refundreceipt: 'RefundReceipt',
  payment: 'Payment',
  purchase: 'Purchase',
  deposit: 'Deposit',
  transfer: 'Transfer',
  journalentry: 'JournalEntry',
};

/** The field that carries our number and that queries can ask for; deposits and transfers have none. */
export const NUMBER_FIELDS: Readonly<Record<Entity, 'DocNumber' | 'PaymentRefNum' | null>> = {
  invoice: 'DocNumber',
  creditmemo: 'DocNumber',
  salesreceipt: 'DocNumber',
  refundreceipt: 'DocNumber',
  payment: 'PaymentRefNum',
  purchase: 'DocNumber',
  deposit: null,
  transfer: null,
  journalentry: 'DocNumber',
};

/** DocNumber and PaymentRefNum hold this many characters (provider section 2). */
const LONGEST_NUMBER = 21;

/** Our number as those fields can hold it: itself, or its beginning and a hash of the whole. */
export function shortNumber(number: string): string {
  if (number.length <= LONGEST_NUMBER) return number;
  return `${number.slice(0, 12)}-${createHash('sha256').update(number).digest('hex').slice(0, 8)}`;
}

/** The account's type without its subtype: `Bank / Checking` → `Bank`. */
export function typeOf(account: Pick<RemoteAccount, 'type'>): string {
  return account.type.split(' / ')[0] ?? '';
}

/** Types of accounts onto which customers' money may be deposited (developer.intuit.com, DepositToAccountRef). */
export const MONEY_TYPES: ReadonlySet<string> = new Set(['Bank', 'Other Current Asset']);

/**
 * What a document becomes. Expenses, deposits and transfers want a bank account where the money sits, customer payments
 * a bank or other current asset account (developer.intuit.com, Purchase, Deposit, Payment); whatever sits elsewhere,
 * such as a gift card's liability, is moved by a journal entry. Throws what the mapping throws.
 */
export function entityOf(document: BookDocument, mapping: BooksMapping): Entity {
  switch (document.kind) {
    case 'invoice':
      return 'invoice';
    case 'credit_note':
      return 'creditmemo';
    case 'sales_receipt':
      return 'salesreceipt';
    case 'refund_receipt':
      return 'refundreceipt';
    case 'allocation':
      return 'payment';
    case 'journal':
      return 'journalentry';
    case 'payment': {
      const type = typeOf(mapping.remoteAccount(document.role, document.account));
      if (document.settles.kind === 'credit_note') return type === 'Bank' ? 'purchase' : 'journalentry';
      return MONEY_TYPES.has(type) ? 'payment' : 'journalentry';
    }
    case 'transfer': {
      const ends = [document.from, document.to].map(({ role, account }) => mapping.remoteAccount(role, account));
      return ends.every(({ isBank }) => isBank) ? 'transfer' : 'journalentry';
    }
    case 'bank_entry': {
      const type = typeOf(mapping.remoteAccount(document.role, document.account));
      if (document.direction === 'spend')
        return type === 'Bank' || type === 'Credit Card' ? 'purchase' : 'journalentry';
      return type === 'Bank' ? 'deposit' : 'journalentry';
    }
  }
}

/**
 * Everything a document may have become, what it would become now first: its account may have been mapped to another
 * one, or to none, since it was sent.
 */
export function likelyEntities(document: BookDocument, mapping: BooksMapping): Entity[] {
  const all = possibleEntities(document);
  try {
    const expected = entityOf(document, mapping);
    return [expected, ...all.filter((each) => each !== expected)];
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'MAPPING_MISSING') return all;
    throw error;
  }
}

function possibleEntities(document: BookDocument): Entity[] {
  switch (document.kind) {
    case 'invoice':
      return ['invoice'];
    case 'credit_note':
      return ['creditmemo'];
    case 'sales_receipt':
      return ['salesreceipt'];
    case 'refund_receipt':
      return ['refundreceipt'];
    case 'allocation':
      return ['payment'];
    case 'journal':
      return ['journalentry'];
    case 'payment':
      return document.settles.kind === 'invoice' ? ['payment', 'journalentry'] : ['purchase', 'journalentry'];
    case 'transfer':
      return ['transfer', 'journalentry'];
    case 'bank_entry':
      return [document.direction === 'spend' ? 'purchase' : 'deposit', 'journalentry'];
  }
}

/** Whether lines of a journal on it must name a customer or vendor (provider section 2). */
export function needsParty(account: Pick<RemoteAccount, 'type'>): boolean {
  return /^Accounts (Receivable|Payable)$/.test(typeOf(account));
}

/** Processors are vendors, everybody else is a customer. */
export function isVendor(partyId: string): boolean {
  return partyId.startsWith('processor:');
}
