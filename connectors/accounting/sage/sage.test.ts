import type { BankEntry, BookDocument, BookPayment, Invoice, Transfer } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { idempotencyId, withIdempotency } from './client.ts';
import { connector } from './connector.ts';
import { referenceOf } from './resources.ts';
import { ACCOUNTS, FIXTURES, failureOf, fixture, IDEMPOTENCY_ID, KEY, mapping } from './test-support.ts';

const invoice = fixture('invoice').document as Invoice;
const payment = fixture('payment').document as BookPayment;
const transfer = fixture('transfer').document as Transfer;
const fees = fixture('fees').document as BankEntry;

function line(of: Partial<Invoice['lines'][number]>): Invoice['lines'][number] {
  const usual = { description: 'Thing', role: 'sales.revenue.zero', account: '4002', taxCode: null };
  return { ...usual, net: 0n, tax: 0n, quantity: '1', ...of };
}

function invoiceOf(lines: Invoice['lines'], currency = 'GBP'): Invoice {
  const tax = lines.reduce((total, each) => total + each.tax, 0n);
  const net = lines.reduce((total, each) => total + each.net, 0n);
  return { ...invoice, currency, lines, tax, total: net + tax };
}

const bodyOf = (document: BookDocument): Record<string, Record<string, unknown>> =>
  JSON.parse(connector.encode(document, mapping));
const failing = (document: BookDocument) => failureOf(() => connector.encode(document, mapping));
const at = (role: string) => ({ role, account: ACCOUNTS[role]?.code ?? '' });

describe('what is sent', () => {
  test.each(FIXTURES)('%s goes out as the fixture says, to the letter', (name) => {
    const { document, request } = fixture(name);
    const encoded = connector.encode(document, mapping);
    expect(connector.prepare(document.kind, [encoded], document, mapping)).toEqual(request);
  });

  test('one document goes into a request', async () => {
    const encoded = connector.encode(invoice, mapping);
    const both = () => connector.prepare('invoice', [encoded, encoded], invoice, mapping);
    expect(await failureOf(both)).toMatchObject({ kind: 'unsupported', code: 'BOOKS_METHOD_UNSUPPORTED' });
    expect(connector).toMatchObject({ batches: [], limits: { concurrent: 1, documentsPerRequest: 1 } });
  });

  test.each([
    [1_998n, '2', 2, 9.99],
    [1_000n, '3', 1, 10],
    [375n, '1.5', 1.5, 2.5],
    [375n, '0', 1, 3.75],
    [-333n, '1', 1, -3.33],
  ])('a line of %s pence for %s pieces goes out as %s × %s', (net, quantity, pieces, price) => {
    const body = bodyOf(invoiceOf([line({ net, quantity }), line({ net: 1_000n })]));
    expect(body.sales_invoice?.invoice_lines).toMatchObject([{ quantity: pieces, unit_price: price }, {}]);
  });

  test('a reference is at most 25 characters long, and differs where numbers differ only at the end', () => {
    const [one, other] = ['1', '2'].map((end) => referenceOf(`S-gid-shopify-Order-450789469${end}`));
    expect([one?.length, other?.length]).toEqual([25, 25]);
    expect(one).not.toBe(other);
    expect(referenceOf('a'.repeat(25))).toBe('a'.repeat(25));
  });

  test('control characters never reach the wire, and text is cut at 255', () => {
    const text = connector.encode(invoiceOf([line({ net: 1n, description: `a\u0000\tb${'c'.repeat(300)}` })]), mapping);
    expect(text).toContain(`"description":"a b${'c'.repeat(252)}"`);
  });
});

describe('the idempotency id', () => {
  test('is the key without hyphens, inside the object of the frozen body', () => {
    expect(withIdempotency('{"journal":{"date":"2026-11-09"}}', KEY)).toBe(
      `{"journal":{"idempotency_id":"${IDEMPOTENCY_ID}","date":"2026-11-09"}}`,
    );
  });

  test('of any other key is 32 digits with the version and variant of a UUID, the same every time', () => {
    const id = idempotencyId('daybook:invoice:S-1001:2');
    expect(id).toMatch(/^[0-9a-f]{12}8[0-9a-f]{3}a[0-9a-f]{15}$/);
    expect(idempotencyId('daybook:invoice:S-1001:2')).toBe(id);
    expect(idempotencyId('daybook:invoice:S-1001:3')).not.toBe(id);
  });
});

describe('where the money sits decides what it becomes', () => {
  const pathOf = (document: BookDocument) =>
    connector.prepare(document.kind, [connector.encode(document, mapping)], document, mapping).path.split('?')[0];

  test.each([
    ['clearing.stripe', 'bank.main', '/bank_transfers'],
    ['clearing.stripe', 'processor.reserve', '/other_payments'],
    ['processor.reserve', 'clearing.stripe', '/other_payments'],
    ['processor.reserve', 'dispute.held', '/journals'],
  ])('a transfer from %s to %s is sent to %s', (from, to, path) => {
    expect(pathOf({ ...transfer, from: at(from), to: at(to) })).toBe(path);
  });

  test('a reserve that is released is a receipt on the clearing account', () => {
    const body = bodyOf({ ...transfer, from: at('processor.reserve'), to: at('clearing.stripe') });
    expect(body.other_payment).toMatchObject({
      transaction_type_id: 'OTHER_RECEIPT',
      bank_account_id: ACCOUNTS['clearing.stripe']?.bankId,
      payment_lines: [{ ledger_account_id: ACCOUNTS['processor.reserve']?.remoteId, total_amount: 815.63 }],
    });
  });

  test('store credit given back on a credit note is an invoice entry, allocated the other way round', () => {
    const settles = { kind: 'credit_note' as const, number: 'R-1001' };
    const given = { ...payment, ...at('giftcard.liability'), settles };
    expect(bodyOf(given).sales_quick_entry).toMatchObject({ quick_entry_type_id: 'INVOICE', total_amount: 44.48 });
  });

  test('a fee whose money sits on no bank account is a journal, its tax on the VAT return', () => {
    const entry = { ...fees, ...at('processor.reserve') };
    const lines = (bodyOf(entry).journal?.journal_lines ?? []) as Record<string, unknown>[];
    const row = (role: string, debit: number, credit: number) => ({
      ledger_account_id: ACCOUNTS[role]?.remoteId,
      debit,
      credit,
    });
    // 2.24 and 15.00 went out: 1.87 and 15.00 of cost, 0.37 of VAT.
    expect(lines).toMatchObject([
      row('processor.reserve', 0, 17.24),
      row('fees.processing', 1.87, 0),
      row('fees.dispute', 15, 0),
      { ...row('tax.input', 0.37, 0), include_on_tax_return: true },
    ]);
  });

  test('a fee that is booked onto a bank account is a journal too', () => {
    const entry = { ...fees, lines: [{ ...fees.lines[0]!, ...at('bank.main'), tax: 0n }], total: 187n, tax: 0n };
    expect(pathOf(entry)).toBe('/journals');
  });
});

describe('what is refused before anything is sent', () => {
  test('debtors take documents of customers only', async () => {
    const failure = await failing({ ...transfer, from: at('ar.control') });
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_ACCOUNT_REFUSED' });
    expect(failure.message).toBe(
      'Transfer PAY-po1-77aa01 (GBP 815.63) was not sent to Sage: the account 1100 Trade debtors is a control account, ' +
        'which Sage posts to by itself. Map the role to another account, then replay.',
    );
  });

  test('a payment into a bank account of another currency', async () => {
    const failure = await failing({ ...payment, ...at('clearing.stripe.EUR') });
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
    expect(failure.message).toContain('is kept in EUR. Map it to a bank account in GBP, then replay.');
  });

  test('a currency without a rate in the books, and journals in one', async () => {
    const dollars = await failing(invoiceOf([line({ net: 100n })], 'USD'));
    expect(dollars).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
    expect(dollars.message).toContain('the books have no exchange rate for USD');
    const journal = { ...fixture('journal').document, currency: 'EUR' } as BookDocument;
    expect(await failing(journal)).toMatchObject({ code: 'BOOKS_CURRENCY_REFUSED' });
  });

  test('a document that does not add up, in words that name it', async () => {
    const failure = await failing({ ...invoice, total: 4_449n });
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_DOCUMENT_INVALID' });
    expect(failure.message).toContain('Invoice S-1001 (GBP 44.49) was not sent to Sage: its lines come to 44.48');
  });

  test('dinars with a third decimal', async () => {
    const books = { ...mapping, record: () => '2.60' };
    const dinars = invoiceOf([line({ net: 1_005n })], 'KWD');
    const failure = await failureOf(() => connector.encode(dinars, books));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_AMOUNT_TOO_FINE' });
  });

  test('an account that is not mapped', async () => {
    const failure = await failing(invoiceOf([line({ net: 1n, role: 'sales.gifts' })]));
    expect(failure).toMatchObject({ code: 'MAPPING_MISSING', subject: 'account sales.gifts' });
  });
});
