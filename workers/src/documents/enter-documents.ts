import { type DocumentForm, DomainError, documentForm } from '@daybook/domain';
import { asDomainError } from '@daybook/ledger/refusal';
import type { Tx } from '@daybook/platform/db';
import { z } from 'zod';
import type { WorkerDeps } from '../deps.ts';
import { wake } from '../post-events.ts';
import { type DocumentEntered, enterDocument } from './enter-document.ts';
import type { EntryPreview } from './entry-preview.ts';

/** A document as it was typed or read from a file. */
export interface GivenDocument {
  /** Where it stands in what was given: "1", or the lines "2-4" of a file. */
  at: string;
  input: unknown;
}

/** What became of a document, or would. */
export interface DocumentReport {
  at: string;
  type: string;
  number: string | null;
  outcome: DocumentEntered['outcome'] | 'refused';
  eventId: bigint | null;
  /** Why it is refused: a code of docs/errors.md and a sentence; why it waits. */
  code: string | null;
  message: string | null;
  entries: EntryPreview[];
}

interface Way {
  /** Everything is done as it would be, told, and taken back. */
  dryRun: boolean;
  onProgress?: (done: number, of: number) => void;
}

/**
 * Enters documents one after the other, each whole or not at all; what is refused is reported and hinders no other.
 * A dry run sees the documents before, so that a credit note finds its invoice, and keeps nothing; the company's
 * posting waits for its end. Throws what is no refusal, such as a lost database; what was entered by then stays, and
 * entering the same documents again finds it.
 */
export async function enterDocuments(
  companyId: string,
  documents: readonly GivenDocument[],
  way: Way,
  deps: WorkerDeps,
): Promise<DocumentReport[]> {
  if (way.dryRun) return rehearsed(companyId, documents, way, deps);
  return each(documents, way, async (form) => {
    const done = await deps.sql.begin((tx) => enterDocument(tx, companyId, form, deps));
    await wake(companyId, done.posted, deps);
    return done;
  });
}

/** Takes a transaction back after all of it went well. */
class TakenBack extends Error {}

async function rehearsed(
  companyId: string,
  documents: readonly GivenDocument[],
  way: Way,
  deps: WorkerDeps,
): Promise<DocumentReport[]> {
  let reports: DocumentReport[] = [];
  await deps.sql
    .begin(async (tx) => {
      reports = await each(documents, way, (form) => tx.savepoint((inner) => checked(inner, companyId, form, deps)));
      throw new TakenBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
  return reports;
}

/** What a commit would check is checked at once. */
async function checked(tx: Tx, companyId: string, form: DocumentForm, deps: WorkerDeps): Promise<DocumentEntered> {
  const done = await enterDocument(tx, companyId, form, deps);
  await tx`set constraints all immediate`;
  await tx`set constraints all deferred`;
  return done;
}

async function each(
  documents: readonly GivenDocument[],
  { onProgress }: Way,
  enter: (form: DocumentForm) => Promise<DocumentEntered>,
): Promise<DocumentReport[]> {
  const reports: DocumentReport[] = [];
  for (const document of documents) {
    reports.push(await reported(document, enter));
    onProgress?.(reports.length, documents.length);
  }
  return reports;
}

async function reported(
  { at, input }: GivenDocument,
  enter: (form: DocumentForm) => Promise<DocumentEntered>,
): Promise<DocumentReport> {
  const { type, number } = (input ?? {}) as { type?: unknown; number?: unknown };
  const given = { at, type: String(type ?? ''), number: number === undefined ? null : String(number) };
  const refused = (code: string, message: string): DocumentReport => {
    return { ...given, outcome: 'refused', eventId: null, code, message, entries: [] };
  };
  const parsed = documentForm.safeParse(input);
  if (!parsed.success) return refused('INPUT_INVALID', z.prettifyError(parsed.error));
  try {
    const { posted, reason, ...done } = await enter(parsed.data);
    return { ...given, ...done, code: null, message: reason };
  } catch (thrown) {
    const error = asDomainError(thrown);
    if (error instanceof DomainError) return refused(error.code, error.message);
    throw error;
  }
}
