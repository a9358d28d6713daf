import type { BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { BooksMapping } from '../../kit/contract.ts';
import { mapped } from '../../kit/test-handed.ts';
import { connector } from './connector.ts';
import { QUOTE, quoted, quoteOf } from './quote.ts';
import { asking, fixture, handed, json, mapping } from './test-support.ts';

const invoice = fixture('euro-invoice').document;
/** The ledger has 0.8650 pounds for a euro, the books in the tests 0.8712. */
const rated: BookDocument = { ...invoice, rate: '0.8650' };
const OURS = `${QUOTE}:EUR:2026-11-09:0.8650`;
const BOOKS = 'rate:EUR:2026-11-09';

function knowing(records: Readonly<Record<string, string>>): BooksMapping {
  return { ...mapping, record: (key) => mapped(records[key], `record ${key}`) };
}

const settings = json({ base_currency: { id: 'GBP' }, multi_currency_enabled: true });
const rate = (text: string) => json({ rate: text });
const none = json([], 404);
async function made(keys: string[], ...answers: ReturnType<typeof json>[]): Promise<[string, string][]> {
  return [...((await connector.ensureRecords?.(keys, handed(settings, ...answers).api)) ?? [])];
}

describe('which way round rates are said', () => {
  test.each([
    // Pounds for a dollar, a yen, a euro; then dollars, yen, euros for a pound.
    ['0.79', '0.77', 'home_per_foreign'],
    ['0.79', '1.3', 'foreign_per_home'],
    ['0.0051', '0.0053', 'home_per_foreign'],
    ['0.0051', '150', 'foreign_per_home'],
    ['0.865', '0.8712', 'home_per_foreign'],
    ['0.865', '1.1478', 'foreign_per_home'],
    // Swiss francs in euros are too near to one; a quarter is where it begins to be told.
    ['1.06', '1.06', null],
    ['1.118', '1.118', null],
    ['1.1181', '1.1181', 'home_per_foreign'],
    // Rates of another year: 0.79 and its reciprocal 1.27 are both too far from 0.95, or from 1.9.
    ['0.79', '0.95', null],
    ['0.79', '1.9', null],
    ['0.79', '0', null],
  ])('the ledger has %s, the books %s: %s', (ours, theirs, quote) => {
    expect(quoteOf(ours, theirs, false)).toBe(quote);
  });

  test.each([
    ['1.085', '1.1', 'home_per_foreign'],
    ['1.085', '0.91', 'foreign_per_home'],
    ['1.048', '1.048', null],
    ['1.085', '1.0', null],
  ])('the ledger has %s, the books %s, both of these days: %s', (ours, theirs, quote) => {
    expect(quoteOf(ours, theirs, true)).toBe(quote);
  });

  test('a turned rate brings every amount up to a thousand million to the cent that the ledger has', () => {
    for (const [ours, minor] of [
      ['0.00668', 99_999_999_999n],
      ['1.16', 99_999_999_937n],
      ['0.8712', 12_345_678_911n],
      ['191.37', 52_254_813n],
    ] as const) {
      const [up, down] = [BigInt(ours.replace('.', '')), 10n ** BigInt(ours.split('.')[1]?.length ?? 0)];
      const text = quoted(ours, 'foreign_per_home');
      const [theirs, scale] = [BigInt(text.replace('.', '')), 10n ** BigInt(text.split('.')[1]?.length ?? 0)];
      const half = (numerator: bigint, denominator: bigint) => (2n * numerator + denominator) / (2n * denominator);
      expect(half(minor * scale, theirs), ours).toBe(half(minor * up, down));
    }
    expect(quoted('0.8', 'foreign_per_home')).toBe('1.25');
    expect(quoted('0.80', 'home_per_foreign')).toBe('0.8');
  });
});

describe('exchange rates', () => {
  test('are asked for documents in other currencies only, one a day', () => {
    expect(connector.recordsFor?.(invoice, mapping)).toEqual([BOOKS]);
    for (const name of ['invoice', 'payment', 'transfer', 'fees', 'allocation'] as const) {
      expect(connector.recordsFor?.(fixture(name).document, mapping), name).toEqual([]);
    }
  });

  test('of the ledger go along until it is known which way round the books want them, then nothing is asked', () => {
    expect(connector.recordsFor?.(rated, mapping)).toEqual([BOOKS, OURS]);
    expect(connector.recordsFor?.(rated, knowing({ [QUOTE]: 'home_per_foreign' }))).toEqual([]);
    expect(connector.recordsFor?.(invoice, knowing({ [QUOTE]: 'home_per_foreign' }))).toEqual([BOOKS]);
  });

  test.each([
    ['the ledger’s, where they are said alike', { [QUOTE]: 'home_per_foreign', [BOOKS]: '0.8712' }, '0.865'],
    // 1 / 0.8650 = 1.15606936416184…
    ['the ledger’s, turned round', { [QUOTE]: 'foreign_per_home', [BOOKS]: '1.1478' }, '1.156069364162'],
    ['the books’ own as long as that is not known', { [BOOKS]: '0.8712' }, '0.8712'],
  ])('are %s', (_, records, sent) => {
    expect(connector.encode(rated, knowing(records))).toContain(`"currency_id":"EUR","exchange_rate":${sent},`);
  });

  test('are the books’ own for a document without one', () => {
    const books = knowing({ [QUOTE]: 'home_per_foreign', [BOOKS]: '0.8712' });
    expect(connector.encode(invoice, books)).toContain('"exchange_rate":0.8712,');
  });

  test('are read once a currency; where foreign currency is off there are none', async () => {
    const yesterday = 'rate:EUR:2026-11-08';
    const keys = [BOOKS, yesterday, 'rate:JPY:2026-11-09'];
    expect(await made(keys, rate('0.8712'), none)).toEqual([
      [BOOKS, '0.8712'],
      [yesterday, '0.8712'],
    ]);
    const off = handed(json({ base_currency: { id: 'GBP' }, multi_currency_enabled: false }));
    expect(await connector.ensureRecords?.([...keys, OURS], off.api)).toEqual(new Map());
    expect(off.asked.map(asking)).toEqual(['GET /financial_settings']);
  });

  test('tell which way round they are said, by their own currency or another one of the same books', async () => {
    expect(await made([BOOKS, OURS], rate('0.8712'))).toEqual([
      [BOOKS, '0.8712'],
      [QUOTE, 'home_per_foreign'],
    ]);
    const francs = `${QUOTE}:CHF:2026-11-09:0.92`;
    expect(await made([francs], rate('1.08'))).toEqual([]);
    expect(await made([francs, `${QUOTE}:JPY:2026-11-09:0.0051`], rate('1.08'), rate('196'))).toEqual([
      [QUOTE, 'foreign_per_home'],
    ]);
  });

  test('of these days tell more: the books take live ones, the sale is of the last thirty days', async () => {
    const live = json({ base_currency: { id: 'GBP' }, multi_currency_enabled: true, use_live_exchange_rates: true });
    const told = async (date: string, from = live) => {
      const { api } = handed(from, rate('1.08'));
      return (await connector.ensureRecords?.([`${QUOTE}:CHF:${date}:0.92`], api))?.get(QUOTE);
    };
    // The clock says 2026-11-21, noon.
    expect(await told('2026-10-23')).toBe('foreign_per_home');
    expect(await told('2026-10-22')).toBeUndefined();
    expect(await told('2026-10-23', settings)).toBeUndefined();
  });

  test('that contradict each other tell nothing', async () => {
    // Somebody typed the yen's rate the wrong way round.
    expect(await made([OURS, `${QUOTE}:JPY:2026-11-09:0.0051`], rate('0.8712'), rate('196'))).toEqual([]);
  });

  test('a payment says its rate, into a bank account of its currency or of the books', () => {
    const paid = { ...fixture('payment').document, currency: 'EUR', rate: '0.8650' } as BookDocument;
    const books = knowing({ [QUOTE]: 'home_per_foreign' });
    const euros = { ...paid, role: 'clearing.stripe.EUR', account: '1242' } as BookDocument;
    for (const document of [paid, euros]) {
      expect(connector.encode(document, books)).toContain('"currency_id":"EUR","exchange_rate":0.865');
    }
  });
});
