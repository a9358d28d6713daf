import {
  type Account,
  type CompanySettings,
  type DefaultChart,
  DomainError,
  defaultChart,
  isCurrency,
  localDate,
  type SubledgerBasis,
} from '@daybook/domain';
import { ormIn, type Queryable, type Tx } from '@daybook/platform/db';
import { companies } from '@daybook/platform/schema/companies';
import { createFiscalYear, ensureFiscalYears, type FiscalYear } from './calendar.ts';
import { genesisHash } from './chain.ts';
import { accountRoles, accounts, journalHeads, taxCodes, taxRules } from './schema.ts';

export { loadBooks } from './books.ts';
export { ensureFiscalYears } from './calendar.ts';

export interface NewCompany {
  slug: string;
  name: string;
  /** ISO 3166 code, two letters: decides the default chart and taxes. */
  country: string;
  currency: string;
  /** IANA name, "Europe/London": decides business dates. */
  timeZone: string;
  settings?: Partial<CompanySettings>;
  /** Decides the first fiscal year if none is given: the calendar year it falls into at the company's place. */
  now: Date;
  /** The first fiscal year: any days, at most 18 months. */
  fiscalYear?: FiscalYear;
  /** Instead of the country's default. */
  chart?: DefaultChart;
}

/** Accounts whose manual lines must say whose or which document they are (accounting.md I9 and B, rule b). */
const GUARDED = /^(tax|clearing|bank)\.|^(ar|ap|inventory)\.control/;

/**
 * Makes a company ready to be posted to: chart, roles, tax codes and rules, a fiscal year with its months, an empty
 * journal. Throws CURRENCY_UNKNOWN, FISCAL_YEAR_INVALID, RangeError for an unknown time zone, and the database's unique
 * violation for a slug that is taken.
 */
export async function createCompany(tx: Tx, company: NewCompany): Promise<{ id: string }> {
  if (!isCurrency(company.currency)) {
    throw new DomainError(
      'CURRENCY_UNKNOWN',
      `"${company.currency}" is not an ISO 4217 currency code.`,
      company.currency,
    );
  }
  const today = localDate(company.now.toISOString(), company.timeZone);
  const { now, chart = defaultChart(company.country), settings = {}, fiscalYear, ...identity } = company;
  const orm = ormIn(tx);
  const [made] = await orm
    .insert(companies)
    .values({ ...identity, settings, createdAt: now })
    .returning({ id: companies.id });
  if (!made) throw new Error('The company was not stored.');
  const companyId = made.id;
  await insertChart(tx, companyId, chart);
  await orm.insert(journalHeads).values({ companyId, lastHash: genesisHash(companyId), entries: 0n });
  if (fiscalYear) await createFiscalYear(tx, companyId, fiscalYear);
  else await ensureFiscalYears(tx, companyId, today);
  return { id: companyId };
}

function defaultBasis(roles: readonly string[]): SubledgerBasis | null {
  return roles.some((role) => role === 'ar.control' || role === 'ap.control') ? 'gross' : null;
}

async function insertChart(tx: Tx, companyId: string, chart: DefaultChart): Promise<void> {
  const orm = ormIn(tx);
  const guarded = (account: Account) => account.roles.some((role) => GUARDED.test(role));
  await orm.insert(accounts).values(
    chart.accounts.map(({ roles, ...account }) => ({
      ...account,
      companyId,
      guarded: guarded({ ...account, roles }),
      subledger: account.subledger === undefined ? defaultBasis(roles) : account.subledger,
    })),
  );
  const roles = chart.accounts.flatMap((account) => account.roles.map((role) => ({ role, account: account.code })));
  if (roles.length > 0) await orm.insert(accountRoles).values(roles.map((each) => ({ ...each, companyId })));
  if (chart.taxCodes.length > 0) {
    await orm.insert(taxCodes).values(chart.taxCodes.map((each) => ({ ...each, companyId })));
  }
  if (chart.taxRules.length > 0) {
    await orm.insert(taxRules).values(chart.taxRules.map((each) => ({ ...each, companyId })));
  }
}

/** Roles of a company with the accounts that play them: what is mapped to the accounts of connected books. */
export async function accountsOf(
  sql: Queryable,
  companyId: string,
): Promise<{ role: string; code: string; name: string; type: string }[]> {
  return sql<{ role: string; code: string; name: string; type: string }[]>`
    select r.role, a.code, a.name, a.type
    from account_roles r join accounts a on a.company_id = r.company_id and a.code = r.account
    where r.company_id = ${companyId} order by r.role`;
}

/** Tax codes of a company that have a rate: what is mapped to the tax rates of connected books. */
export async function taxCodesOf(sql: Queryable, companyId: string): Promise<{ code: string; rate: string }[]> {
  return sql<{ code: string; rate: string }[]>`
    select code, trim_scale(rate)::text as rate from tax_codes
    where company_id = ${companyId} and rate is not null order by code`;
}
