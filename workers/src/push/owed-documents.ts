import type { BookDocument } from '@daybook/domain';
import type { Sql, Tx } from '@daybook/platform/db';
import { inScope } from '../undo/undos.ts';
import { reviveDocument } from './revive.ts';

/** A document that is due to be pushed, or whose fate is not known. */
export interface OwedDocument {
  id: bigint;
  state: 'pending' | 'sending' | 'unknown' | 'rejected' | 'held';
  attempts: number;
  document: BookDocument;
  /** Connection of the channel it comes from. */
  channel: string | null;
}

export interface BooksConnection {
  id: string;
  companyId: string;
  connector: string;
  label: string;
  state: string;
  pausedUntil: Date | null;
}

/** The connection documents go to; null when it is gone. */
export async function readBooksConnection(sql: Sql, id: string): Promise<BooksConnection | null> {
  const [row] = await sql<BooksConnection[]>`
    select id, company_id as "companyId", connector, label, state, paused_until as "pausedUntil"
    from connections where id = ${id} and kind = 'accounting'`;
  return row ?? null;
}

/**
 * Documents due now, oldest first, whose predecessors (the invoice of a payment) are in the books already. Uncertain
 * ones come first: nothing new is sent while the fate of something older is open.
 */
export async function dueDocuments(sql: Sql, connectionId: string, now: Date, limit: number): Promise<OwedDocument[]> {
  const rows = await sql<(Omit<OwedDocument, 'document'> & { payload: unknown })[]>`
    select d.id, d.state, t.attempts, d.payload, ${channelOf(sql)} as channel
    from todo t join documents d on d.id = t.ref
    where t.stage = 'push' and t.connection_id = ${connectionId} and t.held is null and t.due_at <= ${now}
      and (d.state in ('sending', 'unknown') or not ${isUndone(sql)})
      and not exists (
        select 1 from documents p
        where p.connection_id = d.connection_id and p.state <> 'pushed' and (
          (d.kind = 'payment' and p.kind = d.payload->'settles'->>'kind' and p.number = d.payload->'settles'->>'number') or
          (d.kind = 'allocation' and p.kind = 'credit_note' and p.number = d.payload->>'creditNote') or
          (d.kind = 'allocation' and p.kind = 'invoice' and p.number = d.payload->>'invoice')))
    order by (d.state not in ('sending', 'unknown')), t.priority, d.id limit ${limit}`;
  return rows.map(({ payload, ...row }) => ({ ...row, document: reviveDocument(payload) }));
}

/**
 * What is uncertain together with these: members of their requests whose own retry is not due yet. Without them a
 * request could not be replayed byte for byte (recover.ts).
 */
export async function uncertainWith(sql: Sql, uncertain: readonly OwedDocument[]): Promise<OwedDocument[]> {
  const ids = uncertain.map(({ id }) => String(id));
  const rows = await sql<(Omit<OwedDocument, 'document'> & { payload: unknown })[]>`
    select d.id, d.state, t.attempts, d.payload, ${channelOf(sql)} as channel
    from documents d join todo t on t.stage = 'push' and t.ref = d.id and t.held is null
    where d.state in ('sending', 'unknown') and d.id <> all(${ids}::bigint[]) and d.id in (
      select unnest(a.document_ids) from push_attempts a
      where a.document_ids && ${ids}::bigint[] and a.outcome in ('sent', 'unknown'))
    order by d.id`;
  return [...uncertain, ...rows.map(({ payload, ...row }) => ({ ...row, document: reviveDocument(payload) }))];
}

/** Whether a document `d` lies in a scope that was taken out and not pushed again: nothing of it is pushed meanwhile. */
function isUndone(sql: Sql) {
  return sql`exists (select 1 from undos u where u.reposted_at is null and ${inScope(sql)})`;
}

/** Connection of the channel whose event or summary owes a document `d`. */
export function channelOf(sql: Sql) {
  return sql`
    coalesce((select e.connection_id from events e where e.id = d.event_id),
             (select s.connection_id from summaries s where s.id = d.summary_id))::text`;
}

/** When the next document of the connection becomes due; null when none is waiting for time alone. */
export async function nextDue(sql: Sql, connectionId: string): Promise<Date | null> {
  const [row] = await sql<{ dueAt: Date | null }[]>`
    select min(t.due_at) as "dueAt" from todo t
    where t.stage = 'push' and t.connection_id = ${connectionId} and t.held is null`;
  return row?.dueAt ?? null;
}

/** Moves documents to a state; the reason is for people. */
export async function markDocuments(
  sql: Sql | Tx,
  ids: readonly bigint[],
  state: string,
  why: { code: string; reason: string } | null,
): Promise<void> {
  await sql`
    update documents set state = ${state}, reason = ${why?.reason ?? null}, code = ${why?.code ?? null}
    where id = any(${ids.map(String)}::bigint[])`;
}
