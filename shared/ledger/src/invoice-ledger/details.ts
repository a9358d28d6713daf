import { DomainError } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { By } from './allocations.ts';

/** What people may change of an item (accounting.md E5); null empties it. Amounts, dates and document never. */
export interface ItemEdit {
  partyName?: string | undefined;
  reference?: string | null | undefined;
  description?: string | undefined;
  additional?: string | null | undefined;
  /** YYYY-MM-DD. */
  dueDate?: string | null | undefined;
  /** Why nobody is reminded of it; null: reminders go on. */
  pausedFor?: string | null | undefined;
}

const COLUMNS: Readonly<Record<keyof ItemEdit, string>> = {
  partyName: 'party_name',
  reference: 'reference',
  description: 'description',
  additional: 'additional',
  dueDate: 'due_date',
  pausedFor: 'paused_for',
};

/**
 * Changes what an item is called, when it is due, or whether reminders rest, and keeps who changed what from what.
 * Answers the number of fields that changed. Throws DomainError ITEM_UNKNOWN.
 */
export async function editItem(
  tx: Tx,
  companyId: string,
  id: bigint,
  edit: ItemEdit,
  { madeBy, now }: By,
): Promise<number> {
  const [item] = await tx<Record<string, string | null>[]>`
    select party_name, reference, description, additional, due_date, paused_for from invoice_events
    where company_id = ${companyId} and id = ${id} for update`;
  if (!item) throw new DomainError('ITEM_UNKNOWN', `The company's invoice ledger has no item ${id}.`, String(id));
  const changes = Object.entries(edit).flatMap(([field, after]) => {
    const column = COLUMNS[field as keyof ItemEdit];
    const before = item[column] ?? null;
    return after === undefined || after === before ? [] : [{ column, before, after }];
  });
  if (changes.length === 0) return 0;
  const values = Object.fromEntries(changes.map(({ column, after }) => [column, after]));
  await tx`update invoice_events set ${tx(values)} where id = ${id}`;
  await tx`insert into invoice_event_changes ${tx(
    changes.map(({ column, before, after }) => ({
      company_id: companyId,
      invoice_event: String(id),
      field: column,
      before,
      after,
      made_by: madeBy,
      made_at: now,
    })),
  )}`;
  return changes.length;
}
