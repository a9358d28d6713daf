import { sum } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import type { BankAccount } from '../bank/accounts.ts';

/** A bank line that the books do not show by that day; bank's sign, minor units of the account's currency. */
export interface LineNotBooked {
  id: bigint;
  bookedOn: string;
  amount: bigint;
  state: string;
  /** Who and what for. */
  text: string;
}

/** A booked line of the bank account that no statement shows by that day; debit positive. */
export interface BookedNotShown {
  entryId: bigint;
  entry: string;
  postingDate: string;
  amount: bigint;
  memo: string;
}

/** Statement and ledger at the end of a day on which a statement closes; statement less ledger is `difference`. */
export interface Reconciliation {
  date: string;
  statement: bigint;
  ledger: bigint;
  difference: bigint;
  /**
   * What explains it: the balance before the first statement, each line of one side only, and days without
   * statements.
   */
  openingDifference: bigint;
  notBooked: LineNotBooked[];
  notShown: BookedNotShown[];
  missing: bigint;
}

interface Closing {
  date: string;
  closing: bigint;
}

/**
 * Balance by statement and balance of the ledger account on every day a statement closes, with all that makes them
 * different. `missing` is what statements move without showing lines: a file that was not imported.
 */
export async function bankReconciliation(
  sql: Queryable,
  account: BankAccount,
  { from = null, to }: { from?: string | null | undefined; to: string },
): Promise<Reconciliation[]> {
  const [closings, lines, booked, start] = await Promise.all([
    closingsOf(sql, account, from, to),
    linesUpTo(sql, account, to),
    bookedUpTo(sql, account, to),
    startOf(sql, account),
  ]);
  if (start === null) return [];
  return closings.map((closing) => onDay(closing, lines, booked, start));
}

interface Line extends LineNotBooked {
  entryOn: string | null;
}
interface Booked extends BookedNotShown {
  lineOn: string | null;
  /** Part of the opening balances of the books. */
  opens: boolean;
}
interface Start {
  opening: bigint;
  date: string;
}

function onDay(
  { date, closing }: Closing,
  lines: readonly Line[],
  booked: readonly Booked[],
  start: Start,
): Reconciliation {
  const shown = lines.filter(({ bookedOn }) => bookedOn <= date);
  const posted = booked.filter(({ postingDate }) => postingDate <= date);
  const ledger = sum(posted.map(({ amount }) => amount));
  const isBefore = ({ postingDate, lineOn, opens }: Booked) => lineOn === null && (opens || postingDate < start.date);
  const openingDifference = start.opening - sum(posted.filter(isBefore).map(({ amount }) => amount));
  const notBooked = shown.filter(({ entryOn }) => entryOn === null || entryOn > date);
  const notShown = posted.filter((each) => !isBefore(each) && (each.lineOn === null || each.lineOn > date));
  return {
    date,
    statement: closing,
    ledger,
    difference: closing - ledger,
    openingDifference,
    notBooked: notBooked.map(({ entryOn: _, ...line }) => line),
    notShown: notShown.map(({ lineOn: _, opens: __, ...line }) => line),
    missing: closing - start.opening - sum(shown.map(({ amount }) => amount)),
  };
}

async function closingsOf(sql: Queryable, { id }: BankAccount, from: string | null, to: string): Promise<Closing[]> {
  return sql<Closing[]>`
    select distinct on (closes_on) closes_on as date, closing from bank_statements
    where bank_account_id = ${id} and closing is not null and closes_on <= ${to}::date
      and (${from}::date is null or closes_on >= ${from}::date)
    order by closes_on, id desc`;
}

/** Balance before the first line of all; worked out from the first closing where no statement opens there. */
async function startOf(sql: Queryable, { id }: BankAccount): Promise<Start | null> {
  const [row] = await sql<Start[]>`
    select coalesce(opens_on, closes_on) as date, coalesce(opening, closing - (
      select coalesce(sum(amount), 0)::bigint from bank_lines l
      where l.bank_account_id = s.bank_account_id and l.booked_on <= s.closes_on)) as opening
    from bank_statements s
    where bank_account_id = ${id} and closing is not null and closes_on is not null
    order by coalesce(opens_on, closes_on), opening is null, id limit 1`;
  return row ?? null;
}

async function linesUpTo(sql: Queryable, { id }: BankAccount, to: string): Promise<Line[]> {
  return sql<Line[]>`
    select l.id, l.booked_on as "bookedOn", l.amount, l.state, concat_ws(': ', l.counterparty, nullif(l.text, '')) as text,
      e.posting_date as "entryOn"
    from bank_lines l left join bank_matches m on m.line_id = l.id and m.state = 'matched'
      left join journal_entries e on e.id = m.entry_id
    where l.bank_account_id = ${id} and l.booked_on <= ${to}::date order by l.booked_on, l.id`;
}

/**
 * Lines of the ledger account in the bank's currency. What was reversed before the bank showed it, and its
 * reversal, are nothing to it; entries that close and open years carry balances only.
 */
async function bookedUpTo(
  sql: Queryable,
  { companyId, account, currency }: BankAccount,
  to: string,
): Promise<Booked[]> {
  return sql<Booked[]>`
    select l.entry_id as "entryId", e.fiscal_year || '/' || e.number as entry, l.posting_date as "postingDate", e.memo,
      e.entry_type = 'OPN' as opens,
      case when l.debit > 0 then l.amount_tc else -l.amount_tc end as amount, b.booked_on as "lineOn"
    from journal_lines l join journal_entries e on e.id = l.entry_id
      left join bank_matches m on m.entry_id = l.entry_id and m.line_no = l.line_no and m.state = 'matched'
      left join bank_lines b on b.id = m.line_id
    where l.company_id = ${companyId} and l.account = ${account} and l.currency = ${currency}
      and l.posting_date <= ${to}::date and l.amount_tc > 0
      and not exists (select from closing_entries c where c.entry_id = e.id)
      and not (m.id is null and exists (
        select from journal_entries o where o.id in (e.reverses, e.reversed_by) and o.posting_date = e.posting_date
          and not exists (select from bank_matches x where x.entry_id = o.id and x.state = 'matched')))
    order by l.posting_date, l.entry_id, l.line_no`;
}
