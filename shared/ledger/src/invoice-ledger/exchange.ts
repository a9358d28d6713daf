import {
  DomainError,
  type ItemAllocation,
  type LiveAllocation,
  type Move,
  type OpenItem,
  type ResolvedEntry,
  reversalOf,
} from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { NumberedEntry } from '../insert-entries.ts';
import { postedEntries } from '../posted-entries.ts';
import type { Allocating } from './apply.ts';

/** Appends entries to the journal without settling what they put into the invoice ledger. */
export type Append = (
  tx: Tx,
  companyId: string,
  entries: readonly { entry: ResolvedEntry; eventId: bigint | null }[],
  recordedAt: Date,
) => Promise<{ added: NumberedEntry[] }>;

/** An entry of an exchange difference: of an allocation, or taking one back. */
interface ExchangeEntry {
  entry: ResolvedEntry;
  of: ItemAllocation | LiveAllocation;
}

/** Events that exchange entries made: of allocations, and reversals paired with what they reverse. */
export interface ExchangeEvents {
  of: Map<ItemAllocation, { id: bigint; date: string }>;
  pairs: ItemAllocation[];
}

/**
 * Entries for what allocations realise between the rates their two sides are carried at (accounting.md C18, journal
 * FXC), and reversals of those whose allocation is undone. Dated like the allocation, or the first open day after it.
 * Throws ACCOUNT_UNRESOLVED where nobody plays fx.gain or fx.loss.
 */
export async function exchangeEntries(
  tx: Tx,
  by: Allocating,
  moves: readonly Move[],
  items: readonly OpenItem[],
): Promise<ExchangeEntry[]> {
  const entries: ExchangeEntry[] = [];
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const move of moves) {
    if ('undo' in move) entries.push(...(await takingBack(tx, by, move.undo, move.date)));
    else if (move.allocate.debitAmount !== move.allocate.creditAmount)
      entries.push(await realised(tx, by, move.allocate, byId, entries));
  }
  return entries;
}

/** Posts them and tells which events they made. */
export async function postExchange(tx: Tx, by: Allocating, entries: readonly ExchangeEntry[]): Promise<ExchangeEvents> {
  const events: ExchangeEvents = { of: new Map(), pairs: [] };
  if (entries.length === 0) return events;
  const { added } = await by.append(
    tx,
    by.companyId,
    entries.map(({ entry }) => ({ entry, eventId: null })),
    by.recordedAt,
  );
  const made = await tx<{ id: bigint; entryId: bigint; date: string; reverses: bigint | null; amount: bigint }[]>`
    select id, entry_id as "entryId", posting_date as date, reverses, amount from invoice_events
    where entry_id = any(${added.map(({ id }) => String(id))}::bigint[])`;
  for (const { id, entry } of added) {
    const event = made.find(({ entryId }) => entryId === id);
    const source = entries.find((each) => each.entry.sourceKey === entry.sourceKey);
    if (!event || !source) continue;
    if (event.reverses === null) events.of.set(source.of, { id: event.id, date: event.date });
    else events.pairs.push(pairOf(event.id, event.reverses, event.amount, event.date));
  }
  return events;
}

function pairOf(reversal: bigint, original: bigint, amount: bigint, date: string): ItemAllocation {
  const [debit, credit] = amount > 0n ? [reversal, original] : [original, reversal];
  const worth = amount > 0n ? amount : -amount;
  return { debit, credit, date, amountTc: 0n, debitAmount: worth, creditAmount: worth };
}

async function realised(
  tx: Tx,
  by: Allocating,
  allocation: ItemAllocation,
  items: ReadonlyMap<bigint, OpenItem>,
  before: readonly ExchangeEntry[],
): Promise<ExchangeEntry> {
  const debit = items.get(allocation.debit) as OpenItem;
  const credit = items.get(allocation.credit) as OpenItem;
  const loss = allocation.debitAmount - allocation.creditAmount;
  const day = await openDay(tx, by.companyId, allocation.date);
  const { account, currency, party, document } = debit.document === null ? credit : debit;
  const detail = { party: party ?? undefined, document: document ?? undefined };
  const line = { currency, amountTc: 0n };
  const role = loss > 0n ? 'fx.loss' : 'fx.gain';
  const entry: ResolvedEntry = {
    entryType: 'FXC',
    sourceKey: await keyOf(tx, allocation, before),
    postingDate: day,
    taxPoint: day,
    occurredAt: by.recordedAt.toISOString(),
    memo: `Exchange difference: ${credit.document ?? 'payment'} settles ${debit.document ?? 'payment'}`,
    lines: [
      { ...line, account, role: await roleOf(tx, by, account), amount: -loss, ...detail },
      { ...line, account: await accountOf(tx, by, role), role, amount: loss },
    ],
  };
  return { entry, of: allocation };
}

/** Key of the later of the two entries, and a number for each difference that its items have realised. */
async function keyOf(tx: Tx, { debit, credit }: ItemAllocation, before: readonly ExchangeEntry[]): Promise<string> {
  const later = debit > credit ? debit : credit;
  const [row] = await tx<{ key: string; realised: number }[]>`
    select e.source_key as key, (select count(*)::int from invoice_allocations a where a.fx is not null
      and a.undoes is null and (a.debit = v.id or a.credit = v.id)) as realised
    from invoice_events v join journal_entries e on e.id = v.entry_id where v.id = ${later}`;
  const { key, realised } = row as { key: string; realised: number };
  const waiting = before.filter(({ entry }) => entry.sourceKey.startsWith(`${key}:fx`)).length;
  return `${key}:fx${realised + waiting + 1}`;
}

async function takingBack(tx: Tx, by: Allocating, undo: LiveAllocation, date: string): Promise<ExchangeEntry[]> {
  if (undo.fx === null) return [];
  const [row] = await tx<{ key: string; isReversed: boolean }[]>`
    select e.source_key as key, e.reversed_by is not null as "isReversed"
    from invoice_events v join journal_entries e on e.id = v.entry_id where v.id = ${undo.fx}`;
  if (!row || row.isReversed) return [];
  const [entry] = await postedEntries(tx, by.companyId, [row.key]);
  return entry ? [{ entry: reversalOf(entry, await openDay(tx, by.companyId, date)), of: undo }] : [];
}

/** The day itself, or the first one after it that is open and behind no lock. */
async function openDay(tx: Tx, companyId: string, date: string): Promise<string> {
  const [row] = await tx<{ day: string }[]>`
    with locked as (
      select greatest(${date}::date, max(greatest(everything, hard)) + 1) as day from lock_dates
      where company_id = ${companyId})
    select greatest(p.starts_on, l.day) as day from periods p, locked l
    where p.company_id = ${companyId} and p.state = 'open' and p.ends_on >= l.day order by p.starts_on limit 1`;
  return row?.day ?? date;
}

async function roleOf(tx: Tx, { companyId }: Allocating, account: string): Promise<string> {
  const [row] = await tx<{ role: string }[]>`
    select role from account_roles where company_id = ${companyId} and account = ${account} order by role limit 1`;
  return row?.role ?? 'account';
}

async function accountOf(tx: Tx, { companyId }: Allocating, role: string): Promise<string> {
  const [row] = await tx<{ account: string }[]>`
    select account from account_roles where company_id = ${companyId} and role = ${role}`;
  if (row) return row.account;
  throw new DomainError(
    'ACCOUNT_UNRESOLVED',
    `An exchange difference was realised, but no account plays the role ${role}. Choose one in the account mapping.`,
    role,
  );
}
