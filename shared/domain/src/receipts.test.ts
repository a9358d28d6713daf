import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySale, fullRefund, refundInTwo } from '../test/any-sale.ts';
import { booksIn, factsWith, paymentOf, refundOf, saleOf, taxed, voidOf } from '../test/books.ts';
import { accountLines } from './document/account-lines.ts';
import { withoutReceipts, withReceipts } from './document/receipts.ts';
import { documentsFor } from './document-rules.ts';
import { type BookDocument, dependsOn } from './documents.ts';
import type { Sale } from './events.ts';
import { lesser } from './money.ts';
import { entriesFor } from './posting-rules.ts';

const GB = booksIn('GB');
const card = (amount: bigint) => ({ kind: 'card' as const, processor: 'stripe', amount });
const cash = (amount: bigint) => ({ kind: 'cash' as const, amount });
const mug = { kind: 'product' as const, id: 'm', title: 'Mug', net: 1000n, taxes: taxed(200n, '20') };
/** A mug at 10.00 + 20 %, paid as told. */
const mugPaid = (paid: Partial<Parameters<typeof saleOf>[0]>, revision = '1') =>
  saleOf({ currency: 'GBP', revision, lines: [mug], ...paid });

/** "sales_receipt 12.00 clearing.stripe": kind, amount and where the money sits. */
const told = (documents: readonly BookDocument[]) =>
  documents.map((each) => {
    const amount = 'total' in each ? each.total : each.amount;
    return [each.kind, amount, ...('role' in each ? [each.role] : [])].join(' ');
  });
const receiptsOf = (sale: Sale) => told(withReceipts(documentsFor(sale, factsWith(), GB)));

describe('a receipt', () => {
  test('is an invoice that one payment pays whole, under its number, with the account of the money', () => {
    const [invoice, payment] = documentsFor(mugPaid({ tenders: [card(1200n)] }), factsWith(), GB);
    const { kind, dueDate, ...form } = invoice as Extract<BookDocument, { kind: 'invoice' }>;
    expect([kind, dueDate]).toEqual(['invoice', '2026-03-10']);
    expect(withReceipts([invoice, payment] as BookDocument[])).toEqual([
      { kind: 'sales_receipt', ...form, role: 'clearing.stripe', account: '1241', payment: `${form.number}-p1` },
    ]);
  });

  test('is what cash pays, and what a refund pays back whole', () => {
    const sale = mugPaid({ tenders: [cash(1200n)] });
    expect(receiptsOf(sale)).toEqual(['sales_receipt 1200 cash.drawer']);
    const facts = factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), GB) });
    expect(told(withReceipts(documentsFor(fullRefund(sale), facts, GB)))).toEqual(['refund_receipt 1200 cash.drawer']);
  });

  test.each<[string, Partial<Parameters<typeof saleOf>[0]>, string[]]>([
    [
      'two tenders',
      { tenders: [card(700n), cash(500n)] },
      ['invoice 1200', 'payment 700 clearing.stripe', 'payment 500 cash.drawer'],
    ],
    ['a part that is due', { tenders: [card(700n)], due: 500n }, ['invoice 1200', 'payment 700 clearing.stripe']],
    ['all of it due', { due: 1200n }, ['invoice 1200']],
    [
      'a gift card, which is a liability',
      { tenders: [{ kind: 'gift_card', amount: 1200n }] },
      ['invoice 1200', 'payment 1200 giftcard.liability'],
    ],
    [
      'terms with a later due date',
      { tenders: [card(1200n)], terms: { dueDate: '2026-04-09' } },
      ['invoice 1200', 'payment 1200 clearing.stripe'],
    ],
  ])('is not made of %s', (_, paid, expected) => {
    expect(receiptsOf(mugPaid(paid))).toEqual(expected);
  });

  test('is not made of a refund whose money went back two ways', () => {
    const sale = mugPaid({ tenders: [card(1200n)] });
    const facts = factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), GB) });
    const back = refundOf({ currency: 'GBP', lines: [mug], tenders: [card(700n), cash(500n)] });
    expect(told(withReceipts(documentsFor(back, facts, GB)))).toEqual([
      'credit_note 1200',
      'payment 700 clearing.stripe',
      'payment 500 cash.drawer',
    ]);
  });

  test('is both of what money that moved to another tender takes: all back, and all anew', () => {
    const first = mugPaid({ tenders: [card(1200n)] });
    const entries = entriesFor(first, factsWith(), GB);
    const facts = factsWith({ previous: { version: 1, event: first, entries }, saleRevisions: [first] });
    const edited = withReceipts(documentsFor(mugPaid({ tenders: [cash(1200n)] }, '2'), facts, GB));
    expect(told(edited)).toEqual(['refund_receipt 1200 clearing.stripe', 'sales_receipt 1200 cash.drawer']);
  });

  test('does not take an invoice that a credit note is set against too', () => {
    const [invoice, payment] = documentsFor(mugPaid({ tenders: [card(1200n)] }), factsWith(), GB) as [
      Extract<BookDocument, { kind: 'invoice' }>,
      Extract<BookDocument, { kind: 'payment' }>,
    ];
    const { settles: _, role: __, account: ___, ...head } = payment;
    const allocation: BookDocument = { ...head, kind: 'allocation', creditNote: 'C', invoice: invoice.number };
    expect(withReceipts([invoice, payment, allocation])).toEqual([invoice, payment, allocation]);
  });
});

const roles = {
  'clearing.stripe.EUR': '1901',
  'clearing.paypal.EUR': '1902',
};
const books = booksIn('GB', { roles, rates: { EUR: '0.8637' } });

/** Everything that can happen to a sale: edits, money that comes later, and refunds or a void; documents per event. */
const history = fc
  .constantFrom('GBP', 'EUR')
  .chain((currency) =>
    fc.record({
      sales: fc.tuple(
        anySale({ due: true, currency, revision: '1' }),
        anySale({ due: true, currency, revision: '2' }),
        anySale({ due: true, currency, revision: '3' }),
      ),
      paidLater: fc.bigInt(0n, 100n),
      end: fc.constantFrom('refund', 'two refunds', 'void', 'nothing'),
      part: fc.bigInt(0n, 100n),
    }),
  )
  .map(documentsOfHistory);

function documentsOfHistory(given: { sales: Sale[]; paidLater: bigint; end: string; part: bigint }): BookDocument[][] {
  const { paidLater } = given;
  // Only what nobody paid can be void: so its tenders were given back in an edit before.
  const unpaid = (sale: Sale) => ({ ...sale, revision: '4', tenders: [], due: sale.total });
  const sales = given.end === 'void' ? [...given.sales, unpaid(given.sales.at(-1) as Sale)] : given.sales;
  const steps: BookDocument[][] = [];
  const newest = sales.at(-1) as Sale;
  const { currency } = newest;
  const bySale = (index: number) => {
    const event = sales[index - 1];
    const previous = event ? { version: index, event, entries: entriesFor(event, factsWith(), books) } : null;
    return factsWith({ previous, saleRevisions: sales.slice(0, index) });
  };
  for (const [index, sale] of sales.entries()) steps.push(documentsFor(sale, bySale(index), books));
  const facts = { sale: newest, saleRevisions: sales, saleEntries: entriesFor(newest, factsWith(), books) };
  const amount = lesser((newest.due * paidLater) / 100n, newest.due);
  const paid = amount > 0n && given.end !== 'void' ? [paymentOf({ currency, amount })] : [];
  for (const payment of paid) steps.push(documentsFor(payment, factsWith(facts), books));
  const after = factsWith({ ...facts, earlierPayments: paid });
  if (given.end === 'void') steps.push(documentsFor(voidOf({ currency }), after, books));
  if (given.end === 'refund' && newest.due === 0n) steps.push(documentsFor(fullRefund(newest), after, books));
  if (given.end === 'two refunds' && newest.due === 0n) {
    const [first, second] = refundInTwo(newest, given.part);
    steps.push(documentsFor(first, after, books));
    steps.push(documentsFor(second, { ...after, earlierRefunds: [first] }, books));
  }
  return steps;
}

const RUNS = { numRuns: 120 };
const nameOf = ({ kind, number }: { kind: string; number: string }) => `${kind} ${number}`;
const sorted = (documents: readonly BookDocument[]) =>
  documents.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).map((each) => ({ ...each }));

/** Net and tax per account and role, debit positive. */
function sums(documents: readonly BookDocument[]): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const line of documents.flatMap(accountLines)) {
    const tax = 'tax' in line ? line.tax : 0n;
    for (const [key, amount] of [
      [`${line.role} ${line.account}`, line.net],
      ['tax', tax],
    ] as const)
      totals.set(key, (totals.get(key) ?? 0n) + amount);
  }
  return totals;
}

describe('whatever happens to a sale', () => {
  test('receipts do to every account what invoices and payments do', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const documents of steps) expect(sums(withReceipts(documents))).toEqual(sums(documents));
      }),
      RUNS,
    );
  });

  test('receipts taken apart are the documents they were made of', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const documents of steps)
          expect(sorted(withoutReceipts(withReceipts(documents)))).toEqual(sorted(documents));
      }),
      RUNS,
    );
  });

  test('no later document refers to what became a receipt, and no number is given twice', () => {
    let made = 0;
    fc.assert(
      fc.property(history, (steps) => {
        const folded = steps.map(withReceipts);
        const names = folded.flat().map(nameOf);
        expect(new Set(names).size).toBe(names.length);
        for (const on of folded.flat().flatMap(dependsOn)) expect(names).toContain(nameOf(on));
        made += folded.flat().filter(({ kind }) => kind.endsWith('receipt')).length;
      }),
      RUNS,
    );
    expect(made).toBeGreaterThan(0);
  });
});
