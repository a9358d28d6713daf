import type { BankEntry, Invoice, Transfer } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpResponse } from '../../kit/contract.ts';
import { failure, sending } from './errors.ts';
import { fixture } from './test-support.ts';

const WRITE = sending(fixture('invoice').document as Invoice);
const READ = { what: 'Reading the company', writes: false };

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}
function fault(code: string, Message = 'Message', Detail = ''): unknown {
  return { Fault: { Error: [{ Message, Detail, code, element: '' }], type: 'ValidationFault' }, time: 'x' };
}

describe('a fault, by its code', () => {
  test.each<[string, string, Partial<ConnectorError>]>([
    [
      '610',
      'Object Not Found : Something you are trying to use has been made inactive',
      { code: 'BOOKS_ACCOUNT_REFUSED' },
    ],
    ['620', 'Txn ID Cannot Be Linked', { code: 'BOOKS_DOCUMENT_NOT_OPEN' }],
    ['2010', 'Request has invalid or unsupported property', { code: 'BOOKS_REFUSED' }],
    ['2020', 'Required param missing', { code: 'BOOKS_REFUSED' }],
    ['2130', 'Invalid Request Id Format', { code: 'BOOKS_REFUSED' }],
    ['2300', 'Amount on debits not equal to credits', { code: 'BOOKS_REFUSED' }],
    ['2500', 'Invalid Reference Id : Accounts element id 7 not found', { code: 'BOOKS_ACCOUNT_REFUSED' }],
    ['4001', 'Invalid query', { code: 'BOOKS_REFUSED' }],
    ['5010', 'Stale Object Error', { kind: 'retryable', code: 'BOOKS_CONFLICT' }],
    ['5020', 'Permission Denied', { code: 'BOOKS_SCOPE_MISSING' }],
    ['5030', 'Feature Not Supported Error : Multicurrency', { code: 'BOOKS_CURRENCY_REFUSED' }],
    ['5030', 'Feature Not Supported Error', { code: 'BOOKS_REFUSED' }],
    ['6000', 'The amount is greater than the open balance', { code: 'BOOKS_AMOUNT_EXCEEDS_OPEN' }],
    [
      '6000',
      "You can't apply 1.00 to a transaction whose open balance is 0.00.",
      { code: 'BOOKS_AMOUNT_EXCEEDS_OPEN' },
    ],
    ['6000', 'Make sure all your transactions have a VAT rate', { code: 'BOOKS_TAX_REFUSED' }],
    ['6000', 'You need to select a different type of account', { code: 'BOOKS_ACCOUNT_REFUSED' }],
    ['6000', 'Transaction currency is invalid for customer', { code: 'BOOKS_CURRENCY_REFUSED' }],
    ['6000', 'This transaction is linked to others.', { code: 'BOOKS_STILL_REFERRED' }],
    ['6000', 'Something nobody wrote down', { code: 'BOOKS_REFUSED' }],
    ['6070', 'Amount calculation incorrect in the request', { code: 'BOOKS_REFUSED' }],
    ['6100', 'Invalid Line TaxCode in the request', { code: 'BOOKS_TAX_REFUSED' }],
    ['6160', 'Custom tax', { code: 'BOOKS_TAX_REFUSED' }],
    ['6170', 'Invalid TxnTaxDetail Error', { code: 'BOOKS_TAX_REFUSED' }],
    ['6230', 'Tax', { code: 'BOOKS_TAX_REFUSED' }],
    ['6140', 'Duplicate Document Number Error', { code: 'BOOKS_DUPLICATE_NUMBER' }],
    ['6190', 'Invalid Company Status', { kind: 'unauthorized', code: 'BOOKS_DISCONNECTED' }],
    ['6200', 'A password is needed', { code: 'BOOKS_PERIOD_LOCKED' }],
    ['6210', 'Account Period Closed', { code: 'BOOKS_PERIOD_LOCKED' }],
    ['6240', 'Duplicate Name Exists Error', { code: 'BOOKS_CONTACT_NAME_TAKEN' }],
    ['6250', 'Invalid Customer', { code: 'BOOKS_CONTACT_ARCHIVED' }],
    ['6540', 'Deposited Transaction cannot be changed', { code: 'BOOKS_STILL_REFERRED' }],
    ['10000', 'An application error has occurred', { kind: 'retryable', code: 'BOOKS_UNAVAILABLE', ambiguous: true }],
    ['003001', 'ThrottleExceeded', { kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', retryAfterMs: 60_000 }],
    ['120', 'Authorization Failure', { kind: 'unauthorized', code: 'BOOKS_UNAUTHORIZED' }],
    ['3200', 'Token expired: abc', { kind: 'unauthorized', code: 'BOOKS_TOKEN_EXPIRED' }],
    ['99999', 'Something new', { code: 'BOOKS_REFUSED' }],
  ])('%s "%s"', (code, text, expected) => {
    const found = failure(answer(400, fault(code, text)), WRITE);
    expect(found).toMatchObject({ kind: 'rejected', ambiguous: false, ...expected });
    // What happened, to what and how much.
    expect(found.message).toContain('Sending Invoice S-1001 (GBP 51.99)');
  });

  test('the lower-case envelope of a 401 is read too', () => {
    const envelope = {
      warnings: null,
      fault: {
        error: [{ message: 'message=AuthenticationFailed', detail: 'Token revoked', code: '3200', element: null }],
      },
      batchItemResponse: [],
    };
    expect(failure(answer(401, envelope), READ)).toMatchObject({ kind: 'unauthorized', code: 'BOOKS_UNAUTHORIZED' });
  });

  test('several errors are all quoted, and the first one decides', () => {
    const both = {
      Fault: {
        Error: [
          { Message: 'One', code: '6140' },
          { Message: 'Two', code: '6000' },
        ],
      },
    };
    const found = failure(answer(400, both), WRITE);
    expect(found.code).toBe('BOOKS_DUPLICATE_NUMBER');
    expect(found.message).toContain('saying "One / Two"');
  });

  test('a detail that repeats the message is said once', () => {
    const found = failure(answer(400, fault('5010', 'Stale Object Error', 'Stale Object Error : You and Ada')), WRITE);
    expect(found.message).toContain('saying "Stale Object Error: You and Ada"');
  });
});

describe('an answer without a fault that can be read', () => {
  test.each<[string, HttpResponse, Partial<ConnectorError>]>([
    ['400', answer(400, '{}'), { kind: 'rejected', code: 'BOOKS_REFUSED', ambiguous: false }],
    ['400 with a page', answer(400, '<html>'), { kind: 'rejected', code: 'BOOKS_REFUSED' }],
    ['401', answer(401, ''), { kind: 'unauthorized', code: 'BOOKS_UNAUTHORIZED' }],
    ['403: the subscription lapsed', answer(403, ''), { kind: 'unauthorized', code: 'BOOKS_DISCONNECTED' }],
    ['404', answer(404, ''), { kind: 'rejected', code: 'BOOKS_NOT_FOUND' }],
    ['409', answer(409, ''), { kind: 'retryable', code: 'BOOKS_CONFLICT', ambiguous: true }],
    ['413', answer(413, ''), { kind: 'rejected', code: 'BOOKS_TOO_LARGE' }],
    ['418', answer(418, ''), { kind: 'retryable', code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true }],
    ['429', answer(429, ''), { kind: 'rate_limited', retryAfterMs: 60_000, ambiguous: false }],
    ['429 with a time', answer(429, '', { 'retry-after': '7' }), { kind: 'rate_limited', retryAfterMs: 7_000 }],
    ['429 with an unreadable time', answer(429, '', { 'retry-after': 'soon' }), { retryAfterMs: 60_000 }],
    ['500', answer(500, ''), { kind: 'retryable', code: 'BOOKS_UNAVAILABLE', ambiguous: true }],
    ['503 with a time', answer(503, '', { 'retry-after': '7' }), { kind: 'retryable', retryAfterMs: 7_000 }],
    ['504 with a fault nobody knows', answer(504, fault('77')), { kind: 'retryable', code: 'BOOKS_UNAVAILABLE' }],
  ])('%s', (_, response, expected) => {
    expect(failure(response, WRITE)).toMatchObject(expected);
  });

  test('a failed read changed nothing, so it is never unknown', () => {
    for (const status of [409, 418, 500, 503]) expect(failure(answer(status, ''), READ).ambiguous).toBe(false);
  });
});

describe('the account that may be meant', () => {
  const inactive = answer(400, fault('610', 'Object Not Found'));

  test('is named where the document names one only', () => {
    const found = failure(inactive, sending(fixture('payment').document));
    expect(found.subject).toBe('account clearing.stripe');
    expect(found.message).toContain('It names the accounts for clearing.stripe.');
  });

  test('is one of several otherwise', () => {
    const transfer = failure(inactive, sending(fixture('transfer').document as Transfer));
    expect(transfer.subject).toBeUndefined();
    expect(transfer.message).toContain('It names the accounts for clearing.stripe, bank.main.');
    const fees = failure(inactive, sending(fixture('fees').document as BankEntry));
    expect(fees.message).toContain('clearing.stripe, fees.processing, dispute.held');
  });

  test('is not mentioned where the fault is about something else', () => {
    const closed = failure(answer(400, fault('6210')), sending(fixture('payment').document));
    expect([closed.subject, closed.message.includes('It names')]).toEqual([undefined, false]);
  });
});
