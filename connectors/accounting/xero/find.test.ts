import type { Allocation, BookDocument, BookPayment, CreditNote, Invoice } from '@daybook/domain';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { API, CREDIT_NOTE_ID, fixture, handed, INVOICE_ID, mapping } from './test-support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

const invoice = fixture('invoice').document as Invoice;
const creditNote = fixture('credit-note').document as CreditNote;
const payment = fixture('payment').document as BookPayment;
const refund = fixture('refund-payment').document as BookPayment;
const allocation = fixture('allocation').document as Allocation;

const there = {
  Type: 'ACCREC',
  InvoiceID: INVOICE_ID,
  InvoiceNumber: 'S-1001',
  Status: 'PAID',
  Total: 52.0,
  TotalTax: 7.25,
  CurrencyCode: 'GBP',
};

function get(path: string, query: Record<string, string>, body: unknown): void {
  nock(API).get(`/api.xro/2.0${path}`).query(query).reply(200, JSON.stringify(body));
}

describe('looking documents up', () => {
  test('invoices are found by number in one call, with what is needed to adopt them', async () => {
    const other = { ...invoice, number: 'S-1002' };
    get('/Invoices', { InvoiceNumbers: 'S-1002,S-1001' }, { Invoices: [there] });
    expect(await connector.find([other, invoice], mapping, handed().api)).toEqual([
      null,
      {
        remoteId: INVOICE_ID,
        number: 'S-1001',
        total: 5200n,
        tax: 725n,
        currency: 'GBP',
        status: 'PAID',
        url: `https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=${INVOICE_ID}`,
      },
    ]);
  });

  test.each([
    ['was voided', { ...there, Status: 'VOIDED' }],
    ['was deleted', { ...there, Status: 'DELETED' }],
    ['is a bill of a supplier', { ...there, Type: 'ACCPAY' }],
    ['differs in case', { ...there, InvoiceNumber: 's-1001' }],
  ])('an invoice that %s is not ours', async (_, element) => {
    get('/Invoices', { InvoiceNumbers: 'S-1001' }, { Invoices: [element] });
    expect(await connector.find([invoice], mapping, handed().api)).toEqual([null]);
  });

  test('two hundred numbers go out in calls whose path stays below 2,000 characters', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ ...invoice, number: `SHOP-ORDER-2026-${1000 + index}` }));
    const { api } = handed();
    const paths: string[] = [];
    const answer = { status: 200, headers: {}, text: '{"Invoices":[]}' };
    const http = {
      request: async ({ url }: { url: string }) => {
        paths.push(url.slice(`${API}/api.xro/2.0`.length));
        return answer;
      },
    };
    expect(await connector.find(many, mapping, { ...api, http })).toEqual(many.map(() => null));
    expect(Math.max(...paths.map((path) => path.length))).toBeLessThanOrEqual(2000);
    // 26 + 20 characters for the first number and 21 for each further one: 94 fit.
    expect(paths.length).toBe(3);
    const asked = paths.flatMap((path) => decodeURIComponent(path.split('=')[1] ?? '').split(','));
    expect(asked).toEqual(many.map(({ number }) => number));
  });

  test('credit notes are found by a filter on their number', async () => {
    const element = {
      Type: 'ACCRECCREDIT',
      CreditNoteID: CREDIT_NOTE_ID,
      CreditNoteNumber: 'R-1001-1',
      Status: 'AUTHORISED',
      Total: 12.01,
      TotalTax: 1.99,
      CurrencyCode: 'GBP',
    };
    const where = 'CreditNoteNumber=="R-1001-1" OR CreditNoteNumber=="R-1002-1"';
    get('/CreditNotes', { where }, { CreditNotes: [element] });
    const found = await connector.find([creditNote, { ...creditNote, number: 'R-1002-1' }], mapping, handed().api);
    expect(found[0]).toMatchObject({ remoteId: CREDIT_NOTE_ID, total: 1201n, tax: 199n });
    expect(found[1]).toBeNull();
  });

  test('payments are found among those of their invoice, by our number in Reference', async () => {
    const of = (PaymentID: string, Reference: string, Status = 'AUTHORISED') => ({
      PaymentID,
      Reference,
      Status,
      Amount: 52.0,
      Invoice: { Type: 'ACCREC', InvoiceID: INVOICE_ID, CurrencyCode: 'GBP' },
    });
    get(
      '/Payments',
      { where: `Invoice.InvoiceID==guid("${INVOICE_ID}")`, page: '1' },
      {
        Payments: [of('p-other', 'Bank feed'), of('p-deleted', 'P-1001-1', 'DELETED'), of('p-ours', 'P-1001-1')],
      },
    );
    expect(await connector.find([payment], mapping, handed().api)).toMatchObject([
      { remoteId: 'p-ours', number: 'P-1001-1', total: 5200n, tax: 0n, currency: 'GBP' },
    ]);
  });

  test('a payment of a credit note is found although lists show the credit note as an invoice', async () => {
    const where = `Invoice.InvoiceID==guid("${CREDIT_NOTE_ID}") OR CreditNote.CreditNoteID==guid("${CREDIT_NOTE_ID}")`;
    const element = {
      PaymentID: 'p-refund',
      Reference: 'P-R-1001-1',
      Status: 'AUTHORISED',
      PaymentType: 'ARCREDITPAYMENT',
      Amount: 12.01,
      Invoice: { Type: 'ACCRECCREDIT', InvoiceID: CREDIT_NOTE_ID, CurrencyCode: 'GBP' },
    };
    get('/Payments', { where, page: '1' }, { Payments: [element] });
    expect(await connector.find([refund], mapping, handed().api)).toMatchObject([{ remoteId: 'p-refund' }]);
  });

  test('a payment with our reference on another document is not taken', async () => {
    const element = {
      PaymentID: 'p-1',
      Reference: 'P-1001-1',
      Status: 'AUTHORISED',
      Amount: 52.0,
      Invoice: { InvoiceID: 'another', CurrencyCode: 'GBP' },
    };
    get('/Payments', { where: `Invoice.InvoiceID==guid("${INVOICE_ID}")`, page: '1' }, { Payments: [element] });
    expect(await connector.find([payment], mapping, handed().api)).toEqual([null]);
  });

  test('every page of payments is read', async () => {
    const where = `Invoice.InvoiceID==guid("${INVOICE_ID}")`;
    const strangers = Array.from({ length: 100 }, () => ({ Reference: 'x', Status: 'AUTHORISED' }));
    const ours = { ...JSON.parse(fixture('payment').response.body).Payments[0] };
    get('/Payments', { where, page: '1' }, { Payments: strangers });
    get('/Payments', { where, page: '2' }, { Payments: [ours] });
    expect(await connector.find([payment], mapping, handed().api)).toEqual([fixture('payment').expected]);
  });

  test('two equal allocations are two: one that is there stands for one of them only', async () => {
    const element = { AllocationID: 'a-1', Amount: 7.0, Invoice: { InvoiceID: INVOICE_ID } };
    const other = { AllocationID: 'a-2', Amount: 5.0, Invoice: { InvoiceID: INVOICE_ID } };
    const taken = { ...element, AllocationID: 'a-3', IsDeleted: true };
    get(
      `/CreditNotes/${CREDIT_NOTE_ID}`,
      {},
      {
        CreditNotes: [{ CreditNoteID: CREDIT_NOTE_ID, Status: 'AUTHORISED', Allocations: [taken, other, element] }],
      },
    );
    const twice = [allocation, { ...allocation, number: 'A-1001-2' }];
    const found = await connector.find(twice, mapping, handed().api);
    expect(found[0]).toMatchObject({ remoteId: 'a-1', number: 'A-1001-1', total: 700n });
    expect(found[1]).toBeNull();
  });

  test('money received and spent is found by our number in Reference, never one side of a transfer', async () => {
    const { document: payout, expected } = fixture('payout');
    const [entry] = JSON.parse(fixture('payout').response.body).BankTransactions;
    const lost = { ...payout, number: 'STR-po1-lost' };
    const half = { ...entry, Type: 'RECEIVE-TRANSFER', Reference: 'STR-po1-lost' };
    const where = 'Reference=="STR-po1-77ab02" OR Reference=="STR-po1-lost"';
    const BankTransactions = [{ ...entry, BankTransactionID: 'deleted', Status: 'DELETED' }, half, entry];
    get('/BankTransactions', { where, page: '1' }, { BankTransactions });
    // What is not there may have become something else while other accounts were mapped.
    const day = 'Date>=DateTime(2026, 11, 09) AND Date<DateTime(2026, 11, 10)';
    get('/ManualJournals', { where: day, page: '1' }, { ManualJournals: [] });
    get('/BankTransfers', { where: day }, { BankTransfers: [] });
    expect(await connector.find([payout, lost], mapping, handed().api)).toEqual([expected, null]);
  });

  test('transfers between bank accounts are matched among those of the day', async () => {
    const { document, expected } = fixture('transfer');
    const [transfer] = JSON.parse(fixture('transfer').response.body).BankTransfers;
    const where = 'Date>=DateTime(2026, 12, 31) AND Date<DateTime(2027, 01, 01)';
    const BankTransfers = [{ ...transfer, Reference: 'by hand' }, { ...transfer, Status: 'DELETED' }, transfer];
    get('/BankTransfers', { where }, { BankTransfers });
    const yearsEnd = { ...document, date: '2026-12-31' };
    expect(await connector.find([yearsEnd], mapping, handed().api)).toEqual([expected]);
  });

  test('journals are found by the first word of their narration, on every page of the day', async () => {
    const { document, expected } = fixture('journal');
    const [journal] = JSON.parse(fixture('journal').response.body).ManualJournals;
    const where = 'Date>=DateTime(2026, 11, 09) AND Date<DateTime(2026, 11, 10)';
    const others = Array.from({ length: 98 }, () => ({ ...journal, Narration: 'STR-dp1-91e3d0-2 #1001' }));
    const gone = [
      { ...journal, Status: 'VOIDED' },
      { ...journal, Status: 'DELETED' },
    ];
    get('/ManualJournals', { where, page: '1' }, { ManualJournals: [...others, ...gone] });
    get('/ManualJournals', { where, page: '2' }, { ManualJournals: [journal] });
    expect(await connector.find([document], mapping, handed().api)).toEqual([expected]);
  });

  test('what went out as another kind, before a role was mapped anew, is found and not sent again', async () => {
    const [journal] = JSON.parse(fixture('reserve').response.body).ManualJournals;
    const { number } = fixture('reserve').document;
    // Today a payout between bank accounts; then a journal.
    const document = { ...fixture('transfer').document, number, amount: 900n } as BookDocument;
    const where = 'Date>=DateTime(2026, 11, 09) AND Date<DateTime(2026, 11, 10)';
    get('/BankTransfers', { where }, { BankTransfers: [] });
    get('/ManualJournals', { where, page: '1' }, { ManualJournals: [journal] });
    expect(await connector.find([document], mapping, handed().api)).toEqual([fixture('reserve').expected]);
  });

  test('nothing asked, nothing called', async () => {
    expect(await connector.find([], mapping, handed().api)).toEqual([]);
  });

  test('an answer without the list is an error, never "not there"', async () => {
    nock(API).get('/api.xro/2.0/Invoices').query(true).reply(200, '<html></html>');
    await expect(connector.find([invoice], mapping, handed().api)).rejects.toMatchObject({
      kind: 'retryable',
      code: 'BOOKS_ANSWER_UNREADABLE',
      ambiguous: false,
    });
  });
});
