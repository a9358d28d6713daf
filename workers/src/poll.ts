import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Api, ChangeRange, SalesConnector } from '@daybook/connectors/kit/contract';
import { storeDeliveries } from '@daybook/platform/inbox';
import type { WorkerDeps } from './deps.ts';
import { ring } from './doorbell.ts';

/** How far back the first poll of a connection looks. */
const FIRST_LOOK_MS = 24 * 60 * 60_000;
interface PollRow {
  id: string;
  companyId: string;
  connector: string;
  /** Feed → how far it was read. */
  cursors: Record<string, string>;
}

/**
 * Reads what changed since the last poll, because webhooks get lost (product.md 1.6). What came by webhook already is
 * the same fact and changes nothing. The cursor is stored page by page after the deliveries, so a crash re-reads a
 * page.
 */
export async function pollConnection(payload: { connectionId: string }, deps: WorkerDeps): Promise<{ stored: number }> {
  const [row] = await deps.sql<PollRow[]>`
    select c.id, c.company_id as "companyId", c.connector, (
      select coalesce(jsonb_object_agg(k.resource, k.cursor), '{}') from cursors k where k.connection_id = c.id) as cursors
    from connections c where c.id = ${payload.connectionId} and c.kind = 'sales' and c.state = 'active'`;
  const connector = row && deps.sales.get(row.connector);
  if (!row || !connector?.changesSince) return { stored: 0 };
  const to = deps.clock();
  const from = new Date(to.getTime() - FIRST_LOOK_MS).toISOString();
  let stored = 0;
  for (const feed of connector.feeds) {
    const range = { feed, cursor: row.cursors[feed] ?? null, from, to: to.toISOString() };
    const read = await readPages(row, connector, range, 'poll', deps, (cursor) =>
      storeCursor(row.id, feed, cursor, deps),
    );
    stored += read.stored;
  }
  return { stored };
}

/**
 * Imports a range again; repeatable, beside live traffic, under the same rules. `onPage` hears how many new deliveries
 * there are so far. When the provider asks to slow down it waits as long as asked and goes on where it was.
 */
export async function backfill(
  request: { connectionId: string; from: string; to: string; onPage?: (stored: number) => void },
  deps: WorkerDeps,
): Promise<{ stored: number }> {
  const [row] = await deps.sql<PollRow[]>`
    select id, company_id as "companyId", connector, '{}'::jsonb as cursors from connections
    where id = ${request.connectionId} and kind = 'sales'`;
  const connector = row && deps.sales.get(row.connector);
  if (!row || !connector?.changesSince) return { stored: 0 };
  let stored = 0;
  for (const feed of connector.feeds) {
    const range: ChangeRange = { feed, cursor: null, from: request.from, to: request.to };
    const notePage = async (cursor: string, fresh: number) => {
      range.cursor = cursor;
      stored += fresh;
      request.onPage?.(stored);
    };
    await patiently(() => readPages(row, connector, { ...range }, 'backfill', deps, notePage));
  }
  return { stored };
}

/** Tries again for as long as the provider only asks to slow down. */
async function patiently(read: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await read();
      return;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.kind !== 'rate_limited') throw error;
      await pause(error.retryAfterMs ?? 10_000);
    }
  }
}

async function readPages(
  row: PollRow,
  connector: SalesConnector,
  range: ChangeRange,
  via: 'poll' | 'backfill',
  deps: WorkerDeps,
  afterPage: (cursor: string, fresh: number) => Promise<void>,
): Promise<{ stored: number }> {
  const api: Api = await deps.access.api(row.id);
  let stored = 0;
  for await (const page of connector.changesSince?.(range, api) ?? []) {
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
    const fresh = results.flatMap((result) => (result.outcome === 'stored' ? [result.id] : []));
    await ring(deps, 'normalize', row.companyId, fresh);
    await afterPage(page.cursor, fresh.length);
    stored += fresh.length;
  }
  return { stored };
}

async function storeCursor(connectionId: string, feed: string, cursor: string, deps: WorkerDeps): Promise<void> {
  await deps.sql`
    insert into cursors (connection_id, resource, cursor, updated_at)
    values (${connectionId}, ${feed}, ${cursor}, ${deps.clock()})
    on conflict (connection_id, resource) do update set cursor = excluded.cursor, updated_at = excluded.updated_at`;
}
