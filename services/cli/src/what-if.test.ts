import { type EventInput, makeEvent } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { defaultBooks } from './default-books.ts';
import { previewEvents } from './preview-events.ts';
import { type ProposedChange, type Summarised, whatIf } from './what-if.ts';
import type { Part } from './what-if-days.ts';
import { whatIfTable } from './what-if-table.ts';

const books = defaultBooks('GB', 'GBP');
const NOTHING: ProposedChange = { roles: {}, taxRules: [], settings: {}, mappings: [] };

/** Order of 12.00 with postage (5.00) net, 20 % on both, paid by card: 20.40. */
const order = (id: string, occurredAt: string, postage = 500): EventInput => ({
  version: 1,
  type: 'sale',
  channel: 'webshop',
  id,
  revision: '1',
  occurredAt,
  currency: 'GBP',
  test: false,
  pricesIncludeTax: false,
  lines: [
    { kind: 'product', net: 1200, taxes: [{ name: 'VAT', rate: '20', amount: 240 }] },
    { kind: 'shipping', net: postage, taxes: [{ name: 'VAT', rate: '20', amount: postage / 5 }] },
  ],
  tenders: [{ kind: 'card', processor: 'stripe', amount: 1440 + postage * 1.2 }],
  total: 1440 + postage * 1.2,
});
const events = ['2026-03-02T10:00:00Z', '2026-05-04T10:00:00Z'].map((at, index) => makeEvent(order(`${index}`, at)));
const mapped = (ours: string, theirs: string, kind: 'account' | 'tax' = 'account') => ({
  kind,
  ours,
  theirs,
  channel: '',
  validFrom: '0001-01-01',
});
const side = {
  connection: '7d4b0c1e-0000-4000-8000-000000000001',
  label: 'Books',
  mappings: [mapped('sales.shipping', '250'), mapped('sales.revenue.standard', '200'), mapped('S20', 'OUT20', 'tax')],
  pushed: new Set<string>(),
};

describe('what a changed mapping would have made of the past', () => {
  test('the same mapping changes nothing', () => {
    const found = whatIf(events, books, NOTHING, [side]);
    expect(found).toMatchObject({ events: 2, ledger: { entriesChanged: 0, accounts: [] } });
    expect(found.books[0]).toMatchObject({ documentsChanged: 0, accounts: [], taxes: [] });
  });

  test('another account of ours for postage moves both orders’ postage', () => {
    const found = whatIf(events, books, { ...NOTHING, roles: { 'sales.shipping': '4055' } }, [side]);
    expect(found.ledger).toMatchObject({ entriesChanged: 2 });
    expect(found.ledger.accounts).toEqual([
      { account: '4050', before: -1000n, after: 0n, difference: 1000n },
      { account: '4055', before: 0n, after: -1000n, difference: -1000n },
    ]);
    expect(found.books[0]?.accounts).toEqual([]);
  });

  test('another account of theirs from a date on moves only what is dated later', () => {
    const change = { ...mapped('sales.shipping', '260'), validFrom: '2026-04-01', connection: side.connection };
    const [found] = whatIf(events, books, { ...NOTHING, mappings: [change] }, [side]).books;
    expect(found).toMatchObject({ documentsChanged: 1, alreadyPushed: 0 });
    expect(found?.accounts).toEqual([
      { account: '250', before: -1000n, after: -500n, difference: 500n },
      { account: '260', before: 0n, after: -500n, difference: -500n },
    ]);
  });

  test('another tax code of theirs moves the tax, and says how much', () => {
    const change = { ...mapped('S20', 'OUTPUT2', 'tax'), connection: side.connection };
    const [found] = whatIf(events, books, { ...NOTHING, mappings: [change] }, [side]).books;
    expect(found?.taxes).toEqual([
      { account: 'OUT20', before: -680n, after: 0n, difference: 680n },
      { account: 'OUTPUT2', before: 0n, after: -680n, difference: -680n },
    ]);
  });

  test('another tax rule moves revenue to that rate’s account', () => {
    const found = whatIf(
      events,
      books,
      { ...NOTHING, taxRules: [{ channel: null, name: null, rate: '20', code: 'R5' }] },
      [],
    );
    expect(found.ledger.accounts.map(({ account }) => account)).toContain('4001');
  });
});

describe('orders that were booked as one day', () => {
  /** All orders but those of May are receipts of their day's summary, which has one invoice and one payment. */
  function summarised(orders: readonly ReturnType<typeof makeEvent>[]): Summarised {
    const { booked } = previewEvents(orders, books);
    const part = (day: string, whole: string): Part => ({ connectionId: 'c1', channel: 'Web shop', day, whole });
    const inSummary = booked.flatMap(({ entries, documents }) => [
      ...entries.map((each) => ({ key: each.sourceKey, day: each.postingDate, whole: `day ${each.postingDate}` })),
      ...documents.map((each) => ({ key: `${each.kind} ${each.number}`, day: each.date, whole: `${each.kind} D1` })),
    ]);
    const parts = (of: RegExp) =>
      new Map(
        inSummary
          .filter(({ key, day }) => of.test(key) && day < '2026-05')
          .map(({ key, day, whole }) => [key, part(day, whole)]),
      );
    return { entries: parts(/:/), documents: parts(/^(invoice|payment) /) };
  }

  const day = ['09', '11', '15'].map((hour) => `2026-03-02T${hour}:00:00Z`);
  const orders = [
    order('A', day[0] as string, 500),
    order('B', day[1] as string, 0),
    order('C', day[2] as string, 1200),
    order('D', '2026-05-04T10:00:00Z', 300),
  ].map((each) => makeEvent(each));
  const toAccount = { ...mapped('sales.shipping', '260'), connection: side.connection };
  const remap = (pushed: string[]) =>
    whatIf(
      orders,
      books,
      { ...NOTHING, roles: { 'sales.shipping': '4055' }, mappings: [toAccount] },
      [{ ...side, pushed: new Set(pushed) }],
      undefined,
      summarised(orders),
    );
  const moves = (amount: bigint, from: string, to: string) => [
    { account: from, before: -amount, after: 0n, difference: amount },
    { account: to, before: 0n, after: -amount, difference: -amount },
  ];

  test('count once, as what is in the books: the summary’s invoice and the one of May', () => {
    const found = remap(['invoice D1']);
    expect(found.ledger).toMatchObject({ entriesChanged: 2, accounts: moves(2000n, '4050', '4055') });
    expect(found.books[0]).toMatchObject({
      documentsChanged: 2,
      alreadyPushed: 1,
      accounts: moves(2000n, '250', '260'),
    });
  });

  test('are told one by one, the largest first; B has no postage, and together they are the day', () => {
    const found = remap([]);
    const told = (from: string, to: string) => [
      {
        channel: 'Web shop',
        day: '2026-03-02',
        accounts: moves(1700n, from, to),
        taxes: [],
        receiptCount: 3,
        receipts: [
          { receipt: 'sale C (webshop)', accounts: moves(1200n, from, to), taxes: [] },
          { receipt: 'sale A (webshop)', accounts: moves(500n, from, to), taxes: [] },
        ],
      },
    ];
    expect(found.books[0]?.days).toEqual(told('250', '260'));
    expect(found.ledger.days).toEqual(told('4050', '4055'));
  });

  test('say their tax too', () => {
    const change = { ...mapped('S20', 'OUTPUT2', 'tax'), connection: side.connection };
    const [found] = whatIf(
      orders,
      books,
      { ...NOTHING, mappings: [change] },
      [side],
      undefined,
      summarised(orders),
    ).books;
    // 20 % of 12.00 three times, and of 5.00 and 12.00.
    expect(found?.days[0]).toMatchObject({ accounts: [], taxes: moves(1060n, 'OUT20', 'OUTPUT2') });
    expect(found?.days[0]?.receipts.map(({ taxes }) => taxes[0]?.difference)).toEqual([480n, 340n, 240n]);
  });

  test('of a long day are few in a table, which says how many more there are and what they come to', () => {
    const long = Array.from({ length: 30 }, (_, index) => makeEvent(order(`L${index + 10}`, day[0] as string, 500)));
    const change = { ...NOTHING, roles: { 'sales.shipping': '4055' } };
    const found = whatIf(long, books, change, [], undefined, summarised(long));
    expect(found.ledger.days[0]?.receipts).toHaveLength(30);
    const table = whatIfTable(found, books);
    const rows = table.split('\n').map((row) => row.split('│').map((cell) => cell.trim()));
    const [from, to] = ['4050', '4055'];
    expect(rows.filter(([, name]) => name?.startsWith('sale L'))).toHaveLength(8);
    const at = rows.findIndex(([, name]) => name === '22 more receipts (--json)');
    expect(rows.slice(at, at + 4).map((row) => row.slice(1, 4))).toEqual([
      ['22 more receipts (--json)', from, '110.00'],
      ['', to, '-110.00'],
      ['The day', from, '150.00'],
      ['', to, '-150.00'],
    ]);
  });

  test('of many days are those of the last ones in a table', () => {
    const dates = ['03', '04', '05', '06', '07', '08', '09'].map((date) => `2026-03-${date}`);
    const many = dates.map((date) => makeEvent(order(date, `${date}T10:00:00Z`)));
    const change = { ...NOTHING, roles: { 'sales.shipping': '4055' } };
    const table = whatIfTable(whatIf(many, books, change, [], undefined, summarised(many)), books);
    expect(dates.filter((date) => table.includes(`Web shop on ${date}, 1 receipt booked`))).toEqual(dates.slice(2));
    expect(table).toContain('2 earlier summarised days in our ledger would be others too: --json has them.');
  });
});
