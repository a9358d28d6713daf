import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Normalized, Notice, RawDelivery, SalesConnector } from '@daybook/connectors/kit/contract';
import { type CanonicalEvent, eventHash } from '@daybook/domain';
import type { WorkerDeps } from './deps.ts';
import { isSlowDown } from './failure.ts';
import { newestKnown, refundsKnown } from './known-revisions.ts';

/** A stored delivery and what its connection says of it. */
export interface DeliveryRow extends RawDelivery {
  id: bigint;
  companyId: string;
  connectionId: string;
  eventId: string;
  via: 'webhook' | 'poll' | 'backfill';
  connector: string;
  settings: Record<string, string>;
}

/** What became of asking a connector. */
export type Result =
  | {
      outcome: 'normalized';
      events: CanonicalEvent[];
      /** The events are what the provider says right now, whatever their revision says. */
      reread: boolean;
      /** Whether asking the provider could still settle a contradiction. */
      askable: boolean;
      /** When the connector was asked: what was recorded later may be newer than what the provider said then. */
      askedAt: Date;
    }
  | { outcome: 'ignored'; reason: string; notice?: Notice | undefined }
  | { outcome: 'failed'; error: unknown };

interface Read {
  events: CanonicalEvent[];
  /** What had to be re-read for them. */
  fetched: Readonly<Record<string, string>>;
}

/** Most re-reads for one delivery: a thin webhook may need its order, and the order its payments. */
const MOST_FETCHES = 3;

/**
 * Asks the connectors one delivery after the other. When a channel asks to slow down, the rest that would have to be
 * re-read there is not even tried, and each is put off a little longer than the one before, so that they come back as
 * fast as the channel answers instead of all at once.
 */
export async function normalizeAll(rows: DeliveryRow[], deps: WorkerDeps): Promise<Map<bigint, Result>> {
  const results = new Map<bigint, Result>();
  const slowedDown = new Map<string, { error: ConnectorError; count: number }>();
  for (const row of rows) {
    const slowed = slowedDown.get(row.connectionId);
    const result = await normalizeOne(row, slowed ? { ...deps, access: refusing(deps.access, slowed.error) } : deps);
    if (result.outcome === 'failed' && isSlowDown(result.error)) {
      const count = (slowed?.count ?? 0) + 1;
      slowedDown.set(row.connectionId, { error: slowed?.error ?? result.error, count });
      results.set(row.id, { outcome: 'failed', error: later(result.error, count) });
    } else results.set(row.id, result);
  }
  return results;
}

/** Access to a channel that has just asked to slow down: whoever wants to call it hears so at once. */
function refusing(access: WorkerDeps['access'], error: ConnectorError): WorkerDeps['access'] {
  return { ...access, api: () => Promise.reject(error) };
}

function later(error: ConnectorError, times: number): ConnectorError {
  const retryAfterMs = (error.retryAfterMs ?? 1_000) * times;
  return new ConnectorError('rate_limited', error.message, { code: error.code, retryAfterMs });
}

async function normalizeOne(row: DeliveryRow, deps: WorkerDeps): Promise<Result> {
  const connector = deps.sales.get(row.connector);
  const askedAt = deps.clock();
  try {
    if (!connector)
      throw new ConnectorError('unsupported', `No connector "${row.connector}" is installed.`, {
        code: 'CONNECTOR_UNKNOWN',
      });
    const normalized = await normalizeWithFetches(row, connector, deps);
    if ('events' in normalized) return { ...(await settleDoubt(row, connector, normalized, deps)), askedAt };
    return { outcome: 'ignored', reason: normalized.ignored, notice: normalized.notice };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

/**
 * Two states of one object can carry the same revision where a provider counts in seconds. Then neither delivery is
 * believed but the provider asked; where it cannot be asked the contradiction is shown to a person.
 */
async function settleDoubt(
  row: DeliveryRow,
  connector: SalesConnector,
  read: Read,
  deps: WorkerDeps,
): Promise<Omit<Extract<Result, { outcome: 'normalized' }>, 'askedAt'>> {
  const { reread, fetch } = connector;
  const { events } = read;
  if (!reread || !fetch) return { outcome: 'normalized', events, reread: false, askable: false };
  if (reread.fetch in read.fetched) return { outcome: 'normalized', events, reread: true, askable: false };
  if (!(await anyContradicts(row, events, deps)))
    return { outcome: 'normalized', events, reread: false, askable: true };
  try {
    const text = await fetch(reread.fetch, row, await deps.access.api(row.connectionId));
    const now = await normalizeWithFetches({ ...row, topic: reread.topic, body: Buffer.from(text) }, connector, deps);
    if ('events' in now) return { outcome: 'normalized', events: now.events, reread: true, askable: false };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
  }
  return { outcome: 'normalized', events, reread: false, askable: false };
}

async function anyContradicts(row: DeliveryRow, events: CanonicalEvent[], deps: WorkerDeps): Promise<boolean> {
  for (const event of events) {
    const known = await newestKnown(deps.sql, row, event);
    if (known?.revision === event.revision && !known.hashes.includes(eventHash(event))) return true;
  }
  return false;
}

async function normalizeWithFetches(
  row: DeliveryRow,
  connector: SalesConnector,
  deps: WorkerDeps,
): Promise<Read | Exclude<Normalized, { events: unknown }>> {
  const { fetched, knownRefunds } = await withRefunds(row, connector, deps);
  for (let fetches = 0; ; fetches += 1) {
    const context = { settings: row.settings, fetched, ...(knownRefunds && { knownRefunds }) };
    const normalized = connector.normalize(row, context);
    if ('events' in normalized) return { events: normalized.events, fetched };
    if (normalized.needs === undefined || connector.fetch === undefined) return normalized;
    if (fetches === MOST_FETCHES || normalized.needs in fetched) return normalized;
    const api = await deps.access.api(row.connectionId);
    fetched[normalized.needs] = await connector.fetch(normalized.needs, row, api);
  }
}

/**
 * Refunds that the delivery lists in short or no longer lists are read before anything is made of it. Where the
 * provider does not have the order any more, the delivery has to do.
 */
async function withRefunds(
  row: DeliveryRow,
  connector: SalesConnector,
  deps: WorkerDeps,
): Promise<{ fetched: Record<string, string>; knownRefunds?: string[] }> {
  const listed = connector.refundsListed?.(row) ?? null;
  if (listed === null || connector.fetch === undefined) return { fetched: {} };
  const knownRefunds = await refundsKnown(deps.sql, row, listed.sale);
  if (listed.complete && knownRefunds.every((id) => listed.ids.includes(id))) return { fetched: {}, knownRefunds };
  try {
    const refunds = await connector.fetch('refunds', row, await deps.access.api(row.connectionId));
    return { fetched: { refunds }, knownRefunds };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    return { fetched: {} };
  }
}
