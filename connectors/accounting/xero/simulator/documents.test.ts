import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, complaints, line, openBench, plainInvoice } from './test-client.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.xero.close());

const note = (fields: object = {}) =>
  bench.call('PUT', '/CreditNotes', {
    body: { CreditNotes: [{ ...plainInvoice(bench), Type: 'ACCRECCREDIT', ...fields }] },
  });

describe('sums', () => {
  test('are exact in the answer, written as JSON numbers with the currency’s decimals', async () => {
    // 3 × 0.35 = 1.05 net; 20 % of 1.05 = 0.21.
    const answer = await bench.invoice({ LineItems: [line({ Quantity: 3, UnitAmount: 0.35 })] });
    expect(answer.text).toContain('"SubTotal":1.05,"TotalTax":0.21,"Total":1.26');
    expect(answer.text).toContain('"DateString":"2026-11-20T00:00:00","Date":"/Date(1795132800000+0000)/"');
    expect(answer.body.Invoices[0]).toMatchObject({ Status: 'AUTHORISED', AmountDue: 1.26, AmountPaid: 0 });
    expect(answer.body).toMatchObject({ Status: 'OK', DateTimeUTC: '/Date(1795262400000)/' });
  });

  test('round tax half up per line, not over the document', async () => {
    // 0.13 at 20 % = 0.026 → 0.03 each; over the sum it would be 0.078 → 0.08.
    const lines = [1, 2, 3].map(() => line({ Quantity: 1, UnitAmount: 0.13 }));
    const { Invoices } = (await bench.invoice({ LineItems: lines })).body;
    expect(Invoices[0]).toMatchObject({ SubTotal: 0.39, TotalTax: 0.09, Total: 0.48 });
    // 0.125 → 0.13, upwards at the half: 2.50 at 5 %.
    const half = await bench.invoice({ LineItems: [line({ Quantity: 1, UnitAmount: 2.5, TaxType: 'RROUTPUT' })] });
    expect(half.body.Invoices[0].TotalTax).toBe(0.13);
  });

  test('take the tax out of inclusive amounts', async () => {
    // 10.00 at 20 %: 10 × 20/120 = 1.6667 → 1.67.
    const lines = [line({ Quantity: 1, UnitAmount: 10 })];
    const { Invoices } = (await bench.invoice({ LineAmountTypes: 'Inclusive', LineItems: lines })).body;
    expect(Invoices[0]).toMatchObject({ SubTotal: 8.33, TotalTax: 1.67, Total: 10 });
  });

  test('use the tax that a line states instead of computing it', async () => {
    const { Invoices } = (await bench.invoice({ LineItems: [line({ TaxAmount: 3.99 })] })).body;
    expect(Invoices[0]).toMatchObject({ SubTotal: 20, TotalTax: 3.99, Total: 23.99 });
  });

  test('give a line without TaxType the default tax of its account: 100.00 becomes 108.25', async () => {
    const contact = await bench.call('PUT', '/Contacts', { tenant: bench.american, body: { Name: 'Trap' } });
    const Contact = { ContactID: contact.body.Contacts[0].ContactID };
    const LineItems = [{ Description: 'Mug', Quantity: 1, UnitAmount: 100, AccountCode: '4000' }];
    const { Invoices } = (await bench.invoice({ Contact, LineItems }, { tenant: bench.american })).body;
    expect(Invoices[0]).toMatchObject({ TotalTax: 8.25, Total: 108.25, CurrencyCode: 'USD' });
  });

  test('know no tax with NoTax', async () => {
    const { Invoices } = (await bench.invoice({ LineAmountTypes: 'NoTax' })).body;
    expect(Invoices[0]).toMatchObject({ TotalTax: 0, Total: 20 });
  });

  test('round a unit price to two decimals before multiplying, to four with unitdp=4', async () => {
    const body = { Invoices: [{ ...plainInvoice(bench), LineItems: [line({ Quantity: 100, UnitAmount: 0.125 })] }] };
    expect((await bench.call('PUT', '/Invoices', { body })).body.Invoices[0].SubTotal).toBe(13);
    expect((await bench.call('PUT', '/Invoices?unitdp=4', { body })).body.Invoices[0].SubTotal).toBe(12.5);
  });

  test('follow the currency’s own decimals', async () => {
    const LineItems = [line({ Quantity: 1, UnitAmount: 1005, TaxType: 'NONE' })];
    const yen = await bench.invoice({ CurrencyCode: 'JPY', LineItems });
    expect(yen.text).toContain('"Total":1005,');
    const dinar = await bench.invoice({ CurrencyCode: 'KWD', LineItems: [line({ Quantity: 1, UnitAmount: 1.25 })] });
    expect(dinar.text).toContain('"Total":1.500,');
  });

  test('of a document without value settle it at once', async () => {
    const { Invoices } = (await bench.invoice({ LineItems: [line({ UnitAmount: 0 })] })).body;
    expect(Invoices[0]).toMatchObject({ Total: 0, Status: 'PAID' });
  });

  test('take discounts off the line', async () => {
    const LineItems = [line({ DiscountRate: 10 }), line({ DiscountAmount: 0.5 })];
    const { Invoices } = (await bench.invoice({ LineItems })).body;
    expect(Invoices[0]).toMatchObject({ SubTotal: 37.5, TotalTax: 7.5, Total: 45 });
  });
});

describe('a document is refused', () => {
  const cases: [string, object, string | RegExp][] = [
    [
      'when LineAmount is not quantity × price',
      { LineItems: [line({ LineAmount: 19.99 })] },
      /^The line total 19\.99 does not match the expected line total 20\.00/,
    ],
    [
      'for an unknown account',
      { LineItems: [line({ AccountCode: '0815' })] },
      "Account code '0815' is not a valid code for this document.",
    ],
    [
      'for a bank account on a line',
      { LineItems: [line({ AccountCode: '1200' })] },
      "Account code '1200' is not a valid code for this document.",
    ],
    [
      'for a system account on a line',
      { LineItems: [line({ AccountCode: '1100' })] },
      "Account code '1100' is not a valid code for this document.",
    ],
    [
      'for an unknown tax',
      { LineItems: [line({ TaxType: 'TAX999' })] },
      'The TaxType code TAX999 does not exist or cannot be used for this type of transaction.',
    ],
    [
      'for a purchase tax on revenue',
      { LineItems: [line({ TaxType: 'INPUT2' })] },
      'The TaxType code INPUT2 does not exist or cannot be used for this type of transaction.',
    ],
    ['in a currency that is not enabled', { CurrencyCode: 'CHF' }, 'Organisation is not subscribed to currency CHF'],
    ['when approved without due date', { DueDate: undefined }, /^Due date must be specified/],
    [
      'when approved without account',
      { LineItems: [line({ AccountCode: undefined })] },
      /^Account code must be specified/,
    ],
    ['when approved without lines', { LineItems: [] }, 'One or more line items must be specified'],
    ['when its total is negative', { LineItems: [line({ Quantity: -1 })] }, /cannot be negative/],
    ['without contact', { Contact: undefined }, 'A Contact must be specified for this type of transaction'],
    [
      'for an unknown contact',
      { Contact: { ContactID: '00000000-0000-4000-a000-000000000000' } },
      /could not be found/,
    ],
    ['with a date that is none', { Date: '2026-02-30' }, /^The Date value is not a valid date/],
    ['with a relative Url', { Url: '/orders/1' }, /^Url must be/],
    ['with an amount that is no number', { LineItems: [line({ UnitAmount: 'ten' })] }, /^The UnitAmount value/],
  ];
  test.each(cases)('%s', async (_what, fields, expected) => {
    const answer = await bench.invoice(fields);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ ErrorNumber: 10, Type: 'ValidationException' });
    const said = complaints(answer);
    if (typeof expected === 'string') expect(said).toContain(expected);
    else
      expect(
        said.some((text) => expected.test(text)),
        said.join(' / '),
      ).toBe(true);
    expect(bench.xero.documents(bench.british)).toEqual([]);
  });

  test('for an archived account and a removed tax rate', async () => {
    bench.xero.archiveAccount(bench.british, '4000');
    expect(complaints(await bench.invoice())).toEqual(["Account code '4000' is not a valid code for this document."]);
    bench.xero.removeTaxRate(bench.british, 'RROUTPUT');
    const answer = await bench.invoice({ LineItems: [line({ AccountCode: '4001', TaxType: 'RROUTPUT' })] });
    expect(complaints(answer)[0]).toBe(
      'The TaxType code RROUTPUT does not exist or cannot be used for this type of transaction.',
    );
    const rates = (await bench.call('GET', '/TaxRates?where=Status=="ACTIVE"')).body.TaxRates;
    expect(rates.map((rate: { TaxType: string }) => rate.TaxType)).not.toContain('RROUTPUT');
  });

  test('on or before a lock date, the end of the year first', async () => {
    bench.xero.lockDates(bench.british, { period: '2026-11-20' });
    expect(complaints(await bench.invoice())).toEqual(['The document date cannot be before the period lock date']);
    expect((await bench.invoice({ Date: '2026-11-21' })).status).toBe(200);
    expect((await bench.invoice({ Status: 'DRAFT' })).status).toBe(200);
    bench.xero.lockDates(bench.british, { yearEnd: '2025-12-31' });
    expect(complaints(await bench.invoice({ Date: '2025-12-31' }))).toEqual([
      'The document date cannot be before the end of year lock date',
    ]);
    const [organisation] = (await bench.call('GET', '/Organisation')).body.Organisations;
    expect(organisation.PeriodLockDate).toBe('/Date(1795132800000+0000)/');
    expect(organisation.EndOfYearLockDate).toBe('/Date(1767139200000+0000)/');
  });

  test('when a credit note carries a discount', async () => {
    expect(complaints(await note({ LineItems: [line({ DiscountRate: 10 })] }))).toEqual([
      'Discounts are not supported on credit notes.',
    ]);
  });
});

describe('numbers', () => {
  test('are unique for PUT, per kind and without regard to case', async () => {
    expect((await bench.invoice({ InvoiceNumber: 'S-1' })).status).toBe(200);
    expect(complaints(await bench.invoice({ InvoiceNumber: 's-1' }))).toEqual(['Invoice # must be unique.']);
    expect((await note({ CreditNoteNumber: 'S-1' })).status).toBe(200);
    expect(complaints(await note({ CreditNoteNumber: 'S-1' }))).toEqual(['Credit note # must be unique.']);
    expect(bench.xero.documents(bench.british)).toHaveLength(2);
  });

  test('are unique within one request as well', async () => {
    const twice = [1, 2].map(() => ({ ...plainInvoice(bench), InvoiceNumber: 'S-1' }));
    const answer = await bench.call('PUT', '/Invoices?summarizeErrors=false', { body: { Invoices: twice } });
    const [first, second] = answer.body.Invoices;
    expect([first.StatusAttributeString, second.StatusAttributeString]).toEqual(['OK', 'ERROR']);
  });

  test('are given when none is sent', async () => {
    const numbers = [await bench.invoice(), await bench.invoice()].map(
      (answer) => answer.body.Invoices[0].InvoiceNumber,
    );
    expect(numbers).toEqual(['INV-0001', 'INV-0002']);
  });

  test('are free again once the document is void', async () => {
    await bench.invoice({ InvoiceNumber: 'S-1' });
    bench.xero.editByHand(bench.british, 'S-1', { status: 'VOIDED' });
    expect((await bench.invoice({ InvoiceNumber: 'S-1' })).status).toBe(200);
    expect(bench.xero.documents(bench.british).map(({ status }) => status)).toEqual(['VOIDED', 'AUTHORISED']);
  });
});

describe('POST', () => {
  test('with a number that is there edits that document, which is why nobody may create with it', async () => {
    await bench.invoice({ InvoiceNumber: 'S-1' });
    const edit = { ...plainInvoice(bench), InvoiceNumber: 'S-1', LineItems: [line({ Quantity: 5 })] };
    const answer = await bench.call('POST', '/Invoices', { body: { Invoices: [edit] } });
    expect(answer.body.Invoices[0].Total).toBe(60);
    expect(bench.xero.documents(bench.british)).toMatchObject([{ number: 'S-1', total: 6000n }]);
    expect(bench.xero.totals(bench.british)).toEqual({ count: 1, total: 6000n, tax: 1000n });
  });

  test('cannot touch lines that money hangs on, nor void them', async () => {
    await bench.invoice({ InvoiceNumber: 'S-1' });
    const payment = { Invoice: { InvoiceNumber: 'S-1' }, Account: { Code: '1200' }, Date: '2026-11-20', Amount: 1 };
    expect((await bench.call('PUT', '/Payments', { body: payment })).status).toBe(200);
    for (const edit of [{ LineItems: [line({ Quantity: 5 })] }, { Status: 'VOIDED' }]) {
      const answer = await bench.call('POST', '/Invoices', { body: { InvoiceNumber: 'S-1', ...edit } });
      expect(complaints(answer)).toContain(
        'This document cannot be edited as it has a payment or credit note allocated to it.',
      );
    }
    expect(bench.xero.documents(bench.british)).toMatchObject([{ total: 2400n, open: 2300n }]);
  });

  test('voids what nothing hangs on', async () => {
    const { InvoiceID } = (await bench.invoice()).body.Invoices[0];
    const answer = await bench.call('POST', `/Invoices/${InvoiceID}`, { body: { Status: 'VOIDED' } });
    expect(answer.body.Invoices[0]).toMatchObject({ Status: 'VOIDED', AmountDue: 0 });
    expect(bench.xero.totals(bench.british)).toEqual({ count: 0, total: 0n, tax: 0n });
  });
});

describe('contacts', () => {
  const put = (fields: object) => bench.call('PUT', '/Contacts', { body: { Contacts: [fields] } });

  test('have a name that no other active contact has', async () => {
    expect((await put({ Name: 'Ada', ContactNumber: 'c-1' })).status).toBe(200);
    expect(complaints(await put({ Name: ' ada' }))[0]).toMatch(
      /^The contact name {2}?ada is already assigned to another contact\. The contact name must be unique/,
    );
  });

  test('have a number that no other contact has, and are found by it', async () => {
    await put({ Name: 'Ada', ContactNumber: 'c-1' });
    expect(complaints(await put({ Name: 'Bob', ContactNumber: 'c-1' }))).toEqual([
      'Another contact has this contact number. Please enter a different contact number.',
    ]);
    const found = await bench.call('GET', '/Contacts?where=ContactNumber=="c-1"&includeArchived=true');
    expect(found.body.Contacts).toMatchObject([{ Name: 'Ada', ContactNumber: 'c-1' }]);
    expect((await bench.call('GET', '/Contacts?where=ContactNumber=="c-2"')).body.Contacts).toEqual([]);
  });

  test('are doubled by a document that names one by its bare name', async () => {
    await put({ Name: 'Ada' });
    await bench.invoice({ Contact: { Name: 'Ada' } });
    expect((await bench.call('GET', '/Contacts?where=Name=="Ada"')).body.Contacts).toHaveLength(2);
  });

  test('are refused with a number above 50 characters or an address that is none', async () => {
    expect((await put({ Name: 'Ada', ContactNumber: 'x'.repeat(51) })).status).toBe(400);
    expect(complaints(await put({ Name: 'Ada', EmailAddress: 'ada' }))).toEqual(['Email address must be valid.']);
  });
});

describe('several documents in one request', () => {
  const batch = (query: string) => {
    const good = { ...plainInvoice(bench), InvoiceNumber: 'S-1' };
    const bad = { ...plainInvoice(bench), InvoiceNumber: 'S-2', CurrencyCode: 'CHF', Contact: { Name: 'New' } };
    return bench.call('PUT', `/Invoices${query}`, { body: { Invoices: [good, bad] } });
  };

  test('are all refused when one is wrong, unless asked otherwise', async () => {
    for (const query of ['', '?summarizeErrors=true']) {
      const answer = await batch(query);
      expect(answer.status).toBe(400);
      expect(answer.body.Elements).toHaveLength(1);
      expect(answer.body.Elements[0].InvoiceNumber).toBe('S-2');
    }
    expect(bench.xero.documents(bench.british)).toEqual([]);
    expect((await bench.call('GET', '/Contacts')).body.Contacts).toHaveLength(1);
  });

  test('answer one by one with summarizeErrors=false', async () => {
    const answer = await batch('?summarizeErrors=false');
    expect(answer.status).toBe(200);
    expect(answer.body.Invoices).toMatchObject([
      { InvoiceNumber: 'S-1', StatusAttributeString: 'OK', HasErrors: false, Total: 24 },
      {
        InvoiceNumber: 'S-2',
        StatusAttributeString: 'ERROR',
        HasErrors: true,
        InvoiceID: '00000000-0000-0000-0000-000000000000',
        ValidationErrors: [{ Message: 'Organisation is not subscribed to currency CHF' }],
      },
    ]);
    expect(bench.xero.documents(bench.british)).toMatchObject([{ number: 'S-1' }]);
  });

  test.each([
    ['nothing', '', 14, 'PostDataInvalidException'],
    ['no JSON', '{"Invoices":[', 14, 'PostDataInvalidException'],
    ['no element', '{"Invoices":[]}', 17, 'NoDataProcessedException'],
  ])('are refused when there is %s', async (_what, body, number, type) => {
    const answer = await bench.call('PUT', '/Invoices', { body });
    expect([answer.status, answer.body.ErrorNumber, answer.body.Type]).toEqual([400, number, type]);
  });
});
