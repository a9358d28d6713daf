import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Normalized, Notice, RawDelivery, SalesConnector } from '@daybook/connectors/kit/contract';
import { type CanonicalEvent, DomainError, eventHash, toWire } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from './deps.ts';
import { ring } from './doorbell.ts';
import { describe, judge, type Verdict } from './failure.ts';
import { fingerprint, openIssue } from './issues.ts';
import { claim, type Owed, owe, postpone, putBack } from './owed.ts';

interface DeliveryRow extends RawDelivery {
  id: bigint;
  companyId: string;
  connectionId: string;
  eventId: string;
  connector: string;
  settings: Record<string, string>;
}

type Result =
  | { outcome: 'normalized'; events: CanonicalEvent[] }
  | { outcome: 'ignored'; reason: string; notice?: Notice | undefined }
  | { outcome: 'failed'; error: unknown };

/** Most re-reads for one delivery: a thin webhook may need its order, and the order its payments. */
const MOST_FETCHES = 3;

/**
 * Turns raw deliveries into canonical events. Connectors are asked before the transaction, so that no lock is held while
 * the network answers; the claim inside it decides who may write the result.
 */
export async function normalizeDeliveries(
  payload: { companyId: string; refs: string[] },
  deps: WorkerDeps,
): Promise<void> {
  const rows = await read(deps, payload.refs.map(BigInt));
  const results = new Map<bigint, Result>();
  for (const row of rows) results.set(row.id, await normalizeOne(row, deps));
  try {
    await write(rows, results, deps);
  } catch (error) {
    if (rows.length === 1) await failed(rows[0] as DeliveryRow, error, deps);
    else for (const row of rows) await write([row], results, deps).catch((each: unknown) => failed(row, each, deps));
  }
}

async function read(deps: WorkerDeps, refs: bigint[]): Promise<DeliveryRow[]> {
  return deps.sql<DeliveryRow[]>`
    select d.id, d.company_id as "companyId", d.connection_id as "connectionId", d.event_id as "eventId", d.topic,
           d.headers, d.body, c.connector, c.settings
    from deliveries d
    join connections c on c.id = d.connection_id
    join todo t on t.stage = 'normalize' and t.ref = d.id and t.held is null
    where d.id = any(${refs.map(String)}::bigint[]) order by d.id`;
}

async function normalizeOne(row: DeliveryRow, deps: WorkerDeps): Promise<Result> {
  const connector = deps.sales.get(row.connector);
  try {
    if (!connector)
      throw new ConnectorError('unsupported', `No connector "${row.connector}" is installed.`, {
        code: 'CONNECTOR_UNKNOWN',
      });
    const normalized = await normalizeWithFetches(row, connector, deps);
    if ('events' in normalized) return { outcome: 'normalized', events: normalized.events };
    return { outcome: 'ignored', reason: normalized.ignored, notice: normalized.notice };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

async function normalizeWithFetches(
  row: DeliveryRow,
  connector: SalesConnector,
  deps: WorkerDeps,
): Promise<Normalized> {
  const fetched: Record<string, string> = {};
  for (let fetches = 0; ; fetches += 1) {
    const normalized = connector.normalize(row, { settings: row.settings, fetched });
    if ('events' in normalized || normalized.needs === undefined || connector.fetch === undefined) return normalized;
    if (fetches === MOST_FETCHES || normalized.needs in fetched) return normalized;
    const api = await deps.access.api(row.connectionId);
    fetched[normalized.needs] = await connector.fetch(normalized.needs, row, api);
  }
}

async function write(rows: DeliveryRow[], results: Map<bigint, Result>, deps: WorkerDeps): Promise<void> {
  const now = deps.clock();
  const posts = await deps.sql.begin(async (tx) => {
    const claimed = new Map(
      (
        await claim(
          tx,
          'normalize',
          rows.map((row) => row.id),
        )
      ).map((owed) => [owed.ref, owed]),
    );
    const fresh: bigint[] = [];
    for (const row of rows) {
      const owed = claimed.get(row.id);
      const result = results.get(row.id);
      if (owed && result) fresh.push(...(await settle(tx, row, owed, result, now, deps)));
    }
    return fresh;
  });
  const companyId = rows[0]?.companyId;
  if (companyId !== undefined) await ring(deps, 'post', companyId, posts);
}

async function settle(
  tx: Tx,
  row: DeliveryRow,
  owed: Owed,
  result: Result,
  now: Date,
  deps: WorkerDeps,
): Promise<bigint[]> {
  if (result.outcome === 'failed') {
    await refuse(tx, row, owed, result.error, now, deps);
    return [];
  }
  if (result.outcome === 'ignored') {
    await mark(tx, row.id, 'ignored', result.reason, result.notice?.code ?? null);
    if (result.notice) await heed(tx, row, result.notice, now);
    return [];
  }
  const fresh: bigint[] = [];
  for (const event of result.events) {
    const id = await storeEvent(tx, row, event, now);
    if (id !== null) fresh.push(id);
  }
  await owe(tx, 'post', row.companyId, fresh, now);
  await tx`update deliveries set state = 'normalized', reason = null, code = null where id = ${row.id} and state <> 'failed'`;
  return fresh;
}

/** Stores one revision of a fact; null when it is known already, test money, or contradicts what is known. */
async function storeEvent(tx: Tx, row: DeliveryRow, event: CanonicalEvent, now: Date): Promise<bigint | null> {
  const hash = eventHash(event);
  const saleId = 'sale' in event && event.sale ? event.sale.id : null;
  const [stored] = await tx<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload, sale_id,
                        occurred_at, recorded_at, state)
    values (${row.companyId}, ${row.connectionId}, ${row.id}, ${event.type}, ${event.id}, ${event.revision}, ${hash},
            ${toWire(event)}, ${saleId}, ${event.occurredAt}, ${now}, ${event.test ? 'test' : 'pending'})
    on conflict (connection_id, type, source_id, revision) do nothing returning id`;
  if (stored) return event.test ? null : stored.id;
  const [known] = await tx<{ contentHash: string }[]>`
    select content_hash as "contentHash" from events where connection_id = ${row.connectionId} and type = ${event.type}
      and source_id = ${event.id} and revision = ${event.revision}`;
  if (known?.contentHash !== hash) await conflict(tx, row, event, now);
  return null;
}

async function conflict(tx: Tx, row: DeliveryRow, event: CanonicalEvent, now: Date): Promise<void> {
  const subject = `${event.type} ${event.order?.number ?? event.id} revision ${event.revision}`;
  const message = `${subject} arrived twice with different content. The first version stays booked; compare the two deliveries and replay the right one.`;
  await openIssue(
    tx,
    { companyId: row.companyId, connectionId: row.connectionId, code: 'SOURCE_KEY_CONFLICT', message, subject },
    now,
  );
  await mark(tx, row.id, 'failed', message, 'SOURCE_KEY_CONFLICT');
}

async function heed(tx: Tx, row: DeliveryRow, notice: Notice, now: Date): Promise<void> {
  if (notice.code === 'disconnected')
    await tx`update connections set state = 'disconnected' where id = ${row.connectionId}`;
  await openIssue(
    tx,
    {
      companyId: row.companyId,
      connectionId: row.connectionId,
      code: notice.code.toUpperCase(),
      message: notice.message,
      subject: `${row.topic} ${row.eventId}`,
    },
    now,
  );
}

/** A payload that can never become events is refused in plain sight; a passing fault is tried again. */
async function refuse(
  tx: Tx,
  row: DeliveryRow,
  owed: Owed,
  error: unknown,
  now: Date,
  deps: WorkerDeps,
): Promise<void> {
  const verdict = judge(error, {
    attempts: owed.attempts,
    about: `Delivery ${row.id} (${row.topic})`,
    random: deps.random,
  });
  const final = error instanceof DomainError || (error instanceof ConnectorError && error.kind === 'rejected');
  await mark(tx, row.id, final ? 'refused' : 'failed', describe(error), verdict.code);
  const held = verdict.action === 'hold' ? await openIssue(tx, finding(row, verdict), now) : undefined;
  if (final) return;
  const delayMs = verdict.action === 'retry' ? verdict.delayMs : 0;
  await putBack(tx, 'normalize', owed, {
    dueAt: new Date(now.getTime() + delayMs),
    attempts: owed.attempts + 1,
    ...(held && { held }),
  });
}

function finding(row: DeliveryRow, verdict: Extract<Verdict, { action: 'hold' }>) {
  return {
    companyId: row.companyId,
    connectionId: row.connectionId,
    code: verdict.code,
    message: verdict.message,
    subject: verdict.subject,
  };
}

async function failed(row: DeliveryRow, error: unknown, deps: WorkerDeps): Promise<void> {
  const now = deps.clock();
  const [owed] = await deps.sql<
    { attempts: number }[]
  >`select attempts from todo where stage = 'normalize' and ref = ${row.id}`;
  const attempts = owed?.attempts ?? 0;
  const verdict = judge(error, { attempts, about: `Delivery ${row.id} (${row.topic})`, random: deps.random });
  await mark(deps.sql, row.id, 'failed', describe(error), verdict.code);
  const held = verdict.action === 'hold' ? fingerprint(finding(row, verdict)) : undefined;
  if (verdict.action === 'hold') await openIssue(deps.sql, finding(row, verdict), now);
  const delayMs = verdict.action === 'retry' ? verdict.delayMs : 0;
  await postpone(deps.sql, 'normalize', row.id, {
    dueAt: new Date(now.getTime() + delayMs),
    attempts: attempts + 1,
    ...(held && { held }),
  });
}

async function mark(
  sql: Tx | WorkerDeps['sql'],
  id: bigint,
  state: string,
  reason: string,
  code: string | null,
): Promise<void> {
  await sql`update deliveries set state = ${state}, reason = ${reason}, code = ${code} where id = ${id}`;
}
