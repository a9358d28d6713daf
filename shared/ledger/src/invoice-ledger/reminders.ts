import { DomainError } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import { overdue } from '../reports/overdue.ts';
import type { By } from './allocations.ts';

/** A reminder that an invoice has reached. */
export interface Reminder {
  item: bigint;
  level: number;
  reachedOn: string;
  sentAt: Date | null;
  sentBy: string | null;
  party: string | null;
  partyName: string | null;
  document: string | null;
  dueDate: string | null;
  currency: string;
  /** Open now, minor units of its currency. */
  openTc: bigint;
  pausedFor: string | null;
}

/**
 * Notes the reminders that overdue invoices have reached by a day (accounting.md E7): the highest level of each, once.
 * Items whose reminders rest are left out. Nothing is posted or sent. Answers how many are new.
 */
export async function raiseReminders(tx: Tx, companyId: string, day: string): Promise<number> {
  const { parties } = await overdue(tx, companyId, { date: day });
  const reached = parties.flatMap(({ items }) => items.filter(({ level, pausedFor }) => level > 0 && !pausedFor));
  if (reached.length === 0) return 0;
  const rows = await tx`
    insert into invoice_reminders (invoice_event, level, company_id, reached_on)
    select g.id, g.level, ${companyId}, ${day}::date
    from unnest(${reached.map(({ id }) => String(id))}::bigint[], ${reached.map(({ level }) => level)}::smallint[])
      as g(id, level)
    where not exists (select from invoice_reminders r where r.invoice_event = g.id and r.level >= g.level)
    on conflict do nothing returning 1`;
  return rows.length;
}

/** Reminders, newest first: those still to be sent for what is open and not paused, or all. */
export async function remindersOf(
  sql: Queryable,
  companyId: string,
  { all = false }: { all?: boolean } = {},
): Promise<Reminder[]> {
  return sql<Reminder[]>`
    select r.invoice_event as item, r.level, r.reached_on as "reachedOn", r.sent_at as "sentAt", r.sent_by as "sentBy",
      v.party, v.party_name as "partyName", v.document, v.due_date as "dueDate", v.currency, v.open_tc as "openTc",
      v.paused_for as "pausedFor"
    from invoice_reminders r join invoice_events v on v.id = r.invoice_event
    where r.company_id = ${companyId} and (${all} or (r.sent_at is null and v.open_tc <> 0 and v.paused_for is null
      and not exists (select from invoice_reminders n where n.invoice_event = r.invoice_event and n.level > r.level)))
    order by r.reached_on desc, v.party_name, v.due_date`;
}

/** Notes that a reminder was sent. Again is no change. Throws DomainError ITEM_UNKNOWN for one nobody has to send. */
export async function markReminderSent(
  tx: Tx,
  companyId: string,
  { item, level }: { item: bigint; level: number },
  { madeBy, now }: By,
): Promise<void> {
  const rows = await tx`
    update invoice_reminders set sent_at = coalesce(sent_at, ${now}), sent_by = coalesce(sent_by, ${madeBy})
    where company_id = ${companyId} and invoice_event = ${item} and level = ${level} returning 1`;
  if (rows.length > 0) return;
  throw new DomainError('ITEM_UNKNOWN', `Item ${item} has no reminder of level ${level}.`, String(item));
}
