import { BUCKETS, type Bucket, bucketOf } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { seenIn } from '../closing-filter.ts';
import { type ListedItem, listItems } from '../invoice-ledger/listing.ts';
import { overdueOf } from './open-items.ts';
import { companyOf } from './scope.ts';

/** An open item in its bucket; what is owed is positive, credits that nothing has taken yet negative. */
export interface AgedItem {
  id: bigint;
  account: string;
  party: string | null;
  partyName: string | null;
  document: string | null;
  date: string;
  dueDate: string;
  currency: string;
  openTc: bigint;
  /** In the company's currency, like everything below. */
  open: bigint;
  daysOverdue: number;
  bucket: Bucket;
  pausedFor: string | null;
}

export interface AgedParty {
  party: string | null;
  name: string;
  items: AgedItem[];
  buckets: Record<Bucket, bigint>;
  /** Payments and credit notes that no invoice has taken; part of "not due" (accounting.md E7). */
  unallocated: bigint;
  total: bigint;
}

/** accounting.md H8. */
export interface Aged {
  currency: string;
  date: string;
  side: 'receivable' | 'payable';
  parties: AgedParty[];
  buckets: Record<Bucket, bigint>;
  unallocated: bigint;
  total: bigint;
  /** Balance of the control accounts that day, and what it differs by: zero, or the books are broken (T8). */
  controlBalance: bigint;
  difference: bigint;
}

/** Open receivables or payables of gross accounts as of a day, by age per party. Throws when the company does not exist. */
export async function aged(
  sql: Queryable,
  companyId: string,
  { date, side, party }: { date: string; side: 'receivable' | 'payable'; party?: string | undefined },
): Promise<Aged> {
  const { currency } = await companyOf(sql, companyId);
  const accounts = await controlAccounts(sql, companyId, side);
  const listed = await listItems(sql, companyId, { view: 'open', date, side, party });
  const items = listed.filter(({ account }) => accounts.includes(account)).map((item) => agedItem(item, date));
  const parties = [...Map.groupBy(items, (item) => item.party).entries()]
    .map(([id, own]): AgedParty => ({ party: id, name: own.at(-1)?.partyName ?? id ?? '', items: own, ...sums(own) }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const all = sums(items);
  const balance = await balanceOf(sql, companyId, accounts, date, side);
  const controlBalance = party === undefined ? balance : all.total;
  return { currency, date, side, parties, ...all, controlBalance, difference: all.total - controlBalance };
}

function agedItem(item: ListedItem, date: string): AgedItem {
  const sign = item.side === 'receivable' ? 1n : -1n;
  const { id, account, party, partyName, document, dueDate, currency, pausedFor } = item;
  const days = overdueOf(item, date);
  const names = { id, account, party, partyName, document, date: item.date, dueDate, currency, pausedFor };
  return { ...names, openTc: sign * item.openTc, open: sign * item.open, daysOverdue: days, bucket: bucketOf(days) };
}

function sums(items: readonly AgedItem[]) {
  const total = (own: readonly AgedItem[]) => own.reduce((sum, { open }) => sum + open, 0n);
  const buckets = Object.fromEntries(
    BUCKETS.map((bucket) => [bucket, total(items.filter((item) => item.bucket === bucket))]),
  ) as Record<Bucket, bigint>;
  return { buckets, unallocated: total(items.filter(({ open }) => open < 0n)), total: total(items) };
}

async function controlAccounts(sql: Queryable, companyId: string, side: 'receivable' | 'payable'): Promise<string[]> {
  const rows = await sql<{ code: string }[]>`
    select code from accounts where company_id = ${companyId} and subledger = 'gross'
      and (normal_side = 'debit') = ${side === 'receivable'} order by code`;
  return rows.map(({ code }) => code);
}

async function balanceOf(
  sql: Queryable,
  companyId: string,
  accounts: readonly string[],
  date: string,
  side: 'receivable' | 'payable',
): Promise<bigint> {
  const [row] = await sql<{ balance: bigint }[]>`
    select coalesce(sum(l.debit - l.credit), 0)::bigint as balance from journal_lines l
    where l.company_id = ${companyId} and l.account = any(${[...accounts]}) and l.posting_date <= ${date}::date
      and ${seenIn(sql, companyId, 'operations')}`;
  const balance = row?.balance ?? 0n;
  return side === 'receivable' ? balance : -balance;
}
