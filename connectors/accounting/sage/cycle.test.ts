import { type BookDocument, type BookPayment, defaultChart, type Invoice, type Transfer } from '@daybook/domain';
import { afterEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, HttpClient, RemoteBooks } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { type Bench, openBench } from './simulator/test-client.ts';
import type { SageSimulatorOptions } from './simulator.ts';
import { failureOf, fixture } from './test-support.ts';

/** What the conformance suite has no documents for: money on no bank account, other currencies, whole lives. */

let bench: Bench | undefined;
afterEach(() => bench?.sage.close());

const http: HttpClient = {
  request: async ({ method, url, headers = {}, body }) => {
    try {
      const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    } catch (cause) {
      throw new ConnectorError('retryable', 'No answer.', { code: 'HTTP_NO_ANSWER', ambiguous: true, cause });
    }
  },
};

async function open(options: Partial<SageSimulatorOptions> = {}) {
  const opened = await openBench(options);
  bench = opened;
  const { sage, books, token } = opened;
  const api: Api = {
    http,
    hosts: sage.hosts,
    credentials: {
      accessToken: token,
      accessTokenExpiresAt: null,
      refreshToken: null,
      refreshTokenExpiresAt: null,
      scopes: [],
    },
    settings: {},
    account: books,
    now: () => new Date(opened.clock.now),
    log: () => undefined,
  };
  const remote = await connector.readBooks(api);
  const { mapping, remember } = mappingFor(remote, await connector.ensureParties(PARTIES, api));
  const send = async (document: BookDocument, key = document.number) => {
    for (const [name, value] of (await connector.ensureRecords?.(
      connector.recordsFor?.(document, mapping) ?? [],
      api,
    )) ?? []) {
      remember(`record ${name}`, value);
    }
    const request = connector.prepare(document.kind, [connector.encode(document, mapping)], document, mapping);
    const [result] = await connector.send(request, [document], key, api);
    if (!result?.ok) throw result?.error ?? new Error('Nothing came back.');
    remember(`${document.kind} ${document.number}`, result.remote.remoteId);
    return result.remote;
  };
  return { api, sage, books, mapping, remote, send };
}

const PARTIES = [fixture('invoice').document.party, fixture('transfer').document.party];

/** As a person confirms it: what the connector suggests for our British chart. */
function mappingFor(remote: RemoteBooks, parties: Map<string, string>) {
  const { accounts, taxCodes } = defaultChart('GB');
  const ours = accounts.flatMap(({ roles, ...account }) => roles.map((role) => ({ ...account, role })));
  const known = new Map<string, string>();
  for (const { kind, ours: word, theirs } of connector.suggestMapping(remote, ours, taxCodes)) {
    known.set(`${kind} ${word}`, theirs);
  }
  const of = (what: string): string => {
    const value = known.get(what);
    if (value !== undefined) return value;
    throw new ConnectorError('rejected', `${what} is not mapped.`, { code: 'MAPPING_MISSING', subject: what });
  };
  const mapping: BooksMapping = {
    account: (role) => of(`account ${role}`),
    remoteAccount: (role) => remote.accounts.find(({ code }) => code === of(`account ${role}`))!,
    tax: (code) => of(`tax ${code ?? ''}`),
    remoteId: (kind, number) => of(`${kind} ${number}`),
    party: (id) => parties.get(id) ?? '',
    record: (key) => of(`record ${key}`),
  };
  return { mapping, remember: (what: string, value: string) => void known.set(what, value) };
}

const invoice = fixture('invoice').document as Invoice;
const creditNote = fixture('credit-note').document;
const giftCard = fixture('gift-card-payment').document as BookPayment;
const reserve = fixture('reserve').document as Transfer;
const storeCredit: BookPayment = {
  ...giftCard,
  number: 'P-1001-3',
  settles: { kind: 'credit_note', number: 'R-1001' },
  role: 'storecredit.liability',
  account: '2121',
  amount: 1_199n,
};

describe('our default chart', () => {
  test('finds an account for every role, money on bank accounts, but for euros where there are none', async () => {
    const { mapping } = await open();
    const roles = defaultChart('GB').accounts.flatMap((account) => account.roles);
    const lost = roles.filter((role) => {
      try {
        return mapping.remoteAccount(role, '') === undefined;
      } catch {
        return true;
      }
    });
    expect(lost).toEqual(['clearing.stripe.EUR']);
    expect(mapping.remoteAccount('clearing.stripe', '')).toMatchObject({ code: '1241', isBank: true });
    expect(mapping.remoteAccount('giftcard.liability', '')).toMatchObject({ code: '2120', isBank: false });
  });
});

describe('money on no bank account', () => {
  test('a gift card pays, store credit pays back, and taking all out leaves nothing', async () => {
    const { api, sage, books, mapping, send } = await open();
    const documents: BookDocument[] = [invoice, giftCard, creditNote, storeCredit, reserve];
    const sent: { document: BookDocument; remoteId: string }[] = [];
    for (const document of documents) sent.push({ document, remoteId: (await send(document)).remoteId });
    // 44.48 less 15.00 by gift card is open; the credit note of 11.99 was paid with store credit.
    expect(sage.balances(books)).toMatchObject({
      '1100': 2_948n,
      '2120': 1_500n,
      '2121': -1_199n,
      '1241': -10_000n,
      '1248': 10_000n,
    });
    for (const { document, remoteId } of sent) {
      expect((await connector.find([document], mapping, api))[0]?.remoteId, document.number).toBe(remoteId);
    }
    const paid = await failureOf(() => connector.undo(invoice, sent[0]?.remoteId ?? '', mapping, api));
    expect(paid).toMatchObject({ code: 'BOOKS_STILL_REFERRED' });
    for (const { document, remoteId } of sent.toReversed()) {
      expect(await connector.undo(document, remoteId, mapping, api)).toBe('undone');
      expect(await connector.undo(document, remoteId, mapping, api)).toBe('gone');
    }
    expect(sage.balances(books)).toEqual({});
  });

  test('an entry whose allocation got no answer is found and finished, once', async () => {
    const { api, sage, books, mapping, send } = await open();
    await send(invoice);
    sage.inject({ kind: 'drop_before', count: 1, path: '/contact_allocations', method: 'POST' });
    expect(await failureOf(() => send(giftCard))).toMatchObject({ code: 'OUTCOME_UNKNOWN', ambiguous: true });
    for (const _ of ['first', 'second']) {
      expect((await connector.find([giftCard], mapping, api))[0]).toMatchObject({ number: 'P-1001-2', total: 1_500n });
    }
    expect(sage.documents(books).filter(({ resource }) => resource === 'contact_allocations')).toHaveLength(1);
  });

  test('an entry that cannot be allocated is not left behind', async () => {
    const { sage, books, send } = await open();
    await send(invoice);
    const before = sage.balances(books);
    const tooMuch = await failureOf(() => send({ ...giftCard, amount: 4_449n }));
    expect(tooMuch).toMatchObject({ kind: 'rejected', code: 'BOOKS_AMOUNT_EXCEEDS_OPEN' });
    expect(sage.balances(books)).toEqual(before);
  });
});

describe('other currencies', () => {
  const euros = fixture('euro-invoice').document as Invoice;
  const paid: BookPayment = {
    ...(fixture('payment').document as BookPayment),
    currency: 'EUR',
    settles: { kind: 'invoice', number: euros.number },
    role: 'clearing.stripe.EUR',
    account: '1242',
    amount: 2_500n,
  };

  test('are booked at the rate of the books', async () => {
    const { sage, books, send, remote } = await open({ businesses: [{ name: 'Euro Ltd', rates: { EUR: '0.8712' } }] });
    expect(remote.currencies).toEqual(['GBP', 'EUR']);
    expect(await send(euros)).toMatchObject({ currency: 'EUR', total: 2_500n });
    await send(paid);
    // EUR 25.00 at 0.8712 is GBP 21.78.
    expect(sage.balances(books)).toEqual({ '1242': 2_178n, '4002': -2_178n });
  });

  test.each([
    ['home_per_foreign', '0.8712'],
    ['foreign_per_home', '1.1478'],
  ] as const)('are booked at the rate of the ledger where the books say rates %s', async (quotes, rate) => {
    const { sage, books, send } = await open({ businesses: [{ name: 'Euro Ltd', quotes, rates: { EUR: rate } }] });
    const rated = { rate: '0.8651' };
    await send({ ...euros, ...rated });
    // EUR 25.00 at 0.8651 is GBP 21.6275: half up to 21.63.
    expect(sage.balances(books)).toEqual({ '1100': 2_163n, '4002': -2_163n });
    await send({ ...paid, ...rated, role: 'bank.main', account: '1200' });
    expect(sage.balances(books)).toEqual({ '1200': 2_163n, '4002': -2_163n });
  });

  test('are refused where the books have none', async () => {
    const { send } = await open();
    expect(await failureOf(() => send(euros))).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
  });
});

test('one request at a time never overlaps', async () => {
  const { sage, books, send } = await open();
  for (const document of [invoice, giftCard, reserve]) await send(document);
  expect(sage.overlaps(books)).toBe(0);
});
