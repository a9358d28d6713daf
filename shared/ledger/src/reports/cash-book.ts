import { type CashDay, cashTotals, makeEvent, needsReason, sum } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { type CashDayState, type CheckStatus, cashDayStates, type EntryStatus } from '../cash-book/day-states.ts';

/** A booked day of the cash book (accounting.md F2); amounts in minor units of its currency. */
export interface CashBookRow {
  book: string;
  register: string;
  date: string;
  currency: string;
  receiptNumber: string;
  openingBalance: bigint;
  revenueShould: bigint;
  revenueActual: bigint;
  cashDifference: bigint;
  revaluation: bigint;
  devaluation: bigint;
  salesCash: bigint;
  salesNonCash: bigint;
  salesTotal: bigint;
  cashExpenditure: bigint;
  bankDeposit: bigint;
  withdrawal: bigint;
  closingBalance: bigint;
  change: bigint;
  /** Opening balance less the closing balance of the day before; 0 for the first day. */
  openingGap: bigint;
  tolerance: bigint;
  reasonRequired: boolean;
  reason: string | null;
  openingReason: string | null;
  entryStatus: EntryStatus;
  checkStatus: CheckStatus;
  comment: string | null;
  clerk: string | null;
  /** The event whose entry books it. */
  eventId: bigint;
}

/** Figures that are added up over days. */
const CASH_TOTALS = [
  'revenueShould',
  'revenueActual',
  'cashDifference',
  'revaluation',
  'devaluation',
  'salesCash',
  'salesNonCash',
  'salesTotal',
  'cashExpenditure',
  'bankDeposit',
  'withdrawal',
  'change',
] as const;
type CashTotal = (typeof CASH_TOTALS)[number];

/** Days of one register in one book, with their totals; opening of the first day, closing of the last. */
export interface CashBookSection {
  book: string;
  register: string;
  currency: string;
  rows: CashBookRow[];
  totals: Record<CashTotal, bigint> & { openingBalance: bigint; closingBalance: bigint };
}

export interface CashBookReport {
  from: string | null;
  to: string;
  sections: CashBookSection[];
}

/**
 * The cash book of the range, both days included: what is booked, per book and register, in order of days. Days that
 * were entered past a cash book (an import) are under the name of the book they tell, unchecked.
 */
export async function cashBookReport(
  sql: Queryable,
  companyId: string,
  { from = null, to, book = null }: { from?: string | null | undefined; to: string; book?: string | null | undefined },
): Promise<CashBookReport> {
  const days = await bookedDays(sql, companyId, to);
  const states = await cashDayStates(sql, companyId, { from, to });
  const stateOf = new Map(states.map((state) => [state.eventId, state]));
  const before = new Map<string, bigint>();
  const rows: CashBookRow[] = [];
  for (const { id, day } of days) {
    const row = rowOf(id, day, before.get(day.register), stateOf.get(id));
    before.set(day.register, row.closingBalance);
    if ((from === null || day.date >= from) && (book === null || day.book === book)) rows.push(row);
  }
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.book, row.register, row.currency]));
  const sections = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => sectionOf(own));
  return { from, to, sections };
}

async function bookedDays(sql: Queryable, companyId: string, to: string): Promise<{ id: bigint; day: CashDay }[]> {
  const rows = await sql<{ id: bigint; payload: unknown }[]>`
    select id, payload from events
    where company_id = ${companyId} and type = 'cash_day' and state = 'posted'
      and (payload->>'date')::date <= ${to}::date
    order by (payload->>'date')::date, payload->>'register', id`;
  return rows.map(({ id, payload }) => ({ id, day: makeEvent(payload) as CashDay }));
}

function rowOf(id: bigint, day: CashDay, before: bigint | undefined, state: CashDayState | undefined): CashBookRow {
  const { tendersExpected, ...totals } = cashTotals(day);
  const { book, register, date, currency, receiptNumber, openingBalance, revenueShould, revenueActual } = day;
  const { revaluation, devaluation, salesNonCash, bankDeposit, withdrawal, tolerance, reason, openingReason } = day;
  return {
    ...{ book, register, date, currency, receiptNumber, openingBalance, revenueShould, revenueActual },
    ...{ revaluation, devaluation, salesNonCash, bankDeposit, withdrawal, tolerance, reason, openingReason },
    ...totals,
    openingGap: before === undefined ? 0n : openingBalance - before,
    reasonRequired: needsReason(totals.cashDifference, tolerance),
    entryStatus: state?.entryStatus ?? 'submitted',
    checkStatus: state?.checkStatus ?? 'unchecked',
    comment: state?.comment ?? null,
    clerk: day.clerk ?? null,
    eventId: id,
  };
}

function sectionOf(rows: CashBookRow[]): CashBookSection {
  const [first] = rows as [CashBookRow];
  const last = rows.at(-1) as CashBookRow;
  const totals = CASH_TOTALS.map((figure) => [figure, sum(rows.map((row) => row[figure]))] as const);
  return {
    book: first.book,
    register: first.register,
    currency: first.currency,
    rows,
    totals: {
      ...(Object.fromEntries(totals) as Record<CashTotal, bigint>),
      openingBalance: first.openingBalance,
      closingBalance: last.closingBalance,
    },
  };
}
