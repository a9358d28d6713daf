import type { Invoice } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpResponse } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { failure, refusal } from './errors.ts';
import { fixture, handed } from './test-support.ts';

const invoice = fixture('invoice').document as Invoice;
const WRITE = { what: 'Sending Invoice S-1001 (GBP 52.00)', writes: true };
const READ = { what: 'Reading the organisation', writes: false };

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** Shape of refusals before the accounting API proper (dcblogdev/laravel-xero #40, freakboy3742/pyxero #337). */
function problem(Status: number, Title: string, Detail: string): unknown {
  return { Type: null, Title, Status, Detail, Instance: '79f299a4-f3a6-4c0d-a4a0-d4c48d1f3be4', Extensions: {} };
}

describe('an answer that is no success', () => {
  test.each<[string, HttpResponse, Partial<ConnectorError>]>([
    [
      '401 with an expired token',
      answer(401, problem(401, 'Unauthorized', 'TokenExpired: token expired at 11/21/2026 12:00:00')),
      { kind: 'unauthorized', code: 'BOOKS_TOKEN_EXPIRED', ambiguous: false },
    ],
    [
      '401 with too small a consent, said in the header',
      answer(401, '', { 'www-authenticate': 'Bearer error="insufficient_scope"' }),
      { kind: 'unauthorized', code: 'BOOKS_SCOPE_MISSING', ambiguous: false },
    ],
    [
      '401 with too small a consent, said in the body',
      answer(401, problem(401, 'Unauthorized', 'AuthorizationUnsuccessful')),
      { kind: 'unauthorized', code: 'BOOKS_SCOPE_MISSING' },
    ],
    ['401 without a reason', answer(401, ''), { kind: 'unauthorized', code: 'BOOKS_UNAUTHORIZED' }],
    [
      '403 for an organisation that was disconnected',
      answer(403, problem(403, 'Forbidden', 'AuthenticationUnsuccessful')),
      { kind: 'unauthorized', code: 'BOOKS_DISCONNECTED', ambiguous: false },
    ],
    [
      '404',
      answer(404, 'The resource you are looking for cannot be found'),
      { kind: 'rejected', code: 'BOOKS_NOT_FOUND' },
    ],
    ['409', answer(409, ''), { kind: 'retryable', code: 'BOOKS_CONFLICT', ambiguous: true }],
    ['412', answer(412, ''), { kind: 'retryable', code: 'BOOKS_CONFLICT', ambiguous: true }],
    ['413', answer(413, '<html>'), { kind: 'rejected', code: 'BOOKS_TOO_LARGE', ambiguous: false }],
    [
      '429 of the minute',
      answer(429, '', { 'retry-after': '37', 'x-rate-limit-problem': 'minute' }),
      { kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', retryAfterMs: 37_000, ambiguous: false },
    ],
    [
      '429 of the day, as long as it was really seen',
      answer(429, '', { 'retry-after': '73451', 'x-rate-limit-problem': 'day' }),
      { kind: 'rate_limited', code: 'BOOKS_DAY_LIMIT', retryAfterMs: 73_451_000, ambiguous: false },
    ],
    [
      '429 of the day without a time',
      answer(429, '', { 'x-rate-limit-problem': 'day' }),
      { kind: 'rate_limited', code: 'BOOKS_DAY_LIMIT', retryAfterMs: 3_600_000 },
    ],
    [
      '429 with an unreadable time',
      answer(429, '', { 'retry-after': 'soon' }),
      { kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', retryAfterMs: 60_000 },
    ],
    [
      '500',
      answer(500, { Message: 'An error occurred' }),
      { kind: 'retryable', code: 'BOOKS_UNAVAILABLE', ambiguous: true },
    ],
    [
      '502 with a web page',
      answer(502, '<html></html>'),
      { kind: 'retryable', code: 'BOOKS_UNAVAILABLE', ambiguous: true },
    ],
    [
      '503 that says when to come back',
      answer(503, '', { 'retry-after': '120' }),
      { kind: 'retryable', code: 'BOOKS_UNAVAILABLE', ambiguous: true, retryAfterMs: 120_000 },
    ],
    ['a redirect', answer(302, ''), { kind: 'retryable', code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true }],
    [
      '400 for a key used with other content',
      answer(400, { Message: 'The Idempotency-Key has already been used with a different request.' }),
      { kind: 'retryable', code: 'BOOKS_KEY_CONFLICT', ambiguous: true },
    ],
    [
      '400 with a web page',
      answer(400, '<html></html>'),
      { kind: 'rejected', code: 'BOOKS_REFUSED', ambiguous: false },
    ],
  ])('%s', (_, response, expected) => {
    const error = failure(response, WRITE);
    expect(error).toMatchObject(expected);
    // What happened, to what and how much.
    expect(error.message).toContain('Sending Invoice S-1001 (GBP 52.00)');
  });

  test('a failed read changed nothing, so it is never unknown', () => {
    for (const status of [500, 503, 302]) expect(failure(answer(status, ''), READ).ambiguous).toBe(false);
  });

  test('the message says what happened, to what, why and what to do', () => {
    expect(failure(answer(403, problem(403, 'Forbidden', 'AuthenticationUnsuccessful')), WRITE).message).toBe(
      'Sending Invoice S-1001 (GBP 52.00): Xero answered 403, saying "AuthenticationUnsuccessful". The organisation is ' +
        'no longer connected to Daybook, somebody removed it or its trial ended. Connect the organisation again; the ' +
        'waiting documents then go out by themselves.',
    );
    expect(failure(answer(429, '', { 'retry-after': '73451', 'x-rate-limit-problem': 'day' }), WRITE).message).toBe(
      'Sending Invoice S-1001 (GBP 52.00): Xero asked us to slow down. The daily allowance of calls of this ' +
        'organisation is used up. Daybook waits 73451 seconds and goes on by itself.',
    );
  });
});

describe('a refusal of one document', () => {
  test.each([
    ['Invoice # must be unique.', 'BOOKS_DUPLICATE_NUMBER'],
    ['Credit note # must be unique.', 'BOOKS_DUPLICATE_NUMBER'],
    ['The document date cannot be before the end of year lock date', 'BOOKS_PERIOD_LOCKED'],
    ['The document date cannot be before the period lock date', 'BOOKS_PERIOD_LOCKED'],
    ['You have reached the limit of invoices you can approve', 'BOOKS_PLAN_LIMIT'],
    ['Payment amount exceeds the amount outstanding on this document', 'BOOKS_AMOUNT_EXCEEDS_OPEN'],
    ['The amount exceeds the remaining credit of this credit note', 'BOOKS_AMOUNT_EXCEEDS_OPEN'],
    ['Payments can only be made against Authorised documents', 'BOOKS_DOCUMENT_NOT_OPEN'],
    ['The contact has been archived.', 'BOOKS_CONTACT_ARCHIVED'],
    ['The contact with the specified contact details could not be found.', 'BOOKS_CONTACT_UNKNOWN'],
    ['The invoice or credit note to pay could not be found.', 'BOOKS_NOT_FOUND'],
    ['The TaxType code NONE does not exist or cannot be used for this type of transaction.', 'BOOKS_TAX_REFUSED'],
    ["Account code '800' is not a valid code for this document.", 'BOOKS_ACCOUNT_REFUSED'],
    ["Account code '090' has been archived.", 'BOOKS_ACCOUNT_REFUSED'],
    ["Account code '200' is not a bank account and is not enabled for payments.", 'BOOKS_ACCOUNT_REFUSED'],
    ['Organisation is not subscribed to currency KWD', 'BOOKS_CURRENCY_REFUSED'],
    ['The line total 10.00 does not match the expected line total 10.01', 'BOOKS_REFUSED'],
  ])('"%s" is %s', (text, code) => {
    const error = refusal(invoice, [text]);
    expect(error).toMatchObject({ kind: 'rejected', code, ambiguous: false });
    expect(error.message).toContain(`Invoice S-1001 (GBP 52.00) was refused by Xero, saying "${text}"`);
  });

  test('the first text that means something decides, and all are quoted', () => {
    const error = refusal(invoice, ['Something odd.', 'Invoice # must be unique.']);
    expect(error.code).toBe('BOOKS_DUPLICATE_NUMBER');
    expect(error.message).toContain('saying "Something odd. / Invoice # must be unique."');
  });

  test('a refusal without any text says so', () => {
    expect(refusal(invoice, []).message).toContain('without giving a reason');
  });
});

test('an error of the network is handed on as the client made it', async () => {
  const { api } = handed();
  const lost = new ConnectorError('retryable', 'No answer within 60 s.', { code: 'NO_ANSWER', ambiguous: true });
  const { document, request } = fixture('invoice');
  const sending = connector.send(request, [document], 'k', { ...api, http: { request: () => Promise.reject(lost) } });
  await expect(sending).rejects.toBe(lost);
});
