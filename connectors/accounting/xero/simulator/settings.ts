import { decimal, type Json } from './answer.ts';
import type { ChartAccount, TaxRate } from './charts.ts';
import { msDate, xeroZone } from './dates.ts';
import type { Organisation } from './world.ts';

/** When every organisation of the simulator was opened: long before any sale. */
const OPENED = Date.UTC(2020, 0, 1);

/** GET /Organisation; lock dates only where they are set. */
export function renderOrganisation(organisation: Organisation): Json {
  const { period, yearEnd } = organisation.locks;
  return {
    Name: organisation.name,
    LegalName: organisation.name,
    PaysTax: true,
    Version: organisation.country === 'DE' ? 'GLOBAL' : organisation.country === 'GB' ? 'UK' : 'US',
    OrganisationType: 'COMPANY',
    BaseCurrency: organisation.currency,
    CountryCode: organisation.country,
    IsDemoCompany: false,
    OrganisationStatus: 'ACTIVE',
    FinancialYearEndDay: 31,
    FinancialYearEndMonth: 12,
    SalesTaxBasis: 'ACCRUALS',
    ...(period === null ? {} : { PeriodLockDate: msDate(period) }),
    ...(yearEnd === null ? {} : { EndOfYearLockDate: msDate(yearEnd) }),
    CreatedDateUTC: `/Date(${OPENED})/`,
    OrganisationEntityType: 'COMPANY',
    Timezone: xeroZone(organisation.timeZone),
    ShortCode: `!${organisation.tenantId.slice(0, 5).toUpperCase()}`,
    OrganisationID: organisation.tenantId,
    Edition: 'BUSINESS',
    Class: 'STANDARD',
    Addresses: [],
    Phones: [],
    ExternalLinks: [],
    PaymentTerms: {},
  };
}

/** An account of the chart. */
export function renderAccount(organisation: Organisation, account: ChartAccount): Json {
  return {
    AccountID: account.id,
    Code: account.code,
    Name: account.name,
    Status: account.status,
    Type: account.type,
    TaxType: account.taxType,
    Class: account.class,
    ...(account.systemAccount === null ? {} : { SystemAccount: account.systemAccount }),
    EnablePaymentsToAccount: account.paymentsEnabled,
    ShowInExpenseClaims: false,
    ...(account.type === 'BANK'
      ? { BankAccountType: 'BANK', CurrencyCode: account.currency ?? organisation.currency }
      : {}),
    HasAttachments: false,
    UpdatedDateUTC: msDate(OPENED),
    AddToWatchlist: false,
  };
}

/** A tax rate with the classes of accounts it may be used on. */
export function renderTaxRate(rate: TaxRate): Json {
  const applies = (name: (typeof rate.appliesTo)[number]) => rate.appliesTo.includes(name);
  return {
    Name: rate.name,
    TaxType: rate.taxType,
    ReportTaxType: rate.reportTaxType,
    CanApplyToAssets: applies('ASSET'),
    CanApplyToEquity: applies('EQUITY'),
    CanApplyToExpenses: applies('EXPENSE'),
    CanApplyToLiabilities: applies('LIABILITY'),
    CanApplyToRevenue: applies('REVENUE'),
    DisplayTaxRate: decimal(rate.rate),
    EffectiveRate: decimal(rate.rate),
    Status: rate.status,
    TaxComponents: [{ Name: rate.name, Rate: decimal(rate.rate), IsCompound: false, IsNonRecoverable: false }],
  };
}

/** An enabled currency with its English name. */
export function renderCurrency(code: string): Json {
  return { Code: code, Description: new Intl.DisplayNames('en', { type: 'currency' }).of(code) ?? code };
}
