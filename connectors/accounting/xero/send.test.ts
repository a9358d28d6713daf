import type { BookDocument, Invoice } from '@daybook/domain';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpClient, HttpRequest, SendResult } from '../../kit/contract.ts';
import { idempotencyHeader } from './client.ts';
import { connector } from './connector.ts';
import { API, FIXTURES, fixture, handed, mapping, TENANT } from './test-support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

const invoice = fixture('invoice').document as Invoice;
const named = (number: string): Invoice => ({ ...invoice, number });

async function send(documents: BookDocument[], status: number, body: unknown, headers = {}): Promise<SendResult[]> {
  const encoded = documents.map((each) => connector.encode(each, mapping));
  const request = connector.prepare(documents[0]!.kind, encoded, documents[0]!, mapping);
  nock(API)
    .put(`/api.xro/2.0${request.path}`)
    .reply(status, typeof body === 'string' ? body : JSON.stringify(body), headers);
  return connector.send(request, documents, 'key-1', handed().api);
}

async function failure(sending: Promise<SendResult[]>): Promise<ConnectorError> {
  const error = await sending.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof ConnectorError) return error;
  throw new Error(`No ConnectorError but ${error}`);
}

function created(number: string): Record<string, unknown> {
  return {
    Type: 'ACCREC',
    InvoiceID: `00000000-0000-4000-8000-${number.slice(2).padStart(12, '0')}`,
    InvoiceNumber: number,
    Status: 'AUTHORISED',
    StatusAttributeString: 'OK',
    HasErrors: false,
    SubTotal: 44.75,
    TotalTax: 7.25,
    Total: 52.0,
    CurrencyCode: 'GBP',
  };
}

function refused(number: string, ...messages: string[]): Record<string, unknown> {
  return {
    Type: 'ACCREC',
    InvoiceID: '00000000-0000-0000-0000-000000000000',
    InvoiceNumber: number,
    StatusAttributeString: 'ERROR',
    HasErrors: true,
    ValidationErrors: messages.map((Message) => ({ Message })),
  };
}

describe('a request', () => {
  test.each(FIXTURES)('a %s goes out with tenant, token and key, and its answer is read to the cent', async (name) => {
    const { document, request, response, expected } = fixture(name);
    const sent = nock(API, {
      reqheaders: {
        authorization: 'Bearer access-1',
        'xero-tenant-id': TENANT,
        'idempotency-key': `${TENANT}:key-1`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
    })
      .put(`/api.xro/2.0${request.path}`, (body) => JSON.stringify(body) === JSON.stringify(JSON.parse(request.body)))
      .reply(response.status, response.body, response.headers);
    const { api, left, logged } = handed();
    expect(await connector.send(request, [document], 'key-1', api)).toEqual([{ ok: true, remote: expected }]);
    expect(sent.isDone()).toBe(true);
    expect(left).toEqual([{ minute: 58, day: 4998 }]);
    expect(logged[0]).toMatchObject({ message: 'books.answered', fields: { app_minute_limit_remaining: 9988 } });
    const warned = name === 'payment' ? ['The payment date is prior to the invoice date.'] : undefined;
    expect(logged[1]?.fields?.warnings).toEqual(warned);
  });

  test('the prepared bytes are handed to the network unchanged, trailing zeros included', async () => {
    const { document, request, response } = fixture('invoice');
    const { api } = handed();
    const asked: HttpRequest[] = [];
    const http: HttpClient = {
      request: async (each) => {
        asked.push(each);
        return { status: response.status, headers: response.headers, text: response.body };
      },
    };
    await connector.send(request, [document], 'key-1', { ...api, http });
    expect(asked.map(({ body }) => body)).toEqual([request.body]);
    expect(request.body).toContain('"UnitAmount":10.00');
  });

  test('a key that would be too long with the tenant in it is hashed, the same way each time', () => {
    expect(idempotencyHeader(TENANT, 'k'.repeat(91))).toBe(`${TENANT}:${'k'.repeat(91)}`);
    const hashed = idempotencyHeader(TENANT, 'k'.repeat(92));
    expect(hashed).toMatch(/^[0-9a-f]{64}$/);
    expect(idempotencyHeader(TENANT, 'k'.repeat(92))).toBe(hashed);
    expect(idempotencyHeader('another-tenant', 'k'.repeat(92))).not.toBe(hashed);
  });

  test('a POST is refused here, because it could edit what is there', async () => {
    const { document, request } = fixture('invoice');
    const error = await failure(connector.send({ ...request, method: 'POST' }, [document], 'k', handed().api));
    expect(error).toMatchObject({ kind: 'unsupported', code: 'BOOKS_METHOD_UNSUPPORTED' });
  });
});

describe('a batch', () => {
  const documents = ['S-1001', 'S-1002', 'S-1003'].map(named);

  test('one refused document leaves its neighbours alone', async () => {
    const results = await send(documents, 200, {
      Invoices: [created('S-1001'), refused('S-1002', 'Invoice # must be unique.'), created('S-1003')],
    });
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(results[0]).toMatchObject({ remote: { number: 'S-1001', total: 5200n, tax: 725n } });
    const [, second] = results;
    expect(second?.ok === false && second.error).toMatchObject({ kind: 'rejected', code: 'BOOKS_DUPLICATE_NUMBER' });
    expect(second?.ok === false && second.error.message).toBe(
      'Invoice S-1002 (GBP 52.00) was refused by Xero, saying "Invoice # must be unique.". A document with this ' +
        'number is already there. Daybook looks it up and takes it over when its totals agree; otherwise remove one of ' +
        'the two in Xero.',
    );
  });

  test('an answer in another order is booked to nobody: what is out of place is unknown', async () => {
    const results = await send(documents, 200, {
      Invoices: [created('S-1002'), created('S-1001'), created('S-1003')],
    });
    expect(results.map((each) => (each.ok ? each.remote.number : each.error.code))).toEqual([
      'BOOKS_ANSWER_UNREADABLE',
      'BOOKS_ANSWER_UNREADABLE',
      'S-1003',
    ]);
    expect(results[0]?.ok === false && results[0].error).toMatchObject({ kind: 'retryable', ambiguous: true });
  });

  test('a success without our number, total or id is unknown, not pushed', async () => {
    const { InvoiceNumber: _number, ...unnamed } = created('S-1001');
    const { Total: _total, ...untotalled } = created('S-1002');
    const empty = { ...created('S-1003'), InvoiceID: '00000000-0000-0000-0000-000000000000' };
    const results = await send(documents, 200, { Invoices: [unnamed, untotalled, empty] });
    for (const result of results) {
      expect(result.ok === false && result.error).toMatchObject({ code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true });
    }
  });

  test('an amount with more decimals than its currency is not rounded but unknown', async () => {
    const [result] = await send([named('S-1001')], 200, { Invoices: [{ ...created('S-1001'), Total: 52.005 }] });
    expect(result?.ok === false && result.error).toMatchObject({ code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true });
  });

  test('totals that differ from ours are handed on as they are, for the worker to compare', async () => {
    const [result] = await send([named('S-1001')], 200, { Invoices: [{ ...created('S-1001'), Total: 52.01 }] });
    expect(result).toMatchObject({ ok: true, remote: { total: 5201n } });
  });

  test.each([
    ['fewer documents than were sent', { Invoices: [created('S-1001')] }],
    ['no list at all', { Status: 'OK' }],
    ['a web page', '<html><body>Maintenance</body></html>'],
    ['nothing', ''],
    ['half an answer', '{"Invoices":[{"InvoiceNu'],
  ])('an answer of %s leaves all of them unknown', async (_, body) => {
    const error = await failure(send(documents, 200, body));
    expect(error).toMatchObject({ kind: 'retryable', code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true });
  });

  test('a 400 with one element each says who is to blame and who only waits', async () => {
    const results = await send(documents, 400, {
      ErrorNumber: 10,
      Type: 'ValidationException',
      Message: 'A validation exception occurred',
      Elements: [
        { InvoiceNumber: 'S-1001', ValidationErrors: [] },
        { InvoiceNumber: 'S-1002', ValidationErrors: [{ Message: 'The TaxType code NONE does not exist.' }] },
        { InvoiceNumber: 'S-1003' },
      ],
    });
    expect(results.map((each) => each.ok === false && each.error.code)).toEqual([
      'BOOKS_BATCH_REFUSED',
      'BOOKS_TAX_REFUSED',
      'BOOKS_BATCH_REFUSED',
    ]);
  });

  test('a 400 that lists only the bad one is matched by its number', async () => {
    const results = await send(documents, 400, {
      Elements: [{ InvoiceNumber: 'S-1003', ValidationErrors: [{ Message: 'Invoice # must be unique.' }] }],
    });
    expect(results.map((each) => each.ok === false && each.error.code)).toEqual([
      'BOOKS_BATCH_REFUSED',
      'BOOKS_BATCH_REFUSED',
      'BOOKS_DUPLICATE_NUMBER',
    ]);
  });

  test('a 400 whose elements fit nobody is about the request as a whole', async () => {
    const error = await failure(
      send(documents, 400, { Elements: [{ ValidationErrors: [{ Message: 'Something odd.' }] }] }),
    );
    expect(error).toMatchObject({ kind: 'rejected', code: 'BOOKS_REFUSED' });
    expect(error.message).toContain(
      'Sending 3 documents (S-1001 to S-1003) was refused by Xero, saying "Something odd."',
    );
  });
});

test('the recorded refusal of a tax type names document, amount and the text', async () => {
  // Values of samples/error-400-taxtype (xero-ruby spec), for one document.
  const [result] = await send([invoice], 400, {
    ErrorNumber: 10,
    Type: 'ValidationException',
    Message: 'A validation exception occurred',
    Elements: [
      {
        ValidationErrors: [
          { Message: 'The TaxType code NONE does not exist or cannot be used for this type of transaction.' },
        ],
        Warnings: [{ Message: "Account code '600' has been removed as it does not match a recognised account." }],
      },
    ],
  });
  expect(result?.ok === false && result.error).toMatchObject({ kind: 'rejected', code: 'BOOKS_TAX_REFUSED' });
  expect(result?.ok === false && result.error.message).toContain('Invoice S-1001 (GBP 52.00) was refused by Xero');
});
