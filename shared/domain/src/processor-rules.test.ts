import { describe, expect, test } from 'vitest';
import { balances, booksIn, factsWith, feeOf, moved, payoutOf, rows, saleOf } from '../test/books.ts';
import { c1, card, GB, US } from '../test/examples.ts';
import { makeEvent } from './events.ts';
import type { ResolvedEntry } from './journal-entry.ts';
import { entriesFor } from './posting-rules.ts';

/** Worked examples of accounting.md C14–C16: commission, fees and payouts, to the cent. */
const posted = (event: Parameters<typeof entriesFor>[0], books = US) => entriesFor(event, factsWith(), books)[0];
const coded = (entry: ResolvedEntry | undefined) =>
  entry?.lines.map(({ role, taxCode, taxKind, amount }) => [role, taxCode ?? null, taxKind ?? null, amount]);

describe('fees', () => {
  const processingFee = feeOf({ currency: 'USD' });

  test('C15a: a processing fee, at the date of the charge', () => {
    const entry = posted(processingFee);
    expect(rows(entry, 'USD')).toEqual(['Cr clearing.stripe 1.87', 'Dr fees.processing 1.87']);
    expect(entry).toMatchObject({
      entryType: 'FEE',
      sourceKey: 'webshop:demo.example:fee:txn_1',
      postingDate: '2026-03-10',
      memo: 'Demo shop fee txn_1',
    });
  });

  test('C14b: the commission of a marketplace has an account of its own where the chart gives it one', () => {
    expect(rows(posted(feeOf({ currency: 'USD', processor: 'marketplace', amount: 600n })), 'USD')).toEqual([
      'Cr clearing.marketplace 6.00',
      'Dr fees.marketplace 6.00',
    ]);
  });

  test('C15b: a fee under reverse charge owes the tax and recovers it', () => {
    const entry = posted(feeOf({ currency: 'GBP', amount: 2500n, taxCode: 'RC20' }), GB);
    expect(coded(entry)).toEqual([
      ['clearing.stripe', null, null, -2500n],
      ['fees.processing', 'RC20', 'net_in', 2500n],
      ['tax.input.rc', 'RC20', 'tax_in', 500n],
      ['tax.output.rc', 'RC20', 'tax_out', -500n],
    ]);
  });

  test('tax under reverse charge is half-up on both sides: 19 % of 0.50 is 0.10', () => {
    const entry = posted(feeOf({ currency: 'EUR', amount: 50n, taxCode: 'RC19' }), booksIn('DE'));
    expect(rows(entry, 'EUR')).toEqual([
      'Cr clearing.stripe 0.50',
      'Dr fees.processing 0.50',
      'Dr tax.input.rc 0.10',
      'Cr tax.output.rc 0.10',
    ]);
  });

  test('a fee taxed at home contains its tax: 12.00 at 20 % is 10.00 and 2.00', () => {
    expect(coded(posted(feeOf({ currency: 'GBP', amount: 1200n, taxCode: 'S20' }), GB))).toEqual([
      ['clearing.stripe', null, null, -1200n],
      ['fees.processing', 'S20', 'net_in', 1000n],
      ['tax.input', 'S20', 'tax_in', 200n],
    ]);
    const reduced = feeOf({ currency: 'EUR', amount: 107n, taxCode: 'U7' });
    expect(posted(reduced, booksIn('DE'))?.lines.at(-1)).toMatchObject({ role: 'tax.input.7', amount: 7n });
  });

  test('a fee given back is the same turned around', () => {
    const back = feeOf({ currency: 'GBP', amount: -2500n, taxCode: 'RC20' });
    expect(rows(posted(back, GB), 'GBP')).toEqual([
      'Dr clearing.stripe 25.00',
      'Cr fees.processing 25.00',
      'Cr tax.input.rc 5.00',
      'Dr tax.output.rc 5.00',
    ]);
  });

  test('without a code of its own it has the one of the setting, E where there is one, else none', () => {
    const code = (country: string, feeTaxCode?: string | null) =>
      posted(
        feeOf({ currency: country === 'US' ? 'USD' : country === 'GB' ? 'GBP' : 'EUR' }),
        booksIn(country, { settings: { feeTaxCode } }),
      )?.lines[1]?.taxCode;
    expect(code('GB')).toBe('E');
    expect(code('GB', null)).toBeUndefined();
    expect(code('DE')).toBe('E');
    expect(code('DE', 'RC19')).toBe('RC19');
    expect(code('US')).toBeUndefined();
    expect(() => code('GB', 'RC21')).toThrow(
      /fee txn_1 \(GBP 1\.87\): the tax code "RC21" is not one of the company's/,
    );
  });

  test('in a foreign currency it is translated at its own date', () => {
    const books = booksIn('GB', { roles: { 'clearing.stripe.EUR': '1242' }, rates: { 'EUR 2026-03-10': '0.8640' } });
    const [clearing, fee] = posted(feeOf({ currency: 'EUR', amount: 250n }), books)?.lines ?? [];
    expect(clearing).toMatchObject({ role: 'clearing.stripe.EUR', currency: 'EUR', amountTc: -250n, amount: -216n });
    expect(fee).toMatchObject({ role: 'fees.processing', taxCode: 'E', amountTc: 250n, amount: 216n });
  });

  test('of nothing posts nothing', () => {
    expect(posted(feeOf({ currency: 'USD', amount: 0n, processor: 'nobody' }))).toBeUndefined();
  });
});

describe('payouts', () => {
  const c16a = payoutOf({
    currency: 'USD',
    amount: 81563n,
    lines: [
      { kind: 'sale', gross: 100000n, fee: 3027n, net: 96973n, source: 'ch_1' },
      moved('refund', -5410n, 're_1'),
      moved('reserve', -10000n),
    ],
  });

  test('C16a: charges, refunds and fees are on clearing already; a reserve is still ours', () => {
    const entry = posted(c16a);
    expect(rows(entry, 'USD')).toEqual([
      'Dr bank.main 815.63',
      'Dr processor.reserve 100.00',
      'Cr clearing.stripe 915.63',
    ]);
    expect(entry).toMatchObject({ entryType: 'PYT', sourceKey: 'webshop:demo.example:payout:po_1' });
  });

  test('is dated at its arrival, also when that is late', () => {
    expect(posted(c16a)).toMatchObject({ postingDate: '2026-03-12', taxPoint: '2026-03-12' });
    const late = posted(c16a, booksIn('US', { openFrom: '2026-04-01' }));
    expect(late).toMatchObject({ postingDate: '2026-04-01', taxPoint: '2026-03-12' });
    expect(late?.memo).toBe('Demo shop payout po_1 (late: business date 2026-03-12 is closed)');
  });

  test('C16b: a reserve that is released comes back from its account, and the payout takes it along', () => {
    const released = payoutOf({
      currency: 'USD',
      amount: 60000n,
      lines: [moved('sale', 50000n, 'ch_2'), moved('reserve', 10000n)],
    });
    expect(rows(posted(released), 'USD')).toEqual([
      'Dr bank.main 600.00',
      'Cr processor.reserve 100.00',
      'Cr clearing.stripe 500.00',
    ]);
    const nothingPaid = payoutOf({
      currency: 'USD',
      amount: 0n,
      lines: [moved('reserve', 10000n), moved('refund', -10000n, 're_2')],
    });
    expect(rows(posted(nothingPaid), 'USD')).toEqual(['Cr processor.reserve 100.00', 'Dr clearing.stripe 100.00']);
  });

  test('C16c: a negative payout is taken from the bank', () => {
    expect(rows(posted(payoutOf({ currency: 'USD', amount: -3500n })), 'USD')).toEqual([
      'Cr bank.main 35.00',
      'Dr clearing.stripe 35.00',
    ]);
  });

  test('C14d: tax the marketplace withholds leaves its account, where sales put it there', () => {
    const taxes = [{ name: 'CA', rate: '8.25', amount: 330n, collectedBy: 'channel' as const }];
    const sale = saleOf({
      currency: 'USD',
      lines: [{ kind: 'product', net: 4000n, taxes }],
      tenders: [card('marketplace', 4330n)],
    });
    const report = payoutOf({
      currency: 'USD',
      processor: 'marketplace',
      amount: 4000n,
      lines: [moved('sale', 4330n, '1001'), moved('tax', -330n)],
    });
    const gross = booksIn('US', { settings: { channelTax: 'gross' } });
    expect(rows(posted(report, gross), 'USD')).toEqual([
      'Dr bank.main 40.00',
      'Dr tax.marketplace 3.30',
      'Cr clearing.marketplace 43.30',
    ]);
    for (const books of [gross, US]) {
      const entries = [sale, report].flatMap((event) => entriesFor(event, factsWith(), books));
      expect([...balances(entries, (line) => line.role).keys()]).toEqual([
        'sales.revenue.standard USD',
        'bank.main USD',
      ]);
    }
  });

  test('what nobody explains goes to suspense, in its own direction, never into fees', () => {
    const lines = [moved('sale', 10000n, 'ch_1'), moved('adjustment', -700n), moved('transfer', 200n)];
    expect(rows(posted(payoutOf({ currency: 'USD', amount: 9500n, lines })), 'USD')).toEqual([
      'Dr bank.main 95.00',
      'Dr suspense 5.00',
      'Cr clearing.stripe 100.00',
    ]);
  });

  test('not itemised yet it is bank and clearing alone; once itemised only the reserve moves', () => {
    const early = payoutOf({ currency: 'USD', amount: 81563n });
    const entries = entriesFor(early, factsWith(), US);
    expect(rows(entries[0], 'USD')).toEqual(['Dr bank.main 815.63', 'Cr clearing.stripe 815.63']);
    const facts = factsWith({ previous: { version: 1, event: early, entries } });
    const itemised = makeEvent({ ...c16a, revision: '2' });
    const newer = entriesFor(itemised, facts, US);
    expect(newer.map((entry) => entry.sourceKey)).toEqual([
      'webshop:demo.example:payout:po_1:reversal',
      'webshop:demo.example:payout:po_1:v2',
    ]);
    expect(balances([...entries, ...newer])).toEqual(balances(entriesFor(c16a, factsWith(), US)));
  });

  test('that failed is reversed on its day; after the month is closed, on the first open one', () => {
    const entries = entriesFor(c16a, factsWith(), US);
    const failed = payoutOf({ currency: 'USD', revision: '2', amount: 0n });
    const facts = factsWith({ previous: { version: 1, event: c16a, entries } });
    const [undone, ...more] = entriesFor(failed, facts, US);
    expect(more).toEqual([]);
    expect(undone).toMatchObject({ reverses: 'webshop:demo.example:payout:po_1', postingDate: '2026-03-12' });
    const [late] = entriesFor(failed, facts, booksIn('US', { openFrom: '2026-04-01' }));
    expect(late).toMatchObject({ postingDate: '2026-04-01', sourceKey: 'webshop:demo.example:payout:po_1:v2' });
    expect(rows(late, 'USD')).toEqual([
      'Cr bank.main 815.63',
      'Cr processor.reserve 100.00',
      'Dr clearing.stripe 915.63',
    ]);
  });

  test('a sale, its fee, its refund and the payout of the rest leave clearing at zero', () => {
    const refund = makeEvent({
      version: 1,
      type: 'refund',
      channel: 'webshop',
      id: '9001',
      revision: '1',
      occurredAt: '2026-03-11T12:00:00Z',
      currency: 'USD',
      test: false,
      sale: { id: '1001' },
      lines: [{ kind: 'adjustment', net: 1000n, taxUnknown: true }],
      tenders: [card('stripe', 1000n)],
      total: 1000n,
    });
    const payout = payoutOf({
      currency: 'USD',
      amount: 4223n,
      lines: [{ kind: 'sale', gross: 5410n, fee: 187n, net: 5223n, source: '1001' }, moved('refund', -1000n, '9001')],
    });
    const sold = entriesFor(c1, factsWith(), US);
    const entries = [
      ...sold,
      ...entriesFor(feeOf({ currency: 'USD' }), factsWith(), US),
      ...entriesFor(refund, factsWith({ sale: c1, saleEntries: sold }), US),
      ...entriesFor(payout, factsWith(), US),
    ];
    const left = balances(entries, (line) => line.role);
    expect(left.get('clearing.stripe USD')).toBeUndefined();
    expect(left.get('bank.main USD')?.amount).toBe(4223n);
  });

  test('a processor, a bank account or a reserve without an account is named', () => {
    const refused = (given: Partial<Parameters<typeof payoutOf>[0]>) => () =>
      posted(payoutOf({ currency: 'USD', amount: 100n, ...given }), booksIn('US', { rates: { EUR: '1.1' } }));
    expect(refused({ processor: 'klarna' })).toThrow(
      /payout po_1 \(USD 1\.00\): no account plays the role clearing\.klarna/,
    );
    expect(refused({ currency: 'EUR' })).toThrow(/no account plays the role bank\.EUR/);
  });
});
