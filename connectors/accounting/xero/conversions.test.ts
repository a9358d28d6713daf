import type { BookJournal, BookPayment } from '@daybook/domain';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, HttpRequest, RemoteAccount } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { type Bench, line, openBench } from './simulator/test-client.ts';
import { CONVERSION, conversionFetch, handed, mapping, TOKENS } from './test-support.ts';

function failureOf(journal: BookJournal, over: Partial<BooksMapping> = {}): ConnectorError {
  const known = { ...mapping, ...over };
  try {
    connector.prepare('journal', [connector.encode(journal, known)], journal, known);
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('It was prepared.');
}

describe('a journal over an account in euros', () => {
  const prepared = connector.prepare('journal', [connector.encode(CONVERSION, mapping)], CONVERSION, mapping);

  test('names the exchange account; the euros are spent from their bank account at what they are worth', async () => {
    const { sent, api } = conversionFetch(false);
    await connector.send(prepared, [CONVERSION], 'key-1', api);
    const [, spent, posted] = sent;
    expect(JSON.parse(posted?.body ?? '').ManualJournals[0].JournalLines).toEqual([
      { LineAmount: -86, AccountCode: '1290', Description: 'Stripe clearing EUR' },
      { LineAmount: 85, AccountCode: '1241', Description: 'Stripe clearing' },
      { LineAmount: 1, AccountCode: '7906', Description: 'Exchange difference' },
    ]);
    expect(posted?.url).toMatch(/\/ManualJournals\?summarizeErrors=false$/);
    // 100.00 ÷ 86.00 = 1.1627907; 100.00 ÷ 1.162791 = 86.00.
    expect(spent?.body).toBe(
      '{"BankTransactions":[{"Type":"SPEND","Contact":{"ContactID":"c67e563c-17ee-40dd-ad95-4f8c143bf740"},' +
        '"BankAccount":{"AccountID":"b1000000-0000-4000-8000-000000000093"},"Date":"2026-11-09",' +
        '"Reference":"STR-txn1-a1-fx1","LineAmountTypes":"Exclusive","Status":"AUTHORISED","CurrencyRate":1.162791,' +
        '"LineItems":[{"Description":"Stripe clearing EUR","Quantity":1,"UnitAmount":100.00,"LineAmount":100.00,' +
        '"AccountCode":"1290","TaxType":"NONE","TaxAmount":0.00}]}]}',
    );
  });

  test('takes the euros back when the journal is refused', async () => {
    const { sent, api } = conversionFetch(true);
    const [result] = await connector.send(prepared, [CONVERSION], 'key-1', api);
    expect(result).toMatchObject({ ok: false, error: { kind: 'rejected' } });
    expect(JSON.parse(sent.at(-1)?.body ?? '').BankTransactions).toMatchObject([{ Status: 'DELETED' }]);
  });

  test('is refused where the account is kept in another currency than what moved', () => {
    const yen = { ...CONVERSION, lines: CONVERSION.lines.map((each) => ({ ...each, role: 'clearing.stripe.JPY' })) };
    const failure = failureOf(yen);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
    expect(failure.message).toContain(
      'mapped to "clearing.stripe.JPY", which Xero keeps in JPY. Map clearing.stripe.JPY',
    );
  });

  test('is refused where the exchange account is a bank account itself', () => {
    const bank = mapping.remoteAccount('bank.main', '');
    const remoteAccount: BooksMapping['remoteAccount'] = (role, code) =>
      role === 'fx.trading' ? bank : mapping.remoteAccount(role, code);
    expect(failureOf(CONVERSION, { remoteAccount })).toMatchObject({ code: 'BOOKS_ACCOUNT_REFUSED' });
  });
});

describe('in the books', () => {
  let bench: Bench;
  let accounts: RemoteAccount[];
  beforeEach(async () => {
    bench = await openBench();
    accounts = (await connector.readBooks(apiOf())).accounts;
  });
  afterEach(() => bench.xero.close());

  /** `loses` = the answer about one of this list gets lost, once it is booked. */
  function apiOf(loses = 'nothing'): Api {
    const request = async ({ url, method, headers, body }: HttpRequest) => {
      const answer = await fetch(url, { method, headers: headers ?? {}, body: body ?? null });
      if (method === 'PUT' && url.includes(`/${loses}`)) throw new Error('The line went dead.');
      return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    };
    const credentials = { ...TOKENS, accessToken: bench.token };
    const hosts = { api: bench.xero.url, auth: bench.xero.url };
    return { ...handed().api, account: bench.british, credentials, hosts, http: { request } };
  }

  const CODES: Readonly<Record<string, string>> = {
    'clearing.stripe': '1241',
    'clearing.stripe.EUR': '1242',
    'fx.trading': '1290',
    'fx.loss': '7906',
  };
  const real = (settled: string): BooksMapping => ({
    ...mapping,
    account: (role) => CODES[role] ?? '',
    remoteAccount: (role) => accounts.find(({ code }) => code === CODES[role]) as RemoteAccount,
    party: () => bench.contactId,
    remoteId: () => settled,
  });

  /** An invoice over EUR 100.00 at GBP 0.86, paid on the bank account in euros. */
  async function sold(): Promise<string> {
    const LineItems = [line({ Quantity: 1, UnitAmount: 100, TaxType: 'ZERORATEDOUTPUT' })];
    const made = await bench.invoice({ CurrencyCode: 'EUR', CurrencyRate: 1.162791, LineItems });
    const id = made.body.Invoices[0].InvoiceID as string;
    const { lines: _, total: __, ...head } = CONVERSION;
    const payment: BookPayment = {
      ...head,
      kind: 'payment',
      number: 'P-1',
      currency: 'EUR',
      rate: '0.86',
      settles: { kind: 'invoice', number: 'S-1' },
      role: 'clearing.stripe.EUR',
      account: '',
      amount: 10_000n,
    };
    const request = connector.prepare('payment', [connector.encode(payment, real(id))], payment, real(id));
    expect(await connector.send(request, [payment], 'key-p', apiOf())).toMatchObject([{ ok: true }]);
    return id;
  }

  const entries = async () => {
    const { BankTransactions } = (await bench.call('GET', '/BankTransactions?page=1')).body;
    const live = (BankTransactions as Record<string, unknown>[]).filter(({ Status }) => Status !== 'DELETED');
    return live.map(({ Type, Total, CurrencyCode, Reference }) => [Type, Total, CurrencyCode, Reference]);
  };
  const balances = () => bench.xero.balances(bench.british);

  test('what came in euros leaves in euros, at the same worth, and taking it out brings it back', async () => {
    const known = real(await sold());
    expect(balances()['1242']).toBe(8_600n);
    const request = connector.prepare('journal', [connector.encode(CONVERSION, known)], CONVERSION, known);
    const [result] = await connector.send(request, [CONVERSION], 'key-1', apiOf());
    expect(result).toMatchObject({ ok: true, remote: { number: 'STR-txn1-a1', total: 8_600n } });
    // EUR 100.00 were paid in, EUR 100.00 are spent.
    expect(await entries()).toEqual([['SPEND', 100, 'EUR', 'STR-txn1-a1-fx1']]);
    expect(balances()).toMatchObject({ 1241: 8_500n, 1242: 0n, 1290: 0n, 7906: 100n });
    const id = result?.ok ? result.remote.remoteId : '';
    expect((await connector.inspect(CONVERSION, id, known, apiOf()))?.lines).toEqual([
      { account: '1242', net: -8_600n, tax: 0n },
      { account: '1241', net: 8_500n, tax: 0n },
      { account: '7906', net: 100n, tax: 0n },
    ]);
    expect(await connector.undo(CONVERSION, id, known, apiOf())).toBe('undone');
    expect(await entries()).toEqual([]);
    expect(balances()['1242']).toBe(8_600n);
    expect(balances()['1241']).toBeUndefined();
  });

  test('a lost answer books nothing twice', async () => {
    const known = real(await sold());
    const request = connector.prepare('journal', [connector.encode(CONVERSION, known)], CONVERSION, known);
    await expect(connector.send(request, [CONVERSION], 'key-1', apiOf('ManualJournals'))).rejects.toThrow(
      'The line went dead.',
    );
    expect(await connector.find([CONVERSION], known, apiOf())).toMatchObject([{ number: 'STR-txn1-a1' }]);
    expect(await connector.send(request, [CONVERSION], 'key-1', apiOf())).toMatchObject([{ ok: true }]);
    expect(await entries()).toHaveLength(1);
    expect(balances()).toMatchObject({ 1241: 8_500n, 1242: 0n, 1290: 0n });
  });

  test('half of it is not taken for the whole, and is not booked again under a new key', async () => {
    const known = real(await sold());
    const request = connector.prepare('journal', [connector.encode(CONVERSION, known)], CONVERSION, known);
    const lost = connector.send(request, [CONVERSION], 'key-1', apiOf('BankTransactions'));
    await expect(lost).rejects.toThrow('The line went dead.');
    expect(await entries()).toHaveLength(1);
    expect(await connector.find([CONVERSION], known, apiOf())).toEqual([null]);
    expect(await connector.send(request, [CONVERSION], 'key-2', apiOf())).toMatchObject([{ ok: true }]);
    expect(await entries()).toHaveLength(1);
    expect(balances()).toMatchObject({ 1241: 8_500n, 1242: 0n, 1290: 0n });
  });

  test('accounts in euros are suggested for roles in euros only', async () => {
    const books = await connector.readBooks(apiOf());
    expect(books.accounts.find(({ code }) => code === '1242')).toMatchObject({ isBank: true, currency: 'EUR' });
    const role = (word: string) => [{ role: word, code: '1242', name: 'Stripe clearing EUR', type: 'asset' }];
    const accountsOf = (word: string) =>
      connector.suggestMapping(books, role(word), []).filter(({ kind }) => kind === 'account');
    expect(accountsOf('clearing.stripe.EUR')).toMatchObject([{ theirs: '1242' }]);
    expect(accountsOf('clearing.stripe')).toEqual([]);
  });
});
