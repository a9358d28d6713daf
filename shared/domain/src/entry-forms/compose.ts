import type { CanonicalEvent } from '../events.ts';
import { makeEvent } from '../events.ts';
import { parseMinor, sum } from '../money.ts';
import { taxInGross } from '../tax.ts';
import { toldBill, toldGoodsReceipt } from './bought.ts';
import type { DocumentForm, FormOf } from './forms.ts';
import { chargedRate, documentId, type EntryPlace, instantAt, type Told } from './place.ts';
import { toldCreditNote, toldInvoice } from './sold.ts';

/**
 * The canonical event of a document a person typed: taxes are computed before the event exists (accounting.md A7),
 * totals are summed, days become instants. The same form at the same place gives the same event. Throws
 * INVALID_AMOUNT_SCALE, INVALID_AMOUNT, CURRENCY_UNKNOWN, TAX_UNRESOLVED, and EVENT_INVALID for what contradicts
 * itself.
 */
export function composeDocument(form: DocumentForm, place: EntryPlace): CanonicalEvent {
  const { books, revision, number } = place;
  return makeEvent({
    version: 1,
    channel: 'ledger',
    id: eventIdOf(form, number),
    revision,
    occurredAt: occurredAt(form, books.timeZone),
    currency: form.currency ?? books.functionalCurrency,
    test: false,
    ...(form.memo !== undefined && { memo: form.memo }),
    order: { id: number, number },
    ...told(form, place),
  });
}

/** Id of the event of a document: by its own key, else by its number. */
export function eventIdOf(form: DocumentForm, number: string): string {
  return documentId(form.type, form.key ?? number, form.type === 'bill' ? form.supplier.id : undefined);
}

/** A count is of the end of its day, everything else of the middle. */
function occurredAt(form: DocumentForm, timeZone: string): string {
  if (form.type !== 'stock_count') return instantAt(form.date, '12:00:00', timeZone);
  return form.at ?? instantAt(form.date, '23:59:59', timeZone);
}

function told(form: DocumentForm, place: EntryPlace): Told {
  switch (form.type) {
    case 'invoice':
      return toldInvoice(form, place);
    case 'credit_note':
      return toldCreditNote(form, place);
    case 'bill':
      return toldBill(form, place);
    case 'goods_receipt':
      return toldGoodsReceipt(form, place);
    case 'stock_count':
      return { type: 'stock_count', date: form.date, lines: form.lines };
    case 'stock_adjustment':
      return toldAdjustment(form, place);
    case 'journal':
      return toldJournal(form, place);
    case 'bank_receipt':
      return toldMovement(form, 1n, 'ar.control', place);
    case 'bank_payment':
      return toldMovement(form, -1n, 'ap.control', place);
  }
}

function toldAdjustment(form: FormOf<'stock_adjustment'>, { books }: EntryPlace): Told {
  const currency = form.currency ?? books.functionalCurrency;
  const lines = form.lines.map(({ value, ...line }) => ({
    ...line,
    ...(value !== undefined && { value: parseMinor(value, currency) }),
  }));
  return { type: 'stock_adjustment', date: form.date, reason: form.reason, lines };
}

function toldJournal(form: FormOf<'journal'>, { books }: EntryPlace): Told {
  const currency = form.currency ?? books.functionalCurrency;
  const lines = form.lines.map(({ debit, credit, ...line }) => ({
    ...line,
    amount: parseMinor(debit ?? '0', currency) - parseMinor(credit ?? '0', currency),
  }));
  return { type: 'journal', date: form.date, lines };
}

/** Amounts are typed above zero, with their tax; a line that names no account is for the open items of its party. */
function toldMovement(
  form: FormOf<'bank_receipt' | 'bank_payment'>,
  sign: 1n | -1n,
  control: string,
  place: EntryPlace,
): Told {
  const currency = form.currency ?? place.books.functionalCurrency;
  const lines = form.lines.map(({ amount, tax, ...line }) => {
    const gross = parseMinor(amount, currency);
    const own = tax === undefined ? taxInGross(gross, chargedRate(line.taxCode, place)) : parseMinor(tax, currency);
    const role = line.account === undefined && line.role === undefined ? control : line.role;
    return { ...line, role, net: sign * (gross - own), tax: sign * own };
  });
  const amount = sum(lines.map((line) => line.net + line.tax));
  return { type: 'bank_movement', date: form.date, ...(form.bank !== undefined && { bank: form.bank }), amount, lines };
}

/** Type of the event that a document becomes. */
export function eventTypeOf(type: DocumentForm['type']): CanonicalEvent['type'] {
  if (type === 'invoice') return 'sale';
  if (type === 'credit_note') return 'refund';
  return type === 'bank_receipt' || type === 'bank_payment' ? 'bank_movement' : type;
}
