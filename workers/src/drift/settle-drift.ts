import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { ringPush } from '../doorbell.ts';
import { resolveIssue } from '../issues.ts';
import { owe } from '../owed.ts';
import { withLock } from '../push/lock.ts';
import { loadMappings } from '../push/mapping.ts';
import { type OwedDocument, readBooksConnection } from '../push/owed-documents.ts';
import { reviveDocument } from '../push/revive.ts';
import { printOf } from './drift-issue.ts';

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
  const [drift] = await deps.sql<Drift[]>`${selectDrifts(deps.sql)} where f.id::text = ${id}`;
  if (!drift) throw new DriftRefused('There is no such difference.');
  if (drift.state !== 'open') throw new DriftRefused(`It is ${drift.state} already.`);
  const outcome = await withLock(deps.sql, drift.connectionId, () => settle(drift, how, deps));
  if (outcome === 'busy') throw new DriftRefused('These books are being written to. Try again in a moment.');
  await ringPush(deps, drift.connectionId);
  const [settled] = await deps.sql<Drift[]>`${selectDrifts(deps.sql)} where f.id::text = ${id}`;
  return settled as Drift;
}

const STATES = { accept: 'accepted', restore: 'restored', ignore: 'ignored' } as const;

async function settle(drift: Drift, how: keyof typeof STATES, deps: WorkerDeps): Promise<'settled'> {
  const document = await readPushed(drift, deps);
  if (how === 'restore') await takeTheirsOut(drift, document, deps);
  const now = deps.clock();
  await deps.sql.begin(async (tx) => {
    await tx`update drifts set state = ${STATES[how]}, settled_at = ${now} where id = ${drift.id}`;
    await resolveIssue(tx, drift.companyId, printOf(document, { id: drift.connectionId }), now);
    if (how !== 'restore') {
      await tx`
        update documents set settled_snapshot = (select snapshot from drifts where id = ${drift.id}) where id = ${drift.documentId}`;
      return;
    }
    await tx`
      update documents set state = 'pending', remote_id = null, remote_url = null, checked_at = null, settled_snapshot = null
      where id = ${drift.documentId}`;
    const { companyId, connectionId, documentId } = drift;
    await owe(tx, 'push', companyId, [documentId], now, { connectionId });
  });
  return 'settled';
}

async function readPushed({ documentId }: Drift, deps: WorkerDeps): Promise<OwedDocument & { remoteId: string }> {
  const [row] = await deps.sql<(Omit<OwedDocument, 'document'> & { payload: unknown; remoteId: string })[]>`
    select id, state, attempts, payload, remote_id as "remoteId", null as channel from documents
    where id = ${documentId} and state = 'pushed'`;
  if (!row) throw new DriftRefused('The document is not in the books any more.');
  const { payload, ...rest } = row;
  return { ...rest, document: reviveDocument(payload) };
}

async function takeTheirsOut(
  drift: Drift,
  pushed: OwedDocument & { remoteId: string },
  deps: WorkerDeps,
): Promise<void> {
  const connection = await readBooksConnection(deps.sql, drift.connectionId);
  const connector = connection && deps.books.get(connection.connector);
  if (!connection || !connector) throw new DriftRefused('These books are not connected any more.');
  const api = await deps.access.api(connection.id);
  const mappingFor = await loadMappings(connection, connector, api, [pushed], deps);
  await connector.undo(pushed.document, pushed.remoteId, mappingFor(pushed), api);
}
