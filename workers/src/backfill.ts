import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import { nextAttempt, SLOW_DOWN_MS } from '@daybook/platform/retry';
import type { WorkerDeps } from './deps.ts';
import { ringBackfill, ringForAll } from './doorbell.ts';
import { describe, isSlowDown } from './failure.ts';
import { storePage } from './poll.ts';

/** An import of a range, and how far it is. */
export interface Backfill {
  id: string;
  connectionId: string;
  from: Date;
  to: Date;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  feedsDone: number;
  cursor: string | null;
  /** Objects read so far, and how many of them were new to us. */
  read: number;
  stored: number;
  dueAt: Date;
  attempts: number;
  reason: string | null;
  startedAt: Date;
  finishedAt: Date | null;
}

interface Row extends Backfill {
  companyId: string;
  connector: string;
}

/** Why an import could not be started or changed. */
export class BackfillRefused extends Error {
  override name = 'BackfillRefused';
}

/** How long a page may take before somebody else reads on, and how long one job reads before it lets others pass. */
const LEASE_MS = 120_000;
const TURN_MS = 5_000;

/**
 * Starts importing a range again: repeatable, beside live traffic, under the same rules, since what is known already
 * is the same fact and changes nothing. Throws BackfillRefused when there is no such channel, it cannot be polled, or
 * an import is running on it.
 */
export async function startBackfill(
  request: { connectionId: string; from: Date; to: Date },
  deps: WorkerDeps,
): Promise<Backfill> {
  const [connection] = await deps.sql<{ companyId: string; connector: string }[]>`
    select company_id as "companyId", connector from connections
    where id::text = ${request.connectionId} and kind = 'sales'`;
  if (!connection)
    throw new BackfillRefused(`There is no sales channel with the connection id ${request.connectionId}.`);
  if (!deps.sales.get(connection.connector)?.changesSince)
    throw new BackfillRefused(`${connection.connector} cannot be read back: it only sends.`);
  if (request.from >= request.to) throw new BackfillRefused('The range ends before it begins.');
  const now = deps.clock();
  const [row] = await deps.sql<{ id: string }[]>`
    insert into backfills (company_id, connection_id, range_from, range_to, due_at, started_at)
    values (${connection.companyId}, ${request.connectionId}, ${request.from}, ${request.to}, ${now}, ${now})
    on conflict (connection_id) where state = 'running' do nothing returning id`;
  if (!row) throw new BackfillRefused('An import is running on this channel already. Wait for it or cancel it.');
  await ringBackfill(deps, row.id);
  return (await readBackfill(deps.sql, row.id)) as Backfill;
}

/** One import by its id; null when there is none. */
export async function readBackfill(sql: Sql, id: string): Promise<Row | null> {
  const [row] = await sql<Row[]>`${selectRows(sql)} where b.id::text = ${id}`;
  return row ?? null;
}

/** Imports of a company's channels (of all without one), newest first. */
export async function listBackfills(sql: Sql, companyId: string | undefined, limit = 50): Promise<Row[]> {
  return sql<Row[]>`
    ${selectRows(sql)} where true ${companyId === undefined ? sql`` : sql`and b.company_id = ${companyId}`}
    order by b.started_at desc limit ${limit}`;
}

/** Stops an import after the page being read; what came in so far stays, and it can be resumed. */
export async function cancelBackfill(id: string, deps: WorkerDeps): Promise<Backfill> {
  await deps.sql`
    update backfills set state = 'cancelled', finished_at = ${deps.clock()} where id::text = ${id} and state = 'running'`;
  return found(await readBackfill(deps.sql, id));
}

/** Goes on where a cancelled or failed import stopped. */
export async function resumeBackfill(id: string, deps: WorkerDeps): Promise<Backfill> {
  const now = deps.clock();
  await deps.sql`
    update backfills set state = 'running', finished_at = null, reason = null, attempts = 0, due_at = ${now}
    where id::text = ${id} and state in ('cancelled', 'failed') and not exists (
      select 1 from backfills other where other.connection_id = backfills.connection_id and other.state = 'running')`;
  const row = found(await readBackfill(deps.sql, id));
  if (row.state !== 'running') throw new BackfillRefused('It is done, or another import runs on this channel.');
  await ringBackfill(deps, id);
  return row;
}

function found(row: Row | null): Row {
  if (row) return row;
  throw new BackfillRefused('There is no such import.');
}

function selectRows(sql: Sql) {
  return sql`
    select b.id, b.company_id as "companyId", b.connection_id as "connectionId", c.connector, b.range_from as "from",
           b.range_to as "to", b.state, b.feeds_done as "feedsDone", b.cursor, b.read, b.stored, b.due_at as "dueAt",
           b.attempts, b.reason, b.started_at as "startedAt", b.finished_at as "finishedAt"
    from backfills b join connections c on c.id = b.connection_id`;
}

/**
 * Reads on for a few seconds, page by page, each stored before the cursor moves: a crash re-reads a page. Rings for
 * itself until the range is read.
 */
export async function stepBackfill({ id }: { id: string }, deps: WorkerDeps): Promise<void> {
  const row = await takeLease(id, deps);
  const connector = row && deps.sales.get(row.connector);
  if (!row || !connector) return;
  try {
    await readTurn(row, connector, deps);
  } catch (error) {
    await putOff(row, error, deps);
  }
  const [left] = await deps.sql<{ dueAt: Date }[]>`
    select due_at as "dueAt" from backfills where id = ${id} and state = 'running'`;
  if (left) await ringBackfill(deps, id, Math.max(0, left.dueAt.getTime() - deps.clock().getTime()));
}

async function takeLease(id: string, deps: WorkerDeps): Promise<Row | null> {
  const now = deps.clock();
  const [taken] = await deps.sql`
    update backfills set due_at = ${new Date(now.getTime() + LEASE_MS)}
    where id::text = ${id} and state = 'running' and due_at <= ${now} returning id`;
  return taken ? readBackfill(deps.sql, id) : null;
}

async function readTurn(row: Row, connector: SalesConnector, deps: WorkerDeps): Promise<void> {
  const until = deps.clock().getTime() + TURN_MS;
  const api = await deps.access.api(row.connectionId);
  let { cursor } = row;
  for (let feeds = row.feedsDone; feeds < connector.feeds.length; feeds += 1) {
    const feed = connector.feeds[feeds] as string;
    const range = { feed, cursor, from: row.from.toISOString(), to: row.to.toISOString() };
    for await (const page of connector.changesSince?.(range, api) ?? []) {
      const fresh = await storePage({ id: row.connectionId, companyId: row.companyId }, page, 'backfill', deps);
      // Rung for everything, never by name: live work that is due goes first.
      if (fresh.length > 0) await ringForAll(deps, 'normalize', row.companyId);
      const goesOn = await notePage(row, page.cursor, page.deliveries.length, fresh.length, deps);
      if (!goesOn) return;
      if (deps.clock().getTime() >= until) return pass(row, deps);
    }
    cursor = null;
    await deps.sql`
      update backfills set feeds_done = ${feeds + 1}, cursor = null, attempts = 0 where id = ${row.id} and state = 'running'`;
  }
  await deps.sql`
    update backfills set state = 'done', finished_at = ${deps.clock()} where id = ${row.id} and state = 'running'`;
}

/** False when it was cancelled meanwhile. */
async function notePage(row: Row, cursor: string, read: number, stored: number, deps: WorkerDeps): Promise<boolean> {
  const lease = new Date(deps.clock().getTime() + LEASE_MS);
  const rows = await deps.sql`
    update backfills set cursor = ${cursor}, read = read + ${read}, stored = stored + ${stored}, attempts = 0, due_at = ${lease}
    where id = ${row.id} and state = 'running' returning id`;
  return rows.length > 0;
}

/** Lets others have their turn: due again at once. */
async function pass(row: Row, deps: WorkerDeps): Promise<void> {
  await deps.sql`update backfills set due_at = ${deps.clock()} where id = ${row.id} and state = 'running'`;
}

/** A limit or a passing fault puts it off; what cannot heal by itself ends it, with the reason. */
async function putOff(row: Row, error: unknown, deps: WorkerDeps): Promise<void> {
  const slowDown = isSlowDown(error);
  const passing = slowDown || (error instanceof ConnectorError && error.kind === 'retryable');
  const attempts = slowDown ? row.attempts : row.attempts + 1;
  const next = passing
    ? nextAttempt({
        attempts,
        random: deps.random,
        retryAfterMs: slowDown ? (error.retryAfterMs ?? SLOW_DOWN_MS) : undefined,
      })
    : { giveUp: true };
  deps.log.warn({ backfill: row.id, connector: row.connector, error: describe(error) }, 'backfill.put_off');
  if ('giveUp' in next) {
    await deps.sql`
      update backfills set state = 'failed', reason = ${describe(error)}, finished_at = ${deps.clock()}
      where id = ${row.id} and state = 'running'`;
    return;
  }
  await deps.sql`
    update backfills set attempts = ${attempts}, reason = ${describe(error)},
      due_at = ${new Date(deps.clock().getTime() + next.delayMs)}
    where id = ${row.id} and state = 'running'`;
}
