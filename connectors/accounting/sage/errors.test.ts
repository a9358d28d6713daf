import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { failureOf, fixture, handed, json, KEY, problem } from './test-support.ts';

const { document, request } = fixture('payment');

/** What sending a payment ends in when the provider answers so. */
async function sent(answer: Partial<HttpResponse>) {
  const { api } = handed(answer);
  const outcome: { thrown?: unknown; result?: unknown } = {};
  try {
    outcome.result = await connector.send(request, [document], KEY, api);
  } catch (error) {
    outcome.thrown = error;
  }
  const [result] = (outcome.result ?? []) as { ok: boolean; error?: unknown }[];
  return result?.error ?? outcome.thrown;
}

const invalid = (message: string, source = 'base') => problem(422, 'RecordInvalid', message, source);
const REJECTED = 'rejected';

describe('what each answer means', () => {
  test.each<[string, Partial<HttpResponse>, string, string]>([
    ['a malformed body', problem(400, 'BadRequest', 'could not be parsed'), REJECTED, 'BOOKS_REFUSED'],
    ['an expired token', json([], 401), 'unauthorized', 'BOOKS_TOKEN_EXPIRED'],
    [
      'no subscription',
      problem(401, 'AuthorizationFailure', 'No active subscription. (MSE)'),
      'unauthorized',
      'BOOKS_DISCONNECTED',
    ],
    [
      'a user without the right',
      problem(403, 'MultiUserAccessDenied', 'Access denied.'),
      'unauthorized',
      'BOOKS_SCOPE_MISSING',
    ],
    ['a wrong id', problem(404, 'RecordNotFound', 'Could not find it.', ''), REJECTED, 'BOOKS_NOT_FOUND'],
    ['a wrong method', json([], 405), REJECTED, 'BOOKS_METHOD_UNSUPPORTED'],
    ['a wrong media type', json([], 415), REJECTED, 'BOOKS_METHOD_UNSUPPORTED'],
    ['too large', json([], 413), REJECTED, 'BOOKS_TOO_LARGE'],
    ['a conflict', json([], 409), 'retryable', 'BOOKS_CONFLICT'],
    [
      'trouble of their own',
      problem(500, 'UnexpectedError', 'An unexpected error occurred.', ''),
      'retryable',
      'BOOKS_UNAVAILABLE',
    ],
    ['a gateway', { status: 502, text: '<html></html>' }, 'retryable', 'BOOKS_UNAVAILABLE'],
    ['a redirect', { status: 302 }, 'retryable', 'BOOKS_UNAVAILABLE'],
    ['a status nobody knows', json([], 418), REJECTED, 'BOOKS_REFUSED'],
    [
      'a paid invoice',
      invalid('You can only pay unpaid or part-paid invoices.'),
      REJECTED,
      'BOOKS_AMOUNT_EXCEEDS_OPEN',
    ],
    [
      'a locked date',
      invalid('The date must be after the year end lockdown date.', 'date'),
      REJECTED,
      'BOOKS_PERIOD_LOCKED',
    ],
    ['a filed return', invalid('You cannot edit VAT reconciled transactions.'), REJECTED, 'BOOKS_PERIOD_LOCKED'],
    ['the small plan', invalid('Refunds are not available in your subscription.'), REJECTED, 'BOOKS_PLAN_LIMIT'],
    ['no tax rate', invalid('This field is required.', 'line_items.tax_rate_id'), REJECTED, 'BOOKS_TAX_REFUSED'],
    ['no tax', invalid('This field is required.', 'invoice_lines.tax_amount'), REJECTED, 'BOOKS_TAX_REFUSED'],
    [
      'a lost account',
      invalid('could not be found', 'invoice_lines.ledger_account_id'),
      REJECTED,
      'BOOKS_ACCOUNT_REFUSED',
    ],
    ['a lost bank', invalid('could not be found', 'bank_account_id'), REJECTED, 'BOOKS_ACCOUNT_REFUSED'],
    ['a lost contact', invalid('could not be found', 'contact_id'), REJECTED, 'BOOKS_CONTACT_UNKNOWN'],
    ['a currency', invalid('is not enabled', 'currency_id'), REJECTED, 'BOOKS_CURRENCY_REFUSED'],
    ['a reference', invalid('has already been taken', 'reference'), REJECTED, 'BOOKS_DUPLICATE_NUMBER'],
    ['a void invoice', invalid('This invoice is void and cannot be paid.'), REJECTED, 'BOOKS_DOCUMENT_NOT_OPEN'],
    ['a key used before', invalid('was used with other content', 'idempotency_id'), 'retryable', 'BOOKS_KEY_CONFLICT'],
    ['anything else', invalid('Something new.'), REJECTED, 'BOOKS_REFUSED'],
  ])('%s', async (_, answer, kind, code) => {
    expect(await sent(answer)).toMatchObject({ name: 'ConnectorError', kind, code });
  });

  test('a refusal was not carried out, a fault may have been', async () => {
    expect(await sent(invalid('Something new.'))).toMatchObject({ ambiguous: false });
    expect(await sent(json([], 401))).toMatchObject({ ambiguous: false });
    for (const status of [409, 500, 502, 503, 504]) {
      expect(await sent(json([], status)), String(status)).toMatchObject({ ambiguous: true });
    }
  });

  test('reading is never ambiguous', async () => {
    const { api } = handed(problem(500, 'UnexpectedError', 'An unexpected error occurred.'));
    const failure = await failureOf(() => connector.readBooks(api));
    expect(failure).toMatchObject({ kind: 'retryable', ambiguous: false });
  });

  test('too many calls wait as long as told, or a minute', async () => {
    const told = await sent({ status: 429, headers: { 'retry-after': '7' } });
    expect(told).toMatchObject({ kind: 'rate_limited', code: 'BOOKS_RATE_LIMITED', retryAfterMs: 7_000 });
    expect(await sent({ status: 429 })).toMatchObject({ retryAfterMs: 60_000, ambiguous: false });
  });

  test('the message says what happened to which document, why, and what to do, in the provider’s own words too', async () => {
    const list = [
      { $severity: 'error', $dataCode: 'RecordInvalid', $message: 'This field is required.', $source: 'date' },
      { $severity: 'error', $dataCode: 'RecordInvalid', $message: 'Something new.', $source: 'base' },
    ];
    const failure = (await sent(json(list, 422))) as Error;
    expect(failure.message).toBe(
      'Sending Payment P-1001-1 (GBP 44.48): Sage answered 422, saying "date: This field is required. / Something new.". ' +
        'Sage does not take it. Follow its words, then replay; report it to support if they make no sense.',
    );
  });
});
