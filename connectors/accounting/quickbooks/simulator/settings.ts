import { decimal, type Json } from './answer.ts';
import { pacific } from './instants.ts';
import { compact } from './request.ts';
import type { TaxCode, Taxes, TaxRate } from './taxes.ts';
import { type Company, OPENED } from './world.ts';

const head = (id: string): Json => ({
  domain: 'QBO',
  sparse: false,
  Id: id,
  SyncToken: '0',
  MetaData: { CreateTime: pacific(OPENED), LastUpdatedTime: pacific(OPENED) },
});

/** GET /companyinfo. */
export function renderCompany(company: Company): Json {
  const address = { Id: '1', Line1: '1 Harbour Street', Country: company.country };
  return {
    CompanyName: company.name,
    LegalName: company.name,
    CompanyAddr: address,
    CustomerCommunicationAddr: address,
    LegalAddr: address,
    CompanyStartDate: pacific(OPENED).slice(0, 10),
    FiscalYearStartMonth: 'January',
    Country: company.country,
    Email: { Address: 'books@example.com' },
    WebAddr: {},
    SupportedLanguages: 'en',
    DefaultTimeZone: company.timeZone,
    NameValue: [{ Name: 'NeoEnabled', Value: 'true' }],
    ...head('1'),
  };
}

/** GET /preferences; BookCloseDate only while books are closed. */
export function renderPreferences(company: Company): Json {
  const { currency, customNumbers, salesTax } = company;
  return {
    AccountingInfoPrefs: compact({
      UseAccountNumbers: true,
      TrackDepartments: false,
      ClassTrackingPerTxn: false,
      ClassTrackingPerTxnLine: false,
      FirstMonthOfFiscalYear: 'January',
      TaxYearMonth: 'January',
      BookCloseDate: company.closed,
      CustomerTerminology: 'Customers',
    }),
    ProductAndServicesPrefs: {
      ForSales: true,
      ForPurchase: true,
      QuantityWithPriceAndRate: true,
      QuantityOnHand: false,
    },
    SalesFormsPrefs: {
      CustomTxnNumbers: customNumbers,
      AllowDeposit: true,
      AllowDiscount: false,
      AllowEstimates: true,
      AllowShipping: false,
      AutoApplyCredit: false,
      AutoApplyPayments: false,
      IPNSupportEnabled: false,
      UsingProgressInvoicing: false,
    },
    VendorAndPurchasesPrefs: { TrackingByCustomer: false, BillableExpenseTracking: false },
    TaxPrefs: { UsingSalesTax: salesTax !== 'off', PartnerTaxEnabled: salesTax === 'automated' },
    CurrencyPrefs: {
      MultiCurrencyEnabled: company.enabledCurrencies.length > 1,
      HomeCurrency: { value: currency },
    },
    OtherPrefs: {
      NameValue: [
        { Name: 'VendorAndPurchasesPrefs.UseCustomTxnNumbers', Value: String(customNumbers) },
        { Name: 'WarnDuplicateJournalNumber', Value: 'false' },
      ],
    },
    ...head('1'),
  };
}

/** A tax code with the rates it stands for. */
export function renderTaxCode({ rates }: Taxes): (code: TaxCode) => Json {
  const rateList = (id: string | null): Json => {
    const rate = rates.find((each) => each.id === id);
    if (!rate) return { TaxRateDetail: [] };
    const detail = { TaxRateRef: { value: rate.id, name: rate.name }, TaxTypeApplicable: 'TaxOnAmount', TaxOrder: 0 };
    return { TaxRateDetail: [detail] };
  };
  return (code) => ({
    Name: code.name,
    Description: code.description,
    Active: true,
    Hidden: false,
    Taxable: code.taxable,
    TaxGroup: code.salesRate !== null,
    ...(code.salesRate === null
      ? {}
      : { SalesTaxRateList: rateList(code.salesRate), PurchaseTaxRateList: rateList(code.purchaseRate) }),
    ...head(code.id),
  });
}

/** A tax rate, in percent. */
export function renderTaxRate(rate: TaxRate): Json {
  return {
    Name: rate.name,
    Description: rate.name,
    Active: true,
    RateValue: decimal(rate.rate),
    AgencyRef: { value: '1' },
    SpecialTaxType: 'NONE',
    DisplayType: 'ReadOnly',
    ...head(rate.id),
  };
}

/** A currency that is enabled beside the company's own. */
export function renderCurrency({ id, code }: { id: string; code: string }): Json {
  const name = new Intl.DisplayNames('en', { type: 'currency' }).of(code) ?? code;
  return { Code: code, Name: name, Active: true, ...head(id) };
}
