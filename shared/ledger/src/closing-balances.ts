import { type ClosingBalance, DomainError, type Span } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { resultAccount } from './closing-filter.ts';
import { lastYearStart } from './reports/scope.ts';
import { balances, type TrialBalanceRow } from './reports/trial-balance.ts';

/** An account's balance on a day: debit positive, minor units of the company's currency. */
export interface AccountBalance {
  account: string;
  balance: bigint;
}

/**
 * Balances at the end of a day with the carry-forward of earlier years, closed or not: assets, liabilities and equity
 * over all time, income and expenses since the first day of the day's fiscal year; what those made before stands on the
 * account that takes results. They add up to zero. Accounts at zero are left out; by account code.
 */
export async function balancesAt(sql: Queryable, companyId: string, date: string): Promise<AccountBalance[]> {
  const from = await lastYearStart(sql, companyId, date);
  const rows = await balances(sql, companyId, { from, to: date });
  const isResult = ({ type }: TrialBalanceRow) => type === 'income' || type === 'expense';
  const carried = rows.filter(isResult).reduce((sum, { opening }) => sum + opening, 0n);
  const found = new Map(rows.map((row) => [row.account, isResult(row) ? row.closing - row.opening : row.closing]));
  if (carried !== 0n) {
    const retained = await retainedAccount(sql, companyId);
    found.set(retained, (found.get(retained) ?? 0n) + carried);
  }
  return [...found]
    .map(([account, balance]) => ({ account, balance }))
    .filter(({ balance }) => balance !== 0n)
    .sort((a, b) => (a.account < b.account ? -1 : 1));
}

/** What a fiscal year would leave if it ended on a day; minor units of the company's currency. */
export interface ClosingPreview {
  /** The last day looked at. */
  date: string;
  /** Above zero is a profit. */
  result: bigint;
  /** Equity, above zero: the account of retained earnings before and after the result came to it. */
  retainedBefore: bigint;
  retainedAfter: bigint;
  /** Balances the next year would open with, debit positive, by account; none at zero. */
  opening: AccountBalance[];
}

/**
 * The closing of a year on a day, worked out and not posted (accounting.md G3); also the provisional carry-forward of a
 * year whose close is still to come (G4). Throws ACCOUNT_UNRESOLVED when no account takes results.
 */
export async function closingPreview(sql: Queryable, companyId: string, date: string): Promise<ClosingPreview> {
  const standing = await balancesAt(sql, companyId, date);
  const isResult = await resultAccounts(sql, companyId);
  const retained = await retainedAccount(sql, companyId);
  const result = -total(standing.filter(({ account }) => isResult.has(account)));
  const kept = standing.filter(({ account }) => !isResult.has(account));
  const before = total(kept.filter(({ account }) => account === retained));
  const after = { account: retained, balance: before - result };
  const opening = [...kept.filter(({ account }) => account !== retained), after]
    .filter(({ balance }) => balance !== 0n)
    .sort((a, b) => (a.account < b.account ? -1 : 1));
  return { date, result, retainedBefore: -before, retainedAfter: -after.balance, opening };
}

function total(rows: readonly { balance: bigint }[]): bigint {
  return rows.reduce((sum, { balance }) => sum + balance, 0n);
}

async function resultAccounts(sql: Queryable, companyId: string): Promise<Set<string>> {
  const rows = await sql<{ code: string }[]>`
    select code from accounts where company_id = ${companyId} and type in ('income', 'expense')`;
  return new Set(rows.map(({ code }) => code));
}

/** The account that takes results. Throws ACCOUNT_UNRESOLVED. */
export async function retainedAccount(sql: Queryable, companyId: string): Promise<string> {
  const [row] = await sql<{ account: string | null }[]>`select ${resultAccount(sql, companyId)} as account`;
  if (row?.account) return row.account;
  throw new DomainError(
    'ACCOUNT_UNRESOLVED',
    'No account takes the result of a year. Give an equity account the role equity.retained, then close the year.',
    'equity.retained',
  );
}

/**
 * What entries of some days of a year moved, by account and currency, without those that close the year; the opening
 * that carried the year before into it counts. Income and expenses are told in the company's currency alone.
 */
export async function movedIn(sql: Queryable, companyId: string, span: Span, label: string): Promise<ClosingBalance[]> {
  return sql<ClosingBalance[]>`
    select account, type, currency, sum(amount)::bigint as amount, sum(amount_tc)::bigint as "amountTc" from (
      select l.account, a.type, l.debit - l.credit as amount,
        case when a.type in ('income', 'expense') then c.currency else l.currency end as currency,
        case when a.type in ('income', 'expense') then l.debit - l.credit
          when l.debit > 0 then l.amount_tc else -l.amount_tc end as amount_tc
      from journal_entries e join journal_lines l on l.entry_id = e.id join companies c on c.id = e.company_id
      join accounts a on a.company_id = l.company_id and a.code = l.account
      where e.company_id = ${companyId} and e.posting_date between ${span.startsOn}::date and ${span.endsOn}::date
        and e.id not in (select x.entry_id from closing_entries x
          where x.company_id = ${companyId} and x.fiscal_year = ${label} and x.step <> 'OPN')
    ) lines group by account, type, currency having sum(amount) <> 0 or sum(amount_tc) <> 0 order by account, currency`;
}
