import { formatMinor } from '@daybook/domain';
import { type Answer, badRequest, envelope, type Json, notFound } from './answer.ts';
import { type Fields, filter, ordered, pageOf, QueryProblem, slice } from './query.ts';
import { readMovements } from './read-movements.ts';
import { renderContact, renderDocument, renderPayment } from './render.ts';
import { renderAccount, renderCurrency, renderOrganisation, renderTaxRate } from './settings.ts';
import {
  type BookedDocument,
  type BookedPayment,
  type Contact,
  type DocumentKind,
  numberKey,
  type Organisation,
  settlementOf,
  shownStatus,
} from './world.ts';

export interface ReadRequest {
  organisation: Organisation;
  resource: string;
  /** Id, number, or undefined for a list. */
  id: string | undefined;
  /** Names in lower case. */
  query: Readonly<Record<string, string>>;
  modifiedSince: string | undefined;
  envelopeId: string;
  now: Date;
}

/** GET of anything the accounting API is asked for. */
export function read(request: ReadRequest): Answer {
  try {
    return answerRead(request);
  } catch (cause) {
    if (cause instanceof QueryProblem) return badRequest(16, 'QueryParseException', cause.message);
    throw cause;
  }
}

function answerRead(request: ReadRequest): Answer {
  const { organisation } = request;
  switch (request.resource) {
    case 'Organisation':
    case 'Organisations':
      return envelope(request.envelopeId, request.now, { Organisations: [renderOrganisation(organisation)] });
    case 'Accounts':
      return settings(request, 'Accounts', [...organisation.accounts.values()], accountFields, (each) =>
        renderAccount(organisation, each),
      );
    case 'TaxRates':
      return settings(request, 'TaxRates', [...organisation.taxRates.values()], taxRateFields, renderTaxRate);
    case 'Currencies':
      return settings(request, 'Currencies', organisation.enabledCurrencies, { Code: (code) => code }, renderCurrency);
    case 'Contacts':
      return contacts(request);
    case 'Invoices':
      return documents(request, 'invoice');
    case 'CreditNotes':
      return documents(request, 'credit_note');
    case 'Payments':
      return payments(request);
    case 'BankTransactions':
    case 'BankTransfers':
    case 'ManualJournals':
      return readMovements(request);
    default:
      return notFound();
  }
}

const accountFields: Fields<{ code: string; type: string; status: string; class: string; name: string }> = {
  Code: (each) => each.code,
  Type: (each) => each.type,
  Status: (each) => each.status,
  Class: (each) => each.class,
  Name: (each) => each.name,
};
const taxRateFields: Fields<{ taxType: string; status: string; name: string }> = {
  TaxType: (each) => each.taxType,
  Status: (each) => each.status,
  Name: (each) => each.name,
};

function settings<Row>(
  request: ReadRequest,
  name: string,
  rows: Row[],
  fields: Fields<Row>,
  render: (row: Row) => Json,
): Answer {
  const found = rows.filter(filter(request.query.where, fields));
  return envelope(request.envelopeId, request.now, { [name]: found.map(render) });
}

const contactFields: Fields<Contact> = {
  ContactID: (each) => each.id,
  ContactNumber: (each) => each.number,
  Name: (each) => each.name,
  EmailAddress: (each) => each.email,
  ContactStatus: (each) => each.status,
};

function contacts(request: ReadRequest): Answer {
  const { organisation, id, query } = request;
  if (id !== undefined) {
    const found = organisation.contacts.get(organisation.contactsByNumber.get(id.toLowerCase()) ?? id.toLowerCase());
    return found ? envelope(request.envelopeId, request.now, { Contacts: [renderContact(found)] }) : notFound();
  }
  const ids = listed(query.ids);
  const matches = filter(query.where, contactFields);
  const archived = query.includearchived?.toLowerCase() === 'true';
  const since = modifiedSince(request);
  const rows = [...organisation.contacts.values()].filter(
    (each) =>
      (archived || each.status === 'ACTIVE') &&
      (ids === null || ids.has(each.id)) &&
      each.updatedAt >= since &&
      matches(each),
  );
  const { rows: page, pagination } = slice(ordered(rows, query.order, contactFields), pageOf(query));
  return envelope(request.envelopeId, request.now, {
    ...(pagination ? { pagination } : {}),
    Contacts: page.map(renderContact),
  });
}

function documentFields(organisation: Organisation): Fields<BookedDocument> {
  return {
    InvoiceID: (each) => each.id,
    CreditNoteID: (each) => each.id,
    InvoiceNumber: (each) => each.number,
    CreditNoteNumber: (each) => each.number,
    Reference: (each) => each.reference,
    Status: (each) => shownStatus(organisation, each),
    Type: (each) => (each.kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT'),
    Date: (each) => each.date,
    CurrencyCode: (each) => each.currency,
    Total: (each) => formatMinor(each.total, each.currency).padStart(24, '0'),
    UpdatedDateUTC: (each) => new Date(touchedAt(organisation, each)).toISOString(),
    'Contact.ContactID': (each) => each.contactId,
    'Contact.Name': (each) => organisation.contacts.get(each.contactId)?.name,
    'Contact.ContactNumber': (each) => organisation.contacts.get(each.contactId)?.number,
  };
}

function touchedAt(organisation: Organisation, document: BookedDocument): number {
  return Math.max(document.updatedAt, settlementOf(organisation, document.id).updatedAt);
}

function documents(request: ReadRequest, kind: DocumentKind): Answer {
  const { organisation, id, query } = request;
  const name = kind === 'invoice' ? 'Invoices' : 'CreditNotes';
  if (id !== undefined) {
    const found = organisation.documents.get(organisation.numbers.get(numberKey(kind, id)) ?? id.toLowerCase());
    if (found?.kind !== kind) return notFound();
    return envelope(request.envelopeId, request.now, { [name]: [renderDocument(organisation, found, true)] });
  }
  const fields = documentFields(organisation);
  const rows = candidates(request, kind).filter(documentTest(request, fields));
  const page = pageOf(query);
  const { rows: shown, pagination } = slice(ordered(rows, query.order, fields), page);
  // Only a paged list carries the line items.
  const withLines = page !== null && query.summaryonly?.toLowerCase() !== 'true';
  return envelope(request.envelopeId, request.now, {
    ...(pagination ? { pagination } : {}),
    [name]: shown.map((each) => renderDocument(organisation, each, withLines)),
  });
}

/** Documents by the filters that have an index; all of the kind without them. */
function candidates(request: ReadRequest, kind: DocumentKind): BookedDocument[] {
  const { organisation, query } = request;
  const numbers = kind === 'invoice' ? listed(query.invoicenumbers) : null;
  const ids = listed(query.ids);
  const wanted =
    ids ?? (numbers && new Set([...numbers].map((each) => organisation.numbers.get(numberKey(kind, each)) ?? '')));
  const rows = wanted
    ? [...wanted].map((each) => organisation.documents.get(each))
    : [...organisation.documents.values()];
  return rows.filter((each) => each !== undefined).filter((each) => each.kind === kind);
}

function documentTest(request: ReadRequest, fields: Fields<BookedDocument>): (document: BookedDocument) => boolean {
  const { organisation, query } = request;
  const matches = filter(query.where, fields);
  const statuses = listed(query.statuses);
  const contactIds = listed(query.contactids);
  const since = modifiedSince(request);
  return (each) =>
    each.status !== 'DELETED' &&
    (statuses === null || statuses.has(shownStatus(organisation, each).toLowerCase())) &&
    (contactIds === null || contactIds.has(each.contactId)) &&
    touchedAt(organisation, each) >= since &&
    matches(each);
}

function paymentFields(organisation: Organisation): Fields<BookedPayment> {
  const document = (each: BookedPayment) => organisation.documents.get(each.documentId)!;
  return {
    PaymentID: (each) => each.id,
    Reference: (each) => each.reference,
    Status: (each) => each.status,
    Date: (each) => each.date,
    PaymentType: (each) => (document(each).kind === 'invoice' ? 'ACCRECPAYMENT' : 'ARCREDITPAYMENT'),
    UpdatedDateUTC: (each) => new Date(each.updatedAt).toISOString(),
    'Invoice.InvoiceID': (each) => each.documentId,
    'CreditNote.CreditNoteID': (each) => (document(each).kind === 'credit_note' ? each.documentId : null),
    'Invoice.InvoiceNumber': (each) => document(each).number,
    'Account.Code': (each) => each.accountCode,
    'Account.AccountID': (each) => organisation.accounts.get(each.accountCode)?.id,
  };
}

function payments(request: ReadRequest): Answer {
  const { organisation, id, query } = request;
  if (id !== undefined) {
    const found = organisation.payments.get(id.toLowerCase());
    if (!found) return notFound();
    return envelope(request.envelopeId, request.now, { Payments: [renderPayment(organisation, found, false)] });
  }
  const fields = paymentFields(organisation);
  const matches = filter(query.where, fields);
  const since = modifiedSince(request);
  const rows = [...organisation.payments.values()].filter((each) => each.updatedAt >= since && matches(each));
  const { rows: shown, pagination } = slice(ordered(rows, query.order, fields), pageOf(query));
  return envelope(request.envelopeId, request.now, {
    ...(pagination ? { pagination } : {}),
    Payments: shown.map((each) => renderPayment(organisation, each, false)),
  });
}

/** `IDs=a,b` as a set in lower case, or null when the filter is absent. */
function listed(value: string | undefined): Set<string> | null {
  return value === undefined ? null : new Set(value.split(',').map((each) => each.trim().toLowerCase()));
}

/** Milliseconds of the header If-Modified-Since; 0 without one. */
export function modifiedSince(request: ReadRequest): number {
  const instant = request.modifiedSince === undefined ? Number.NaN : Date.parse(zoned(request.modifiedSince));
  return Number.isNaN(instant) ? 0 : instant;
}

/** An instant without a zone is UTC. */
function zoned(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : text;
}
