import type { Queryable } from '@daybook/platform/db';

export type EntryStatus = 'draft' | 'submitted' | 'corrected';
export type CheckStatus = 'unchecked' | 'approved' | 'rejected';

/** How far a day of a register that is kept in a cash book has come. */
export interface CashDayState {
  bookId: string;
  book: string;
  register: string;
  date: string;
  entryStatus: EntryStatus;
  checkStatus: CheckStatus;
  clerk: string;
  comment: string | null;
  /** The event that is booked; null while there is none. */
  eventId: bigint | null;
}

export interface CashDayRange {
  from?: string | null;
  to?: string | null;
  bookId?: string | null;
  register?: string | null;
}

/**
 * Days of the registers that are kept in cash books: drafts, submitted ones, and tills' own closings that no clerk has
 * looked at yet, which are drafts too. An approval of what has been changed since does not count.
 */
export async function cashDayStates(
  sql: Queryable,
  companyId: string,
  { from = null, to = null, bookId = null, register = null }: CashDayRange,
): Promise<CashDayState[]> {
  return sql<CashDayState[]>`
    with kept as (
      select b.id, b.name, b.clerk, b.starts_on, b.ends_on, b.archived_at, r.register
      from cash_books b join cash_book_registers r on r.book_id = b.id
      where b.company_id = ${companyId} and (${bookId}::uuid is null or b.id = ${bookId}::uuid)
        and (${register}::text is null or r.register = ${register}::text)
    ), told as (
      select v.type, v.id, v.payload->>'register' as register,
        coalesce((v.payload->>'date')::date, (v.occurred_at at time zone c.time_zone)::date) as day
      from events v join companies c on c.id = v.company_id
      where v.company_id = ${companyId} and v.type in ('cash_day', 'register_close') and v.state = 'posted'
    ), days as (
      select register, day from told union select register, date from cash_days where company_id = ${companyId}
    )
    select k.id as "bookId", k.name as book, t.register, t.day as date,
      coalesce(d.entry_status, case when v.id is null then 'draft' else 'submitted' end) as "entryStatus",
      case when d.check_status = 'approved' and d.event_id is distinct from v.id then 'unchecked'
        else coalesce(d.check_status, 'unchecked') end as "checkStatus",
      coalesce(d.clerk, k.clerk) as clerk, d.comment, v.id as "eventId"
    from kept k join days t on t.register = k.register and t.day between k.starts_on and k.ends_on
    left join cash_days d on d.company_id = ${companyId} and d.register = t.register and d.date = t.day
    left join told v on v.type = 'cash_day' and v.register = t.register and v.day = t.day
    where (${from}::date is null or t.day >= ${from}::date) and (${to}::date is null or t.day <= ${to}::date)
      -- A closing that came after its book was archived is booked by itself.
      and (k.archived_at is null or d.id is not null or v.id is not null)
    order by t.day, t.register`;
}

/** Days in the range, both ends included, that keep a period from being locked (accounting.md F4, G2). */
export async function unapprovedDays(
  sql: Queryable,
  companyId: string,
  from: string,
  to: string,
): Promise<CashDayState[]> {
  return (await cashDayStates(sql, companyId, { from, to })).filter(({ checkStatus }) => checkStatus !== 'approved');
}
