import { describe, expect, test } from 'vitest';
import { booksIn, closeOf, disputeOf, factsWith, feeOf, moved, payoutOf, settlementOf } from '../test/books.ts';
import { c1, c18, GB, US } from '../test/examples.ts';
import { postInTurn } from '../test/posted-books.ts';
import type { Books } from './chart.ts';
import { documentNumber, documentsFor } from './document-rules.ts';
import { type BookDocument, dependsOn } from './documents.ts';
import { type CanonicalEvent, makeEvent } from './events.ts';
import { formatMinor } from './money.ts';
import { entriesFor } from './posting-rules.ts';

/** What the books are told of fees, payouts, conversions, disputes and tills, as a person would check it. */
function told(documents: readonly BookDocument[]): string[] {
  return documents.map((each) => {
    const show = (amount: bigint) => formatMinor(amount, each.currency);
    if (each.kind === 'transfer') return `${show(each.amount)} from ${each.from.role} to ${each.to.role}`;
    if (each.kind === 'bank_entry') {
      const lines = each.lines.map((line) => `${line.role}/${line.taxCode} ${show(line.net)}+${show(line.tax)}`);
      return `${each.direction} ${show(each.total)} ${each.role}: ${lines.join(', ')}`;
    }
    if (each.kind !== 'journal') return each.kind;
    return `journal ${each.currency} ${show(each.total)}: ${each.lines.map((l) => `${l.role} ${show(l.amount)}`).join(', ')}`;
  });
}

/** Documents of each revision in turn. */
const revisions = (books: Books, ...events: CanonicalEvent[]) =>
  postInTurn(events, () => books).map((each) => told(each.documents));
const once = (event: CanonicalEvent, books = GB) => told(documentsFor(event, factsWith(), books));

describe('a fee', () => {
  test('is spent from clearing, and received when given back', () => {
    expect(once(feeOf({ currency: 'GBP' }))).toEqual(['spend 1.87 clearing.stripe: fees.processing/E 1.87+0.00']);
    expect(once(feeOf({ currency: 'GBP', amount: -187n }))).toEqual([
      'receive 1.87 clearing.stripe: fees.processing/E 1.87+0.00',
    ]);
    expect(once(feeOf({ currency: 'GBP', amount: 0n }))).toEqual([]);
  });

  test('under reverse charge carries the code alone: the books work the tax out', () => {
    expect(once(feeOf({ currency: 'GBP', amount: 2500n, taxCode: 'RC20' }))).toEqual([
      'spend 25.00 clearing.stripe: fees.processing/RC20 25.00+0.00',
    ]);
  });

  test('taxed at home carries its tax', () => {
    expect(once(feeOf({ currency: 'GBP', amount: 1200n, taxCode: 'S20' }))).toEqual([
      'spend 12.00 clearing.stripe: fees.processing/S20 10.00+2.00',
    ]);
  });

  test('is made out to the processor, on its own date', () => {
    const fee = feeOf({ currency: 'GBP', processor: 'shopify_payments', occurredAt: '2026-03-31T23:30:00Z' });
    expect(documentsFor(fee, factsWith(), { ...GB, timeZone: 'Europe/London' })).toMatchObject([
      {
        kind: 'bank_entry',
        number: documentNumber(fee, factsWith()),
        reference: 'txn_1',
        date: '2026-04-01',
        party: { id: 'processor:shopify_payments', name: 'Shopify Payments' },
        account: '1240',
        lines: [{ description: 'Processing fee', account: '7905', quantity: '1' }],
      },
    ]);
  });

  test('revised owes the difference only; with another code or processor it is taken back and said anew', () => {
    const fee = (revision: string, amount: bigint, more: { taxCode?: string; processor?: string } = {}) =>
      feeOf({ currency: 'GBP', revision, amount, ...more });
    expect(revisions(GB, fee('1', 187n), fee('2', 200n), fee('3', 150n), fee('4', 0n))).toEqual([
      ['spend 1.87 clearing.stripe: fees.processing/E 1.87+0.00'],
      ['spend 0.13 clearing.stripe: fees.processing/E 0.13+0.00'],
      ['receive 0.50 clearing.stripe: fees.processing/E 0.50+0.00'],
      ['receive 1.50 clearing.stripe: fees.processing/E 1.50+0.00'],
    ]);
    expect(revisions(GB, fee('1', 1200n), fee('2', 1200n, { taxCode: 'S20' }))[1]).toEqual([
      'spend 12.00 clearing.stripe: fees.processing/S20 10.00+2.00',
      'receive 12.00 clearing.stripe: fees.processing/E 12.00+0.00',
    ]);
    expect(revisions(GB, fee('1', 187n), fee('2', 187n, { processor: 'paypal' }))[1]).toEqual([
      'receive 1.87 clearing.stripe: fees.processing/E 1.87+0.00',
      'spend 1.87 clearing.paypal: fees.processing/E 1.87+0.00',
    ]);
  });
});

describe('a fee taxed at home', () => {
  const fee = (revision: string) => feeOf({ currency: 'GBP', revision, amount: 1200n, taxCode: 'S20' });
  const next = (books: Books) =>
    told(
      postInTurn([fee('1'), fee('2')], (index) => (index === 0 ? GB : books))
        .flatMap((each) => each.documents)
        .slice(1),
    );

  test('that moves to another account takes its tax along', () => {
    expect(next(booksIn('GB', { roles: { 'fees.stripe': '7910' } }))).toEqual([
      'receive 12.00 clearing.stripe: fees.processing/S20 10.00+2.00',
      'spend 12.00 clearing.stripe: fees.stripe/S20 10.00+2.00',
    ]);
  });

  test('whose rate has changed is taken back and said anew', () => {
    const dearer = new Map([...GB.taxCodes, ['S20', { code: 'S20', rate: '25', label: '', revenue: 'standard' }]]);
    expect(next({ ...GB, taxCodes: dearer })).toEqual([
      'receive 12.00 clearing.stripe: fees.processing/S20 10.00+2.00',
      'spend 12.00 clearing.stripe: fees.processing/S20 9.60+2.40',
    ]);
  });
});

describe('a payout', () => {
  const lines = [moved('sale', 102563n, 'ch_1'), moved('reserve', -10000n), moved('adjustment', -1000n)];
  const payout = payoutOf({ currency: 'GBP', amount: 91563n, lines });

  test('is a transfer to the bank, one per reserve, and a bank entry for what nobody explains', () => {
    const documents = documentsFor(payout, factsWith(), GB);
    expect(told(documents)).toEqual([
      '915.63 from clearing.stripe to bank.main',
      '100.00 from clearing.stripe to processor.reserve',
      'spend 10.00 clearing.stripe: suspense/null 10.00+0.00',
    ]);
    expect(documents.map((each) => [each.date, each.party.name])).toEqual(Array(3).fill(['2026-03-12', 'Stripe']));
    expect(documents[0]?.number).toBe(documentNumber(payout, factsWith()));
    expect(documents.flatMap(dependsOn)).toEqual([]);
  });

  test('taken from the bank, and a reserve released, go the other way', () => {
    expect(once(payoutOf({ currency: 'GBP', amount: -3500n }))).toEqual(['35.00 from bank.main to clearing.stripe']);
    const released = payoutOf({ currency: 'GBP', amount: 10000n, lines: [moved('reserve', 10000n)] });
    expect(once(released)).toEqual([
      '100.00 from clearing.stripe to bank.main',
      '100.00 from processor.reserve to clearing.stripe',
    ]);
  });

  test('itemised later owes what the lines add; failed, everything goes back', () => {
    const early = payoutOf({ currency: 'GBP', amount: 91563n });
    const failed = payoutOf({ currency: 'GBP', revision: '3', amount: 0n });
    const itemised = makeEvent({ ...payout, revision: '2' });
    expect(revisions(GB, early, itemised, failed)).toEqual([
      ['915.63 from clearing.stripe to bank.main'],
      ['100.00 from clearing.stripe to processor.reserve', 'spend 10.00 clearing.stripe: suspense/null 10.00+0.00'],
      [
        '915.63 from bank.main to clearing.stripe',
        '100.00 from processor.reserve to clearing.stripe',
        'receive 10.00 clearing.stripe: suspense/null 10.00+0.00',
      ],
    ]);
  });

  test('in a foreign currency is a transfer in that currency: the books find their own exchange difference', () => {
    const books = booksIn('GB', { roles: { 'bank.EUR': '1201' }, rates: { EUR: '0.87' } });
    const documents = documentsFor(payoutOf({ currency: 'EUR', amount: 13250n }), factsWith(), books);
    expect(told(documents)).toEqual(['132.50 from clearing.stripe.EUR to bank.EUR']);
    expect(documents[0]?.currency).toBe('EUR');
  });

  test('in another currency than before is taken back in the one and said in the other', () => {
    const books = booksIn('GB', { roles: { 'bank.EUR': '1201' }, rates: { EUR: '0.87' } });
    const euros = payoutOf({ currency: 'EUR', amount: 100n });
    expect(revisions(books, euros, payoutOf({ currency: 'GBP', revision: '2', amount: 87n }))[1]).toEqual([
      '1.00 from bank.EUR to clearing.stripe.EUR',
      '0.87 from clearing.stripe to bank.main',
    ]);
  });
});

describe('a dispute', () => {
  const opened = disputeOf({ currency: 'GBP', amount: 5410n, fee: 1500n });
  const won = disputeOf({ currency: 'GBP', amount: 5410n, status: 'won', fee: -1500n });
  const lost = disputeOf({ currency: 'GBP', amount: 5410n, status: 'lost' });

  test('opened is spent from clearing, won comes back, lost is a journal', () => {
    expect(once(opened)).toEqual([
      'spend 69.10 clearing.stripe: dispute.held/null 54.10+0.00, fees.dispute/E 15.00+0.00',
    ]);
    expect(once(won)).toEqual([
      'receive 69.10 clearing.stripe: dispute.held/null 54.10+0.00, fees.dispute/E 15.00+0.00',
    ]);
    expect(once(lost)).toEqual(['journal GBP 54.10: chargeback.loss 54.10, dispute.held -54.10']);
  });

  test('has a number of its own per stage, and its fee beside it', () => {
    const numbers = [opened, won, lost].map((event) => documentsFor(event, factsWith(), GB)[0]?.number);
    expect(new Set(numbers).size).toBe(3);
    for (const number of numbers) expect(number).toMatch(/^WEB-dp1-[0-9a-f]{6}$/);
    const dear = disputeOf({ currency: 'GBP', amount: 5410n, status: 'lost', fee: 2000n });
    expect(once(dear)).toEqual([
      'spend 20.00 clearing.stripe: fees.dispute/E 20.00+0.00',
      'journal GBP 54.10: chargeback.loss 54.10, dispute.held -54.10',
    ]);
    const charged = disputeOf({ currency: 'GBP', amount: 5410n, status: 'won', fee: 500n });
    expect(once(charged)).toEqual([
      'spend 5.00 clearing.stripe: fees.dispute/E 5.00+0.00',
      'receive 54.10 clearing.stripe: dispute.held/null 54.10+0.00',
    ]);
  });

  test('lost as a refund is a journal with the tax', () => {
    const books = booksIn('US', { settings: { lostDispute: 'refund' } });
    const loss = disputeOf({ currency: 'USD', amount: 5410n, status: 'lost' });
    const [journal] = documentsFor(loss, factsWith({ sale: c1 }), books);
    expect(journal).toMatchObject({
      kind: 'journal',
      currency: 'USD',
      total: 5410n,
      lines: [
        { role: 'sales.returns', taxCode: 'TAX', amount: 4998n },
        { role: 'tax.output', taxCode: 'TAX', amount: 412n },
        { role: 'dispute.held', taxCode: null, amount: -5410n },
      ],
    });
  });

  test('in a foreign currency is held in it, and lost in the company’s', () => {
    const books = booksIn('US', { roles: { 'clearing.stripe.JPY': '1104' }, rates: { JPY: '0.00668' } });
    const open = disputeOf({ currency: 'JPY', amount: 11000n });
    const gone = disputeOf({ currency: 'JPY', amount: 11000n, status: 'lost' });
    expect(revisions(books, open, gone)).toEqual([
      ['spend 11000 clearing.stripe.JPY: dispute.held/null 11000+0'],
      ['journal USD 73.48: chargeback.loss 73.48, dispute.held -73.48'],
    ]);
  });
});

describe('a conversion', () => {
  test('is a journal in the company’s currency; a newer revision owes the difference', () => {
    const settled = (revision: string, amount: bigint) =>
      settlementOf({ currency: 'USD', revision, from: { currency: 'JPY', amount: 11000n }, amount });
    expect(revisions(US, c18, settled('1', 7279n), settled('2', 7380n), settled('3', 7380n)).slice(1)).toEqual([
      ['journal USD 73.48: clearing.stripe.JPY -73.48, clearing.stripe 72.79, fx.loss 0.69'],
      ['journal USD 1.01: clearing.stripe 1.01, fx.gain -0.32, fx.loss -0.69'],
      [],
    ]);
  });
});

describe('the closing of a till', () => {
  test('is spent from the drawer, and what is over received', () => {
    const close = (revision: string, revenueActual: bigint, bankDeposit: bigint) =>
      closeOf({ currency: 'GBP', revision, revenueShould: 8100n, revenueActual, expenditure: 1250n, bankDeposit });
    const [first, second] = revisions(GB, close('1', 8000n, 5000n), close('2', 8440n, 5000n));
    expect(first).toEqual([
      'spend 63.50 cash.drawer: cash.short/null 1.00+0.00, expense.office/null 12.50+0.00, cash.transit/null 50.00+0.00',
    ]);
    expect(second).toEqual(['receive 4.40 cash.drawer: cash.over/null 3.40+0.00, cash.short/null 1.00+0.00']);
    const [document] = documentsFor(close('1', 8000n, 5000n), factsWith(), GB);
    expect(document?.party).toEqual({ id: 'webshop:demo.example', name: 'Demo shop' });
  });
});

test('no number has more than 21 characters, whatever the revision, and each is its own', () => {
  const order = { id: 'x', number: '#20260310-0001' };
  const fees = Array.from({ length: 12 }, (_, index) =>
    feeOf({
      currency: 'GBP',
      order,
      revision: String(index + 1).padStart(2, '0'),
      amount: 100n + BigInt(index),
      processor: index % 2 === 0 ? 'stripe' : 'paypal',
    }),
  );
  const numbers = postInTurn(fees, () => GB).flatMap((each) => each.documents.map(({ number }) => number));
  expect(numbers).toHaveLength(23);
  expect(new Set(numbers).size).toBe(23);
  expect(numbers[0]).toMatch(/^WEB-03100001-[0-9a-f]{6}$/);
  for (const number of numbers) expect(number.length).toBeLessThanOrEqual(21);
});

test('a fact posted by an earlier revision in a month now closed owes the same documents', () => {
  const closed = booksIn('GB', { openFrom: '2026-04-01' });
  const first = feeOf({ currency: 'GBP', amount: 187n });
  const entries = entriesFor(first, factsWith(), GB);
  const second = feeOf({ currency: 'GBP', revision: '2', amount: 200n });
  const facts = factsWith({ previous: { version: 1, event: first, entries } });
  expect(told(documentsFor(second, facts, closed))).toEqual([
    'spend 0.13 clearing.stripe: fees.processing/E 0.13+0.00',
  ]);
});
