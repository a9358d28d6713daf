import {
  abs,
  candidatesFor,
  DomainError,
  formatMinor,
  type ItemAllocation,
  lesser,
  type OpenItem,
  settle,
} from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import { appendEntries } from '../post.ts';
import { type Allocating, applyMoves } from './apply.ts';
import { itemsById, itemsToMeet, liveAllocationsOf } from './items.ts';

/** Who does it, and when. */
export interface By {
  madeBy: string;
  now: Date;
}

/** Which item is to be settled, and what with: one payment or credit note, or whatever its party has unallocated. */
export interface Asked {
  against: bigint;
  item?: bigint | undefined;
  /** Minor units of their currency; absent: as much as fits. */
  amountTc?: bigint | undefined;
}

/**
 * Sets payments or credit notes against an open item, or the other way round. Posts the exchange difference that it
 * realises and nothing else. Answers the allocations' ids. Throws DomainError ALLOCATION_EXCEEDS_OPEN (more than is
 * open of either), ITEM_UNKNOWN, and EVENT_INVALID for items that cannot settle each other.
 */
export async function allocateItems(tx: Tx, companyId: string, asked: Asked, by: By): Promise<bigint[]> {
  const { against, item, amountTc } = asked;
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const target = { ...found(await itemsById(tx, companyId, [against]), against) };
  if (amountTc !== undefined && (amountTc <= 0n || amountTc > abs(target.openTc))) throw exceeding(target, amountTc);
  const payers =
    item === undefined ? await unallocatedFor(tx, companyId, target) : await itemsById(tx, companyId, [item]);
  if (item !== undefined) requireOpposite(target, found(payers, item));
  const allocations: ItemAllocation[] = [];
  let rest = amountTc ?? abs(target.openTc);
  for (const payer of payers) {
    const part = lesser(rest, abs(payer.openTc));
    if (part === 0n) continue;
    allocations.push(settle(target, { ...payer }, part));
    rest -= part;
  }
  const took = allocations.length > 0;
  if (!took || (amountTc !== undefined && rest > 0n)) throw lacking(target, payers, amountTc ?? abs(target.openTc));
  const moves = allocations.map((allocate) => ({ allocate }));
  return applyMoves(tx, allocating(companyId, by), moves, [target, ...payers]);
}

async function unallocatedFor(tx: Tx, companyId: string, target: OpenItem): Promise<OpenItem[]> {
  const others = await itemsToMeet(tx, companyId, [target], []);
  return candidatesFor(target, others, 'auto');
}

/** The document's open invoice or payment by its number; throws ITEM_UNKNOWN where there is none, or more than one. */
export async function openItemOf(tx: Queryable, companyId: string, document: string, kind: 0 | 1): Promise<bigint> {
  const rows = await tx<{ id: bigint }[]>`
    select id from invoice_events where company_id = ${companyId} and document = ${document} and kind = ${kind}
      and open_tc <> 0`;
  const [only] = rows;
  if (only && rows.length === 1) return only.id;
  const what = only ? `${rows.length} items` : 'nothing';
  throw new DomainError(
    'ITEM_UNKNOWN',
    `The invoice ledger has ${what} open under ${document}. Name the item by its id.`,
    document,
  );
}

/** Takes an allocation back: both items are open again, and its exchange difference is reversed. */
export async function undoAllocation(
  tx: Tx,
  companyId: string,
  allocation: bigint,
  day: string,
  by: By,
): Promise<void> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const [row] = await tx<{ debit: bigint }[]>`
    select debit from invoice_allocations where company_id = ${companyId} and id = ${allocation}`;
  const live = row ? await liveAllocationsOf(tx, [row.debit]) : [];
  const undo = live.find(({ id }) => id === allocation);
  if (!undo) {
    throw new DomainError(
      'ITEM_UNKNOWN',
      `There is no allocation ${allocation} that stands: it may be undone already.`,
    );
  }
  const items = await itemsById(tx, companyId, [undo.debit, undo.credit]);
  await refuseReversals(tx, undo.debit, undo.credit);
  const date = day > undo.date ? day : undo.date;
  await applyMoves(tx, allocating(companyId, by), [{ undo, date }], items);
}

async function refuseReversals(tx: Tx, debit: bigint, credit: bigint): Promise<void> {
  const [pair] = await tx`
    select 1 from invoice_events where (id = ${debit} and reverses = ${credit}) or (id = ${credit} and reverses = ${debit})`;
  if (pair) throw new DomainError('EVENT_INVALID', 'A reversal and its original stay closed by each other.');
}

function allocating(companyId: string, { madeBy, now }: By): Allocating {
  return { companyId, recordedAt: now, madeBy, append: appendEntries };
}

function found(items: readonly OpenItem[], id: bigint): OpenItem {
  const item = items.find((each) => each.id === id);
  if (item) return item;
  throw new DomainError('ITEM_UNKNOWN', `The company's invoice ledger has no item ${id}.`, String(id));
}

function requireOpposite(one: OpenItem, other: OpenItem): void {
  const fits = one.account === other.account && one.currency === other.currency;
  const isClosed = one.openTc === 0n || other.openTc === 0n;
  if (fits && (isClosed || one.openTc > 0n !== other.openTc > 0n)) return;
  const why = fits ? 'are on the same side' : 'are on different accounts or in different currencies';
  throw new DomainError('EVENT_INVALID', `${nameOf(one)} and ${nameOf(other)} ${why}: they cannot settle each other.`);
}

function exceeding(item: OpenItem, part: bigint): DomainError {
  const show = (amount: bigint) => `${item.currency} ${formatMinor(amount, item.currency)}`;
  return new DomainError(
    'ALLOCATION_EXCEEDS_OPEN',
    `${show(part)} cannot be allocated on ${nameOf(item)}: ${show(abs(item.openTc))} of it is open. Allocate that or less.`,
    item.document ?? undefined,
  );
}

function lacking(target: OpenItem, payers: readonly OpenItem[], part: bigint): DomainError {
  const show = (amount: bigint) => `${target.currency} ${formatMinor(amount, target.currency)}`;
  const there = payers.reduce((sum, { openTc }) => sum + abs(openTc), 0n);
  return new DomainError(
    'ALLOCATION_EXCEEDS_OPEN',
    `${show(part)} cannot be allocated on ${nameOf(target)}: ${show(there)} is open on the other side. Allocate that or less.`,
    target.document ?? undefined,
  );
}

function nameOf({ document, id }: OpenItem): string {
  return document ?? `item ${id}`;
}
