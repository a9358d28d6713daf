import type { BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { PreparedRequest, SendResult } from '../../kit/contract.ts';
import { requestIdOf } from './client.ts';
import { connector } from './connector.ts';
import { type Answer, FIXTURES, failureOf, fault, fixture, handed, json, REALM, rows } from './test-support.ts';

const invoice = fixture('invoice');
const refund = fixture('refund');
const url = (path: string) => `https://quickbooks.api.intuit.com/v3/company/${REALM}${path}`;

function sending(of: { document: BookDocument; request: PreparedRequest }, ...answers: Answer[]) {
  const world = handed(...answers);
  return { ...world, sent: () => connector.send(of.request, [of.document], 'key-1', world.api) };
}

function refusalIn([result]: SendResult[]): ConnectorError {
  if (result?.ok === false) return result.error;
  throw new Error('It was not refused.');
}

describe('a request', () => {
  test.each(FIXTURES)('a %s goes out with token and request id, and its answer is read to the cent', async (name) => {
    const { document, request, response, closing, expected } = fixture(name);
    const answers = [{ ...response, text: response.body }, ...(closing ? [json(closing.response)] : [])];
    const { sent, asked, logged } = sending({ document, request }, ...answers);
    expect(await sent()).toEqual([{ ok: true, remote: expected }]);
    const [path] = request.path.split('?');
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: url(`${path}?minorversion=75&requestid=key-1`),
      headers: { authorization: 'Bearer access-1', accept: 'application/json', 'content-type': 'application/json' },
      body: request.body,
    });
    expect(asked[1]?.body).toBe(closing?.body);
    expect(logged[0]).toMatchObject({
      message: 'books.answered',
      fields: { intuit_tid: '1-6a10-fixture', status: 200 },
    });
  });

  test('a key that does not fit or holds other characters is hashed, the same way each time', () => {
    expect(requestIdOf('k'.repeat(50))).toBe('k'.repeat(50));
    expect(requestIdOf('k'.repeat(51))).toMatch(/^[0-9a-f]{32}$/);
    expect(requestIdOf('k'.repeat(51))).toBe(requestIdOf('k'.repeat(51)));
    expect(requestIdOf('a:b')).toMatch(/^[0-9a-f]{32}$/);
    expect(requestIdOf('a:b')).not.toBe(requestIdOf('a:c'));
  });

  test.each<[string, Partial<PreparedRequest>]>([
    ['a PUT', { method: 'PUT' }],
    ['a deletion', { path: '/invoice/147' }],
    ['something else', { path: '/batch' }],
  ])('%s is refused here', async (_, change) => {
    const { api, asked } = handed();
    const wrong = { ...invoice.request, ...change };
    const failure = await failureOf(() => connector.send(wrong, [invoice.document], 'k', api));
    expect(failure).toMatchObject({ kind: 'unsupported', code: 'BOOKS_METHOD_UNSUPPORTED' });
    expect(asked).toEqual([]);
  });

  test('without tokens nothing is sent', async () => {
    const { api, asked } = handed();
    const send = () => connector.send(invoice.request, [invoice.document], 'k', { ...api, credentials: {} });
    expect(await failureOf(send)).toMatchObject({ kind: 'unauthorized', code: 'BOOKS_UNAUTHORIZED' });
    expect(asked).toEqual([]);
  });
});

describe('an answer', () => {
  test('a refusal of the document is its result, and says what, how much, why and what to do', async () => {
    const { sent } = sending(invoice, fault('6210', 'Account Period Closed, Cannot Update Through Services API'));
    expect(refusalIn(await sent())).toMatchObject({ kind: 'rejected', code: 'BOOKS_PERIOD_LOCKED', ambiguous: false });
    const { sent: again } = sending(
      invoice,
      fault('6210', 'Account Period Closed, Cannot Update Through Services API'),
    );
    expect(refusalIn(await again()).message).toBe(
      'Sending Invoice S-1001 (GBP 51.99): QuickBooks answered 400, saying "Account Period Closed, Cannot Update Through ' +
        'Services API". The date lies in a period that is closed in QuickBooks. Move the closing date in QuickBooks ' +
        '(Settings, Advanced, Accounting) and replay, or book it by hand.',
    );
  });

  test('a fault inside a 200 is a refusal too', async () => {
    const { sent } = sending(invoice, fault('6100', 'Invalid Line TaxCode in the request', '', 200));
    expect(refusalIn(await sent())).toMatchObject({ code: 'BOOKS_TAX_REFUSED' });
  });

  test('an inactive account is told with the roles that may be meant', async () => {
    const payment = fixture('payment');
    const { sent } = sending(payment, fault('2500', 'Invalid Reference Id', 'Accounts element id 40 not found'));
    const refusal = refusalIn(await sent());
    expect(refusal).toMatchObject({ code: 'BOOKS_ACCOUNT_REFUSED', subject: 'account clearing.stripe' });
    expect(refusal.message).toContain('saying "Invalid Reference Id: Accounts element id 40 not found"');
    expect(refusal.message).toContain('It names the accounts for clearing.stripe.');
  });

  test.each([
    ['a web page', '<html><body>Maintenance</body></html>'],
    ['nothing', ''],
    ['half an answer', '{"Invoice":{"DocNum'],
    ['something else', '{"weather":"fine"}'],
    ['a list', '[]'],
    ['no id', '{"Invoice":{"TotalAmt":51.99}}'],
    ['no total', '{"Invoice":{"Id":"147","DocNumber":"S-1001"}}'],
    ['a third decimal', '{"Invoice":{"Id":"147","TotalAmt":51.995}}'],
  ])('of %s leaves the document unknown, never pushed', async (_, text) => {
    const { sent } = sending(invoice, { text });
    expect(await failureOf(sent)).toMatchObject({
      kind: 'retryable',
      code: 'BOOKS_ANSWER_UNREADABLE',
      ambiguous: true,
    });
  });

  test('totals that differ from ours are handed on as they are, for the worker to compare', async () => {
    const { sent } = sending(invoice, json('{"Invoice":{"Id":"147","TotalAmt":52,"TxnTaxDetail":{"TotalTax":7.25}}}'));
    expect(await sent()).toMatchObject([{ ok: true, remote: { total: 5200n, tax: 725n } }]);
  });

  test('money that found nothing open to settle counts as not paid', async () => {
    const { sent } = sending(fixture('payment'), json('{"Payment":{"Id":"190","TotalAmt":51.99,"UnappliedAmt":1.99}}'));
    expect(await sent()).toMatchObject([{ ok: true, remote: { total: 5000n } }]);
  });

  test('an error of the network is handed on as the client made it', async () => {
    const lost = new ConnectorError('retryable', 'No answer within 60 s.', { code: 'HTTP_TIMEOUT', ambiguous: true });
    const { sent } = sending(invoice, lost);
    expect(await failureOf(sent)).toBe(lost);
  });
});

describe('a number that is taken', () => {
  const taken = fault('6140', 'Duplicate Document Number Error');
  const voided = { Id: '140', DocNumber: 'S-1001', TotalAmt: 0, PrivateNote: 'Voided - S-1001 #1001', Line: [] };

  test('by a live document is a refusal that is looked into', async () => {
    const { sent, asked } = sending(
      invoice,
      taken,
      rows('Invoice', voided, { Id: '141', DocNumber: 'S-1001', TotalAmt: 5 }),
    );
    expect(refusalIn(await sent())).toMatchObject({ kind: 'rejected', code: 'BOOKS_DUPLICATE_NUMBER' });
    expect(asked).toHaveLength(2);
  });

  test('by voided ones only is given once more, under a request id of its own', async () => {
    const { sent, asked } = sending(invoice, taken, rows('Invoice', voided), json(invoice.response.body));
    expect(await sent()).toEqual([{ ok: true, remote: invoice.expected }]);
    expect(asked[2]?.url).toMatch(/\/invoice\?include=allowduplicatedocnum&minorversion=75&requestid=[0-9a-f]{32}$/);
    expect(asked[2]?.body).toBe(asked[0]?.body);
  });
});

describe('money that is set against its document afterwards', () => {
  const booked: Answer = { ...refund.response, text: refund.response.body };

  test('the second request is the same each time, whoever makes it', async () => {
    const first = sending(refund, booked, json(refund.closing!.response));
    const second = sending(refund, booked, json(refund.closing!.response));
    await first.sent();
    await second.sent();
    expect(first.asked[1]?.url).toBe(second.asked[1]?.url);
    expect(first.asked[1]?.url).toMatch(/\/payment\?minorversion=75&requestid=[0-9a-f]{32}$/);
  });

  test.each<[string, Answer]>([
    ['lost', new ConnectorError('retryable', 'Gone.', { code: 'HTTP_NO_ANSWER', ambiguous: true })],
    ['throttled', json({}, 429)],
    ['unauthorized', json({}, 401)],
    ['unreadable', json('<html>')],
  ])('a second answer that is %s leaves the whole unknown, so that nobody sends the money twice', async (_, answer) => {
    const { sent } = sending(refund, booked, answer);
    expect(await failureOf(sent)).toMatchObject({ kind: 'retryable', code: 'OUTCOME_UNKNOWN', ambiguous: true });
  });

  test('where it is refused the money is taken out again, so that a refusal means nothing is there', async () => {
    const nothingOpen = fault('6000', 'A business validation error', 'The amount is greater than the open balance.');
    const { sent, asked } = sending(
      refund,
      booked,
      nothingOpen,
      rows('Payment'),
      json('{"Purchase":{"status":"Deleted"}}'),
    );
    expect(refusalIn(await sent())).toMatchObject({
      kind: 'rejected',
      code: 'BOOKS_AMOUNT_EXCEEDS_OPEN',
      ambiguous: false,
    });
    expect(asked[3]?.url).toContain('/purchase?operation=delete&minorversion=75&requestid=');
    expect(asked[3]?.body).toBe('{"Id":"195","SyncToken":"0"}');
  });

  test('a replay that finds it closed already is done', async () => {
    const closed = rows('Payment', { Id: '196', SyncToken: '0', PaymentRefNum: 'R-1001-p1', TotalAmt: 0 });
    const { sent } = sending(refund, booked, fault('6000', 'Nothing is open.'), closed);
    expect(await sent()).toEqual([{ ok: true, remote: refund.expected }]);
  });

  test('where even taking it out fails the whole is unknown', async () => {
    const { sent } = sending(refund, booked, fault('6000', 'Nothing is open.'), rows('Payment'), json({}, 500));
    expect(await failureOf(sent)).toMatchObject({ kind: 'retryable', code: 'OUTCOME_UNKNOWN', ambiguous: true });
  });

  test('a refusal of the money itself asks for nothing more', async () => {
    const { sent, asked } = sending(refund, fault('6210', 'Account Period Closed'));
    expect(refusalIn(await sent())).toMatchObject({ code: 'BOOKS_PERIOD_LOCKED' });
    expect(asked).toHaveLength(1);
  });
});
