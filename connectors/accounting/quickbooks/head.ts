import type { BookDocument } from '@daybook/domain';
import { clean } from '../../kit/book-documents.ts';
import { decimal, type Head } from './wire.ts';

/** Longest PrivateNote (developer.intuit.com, every kind). */
const MAX_NOTE = 4000;

/**
 * What all kinds of records have. Where ours says a rate, it goes out: else the provider takes the day's of its own,
 * and money that was sold at one rate and paid at another shows a difference that never was.
 */
export function headOf(document: BookDocument): Head {
  return {
    TxnDate: document.date,
    CurrencyRef: { value: document.currency },
    ...(document.rate === undefined ? {} : { ExchangeRate: decimal(document.rate) }),
    PrivateNote: noteOf(document),
  };
}

/** Our number, then the reference people know. */
function noteOf({ number, reference }: BookDocument): string {
  return clean(`${number} ${reference}`, MAX_NOTE);
}

/** Whether a note is that of the document with this number: numbers have no spaces (amounts.ts). */
export function isNoteOf(note: string, number: string): boolean {
  return note === number || note.startsWith(`${number} `);
}
