import type { BookJournal } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { BooksMapping, RemoteAccount, RemoteBooks } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { type Answer, failureOf, fault, fixture, handed, json, mapping, queryIn, rows } from './test-support.ts';

function account(code: string, name: string, type: string, remoteId: string, currency = 'GBP'): RemoteAccount {
  return { code, name, type, remoteId, isBank: type.startsWith('Bank'), currency };
}
const FOREIGN: Readonly<Record<string, RemoteAccount>> = {
  'clearing.stripe.EUR': account('1241-EUR', 'Stripe clearing EUR', 'Bank / TrustAccounts', '141', 'EUR'),
  'clearing.stripe.JPY': account('1241-JPY', 'Stripe clearing JPY', 'Bank / TrustAccounts', '144', 'JPY'),
  'fx.trading': account('1290', 'Currency exchange', 'Other Current Asset / OtherCurrentAssets', '142'),
  'fx.loss': account('7906', 'Exchange Gain or Loss', 'Other Expense / ExchangeGainOrLoss', '143'),
};
const known: BooksMapping = {
  ...mapping,
  remoteAccount: (role, ours) => FOREIGN[role] ?? mapping.remoteAccount(role, ours),
};

/** EUR 100.00 that were carried at GBP 85.00 became GBP 84.00 at the processor. */
const line = (role: string, amount: bigint, foreign: { currency?: string; amountTc?: bigint } = {}) => ({
  role,
  account: '',
  description: role,
  taxCode: null,
  amount,
  ...foreign,
});
const left = line('clearing.stripe.EUR', -8_500n, { currency: 'EUR', amountTc: -10_000n });
const converted: BookJournal = {
  kind: 'journal',
  number: 'STR-txn1-a1',
  reference: 'txn_1',
  date: '2026-11-09',
  currency: 'GBP',
  party: { id: 'processor:stripe', name: 'Stripe' },
  lines: [left, line('clearing.stripe', 8_400n), line('fx.loss', 100n)],
  total: 8_500n,
};
const request = connector.prepare('journal', [connector.encode(converted, known)], converted, known);
const conversions = (path: string) =>
  new URLSearchParams(path.split('?')[1]).getAll('converts').map((body) => JSON.parse(body));

const side = (PostingType: string, id: string, Amount: number) => ({
  Amount,
  DetailType: 'JournalEntryLineDetail',
  JournalEntryLineDetail: { PostingType, AccountRef: { value: id } },
});
const ENTRY = {
  Id: '240',
  SyncToken: '0',
  DocNumber: converted.number,
  TxnDate: converted.date,
  CurrencyRef: { value: 'GBP' },
  PrivateNote: 'STR-txn1-a1 txn_1',
  Line: [side('Credit', '142', 85), side('Debit', '40', 84), side('Debit', '143', 1)],
};
const MOVED = {
  Id: '241',
  SyncToken: '0',
  TxnDate: converted.date,
  CurrencyRef: { value: 'EUR' },
  PrivateNote: 'STR-txn1-a1-fx1 txn_1',
  Amount: 100,
};
const REFUSED = fault('6000', 'A business validation error has occurred while processing your request');
const DELETED = (name: string, id: string) => json({ [name]: { status: 'Deleted', Id: id, domain: 'QBO' } });
const LOST = new ConnectorError('retryable', 'No answer.', { code: 'OUTCOME_UNKNOWN', ambiguous: true });

function sending(...answers: Answer[]) {
  const world = handed(...answers);
  return { ...world, sent: () => connector.send(request, [converted], 'key-1', world.api) };
}
function finding(...answers: Answer[]) {
  const world = handed(...answers);
  return { ...world, found: () => connector.find([converted], known, world.api) };
}

describe('a journal over an account in euros', () => {
  test('names the exchange account, and a transfer in euros moves the money there at what it is worth', () => {
    const { Line, CurrencyRef } = JSON.parse(request.body);
    expect(CurrencyRef).toEqual({ value: 'GBP' });
    expect(Line).toMatchObject(ENTRY.Line);
    expect(conversions(request.path)).toEqual([
      {
        TxnDate: '2026-11-09',
        CurrencyRef: { value: 'EUR' },
        // 85.00 ÷ 100.00
        ExchangeRate: 0.85,
        PrivateNote: 'STR-txn1-a1-fx1 txn_1',
        FromAccountRef: { value: '141' },
        ToAccountRef: { value: '142' },
        Amount: 100,
      },
    ]);
  });

  test('moves each currency by a transfer of its own, in its direction', () => {
    const arrived = line('clearing.stripe.JPY', 8_400n, { currency: 'JPY', amountTc: 15_000n });
    const between = { ...converted, lines: [left, arrived, line('fx.loss', 100n)] };
    const { path } = connector.prepare('journal', [connector.encode(between, known)], between, known);
    expect(conversions(path)).toMatchObject([
      { CurrencyRef: { value: 'EUR' }, FromAccountRef: { value: '141' }, ToAccountRef: { value: '142' } },
      {
        CurrencyRef: { value: 'JPY' },
        // 84.00 ÷ 15 000
        ExchangeRate: 0.0056,
        PrivateNote: 'STR-txn1-a1-fx2 txn_1',
        FromAccountRef: { value: '142' },
        ToAccountRef: { value: '144' },
        Amount: 15_000,
      },
    ]);
  });

  test('needs none where the account is kept in the books’ own currency', () => {
    const atHome = { ...known, remoteAccount: () => mapping.remoteAccount('clearing.stripe', '') };
    expect(connector.prepare('journal', ['{}'], converted, atHome).path).toBe('/journalentry');
  });

  test.for<[string, object]>([
    ['yen moved on it', { currency: 'JPY', amountTc: -10_000n }],
    ['nobody knows how many euros', {}],
    ['its value alone changed', { currency: 'EUR', amountTc: 0n }],
  ])('is refused where %s', async ([, foreign]) => {
    const wrong = { ...converted, lines: [line('clearing.stripe.EUR', -8_500n, foreign), ...converted.lines.slice(1)] };
    const failure = await failureOf(() => connector.prepare('journal', ['{}'], wrong, known));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
    expect(failure.message).toContain(
      'clearing.stripe.EUR is mapped to "Stripe clearing EUR", which QuickBooks keeps in EUR',
    );
  });

  test('goes out with its transfer, each under a request id of its own', async () => {
    const { sent, asked } = sending(json({ JournalEntry: ENTRY }), json({ Transfer: MOVED }));
    expect(await sent()).toMatchObject([{ ok: true, remote: { remoteId: '240', total: 8_500n, currency: 'GBP' } }]);
    expect(asked.map(({ url }) => new URL(url).pathname.split('/').at(-1))).toEqual(['journalentry', 'transfer']);
    const ids = asked.map(({ url }) => new URL(url).searchParams.get('requestid'));
    expect(new Set(ids).size).toBe(2);
    expect(asked[1]?.body).toBe(new URLSearchParams(request.path.split('?')[1]).get('converts'));
  });

  test('is taken back where its transfer is refused: a refusal means that nothing is there', async () => {
    const { sent, asked } = sending(
      json({ JournalEntry: ENTRY }),
      REFUSED,
      rows('Transfer'),
      DELETED('JournalEntry', '240'),
    );
    expect(await sent()).toMatchObject([{ ok: false, error: { kind: 'rejected', ambiguous: false } }]);
    expect(asked[3]?.url).toContain('/journalentry?operation=delete');
  });

  test('with a lost second half has to be looked up first', async () => {
    const failure = await failureOf(sending(json({ JournalEntry: ENTRY }), LOST).sent);
    expect(failure).toMatchObject({ kind: 'retryable', code: 'OUTCOME_UNKNOWN', ambiguous: true });
    expect(failure.message).toContain('it is not known whether its foreign money was moved with it');
  });
});

describe('looking such a journal up', () => {
  test('makes the missing half, under the same request id as the first attempt', async () => {
    const first = sending(json({ JournalEntry: ENTRY }), json({ Transfer: MOVED }));
    await first.sent();
    const { found, asked } = finding(rows('JournalEntry', ENTRY), rows('Transfer'), json({ Transfer: MOVED }));
    expect(await found()).toMatchObject([{ remoteId: '240', total: 8_500n }]);
    expect(queryIn(asked[1]!)).toBe("select * from Transfer where TxnDate = '2026-11-09'");
    expect(asked[2]).toMatchObject({ method: 'POST', url: first.asked[1]?.url, body: first.asked[1]?.body });
  });

  test('makes nothing where both are there', async () => {
    const { found, asked } = finding(rows('JournalEntry', ENTRY), rows('Transfer', MOVED));
    expect(await found()).toMatchObject([{ remoteId: '240' }]);
    expect(asked).toHaveLength(2);
  });

  test('takes it out again where the missing half is refused: then it was never sent', async () => {
    const { found, asked } = finding(
      rows('JournalEntry', ENTRY),
      rows('Transfer'),
      REFUSED,
      rows('Transfer'),
      DELETED('JournalEntry', '240'),
    );
    expect(await found()).toEqual([null]);
    expect(asked[4]?.url).toContain('/journalentry?operation=delete');
  });
});

describe('such a journal in the books', () => {
  const inspecting = (...answers: Answer[]) => connector.inspect(converted, '240', known, handed(...answers).api);

  test('reads as it was sent', async () => {
    const snapshot = await inspecting(json({ JournalEntry: ENTRY }), rows('Transfer', MOVED));
    expect(snapshot).toMatchObject({
      state: 'live',
      total: 8_500n,
      lines: [
        { account: '1241-EUR', net: -8_500n },
        { account: '1241', net: 8_400n },
        { account: '7906', net: 100n },
      ],
    });
  });

  test.for<[string, object[]]>([
    ['without its transfer', []],
    ['with another amount on it', [{ ...MOVED, Amount: 90 }]],
  ])('%s shows the exchange account, which is not what was sent', async ([, transfers]) => {
    const snapshot = await inspecting(json({ JournalEntry: ENTRY }), rows('Transfer', ...transfers));
    expect(snapshot?.lines[0]).toMatchObject({ account: '142', net: -8_500n });
  });

  test('is taken out together with its transfer', async () => {
    const { api, asked } = handed(
      rows('Transfer', MOVED),
      json({ Transfer: MOVED }),
      DELETED('Transfer', '241'),
      json({ JournalEntry: ENTRY }),
      DELETED('JournalEntry', '240'),
    );
    expect(await connector.undo(converted, '240', known, api)).toBe('undone');
    expect(asked[2]?.url).toContain('/transfer?operation=delete');
    expect(asked[4]?.url).toContain('/journalentry?operation=delete');
  });
});

describe('the rate of a document', () => {
  test('goes out with whatever it becomes, and nothing does at home', () => {
    for (const name of ['invoice', 'credit-note', 'payment', 'refund', 'allocation', 'transfer', 'fees'] as const) {
      const { document } = fixture(name);
      expect(JSON.parse(connector.encode(document, mapping))).not.toHaveProperty('ExchangeRate');
      const said = connector.encode({ ...document, rate: '1.08530' }, mapping);
      expect(said).toContain('"ExchangeRate":1.08530,');
    }
  });

  test('goes with the payment of nothing that sets money back against its credit note', async () => {
    const { document, request: paidBack, response } = fixture('refund');
    const { api, asked } = handed({ ...response, text: response.body }, json({ Payment: { Id: '9', SyncToken: '0' } }));
    await connector.send(paidBack, [{ ...document, rate: '0.85' }], 'key-1', api);
    expect(asked[1]?.body).toContain('"ExchangeRate":0.85,');
  });
});

describe('suggesting a mapping', () => {
  const BOOKS: RemoteBooks = {
    name: 'x',
    country: 'GB',
    currency: 'GBP',
    timeZone: '',
    currencies: ['GBP', 'EUR'],
    accounts: [
      account('1250', 'Stripe clearing', 'Bank / TrustAccounts', '1', 'EUR'),
      account('1241-EUR', 'Stripe clearing euros', 'Bank / TrustAccounts', '2', 'EUR'),
      account('1241', 'Stripe', 'Bank / Checking', '3'),
      account('80', 'A/R EUR', 'Accounts Receivable / AccountsReceivable', '4', 'EUR'),
      account('81', 'A/R', 'Accounts Receivable / AccountsReceivable', '5'),
      account('82', 'Exchange Gain or Loss', 'Other Expense / ExchangeGainOrLoss', '6'),
      account('6200', 'Cash over and short', 'Expense / OfficeGeneralAdministrativeExpenses', '7'),
      account('PayPal', 'PayPal clearing JPY', 'Bank / TrustAccounts', '8', 'EUR'),
    ],
    taxRates: [],
    lockDate: null,
  };
  const suggested = (role: string, code: string, name: string, type: string) =>
    connector
      .suggestMapping(BOOKS, [{ role, code, name, type }], [])
      .filter(({ kind }) => kind === 'account')
      .map(({ theirs }) => theirs);

  test('keeps accounts in a foreign currency for the roles of that currency', () => {
    expect(suggested('clearing.stripe.EUR', '1241-EUR', 'Stripe clearing EUR', 'asset')).toEqual(['1241-EUR']);
    expect(suggested('clearing.stripe', '1241', 'Stripe clearing', 'asset')).toEqual(['1241']);
    expect(suggested('clearing.paypal.JPY', '1244-JPY', 'PayPal clearing JPY', 'asset')).toEqual([]);
    expect(suggested('ar.control', '1100', 'Debtors', 'asset')).toEqual(['81']);
  });

  test('knows the account of exchange differences by its type, and cash differences are no cash', () => {
    expect(suggested('fx.gain', '7906', 'Exchange differences', 'expense')).toEqual(['82']);
    expect(suggested('fx.loss', '7906', 'Exchange differences', 'expense')).toEqual(['82']);
    expect(suggested('cash.over', '6200', 'Cash over and short', 'expense')).toEqual(['6200']);
    expect(suggested('cash.short', '6200', 'Cash over and short', 'expense')).toEqual(['6200']);
  });
});
