import { request as httpsRequest } from 'node:https';
import type { BookDocument } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type {
  Api,
  BooksMapping,
  HeaderMap,
  HttpClient,
  RemoteAccount,
  RemoteDocument,
  TokenSet,
} from '../../kit/contract.ts';
import { readExchange } from '../../kit/fixture.ts';
import { connector } from './connector.ts';

/** The organisation of every test. */
export const TENANT = '59712f8f-45a3-4d45-a705-5d0c9748317e';
export const API = 'https://api.xero.com';
export const AUTH = 'https://identity.xero.com';
export const NOW = new Date('2026-11-21T12:00:00Z');
export const INVOICE_ID = '2693e40e-e3f0-4fd5-8f33-e79d2bdd31cf';
export const CREDIT_NOTE_ID = '602f5486-664e-492f-b4d1-e12df1d4b8ba';

export const TOKENS: TokenSet = {
  accessToken: 'access-1',
  accessTokenExpiresAt: '2026-11-21T12:30:00.000Z',
  refreshToken: 'refresh-1',
  refreshTokenExpiresAt: '2027-01-20T12:00:00.000Z',
  scopes: [],
};

/** The contract's client over plain sockets, which nock stands in for. */
export const http: HttpClient = {
  request: ({ method, url, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const sent = httpsRequest(url, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as HeaderMap,
            text: Buffer.concat(chunks).toString(),
          }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    }),
};

/** What the connector is handed, and what it told in return. */
export interface Handed {
  api: Api;
  logged: { message: string; fields: Record<string, unknown> | undefined }[];
  left: { minute: number | null; day: number | null }[];
}

/** A connection to the test organisation. */
export function handed(): Handed {
  const logged: Handed['logged'] = [];
  const left: Handed['left'] = [];
  const api: Api = {
    http,
    hosts: connector.hosts,
    credentials: TOKENS,
    settings: {},
    account: TENANT,
    now: () => NOW,
    log: (message, fields) => void logged.push({ message, fields }),
    remaining: (each) => void left.push(each),
  };
  return { api, logged, left };
}

const ACCOUNTS: Readonly<Record<string, string>> = {
  'sales.revenue.standard': '200',
  'sales.revenue.zero': '202',
  'sales.discount': '205',
  'sales.returns': '206',
  'clearing.card': '095',
  'clearing.stripe': '1241',
  'processor.reserve': '1248',
  'dispute.held': '1249',
  'fees.processing': '7905',
  'fees.dispute': '7907',
  'chargeback.loss': '8110',
  'bank.main': '562555f2-8cde-4ce9-8203-0363922537a4',
  'clearing.square': '096',
  'bank.EUR': '092',
  'clearing.stripe.EUR': '093',
  'clearing.stripe.JPY': '094',
  'fx.trading': '1290',
  'fx.loss': '7906',
};
/** Bank accounts with the currency each is kept in. */
const BANKS: Readonly<Record<string, string>> = {
  'bank.main': 'GBP',
  'clearing.square': 'GBP',
  'bank.EUR': 'EUR',
  'clearing.stripe.EUR': 'EUR',
  'clearing.stripe.JPY': 'JPY',
};
const TAXES: Readonly<Record<string, string>> = {
  S20: 'OUTPUT2',
  Z0: 'ZERORATEDOUTPUT',
  E: 'EXEMPTOUTPUT',
  RC20: 'REVERSECHARGES',
  none: 'NONE',
};
const REMOTE: Readonly<Record<string, string>> = {
  'invoice S-1001': INVOICE_ID,
  'credit_note R-1001-1': CREDIT_NOTE_ID,
};

/** What a person chose when connecting, and what was pushed before. */
export const mapping: BooksMapping = {
  account: (role) => known(ACCOUNTS[role], `account ${role}`),
  remoteAccount: (role) => remoteAccount(role),
  record: (key) => known(undefined, `record ${key}`),
  tax: (code) => known(TAXES[code ?? 'none'], `tax ${code}`),
  remoteId: (kind, number) => known(REMOTE[`${kind} ${number}`], `${kind} ${number}`),
  party: () => 'c67e563c-17ee-40dd-ad95-4f8c143bf740',
};

/** The account as the books list it; ids end in the code. */
export function remoteAccount(role: string): RemoteAccount {
  const code = known(ACCOUNTS[role], `account ${role}`);
  const isBank = role in BANKS;
  return {
    code,
    name: role,
    type: isBank ? 'BANK' : 'CURRENT',
    remoteId: /^\d+$/.test(code) ? `b1000000-0000-4000-8000-${code.padStart(12, '0')}` : code,
    isBank,
    currency: BANKS[role] ?? 'GBP',
  };
}

function known(value: string | undefined, subject: string): string {
  if (value !== undefined) return value;
  throw new ConnectorError('rejected', `${subject} is not mapped.`, { code: 'MAPPING_MISSING', subject });
}

/** One exchange of `fixtures/`, amounts as bigint. */
export interface Exchange {
  document: BookDocument;
  request: { method: 'PUT'; path: string; body: string };
  response: { status: number; headers: Record<string, string>; body: string };
  expected: RemoteDocument;
}

/** Names of the exchanges: documents of customers, money that moves without one, other currencies. */
export const FIXTURES = [
  'invoice',
  'credit-note',
  'payment',
  'refund-payment',
  'allocation',
  'transfer',
  'payout',
  'fees',
  'dispute-won',
  'reserve',
  'journal',
  'invoice-eur',
  'payment-jpy',
  'fees-eur',
];

/** Reads `fixtures/<name>.json`. */
export function fixture(name: string): Exchange {
  return readExchange(import.meta.dirname, name);
}
