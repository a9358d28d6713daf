import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, openBench, temporaryFile } from './test-client.ts';

let bench: Bench;
let customer: string;
beforeEach(async () => {
  bench = await openBench();
  customer = (await bench.make('contact', { name: 'Ada', contact_type_ids: ['CUSTOMER'], reference: 'DB-1' })).id;
});
afterEach(() => bench.sage.close());

const line = (more = {}) => ({
  description: 'Socks',
  ledger_account_id: bench.ledger('4000'),
  quantity: 2,
  unit_price: 10,
  tax_rate_id: 'GB_STANDARD',
  tax_amount: 4,
  ...more,
});
const invoice = (more = {}, ...lines: object[]) => ({
  contact_id: customer,
  date: '2026-11-09',
  reference: 'S-1',
  invoice_lines: lines.length > 0 ? lines : [line()],
  ...more,
});
const credit = (more = {}) => ({
  contact_id: customer,
  date: '2026-11-09',
  reference: 'R-1',
  credit_note_lines: [line()],
  ...more,
});
const receipt = (artefact: string, amount: number, more = {}) => ({
  transaction_type_id: 'CUSTOMER_RECEIPT',
  contact_id: customer,
  bank_account_id: bench.bank('1241'),
  date: '2026-11-09',
  total_amount: amount,
  reference: 'P-1',
  allocated_artefacts: [{ artefact_id: artefact, amount }],
  ...more,
});
const balances = () => bench.sage.balances(bench.books);

describe('invoices and credit notes', () => {
  test('post to debtors, sales and VAT, and show amounts without the zeros at their end', async () => {
    const made = await bench.make(
      'sales_invoice',
      invoice({}, line(), line({ quantity: 1, unit_price: 1.5, tax_amount: 0.3 })),
    );
    expect(made).toMatchObject({
      displayed_as: 'SI-1',
      net_amount: '21.5',
      tax_amount: '4.3',
      total_amount: '25.8',
      outstanding_amount: '25.8',
      status: { id: 'UNPAID' },
    });
    expect(balances()).toEqual({ '1100': 2_580n, '4000': -2_150n, '2200': -430n });
    await bench.make('sales_credit_note', credit());
    expect(balances()).toEqual({ '1100': 180n, '4000': -150n, '2200': -30n });
    expect(bench.sage.totals(bench.books)).toEqual({ count: 2, total: 180n, tax: 30n });
  });

  test('want their tax said, unless there is none, and near its rate', async () => {
    const refused = (more: object) => bench.refusal('sales_invoice', invoice({}, line(more)));
    expect(await refused({ tax_amount: undefined })).toMatchObject({
      status: 422,
      code: 'RecordInvalid',
      source: 'invoice_lines.tax_amount',
    });
    expect(await refused({ tax_amount: 4.06 })).toMatchObject({ source: 'invoice_lines.tax_amount' });
    expect(await refused({ tax_rate_id: 'GB_ZERO' })).toMatchObject({ source: 'invoice_lines.tax_amount' });
    expect(await refused({ tax_rate_id: undefined })).toMatchObject({ source: 'invoice_lines.tax_rate_id' });
    await bench.make('sales_invoice', invoice({}, line({ tax_amount: 4.05 })));
    await bench.make('sales_invoice', invoice({}, line({ tax_rate_id: 'GB_EXEMPT', tax_amount: undefined })));
  });

  test('refuse unknown accounts, debtors, contacts, suppliers, and totals below nothing', async () => {
    const refused = (body: object) => bench.refusal('sales_invoice', body as Record<string, unknown>);
    expect(await refused(invoice({}, line({ ledger_account_id: 'x' })))).toMatchObject({
      source: 'invoice_lines.ledger_account_id',
    });
    expect(await refused(invoice({}, line({ ledger_account_id: bench.ledger('1100') })))).toMatchObject({
      status: 422,
    });
    expect(await refused(invoice({ contact_id: 'x' }))).toMatchObject({ source: 'contact_id' });
    const supplier = await bench.make('contact', { name: 'S', contact_type_ids: ['VENDOR'] });
    expect(await refused(invoice({ contact_id: supplier.id }))).toMatchObject({ source: 'contact_id' });
    expect(await refused(invoice({}, line({ unit_price: -10, tax_amount: -4 })))).toMatchObject({
      source: 'total_amount',
    });
    expect(await refused(invoice({}, line({ net_amount: 19.99 })))).toMatchObject({
      source: 'invoice_lines.net_amount',
    });
  });

  test('that are drafts count nowhere', async () => {
    expect(await bench.make('sales_invoice', invoice({ status_id: 'DRAFT' }))).toMatchObject({
      status: { id: 'DRAFT' },
    });
    expect([balances(), bench.sage.totals(bench.books).count]).toEqual([{}, 0]);
  });

  test('refuse the locked days, and go on the day after', async () => {
    bench.sage.lock(bench.books, '2026-11-09');
    expect(await bench.refusal('sales_invoice', invoice())).toMatchObject({
      status: 422,
      code: 'RecordInvalid',
      source: 'date',
    });
    await bench.make('sales_invoice', invoice({ date: '2026-11-10' }));
    expect((await bench.call('GET', '/financial_settings')).body.year_end_lockdown_date).toBe('2026-11-09');
  });

  test('in another currency are refused where there is none, else count at their rate', async () => {
    expect(await bench.refusal('sales_invoice', invoice({ currency_id: 'EUR' }))).toMatchObject({
      source: 'currency_id',
    });
    const foreign = await openBench({ businesses: [{ name: 'Euro Ltd', rates: { EUR: '0.8' } }] });
    const contact = await foreign.make('contact', { name: 'Ada', contact_type_ids: ['CUSTOMER'] });
    const lines = [line({ ledger_account_id: foreign.ledger('4000') })];
    const body = {
      ...invoice({ contact_id: contact.id, currency_id: 'EUR', exchange_rate: '0.85' }),
      invoice_lines: lines,
    };
    await foreign.make('sales_invoice', body);
    // EUR 24.00 at 0.85.
    expect(foreign.sage.balances(foreign.books)).toEqual({ '1100': 2_040n, '4000': -1_700n, '2200': -340n });
    await foreign.sage.close();
  });
});

describe('payments and allocations', () => {
  test('settle what they name, until nothing is open', async () => {
    const { id } = await bench.make('sales_invoice', invoice());
    await bench.make('contact_payment', receipt(id, 10));
    expect((await bench.call('GET', `/sales_invoices/${id}`)).body).toMatchObject({
      outstanding_amount: '14.0',
      status: { id: 'PART_PAID' },
    });
    expect(await bench.refusal('contact_payment', receipt(id, 14.01))).toMatchObject({ source: 'allocated_artefacts' });
    await bench.make('contact_payment', receipt(id, 14));
    expect(await bench.refusal('contact_payment', receipt(id, 1))).toMatchObject({
      status: 422,
      message: 'You can only pay unpaid or part-paid invoices.',
      source: 'base',
    });
    expect(balances()).toEqual({ '1241': 2_400n, '4000': -2_000n, '2200': -400n });
  });

  test('want a bank account and a short reference', async () => {
    const { id } = await bench.make('sales_invoice', invoice());
    const ledger = { bank_account_id: bench.ledger('2120') };
    expect(await bench.refusal('contact_payment', receipt(id, 1, ledger))).toMatchObject({ source: 'bank_account_id' });
    const long = { reference: 'x'.repeat(26) };
    expect(await bench.refusal('contact_payment', receipt(id, 1, long))).toMatchObject({ source: 'reference' });
  });

  test('a refund is paid on credit notes only', async () => {
    const sold = await bench.make('sales_invoice', invoice());
    const returned = await bench.make('sales_credit_note', credit());
    const type = { transaction_type_id: 'CUSTOMER_REFUND' };
    expect(await bench.refusal('contact_payment', receipt(sold.id, 1, type))).toMatchObject({ status: 422 });
    await bench.make('contact_payment', receipt(returned.id, 24, type));
    expect(balances()).toEqual({ '1100': 2_400n, '1241': -2_400n });
  });

  test('allocations sum to nothing, with the sign of what they settle', async () => {
    const sold = await bench.make('sales_invoice', invoice());
    const returned = await bench.make('sales_credit_note', credit());
    const allocation = (first: number, second: number) => ({
      transaction_type_id: 'CUSTOMER_ALLOCATION',
      contact_id: customer,
      allocated_artefacts: [
        { artefact_id: sold.id, amount: first },
        { artefact_id: returned.id, amount: second },
      ],
    });
    expect(await bench.refusal('contact_allocation', allocation(5, -4))).toMatchObject({ status: 422 });
    expect(await bench.refusal('contact_allocation', allocation(-5, 5))).toMatchObject({ status: 422 });
    await bench.make('contact_allocation', allocation(5, -5));
    expect((await bench.call('GET', `/sales_credit_notes/${returned.id}`)).body.outstanding_amount).toBe('19.0');
  });

  test('a quick entry on a liability pays an invoice without a bank account', async () => {
    const sold = await bench.make('sales_invoice', invoice());
    const entry = await bench.make('sales_quick_entry', {
      quick_entry_type_id: 'CREDIT_NOTE',
      contact_id: customer,
      date: '2026-11-09',
      reference: 'P-2',
      ledger_account_id: bench.ledger('2120'),
      net_amount: 24,
      tax_rate_id: 'GB_NO_TAX',
    });
    await bench.make('contact_allocation', {
      transaction_type_id: 'CUSTOMER_ALLOCATION',
      contact_id: customer,
      allocated_artefacts: [
        { artefact_id: sold.id, amount: 24 },
        { artefact_id: entry.id, amount: -24 },
      ],
    });
    expect(balances()).toEqual({ '2120': 2_400n, '4000': -2_000n, '2200': -400n });
    expect(bench.sage.totals(bench.books).count).toBe(1);
    const shown = await bench.call('GET', `/sales_quick_entries/${entry.id}?show_payments_allocations=true`);
    expect(shown.body.payments_allocations).toMatchObject([{ type: 'Allocation', amount: '24.0' }]);
  });

  test('on the Start plan there are no refunds and no part payments', async () => {
    const start = await openBench({ businesses: [{ name: 'Start Ltd', plan: 'START' }] });
    const contact = await start.make('contact', { name: 'Ada', contact_type_ids: ['CUSTOMER'] });
    const lines = [line({ ledger_account_id: start.ledger('4000') })];
    const sold = await start.make('sales_invoice', { ...invoice({ contact_id: contact.id }), invoice_lines: lines });
    const pay = (amount: number, more = {}) =>
      receipt(sold.id, amount, { contact_id: contact.id, bank_account_id: start.bank('1241'), ...more });
    expect(await start.refusal('contact_payment', pay(10))).toMatchObject({ source: 'allocated_artefacts' });
    const refund = { transaction_type_id: 'CUSTOMER_REFUND' };
    expect(await start.refusal('contact_payment', pay(24, refund))).toMatchObject({ source: 'transaction_type_id' });
    await start.make('contact_payment', pay(24));
    await start.sage.close();
  });
});

describe('taking out', () => {
  const remove = (path: string) => bench.call('DELETE', path);

  test('an invoice wants a reason, and its payments gone first; then it is void', async () => {
    const { id } = await bench.make('sales_invoice', invoice());
    const paid = await bench.make('contact_payment', receipt(id, 24));
    expect((await remove(`/sales_invoices/${id}`)).body).toMatchObject([{ $source: 'void_reason' }]);
    expect((await remove(`/sales_invoices/${id}?void_reason=x`)).status).toBe(422);
    expect((await remove(`/contact_payments/${paid.id}`)).status).toBe(204);
    expect((await bench.call('GET', `/contact_payments/${paid.id}`)).status).toBe(404);
    expect((await remove(`/sales_invoices/${id}?void_reason=x`)).status).toBe(204);
    expect((await bench.call('GET', `/sales_invoices/${id}`)).body.status.id).toBe('VOID');
    expect([balances(), bench.sage.totals(bench.books).count]).toEqual([{}, 0]);
  });

  test('what is deleted shows in deleted_since only', async () => {
    const { id } = await bench.make('sales_invoice', invoice());
    const paid = await bench.make('contact_payment', receipt(id, 24));
    await remove(`/contact_payments/${paid.id}`);
    const listed = async (query: string) => (await bench.call('GET', `/contact_payments?${query}`)).body.$total;
    expect(await listed('')).toBe(0);
    expect(await listed('deleted_since=2026-11-21T11:59:59Z')).toBe(1);
    expect(await listed('deleted_since=2026-11-21T12:00:00Z')).toBe(0);
  });

  test('is refused on locked days', async () => {
    const { id } = await bench.make('sales_invoice', invoice());
    bench.sage.lock(bench.books, '2026-11-30');
    expect((await remove(`/sales_invoices/${id}?void_reason=x`)).status).toBe(422);
  });
});

test('killed and started again, everything is as it was', async () => {
  const stateFile = temporaryFile();
  const before = await openBench({ stateFile });
  const contact = await before.make('contact', { name: 'Ada', contact_type_ids: ['CUSTOMER'] });
  const id = 'a'.repeat(32);
  const body = {
    ...invoice({ contact_id: contact.id, idempotency_id: id }),
    invoice_lines: [line({ ledger_account_id: before.ledger('4000') })],
  };
  const made = await before.make('sales_invoice', body);
  before.sage.lock(before.books, '2025-12-31');
  await before.sage.close();
  const after = await openBench({ stateFile });
  expect(await after.make('sales_invoice', body)).toEqual(made);
  expect(after.sage.balances(after.books)).toEqual({ '1100': 2_400n, '4000': -2_000n, '2200': -400n });
  expect((await after.call('GET', '/financial_settings')).body.year_end_lockdown_date).toBe('2025-12-31');
  await after.sage.close();
});
