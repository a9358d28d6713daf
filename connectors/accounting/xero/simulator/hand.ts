import { documentSums } from './arithmetic.ts';
import type { Fact } from './facts.ts';
import type { BookedJournal } from './movements.ts';
import { type BookedDocument, type Line, numberKey, type Organisation, settlementOf } from './world.ts';

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

/** How much a person makes an amount larger: 1.00 of most currencies. */
const MORE = 100n;

/**
 * A person voids or deletes a document in Xero's own pages, or makes its first amount larger. Answers what becomes
 * true.
 * Throws when there is no live document of that id, or Xero would not let them.
 */
export function tampered(organisation: Organisation, id: string, how: 'void' | 'edit', now: number): Fact {
  const tenant = organisation.tenantId;
  const document = organisation.documents.get(id);
  if (document?.status === 'AUTHORISED') {
    return { type: 'document', tenant, value: tamperedDocument(organisation, document, how, now) };
  }
  const entry = organisation.bankEntries.get(id);
  if (entry?.status === 'AUTHORISED') {
    if (how === 'void') return { type: 'bank_entry', tenant, value: { ...entry, status: 'DELETED', updatedAt: now } };
    const lines = larger(entry.lines);
    const sums = documentSums(lines, entry.lineAmountTypes);
    return { type: 'bank_entry', tenant, value: { ...entry, lines, ...sums, updatedAt: now } };
  }
  const journal = organisation.journals.get(id);
  if (journal?.status === 'POSTED') {
    return { type: 'journal', tenant, value: how === 'void' ? voided(journal, now) : largerJournal(journal, now) };
  }
  const transfer = organisation.transfers.get(id);
  const payment = organisation.payments.get(id);
  if (how === 'edit') throw new Error(`${organisation.name} has nothing live under ${id} that Xero lets people edit.`);
  if (transfer?.status === 'AUTHORISED') {
    return { type: 'transfer', tenant, value: { ...transfer, status: 'DELETED', updatedAt: now } };
  }
  if (payment?.status !== 'AUTHORISED') throw new Error(`${organisation.name} has nothing live under ${id}.`);
  return { type: 'payment', tenant, value: { ...payment, status: 'DELETED', updatedAt: now } };
}

function tamperedDocument(
  organisation: Organisation,
  document: BookedDocument,
  how: 'void' | 'edit',
  now: number,
): BookedDocument {
  const { paid, credited } = settlementOf(organisation, document.id);
  if (paid !== 0n || credited !== 0n) throw new Error(`${document.number} has payments or credits allocated to it.`);
  if (how === 'void') return { ...document, status: 'VOIDED', updatedAt: now };
  const lines = larger(document.lines);
  return { ...document, lines, ...documentSums(lines, document.lineAmountTypes), updatedAt: now };
}

function larger(lines: readonly Line[]): Line[] {
  return lines.map((line, index) => (index === 0 ? { ...line, lineAmount: line.lineAmount + MORE } : line));
}

function voided(journal: BookedJournal, now: number): BookedJournal {
  return { ...journal, status: 'VOIDED', updatedAt: now };
}

function largerJournal(journal: BookedJournal, now: number): BookedJournal {
  const debit = journal.lines.find(({ amount }) => amount > 0n);
  const credit = journal.lines.find(({ amount }) => amount < 0n);
  const lines = journal.lines.map((line) => {
    const more = line === debit ? MORE : line === credit ? -MORE : 0n;
    return { ...line, amount: line.amount + more };
  });
  return { ...journal, lines, updatedAt: now };
}
