import { type CsvMap, csvMap, DomainError, isCurrency } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';

/** A bank account whose statements are imported. */
export interface BankAccount {
  id: string;
  companyId: string;
  name: string;
  /** Role of its account in the ledger, and that account. */
  role: string;
  account: string;
  /** IBAN or number; null until a statement tells it. */
  number: string | null;
  currency: string;
  csvMap: CsvMap | null;
}

export interface NewBankAccount {
  name: string;
  role: string;
  number?: string | null | undefined;
  currency?: string | undefined;
  csvMap?: CsvMap | null | undefined;
}

/**
 * Adds a bank account over the ledger account that plays `role`, in the company's currency unless another is given.
 * Throws ACCOUNT_UNRESOLVED for a role nobody plays, CURRENCY_UNKNOWN, BANK_LINE_REFUSED for one that is there
 * already.
 */
export async function createBankAccount(tx: Tx, companyId: string, wish: NewBankAccount, now: Date) {
  const { name, role, currency } = wish;
  if (currency !== undefined && !isCurrency(currency)) {
    throw new DomainError('CURRENCY_UNKNOWN', `"${currency}" is not an ISO 4217 currency code.`, currency);
  }
  const [played] = await tx<{ account: string }[]>`
    select account from account_roles where company_id = ${companyId} and role = ${role}`;
  if (!played) {
    throw new DomainError(
      'ACCOUNT_UNRESOLVED',
      `No account plays the role ${role}. Choose one in the account mapping.`,
      role,
    );
  }
  const known = await listBankAccounts(tx, companyId);
  const same = known.find((each) => each.name === name || each.account === played.account);
  if (same) {
    const message = `The bank account "${same.name}" is kept on ${same.account} (${same.role}) already. Use it.`;
    throw new DomainError('BANK_LINE_REFUSED', message, name);
  }
  await tx`
    insert into bank_accounts (company_id, name, role, number, currency, csv_map, created_at)
    select id, ${name}, ${role}, ${wish.number ? bankNumber(wish.number) : null}, coalesce(${currency ?? null}, currency),
      ${wish.csvMap ? JSON.stringify(wish.csvMap) : null}::jsonb, ${now}
    from companies where id = ${companyId}`;
  return findBankAccount(tx, companyId, name);
}

/** Bank accounts of a company by name. */
export async function listBankAccounts(sql: Queryable, companyId: string): Promise<BankAccount[]> {
  const rows = await sql<(Omit<BankAccount, 'csvMap'> & { csvMap: unknown })[]>`
    select b.id, b.company_id as "companyId", b.name, b.role, r.account, b.number, b.currency::text as currency,
      b.csv_map as "csvMap"
    from bank_accounts b join account_roles r on r.company_id = b.company_id and r.role = b.role
    where b.company_id = ${companyId} order by b.name`;
  return rows.map((row) => ({ ...row, csvMap: row.csvMap === null ? null : csvMap.parse(row.csvMap) }));
}

/**
 * A bank account by its id, name, IBAN or number, role, or the code of its ledger account. Throws
 * BANK_ACCOUNT_UNKNOWN telling which there are.
 */
export async function findBankAccount(sql: Queryable, companyId: string, named: string): Promise<BankAccount> {
  const all = await listBankAccounts(sql, companyId);
  const number = bankNumber(named);
  const found =
    all.find(({ id, name }) => id === named || name === named) ??
    all.find((each) => each.number === number || each.role === named || each.account === named);
  if (found) return found;
  const known = all.map(({ name }) => `"${name}"`).join(', ') || 'none yet';
  throw new DomainError(
    'BANK_ACCOUNT_UNKNOWN',
    `The company has no bank account "${named}"; there is: ${known}.`,
    named,
  );
}

/** Keeps the column map that the account's CSV files are read with. */
export async function saveCsvMap(sql: Queryable, account: BankAccount, map: CsvMap): Promise<void> {
  await sql`update bank_accounts set csv_map = ${JSON.stringify(map)}::jsonb where id = ${account.id}`;
}

/** An account number without blanks, in capitals. */
function bankNumber(text: string): string {
  return text.replace(/[^\p{L}\p{N}/]/gu, '').toUpperCase();
}

/**
 * Whether a statement's account is the one meant: an IBAN holds bank code and number, a currency may stand behind.
 */
export function isSameNumber(a: string, b: string): boolean {
  const plain = (text: string) => {
    const [bank = '', own] = bankNumber(text)
      .replace(/(?<=\d)[A-Z]{3}$/, '')
      .split('/');
    return own === undefined ? bank : `${bank}${own.padStart(10, '0')}`;
  };
  const [one, other] = [plain(a), plain(b)];
  const [long, short] = one.length >= other.length ? [one, other] : [other, one];
  return long === short || (short.length >= 6 && long.endsWith(short));
}
