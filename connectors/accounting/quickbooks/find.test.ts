import type { BookDocument, Invoice } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import {
  type Answer,
  type FixtureName,
  failureOf,
  fault,
  fixture,
  handed,
  json,
  mapping,
  queryIn,
  rows,
} from './test-support.ts';

/** The record of a fixture as a query would answer it, its numbers as they are. */
function recordOf(name: FixtureName): [string, object] {
  const [entity, record] = Object.entries(JSON.parse(fixture(name).response.body))[0] as [string, object];
  return [entity, record];
}
const row = (name: FixtureName, change: object = {}): object => ({ ...recordOf(name)[1], ...change });

function finding(documents: BookDocument[], ...answers: Answer[]) {
  const world = handed(...answers);
  return { ...world, found: () => connector.find(documents, mapping, world.api) };
}

const invoice = fixture('invoice').document as Invoice;

describe('looking documents up', () => {
  test.each<[FixtureName, string]>([
    ['invoice', "select * from Invoice where DocNumber in ('S-1001')"],
    ['sales-receipt', "select * from SalesReceipt where DocNumber in ('S-3001')"],
    ['refund-receipt', "select * from RefundReceipt where DocNumber in ('R-3002')"],
    ['payment', "select * from Payment where PaymentRefNum in ('S-1001-p1')"],
    ['allocation', "select * from Payment where PaymentRefNum in ('R-1001-a1')"],
    ['reserve', "select * from JournalEntry where DocNumber in ('PAY-po1-77aa02')"],
    ['fees', "select * from Purchase where DocNumber in ('STR-ch1-0af301')"],
    ['journal', "select * from JournalEntry where DocNumber in ('STR-dp1-0af303')"],
    ['transfer', "select * from Transfer where TxnDate = '2026-11-09'"],
    ['dispute-won', "select * from Deposit where TxnDate = '2026-11-09'"],
  ])('%s: %s', async (name, query) => {
    const [entity, record] = recordOf(name);
    const { found, asked } = finding([fixture(name).document], rows(entity, record));
    expect(await found()).toEqual([fixture(name).expected]);
    expect(asked.map(queryIn)).toEqual([query]);
  });

  test('a number that is too long is asked for in its short form', async () => {
    const { found, asked } = finding([fixture('credit-note').document], rows('CreditMemo', row('credit-note')));
    expect(await found()).toEqual([fixture('credit-note').expected]);
    expect(queryIn(asked[0]!)).toMatch(/DocNumber in \('SHO-1001-3fa-[0-9a-f]{8}'\)$/);
  });

  test('where the provider gave a number of its own, the note among those of the day tells', async () => {
    const renumbered = row('invoice', { DocNumber: '1042' });
    const other = row('invoice', { Id: '9', DocNumber: '1041', PrivateNote: 'S-10011 #7' });
    const { found, asked } = finding([invoice], rows('Invoice'), rows('Invoice', other, renumbered));
    expect(await found()).toEqual([fixture('invoice').expected]);
    expect(queryIn(asked[1]!)).toBe("select * from Invoice where TxnDate = '2026-11-09'");
  });

  test('several documents share a question, and each gets its own answer', async () => {
    const second = { ...invoice, number: 'S-1002' };
    const there = row('invoice', { Id: '148', DocNumber: 'S-1002', PrivateNote: 'S-1002 #1002' });
    const { found, asked } = finding([invoice, second], rows('Invoice', there), rows('Invoice'));
    const [first, other] = await found();
    expect([first, other?.remoteId]).toEqual([null, '148']);
    expect(queryIn(asked[0]!)).toBe("select * from Invoice where DocNumber in ('S-1001', 'S-1002')");
  });

  test('so many numbers that the address would be too long are asked for in parts', async () => {
    const many = Array.from({ length: 120 }, (_, index) => ({ ...invoice, number: `S-${index + 1000}` }));
    const answers = Array.from({ length: 20 }, () => rows('Invoice'));
    const { found, asked } = finding(many, ...answers);
    expect((await found()).every((each) => each === null)).toBe(true);
    expect(asked.length).toBeGreaterThan(2);
    for (const { url } of asked) expect(url.length).toBeLessThan(2000);
  });

  test('what is not there is null after both questions', async () => {
    const { found, asked } = finding([invoice], rows('Invoice'), rows('Invoice'));
    expect(await found()).toEqual([null]);
    expect(asked).toHaveLength(2);
  });

  test('a voided document is as if it were not there', async () => {
    const voided = row('invoice', { TotalAmt: 0, Balance: 0, PrivateNote: 'Voided - S-1001 #1001' });
    const { found } = finding([invoice], rows('Invoice', voided), rows('Invoice', voided));
    expect(await found()).toEqual([null]);
  });

  test('a free order is no voided one', async () => {
    const free = row('invoice', { TotalAmt: 0, Balance: 0, TxnTaxDetail: { TotalTax: 0 } });
    const { found } = finding([invoice], rows('Invoice', free));
    expect(await found()).toMatchObject([{ total: 0n, status: 'Closed' }]);
  });

  test('an account that was mapped anew since it was sent does not hide it', async () => {
    const giftCard = fixture('gift-card-payment');
    const onto = { ...giftCard.document, role: 'clearing.stripe' } as BookDocument;
    const zero = { Id: '198', SyncToken: '0', TotalAmt: 0, PaymentRefNum: 'S-1001-p2', PrivateNote: 'S-1001-p2 #1001' };
    const { found, asked } = finding(
      [onto],
      // The payment of nothing that closed it has the same number, and is not what is looked for.
      rows('Payment', zero),
      rows('Payment', zero),
      rows('JournalEntry', row('gift-card-payment')),
      rows('Payment', zero),
    );
    expect(await found()).toEqual([giftCard.expected]);
    expect(queryIn(asked[2]!)).toBe("select * from JournalEntry where DocNumber in ('S-1001-p2')");
  });

  test('an account that is mapped to nothing any more does not stop the look-up', async () => {
    const unmapped = { ...fixture('transfer').document, to: { role: 'nobody', account: '1' } } as BookDocument;
    const { found } = finding([unmapped], rows('Transfer', row('transfer')));
    expect(await found()).toEqual([fixture('transfer').expected]);
  });

  test('a page that is full is followed by the next one', async () => {
    const full = Array.from({ length: 1000 }, (_, index) => row('transfer', { Id: `${index}`, PrivateNote: 'other' }));
    const { found, asked } = finding(
      [fixture('transfer').document],
      rows('Transfer', ...full),
      rows('Transfer', row('transfer')),
    );
    expect(await found()).toEqual([fixture('transfer').expected]);
    expect(asked.map(({ url }) => /STARTPOSITION%20(\d+)/.exec(url)?.[1])).toEqual(['1', '1001']);
  });

  test('an answer that cannot be read is a failed look-up, never "not there"', async () => {
    const { found } = finding([invoice], json('{"QueryResponse":{"Invoice":"none"}}'));
    expect(await failureOf(found)).toMatchObject({
      kind: 'retryable',
      code: 'BOOKS_ANSWER_UNREADABLE',
      ambiguous: false,
    });
  });
});

describe('looking up money that is set against its document afterwards', () => {
  const refund = fixture('refund');

  test('that is closed is found as it is', async () => {
    const closed = rows('Payment', { Id: '196', SyncToken: '0', TotalAmt: 0 });
    const { found, asked } = finding([refund.document], rows('Purchase', row('refund')), closed);
    expect(await found()).toEqual([refund.expected]);
    expect(queryIn(asked[1]!)).toBe("select * from Payment where PaymentRefNum = 'R-1001-p1'");
  });

  test('whose second half was lost gets it now', async () => {
    const { found, asked } = finding(
      [refund.document],
      rows('Purchase', row('refund')),
      rows('Payment'),
      json(refund.closing!.response),
    );
    expect(await found()).toEqual([refund.expected]);
    expect(asked[2]).toMatchObject({ method: 'POST', body: refund.closing!.body });
  });

  test('that a person has dealt with meanwhile is left as it is', async () => {
    const { found, logged } = finding(
      [refund.document],
      rows('Purchase', row('refund')),
      rows('Payment'),
      fault('6000', 'A business validation error', 'The amount is greater than the open balance.'),
    );
    expect(await found()).toEqual([refund.expected]);
    expect(logged.map(({ message }) => message)).toContain('books.left_open');
  });

  test('that cannot be finished just now fails the look-up', async () => {
    const { found } = finding([refund.document], rows('Purchase', row('refund')), rows('Payment'), json({}, 503));
    expect(await failureOf(found)).toMatchObject({ kind: 'retryable', code: 'BOOKS_UNAVAILABLE' });
  });
});
