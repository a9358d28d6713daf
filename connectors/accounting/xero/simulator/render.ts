import { amount, decimal, type Json } from './answer.ts';
import { dateString, msDate } from './dates.ts';
import {
  type BookedAllocation,
  type BookedDocument,
  type BookedPayment,
  type Contact,
  type Line,
  type Organisation,
  openAmount,
  settlementOf,
  shownStatus,
} from './world.ts';

/** A document the way Xero answers it; lists that are not paged leave the line items out. */
export function renderDocument(organisation: Organisation, document: BookedDocument, withLines: boolean): Json {
  return document.kind === 'invoice'
    ? renderInvoice(organisation, document, withLines)
    : renderCreditNote(organisation, document, withLines);
}

function renderInvoice(organisation: Organisation, invoice: BookedDocument, withLines: boolean): Json {
  const settled = settlementOf(organisation, invoice.id);
  const money = (minor: bigint) => amount(minor, invoice.currency);
  return {
    Type: 'ACCREC',
    InvoiceID: invoice.id,
    InvoiceNumber: invoice.number,
    Reference: invoice.reference,
    ...(invoice.url === null ? {} : { Url: invoice.url }),
    Payments: paymentsOf(organisation, invoice),
    CreditNotes: creditsOn(organisation, invoice),
    Prepayments: [],
    Overpayments: [],
    AmountDue: money(openAmount(organisation, invoice)),
    AmountPaid: money(settled.paid),
    AmountCredited: money(settled.credited),
    SentToContact: false,
    IsDiscounted: invoice.lines.some((line) => line.discountRate !== null || line.discountAmount !== null),
    HasAttachments: false,
    HasErrors: false,
    InvoicePaymentServices: [],
    ...(invoice.dueDate === null
      ? {}
      : { DueDateString: dateString(invoice.dueDate), DueDate: msDate(invoice.dueDate) }),
    ...commonFields(organisation, invoice, withLines),
  };
}

function renderCreditNote(organisation: Organisation, note: BookedDocument, withLines: boolean): Json {
  return {
    CreditNoteID: note.id,
    CreditNoteNumber: note.number,
    ID: note.id,
    Type: 'ACCRECCREDIT',
    Reference: note.reference,
    RemainingCredit: amount(openAmount(organisation, note), note.currency),
    Payments: paymentsOf(organisation, note),
    Allocations: liveAllocations(organisation, note).map((each) => renderAllocation(organisation, each, false)),
    HasAttachments: false,
    HasErrors: false,
    ...commonFields(organisation, note, withLines),
  };
}

function commonFields(organisation: Organisation, document: BookedDocument, withLines: boolean): Json {
  const money = (minor: bigint) => amount(minor, document.currency);
  const contact = organisation.contacts.get(document.contactId);
  const { updatedAt } = settlementOf(organisation, document.id);
  return {
    CurrencyRate: decimal(document.currencyRate),
    Contact: contact ? contactHead(contact) : {},
    DateString: dateString(document.date),
    Date: msDate(document.date),
    Status: shownStatus(organisation, document),
    LineAmountTypes: document.lineAmountTypes,
    LineItems: withLines ? document.lines.map((line) => renderLine(organisation, document, line)) : [],
    SubTotal: money(document.subTotal),
    TotalTax: money(document.totalTax),
    Total: money(document.total),
    UpdatedDateUTC: msDate(Math.max(document.updatedAt, updatedAt)),
    CurrencyCode: document.currency,
  };
}

/** A line item of a document in some currency. */
export function renderLine(organisation: Organisation, document: { currency: string }, line: Line): Json {
  const account = line.accountCode === null ? undefined : organisation.accounts.get(line.accountCode);
  return {
    Description: line.description,
    UnitAmount: decimal(line.unitAmount),
    ...(line.taxType === null ? {} : { TaxType: line.taxType }),
    TaxAmount: amount(line.taxAmount, document.currency),
    LineAmount: amount(line.lineAmount, document.currency),
    ...(account ? { AccountCode: account.code, AccountID: account.id } : {}),
    ...(line.discountRate === null ? {} : { DiscountRate: decimal(line.discountRate) }),
    ...(line.discountAmount === null ? {} : { DiscountAmount: amount(line.discountAmount, document.currency) }),
    Tracking: [],
    Quantity: decimal(line.quantity),
    LineItemID: line.lineItemId,
    ValidationErrors: [],
  };
}

function paymentsOf(organisation: Organisation, document: BookedDocument): Json[] {
  return settlementOf(organisation, document.id)
    .payments.map((id) => organisation.payments.get(id)!)
    .filter((payment) => payment.status === 'AUTHORISED')
    .map((payment) => ({
      PaymentID: payment.id,
      Date: msDate(payment.date),
      Amount: amount(payment.amount, document.currency),
      ...(payment.reference === null ? {} : { Reference: payment.reference }),
      CurrencyRate: decimal(payment.currencyRate),
      HasAccount: false,
      HasValidationErrors: false,
    }));
}

function creditsOn(organisation: Organisation, invoice: BookedDocument): Json[] {
  return liveAllocations(organisation, invoice).map((allocation) => {
    const note = organisation.documents.get(allocation.creditNoteId)!;
    return {
      CreditNoteID: note.id,
      CreditNoteNumber: note.number,
      ID: note.id,
      HasErrors: false,
      AppliedAmount: amount(allocation.amount, invoice.currency),
      DateString: dateString(allocation.date),
      Date: msDate(allocation.date),
      LineItems: [],
      Total: amount(note.total, note.currency),
    };
  });
}

function liveAllocations(organisation: Organisation, document: BookedDocument): BookedAllocation[] {
  return settlementOf(organisation, document.id)
    .allocations.map((id) => organisation.allocations.get(id)!)
    .filter(({ status }) => status !== 'DELETED');
}

/** `withNote`: the answer to a new allocation names the credit note as well. */
export function renderAllocation(organisation: Organisation, allocation: BookedAllocation, withNote: boolean): Json {
  const invoice = organisation.documents.get(allocation.invoiceId)!;
  return {
    AllocationID: allocation.id,
    Amount: amount(allocation.amount, invoice.currency),
    Date: msDate(allocation.date),
    Invoice: {
      InvoiceID: invoice.id,
      InvoiceNumber: invoice.number,
      Payments: [],
      CreditNotes: [],
      LineItems: [],
      HasErrors: false,
    },
    ...(withNote
      ? { CreditNote: { CreditNoteID: allocation.creditNoteId, ID: allocation.creditNoteId, LineItems: [] } }
      : {}),
    ValidationErrors: [],
  };
}

/**
 * A payment. The answer to creating a refund names its `CreditNote`; lists and single reads put the credit note under
 * `Invoice` with type ACCRECCREDIT (spec example of getPayments; xero-ruby issue 48).
 */
export function renderPayment(organisation: Organisation, payment: BookedPayment, created: boolean): Json {
  const document = organisation.documents.get(payment.documentId)!;
  const account = organisation.accounts.get(payment.accountCode)!;
  const refund = document.kind === 'credit_note';
  const settled = created ? renderDocument(organisation, document, true) : documentHead(organisation, document);
  return {
    PaymentID: payment.id,
    Date: msDate(payment.date),
    BankAmount: amount(payment.amount, document.currency),
    Amount: amount(payment.amount, document.currency),
    ...(payment.reference === null ? {} : { Reference: payment.reference }),
    CurrencyRate: decimal(payment.currencyRate),
    PaymentType: refund ? 'ARCREDITPAYMENT' : 'ACCRECPAYMENT',
    Status: payment.status,
    UpdatedDateUTC: msDate(payment.updatedAt),
    HasAccount: true,
    IsReconciled: false,
    Account: { AccountID: account.id, Code: account.code, ...(created ? { Name: account.name } : {}) },
    ...(refund && created ? { CreditNote: settled } : { Invoice: settled }),
    HasValidationErrors: false,
  };
}

function documentHead(organisation: Organisation, document: BookedDocument): Json {
  const contact = organisation.contacts.get(document.contactId);
  return {
    Type: document.kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT',
    InvoiceID: document.id,
    InvoiceNumber: document.number,
    Payments: [],
    CreditNotes: [],
    Prepayments: [],
    Overpayments: [],
    IsDiscounted: false,
    HasErrors: false,
    Contact: contact ? contactHead(contact) : {},
    LineItems: [],
    CurrencyCode: document.currency,
  };
}

/** A contact as documents name it. */
export function contactHead(contact: Contact): Json {
  return {
    ContactID: contact.id,
    ...(contact.number === null ? {} : { ContactNumber: contact.number }),
    Name: contact.name,
    Addresses: [],
    Phones: [],
    ContactGroups: [],
    ContactPersons: [],
    HasValidationErrors: false,
  };
}

/** A contact the way Xero answers it. */
export function renderContact(contact: Contact): Json {
  return {
    ...contactHead(contact),
    ContactStatus: contact.status,
    ...(contact.email === null ? {} : { EmailAddress: contact.email }),
    UpdatedDateUTC: msDate(contact.updatedAt),
    IsSupplier: false,
    IsCustomer: true,
    HasAttachments: false,
  };
}
