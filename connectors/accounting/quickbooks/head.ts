import type { BookDocument } from '@daybook/domain';
import { clean } from './amounts.ts';
import type { Ref } from './wire.ts';

/** Longest PrivateNote (developer.intuit.com, every kind). */
const MAX_NOTE = 4000;

/** What all kinds of records have. */
export function headOf(document: BookDocument): { TxnDate: string; CurrencyRef: Ref; PrivateNote: string } {
  return { TxnDate: document.date, CurrencyRef: { value: document.currency }, PrivateNote: noteOf(document) };
}

/** Our number, then the reference people know. */
function noteOf({ number, reference }: BookDocument): string {
  return clean(`${number} ${reference}`, MAX_NOTE);
}

/** Whether a note is that of the document with this number: numbers have no spaces (amounts.ts). */
export function isNoteOf(note: string, number: string): boolean {
  return note === number || note.startsWith(`${number} `);
}
