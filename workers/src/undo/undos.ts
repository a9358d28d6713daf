import type { Sql, Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { ringPush } from '../doorbell.ts';
import { closeIdle } from '../issues.ts';
import { owe } from '../owed.ts';

/**
 * Documents of one set of books that are taken out again: those dated in a range, or those of one event with all its
 * revisions.
 */
export interface UndoScope {
  connectionId: string;
  from?: string | undefined;
  to?: string | undefined;
  eventId?: bigint | undefined;
}

export interface Undo {
  id: string;
  companyId: string;
  connectionId: string;
  fromDate: string | null;
  toDate: string | null;
  eventId: bigint | null;
  state: 'running' | 'done' | 'failed';
  reason: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  repostedAt: Date | null;
  /** Documents in its scope that are still in the books, and those taken out. */
  left: number;
  undone: number;
}

/** Why an undo could not be started or changed. */
export class UndoRefused extends Error {
  override name = 'UndoRefused';
}

/** What an undo would take out: how many documents, and the total of invoices and credit notes per currency. */
export interface UndoPlan {
  documents: number;
  amounts: { kind: string; currency: string; count: number; amount: bigint }[];
}

/** Counts what is in scope; writes nothing. Throws UndoRefused for a scope that names nothing. */
export async function planUndo(sql: Sql, scope: UndoScope): Promise<UndoPlan> {
  await checkScope(sql, scope);
  const amounts = await sql<UndoPlan['amounts']>`
    select d.kind, d.currency, count(*)::int as count, sum(d.amount)::bigint as amount
    from documents d, (select ${scope.connectionId}::uuid as connection_id, ${scope.from ?? null}::date as from_date,
      ${scope.to ?? null}::date as to_date, ${scope.eventId === undefined ? null : String(scope.eventId)}::bigint as event_id) u
    where d.state = 'pushed' and ${inScope(sql)} group by d.kind, d.currency order by d.kind, d.currency`;
  return { documents: amounts.reduce((total, { count }) => total + count, 0), amounts };
}

/**
 * Starts taking documents out of the books: what settles others first, newest first. Until they are pushed again
 * nothing of the scope is pushed. Throws UndoRefused when the scope names nothing or another undo of these books is
 * under way.
 */
export async function startUndo(scope: UndoScope, deps: WorkerDeps): Promise<Undo> {
  const { sql } = deps;
  await checkScope(sql, scope);
  const id = await sql.begin(async (tx) => {
    // The row lock lets one undo of these books start at a time.
    const [connection] = await tx<{ companyId: string }[]>`
      select company_id as "companyId" from connections
      where id::text = ${scope.connectionId} and kind = 'accounting' for no key update`;
    if (!connection) throw new UndoRefused('There are no such books.');
    const [row] = await tx<{ id: string }[]>`
      insert into undos (company_id, connection_id, from_date, to_date, event_id, started_at)
      select ${connection.companyId}, ${scope.connectionId}, ${scope.from ?? null}::date, ${scope.to ?? null}::date,
             ${scope.eventId === undefined ? null : String(scope.eventId)}::bigint, ${deps.clock()}
      where not exists (select 1 from undos where connection_id = ${scope.connectionId} and state <> 'done') returning id`;
    if (!row) throw new UndoRefused('Another undo of these books is not finished. Finish it first.');
    await lookUpHeld(tx, row.id, deps.clock());
    return row.id;
  });
  await ringPush(deps, scope.connectionId);
  return (await readUndo(sql, id)) as Undo;
}

/** Documents whose fate is not known and that wait for a person are looked up now: they may have to come out, too. */
async function lookUpHeld(tx: Tx, undoId: string, now: Date): Promise<void> {
  const freed = await tx<{ companyId: string; held: string | null }[]>`
    update todo set held = null, due_at = ${now}, attempts = 0 from (
      select t.id, t.held from todo t join documents d on d.id = t.ref, undos u
      where t.stage = 'push' and t.held is not null and d.state in ('sending', 'unknown') and u.id = ${undoId} and ${inScope(tx)}
    ) as waiting where todo.id = waiting.id returning company_id as "companyId", waiting.held`;
  await closeIdle(tx, freed, now);
}

async function checkScope(sql: Sql, { from, to, eventId }: UndoScope): Promise<void> {
  // An empty filter never means everything.
  if (eventId === undefined && (from === undefined || to === undefined))
    throw new UndoRefused('Name an event, or the first and the last date of the documents.');
  if (from !== undefined && to !== undefined && from > to) throw new UndoRefused('The range ends before it begins.');
  if (eventId === undefined) return;
  const [shared] = await sql<{ day: string }[]>`
    select s.day::text as day from receipts r join summaries s on s.id = r.summary_id
    where r.event_id = ${String(eventId)} order by r.id limit 1`;
  if (shared)
    throw new UndoRefused(
      `This event is a receipt in the daily summary of ${shared.day} and has no documents of its own. Undo that day.`,
    );
}

/** Goes on with an undo that a refusal stopped, after a person mended the cause. */
export async function resumeUndo(id: string, deps: WorkerDeps): Promise<Undo> {
  await deps.sql`update undos set state = 'running', reason = null where id::text = ${id} and state = 'failed'`;
  const undo = found(await readUndo(deps.sql, id));
  await ringPush(deps, undo.connectionId);
  return undo;
}

/** Owes everything that was taken out again, and lets the scope be pushed as always. */
export async function repost(id: string, deps: WorkerDeps): Promise<Undo> {
  const undo = found(await readUndo(deps.sql, id));
  if (undo.state === 'running') throw new UndoRefused('It is still under way.');
  await deps.sql.begin(async (tx: Tx) => {
    const rows = await tx<{ id: bigint }[]>`
      update documents set state = 'pending', remote_id = null, remote_url = null, reason = null, code = null, undo_id = null
      where undo_id = ${undo.id} and state = 'undone' returning id`;
    const ids = rows.map((row) => row.id);
    await owe(tx, 'push', undo.companyId, ids, deps.clock(), { connectionId: undo.connectionId });
    await tx`
      update undos set reposted_at = coalesce(reposted_at, ${deps.clock()}), state = 'done', finished_at = coalesce(finished_at, ${deps.clock()})
      where id = ${undo.id}`;
  });
  await ringPush(deps, undo.connectionId);
  return found(await readUndo(deps.sql, id));
}

function found(undo: Undo | null): Undo {
  if (undo) return undo;
  throw new UndoRefused('There is no such undo.');
}

/** One undo with its counts; null when there is none. */
export async function readUndo(sql: Sql, id: string): Promise<Undo | null> {
  const [row] = await sql<Undo[]>`${selectUndos(sql)} where u.id::text = ${id}`;
  return row ?? null;
}

/** Undos of a company (of all without one), newest first. */
export async function listUndos(sql: Sql, companyId: string | undefined): Promise<Undo[]> {
  return sql<Undo[]>`
    ${selectUndos(sql)} where true ${companyId === undefined ? sql`` : sql`and u.company_id = ${companyId}`}
    order by u.started_at desc limit 100`;
}

function selectUndos(sql: Sql) {
  return sql`
    select u.id, u.company_id as "companyId", u.connection_id as "connectionId", u.from_date::text as "fromDate",
           u.to_date::text as "toDate", u.event_id as "eventId", u.state, u.reason, u.started_at as "startedAt",
           u.finished_at as "finishedAt", u.reposted_at as "repostedAt",
           (select count(*)::int from documents d where u.reposted_at is null and d.state = 'pushed' and ${inScope(sql)}) as left,
           (select count(*)::int from documents d where d.undo_id = u.id and d.state = 'undone') as undone
    from undos u`;
}

/** Whether document `d` is in the scope of undo `u`, or settles one that is: it cannot stay without it. */
export function inScope(sql: Sql | Tx) {
  const named = (document: string) => sql`
    ((u.event_id is null and ${sql(document)}.date between u.from_date and u.to_date) or exists (
      select 1 from events a join events b using (connection_id, type, source_id)
      where a.id = u.event_id and b.id = ${sql(document)}.event_id))`;
  return sql`
    d.connection_id = u.connection_id and (${named('d')} or (d.kind in ('payment', 'allocation') and exists (
      select 1 from documents t where t.connection_id = d.connection_id and ${settles(sql)} and ${named('t')})))`;
}

/** Whether document `d` is a payment or allocation of document `t` of the same books. */
export function settles(sql: Sql | Tx) {
  return sql`
    ((d.kind = 'payment' and t.kind = d.payload->'settles'->>'kind' and t.number = d.payload->'settles'->>'number')
      or (d.kind = 'allocation' and t.kind = 'credit_note' and t.number = d.payload->>'creditNote')
      or (d.kind = 'allocation' and t.kind = 'invoice' and t.number = d.payload->>'invoice'))`;
}
