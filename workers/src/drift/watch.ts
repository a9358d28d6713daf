import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import { toWire } from '@daybook/domain';
import { askToReconnect } from '../access.ts';
import type { WorkerDeps } from '../deps.ts';
import { describe, stopsEverything } from '../failure.ts';
import { openIssue } from '../issues.ts';
import { withLock } from '../push/lock.ts';
import { loadMappings, type MappingFor } from '../push/mapping.ts';
import { type MappingChange, readMappingChanges, readMappings, withoutChanges } from '../push/mapping-rows.ts';
import { type BooksConnection, channelOf, type OwedDocument, readBooksConnection } from '../push/owed-documents.ts';
import { reviveDocument } from '../push/revive.ts';
import { compare, type Difference } from './compare.ts';
import { closeDrift, issueOf } from './drift-issue.ts';

/** A document is not read back before this long after it was pushed, nor again before this long after the last time. */
const REST_MS = 60_000;

interface Pushed extends OwedDocument {
  companyId: string;
  remoteId: string;
  settledSnapshot: string | null;
  /** When requests with it left. */
  sentAt: Date[];
}

/** Reads documents of every set of books back. One connection's fault does not stop the others. */
export async function watchAll(deps: WorkerDeps): Promise<void> {
  const rows = await deps.sql<{ id: string }[]>`
    select id from connections where kind = 'accounting' and state = 'active'
      and (paused_until is null or paused_until <= ${deps.clock()})`;
  for (const { id } of rows) {
    await watchBooks(id, deps).catch(async (error: unknown) => {
      deps.log.warn({ connection: id, error: describe(error) }, 'drift.failed');
      if (!(error instanceof ConnectorError) || error.kind !== 'unauthorized') return;
      const connection = await readBooksConnection(deps.sql, id);
      if (connection) await askToReconnect(deps.sql, connection, error.message, deps.clock());
    });
  }
}

/**
 * Reads pushed documents back as far as a quarter of a minute's budget goes: what the books said has changed first,
 * then what was not looked at for longest. Never while a push is under way: that goes first. Answers how many were
 * read.
 */
export async function watchBooks(connectionId: string, deps: WorkerDeps): Promise<number> {
  const connection = await readBooksConnection(deps.sql, connectionId);
  const connector = connection && deps.books.get(connection.connector);
  if (!connection || !connector) return 0;
  const looked = await withLock(deps.sql, connectionId, () => look(connection, connector, deps));
  return looked === 'busy' ? 0 : looked;
}

async function look(connection: BooksConnection, connector: AccountingConnector, deps: WorkerDeps): Promise<number> {
  const [{ last = null } = {}] = await deps.sql<{ last: bigint | null }[]>`
    select max(id) as last from book_changes where connection_id = ${connection.id}`;
  const documents = await toLookAt(connection.id, Math.max(1, connector.limits.requestsPerMinute >> 2), deps);
  if (documents.length > 0) await readBack(documents, connection, connector, deps);
  if (last !== null) {
    await deps.sql`
      delete from book_changes b where b.connection_id = ${connection.id} and b.id <= ${last} and not exists (
        select 1 from documents d where d.connection_id = b.connection_id and d.remote_id = b.remote_id
          and d.state = 'pushed' and (d.checked_at is null or d.checked_at < b.told_at))`;
  }
  return documents.length;
}

/** As many documents that cannot be read mean that the books cannot. */
const MOST_FAILURES = 3;

/** One document that cannot be read back does not keep the others from being read. */
async function readBack(
  documents: Pushed[],
  connection: BooksConnection,
  connector: AccountingConnector,
  deps: WorkerDeps,
): Promise<void> {
  const api = await deps.access.api(connection.id);
  const rows = await readMappings(deps.sql, connection.id);
  const changes = await readMappingChanges(deps.sql, connection.id);
  const today = await loadMappings(connection, connector, api, documents, deps, rows);
  let failures = 0;
  for (const each of documents) {
    try {
      const differs = async (mappingFor: MappingFor) => {
        const mapping = mappingFor(each);
        return compare(each.document, await connector.inspect(each.document, each.remoteId, mapping, api), mapping);
      };
      let difference = await differs(today);
      // Only then what the mapping said when the document was sent matters: it stays as it was booked.
      for (const newer of difference ? changesSince(each.sentAt, changes) : []) {
        const then = withoutChanges(rows, newer);
        difference = await differs(await loadMappings(connection, connector, api, [each], deps, then));
        if (!difference) break;
      }
      await note(each, difference, connection, deps);
    } catch (error) {
      if (stopsEverything(error)) throw error;
      deps.log.warn({ connection: connection.id, document: String(each.id), error: describe(error) }, 'drift.unread');
      await deps.sql`update documents set checked_at = ${deps.clock()} where id = ${each.id}`;
      failures += 1;
      if (failures === MOST_FAILURES) throw error;
    }
  }
}

/** Between reading the mapping and noting the request, a person may have changed it. */
const SLACK_MS = 60_000;

/** Per moment at which the document may have been translated: the changes made after it. Newest moment first. */
function changesSince(sentAt: readonly Date[], changes: readonly MappingChange[]): MappingChange[][] {
  const moments = sentAt.flatMap((at) => [at.getTime(), at.getTime() - SLACK_MS]);
  const counts = moments.map((at) => changes.filter(({ changedAt }) => changedAt.getTime() > at).length);
  return [...new Set(counts)]
    .filter((count) => count > 0)
    .sort((a, b) => a - b)
    .map((count) => changes.slice(0, count));
}

async function toLookAt(connectionId: string, most: number, deps: WorkerDeps): Promise<Pushed[]> {
  const { sql } = deps;
  const before = new Date(deps.clock().getTime() - REST_MS);
  const rows = await sql<(Omit<Pushed, 'document'> & { payload: unknown })[]>`
    select d.id, d.company_id as "companyId", d.state, d.attempts, d.payload, d.remote_id as "remoteId",
           d.settled_snapshot as "settledSnapshot",
           ${channelOf(sql)} as channel, array(
             select a.sent_at from push_attempts a where a.document_ids @> array[d.id]) as "sentAt"
    from documents d
    where d.connection_id = ${connectionId} and d.state = 'pushed' and d.remote_id is not null
      and d.pushed_at <= ${before} and (d.checked_at is null or d.checked_at <= ${before})
    order by (not exists (select 1 from book_changes b where b.connection_id = d.connection_id and b.remote_id = d.remote_id)),
             d.checked_at nulls first, d.id limit ${most}`;
  return rows.map(({ payload, ...row }) => ({ ...row, document: reviveDocument(payload) }));
}

/** Writes down what was seen: a new difference, another one than before, or that an old one is gone. */
async function note(
  pushed: Pushed,
  difference: Difference | null,
  connection: BooksConnection,
  deps: WorkerDeps,
): Promise<void> {
  const now = deps.clock();
  const shown = difference !== null && difference.snapshot !== pushed.settledSnapshot ? difference : null;
  await deps.sql.begin(async (tx) => {
    await tx`update documents set checked_at = ${now} where id = ${pushed.id}`;
    if (!shown) return closeDrift(tx, pushed, connection, now);
    await tx`
      insert into drifts (company_id, connection_id, document_id, kind, ours, theirs, snapshot, seen_at)
      values (${connection.companyId}, ${connection.id}, ${pushed.id}, ${shown.kind}, ${toWire(shown.ours)},
              ${shown.theirs && toWire(shown.theirs)}, ${shown.snapshot}, ${now})
      on conflict (document_id) where state = 'open' do update
        set kind = excluded.kind, theirs = excluded.theirs, snapshot = excluded.snapshot, seen_at = excluded.seen_at`;
    await openIssue(tx, issueOf(pushed, shown, connection), now);
  });
}
