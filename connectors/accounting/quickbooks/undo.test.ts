import type { BookDocument } from '@daybook/domain';
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
  mappingOf,
  rows,
} from './test-support.ts';

const GONE = fault('610', 'Object Not Found', 'Object Not Found : something was made inactive');
const documentOf = (name: FixtureName): BookDocument => fixture(name).document;
const idOf = (name: FixtureName): string => fixture(name).expected.remoteId;

/** The answer of a fixture with other values. */
function changed(name: FixtureName, change: object = {}): Answer {
  const [entity, record] = Object.entries(JSON.parse(fixture(name).response.body))[0] as [string, object];
  return json({ [entity]: { ...record, ...change } });
}

function undoing(name: FixtureName, ...answers: Answer[]) {
  const world = handed(...answers);
  return { ...world, undone: () => connector.undo(documentOf(name), idOf(name), mapping, world.api) };
}

function inspecting(name: FixtureName, ...answers: Answer[]) {
  const world = handed(...answers);
  return { ...world, read: () => connector.inspect(documentOf(name), idOf(name), mappingOf(name), world.api) };
}

describe('reading a document back', () => {
  test.each<[FixtureName, { account: string; net: bigint }[]]>([
    [
      'invoice',
      [
        { account: '4000', net: 3000n },
        { account: '4000', net: 1000n },
        { account: '4000', net: 125n },
        { account: '4009', net: -500n },
        // The answer does not say its account, but the product does.
        { account: '4002', net: 850n },
      ],
    ],
    [
      'us-invoice',
      [
        { account: '4000', net: 2000n },
        { account: '4050', net: 500n },
      ],
    ],
    ['credit-note', [{ account: '4010', net: 999n }]],
    [
      'sales-receipt',
      [
        { account: '4000', net: 2000n },
        // The answer does not say its account, but the product does.
        { account: '4050', net: 500n },
      ],
    ],
    ['us-sales-receipt', [{ account: '4000', net: 2000n }]],
    ['refund-receipt', [{ account: '4010', net: 2000n }]],
    [
      'fees',
      [
        { account: '7905', net: 187n },
        { account: '1249', net: 5410n },
      ],
    ],
    [
      'dispute-won',
      [
        { account: '1249', net: 5410n },
        { account: '7907', net: 1500n },
      ],
    ],
    [
      'journal',
      [
        { account: '8110', net: 5000n },
        { account: '1100', net: 410n },
        { account: '1249', net: -5410n },
      ],
    ],
    ['payment', []],
    ['refund', []],
    ['allocation', []],
    ['transfer', []],
    ['reserve', []],
  ])('%s', async (name, lines) => {
    const { read, asked } = inspecting(name, changed(name));
    expect(await read()).toEqual({
      ...fixture(name).expected,
      state: 'live',
      date: '2026-11-09',
      lines: lines.map((each) => ({ ...each, tax: 0n })),
    });
    expect(asked[0]?.url).toMatch(new RegExp(`/[a-z]+/${idOf(name)}\\?minorversion=75$`));
  });

  test('an account that our document does not name shows as its id, a discount as less', async () => {
    const Line = [
      { Amount: 10, SalesItemLineDetail: { ItemRef: { value: '99' }, ItemAccountRef: { value: '123' } } },
      { Amount: 5, SalesItemLineDetail: { ItemRef: { value: '98' } } },
      { Amount: 2, DiscountLineDetail: { DiscountAccountRef: { value: '86' } } },
      { Description: 'Only words', DetailType: 'DescriptionOnly' },
    ];
    const { read } = inspecting('invoice', changed('invoice', { Line, TotalAmt: 13 }));
    expect((await read())?.lines).toEqual([
      { account: '123', net: 1000n, tax: 0n },
      { account: 'product 98', net: 500n, tax: 0n },
      { account: '4009', net: -200n, tax: 0n },
    ]);
  });

  test('a voided one says so', async () => {
    const { read } = inspecting(
      'invoice',
      changed('invoice', { TotalAmt: 0, Balance: 0, PrivateNote: 'Voided - S-1001', Line: [] }),
    );
    expect(await read()).toMatchObject({ state: 'voided', total: 0n, status: 'Voided' });
  });

  test('what is under none of the kinds it may have become is null', async () => {
    const { read, asked } = inspecting('refund', GONE, GONE);
    expect(await read()).toBeNull();
    expect(asked.map(({ url }) => url.split('/').at(-2))).toEqual(['purchase', 'journalentry']);
  });

  test('an account that was mapped anew since does not hide where the document went', async () => {
    const [, record] = Object.entries(JSON.parse(fixture('reserve').response.body))[0] as [string, object];
    const { read } = inspecting('transfer', GONE, json({ JournalEntry: { ...record, Id: '210' } }));
    expect(await read()).toMatchObject({ state: 'live', remoteId: '210', total: 10_000n });
  });

  test('an answer without a total is a failed reading', async () => {
    const { read } = inspecting('invoice', json('{"Invoice":{"Id":"147"}}'));
    expect(await failureOf(read)).toMatchObject({
      kind: 'retryable',
      code: 'BOOKS_ANSWER_UNREADABLE',
      ambiguous: false,
    });
  });
});

describe('taking a document out again', () => {
  test.each<[FixtureName, string, string]>([
    ['invoice', '/invoice?operation=void', '{"Id":"147","SyncToken":"3"}'],
    ['payment', '/payment?operation=update&include=void', '{"Id":"190","SyncToken":"3","sparse":true}'],
    ['sales-receipt', '/salesreceipt?operation=update&include=void', '{"Id":"263","SyncToken":"3","sparse":true}'],
    ['refund-receipt', '/refundreceipt?operation=delete', '{"Id":"266","SyncToken":"3"}'],
    ['allocation', '/payment?operation=delete', '{"Id":"199","SyncToken":"3"}'],
    ['credit-note', '/creditmemo?operation=delete', '{"Id":"184","SyncToken":"3"}'],
    ['fees', '/purchase?operation=delete', '{"Id":"220","SyncToken":"3"}'],
    ['dispute-won', '/deposit?operation=delete', '{"Id":"230","SyncToken":"3"}'],
    ['journal', '/journalentry?operation=delete', '{"Id":"240","SyncToken":"3"}'],
  ])('%s: %s, in the version that was read', async (name, path, body) => {
    const { undone, asked } = undoing(name, changed(name, { SyncToken: '3' }), changed(name));
    expect(await undone()).toBe('undone');
    expect(asked[1]?.url).toContain(`${path}&minorversion=75&requestid=`);
    expect(asked[1]?.body).toBe(body);
  });

  test('a transfer is deleted by sending all of what was read, numbers as they came', async () => {
    const read =
      '{"Transfer":{"Id":"210","SyncToken":"0","Amount":815.630,"FromAccountRef":{"value":"40"}},"time":"x"}';
    const { undone, asked } = undoing('transfer', json(read), json('{"Transfer":{"status":"Deleted","Id":"210"}}'));
    expect(await undone()).toBe('undone');
    expect(asked[1]?.body).toBe('{"Id":"210","SyncToken":"0","Amount":815.630,"FromAccountRef":{"value":"40"}}');
  });

  test('money that was set against its document is opened again first', async () => {
    const { undone, asked } = undoing(
      'refund',
      changed('refund'),
      rows('Payment', { Id: '196', SyncToken: '0' }),
      json('{"Payment":{"Id":"196","SyncToken":"1","TotalAmt":0}}'),
      json('{"Payment":{"status":"Deleted","Id":"196"}}'),
      json('{"Purchase":{"status":"Deleted","Id":"195"}}'),
    );
    expect(await undone()).toBe('undone');
    expect(asked.slice(3).map(({ url, body }) => [url.split('?')[0]?.split('/').at(-1), body])).toEqual([
      ['payment', '{"Id":"196","SyncToken":"1"}'],
      ['purchase', '{"Id":"195","SyncToken":"0"}'],
    ]);
  });

  test('what is gone, voided, or taken out by somebody at this very moment is gone', async () => {
    expect(await undoing('invoice', GONE).undone()).toBe('gone');
    const deleted = json('{"Invoice":{"status":"Deleted","Id":"147"}}');
    expect(await undoing('invoice', deleted).undone()).toBe('gone');
    const voided = changed('invoice', { TotalAmt: 0, PrivateNote: 'Voided - S-1001', Line: [] });
    expect(await undoing('invoice', voided).undone()).toBe('gone');
    expect(await undoing('credit-note', changed('credit-note'), GONE).undone()).toBe('undone');
  });

  test('a version that somebody saved meanwhile is read again once', async () => {
    const stale = fault('5010', 'Stale Object Error');
    const twice = undoing('fees', changed('fees'), stale, changed('fees', { SyncToken: '1' }), changed('fees'));
    expect(await twice.undone()).toBe('undone');
    expect(twice.asked[3]?.body).toBe('{"Id":"220","SyncToken":"1"}');
    const again = undoing('fees', changed('fees'), stale, changed('fees'), stale);
    expect(await failureOf(again.undone)).toMatchObject({
      kind: 'retryable',
      code: 'BOOKS_CONFLICT',
      ambiguous: false,
    });
  });

  test.each<[string, FixtureName, object, string]>([
    [
      'a paid invoice',
      'invoice',
      { Balance: 0, LinkedTxn: [{ TxnId: '190', TxnType: 'Payment' }] },
      'GBP 51.99 of it is settled there (Payment 190)',
    ],
    ['a used credit', 'credit-note', { Balance: 4.99 }, 'GBP 7.00 of it is settled there (a payment or credit)'],
    [
      'a payment that was taken to the bank',
      'payment',
      { LinkedTxn: [{ TxnId: '121', TxnType: 'Deposit' }] },
      'it lies in a bank deposit (Deposit 121)',
    ],
    [
      'a sales receipt whose money was taken to the bank',
      'sales-receipt',
      { LinkedTxn: [{ TxnId: '122', TxnType: 'Deposit' }] },
      'it lies in a bank deposit (Deposit 122)',
    ],
  ])('%s stays, and what refers to it is named', async (_, name, change, words) => {
    const { undone, asked } = undoing(name, changed(name, change));
    const failure = await failureOf(undone);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_STILL_REFERRED' });
    expect(failure.message).toContain(words);
    expect(failure.subject).toBe(/\(([^)]*)\)/.exec(words)?.[1]);
    expect(asked).toHaveLength(1);
  });

  test('an estimate that an invoice came from does not hold it', async () => {
    const linked = changed('invoice', { LinkedTxn: [{ TxnId: '100', TxnType: 'Estimate' }] });
    expect(await undoing('invoice', linked, changed('invoice')).undone()).toBe('undone');
  });

  test('a closed period and a deposit that the provider knows of are refusals', async () => {
    const closed = undoing('invoice', changed('invoice'), fault('6210', 'Account Period Closed'));
    expect(await failureOf(closed.undone)).toMatchObject({ kind: 'rejected', code: 'BOOKS_PERIOD_LOCKED' });
    const deposited = undoing('fees', changed('fees'), fault('6540', 'Deposited Transaction cannot be changed'));
    expect(await failureOf(deposited.undone)).toMatchObject({ kind: 'rejected', code: 'BOOKS_STILL_REFERRED' });
  });
});
