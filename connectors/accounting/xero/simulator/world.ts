import { uuidFrom } from '../../../kit/simulator-ids.ts';
import type { LineAmountTypes } from './arithmetic.ts';
import { type ChartAccount, type Country, chartFor, type TaxRate, taxRatesFor } from './charts.ts';
import type { BookedBankEntry, BookedJournal, BookedTransfer } from './movements.ts';

/** An organisation the simulated person owns. */
export interface OrganisationPlan {
  name: string;
  country: Country;
  currency: string;
  /** IANA name. */
  timeZone: string;
  /** Currencies enabled beside the base currency. */
  currencies?: readonly string[];
}

export const DEFAULT_ORGANISATIONS: readonly OrganisationPlan[] = [
  {
    name: 'Harbour & Pine Ltd',
    country: 'GB',
    currency: 'GBP',
    timeZone: 'Europe/London',
    currencies: ['EUR', 'JPY', 'KWD', 'USD'],
  },
  {
    name: 'Pine Coast Inc',
    country: 'US',
    currency: 'USD',
    timeZone: 'America/New_York',
    currencies: ['CAD', 'EUR', 'JPY'],
  },
];

export type DocumentKind = 'invoice' | 'credit_note';

export interface Line {
  lineItemId: string;
  description: string;
  /** Decimal texts. */
  quantity: string;
  unitAmount: string;
  accountCode: string | null;
  taxType: string | null;
  /** Minor units of the document's currency. */
  taxAmount: bigint;
  lineAmount: bigint;
  discountRate: string | null;
  discountAmount: bigint | null;
}

/** A sales invoice or credit note. What settles it is kept apart; PAID is derived from that. */
export interface BookedDocument {
  id: string;
  kind: DocumentKind;
  number: string;
  reference: string;
  url: string | null;
  contactId: string;
  /** YYYY-MM-DD. */
  date: string;
  dueDate: string | null;
  status: 'DRAFT' | 'SUBMITTED' | 'AUTHORISED' | 'VOIDED' | 'DELETED';
  lineAmountTypes: LineAmountTypes;
  currency: string;
  currencyRate: string;
  lines: Line[];
  subTotal: bigint;
  totalTax: bigint;
  total: bigint;
  /** Milliseconds. */
  updatedAt: number;
}

export interface BookedPayment {
  id: string;
  documentId: string;
  accountCode: string;
  date: string;
  amount: bigint;
  reference: string | null;
  currencyRate: string;
  status: 'AUTHORISED' | 'DELETED';
  updatedAt: number;
}

export interface BookedAllocation {
  id: string;
  creditNoteId: string;
  invoiceId: string;
  date: string;
  amount: bigint;
  status: 'AUTHORISED' | 'DELETED';
  updatedAt: number;
}

export interface Contact {
  id: string;
  number: string | null;
  name: string;
  email: string | null;
  status: 'ACTIVE' | 'ARCHIVED';
  updatedAt: number;
}

/** What has been paid on a document and credited against it (for a credit note: spent of it). */
export interface Settlement {
  paid: bigint;
  credited: bigint;
  payments: string[];
  allocations: string[];
  updatedAt: number;
}

export interface Locks {
  /** Last locked days, YYYY-MM-DD. */
  period: string | null;
  yearEnd: string | null;
}

export interface Organisation extends OrganisationPlan {
  tenantId: string;
  enabledCurrencies: string[];
  accounts: Map<string, ChartAccount>;
  taxRates: Map<string, TaxRate>;
  locks: Locks;
  contacts: Map<string, Contact>;
  contactsByNumber: Map<string, string>;
  /** Documents by id, oldest first, and the ids of live ones by kind and lower-case number. */
  documents: Map<string, BookedDocument>;
  numbers: Map<string, string>;
  settlements: Map<string, Settlement>;
  payments: Map<string, BookedPayment>;
  allocations: Map<string, BookedAllocation>;
  bankEntries: Map<string, BookedBankEntry>;
  transfers: Map<string, BookedTransfer>;
  journals: Map<string, BookedJournal>;
  /** Running sum of authorised documents in the base currency, credit notes negative. */
  totals: { count: number; total: bigint; tax: bigint };
}

/** One organisation that the user has let our app into. */
export interface Connection {
  id: string;
  tenantId: string;
  authEventId: string;
  createdAt: number;
  updatedAt: number;
}

export interface RefreshToken {
  token: string;
  authEventId: string;
  scopes: string[];
  issuedAt: number;
  /** When it was exchanged for a newer one. */
  spentAt: number | null;
}

/** The answer to the first use of an Idempotency-Key. */
export interface StoredAnswer {
  key: string;
  fingerprint: string;
  firstUsedAt: number;
  status: number;
  body: string;
  contentType: string;
}

export interface World {
  seed: number;
  organisations: Map<string, Organisation>;
  connections: Map<string, Connection>;
  refreshTokens: Map<string, RefreshToken>;
  /** Consents whose tokens are dead. */
  endedConsents: Set<string>;
  answers: Map<string, StoredAnswer>;
  /** How many ids were handed out. */
  issued: number;
}

/** A fresh world: organisations with their charts, no connection, no document. */
export function newWorld(seed: number, plans: readonly OrganisationPlan[]): World {
  const organisations = plans.map((plan) => newOrganisation(seed, plan));
  return {
    seed,
    organisations: new Map(organisations.map((each) => [each.tenantId, each])),
    connections: new Map(),
    refreshTokens: new Map(),
    endedConsents: new Set(),
    answers: new Map(),
    issued: 0,
  };
}

function newOrganisation(seed: number, plan: OrganisationPlan): Organisation {
  const tenantId = uuidFrom(seed, 'organisation', plan.name);
  const chart = chartFor(plan.country, plan.currencies ?? [], (code) => uuidFrom(seed, 'account', plan.name, code));
  return {
    ...plan,
    tenantId,
    enabledCurrencies: [plan.currency, ...(plan.currencies ?? [])],
    accounts: new Map(chart.map((account) => [account.code, account])),
    taxRates: new Map(taxRatesFor(plan.country).map((rate) => [rate.taxType, rate])),
    locks: { period: null, yearEnd: null },
    contacts: new Map(),
    contactsByNumber: new Map(),
    documents: new Map(),
    numbers: new Map(),
    settlements: new Map(),
    payments: new Map(),
    allocations: new Map(),
    bankEntries: new Map(),
    transfers: new Map(),
    journals: new Map(),
    totals: { count: 0, total: 0n, tax: 0n },
  };
}

/** Key of the number index: numbers are unique per kind, without regard to case. */
export function numberKey(kind: DocumentKind, number: string): string {
  return `${kind}:${number.toLowerCase()}`;
}

const UNSETTLED: Settlement = { paid: 0n, credited: 0n, payments: [], allocations: [], updatedAt: 0 };

/** What was paid on and credited against a document; nothing when it was never touched. */
export function settlementOf(organisation: Organisation, documentId: string): Settlement {
  return organisation.settlements.get(documentId) ?? UNSETTLED;
}

/** What is still open: an invoice's AmountDue, a credit note's RemainingCredit. Nothing on a void document. */
export function openAmount(organisation: Organisation, document: BookedDocument): bigint {
  if (document.status === 'VOIDED' || document.status === 'DELETED') return 0n;
  const settled = settlementOf(organisation, document.id);
  return document.total - settled.paid - settled.credited;
}

/** The status Xero shows: an authorised document with nothing open is PAID. */
export function shownStatus(organisation: Organisation, document: BookedDocument): string {
  return document.status === 'AUTHORISED' && openAmount(organisation, document) === 0n ? 'PAID' : document.status;
}
