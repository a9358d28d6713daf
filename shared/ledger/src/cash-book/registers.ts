import { DomainError } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';

/** Role of the cash account of one register; registers without one share `cash.drawer`. */
function roleOf(register: string): string {
  return `cash.drawer.${register}`;
}

/**
 * Gives a register its cash account (accounting.md F1): the one named, else the one it has, else that of `cash.drawer`
 * where no other register has it. Throws CASH_BOOK_REFUSED when that is none of its own.
 */
export async function giveAccount(tx: Tx, companyId: string, register: string, named?: string): Promise<void> {
  const roles = await tx<{ role: string; account: string; type: string }[]>`
    select r.role, r.account, a.type from account_roles r
    join accounts a on a.company_id = r.company_id and a.code = r.account
    where r.company_id = ${companyId} and r.role like 'cash.drawer%'`;
  const own = roles.find(({ role }) => role === roleOf(register))?.account;
  const account = named ?? own ?? roles.find(({ role }) => role === 'cash.drawer')?.account;
  const other = roles.find(
    (each) => each.account === account && isRegister(each.role) && each.role !== roleOf(register),
  );
  const [known] = await tx<{ type: string }[]>`
    select type from accounts where company_id = ${companyId} and code = ${account ?? ''}`;
  const refused = (why: string) => new DomainError('CASH_BOOK_REFUSED', `Register ${register}: ${why}`, register);
  if (account === undefined || known === undefined) {
    throw refused(`there is no cash account ${account ?? ''}. Add one to the chart and name it.`);
  }
  if (known.type !== 'asset')
    throw refused(`${account} is no asset account, so it cannot hold cash. Name another one.`);
  if (other) {
    const holder = other.role.slice(roleOf('').length);
    throw refused(`${account} is the cash account of register ${holder}; each register has its own. Name another one.`);
  }
  if (own !== undefined && own !== account) {
    throw refused(`its cash account is ${own}. Leave the account out, or change the role ${roleOf(register)} first.`);
  }
  if (own === undefined) {
    await tx`
      insert into account_roles (company_id, role, account) values (${companyId}, ${roleOf(register)}, ${account})`;
    await keepMapping(tx, companyId, register);
  }
}

/** What the account of `cash.drawer` is in connected books, it stays under the register's own role. */
async function keepMapping(tx: Tx, companyId: string, register: string): Promise<void> {
  await tx`
    insert into mappings (connection_id, kind, ours, channel, valid_from, theirs)
    select m.connection_id, m.kind, own.role, m.channel, m.valid_from, m.theirs
    from mappings m join connections c on c.id = m.connection_id
    join account_roles shared on shared.company_id = c.company_id and shared.role = m.ours
    join account_roles own on own.company_id = c.company_id and own.account = shared.account
    where c.company_id = ${companyId} and m.kind = 'account' and m.ours = 'cash.drawer'
      and own.role = ${roleOf(register)}
    on conflict do nothing`;
}

function isRegister(role: string): boolean {
  return role.startsWith(roleOf(''));
}

/** The cash account of a register; null where the company has none. */
async function accountOf(sql: Queryable, companyId: string, register: string): Promise<string | null> {
  const [row] = await sql<{ account: string }[]>`
    select account from account_roles where company_id = ${companyId} and role in (${roleOf(register)}, 'cash.drawer')
    order by role desc limit 1`;
  return row?.account ?? null;
}

/** Journals that a channel's takings are posted to, cash tenders among them. */
const TAKINGS = ['SAL', 'RFD', 'DEP', 'RCT'];

/**
 * Cash tenders of the channels' sales less refunds on a register and business date (accounting.md F4), in minor units
 * of the currency: what sales put on the register's cash account, whether booked one by one or as a daily summary.
 * Sales that name no register are on the account of the only one.
 */
export async function cashTenders(
  sql: Queryable,
  companyId: string,
  place: { register: string; date: string; currency: string },
): Promise<bigint> {
  const account = await accountOf(sql, companyId, place.register);
  const [row] = await sql<{ amount: bigint }[]>`
    select coalesce(sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end), 0)::bigint as amount
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where l.company_id = ${companyId} and l.account = ${account} and l.currency = ${place.currency}
      and e.tax_point = ${place.date} and e.entry_type = any(${TAKINGS}::text[])
      -- Late takings are dated later than the day they count for.
      and l.posting_date >= ${place.date}`;
  return row?.amount ?? 0n;
}

/** Balance of a register's cash account at the end of the day before, in minor units of the currency. */
export async function balanceBefore(
  sql: Queryable,
  companyId: string,
  place: { register: string; date: string; currency: string },
): Promise<bigint> {
  const account = await accountOf(sql, companyId, place.register);
  const [row] = await sql<{ amount: bigint }[]>`
    select coalesce(sum(case when debit > 0 then amount_tc else -amount_tc end), 0)::bigint as amount
    from journal_lines where company_id = ${companyId} and account = ${account} and currency = ${place.currency}
      and posting_date < ${place.date}`;
  return row?.amount ?? 0n;
}
