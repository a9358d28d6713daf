import { exponentOf } from '@daybook/domain';
import type { Refusal } from './answer.ts';
import { parseDate, today } from './dates.ts';
import { parseDecimal, roundTo } from './decimal.ts';
import { currencyRate, findDocument } from './documents.ts';
import { lockErrors } from './locks.ts';
import { member, text, type WriteContext } from './request.ts';
import {
  type BookedAllocation,
  type BookedDocument,
  type BookedPayment,
  type Organisation,
  openAmount,
  shownStatus,
} from './world.ts';

const NOT_AUTHORISED = 'Payments can only be made against Authorised documents';
const TOO_MUCH = 'Payment amount exceeds the amount outstanding on this document';

/** Books money in on an invoice or out on a credit note. There is no unique field: twice sent is twice paid. */
export function writePayment(
  element: unknown,
  context: WriteContext,
): { payment: BookedPayment; warnings: string[] } | Refusal {
  const { organisation, now } = context;
  const errors: string[] = [];
  const document = paidDocument(element, organisation);
  if (!document) return { errors: ['The invoice or credit note to pay could not be found.'] };
  const amount = positiveAmount(element, document.currency, errors);
  const accountCode = paymentAccount(element, organisation, errors);
  const date = dated(element, context, errors);
  if (shownStatus(organisation, document) !== 'AUTHORISED') errors.push(NOT_AUTHORISED);
  if (amount > openAmount(organisation, document)) errors.push(TOO_MUCH);
  errors.push(...lockErrors(organisation, date));
  const rate = currencyRate(element, document.currency, organisation, errors);
  if (errors.length > 0) return { errors };
  const payment: BookedPayment = {
    id: context.change.newId('payment'),
    documentId: document.id,
    accountCode,
    date,
    amount,
    reference: text(element, 'Reference'),
    currencyRate: rate,
    status: 'AUTHORISED',
    updatedAt: now.getTime(),
  };
  context.change.put({ type: 'payment', tenant: organisation.tenantId, value: payment });
  const warnings = date < document.date ? ['The payment date is prior to the invoice date.'] : [];
  return { payment, warnings };
}

/** Takes a payment back: the only change a payment allows. */
export function deletePayment(id: string, element: unknown, context: WriteContext): BookedPayment | Refusal | null {
  const payment = context.organisation.payments.get(id.toLowerCase());
  if (!payment) return null;
  if (text(element, 'Status') !== 'DELETED') return { errors: ['A payment cannot be edited; it can only be DELETED.'] };
  if (payment.status === 'DELETED') return { errors: ['Payment has already been deleted.'] };
  const errors = lockErrors(context.organisation, payment.date);
  if (errors.length > 0) return { errors };
  const deleted: BookedPayment = { ...payment, status: 'DELETED', updatedAt: context.now.getTime() };
  context.change.put({ type: 'payment', tenant: context.organisation.tenantId, value: deleted });
  return deleted;
}

/** Sets part of a credit note against an open invoice of the same contact and currency. */
export function writeAllocation(
  creditNote: BookedDocument,
  element: unknown,
  context: WriteContext,
): BookedAllocation | Refusal {
  const { organisation } = context;
  const errors: string[] = [];
  const invoice = findDocument('invoice', member(element, 'Invoice'), organisation);
  if (!invoice) return { errors: ['The invoice to allocate to could not be found.'] };
  const amount = positiveAmount(element, creditNote.currency, errors);
  const date = dated(element, context, errors);
  for (const document of [creditNote, invoice]) {
    if (document.status !== 'AUTHORISED') errors.push('Credit can only be allocated between Authorised documents');
  }
  if (invoice.currency !== creditNote.currency)
    errors.push('The invoice and the credit note must have the same currency.');
  if (invoice.contactId !== creditNote.contactId)
    errors.push('The invoice and the credit note must have the same contact.');
  if (amount > openAmount(organisation, creditNote))
    errors.push('The amount exceeds the remaining credit of this credit note');
  if (amount > openAmount(organisation, invoice))
    errors.push('The amount exceeds the amount outstanding on this document');
  errors.push(...lockErrors(organisation, date));
  if (errors.length > 0) return { errors };
  const allocation: BookedAllocation = {
    id: context.change.newId('allocation'),
    creditNoteId: creditNote.id,
    invoiceId: invoice.id,
    date,
    amount,
    status: 'AUTHORISED',
    updatedAt: context.now.getTime(),
  };
  context.change.put({ type: 'allocation', tenant: organisation.tenantId, value: allocation });
  return allocation;
}

/** Takes an allocation back; null when the credit note has none of that id. */
export function deleteAllocation(
  creditNote: BookedDocument,
  id: string,
  context: Pick<WriteContext, 'organisation' | 'change' | 'now'>,
): BookedAllocation | Refusal | null {
  const { organisation, change, now } = context;
  const allocation = organisation.allocations.get(id.toLowerCase());
  if (allocation?.creditNoteId !== creditNote.id || allocation.status === 'DELETED') return null;
  const errors = lockErrors(organisation, allocation.date);
  if (errors.length > 0) return { errors };
  const deleted: BookedAllocation = { ...allocation, status: 'DELETED', updatedAt: now.getTime() };
  change.put({ type: 'allocation', tenant: organisation.tenantId, value: deleted });
  return deleted;
}

function paidDocument(element: unknown, organisation: Organisation): BookedDocument | undefined {
  const invoice = member(element, 'Invoice') ?? { InvoiceNumber: text(element, 'InvoiceNumber') };
  const note = member(element, 'CreditNote') ?? { CreditNoteNumber: text(element, 'CreditNoteNumber') };
  return findDocument('invoice', invoice, organisation) ?? findDocument('credit_note', note, organisation);
}

function positiveAmount(element: unknown, currency: string, errors: string[]): bigint {
  const said = parseDecimal(text(element, 'Amount'));
  const amount = said === null ? 0n : roundTo(said, exponentOf(currency));
  if (amount <= 0n) errors.push('The amount must be greater than zero.');
  return amount;
}

/** Money sits on bank accounts, or on others that were opened for payments. */
function paymentAccount(element: unknown, organisation: Organisation, errors: string[]): string {
  const code = text(member(element, 'Account'), 'Code') ?? text(element, 'Code');
  const id = text(member(element, 'Account'), 'AccountID')?.toLowerCase();
  const account =
    code === null
      ? [...organisation.accounts.values()].find((each) => each.id === id)
      : organisation.accounts.get(code);
  if (!account) errors.push('Account could not be found.');
  else if (account.status !== 'ACTIVE') errors.push(`Account code '${account.code}' has been archived.`);
  else if (account.type !== 'BANK' && !account.paymentsEnabled) {
    errors.push(`Account code '${account.code}' is not a bank account and does not have payments enabled.`);
  }
  return account?.code ?? '';
}

function dated(element: unknown, context: WriteContext, errors: string[]): string {
  const said = text(element, 'Date');
  const date = said === null ? today(context.now, context.organisation.timeZone) : parseDate(said);
  if (date === null) errors.push('The Date value is not a valid date.');
  return date ?? '';
}
