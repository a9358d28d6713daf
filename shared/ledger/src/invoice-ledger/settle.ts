import { type AllocationMode, planSettlement } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { NumberedEntry } from '../insert-entries.ts';
import { type Append, applyMoves } from './apply.ts';
import { itemsOfEntries, itemsToMeet, liveAllocationsOf, type PostedItem } from './items.ts';
import { writeDetails, writeOpeningItems } from './project.ts';

/**
 * What new entries do in the invoice ledger besides the events that the database has made of their lines: details,
 * opening items, and what payments, credit notes, corrections and reversals settle or release (accounting.md E3, E5).
 * In the transaction that posts them, under the journal's lock.
 */
export async function settleEntries(
  tx: Tx,
  companyId: string,
  added: readonly NumberedEntry[],
  recordedAt: Date,
  append: Append,
): Promise<void> {
  await writeDetails(tx, added);
  await writeOpeningItems(tx, companyId, added);
  const posted = await itemsOfEntries(tx, added);
  if (posted.length === 0) return;
  const fresh = superseding(posted, added);
  await linkCorrections(tx, fresh);
  const originals = fresh.flatMap(({ reverses }) => reverses ?? []);
  const live = await liveAllocationsOf(tx, originals);
  const named = [...originals, ...live.flatMap(({ debit, credit }) => [debit, credit])];
  const standing = await itemsToMeet(tx, companyId, fresh, named);
  const isFresh = new Set(fresh.map(({ id }) => id));
  const others = standing.filter(({ id }) => !isFresh.has(id));
  const moves = planSettlement(fresh, others, live, await allocationMode(tx, companyId));
  await applyMoves(tx, { companyId, recordedAt, madeBy: null, append }, moves, [...others, ...fresh]);
}

/** How a company's payments find their invoices. */
export async function allocationMode(tx: Tx, companyId: string): Promise<AllocationMode> {
  const [row] = await tx<{ mode: AllocationMode | null }[]>`
    select settings->>'invoiceAllocation' as mode from companies where id = ${companyId}`;
  return row?.mode ?? 'auto';
}

/** A fact posted anew right after its reversal: the new event corrects the old one (accounting.md E5). */
function superseding(posted: readonly PostedItem[], added: readonly NumberedEntry[]): PostedItem[] {
  const reversedKeys = new Map(added.map(({ entry }) => [entry.sourceKey, entry.reverses]));
  const reversed = new Map<string, bigint>();
  for (const item of posted) {
    const key = reversedKeys.get(item.sourceKey);
    if (key !== undefined && item.reverses !== null) reversed.set(`${factOf(key)}|${item.account}`, item.reverses);
  }
  return posted.map((item) => {
    if (item.reverses !== null) return item;
    return { ...item, supersedes: reversed.get(`${factOf(item.sourceKey)}|${item.account}`) ?? null };
  });
}

/** The key of a fact without its revision. */
function factOf(sourceKey: string): string {
  return sourceKey.replace(/:v\d+$/, '');
}

async function linkCorrections(tx: Tx, fresh: readonly PostedItem[]): Promise<void> {
  const linked = fresh.filter(({ supersedes }) => supersedes !== null);
  if (linked.length === 0) return;
  await tx`
    update invoice_events v set supersedes = g.original
    from unnest(${linked.map(({ id }) => String(id))}::bigint[], ${linked.map(({ supersedes }) => String(supersedes))}::bigint[])
      as g(id, original) where v.id = g.id`;
}
