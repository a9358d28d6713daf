import type { Json, Refusal } from './answer.ts';
import { deleteTransfer, writeBankEntry, writeTransfer } from './banking.ts';
import { writeContact } from './contacts.ts';
import { findDocument, writeDocument } from './documents.ts';
import { writeJournal } from './journals.ts';
import { deletePayment, writeAllocation, writePayment } from './payments.ts';
import { renderAllocation, renderContact, renderDocument, renderPayment } from './render.ts';
import { renderBankEntry, renderJournal, renderTransfer } from './render-movements.ts';
import { text, type WriteContext } from './request.ts';
import type { Organisation } from './world.ts';

/** What became of one element. */
export type Outcome = { element: Json; warnings?: string[] } | Refusal;

/** A kind of record that can be written. */
export interface Resource {
  /** Name of the array in request and answer. */
  wrapper: string;
  /** '' where refused elements name no id. */
  idName: string;
  /** Field of an element that says it was refused. */
  flag: 'HasErrors' | 'HasValidationErrors';
  /** Fields of a refused element that the answer repeats. */
  echo: readonly string[];
  write(element: unknown, request: ResourceRequest): Outcome;
  has(id: string, organisation: Organisation): boolean;
  /** For records that are never edited: the only change they know. Null when there is none of that id. */
  end?(id: string, element: unknown, request: ResourceRequest): Outcome | null;
}

/** A write, with the id in its path. */
export interface ResourceRequest extends WriteContext {
  id: string | undefined;
}

const shown = <Written extends object>(written: Written | Refusal, render: (written: Written) => Json): Outcome =>
  'errors' in written ? (written as Refusal) : { element: render(written as Written) };

const documents = (kind: 'invoice' | 'credit_note', head: Pick<Resource, 'wrapper' | 'idName' | 'echo'>): Resource => ({
  ...head,
  flag: 'HasErrors',
  write: (element, request) =>
    shown(writeDocument(kind, element, request), (written) => renderDocument(request.organisation, written, true)),
  has: (id, { documents }) => documents.has(id),
});

const CONTACTS: Resource = {
  wrapper: 'Contacts',
  idName: 'ContactID',
  flag: 'HasValidationErrors',
  echo: ['ContactNumber', 'Name', 'EmailAddress'],
  write: (element, request) => shown(writeContact(element, request), renderContact),
  has: (id, { contacts }) => contacts.has(id),
};

const PAYMENTS: Resource = {
  wrapper: 'Payments',
  idName: 'PaymentID',
  flag: 'HasValidationErrors',
  echo: ['Date', 'Reference', 'Amount', 'Invoice', 'CreditNote', 'Account'],
  write: (element, request) => {
    const written = writePayment(element, request);
    if ('errors' in written) return written;
    return { element: renderPayment(request.organisation, written.payment, true), warnings: written.warnings };
  },
  has: (id, { payments }) => payments.has(id),
  end: (id, element, request) => {
    const deleted = deletePayment(id, element, request);
    return deleted && shown(deleted, (each) => renderPayment(request.organisation, each, false));
  },
};

const BANK_ENTRIES: Resource = {
  wrapper: 'BankTransactions',
  idName: 'BankTransactionID',
  flag: 'HasErrors',
  echo: ['Type', 'Reference', 'Date', 'BankAccount', 'LineItems'],
  write: (element, request) =>
    shown(writeBankEntry(element, request), (written) => renderBankEntry(request.organisation, written, true)),
  has: (id, { bankEntries }) => bankEntries.has(id),
};

const TRANSFERS: Resource = {
  wrapper: 'BankTransfers',
  idName: 'BankTransferID',
  flag: 'HasValidationErrors',
  echo: ['Reference', 'Amount', 'Date'],
  write: (element, request) => {
    const id = request.method === 'POST' ? (text(element, 'BankTransferID') ?? '') : null;
    const written = id === null ? writeTransfer(element, request) : deleteTransfer(id, element, request);
    if (written === null) return { errors: ['The bank transfer could not be found.'] };
    return shown(written, (each) => renderTransfer(request.organisation, each));
  },
  has: (id, { transfers }) => transfers.has(id),
  end: (id, element, request) => {
    const deleted = deleteTransfer(id, element, request);
    return deleted && shown(deleted, (each) => renderTransfer(request.organisation, each));
  },
};

const JOURNALS: Resource = {
  wrapper: 'ManualJournals',
  idName: 'ManualJournalID',
  flag: 'HasValidationErrors',
  echo: ['Narration', 'Date'],
  write: (element, request) =>
    shown(writeJournal(element, request), (written) => renderJournal(request.organisation, written, true)),
  has: (id, { journals }) => journals.has(id),
};

/** Under a credit note. */
export const ALLOCATIONS: Resource = {
  wrapper: 'Allocations',
  idName: '',
  flag: 'HasValidationErrors',
  echo: ['Date', 'Amount', 'Invoice'],
  write: (element, request) => {
    const note = findDocument('credit_note', { CreditNoteID: request.id }, request.organisation)!;
    return shown(writeAllocation(note, element, request), (each) => renderAllocation(request.organisation, each, true));
  },
  has: () => false,
};

/** By the first word of the path. */
export const RESOURCES: Readonly<Record<string, Resource>> = {
  Invoices: documents('invoice', {
    wrapper: 'Invoices',
    idName: 'InvoiceID',
    echo: ['Type', 'InvoiceNumber', 'Reference'],
  }),
  CreditNotes: documents('credit_note', {
    wrapper: 'CreditNotes',
    idName: 'CreditNoteID',
    echo: ['Type', 'CreditNoteNumber', 'Reference'],
  }),
  Contacts: CONTACTS,
  Payments: PAYMENTS,
  BankTransactions: BANK_ENTRIES,
  BankTransfers: TRANSFERS,
  ManualJournals: JOURNALS,
};
