import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySale, fullRefund, refundInTwo } from '../test/any-sale.ts';
import { balances, booksIn, factsWith, refundOf } from '../test/books.ts';
import type { Books, CompanySettings } from './chart.ts';
import { documentsFor } from './document-rules.ts';
import type { BookDocument } from './documents.ts';
import type { Sale } from './events.ts';
import type { ResolvedEntry, ResolvedLine } from './journal-entry.ts';
import { sum } from './money.ts';
import { entriesFor } from './posting-rules.ts';

const foreign = {
  'clearing.stripe.EUR': '1901',
  'clearing.paypal.EUR': '1902',
  'clearing.stripe.JPY': '1903',
  'clearing.paypal.JPY': '1904',
};
const settings: fc.Arbitrary<CompanySettings> = fc.record({
  discountPresentation: fc.constantFrom('contra_revenue', 'net'),
  channelTax: fc.constantFrom('net', 'gross'),
});
const books: fc.Arbitrary<Books> = fc
  .record({ settings, euro: fc.integer({ min: 5000, max: 15000 }), yen: fc.integer({ min: 30, max: 900 }) })
  .map(({ settings: chosen, euro, yen }) =>
    booksIn('GB', {
      settings: chosen,
      roles: foreign,
      rates: {
        EUR: `${Math.trunc(euro / 10000)}.${String(euro % 10000).padStart(4, '0')}`,
        JPY: `0.00${String(yen).padStart(4, '0')}`,
      },
    }),
  );
const RUNS = { numRuns: 200 };

/** Revenue, discounts, returns and shipping stand in for each other: a return undoes a sale on another account. */
const family = (line: ResolvedLine) => (line.role.startsWith('sales.') ? `sales ${line.taxCode}` : line.account);

function expectBalanced(entries: ResolvedEntry[]): void {
  for (const { lines } of entries) {
    expect(lines.length).toBeGreaterThan(1);
    expect(sum(lines.map((line) => line.amount))).toBe(0n);
    for (const currency of new Set(lines.map((line) => line.currency))) {
      expect(sum(lines.filter((line) => line.currency === currency).map((line) => line.amountTc))).toBe(0n);
    }
    for (const line of lines) {
      expect(line.amount).not.toBe(0n);
      if (line.amountTc !== 0n) expect(line.amount > 0n).toBe(line.amountTc > 0n);
      expect(Boolean(line.taxKind)).toBe(Boolean(line.taxCode));
    }
  }
}

describe('the ledger', () => {
  test('every entry balances in the company currency and in the currency of the event', () => {
    fc.assert(
      fc.property(anySale({ due: true }), books, (sale, b) => expectBalanced(entriesFor(sale, factsWith(), b))),
      RUNS,
    );
  });

  test('T7: a full refund of any order leaves nothing on any account, in both currencies', () => {
    fc.assert(
      fc.property(anySale({ due: false }), books, (sale, b) => {
        const saleEntries = entriesFor(sale, factsWith(), b);
        const refund = entriesFor(fullRefund(sale), factsWith({ sale, saleEntries }), b);
        expectBalanced(refund);
        expect(balances([...saleEntries, ...refund], family)).toEqual(new Map());
      }),
      RUNS,
    );
  });

  test('two refunds that add up to a sale leave nothing either, whatever rounding the first one caused', () => {
    const merchantTaxOnly = anySale({ due: false }).filter((sale) =>
      sale.lines.every((line) => line.taxes.every((tax) => tax.collectedBy === 'merchant')),
    );
    fc.assert(
      fc.property(merchantTaxOnly, books, fc.bigInt(0n, 100n), (sale, b, part) => {
        const saleEntries = entriesFor(sale, factsWith(), b);
        const [first, second] = refundInTwo(sale, part);
        const known = factsWith({ sale, saleEntries });
        const one = entriesFor(first, known, b);
        const two = entriesFor(second, { ...known, earlierRefunds: [first] }, b);
        expectBalanced([...one, ...two]);
        expect(balances([...saleEntries, ...one, ...two], family)).toEqual(new Map());
      }),
      RUNS,
    );
  });

  test('one amount without lines that refunds a whole order leaves nothing, tips and gift cards included', () => {
    fc.assert(
      fc.property(anySale({ due: false }), books, (sale, b) => {
        const saleEntries = entriesFor(sale, factsWith(), b);
        const lines = [{ kind: 'adjustment' as const, net: sale.total, taxUnknown: true }];
        const refund = refundOf({ currency: sale.currency, lines, tenders: sale.tenders });
        const entries = entriesFor(refund, factsWith({ sale, saleEntries }), b);
        expect(balances([...saleEntries, ...entries], family)).toEqual(new Map());
      }),
      RUNS,
    );
  });

  test('an edit ends at the balances of the newest version alone, in an open and in a closed period', () => {
    const pair = fc
      .constantFrom('GBP', 'EUR', 'JPY')
      .chain((currency) => fc.tuple(anySale({ due: true, currency }), anySale({ due: true, currency, revision: '2' })));
    fc.assert(
      fc.property(pair, books, fc.boolean(), ([old, newer], b, closed) => {
        const now = closed ? { ...b, isOpen: (date: string) => date >= '2026-04-01', firstOpenDay: '2026-04-01' } : b;
        const entries = entriesFor(old, factsWith(), b);
        const edited = entriesFor(newer, factsWith({ previous: { version: 1, event: old, entries } }), now);
        expectBalanced(edited);
        expect(balances([...entries, ...edited])).toEqual(balances(entriesFor(newer, factsWith(), b)));
      }),
      RUNS,
    );
  });
});

/** Revenue side of documents per account and tax code: net and tax, invoices less credit notes. */
function documentSums(documents: BookDocument[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const add = (key: string, amount: bigint) => sums.set(key, (sums.get(key) ?? 0n) + amount);
  for (const each of documents) {
    if (each.kind === 'invoice' || each.kind === 'credit_note') {
      const sign = each.kind === 'invoice' ? 1n : -1n;
      for (const line of each.lines) {
        add(`${line.account} ${line.taxCode}`, sign * line.net);
        add('tax', sign * line.tax);
      }
    } else if (each.kind === 'payment') {
      add(`money ${each.account}`, (each.settles.kind === 'invoice' ? 1n : -1n) * each.amount);
    }
  }
  return new Map([...sums].filter(([, amount]) => amount !== 0n));
}

/** The same of an entry: what is not tax and not money is revenue side. */
function entrySums(entry: ResolvedEntry | undefined, sale: Sale): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const tenders = new Set(['clearing', 'cash']);
  const isMoney = (line: ResolvedLine) =>
    tenders.has(line.role.split('.')[0] ?? '') ||
    line.role === 'storecredit.liability' ||
    (line.role === 'giftcard.liability' && line.amountTc > 0n);
  for (const line of entry?.lines ?? []) {
    if (line.role === 'ar.control') continue;
    const tax = line.taxKind === 'tax_out';
    const key = tax ? 'tax' : isMoney(line) ? `money ${line.account}` : `${line.account} ${line.taxCode ?? null}`;
    sums.set(key, (sums.get(key) ?? 0n) + (isMoney(line) ? line.amountTc : -line.amountTc));
  }
  expect(sale.lines.length).toBeGreaterThan(0);
  return new Map([...sums].filter(([, amount]) => amount !== 0n));
}

/** What every invoice and credit note still has open; fails when more was settled than it is worth. */
function openAmounts(documents: BookDocument[]): bigint {
  const open = new Map<string, bigint>();
  const take = (key: string, amount: bigint) => {
    const left = (open.get(key) ?? 0n) - amount;
    expect(left >= 0n, `${key} is settled with ${-left} too much`).toBe(true);
    open.set(key, left);
  };
  for (const each of documents) {
    if (each.kind === 'invoice' || each.kind === 'credit_note') open.set(`${each.kind} ${each.number}`, each.total);
    else if (each.kind === 'payment') take(`${each.settles.kind} ${each.settles.number}`, each.amount);
    else if (each.kind === 'allocation') {
      take(`credit_note ${each.creditNote}`, each.amount);
      take(`invoice ${each.invoice}`, each.amount);
    }
  }
  for (const [key, left] of open) if (key.startsWith('credit_note')) expect(left, key).toBe(0n);
  return sum(open.values());
}

describe('the documents', () => {
  const history = fc
    .constantFrom('GBP', 'EUR')
    .chain((currency) =>
      fc.tuple(
        ...(['1', '2', '3'].map((revision) => anySale({ due: true, currency, revision })) as [
          fc.Arbitrary<Sale>,
          fc.Arbitrary<Sale>,
          fc.Arbitrary<Sale>,
        ]),
      ),
    );
  const documentsOf = (sales: Sale[], b: Books) =>
    sales.flatMap((sale, index) => {
      const event = sales[index - 1];
      const previous = event ? { version: index, event, entries: entriesFor(event, factsWith(), b) } : null;
      return documentsFor(sale, factsWith({ previous, saleRevisions: sales.slice(0, index) }), b);
    });

  test('all revisions of a sale add up to the ledger entry of its newest, account by account', () => {
    const noGiftCards = (sale: Sale) => sale.lines.every((line) => line.kind !== 'gift_card');
    fc.assert(
      fc.property(
        history.filter((sales) => sales.every(noGiftCards)),
        books,
        (sales, b) => {
          const newest = sales[2] as Sale;
          const entry = entriesFor(newest, factsWith(), {
            ...b,
            functionalCurrency: newest.currency,
            roles: b.roles,
          })[0];
          const plain = { ...b, functionalCurrency: newest.currency };
          expect(documentSums(documentsOf(sales, plain))).toEqual(entrySums(entry, newest));
        },
      ),
      RUNS,
    );
  });

  test('totals are the sums of their lines, numbers are unique, nothing is settled twice, and what is due stays open', () => {
    fc.assert(
      fc.property(history, books, (sales, b) => {
        const documents = documentsOf(sales, b);
        for (const each of documents) {
          if (each.kind !== 'invoice' && each.kind !== 'credit_note') continue;
          expect(sum(each.lines.map((line) => line.net + line.tax))).toBe(each.total);
          expect(sum(each.lines.map((line) => line.tax))).toBe(each.tax);
          expect(each.total >= 0n).toBe(true);
        }
        const numbers = documents.map((each) => `${each.kind} ${each.number}`);
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(openAmounts(documents)).toBe(sales[2]?.due);
      }),
      RUNS,
    );
  });

  test('the credit note of a full refund takes back what the invoice gave', () => {
    fc.assert(
      fc.property(anySale({ due: false }), books, (sale, b) => {
        const facts = factsWith({ sale, saleEntries: entriesFor(sale, factsWith(), b) });
        const given = documentsFor(sale, factsWith(), b);
        const back = documentsFor(fullRefund(sale), facts, b);
        const total = (documents: BookDocument[]) =>
          sum(documents.map((each) => (each.kind === 'invoice' || each.kind === 'credit_note' ? each.total : 0n)));
        expect(total(back)).toBe(total(given));
        expect([...given, ...back].length === 0 || openAmounts([...given, ...back]) === 0n).toBe(true);
      }),
      RUNS,
    );
  });
});
