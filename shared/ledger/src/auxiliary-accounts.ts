import { defaultChart } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { retainedAccount } from './closing-balances.ts';

/** Accounts that only closings use, on no statement, and how they are called where the default chart has none. */
const AUXILIARY = {
  incomeSummary: ['closing.income_summary', 'Income summary'],
  closingBalance: ['closing.balance', 'Closing balance account'],
  openingBalance: ['equity.opening', 'Opening balance account'],
} as const;

/**
 * The accounts a closing works on, and the company's currency. Auxiliary accounts that the chart lacks are opened under
 * the number of the country's default chart, or under their role's name where that number is taken. Throws
 * ACCOUNT_UNRESOLVED when no account takes the result.
 */
export async function auxiliaryTargets(tx: Tx, companyId: string) {
  const [company] = await tx<{ country: string; currency: string }[]>`
    select country, currency from companies where id = ${companyId}`;
  const { country, currency } = company as { country: string; currency: string };
  const target = async ([role, name]: readonly [string, string]) => ({
    role,
    account: (await accountOf(tx, companyId, role)) ?? (await open(tx, companyId, { role, name, country })),
  });
  return {
    currency,
    incomeSummary: await target(AUXILIARY.incomeSummary),
    closingBalance: await target(AUXILIARY.closingBalance),
    openingBalance: await target(AUXILIARY.openingBalance),
    retained: { role: 'equity.retained', account: await retainedAccount(tx, companyId) },
  };
}

async function accountOf(tx: Tx, companyId: string, role: string): Promise<string | undefined> {
  const [row] = await tx<{ account: string }[]>`
    select account from account_roles where company_id = ${companyId} and role = ${role}`;
  return row?.account;
}

async function open(
  tx: Tx,
  companyId: string,
  { role, name, country }: { role: string; name: string; country: string },
): Promise<string> {
  const usual = defaultChart(country).accounts.find(({ roles }) => roles.includes(role));
  const [taken] = await tx`select 1 from accounts where company_id = ${companyId} and code = ${usual?.code ?? role}`;
  const account = usual && !taken ? usual : { code: role, name };
  await tx`
    insert into accounts (company_id, code, name, type, normal_side, guarded)
    values (${companyId}, ${account.code}, ${account.name}, 'equity', 'credit', false)`;
  await tx`insert into account_roles (company_id, role, account) values (${companyId}, ${role}, ${account.code})`;
  return account.code;
}
