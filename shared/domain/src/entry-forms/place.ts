import type { Books } from '../chart.ts';
import { exponentOf } from '../currency.ts';
import { parseRatio } from '../decimal.ts';
import { DomainError } from '../domain-error.ts';
import type { CanonicalEvent, Sale } from '../events.ts';
import { divideHalfEven } from '../money.ts';
import { isReverseCharge } from '../posting/tax-codes.ts';
import type { DocumentType } from './forms.ts';

/** What filling the gaps of a form needs besides the form. */
export interface EntryPlace {
  books: Pick<Books, 'functionalCurrency' | 'taxCodes' | 'timeZone'>;
  /** The document's number, typed or given by Daybook. */
  number: string;
  revision: string;
  /** The invoice that a credit note is about. */
  sale: Sale | null;
}

/** A canonical event in wire form, without what all events share. */
export type Told = { type: CanonicalEvent['type'] } & Record<string, unknown>;

/** Id a document's event is kept under. A bill's number is its supplier's, so that it counts per supplier. */
export function documentId(type: DocumentType, name: string, supplier?: string): string {
  return type === 'bill' ? `bill:${supplier}:${name}` : `${type}:${name}`;
}

/** Percent that is charged under a tax code; 0 without one and where the customer owes the tax. Throws TAX_UNRESOLVED. */
export function chargedRate(code: string | undefined, { books }: EntryPlace): string {
  if (code === undefined) return '0';
  const known = books.taxCodes.get(code);
  if (known) return isReverseCharge(code, { books }) ? '0' : known.rate;
  const codes = [...books.taxCodes.keys()].join(', ') || 'none yet';
  throw new DomainError('TAX_UNRESOLVED', `The company has no tax code "${code}"; there is: ${codes}.`, code);
}

/**
 * Minor units of a quantity at a price in major units, half-even (accounting.md A6): ("3", "0.335", "EUR") → 100n.
 * Prices and quantities have up to 6 decimals (accounting.md A5), more throw INVALID_AMOUNT_SCALE.
 */
export function worthOf(quantity: string, price: string, currency: string): bigint {
  for (const text of [quantity, price]) {
    if (/\.\d{6}\d*[1-9]/.test(text)) {
      throw new DomainError('INVALID_AMOUNT_SCALE', `${text} has more than the 6 decimals of quantities and prices.`);
    }
  }
  const [a, b] = [parseRatio(quantity), parseRatio(price)];
  const scale = 10n ** BigInt(exponentOf(currency));
  return divideHalfEven(a.numerator * b.numerator * scale, a.denominator * b.denominator);
}

/** The instant of a wall clock time at a place: ("2026-03-31", "12:00:00", "Europe/London") → 2026-03-31T11:00:00.000Z. */
export function instantAt(date: string, time: string, timeZone: string): string {
  const wanted = Date.parse(`${date}T${time}Z`);
  // The offset differs on both sides of a change of clocks; the second look is at the right side.
  const first = wanted - offsetAt(wanted, timeZone);
  return new Date(wanted - offsetAt(first, timeZone)).toISOString();
}

function offsetAt(instant: number, timeZone: string): number {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const local = Date.parse(`${clock.format(new Date(instant)).replace(' ', 'T')}Z`);
  return local - Math.floor(instant / 1000) * 1000;
}

/** The day a number of days later: ("2026-01-31", 30) → "2026-03-02". */
export function daysLater(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** When a document falls due; undefined where neither day nor terms are typed. */
export function dueOf(form: { date: string; dueDate?: string | undefined; termsDays?: number | undefined }) {
  return form.termsDays === undefined ? form.dueDate : daysLater(form.date, form.termsDays);
}
