import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { ringPush } from '../doorbell.ts';
import { resolveIssue } from '../issues.ts';
import { owe } from '../owed.ts';
import { withLock } from '../push/lock.ts';
import { loadMappings } from '../push/mapping.ts';
import { type BooksConnection, channelOf, type OwedDocument, readBooksConnection } from '../push/owed-documents.ts';
import { reviveDocument } from '../push/revive.ts';
import { settles } from '../undo/undos.ts';
import { closeDrift, printOf } from './drift-issue.ts';

export interface Drift {
  id: string;
  companyId: string;
  connectionId: string;
  documentId: bigint;
  number: string;
  documentKind: string;
  kind: 'edited' | 'voided' | 'deleted';
  ours: unknown;
  theirs: unknown;
  state: 'open' | 'accepted' | 'restored' | 'ignored' | 'healed';
  seenAt: Date;
  settledAt: Date | null;
}

/** Why a drift could not be settled. */
export class DriftRefused extends Error {
  override name = 'DriftRefused';
}

/** Drifts of a company (of all without one), open ones first, newest first. */
export async function listDrifts(sql: Sql, companyId: string | undefined): Promise<Drift[]> {
  return sql<Drift[]>`
    ${selectDrifts(sql)} where true ${companyId === undefined ? sql`` : sql`and f.company_id = ${companyId}`}
    order by (f.state <> 'open'), f.seen_at desc limit 200`;
}

function selectDrifts(sql: Sql) {
  return sql`
    select f.id, f.company_id as "companyId", f.connection_id as "connectionId", f.document_id as "documentId", d.number,
           d.kind as "documentKind", f.kind, f.ours, f.theirs, f.state, f.seen_at as "seenAt", f.settled_at as "settledAt"
    from drifts f join documents d on d.id = f.document_id`;
}

/**
 * Settles a drift: `accept` = what stands there is right from now on, `ignore` = do not tell again unless it changes,
 * `restore` = take theirs out and push ours again. Throws DriftRefused when it is settled already or the books are busy,
 * and what the connector refuses.
 */
export async function settleDrift(id: string, how: 'accept' | 'restore' | 'ignore', deps: WorkerDeps): Promise<Drift> {
  const drift = await readDrift(id, deps);
  const outcome = await withLock(deps.sql, drift.connectionId, () => settle(id, how, deps));
  if (outcome === 'busy') throw new DriftRefused('These books are being written to. Try again in a moment.');
  await ringPush(deps, drift.connectionId);
  return readDrift(id, deps);
}

async function readDrift(id: string, deps: WorkerDeps): Promise<Drift> {
  const [drift] = await deps.sql<Drift[]>`${selectDrifts(deps.sql)} where f.id::text = ${id}`;
  if (!drift) throw new DriftRefused('There is no such difference.');
  return drift;
}

const STATES = { accept: 'accepted', restore: 'restored', ignore: 'ignored' } as const;

async function settle(id: string, how: keyof typeof STATES, deps: WorkerDeps): Promise<'settled'> {
  const drift = await readDrift(id, deps);
  if (drift.state !== 'open') throw new DriftRefused(`It is ${drift.state} already.`);
  const connection = await readBooksConnection(deps.sql, drift.connectionId);
  const documents = await readPushed(drift, deps);
  const own = documents.at(-1);
  if (!connection || own?.id !== drift.documentId) throw new DriftRefused('The document is not in the books any more.');
  if (how === 'restore') {
    for (const each of documents) await pushAgain(each, connection, deps);
  }
  const now = deps.clock();
  await deps.sql.begin(async (tx) => {
    await tx`update drifts set state = ${STATES[how]}, settled_at = ${now} where id = ${drift.id}`;
    await resolveIssue(tx, drift.companyId, printOf(own, connection), now);
    if (how === 'restore') return;
    await tx`
      update documents set settled_snapshot = (select snapshot from drifts where id = ${drift.id}) where id = ${drift.documentId}`;
  });
  return 'settled';
}

interface Pushed extends OwedDocument {
  remoteId: string;
}

/** What settles the document, which the books would not let it go without, and last the document itself. */
async function readPushed({ documentId, connectionId }: Drift, deps: WorkerDeps): Promise<Pushed[]> {
  const { sql } = deps;
  const rows = await sql<(Omit<Pushed, 'document'> & { payload: unknown })[]>`
    select d.id, d.state, d.attempts, d.payload, d.remote_id as "remoteId", ${channelOf(sql)} as channel
    from documents d join documents t on t.id = ${documentId}
    where d.connection_id = ${connectionId} and d.state = 'pushed' and (d.id = t.id or ${settles(sql)})
    order by (d.id = t.id), d.kind, d.id desc`;
  return rows.map(({ payload, ...row }) => ({ ...row, document: reviveDocument(payload) }));
}

/** Takes one out and owes it again; each is written down before the next, so that a crash leaves nothing half said. */
async function pushAgain(pushed: Pushed, connection: BooksConnection, deps: WorkerDeps): Promise<void> {
  const connector = deps.books.get(connection.connector);
  if (!connector) throw new DriftRefused('These books are not connected any more.');
  const api = await deps.access.api(connection.id);
  const mappingFor = await loadMappings(connection, connector, api, [pushed], deps);
  await connector.undo(pushed.document, pushed.remoteId, mappingFor(pushed), api);
  const now = deps.clock();
  await deps.sql.begin(async (tx) => {
    await tx`
      update documents set state = 'pending', remote_id = null, remote_url = null, reason = null, code = null,
        checked_at = null, settled_snapshot = null where id = ${pushed.id} and state = 'pushed'`;
    await owe(tx, 'push', connection.companyId, [pushed.id], now, { connectionId: connection.id });
    await closeDrift(tx, pushed, connection, now);
  });
}
