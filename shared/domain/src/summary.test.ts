import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySale, fullRefund } from '../test/any-sale.ts';
import { booksIn, feeOf, saleOf, taxed } from '../test/books.ts';
import { type Booked, postInTurn } from '../test/posted-books.ts';
import type { Books } from './chart.ts';
import { withoutReceipts, withReceipts } from './document/receipts.ts';
import { type BankEntry, type BookDocument, dependsOn, type Invoice } from './documents.ts';
import type { CanonicalEvent, Sale } from './events.ts';
import type { ResolvedEntry } from './journal-entry.ts';
import { sum } from './money.ts';
import { type SummaryHead, summaryDocuments, summaryEntry, type Within } from './summary.ts';

const roles = {
  'clearing.stripe.EUR': '1901',
  'clearing.paypal.EUR': '1902',
  'clearing.stripe.JPY': '1903',
  'clearing.paypal.JPY': '1904',
};
const books: Books = booksIn('GB', { roles, rates: { EUR: '0.8637', JPY: '0.00531' } });
const PARTY = { id: 'webshop:demo.example', name: 'Demo shop' };

const headOf = (journal: SummaryHead['journal']): SummaryHead => ({
  channel: 'webshop',
  source: 'demo.example',
  connectionLabel: 'Demo shop',
  journal,
  day: '2026-03-03',
  taxPoint: '2026-03-03',
  register: 'R1',
  version: 1,
});

interface Summary {
  entry: ResolvedEntry;
  documents: BookDocument[];
}

const JOURNALS = { SAL: 'sale', RFD: 'refund', FEE: 'fee' } as const;

/** A day's receipts summed up as the worker does: journal after journal, each knowing where the earlier ones' documents went. */
function summaries(booked: readonly Booked[], mix: <Item>(items: Item[]) => Item[] = (items) => items): Summary[] {
  const went = new Map<string, Within>();
  return (['SAL', 'RFD', 'FEE'] as const).map((journal) => {
    const own = booked.filter(({ event }) => event.type === JOURNALS[journal]);
    const entry = summaryEntry(mix(own.flatMap(({ entries }) => entries)), headOf(journal));
    const parts = mix(own.flatMap(({ documents }) => documents));
    const earlier = (kind: string, number: string) => went.get(`${kind} ${number}`) ?? null;
    const { documents, within } = summaryDocuments(parts, headOf(journal), PARTY, earlier);
    for (const [part, whole] of within) went.set(`${part.kind} ${part.number}`, whole);
    return { entry, documents };
  });
}

type Totals = Record<string, bigint>;

function totalled(rows: readonly [key: string, amount: bigint][]): Totals {
  const totals = new Map<string, bigint>();
  for (const [key, amount] of rows) totals.set(key, (totals.get(key) ?? 0n) + amount);
  return Object.fromEntries([...totals].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Both currencies' sums per account, tax code and currency. */
function perAccount(entries: readonly ResolvedEntry[]): Totals {
  const lines = entries.flatMap((entry) => entry.lines);
  return totalled(
    lines.flatMap(({ account, taxCode, currency, amount, amountTc }) => [
      [`${account} ${taxCode} ${currency}`, amountTc],
      [`${account} ${taxCode} ${currency} in ours`, amount],
    ]),
  );
}

/** What documents do to accounts there, per currency and rate: debit positive, customers' balances as `owed`. */
function effects(documents: readonly BookDocument[]): Totals {
  return totalled(
    documents.flatMap((each): [string, bigint][] => {
      const at = (what: string) => `${what} ${each.currency} ${each.rate}`;
      if (each.kind === 'allocation' || each.kind === 'transfer' || each.kind === 'journal') return [];
      if (each.kind === 'payment') {
        const sign = each.settles.kind === 'invoice' ? 1n : -1n;
        return [
          [at(each.account), sign * each.amount],
          [at('owed'), -sign * each.amount],
        ];
      }
      const sign = each.kind === 'credit_note' || (each.kind === 'bank_entry' && each.direction === 'spend') ? 1n : -1n;
      const lines = each.lines.flatMap((line): [string, bigint][] => [
        [at(line.account), sign * line.net],
        [at(`tax ${line.taxCode}`), sign * line.tax],
      ]);
      return [...lines, [at(each.kind === 'bank_entry' ? each.account : 'owed'), -sign * each.total]];
    }),
  );
}

/** Paid sales with their edits, some of them refunded in full, and fees: one day of a shop. */
const day: fc.Arbitrary<CanonicalEvent[]> = fc
  .array(
    fc
      .constantFrom('GBP', 'GBP', 'EUR', 'JPY')
      .chain((currency) =>
        fc.tuple(
          anySale({ due: false, currency }),
          fc.option(anySale({ due: false, currency, revision: '2' })),
          fc.boolean(),
          fc.bigInt(-900n, 900n),
        ),
      ),
    { minLength: 1, maxLength: 6 },
  )
  .map((orders) =>
    orders.flatMap(([first, edited, isRefunded, cost], index): CanonicalEvent[] => {
      const named = (sale: Sale): Sale => ({ ...sale, id: `order ${index}`, occurredAt: '2026-03-03T10:00:00Z' });
      const sale = named(edited ?? first);
      const of = { sale: { id: sale.id }, occurredAt: '2026-03-03T15:00:00Z' };
      const refund = { ...fullRefund(sale), ...of, id: `refund ${index}` };
      const fee = feeOf({ id: `fee ${index}`, occurredAt: '2026-03-03T11:00:00Z', currency: 'GBP', amount: cost });
      return [named(first), ...(edited ? [sale] : []), ...(isRefunded ? [refund] : []), fee];
    }),
  );

const booked = day.map((events) => postInTurn(events, () => books));
const RUNS = { numRuns: 150 };

describe('the summary of any day', () => {
  test('leaves on every account what its receipts would, in both currencies', () => {
    fc.assert(
      fc.property(booked, (receipts) => {
        const whole = summaries(receipts).map(({ entry }) => entry);
        expect(perAccount(whole)).toEqual(perAccount(receipts.flatMap(({ entries }) => entries)));
      }),
      RUNS,
    );
  });

  test('is even in every currency, and each line is what the journal takes', () => {
    fc.assert(
      fc.property(booked, (receipts) => {
        for (const { entry } of summaries(receipts)) {
          expect(sum(entry.lines.map(({ amount }) => amount))).toBe(0n);
          for (const { amount, amountTc } of entry.lines) {
            expect(amount).not.toBe(0n);
            if (amountTc !== 0n) expect(amountTc > 0n).toBe(amount > 0n);
          }
          for (const currency of ['GBP', 'EUR', 'JPY']) {
            const own = entry.lines.filter((line) => line.currency === currency);
            expect(sum(own.map(({ amountTc }) => amountTc))).toBe(0n);
          }
        }
      }),
      RUNS,
    );
  });

  test('tells the books the same of every account as its receipts’ documents would', () => {
    fc.assert(
      fc.property(booked, (receipts) => {
        const whole = summaries(receipts).flatMap(({ documents }) => documents);
        expect(effects(whole)).toEqual(effects(receipts.flatMap(({ documents }) => documents)));
      }),
      RUNS,
    );
  });

  test('does the same where books take sales receipts, and refers to nothing that became one', () => {
    const nameOf = ({ kind, number }: { kind: string; number: string }) => `${kind} ${number}`;
    fc.assert(
      fc.property(booked, (receipts) => {
        const plain = summaries(receipts).flatMap(({ documents }) => documents);
        const folded = summaries(receipts).flatMap(({ documents }) => withReceipts(documents));
        expect(effects(withoutReceipts(folded))).toEqual(effects(plain));
        const left = new Set(folded.map(nameOf));
        const gone = plain.map(nameOf).filter((name) => !left.has(name));
        for (const on of folded.flatMap(dependsOn)) expect(gone).not.toContain(nameOf(on));
      }),
      RUNS,
    );
  });

  test('is the same whatever order the receipts came in', () => {
    fc.assert(
      fc.property(booked, fc.infiniteStream(fc.nat()), (receipts, dice) => {
        const mix = <Item>(items: Item[]): Item[] => {
          const drawn = items.map((item) => ({ item, at: dice.next().value as number }));
          return drawn.sort((a, b) => a.at - b.at).map(({ item }) => item);
        };
        expect(summaries(receipts, mix)).toEqual(summaries(receipts));
      }),
      RUNS,
    );
  });

  test('has documents that books take: short numbers of their own, nothing at zero, nothing settled beyond its total', () => {
    fc.assert(
      fc.property(booked, (receipts) => {
        const documents = summaries(receipts).flatMap((summary) => summary.documents);
        const names = documents.map(({ kind, number }) => `${kind} ${number}`);
        expect(new Set(names).size).toBe(names.length);
        for (const document of documents) {
          expect(document.number.length).toBeLessThanOrEqual(21);
          if (document.kind === 'bank_entry') {
            expect(document.total).toBeGreaterThan(0n);
            for (const line of document.lines) expect(line.net + line.tax).toBeGreaterThan(0n);
          }
          if (document.kind === 'payment') expect(document.amount).toBeGreaterThan(0n);
        }
        for (const document of documents) {
          if (document.kind !== 'invoice' && document.kind !== 'credit_note') continue;
          expect(settledOf(document, documents)).toBeLessThanOrEqual(document.total);
        }
      }),
      RUNS,
    );
  });
});

function settledOf({ kind, number }: BookDocument, documents: readonly BookDocument[]): bigint {
  return sum(
    documents.map((each) => {
      if (each.kind === 'payment')
        return each.settles.kind === kind && each.settles.number === number ? each.amount : 0n;
      if (each.kind !== 'allocation') return 0n;
      return (kind === 'invoice' ? each.invoice : each.creditNote) === number ? each.amount : 0n;
    }),
  );
}

/** 0.99 with 0.17 VAT in it, as accounting.md C20 sells it, in cash. */
const mint = (id: string) =>
  saleOf({
    id,
    currency: 'GBP',
    lines: [{ kind: 'product', net: 82n, taxes: taxed(17n, '20') }],
    tenders: [{ kind: 'cash', amount: 99n }],
  });

describe('three receipts of 0.99', () => {
  const [sold] = summaries(postInTurn([mint('1'), mint('2'), mint('3')], () => books)) as [Summary];

  test('are 2.97 with the tax printed on them, 0.51 and not 0.50', () => {
    const amounts = sold.entry.lines.map(({ role, amount }) => `${role} ${amount}`).sort();
    expect(amounts).toEqual(['cash.drawer 297', 'sales.revenue.standard -246', 'tax.output -51']);
    expect(sold.entry.sourceKey).toBe('webshop:demo.example:day:R1:2026-03-03');
    expect(sold.entry.memo).toBe('Demo shop register R1 daily summary 2026-03-03: 3 receipts');
  });

  test('are one invoice of one line and one payment', () => {
    expect(sold.documents.map(({ kind }) => kind)).toEqual(['invoice', 'payment']);
    const [invoice] = sold.documents as [Invoice];
    expect(invoice).toMatchObject({ total: 297n, tax: 51n, reference: 'Daily summary 2026-03-03 R1' });
    expect(invoice.lines).toMatchObject([{ role: 'sales.revenue.standard', net: 246n, tax: 51n, quantity: '1' }]);
    expect(invoice.number).toMatch(/^WEB-260303-[0-9a-z]{6}$/);
  });
});

describe('fees of a day', () => {
  const feesOf = (...amounts: bigint[]) => {
    const fees = amounts.map((amount, index) => feeOf({ id: `f${index}`, currency: 'GBP', amount }));
    const documents = summaries(postInTurn(fees, () => books)).flatMap((summary) => summary.documents);
    return (documents as BankEntry[]).map(({ direction, total }) => `${direction} ${total}`);
  };

  test('are one entry over what is left of them', () => {
    expect(feesOf(120n, 80n, -50n)).toEqual(['spend 150']);
    expect(feesOf(30n, -50n)).toEqual(['receive 20']);
  });

  test('that cancel out are no entry at all', () => {
    expect(feesOf(50n, -50n)).toEqual([]);
  });

  test('under different tax codes, one given back and one taken, are two entries', () => {
    const taxedFee = feeOf({ id: 'f1', currency: 'GBP', amount: 120n, taxCode: 'S20' });
    const back = feeOf({ id: 'f2', currency: 'GBP', amount: -40n, taxCode: 'E' });
    const documents = summaries(postInTurn([taxedFee, back], () => books)).flatMap((summary) => summary.documents);
    expect((documents as BankEntry[]).map(({ direction, total, tax }) => [direction, total, tax])).toEqual([
      ['spend', 120n, 20n],
      ['receive', 40n, 0n],
    ]);
  });
});
