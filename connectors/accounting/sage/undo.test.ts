import type { BankEntry, BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import {
  ACCOUNTS,
  type Answer,
  asking,
  type FIXTURES,
  failureOf,
  fixture,
  handed,
  INVOICE_ID,
  json,
  mapping,
  problem,
} from './test-support.ts';

const GONE = problem(404, 'RecordNotFound', 'Could not find the requested resource.', '');
const DONE = { status: 204, text: '' };
const row = (name: (typeof FIXTURES)[number], more = {}) =>
  json({ ...JSON.parse(fixture(name).response.body), ...more });
const undo = (document: BookDocument, id: string, ...answers: Answer[]) => {
  const { api, asked } = handed(...answers);
  return { asked, outcome: () => connector.undo(document, id, mapping, api) };
};
const inspect = (document: BookDocument, id: string, ...answers: Answer[]) =>
  connector.inspect(document, id, mapping, handed(...answers).api);

describe('taking out', () => {
  test.each([
    ['invoice', 'DELETE /sales_invoices/$?void_reason=Taken out by Daybook'],
    ['credit-note', 'DELETE /sales_credit_notes/$?void_reason=Taken out by Daybook'],
    ['payment', 'DELETE /contact_payments/$'],
    ['allocation', 'DELETE /contact_allocations/$'],
    ['transfer', 'DELETE /bank_transfers/$'],
    ['fees', 'DELETE /other_payments/$'],
    ['journal', 'DELETE /journals/$'],
  ] as const)('%s is %s', async (name, request) => {
    const { document, expected } = fixture(name);
    const { asked, outcome } = undo(document, expected.remoteId, row(name), DONE);
    expect(await outcome()).toBe('undone');
    expect(asking(asked.at(-1)!)).toBe(request.replace('$', expected.remoteId));
  });

  test('a payment by gift card: its allocation goes first', async () => {
    const { document, expected } = fixture('gift-card-payment');
    const found = row('gift-card-payment', { payments_allocations: [{ contact_allocation: { id: '72' } }] });
    const { asked, outcome } = undo(document, expected.remoteId, found, found, DONE, DONE);
    expect(await outcome()).toBe('undone');
    expect(asked.slice(2).map(asking)).toEqual([
      'DELETE /contact_allocations/72',
      `DELETE /sales_quick_entries/${expected.remoteId}`,
    ]);
  });

  test('an invoice that is paid stays, and says by what', async () => {
    const { document } = fixture('invoice');
    const links = [{ reference: 'P-1001-1', amount: '10.0' }];
    const found = row('invoice', { outstanding_amount: '34.48', payments_allocations: links });
    const failure = await failureOf(undo(document, INVOICE_ID, found).outcome);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_STILL_REFERRED', subject: 'P-1001-1' });
    expect(failure.message).toBe(
      'Invoice S-1001 (GBP 44.48) was not taken out of Sage: GBP 10.00 of it is settled there (P-1001-1). Take that out ' +
        'first, here or in Sage, then try again.',
    );
  });

  test('what is void, deleted or nowhere is gone', async () => {
    const { document } = fixture('invoice');
    for (const found of [
      row('invoice', { status: { id: 'VOID' } }),
      row('invoice', { deleted_at: '2026-11-10' }),
      GONE,
    ]) {
      expect(await undo(document, INVOICE_ID, found).outcome()).toBe('gone');
    }
  });

  test('somebody who was faster did what was wanted', async () => {
    const { document, expected } = fixture('journal');
    expect(await undo(document, expected.remoteId, row('journal'), GONE).outcome()).toBe('undone');
  });

  test('a locked period and a filed return are told as such', async () => {
    const { document, expected } = fixture('transfer');
    const refusal = problem(422, 'RecordInvalid', 'You cannot edit VAT reconciled transactions.');
    const failure = await failureOf(undo(document, expected.remoteId, row('transfer'), refusal).outcome);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_PERIOD_LOCKED', ambiguous: false });
    expect(failure.message).toMatch(/^Taking out Transfer PAY-po1-77aa01 \(GBP 815\.63\): Sage answered 422/);
  });
});

describe('reading back', () => {
  const line = (role: string, net: string, tax: string) => ({
    ledger_account: { id: ACCOUNTS[role]?.remoteId },
    net_amount: net,
    tax_amount: tax,
  });

  test('an invoice with a line that somebody put on another account', async () => {
    const { document } = fixture('invoice');
    const lines = [
      line('sales.revenue.standard', '20.98', '4.2'),
      { ledger_account: { id: 'other', displayed_as: 'Other income (4900)' }, net_amount: '1.0', tax_amount: null },
    ];
    const found = row('invoice', { invoice_lines: lines, total_amount: '26.18', tax_amount: '4.2' });
    expect(await inspect(document, INVOICE_ID, found)).toMatchObject({
      state: 'live',
      date: '2026-11-09',
      total: 2_618n,
      tax: 420n,
      lines: [
        { account: '4000', net: 2_098n, tax: 420n },
        { account: '4900', net: 100n, tax: 0n },
      ],
    });
  });

  test('a void invoice is voided, one that is nowhere is null', async () => {
    const { document } = fixture('invoice');
    expect(await inspect(document, INVOICE_ID, row('invoice', { status: { id: 'VOID' } }))).toMatchObject({
      state: 'voided',
    });
    expect(await inspect(document, INVOICE_ID, GONE)).toBeNull();
  });

  test('a payment that was pushed while its account was mapped otherwise is found under the other kind', async () => {
    const { document, expected } = fixture('payment');
    const { api, asked } = handed(GONE, row('payment'));
    const found = await connector.inspect(
      { ...document, role: 'giftcard.liability' } as BookDocument,
      expected.remoteId,
      mapping,
      api,
    );
    expect(found).toMatchObject({ state: 'live', total: 4_448n, lines: [] });
    expect(asked.map(({ url }) => new URL(url).pathname.split('/')[2])).toEqual([
      'sales_quick_entries',
      'contact_payments',
    ]);
  });

  test('a fee that had to be a journal reads like the fee: without its money and its tax', async () => {
    const entry = { ...(fixture('fees').document as BankEntry), role: 'processor.reserve', account: '1248' };
    const side = (role: string, debit: string, credit: string) => ({
      ledger_account: { id: ACCOUNTS[role]?.remoteId },
      debit,
      credit,
    });
    const journal_lines = [
      side('processor.reserve', '0.0', '17.24'),
      side('fees.processing', '1.87', '0.0'),
      side('fees.dispute', '15.0', '0.0'),
      side('tax.input', '0.37', '0.0'),
    ];
    const found = json({ id: '69', date: '2026-11-09', reference: entry.number, total: '17.24', journal_lines });
    expect(await inspect(entry, '69', found)).toMatchObject({
      total: 1_724n,
      lines: [
        { account: '7905', net: 187n, tax: 0n },
        { account: '7907', net: 1_500n, tax: 0n },
      ],
    });
  });
});
