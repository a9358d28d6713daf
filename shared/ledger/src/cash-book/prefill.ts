import { type CashDay, type CashDraft, cashTotals, makeEvent, type RegisterClose, sum } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import type { CashPlace } from './days.ts';
import { balanceBefore } from './registers.ts';

/**
 * What a day starts with: the closing balance of the day before (for the first one, what is on the register's account),
 * and what the till's own closings of that day said, several shifts added up.
 */
export async function prefilled(sql: Queryable, place: CashPlace): Promise<CashDraft> {
  const { book, register, date } = place;
  const closings = await closingsOf(sql, place);
  const before = await closingBefore(sql, place);
  const balance = () => balanceBefore(sql, book.companyId, { register, date, currency: book.currency });
  const openingBalance = before ?? closings[0]?.openingBalance ?? (await balance());
  return { openingBalance, ...told(closings, await expenseRole(sql, book.companyId)) };
}

/** Closings of a till as a day of the cash book; cash put in from elsewhere comes out of transit. */
function told(closings: readonly RegisterClose[], role: string): CashDraft {
  if (closings.length === 0) return {};
  const total = (pick: (close: RegisterClose) => bigint) => sum(closings.map(pick));
  const spent = total((close) => close.expenditure);
  const deposit = total((close) => close.bankDeposit);
  return {
    receiptNumber: closings.map((close) => close.receiptNumber ?? close.id).join(', '),
    revenueShould: total((close) => close.revenueShould),
    revenueActual: total((close) => close.revenueActual),
    bankDeposit: deposit > 0n ? deposit : 0n,
    expenditures: [
      ...(spent === 0n ? [] : [{ role, amount: spent, note: "paid out of the till, by the till's report" }]),
      ...(deposit < 0n ? [{ role: 'cash.transit', amount: deposit, note: 'put into the till' }] : []),
    ],
  };
}

/** Where the ledger puts what a till says was spent, which names no purpose. */
async function expenseRole(sql: Queryable, companyId: string): Promise<string> {
  const own = await sql`select 1 from account_roles where company_id = ${companyId} and role = 'expense.cash'`;
  return own.length > 0 ? 'expense.cash' : 'expense.office';
}

async function closingsOf(sql: Queryable, { book, register, date }: CashPlace): Promise<RegisterClose[]> {
  const rows = await sql<{ payload: unknown }[]>`
    select v.payload from events v join companies c on c.id = v.company_id
    where v.company_id = ${book.companyId} and v.type = 'register_close' and v.payload->>'register' = ${register}
      and v.state = 'posted' and (v.occurred_at at time zone c.time_zone)::date = ${date}
    order by v.payload->>'openedAt', v.id`;
  return rows.map(({ payload }) => makeEvent(payload) as RegisterClose);
}

async function closingBefore(sql: Queryable, { book, register, date }: CashPlace): Promise<bigint | null> {
  const [row] = await sql<{ payload: unknown }[]>`
    select payload from events
    where company_id = ${book.companyId} and type = 'cash_day' and payload->>'register' = ${register}
      and state = 'posted' and (payload->>'date')::date < ${date}
    order by (payload->>'date')::date desc, id desc limit 1`;
  return row ? cashTotals(makeEvent(row.payload) as CashDay).closingBalance : null;
}

/** The day after the last one of a register, its book's first day when there is none, never after its last. */
export async function nextDay(sql: Queryable, { book, register }: Omit<CashPlace, 'date'>): Promise<string> {
  const [row] = await sql<{ next: string }[]>`
    select least(${book.endsOn}::date, coalesce(max(day) + 1, ${book.startsOn}::date)) as next from (
      select date as day from cash_days where company_id = ${book.companyId} and register = ${register}
      union all
      select (payload->>'date')::date from events
      where company_id = ${book.companyId} and type = 'cash_day' and payload->>'register' = ${register}
      and state = 'posted'
    ) as days where day >= ${book.startsOn}::date and day <= ${book.endsOn}::date`;
  return (row as { next: string }).next;
}
