import { random } from '../../../kit/random.ts';
import type { Json } from './answer.ts';
import { CLASSIFICATIONS, type Classification, type Country, chartFor } from './charts.ts';
import { type Taxes, taxesFor } from './taxes.ts';

/** A company the simulated administrator owns. */
export interface CompanyPlan {
  name: string;
  country: Country;
  currency: string;
  /** IANA name. */
  timeZone: string;
  /** Currencies enabled beside the company's own; none = multicurrency is off. */
  currencies?: readonly string[];
  /** Preferences.SalesFormsPrefs.CustomTxnNumbers: off = QuickBooks numbers the forms, whatever we send. */
  customNumbers: boolean;
  /** `off`: no sales tax is kept; `automated`: QuickBooks works it out itself; `vat`: by codes, outside the US. */
  salesTax: 'off' | 'automated' | 'vat';
  /** Bank accounts the merchant opened beside the chart, such as one per foreign currency at a processor. */
  banks?: readonly { number: string; name: string; currency: string }[];
}

export const DEFAULT_COMPANIES: readonly CompanyPlan[] = [
  {
    name: 'Harbor Café Books',
    country: 'US',
    currency: 'USD',
    timeZone: 'America/New_York',
    currencies: ['CAD', 'EUR'],
    customNumbers: true,
    salesTax: 'off',
  },
  {
    name: 'Nimbus Books',
    country: 'US',
    currency: 'USD',
    timeZone: 'America/Los_Angeles',
    currencies: ['EUR', 'JPY'],
    customNumbers: false,
    salesTax: 'automated',
    banks: [
      { number: '1101-EUR', name: 'Stripe clearing EUR', currency: 'EUR' },
      { number: '1101-JPY', name: 'Stripe clearing JPY', currency: 'JPY' },
    ],
  },
  {
    name: 'Harbour & Pine Books Ltd',
    country: 'GB',
    currency: 'GBP',
    timeZone: 'Europe/London',
    currencies: ['EUR', 'USD'],
    customNumbers: true,
    salesTax: 'vat',
  },
];

export const LIST_ENTITIES = ['Account', 'Item', 'Customer', 'Vendor'] as const;
export type ListEntity = (typeof LIST_ENTITIES)[number];

/** A record of a name list. Nothing of it is ever deleted; it is made inactive. */
export interface ListRow {
  entity: ListEntity;
  id: string;
  syncToken: number;
  name: string;
  active: boolean;
  /** ISO code: accounts, customers and vendors keep theirs for life. */
  currency: string;
  /** What was said, as it is answered. */
  body: Json;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
  account?: { number: string | null; type: string; subType: string; classification: Classification };
  /** Accounts of an item, by id. */
  item?: { income: string | null; expense: string | null; taxable: boolean };
}

export const DOCUMENT_ENTITIES = [
  'Invoice',
  'CreditMemo',
  'SalesReceipt',
  'RefundReceipt',
  'Payment',
  'Deposit',
  'Transfer',
  'Purchase',
  'JournalEntry',
] as const;
export type DocumentEntity = (typeof DOCUMENT_ENTITIES)[number];

/** One side of the double entry: debit positive. */
export interface Posting {
  account: string;
  /** Minor units of the document's currency, and of the company's own. */
  amount: bigint;
  home: bigint;
  /** The customer or vendor on a receivable or payable. */
  party?: string;
}

/** What a payment settles, or a deposit takes to the bank. */
export interface Link {
  kind: 'applies' | 'deposits';
  to: string;
  amount: bigint;
}

export interface BookedDocument {
  entity: DocumentEntity;
  id: string;
  syncToken: number;
  state: 'live' | 'voided' | 'deleted';
  /** DocNumber. */
  number: string | null;
  /** YYYY-MM-DD. */
  date: string;
  currency: string;
  /** Home units for one foreign unit, decimal text. */
  rate: string;
  party: string | null;
  total: bigint;
  /** As QuickBooks shows it, in TotalTax. */
  tax: bigint;
  /** Tax that stands in lines on the sales tax liability account of a US company. */
  lineTax: bigint;
  postings: Posting[];
  links: Link[];
  /** The writable part, as it is answered. */
  body: Json;
  createdAt: number;
  updatedAt: number;
}

export interface Company extends CompanyPlan {
  realm: string;
  enabledCurrencies: string[];
  taxes: Taxes;
  rows: Map<string, ListRow>;
  documents: Map<string, BookedDocument>;
  /** Ids of the documents that have a number, by `numberKey`. */
  numbers: Map<string, string[]>;
  /** Amounts applied to a document, by the payment that applies them. */
  applied: Map<string, Map<string, bigint>>;
  /** The deposit that took a receipt to the bank. */
  depositedBy: Map<string, string>;
  /** When a link last changed a document's balance. */
  touched: Map<string, number>;
  /** Minor units of the company's currency, debit positive, by account id. */
  balances: Map<string, bigint>;
  /** The same of accounts kept in another currency, in that one. */
  foreignBalances: Map<string, bigint>;
  /** What a party owes, in its currency. */
  owed: Map<string, bigint>;
  /** Sales forms in the company's currency, refunds and credits negative. */
  totals: { count: number; total: bigint; tax: bigint };
  /** BookCloseDate: the last closed day. */
  closed: string | null;
  suspended: boolean;
  /** First answers by requestid. */
  answers: Map<string, StoredAnswer>;
}

/** One consent of the administrator for one company. */
export interface Consent {
  id: string;
  realm: string;
  grantedAt: number;
  ended: boolean;
  /** The refresh token that is handed out, and the one before it, which works until the newer one was used. */
  refresh: string;
  former: string | null;
  /** When the current value was first handed out, and until when it works unless it is used. */
  rotatedAt: number;
  expiresAt: number;
}

/** The answer to the first use of a requestid. */
export interface StoredAnswer {
  key: string;
  firstUsedAt: number;
  status: number;
  body: string;
}

export interface World {
  seed: number;
  companies: Map<string, Company>;
  consents: Map<string, Consent>;
  /** How many ids of each kind were handed out. */
  issued: Record<string, number>;
}

/** When every company of the simulator was opened: long before any sale. */
export const OPENED = Date.UTC(2020, 0, 1, 18);

/** A fresh world: companies with their charts, no consent, no document. */
export function newWorld(seed: number, plans: readonly CompanyPlan[]): World {
  const companies = plans.map((plan) => newCompany(seed, plan));
  return { seed, companies: new Map(companies.map((each) => [each.realm, each])), consents: new Map(), issued: {} };
}

function newCompany(seed: number, plan: CompanyPlan): Company {
  const enabledCurrencies = [plan.currency, ...(plan.currencies ?? [])];
  return {
    ...plan,
    realm: `93414${random(seed, 'realm', plan.name).digits(11)}`,
    enabledCurrencies,
    taxes: taxesFor(plan.country),
    rows: new Map(accountsOf(plan, enabledCurrencies).map((row) => [rowKey('Account', row.id), row])),
    documents: new Map(),
    numbers: new Map(),
    applied: new Map(),
    depositedBy: new Map(),
    touched: new Map(),
    balances: new Map(),
    foreignBalances: new Map(),
    owed: new Map(),
    totals: { count: 0, total: 0n, tax: 0n },
    closed: null,
    suspended: false,
    answers: new Map(),
  };
}

function accountsOf(plan: CompanyPlan, enabledCurrencies: readonly string[]): ListRow[] {
  const chart = chartFor(plan.country, plan.currencies ?? [], plan.banks ?? []);
  return chart.map(({ id, number, name, type, subType, currency }) => ({
    entity: 'Account',
    id,
    syncToken: 0,
    name,
    active: true,
    currency: currency !== null && enabledCurrencies.includes(currency) ? currency : plan.currency,
    body: {},
    createdAt: OPENED,
    updatedAt: OPENED,
    account: { number, type, subType, classification: CLASSIFICATIONS[type]! },
  }));
}

/** Key of the list rows: ids of customers and vendors are drawn from one sequence, accounts and items have their own. */
export function rowKey(entity: ListEntity, id: string): string {
  return `${entity} ${id}`;
}

/** Key of the number index: numbers are compared within one kind of form. */
export function numberKey(entity: DocumentEntity, number: string): string {
  return `${entity} ${number.toLowerCase()}`;
}

/** The account of a chart that QuickBooks posts to by itself, by its sub-type; receivables have one per currency. */
export function systemAccount(company: Company, subType: string, currency = company.currency): string {
  for (const row of company.rows.values()) {
    if (row.account?.subType === subType && row.currency === currency) return row.id;
  }
  throw new Error(`${company.name} has no account of the kind ${subType} in ${currency}.`);
}
