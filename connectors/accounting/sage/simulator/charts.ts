import { type Account, defaultChart } from '@daybook/domain';
import { idFrom } from './ids.ts';

export interface Ledger {
  id: string;
  code: string;
  name: string;
  /** What it is for, in the words of our default chart. */
  roles: readonly string[];
  /** Ids of the provider's list of ledger account types. */
  type: string;
  isControl: boolean;
  /** Debtors and creditors: only documents of contacts post there. */
  isClosed: boolean;
}
export interface Bank {
  id: string;
  ledger: string;
  currency: string;
}
export interface TaxRate {
  id: string;
  name: string;
  /** Percent, decimal text. */
  percentage: string;
}

/** Debtors, output tax, input tax: the accounts that documents post to by themselves. */
export const DEBTORS = 'ar.control';
export const OUTPUT_TAX = 'tax.output';
export const INPUT_TAX = 'tax.input';

export const TYPE_NAMES: Readonly<Record<string, string>> = {
  BANK: 'Bank',
  CURRENT_ASSETS: 'Current Assets',
  CURRENT_LIABILITIES: 'Current Liabilities',
  EQUITY: 'Capital & Reserves',
  SALES: 'Sales',
  OTHER_INCOME: 'Other Income',
  DIRECT_EXPENSES: 'Direct Expenses',
  OVERHEADS: 'Overheads',
};
const TYPES: Readonly<Record<Account['type'], string>> = {
  asset: 'CURRENT_ASSETS',
  liability: 'CURRENT_LIABILITIES',
  equity: 'EQUITY',
  income: 'SALES',
  expense: 'OVERHEADS',
};
const MONEY = /^(bank|clearing|cash)\.(?!short|over)/;

const BRITISH: readonly TaxRate[] = [
  { id: 'GB_STANDARD', name: 'Standard 20.00%', percentage: '20.0' },
  { id: 'GB_LOWER', name: 'Lower Rate 5.00%', percentage: '5.0' },
  { id: 'GB_ZERO', name: 'Zero Rated 0.00%', percentage: '0.0' },
  { id: 'GB_EXEMPT', name: 'Exempt 0.00%', percentage: '0.0' },
  { id: 'GB_NO_TAX', name: 'No VAT 0.00%', percentage: '0.0' },
];

const AMERICAN: readonly TaxRate[] = [
  { id: 'US_NEW_YORK', name: 'New York 8.875%', percentage: '8.875' },
  { id: 'US_NO_TAX', name: 'No Tax 0.00%', percentage: '0.0' },
];
export const TAX_RATES: Readonly<Record<Country, readonly TaxRate[]>> = { GB: BRITISH, US: AMERICAN };

export type Country = 'GB' | 'US';
/** A bank account beside those of the chart, in the books' own currency. */
export interface PlannedBank {
  code: string;
  name: string;
}

/** A chart as a merchant who follows ours sets it up: clearing accounts and cash are bank accounts there. */
export function chartFor(
  seed: number,
  business: string,
  country: Country,
  currency: string,
  more: readonly PlannedBank[] = [],
): { ledgers: Ledger[]; banks: Bank[] } {
  const accounts: Account[] = [
    ...defaultChart(country).accounts,
    ...more.map((bank): Account => ({ ...bank, type: 'asset', normalSide: 'debit', roles: ['bank.other'] })),
  ];
  const ledgers = accounts.map((account): Ledger => {
    const isClosed = account.roles.some((role) => /^(ar|ap)\.control$/.test(role));
    return {
      id: idFrom(seed, business, 'ledger', account.code),
      code: account.code,
      name: account.name,
      roles: account.roles,
      type: typeOf(account),
      isControl: isClosed || account.roles.some((role) => /^tax\.(input|output|settlement)/.test(role)),
      isClosed,
    };
  });
  const banks = accounts.flatMap(({ code, roles }, index): Bank[] => {
    const ledger = ledgers[index];
    if (ledger?.type !== 'BANK') return [];
    // Clearing accounts of other currencies carry theirs in the role.
    const own = roles.find((role) => /\.[A-Z]{3}$/.test(role))?.slice(-3);
    return [{ id: idFrom(seed, business, 'bank', code), ledger: ledger.id, currency: own ?? currency }];
  });
  return { ledgers, banks };
}

function typeOf({ roles, type }: { roles: readonly string[]; type: Account['type'] }): string {
  if (roles.some((role) => MONEY.test(role))) return 'BANK';
  if (roles.some((role) => /^(cost_of_sales|purchases?\b|inventory\.(change|adjustment))/.test(role))) {
    return 'DIRECT_EXPENSES';
  }
  return roles.includes('giftcard.breakage') ? 'OTHER_INCOME' : TYPES[type];
}
