import type { Queryable, Tx } from '@daybook/platform/db';

/** A change of the calendar or of an entry by a person, as the audit trail keeps it. */
export interface CalendarChange {
  kind: 'year' | 'period' | 'lock_date' | 'late_event' | 'entry';
  /** The year's label, the period's first day, the lock date's name, the event or the entry. */
  subject: string;
  before: string | null;
  after: string | null;
}

/** Notes who changed what, when and why; such notes are never changed. */
export async function noteChange(
  tx: Tx,
  companyId: string,
  { kind, subject, before, after }: CalendarChange,
  { by, reason, now }: { by: string; reason?: string | undefined; now: Date },
): Promise<void> {
  await tx`
    insert into calendar_changes (company_id, changed_at, changed_by, kind, subject, before, after, reason)
    values (${companyId}, ${now}, ${by}, ${kind}, ${subject}, ${before}, ${after}, ${reason ?? null})`;
}

/** The audit trail of a company's calendar, newest first. */
export async function calendarChanges(
  sql: Queryable,
  companyId: string,
  limit = 200,
): Promise<(CalendarChange & { changedAt: Date; changedBy: string; reason: string | null })[]> {
  return sql<(CalendarChange & { changedAt: Date; changedBy: string; reason: string | null })[]>`
    select kind, subject, before, after, changed_at as "changedAt", changed_by as "changedBy", reason
    from calendar_changes where company_id = ${companyId} order by id desc limit ${limit}`;
}
