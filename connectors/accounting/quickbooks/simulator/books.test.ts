import fc from 'fast-check';
import { expect, test } from 'vitest';
import { start } from '../simulator.ts';
import {
  APP,
  applies,
  type Bench,
  openBench,
  openTrade,
  ref,
  saleLine,
  type Trade,
  temporaryFile,
} from './test-client.ts';

/** Whatever a caller does, in whatever order, and whatever of it is refused: the books stay books. */

const cents = fc.integer({ min: -500, max: 50_000 });
const step = fc.oneof(
  fc.record({
    do: fc.constantFrom('Invoice' as const, 'CreditMemo' as const, 'SalesReceipt' as const, 'RefundReceipt' as const),
    cents: fc.array(cents, { minLength: 1, maxLength: 3 }),
    number: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant('Payment' as const), cents, part: fc.integer({ min: 1, max: 4 }), at: fc.nat(9) }),
  fc.record({ do: fc.constant('Deposit' as const), cents, at: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('Transfer' as const, 'Purchase' as const, 'JournalEntry' as const), cents }),
  fc.record({
    do: fc.constantFrom('delete' as const, 'void' as const, 'shrink' as const, 'edit' as const),
    at: fc.nat(9),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface World {
  bench: Bench;
  trade: Trade;
  ids: Record<string, string>;
  taxCode: string | null;
}

const money = (of: number) => of / 100;

/** A request of a step, or null when there is nothing it could be about. */
function requestOf(world: World, step: Step): { path: string; body: Record<string, unknown> } | null {
  const { bench, trade, ids } = world;
  const rows = bench.qbo.documents(trade.realm);
  const account = (name: string) => ref(ids[name]!);
  const head = { TxnDate: '2026-11-20' };
  const line = (DetailType: string, Amount: number, detail: object) => ({ DetailType, Amount, [DetailType]: detail });
  switch (step.do) {
    case 'Payment': {
      const target = rows.filter(({ entity }) => entity === 'Invoice')[step.at];
      const open = target ? Number(target.open) : 0;
      const part = Math.trunc(open / step.part);
      const Line = target ? [applies(money(part), target.id, 'Invoice')] : [];
      return {
        path: '/payment',
        body: { ...head, CustomerRef: ref(trade.customer), TotalAmt: money(step.cents), Line },
      };
    }
    case 'Deposit': {
      const receipt = rows[step.at];
      if (!receipt) return null;
      const LinkedTxn = [{ TxnId: receipt.id, TxnType: receipt.entity }];
      const fee = line('DepositLineDetail', -0.3, { AccountRef: account('fees') });
      const Line = [{ Amount: money(Number(receipt.total)), LinkedTxn }, fee];
      return { path: '/deposit', body: { ...head, DepositToAccountRef: account('bank'), Line } };
    }
    case 'Transfer': {
      const body = { FromAccountRef: account('clearing'), ToAccountRef: account('bank'), Amount: money(step.cents) };
      return { path: '/transfer', body: { ...head, ...body } };
    }
    case 'Purchase': {
      const Line = [
        line('AccountBasedExpenseLineDetail', money(step.cents), taxed(world, { AccountRef: account('fees') })),
      ];
      return { path: '/purchase', body: { ...head, PaymentType: 'Cash', AccountRef: account('clearing'), Line } };
    }
    case 'JournalEntry': {
      const side = (PostingType: string, name: string) =>
        line('JournalEntryLineDetail', money(step.cents), { PostingType, AccountRef: account(name) });
      return { path: '/journalentry', body: { ...head, Line: [side('Debit', 'fees'), side('Credit', 'clearing')] } };
    }
    case 'delete':
    case 'void':
    case 'shrink':
    case 'edit': {
      const row = rows[step.at];
      if (!row) return null;
      const operation = step.do === 'shrink' || step.do === 'edit' ? '' : `?operation=${step.do}`;
      const Line = [saleLine(trade.sales, 0.05, taxed(world, {}))];
      const body = { Id: row.id, SyncToken: '0', sparse: true, ...(step.do === 'shrink' ? { Line } : {}) };
      return { path: `/${row.entity.toLowerCase()}${operation}`, body };
    }
    default: {
      const Line = step.cents.map((each) => saleLine(trade.sales, money(each), taxed(world, {})));
      const more = { DocNumber: `N-${step.number}`, CustomerRef: ref(trade.customer), Line };
      const bank = step.do === 'RefundReceipt' ? { DepositToAccountRef: account('bank') } : {};
      return { path: `/${step.do.toLowerCase()}`, body: { ...head, ...more, ...bank } };
    }
  }
}

/** With tax where the company has some: 8 % in one, 20 % in the other, none in the third. */
function taxed({ taxCode }: World, detail: object): Record<string, unknown> {
  return taxCode === null ? { ...detail } : { ...detail, TaxCodeRef: ref(taxCode) };
}

async function openWorld(bench: Bench, at: number): Promise<World> {
  const realm = [bench.harbor, bench.nimbus, bench.british][at]!;
  const trade = await openTrade(bench, realm);
  const numbers = at === 2 ? ['1200', '1241', '7905'] : ['1000', '1101', '6000'];
  const [bank = '', clearing = '', fees = ''] = await Promise.all(
    numbers.map((number) => bench.account(number, realm)),
  );
  return { bench, trade, ids: { bank, clearing, fees }, taxCode: [null, 'TAX', '2'][at] ?? null };
}

function check(world: World): void {
  const { bench, trade } = world;
  const balances = bench.qbo.balances(trade.realm);
  const rows = bench.qbo.documents(trade.realm);
  const posted: Record<string, bigint> = {};
  for (const row of rows.filter(({ state }) => state !== 'deleted')) {
    expect(
      row.postings.reduce((sum, { home }) => sum + home, 0n),
      `${row.entity} ${row.id}`,
    ).toBe(0n);
    for (const { account, home } of row.postings) posted[account] = (posted[account] ?? 0n) + home;
  }
  for (const [account, balance] of Object.entries(balances)) expect(balance, account).toBe(posted[account] ?? 0n);
  const signs: Record<string, bigint> = { Invoice: 1n, SalesReceipt: 1n, CreditMemo: -1n, RefundReceipt: -1n };
  const sales = rows.filter(({ entity, state }) => signs[entity] !== undefined && state === 'live');
  expect(bench.qbo.totals(trade.realm)).toEqual({
    count: sales.length,
    total: sales.reduce((sum, { entity, total }) => sum + signs[entity]! * total, 0n),
    tax: sales.reduce((sum, { entity, tax }) => sum + signs[entity]! * tax, 0n),
  });
  for (const row of rows) if (row.entity === 'Invoice') expect(row.open >= 0n && row.open <= row.total).toBe(true);
}

test('every sequence of requests leaves books that balance, agree with their documents, and survive a restart', async () => {
  const outcomes = { taken: 0, refused: 0 };
  const property = fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 24 }), fc.nat(2), async (steps, at) => {
    const stateFile = temporaryFile();
    const bench = await openBench({ stateFile });
    const world = await openWorld(bench, at);
    const { realm } = world.trade;
    for (const each of steps) {
      const request = requestOf(world, each);
      if (!request) continue;
      const before = bench.qbo.documents(realm);
      const { status } = await bench.call('POST', request.path, { realm, body: request.body });
      expect([200, 400]).toContain(status);
      outcomes[status === 200 ? 'taken' : 'refused'] += 1;
      if (status === 400) expect(bench.qbo.documents(realm)).toEqual(before);
      check(world);
    }
    const again = await start({ seed: 7, app: APP, stateFile });
    expect(again.documents(realm)).toEqual(bench.qbo.documents(realm));
    expect(again.balances(realm)).toEqual(bench.qbo.balances(realm));
    expect(again.totals(realm)).toEqual(bench.qbo.totals(realm));
    await again.close();
    await bench.qbo.close();
  });
  await fc.assert(property, { numRuns: 60, seed: 20261121 });
  // Otherwise the test would say little.
  expect(outcomes.taken).toBeGreaterThan(250);
  expect(outcomes.refused).toBeGreaterThan(100);
}, 60_000);
