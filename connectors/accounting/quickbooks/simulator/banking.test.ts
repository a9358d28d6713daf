import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, openBench, openTrade, ref, saleForm, type Trade } from './test-client.ts';

let bench: Bench;
let trade: Trade;
let ids: Record<string, string>;
let british: Record<string, string>;
beforeEach(async () => {
  bench = await openBench();
  trade = await openTrade(bench);
  ids = await chart(bench.harbor);
  british = await chart(bench.british);
});
afterEach(() => bench.qbo.close());

type Body = Record<string, unknown>;
async function chart(realm: string): Promise<Record<string, string>> {
  const { Account } = await bench.query('select Id, AcctNum from Account maxresults 1000', realm);
  return Object.fromEntries((Account as { Id: string; AcctNum?: string }[]).map(({ Id, AcctNum }) => [AcctNum, Id]));
}
const account = (number: string) => ref(ids[number]!);
const balances = () => bench.qbo.balances(bench.harbor);
const day = { TxnDate: '2026-11-20' };
const WRONG_TYPE = 'Business Validation Error: You need to select a different type of account for this transaction.';

describe('a deposit', () => {
  const line = (Amount: number, number: string, more: Body = {}) => ({
    Amount,
    DetailType: 'DepositLineDetail',
    DepositLineDetail: { AccountRef: account(number), ...more },
  });
  const deposit = (Line: Body[], more: Body = {}) => ({
    ...day,
    DepositToAccountRef: account('1000'),
    Line,
    ...more,
  });
  const make = (...of: Parameters<typeof deposit>) => bench.make('Deposit', deposit(...of));
  const refused = (...of: Parameters<typeof deposit>) => bench.refusal('Deposit', deposit(...of));

  test('brings money to an account, less the fee that was kept back in a negative line', async () => {
    const made = await make([line(100, '1101', { CheckNum: '7' }), line(-2.9, '6000', {})], { PrivateNote: 'payout' });
    expect(made).toMatchObject({
      TotalAmt: 97.1,
      DepositToAccountRef: { value: ids['1000'] },
      PrivateNote: 'payout',
      Line: [
        { Id: '1', LineNum: 1, Amount: 100, DepositLineDetail: { AccountRef: { value: ids['1101'] }, CheckNum: '7' } },
        { Id: '2', LineNum: 2, Amount: -2.9 },
      ],
    });
    expect(balances()).toEqual({ '1000': 9710n, '1101': -10000n, '6000': 290n });
  });

  test('comes to 0 or more, has lines, and goes to a bank or current asset account', async () => {
    expect(await refused([line(1, '1101'), line(-1.01, '6000')])).toMatchObject({
      code: '6000',
      Detail: 'Business Validation Error: You must specify a transaction amount that is 0 or greater.',
    });
    expect(await refused([])).toMatchObject({ code: '2020', element: 'Line' });
    for (const number of ['2100', '4000', '1200']) {
      const DepositToAccountRef = account(number);
      expect(await refused([line(1, '1101')], { DepositToAccountRef })).toMatchObject({ Detail: WRONG_TYPE });
    }
    const DepositToAccountRef = undefined;
    expect(await refused([line(1, '1101')], { DepositToAccountRef })).toMatchObject({ code: '2020' });
    expect(await refused([{ ...line(1, '1101'), DetailType: 'SalesItemLineDetail' }])).toMatchObject({ code: '500' });
  });

  test('takes receipts out of Undeposited Funds, whole and once', async () => {
    const receipt = await bench.make('SalesReceipt', saleForm(trade, 30));
    const payment = await bench.make('Payment', { CustomerRef: ref(trade.customer), TotalAmt: 12, ...day });
    const takes = (Amount: number, TxnId: string, TxnType: string) => ({ Amount, LinkedTxn: [{ TxnId, TxnType }] });
    expect(await refused([takes(29, receipt.Id, 'SalesReceipt')])).toMatchObject({ code: '6000' });
    expect(await refused([takes(30, receipt.Id, 'Payment')])).toMatchObject({ code: '620' });
    expect(await refused([takes(30, '999', 'Payment')])).toMatchObject({ code: '610' });
    const invoice = await bench.make('Invoice', saleForm(trade, 30));
    expect(await refused([takes(30, invoice.Id, 'Invoice')])).toMatchObject({ code: '620' });
    const made = await make([
      takes(30, receipt.Id, 'SalesReceipt'),
      takes(12, payment.Id, 'Payment'),
      line(-1, '6000'),
    ]);
    expect(made.TotalAmt).toBe(41);
    expect(balances()).toMatchObject({ 'Undeposited Funds': 0n, '1000': 4100n, '6000': 100n });
    expect(await bench.read('SalesReceipt', receipt.Id)).toMatchObject({
      LinkedTxn: [{ TxnId: made.Id, TxnType: 'Deposit' }],
    });
    expect(await refused([takes(30, receipt.Id, 'SalesReceipt')])).toMatchObject({ code: '620' });
  });

  test('can be changed, and lets go of what is no longer in it', async () => {
    const receipt = await bench.make('SalesReceipt', saleForm(trade, 30));
    const takes = { Amount: 30, LinkedTxn: [{ TxnId: receipt.Id, TxnType: 'SalesReceipt' }] };
    const made = await make([takes]);
    await bench.make('Deposit', { ...deposit([takes, line(1, '1101')]), Id: made.Id, SyncToken: '0' });
    expect(balances()).toMatchObject({ 'Undeposited Funds': 0n, '1000': 3100n });
    await bench.make('Deposit', { ...deposit([line(1, '1101')]), Id: made.Id, SyncToken: '1' });
    expect(balances()).toMatchObject({ 'Undeposited Funds': 3000n, '1000': 100n, '1101': -100n });
    await make([takes]);
    expect(balances()).toMatchObject({ 'Undeposited Funds': 0n, '1000': 3100n });
  });

  test('may keep part of the money in cash', async () => {
    const CashBack = { AccountRef: account('1010'), Amount: 20, Memo: 'till' };
    const made = await make([line(100, '1101')], { CashBack });
    expect(made).toMatchObject({ TotalAmt: 80, CashBack: { Amount: 20, Memo: 'till' } });
    expect(balances()).toEqual({ '1000': 8000n, '1101': -10000n, '1010': 2000n });
  });

  test('names who a line on the receivable belongs to', async () => {
    expect(await refused([line(5, '1200')])).toMatchObject({
      code: '6000',
      Detail:
        'Business Validation Error: When you use Accounts Receivable, you must choose a customer in the Name field.',
    });
    const Entity = ref(trade.customer, { type: 'CUSTOMER' });
    const made = await make([line(5, '1200', { Entity })]);
    expect(made.Line).toMatchObject([
      { DepositLineDetail: { Entity: { value: trade.customer, name: 'Web shop', type: 'CUSTOMER' } } },
    ]);
    expect(await bench.read('Customer', trade.customer)).toMatchObject({ Balance: -5 });
  });

  test('in a British company says which side the tax of a coded line is on', async () => {
    const { TaxCode } = (await bench.query("select Id from TaxCode where Name = '20.0% S'", bench.british)) as {
      TaxCode: { Id: string }[];
    };
    const TaxCodeRef = ref(TaxCode[0]!.Id);
    const coded = (more: Body) => ({
      ...day,
      DepositToAccountRef: ref(british['1200']!),
      Line: [
        {
          Amount: 10,
          DetailType: 'DepositLineDetail',
          DepositLineDetail: { AccountRef: ref(british['4000']!), TaxCodeRef, ...more },
        },
      ],
    });
    const call = { realm: bench.british };
    expect(await bench.refusal('Deposit', coded({}), '', call)).toMatchObject({ code: '2270' });
    expect(await bench.make('Deposit', coded({ TaxApplicableOn: 'Sales' }), call)).toMatchObject({ TotalAmt: 12 });
    expect(bench.qbo.balances(bench.british)).toEqual({ '1200': 1200n, '4000': -1000n, '2200': -200n });
  });
});

describe('a transfer', () => {
  const transfer = (from: string, to: string, Amount?: number, more: Body = {}) => ({
    ...day,
    FromAccountRef: account(from),
    ToAccountRef: account(to),
    ...(Amount === undefined ? {} : { Amount }),
    ...more,
  });
  const refused = (...of: Parameters<typeof transfer>) => bench.refusal('Transfer', transfer(...of));

  test('moves money between two assets', async () => {
    const made = await bench.make('Transfer', transfer('1101', '1000', 97.1, { PrivateNote: 'po_1' }));
    expect(made).toMatchObject({
      Amount: 97.1,
      FromAccountRef: { value: ids['1101'] },
      ToAccountRef: { value: ids['1000'] },
      PrivateNote: 'po_1',
    });
    expect(balances()).toEqual({ '1000': 9710n, '1101': -9710n });
    await bench.call('POST', '/transfer?operation=delete', { body: { Id: made.Id, SyncToken: '0' } });
    expect(balances()).toEqual({ '1000': 0n, '1101': 0n });
  });

  test('is between two different assets and of more than 0', async () => {
    expect(await refused('1101', '1101', 1)).toMatchObject({ Detail: expect.stringContaining('two different') });
    for (const number of ['2100', '6000', '4000', '1200']) {
      expect(await refused('1101', number, 1), number).toMatchObject({ code: '6000', Detail: WRONG_TYPE });
      expect(await refused(number, '1101', 1), number).toMatchObject({ code: '6000', Detail: WRONG_TYPE });
    }
    expect(await refused('1101', '1000')).toMatchObject({ code: '2020', element: 'Amount' });
    for (const amount of [0, -1]) {
      expect(await refused('1101', '1000', amount)).toMatchObject({
        Detail: 'Business Validation Error: You must specify a transaction amount that is greater than 0.',
      });
    }
  });

  test('has no number that is kept', async () => {
    const made = await bench.make('Transfer', transfer('1101', '1000', 1, { DocNumber: 'T-1' }));
    expect(made).not.toHaveProperty('DocNumber');
  });
});

describe('a purchase', () => {
  const line = (Amount: number, number: string) => ({
    DetailType: 'AccountBasedExpenseLineDetail',
    Amount,
    AccountBasedExpenseLineDetail: { AccountRef: account(number) },
  });
  const purchase = (Line: Body[], more: Body = {}) => ({
    ...day,
    PaymentType: 'Cash',
    AccountRef: account('1101'),
    Line,
    ...more,
  });
  const make = (...of: Parameters<typeof purchase>) => bench.make('Purchase', purchase(...of));
  const refused = (...of: Parameters<typeof purchase>) => bench.refusal('Purchase', purchase(...of));

  test('spends money on what its lines say; a negative line takes back', async () => {
    const made = await make([line(3.2, '6000'), line(-0.3, '6100')], { DocNumber: 'F-1' });
    expect(made).toMatchObject({ TotalAmt: 2.9, PaymentType: 'Cash', DocNumber: 'F-1' });
    expect(balances()).toEqual({ '1101': -290n, '6000': 320n, '6100': -30n });
    expect(await refused([line(-1, '6000')])).toMatchObject({
      Detail: 'Business Validation Error: You must specify a transaction amount that is 0 or greater.',
    });
  });

  test('says how it is paid, also when it is changed, from an account of that kind', async () => {
    const made = await make([line(1, '6000')]);
    const update = { Id: made.Id, SyncToken: '0', sparse: true };
    for (const body of [purchase([line(1, '6000')], { PaymentType: undefined }), update]) {
      expect(await bench.refusal('Purchase', body)).toMatchObject({ code: '2020', element: 'PaymentType' });
    }
    expect(await bench.make('Purchase', { ...update, PaymentType: 'Cash' })).toMatchObject({ SyncToken: '1' });
    expect(await refused([line(1, '6000')], { PaymentType: 'Barter' })).toMatchObject({ code: '2170' });
    for (const [PaymentType, number] of [
      ['Cash', '2100'],
      ['CreditCard', '1101'],
    ] as const) {
      const more = { PaymentType, AccountRef: account(number) };
      expect(await refused([line(1, '6000')], more), PaymentType).toMatchObject({ Detail: WRONG_TYPE });
    }
    await make([line(1, '6000')], { PaymentType: 'Check', AccountRef: account('1000') });
  });

  test('has a number of its own and known people and accounts', async () => {
    await make([line(1, '6000')], { DocNumber: 'F-1' });
    expect(await refused([line(1, '6000')], { DocNumber: 'F-1' })).toMatchObject({ code: '6140' });
    expect(await refused([line(1, '1200')])).toMatchObject({ Detail: expect.stringContaining('choose a customer') });
    const EntityRef = ref('999', { type: 'Vendor' });
    expect(await refused([line(1, '6000')], { EntityRef })).toMatchObject({
      code: '2500',
      Detail: 'Invalid Reference Id : Names element id 999 not found',
    });
    expect(await refused([])).toMatchObject({ code: '2020', element: 'Line' });
    const itemLine = { DetailType: 'ItemBasedExpenseLineDetail', Amount: 1 };
    expect(await refused([itemLine])).toMatchObject({ code: '500' });
  });

  test('on the receivable gives a customer money back', async () => {
    const EntityRef = ref(trade.customer, { type: 'Customer' });
    const made = await make([line(8, '1200')], { EntityRef });
    expect(made.EntityRef).toEqual({ value: trade.customer, name: 'Web shop', type: 'Customer' });
    expect(await bench.read('Customer', trade.customer)).toMatchObject({ Balance: 8 });
  });
});

describe('a journal entry', () => {
  const line = (PostingType: string | undefined, Amount: number, number: string, more: Body = {}) => ({
    DetailType: 'JournalEntryLineDetail',
    Amount,
    JournalEntryLineDetail: { PostingType, AccountRef: account(number), ...more },
  });
  const refused = (Line: Body[], more: Body = {}) => bench.refusal('JournalEntry', { ...day, Line, ...more });

  test('posts what it says and answers a total of 0', async () => {
    const Line = [line('Debit', 5, '6000'), line('Debit', 95, '1000'), line('Credit', 100, '1101')];
    const made = await bench.make('JournalEntry', { ...day, DocNumber: 'J-1', Line });
    expect(made).toMatchObject({ TotalAmt: 0, Adjustment: false, DocNumber: 'J-1' });
    expect(made.Line).toMatchObject([
      { Id: '0', Amount: 5, JournalEntryLineDetail: { PostingType: 'Debit', AccountRef: { value: ids['6000'] } } },
      { Id: '1', Amount: 95 },
      { Id: '2', Amount: 100, JournalEntryLineDetail: { PostingType: 'Credit' } },
    ]);
    expect(balances()).toEqual({ '1000': 9500n, '1101': -10000n, '6000': 500n });
    // Numbers of journal entries may repeat.
    expect(await bench.make('JournalEntry', { ...day, DocNumber: 'J-1', Line })).toMatchObject({ DocNumber: 'J-1' });
  });

  test('balances, has two lines with a side each, and nothing negative', async () => {
    expect(await refused([line('Debit', 5, '6000'), line('Credit', 4.99, '1101')])).toMatchObject({
      code: '2300',
      Message: 'Amount on debits not equal to credits',
    });
    expect(await refused([line('Debit', 0, '6000')])).toMatchObject({
      Detail: 'Business Validation Error: Fill out at least two detail lines to continue.',
    });
    expect(await refused([line(undefined, 5, '6000'), line('Credit', 5, '1101')])).toMatchObject({ code: '2260' });
    expect(await refused([line('Both', 5, '6000'), line('Credit', 5, '1101')])).toMatchObject({ code: '2170' });
    expect(await refused([line('Debit', -5, '6000'), line('Credit', -5, '1101')])).toMatchObject({ code: '2290' });
  });

  test('names who the receivable and the payable belong to', async () => {
    const lines = (more: Body) => [line('Debit', 5, '1200', more), line('Credit', 5, '2200')];
    expect(await refused(lines({}))).toMatchObject({ Detail: expect.stringContaining('choose a customer') });
    const vendor = await bench.make('Vendor', { DisplayName: 'Courier' });
    const Entity = { Type: 'Vendor', EntityRef: ref(vendor.Id) };
    expect(await refused(lines({ Entity }))).toMatchObject({ Detail: expect.stringContaining('choose a customer') });
    const customer = { Type: 'Customer', EntityRef: ref(trade.customer) };
    await bench.make('JournalEntry', { ...day, Line: lines({ Entity: customer }) });
    expect(await bench.read('Customer', trade.customer)).toMatchObject({ Balance: 5 });
  });

  test('in a British company says the side and the amount of a coded line’s tax', async () => {
    const { TaxCode } = (await bench.query("select Id from TaxCode where Name = '20.0% S'", bench.british)) as {
      TaxCode: { Id: string }[];
    };
    const TaxCodeRef = ref(TaxCode[0]!.Id);
    const coded = (more: Body) => ({
      ...day,
      Line: [
        line('Credit', 10, '', { AccountRef: ref(british['4000']!), TaxCodeRef, ...more }),
        line('Debit', 12, '', { AccountRef: ref(british['1200']!) }),
      ],
    });
    const call = { realm: bench.british };
    expect(await bench.refusal('JournalEntry', coded({}), '', call)).toMatchObject({ code: '2270' });
    const side = { TaxApplicableOn: 'Sales' };
    expect(await bench.refusal('JournalEntry', coded(side), '', call)).toMatchObject({ code: '2280' });
    await bench.make('JournalEntry', coded({ ...side, TaxAmount: 2 }), call);
    expect(bench.qbo.balances(bench.british)).toEqual({ '1200': 1200n, '4000': -1000n, '2200': -200n });
  });
});
