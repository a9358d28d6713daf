import type { Allocation, BookDocument, DocumentKind } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, PreparedRequest } from '../../kit/contract.ts';
import { checkDocument } from './amounts.ts';
import { closingOf, closingQuery, type Linked, zeroPayment } from './closing.ts';
import { conversionQuery } from './conversions.ts';
import { type Entity, entityOf } from './entities.ts';
import { journalBody } from './journals.ts';
import { bankEntryBody, transferBody } from './movements.ts';
import { indirectBody, paymentBody } from './payments.ts';
import { contactOf } from './record-keys.ts';
import { receiptBody, salesBody } from './sales.ts';
import { type PaymentBody, toJson } from './wire.ts';

/**
 * One document in the provider's words, serialised once. Pure.
 * Throws ConnectorError `rejected`: BOOKS_DOCUMENT_INVALID when it does not add up, BOOKS_AMOUNT_TOO_FINE when it has
 * more than two decimals; and what the mapping throws.
 */
export function encode(document: BookDocument, mapping: BooksMapping): string {
  checkDocument(document);
  return toJson(bodyOf(document, mapping));
}

function bodyOf(document: BookDocument, mapping: BooksMapping): unknown {
  switch (document.kind) {
    case 'invoice':
    case 'credit_note':
      return salesBody(document, mapping);
    case 'sales_receipt':
    case 'refund_receipt':
      return receiptBody(document, mapping);
    case 'payment':
      return isIndirect(document, entityOf(document, mapping))
        ? indirectBody(document, mapping)
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

function allocationBody(allocation: Allocation, mapping: BooksMapping): PaymentBody {
  const invoice: Linked = { type: 'Invoice', id: mapping.remoteId('invoice', allocation.invoice) };
  const note: Linked = { type: 'CreditMemo', id: mapping.remoteId('credit_note', allocation.creditNote) };
  return zeroPayment(allocation, contactOf(allocation, mapping), [invoice, note]);
}

/** Whether a payment of ours is booked as something else first and then set against what it settles. */
export function isIndirect(document: BookDocument, entity: Entity): boolean {
  return document.kind === 'payment' && entity !== 'payment';
}

/**
 * The request for one document: batches share one request id and answer it as a whole, so none are made. Money that has
 * to be set against its document afterwards says in its path against what, foreign money how it moves. Pure.
 */
export function prepare(
  kind: DocumentKind,
  encoded: string[],
  document: BookDocument,
  mapping: BooksMapping,
): PreparedRequest {
  const [body] = encoded;
  if (body === undefined || encoded.length > 1 || kind !== document.kind) {
    const message = `${subjectOf(document)}: QuickBooks takes one document in a request, these are ${encoded.length}.`;
    throw new ConnectorError('unsupported', message, { code: 'BOOKS_METHOD_UNSUPPORTED' });
  }
  const entity = entityOf(document, mapping);
  const query = followUp(document, entity, mapping);
  return { method: 'POST', path: `/${entity}${query === '' ? '' : `?${query}`}`, body };
}

/** What has to follow once the record is there, as the query of the path. */
function followUp(document: BookDocument, entity: Entity, mapping: BooksMapping): string {
  if (document.kind === 'journal') return conversionQuery(document, mapping);
  const isClosing = document.kind === 'payment' && isIndirect(document, entity);
  return isClosing ? closingQuery(closingOf(document, mapping)) : '';
}
