import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type QuickBooksSimulator, type QuickBooksSimulatorOptions, start } from '../simulator.ts';
import { DEFAULT_COMPANIES } from './world.ts';

/** What the simulator's tests share: a running QuickBooks, a clock, and a caller who is connected to all companies. */

export const APP = { clientId: 'client-1', clientSecret: 'secret-1' };
export const REDIRECT = 'http://127.0.0.1:4000/oauth/quickbooks/callback';
/** Noon UTC of a day without a lock: 04:00 in Pacific time. */
export const NOON = Date.UTC(2026, 10, 21, 12);

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  body: any;
}

type Fields = Record<string, unknown>;

interface Call {
  realm?: string;
  token?: string;
  headers?: Record<string, string>;
  /** Sent as it is; objects are serialised. */
  body?: unknown;
}

export interface Bench {
  qbo: QuickBooksSimulator;
  clock: { now: number };
  /** Custom numbers, no sales tax, several currencies. */
  harbor: string;
  /** Automated sales tax, own numbers, several currencies. */
  nimbus: string;
  /** British, VAT. */
  british: string;
  tokens: Record<string, string>;
  refreshTokens: Record<string, string>;
  /** A path under the company, e.g. `/invoice`. */
  call(method: string, path: string, call?: Call): Promise<Reply>;
  /** POST of an entity, `Invoice` to `/invoice`; answers the entity. Throws when it is refused. */
  make(entity: string, body: Fields, call?: Call): Promise<Fields & { Id: string; SyncToken: string }>;
  /** As `make`, answering the Fault's first error. Throws when it is not refused. */
  refusal(entity: string, body: Fields, parameters?: string, call?: Call): Promise<Refusal>;
  read(entity: string, id: string, realm?: string): Promise<Fields>;
  query(statement: string, realm?: string): Promise<Fields>;
  /** Id of an account by its number. */
  account(number: string, realm?: string): Promise<string>;
}

export interface Refusal {
  code: string;
  Detail: string;
  element: string;
}

export function temporaryFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'daybook-quickbooks-')), 'state.jsonl');
}

export function authorizeUrl(qbo: QuickBooksSimulator, more: Record<string, string> = {}): string {
  const scope = 'com.intuit.quickbooks.accounting';
  const query = { response_type: 'code', client_id: APP.clientId, redirect_uri: REDIRECT, scope, state: 's1' };
  return `${qbo.url}/connect/oauth2?${new URLSearchParams({ ...query, ...more })}`;
}

export async function tokenCall(
  qbo: QuickBooksSimulator,
  form: Record<string, string>,
  more: { headers?: Record<string, string>; app?: typeof APP } = {},
): Promise<Reply> {
  const { clientId, clientSecret } = more.app ?? APP;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const headers = {
    authorization: `Basic ${basic}`,
    'content-type': 'application/x-www-form-urlencoded',
    ...more.headers,
  };
  const body = new URLSearchParams(form).toString();
  return reply(await fetch(`${qbo.url}/oauth2/v1/tokens/bearer`, { method: 'POST', headers, body }));
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  const body = json && text !== '' ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body };
}

/** Consents for one company and exchanges the code. */
export async function connect(qbo: QuickBooksSimulator, account?: string): Promise<Reply> {
  const redirect = new URL(await qbo.consent(authorizeUrl(qbo), account));
  const code = redirect.searchParams.get('code') ?? '';
  return tokenCall(qbo, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
}

/** A QuickBooks whose one company has multicurrency turned off. */
export function openSingleCurrency(): Promise<Bench> {
  return openBench({ companies: DEFAULT_COMPANIES.slice(0, 1).map((plan) => ({ ...plan, currencies: [] })) });
}

/** A QuickBooks with a caller connected to every company. Limits are wide unless a test narrows them. */
export async function openBench(
  options: Partial<QuickBooksSimulatorOptions> = {},
  clock = { now: NOON },
): Promise<Bench> {
  const limits = { perMinute: 100_000, perSecond: 100_000, batchesPerMinute: 100_000, ...options.limits };
  const qbo = await start({ seed: 7, app: APP, now: () => new Date(clock.now), ...options, limits });
  const [harbor = '', nimbus = '', british = ''] = qbo.accounts.map(({ account }) => account);
  const tokens: Record<string, string> = {};
  const refreshTokens: Record<string, string> = {};
  for (const { account } of qbo.accounts) {
    const { body } = await connect(qbo, account);
    tokens[account] = body.access_token;
    refreshTokens[account] = body.refresh_token;
  }
  const call: Bench['call'] = (method, path, of = {}) => send({ qbo, harbor, tokens }, method, path, of);
  const bench: Bench = {
    qbo,
    clock,
    harbor,
    nimbus,
    british,
    tokens,
    refreshTokens,
    call,
    make: async (entity, body, of = {}) => {
      const answer = await call('POST', `/${entity.toLowerCase()}?minorversion=75`, { ...of, body });
      if (answer.status !== 200) throw new Error(`${entity} was refused: ${answer.text}`);
      return answer.body[entity];
    },
    refusal: async (entity, body, parameters = '', of = {}) => {
      const answer = await call('POST', `/${entity.toLowerCase()}?minorversion=75${parameters}`, { ...of, body });
      if (answer.status !== 400) throw new Error(`${entity} was not refused: ${answer.status} ${answer.text}`);
      return answer.body.Fault.Error[0];
    },
    read: async (entity, id, realm = harbor) =>
      (await call('GET', `/${entity.toLowerCase()}/${id}`, { realm })).body[entity],
    query: async (statement, realm = harbor) =>
      (await call('GET', `/query?query=${encodeURIComponent(statement)}`, { realm })).body.QueryResponse,
    account: async (number, realm = harbor) => {
      const found = (await bench.query(`select Id from Account where AcctNum = '${number}'`, realm)).Account;
      return (found as { Id: string }[])[0]!.Id;
    },
  };
  return bench;
}

type Connected = Pick<Bench, 'qbo' | 'harbor' | 'tokens'>;

async function send({ qbo, harbor, tokens }: Connected, method: string, path: string, call: Call): Promise<Reply> {
  const realm = call.realm ?? harbor;
  const headers: Record<string, string> = {
    authorization: `Bearer ${call.token ?? tokens[realm]}`,
    accept: 'application/json',
    'content-type': 'application/json',
    ...call.headers,
  };
  const body = call.body === undefined || typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
  const url = `${qbo.url}/v3/company/${realm}${path}`;
  return reply(await fetch(url, { method, headers, ...(body === undefined ? {} : { body: body as string }) }));
}

/** A reference, as entities have them. */
export const ref = (value: string, more: Fields = {}) => ({ value, ...more });

/** A customer and items of a company that tests sell with, by what they post to. */
export interface Trade {
  customer: string;
  sales: string;
  shipping: string;
  salesTax: string;
  realm: string;
}

export async function openTrade(bench: Bench, realm = bench.harbor): Promise<Trade> {
  const customer = await bench.make('Customer', { DisplayName: 'Web shop' }, { realm });
  const item = async (Name: string, number: string) => {
    const IncomeAccountRef = ref(await bench.account(number, realm));
    return (await bench.make('Item', { Name, Type: 'Service', IncomeAccountRef }, { realm })).Id;
  };
  const tax = realm === bench.british ? '2200' : '2100';
  return {
    customer: customer.Id,
    sales: await item('Sales', '4000'),
    shipping: await item('Shipping', '4050'),
    salesTax: await item('Sales tax', tax),
    realm,
  };
}

/** A line of a sales form. */
export function saleLine(item: string, Amount: number | string, detail: Fields = {}, more: Fields = {}): Fields {
  return { DetailType: 'SalesItemLineDetail', Amount, SalesItemLineDetail: { ItemRef: ref(item), ...detail }, ...more };
}

/** One line on the sales item for the customer, dated on a day without a lock. */
export function saleForm(trade: Trade, Amount: number | string, more: Fields = {}): Fields {
  return {
    CustomerRef: ref(trade.customer),
    TxnDate: '2026-11-20',
    Line: [saleLine(trade.sales, Amount)],
    ...more,
  };
}

/** A payment's line. */
export function applies(Amount: number, TxnId: string, TxnType: string): Fields {
  return { Amount, LinkedTxn: [{ TxnId, TxnType }] };
}
