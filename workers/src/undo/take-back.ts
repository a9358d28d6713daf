import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import type { WorkerDeps } from '../deps.ts';
import { closeDrift } from '../drift/drift-issue.ts';
import { describe } from '../failure.ts';
import { loadMappings } from '../push/mapping.ts';
import { type BooksConnection, channelOf, type OwedDocument } from '../push/owed-documents.ts';
import { reviveDocument } from '../push/revive.ts';
import { inScope } from './undos.ts';

interface Pushed extends OwedDocument {
  undoId: string;
  remoteId: string;
}

/** Documents read at once; each is marked before the next one is touched. */
const BATCH = 50;

/**
 * Takes documents of running undos out of the books, one after the other: allocations and payments before what they
 * settle, newest first. Safe at any point of a crash, because undoing again what is gone changes nothing. A refusal
 * stops the undo with its reason; what asks for patience is noted, thrown and tried later. The caller holds the push
 * lock.
 */
export async function takeBack(
  connection: BooksConnection,
  connector: AccountingConnector,
  deps: WorkerDeps,
): Promise<void> {
  await deps.sql`
    update undos set reason = null where connection_id = ${connection.id} and state = 'running' and reason is not null`;
  for (;;) {
    const batch = await nextPushed(connection.id, deps);
    if (batch.length === 0) break;
    const api = await deps.access.api(connection.id);
    for (const next of batch) {
      try {
        const mappingFor = await loadMappings(connection, connector, api, [next], deps);
        await connector.undo(next.document, next.remoteId, mappingFor(next), api);
      } catch (error) {
        await noteFailure(next, error, deps);
        if (isRefusal(error)) break;
        throw error;
      }
      await markUndone(next, connection, deps);
    }
  }
  await deps.sql`
    update undos set state = 'done', reason = null, finished_at = ${deps.clock()}
    where connection_id = ${connection.id} and state = 'running'
      and not exists (select 1 from documents d, undos u where u.id = undos.id and d.state in ('sending', 'unknown') and ${inScope(deps.sql)})`;
}

/** Undos of books that are not connected wait and say so; the next ring after connecting goes on with them. */
export async function noteAway({ id, label }: BooksConnection, deps: WorkerDeps): Promise<void> {
  const reason = `${label} is not connected at the moment. Connect it again; the undo then goes on by itself.`;
  await deps.sql`
    update undos set reason = ${reason}
    where connection_id = ${id} and state = 'running' and reason is distinct from ${reason}`;
}

function isRefusal(error: unknown): boolean {
  return error instanceof ConnectorError && (error.kind === 'rejected' || error.kind === 'unsupported');
}

async function markUndone(next: Pushed, connection: BooksConnection, deps: WorkerDeps): Promise<void> {
  await deps.sql.begin(async (tx) => {
    await tx`
      update documents set state = 'undone', undo_id = ${next.undoId}, reason = 'taken out of the books again', code = null,
        remote_url = null, checked_at = null, settled_snapshot = null where id = ${next.id} and state = 'pushed'`;
    await tx`delete from todo where stage = 'push' and ref = ${next.id}`;
    await closeDrift(tx, next, connection, deps.clock());
  });
  deps.log.info({ connection: connection.id, document: String(next.id) }, 'document.undone');
}

async function nextPushed(connectionId: string, deps: WorkerDeps): Promise<Pushed[]> {
  const { sql } = deps;
  const rows = await sql<(Omit<Pushed, 'document'> & { payload: unknown })[]>`
    select d.id, d.state, d.attempts, d.payload, d.remote_id as "remoteId", u.id as "undoId", ${channelOf(sql)} as channel
    from documents d join undos u on u.connection_id = d.connection_id and u.state = 'running'
    where u.connection_id = ${connectionId} and d.state = 'pushed' and ${inScope(sql)}
    order by array_position(array['allocation', 'payment', 'transfer', 'bank_entry', 'journal', 'refund_receipt', 'sales_receipt',
             'credit_note', 'invoice'], d.kind), d.id desc limit ${BATCH}`;
  return rows.map(({ payload, ...row }) => ({ ...row, document: reviveDocument(payload) }));
}

/** What is in the way is shown with the undo, whether a person has to mend it or it passes. */
async function noteFailure({ undoId, document }: Pushed, error: unknown, deps: WorkerDeps): Promise<void> {
  const reason = `${document.kind.replace('_', ' ')} ${document.number}: ${describe(error)}`;
  const state = isRefusal(error) ? 'failed' : 'running';
  await deps.sql`update undos set state = ${state}, reason = ${reason} where id = ${undoId} and state = 'running'`;
}
