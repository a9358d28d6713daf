import type { AccountType } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { asked, companyOf, type FlowScope, movements, type Scope } from './scope.ts';

/** Balances and movement of an account; minor units of the company's currency, balances debit positive. */
export interface TrialBalanceRow {
  account: string;
  name: string;
  type: AccountType;
  opening: bigint;
  debits: bigint;
  credits: bigint;
  closing: bigint;
}

/** accounting.md H1. Column totals: closing balances on the debit side and, as positive amounts, on the credit side. */
export interface TrialBalance {
  currency: string;
  from: string | null;
  to: string;
  rows: TrialBalanceRow[];
  totals: { debits: bigint; credits: bigint; closingDebit: bigint; closingCredit: bigint };
  /** Closing debits less closing credits: zero, or the books are broken. */
  difference: bigint;
}

/**
 * Trial balance of all entries dated `to` or before; movements count from `from` on, earlier ones are the opening
 * balance. Accounts without any line are left out unless `zeros` asks for the whole chart. Throws when the company does
 * not exist.
 */
export async function trialBalance(
  sql: Queryable,
  companyId: string,
  scope: Scope & { zeros?: boolean },
): Promise<TrialBalance> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const rows = await balances(sql, companyId, scope);
  const total = (pick: (row: TrialBalanceRow) => bigint) => rows.reduce((sum, row) => sum + pick(row), 0n);
  const closingDebit = total((row) => (row.closing > 0n ? row.closing : 0n));
  const closingCredit = total((row) => (row.closing < 0n ? -row.closing : 0n));
  const totals = {
    debits: total((row) => row.debits),
    credits: total((row) => row.credits),
    closingDebit,
    closingCredit,
  };
  return { currency, from, to, rows, totals, difference: closingDebit - closingCredit };
}

/** Rows of the trial balance: what the statements are made of. */
export async function balances(
  sql: Queryable,
  companyId: string,
  scope: FlowScope & { zeros?: boolean },
): Promise<TrialBalanceRow[]> {
  const { from } = asked(scope);
  const isMovement = sql`(${from}::date is null or day >= ${from}::date)`;
  const rows = await sql<TrialBalanceRow[]>`
    with booked as (
      select account, coalesce(sum(debit - credit) filter (where not ${isMovement}), 0)::bigint as opening,
        coalesce(sum(debit) filter (where ${isMovement}), 0)::bigint as debits,
        coalesce(sum(credit) filter (where ${isMovement}), 0)::bigint as credits
      from (${movements(sql, companyId, scope)}) m group by account
    ), shown as (
      select account from booked
      union select code from accounts where ${scope.zeros ?? false} and company_id = ${companyId}
    )
    select s.account, coalesce(a.name, '') as name, a.type, coalesce(b.opening, 0)::bigint as opening,
      coalesce(b.debits, 0)::bigint as debits, coalesce(b.credits, 0)::bigint as credits,
      coalesce(b.opening + b.debits - b.credits, 0)::bigint as closing
    from shown s left join booked b using (account)
    left join accounts a on a.company_id = ${companyId} and a.code = s.account order by s.account`;
  return [...rows];
}
