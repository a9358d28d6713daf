import type { Queryable } from '@daybook/platform/db';
import { asked, companyOf, leftOut, type Scope } from './scope.ts';

/** What customers hold against us, by the roles of its accounts (accounting.md H13). */
export const REGISTERS = {
  'gift-cards': 'giftcard.liability',
  'store-credit': 'storecredit.liability',
  'stored-value': 'storedvalue.liability',
  deposits: 'customer.deposits',
} as const;
export type Register = keyof typeof REGISTERS;
/** Names of the registers. */
export const REGISTER_NAMES = Object.keys(REGISTERS) as Register[];

/** A card, customer or order; minor units. `open` = opening + issued − used − expired. */
export interface RegisterRow {
  /** Id of the card or number of the order; '' where lines name none. */
  document: string;
  party: string;
  opening: bigint;
  issued: bigint;
  used: bigint;
  expired: bigint;
  open: bigint;
}

export type RegisterFigure = 'opening' | 'issued' | 'used' | 'expired' | 'open';

export interface RegisterReport {
  currency: string;
  from: string | null;
  to: string;
  register: Register;
  rows: RegisterRow[];
  total: Omit<RegisterRow, 'document' | 'party'>;
}

/**
 * Cards, credits or deposits that were issued, used, expired or are open. A line on an account that several registers
 * share belongs to the one its role names. Rows that were never open in the range are left out. Throws when the company
 * does not exist.
 */
export async function registerReport(
  sql: Queryable,
  companyId: string,
  scope: Scope & { register: Register },
): Promise<RegisterReport> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const rows = await rowsOf(sql, companyId, scope);
  const total = { opening: 0n, issued: 0n, used: 0n, expired: 0n, open: 0n };
  for (const row of rows) for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += row[key];
  return { currency, from, to, register: scope.register, rows, total };
}

async function rowsOf(sql: Queryable, companyId: string, scope: Scope & { register: Register }) {
  const rows = await sql<RegisterRow[]>`
    select document, party, coalesce(sum(amount) filter (where figure = 'opening'), 0)::bigint as opening,
      coalesce(sum(amount) filter (where figure = 'issued'), 0)::bigint as issued,
      coalesce(-sum(amount) filter (where figure = 'used'), 0)::bigint as used,
      coalesce(-sum(amount) filter (where figure = 'expired'), 0)::bigint as expired, sum(amount)::bigint as open
    from (${heldLines(sql, companyId, scope)}) l
    group by document, party having sum(amount) <> 0 or bool_or(figure <> 'opening') order by document, party`;
  return [...rows];
}

/** Lines of a register with the figure they count in. A credit issues, a debit uses; a reversal takes that back. */
function heldLines(sql: Queryable, companyId: string, scope: Scope & { register: Register }) {
  const { from, to, channel } = asked(scope);
  const role = REGISTERS[scope.register];
  return sql`
    with roles as (
      select account, role from account_roles
      where company_id = ${companyId} and split_part(role, '.', 1) || '.' || split_part(role, '.', 2) = any(${Object.values(REGISTERS)})
    ), lines as (
      select l.entry_id, l.line_no, coalesce(l.document, '') as document, coalesce(l.party, '') as party, l.credit - l.debit as amount,
        (e.entry_type = 'OPN' or coalesce(l.posting_date < ${from}::date, false)) as earlier, (l.credit > 0) = (e.reverses is null) as given,
        l.debit > 0 and exists (select from journal_lines o
          where o.entry_id = l.entry_id and o.role like 'giftcard.breakage%') as expiry
      from journal_lines l join journal_entries e on e.id = l.entry_id
      where l.company_id = ${companyId} and l.posting_date <= ${to}::date
        and l.account in (select account from roles where role like ${`${role}%`})
        and (l.role like ${`${role}%`} or (l.role not in (select role from roles) and ${role} = (
          select min(substring(r.role from '^[a-z]+[.][a-z]+')) from roles r where r.account = l.account)))
        and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
        and l.entry_id not in (${leftOut(sql, companyId, scope)})
    )
    select entry_id, line_no, document, party, amount, case when earlier then 'opening' when expiry then 'expired'
      when given then 'issued' else 'used' end as figure
    from lines`;
}

/** Lines behind a figure of a register, as a subquery of entry_id, line_no and amount; of one document, or of all. */
export function registerLines(
  sql: Queryable,
  companyId: string,
  scope: Scope & { register: Register },
  { figure, document = null }: { figure: RegisterFigure; document?: string | null | undefined },
) {
  const sign = figure === 'used' || figure === 'expired' ? -1 : 1;
  return sql`
    select entry_id, line_no, ${sign}::int * amount as amount from (${heldLines(sql, companyId, scope)}) l
    where (figure = ${figure} or ${figure === 'open'}) and (${document}::text is null or document = ${document}::text)`;
}
