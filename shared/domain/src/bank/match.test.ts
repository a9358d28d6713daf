import { describe, expect, it } from 'vitest';
import { type BankCandidate, type BankFacts, matchBankLine, plainWords } from './match.ts';
import type { BankLine } from './statement.ts';

const line = (amount: bigint, text: string, counterparty: string | null = null): BankLine => ({
  bookedOn: '2026-03-10',
  valueOn: null,
  amount,
  counterparty,
  counterpartyAccount: null,
  reference: null,
  text,
  bankId: null,
  endToEndId: null,
});

const candidate = (
  kind: BankCandidate['kind'],
  id: string,
  amount: bigint,
  more: Partial<BankCandidate> = {},
): BankCandidate => {
  const { names = [], references = [], ...rest } = more;
  const words = { names: names.map(plainWords), references: references.map(plainWords) };
  const document = references[0] ?? null;
  return {
    kind,
    id,
    account: '1100',
    amount,
    on: '2026-03-09',
    party: 'p',
    document,
    days: [10, 7],
    ...words,
    ...rest,
  };
};

const facts = (candidates: BankCandidate[], more: Partial<BankFacts> = {}): BankFacts => ({
  candidates,
  rules: [],
  taxCodes: new Map([['S20', { code: 'S20', rate: '20', label: 'Standard', revenue: 'standard' }]]),
  currency: 'GBP',
  refused: new Set(),
  ...more,
});

const sureOf = (bank: BankLine, given: BankFacts) => matchBankLine(bank, given).sure;

describe('what is certain', () => {
  it('is the booked line of the amount that is nearest in days, and inside the days around', () => {
    const near = candidate('entry', '2/1', 500n);
    const far = candidate('entry', '1/1', 500n, { on: '2026-03-02' });
    expect(sureOf(line(500n, 'x'), facts([far, near]))).toMatchObject({ subject: 'entry 2/1', post: null });
    const old = candidate('entry', '3/1', 500n, { on: '2026-02-27' });
    expect(sureOf(line(500n, 'x'), facts([old]))).toBeNull();
    expect(sureOf(line(501n, 'x'), facts([near]))).toBeNull();
  });

  it('is an invoice that is named before a booked line that is not, and a named booked line before both', () => {
    const entry = candidate('entry', '2/1', 500n);
    const item = candidate('item', '9', 500n, { references: ['INV-2026-17'] });
    expect(sureOf(line(500n, 'inv2026 17'), facts([entry, item]))?.subject).toBe('items 9');
    const named = candidate('entry', '4/1', 500n, { references: ['INV-2026-17'], on: '2026-03-01' });
    expect(sureOf(line(500n, 'INV 2026/17'), facts([entry, item, named]))?.subject).toBe('entry 4/1');
  });

  it('is all the invoices that one payment names, less a credit note, where they come to it', () => {
    const items = [
      candidate('item', '1', 700n, { references: ['A-1001'] }),
      candidate('item', '2', 500n, { references: ['A-1002'] }),
      candidate('item', '3', -200n, { references: ['C-77'] }),
    ];
    const sure = sureOf(line(1000n, 'A-1001, A-1002 less C-77'), facts(items));
    expect(sure).toMatchObject({ subject: 'items 1+2+3', post: [{ net: 700n }, { net: 500n }, { net: -200n }] });
    expect(sureOf(line(999n, 'A-1001, A-1002 less C-77'), facts(items))).toBeNull();
  });

  it('is a bill that is paid, with the sign of the bank', () => {
    const bill = candidate('item', '5', -4800n, { references: ['B-2231'], account: '2100' });
    const sure = sureOf(line(-4800n, 'Your bill B-2231'), facts([bill]));
    expect(sure?.post).toEqual([{ account: '2100', net: -4800n, tax: 0n, party: 'p', document: 'B-2231' }]);
  });

  it('is money under way, oldest first, unless two accounts have it', () => {
    const young = candidate('clears', '8/1', 700n, { account: '1235' });
    const old = candidate('clears', '7/1', 700n, { account: '1235', on: '2026-03-05' });
    expect(sureOf(line(700n, 'safe'), facts([young, old]))?.subject).toBe('clears 7/1');
    expect(sureOf(line(700n, 'safe'), facts([young, { ...old, account: '2202' }]))).toBeNull();
  });

  it('is a rule, with the tax taken out of the amount, in its direction only', () => {
    const rule = {
      id: 3n,
      contains: 'Water-works',
      direction: 'out' as const,
      account: null,
      role: 'rent',
      taxCode: 'S20',
    };
    const sure = sureOf(line(-6000n, 'charge', 'HARBOUR WATER WORKS'), facts([], { rules: [rule] }));
    expect(sure?.post).toEqual([{ role: 'rent', net: -5000n, tax: -1000n, taxCode: 'S20' }]);
    expect(sureOf(line(6000n, 'back', 'HARBOUR WATER WORKS'), facts([], { rules: [rule] }))).toBeNull();
  });

  it('is never what a person has refused', () => {
    const refused = new Set(['entry 2/1']);
    expect(sureOf(line(500n, 'x'), facts([candidate('entry', '2/1', 500n)], { refused }))).toBeNull();
  });
});

describe('what resembles', () => {
  it('is told with what speaks for it, best first; another amount is booked whole', () => {
    const named = candidate('item', '1', 70_000n, { references: ['A-1001'], names: ['Quayside Hotel Ltd'] });
    const equal = candidate('item', '2', 50_000n, { on: '2026-01-01' });
    const { likely } = matchBankLine(line(50_000n, 'part of A-1001', 'Quayside Hotel'), facts([equal, named]));
    expect(likely.map(({ subject, score }) => [subject, score])).toEqual([
      ['items 1', 75],
      ['items 2', 50],
    ]);
    expect(likely[0]).toMatchObject({
      why: '1 day apart, name, reference',
      post: [{ net: 50_000n, document: 'A-1001' }],
    });
  });

  it('is never of the other direction', () => {
    expect(matchBankLine(line(-500n, 'A-1001'), facts([candidate('item', '1', 500n)])).likely).toEqual([]);
  });
});
