import { type BankRule, DomainError } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

export interface NewBankRule {
  contains: string;
  direction: BankRule['direction'];
  account?: string | undefined;
  role?: string | undefined;
  taxCode?: string | undefined;
  /** Only for this account. */
  bankAccountId?: string | undefined;
}

/** A rule as people see it. */
export interface ListedRule extends BankRule {
  bankAccountId: string | null;
  madeBy: string;
}

/** Rules that are applied, oldest first; only those for an account and for all where it is named. */
export async function bankRules(sql: Queryable, companyId: string, bankAccountId?: string): Promise<ListedRule[]> {
  return sql<ListedRule[]>`
    select id, contains, direction, account, role, tax_code as "taxCode", bank_account_id as "bankAccountId",
      made_by as "madeBy"
    from bank_rules where company_id = ${companyId} and ended_at is null
      and (${bankAccountId ?? null}::uuid is null or bank_account_id is null
        or bank_account_id = ${bankAccountId ?? null}::uuid) order by id`;
}

/**
 * Keeps a rule: lines whose words contain a text are booked on an account or role. Throws BANK_LINE_REFUSED for a
 * text too short to mean anything, ACCOUNT_UNRESOLVED for an account or role, TAX_UNRESOLVED for a tax code that is
 * not there.
 */
export async function addBankRule(sql: Queryable, companyId: string, rule: NewBankRule, by: string, now: Date) {
  const { contains, direction, account = null, role = null, taxCode = null, bankAccountId = null } = rule;
  if (contains.trim().length < 3) {
    throw new DomainError('BANK_LINE_REFUSED', `"${contains}" is too short for a rule; give three letters or more.`);
  }
  await checkTarget(sql, companyId, rule);
  const [made] = await sql<{ id: bigint }[]>`
    insert into bank_rules (company_id, bank_account_id, contains, direction, account, role, tax_code, made_by, made_at)
    values (${companyId}, ${bankAccountId}, ${contains.trim()}, ${direction}, ${account}, ${role}, ${taxCode}, ${by}, ${now})
    returning id`;
  return (made as { id: bigint }).id;
}

/** Ends a rule; what it booked stays. Throws BANK_LINE_REFUSED when there is none of that id. */
export async function endBankRule(sql: Queryable, companyId: string, id: bigint, now: Date): Promise<void> {
  const ended = await sql`
    update bank_rules set ended_at = ${now} where company_id = ${companyId} and id = ${id} and ended_at is null returning 1`;
  if (ended.length === 0)
    throw new DomainError('BANK_LINE_REFUSED', `There is no rule ${id} that is applied.`, String(id));
}

/** Refuses a target that is not in the books: exactly one of account and role, and a tax code they have. */
export async function checkTarget(
  sql: Queryable,
  companyId: string,
  { account, role, taxCode }: Pick<NewBankRule, 'account' | 'role' | 'taxCode'>,
): Promise<void> {
  if ((account === undefined) === (role === undefined)) {
    throw new DomainError('BANK_LINE_REFUSED', 'Name an account or a role, not both: where is the money booked?');
  }
  const [found] = await sql<{ target: boolean; tax: boolean }[]>`
    select exists (select from accounts where company_id = ${companyId} and code = ${account ?? null})
        or exists (select from account_roles where company_id = ${companyId} and role = ${role ?? null}) as target,
      exists (select from tax_codes where company_id = ${companyId} and code = ${taxCode ?? null}) as tax`;
  const named = account ?? role;
  if (!found?.target) {
    throw new DomainError('ACCOUNT_UNRESOLVED', `The company has no account or role "${named}". Correct it.`, named);
  }
  if (taxCode !== undefined && !found.tax) {
    throw new DomainError('TAX_UNRESOLVED', `The company has no tax code "${taxCode}". Correct it.`, taxCode);
  }
}
