import { describe, expect, test } from 'vitest';
import { booksIn, factsWith, paymentOf, refundOf, saleOf, taxed, voidOf } from '../test/books.ts';
import { documentNumber, documentsFor } from './document-rules.ts';
import type { BookDocument } from './documents.ts';
import type { EventInput } from './events.ts';
import { formatMinor } from './money.ts';
import { entriesFor } from './posting-rules.ts';

const GB = booksIn('GB');
const card = (amount: bigint) => ({ kind: 'card' as const, processor: 'stripe', amount });
const cash = (amount: bigint) => ({ kind: 'cash' as const, amount });
const order = { id: '1001', number: '#1001' };
type SaleGiven = Partial<Extract<EventInput, { type: 'sale' }>>;

/** Mugs at 10.00 + 20 %, paid as told. */
const mugs = (count: bigint, paid: SaleGiven, revision = '1') =>
  saleOf({
    currency: 'GBP',
    order,
    revision,
    lines: [
      {
        kind: 'product',
        id: 'm',
        sku: 'MUG',
        title: 'Mug',
        quantity: String(count),
        net: count * 1000n,
        taxes: taxed(count * 200n, '20', 'VAT'),
      },
    ],
    ...paid,
  });

const INVOICE = documentNumber(mugs(1n, { due: 1200n }), factsWith());

/** "invoice N 24.00 = sales.revenue.standard/S20 20.00+4.00": what a person checks, the first number as N. */
function told(documents: BookDocument[]): string[] {
  const pounds = (amount: bigint) => formatMinor(amount, 'GBP');
  const short = (number: string) => number.replace(INVOICE, 'N');
  return documents.map((each) => {
    if (each.kind === 'payment') {
      return `payment ${short(each.number)} ${pounds(each.amount)} ${each.role} on ${each.settles.kind} ${short(each.settles.number)}`;
    }
    if (each.kind === 'allocation') {
      return `allocation ${short(each.number)} ${pounds(each.amount)} of ${short(each.creditNote)} on ${short(each.invoice)}`;
    }
    if (each.kind !== 'invoice' && each.kind !== 'credit_note') return each.kind;
    const lines = each.lines.map(
      (line) => `${line.role}/${line.taxCode} ${line.quantity}: ${pounds(line.net)}+${pounds(line.tax)}`,
    );
    return `${each.kind} ${short(each.number)} ${pounds(each.total)} = ${lines.join(', ')}`;
  });
}

/** Documents of each revision in turn. */
function revisions(...sales: ReturnType<typeof mugs>[]): string[][] {
  return sales.map((sale, index) => {
    const before = sales[index - 1];
    const previous = before ? { version: index, event: before, entries: entriesFor(before, factsWith(), GB) } : null;
    return told(documentsFor(sale, factsWith({ previous, saleRevisions: sales.slice(0, index) }), GB));
  });
}

describe('a sale', () => {
  test('is an invoice and one payment per tender, with the accounts of the ledger', () => {
    const sale = saleOf({
      currency: 'GBP',
      order,
      occurredAt: '2026-03-31T23:30:00Z',
      lines: [
        {
          kind: 'product',
          sku: 'MUG',
          title: 'Mug',
          quantity: '2',
          listNet: 2000n,
          discount: 200n,
          net: 1800n,
          taxes: taxed(360n, '20'),
        },
        { kind: 'shipping', title: 'Post', net: 500n, taxes: taxed(100n, '20') },
        { kind: 'tip', net: 140n },
      ],
      tenders: [{ kind: 'gift_card', amount: 900n }, card(2000n)],
    });
    const documents = documentsFor(sale, factsWith(), { ...GB, timeZone: 'Europe/London' });
    expect(told(documents)).toEqual([
      'invoice N 29.00 = sales.revenue.standard/S20 2: 20.00+4.00, sales.discount/S20 1: -2.00+-0.40, ' +
        'sales.shipping/S20 1: 5.00+1.00, tips.payable/null 1: 1.40+0.00',
      'payment N-p1 9.00 giftcard.liability on invoice N',
      'payment N-p2 20.00 clearing.stripe on invoice N',
    ]);
    expect(documents[0]).toMatchObject({
      reference: '#1001',
      date: '2026-04-01',
      dueDate: '2026-04-01',
      currency: 'GBP',
      party: { id: 'webshop:demo.example', name: 'Demo shop' },
      tax: 460n,
    });
  });

  test('leaves out tax the channel keeps, on the invoice and in the payment', () => {
    const taxes = [{ name: 'CA', rate: '8.25', amount: 330n, collectedBy: 'channel' as const }];
    const sale = saleOf({
      currency: 'USD',
      order,
      lines: [{ kind: 'product', net: 4000n, taxes }],
      tenders: [card(4330n)],
    });
    expect(told(documentsFor(sale, factsWith(), booksIn('US')))).toEqual([
      'invoice N 40.00 = sales.revenue.standard/MKT 1: 40.00+0.00',
      'payment N-p1 40.00 clearing.stripe on invoice N',
    ]);
    const gross = booksIn('US', { settings: { channelTax: 'gross' } });
    expect(told(documentsFor(sale, factsWith(), gross))).toEqual([
      'invoice N 43.30 = sales.revenue.standard/MKT 1: 40.00+0.00, tax.marketplace/null 1: 3.30+0.00',
      'payment N-p1 43.30 clearing.stripe on invoice N',
    ]);
  });

  test('is made out to the buyer when terms or a tax number make it business, else to the connection', () => {
    const customer = { id: 'c7', name: 'Quayside Hotel', email: 'pay@quayside.example', country: 'GB' };
    const party = (given: SaleGiven) => documentsFor(mugs(1n, { due: 1200n, ...given }), factsWith(), GB)[0]?.party;
    expect(party({ customer })).toEqual({ id: 'webshop:demo.example', name: 'Demo shop' });
    const business = { ...customer, id: 'webshop:demo.example:customer:c7' };
    expect(party({ customer, terms: { dueDate: '2026-04-09' } })).toEqual(business);
    expect(party({ customer: { ...customer, taxNumber: 'GB123' } })).toEqual(business);
  });

  test('that is free owes no document', () => {
    expect(documentsFor(mugs(0n, { tenders: [] }), factsWith(), GB)).toEqual([]);
  });
});

describe('an edited sale', () => {
  test('with another mug owes an invoice for the mug', () => {
    expect(revisions(mugs(2n, { tenders: [card(2400n)] }), mugs(3n, { tenders: [card(3600n)] }, '2'))[1]).toEqual([
      'invoice N-2 12.00 = sales.revenue.standard/S20 1: 10.00+2.00',
      'payment N-2-p1 12.00 clearing.stripe on invoice N-2',
    ]);
  });

  test('with a mug less owes a credit note, paid back', () => {
    expect(revisions(mugs(2n, { tenders: [card(2400n)] }), mugs(1n, { tenders: [card(1200n)] }, '2'))[1]).toEqual([
      'credit_note N-2 12.00 = sales.revenue.standard/S20 1: 10.00+2.00',
      'payment N-2-p1 12.00 clearing.stripe on credit_note N-2',
    ]);
  });

  test('with a mug less that was not paid yet sets the credit note against the invoice', () => {
    expect(revisions(mugs(2n, { due: 2400n }), mugs(1n, { due: 1200n }, '2'))[1]).toEqual([
      'credit_note N-2 12.00 = sales.revenue.standard/S20 1: 10.00+2.00',
      'allocation N-2-a1 12.00 of N-2 on N',
    ]);
  });

  test('with the same lines that was paid meanwhile owes only the payment', () => {
    expect(revisions(mugs(2n, { due: 2400n }), mugs(2n, { tenders: [card(2400n)] }, '2'))[1]).toEqual([
      'payment N-2-p1 24.00 clearing.stripe on invoice N',
    ]);
  });

  test('pays the invoices in the order they came: the first one, then the difference', () => {
    const steps = revisions(
      mugs(1n, { due: 1200n }),
      mugs(2n, { due: 2400n }, '2'),
      mugs(2n, { tenders: [card(2000n)], due: 400n }, '3'),
      mugs(2n, { tenders: [card(2400n)] }, '4'),
    );
    expect(steps.slice(2)).toEqual([
      ['payment N-3-p1 12.00 clearing.stripe on invoice N', 'payment N-3-p2 8.00 clearing.stripe on invoice N-2'],
      ['payment N-4-p1 4.00 clearing.stripe on invoice N-2'],
    ]);
  });

  test('whose money moved from card to cash is credited and invoiced afresh', () => {
    expect(revisions(mugs(2n, { tenders: [card(2400n)] }), mugs(2n, { tenders: [cash(2400n)] }, '2'))[1]).toEqual([
      'credit_note Nr2 24.00 = sales.revenue.standard/S20 2: 20.00+4.00',
      'payment Nr2-p1 24.00 clearing.stripe on credit_note Nr2',
      'invoice N-2 24.00 = sales.revenue.standard/S20 2: 20.00+4.00',
      'payment N-2-p1 24.00 cash.drawer on invoice N-2',
    ]);
    // Three letters, eight of the order, six digits and two hyphens are 19; the shortest limit of the books is 21.
    expect(INVOICE.length - '1001'.length + 8 + 'r2'.length).toBe(21);
  });

  test('that renames an item, or swaps it at the same price, owes nothing', () => {
    const before = mugs(2n, { tenders: [card(2400n)] });
    const [line] = before.lines;
    for (const change of [{ title: 'Big mug' }, { sku: 'CUP', title: 'Cup' }]) {
      const after = mugs(2n, { tenders: [card(2400n)], lines: line ? [{ ...line, ...change }] : [] }, '2');
      expect(revisions(before, after)[1]).toEqual([]);
    }
  });

  test('that says the same owes nothing', () => {
    expect(revisions(mugs(2n, { due: 2400n }), mugs(2n, { due: 2400n }, '2'))[1]).toEqual([]);
  });

  test('without its history is worked out from the newest revision', () => {
    const before = mugs(2n, { tenders: [card(2400n)] });
    const previous = { version: 1, event: before, entries: entriesFor(before, factsWith(), GB) };
    const documents = documentsFor(mugs(3n, { tenders: [card(3600n)] }, '2'), factsWith({ previous }), GB);
    expect(told(documents)[0]).toBe('invoice N-2 12.00 = sales.revenue.standard/S20 1: 10.00+2.00');
  });
});

describe('a refund', () => {
  const sale = mugs(2n, { tenders: [card(2400n)] });
  const facts = factsWith({ sale });
  const refund = (amount: bigint, revision = '1') =>
    refundOf({
      currency: 'GBP',
      order,
      revision,
      lines: amount === 0n ? [] : [{ kind: 'adjustment', net: amount, taxUnknown: true }],
      tenders: amount === 0n ? [] : [card(amount)],
    });

  test('is a credit note and a refund payment, its tax taken from the sale', () => {
    const documents = documentsFor(refund(600n), facts, GB);
    const [note] = documents;
    expect(told(documents).map((text) => text.replaceAll(note?.number ?? '', 'R'))).toEqual([
      'credit_note R 6.00 = sales.returns/S20 1: 5.00+1.00',
      'payment R-p1 6.00 clearing.stripe on credit_note R',
    ]);
    expect(note?.number).toMatch(/^WEB-1001-[0-9a-f]{6}$/);
    expect(note?.number).not.toBe(INVOICE);
  });

  test('that failed afterwards is taken back by a paid invoice', () => {
    const first = refund(600n);
    const previous = { version: 1, event: first, entries: entriesFor(first, facts, GB) };
    const documents = documentsFor(refund(0n, '2'), { ...facts, previous }, GB);
    const number = documentNumber(first, facts);
    expect(told(documents).map((text) => text.replaceAll(number, 'R'))).toEqual([
      'invoice R-2 6.00 = sales.returns/S20 1: 5.00+1.00',
      'payment R-2-p1 6.00 clearing.stripe on invoice R-2',
    ]);
  });
});

describe('payments and voids', () => {
  const sale = mugs(2n, { due: 2400n });
  const facts = factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), GB) });

  test('a payment settles the invoice of its sale, a second one what is left', () => {
    const first = paymentOf({ currency: 'GBP', amount: 1000n });
    const text = told(documentsFor(first, facts, GB))[0];
    expect(text).toMatch(/^payment WEB-7001-[0-9a-f]{6}-p1 10\.00 clearing\.bank_transfer on invoice N$/);
    const second = paymentOf({ currency: 'GBP', id: '7002', amount: 1400n });
    const [rest] = documentsFor(second, { ...facts, earlierPayments: [first] }, GB);
    expect(rest).toMatchObject({ amount: 1400n, settles: { kind: 'invoice', number: INVOICE } });
  });

  test('a payment may name an invoice that Daybook did not write', () => {
    const payment = paymentOf({ currency: 'GBP', sale: undefined, invoiceNumber: 'INV-0101', amount: 1000n });
    expect(documentsFor(payment, factsWith(), GB)[0]).toMatchObject({
      kind: 'payment',
      settles: { kind: 'invoice', number: 'INV-0101' },
    });
  });

  test('the void of a sale posted as owed credits it and closes its invoices', () => {
    const edited = mugs(3n, { due: 3600n }, '2');
    const documents = documentsFor(
      voidOf({ currency: 'GBP', order }),
      { ...facts, sale: edited, saleRevisions: [sale, edited] },
      GB,
    );
    const number = documents[0]?.number ?? '';
    expect(told(documents).map((text) => text.replaceAll(number, 'V'))).toEqual([
      'credit_note V 36.00 = sales.revenue.standard/S20 3: 30.00+6.00',
      'allocation V-a1 24.00 of V on N',
      'allocation V-a2 12.00 of V on N-2',
    ]);
  });

  test('the void of a paid or unknown sale owes nothing', () => {
    const paid = mugs(2n, { tenders: [card(2400n)] });
    const known = factsWith({ sale: paid, saleEntries: entriesFor(paid, factsWith(), GB) });
    expect(documentsFor(voidOf({ currency: 'GBP' }), known, GB)).toEqual([]);
    expect(documentsFor(voidOf({ currency: 'GBP' }), factsWith(), GB)).toEqual([]);
  });

  test('a sale that comes back after its void starts a new invoice', () => {
    const again = mugs(2n, { tenders: [card(2400n)] }, '3');
    const previous = { version: 1, event: sale, entries: [] };
    expect(told(documentsFor(again, factsWith({ previous, saleRevisions: [sale] }), GB))).toEqual([
      'invoice N-2 24.00 = sales.revenue.standard/S20 2: 20.00+4.00',
      'payment N-2-p1 24.00 clearing.stripe on invoice N-2',
    ]);
  });
});

describe('numbers', () => {
  const numberOf = (given: SaleGiven, source = 'a.example', version = 1) =>
    documentNumber(mugs(1n, { due: 1200n, ...given }), { source }, version);

  test('are the same for the same fact and differ between shops, orders and revisions', () => {
    expect(numberOf({})).toBe(numberOf({}));
    const all = [numberOf({}), numberOf({}, 'b.example'), numberOf({ id: '1002' }), numberOf({}, 'a.example', 2)];
    expect(new Set(all).size).toBe(4);
  });

  test('fit the shortest limit of the books we know, whatever the channel calls its orders', () => {
    for (const id of ['1', '#1001', 'gid://shop/Order/820982911946154508', 'ÄÖ-77/€', '7f9c2ba4-e88f-427d']) {
      const number = numberOf({ id, order: undefined }, 'a.example', 9);
      expect(number.length).toBeLessThanOrEqual(21);
      expect(number).toMatch(/^[A-Z]+-[A-Za-z0-9]+-[0-9a-f]{6}-9$/);
    }
  });
});

describe('money that no invoice can take yet', () => {
  test('waits while a paid order was made cheaper before it was heard of, and is placed when the order is whole again', () => {
    const cheaper = mugs(1n, { tenders: [card(2400n)], due: -1200n }, '1');
    const whole = mugs(2n, { tenders: [card(2400n)] }, '2');
    expect(revisions(cheaper, whole)).toEqual([
      ['invoice N 12.00 = sales.revenue.standard/S20 1: 10.00+2.00', 'payment N-p1 12.00 clearing.stripe on invoice N'],
      [
        'invoice N-2 12.00 = sales.revenue.standard/S20 1: 10.00+2.00',
        'payment N-2-p1 12.00 clearing.stripe on invoice N-2',
      ],
    ]);
  });

  test('an open credit note of an edit is set against the invoice of the next one', () => {
    const paid = mugs(2n, { tenders: [card(2400n)] }, '1');
    const cheaper = mugs(1n, { tenders: [card(2400n)], due: -1200n }, '2');
    const whole = mugs(2n, { tenders: [card(2400n)] }, '3');
    expect(revisions(paid, cheaper, whole)[2]).toEqual([
      'invoice N-3 12.00 = sales.revenue.standard/S20 1: 10.00+2.00',
      'allocation N-3-a1 12.00 of N-2 on N-3',
    ]);
  });
});

describe('a refund told more exactly after its sale was edited', () => {
  test('is measured against what was written, so that its documents come to its newest tax', () => {
    const mug = { kind: 'product' as const, sku: 'MUG', title: 'Mug', net: 1000n, taxes: taxed(200n, '20', 'VAT') };
    const book = { kind: 'product' as const, sku: 'BOOK', title: 'Book', net: 1000n, taxes: taxed(0n, '0', 'VAT') };
    const before = saleOf({ currency: 'GBP', order, lines: [mug, book], tenders: [card(2200n)] });
    const after = saleOf({
      currency: 'GBP',
      order,
      revision: '2',
      lines: [mug, book, { ...mug, sku: 'MUG2', title: 'Second mug' }],
      tenders: [card(3400n)],
    });
    // 11.00 of 22.00 with 2.00 tax: 1.00 tax (accounting.md A8). Told exactly it is 9.17 + 1.83.
    const lump = refundOf({
      currency: 'GBP',
      order,
      tenders: [card(1100n)],
      lines: [{ kind: 'adjustment', net: 1100n, taxes: [], taxUnknown: true }],
    });
    const exact = refundOf({
      currency: 'GBP',
      order,
      revision: '2',
      tenders: [card(1100n)],
      lines: [{ kind: 'product', sku: 'MUG', title: 'Mug', net: 917n, taxes: taxed(183n, '20', 'VAT') }],
    });
    const first = factsWith({ sale: before });
    const written = documentsFor(lump, first, GB);
    const previous = { version: 1, event: lump, entries: entriesFor(lump, first, GB) };
    const corrected = documentsFor(exact, factsWith({ sale: after, previous, documented: written }), GB);
    expect(taxGivenBack(written)).toBe(100n);
    expect(taxGivenBack([...written, ...corrected])).toBe(183n);
    expect(corrected.filter((each) => each.kind === 'payment')).toEqual([]);
  });
});

/** Output tax that documents take back, minor units. */
function taxGivenBack(documents: BookDocument[]): bigint {
  return documents.reduce((sum, each) => {
    if (each.kind === 'credit_note') return sum + each.tax;
    return each.kind === 'invoice' ? sum - each.tax : sum;
  }, 0n);
}
