import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { OwedDocument } from './owed-documents.ts';
import { RELIED_ON_MS, remoteBooks } from './remote-books.ts';
import { aboutDocument, type Push } from './settle.ts';

/** How fresh a lock date must be to refuse a document. */
const FRESH_MS = 3_000;

/**
 * Refuses a document that falls into a locked period of the books before it is sent (product.md 1.12). Throws
 * ConnectorError `rejected` BOOKS_PERIOD_LOCKED; a lock that was lifted meanwhile is noticed by reading once more.
 */
export async function checkLockDate(owed: OwedDocument, push: Push): Promise<void> {
  const { date } = owed.document;
  if (!isLocked(date, await lockDate(push, RELIED_ON_MS))) return;
  const locked = await lockDate(push, FRESH_MS);
  if (!isLocked(date, locked)) return;
  throw new ConnectorError(
    'rejected',
    `${aboutDocument(owed)} is dated ${date}, but ${push.connection.label} is locked up to ${locked}. Move the lock date back there or book it by hand; then replay.`,
    { code: 'BOOKS_PERIOD_LOCKED', subject: `locked up to ${locked}` },
  );
}

function isLocked(date: string, locked: string | null): boolean {
  return locked !== null && date <= locked;
}

async function lockDate({ connection, connector, api, deps }: Push, maxAgeMs: number): Promise<string | null> {
  return (await remoteBooks(connection.id, connector, api, deps, maxAgeMs)).lockDate;
}
