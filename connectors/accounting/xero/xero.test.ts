import type { BookDocument, CreditNote, Invoice } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { connector } from './connector.ts';
import { FIXTURES, fixture, mapping } from './test-support.ts';

const invoice = fixture('invoice').document as Invoice;
const creditNote = fixture('credit-note').document as CreditNote;

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

/** The numbers of the first line, exactly as they are written. */
function numbersOf(document: Invoice): string {
  const text = connector.encode(document, mapping);
  return /"Quantity".*?"TaxAmount":[^}]*/.exec(text)?.[0].replaceAll(/"(AccountCode|TaxType)":"[^"]*",/g, '') ?? text;
}

function failureOf(document: BookDocument): ConnectorError {
  try {
    connector.encode(document, mapping);
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('It was encoded.');
}

describe('what is sent', () => {
  test.each(FIXTURES)('a %s is sent as the fixture says, to the letter', (name) => {
    const { document, request } = fixture(name);
    const encoded = connector.encode(document, mapping);
    expect(connector.prepare(document.kind, [encoded], document, mapping)).toEqual(request);
  });

  test('several documents of a kind share a request, in order', () => {
    const second = { ...invoice, number: 'S-1002' };
    const encoded = [invoice, second].map((each) => connector.encode(each, mapping));
    const { method, path, body } = connector.prepare('invoice', encoded, invoice, mapping);
    expect({ method, path }).toEqual({ method: 'PUT', path: '/Invoices?summarizeErrors=false&unitdp=4' });
    expect(body).toBe(`{"Invoices":[${encoded[0]},${encoded[1]}]}`);
  });

  test('the same document twice gives the same bytes, which a replay depends on', () => {
    expect(connector.encode(invoice, mapping)).toBe(connector.encode(structuredClone(invoice), mapping));
  });

  test('a line without a tax code names the type for no tax, never nothing', () => {
    const text = connector.encode(invoiceOf('GBP', [line({ net: 100n, taxCode: null })]), mapping);
    expect(text).toContain('"TaxType":"NONE","TaxAmount":0.00');
  });

  test('an unmapped account or tax stops the document and names the mapping', () => {
    const unmapped = invoiceOf('GBP', [line({ net: 100n, role: 'sales.shipping' })]);
    expect(failureOf(unmapped)).toMatchObject({ code: 'MAPPING_MISSING', subject: 'account sales.shipping' });
    const untaxed = invoiceOf('GBP', [line({ net: 100n, taxCode: 'R5' })]);
    expect(failureOf(untaxed)).toMatchObject({ code: 'MAPPING_MISSING', subject: 'tax R5' });
  });

  test('control characters and half a surrogate pair never reach the wire', () => {
    const long = `${'a'.repeat(3999)}😀`;
    const text = connector.encode(invoiceOf('GBP', [line({ net: 1n, description: `a\u0000\tb` })]), mapping);
    expect(text).toContain('"Description":"a b"');
    expect(connector.encode(invoiceOf('GBP', [line({ net: 1n, description: long })]), mapping)).toContain(
      `"Description":"${'a'.repeat(3999)}"`,
    );
  });

  test('a line without words is described by its role', () => {
    expect(connector.encode(invoiceOf('GBP', [line({ net: 1n, description: ' ' })]), mapping)).toContain(
      '"Description":"sales.revenue.standard"',
    );
  });
});

describe('exact decimals', () => {
  test.each([
    ['GBP', 1n, 0n, '1', '"Quantity":1,"UnitAmount":0.01,"LineAmount":0.01,"TaxAmount":0.00'],
    ['GBP', 30n, 6n, '3', '"Quantity":3,"UnitAmount":0.10,"LineAmount":0.30,"TaxAmount":0.06'],
    ['GBP', 1000n, 200n, '1.5', '"Quantity":1,"UnitAmount":10.00,"LineAmount":10.00,"TaxAmount":2.00'],
    ['GBP', 999n, 200n, '1.5', '"Quantity":1.5,"UnitAmount":6.66,"LineAmount":9.99,"TaxAmount":2.00'],
    ['GBP', -999n, -200n, '3', '"Quantity":3,"UnitAmount":-3.33,"LineAmount":-9.99,"TaxAmount":-2.00'],
    ['GBP', 5n, 1n, '8', '"Quantity":1,"UnitAmount":0.05,"LineAmount":0.05,"TaxAmount":0.01'],
    ['GBP', 500n, 100n, '0', '"Quantity":1,"UnitAmount":5.00,"LineAmount":5.00,"TaxAmount":1.00'],
    ['GBP', 500n, 100n, '-2', '"Quantity":1,"UnitAmount":5.00,"LineAmount":5.00,"TaxAmount":1.00'],
    ['JPY', 1000n, 100n, '2', '"Quantity":2,"UnitAmount":500.00,"LineAmount":1000,"TaxAmount":100'],
    ['JPY', 1001n, 100n, '2', '"Quantity":2,"UnitAmount":500.50,"LineAmount":1001,"TaxAmount":100'],
    ['JPY', 1000n, 100n, '3', '"Quantity":1,"UnitAmount":1000,"LineAmount":1000,"TaxAmount":100'],
    ['KWD', 12_340n, 620n, '1', '"Quantity":1,"UnitAmount":12.34,"LineAmount":12.340,"TaxAmount":0.620'],
    ['GBP', 9_007_199_254_740_993n, 1n, '1', '"LineAmount":90071992547409.93,"TaxAmount":0.01'],
  ])('%s %s with tax %s for a quantity of %s', (currency, net, tax, quantity, expected) => {
    // The second line only keeps the total of a negative one above zero.
    const document = invoiceOf(currency, [line({ net, tax, quantity }), line({ net: 10_000n })]);
    expect(numbersOf(document)).toContain(expected);
  });

  test('a third decimal is refused, because the books would round it away', () => {
    const failure = failureOf(invoiceOf('KWD', [line({ net: 12_345n })]));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_AMOUNT_TOO_FINE' });
    expect(failure.message).toBe(
      'Invoice S-1001 (KWD 12.345) was not sent to Xero: its amount KWD 12.345 has more than the two decimals that ' +
        'Xero keeps. Enter this document in Xero by hand, rounded, and mark it as done here.',
    );
  });
});

describe('what is checked before anything is sent', () => {
  test('a document whose lines do not come to its total is not sent', () => {
    const failure = failureOf({ ...invoice, total: 5201n });
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_DOCUMENT_INVALID' });
    expect(failure.message).toContain('its lines come to 52.00 but the document says 52.01');
    expect(failureOf({ ...creditNote, tax: 200n }).message).toContain('1.99 of tax but the document says 2.00');
  });

  test('a document without lines, or below zero, is not sent', () => {
    expect(failureOf({ ...invoice, lines: [], total: 0n, tax: 0n }).message).toContain('it has no lines');
    expect(failureOf(invoiceOf('GBP', [line({ net: -1n })])).message).toContain('its total is negative');
  });

  test('a payment or allocation of nothing is not sent', () => {
    const payment = fixture('payment').document;
    const allocation = fixture('allocation').document;
    for (const document of [payment, allocation]) {
      expect(failureOf({ ...document, amount: 0n } as BookDocument).message).toContain('its amount is not above zero');
    }
  });

  test.each([
    ['empty', ''],
    ['with a comma', 'a,b'],
    ['with a quote', 'a"b'],
    ['with a backslash', 'a\\b'],
    ['with a line break', 'a\nb'],
    ['of 256 characters', 'x'.repeat(256)],
  ])('a number %s could never be looked up again and is not sent', (_, number) => {
    expect(failureOf({ ...invoice, number })).toMatchObject({ code: 'BOOKS_DOCUMENT_INVALID' });
  });

  test('a request above 3.5 MB is not made', () => {
    const encoded = connector.encode(invoice, mapping);
    const many = Array.from({ length: 4000 }, () => encoded);
    expect(() => connector.prepare('invoice', many, invoice, mapping)).toThrow(/larger than the 3.5 MB/);
  });
});
