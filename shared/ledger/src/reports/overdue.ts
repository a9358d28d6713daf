import { REMINDER_DAYS, reminderLevel } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { type AgedItem, aged } from './aged.ts';

/** An overdue item with the reminder it has reached; amounts in the company's currency, `openTc` in its own. */
export interface OverdueItem extends AgedItem {
  /** 0 where the first reminder is not due yet. */
  level: number;
  /** The highest reminder that was sent, and when; 0 for none. */
  sentLevel: number;
  sentAt: Date | null;
}

export interface OverdueParty {
  party: string | null;
  name: string;
  items: OverdueItem[];
  total: bigint;
}

/** accounting.md H9. */
export interface Overdue {
  currency: string;
  date: string;
  parties: OverdueParty[];
  total: bigint;
}

/**
 * What customers owe beyond its due date, per party with days and reminder level: the aged list without what is not due
 * and without unallocated credits (T8). Items whose reminders rest are in it and say why.
 */
export async function overdue(sql: Queryable, companyId: string, { date }: { date: string }): Promise<Overdue> {
  const { currency, parties } = await aged(sql, companyId, { date, side: 'receivable' });
  const limits = await reminderDays(sql, companyId);
  const sent = await sentReminders(sql, companyId);
  const listed = parties.flatMap(({ party, name, items }): OverdueParty[] => {
    const late = items.filter((item) => item.bucket !== 'not_due').map((item) => overdueItem(item, limits, sent));
    return late.length === 0 ? [] : [{ party, name, items: late, total: sumOf(late) }];
  });
  return { currency, date, parties: listed, total: listed.reduce((sum, { total }) => sum + total, 0n) };
}

/** Days overdue at which reminders are due. */
export async function reminderDays(sql: Queryable, companyId: string): Promise<readonly number[]> {
  const [row] = await sql<{ days: number[] | null }[]>`
    select settings->'reminderDays' as days from companies where id = ${companyId}`;
  return row?.days ?? REMINDER_DAYS;
}

interface Sent {
  level: number;
  sentAt: Date;
}

async function sentReminders(sql: Queryable, companyId: string): Promise<Map<bigint, Sent>> {
  const rows = await sql<(Sent & { id: bigint })[]>`
    select distinct on (invoice_event) invoice_event as id, level, sent_at as "sentAt" from invoice_reminders
    where company_id = ${companyId} and sent_at is not null order by invoice_event, level desc`;
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

function overdueItem(item: AgedItem, limits: readonly number[], sent: ReadonlyMap<bigint, Sent>): OverdueItem {
  const last = sent.get(item.id);
  const level = reminderLevel(item.daysOverdue, limits);
  return { ...item, level, sentLevel: last?.level ?? 0, sentAt: last?.sentAt ?? null };
}

function sumOf(items: readonly OverdueItem[]): bigint {
  return items.reduce((sum, { open }) => sum + open, 0n);
}
