import type { AccountingConnector, Api, RemoteBooks } from '@daybook/connectors/kit/contract';
import type { WorkerDeps } from '../deps.ts';

/** Charts, taxes and lock dates read ahead, per connection. */
export type KnownBooks = Map<string, { readAt: number; books: RemoteBooks }>;

/** How long what was read of the books is relied on. */
export const RELIED_ON_MS = 10 * 60_000;

/** The books of a connection, read again when what is known is older than `maxAgeMs`. */
export async function remoteBooks(
  connectionId: string,
  connector: AccountingConnector,
  api: Api,
  deps: Pick<WorkerDeps, 'knownBooks' | 'clock'>,
  maxAgeMs = RELIED_ON_MS,
): Promise<RemoteBooks> {
  const now = deps.clock().getTime();
  const known = deps.knownBooks.get(connectionId);
  if (known && now - known.readAt < maxAgeMs) return known.books;
  const books = await connector.readBooks(api);
  deps.knownBooks.set(connectionId, { readAt: now, books });
  return books;
}
