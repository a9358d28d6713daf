import { abs, divideHalfEven } from '../money.ts';

/**
 * How payments and credit notes find the invoices they settle (accounting.md E3). Pure: open items in, allocations out.
 * `confirm` lets only what names its invoice settle by itself; the rest is proposed to a person.
 */
export type AllocationMode = 'auto' | 'confirm';

/** An event of the invoice ledger with something left open; amounts debit positive, in minor units. */
export interface OpenItem {
  id: bigint;
  account: string;
  currency: string;
  party: string | null;
  document: string | null;
  reference: string | null;
  /** Posting date, YYYY-MM-DD. */
  date: string;
  dueDate: string | null;
  /** Open in the item's currency, and what the books carry that at. */
  openTc: bigint;
  open: bigint;
  /** The party stands for many people (a shop's anonymous buyers): only what names the item settles it. */
  sharedParty: boolean;
}

/** Part of a debit item set against a credit item. Both sides' book values differ where the exchange rate moved. */
export interface ItemAllocation {
  debit: bigint;
  credit: bigint;
  /** The later date of the two (accounting.md E3). */
  date: string;
  /** Minor units of the items' currency, not below zero. */
  amountTc: bigint;
  /** What leaves the debit item, and the credit item, in the company's currency. */
  debitAmount: bigint;
  creditAmount: bigint;
}

/**
 * Open items an item may settle, best first (accounting.md E3): same document; a reference that names it; the exact
 * open amount; the oldest due date, then the lowest number. Always of the same account and currency, and never across
 * two parties.
 */
export function candidatesFor(item: OpenItem, items: readonly OpenItem[], mode: AllocationMode): OpenItem[] {
  const fitting = items.filter((each) => isOpposite(item, each) && each.account === item.account);
  const named = fitting
    .filter((each) => names(item, each) > 0)
    .sort((a, b) => names(item, b) - names(item, a) || byAge(a, b));
  if (mode === 'confirm' || item.sharedParty || item.party === null) return named;
  const rest = abs(item.openTc) - named.reduce((total, each) => total + abs(each.openTc), 0n);
  const others = fitting.filter((each) => each.party === item.party && !each.sharedParty && !named.includes(each));
  const isExact = (each: OpenItem) => (abs(each.openTc) === rest ? 0 : 1);
  return [...named, ...others.sort((a, b) => isExact(a) - isExact(b) || byAge(a, b))];
}

/** The later of two days. */
export function later(a: string, b: string): string {
  return a < b ? b : a;
}

/** Takes `amountTc` (≥ 0) off both items, which change, and tells what that is worth on either side. Checks nothing. */
export function settle(one: OpenItem, other: OpenItem, amountTc: bigint): ItemAllocation {
  const isDebit = one.openTc > 0n || (one.openTc === 0n && one.open > 0n);
  const [debit, credit] = isDebit ? [one, other] : [other, one];
  const debitAmount = takeFrom(debit, amountTc);
  const creditAmount = -takeFrom(credit, -amountTc);
  return {
    debit: debit.id,
    credit: credit.id,
    date: later(debit.date, credit.date),
    amountTc,
    debitAmount,
    creditAmount,
  };
}

/** Book value of a part of an item: half-even, and whoever takes the last of it takes the last of its value (A6). */
function takeFrom(item: OpenItem, part: bigint): bigint {
  const worth = part === item.openTc ? item.open : divideHalfEven(item.open * part, item.openTc);
  item.openTc -= part;
  item.open -= worth;
  return worth;
}

function isOpposite(a: OpenItem, b: OpenItem): boolean {
  return a.openTc !== 0n && b.openTc !== 0n && a.openTc > 0n !== b.openTc > 0n && a.currency === b.currency;
}

/** 2: the same document; 1: the reference of one names the other; 0: neither. Never across two known parties. */
function names(a: OpenItem, b: OpenItem): number {
  if (a.party !== null && b.party !== null && a.party !== b.party) return 0;
  if (a.document !== null && a.document === b.document) return 2;
  const told = (text: string | null, of: OpenItem) => text !== null && (text === of.document || text === of.reference);
  return told(a.reference, b) || told(b.reference, a) ? 1 : 0;
}

const NUMBERS = new Intl.Collator('en', { numeric: true });

function byAge(a: OpenItem, b: OpenItem): number {
  const [dueA, dueB] = [a.dueDate ?? a.date, b.dueDate ?? b.date];
  if (dueA !== dueB) return dueA < dueB ? -1 : 1;
  return NUMBERS.compare(a.document ?? '', b.document ?? '') || (a.id < b.id ? -1 : 1);
}
