import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, openBench, openTrade, ref, saleForm, saleLine, type Trade } from './test-client.ts';

let bench: Bench;
let trade: Trade;
beforeEach(async () => {
  bench = await openBench();
  trade = await openTrade(bench);
});
afterEach(() => bench.qbo.close());

const refused = async (more: Record<string, unknown>, entity = 'Invoice', parameters = '') =>
  bench.refusal(entity, saleForm(trade, 10, more), parameters);
const invoice = (amount: number, more: Record<string, unknown> = {}) =>
  bench.make('Invoice', saleForm(trade, amount, more));

describe('an invoice', () => {
  test('is answered with what QuickBooks adds: ids, names, subtotal, totals, dates in Pacific time', async () => {
    const made = await invoice(100, { DocNumber: 'S-1', PrivateNote: 'note' });
    const read = await bench.read('Invoice', made.Id);
    expect(read).toEqual(made);
    expect(made).toMatchObject({
      domain: 'QBO',
      sparse: false,
      SyncToken: '0',
      MetaData: { CreateTime: '2026-11-21T04:00:00-08:00', LastUpdatedTime: '2026-11-21T04:00:00-08:00' },
      DocNumber: 'S-1',
      TxnDate: '2026-11-20',
      DueDate: '2026-11-20',
      CurrencyRef: { value: 'USD', name: 'US Dollar' },
      CustomerRef: { value: trade.customer, name: 'Web shop' },
      PrivateNote: 'note',
      LinkedTxn: [],
      TotalAmt: 100,
      Balance: 100,
    });
    expect(made.Line).toEqual([
      {
        Id: '1',
        LineNum: 1,
        Amount: 100,
        DetailType: 'SalesItemLineDetail',
        SalesItemLineDetail: {
          ItemRef: { value: trade.sales, name: 'Sales' },
          ItemAccountRef: { value: await bench.account('4000'), name: 'Sales' },
          TaxCodeRef: { value: 'NON' },
        },
        CustomExtensions: [],
      },
      { Amount: 100, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
    ]);
  });

  test('stands on the receivable and on the income accounts of its items; discounts are negative lines', async () => {
    await invoice(0, {
      Line: [saleLine(trade.sales, 100), saleLine(trade.sales, -10), saleLine(trade.shipping, '4.95')],
    });
    expect(bench.qbo.balances(bench.harbor)).toEqual({ '1200': 9495n, '4000': -9000n, '4050': -495n });
  });

  test('without a date is of the server’s day, which is Pacific', async () => {
    bench.clock.now = Date.UTC(2026, 10, 21, 7, 59);
    const { TxnDate } = await invoice(1, { TxnDate: undefined });
    expect(TxnDate).toBe('2026-11-20');
  });

  test('must have a customer, lines with an amount and a type, and come to 0 or more', async () => {
    expect(await refused({ CustomerRef: undefined })).toMatchObject({
      code: '2020',
      Detail: 'Required parameter CustomerRef is missing in the request',
      element: 'CustomerRef',
    });
    expect(await refused({ Line: [] })).toMatchObject({ code: '2020', element: 'Line' });
    expect(await refused({ Line: [{ Amount: 1 }] })).toMatchObject({ code: '2020', element: 'Line.DetailType' });
    const { Amount: _left, ...without } = saleLine(trade.sales, 1);
    expect(await refused({ Line: [without] })).toMatchObject({ code: '2020', element: 'Line.Amount' });
    expect(await refused({ Line: [saleLine(trade.sales, -1)] })).toMatchObject({
      code: '6000',
      Detail: 'Business Validation Error: You must specify a transaction amount that is 0 or greater.',
    });
  });

  test('has amounts that equal quantity times price, rounded to the cent', async () => {
    const line = (Amount: number, Qty: number, UnitPrice: number) => ({
      Line: [saleLine(trade.sales, Amount, { Qty, UnitPrice })],
    });
    expect(await refused(line(100, 3, 33.33))).toEqual({
      Message: 'Amount calculation incorrect in the request',
      Detail: 'Amount is not equal to UnitPrice * Qty. Supplied value:100.00',
      code: '6070',
      element: 'Line.Amount',
    });
    const made = await invoice(0, line(100, 3, 33.333333));
    expect((made.Line as { SalesItemLineDetail?: object }[])[0]?.SalesItemLineDetail).toMatchObject({
      Qty: 3,
      UnitPrice: 33.333333,
    });
  });

  test('takes a line without an item as a remark, and sums that are sent back as none', async () => {
    const made = await invoice(0, {
      Line: [
        saleLine(trade.sales, 5),
        { DetailType: 'DescriptionOnly', Description: 'Thank you' },
        { DetailType: 'SalesItemLineDetail', Amount: 99, SalesItemLineDetail: {} },
        { DetailType: 'SubTotalLineDetail', Amount: 99, SubTotalLineDetail: {} },
      ],
    });
    expect(made.TotalAmt).toBe(5);
    expect(await refused({ Line: [{ DetailType: 'GroupLineDetail', Amount: 1 }] })).toMatchObject({ code: '500' });
  });

  test('refuses names it does not know, values of another kind, and texts that are too long', async () => {
    expect(await refused({ DocNo: 'S-1' })).toMatchObject({
      code: '2010',
      Detail: 'Property Name:failed to parse json object; a property specified is unsupported or invalid',
      element: 'DocNo',
    });
    expect(await refused({ CustomerRef: trade.customer })).toMatchObject({ code: '2010' });
    expect(await refused({ Line: [saleLine(trade.sales, 1, { UnitPrize: 1 })] })).toMatchObject({
      element: 'Line.SalesItemLineDetail.UnitPrize',
    });
    expect(await refused({ DocNumber: 'N'.repeat(22) })).toMatchObject({ code: '2050', element: 'DocNumber' });
    expect(await refused({ PONumber: 'N'.repeat(16) })).toMatchObject({ code: '2050', element: 'PONumber' });
    expect(await refused({ PrivateNote: 'N'.repeat(4001) })).toMatchObject({ code: '2050', element: 'PrivateNote' });
    expect(await refused({ CustomerMemo: { value: 'N'.repeat(1001) } })).toMatchObject({ code: '2050' });
    expect(await refused({ TxnDate: '2026-02-30' })).toMatchObject({ code: '2070', element: 'TxnDate' });
    expect(await refused({ Line: [saleLine(trade.sales, 'ten')] })).toMatchObject({ code: '2090' });
    const wrapped = { Invoice: saleForm(trade, 1) };
    expect(await bench.refusal('Invoice', wrapped)).toMatchObject({ code: '2010', element: 'Invoice' });
  });

  test('may be sent as text that is no JSON only to be refused', async () => {
    const answer = await bench.call('POST', '/invoice', { body: '{"Line":' });
    expect([answer.status, answer.body.Fault.Error[0].code]).toEqual([400, '2010']);
    const form = await bench.call('POST', '/invoice', { body: '{}', headers: { 'content-type': 'text/plain' } });
    expect(form.body.Fault.Error[0].code).toBe('2010');
  });
});

describe('references', () => {
  test('to what is not there are refused in the words for each list', async () => {
    expect(await refused({ CustomerRef: ref('999') })).toMatchObject({
      code: '2500',
      Detail: 'Invalid Reference Id : Names element id 999 not found',
    });
    expect(await refused({ Line: [saleLine('999', 1)] })).toMatchObject({
      code: '2500',
      Detail: 'Invalid Reference Id : Line.SalesItemLineDetail.ItemRef',
    });
    expect(await refused({ DepositToAccountRef: ref('7') }, 'SalesReceipt')).toMatchObject({
      code: '2500',
      Detail: 'Invalid Reference Id : Accounts element id 7 not found',
    });
    expect(await refused({ CustomerRef: ref('Web shop') })).toMatchObject({
      code: '2030',
      Detail: 'Id should be a valid number. Supplied value:Web shop',
      element: 'CustomerRef.value',
    });
  });

  test('to what was made inactive are refused', async () => {
    bench.qbo.deactivate(bench.harbor, 'Item', trade.sales);
    expect(await refused({})).toMatchObject({ code: '610', Detail: expect.stringContaining('made inactive') });
    bench.qbo.deactivate(bench.harbor, 'Account', await bench.account('4050'));
    expect(await refused({ Line: [saleLine(trade.shipping, 1)] })).toMatchObject({ code: '610' });
    bench.qbo.deactivate(bench.harbor, 'Customer', trade.customer);
    expect(await refused({})).toMatchObject({ code: '6250' });
  });
});

describe('numbers', () => {
  test('of a kind of form are unique while custom numbers are on, unless the caller says otherwise', async () => {
    const first = await invoice(10, { DocNumber: 'S-1' });
    expect(await refused({ DocNumber: 's-1' })).toMatchObject({
      code: '6140',
      Detail:
        'Duplicate Document Number Error : You must specify a different number. This number has already been used. ' +
        `DocNumber=s-1 is assigned to TxnType=Invoice with TxnId=${first.Id}`,
    });
    await bench.make('CreditMemo', saleForm(trade, 10, { DocNumber: 'S-1' }));
    const body = saleForm(trade, 10, { DocNumber: 'S-1' });
    const allowed = await bench.call('POST', '/invoice?include=allowduplicatedocnum', { body });
    expect(allowed.status).toBe(200);
    // Still taken by the second one when the first is gone.
    await bench.call('POST', '/invoice?operation=delete', { body: { Id: first.Id, SyncToken: '0' } });
    expect(await refused({ DocNumber: 'S-1' })).toMatchObject({ code: '6140' });
  });

  test('that are left out are blank, or drawn by QuickBooks when asked', async () => {
    expect(await invoice(1)).not.toHaveProperty('DocNumber');
    expect((await invoice(1, { DocNumber: 'AUTO_GENERATE' })).DocNumber).toBe('1001');
  });

  test('are QuickBooks’ own where custom numbers are off, whatever we send', async () => {
    const other = await openTrade(bench, bench.nimbus);
    const make = (entity: string) =>
      bench.make(entity, saleForm(other, 1, { DocNumber: 'S-1' }), { realm: bench.nimbus });
    expect([(await make('Invoice')).DocNumber, (await make('CreditMemo')).DocNumber]).toEqual(['1001', '1002']);
    expect((await make('Invoice')).DocNumber).toBe('1003');
  });
});

describe('American sales tax', () => {
  const line = (code: string) => saleLine(trade.sales, 10, { TaxCodeRef: ref(code) });

  test('knows TAX and NON and nothing else', async () => {
    await invoice(0, { Line: [line('TAX'), line('NON')] });
    for (const code of ['2', '20.0% S', 'tax']) {
      expect(await refused({ Line: [line(code)] }), code).toMatchObject({
        code: '6100',
        Detail: `Invalid Line TaxCode in the request : Supplied value:${code}`,
      });
    }
  });

  test('that is switched off is neither worked out nor stored, whatever we send', async () => {
    const made = await invoice(0, {
      Line: [line('TAX')],
      TxnTaxDetail: { TotalTax: 0.8, TxnTaxCodeRef: ref('2') },
    });
    expect(made).toMatchObject({ TotalAmt: 10, TxnTaxDetail: { TotalTax: 0 } });
  });

  test('on a line of its own goes to the liability, and counts as tax', async () => {
    await invoice(0, { Line: [saleLine(trade.sales, 10), saleLine(trade.salesTax, 0.83)] });
    expect(bench.qbo.balances(bench.harbor)).toEqual({ '1200': 1083n, '4000': -1000n, '2100': -83n });
    expect(bench.qbo.totals(bench.harbor)).toEqual({ count: 1, total: 1083n, tax: 83n });
  });

  test('that is automated is QuickBooks’ own: 8 % on the sum of the taxable lines, our figure is ignored', async () => {
    const other = await openTrade(bench, bench.nimbus);
    const Line = [
      // 8 % of 0.06 would be 0.0048 a line, 0 three times; of the sum 0.18 it is 0.0144, 0.01.
      ...[1, 2, 3].map(() => saleLine(other.sales, 0.06, { TaxCodeRef: ref('TAX') })),
      saleLine(other.sales, 100, { TaxCodeRef: ref('NON') }),
    ];
    const body = saleForm(other, 0, { Line, TxnTaxDetail: { TotalTax: 5 } });
    const made = await bench.make('Invoice', body, { realm: bench.nimbus });
    expect(made).toMatchObject({ TotalAmt: 100.19, TxnTaxDetail: { TxnTaxCodeRef: { value: '2' }, TotalTax: 0.01 } });
    expect((made.TxnTaxDetail as { TaxLine: unknown[] }).TaxLine).toEqual([
      {
        Amount: 0.01,
        DetailType: 'TaxLineDetail',
        TaxLineDetail: { TaxRateRef: { value: '3' }, PercentBased: true, TaxPercent: 8, NetAmountTaxable: 0.18 },
      },
    ]);
    expect(bench.qbo.balances(bench.nimbus)).toEqual({ '1200': 10019n, '4000': -10018n, '2100': -1n });
    expect(bench.qbo.totals(bench.nimbus)).toEqual({ count: 1, total: 10019n, tax: 1n });
  });
});

describe('receipts and refunds', () => {
  test('take the money to Undeposited Funds unless an account is named, and give it back from one', async () => {
    const receipt = await bench.make('SalesReceipt', saleForm(trade, 30, { CustomerRef: undefined }));
    expect(receipt).toMatchObject({ DepositToAccountRef: { value: '4', name: 'Undeposited Funds' }, Balance: 0 });
    const bank = ref(await bench.account('1000'));
    await bench.make('SalesReceipt', saleForm(trade, 12, { DepositToAccountRef: bank, PaymentRefNum: 'ch_1' }));
    await bench.make('RefundReceipt', saleForm(trade, 5, { DepositToAccountRef: bank }));
    expect(bench.qbo.balances(bench.harbor)).toEqual({ 'Undeposited Funds': 3000n, '1000': 700n, '4000': -3700n });
    expect(bench.qbo.totals(bench.harbor)).toEqual({ count: 3, total: 3700n, tax: 0n });
  });

  test('a refund must name its account, and money lies on banks and current assets only', async () => {
    expect(await refused({}, 'RefundReceipt')).toMatchObject({ code: '2020', element: 'DepositToAccountRef' });
    for (const number of ['2200', '4000', '1200']) {
      const DepositToAccountRef = ref(await bench.account(number));
      expect(await refused({ DepositToAccountRef }, 'SalesReceipt'), number).toMatchObject({
        code: '6000',
        Detail: 'Business Validation Error: You need to select a different type of account for this transaction.',
      });
    }
  });
});

describe('an update', () => {
  const update = (body: Record<string, unknown>) => bench.make('Invoice', body);

  test('that is sparse keeps what it does not say; a full one clears it', async () => {
    const made = await invoice(10, { DocNumber: 'S-1', PrivateNote: 'note' });
    const sparse = await update({ Id: made.Id, SyncToken: '0', sparse: true, CustomerMemo: { value: 'Hello' } });
    expect(sparse).toMatchObject({ SyncToken: '1', DocNumber: 'S-1', PrivateNote: 'note', TotalAmt: 10 });
    const full = await update({ ...saleForm(trade, 12), Id: made.Id, SyncToken: '1' });
    expect(full).toMatchObject({ SyncToken: '2', TotalAmt: 12 });
    expect(full).not.toHaveProperty('PrivateNote');
    expect(full).not.toHaveProperty('DocNumber');
    expect(bench.qbo.balances(bench.harbor)).toEqual({ '1200': 1200n, '4000': -1200n });
  });

  test('needs the newest version, an id that is there, and a version at all', async () => {
    const made = await invoice(10);
    await update({ Id: made.Id, SyncToken: '0', sparse: true });
    const stale = await bench.refusal('Invoice', { Id: made.Id, SyncToken: '0', sparse: true });
    expect(stale).toMatchObject({ code: '5010', Detail: expect.stringContaining('your work was not saved') });
    expect(await bench.refusal('Invoice', { Id: '999', SyncToken: '0' })).toMatchObject({ code: '610' });
    expect(await bench.refusal('CreditMemo', { Id: made.Id, SyncToken: '1' })).toMatchObject({ code: '610' });
    expect(await bench.refusal('Invoice', { Id: made.Id })).toMatchObject({ code: '2020', element: 'SyncToken' });
  });
});

describe('a closed period', () => {
  test('takes no document on or before its last day, by creating, changing, deleting or voiding', async () => {
    const old = await invoice(10, { TxnDate: '2026-10-31' });
    bench.qbo.lock(bench.harbor, '2026-10-31');
    expect(await refused({ TxnDate: '2026-10-31' })).toMatchObject({
      code: '6210',
      Detail: expect.stringContaining('The account period has closed'),
    });
    const version = { Id: old.Id, SyncToken: '0' };
    expect(await bench.refusal('Invoice', { ...version, sparse: true })).toMatchObject({ code: '6210' });
    for (const operation of ['delete', 'void']) {
      expect(await bench.refusal('Invoice', version, `&operation=${operation}`)).toMatchObject({ code: '6210' });
    }
    const today = await invoice(10, { TxnDate: '2026-11-01' });
    const moved = { Id: today.Id, SyncToken: '0', sparse: true, TxnDate: '2026-10-30' };
    expect(await bench.refusal('Invoice', moved)).toMatchObject({ code: '6210' });
    const { body } = await bench.call('GET', '/preferences');
    expect(body.Preferences.AccountingInfoPrefs.BookCloseDate).toBe('2026-10-31');
  });
});

test('a company whose subscription ended can be read but not written', async () => {
  bench.qbo.suspend(bench.harbor, true);
  expect(await refused({})).toMatchObject({ code: '6190' });
  expect((await bench.call('GET', `/companyinfo/${bench.harbor}`)).status).toBe(200);
  bench.qbo.suspend(bench.harbor, false);
  await invoice(1);
});
