import { type ProposedChange, whatIf } from '@daybook/cli/what-if';
import { booksSides, pastEvents, summarisedPast } from '@daybook/cli/what-if-command';
import { loadBooks } from '@daybook/ledger/company';
import { pushDocuments } from '@daybook/workers/push/push-documents';
import { setGranularity } from '@daybook/workers/summaries/granularity';
import { repost, startUndo } from '@daybook/workers/undo/undos';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOTHING: ProposedChange = { roles: {}, taxRules: [], settings: {}, mappings: [] };

let world: World;
afterEach(() => world.close());

async function openShop(seed: number): Promise<void> {
  world = await openWorld({ seed, only: ['square', 'quickbooks'], startAt: new Date('2026-03-03T15:00:00Z') });
}

function pairing() {
  const found = world.pairings.find(({ books }) => books !== null);
  if (!found?.books || !found.organisation) throw new Error('The sandbox has no shop with books.');
  return { ...found, books: found.books, organisation: found.organisation };
}

async function idOf(kind: 'sales' | 'accounting'): Promise<string> {
  const [row] = await world.database.sql<{ id: string }[]>`
    select id from connections where kind = ${kind} and company_id = ${pairing().companyId}`;
  return row?.id ?? '';
}

async function trade(times: number): Promise<void> {
  for (let step = 0; step < times; step += 1) await pairing().channel.simulator.trade(pairing().shop);
  await world.settle(12);
}

function balances(): Record<string, bigint> {
  return pairing().books.simulator.balances(pairing().organisation);
}

async function mappingOf(ours: string): Promise<string> {
  const { body } = await ask(world.url, `/api/v1/connections/${await idOf('accounting')}/mappings`);
  return body.mappings.find((each: { ours: string }) => each.ours === ours).theirs;
}

async function map(json: Record<string, string>): Promise<void> {
  const path = `/api/v1/connections/${await idOf('accounting')}/mappings`;
  expect(await ask(world.url, path, { method: 'PUT', json: { kind: 'account', ...json } })).toMatchObject({
    status: 200,
  });
}

const ROLE = 'sales.revenue.standard';

describe('a mapping', () => {
  test('from a date on holds for documents dated from then on, and only those', async () => {
    await openShop(7);
    const [before, other] = [await mappingOf(ROLE), await mappingOf('sales.shipping')];
    await map({ ours: ROLE, theirs: other, validFrom: '2026-03-08' });
    await trade(12);
    const firstDays = balances();
    expect(firstDays[before]).toBeLessThan(0n);
    const shipping = firstDays[other] ?? 0n;
    world.advance(7 * DAY_MS);
    await trade(12);
    const [sold] = await world.database.sql<{ net: bigint }[]>`
      select coalesce(sum(case when d.kind in ('invoice', 'sales_receipt') then 1 else -1 end * (line->>'net')::bigint) filter (where line->>'role' = ${ROLE}), 0)::bigint as net
      from documents d cross join lateral jsonb_array_elements(d.payload->'lines') as line
      where d.kind in ('invoice', 'credit_note', 'sales_receipt', 'refund_receipt') and d.date >= '2026-03-08'`;
    expect(sold?.net).toBeGreaterThan(0n);
    expect(balances()[before]).toBe(firstDays[before]);
    expect((balances()[other] ?? 0n) - shipping).toBeLessThanOrEqual(-(sold?.net ?? 0n));
  });

  test('of a channel comes before the one for all, and one of another channel is none of its business', async () => {
    await openShop(7);
    const [before, other] = [await mappingOf(ROLE), await mappingOf('sales.shipping')];
    await map({ ours: ROLE, theirs: other, channel: '00000000-0000-4000-8000-000000000001' });
    await trade(8);
    expect(balances()[before]).toBeLessThan(0n);
    const until = balances()[before];
    await map({ ours: ROLE, theirs: other, channel: await idOf('sales') });
    await trade(8);
    expect(balances()[before]).toBe(until);
    expect(balances()[other]).toBeLessThan(0n);
  });

  test('that is missing stands first in the table with what the chart suggests; choosing it is on record', async () => {
    await openShop(7);
    const connection = await idOf('accounting');
    const theirs = await mappingOf(ROLE);
    await world.database.sql`delete from mappings where connection_id = ${connection} and ours = ${ROLE}`;
    await trade(8);
    const table = async () => (await ask(world.url, `/api/v1/connections/${connection}/mapping-table`)).body.lines;
    const [first] = await table();
    expect(first).toMatchObject({ kind: 'account', ours: ROLE, theirs: null, suggested: theirs });
    expect(first.used).toBeGreaterThan(0);
    const held = await world.database.sql`select 1 from documents where state = 'held'`;
    expect(held.length).toBeGreaterThan(0);

    await map({ ours: ROLE, theirs });
    await map({ ours: ROLE, theirs, validFrom: '2026-05-01' });
    await world.settle(12);
    const { body } = await ask(world.url, `/api/v1/connections/${connection}/mapping-changes`);
    expect(body.changes).toMatchObject([
      { kind: 'account', ours: ROLE, channel: '', validFrom: '2026-05-01', before: null, after: theirs },
      { kind: 'account', ours: ROLE, channel: '', validFrom: '0001-01-01', before: null, after: theirs },
    ]);
    const lines = await table();
    expect(lines.find(({ ours }: { ours: string }) => ours === ROLE)).toMatchObject({ theirs });
    const unmapped = lines.map((line: { theirs: string | null }) => line.theirs === null);
    expect(unmapped).toEqual([...unmapped].sort((a, b) => Number(b) - Number(a)));
    expect(await world.database.sql`select kind, number, state, reason from documents where state <> 'pushed'`).toEqual(
      [],
    );
    for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
  });

  test('of payment methods names the account each sits on, those without one first', async () => {
    await openShop(7);
    await trade(20);
    const { body } = await ask(world.url, `/api/v1/companies/${pairing().slug}/payment-methods`);
    const roles = body.methods.map(({ role }: { role: string }) => role);
    expect(roles).toContain('clearing.square');
    expect(roles).toContain('cash.drawer');
    for (const each of body.methods) {
      const [lines] = await world.database.sql<{ account: string }[]>`
        select account from account_roles where company_id = ${pairing().companyId} and role = ${each.role}`;
      expect(each).toMatchObject({ account: lines?.account ?? null, seen: expect.any(Number) });
    }
    const without = body.methods.map(({ account }: { account: string | null }) => account === null);
    expect(without).toEqual([...without].sort((a, b) => Number(b) - Number(a)));
  });
});

describe('what a change would do, said before', { timeout: 120_000 }, () => {
  test.each([
    [5, 'per_order'],
    [16, 'per_order'],
    [5, 'daily_summary'],
  ] as const)('is what it does once documents are pushed again (seed %i, %s)', async (seed, mode) => {
    await openShop(seed);
    const fromDate = '2026-01-01';
    await setGranularity(world.database.sql, { connectionId: await idOf('sales'), fromDate, mode });
    await trade(25);
    await world.settle(48);
    const { sql } = world.database;
    const { companyId } = pairing();
    const connection = await idOf('accounting');
    const wanted: [ours: string, like: string][] = [
      [ROLE, 'sales.shipping'],
      ['fees.square', 'expense.office'],
      ['cash.drawer', 'cash.transit'],
    ];
    const mappings: ProposedChange['mappings'] = [];
    for (const [ours, like] of wanted)
      mappings.push({
        connection,
        kind: 'account',
        ours,
        theirs: await mappingOf(like),
        channel: '',
        validFrom: '0001-01-01',
      });

    const past = await pastEvents(sql, companyId, {});
    const books = await sql.begin((tx) => loadBooks(tx, companyId));
    const sides = await booksSides(sql, companyId);
    const summarised = await summarisedPast(sql, companyId);
    const found = whatIf(past.events, books, { ...NOTHING, mappings }, sides, past.originOf, summarised);
    expect(found.ledger).toMatchObject({ entriesChanged: 0, accounts: [], refused: [] });
    const predicted = found.books[0];
    expect(predicted?.documentsChanged).toBeGreaterThan(mode === 'per_order' ? 5 : 1);
    expect(predicted?.alreadyPushed).toBe(predicted?.documentsChanged);
    expect((predicted?.days ?? []).length > 0).toBe(mode === 'daily_summary');
    for (const { accounts, receipts } of predicted?.days ?? []) {
      expect(summed(receipts.flatMap((each) => each.accounts))).toEqual(summed(accounts));
    }

    const before = balances();
    for (const { ours, theirs } of mappings) await map({ ours, theirs });
    await world.settle(12);
    expect(balances()).toEqual(before);
    const undo = await startUndo({ connectionId: connection, from: '2000-01-01', to: '2099-12-31' }, world.hub.deps);
    for (let rings = 0; rings < 20; rings += 1) {
      await pushDocuments({ connectionId: connection }, world.hub.deps);
      world.advance(30_000);
    }
    await repost(undo.id, world.hub.deps);
    await world.settle(24);

    const after = balances();
    const actual = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .map((account) => ({ account, difference: (after[account] ?? 0n) - (before[account] ?? 0n) }))
      .filter(({ difference }) => difference !== 0n);
    const said = predicted?.accounts.map(({ account, difference }) => ({ account, difference })) ?? [];
    const byAccount = (a: { account: string }, b: { account: string }) => (a.account < b.account ? -1 : 1);
    expect(actual.length).toBeGreaterThan(3);
    expect(said.sort(byAccount)).toEqual(actual.sort(byAccount));
  });
});

function summed(moves: readonly { account: string; difference: bigint }[]): Record<string, bigint> {
  const found: Record<string, bigint> = {};
  for (const { account, difference } of moves) found[account] = (found[account] ?? 0n) + difference;
  return Object.fromEntries(Object.entries(found).filter(([, amount]) => amount !== 0n));
}
