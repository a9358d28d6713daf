import { type CashDay, cashTotals, formatMinor, makeEvent, sum } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { Check } from './check.ts';

/** The last booked day of a register, and its cash account. */
interface LastDay {
  account: string | null;
  day: CashDay;
}

/**
 * T12: the closing balance of a register's last booked day is the balance of its cash account, where no money has moved
 * there since. Registers that share an account are looked at together.
 */
const closingIsBalance: Check = {
  name: 'the cash book closes with what is on the cash accounts of its registers',
  async look(tx, companyId) {
    const days = await lastDays(tx, companyId);
    const accounts = Map.groupBy(days, ({ account, day }) => `${account} ${day.currency}`);
    for (const own of accounts.values()) {
      const bad = await differenceOn(tx, companyId, own);
      if (bad !== null) return { rows: days.length, bad };
    }
    return { rows: days.length };
  },
};

async function lastDays(tx: Tx, companyId: string): Promise<LastDay[]> {
  const rows = await tx<{ account: string | null; payload: unknown }[]>`
    select distinct on (v.payload->>'register', v.payload->>'currency') v.payload, (
      select account from account_roles r where r.company_id = ${companyId}
        and r.role in ('cash.drawer.' || (v.payload->>'register'), 'cash.drawer')
        order by r.role desc limit 1) as account
    from events v where v.company_id = ${companyId} and v.type = 'cash_day' and v.state = 'posted'
    order by v.payload->>'register', v.payload->>'currency', (v.payload->>'date')::date desc, v.id desc`;
  return rows.map(({ account, payload }) => ({ account, day: makeEvent(payload) as CashDay }));
}

async function differenceOn(tx: Tx, companyId: string, own: readonly LastDay[]): Promise<string | null> {
  const [{ account, day }] = own as [LastDay];
  const { currency } = day;
  const last = own
    .map((each) => each.day.date)
    .sort()
    .at(-1) as string;
  const [row] = await tx<{ balance: bigint; moved: boolean }[]>`
    select coalesce(sum(case when debit > 0 then amount_tc else -amount_tc end), 0)::bigint as balance,
      coalesce(bool_or(posting_date > ${last}::date), false) as moved
    from journal_lines where company_id = ${companyId} and account = ${account} and currency = ${currency}`;
  const closing = sum(own.map((each) => cashTotals(each.day).closingBalance));
  if (!row || row.moved || row.balance === closing) return null;
  const registers = own.map((each) => `${each.day.register} on ${each.day.date}`).join(', ');
  const show = (amount: bigint) => `${currency} ${formatMinor(amount, currency)}`;
  return `register ${registers} closes with ${show(closing)}, cash account ${account} stands at ${show(row.balance)}`;
}

/** That the cash book and the ledger tell one story (accounting.md T12). */
export const cashBookChecks: readonly Check[] = [closingIsBalance];
