import { DomainError } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { allocationsOf, type ListedAllocation, type ListedItem, listItems } from './listing.ts';

/** An item with its history: what settled it and was undone, what people edited, and the reminders it reached. */
export interface ItemHistory {
  item: ListedItem;
  allocations: ListedAllocation[];
  changes: { field: string; before: string | null; after: string | null; madeBy: string; madeAt: Date }[];
  reminders: { level: number; reachedOn: string; sentAt: Date | null; sentBy: string | null }[];
  /** Items that took it back, corrected it, or that it takes back or corrects, by id. */
  linked: { id: bigint; link: 'reverses' | 'reversed_by' | 'supersedes' | 'superseded_by' }[];
}

/** One item as of today with all that happened to it. Throws DomainError ITEM_UNKNOWN. */
export async function itemHistory(sql: Queryable, companyId: string, id: bigint): Promise<ItemHistory> {
  const date = '9999-12-31';
  const [item] = await listItems(sql, companyId, { view: 'all', date, ids: [id] });
  if (!item) throw new DomainError('ITEM_UNKNOWN', `The company's invoice ledger has no item ${id}.`, String(id));
  const allocations = (await allocationsOf(sql, companyId, [id], date)).get(id) ?? [];
  const changes = await sql<ItemHistory['changes']>`
    select field, before, after, made_by as "madeBy", made_at as "madeAt" from invoice_event_changes
    where invoice_event = ${id} order by id`;
  const reminders = await sql<ItemHistory['reminders']>`
    select level, reached_on as "reachedOn", sent_at as "sentAt", sent_by as "sentBy" from invoice_reminders
    where invoice_event = ${id} order by level`;
  const linked = await sql<ItemHistory['linked']>`
    select o.id, o.link from invoice_events v, lateral (
      select v.reverses as id, 'reverses' as link union all select v.supersedes, 'supersedes'
      union all select r.id, 'reversed_by' from invoice_events r where r.reverses = v.id
      union all select r.id, 'superseded_by' from invoice_events r where r.company_id = v.company_id
        and r.party is not distinct from v.party and r.supersedes = v.id) o
    where v.id = ${id} and o.id is not null order by o.id`;
  return { item, allocations, changes, reminders, linked };
}
