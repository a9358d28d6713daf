import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SageSimulator, type SageSimulatorOptions, start } from '../simulator.ts';

/** What the simulator's tests share: a running Sage, a clock, and a caller who is connected. */

export const APP = { clientId: 'client-1', clientSecret: 'secret-1' };
export const REDIRECT = 'http://127.0.0.1:4000/oauth/sage/callback';
export const NOON = Date.UTC(2026, 10, 21, 12);

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  body: any;
}

type Fields = Record<string, unknown>;

export interface Call {
  /** Id of the business; '' = no header. */
  business?: string;
  token?: string;
  body?: unknown;
}

export interface Bench {
  sage: SageSimulator;
  clock: { now: number };
  /** The first business, and the second. */
  books: string;
  trading: string;
  token: string;
  refreshToken: string;
  /** A path below the version, e.g. `/sales_invoices`. */
  call(method: string, path: string, call?: Call): Promise<Reply>;
  /** POST of a record under its name; answers it. Throws when it is refused. */
  make(singular: string, body: Fields, call?: Call): Promise<Fields & { id: string }>;
  /** The same, answering the first error and its status. Throws when it is not refused. */
  refusal(singular: string, body: Fields): Promise<{ status: number; code: string; message: string; source: string }>;
  /** Id of a ledger account by its nominal code, and of its bank account. */
  ledger(code: string): string;
  bank(code: string): string;
}

export function temporaryFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'daybook-sage-')), 'state.jsonl');
}

export function authorizeUrl(sage: SageSimulator, more: Record<string, string> = {}): string {
  const query = { response_type: 'code', client_id: APP.clientId, redirect_uri: REDIRECT, scope: 'full_access' };
  const search = new URLSearchParams({ filter: 'apiv3.1', ...query, state: 's1', ...more });
  return `${sage.url}/oauth2/auth/central?${search}`;
}

export async function tokenCall(sage: SageSimulator, form: Record<string, string>): Promise<Reply> {
  const body = new URLSearchParams({ client_id: APP.clientId, client_secret: APP.clientSecret, ...form });
  return reply(await fetch(`${sage.url}/token`, { method: 'POST', body }));
}

export async function codeFor(sage: SageSimulator): Promise<string> {
  return new URL(await sage.consent(authorizeUrl(sage))).searchParams.get('code') ?? '';
}

export async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}

const PLURALS: Readonly<Record<string, string>> = { sales_quick_entry: 'sales_quick_entries' };

/** Starts a Sage and connects to it. */
export async function openBench(options: Partial<SageSimulatorOptions> = {}): Promise<Bench> {
  const clock = { now: NOON };
  const sage = await start({ seed: 7, app: APP, now: () => new Date(clock.now), ...options });
  const [books = '', trading = ''] = sage.accounts.map(({ account }) => account);
  const form = { grant_type: 'authorization_code', code: await codeFor(sage), redirect_uri: REDIRECT };
  const { body: tokens } = await tokenCall(sage, form);
  const call = async (method: string, path: string, { business = books, token, body }: Call = {}) => {
    const headers: Record<string, string> = {
      authorization: `Bearer ${token ?? tokens.access_token}`,
      'content-type': 'application/json',
    };
    if (business !== '') headers['x-business'] = business;
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return reply(await fetch(`${sage.url}/v3.1${path}`, init));
  };
  const post = (singular: string, body: Fields, more: Call = {}) =>
    call('POST', `/${PLURALS[singular] ?? `${singular}s`}`, { ...more, body: { [singular]: body } });
  const ledgers = await call('GET', '/ledger_accounts?items_per_page=200&attributes=nominal_code');
  const banks = await call('GET', '/bank_accounts?items_per_page=200&attributes=nominal_code');
  const idIn = (list: Reply, code: string): string =>
    list.body.$items.find((each: Fields) => String(each.nominal_code) === code)?.id ?? '';
  return {
    sage,
    clock,
    books,
    trading,
    token: tokens.access_token,
    refreshToken: tokens.refresh_token,
    call,
    make: async (singular, body, more) => {
      const answer = await post(singular, body, more);
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.body;
    },
    refusal: async (singular, body) => {
      const { status, body: errors, text } = await post(singular, body);
      if (status < 400) throw new Error(`It was not refused: ${text}`);
      const [{ $dataCode: code, $message: message, $source: source }] = errors;
      return { status, code, message, source };
    },
    ledger: (code) => idIn(ledgers, code),
    bank: (code) => idIn(banks, code),
  };
}
