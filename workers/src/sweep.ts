import type { WorkerDeps } from './deps.ts';
import { ringBackfill, ringForAll, ringPush } from './doorbell.ts';

/** Work that has been due for this long without anyone taking it has lost its doorbell. */
const OVERDUE_MS = 3_000;

/**
 * Rings again for everything that is due and not held: a lost or flushed queue costs the time until the next sweep.
 * Also clears what has expired. Safe to run as often as one likes.
 */
export async function sweep(deps: WorkerDeps): Promise<{ rung: number }> {
  const before = new Date(deps.clock().getTime() - OVERDUE_MS);
  let rung = 0;
  for (const stage of ['normalize', 'post'] as const) {
    const rows = await deps.sql<{ companyId: string }[]>`
      select distinct company_id as "companyId" from todo
      where stage = ${stage} and held is null and due_at <= ${before}`;
    for (const { companyId } of rows) await ringForAll(deps, stage, companyId);
    rung += rows.length;
  }
  const pushes = await deps.sql<{ connectionId: string; count: bigint }[]>`
    select t.connection_id as "connectionId", count(*) as count from todo t join connections c on c.id = t.connection_id
    where t.stage = 'push' and t.held is null and t.due_at <= ${before} and c.state = 'active'
      and (c.paused_until is null or c.paused_until <= ${deps.clock()})
    group by t.connection_id
    union all select connection_id, 1 from undos where state = 'running'`;
  for (const { connectionId } of pushes) await ringPush(deps, connectionId);
  const imports = await deps.sql<
    { id: string }[]
  >`select id from backfills where state = 'running' and due_at <= ${before}`;
  for (const { id } of imports) await ringBackfill(deps, id);
  await deps.sql`delete from oauth_states where expires_at < ${deps.clock()}`;
  return { rung: rung + pushes.length + imports.length };
}
