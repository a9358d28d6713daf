import { divideHalfUp, exponentOf, parseRatio, sum } from '@daybook/domain';
import type { Json } from './answer.ts';
import { type Bank, type Country, chartFor, type Ledger, type PlannedBank, TAX_RATES, type TaxRate } from './charts.ts';
import { idFrom } from './ids.ts';

export type Plan = 'START' | 'ACCOUNTING' | 'ACCOUNTING_PLUS';

/** A business as it is set up before the first request. */
export interface BusinessPlan {
  name: string;
  /** British unless said otherwise, in the currency of the country. */
  country?: Country;
  /** Currencies beside the books' own, decimal text, said the way `quotes` tells. */
  rates?: Readonly<Record<string, string>>;
  /** Home units for one foreign unit, or the other way round: nobody documents which, so it can be either. */
  quotes?: Quotes;
  /** Whether the rates are those of the day, or typed in. */
  live?: boolean;
  /** Bank accounts in the books' own currency beside those of the chart. */
  banks?: readonly PlannedBank[];
  plan?: Plan;
}

export type Quotes = 'home_per_foreign' | 'foreign_per_home';
const HOME: Readonly<Record<Country, string>> = { GB: 'GBP', US: 'USD' };

export const DEFAULT_BUSINESSES: readonly BusinessPlan[] = [
  { name: 'Daybook Books Ltd' },
  { name: 'Daybook Trading Ltd' },
];

export type Resource =
  | 'sales_invoices'
  | 'sales_credit_notes'
  | 'sales_quick_entries'
  | 'contact_payments'
  | 'contact_allocations'
  | 'other_payments'
  | 'bank_transfers'
  | 'journals';

/** One side of the double entry, in the books' own currency; debit positive. */
export interface Posting {
  ledger: string;
  amount: bigint;
}

/** What a payment or allocation takes from an artefact; positive. */
export interface Applied {
  by: string;
  amount: bigint;
}

/** One document in the books. */
export interface Row {
  resource: Resource;
  id: string;
  /** SI-1, or what else shows as its name. */
  name: string;
  state: 'live' | 'draft' | 'void' | 'deleted';
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
  /** YYYY-MM-DD. */
  date: string;
  reference: string;
  contact: string | null;
  currency: string;
  /** As it was sent, decimal text. */
  rate: string;
  /** Minor units of the currency. */
  total: bigint;
  tax: bigint;
  postings: Posting[];
  /** Of an invoice, credit note or quick entry: what settles it. */
  applied: Applied[];
  /** Of a payment or allocation: what it settles; signed as it was sent. */
  allocates: { artefact: string; amount: bigint }[];
  /** Whether an artefact is owed to the business (an invoice) or by it (a credit note). */
  side: 'debit' | 'credit' | null;
  /** What is answered beside the fields above: lines, bank account. */
  body: Json;
}

export interface Contact {
  id: string;
  name: string;
  reference: string | null;
  types: string[];
  email: string | null;
  country: string | null;
  createdAt: number;
  updatedAt: number;
}

/** The answer to the first use of an idempotency id. */
export interface StoredAnswer {
  at: number;
  status: number;
  body: string;
}

export interface Business {
  id: string;
  name: string;
  country: Country;
  currency: string;
  plan: Plan;
  rates: Readonly<Record<string, string>>;
  quotes: Quotes;
  live: boolean;
  ledgers: Ledger[];
  banks: Bank[];
  taxRates: readonly TaxRate[];
  /** year_end_lockdown_date: the last locked day. */
  lockdown: string | null;
  suspended: boolean;
  rows: Map<string, Row>;
  contacts: Map<string, Contact>;
  answers: Map<string, StoredAnswer>;
}

/** One consent of the user, for all of their businesses. */
export interface Consent {
  id: string;
  ended: boolean;
  /** The one refresh token that works; those before it are dead. */
  refresh: string;
  expiresAt: number;
}

export interface World {
  seed: number;
  businesses: Map<string, Business>;
  consents: Map<string, Consent>;
  /** How many ids of each kind were handed out. */
  issued: Record<string, number>;
}

/** A fresh world: businesses with their charts, no consent, no document. */
export function newWorld(seed: number, plans: readonly BusinessPlan[]): World {
  const businesses = plans.map((plan) => newBusiness(seed, plan));
  return { seed, businesses: new Map(businesses.map((each) => [each.id, each])), consents: new Map(), issued: {} };
}

function newBusiness(seed: number, plan: BusinessPlan): Business {
  const id = idFrom(seed, 'business', plan.name);
  const { country = 'GB', rates = {}, quotes = 'home_per_foreign' } = plan;
  const currency = HOME[country];
  const { ledgers, banks } = chartFor(seed, id, country, currency, plan.banks);
  return {
    id,
    name: plan.name,
    country,
    currency,
    plan: plan.plan ?? 'ACCOUNTING_PLUS',
    rates,
    quotes,
    live: plan.live ?? false,
    ledgers,
    // Without foreign currency there are no bank accounts in one.
    banks: banks.filter((bank) => bank.currency === currency || bank.currency in rates),
    taxRates: TAX_RATES[country],
    lockdown: null,
    suspended: false,
    rows: new Map(),
    contacts: new Map(),
    answers: new Map(),
  };
}

/** What is still open on an invoice, credit note or quick entry. */
export function outstanding(row: Row): bigint {
  return row.state === 'live' ? row.total - sum(row.applied.map(({ amount }) => amount)) : 0n;
}

/** An amount of a document in the books' own currency, half-up, at the rate that was sent with it. */
export function atHome(
  { currency: home, quotes }: Pick<Business, 'currency' | 'quotes'>,
  minor: bigint,
  { currency, rate }: Pick<Row, 'currency' | 'rate'>,
): bigint {
  const { numerator, denominator } = parseRatio(rate);
  const [up, down] = quotes === 'home_per_foreign' ? [numerator, denominator] : [denominator, numerator];
  return divideHalfUp(minor * up * 10n ** BigInt(exponentOf(home)), down * 10n ** BigInt(exponentOf(currency)));
}

/** The ledger account for something. Throws where the chart lacks it. */
export function ledgerFor(business: Business, role: string): Ledger {
  const found = business.ledgers.find(({ roles }) => roles.includes(role));
  if (!found) throw new Error(`The chart of ${business.name} has none for ${role}.`);
  return found;
}
