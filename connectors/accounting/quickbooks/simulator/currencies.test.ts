import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, openBench, openTrade, ref, saleForm } from './test-client.ts';

/** Nimbus Books: dollars at home, euros and yen beside them. */
let bench: Bench;
let euros: string;
let dollars: string;
let conversion: string;
beforeEach(async () => {
  bench = await openBench();
  const id = (number: string) => bench.account(number, bench.nimbus);
  [euros, dollars, conversion] = await Promise.all([id('1101-EUR'), id('1101'), id('1190')]);
});
afterEach(() => bench.qbo.close());

const WRONG = { code: '6000', Detail: expect.stringContaining('Transaction currency is invalid') };
const realm = () => ({ realm: bench.nimbus });
const side = (PostingType: string, account: string, Amount: number) => ({
  Amount,
  DetailType: 'JournalEntryLineDetail',
  JournalEntryLineDetail: { PostingType, AccountRef: ref(account) },
});
const journal = (currency: string, debit: string, credit: string) => ({
  CurrencyRef: ref(currency),
  ...(currency === 'USD' ? {} : { ExchangeRate: 1.1 }),
  Line: [side('Debit', debit, 10), side('Credit', credit, 10)],
});
const transfer = (from: string, to: string, more: object) => ({
  FromAccountRef: ref(from),
  ToAccountRef: ref(to),
  Amount: 66.29,
  ...more,
});

describe('money between two currencies', () => {
  test('is a transfer in the foreign one, worth the same on both sides', async () => {
    const said = { CurrencyRef: ref('EUR'), ExchangeRate: 1.085 };
    expect(await bench.make('Transfer', transfer(euros, conversion, said), realm())).toMatchObject({
      Amount: 66.29,
      CurrencyRef: { value: 'EUR' },
      ExchangeRate: 1.085,
    });
    // 66.29 × 1.085 = 71.92465
    expect(bench.qbo.balances(bench.nimbus)).toEqual({ '1101-EUR': -7192n, '1190': 7192n });
    expect(bench.qbo.foreignBalances(bench.nimbus)).toEqual({ '1101-EUR': -6629n });
  });

  test('is no transfer or journal in dollars: an account in euros takes euros only', async () => {
    const home = { CurrencyRef: ref('USD') };
    expect(await bench.refusal('Transfer', transfer(euros, dollars, home), '', realm())).toMatchObject(WRONG);
    expect(await bench.refusal('Transfer', transfer(dollars, euros, home), '', realm())).toMatchObject(WRONG);
    expect(await bench.refusal('JournalEntry', journal('USD', dollars, euros), '', realm())).toMatchObject(WRONG);
    await bench.make('JournalEntry', journal('EUR', dollars, euros), realm());
    expect(bench.qbo.balances(bench.nimbus)).toEqual({ '1101': 1100n, '1101-EUR': -1100n });
  });

  test('has one foreign currency: none of euros and yen at once', async () => {
    const yen = await bench.account('1101-JPY', bench.nimbus);
    const said = { CurrencyRef: ref('EUR'), ExchangeRate: 1.1 };
    expect(await bench.refusal('Transfer', transfer(euros, yen, said), '', realm())).toMatchObject(WRONG);
    expect(await bench.refusal('JournalEntry', journal('EUR', yen, euros), '', realm())).toMatchObject(WRONG);
  });
});

test('receivables in euros are an account of their own, which nothing at home names', async () => {
  const trade = await openTrade(bench, bench.nimbus);
  const euro = await bench.make('Customer', { DisplayName: 'Boutique', CurrencyRef: ref('EUR') }, realm());
  const form = saleForm(trade, 100, { CustomerRef: ref(euro.Id), ExchangeRate: 1.1 });
  await bench.make('Invoice', form, realm());
  const { Account } = (await bench.query(
    "select * from Account where AccountType = 'Accounts Receivable'",
    bench.nimbus,
  )) as {
    Account: { Id: string; Name: string; CurrencyRef: { value: string }; CurrentBalance: number }[];
  };
  expect(Account.map(({ Name, CurrencyRef, CurrentBalance }) => [Name, CurrencyRef.value, CurrentBalance])).toEqual([
    ['Accounts receivable', 'USD', 0],
    ['Accounts Receivable (A/R) - EUR', 'EUR', 100],
    ['Accounts Receivable (A/R) - JPY', 'JPY', 0],
  ]);
  expect(bench.qbo.balances(bench.nimbus)).toMatchObject({ 'Accounts Receivable (A/R) - EUR': 11_000n });
  const ours = { ...side('Debit', Account[0]?.Id ?? '', 10) };
  const entity = { Type: 'Customer', EntityRef: ref(euro.Id) };
  const onHome = { ...ours, JournalEntryLineDetail: { ...ours.JournalEntryLineDetail, Entity: entity } };
  const body = { CurrencyRef: ref('EUR'), ExchangeRate: 1.1, Line: [onHome, side('Credit', dollars, 10)] };
  expect(await bench.refusal('JournalEntry', body, '', realm())).toMatchObject(WRONG);
});

test('an account keeps its currency', async () => {
  const change = { Id: euros, SyncToken: '0', sparse: true, CurrencyRef: ref('JPY') };
  expect(await bench.refusal('Account', change, '', realm())).toMatchObject({ code: '6000' });
});
