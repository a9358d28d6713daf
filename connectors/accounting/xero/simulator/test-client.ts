import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, type XeroSimulator, type XeroSimulatorOptions } from '../simulator.ts';

/** What the simulator's tests share: a running Xero, a clock, and a caller who is connected to it. */

export const APP = { clientId: 'client-1', clientSecret: 'secret-1' };
export const REDIRECT = 'http://127.0.0.1:4000/oauth/xero/callback';
export const SCOPES =
  'openid offline_access accounting.invoices accounting.payments accounting.banktransactions ' +
  'accounting.manualjournals accounting.contacts accounting.settings.read';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  body: any;
}

interface Call {
  tenant?: string;
  token?: string;
  key?: string;
  headers?: Record<string, string>;
  /** Sent as it is; objects are serialised. */
  body?: unknown;
}

export interface Bench {
  xero: XeroSimulator;
  clock: { now: number };
  british: string;
  american: string;
  token: string;
  refreshToken: string;
  call(method: string, path: string, call?: Call): Promise<Reply>;
  /** PUT of one invoice to the British books, answers the first element. */
  invoice(fields?: object, call?: Call): Promise<Reply>;
  contactId: string;
}

/** Noon UTC of a day without a lock. */
export const NOON = Date.UTC(2026, 10, 21, 12);

export function temporaryFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'daybook-xero-')), 'state.jsonl');
}

export function authorizeUrl(xero: XeroSimulator, more: Record<string, string> = {}): string {
  const query = { response_type: 'code', client_id: APP.clientId, redirect_uri: REDIRECT, scope: SCOPES, state: 's1' };
  return `${xero.url}/identity/connect/authorize?${new URLSearchParams({ ...query, ...more })}`;
}

export async function tokenCall(xero: XeroSimulator, form: Record<string, string>, app = APP): Promise<Reply> {
  const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
  return reply(
    await fetch(`${xero.url}/connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    }),
  );
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json && text !== '' ? JSON.parse(text) : undefined,
  };
}

/** Consents to both organisations and exchanges the code. */
export async function connect(xero: XeroSimulator, scope = SCOPES): Promise<Reply> {
  const redirect = new URL(await xero.consent(authorizeUrl(xero, { scope })));
  const code = redirect.searchParams.get('code') ?? '';
  return tokenCall(xero, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
}

/** A Xero with a connected caller and one British contact. Limits are wide unless a test narrows them. */
export async function openBench(options: Partial<XeroSimulatorOptions> = {}, clock = { now: NOON }): Promise<Bench> {
  const limits = { perMinute: 10_000, perDay: 100_000, ...options.limits };
  const xero = await start({ seed: 7, app: APP, now: () => new Date(clock.now), ...options, limits });
  const [first, second] = xero.accounts;
  const tokens = await connect(xero);
  const bench: Bench = {
    xero,
    clock,
    british: first?.account ?? '',
    american: second?.account ?? '',
    token: tokens.body.access_token,
    refreshToken: tokens.body.refresh_token,
    contactId: '',
    call: (method, path, call = {}) => send(bench, method, path, call),
    invoice: (fields = {}, call = {}) =>
      bench.call('PUT', '/Invoices', { ...call, body: { Invoices: [{ ...plainInvoice(bench), ...fields }] } }),
  };
  const contact = await bench.call('PUT', '/Contacts', { body: { Contacts: [{ Name: `Web shop ${clock.now}` }] } });
  bench.contactId = contact.body.Contacts[0].ContactID;
  return bench;
}

/** 2 × 10.00 net at 20 %: total 24.00. */
export function plainInvoice(bench: Bench): Record<string, unknown> {
  return {
    Type: 'ACCREC',
    Status: 'AUTHORISED',
    Contact: { ContactID: bench.contactId },
    Date: '2026-11-20',
    DueDate: '2026-11-20',
    LineAmountTypes: 'Exclusive',
    LineItems: [line()],
  };
}

export function line(fields: object = {}): Record<string, unknown> {
  return { Description: 'Mug', Quantity: 2, UnitAmount: 10, AccountCode: '4000', TaxType: 'OUTPUT2', ...fields };
}

async function send(bench: Bench, method: string, path: string, call: Call): Promise<Reply> {
  const body = call.body === undefined || typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
  const headers: Record<string, string> = {
    authorization: `Bearer ${call.token ?? bench.token}`,
    'xero-tenant-id': call.tenant ?? bench.british,
    accept: 'application/json',
    'content-type': 'application/json',
    ...(call.key === undefined ? {} : { 'idempotency-key': call.key }),
    ...call.headers,
  };
  const url = path.startsWith('/connections') ? `${bench.xero.url}${path}` : `${bench.xero.url}/api.xro/2.0${path}`;
  return reply(await fetch(url, { method, headers, ...(body === undefined ? {} : { body: body as string }) }));
}

/** The validation messages of a 400. */
export function complaints(answer: Reply): string[] {
  return answer.body.Elements.flatMap((element: { ValidationErrors: { Message: string }[] }) =>
    element.ValidationErrors.map(({ Message }) => Message),
  );
}
