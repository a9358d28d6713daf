import { formatMinor, type Span } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { unapprovedDays } from './cash-book/day-states.ts';
import { controlAccounts } from './invoice-ledger/control.ts';

/** Something unfinished in a period. What `blocks` has to be settled; the rest can be accepted with a reason. */
export interface Problem {
  check: 'events' | 'summaries' | 'suspense' | 'subledger' | 'cash_days';
  blocks: boolean;
  /** Pieces, or minor units of the company's currency where it is a balance. */
  amount: bigint;
  /** What is unfinished and what to do. */
  message: string;
}

/**
 * What stands against locking the days up to the last of a span (accounting.md G2). Everything that has to do with a
 * day of the span or an earlier one counts, because a lock covers those as well.
 */
export async function problemsBefore(sql: Queryable, companyId: string, span: Span): Promise<Problem[]> {
  const found = await Promise.all([
    waitingEvents(sql, companyId, span),
    openSummaries(sql, companyId, span),
    suspense(sql, companyId, span),
    subledgers(sql, companyId, span),
    cashDays(sql, companyId, span),
  ]);
  return found.flat();
}

async function waitingEvents(sql: Queryable, companyId: string, { endsOn }: Span): Promise<Problem[]> {
  const [row] = await sql<{ count: bigint; first: string | null }[]>`
    select count(*) as count, min(e.type || ' ' || e.source_id) as first
    from events e join companies c on c.id = e.company_id
    where e.company_id = ${companyId} and e.state in ('pending', 'waiting', 'failed')
      and (e.occurred_at at time zone c.time_zone)::date <= ${endsOn}::date`;
  const count = row?.count ?? 0n;
  if (count === 0n) return [];
  const message = `${count} events up to ${endsOn} are not booked, such as ${row?.first}; see the open issues.`;
  return [{ check: 'events', blocks: false, amount: count, message }];
}

async function openSummaries(sql: Queryable, companyId: string, { endsOn }: Span): Promise<Problem[]> {
  const [row] = await sql<{ count: bigint }[]>`
    select count(*) as count from summaries where company_id = ${companyId} and state = 'open' and day <= ${endsOn}::date`;
  const count = row?.count ?? 0n;
  if (count === 0n) return [];
  const message = `${count} daily summaries up to ${endsOn} are not posted yet; they are some hours after their day.`;
  return [{ check: 'summaries', blocks: true, amount: count, message }];
}

async function suspense(sql: Queryable, companyId: string, { endsOn }: Span): Promise<Problem[]> {
  const [row] = await sql<{ balance: bigint; currency: string }[]>`
    select coalesce(sum(l.debit - l.credit), 0)::bigint as balance, min(c.currency) as currency
    from journal_lines l join account_roles r on r.company_id = l.company_id and r.account = l.account
    join companies c on c.id = l.company_id
    where l.company_id = ${companyId} and r.role = 'suspense' and l.posting_date <= ${endsOn}::date
      and l.entry_id not in (select x.entry_id from closing_entries x where x.company_id = ${companyId})`;
  if (!row || row.balance === 0n) return [];
  const shown = `${row.currency} ${formatMinor(row.balance, row.currency)}`;
  const message = `Suspense holds ${shown} on ${endsOn}: find out what it is and book it to its account.`;
  return [{ check: 'suspense', blocks: false, amount: row.balance, message }];
}

/** Open items that do not come to their control account block (accounting.md E6). */
async function subledgers(sql: Queryable, companyId: string, { endsOn }: Span): Promise<Problem[]> {
  const rows = await controlAccounts(sql, companyId, endsOn);
  const uneven = rows.filter((row) => row.open !== row.balance || row.openTc !== row.balanceTc);
  return uneven.map(({ account, name, currency, openTc, balanceTc, balance, open }) => {
    const show = (amount: bigint) => `${currency} ${formatMinor(amount, currency)}`;
    const message =
      `Open items of ${account} ${name} come to ${show(openTc)} on ${endsOn}, the account to ${show(balanceTc)}. ` +
      'Run `daybook verify`: it names the first line without its item.';
    return { check: 'subledger', blocks: true, amount: balance - open, message };
  });
}

/** A period cannot be locked with unapproved days (accounting.md F4). */
async function cashDays(sql: Queryable, companyId: string, { endsOn }: Span): Promise<Problem[]> {
  const days = await unapprovedDays(sql, companyId, '0001-01-01', endsOn);
  const [first] = days;
  if (!first) return [];
  const message =
    `${days.length} days of cash books up to ${endsOn} are not approved, such as ${first.date} of ${first.book}, register ` +
    `${first.register}: the auditor approves them.`;
  return [{ check: 'cash_days', blocks: true, amount: BigInt(days.length), message }];
}
