import { request as httpsRequest } from 'node:https';
import type { BookDocument, BookJournal } from '@daybook/domain';
import type {
  Api,
  BooksMapping,
  HeaderMap,
  HttpClient,
  HttpRequest,
  RemoteAccount,
  RemoteDocument,
  TokenSet,
} from '../../kit/contract.ts';
import { readExchange } from '../../kit/fixture.ts';
import { mapped } from '../../kit/test-handed.ts';
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
  account: (role) => mapped(ACCOUNTS[role], `account ${role}`),
  remoteAccount: (role) => remoteAccount(role),
  record: (key) => mapped<string>(undefined, `record ${key}`),
  tax: (code) => mapped(TAXES[code ?? 'none'], `tax ${code}`),
  remoteId: (kind, number) => mapped(REMOTE[`${kind} ${number}`], `${kind} ${number}`),
  party: () => 'c67e563c-17ee-40dd-ad95-4f8c143bf740',
};

/** The account as the books list it; ids end in the code. */
export function remoteAccount(role: string): RemoteAccount {
  const code = mapped(ACCOUNTS[role], `account ${role}`);
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

/** EUR 100.00 that were carried at GBP 86.00 became GBP 85.00 at the processor. */
export const CONVERSION: BookJournal = {
  kind: 'journal',
  number: 'STR-txn1-a1',
  reference: 'txn_1',
  date: '2026-11-09',
  currency: 'GBP',
  party: { id: 'processor:stripe', name: 'Stripe' },
  lines: [
    { ...plain('clearing.stripe.EUR', 'Stripe clearing EUR', -8_600n), currency: 'EUR', amountTc: -10_000n },
    plain('clearing.stripe', 'Stripe clearing', 8_500n),
    plain('fx.loss', 'Exchange difference', 100n),
  ],
  total: 8_600n,
};

function plain(role: string, description: string, amount: bigint) {
  return { role, account: '', description, taxCode: null, amount };
}

/** Books that keep the bank entries of the conversion and answer for its journal; `refuses` = not the journal. */
export function conversionFetch(refuses: boolean): { sent: HttpRequest[]; api: Api } {
  const sent: HttpRequest[] = [];
  const entries: Record<string, unknown>[] = [];
  const journal = {
    ManualJournalID: 'd312dd5e-a53e-46d1-9d51-c569ef4570b8',
    Narration: 'STR-txn1-a1 txn_1',
    Status: 'POSTED',
    JournalLines: [{ LineAmount: -86 }, { LineAmount: 85 }, { LineAmount: 1 }],
  };
  const answer = ({ method, url, body = '{}' }: HttpRequest): unknown => {
    if (url.includes('/ManualJournals')) {
      const texts = refuses ? { HasErrors: true, ValidationErrors: [{ Message: 'No.' }] } : {};
      return { ManualJournals: [{ ...journal, ...texts, ...(method === 'POST' ? { Status: 'VOIDED' } : {}) }] };
    }
    const [said] = (JSON.parse(body) as { BankTransactions?: Record<string, unknown>[] }).BankTransactions ?? [];
    if (method === 'PUT') {
      const BankTransactionID = `29a69c45-64ca-4805-a1cc-34990de83${700 + entries.length}`;
      entries.push({ ...said, BankTransactionID, CurrencyCode: 'EUR', Total: 100, TotalTax: 0 });
      return { BankTransactions: entries.slice(-1) };
    }
    if (method === 'POST') entries[0] = { ...entries[0], ...said };
    return { BankTransactions: entries };
  };
  const request = async (each: HttpRequest) => {
    sent.push(each);
    return { status: 200, headers: {}, text: JSON.stringify(answer(each)) };
  };
  return { sent, api: { ...handed().api, http: { request } } };
}
