import type { Sql, Tx } from '@daybook/platform/db';
import type { WorkerDeps } from './deps.ts';
import { ring, ringPush } from './doorbell.ts';
import { closeIdle } from './issues.ts';

/** Which failed work to do again. An empty filter never means everything (product.md 4.3). */
export interface ReplayFilter {
  companyId?: string | undefined;
  eventId?: bigint | undefined;
  deliveryId?: bigint | undefined;
  documentId?: bigint | undefined;
  /** Everything that failed, is held, refused or rejected. */
  failed?: boolean | undefined;
  /** Only failures with this code. */
  code?: string | undefined;
}

export interface ReplayPlan {
  deliveries: bigint[];
  events: bigint[];
  documents: bigint[];
}

/** Events that have come to their end: posting them again could only blur what the journal says of them. */
const BOOKED = ['posted', 'unchanged', 'superseded', 'test'];

/**
 * What a replay would do again; writes nothing. A delivery can always be read again; what is booked or pushed stays.
 */
export async function planReplay(sql: Sql, filter: ReplayFilter): Promise<ReplayPlan> {
  const company = filter.companyId === undefined ? sql`` : sql`and company_id = ${filter.companyId}`;
  const code = filter.code === undefined ? sql`` : sql`and code = ${filter.code}`;
  const pick = async (
    table: 'deliveries' | 'events' | 'documents',
    id: bigint | undefined,
    states: string[],
    done: string[],
  ): Promise<bigint[]> => {
    if (id === undefined && !filter.failed) return [];
    const which =
      id === undefined ? sql`state = any(${states}::text[])` : sql`id = ${id} and state <> all(${done}::text[])`;
    const rows = await sql<
      { id: bigint }[]
    >`select id from ${sql(table)} where ${which} ${company} ${code} order by id`;
    return rows.map((row) => row.id);
  };
  return {
    deliveries: await pick('deliveries', filter.deliveryId, ['failed', 'refused'], []),
    events: await pick('events', filter.eventId, ['failed', 'waiting', 'conflict'], BOOKED),
    documents: await pick('documents', filter.documentId, ['rejected', 'held', 'unknown'], ['pushed']),
  };
}

/**
 * Makes the planned work due again. Each stage then runs as always, so what is in the ledger or in the books already
 * stays once: a document whose fate is unknown is looked up first.
 */
export async function replay(
  deps: Pick<WorkerDeps, 'sql' | 'queues' | 'log' | 'clock'>,
  plan: ReplayPlan,
): Promise<void> {
  const now = deps.clock();
  const wake = await deps.sql.begin(async (tx) => {
    const held = await heldBy(tx, plan);
    const again = async (stage: string, ids: bigint[], table: string, connection: boolean) => tx<
      { ref: bigint; companyId: string; connectionId: string | null }[]
    >`
      insert into todo (company_id, connection_id, stage, ref, due_at)
      select company_id, ${connection ? tx`connection_id` : tx`null::uuid`}, ${stage}, id, ${now} from ${tx(table)}
      where id = any(${ids.map(String)}::bigint[])
      on conflict (stage, ref) do update set held = null, attempts = 0, due_at = excluded.due_at
      returning ref, company_id as "companyId", connection_id as "connectionId"`;
    const deliveries = await again('normalize', plan.deliveries, 'deliveries', false);
    const events = await again('post', plan.events, 'events', false);
    const documents = await again('push', plan.documents, 'documents', true);
    await tx`update documents set state = 'pending' where id = any(${plan.documents.map(String)}::bigint[]) and state in ('rejected', 'held')`;
    // Whoever replays says the cause is mended. If it is still there, the next failure opens its issue again.
    await closeIdle(tx, held, now);
    return { deliveries, events, documents };
  });
  for (const [companyId, rows] of Map.groupBy(wake.deliveries, (row) => row.companyId))
    await ring(
      deps,
      'normalize',
      companyId,
      rows.map((row) => row.ref),
    );
  for (const [companyId, rows] of Map.groupBy(wake.events, (row) => row.companyId))
    await ring(
      deps,
      'post',
      companyId,
      rows.map((row) => row.ref),
    );
  for (const connectionId of new Set(wake.documents.map((row) => row.connectionId as string)))
    await ringPush(deps, connectionId);
}

/** Fingerprints of the issues that hold the planned work. */
async function heldBy(tx: Tx, plan: ReplayPlan): Promise<{ companyId: string; held: string }[]> {
  return tx<{ companyId: string; held: string }[]>`
    select distinct company_id as "companyId", held from todo where held is not null and (
      (stage = 'normalize' and ref = any(${plan.deliveries.map(String)}::bigint[])) or
      (stage = 'post' and ref = any(${plan.events.map(String)}::bigint[])) or
      (stage = 'push' and ref = any(${plan.documents.map(String)}::bigint[])))`;
}
