import { describe, expect, test } from 'vitest';
import type { RemoteAccount, RemoteBooks } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { type Answer, failureOf, handed, json, queryIn, rows } from './test-support.ts';

const list = (...ids: string[]) => ({ TaxRateDetail: ids.map((value) => ({ TaxRateRef: { value } })) });
const company = (CompanyName: string, Country: string) => json({ CompanyInfo: { CompanyName, Country } });
const CODES = rows(
  'TaxCode',
  { Id: '5', Name: '20.0% S', Active: true, SalesTaxRateList: list('11'), PurchaseTaxRateList: list('12') },
  { Id: '8', Name: 'GST/QST', Active: true, SalesTaxRateList: list('21', '22') },
  { Id: '6', Name: '20.0% RC', Active: true, SalesTaxRateList: list(), PurchaseTaxRateList: list('14', '15') },
  { Id: '4', Name: '17.5% S', Active: false, SalesTaxRateList: list('10') },
);
const RATES = rows(
  'TaxRate',
  { Id: '10', RateValue: 17.5 },
  { Id: '11', RateValue: '20.00' },
  { Id: '12', RateValue: 20 },
  { Id: '14', RateValue: 20 },
  { Id: '15', RateValue: -20 },
  { Id: '21', RateValue: 5 },
  { Id: '22', RateValue: 9.975 },
);
const CHART = rows(
  'Account',
  { Id: '35', Name: 'Checking', AccountType: 'Bank', AccountSubType: 'Checking', CurrencyRef: { value: 'GBP' } },
  { Id: '53', Name: 'Card', AccountType: 'Credit Card', AccountSubType: 'CreditCard' },
  { Id: '79', Name: 'Sales', AcctNum: '4000', AccountType: 'Income', AccountSubType: 'SalesOfProductIncome' },
  { Id: '80', Name: 'Old', AcctNum: '4001', AccountType: 'Income', Active: false },
  { Id: '81', Name: 'Services', AcctNum: '4100', AccountType: 'Income' },
  { Id: '82', Name: 'Shipping', AcctNum: '4100', AccountType: 'Income' },
);
const PREFERENCES = {
  AccountingInfoPrefs: { BookCloseDate: '2026-09-30' },
  CurrencyPrefs: { MultiCurrencyEnabled: true, HomeCurrency: { value: 'GBP' } },
  TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: false },
};

const reading = (...answers: Answer[]) => {
  const world = handed(...answers);
  return { ...world, books: () => connector.readBooks(world.api) };
};

describe('reading the books', () => {
  test('company, closing date, chart, codes and currencies', async () => {
    const { books, asked } = reading(
      company("Larry's Bakery", 'GB'),
      json({ Preferences: PREFERENCES }),
      CHART,
      CODES,
      RATES,
      rows('CompanyCurrency', { Code: 'EUR', Active: true }, { Code: 'CHF', Active: false }),
    );
    expect(await books()).toEqual({
      name: "Larry's Bakery",
      country: 'GB',
      currency: 'GBP',
      timeZone: '',
      currencies: ['GBP', 'EUR'],
      accounts: [
        { code: '35', name: 'Checking', type: 'Bank / Checking', remoteId: '35', isBank: true, currency: 'GBP' },
        { code: '53', name: 'Card', type: 'Credit Card / CreditCard', remoteId: '53', isBank: true },
        { code: '4000', name: 'Sales', type: 'Income / SalesOfProductIncome', remoteId: '79', isBank: false },
        // Two accounts share the number, so it names neither.
        { code: '81', name: 'Services', type: 'Income', remoteId: '81', isBank: false },
        { code: '82', name: 'Shipping', type: 'Income', remoteId: '82', isBank: false },
      ],
      taxRates: [
        { code: '5', name: '20.0% S', rate: '20' },
        { code: '8', name: 'GST/QST', rate: '14.975' },
        { code: '6', name: '20.0% RC (purchases)', rate: '0' },
      ],
      lockDate: '2026-09-30',
    });
    expect(asked.slice(2).map(queryIn)).toEqual([
      'select * from Account',
      'select * from TaxCode',
      'select * from TaxRate',
      'select * from CompanyCurrency',
    ]);
  });

  test('one currency and no closing date ask for nothing more', async () => {
    const { books, asked } = reading(
      company('Solo', 'GB'),
      json({ Preferences: {} }),
      CHART,
      rows('TaxCode'),
      rows('TaxRate'),
    );
    expect(await books()).toMatchObject({ currency: 'GBP', currencies: ['GBP'], lockDate: null, taxRates: [] });
    expect(asked).toHaveLength(5);
  });

  test('American books offer NON first, and say when they work sales tax out by themselves', async () => {
    const preferences = {
      ...PREFERENCES,
      CurrencyPrefs: {},
      TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: true },
    };
    const codes = rows(
      'TaxCode',
      { Id: 'TAX', Name: 'TAX' },
      { Id: 'NON', Name: 'NON' },
      { Id: '2', Name: 'California', SalesTaxRateList: list('3') },
    );
    const { books, logged } = reading(
      company('Mugs', 'US'),
      json({ Preferences: preferences }),
      CHART,
      codes,
      rows('TaxRate', { Id: '3', RateValue: 8 }),
    );
    expect((await books()).taxRates).toEqual([
      { code: 'NON', name: 'Our tax on a line of its own', rate: '0' },
      { code: '2', name: 'California', rate: '8' },
    ]);
    expect(logged.map(({ message }) => message)).toContain('books.automated_sales_tax');
  });

  test('an answer of another shape is a failed reading', async () => {
    const { books } = reading(json({ CompanyInfo: { Country: 'GB' } }));
    expect(await failureOf(books)).toMatchObject({
      kind: 'retryable',
      code: 'BOOKS_ANSWER_UNREADABLE',
      ambiguous: false,
    });
  });
});

function account(code: string, name: string, type: string): RemoteAccount {
  return { code, name, type, remoteId: code, isBank: /^(Bank|Credit)/.test(type) };
}
const BOOKS: RemoteBooks = {
  name: 'x',
  country: 'GB',
  currency: 'GBP',
  timeZone: '',
  currencies: ['GBP'],
  accounts: [
    account('4010', 'Services', 'Income / ServiceFeeIncome'),
    account('4020', 'Sales of Product Income', 'Income / SalesOfProductIncome'),
    account('1241', 'Undeposited', 'Other Current Asset / UndepositedFunds'),
    account('99', 'Stripe Clearing', 'Bank / Checking'),
    account('98', 'PayPal clearing', 'Other Current Asset / OtherCurrentAssets'),
    account('97', 'Card', 'Credit Card / CreditCard'),
    account('84', 'Debtors', 'Accounts Receivable / AccountsReceivable'),
    account('2200', 'VAT Suspense', 'Other Current Liability / GlobalTaxSuspense'),
    account('86', 'Discounts given', 'Income / DiscountsRefundsGiven'),
  ],
  taxRates: [
    { code: '1', name: '20.0% RC SG', rate: '20' },
    { code: '2', name: '20.0% ECG', rate: '20' },
    { code: '3', name: '20.0% S', rate: '20' },
    { code: '4', name: '5.0% R', rate: '5' },
    { code: '5', name: '0.0% Z', rate: '0' },
    { code: '6', name: 'Exempt', rate: '0' },
    { code: '7', name: 'No VAT', rate: '0' },
    { code: '8', name: '0.0% ECG', rate: '0' },
  ],
  lockDate: null,
};

function suggested(books: RemoteBooks, ...ours: [role: string, code: string, name: string, type: string][]) {
  const accounts = ours.map(([role, code, name, type]) => ({ role, code, name, type }));
  const found = connector.suggestMapping(books, accounts, []).filter(({ kind }) => kind === 'account');
  return Object.fromEntries(found.map(({ ours: role, theirs }) => [role, theirs]));
}

describe('suggesting a mapping', () => {
  test('by number, then name, then type; never of another class, and money only on banks', () => {
    expect(
      suggested(
        BOOKS,
        ['sales.revenue.standard', '4010', 'Sales', 'income'],
        ['sales.revenue.zero', '4002', 'Sales, zero rate', 'income'],
        ['clearing.stripe', '1241', 'Stripe clearing', 'asset'],
        ['clearing.paypal', '1244', 'PayPal clearing', 'asset'],
        ['bank.main', '1200', 'Bank current account', 'asset'],
        ['ar.control', '1100', 'Debtors control account', 'asset'],
        ['tax.output', '2200', 'Output VAT', 'liability'],
        ['sales.discount', '4009', 'Discounts allowed', 'income'],
        ['tips.payable', '2140', 'Tips payable', 'liability'],
      ),
    ).toEqual({
      'sales.revenue.standard': '4010',
      'sales.revenue.zero': '4020',
      'clearing.stripe': '99',
      'bank.main': '99',
      'ar.control': '84',
      'tax.output': '2200',
      'sales.discount': '86',
    });
  });

  test('two banks are a question for a person', () => {
    const two = { ...BOOKS, accounts: [...BOOKS.accounts, account('96', 'Savings', 'Bank / Savings')] };
    expect(suggested(two, ['bank.main', '1200', 'Bank', 'asset'])).toEqual({ 'bank.main': '99' });
    const checking = { ...BOOKS, accounts: [...BOOKS.accounts, account('96', 'Other', 'Bank / Checking')] };
    expect(suggested(checking, ['bank.main', '1200', 'Bank', 'asset'])).toEqual({});
  });

  test('taxes by rate among the everyday codes, those without tax by their words', () => {
    const codes = [
      { code: 'S20', rate: '20' },
      { code: 'R5', rate: '5.0' },
      { code: 'Z0', rate: '0' },
      { code: 'E', rate: '0' },
      { code: 'X', rate: '0' },
      { code: 'EXP0', rate: '0' },
      { code: 'RC20', rate: '20' },
      { code: 'ODD', rate: '7' },
    ];
    const found = connector.suggestMapping(BOOKS, [], codes);
    expect(Object.fromEntries(found.map(({ ours, theirs }) => [ours, theirs]))).toEqual({
      S20: '3',
      R5: '4',
      Z0: '5',
      E: '6',
      X: '7',
      EXP0: '5',
      RC20: '1',
      '': '7',
    });
  });

  test('American taxes all go out as NON, also those that come to be known only at a sale', () => {
    const taxRates = [
      { code: 'NON', name: 'x', rate: '0' },
      { code: '2', name: 'California', rate: '8' },
    ];
    const found = connector.suggestMapping({ ...BOOKS, country: 'US', taxRates }, [], [{ code: 'LOCAL', rate: '8' }]);
    expect(found).toEqual([
      { kind: 'tax', ours: 'LOCAL', theirs: 'NON' },
      { kind: 'tax', ours: '', theirs: 'NON' },
      { kind: 'tax', ours: '*', theirs: 'NON' },
    ]);
  });
});
