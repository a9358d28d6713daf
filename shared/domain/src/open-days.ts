import type { EntryType, ResolvedLine } from './journal-entry.ts';

/** Days, both included, YYYY-MM-DD. */
export interface Span {
  startsOn: string;
  endsOn: string;
}

/** Lock dates of a company (accounting.md G2): up to and including the day nothing it concerns is posted; null = none. */
export interface LockDates {
  sales: string | null;
  purchases: string | null;
  tax: string | null;
  everything: string | null;
  hard: string | null;
}

/** A company's open and soft-closed periods, oldest first, and its lock dates. */
export interface OpenDays {
  open: readonly Span[];
  softClosed: readonly Span[];
  locks: LockDates;
}

/** What decides, besides the date, whether an entry may be posted. */
export interface PostingKind {
  entryType: EntryType;
  /** Whether a line of it counts on a tax return. */
  taxed: boolean;
  /** Entered and dated by a person. */
  byHand: boolean;
}

/** Entry types that each of these lock dates concerns; `tax` concerns whatever has a taxed line, the rest everything. */
const LOCKED_TYPES: Readonly<Record<'sales' | 'purchases', readonly EntryType[]>> = {
  sales: ['SAL', 'RFD', 'DEP'],
  purchases: ['PUR', 'FEE'],
};

/** What people may still post into a soft-closed period. */
const SOFT_TYPES: readonly EntryType[] = ['GEN', 'INV', 'FXR'];

/** The kind of an entry with these lines. */
export function postingKind(entryType: EntryType, lines: readonly ResolvedLine[], byHand = false): PostingKind {
  return { entryType, taxed: lines.some((line) => line.taxKind !== undefined), byHand };
}

/**
 * Whether an entry may be dated that day (accounting.md G2). Without a kind: one that only the lock dates for
 * everything concern. The guards of the database decide the same.
 */
export function isOpenDay(days: OpenDays, date: string, kind?: PostingKind): boolean {
  const inside = (span: Span) => span.startsOn <= date && date <= span.endsOn;
  return spansFor(days, kind).some(inside) && date > lockedThrough(days.locks, kind);
}

/** The first day from `date` on that such an entry may be dated; undefined when there is none. */
export function openFrom(days: OpenDays, date: string, kind?: PostingKind): string | undefined {
  const locked = lockedThrough(days.locks, kind);
  const earliest = locked < date ? date : dayAfter(locked);
  for (const { startsOn, endsOn } of spansFor(days, kind)) {
    if (earliest <= endsOn) return later(earliest, startsOn);
  }
  return undefined;
}

function spansFor({ open, softClosed }: OpenDays, kind: PostingKind | undefined): readonly Span[] {
  if (!kind?.byHand || !SOFT_TYPES.includes(kind.entryType)) return open;
  return [...open, ...softClosed].sort((a, b) => (a.startsOn < b.startsOn ? -1 : 1));
}

/** The last day that a lock date keeps such an entry out of; '' where none does. */
function lockedThrough(locks: LockDates, kind: PostingKind | undefined): string {
  const concerning = [locks.hard, locks.everything];
  if (kind?.taxed) concerning.push(locks.tax);
  if (kind && LOCKED_TYPES.sales.includes(kind.entryType)) concerning.push(locks.sales);
  if (kind && LOCKED_TYPES.purchases.includes(kind.entryType)) concerning.push(locks.purchases);
  return concerning.reduce<string>((latest, day) => later(latest, day ?? ''), '');
}

function later(a: string, b: string): string {
  if (a > b) return a;
  return b;
}

/** The next day. */
export function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
