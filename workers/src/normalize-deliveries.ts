import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Notice } from '@daybook/connectors/kit/contract';
import { type CanonicalEvent, DomainError, eventHash, toWire } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { type DeliveryRow, normalizeAll, type Result } from './ask-connectors.ts';
import { BATCH } from './catalog.ts';
import type { WorkerDeps } from './deps.ts';
import { ring, ringForAll } from './doorbell.ts';
import { factId } from './fact-id.ts';
import { describe, isSlowDown, judge, type Verdict } from './failure.ts';
import { openIssue } from './issues.ts';
import { newestKnown, withRoom } from './known-revisions.ts';
import { claim, lease, type Owed, owe, putBack } from './owed.ts';

/**
 * Turns raw deliveries into canonical events. Connectors are asked before the transaction, so that no lock is held
 * while the network answers; the claim inside it decides who may write the result.
 */
export async function normalizeDeliveries(
  payload: { companyId: string; refs: string[] },
  deps: WorkerDeps,
): Promise<void> {
  let taken: number;
  do {
    taken = await normalizeBatch(payload.companyId, payload.refs.map(BigInt), deps);
    // A job that names nothing was rung for everything that is due.
  } while (payload.refs.length === 0 && taken === BATCH);
}

/** Normalises one batch; answers how many deliveries it took. */
async function normalizeBatch(companyId: string, named: bigint[], deps: WorkerDeps): Promise<number> {
  const refs = await lease(deps.sql, 'normalize', companyId, named, BATCH, deps.clock());
  const rows = await read(deps, refs);
  const results = await normalizeAll(rows, deps);
  try {
    await write(rows, results, deps);
  } catch (error) {
    if (rows.length === 1) await failed(rows[0] as DeliveryRow, error, deps);
    else for (const row of rows) await write([row], results, deps).catch((each: unknown) => failed(row, each, deps));
  }
  return refs.length;
}

async function read(deps: WorkerDeps, refs: bigint[]): Promise<DeliveryRow[]> {
  return deps.sql<DeliveryRow[]>`
    select d.id, d.company_id as "companyId", d.connection_id as "connectionId", d.event_id as "eventId", d.topic,
           d.headers, d.body, d.via, c.connector, c.settings
    from deliveries d
    join connections c on c.id = d.connection_id
    join todo t on t.stage = 'normalize' and t.ref = d.id and t.held is null
    where d.id = any(${refs.map(String)}::bigint[]) order by d.id`;
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
    const fresh = { live: [] as bigint[], imported: [] as bigint[] };
    for (const row of rows) {
      const owed = claimed.get(row.id);
      const result = results.get(row.id);
      if (!owed || !result) continue;
      const made = await settle(tx, row, owed, result, now, deps);
      (owed.priority === 0 ? fresh.live : fresh.imported).push(...made);
    }
    return fresh;
  });
  const companyId = rows[0]?.companyId;
  if (companyId === undefined) return;
  await ring(deps, 'post', companyId, posts.live);
  // An import's events are never named, so that live ones that are due go before them.
  if (posts.imported.length > 0) await ringForAll(deps, 'post', companyId);
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
    const [heeded] = await tx`select 1 from deliveries where id = ${row.id} and state = 'ignored'`;
    await mark(tx, row.id, 'ignored', result.reason, result.notice?.code ?? null);
    // Read again later, it must not end a connection that was made anew since.
    if (result.notice && !heeded) await heed(tx, row, result.notice, now);
    return [];
  }
  const fresh: bigint[] = [];
  const doubtful: CanonicalEvent[] = [];
  for (const event of result.events) {
    const stored =
      result.reread && (await overtaken(tx, row, event, result.askedAt))
        ? 'contradicts'
        : await storeEvent(tx, row, result.reread ? await withRoom(tx, row, event) : event, now);
    if (stored === 'contradicts') doubtful.push(event);
    else if (stored !== 'known') fresh.push(stored);
  }
  // Something of the same batch, or of another worker's meanwhile, contradicts it: looked at once more, now that both
  // can be compared, the provider is asked.
  if (doubtful.length > 0 && (result.askable || result.reread)) {
    await owe(tx, 'post', row.companyId, fresh, now, { priority: owed.priority });
    await putBack(tx, 'normalize', owed, { dueAt: now, attempts: owed.attempts });
    return fresh;
  }
  await owe(tx, 'post', row.companyId, fresh, now, { priority: owed.priority });
  await tx`update deliveries set state = 'normalized', reason = null, code = null where id = ${row.id}`;
  for (const event of doubtful) await conflict(tx, row, event, now);
  return fresh;
}

/** Whether another state of the same revision was recorded while the provider was asked: which is newer is not known. */
async function overtaken(tx: Tx, row: DeliveryRow, event: CanonicalEvent, askedAt: Date): Promise<boolean> {
  const known = await newestKnown(tx, row, event);
  if (known?.revision !== event.revision || known.contentHash === eventHash(event)) return false;
  return known.recordedAt > askedAt;
}

/** Remembers that the other way told of a known fact too (coverage.ts). */
async function noteTold(tx: Tx, row: DeliveryRow, event: CanonicalEvent, now: Date): Promise<void> {
  const told = tx(row.via === 'webhook' ? 'told_by_webhook' : 'told_by_poll');
  await tx`
    update events set ${told} = ${now} where connection_id = ${row.connectionId} and type = ${event.type}
      and source_id = ${factId(event)} and revision = ${event.revision} and ${told} is null`;
}

/** Stores one revision of a fact and answers its id when it has to be posted. */
async function storeEvent(
  tx: Tx,
  row: DeliveryRow,
  event: CanonicalEvent,
  now: Date,
): Promise<bigint | 'known' | 'contradicts'> {
  const hash = eventHash(event);
  const saleId = 'sale' in event && event.sale ? event.sale.id : null;
  const [stored] = await tx<{ id: bigint }[]>`
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload, sale_id,
                        occurred_at, recorded_at, state, told_by_webhook, told_by_poll)
    values (${row.companyId}, ${row.connectionId}, ${row.id}, ${event.type}, ${factId(event)}, ${event.revision}, ${hash},
            ${toWire(event)}, ${saleId}, ${event.occurredAt}, ${now}, ${event.test ? 'test' : 'pending'},
            ${row.via === 'webhook' ? now : null}, ${row.via === 'webhook' ? null : now})
    on conflict (connection_id, type, source_id, revision) do nothing returning id`;
  if (!stored) await noteTold(tx, row, event, now);
  if (stored) return event.test ? 'known' : stored.id;
  const known = await newestKnown(tx, row, event);
  // Of an older state nobody needs to know whether it was told the same way twice.
  const settled = known === null || known.revision > event.revision || known.hashes.includes(hash);
  return settled ? 'known' : 'contradicts';
}

async function conflict(tx: Tx, row: DeliveryRow, event: CanonicalEvent, now: Date): Promise<void> {
  const subject = `${event.type} ${event.order?.number ?? event.id} revision ${event.revision}`;
  const message = `${subject} arrived twice with different content. The first version stays booked; compare the two deliveries and replay the right one.`;
  await openIssue(
    tx,
    { companyId: row.companyId, connectionId: row.connectionId, code: 'SOURCE_KEY_CONFLICT', message, subject },
    now,
  );
  await mark(tx, row.id, 'refused', message, 'SOURCE_KEY_CONFLICT');
}

async function heed(tx: Tx, row: DeliveryRow, notice: Notice, now: Date): Promise<void> {
  if (notice.sale !== undefined && !(await isKnownSale(tx, row, notice.sale))) return;
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

async function isKnownSale(tx: Tx, row: DeliveryRow, sale: string): Promise<boolean> {
  const [known] = await tx`
    select 1 from events where connection_id = ${row.connectionId} and type = 'sale' and source_id = ${sale} limit 1`;
  return known !== undefined;
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
  await mark(tx, row.id, final ? 'refused' : isSlowDown(error) ? 'received' : 'failed', describe(error), verdict.code);
  const held = verdict.action === 'hold' ? await openIssue(tx, finding(row, verdict), now) : undefined;
  if (final) return;
  const delayMs = verdict.action === 'retry' ? verdict.delayMs : 0;
  await putBack(tx, 'normalize', owed, {
    dueAt: new Date(now.getTime() + delayMs),
    attempts: isSlowDown(error) ? owed.attempts : owed.attempts + 1,
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

/** Notes that writing a result down failed, unless it was written after all: by another worker, or with the reply lost. */
async function failed(row: DeliveryRow, error: unknown, deps: WorkerDeps): Promise<void> {
  await deps.sql.begin(async (tx) => {
    const [owed] = await claim(tx, 'normalize', [row.id]);
    if (owed) await refuse(tx, row, owed, error, deps.clock(), deps);
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
