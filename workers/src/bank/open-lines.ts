import { formatMoney } from '@daybook/domain';
import type { BankAccount } from '@daybook/ledger/bank/accounts';
import type { WorkerDeps } from '../deps.ts';
import { fingerprint, openIssue, resolveIssue } from '../issues.ts';

/** One issue per bank account as long as it has lines that are neither matched nor ignored; closed with the last. */
export async function noteOpenLines(account: BankAccount, { sql, clock }: WorkerDeps): Promise<void> {
  const [open] = await sql<{ count: number; suggested: number; sum: bigint; since: string | null }[]>`
    select count(*)::int as count, (count(*) filter (where state = 'suggested'))::int as suggested,
      coalesce(sum(amount), 0)::bigint as sum, min(booked_on) as since
    from bank_lines where bank_account_id = ${account.id} and state in ('unmatched', 'suggested')`;
  const { count, suggested, sum, since } = open as {
    count: number;
    suggested: number;
    sum: bigint;
    since: string | null;
  };
  const finding = {
    companyId: account.companyId,
    connectionId: null,
    code: 'BANK_LINE_UNMATCHED',
    subject: account.name,
  };
  if (count === 0) {
    await resolveIssue(sql, account.companyId, fingerprint(finding), clock());
    return;
  }
  const lines = count === 1 ? '1 line' : `${count} lines`;
  const message =
    `${lines} of the bank account "${account.name}" since ${since}, ${formatMoney({ minor: sum, currency: account.currency })} ` +
    `together, are not in the books yet; ${suggested} of them have suggestions. Confirm these, book or ignore the others.`;
  await openIssue(sql, { ...finding, message }, clock());
}
