import { businessDate, type CashDay, cashTotals, makeEvent, type PostingFacts } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { EventRow } from './posting-facts.ts';

type CashFacts = Pick<PostingFacts, 'cashBefore' | 'cashBook'>;

/**
 * What days of tills must know: of a cash day the day before, of a till's own closing the cash book its register is
 * kept in. Nothing is asked for other events.
 */
export async function cashFacts(tx: Tx, rows: readonly EventRow[], timeZone: string): Promise<Map<bigint, CashFacts>> {
  const found = new Map<bigint, CashFacts>();
  for (const row of rows) {
    const { event } = row;
    if (event.type === 'cash_day') found.set(row.id, { cashBefore: await dayBefore(tx, row, event) });
    if (event.type === 'register_close') {
      const date = businessDate(event, timeZone);
      found.set(row.id, { cashBook: await bookOf(tx, row.companyId, event.register, date) });
    }
  }
  return found;
}

async function dayBefore(tx: Tx, row: EventRow, day: CashDay): Promise<CashFacts['cashBefore']> {
  const [before] = await tx<{ payload: unknown }[]>`
    select payload from events
    where company_id = ${row.companyId} and type = 'cash_day' and payload->>'register' = ${day.register}
      and state = 'posted' and (payload->>'date')::date <= ${day.date}::date
      and not (connection_id = ${row.connectionId} and source_id = ${day.id})
    order by (payload->>'date')::date desc, id desc limit 1`;
  if (!before) return null;
  const { id, date, ...figures } = makeEvent(before.payload) as CashDay;
  return { id, date, closing: cashTotals(figures).closingBalance };
}

/** An archived book takes no more days: a closing that it has none for is booked by itself. */
async function bookOf(tx: Tx, companyId: string, register: string, date: string): Promise<string | null> {
  const [book] = await tx<{ name: string }[]>`
    select b.name from cash_books b join cash_book_registers r on r.book_id = b.id
    where b.company_id = ${companyId} and r.register = ${register} and ${date}::date between b.starts_on and b.ends_on
      and (b.archived_at is null or exists (
        select from cash_days d
        where d.company_id = ${companyId} and d.register = ${register} and d.date = ${date}::date))`;
  return book?.name ?? null;
}
