import { type Account, defaultChart } from '@daybook/domain';

/** What an organisation starts with: our default chart, as a merchant would set it up in Xero, and tax rates. */
export type Country = 'GB' | 'US' | 'DE';
type AccountClass = 'ASSET' | 'LIABILITY' | 'EQUITY' | 'REVENUE' | 'EXPENSE';

export interface ChartAccount {
  id: string;
  code: string;
  name: string;
  type: string;
  class: AccountClass;
  taxType: string;
  paymentsEnabled: boolean;
  /** Set for accounts Xero itself posts to; they refuse lines. */
  systemAccount: string | null;
  /** Bank accounts may be kept in another currency; null = the organisation's own. */
  currency: string | null;
  status: 'ACTIVE' | 'ARCHIVED';
}

export interface TaxRate {
  taxType: string;
  name: string;
  reportTaxType: string;
  /** Percent, decimal text. */
  rate: string;
  /** Classes of accounts a line with this rate may name. */
  appliesTo: readonly AccountClass[];
  status: 'ACTIVE' | 'DELETED';
}

const PAYMENTS = 'payments';

/** Roles of one currency: `clearing.stripe.EUR`. */
const FOREIGN = /^clearing\.\w+\.([A-Z]{3})$/;

/** The first rule whose pattern fits one of an account's roles decides; what none fits follows the account's type. */
const KINDS: readonly (readonly [roles: RegExp, type: string, extra?: string])[] = [
  [/^ar\.control$/, 'CURRENT', 'DEBTORS'],
  [/^ap\.control$/, 'CURRLIAB', 'CREDITORS'],
  [/^tax\.output$/, 'CURRLIAB', 'GST'],
  [/^equity\.retained$/, 'EQUITY', 'RETAINEDEARNINGS'],
  // Only bank accounts are kept in another currency.
  [FOREIGN, 'BANK'],
  [/^clearing\.square$/, 'BANK'],
  [/^(cash\.transit$|clearing\.|suspense$)/, 'CURRENT', PAYMENTS],
  [/^(bank\.|cash\.drawer$)/, 'BANK'],
  [/^(giftcard|storecredit|storedvalue)\.liability$/, 'CURRLIAB', PAYMENTS],
  [/^customer\.deposits/, 'CURRLIAB', PAYMENTS],
  [/^giftcard\.breakage$/, 'OTHERINCOME'],
  [/^(cost_of_sales|purchases?\b|inventory\.(change|adjustment)|count\.variance)/, 'DIRECTCOSTS'],
];

const TYPES: Readonly<Record<Account['type'], string>> = {
  asset: 'CURRENT',
  liability: 'CURRLIAB',
  equity: 'EQUITY',
  income: 'REVENUE',
  expense: 'EXPENSE',
};

const CLASSES: Readonly<Record<string, AccountClass>> = {
  BANK: 'ASSET',
  CURRENT: 'ASSET',
  CURRLIAB: 'LIABILITY',
  EQUITY: 'EQUITY',
  REVENUE: 'REVENUE',
  OTHERINCOME: 'REVENUE',
  DIRECTCOSTS: 'EXPENSE',
  EXPENSE: 'EXPENSE',
};

/** Accounts that Xero makes by itself, with its own codes. */
const XEROS_OWN: readonly Omit<ChartAccount, 'id'>[] = [
  ['499', 'Realised Currency Gains', 'EXPENSE', 'REALISEDCURRENCYGAIN'] as const,
  ['860', 'Rounding', 'CURRLIAB', 'ROUNDING'] as const,
].map(([code, name, type, systemAccount]) => ({
  code,
  name,
  type,
  class: CLASSES[type]!,
  taxType: 'NONE',
  paymentsEnabled: false,
  systemAccount,
  currency: null,
  status: 'ACTIVE',
}));

/** Processors that keep balances in several currencies: a clearing account for each. */
const FOREIGN_CLEARING = /^clearing\.(stripe|paypal)$/;

type Habit = 'standard' | 'reduced' | 'zero' | 'exempt' | 'none';

/** Default tax of a revenue account, by the end of its role. */
const HABIT_ENDINGS: readonly (readonly [RegExp, Habit])[] = [
  [/\.reduced$/, 'reduced'],
  [/\.(zero|export|intra_eu)$/, 'zero'],
  [/\.exempt$/, 'exempt'],
  [/\.oss$/, 'none'],
  [/^sales\./, 'standard'],
];

const HABITS: Readonly<Record<Country, Record<Habit, string>>> = {
  GB: { standard: 'OUTPUT2', reduced: 'RROUTPUT', zero: 'ZERORATEDOUTPUT', exempt: 'EXEMPTOUTPUT', none: 'NONE' },
  US: { standard: 'OUTPUT', reduced: 'OUTPUT', zero: 'NONE', exempt: 'NONE', none: 'NONE' },
  DE: { standard: 'OUTPUT', reduced: 'TAX001', zero: 'TAX002', exempt: 'NONE', none: 'NONE' },
};

const ALL: readonly AccountClass[] = ['ASSET', 'EQUITY', 'EXPENSE', 'LIABILITY', 'REVENUE'];
const SALES: readonly AccountClass[] = ['ASSET', 'EQUITY', 'LIABILITY', 'REVENUE'];
const PURCHASES: readonly AccountClass[] = ['ASSET', 'EQUITY', 'EXPENSE', 'LIABILITY'];

type RateRow = readonly [taxType: string, name: string, report: string, rate: string, to: readonly AccountClass[]];
const RATES: Readonly<Record<Country, readonly RateRow[]>> = {
  GB: [
    ['OUTPUT2', '20% (VAT on Income)', 'OUTPUT', '20.0000', SALES],
    ['RROUTPUT', '5% (VAT on Income)', 'OUTPUT', '5.0000', SALES],
    ['ZERORATEDOUTPUT', 'Zero Rated Income', 'OUTPUT', '0.0000', SALES],
    ['EXEMPTOUTPUT', 'Exempt Income', 'EXEMPTOUTPUT', '0.0000', SALES],
    ['INPUT2', '20% (VAT on Expenses)', 'INPUT', '20.0000', PURCHASES],
    ['RRINPUT', '5% (VAT on Expenses)', 'INPUT', '5.0000', PURCHASES],
    ['REVERSECHARGES', 'Reverse Charge Expenses (20%)', 'REVERSECHARGES', '20.0000', PURCHASES],
    ['NONE', 'No VAT', 'NONE', '0.0000', ALL],
  ],
  US: [
    ['OUTPUT', 'Tax on Sales', 'OUTPUT', '8.2500', SALES],
    ['INPUT', 'Tax on Purchases', 'INPUT', '8.2500', PURCHASES],
    ['TAX001', 'New York State Tax', 'OUTPUT', '4.0000', SALES],
    ['TAX002', 'Erie County Tax', 'OUTPUT', '4.7500', SALES],
    ['TAX003', 'Erie County, New York', 'OUTPUT', '8.7500', SALES],
    ['TAX004', 'New York City Sales Tax', 'OUTPUT', '8.8750', SALES],
    ['GSTONIMPORTS', 'Sales Tax on Imports', 'GSTONIMPORTS', '0.0000', ['LIABILITY']],
    ['NONE', 'Tax Exempt', 'NONE', '0.0000', ALL],
  ],
  DE: [
    ['OUTPUT', 'Umsatzsteuer 19 %', 'OUTPUT', '19.0000', SALES],
    ['TAX001', 'Umsatzsteuer 7 %', 'OUTPUT', '7.0000', SALES],
    ['TAX002', 'Umsatzsteuer 0 %', 'OUTPUT', '0.0000', SALES],
    ['TAX003', 'Steuerfreie Ausfuhr (Export)', 'OUTPUT', '0.0000', SALES],
    ['TAX004', 'Innergemeinschaftliche Lieferung', 'OUTPUT', '0.0000', SALES],
    ['TAX005', 'Fernverkauf, OSS', 'OUTPUT', '0.0000', SALES],
    ['INPUT', 'Vorsteuer 19 %', 'INPUT', '19.0000', PURCHASES],
    ['TAX007', 'Steuerfreie Umsätze § 4 Nr. 8–29 UStG', 'EXEMPTOUTPUT', '0.0000', SALES],
    ['TAX006', 'Reverse Charge § 13b UStG 19 %', 'REVERSECHARGES', '19.0000', PURCHASES],
    ['NONE', 'Ohne Steuer', 'NONE', '0.0000', ALL],
  ],
};

/**
 * The accounts of a new organisation; `idOf` makes their ids, `currencies` are those beside its own. Closing accounts
 * exist only on our side.
 */
export function chartFor(
  country: Country,
  currencies: readonly string[],
  idOf: (code: string) => string,
): ChartAccount[] {
  const accounts = defaultChart(country).accounts.filter(
    ({ roles }) => !roles.some((role) => role.startsWith('closing.')),
  );
  const ours = [...accounts, ...foreignClearing(accounts, currencies)].map((account): ChartAccount => {
    const { code, name, roles } = account;
    const kind = KINDS.find(([pattern]) => roles.some((role) => pattern.test(role)));
    const type = kind?.[1] ?? TYPES[account.type];
    const extra = kind?.[2];
    const habit = HABIT_ENDINGS.find(([ending]) => ending.test(roles[0] ?? ''))?.[1] ?? 'none';
    return {
      id: idOf(code),
      code,
      name,
      type,
      class: CLASSES[type]!,
      taxType: HABITS[country][habit],
      paymentsEnabled: extra === PAYMENTS,
      systemAccount: extra === undefined || extra === PAYMENTS ? null : extra,
      currency: type === 'BANK' ? (FOREIGN.exec(roles[0] ?? '')?.[1] ?? null) : null,
      status: 'ACTIVE',
    };
  });
  return [...ours, ...XEROS_OWN.map((account) => ({ ...account, id: idOf(account.code) }))];
}

/** "Stripe clearing EUR" beside "Stripe clearing", code 1101-EUR, unless the chart has one already. */
function foreignClearing(accounts: readonly Account[], currencies: readonly string[]): Account[] {
  const played = new Set(accounts.flatMap(({ roles }) => roles));
  return accounts.flatMap((account) => {
    const role = account.roles.find((each) => FOREIGN_CLEARING.test(each));
    const missing = currencies.filter((currency) => role !== undefined && !played.has(`${role}.${currency}`));
    return missing.map((currency) => ({
      ...account,
      code: `${account.code}-${currency}`,
      name: `${account.name} ${currency}`,
      roles: [`${role}.${currency}`],
    }));
  });
}

/** The tax rates of a new organisation. */
export function taxRatesFor(country: Country): TaxRate[] {
  return RATES[country].map(([taxType, name, reportTaxType, rate, appliesTo]) => ({
    taxType,
    name,
    reportTaxType,
    rate,
    appliesTo,
    status: 'ACTIVE',
  }));
}
