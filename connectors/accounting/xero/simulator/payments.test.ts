import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, complaints, openBench, plainInvoice, type Reply } from './test-client.ts';

let bench: Bench;
let invoiceId: string;
let noteId: string;
beforeEach(async () => {
  bench = await openBench();
  // Both 24.00.
  invoiceId = (await bench.invoice({ InvoiceNumber: 'S-1' })).body.Invoices[0].InvoiceID;
  const note = { ...plainInvoice(bench), Type: 'ACCRECCREDIT', CreditNoteNumber: 'R-1' };
  noteId = (await bench.call('PUT', '/CreditNotes', { body: { CreditNotes: [note] } })).body.CreditNotes[0]
    .CreditNoteID;
});
afterEach(() => bench.xero.close());

const pay = (fields: object): Promise<Reply> =>
  bench.call('PUT', '/Payments', {
    body: {
      Payments: [
        { Invoice: { InvoiceID: invoiceId }, Account: { Code: '1200' }, Date: '2026-11-20', Amount: 24, ...fields },
      ],
    },
  });
const allocate = (fields: object): Promise<Reply> =>
  bench.call('PUT', `/CreditNotes/${noteId}/Allocations`, {
    body: { Allocations: [{ Invoice: { InvoiceID: invoiceId }, Amount: 10, Date: '2026-11-20', ...fields }] },
  });
const invoiceNow = async () => (await bench.call('GET', `/Invoices/${invoiceId}`)).body.Invoices[0];
const noteNow = async () => (await bench.call('GET', '/CreditNotes/R-1')).body.CreditNotes[0];

describe('a payment', () => {
  test('settles an invoice bit by bit, until it is PAID', async () => {
    const first = await pay({ Amount: 10, Reference: 'P-1' });
    expect(first.body.Payments[0]).toMatchObject({
      Amount: 10,
      PaymentType: 'ACCRECPAYMENT',
      Status: 'AUTHORISED',
      Account: { Code: '1200' },
      Invoice: { InvoiceNumber: 'S-1', AmountDue: 14, AmountPaid: 10, Status: 'AUTHORISED' },
    });
    await pay({ Amount: 14 });
    expect(await invoiceNow()).toMatchObject({ Status: 'PAID', AmountDue: 0, AmountPaid: 24 });
    expect((await invoiceNow()).Payments).toMatchObject([{ Amount: 10, Reference: 'P-1' }, { Amount: 14 }]);
  });

  test('of a credit note names it as CreditNote when made and as Invoice when listed', async () => {
    const made = await pay({ Invoice: undefined, CreditNote: { CreditNoteID: noteId }, Amount: 24, Reference: 'P-2' });
    expect(made.body.Payments[0]).toMatchObject({
      PaymentType: 'ARCREDITPAYMENT',
      CreditNote: { CreditNoteNumber: 'R-1' },
    });
    expect(made.body.Payments[0].Invoice).toBeUndefined();
    const { PaymentID } = made.body.Payments[0];
    const listed = (await bench.call('GET', `/Payments/${PaymentID}`)).body.Payments[0];
    expect(listed.Invoice).toMatchObject({ Type: 'ACCRECCREDIT', InvoiceID: noteId, InvoiceNumber: 'R-1' });
    expect(await noteNow()).toMatchObject({ RemainingCredit: 0, Status: 'PAID' });
  });

  test('is refused above what is open, also when two of one request share it', async () => {
    expect(complaints(await pay({ Amount: 24.01 }))).toEqual([
      'Payment amount exceeds the amount outstanding on this document',
    ]);
    const half = { Invoice: { InvoiceID: invoiceId }, Account: { Code: '1200' }, Date: '2026-11-20', Amount: 15 };
    const both = await bench.call('PUT', '/Payments?summarizeErrors=false', { body: { Payments: [half, half] } });
    expect(both.body.Payments.map((each: { StatusAttributeString: string }) => each.StatusAttributeString)).toEqual([
      'OK',
      'ERROR',
    ]);
    expect(await invoiceNow()).toMatchObject({ AmountDue: 9 });
  });

  test('is refused on a draft and on what is settled already', async () => {
    await bench.invoice({ InvoiceNumber: 'S-2', Status: 'DRAFT' });
    expect(complaints(await pay({ Invoice: { InvoiceNumber: 'S-2' } }))).toContain(
      'Payments can only be made against Authorised documents',
    );
    await pay({});
    expect(complaints(await pay({ Amount: 1 }))).toEqual([
      'Payments can only be made against Authorised documents',
      'Payment amount exceeds the amount outstanding on this document',
    ]);
  });

  test.each([
    ['an account that takes none', { Account: { Code: '4000' } }, /payments enabled/],
    ['an unknown account', { Account: { Code: '0815' } }, /^Account could not be found/],
    ['no amount', { Amount: 0 }, /greater than zero/],
    ['an unknown invoice', { Invoice: { InvoiceNumber: 'S-9' } }, /could not be found/],
  ])('is refused with %s', async (_what, fields, expected) => {
    expect(complaints(await pay(fields)).join()).toMatch(expected);
    expect((await invoiceNow()).AmountPaid).toBe(0);
  });

  test('goes to a liability that was opened for payments, and by AccountID', async () => {
    const accounts = (await bench.call('GET', '/Accounts?where=Code=="2120"')).body.Accounts;
    expect(accounts).toMatchObject([{ Name: 'Gift card liability', Type: 'CURRLIAB', EnablePaymentsToAccount: true }]);
    expect((await pay({ Account: { AccountID: accounts[0].AccountID } })).status).toBe(200);
  });

  test('in a locked period is refused; before the invoice date it is only warned about', async () => {
    const early = await pay({ Date: '2026-11-19', Amount: 1 });
    expect(early.body.Payments[0].Warnings).toEqual([{ Message: 'The payment date is prior to the invoice date.' }]);
    bench.xero.lock(bench.british, '2026-11-20');
    expect(complaints(await pay({ Amount: 1 }))).toEqual(['The document date cannot be before the period lock date']);
  });

  test('has no unique field: sent twice it is booked twice', async () => {
    await pay({ Amount: 10, Reference: 'P-1' });
    await pay({ Amount: 10, Reference: 'P-1' });
    const query = `where=Invoice.InvoiceID==guid("${invoiceId}")`;
    expect((await bench.call('GET', `/Payments?${query}`)).body.Payments).toHaveLength(2);
  });

  test('can be deleted, which opens the invoice again, and nothing else', async () => {
    const { PaymentID } = (await pay({})).body.Payments[0];
    expect((await bench.call('POST', `/Payments/${PaymentID}`, { body: { Amount: 1 } })).status).toBe(400);
    const deleted = await bench.call('POST', `/Payments/${PaymentID}`, { body: { Status: 'DELETED' } });
    expect(deleted.body.Payments[0].Status).toBe('DELETED');
    expect(await invoiceNow()).toMatchObject({ Status: 'AUTHORISED', AmountDue: 24, Payments: [] });
    expect((await bench.call('POST', `/Payments/${PaymentID}`, { body: { Status: 'DELETED' } })).status).toBe(400);
  });
});

describe('an allocation', () => {
  test('sets credit against an open invoice', async () => {
    const answer = await allocate({});
    expect(answer.body.Allocations[0]).toMatchObject({ Amount: 10, Invoice: { InvoiceID: invoiceId } });
    expect(await invoiceNow()).toMatchObject({ AmountDue: 14, AmountCredited: 10, AmountPaid: 0 });
    expect((await invoiceNow()).CreditNotes).toMatchObject([{ CreditNoteNumber: 'R-1', AppliedAmount: 10 }]);
    expect(await noteNow()).toMatchObject({ RemainingCredit: 14, Allocations: [{ Amount: 10 }] });
    await allocate({ Amount: 14 });
    expect([(await invoiceNow()).Status, (await noteNow()).Status]).toEqual(['PAID', 'PAID']);
  });

  test('is refused above the remaining credit and above what the invoice has open', async () => {
    expect(complaints(await allocate({ Amount: 24.01 }))[0]).toMatch(/exceeds the remaining credit/);
    await pay({ Amount: 20 });
    expect(complaints(await allocate({ Amount: 5 }))).toEqual([
      'The amount exceeds the amount outstanding on this document',
    ]);
  });

  test('is refused between currencies and between customers', async () => {
    const other = (await bench.invoice({ CurrencyCode: 'EUR' })).body.Invoices[0];
    expect(complaints(await allocate({ Invoice: { InvoiceID: other.InvoiceID } }))[0]).toMatch(/same currency/);
    const stranger = (await bench.invoice({ Contact: { Name: 'Stranger' } })).body.Invoices[0];
    expect(complaints(await allocate({ Invoice: { InvoiceID: stranger.InvoiceID } }))[0]).toMatch(/same contact/);
  });

  test('of a credit note that is not there is not found', async () => {
    const path = '/CreditNotes/00000000-0000-4000-a000-000000000000/Allocations';
    expect((await bench.call('PUT', path, { body: { Amount: 1 } })).status).toBe(404);
  });
});

describe('reading', () => {
  const numbers = (answer: Reply) => answer.body.Invoices.map((each: { InvoiceNumber: string }) => each.InvoiceNumber);

  test('finds invoices by number, id, status and reference', async () => {
    await bench.invoice({ InvoiceNumber: 'S-2', Reference: '#1002' });
    expect(numbers(await bench.call('GET', '/Invoices?InvoiceNumbers=S-2,S-9,S-1'))).toEqual(['S-2', 'S-1']);
    expect(numbers(await bench.call('GET', `/Invoices?IDs=${invoiceId}`))).toEqual(['S-1']);
    expect(numbers(await bench.call('GET', '/Invoices?where=Reference=="%231002"'))).toEqual(['S-2']);
    expect(numbers(await bench.call('GET', '/Invoices?Statuses=PAID,DRAFT'))).toEqual([]);
    expect((await bench.call('GET', '/CreditNotes?where=CreditNoteNumber=="R-1"')).body.CreditNotes).toHaveLength(1);
  });

  test('leaves line items out of lists without a page', async () => {
    expect((await bench.call('GET', '/Invoices')).body.Invoices[0].LineItems).toEqual([]);
    expect((await bench.call('GET', '/Invoices?page=1')).body.Invoices[0].LineItems).toHaveLength(1);
    expect((await bench.call('GET', '/Invoices/S-1')).body.Invoices[0].LineItems).toHaveLength(1);
  });

  test('pages, a hundred at a time', async () => {
    const Invoices = Array.from({ length: 101 }, (_, index) => ({
      ...plainInvoice(bench),
      InvoiceNumber: `B-${index}`,
    }));
    await bench.call('PUT', '/Invoices', { body: { Invoices } });
    const first = (await bench.call('GET', '/Invoices?page=1')).body;
    expect([first.Invoices.length, first.pagination]).toEqual([
      100,
      { page: 1, pageSize: 100, pageCount: 2, itemCount: 102 },
    ]);
    expect((await bench.call('GET', '/Invoices?page=2')).body.Invoices).toHaveLength(2);
    expect((await bench.call('GET', '/Invoices?page=1&pageSize=1000')).body.Invoices).toHaveLength(102);
  });

  test('knows what changed since, payments included', async () => {
    const since = { 'if-modified-since': '2026-11-21T12:00:01' };
    expect((await bench.call('GET', '/Invoices', { headers: since })).body.Invoices).toEqual([]);
    bench.clock.now += 1000;
    await pay({ Amount: 1 });
    expect(numbers(await bench.call('GET', '/Invoices', { headers: since }))).toEqual(['S-1']);
  });

  test.each([
    ['an unknown field', 'Nonsense=="1"'],
    ['something else', 'drop table'],
    ['a mixture of AND and OR', 'Status=="PAID" AND Type=="ACCREC" OR Type=="ACCPAY"'],
  ])('refuses a filter with %s', async (_what, where) => {
    const answer = await bench.call('GET', `/Invoices?where=${encodeURIComponent(where)}`);
    expect([answer.status, answer.body.Type]).toEqual([400, 'QueryParseException']);
  });

  test('does not find what is not there, nor an address with more than 2,048 characters of query', async () => {
    expect((await bench.call('GET', '/Invoices/S-9')).status).toBe(404);
    const ids = (count: number) => Array.from({ length: count }, () => invoiceId).join(',');
    expect((await bench.call('GET', `/Invoices?IDs=${ids(52)}`)).status).toBe(200);
    expect((await bench.call('GET', `/Invoices?IDs=${ids(56)}`)).status).toBe(404);
    expect((await bench.call('GET', '/Nonsense')).status).toBe(404);
  });

  test('keeps organisations apart', async () => {
    expect((await bench.call('GET', '/Invoices', { tenant: bench.american })).body.Invoices).toEqual([]);
    expect((await bench.call('GET', '/Invoices/S-1', { tenant: bench.american })).status).toBe(404);
  });

  test('is in XML for a caller who does not ask for JSON', async () => {
    const answer = await bench.call('GET', '/Organisation', { headers: { accept: '*/*' } });
    expect(answer.headers.get('content-type')).toContain('text/xml');
  });
});
