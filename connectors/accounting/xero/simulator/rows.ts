import {
  type BookedDocument,
  type DocumentKind,
  type Organisation,
  openAmount,
  settlementOf,
  shownStatus,
} from './world.ts';

/** One document as a test wants to see it; amounts in minor units of `currency`. */
export interface BookRow {
  kind: DocumentKind;
  id: string;
  number: string;
  reference: string;
  date: string;
  status: string;
  currency: string;
  total: bigint;
  tax: bigint;
  open: bigint;
  contact: string;
  lines: { accountCode: string | null; taxType: string | null; amount: bigint; tax: bigint; description: string }[];
  payments: { id: string; account: string; amount: bigint; date: string; reference: string | null }[];
  /** Numbers on the other side of an allocation. */
  allocations: { number: string; amount: bigint }[];
}

/** Everything in the books, oldest first; void documents and deleted drafts as well, deleted payments not. */
export function bookRows(organisation: Organisation): BookRow[] {
  return [...organisation.documents.values()].map((document) => ({
    kind: document.kind,
    id: document.id,
    number: document.number,
    reference: document.reference,
    date: document.date,
    status: shownStatus(organisation, document),
    currency: document.currency,
    total: document.total,
    tax: document.totalTax,
    open: openAmount(organisation, document),
    contact: organisation.contacts.get(document.contactId)?.name ?? '',
    lines: document.lines.map((line) => ({
      accountCode: line.accountCode,
      taxType: line.taxType,
      amount: line.lineAmount,
      tax: line.taxAmount,
      description: line.description,
    })),
    payments: paymentRows(organisation, document),
    allocations: settlementOf(organisation, document.id).allocations.flatMap((id) => {
      const { creditNoteId, invoiceId, amount, status } = organisation.allocations.get(id)!;
      if (status === 'DELETED') return [];
      const other = organisation.documents.get(document.id === invoiceId ? creditNoteId : invoiceId)!;
      return [{ number: other.number, amount }];
    }),
  }));
}

function paymentRows(organisation: Organisation, document: BookedDocument): BookRow['payments'] {
  return settlementOf(organisation, document.id)
    .payments.map((id) => organisation.payments.get(id)!)
    .filter((payment) => payment.status === 'AUTHORISED')
    .map(({ id, accountCode, amount, date, reference }) => ({ id, account: accountCode, amount, date, reference }));
}
