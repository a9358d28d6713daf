import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, line, NOON, openBench, plainInvoice, temporaryFile } from './test-client.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.xero.close());

const DATE = '2026-11-20';
/** Debtors 1100, sales 4000, VAT 2200, Stripe clearing 1241, bank 1200, realised gains 499; what came to nothing left out. */
const balances = (of = bench) =>
  Object.fromEntries(Object.entries(of.xero.balances(of.british)).filter(([, amount]) => amount !== 0n));
const note = async (fields: object = {}) => {
  const body = { ...plainInvoice(bench), Type: 'ACCRECCREDIT', CreditNoteNumber: 'R-1', ...fields };
  return (await bench.call('PUT', '/CreditNotes', { body: { CreditNotes: [body] } })).body.CreditNotes[0].CreditNoteID;
};
const pay = async (fields: object) =>
  (await bench.call('PUT', '/Payments', { body: { Payments: [{ Date: DATE, ...fields }] } })).body.Payments[0];

describe('behind everything is double entry', () => {
  test('an invoice stands with the debtors until it is paid, in parts', async () => {
    const Invoice = { InvoiceID: (await bench.invoice()).body.Invoices[0].InvoiceID };
    expect(balances()).toEqual({ 1100: 2400n, 4000: -2000n, 2200: -400n });
    await pay({ Invoice, Account: { Code: '1241' }, Amount: 10 });
    await pay({ Invoice, Account: { Code: '1200' }, Amount: 14 });
    expect(balances()).toEqual({ 1241: 1000n, 1200: 1400n, 4000: -2000n, 2200: -400n });
  });

  test('a credit note is the opposite, set against an invoice or paid out', async () => {
    const Invoice = { InvoiceID: (await bench.invoice()).body.Invoices[0].InvoiceID };
    const CreditNoteID = await note();
    expect(balances()).toEqual({});
    const Allocations = [{ Invoice, Amount: 10, Date: DATE }];
    await bench.call('PUT', `/CreditNotes/${CreditNoteID}/Allocations`, { body: { Allocations } });
    await pay({ CreditNote: { CreditNoteID }, Account: { Code: '1200' }, Amount: 14 });
    expect(balances()).toEqual({ 1200: -1400n, 1100: 1400n });
  });

  test('amounts that include tax are split', async () => {
    // 24.00 × 20/120 = 4.00.
    await bench.invoice({ LineAmountTypes: 'Inclusive', LineItems: [line({ UnitAmount: 12 })] });
    expect(balances()).toEqual({ 1100: 2400n, 4000: -2000n, 2200: -400n });
  });

  test('drafts and what is voided count nothing', async () => {
    await bench.invoice({ Status: 'DRAFT' });
    const { InvoiceID } = (await bench.invoice()).body.Invoices[0];
    await bench.call('POST', `/Invoices/${InvoiceID}`, { body: { Invoices: [{ InvoiceID, Status: 'VOIDED' }] } });
    expect(balances()).toEqual({});
  });

  test('a foreign invoice is booked at its rate, and what a payment at another rate brings is a gain', async () => {
    // At 1.25 euros a pound: 20.00 → 16.00, 4.00 → 3.20. At 1.20 the 24.00 are 20.00.
    const foreign = await bench.invoice({ CurrencyCode: 'EUR', CurrencyRate: 1.25 });
    expect(balances()).toEqual({ 1100: 1920n, 4000: -1600n, 2200: -320n });
    const Invoice = { InvoiceID: foreign.body.Invoices[0].InvoiceID };
    await pay({ Invoice, Account: { Code: '1241' }, Amount: 24, CurrencyRate: 1.2 });
    expect(balances()).toEqual({ 1241: 2000n, 4000: -1600n, 2200: -320n, 499: -80n });
  });

  test('parts of a foreign invoice leave nothing with the debtors', async () => {
    // 10.00 at 3 is 3.33; 3.33, 3.33 and 3.34 are 1.11 each.
    const LineItems = [line({ Quantity: 1, UnitAmount: 10, TaxType: 'ZERORATEDOUTPUT' })];
    const foreign = await bench.invoice({ CurrencyCode: 'EUR', CurrencyRate: 3, LineItems });
    const Invoice = { InvoiceID: foreign.body.Invoices[0].InvoiceID };
    for (const Amount of [3.33, 3.33, 3.34]) {
      await pay({ Invoice, Account: { Code: '1241' }, Amount, CurrencyRate: 3 });
    }
    expect(balances()).toEqual({ 1241: 333n, 4000: -333n });
  });

  test('yen have no pence', async () => {
    const LineItems = [line({ Quantity: 1, UnitAmount: 1500, TaxType: 'ZERORATEDOUTPUT' })];
    await bench.invoice({ CurrencyCode: 'JPY', CurrencyRate: 150, LineItems });
    expect(balances()).toEqual({ 1100: 1000n, 4000: -1000n });
  });

  test('what the lines miss of the whole by a cent is rounding', async () => {
    // Twice 0.10 at 3 is 0.03 each, 0.06 in all; the whole 0.20 is 0.07.
    const LineItems = [1, 2].map(() => line({ Quantity: 1, UnitAmount: 0.1, TaxType: 'ZERORATEDOUTPUT' }));
    await bench.invoice({ CurrencyCode: 'EUR', CurrencyRate: 3, LineItems });
    expect(balances()).toEqual({ 1100: 7n, 4000: -6n, 860: -1n });
  });

  test('a rate counts with six decimals', async () => {
    const { body } = await bench.invoice({ CurrencyCode: 'EUR', CurrencyRate: 1.2345675 });
    expect(body.Invoices[0].CurrencyRate).toBe(1.234568);
  });

  test('credit at another rate than the invoice it is set against is a difference', async () => {
    // 24.00 euros: 19.20 at 1.25, 20.00 at 1.20. All of the credit is used up, so 0.80 of gain is left.
    const sold = await bench.invoice({ CurrencyCode: 'EUR', CurrencyRate: 1.25 });
    const CreditNoteID = await note({ CurrencyCode: 'EUR', CurrencyRate: 1.2 });
    const Allocations = [{ Invoice: { InvoiceID: sold.body.Invoices[0].InvoiceID }, Amount: 24, Date: DATE }];
    await bench.call('PUT', `/CreditNotes/${CreditNoteID}/Allocations`, { body: { Allocations } });
    // Sales −16.00 + 16.67, VAT −3.20 + 3.33.
    expect(balances()).toEqual({ 4000: 67n, 2200: 13n, 499: -80n });
  });
});

describe('taking back', () => {
  test('an allocation opens both sides again, once', async () => {
    const { InvoiceID } = (await bench.invoice()).body.Invoices[0];
    const CreditNoteID = await note();
    const list = `/CreditNotes/${CreditNoteID}/Allocations`;
    const Allocations = [{ Invoice: { InvoiceID }, Amount: 10, Date: DATE }];
    const { AllocationID } = (await bench.call('PUT', list, { body: { Allocations } })).body.Allocations[0];
    bench.xero.lock(bench.british, DATE);
    expect((await bench.call('DELETE', `${list}/${AllocationID}`)).status).toBe(400);
    bench.xero.lock(bench.british, '2026-11-19');
    const deleted = await bench.call('DELETE', `${list}/${AllocationID}`);
    expect(deleted.body).toMatchObject({ AllocationId: AllocationID, IsDeleted: true });
    const [opened] = (await bench.call('GET', `/CreditNotes/${CreditNoteID}`)).body.CreditNotes;
    expect(opened).toMatchObject({ RemainingCredit: 24, Allocations: [] });
    expect((await bench.call('GET', `/Invoices/${InvoiceID}`)).body.Invoices[0]).toMatchObject({
      AmountDue: 24,
      CreditNotes: [],
    });
    expect((await bench.call('DELETE', `${list}/${AllocationID}`)).status).toBe(404);
    expect((await bench.call('DELETE', `/Invoices/${InvoiceID}`)).status).toBe(404);
  });
});

describe('a person at the keyboard', () => {
  test('voids or changes an invoice, unless it is paid', async () => {
    const [first, second] = [await bench.invoice(), await bench.invoice()].map(
      (each) => each.body.Invoices[0].InvoiceID as string,
    );
    bench.xero.tamper(bench.british, first!, 'void');
    expect(balances()).toEqual({ 1100: 2400n, 4000: -2000n, 2200: -400n });
    bench.xero.tamper(bench.british, second!, 'edit');
    // One pound more on the line; its tax stays.
    expect(balances()).toEqual({ 1100: 2500n, 4000: -2100n, 2200: -400n });
    const { PaymentID } = await pay({ Invoice: { InvoiceID: second }, Account: { Code: '1200' }, Amount: 5 });
    expect(() => bench.xero.tamper(bench.british, second!, 'void')).toThrow('payments or credits');
    expect(() => bench.xero.tamper(bench.british, PaymentID, 'edit')).toThrow('nothing live');
    bench.xero.tamper(bench.british, PaymentID, 'void');
    expect(balances()).toEqual({ 1100: 2500n, 4000: -2100n, 2200: -400n });
    expect(() => bench.xero.tamper(bench.british, first!, 'void')).toThrow('nothing live');
  });

  test('does the same to journals, transfers and bank transactions', async () => {
    const JournalLines = [10, -10].map((LineAmount) => ({
      LineAmount,
      AccountCode: LineAmount > 0 ? '8110' : '1249',
    }));
    const journal = { Narration: 'J-1', Date: DATE, Status: 'POSTED', JournalLines };
    const made = (await bench.call('PUT', '/ManualJournals', { body: { ManualJournals: [journal] } })).body;
    const { ManualJournalID } = made.ManualJournals[0];
    bench.xero.tamper(bench.british, ManualJournalID, 'edit');
    expect(balances()).toEqual({ 8110: 1100n, 1249: -1100n });
    bench.xero.tamper(bench.british, ManualJournalID, 'void');
    expect(balances()).toEqual({});
    const transfer = { FromBankAccount: { Code: '1200' }, ToBankAccount: { Code: '1230' }, Amount: 5, Date: DATE };
    const moved = (await bench.call('PUT', '/BankTransfers', { body: { BankTransfers: [transfer] } })).body;
    expect(balances()).toEqual({ 1200: -500n, 1230: 500n });
    bench.xero.tamper(bench.british, moved.BankTransfers[0].BankTransferID, 'void');
    const spent = {
      Type: 'RECEIVE',
      Contact: { ContactID: bench.contactId },
      BankAccount: { Code: '1200' },
      Date: DATE,
      LineAmountTypes: 'NoTax',
      LineItems: [{ Description: 'Given back', UnitAmount: 5, AccountCode: '7905' }],
    };
    const received = (await bench.call('PUT', '/BankTransactions', { body: { BankTransactions: [spent] } })).body;
    const { BankTransactionID } = received.BankTransactions[0];
    bench.xero.tamper(bench.british, BankTransactionID, 'edit');
    expect(balances()).toEqual({ 1200: 600n, 7905: -600n });
    bench.xero.tamper(bench.british, BankTransactionID, 'void');
    expect(balances()).toEqual({});
  });
});

test('a restart keeps bank transactions, transfers and journals', async () => {
  const stateFile = temporaryFile();
  const first = await openBench({ stateFile });
  const JournalLines = [10, -10].map((LineAmount) => ({ LineAmount, AccountCode: LineAmount > 0 ? '8110' : '1249' }));
  const journal = { Narration: 'J-1', Date: DATE, Status: 'POSTED', JournalLines };
  await first.call('PUT', '/ManualJournals', { body: { ManualJournals: [journal] } });
  const transfer = { FromBankAccount: { Code: '1200' }, ToBankAccount: { Code: '1230' }, Amount: 5, Date: DATE };
  await first.call('PUT', '/BankTransfers', { body: { BankTransfers: [transfer] } });
  await first.xero.close();
  const second = await openBench({ stateFile }, { now: NOON + 60_000 });
  expect(balances(second)).toEqual({ 8110: 1000n, 1249: -1000n, 1200: -500n, 1230: 500n });
  await second.xero.close();
});
