import type {
  BankEntry,
  BookDocument,
  BookJournal,
  CreditNote,
  Invoice,
  SalesReceipt,
  Transfer,
} from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { BooksMapping } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { ACCOUNTS, american, FIXTURES, failureOf, fixture, mapping, mappingOf } from './test-support.ts';

const invoice = fixture('invoice').document as Invoice;
const creditNote = fixture('credit-note').document as CreditNote;
const receipt = fixture('sales-receipt').document as SalesReceipt;
const fees = fixture('fees').document as BankEntry;

function line(of: Partial<Invoice['lines'][number]>): Invoice['lines'][number] {
  return {
    description: 'Thing',
    role: 'sales.revenue.standard',
    account: '4000',
    taxCode: 'S20',
    net: 0n,
    tax: 0n,
    quantity: '1',
    ...of,
  };
}

function invoiceOf(currency: string, lines: Invoice['lines']): Invoice {
  const tax = lines.reduce((total, each) => total + each.tax, 0n);
  const net = lines.reduce((total, each) => total + each.net, 0n);
  return { ...invoice, currency, lines, tax, total: net + tax };
}

function bodyOf(document: BookDocument, by: BooksMapping = mapping): Record<string, unknown> {
  return JSON.parse(connector.encode(document, by));
}

const failing = (document: BookDocument, by: BooksMapping = mapping) => failureOf(() => connector.encode(document, by));

describe('what is sent', () => {
  test.each(FIXTURES)('%s goes out as the fixture says, to the letter', (name) => {
    const { document, request } = fixture(name);
    const encoded = connector.encode(document, mappingOf(name));
    expect(connector.prepare(document.kind, [encoded], document, mappingOf(name))).toEqual(request);
  });

  test('the same document twice gives the same bytes, which a replay depends on', () => {
    expect(connector.encode(structuredClone(invoice), mapping)).toBe(connector.encode(invoice, mapping));
  });

  test('one document goes into a request', async () => {
    const encoded = connector.encode(invoice, mapping);
    const both = () => connector.prepare('invoice', [encoded, encoded], invoice, mapping);
    expect(await failureOf(both)).toMatchObject({ kind: 'unsupported', code: 'BOOKS_METHOD_UNSUPPORTED' });
    expect(connector.batches).toEqual([]);
  });

  test('an unmapped account or tax stops the document and names the mapping', async () => {
    const unmapped = invoiceOf('GBP', [line({ net: 100n, role: 'sales.gifts' })]);
    expect(await failing(unmapped)).toMatchObject({ code: 'MAPPING_MISSING', subject: 'account sales.gifts' });
    const untaxed = invoiceOf('GBP', [line({ net: 100n, taxCode: 'R5' })]);
    expect(await failing(untaxed)).toMatchObject({ code: 'MAPPING_MISSING', subject: 'tax R5' });
  });

  test('control characters and half a surrogate pair never reach the wire', () => {
    const long = `${'a'.repeat(3999)}😀`;
    const text = connector.encode(invoiceOf('GBP', [line({ net: 1n, description: 'a\u0000\tb' })]), mapping);
    expect(text).toContain('"Description":"a b"');
    const cut = connector.encode(invoiceOf('GBP', [line({ net: 1n, description: long })]), mapping);
    expect(cut).toContain(`"Description":"${'a'.repeat(3999)}"`);
  });

  test('a customer in another currency is another customer there', () => {
    const euros = invoiceOf('EUR', [line({ net: 100n, taxCode: null })]);
    expect(bodyOf(euros).CustomerRef).toEqual({ value: '90' });
  });

  test('what could not be made there is told about the document that needs it', async () => {
    const yen = invoiceOf('JPY', [line({ net: 100n, taxCode: null })]);
    const failure = await failing(yen);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
    expect(failure.message).toBe(
      'Invoice S-1001 (JPY 100) was not sent to QuickBooks: its contact cannot be kept in that currency there. Turn ' +
        'multicurrency on in QuickBooks (Settings, Advanced, Currency), or make a contact of that name in that ' +
        'currency, then replay.',
    );
    const bank = invoiceOf('GBP', [line({ net: 100n, role: 'bank.main' })]);
    expect(await failing(bank)).toMatchObject({ kind: 'rejected', code: 'BOOKS_ACCOUNT_REFUSED' });
  });
});

describe('where the money sits decides what it becomes', () => {
  const at = (role: string) => ({ role, account: ACCOUNTS[role]?.code ?? '' });
  const paymentFrom = (role: string, kind: 'invoice' | 'credit_note') => ({
    ...(fixture('payment').document as Extract<BookDocument, { kind: 'payment' }>),
    ...at(role),
    settles: { kind, number: kind === 'invoice' ? 'S-1001' : 'R-1001' },
  });
  const spent = (role: string, direction: 'spend' | 'receive'): BankEntry => ({ ...fees, ...at(role), direction });
  const moved = (from: string, to: string): Transfer => ({
    ...(fixture('transfer').document as Transfer),
    from: at(from),
    to: at(to),
  });

  test.each<[string, BookDocument, string]>([
    ['a payment onto a bank account', paymentFrom('bank.main', 'invoice'), '/payment'],
    ['a payment onto another current asset', paymentFrom('processor.reserve', 'invoice'), '/payment'],
    ['a payment off a liability', paymentFrom('giftcard.liability', 'invoice'), '/journalentry'],
    ['a payment onto a credit card', paymentFrom('bank.card', 'invoice'), '/journalentry'],
    ['money back from a bank account', paymentFrom('bank.main', 'credit_note'), '/purchase'],
    ['money back onto a gift card', paymentFrom('giftcard.liability', 'credit_note'), '/journalentry'],
    ['a fee off a bank account', spent('bank.main', 'spend'), '/purchase'],
    ['a fee off a credit card', spent('bank.card', 'spend'), '/purchase'],
    ['a fee off a reserve', spent('processor.reserve', 'spend'), '/journalentry'],
    ['money received on a bank account', spent('bank.main', 'receive'), '/deposit'],
    ['money received on a reserve', spent('processor.reserve', 'receive'), '/journalentry'],
    ['a transfer between banks', moved('clearing.stripe', 'bank.main'), '/transfer'],
    ['a transfer to a credit card', moved('bank.main', 'bank.card'), '/transfer'],
    ['a transfer to a reserve', moved('clearing.stripe', 'processor.reserve'), '/journalentry'],
  ])('%s', (_, document, path) => {
    const prepared = connector.prepare(document.kind, [connector.encode(document, mapping)], document, mapping);
    expect(prepared.path.split('?')[0]).toBe(path);
  });

  test.each(['giftcard.liability', 'bank.card'])('a receipt cannot take its money to %s, and says so', async (role) => {
    const failure = await failing({ ...receipt, ...at(role) });
    expect(failure).toMatchObject({
      kind: 'rejected',
      code: 'BOOKS_ACCOUNT_REFUSED',
      subject: `account ${role}`,
    });
    expect(failure.message).toContain(
      `Sales receipt S-3001 (GBP 30.00) was not sent to QuickBooks: ${role} is mapped to`,
    );
  });

  test('a receipt takes its money to another current asset, such as a float', () => {
    expect(bodyOf({ ...receipt, ...at('processor.reserve') })).toMatchObject({ DepositToAccountRef: { value: '46' } });
  });

  test('a fee paid by credit card says so', () => {
    expect(bodyOf(spent('bank.card', 'spend'))).toMatchObject({
      PaymentType: 'CreditCard',
      AccountRef: { value: '53' },
    });
  });

  test('as a journal entry a fee has its money first and its tax on an account', () => {
    const { Line } = bodyOf(spent('processor.reserve', 'spend')) as { Line: JournalLine[] };
    expect(Line.map(sideOf)).toEqual([
      ['Credit', '46', 56.34],
      ['Debit', '49', 1.87],
      ['Debit', '47', 54.1],
      ['Debit', '52', 0.37],
    ]);
    const back = bodyOf(spent('processor.reserve', 'receive')) as { Line: JournalLine[] };
    expect(back.Line.map(sideOf)[0]).toEqual(['Debit', '46', 56.34]);
    expect(back.Line.map(sideOf)[3]).toEqual(['Credit', '52', 0.37]);
  });

  interface JournalLine {
    Amount: number;
    JournalEntryLineDetail: { PostingType: string; AccountRef: { value: string } };
  }
  function sideOf({ Amount, JournalEntryLineDetail: side }: JournalLine) {
    return [side.PostingType, side.AccountRef.value, Amount];
  }
});

describe('tax', () => {
  const taxLines = (document: Invoice) => {
    const { TxnTaxDetail } = bodyOf(document) as {
      TxnTaxDetail: { TaxLine: { Amount: number; TaxLineDetail: object }[] };
    };
    return TxnTaxDetail.TaxLine.map(({ Amount, TaxLineDetail }) => ({ Amount, ...TaxLineDetail }));
  };

  test('a code of two rates is split, and the cent that is left goes to the first', () => {
    // 5 % of 10.01 is 0.5005 → 0.50, 9.975 % is 0.99849… → 1.00; the channel said 1.51.
    expect(taxLines(invoiceOf('GBP', [line({ net: 1001n, tax: 151n, taxCode: 'QC' })]))).toEqual([
      {
        Amount: 0.51,
        TaxRateRef: { value: '21' },
        PercentBased: true,
        TaxPercent: 5,
        NetAmountTaxable: 10.01,
        OverrideDeltaAmount: 0.01,
      },
      { Amount: 1, TaxRateRef: { value: '22' }, PercentBased: true, TaxPercent: 9.975, NetAmountTaxable: 10.01 },
    ]);
  });

  test('two codes that share a rate share its line', () => {
    const shared: BooksMapping = {
      ...mapping,
      tax: (code) => (code === 'S20' ? '5' : '55'),
      record: (key) => (key.startsWith('tax:') ? '11@20' : mapping.record(key)),
    };
    const both = invoiceOf('GBP', [line({ net: 100n, tax: 20n }), line({ net: 200n, tax: 40n, taxCode: 'other' })]);
    const { TxnTaxDetail } = bodyOf(both, shared) as { TxnTaxDetail: { TotalTax: number; TaxLine: unknown[] } };
    expect(TxnTaxDetail).toMatchObject({
      TotalTax: 0.6,
      TaxLine: [{ Amount: 0.6, TaxLineDetail: { NetAmountTaxable: 3 } }],
    });
    expect(TxnTaxDetail.TaxLine).toHaveLength(1);
  });

  test('a reverse charge is two rates that cancel out', () => {
    const lines = [{ ...line({ net: 2500n, taxCode: 'RC20' }), role: 'fees.processing' }];
    const reversed: BankEntry = { ...fees, lines, total: 2500n, tax: 0n };
    expect(bodyOf(reversed)).toMatchObject({
      TxnTaxDetail: { TotalTax: 0, TaxLine: [{ Amount: 5 }, { Amount: -5 }] },
    });
  });

  test.each([null, 'Z0'])('lines under %s need no tax lines, only the word that tax comes on top', (taxCode) => {
    const body = bodyOf(invoiceOf('GBP', [line({ net: 100n, taxCode })]));
    expect(body.GlobalTaxCalculation).toBe('TaxExcluded');
    expect(body).not.toHaveProperty('TxnTaxDetail');
  });

  test('tax under a zero rate is pinned like any other', () => {
    const odd = invoiceOf('GBP', [line({ net: 100n, tax: 1n, taxCode: 'Z0' })]);
    expect(taxLines(odd)).toMatchObject([{ Amount: 0.01, TaxPercent: 0, OverrideDeltaAmount: 0.01 }]);
  });

  test('tax under a code without a rate is refused here', async () => {
    const odd = invoiceOf('GBP', [line({ net: 100n, tax: 20n, taxCode: null })]);
    expect(await failing(odd)).toMatchObject({ kind: 'rejected', code: 'BOOKS_TAX_REFUSED' });
  });

  test('American documents never mention tax but in a line of its own', () => {
    const text = connector.encode(fixture('us-invoice').document, american);
    expect(text).not.toMatch(/TxnTaxDetail|GlobalTaxCalculation|"TAX"/);
    expect(connector.encode(creditNote, american)).toContain(
      '"Description":"Tax as collected by the channel","Amount":2.00',
    );
    const free = invoiceOf('USD', [line({ net: 100n })]);
    expect(connector.encode(free, american)).not.toContain('Tax as collected');
    const paid = connector.encode(fees, american);
    expect(paid).toContain('"Amount":0.37,"DetailType":"AccountBasedExpenseLineDetail"');
    expect(paid).not.toContain('TxnTaxDetail');
    const back = fixture('refund').document;
    expect(connector.encode(back, american)).not.toContain('GlobalTaxCalculation');
  });
});

describe('exact decimals', () => {
  test.each([
    ['GBP', 1n, '1', '"Amount":0.01,"UnitPrice":0.01,"Qty":1'],
    ['GBP', 30n, '3', '"Amount":0.30,"UnitPrice":0.10,"Qty":3'],
    ['GBP', 999n, '1.5', '"Amount":9.99,"UnitPrice":6.66,"Qty":1.5'],
    ['GBP', 1000n, '1.5', '"Amount":10.00,'],
    ['GBP', -999n, '3', '"Amount":-9.99,"UnitPrice":-3.33,"Qty":3'],
    ['GBP', 5n, '8', '"Amount":0.05,"UnitPrice":0.00625,"Qty":8'],
    ['GBP', 5n, '16', '"Amount":0.05,'],
    ['GBP', 500n, '0', '"Amount":5.00,'],
    ['GBP', 500n, '-2', '"Amount":5.00,'],
    ['GBP', 9_007_199_254_740_993n, '1', '"Amount":90071992547409.93,"UnitPrice":90071992547409.93,"Qty":1'],
  ])('%s %s for a quantity of %s', (currency, net, quantity, expected) => {
    // The second line only keeps the total of a negative one above zero.
    const text = connector.encode(invoiceOf(currency, [line({ net, quantity }), line({ net: 10_000n })]), mapping);
    const first = /"Amount":[^,]*,|"UnitPrice":[^,]*,"Qty":[^}]*/g;
    const numbers = (text.split('"Line":[')[1] ?? '').split('"Description"')[1]?.match(first)?.join('') ?? '';
    expect(numbers).toBe(expected);
  });

  test('yen have no decimals and dinars may have no third one', async () => {
    const free: BooksMapping = {
      ...mapping,
      record: (key) => (key.startsWith('customer') ? '58' : mapping.record(key)),
    };
    const yen = invoiceOf('JPY', [line({ net: 1000n, taxCode: null, quantity: '2' })]);
    expect(connector.encode(yen, free)).toContain('"Amount":1000,"DetailType"');
    const dinars = invoiceOf('KWD', [line({ net: 12_345n, taxCode: null })]);
    const failure = await failing(dinars, free);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_AMOUNT_TOO_FINE' });
    expect(failure.message).toContain('its amount KWD 12.345 has more than the two decimals that QuickBooks keeps');
  });
});

describe('what is checked before anything is sent', () => {
  const journal = fixture('journal').document as BookJournal;
  test.each<[string, BookDocument, string]>([
    ['lines that miss the total', { ...invoice, total: 5200n }, 'its lines come to 51.99 but the document says 52.00'],
    ['lines that miss the tax', { ...creditNote, tax: 199n }, '2.00 of tax but the document says 1.99'],
    ['no lines', { ...invoice, lines: [], total: 0n, tax: 0n }, 'it has no lines'],
    ['a negative total', invoiceOf('GBP', [line({ net: -1n })]), 'its total is negative'],
    ['a payment of nothing', { ...fixture('payment').document, amount: 0n } as BookDocument, 'not above zero'],
    ['a transfer of nothing', { ...fixture('transfer').document, amount: 0n } as BookDocument, 'not above zero'],
    ['a journal of one line', { ...journal, lines: journal.lines.slice(0, 1) }, 'fewer than two lines'],
    ['a journal that does not balance', { ...journal, lines: journal.lines.slice(0, 2) }, 'debits and credits differ'],
    ['a journal with another total', { ...journal, total: 5411n }, 'its debits are not the total'],
  ])('%s', async (_, document, words) => {
    const failure = await failing(document);
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_DOCUMENT_INVALID' });
    expect(failure.message).toContain(words);
  });

  test.each(['', 'a b', "a'b", 'a"b', 'a\\b', 'a\nb', 'x'.repeat(256)])(
    'a number %j could never be looked up again and is not sent',
    async (number) => {
      expect(await failing({ ...invoice, number })).toMatchObject({ code: 'BOOKS_DOCUMENT_INVALID' });
    },
  );
});
