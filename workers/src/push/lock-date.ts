import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { OwedDocument } from './owed-documents.ts';
import { aboutDocument, type Push } from './settle.ts';

/** How long a lock date read from the books is relied on, and how fresh it must be to refuse a document. */
const RELIED_ON_MS = 10 * 60_000;
const FRESH_MS = 3_000;

/** Lock dates read ahead, per connection. */
export type LockDates = Map<string, { readAt: number; lockDate: string | null }>;

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

async function lockDate(push: Push, maxAgeMs: number): Promise<string | null> {
  const now = push.deps.clock().getTime();
  const known = push.deps.lockDates.get(push.connection.id);
  if (known && now - known.readAt < maxAgeMs) return known.lockDate;
  const books = await push.connector.readBooks(push.api);
  push.deps.lockDates.set(push.connection.id, { readAt: now, lockDate: books.lockDate });
  return books.lockDate;
}
