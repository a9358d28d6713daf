import type { BookedDocument } from './world.ts';

/** The next version of a document; `now` in milliseconds. */
export function successor(existing: BookedDocument, next: Partial<BookedDocument>, now: number): BookedDocument {
  return { ...existing, ...next, syncToken: existing.syncToken + 1, updatedAt: now };
}

/** The document as it is kept once it was deleted. */
export function deleted(existing: BookedDocument, now: number): BookedDocument {
  return successor(existing, { state: 'deleted', postings: [], links: [] }, now);
}
