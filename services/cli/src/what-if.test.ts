import { type EventInput, makeEvent } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { defaultBooks } from './default-books.ts';
import { type ProposedChange, whatIf } from './what-if.ts';

const books = defaultBooks('GB', 'GBP');
const NOTHING: ProposedChange = { roles: {}, taxRules: [], settings: {}, mappings: [] };

/** Order of 12.00 with postage of 5.00 net, 20 % on both, paid by card: 20.40. */
const order = (id: string, occurredAt: string): EventInput => ({
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
    { kind: 'shipping', net: 500, taxes: [{ name: 'VAT', rate: '20', amount: 100 }] },
  ],
  tenders: [{ kind: 'card', processor: 'stripe', amount: 2040 }],
  total: 2040,
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
