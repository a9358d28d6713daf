import { type CompanySettings, DomainError } from '@daybook/domain';
import { noteChange } from '@daybook/ledger/calendar-changes';
import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from './deps.ts';
import { replay } from './replay.ts';

/** A late fact that waits for a person (accounting.md G6). */
export interface HeldEvent {
  id: bigint;
  type: string;
  sourceId: string;
  occurredAt: Date;
  /** What it is, which day is closed, and what to do. */
  reason: string;
}

/** Late facts of a company that are held for approval, oldest first. */
export async function heldEvents(sql: Sql, companyId: string): Promise<HeldEvent[]> {
  return sql<HeldEvent[]>`
    select id, type, source_id as "sourceId", occurred_at as "occurredAt", reason from events
    where company_id = ${companyId} and state = 'waiting' and code = 'LATE_EVENT_HELD' order by occurred_at, id`;
}

/**
 * Lets a held late fact into the first open period: it is due at once. Approving it twice changes nothing. Throws
 * REASON_REQUIRED, and EVENT_INVALID when the company holds no such fact.
 */
export async function approveLate(
  companyId: string,
  { eventId, by, reason }: { eventId: bigint; by: string; reason: string | undefined },
  deps: WorkerDeps,
): Promise<void> {
  if (!reason) throw new DomainError('REASON_REQUIRED', `Say why event ${eventId} is booked late.`, String(eventId));
  const now = deps.clock();
  await deps.sql.begin(async (tx) => {
    const [event] = await tx<{ code: string | null }[]>`
      select code from events where id = ${eventId} and company_id = ${companyId} for update`;
    const [approved] = await tx`select 1 from late_approvals where event_id = ${eventId}`;
    if (approved) return;
    if (event?.code !== 'LATE_EVENT_HELD') {
      const message = `Event ${eventId} is not held as a late fact. See the list of held facts.`;
      throw new DomainError('EVENT_INVALID', message, String(eventId));
    }
    await tx`
      insert into late_approvals (company_id, event_id, approved_at, approved_by, reason)
      values (${companyId}, ${eventId}, ${now}, ${by}, ${reason})`;
    const change = { kind: 'late_event' as const, subject: String(eventId), before: 'held', after: 'approved' };
    await noteChange(tx, companyId, change, { by, reason, now });
  });
  await replay(deps, { deliveries: [], events: [eventId], documents: [] });
}

/** Says what becomes of facts of channels whose day is closed, from now on; what is held already stays held. */
export async function setLatePolicy(
  sql: Sql,
  companyId: string,
  policy: NonNullable<CompanySettings['lateEventPolicy']>,
): Promise<void> {
  await sql`
    update companies set settings = settings || ${sql.json({ lateEventPolicy: policy })} where id = ${companyId}`;
}

/**
 * Tries again what waits because its day was closed: to be called when a period, a lock date or a fiscal year was
 * opened. Answers how many facts are due again; those that are still closed wait on.
 */
export async function resumeClosed(companyId: string, deps: WorkerDeps): Promise<number> {
  const rows = await deps.sql<{ id: bigint }[]>`
    select id from events where company_id = ${companyId} and state in ('waiting', 'failed')
      and code in ('PERIOD_CLOSED', 'LATE_EVENT_HELD', 'LATE_EVENT_REJECTED') order by id`;
  const events = rows.map(({ id }) => id);
  if (events.length > 0) await replay(deps, { deliveries: [], events, documents: [] });
  return events.length;
}
