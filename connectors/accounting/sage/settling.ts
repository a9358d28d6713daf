import type { Allocation, BookPayment } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping } from '../../kit/contract.ts';
import { amountText } from './amounts.ts';
import { callJson, type Fields, isFields, readOne, withIdempotency } from './client.ts';
import { unreadable } from './errors.ts';
import { type AllocationBody, decimal, toJson } from './wire.ts';

/** What a payment settles: the invoice or credit note there, and whose it is. */
export interface Settlement {
  contact: string;
  artefact: string;
  kind: 'invoice' | 'credit_note';
}

/** Looks up what a payment settles. Throws what the mapping throws. */
export function settlementOf(payment: BookPayment, mapping: BooksMapping): Settlement {
  const { kind, number } = payment.settles;
  return { contact: mapping.party(payment.party.id), artefact: mapping.remoteId(kind, number), kind };
}

/** A settlement as the query of a frozen request's path, which knows no mapping any more when it is sent. */
export function settlementQuery({ contact, artefact, kind }: Settlement): string {
  return new URLSearchParams({ settles: kind, id: artefact, contact }).toString();
}

/** Reads what `settlementQuery` wrote; null for a path without. */
export function settlementIn(path: string): Settlement | null {
  const parameters = new URLSearchParams(path.split('?')[1] ?? '');
  const kind = parameters.get('settles');
  const [artefact, contact] = [parameters.get('id'), parameters.get('contact')];
  if ((kind !== 'invoice' && kind !== 'credit_note') || artefact === null || contact === null) return null;
  return { contact, artefact, kind };
}

/** What is owed to us (`debit`) set against what we owe (`credit`); the two amounts come to nothing. */
export function allocated(
  document: BookPayment | Allocation,
  contact: string,
  debit: string,
  credit: string,
): AllocationBody {
  return {
    transaction_type_id: 'CUSTOMER_ALLOCATION',
    contact_id: contact,
    date: document.date,
    allocated_artefacts: [
      { artefact_id: debit, amount: decimal(amountText(document.amount, document)) },
      { artefact_id: credit, amount: decimal(amountText(-document.amount, document)) },
    ],
  };
}

/**
 * Allocates a quick entry to what it settles. The idempotency id is made from the two records, so that a repeat is the
 * same request whoever makes it. Throws what the provider refuses.
 */
export async function settle(payment: BookPayment, entry: string, settlement: Settlement, api: Api): Promise<void> {
  const { artefact, contact, kind } = settlement;
  const [debit, credit] = kind === 'invoice' ? [artefact, entry] : [entry, artefact];
  const body = toJson({ contact_allocation: allocated(payment, contact, debit, credit) });
  const attempt = { what: `Setting ${subjectOf(payment)} against what it settles`, writes: true };
  const answer = await callJson(api, {
    ...attempt,
    method: 'POST',
    path: '/contact_allocations',
    body: withIdempotency(body, `settle:${entry}:${artefact}`),
  });
  if (typeof answer.id !== 'string') throw unreadable(attempt, 'it has no id');
}

/** Ids of the allocations that a quick entry is part of. */
export async function allocationsOf(entry: string, what: string, api: Api): Promise<string[]> {
  const path = `/sales_quick_entries/${encodeURIComponent(entry)}?show_payments_allocations=true`;
  const found = await readOne(api, what, path);
  return linksIn(found).flatMap(({ contact_allocation: each }) =>
    isFields(each) && typeof each.id === 'string' ? [each.id] : [],
  );
}

/** The payments and allocations that an artefact answers with. */
export function linksIn(found: Fields | null): Fields[] {
  const links = found?.payments_allocations;
  return Array.isArray(links) ? links.filter(isFields) : [];
}

/** Money that was booked but not set against its document: nobody may send it again before it was looked up. */
export function halfDone(payment: BookPayment, cause: unknown): ConnectorError {
  const words = cause instanceof Error ? ` (${cause.message})` : '';
  const message =
    `${subjectOf(payment)} was booked in Sage, but it is not known whether it was set against what it ` +
    `settles${words}. Daybook looks it up and finishes it.`;
  return new ConnectorError('retryable', message, { code: 'OUTCOME_UNKNOWN', ambiguous: true, cause });
}
