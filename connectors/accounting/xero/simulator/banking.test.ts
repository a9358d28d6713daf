import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, complaints, connect, openBench, type Reply } from './test-client.ts';

let bench: Bench;
let ids: Map<string, string>;
beforeEach(async () => {
  bench = await openBench();
  const { Accounts } = (await bench.call('GET', '/Accounts')).body;
  ids = new Map(Accounts.map((each: { Code: string; AccountID: string }) => [each.Code, each.AccountID]));
});
afterEach(() => bench.xero.close());

const DATE = '2026-11-20';
const LOCKED = 'The document date cannot be before the period lock date';
const bank = (code: string) => ({ AccountID: ids.get(code) });
const put = (list: string, element: object): Promise<Reply> =>
  bench.call('PUT', `/${list}`, { body: { [list]: [element] } });
const post = (list: string, id: string, element: object): Promise<Reply> =>
  bench.call('POST', `/${list}/${id}`, { body: element });

const fee = (fields: object = {}) => ({ Description: 'Fee', UnitAmount: 20, AccountCode: '7905', ...fields });
const spend = (fields: object = {}) =>
  put('BankTransactions', {
    Type: 'SPEND',
    Contact: { ContactID: bench.contactId },
    BankAccount: bank('1200'),
    Date: DATE,
    Reference: 'F-1',
    LineItems: [fee({ TaxType: 'INPUT2' })],
    ...fields,
  });
const move = (fields: object = {}) =>
  put('BankTransfers', {
    FromBankAccount: bank('1230'),
    ToBankAccount: bank('1200'),
    Amount: 50,
    Date: DATE,
    Reference: 'T-1',
    ...fields,
  });
const side = (LineAmount: number, AccountCode = '8110', fields: object = {}) => ({
  LineAmount,
  AccountCode,
  ...fields,
});
const journal = (fields: object = {}) =>
  put('ManualJournals', {
    Narration: 'J-1 dispute',
    Date: DATE,
    Status: 'POSTED',
    JournalLines: [side(10), side(-10, '1249')],
    ...fields,
  });

describe('a bank transaction', () => {
  test('takes its amounts as including tax unless it says otherwise', async () => {
    // 20.00 × 20/120 = 3.33.
    expect((await spend()).body.BankTransactions[0]).toMatchObject({
      LineAmountTypes: 'Inclusive',
      SubTotal: 16.67,
      TotalTax: 3.33,
      Total: 20,
      Status: 'AUTHORISED',
      Reference: 'F-1',
      CurrencyCode: 'GBP',
    });
    const exclusive = await spend({ LineAmountTypes: 'Exclusive' });
    expect(exclusive.body.BankTransactions[0]).toMatchObject({ SubTotal: 20, TotalTax: 4, Total: 24 });
  });

  test('adds no tax by reverse charge', async () => {
    const LineItems = [fee({ TaxType: 'REVERSECHARGES' })];
    const answer = await spend({ LineAmountTypes: 'Exclusive', LineItems });
    expect(answer.body.BankTransactions[0]).toMatchObject({ TotalTax: 0, Total: 20 });
  });

  test.each<[string, object, RegExp]>([
    ['without a contact', { Contact: undefined }, /^The Contact must contain at least 1/],
    ['of another type', { Type: 'SPEND-OVERPAYMENT' }, /^Type must be/],
    ['on an account that is no bank account', { BankAccount: { Code: '1241' } }, /not a valid bank account/],
    ['on an unknown account', { BankAccount: { Code: '0815' } }, /could not be found/],
    ['with a bank account in a line', { LineItems: [fee({ AccountCode: '1230' })] }, /not a valid code/],
    ['with a tax on sales', { LineItems: [fee({ TaxType: 'OUTPUT2' })] }, /^The TaxType code OUTPUT2/],
    ['below zero', { LineItems: [fee({ UnitAmount: -1 })] }, /cannot be negative/],
    ['without lines', { LineItems: [] }, /line items must be specified/],
    ['with a discount', { LineItems: [fee({ DiscountRate: 5 })] }, /not supported on bank transactions/],
  ])('is refused %s', async (_what, fields, expected) => {
    const answer = await spend(fields);
    expect(answer.status).toBe(400);
    expect(complaints(answer).join('\n')).toMatch(expected);
    expect(bench.xero.balances(bench.british)).toEqual({});
  });

  test('is found by reference, with lines only on a page, and knows what changed since', async () => {
    await spend();
    await spend({ Reference: 'F-2' });
    const where = encodeURIComponent('Reference=="F-2"');
    const [found] = (await bench.call('GET', `/BankTransactions?where=${where}&page=1`)).body.BankTransactions;
    expect(found).toMatchObject({ Reference: 'F-2', LineItems: [{ AccountCode: '7905' }] });
    expect((await bench.call('GET', '/BankTransactions')).body.BankTransactions[0].LineItems).toEqual([]);
    const later = { 'if-modified-since': '2026-11-21T12:00:01' };
    expect((await bench.call('GET', '/BankTransactions', { headers: later })).body.BankTransactions).toEqual([]);
  });

  test('can be deleted, once, and not in a locked period', async () => {
    const { BankTransactionID } = (await spend()).body.BankTransactions[0];
    const end = { BankTransactions: [{ BankTransactionID, Status: 'DELETED' }] };
    bench.xero.lock(bench.british, DATE);
    expect(complaints(await post('BankTransactions', BankTransactionID, end))).toEqual([LOCKED]);
    expect(complaints(await spend())).toEqual([LOCKED]);
    bench.xero.lock(bench.british, '2026-11-19');
    const deleted = await post('BankTransactions', BankTransactionID, end);
    expect(deleted.body.BankTransactions[0].Status).toBe('DELETED');
    expect((await post('BankTransactions', BankTransactionID, end)).status).toBe(400);
    expect((await post('BankTransactions', bench.contactId, end)).status).toBe(404);
  });
});

describe('a bank transfer', () => {
  test('moves money, is listed by day, and disappears from the list when it is deleted', async () => {
    const { BankTransferID } = (await move()).body.BankTransfers[0];
    await move({ Date: '2026-11-21', Reference: 'T-2' });
    const on = async (from: string, to: string, more = '') => {
      const where = encodeURIComponent(`Date>=DateTime(${from}) AND Date<DateTime(${to})`);
      const { BankTransfers } = (await bench.call('GET', `/BankTransfers?where=${where}${more}`)).body;
      return BankTransfers.map(({ Reference }: { Reference: string }) => Reference);
    };
    expect(await on('2026, 11, 20', '2026, 11, 21')).toEqual(['T-1']);
    expect(await on('2026,11,20', '2026,11,22')).toEqual(['T-1', 'T-2']);
    await post('BankTransfers', BankTransferID, { Status: 'DELETED' });
    expect(await on('2026, 11, 20', '2026, 11, 21')).toEqual([]);
    expect(await on('2026, 11, 20', '2026, 11, 21', '&includeDeleted=true')).toEqual(['T-1']);
    expect((await bench.call('GET', `/BankTransfers/${BankTransferID}`)).body.BankTransfers[0].Status).toBe('DELETED');
    expect((await post('BankTransfers', BankTransferID, { Status: 'DELETED' })).status).toBe(400);
    expect((await post('BankTransfers', bench.contactId, { Status: 'DELETED' })).status).toBe(404);
  });

  test.each<[string, () => object, RegExp]>([
    ['to an account that is no bank account', () => ({ ToBankAccount: { Code: '1241' } }), /not a valid bank account/],
    ['to the same account', () => ({ ToBankAccount: bank('1230') }), /must differ/],
    ['of nothing', () => ({ Amount: 0 }), /greater than zero/],
  ])('is refused %s', async (_what, fields, expected) => {
    expect(complaints(await move(fields())).join('\n')).toMatch(expected);
  });

  test('is refused in a locked period', async () => {
    bench.xero.lock(bench.british, DATE);
    expect(complaints(await move())).toEqual([LOCKED]);
  });
});

describe('a manual journal', () => {
  test('is a draft without a status, and touches no account until it is posted', async () => {
    const { ManualJournalID, Status } = (await journal({ Status: undefined })).body.ManualJournals[0];
    expect(Status).toBe('DRAFT');
    expect(bench.xero.balances(bench.british)).toEqual({});
    await post('ManualJournals', ManualJournalID, { Narration: 'J-1', Status: 'POSTED' });
    expect(bench.xero.balances(bench.british)).toEqual({ 8110: 1000n, 1249: -1000n });
  });

  test.each<[string, object, RegExp]>([
    [
      'that does not balance',
      { JournalLines: [side(100), side(-10, '1249')] },
      /^The total debits \(100.00\) must equal total credits \(-10.00\)$/,
    ],
    [
      'whose tax is left out of the balance',
      {
        LineAmountTypes: 'Exclusive',
        JournalLines: [side(10, '7905', { TaxType: 'INPUT2' }), side(-10, '1249', { TaxType: 'NONE' })],
      },
      /^The total debits \(12.00\)/,
    ],
    ['of one line', { JournalLines: [side(10)] }, /two journal lines/],
    ['without a narration', { Narration: '' }, /^Narration must be/],
    ['on a bank account', { JournalLines: [side(10, '1200'), side(-10)] }, /^Account code '1200' is not a valid code/],
    ['on the debtors', { JournalLines: [side(10, '1100'), side(-10)] }, /^Account code '1100' is not a valid code/],
    ['on an unknown account', { JournalLines: [side(10, '0815'), side(-10)] }, /^Account code '0815'/],
    ['that is void from the start', { Status: 'VOIDED' }, /cannot be set to VOIDED/],
  ])('is refused %s', async (_what, fields, expected) => {
    expect(complaints(await journal(fields)).join('\n')).toMatch(expected);
  });

  test('may be posted to the tax account, and carries tax of its own', async () => {
    const JournalLines = [side(10, '7905', { TaxType: 'INPUT2' }), side(-12, '1249', { TaxType: 'NONE' })];
    expect((await journal({ LineAmountTypes: 'Exclusive', JournalLines })).status).toBe(200);
    expect((await journal({ JournalLines: [side(1, '2200'), side(-1, '1249')] })).status).toBe(200);
    expect(bench.xero.balances(bench.british)).toEqual({ 7905: 1000n, 2200: 300n, 1249: -1300n });
  });

  test('can be voided, once, and not in a locked period', async () => {
    const { ManualJournalID } = (await journal()).body.ManualJournals[0];
    const end = { Narration: 'J-1 dispute', Status: 'VOIDED' };
    bench.xero.lock(bench.british, DATE);
    expect(complaints(await post('ManualJournals', ManualJournalID, end))).toEqual([LOCKED]);
    bench.xero.lock(bench.british, '2026-11-19');
    expect((await post('ManualJournals', ManualJournalID, end)).body.ManualJournals[0].Status).toBe('VOIDED');
    expect((await post('ManualJournals', ManualJournalID, end)).status).toBe(400);
    expect(bench.xero.balances(bench.british)).toEqual({});
  });
});

test('a token without the scope cannot touch bank transactions or journals', async () => {
  const narrow = await openBench();
  const scope = 'openid offline_access accounting.invoices accounting.contacts accounting.settings.read';
  const token = (await connect(narrow.xero, scope)).body.access_token;
  for (const list of ['BankTransactions', 'BankTransfers', 'ManualJournals']) {
    expect((await narrow.call('GET', `/${list}`, { token })).status, list).toBe(401);
  }
  await narrow.xero.close();
});
