import type { BookDocument, CreditNote, DocumentKind, DocumentLine, Invoice } from '@daybook/domain';
import { clean, subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, PreparedRequest } from '../../kit/contract.ts';
import { amountText, checkDocument, unitPrice } from './amounts.ts';
import {
  allocationBody,
  bankEntryBody,
  journalBody,
  MAX_TEXT,
  paymentBody,
  quickEntryBody,
  transferBody,
} from './movements.ts';
import { foreignFields } from './rates.ts';
import { accountOf, isIndirect, referenceOf, resourceOf, SINGULAR } from './resources.ts';
import { settlementOf, settlementQuery } from './settling.ts';
import { type CreditNoteBody, decimal, type InvoiceBody, type SalesLine, toJson } from './wire.ts';

/**
 * One document in the provider's words, serialised once. Pure. Throws ConnectorError `rejected`:
 * BOOKS_DOCUMENT_INVALID when it does not add up, BOOKS_AMOUNT_TOO_FINE when it has more than two decimals,
 * BOOKS_CURRENCY_REFUSED for a currency the books do not have; and what the mapping throws.
 */
export function encode(document: BookDocument, mapping: BooksMapping): string {
  checkDocument(document);
  return toJson({ [SINGULAR[resourceOf(document, mapping)]]: bodyOf(document, mapping) });
}

function bodyOf(document: BookDocument, mapping: BooksMapping): unknown {
  switch (document.kind) {
    case 'invoice':
      return invoiceBody(document, mapping);
    case 'credit_note':
      return creditNoteBody(document, mapping);
    case 'payment':
      return isIndirect(document, resourceOf(document, mapping))
        ? quickEntryBody(document, mapping)
        : paymentBody(document, mapping);
    case 'allocation':
      return allocationBody(document, mapping);
    case 'transfer':
      return transferBody(document, mapping);
    case 'bank_entry':
      return bankEntryBody(document, mapping);
    case 'journal':
      return journalBody(document, mapping);
  }
}

/**
 * The request for one document: there is no bulk call (provider section 4). Money that has to be allocated afterwards
 * says in its path to what. Pure.
 */
export function prepare(
  kind: DocumentKind,
  encoded: string[],
  document: BookDocument,
  mapping: BooksMapping,
): PreparedRequest {
  const [body] = encoded;
  if (body === undefined || encoded.length > 1 || kind !== document.kind) {
    const message = `${subjectOf(document)}: Sage takes one document in a request, these are ${encoded.length}.`;
    throw new ConnectorError('unsupported', message, { code: 'BOOKS_METHOD_UNSUPPORTED' });
  }
  const resource = resourceOf(document, mapping);
  const query =
    document.kind === 'payment' && isIndirect(document, resource)
      ? `?${settlementQuery(settlementOf(document, mapping))}`
      : '';
  return { method: 'POST', path: `/${resource}${query}`, body };
}

function invoiceBody(invoice: Invoice, mapping: BooksMapping): InvoiceBody {
  return {
    ...headOf(invoice, mapping),
    due_date: invoice.dueDate,
    invoice_lines: invoice.lines.map((line) => lineOf(line, invoice, mapping)),
  };
}

function creditNoteBody(note: CreditNote, mapping: BooksMapping): CreditNoteBody {
  return {
    ...headOf(note, mapping),
    credit_note_lines: note.lines.map((line) => lineOf(line, note, mapping)),
  };
}

function headOf(document: Invoice | CreditNote, mapping: BooksMapping) {
  return {
    contact_id: mapping.party(document.party.id),
    date: document.date,
    reference: referenceOf(document.number),
    notes: clean(`${document.number} ${document.reference}`, MAX_TEXT),
    ...foreignFields(document, mapping),
  };
}

/** Every line says its tax: the provider does not work it out (provider section 2). */
function lineOf(line: DocumentLine, document: Invoice | CreditNote, mapping: BooksMapping): SalesLine {
  const price = unitPrice(line.net, line.quantity, document.currency);
  const counted = price === null && /^[\d.]*[1-9]/.test(line.quantity) ? `${line.quantity} × ` : '';
  return {
    description: clean(`${counted}${line.description}`, MAX_TEXT) || line.role,
    ledger_account_id: accountOf(line, mapping).remoteId,
    quantity: decimal(price === null ? '1' : line.quantity),
    unit_price: decimal(price ?? amountText(line.net, document)),
    net_amount: decimal(amountText(line.net, document)),
    tax_rate_id: mapping.tax(line.taxCode),
    tax_amount: decimal(amountText(line.tax, document)),
    total_amount: decimal(amountText(line.net + line.tax, document)),
  };
}
