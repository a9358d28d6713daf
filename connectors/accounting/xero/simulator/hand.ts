import { documentSums } from './arithmetic.ts';
import { type BookedDocument, numberKey, type Organisation } from './world.ts';

/** What a person can do to a document in Xero's own pages that our app did not ask for. */
export interface HandEdit {
  status?: 'DRAFT' | 'AUTHORISED' | 'VOIDED' | 'DELETED';
  number?: string;
  reference?: string;
  /** New amount of the first line, minor units; its tax stays as it was. */
  firstLineAmount?: bigint;
}

/** The document after the edit. Throws when no live document has the number. */
export function handEdited(organisation: Organisation, number: string, edit: HandEdit, now: number): BookedDocument {
  const id =
    organisation.numbers.get(numberKey('invoice', number)) ??
    organisation.numbers.get(numberKey('credit_note', number));
  const document = id === undefined ? undefined : organisation.documents.get(id);
  if (!document) throw new Error(`${organisation.name} has no live document ${number}.`);
  const { firstLineAmount } = edit;
  const lines = document.lines.map((line, index) =>
    index === 0 && firstLineAmount !== undefined ? { ...line, lineAmount: firstLineAmount } : line,
  );
  return {
    ...document,
    status: edit.status ?? document.status,
    number: edit.number ?? document.number,
    reference: edit.reference ?? document.reference,
    lines,
    ...documentSums(lines, document.lineAmountTypes),
    updatedAt: now,
  };
}
