import { createHash } from 'node:crypto';
import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { ChangePage, SalesConnector } from '@daybook/connectors/kit/contract';
import { storeDeliveries } from '@daybook/platform/inbox';
import type { WorkerDeps } from './deps.ts';
import { ring } from './doorbell.ts';
import { describe } from './failure.ts';
import { fingerprint, openIssue, resolveIssue } from './issues.ts';

/** How far before its connecting the first poll of a feed looks: sooner or later, it starts at the same place. */
const FIRST_LOOK_MS = 24 * 60 * 60_000;
interface PollRow {
  id: string;
  companyId: string;
  label: string;
  connector: string;
  connectedAt: Date;
  /** Feed → how far it was read. */
  cursors: Record<string, string>;
  /** Feeds read before, the one read longest ago first. */
  read: string[];
}

/**
 * Reads what changed since the last poll, because webhooks get lost (product.md 1.6). What came by webhook already is
 * the same fact and changes nothing. The cursor is stored page by page after the deliveries, so a crash re-reads a
 * page. A feed that fails does not keep the others from being read; its error is thrown after them. A feed that the
 * access does not cover while others work is an issue of its own, and no reason to reconnect.
 */
export async function pollConnection(payload: { connectionId: string }, deps: WorkerDeps): Promise<{ stored: number }> {
  const [row] = await deps.sql<PollRow[]>`
    select c.id, c.company_id as "companyId", c.label, c.connector, c.created_at as "connectedAt", (
      select coalesce(jsonb_object_agg(k.resource, k.cursor), '{}') from cursors k where k.connection_id = c.id) as cursors,
      array(select k.resource from cursors k where k.connection_id = c.id order by k.updated_at, k.resource) as read
    from connections c where c.id = ${payload.connectionId} and c.kind = 'sales' and c.state = 'active'`;
  const connector = row && deps.sales.get(row.connector);
  if (!row || !connector?.changesSince) return { stored: 0 };
  const to = deps.clock();
  const failures: { feed: string; error: unknown }[] = [];
  let stored = 0;
  for (const feed of inTurn(connector.feeds, row.read)) {
    try {
      stored += await pollFeed(row, connector, feed, to, deps);
      await resolveIssue(deps.sql, row.companyId, fingerprint(notCovered(row, feed)), to);
    } catch (error) {
      failures.push({ feed, error });
    }
  }
  const fatal = worstOf(failures, failures.length === connector.feeds.length);
  if (fatal) throw fatal;
  for (const { feed, error } of failures) {
    const message = `${row.label} does not let us read its ${feed.replaceAll('_', ' ')}: ${describe(error)}`;
    await openIssue(deps.sql, { ...notCovered(row, feed), message }, to);
  }
  return { stored };
}

/** What was not read for longest comes first, so that a channel which asks to slow down starves none of its feeds. */
function inTurn(feeds: readonly string[], read: readonly string[]): string[] {
  return [...feeds].sort((one, other) => read.indexOf(one) - read.indexOf(other));
}

/** What the caller has to hear of: access that is gone, then being asked to slow down, then any other fault. */
function worstOf(failures: readonly { error: unknown }[], allFailed: boolean): unknown {
  const errors = failures.map(({ error }) => error).filter((error) => allFailed || !isNotCovered(error));
  const ofKind = (kind: string) => errors.find((error) => error instanceof ConnectorError && error.kind === kind);
  return ofKind('unauthorized') ?? ofKind('rate_limited') ?? errors[0];
}

const notCovered = (row: PollRow, feed: string) => ({
  companyId: row.companyId,
  connectionId: row.id,
  code: 'CHANNEL_SCOPE_MISSING',
  subject: feed,
});

function isNotCovered(error: unknown): boolean {
  return error instanceof ConnectorError && error.code === 'CHANNEL_SCOPE_MISSING';
}

async function pollFeed(
  row: PollRow,
  connector: SalesConnector,
  feed: string,
  to: Date,
  deps: WorkerDeps,
): Promise<number> {
  const from = new Date(Math.min(row.connectedAt.getTime(), to.getTime()) - FIRST_LOOK_MS).toISOString();
  const range = { feed, cursor: row.cursors[feed] ?? null, from, to: to.toISOString() };
  let stored = 0;
  for await (const page of connector.changesSince?.(range, await deps.access.api(row.id)) ?? []) {
    const fresh = await storePage(row, page, 'poll', deps);
    await ring(deps, 'normalize', row.companyId, fresh);
    await storeCursor(row.id, feed, page.cursor, deps);
    stored += fresh.length;
  }
  return stored;
}

/** Stores what was read, as deliveries like any other; answers the ids of those that are new. */
export async function storePage(
  row: { id: string; companyId: string },
  page: ChangePage,
  via: 'poll' | 'backfill',
  deps: WorkerDeps,
): Promise<bigint[]> {
  const results = await storeDeliveries(
    deps.sql,
    page.deliveries.map((delivery) => ({
      companyId: row.companyId,
      connectionId: row.id,
      topic: delivery.topic,
      eventId: delivery.eventId || createHash('sha256').update(delivery.body).digest('hex'),
      headers: { ...delivery.headers },
      body: delivery.body,
      via,
      receivedAt: deps.clock(),
    })),
  );
  return results.flatMap((result) => (result.outcome === 'stored' ? [result.id] : []));
}

async function storeCursor(connectionId: string, feed: string, cursor: string, deps: WorkerDeps): Promise<void> {
  await deps.sql`
    insert into cursors (connection_id, resource, cursor, updated_at)
    values (${connectionId}, ${feed}, ${cursor}, ${deps.clock()})
    on conflict (connection_id, resource) do update set cursor = excluded.cursor, updated_at = excluded.updated_at`;
}
