import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import type { WorkerDeps } from '../deps.ts';
import { describe } from '../failure.ts';
import { loadMappings } from '../push/mapping.ts';
import type { BooksConnection, OwedDocument } from '../push/owed-documents.ts';
import { reviveDocument } from '../push/revive.ts';
import { inScope } from './undos.ts';

interface Pushed extends OwedDocument {
  undoId: string;
  remoteId: string;
}

/**
 * Takes documents of running undos out of the books, one after the other: allocations and payments before what they
 * settle, newest first. Safe at any point of a crash, because undoing again what is gone changes nothing. A refusal
 * stops the undo with its reason; what asks for patience is thrown and tried later. The caller holds the push lock.
 */
export async function takeBack(
  connection: BooksConnection,
  connector: AccountingConnector,
  deps: WorkerDeps,
): Promise<void> {
  for (;;) {
    const next = await nextPushed(connection.id, deps);
    if (!next) break;
    const api = await deps.access.api(connection.id);
    const mappingFor = await loadMappings(connection, connector, api, [next], deps);
    try {
      await connector.undo(next.document, next.remoteId, mappingFor(next), api);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
      await stop(next, error, deps);
      continue;
    }
    await deps.sql`
      update documents set state = 'undone', undo_id = ${next.undoId}, reason = 'taken out of the books again', code = null,
        remote_url = null where id = ${next.id} and state = 'pushed'`;
    await deps.sql`delete from todo where stage = 'push' and ref = ${next.id}`;
    deps.log.info({ connection: connection.id, document: String(next.id) }, 'document.undone');
  }
  await deps.sql`
    update undos set state = 'done', finished_at = ${deps.clock()} where connection_id = ${connection.id} and state = 'running'
      and not exists (select 1 from documents d, undos u where u.id = undos.id and d.state in ('sending', 'unknown') and ${inScope(deps.sql)})`;
}

async function nextPushed(connectionId: string, deps: WorkerDeps): Promise<Pushed | null> {
  const { sql } = deps;
  const [row] = await sql<(Omit<Pushed, 'document'> & { payload: unknown })[]>`
    select d.id, d.state, d.attempts, d.payload, d.remote_id as "remoteId", u.id as "undoId", null as channel
    from documents d join undos u on u.connection_id = d.connection_id and u.state = 'running'
    where u.connection_id = ${connectionId} and d.state = 'pushed' and ${inScope(sql)}
    order by array_position(array['allocation', 'payment', 'transfer', 'bank_entry', 'journal', 'credit_note', 'invoice'], d.kind),
             d.id desc limit 1`;
  if (!row) return null;
  const { payload, ...rest } = row;
  return { ...rest, document: reviveDocument(payload) };
}

async function stop({ undoId, document }: Pushed, error: ConnectorError, deps: WorkerDeps): Promise<void> {
  const reason = `${document.kind.replace('_', ' ')} ${document.number}: ${describe(error)}`;
  await deps.sql`update undos set state = 'failed', reason = ${reason} where id = ${undoId} and state = 'running'`;
}
