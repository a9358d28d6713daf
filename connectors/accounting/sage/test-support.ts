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
import { FOREIGN_BANK } from './books.ts';
import { connector } from './connector.ts';

/** The business of every test. */
export const BUSINESS = 'c3117a838f453107bd3bb057bc7518fe';
export { type Answer, failureOf, type Handed, json };
export const NOW = new Date('2026-11-21T12:00:00Z');
/** The key every fixture is sent with, and the idempotency id that is made of it. */
export const KEY = '7d9f2c1e-53a4-4b8e-9c10-2f6e8b7a4d35';
export const IDEMPOTENCY_ID = '7d9f2c1e53a44b8e9c102f6e8b7a4d35';

export const TOKENS: TokenSet = {
  accessToken: 'access-1',
  accessTokenExpiresAt: '2026-11-21T12:05:00.000Z',
  refreshToken: 'refresh-1',
  refreshTokenExpiresAt: '2026-12-22T12:00:00.000Z',
  scopes: ['full_access'],
};

/** A connection to the test business whose provider answers as told; more requests than answers fail the test. */
export function handed(...answers: Answer[]): Handed {
  return answering({ hosts: connector.hosts, credentials: TOKENS, account: BUSINESS, now: NOW }, answers);
}

/** An error as the provider lists it. */
export function problem(status: number, code: string, message: string, source = 'base'): Partial<HttpResponse> {
  return json([{ $severity: 'error', $dataCode: code, $message: message, $source: source }], status);
}

/** A page of a list, the last one. */
export function items(...found: unknown[]): Partial<HttpResponse> {
  return json({ $total: found.length, $page: 1, $next: null, $back: null, $itemsPerPage: 200, $items: found });
}

/** Method and path below the version, with its query decoded. */
export function asking({ method, url }: HttpRequest): string {
  const { pathname, searchParams } = new URL(url);
  const query = [...searchParams].map(([name, value]) => `${name}=${value}`).join('&');
  return `${method} ${pathname.replace('/v3.1', '')}${query === '' ? '' : `?${query}`}`;
}

const at = (end: string) => `${'0'.repeat(32 - end.length)}${end}`;

function ledger(code: string, name: string, type: string): RemoteAccount {
  return { code, name, type, remoteId: at(code), isBank: false, currency: 'GBP' };
}
function bank(code: string, name: string, currency = 'GBP'): RemoteAccount {
  const type = currency === 'GBP' ? 'Bank' : FOREIGN_BANK;
  return { ...ledger(code, name, type), isBank: true, bankId: at(`ba${code}`), currency };
}

export const ACCOUNTS: Readonly<Record<string, RemoteAccount>> = {
  'sales.revenue.standard': ledger('4000', 'Sales', 'Sales'),
  'sales.revenue.zero': ledger('4002', 'Sales, zero rate', 'Sales'),
  'sales.discount': ledger('4009', 'Discounts', 'Sales'),
  'sales.returns': ledger('4010', 'Returns', 'Sales'),
  'bank.main': bank('1200', 'Current'),
  'clearing.stripe': bank('1241', 'Stripe clearing'),
  'clearing.stripe.EUR': bank('1242', 'Stripe clearing EUR', 'EUR'),
  'giftcard.liability': ledger('2120', 'Gift cards', 'Current Liabilities'),
  'processor.reserve': ledger('1248', 'Reserve', 'Current Assets'),
  'dispute.held': ledger('1249', 'Disputed funds', 'Current Assets'),
  'fees.dispute': ledger('7907', 'Dispute fees', 'Overheads'),
  'fees.processing': ledger('7905', 'Processing fees', 'Overheads'),
  'chargeback.loss': ledger('8110', 'Chargebacks', 'Overheads'),
  'tax.input': ledger('2201', 'VAT on purchases', 'Current Liabilities'),
  'ar.control': ledger('1100', 'Trade debtors', 'Current Assets / control account'),
};
const TAXES: Readonly<Record<string, string>> = { S20: 'GB_STANDARD', Z0: 'GB_ZERO', none: 'GB_NO_TAX' };
export const INVOICE_ID = at('51');
export const CREDIT_NOTE_ID = at('52');
export const CUSTOMER = at('c1');
export const SUPPLIER = at('c2');
const REMOTE: Readonly<Record<string, string>> = {
  'invoice S-1001': INVOICE_ID,
  'credit_note R-1001': CREDIT_NOTE_ID,
};
const RECORDS: Readonly<Record<string, string>> = { 'rate:EUR:2026-11-09': '0.8712' };

/** What a person chose when connecting, and what was pushed before. */
export const mapping: BooksMapping = {
  account: (role) => mapped(ACCOUNTS[role], `account ${role}`).code,
  remoteAccount: (role) => mapped(ACCOUNTS[role], `account ${role}`),
  tax: (code) => mapped(TAXES[code ?? 'none'], `tax ${code}`),
  remoteId: (kind, number) => mapped(REMOTE[`${kind} ${number}`], `${kind} ${number}`),
  party: (id) => (id.startsWith('processor:') ? SUPPLIER : CUSTOMER),
  record: (key) => mapped(RECORDS[key], `record ${key}`),
};

/** One exchange of `fixtures/`, amounts as bigint. */
export interface Exchange {
  document: BookDocument;
  /** The frozen request, without the idempotency id. */
  request: PreparedRequest;
  response: { status: number; headers: Record<string, string>; body: string };
  /** The second request of money that has to be set against its document. */
  settling?: { path: string; body: string; response: string };
  expected: RemoteDocument;
}

export const FIXTURES = [
  'invoice',
  'euro-invoice',
  'credit-note',
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
