import { type Account, defaultChart } from '@daybook/domain';

export type Country = 'US' | 'GB';
export type Classification = 'Asset' | 'Liability' | 'Equity' | 'Revenue' | 'Expense';

/** Kinds of accounts in their chart; the type decides what may be done with one (XSD AccountTypeEnum). */
export const CLASSIFICATIONS: Readonly<Record<string, Classification>> = {
  Bank: 'Asset',
  'Accounts Receivable': 'Asset',
  'Other Current Asset': 'Asset',
  'Fixed Asset': 'Asset',
  'Other Asset': 'Asset',
  'Accounts Payable': 'Liability',
  'Credit Card': 'Liability',
  'Other Current Liability': 'Liability',
  'Long Term Liability': 'Liability',
  Equity: 'Equity',
  Income: 'Revenue',
  'Other Income': 'Revenue',
  'Cost of Goods Sold': 'Expense',
  Expense: 'Expense',
  'Other Expense': 'Expense',
};

/** What a company's chart starts from. */
export interface ChartRow {
  id: string;
  /** AcctNum; null for accounts that QuickBooks itself made. */
  number: string | null;
  name: string;
  type: string;
  subType: string;
  /** null = the company's own. */
  currency: string | null;
}

/** The first rule whose pattern fits one of an account's roles decides; what none fits follows the account's type. */
const KINDS: readonly (readonly [roles: RegExp, type: string, subType: string])[] = [
  [/^ar\.control$/, 'Accounts Receivable', 'AccountsReceivable'],
  [/^ap\.control$/, 'Accounts Payable', 'AccountsPayable'],
  [/^tax\.output$/, 'Other Current Liability', 'GlobalTaxPayable'],
  [/^(clearing\.|processor\.reserve$|dispute\.held$)/, 'Bank', 'TrustAccounts'],
  [/^cash\.(drawer|transit)$/, 'Bank', 'CashOnHand'],
  [/^bank\./, 'Bank', 'Checking'],
  [/^inventory\.control$/, 'Other Current Asset', 'Inventory'],
  [/^equity\.retained$/, 'Equity', 'RetainedEarnings'],
  [/^equity\.opening$/, 'Equity', 'OpeningBalanceEquity'],
  [/^sales\.(discount|returns)/, 'Income', 'DiscountsRefundsGiven'],
  [/^giftcard\.breakage$/, 'Other Income', 'OtherMiscellaneousIncome'],
  [/^(cost_of_sales|purchases?\b|inventory\.|count\.)/, 'Cost of Goods Sold', 'SuppliesMaterialsCogs'],
  [/^fx\.(gain|loss)$/, 'Other Expense', 'ExchangeGainOrLoss'],
  [/^fees\./, 'Expense', 'BankCharges'],
  [/^(chargeback\.loss|bad_debt)/, 'Expense', 'BadDebts'],
];

const TYPES: Readonly<Record<Account['type'], readonly [type: string, subType: string]>> = {
  asset: ['Other Current Asset', 'OtherCurrentAssets'],
  liability: ['Other Current Liability', 'OtherCurrentLiabilities'],
  equity: ['Equity', 'OwnersEquity'],
  income: ['Income', 'SalesOfProductIncome'],
  expense: ['Expense', 'OfficeGeneralAdministrativeExpenses'],
};

/** QuickBooks gives this account the same id in many companies (recorded exchanges: DepositToAccountRef 4). */
export const UNDEPOSITED_FUNDS = '4';
const FIRST_ID = 31;

/** Names that QuickBooks gives to accounts of its own. */
const OWN_NAMES: Readonly<Record<string, string>> = { ExchangeGainOrLoss: 'Exchange Gain or Loss' };
/** Each currency has receivables and payables of its own; QuickBooks makes them when a currency is first used. */
const PER_CURRENCY = [
  { name: 'Accounts Receivable (A/R)', type: 'Accounts Receivable', subType: 'AccountsReceivable' },
  { name: 'Accounts Payable (A/P)', type: 'Accounts Payable', subType: 'AccountsPayable' },
];

/**
 * Our default chart as a merchant would set it up in QuickBooks, account numbers switched on, plus Undeposited Funds,
 * what further currencies bring along, and the merchant's other bank accounts. Closing accounts exist only on our side.
 */
export function chartFor(
  country: Country,
  currencies: readonly string[] = [],
  banks: readonly { number: string; name: string; currency: string }[] = [],
): ChartRow[] {
  const rows = defaultChart(country)
    .accounts.filter(({ roles }) => !roles.some((role) => role.startsWith('closing.')))
    .map((account, index): ChartRow => {
      const { code, name, roles } = account;
      const kind = KINDS.find(([pattern]) => roles.some((role) => pattern.test(role)));
      const [type, subType] = kind ? [kind[1], kind[2]] : TYPES[account.type];
      const currency = roles.map((role) => /\.([A-Z]{3})$/.exec(role)?.[1]).find((code) => code !== undefined);
      const named = OWN_NAMES[subType] ?? name;
      return { id: String(FIRST_ID + index), number: code, name: named, type, subType, currency: currency ?? null };
    });
  const more = [
    ...currencies.flatMap((currency) =>
      PER_CURRENCY.map((each) => ({ ...each, name: `${each.name} - ${currency}`, number: null, currency })),
    ),
    ...banks.map((bank) => ({ ...bank, type: 'Bank', subType: 'TrustAccounts' })),
  ];
  const undeposited = { name: 'Undeposited Funds', type: 'Other Current Asset', subType: 'UndepositedFunds' };
  return [
    { id: UNDEPOSITED_FUNDS, number: null, currency: null, ...undeposited },
    ...rows,
    ...more.map((each, index) => ({ id: String(FIRST_ID + rows.length + index), ...each })),
  ];
}
