import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import QuickBooks from 'node-quickbooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { fixture, handed, json, mapping, queryIn, REALM, rows } from './test-support.ts';

/** As much of the package as is called here; it brings no types. */
interface Package {
  endpoint: string;
  [call: string]: unknown;
}
type Done = (error: unknown, body: unknown) => void;

/** What the provider's stand-in answers with, and what reached it: method, path with query, body. */
interface Stand {
  server: Server;
  url: string;
  seen: { method: string; path: string; body: string }[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

let stand: Stand;
let elsewhere: Stand;
let sdk: Package;

async function open(): Promise<Stand> {
  const made: Stand = { server: createServer(), url: '', seen: [], answer: (_, response) => response.end('{}') };
  made.server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    made.seen.push({ method: request.method ?? '', path: request.url ?? '', body: Buffer.concat(chunks).toString() });
    made.answer(request, response);
  });
  await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve));
  made.url = `http://127.0.0.1:${(made.server.address() as AddressInfo).port}`;
  return made;
}

beforeAll(async () => {
  [stand, elsewhere] = [await open(), await open()];
  const Client = QuickBooks as unknown as new (...args: unknown[]) => Package;
  sdk = new Client('client', 'secret', 'access-1', false, REALM, false, false, 75, '2.0', 'refresh-1');
  sdk.endpoint = `${stand.url}/v3/company/`;
});
afterAll(() => {
  for (const { server } of [stand, elsewhere]) {
    server.closeAllConnections();
    server.close();
  }
});

const answering = (text: string, type = 'application/json') => {
  stand.answer = (_, response) => void response.writeHead(200, { 'content-type': type }).end(text);
};
const call = (name: string, ...args: unknown[]): Promise<{ error: unknown; body: unknown }> =>
  new Promise((resolve) => {
    const done: Done = (error, body) => resolve({ error, body });
    (sdk[name] as (...all: unknown[]) => void).call(sdk, ...args, done);
  });
const last = () => stand.seen.at(-1)!;

describe('node-quickbooks, as a second opinion', () => {
  test('asks for the same rows', async () => {
    answering('{"QueryResponse":{}}');
    await call('findInvoices', [{ field: 'DocNumber', value: ['S-1001', 'S-1002'], operator: 'IN' }]);
    const theirs = new URL(`${stand.url}${last().path}`).searchParams.get('query') ?? '';
    const ours = handed(rows('Invoice'), rows('Invoice'));
    const { document } = fixture('invoice');
    await connector.find([document, { ...document, number: 'S-1002' }], mapping, ours.api);
    const plain = (query: string) =>
      query
        .toLowerCase()
        .replace(/\s+/g, '')
        .replace(/startposition.*/, '');
    expect(plain(queryIn(ours.asked[0]!))).toBe(plain(theirs));
  });

  test('quotes an apostrophe as we do', async () => {
    answering('{"QueryResponse":{}}');
    await call('findCustomers', [{ field: 'DisplayName', value: "O'Hara", operator: '=' }]);
    expect(decodeURIComponent(last().path)).toContain("DisplayName = 'O\\'Hara'");
    const ours = handed(rows('Customer'), json({ Customer: { Id: '1', DisplayName: 'x' } }));
    await connector.ensureParties([{ id: 'p', name: "O'Hara" }], ours.api);
    expect(queryIn(ours.asked[0]!)).toContain("'O\\'Hara'");
  });

  test('deletes, voids an invoice and voids a payment at the same addresses', async () => {
    answering('{}');
    const [Id, SyncToken] = ['147', '0'];
    await call('deleteCreditMemo', { Id, SyncToken });
    await call('voidInvoice', { Id, SyncToken });
    await call('updatePayment', { Id, SyncToken, void: true });
    const theirs = stand.seen.slice(-3).map(({ path }) => operationIn(`${stand.url}${path}`));
    const ours: string[] = [];
    for (const name of ['credit-note', 'invoice', 'payment'] as const) {
      const { document, expected, response } = fixture(name);
      const { api, asked } = handed(json(response.body), json(response.body));
      await connector.undo(document, expected.remoteId, mapping, api);
      ours.push(operationIn(asked[1]!.url));
    }
    expect(ours).toEqual(theirs);
  });

  function operationIn(url: string): string {
    const { pathname, searchParams } = new URL(url);
    return `${pathname.split('/').at(-1)} ${searchParams.get('operation')} ${searchParams.get('include')}`;
  }
});

describe('node-quickbooks makes no calls of ours (docs/decisions/0007-quickbooks-sdk.md), because it', () => {
  test('forgets the request id of an object that is sent again, which then makes a second document', async () => {
    answering('{"Invoice":{"Id":"1"}}');
    const invoice = { requestId: 'key-1', DocNumber: 'S-1001' };
    await call('createInvoice', invoice);
    expect(last().path).toContain('requestid=key-1');
    await call('createInvoice', invoice);
    expect(last().path).not.toContain('requestid');
  });

  test('computes amounts', async () => {
    answering('{"Invoice":{"Id":"1","TotalAmt":90071992547409.93}}');
    const { body } = await call('createInvoice', { TotalAmt: 0.1 + 0.2 });
    expect(last().body).toContain('0.30000000000000004');
    expect(JSON.stringify(body)).toContain('90071992547409.94');
  });

  test('takes a web page for a success', async () => {
    answering('<html>Maintenance</html>', 'text/html');
    expect(await call('createInvoice', {})).toEqual({ error: null, body: '<html>Maintenance</html>' });
  });

  test('follows a redirect to another host and takes its answer for the provider’s', async () => {
    stand.answer = (_, response) => void response.writeHead(302, { location: `${elsewhere.url}/else` }).end();
    elsewhere.answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"Invoice":{"Id":"not theirs"}}');
    expect(await call('getInvoice', '1')).toMatchObject({ error: null, body: { Id: 'not theirs' } });
  });
});
