import {
  type Books,
  type CanonicalEvent,
  canonicalJson,
  composeDocument,
  type DocumentForm,
  DomainError,
  eventIdOf,
} from '@daybook/domain';
import { loadBooks } from '@daybook/ledger/company';
import { nextNumber } from '@daybook/ledger/number-series';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { type Entered, enterIn } from '../enter.ts';
import type { Posted } from '../post-events.ts';
import { documentNumbered, type EnteredDocument, enteredDocument, invoiceNamed } from './entered-document.ts';
import { type EntryPreview, entriesOfEvent } from './entry-preview.ts';

/** What became of a document that was entered. */
export interface DocumentEntered {
  number: string;
  eventId: bigint;
  /** `changed` replaced what was entered before under the same key or number; `waiting` is booked with what it needs. */
  outcome: 'entered' | 'changed' | 'exists' | 'waiting';
  /** Why it waits. */
  reason: string | null;
  entries: EntryPreview[];
  posted: Posted;
}

/**
 * Enters one document in a transaction: numbers it where nobody did, makes its event and books it. The same document
 * again `exists`; another content under the same key (else number) is its next revision. Throws DomainError for what
 * cannot be composed or booked, and then the caller must let the transaction, or its savepoint, go back.
 */
export async function enterDocument(
  tx: Tx,
  companyId: string,
  form: DocumentForm,
  deps: WorkerDeps,
): Promise<DocumentEntered> {
  // Whoever enters the same document, or needs the next number, waits here.
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const books = await loadBooks(tx, companyId);
  const name = form.key ?? form.number;
  const known = name === undefined ? null : await enteredDocument(tx, companyId, form.type, eventIdOf(form, name));
  const number = form.number ?? numberOf(known) ?? (await freeNumber(tx, companyId, form, books));
  const event = await composed(tx, companyId, { form, number, known, books });
  refuseOtherCustomer(event, known);
  if (!known) refuseEarlierDay(form, number, books);
  const { posted, entered } = await enterIn(tx, companyId, [event], deps);
  const { eventId, outcome, state } = entered[0] as Entered;
  const entries = await entriesOfEvent(tx, eventId);
  if (!known) refuseOtherDay(form, number, entries);
  const isWaiting = outcome === 'entered' && state === 'waiting';
  const reason = isWaiting ? await reasonOf(tx, eventId) : null;
  const became = known && outcome === 'entered' ? 'changed' : outcome;
  return { number, eventId, outcome: isWaiting ? 'waiting' : became, reason, entries, posted };
}

function numberOf(known: EnteredDocument | null): string | undefined {
  if (known === null) return undefined;
  return 'number' in known.event ? known.event.number : known.event.order?.number;
}

function freeNumber(tx: Tx, companyId: string, form: DocumentForm, { settings }: Books): Promise<string> {
  return nextNumber(tx, companyId, { kind: form.type, date: form.date, settings }, async (number) => {
    if (form.type === 'invoice' || form.type === 'credit_note') {
      return (await documentNumbered(tx, companyId, form.type, number)) !== null;
    }
    return (await enteredDocument(tx, companyId, form.type, `${form.type}:${number}`)) !== null;
  });
}

interface Composing {
  form: DocumentForm;
  number: string;
  known: EnteredDocument | null;
  books: Books;
}

/** The document's event: as it is known where it says the same, else as the next revision. */
async function composed(tx: Tx, companyId: string, { form, number, known, books }: Composing): Promise<CanonicalEvent> {
  const of = form.type === 'credit_note' ? form.of : undefined;
  const sale = of === undefined ? null : await invoiceNamed(tx, companyId, of);
  const make = (revision: string) => composeDocument(form, { books, number, revision, sale });
  if (!known) return make('0001');
  const same = make(known.revision);
  if (canonicalJson(same) === canonicalJson(known.event)) return same;
  return make(String(Number.parseInt(known.revision, 10) + 1).padStart(4, '0'));
}

/** Who owes an invoice is settled once it is written; its content hash leaves customers out. */
function refuseOtherCustomer(event: CanonicalEvent, known: EnteredDocument | null): void {
  const [before, now] = [known?.event.customer?.id, event.customer?.id];
  if (!known || before === now) return;
  throw new DomainError(
    'DOCUMENT_FIXED',
    `${event.order?.number ?? event.id} was written for customer "${before}" and cannot become "${now}"'s. Credit it, ` +
      'then write a new one.',
    event.id,
  );
}

/** What a person dates is booked that day or refused, never moved, and opens no year before the books begin. */
function refuseEarlierDay(form: DocumentForm, number: string, books: Books): void {
  if (form.date < books.firstOpenDay) refuseDay(form, number, books.firstOpenDay);
}

function refuseOtherDay(form: DocumentForm, number: string, [main]: readonly EntryPreview[]): void {
  if (main && main.date !== form.date) refuseDay(form, number, main.date);
}

/** Other documents carry their day in their event, and are refused by the posting rules. */
function refuseDay({ type, date }: DocumentForm, number: string, open: string): void {
  if (type !== 'invoice' && type !== 'credit_note') return;
  throw new DomainError(
    'PERIOD_CLOSED',
    `${type === 'invoice' ? 'Invoice' : 'Credit note'} ${number}: ${date} is in a closed period. Date it ${open} or ` +
      'later, or open the period.',
    date,
  );
}

async function reasonOf(tx: Tx, eventId: bigint): Promise<string | null> {
  const [row] = await tx<{ reason: string | null }[]>`select reason from events where id = ${eventId}`;
  return row?.reason ?? null;
}
