import { abs, allocate } from '@daybook/domain';
import type { JournalEntryRow } from '../../reports.ts';
import type { Moved } from '../book.ts';
import { automaticTax, type DatevBooks, taxAccount } from './books.ts';
import { WITHOUT_TAX } from './charts.ts';
import { type Leg, legsOf, taxWithin } from './legs.ts';

/** One row: an amount from one account to another. */
export interface BookingRecord {
  /** Company's currency, minor units, above zero. */
  amount: bigint;
  /** S when the account is debited, H when it is credited. */
  side: 'S' | 'H';
  account: Leg;
  /** Null = the interim account. */
  contra: Leg | null;
  key: string;
  foreign: { currency: string; amount: bigint } | null;
}

/** Number of the person or account that a leg stands for. */
export type NumberOf = (leg: Leg) => string;

/**
 * The rows of an entry (accounting.md I): the one account on its side against each of the others, or, where there are
 * several on both sides, each account against the interim account, which is even afterwards.
 */
export function recordsOf(entry: JournalEntryRow, books: DatevBooks, numberOf: NumberOf): BookingRecord[] {
  const legs = legsOf(entry, books);
  return paired(legs, numberOf) ?? legs.map(overInterim);
}

/** What the program makes of a row: the amount on both accounts, the tax taken out where key or account say so. */
export function movedByRecord(record: BookingRecord, books: DatevBooks): Moved[] {
  const signed = record.side === 'S' ? record.amount : -record.amount;
  const legs: [string, bigint, string][] = [[record.account.account, signed, record.contra ? '' : record.key]];
  if (record.contra) legs.push([record.contra.account, -signed, record.key]);
  const moved = legs.flatMap(([account, amount, key]) => taxTakenOut(account, amount, key, books));
  return record.contra ? moved : [...moved, { account: 'interim', amount: -signed }];
}

function taxTakenOut(account: string, amount: bigint, key: string, books: DatevBooks): Moved[] {
  const tax = taxApplied(account, key, books);
  const target = tax === undefined ? undefined : taxAccount(books, tax);
  if (tax === undefined || target === undefined) return [{ account, amount }];
  const within = taxWithin(amount, tax);
  return [
    { account, amount: amount - within },
    { account: target, amount: within },
  ];
}

function taxApplied(account: string, key: string, books: DatevBooks): string | undefined {
  if (key === WITHOUT_TAX) return undefined;
  const keyed = Object.entries(books.chart?.keys ?? {}).find(([, each]) => each === key)?.[0];
  return keyed ?? automaticTax(books, books.numbers.get(account) ?? '');
}

/** Rows of the only leg on its side against the others; null where that would divide a taxed amount. */
function paired(legs: readonly Leg[], numberOf: NumberOf): BookingRecord[] | null {
  const sides = [legs.filter(({ amount }) => amount > 0n), legs.filter(({ amount }) => amount < 0n)];
  const single = sides.find((side) => side.length === 1 && side[0]?.taxed === false)?.[0];
  if (!single) return null;
  const others = legs.filter((leg) => leg !== single);
  if (others.length === 0 || others.some((leg) => leg.amount > 0n === single.amount > 0n)) return null;
  if (others.some((leg) => numberOf(leg) === numberOf(single))) return null;
  const foreign = foreignShares(single, others);
  return others.map((contra, index) => ({
    amount: abs(contra.amount),
    side: single.amount > 0n ? 'S' : 'H',
    account: single,
    contra,
    key: contra.key,
    foreign: foreign[index] ?? null,
  }));
}

/** A foreign amount over the rows it is divided into; nowhere when a row would get none of it. */
function foreignShares({ foreign }: Leg, others: readonly Leg[]) {
  if (!foreign) return others.length === 1 && others[0]?.foreign ? [positive(others[0].foreign)] : [];
  const shares = allocate(
    abs(foreign.amount),
    others.map(({ amount }) => abs(amount)),
  );
  return shares.includes(0n) ? [] : shares.map((amount) => ({ currency: foreign.currency, amount }));
}

function overInterim(leg: Leg): BookingRecord {
  return {
    amount: abs(leg.amount),
    side: leg.amount > 0n ? 'S' : 'H',
    account: leg,
    contra: null,
    key: leg.key,
    foreign: leg.foreign && positive(leg.foreign),
  };
}

function positive({ currency, amount }: { currency: string; amount: bigint }) {
  return { currency, amount: abs(amount) };
}
