import type { BookDocument } from '@daybook/domain';
import type {
  BooksMapping,
  HttpRequest,
  HttpResponse,
  PreparedRequest,
  RemoteAccount,
  RemoteDocument,
  TokenSet,
} from '../../kit/contract.ts';
import { readExchange } from '../../kit/fixture.ts';
import { type Answer, answering, failureOf, type Handed, json, mapped } from '../../kit/test-handed.ts';
import { connector } from './connector.ts';

/** The company of every test. */
export const REALM = '9341457021722202';
export { type Answer, failureOf, type Handed, json };
export const NOW = new Date('2026-11-21T12:00:00Z');

export const TOKENS: TokenSet = {
  accessToken: 'access-1',
  accessTokenExpiresAt: '2026-11-21T13:00:00.000Z',
  refreshToken: 'refresh-1',
  refreshTokenExpiresAt: '2027-03-01T12:00:00.000Z',
  scopes: [],
  account: REALM,
};

/** A connection to the test company whose provider answers as told; more requests than answers fail the test. */
export function handed(...answers: Answer[]): Handed {
  return answering({ hosts: connector.hosts, credentials: TOKENS, account: REALM, now: NOW }, answers);
}

/** A fault as the provider wraps it. */
export function fault(code: string, message: string, detail = '', status = 400): Partial<HttpResponse> {
  const errors = [{ Message: message, Detail: detail, code, element: '' }];
  return json({ Fault: { Error: errors, type: 'ValidationFault' }, time: '2026-11-21T04:00:00.000-08:00' }, status);
}

/** The rows of a query. */
export function rows(name: string, ...found: unknown[]): Partial<HttpResponse> {
  return json({ QueryResponse: found.length > 0 ? { [name]: found, startPosition: 1, maxResults: found.length } : {} });
}

/** What a query asked, without the page it asked for. */
export function queryIn({ url }: HttpRequest): string {
  return new URL(url).searchParams.get('query')?.replace(/ STARTPOSITION.*/, '') ?? '';
}

function account(code: string, name: string, type: string, remoteId: string): RemoteAccount {
  const isBank = /^(Bank|Credit Card)\b/.test(type);
  return { code, name, type, remoteId, isBank, currency: 'GBP' };
}

export const ACCOUNTS: Readonly<Record<string, RemoteAccount>> = {
  'sales.revenue.standard': account('4000', 'Sales', 'Income / SalesOfProductIncome', '79'),
  'sales.revenue.zero': account('4002', 'Sales, zero rate', 'Income / SalesOfProductIncome', '80'),
  'sales.shipping': account('4050', 'Shipping', 'Income / OtherPrimaryIncome', '82'),
  'sales.discount': account('4009', 'Discounts', 'Income / DiscountsRefundsGiven', '86'),
  'sales.returns': account('4010', 'Returns', 'Income / DiscountsRefundsGiven', '87'),
  'clearing.stripe': account('1241', 'Stripe clearing', 'Bank / Checking', '40'),
  'bank.main': account('35', 'Checking', 'Bank / Checking', '35'),
  'bank.card': account('53', 'Company card', 'Credit Card / CreditCard', '53'),
  'giftcard.liability': account('2120', 'Gift cards', 'Other Current Liability / OtherCurrentLiabilities', '45'),
  'processor.reserve': account('1248', 'Reserve', 'Other Current Asset / OtherCurrentAssets', '46'),
  'dispute.held': account('1249', 'Disputed funds', 'Other Current Asset / OtherCurrentAssets', '47'),
  'fees.dispute': account('7907', 'Dispute fees', 'Expense / BankCharges', '48'),
  'fees.processing': account('7905', 'Processing fees', 'Expense / BankCharges', '49'),
  'chargeback.loss': account('8110', 'Chargebacks', 'Other Expense / OtherMiscellaneousExpense', '50'),
  'ar.control': account('1100', 'Debtors', 'Accounts Receivable / AccountsReceivable', '84'),
  'tax.output': account('2200', 'Sales tax payable', 'Other Current Liability / SalesTaxPayable', '51'),
  'tax.input': account('2201', 'Input tax', 'Other Current Asset / OtherCurrentAssets', '52'),
};
const REMOTE: Readonly<Record<string, string>> = {
  'invoice S-1001': '147',
  'credit_note R-1001': '184',
};
/** Products, contacts and rates as they were made before. */
const RECORDS: Readonly<Record<string, string>> = {
  'item:79': '1',
  'item:80': '2',
  'item:86': '3',
  'item:87': '4',
  'item:82': '5',
  'item:51': '6',
  'customer:58:GBP': '58',
  'customer:58:USD': '58',
  'customer:58:EUR': '90',
  'vendor:71:GBP': '71',
  'receivable:GBP': '84',
  'tax:sales:5': '11@20',
  'tax:sales:7': '13@0',
  'tax:sales:8': '21@5+22@9.975',
  'tax:sales:9': '-',
  'tax:purchase:5': '12@20',
  'tax:purchase:6': '14@20+15@-20',
  'tax:purchase:9': '-',
};
const BRITISH: Readonly<Record<string, string>> = { S20: '5', Z0: '7', QC: '8', none: '9', RC20: '6' };

/** What a person chose when connecting, and what was pushed before. */
export const mapping: BooksMapping = {
  account: (role) => mapped(ACCOUNTS[role], `account ${role}`).code,
  remoteAccount: (role) => mapped(ACCOUNTS[role], `account ${role}`),
  tax: (code) => mapped(BRITISH[code ?? 'none'], `tax ${code}`),
  remoteId: (kind, number) => mapped(REMOTE[`${kind} ${number}`], `${kind} ${number}`),
  party: (id) => (id.startsWith('processor:') ? '71' : '58'),
  record: (key) => mapped(RECORDS[key], `record ${key}`),
};

/** The same for an American company: every tax code goes out as NON. */
export const american: BooksMapping = { ...mapping, tax: () => 'NON' };

/** One exchange of `fixtures/`, amounts as bigint. */
export interface Exchange {
  document: BookDocument;
  request: PreparedRequest;
  response: { status: number; headers: Record<string, string>; body: string };
  /** The second request of money that has to be set against its document. */
  closing?: { path: string; body: string; response: string };
  expected: RemoteDocument;
}

export const FIXTURES = [
  'invoice',
  'us-invoice',
  'credit-note',
  'sales-receipt',
  'us-sales-receipt',
  'refund-receipt',
  'payment',
  'refund',
  'gift-card-payment',
  'allocation',
  'transfer',
  'reserve',
  'fees',
  'dispute-won',
  'journal',
] as const;
export type FixtureName = (typeof FIXTURES)[number];

/** Reads `fixtures/<name>.json`. */
export function fixture(name: FixtureName): Exchange {
  return readExchange(import.meta.dirname, name);
}

/** The mapping a fixture was written for. */
export function mappingOf(name: FixtureName): BooksMapping {
  return name.startsWith('us-') ? american : mapping;
}
