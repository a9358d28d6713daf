import type { Sql, Tx } from '@daybook/platform/db';

export type Stage = 'normalize' | 'post' | 'push';

/** A piece of work from the queue of record. */
export interface Owed {
  ref: bigint;
  companyId: string;
  connectionId: string | null;
  attempts: number;
  /** 0 = live traffic, 1 = a backfill's. */
  priority: number;
}

/**
 * Takes work in the transaction that does it: rows another worker has are skipped, and a rollback gives everything
 * back. Held work is left alone.
 */
export async function claim(tx: Tx, stage: Stage, refs: readonly bigint[]): Promise<Owed[]> {
  return tx<Owed[]>`
    delete from todo where id in (
      select id from todo where stage = ${stage} and ref = any(${refs.map(String)}::bigint[]) and held is null
      order by id for update skip locked
    ) returning ref, company_id as "companyId", connection_id as "connectionId", attempts, priority`;
}

/**
 * Puts claimed work back for later, inside the claiming transaction. `held` names the issue a person has to solve
 * first.
 */
export async function putBack(
  tx: Tx,
  stage: Stage,
  owed: Owed,
  later: { dueAt: Date; attempts: number; held?: string },
): Promise<void> {
  await tx`
    insert into todo (company_id, connection_id, stage, ref, attempts, priority, due_at, held)
    values (${owed.companyId}, ${owed.connectionId}, ${stage}, ${owed.ref}, ${later.attempts}, ${owed.priority}, ${later.dueAt},
            ${later.held ?? null})
    on conflict (stage, ref) do update set attempts = excluded.attempts, due_at = excluded.due_at, held = excluded.held`;
}

/** Notes a failed attempt at work that nobody holds right now. */
export async function postpone(
  sql: Sql | Tx,
  stage: Stage,
  ref: bigint,
  later: { dueAt: Date; attempts: number; held?: string },
): Promise<void> {
  await sql`
    update todo set attempts = ${later.attempts}, due_at = ${later.dueAt}, held = ${later.held ?? null}
    where stage = ${stage} and ref = ${ref}`;
}

/** Work is owed from now on. */
export async function owe(
  tx: Sql | Tx,
  stage: Stage,
  companyId: string,
  refs: readonly bigint[],
  dueAt: Date,
  kind: { connectionId?: string | null; priority?: number } = {},
): Promise<void> {
  if (refs.length === 0) return;
  await tx`
    insert into todo (company_id, connection_id, stage, ref, priority, due_at)
    select ${companyId}, ${kind.connectionId ?? null}::uuid, ${stage}, ref, ${kind.priority ?? 0}, ${dueAt} from unnest(${refs.map(String)}::bigint[]) as ref
    on conflict (stage, ref) do update set due_at = excluded.due_at, held = null, attempts = 0`;
}

/** How long leased work is left to whoever leased it; when that process dies the work is due again. */
const LEASE_MS = 60_000;

/**
 * Takes more due work of a company on top of what a job names, so that batches grow with the backlog (performance.md
 * 7.5). Leased rows are not due for anybody else for a minute.
 */
export async function lease(
  sql: Sql,
  stage: Stage,
  companyId: string,
  named: readonly bigint[],
  most: number,
  now: Date,
): Promise<bigint[]> {
  if (named.length >= most) return [...named];
  const more = await sql<{ ref: bigint }[]>`
    update todo set due_at = ${new Date(now.getTime() + LEASE_MS)} where id in (
      select id from todo
      where stage = ${stage} and company_id = ${companyId} and held is null and due_at <= ${now}
        and ref <> all(${named.map(String)}::bigint[])
      order by priority, id limit ${most - named.length} for update skip locked)
    returning ref`;
  return [...named, ...more.map((row) => row.ref)];
}
