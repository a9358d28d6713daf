import { type BookDocument, parseMinor, sum } from '@daybook/domain';
import { z } from 'zod';
import type { RemoteDocument } from '../../kit/contract.ts';
import type { Fields } from './client.ts';
import { type Entity, NUMBER_FIELDS, shortNumber } from './entities.ts';
import { type Attempt, unreadable } from './errors.ts';
import { isNoteOf } from './head.ts';
import { TAX_LINE } from './sales.ts';

/** Numbers come as the text they were written with (kit/json.ts). */
const text = z.string();
const ref = z.object({ value: text }).nullish();
const links = z.array(z.object({ TxnId: text, TxnType: text })).nullish();
const line = z.object({
  Description: text.nullish(),
  Amount: text.nullish(),
  DetailType: text.nullish(),
  LinkedTxn: links,
  SalesItemLineDetail: z.object({ ItemRef: ref, ItemAccountRef: ref }).nullish(),
  DiscountLineDetail: z.object({ DiscountAccountRef: ref }).nullish(),
  AccountBasedExpenseLineDetail: z.object({ AccountRef: ref }).nullish(),
  DepositLineDetail: z.object({ AccountRef: ref }).nullish(),
  JournalEntryLineDetail: z.object({ PostingType: z.enum(['Debit', 'Credit']), AccountRef: ref }).nullish(),
});
const booked = z.object({
  Id: text.min(1),
  SyncToken: text.nullish(),
  DocNumber: text.nullish(),
  PaymentRefNum: text.nullish(),
  TxnDate: text.nullish(),
  PrivateNote: text.nullish(),
  CurrencyRef: ref,
  TotalAmt: text.nullish(),
  Amount: text.nullish(),
  UnappliedAmt: text.nullish(),
  Balance: text.nullish(),
  TxnTaxDetail: z.object({ TotalTax: text.nullish() }).nullish(),
  Line: z.array(line).nullish(),
  LinkedTxn: links,
});

/** One invoice, payment, expense … as the books answer it. */
export type Booked = z.infer<typeof booked>;
export type BookedLine = z.infer<typeof line>;

/** Reads one record. Throws *unknown* for one that lacks its id or holds something of another kind. */
export function bookedIn(fields: Fields, attempt: Attempt): Booked {
  const parsed = booked.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw unreadable(attempt, z.prettifyError(parsed.error), parsed.error);
}

/** Whether a record carries the number of a document: in its note, which nobody assigns, or in the number field. */
export function isRecordOf(document: BookDocument, entity: Entity, found: Booked): boolean {
  if (isNoteOf(found.PrivateNote ?? '', document.number)) return true;
  const field = NUMBER_FIELDS[entity];
  return field !== null && found[field] === shortNumber(document.number);
}

/** A voided record stays, with zero amounts and "Voided" before its note (developer.intuit.com, Void a payment). */
export function isVoided(entity: Entity, found: Booked, currency: string): boolean {
  return /^voided\b/i.test(found.PrivateNote ?? '') && amountIn(entity, found, currency) === 0n;
}

/** What moved: the amount the record is about, minor units. The TotalAmt of a journal entry is always 0. */
export function amountIn(entity: Entity, found: Booked, currency: string): bigint {
  if (entity === 'transfer') return minor(found.Amount, currency);
  if (entity !== 'journalentry') return minor(found.TotalAmt, currency);
  const debits = linesOf(found).filter(({ JournalEntryLineDetail: side }) => side?.PostingType === 'Debit');
  return sum(debits.map(({ Amount }) => minor(Amount, currency)));
}

/**
 * A document as it stands in the books; amounts exact, in minor units. Throws *unknown* for an answer that lacks an
 * amount or holds one with more decimals than its currency.
 */
export function remoteOf(document: BookDocument, entity: Entity, found: Booked, attempt: Attempt): RemoteDocument {
  const currency = found.CurrencyRef?.value ?? document.currency;
  try {
    return {
      remoteId: found.Id,
      number: isRecordOf(document, entity, found) ? document.number : (found.DocNumber ?? found.PaymentRefNum ?? ''),
      total: totalOf(document, entity, found, currency),
      tax: taxOf(entity, found, currency),
      currency,
      status: statusOf(entity, found, currency),
      url: `https://qbo.intuit.com/app/${PAGES[entity]}?txnId=${encodeURIComponent(found.Id)}`,
    };
  } catch (cause) {
    throw unreadable(attempt, `${document.number} in it is incomplete`, cause);
  }
}

const PAGES: Readonly<Record<Entity, string>> = {
  invoice: 'invoice',
  creditmemo: 'creditmemo',
  salesreceipt: 'salesreceipt',
  refundreceipt: 'refundreceipt',
  payment: 'recvpayment',
  purchase: 'expense',
  deposit: 'deposit',
  transfer: 'transfer',
  journalentry: 'journal',
};

function totalOf(document: BookDocument, entity: Entity, found: Booked, currency: string): bigint {
  // A payment of nothing moves what it sets against the invoice.
  if (document.kind === 'allocation') return appliedTo('Invoice', found, currency);
  if (entity === 'payment') return minor(found.TotalAmt, currency) - minor(found.UnappliedAmt ?? '0', currency);
  if (entity !== 'journalentry' || document.kind !== 'bank_entry') return amountIn(entity, found, currency);
  // Some lines may be negative, so the debits are more than what moved; the first line is the money (movements.ts).
  return minor(linesOf(found)[0]?.Amount, currency);
}

function appliedTo(type: string, found: Booked, currency: string): bigint {
  const applied = linesOf(found).filter(({ LinkedTxn }) => LinkedTxn?.some(({ TxnType }) => TxnType === type));
  return sum(applied.map(({ Amount }) => minor(Amount, currency)));
}

/** What the books count as tax, and what of ours stands on a line of its own. */
export function taxOf(entity: Entity, found: Booked, currency: string): bigint {
  if (entity === 'payment' || entity === 'transfer') return 0n;
  const own = linesOf(found).filter(isTaxLine);
  return minor(found.TxnTaxDetail?.TotalTax ?? '0', currency) + sum(own.map(({ Amount }) => minor(Amount, currency)));
}

/** The line our tax stands on where the books take none from us (sales.ts). */
export function isTaxLine({ Description }: BookedLine): boolean {
  return Description === TAX_LINE;
}

/** The provider keeps no status; this is what people see. */
function statusOf(entity: Entity, found: Booked, currency: string): string {
  if (isVoided(entity, found, currency)) return 'Voided';
  if (entity !== 'invoice' && entity !== 'creditmemo') return 'Posted';
  return minor(found.Balance ?? '0', currency) === 0n ? 'Closed' : 'Open';
}

/** The lines of a record; [] where the answer has none, as payments of nothing and voided ones may. */
export function linesOf(found: Booked): BookedLine[] {
  return found.Line ?? [];
}

/** Amount as the books write it. Throws where there is none or it is none. */
export function minor(amount: string | null | undefined, currency: string): bigint {
  if (amount === null || amount === undefined) throw new Error('There is no amount.');
  return parseMinor(amount, currency);
}
