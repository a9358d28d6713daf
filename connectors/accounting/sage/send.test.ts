import type { BookPayment } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { withIdempotency } from './client.ts';
import { connector } from './connector.ts';
import {
  BUSINESS,
  FIXTURES,
  type FixtureName,
  failureOf,
  fixture,
  handed,
  IDEMPOTENCY_ID,
  items,
  json,
  KEY,
  problem,
} from './test-support.ts';

const isSearched = (name: FixtureName) => /invoice|credit-note/.test(name);
const NONE = items();

describe('sending', () => {
  test.each(FIXTURES.filter((name) => name !== 'gift-card-payment'))(
    '%s is answered as it was booked',
    async (name) => {
      const { document, request, response, expected } = fixture(name);
      const answer = { status: response.status, headers: response.headers, text: response.body };
      const { api, asked, logged } = handed(...(isSearched(name) ? [NONE] : []), answer);
      expect(await connector.send(request, [document], KEY, api)).toEqual([{ ok: true, remote: expected }]);
      const sent = asked.at(-1);
      expect(sent).toMatchObject({ method: 'POST', url: `https://api.accounting.sage.com/v3.1${request.path}` });
      expect(sent?.body).toBe(withIdempotency(request.body, KEY));
      expect(sent?.body).toContain(`"idempotency_id":"${IDEMPOTENCY_ID}"`);
      expect(sent?.headers).toMatchObject({ 'x-business': BUSINESS, authorization: 'Bearer access-1' });
      expect(logged.at(-1)?.fields).toMatchObject({ status: 201, x_request_id: `fixture-${name}` });
    },
  );

  test('a replay sends the very same bytes', async () => {
    const { document, request, response } = fixture('payment');
    const answer = { status: 201, text: response.body };
    const { api, asked } = handed(answer, answer);
    await connector.send(request, [document], KEY, api);
    await connector.send(request, [document], KEY, api);
    expect(asked[1]?.body).toBe(asked[0]?.body);
  });

  test('an invoice that is there already is taken over, because nothing there keeps a reference unique', async () => {
    const { document, request, response, expected } = fixture('invoice');
    const { api, asked } = handed(items(JSON.parse(response.body)));
    expect(await connector.send(request, [document], KEY, api)).toEqual([{ ok: true, remote: expected }]);
    expect(asked.map(({ method }) => method)).toEqual(['GET']);
  });

  test('a void one is not', async () => {
    const { document, request, response } = fixture('invoice');
    const voided = { ...JSON.parse(response.body), status: { id: 'VOID' } };
    const { api, asked } = handed(items(voided), { status: 201, text: response.body });
    await connector.send(request, [document], KEY, api);
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  test('an answer of another business is no success: nobody knows where the document is', async () => {
    const { document, request, response } = fixture('payment');
    const { api } = handed({ status: 201, text: response.body, headers: { 'x-business': 'another' } });
    const failure = await failureOf(() => connector.send(request, [document], KEY, api));
    expect(failure).toMatchObject({ kind: 'retryable', code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true });
    expect(failure.message).toContain('it is of another business, another');
  });

  test('an amount with more decimals than its currency is not rounded', async () => {
    const { document, request } = fixture('payment');
    const { api } = handed(json({ id: '61', total_amount: '44.481', currency: { id: 'GBP' } }, 201));
    const failure = await failureOf(() => connector.send(request, [document], KEY, api));
    expect(failure).toMatchObject({ code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: true });
  });

  test('a request of another form is never sent', async () => {
    const { document, request } = fixture('payment');
    const { api, asked } = handed();
    for (const wrong of [
      { ...request, method: 'PUT' as const },
      { ...request, path: '/purchase_invoices' },
    ]) {
      const failure = await failureOf(() => connector.send(wrong, [document], KEY, api));
      expect(failure).toMatchObject({ kind: 'unsupported', code: 'BOOKS_METHOD_UNSUPPORTED' });
    }
    expect(asked).toEqual([]);
  });
});

describe('money that no payment can name', () => {
  const { document, request, response, settling, expected } = fixture('gift-card-payment');
  const payment = document as BookPayment;
  const booked = { status: 201, text: response.body };
  const send = (api: ReturnType<typeof handed>['api']) => connector.send(request, [payment], KEY, api);

  test('is booked, then set against its invoice', async () => {
    const { api, asked } = handed(booked, json(settling?.response ?? '', 201));
    expect(await send(api)).toEqual([{ ok: true, remote: expected }]);
    expect(asked.map(({ url }) => new URL(url).pathname)).toEqual([
      '/v3.1/sales_quick_entries',
      '/v3.1/contact_allocations',
    ]);
    const { idempotency_id: id, ...rest } = JSON.parse(asked[1]?.body ?? '').contact_allocation;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(rest).toEqual(JSON.parse(settling?.body ?? ''));
  });

  test('is taken out again where the books refuse the second half, so that a refusal means nothing is there', async () => {
    const refusal = problem(422, 'RecordInvalid', 'You can only pay unpaid or part-paid invoices.');
    const { api, asked } = handed(booked, refusal, json({ id: expected.remoteId }), { status: 204 });
    expect(await send(api)).toMatchObject([{ ok: false, error: { code: 'BOOKS_AMOUNT_EXCEEDS_OPEN' } }]);
    expect(asked.at(-1)).toMatchObject({
      method: 'DELETE',
      url: `https://api.accounting.sage.com/v3.1/sales_quick_entries/${expected.remoteId}`,
    });
  });

  test('is left where it is when a replay finds it allocated before', async () => {
    const refusal = problem(422, 'RecordInvalid', 'You can only pay unpaid or part-paid invoices.');
    const links = json({ id: expected.remoteId, payments_allocations: [{ contact_allocation: { id: '72' } }] });
    const { api, asked } = handed(booked, refusal, links);
    expect(await send(api)).toEqual([{ ok: true, remote: expected }]);
    expect(asked).toHaveLength(3);
  });

  test('is unknown while the second half is', async () => {
    const lost = new ConnectorError('retryable', 'No answer in time.', { code: 'HTTP_TIMEOUT', ambiguous: true });
    const { api } = handed(booked, lost);
    expect(await failureOf(() => send(api))).toMatchObject({
      kind: 'retryable',
      code: 'OUTCOME_UNKNOWN',
      ambiguous: true,
    });
  });
});
