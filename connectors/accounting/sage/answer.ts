import { abs, type BookDocument, parseMinor, sum } from '@daybook/domain';
import { z } from 'zod';
import type { RemoteDocument, RemoteSnapshot } from '../../kit/contract.ts';
import type { Fields } from './client.ts';
import { type Attempt, unreadable } from './errors.ts';
import { type Resource, referenceOf } from './resources.ts';

/** Numbers come as text, however they were written (kit/json.ts). */
const text = z.string();
const reference = z.object({ id: text, displayed_as: text.nullish() }).nullish();
const line = z.object({
  ledger_account: reference,
  net_amount: text.nullish(),
  tax_amount: text.nullish(),
  debit: text.nullish(),
  credit: text.nullish(),
});
const booked = z.object({
  id: text.min(1),
  displayed_as: text.nullish(),
  reference: text.nullish(),
  date: text.nullish(),
  deleted_at: text.nullish(),
  status: reference,
  contact: reference,
  currency: reference,
  tax_amount: text.nullish(),
  total_amount: text.nullish(),
  outstanding_amount: text.nullish(),
  amount: text.nullish(),
  total: text.nullish(),
  invoice_lines: z.array(line).nullish(),
  credit_note_lines: z.array(line).nullish(),
  payment_lines: z.array(line).nullish(),
  journal_lines: z.array(line).nullish(),
  allocated_artefacts: z.array(z.object({ artefact: reference, amount: text.nullish() })).nullish(),
});

/** One invoice, payment, journal … as the books answer it. */
export type Booked = z.infer<typeof booked>;
export type BookedLine = z.infer<typeof line>;

/** What lists have to be asked for, so that `Booked` is filled (provider section 2). */
export const ATTRIBUTES: Readonly<Record<Resource, string>> = {
  sales_invoices: 'reference,date,deleted_at,status,contact,currency,tax_amount,total_amount,outstanding_amount',
  sales_credit_notes: 'reference,date,deleted_at,status,contact,currency,tax_amount,total_amount,outstanding_amount',
  sales_quick_entries: 'reference,date,deleted_at,status,contact,currency,tax_amount,total_amount,outstanding_amount',
  contact_payments: 'reference,date,deleted_at,contact,currency,tax_amount,total_amount',
  contact_allocations: 'date,deleted_at,contact,allocated_artefacts',
  other_payments: 'reference,date,deleted_at,contact,tax_amount,total_amount',
  bank_transfers: 'reference,date,deleted_at,amount',
  journals: 'reference,date,deleted_at,total,journal_lines',
};

/** Reads one record. Throws *unknown* for one that lacks its id or holds something of another kind. */
export function bookedIn(fields: Fields, attempt: Attempt): Booked {
  const parsed = booked.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw unreadable(attempt, z.prettifyError(parsed.error), parsed.error);
}

/** Whether a record carries the number of a document. Allocations have no field for it. */
export function isRecordOf(document: BookDocument, found: Booked): boolean {
  return document.kind === 'allocation' || found.reference === referenceOf(document.number);
}

/** Whether a record counts: void and deleted ones do not, drafts and pro formas do not yet. */
export function stateOf(found: Booked): RemoteSnapshot['state'] {
  if (found.deleted_at) return 'deleted';
  return found.status?.id === 'VOID' || found.status?.id === 'VOIDED' ? 'voided' : 'live';
}

/** A draft or pro forma has no effect on the ledger until somebody releases it (provider section 2). */
export function isDraft({ status }: Booked): boolean {
  return status?.id === 'DRAFT' || status?.id === 'PRO_FORMA';
}

/**
 * A document as it stands in the books; amounts exact, in minor units. Throws *unknown* for an answer that lacks an
 * amount or holds one with more decimals than its currency.
 */
export function remoteOf(document: BookDocument, resource: Resource, found: Booked, attempt: Attempt): RemoteDocument {
  const currency = found.currency?.id ?? document.currency;
  try {
    return {
      remoteId: found.id,
      number: isRecordOf(document, found) ? document.number : (found.reference ?? ''),
      total: totalOf(document, resource, found, currency),
      tax: taxOf(document, resource, found, currency),
      currency,
      status: found.status?.displayed_as ?? found.status?.id ?? 'Posted',
      // Pages in Sage have no address that the API would tell.
      url: null,
    };
  } catch (cause) {
    throw unreadable(attempt, `${document.number} in it is incomplete`, cause);
  }
}

function totalOf(document: BookDocument, resource: Resource, found: Booked, currency: string): bigint {
  switch (resource) {
    case 'bank_transfers':
      return minor(found.amount, currency);
    case 'contact_allocations': {
      const parts = (found.allocated_artefacts ?? []).map(({ amount }) => minor(amount, currency));
      if (parts.length === 0) throw new Error('There is nothing allocated.');
      return sum(parts.map(abs)) / 2n;
    }
    case 'journals':
      // Lines of a bank entry may be negative, so the debits are more than what moved; the first line is the money.
      return document.kind === 'bank_entry' && found.journal_lines?.[0]
        ? abs(signed(found.journal_lines[0], currency))
        : minor(found.total, currency);
    default:
      return minor(found.total_amount, currency);
  }
}

function taxOf(document: BookDocument, resource: Resource, found: Booked, currency: string): bigint {
  if (document.kind === 'bank_entry' && resource === 'journals') return document.tax;
  if (!('tax' in document)) return 0n;
  return minor(found.tax_amount, currency);
}

/** What a line of a journal moves, debit positive. */
export function signed({ debit, credit }: BookedLine, currency: string): bigint {
  return minor(debit ?? '0', currency) - minor(credit ?? '0', currency);
}

/** Amount as the books write it. Throws where there is none or it is none. */
export function minor(amount: string | null | undefined, currency: string): bigint {
  if (amount === null || amount === undefined) throw new Error('There is no amount.');
  return parseMinor(amount, currency);
}
