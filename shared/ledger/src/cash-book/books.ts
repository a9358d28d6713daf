import { DomainError, isCurrency } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import { asDomainError } from '../refusal.ts';
import { giveAccount } from './registers.ts';

/** Master data of a cash book (accounting.md F1); tolerance in minor units of its currency. */
export interface NewCashBook {
  name: string;
  /** First and last day, YYYY-MM-DD. */
  startsOn: string;
  endsOn: string;
  /** Currency of its registers; the company's without it. */
  currency?: string | undefined;
  tolerance: bigint;
  companyCode: string;
  site: string;
  /** At least one; without an account the register keeps, or shares nobody's, `cash.drawer`. */
  registers: readonly { register: string; account?: string | undefined }[];
  auditor: string;
  clerk: string;
  costCentre?: string | null | undefined;
}

/** `ended` ones wait for their last approvals and for being archived. */
export type CashBookStatus = 'active' | 'ended' | 'upcoming' | 'archived';

export interface CashBook {
  id: string;
  companyId: string;
  name: string;
  startsOn: string;
  endsOn: string;
  currency: string;
  tolerance: bigint;
  companyCode: string;
  site: string;
  auditor: string;
  clerk: string;
  costCentre: string | null;
  archivedAt: Date | null;
  status: CashBookStatus;
  registers: { register: string; account: string }[];
}

export interface CashBookFilter {
  /** Part of the name, in any case. */
  name?: string | undefined;
  /** Books that are kept on any day of the range. */
  from?: string | undefined;
  to?: string | undefined;
  companyCode?: string | undefined;
  site?: string | undefined;
  costCentre?: string | undefined;
  archived?: boolean | undefined;
}

/**
 * Opens a cash book and gives its registers their cash accounts. Throws CASH_BOOK_REFUSED: a name that is taken, days
 * in the wrong order, a register that is in another book on one of these days, that has no account of its own, or whose
 * till's closings are booked already on one of these days.
 */
export async function createCashBook(tx: Tx, companyId: string, book: NewCashBook, now: Date): Promise<string> {
  // Closings of tills are booked under this lock, so none slips in while their registers get a book.
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const problem = await problemOf(tx, companyId, book);
  if (problem !== undefined) throw new DomainError('CASH_BOOK_REFUSED', problem, book.name);
  const [made] = await tx<{ id: string }[]>`
    insert into cash_books (company_id, name, starts_on, ends_on, currency, tolerance, company_code, site, auditor,
                            clerk, cost_centre, created_at)
    select id, ${book.name}, ${book.startsOn}, ${book.endsOn}, coalesce(${book.currency ?? null}, currency),
           ${book.tolerance}, ${book.companyCode}, ${book.site}, ${book.auditor}, ${book.clerk},
           ${book.costCentre ?? null}, ${now}
    from companies where id = ${companyId} returning id`;
  const { id } = made as { id: string };
  for (const { register, account } of book.registers) {
    await giveAccount(tx, companyId, register, account);
    await tx`
      insert into cash_book_registers (book_id, company_id, register) values (${id}, ${companyId}, ${register})`.catch(
      (error: unknown) => {
        throw asDomainError(error);
      },
    );
  }
  return id;
}

async function problemOf(tx: Tx, companyId: string, book: NewCashBook): Promise<string | undefined> {
  const { name, startsOn, endsOn, registers, tolerance, currency } = book;
  if (registers.length === 0) return `The cash book "${name}" needs at least one register.`;
  if (endsOn < startsOn) return `The cash book "${name}" would end on ${endsOn}, before it starts on ${startsOn}.`;
  if (tolerance < 0n) return `The tolerance of the cash book "${name}" is below zero.`;
  if (currency !== undefined && !isCurrency(currency)) return `"${currency}" is not an ISO 4217 currency code.`;
  const [taken] = await tx`select 1 from cash_books where company_id = ${companyId} and name = ${name}`;
  if (taken) return `There is a cash book "${name}" already. Choose another name.`;
  const names = registers.map(({ register }) => register);
  const twice = names.find((register, index) => names.indexOf(register) !== index);
  if (twice !== undefined) return `Register ${twice} is named twice.`;
  const [closed] = await tx<{ register: string; day: string; number: string }[]>`
    select v.payload->>'register' as register, e.tax_point as day, e.fiscal_year || '/' || e.number as number
    from events v join journal_entries e on e.event_id = v.id
    where v.company_id = ${companyId} and v.type = 'register_close' and v.payload->>'register' = any(${names}::text[])
      and e.reverses is null and e.reversed_by is null and e.tax_point between ${startsOn} and ${endsOn}
    order by e.tax_point desc limit 1`;
  if (!closed) return undefined;
  return (
    `The till's own closing of register ${closed.register} on ${closed.day} is booked as entry ${closed.number}; ` +
    `kept in a cash book, that day would be booked twice. Let the cash book start after it.`
  );
}

/** Cash books as the overview shows them, by status and name (accounting.md F1). `today` is the company's. */
export async function searchCashBooks(
  sql: Queryable,
  companyId: string,
  filter: CashBookFilter,
  today: string,
): Promise<CashBook[]> {
  const { name = null, from = null, to = null, archived = null } = filter;
  const { companyCode = null, site = null, costCentre = null } = filter;
  return sql<CashBook[]>`
    ${columns(sql, today)}
    where b.company_id = ${companyId}
      and (${name}::text is null or position(lower(${name}::text) in lower(b.name)) > 0)
      and (${from}::date is null or b.ends_on >= ${from}::date) and (${to}::date is null or b.starts_on <= ${to}::date)
      and (${companyCode}::text is null or b.company_code = ${companyCode}::text)
      and (${site}::text is null or b.site = ${site}::text)
      and (${costCentre}::text is null or b.cost_centre = ${costCentre}::text)
      and (${archived}::boolean is null or (b.archived_at is not null) = ${archived}::boolean)
    order by array_position(array['active', 'ended', 'upcoming', 'archived'], ${statusOn(sql, today)}), b.name`;
}

/** A cash book by its id or name. Throws CASH_BOOK_UNKNOWN. */
export async function findCashBook(
  sql: Queryable,
  companyId: string,
  idOrName: string,
  today: string,
): Promise<CashBook> {
  const [book] = await sql<CashBook[]>`
    ${columns(sql, today)}
    where b.company_id = ${companyId} and (b.id::text = ${idOrName} or b.name = ${idOrName})
    order by (b.id::text = ${idOrName}) desc limit 1`;
  if (book) return book;
  throw new DomainError('CASH_BOOK_UNKNOWN', `The company has no cash book "${idOrName}".`, idOrName);
}

function statusOn(sql: Queryable, today: string) {
  return sql`case when b.archived_at is not null then 'archived' when b.ends_on < ${today}::date then 'ended'
    when b.starts_on > ${today}::date then 'upcoming' else 'active' end`;
}

function columns(sql: Queryable, today: string) {
  return sql`
    select b.id, b.company_id as "companyId", b.name, b.starts_on as "startsOn", b.ends_on as "endsOn",
      b.currency::text as currency, b.tolerance, b.company_code as "companyCode", b.site, b.auditor, b.clerk,
      b.cost_centre as "costCentre", b.archived_at as "archivedAt", ${statusOn(sql, today)} as status,
      (select jsonb_agg(jsonb_build_object('register', r.register, 'account', a.account) order by r.register)
        from cash_book_registers r cross join lateral (
          select account from account_roles o where o.company_id = r.company_id
            and o.role in ('cash.drawer.' || r.register, 'cash.drawer') order by o.role desc limit 1) a
        where r.book_id = b.id) as registers
    from cash_books b`;
}
