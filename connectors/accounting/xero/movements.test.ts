import type { BankEntry, BookDocument, BookJournal, Transfer } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { connector } from './connector.ts';
import { fixture, mapping } from './test-support.ts';

const transfer = fixture('transfer').document as Transfer;
const payout = fixture('payout').document as Transfer;
const fees = fixture('fees').document as BankEntry;
const won = fixture('dispute-won').document as BankEntry;
const journal = fixture('journal').document as BookJournal;

function failureOf(document: BookDocument): ConnectorError {
  try {
    connector.encode(document, mapping);
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('It was encoded.');
}

const linesOf = (document: BookDocument) =>
  (JSON.parse(connector.encode(document, mapping)) as { JournalLines: Record<string, unknown>[] }).JournalLines;

describe('a movement', () => {
  test('from a bank account to another kind of account is spent there', () => {
    const body = JSON.parse(connector.encode({ ...payout, from: payout.to, to: payout.from }, mapping));
    expect(body).toMatchObject({ Type: 'SPEND', LineItems: [{ AccountCode: '1241', LineAmount: 815.63 }] });
  });

  test('without words is described by its number, and by the role of the line', () => {
    const bare = connector.encode({ ...payout, reference: '' }, mapping);
    expect(bare).toContain('"Description":"STR-po1-77ab02"');
    const nameless = { ...journal, lines: journal.lines.map((line) => ({ ...line, description: ' ' })) };
    expect(linesOf(nameless).map(({ Description }) => Description)).toEqual(['chargeback.loss', 'dispute.held']);
  });

  test('of nothing, or whose lines do not come to its total, is not sent', () => {
    expect(failureOf({ ...transfer, amount: 0n }).message).toContain('its amount is not above zero');
    expect(failureOf({ ...fees, total: 325n }).message).toContain('its lines come to 3.24 but the document says 3.25');
    expect(failureOf({ ...journal, lines: journal.lines.slice(0, 1) }).message).toContain('fewer than two lines');
  });
});

describe('tax on what was paid', () => {
  const taxed = (lines: BankEntry['lines'], total: bigint, tax: bigint): BankEntry => ({
    ...won,
    direction: 'spend',
    lines,
    total,
    tax,
  });
  const [first] = fees.lines;

  test('is said on the line of a journal, net and tax apart, as the purchase that it is', () => {
    // 1.87 + 0.37 = 2.24 leaves the clearing account.
    expect(linesOf(taxed([first!], 224n, 37n))).toEqual([
      { LineAmount: 1.87, AccountCode: '7905', Description: 'Processing fee', TaxType: 'INPUT2', TaxAmount: 0.37 },
      { LineAmount: -2.24, AccountCode: '1241', Description: '#1002', TaxType: 'NONE' },
    ]);
    const given = { ...taxed([first!], 224n, 37n), direction: 'receive' as const };
    expect(linesOf(given)).toMatchObject([{ LineAmount: -1.87, TaxAmount: -0.37 }, { LineAmount: 2.24 }]);
  });

  test('by reverse charge names its type and leaves the amount to the books', () => {
    const reversed = { ...first!, taxCode: 'RC20', tax: 0n };
    expect(linesOf(taxed([reversed], 187n, 0n))).toEqual([
      { LineAmount: 1.87, AccountCode: '7905', Description: 'Processing fee', TaxType: 'REVERSECHARGES' },
      { LineAmount: -1.87, AccountCode: '1241', Description: '#1002', TaxType: 'NONE' },
    ]);
  });
});

describe('an account that cannot take it', () => {
  test('is a bank account in a line: the role and the way out are named', () => {
    const [held] = won.lines;
    const wrong: BankEntry = { ...fees, lines: [{ ...held!, role: 'bank.main', net: 287n, tax: 37n }] };
    const failure = failureOf(wrong);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_ACCOUNT_REFUSED' });
    expect(failure.message).toBe(
      'Bank entry SQU-fee1-0c4d11 (GBP 3.24) was not sent to Xero: its line on bank.main is mapped to the bank ' +
        'account "bank.main", which Xero does not take in a line. Map bank.main to an account that is not ' +
        'of type Bank (a current asset with payments enabled), then replay.',
    );
  });

  test.each<[string, BookDocument]>([
    ['a transfer between bank accounts', { ...transfer, currency: 'EUR' }],
    ['a payout to a bank account', { ...payout, currency: 'EUR' }],
    ['fees of a bank account', { ...fees, currency: 'EUR' }],
    ['a dispute on a current asset, which becomes a journal', { ...won, currency: 'EUR' }],
  ])('is one kept in another currency: %s', (_, document) => {
    expect(failureOf(document)).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
  });

  test('takes a payout in euros to the bank account in euros', () => {
    const euros: Transfer = { ...payout, currency: 'EUR', to: { role: 'bank.EUR', account: '1201' } };
    expect(connector.encode(euros, mapping)).toContain(
      '"BankAccount":{"AccountID":"b1000000-0000-4000-8000-000000000092"}',
    );
  });
});
