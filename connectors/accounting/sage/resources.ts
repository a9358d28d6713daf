import { createHash } from 'node:crypto';
import type { AccountRef, BookDocument } from '@daybook/domain';
import { withoutReceiptsIn } from '../../kit/book-documents.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';

/** What our documents become, by the resource's name in paths. */
export type Resource =
  | 'sales_invoices'
  | 'sales_credit_notes'
  | 'sales_quick_entries'
  | 'contact_payments'
  | 'contact_allocations'
  | 'other_payments'
  | 'bank_transfers'
  | 'journals';

/** The name of the object in a body. */
export const SINGULAR: Readonly<Record<Resource, string>> = {
  sales_invoices: 'sales_invoice',
  sales_credit_notes: 'sales_credit_note',
  sales_quick_entries: 'sales_quick_entry',
  contact_payments: 'contact_payment',
  contact_allocations: 'contact_allocation',
  other_payments: 'other_payment',
  bank_transfers: 'bank_transfer',
  journals: 'journal',
};

/** Payments take 25 characters in `reference`, the others do not say (provider section 2). */
const LONGEST_REFERENCE = 25;

/** Our number as `reference` can hold it: itself, or its beginning and a hash of the whole. */
export function referenceOf(number: string): string {
  if (number.length <= LONGEST_REFERENCE) return number;
  return `${number.slice(0, 16)}-${createHash('sha256').update(number).digest('hex').slice(0, 8)}`;
}

/** The account a role is mapped to. */
export function accountOf({ role, account }: AccountRef, mapping: BooksMapping): RemoteAccount {
  return mapping.remoteAccount(role, account);
}

/**
 * What a document becomes. Payments, transfers and other payments want bank accounts; money that sits elsewhere (a gift
 * card's liability, a reserve) is a quick entry that is then allocated, a payment line, or a journal. Throws what the
 * mapping throws.
 */
export function resourceOf(document: BookDocument, mapping: BooksMapping): Resource {
  const isBank = (ref: AccountRef) => accountOf(ref, mapping).isBank;
  switch (document.kind) {
    case 'invoice':
      return 'sales_invoices';
    case 'credit_note':
      return 'sales_credit_notes';
    case 'allocation':
      return 'contact_allocations';
    case 'journal':
      return 'journals';
    case 'payment':
      return isBank(document) ? 'contact_payments' : 'sales_quick_entries';
    case 'transfer': {
      const banks = [document.from, document.to].filter(isBank).length;
      return (['journals', 'other_payments', 'bank_transfers'] as const)[banks] ?? 'journals';
    }
    case 'bank_entry':
      return isBank(document) && !document.lines.some(isBank) ? 'other_payments' : 'journals';
    case 'sales_receipt':
    case 'refund_receipt':
      return withoutReceiptsIn('Sage', document);
  }
}

/** Everything a document may have become, the likeliest first: its account may have been mapped to another one since. */
export function possibleResources(document: BookDocument): Resource[] {
  switch (document.kind) {
    case 'invoice':
      return ['sales_invoices'];
    case 'credit_note':
      return ['sales_credit_notes'];
    case 'allocation':
      return ['contact_allocations'];
    case 'journal':
      return ['journals'];
    case 'payment':
      return ['contact_payments', 'sales_quick_entries'];
    case 'transfer':
      return ['bank_transfers', 'other_payments', 'journals'];
    case 'bank_entry':
      return ['other_payments', 'journals'];
    case 'sales_receipt':
    case 'refund_receipt':
      return withoutReceiptsIn('Sage', document);
  }
}

/** Whether a payment of ours is booked as a quick entry first and then allocated to what it settles. */
export function isIndirect(document: BookDocument, resource: Resource): boolean {
  return document.kind === 'payment' && resource === 'sales_quick_entries';
}

/** Processors are suppliers, everybody else is a customer. */
export function isSupplier(partyId: string): boolean {
  return partyId.startsWith('processor:');
}
