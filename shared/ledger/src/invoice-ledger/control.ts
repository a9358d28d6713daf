import type { Queryable } from '@daybook/platform/db';
import { seenIn } from '../closing-filter.ts';

/** A sub-ledger account in one currency on a day; debit positive, minor units. */
export interface ControlRow {
  account: string;
  name: string;
  currency: string;
  /** Open items, what is not allocated included: in the company's currency, and in their own. */
  open: bigint;
  openTc: bigint;
  /** Balance of the account without entries that close or open a year. */
  balance: bigint;
  balanceTc: bigint;
}

/**
 * Sub-ledger and control account side by side at the end of a day, per account and currency (accounting.md E6). What is
 * open is the sum of all items: an allocation takes the same off both sides and its exchange difference.
 */
export async function controlAccounts(sql: Queryable, companyId: string, date: string): Promise<ControlRow[]> {
  return sql<ControlRow[]>`
    select a.code as account, a.name, m.currency, sum(m.open)::bigint as open, sum(m.open_tc)::bigint as "openTc",
      sum(m.balance)::bigint as balance, sum(m.balance_tc)::bigint as "balanceTc"
    from (
      select account, currency, amount as open, amount_tc as open_tc, 0 as balance, 0 as balance_tc from invoice_events
      where company_id = ${companyId} and posting_date <= ${date}::date
      union all
      select l.account, l.currency, 0, 0, l.debit - l.credit,
        case when l.debit > 0 then l.amount_tc else -l.amount_tc end
      from journal_lines l
      where l.company_id = ${companyId} and l.posting_date <= ${date}::date and l.account in (
        select code from accounts where company_id = ${companyId} and subledger is not null)
        and ${seenIn(sql, companyId, 'operations')}
    ) m join accounts a on a.company_id = ${companyId} and a.code = m.account
    group by a.code, a.name, m.currency order by a.code, m.currency`;
}
