import {
  type Books,
  type CompanySettings,
  type InventoryGroup,
  isOpenDay,
  type LockDates,
  openFrom,
  type Span,
  type SubledgerBasis,
  type TaxCode,
  type TaxRule,
} from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

const DEFAULT_SETTINGS: CompanySettings = { discountPresentation: 'contra_revenue', channelTax: 'net' };

/** A published rate is good for a month: some authorities publish monthly, nobody on weekends. */
const RATE_DAYS = 31;

const NO_LOCKS: LockDates = { sales: null, purchases: null, tax: null, everything: null, hard: null };

interface CompanyRow {
  currency: string;
  country: string;
  timeZone: string;
  settings: Partial<CompanySettings>;
}

interface RateRow {
  currency: string;
  days: string[];
  rates: string[];
}

/**
 * What the posting rules must know of a company: accounts by role, taxes, rates, open periods. In a transaction all of
 * it is one round trip. Throws when the company does not exist.
 */
export async function loadBooks(sql: Queryable, companyId: string): Promise<Books> {
  const [companies, roles, taxCodes, taxRules, rates, periods, locks, subledgers, groups] = await Promise.all([
    sql<CompanyRow[]>`
      select currency, country, time_zone as "timeZone", settings from companies where id = ${companyId}`,
    sql<{ role: string; account: string }[]>`select role, account from account_roles where company_id = ${companyId}`,
    sql<TaxCodeRow[]>`
      select code, trim_scale(rate)::text as rate, label, revenue, reverse_charge as "reverseCharge", boxes from tax_codes
      where company_id = ${companyId} and rate is not null`,
    sql<TaxRule[]>`
      select channel, name, trim_scale(rate)::text as rate, code from tax_rules where company_id = ${companyId} order by id`,
    sql<RateRow[]>`
      select currency, array_agg(day order by day) as days, array_agg(trim_scale(rate)::text order by day) as rates
      from fx_rates where company_id = ${companyId} group by currency`,
    sql<(Span & { state: string })[]>`
      select starts_on as "startsOn", ends_on as "endsOn", state from periods
      where company_id = ${companyId} and state in ('open', 'soft_closed') order by starts_on`,
    sql<LockDates[]>`
      select sales, purchases, tax, everything, hard from lock_dates where company_id = ${companyId}`,
    sql<{ code: string; basis: SubledgerBasis }[]>`
      select code, subledger as basis from accounts where company_id = ${companyId} and subledger is not null`,
    sql<InventoryGroup[]>`
      select number, description, stock_tracked as "stockTracked", sales_tax as "salesTax", purchase_tax as "purchaseTax",
        sales, inventory, cost_of_sales as "costOfSales", count_variance as "countVariance", adjustment,
        purchase_variance as "purchaseVariance", purchases
      from inventory_groups where company_id = ${companyId}`,
  ]);
  const [company] = companies;
  if (!company) throw new Error(`There is no company ${companyId}.`);
  const inState = (state: string) => periods.filter((period) => period.state === state);
  const days = { open: inState('open'), softClosed: inState('soft_closed'), locks: locks[0] ?? NO_LOCKS };
  const rateTable = new Map(rates.map((row) => [row.currency, row]));
  return {
    functionalCurrency: company.currency,
    country: company.country,
    timeZone: company.timeZone,
    settings: { ...DEFAULT_SETTINGS, ...company.settings },
    roles: new Map(roles.map((row) => [row.role, row.account])),
    taxCodes: new Map(taxCodes.map((row) => [row.code, taxCodeOf(row)])),
    taxRules: [...taxRules],
    subledgers: new Map(subledgers.map((row) => [row.code, row.basis])),
    groups: new Map(groups.map((group) => [group.number, group])),
    rate: (currency, date) => (currency === company.currency ? '1' : rateOn(rateTable.get(currency), date)),
    isOpen: (date, kind) => isOpenDay(days, date, kind),
    firstOpenDay: openFrom(days, '0001-01-01') ?? '9999-12-31',
    openFrom: (date, kind) => openFrom(days, date, kind),
  };
}

interface TaxCodeRow extends Omit<TaxCode, 'reverseCharge' | 'boxes'> {
  reverseCharge: boolean | null;
  boxes: TaxCode['boxes'] | null;
}

function taxCodeOf({ reverseCharge, boxes, ...code }: TaxCodeRow): TaxCode {
  return { ...code, ...(reverseCharge !== null && { reverseCharge }), ...(boxes && { boxes }) };
}

/** The newest rate of the day or the month before it. */
function rateOn(row: RateRow | undefined, date: string): string | undefined {
  if (!row) return undefined;
  const at = row.days.findLastIndex((day) => day <= date);
  const day = row.days[at];
  if (day === undefined || Date.parse(date) - Date.parse(day) > RATE_DAYS * 86_400_000) return undefined;
  return row.rates[at];
}
