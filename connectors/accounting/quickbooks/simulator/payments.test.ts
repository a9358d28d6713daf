import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  applies,
  type Bench,
  openBench,
  openSingleCurrency,
  openTrade,
  ref,
  saleForm,
  saleLine,
  type Trade,
} from './test-client.ts';

let bench: Bench;
let trade: Trade;
beforeEach(async () => {
  bench = await openBench();
  trade = await openTrade(bench);
});
afterEach(() => bench.qbo.close());

type Body = Record<string, unknown>;
const payment = (TotalAmt: number | undefined, Line: Body[] = [], more: Body = {}): Body => ({
  CustomerRef: ref(trade.customer),
  TxnDate: '2026-11-20',
  ...(TotalAmt === undefined ? {} : { TotalAmt }),
  Line,
  ...more,
});
const pay = (...of: Parameters<typeof payment>) => bench.make('Payment', payment(...of));
const refused = (...of: Parameters<typeof payment>) => bench.refusal('Payment', payment(...of));
const sell = async (entity: string, amount: number, more: Body = {}) =>
  (await bench.make(entity, saleForm(trade, amount, more))).Id;
const undo = (operation: 'delete' | 'void', entity: string, Id: string, SyncToken = '0') =>
  bench.call('POST', `/${entity.toLowerCase()}?operation=${operation}`, { body: { Id, SyncToken } });
const balances = () => bench.qbo.balances(bench.harbor);

/** A two-sided entry with the customer on the receivable. */
const entry = async (receivable: 'Debit' | 'Credit', amount: number, number: string) => {
  const line = async (PostingType: string, code: string, more: Body = {}) => ({
    DetailType: 'JournalEntryLineDetail',
    Amount: amount,
    JournalEntryLineDetail: { PostingType, AccountRef: ref(await bench.account(code)), ...more },
  });
  const Entity = { Type: 'Customer', EntityRef: ref(trade.customer) };
  const other = receivable === 'Debit' ? 'Credit' : 'Debit';
  const Line = [await line(receivable, '1200', { Entity }), await line(other, number)];
  return (await bench.make('JournalEntry', { TxnDate: '2026-11-20', Line })).Id;
};

describe('a payment', () => {
  test('settles an invoice, in part or whole, and both show it', async () => {
    const invoice = await sell('Invoice', 100, { DocNumber: 'S-1' });
    const bank = await bench.account('1000');
    const made = await pay(60, [applies(60, invoice, 'Invoice')], {
      DepositToAccountRef: ref(bank),
      PaymentRefNum: 'ch_1',
    });
    expect(made).toMatchObject({
      TotalAmt: 60,
      UnappliedAmt: 0,
      ProcessPayment: false,
      PaymentRefNum: 'ch_1',
      CustomerRef: { value: trade.customer, name: 'Web shop' },
      DepositToAccountRef: { value: bank },
      Line: [{ Amount: 60, LinkedTxn: [{ TxnId: invoice, TxnType: 'Invoice' }] }],
    });
    const [line] = made.Line as { LineEx: { any: { value: object }[] } }[];
    expect(line?.LineEx.any.map(({ value }) => value)).toEqual([
      { Name: 'txnId', Value: invoice },
      { Name: 'txnOpenBalance', Value: '100.00' },
      { Name: 'txnReferenceNumber', Value: 'S-1' },
    ]);
    expect(await bench.read('Invoice', invoice)).toMatchObject({
      TotalAmt: 100,
      Balance: 40,
      SyncToken: '0',
      LinkedTxn: [{ TxnId: made.Id, TxnType: 'Payment' }],
    });
    await pay(40, [applies(40, invoice, 'Invoice')], { DepositToAccountRef: ref(bank) });
    expect((await bench.read('Invoice', invoice)).Balance).toBe(0);
    expect(balances()).toEqual({ '1000': 10000n, '1200': 0n, '4000': -10000n });
  });

  test('lies in Undeposited Funds unless an account is named, and stays with the customer as far as it is not set', async () => {
    const invoice = await sell('Invoice', 10);
    const made = await pay(15, [applies(10, invoice, 'Invoice')]);
    expect(made).toMatchObject({ UnappliedAmt: 5, DepositToAccountRef: { value: '4' } });
    expect(balances()).toEqual({ 'Undeposited Funds': 1500n, '1200': -500n, '4000': -1000n });
    expect(await bench.read('Customer', trade.customer)).toMatchObject({ Balance: -5 });
  });

  test('must say an amount, of 0 or more', async () => {
    expect(await refused(undefined)).toMatchObject({
      code: '6000',
      Detail: 'Business Validation Error: You must set a transaction amount.',
    });
    expect(await refused(-1)).toMatchObject({
      Detail: 'Business Validation Error: You must specify a transaction amount that is 0 or greater.',
    });
  });

  test('cannot settle more than is open, in one line or several, nor more than it brings', async () => {
    const invoice = await sell('Invoice', 10);
    const detail = (said: string) =>
      `Business Validation Error: You can't apply ${said} to a transaction whose open balance is 10.00.`;
    expect(await refused(20, [applies(10.01, invoice, 'Invoice')])).toMatchObject({
      code: '6000',
      Detail: detail('10.01'),
    });
    const twice = [applies(6, invoice, 'Invoice'), applies(5, invoice, 'Invoice')];
    expect(await refused(11, twice)).toMatchObject({ code: '6000', Detail: detail('11.00') });
    expect(await refused(9.99, [applies(10, invoice, 'Invoice')])).toMatchObject({
      code: '6000',
      Detail: expect.stringContaining('The amount applied is greater'),
    });
    expect(balances()).toEqual({ '1200': 1000n, '4000': -1000n });
  });

  test('of 0 sets a credit memo against an invoice', async () => {
    const invoice = await sell('Invoice', 30);
    const credit = await sell('CreditMemo', 12);
    const made = await pay(0, [applies(12, invoice, 'Invoice'), applies(12, credit, 'CreditMemo')]);
    expect(made).toMatchObject({ TotalAmt: 0, UnappliedAmt: 0 });
    expect((await bench.read('Invoice', invoice)).Balance).toBe(18);
    expect(await bench.read('CreditMemo', credit)).toMatchObject({ RemainingCredit: 0, Balance: 0, TotalAmt: 12 });
    expect(await refused(0, [applies(1, invoice, 'Invoice'), applies(1, credit, 'CreditMemo')])).toMatchObject({
      Detail: expect.stringContaining('open balance is 0.00'),
    });
    expect(balances()).toEqual({ '1200': 1800n, '4000': -1800n });
  });

  test('takes a credit and money for the same invoice', async () => {
    const invoice = await sell('Invoice', 30);
    const credit = await sell('CreditMemo', 12);
    await pay(18, [applies(30, invoice, 'Invoice'), applies(12, credit, 'CreditMemo')]);
    expect((await bench.read('Invoice', invoice)).Balance).toBe(0);
    expect(balances()).toEqual({ 'Undeposited Funds': 1800n, '1200': 0n, '4000': -1800n });
  });

  test('sets a journal entry on the receivable against an invoice, whichever side it stands on', async () => {
    const invoice = await sell('Invoice', 20);
    const credit = await entry('Credit', 5, '2200');
    await pay(0, [applies(5, invoice, 'Invoice'), applies(5, credit, 'JournalEntry')]);
    const charge = await entry('Debit', 3, '4000');
    await pay(18, [applies(15, invoice, 'Invoice'), applies(3, charge, 'JournalEntry')]);
    expect((await bench.read('Invoice', invoice)).Balance).toBe(0);
    expect(balances()).toMatchObject({ '1200': 0n, '2200': 500n, 'Undeposited Funds': 1800n });
  });

  test('sets a refund that was paid out of a bank account against the credit memo it gives back', async () => {
    const credit = await sell('CreditMemo', 12);
    const out = await bench.make('Purchase', {
      TxnDate: '2026-11-20',
      PaymentType: 'Cash',
      AccountRef: ref(await bench.account('1000')),
      EntityRef: ref(trade.customer, { type: 'Customer' }),
      Line: [
        {
          DetailType: 'AccountBasedExpenseLineDetail',
          Amount: 12,
          AccountBasedExpenseLineDetail: { AccountRef: ref(await bench.account('1200')) },
        },
      ],
    });
    await pay(0, [applies(12, out.Id, 'Expense'), applies(12, credit, 'CreditMemo')]);
    expect((await bench.read('CreditMemo', credit)).RemainingCredit).toBe(0);
    expect(balances()).toEqual({ '1000': -1200n, '1200': 0n, '4000': 1200n });
    expect(await refused(0, [applies(1, out.Id, 'Check')])).toMatchObject({ code: '620' });
  });

  test('links what is the customer’s own and of the type that is said', async () => {
    const invoice = await sell('Invoice', 10);
    const cannot = (id: string, type: string) => ({
      code: '620',
      Detail: `The transaction ID ${id} of type ${type} cannot be linked.`,
    });
    expect(await refused(10, [applies(10, invoice, 'CreditMemo')])).toMatchObject(cannot(invoice, 'CreditMemo'));
    const receipt = await sell('SalesReceipt', 10);
    expect(await refused(10, [applies(10, receipt, 'SalesReceipt')])).toMatchObject(cannot(receipt, 'SalesReceipt'));
    const other = await bench.make('Customer', { DisplayName: 'Another' });
    const theirs = await sell('Invoice', 10, { CustomerRef: ref(other.Id) });
    expect(await refused(10, [applies(10, theirs, 'Invoice')])).toMatchObject(cannot(theirs, 'Invoice'));
    expect(await refused(10, [applies(10, '999', 'Invoice')])).toMatchObject({ code: '610' });
    await undo('delete', 'Invoice', invoice);
    expect(await refused(10, [applies(10, invoice, 'Invoice')])).toMatchObject({ code: '610' });
  });

  test('has lines of one amount and one link each', async () => {
    const invoice = await sell('Invoice', 10);
    const [link] = applies(1, invoice, 'Invoice').LinkedTxn as Body[];
    expect(await refused(10, [{ LinkedTxn: [link] }])).toMatchObject({ code: '2020', element: 'Line.Amount' });
    expect(await refused(10, [{ Amount: 1 }])).toMatchObject({ code: '2020', element: 'LinkedTxn' });
    expect(await refused(10, [{ Amount: 1, LinkedTxn: [{ TxnId: invoice }] }])).toMatchObject({ element: 'TxnType' });
    expect(await refused(10, [{ Amount: 1, LinkedTxn: [link, link] }])).toMatchObject({ code: '6000' });
    expect(await refused(10, [applies(-1, invoice, 'Invoice')])).toMatchObject({ code: '6000' });
    expect(await refused(10, [], { PaymentRefNum: 'N'.repeat(22) })).toMatchObject({ code: '2050' });
    const echoed = { ...applies(1, invoice, 'Invoice'), LineEx: { any: [] } };
    expect(await refused(10, [echoed])).toMatchObject({ code: '2010', element: 'Line.LineEx' });
  });

  test('goes to a bank or current asset account, in a currency it can hold', async () => {
    for (const number of ['2200', '1200', '6100']) {
      const DepositToAccountRef = ref(await bench.account(number));
      expect(await refused(10, [], { DepositToAccountRef }), number).toMatchObject({
        code: '6000',
        Detail: 'Business Validation Error: You need to select a different type of account for this transaction.',
      });
    }
  });
});

describe('currencies', () => {
  test('a customer has one for life; documents in another are refused', async () => {
    const euro = await bench.make('Customer', { DisplayName: 'Euro shop', CurrencyRef: ref('EUR') });
    const CustomerRef = ref(euro.Id);
    await sell('Invoice', 10, { CustomerRef, CurrencyRef: ref('EUR'), ExchangeRate: 1.1 });
    const wrong = { code: '6000', Detail: expect.stringContaining('Transaction currency is invalid') };
    expect(await bench.refusal('Invoice', saleForm(trade, 10, { CustomerRef, CurrencyRef: ref('USD') }))).toMatchObject(
      wrong,
    );
    expect(await refused(10, [], { CurrencyRef: ref('EUR') })).toMatchObject(wrong);
    expect(await refused(10, [], { CurrencyRef: ref('JPY') })).toMatchObject({ code: '2220' });
    const update = { Id: euro.Id, SyncToken: '0', sparse: true, CurrencyRef: ref('USD') };
    expect(await bench.refusal('Customer', update)).toMatchObject({ code: '6000' });
    const single = await openSingleCurrency();
    const form = saleForm(await openTrade(single), 1, { CurrencyRef: ref('EUR') });
    expect(await single.refusal('Invoice', form)).toMatchObject({ code: '5030' });
    await single.qbo.close();
  });

  test('a payment at another rate than its invoice leaves an exchange difference', async () => {
    const euro = ref((await bench.make('Customer', { DisplayName: 'Euro shop', CurrencyRef: ref('EUR') })).Id);
    const invoice = await sell('Invoice', 100, { CustomerRef: euro, ExchangeRate: 1.1 });
    await pay(100, [applies(100, invoice, 'Invoice')], { CustomerRef: euro, ExchangeRate: 1.15 });
    expect(balances()).toEqual({
      'Accounts Receivable (A/R) - EUR': 0n,
      '4000': -11000n,
      'Undeposited Funds': 11500n,
      '6300': -500n,
    });
    expect(bench.qbo.totals(bench.harbor)).toEqual({ count: 0, total: 0n, tax: 0n });
  });
});

describe('undoing', () => {
  test('an invoice that is settled cannot be deleted; a void releases its payments', async () => {
    const invoice = await sell('Invoice', 10, { PrivateNote: 'note' });
    const paid = await pay(10, [applies(10, invoice, 'Invoice')]);
    const deleted = await undo('delete', 'Invoice', invoice);
    expect(deleted.body.Fault.Error[0]).toMatchObject({
      code: '6000',
      Detail: expect.stringContaining('is linked to others'),
    });
    const { body } = await undo('void', 'Invoice', invoice);
    expect(body.Invoice).toMatchObject({
      TotalAmt: 0,
      Balance: 0,
      SyncToken: '1',
      PrivateNote: 'Voided - note',
      LinkedTxn: [],
      Line: [{ Amount: 0, SalesItemLineDetail: { ItemRef: { value: trade.sales } } }, { Amount: 0 }],
    });
    expect(await bench.read('Payment', paid.Id)).toMatchObject({ TotalAmt: 10, UnappliedAmt: 10, Line: [] });
    expect(balances()).toEqual({ '1200': -1000n, '4000': 0n, 'Undeposited Funds': 1000n });
    expect(bench.qbo.totals(bench.harbor)).toEqual({ count: 0, total: 0n, tax: 0n });
    expect((await undo('delete', 'Invoice', invoice, '1')).body).toMatchObject({
      Invoice: { domain: 'QBO', status: 'Deleted', Id: invoice },
    });
    expect((await bench.call('GET', `/invoice/${invoice}`)).body.Fault.Error[0].code).toBe('610');
  });

  test('a void takes away a payment of 0 that only set a credit against the invoice', async () => {
    const invoice = await sell('Invoice', 10);
    const credit = await sell('CreditMemo', 10);
    const set = await pay(0, [applies(10, invoice, 'Invoice'), applies(10, credit, 'CreditMemo')]);
    await undo('void', 'Invoice', invoice);
    expect((await bench.call('GET', `/payment/${set.Id}`)).body.Fault.Error[0].code).toBe('610');
    expect((await bench.read('CreditMemo', credit)).RemainingCredit).toBe(10);
  });

  test('a payment that is voided or deleted opens the invoice again', async () => {
    const invoice = await sell('Invoice', 10);
    const first = await pay(4, [applies(4, invoice, 'Invoice')]);
    const second = await pay(6, [applies(6, invoice, 'Invoice')]);
    const voided = { Id: first.Id, SyncToken: '0', sparse: true };
    const { body } = await bench.call('POST', '/payment?operation=update&include=void', { body: voided });
    expect(body.Payment).toMatchObject({ TotalAmt: 0, UnappliedAmt: 0, Line: [], PrivateNote: 'Voided' });
    expect((await bench.read('Invoice', invoice)).Balance).toBe(4);
    await undo('delete', 'Payment', second.Id);
    expect((await bench.read('Invoice', invoice)).Balance).toBe(10);
    expect(balances()).toEqual({ '1200': 1000n, '4000': -1000n, 'Undeposited Funds': 0n });
  });

  test('what cannot be voided through the API is refused, and so is an unknown operation', async () => {
    const credit = await sell('CreditMemo', 10);
    expect((await undo('void', 'CreditMemo', credit)).body.Fault.Error[0]).toMatchObject({ code: '500' });
    const odd = await bench.call('POST', '/invoice?operation=erase', { body: { Id: credit, SyncToken: '0' } });
    expect(odd.body.Fault.Error[0]).toMatchObject({ code: '500', Detail: 'Operation erase is not supported.' });
    expect((await undo('delete', 'CreditMemo', credit)).status).toBe(200);
    expect((await undo('delete', 'CreditMemo', credit)).body.Fault.Error[0]).toMatchObject({ code: '610' });
  });

  test('a payment that lies in a deposit is neither changed nor removed before it is taken out', async () => {
    const paid = await pay(10);
    const deposit = await bench.make('Deposit', {
      TxnDate: '2026-11-21',
      DepositToAccountRef: ref(await bench.account('1000')),
      Line: [{ Amount: 10, LinkedTxn: [{ TxnId: paid.Id, TxnType: 'Payment', TxnLineId: '0' }] }],
    });
    for (const operation of ['delete', 'void'] as const) {
      expect((await undo(operation, 'Payment', paid.Id)).body.Fault.Error[0], operation).toMatchObject({
        code: '6540',
      });
    }
    const update = { ...payment(11), Id: paid.Id, SyncToken: '0' };
    expect(await bench.refusal('Payment', update)).toMatchObject({ code: '6540' });
    await undo('delete', 'Deposit', deposit.Id);
    expect((await bench.make('Payment', update)).TotalAmt).toBe(11);
  });

  test('a document that is settled keeps its customer and its amount, as far as it is settled', async () => {
    const invoice = await sell('Invoice', 10);
    await pay(4, [applies(4, invoice, 'Invoice')]);
    const update = (amount: number) => ({
      Id: invoice,
      SyncToken: '0',
      sparse: true,
      Line: [saleLine(trade.sales, amount)],
    });
    expect(await bench.refusal('Invoice', update(3.99))).toMatchObject({
      code: '6000',
      Detail: 'Business Validation Error: The amount cannot be less than what has already been applied.',
    });
    const other = await bench.make('Customer', { DisplayName: 'Another' });
    const moved = { ...update(10), CustomerRef: ref(other.Id) };
    expect(await bench.refusal('Invoice', moved)).toMatchObject({ code: '6000' });
    expect(await bench.make('Invoice', update(4))).toMatchObject({ TotalAmt: 4, Balance: 0 });
    const receipt = await sell('SalesReceipt', 10);
    expect(await bench.make('SalesReceipt', { ...update(4), Id: receipt })).toMatchObject({ TotalAmt: 4 });
  });
});
