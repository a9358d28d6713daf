import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import type { DocumentKind } from '@daybook/domain';
import { SLOW_DOWN_MS, UNDO_AGAIN_MS } from '@daybook/platform/retry';
import { askToReconnect } from '../access.ts';
import type { WorkerDeps } from '../deps.ts';
import { ringPush } from '../doorbell.ts';
import { describe, isSlowDown } from '../failure.ts';
import { noteAway, takeBack } from '../undo/take-back.ts';
import { withLock } from './lock.ts';
import { loadMappings } from './mapping.ts';
import {
  type BooksConnection,
  dueDocuments,
  nextDue,
  type OwedDocument,
  readBooksConnection,
  uncertainWith,
} from './owed-documents.ts';
import { recover } from './recover.ts';
import { sendDocuments } from './send.ts';
import { type Push, putBackDocuments } from './settle.ts';

/** Longest the next look may be put off; the sweeper would find the work anyway. */
const LONGEST_DELAY_MS = 10 * 60_000;
const KIND_ORDER: readonly DocumentKind[] = [
  'invoice',
  'credit_note',
  'sales_receipt',
  'refund_receipt',
  'payment',
  'allocation',
  'bank_entry',
  'transfer',
  'journal',
];

/**
 * Pushes what is owed to one set of books until nothing is due. One worker at a time per connection, because limits,
 * order and the look-up before a second attempt belong together; a second worker that is woken meanwhile leaves at
 * once, and the first looks again after it has let go.
 */
export async function pushDocuments({ connectionId }: { connectionId: string }, deps: WorkerDeps): Promise<void> {
  for (;;) {
    const outcome = await withLock(deps.sql, connectionId, () => pushWhileDue(connectionId, deps));
    if (outcome === 'busy' || outcome.done === 'stopped') return;
    const due = await nextDue(deps.sql, connectionId);
    if (due === null) return;
    const delayMs = Math.max(due.getTime() - deps.clock().getTime(), outcome.waitMs);
    // Due at once although the round found nothing: it waits for a predecessor, whose own due time decides.
    if (delayMs <= 0 && outcome.done === 'idle') return;
    if (delayMs > 0) return ringPush(deps, connectionId, Math.min(delayMs, LONGEST_DELAY_MS));
  }
}

interface Outcome {
  done: 'idle' | 'stopped' | 'paused';
  waitMs: number;
}

/** What must come out of the books comes out before anything new goes in. */
async function takeBackFirst(connectionId: string, deps: WorkerDeps): Promise<Outcome | null> {
  const [running] =
    await deps.sql`select 1 from undos where connection_id = ${connectionId} and state = 'running' limit 1`;
  const connection = running && (await readBooksConnection(deps.sql, connectionId));
  const connector = connection && deps.books.get(connection.connector);
  if (!connection || !connector) return null;
  if (connection.state !== 'active') {
    await noteAway(connection, deps);
    return null;
  }
  const pausedMs = (connection.pausedUntil?.getTime() ?? 0) - deps.clock().getTime();
  if (pausedMs > 0) return { done: 'paused', waitMs: pausedMs };
  try {
    await takeBack(connection, connector, deps);
    return null;
  } catch (error) {
    const outcome = await stopFor(error, [], connection, deps);
    if (outcome.waitMs > 0 || outcome.done === 'stopped') return outcome;
    // Nothing was put back that would become due: the sweep rings again for what is still to be taken out.
    const waitMs = (error instanceof ConnectorError ? error.retryAfterMs : undefined) ?? UNDO_AGAIN_MS;
    await deps.sql`
      update connections set paused_until = ${new Date(deps.clock().getTime() + waitMs)} where id = ${connectionId}`;
    return { done: 'paused', waitMs };
  }
}

async function pushWhileDue(connectionId: string, deps: WorkerDeps): Promise<Outcome> {
  const stopped = await takeBackFirst(connectionId, deps);
  if (stopped) return stopped;
  for (let sent = false; ; sent = true) {
    const connection = await readBooksConnection(deps.sql, connectionId);
    const connector = connection && deps.books.get(connection.connector);
    if (!connection || !connector || connection.state !== 'active') return { done: 'stopped', waitMs: 0 };
    const pausedMs = (connection.pausedUntil?.getTime() ?? 0) - deps.clock().getTime();
    if (pausedMs > 0) return { done: 'paused', waitMs: pausedMs };
    const due = await dueDocuments(deps.sql, connectionId, deps.clock(), connector.limits.documentsPerRequest * 4);
    if (due.length === 0) return { done: sent ? 'paused' : 'idle', waitMs: 0 };
    const stop = await pushRound(due, connection, connector, deps);
    if (stop) return stop;
  }
}

async function pushRound(
  due: OwedDocument[],
  connection: BooksConnection,
  connector: AccountingConnector,
  deps: WorkerDeps,
): Promise<Outcome | null> {
  try {
    const doubtful = due.filter((each) => each.state === 'sending' || each.state === 'unknown');
    const uncertain = doubtful.length > 0 ? await uncertainWith(deps.sql, doubtful) : [];
    const api = await deps.access.api(connection.id);
    const push: Push = {
      connection,
      connector,
      api,
      deps,
      mappingFor: await loadMappings(connection, connector, api, uncertain.length > 0 ? uncertain : due, deps),
    };
    if (uncertain.length > 0) await recover(uncertain, push);
    else await sendDocuments(nextBatch(due, connector), push);
    return null;
  } catch (error) {
    return stopFor(error, due, connection, deps);
  }
}

/** Documents of one kind for one request, invoices before what refers to them. */
function nextBatch(due: OwedDocument[], connector: AccountingConnector): OwedDocument[] {
  const kind = KIND_ORDER.find((each) => due.some(({ document }) => document.kind === each));
  const same = due.filter(({ document }) => document.kind === kind);
  const most = kind !== undefined && connector.batches.includes(kind) ? connector.limits.documentsPerRequest : 1;
  return same.slice(0, most);
}

/** What stops the whole connection for now: a lost grant, a limit, or a fault before anything was sent. */
async function stopFor(
  error: unknown,
  due: OwedDocument[],
  connection: BooksConnection,
  deps: WorkerDeps,
): Promise<Outcome> {
  const now = deps.clock();
  deps.log.warn({ connection: connection.id, connector: connection.connector, error: describe(error) }, 'push.stopped');
  if (error instanceof ConnectorError && error.kind === 'unauthorized') {
    if (error.code.endsWith('TOKEN_EXPIRED') && (await deps.access.outdated(connection.id)))
      return { done: 'paused', waitMs: 0 };
    await askToReconnect(deps.sql, connection, error.message, now);
    return { done: 'stopped', waitMs: 0 };
  }
  if (isSlowDown(error)) {
    const waitMs = error.retryAfterMs ?? SLOW_DOWN_MS;
    await deps.sql`update connections set paused_until = ${new Date(now.getTime() + waitMs)} where id = ${connection.id}`;
    return { done: 'paused', waitMs };
  }
  await putBackDocuments(due, error, connection, deps);
  return { done: 'paused', waitMs: 0 };
}
