import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import type { Fault } from '@daybook/connectors/kit/simulator';
import { pushDocuments } from '@daybook/workers/push/push-documents';
import { takeBack } from '@daybook/workers/undo/take-back';
import { readUndo, repost, resumeUndo, startUndo, type Undo } from '@daybook/workers/undo/undos';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** Each takes a few seconds; many times that on a machine whose cores are all taken. */
vi.setConfig({ testTimeout: 180_000 });

const DAY_MS = 24 * 60 * 60_000;
const EVERYTHING = { from: '2000-01-01', to: '2099-12-31' };

let world: World;
/** How often a person had to connect the books again. */
let reconnected = 0;
afterEach(() => world.close());

/** Whose shop keeps its books where; the demo books of Sage are British, which only some channels' shops are. */
const CHANNELS: Readonly<Record<string, string>> = { quickbooks: 'square', xero: 'square', sage: 'shopify' };

/** A shop whose processor's money is booked, too: every kind of document comes up in one of them. */
async function openShop(seed: number, books = 'quickbooks'): Promise<void> {
  reconnected = 0;
  const only = [CHANNELS[books] ?? '', books];
  world = await openWorld({ seed, only, startAt: new Date('2026-03-03T15:00:00Z') });
}

function pairing() {
  const found = world.pairings.find(({ books }) => books !== null);
  if (!found?.books || !found.organisation) throw new Error('The sandbox has no shop with books.');
  return { ...found, books: found.books, organisation: found.organisation };
}

async function booksId(): Promise<string> {
  const [row] = await world.database.sql<{ id: string }[]>`
    select id from connections where kind = 'accounting' and company_id = ${pairing().companyId}`;
  return row?.id ?? '';
}

async function trade(times: number): Promise<void> {
  for (let step = 0; step < times; step += 1) await pairing().channel.simulator.trade(pairing().shop);
  await world.settle(12);
}

/** What stands on every account of the books that is not even. */
function balances(): Record<string, bigint> {
  const all = pairing().books.simulator.balances(pairing().organisation);
  return Object.fromEntries(Object.entries(all).filter(([, amount]) => amount !== 0n));
}

async function states(): Promise<Record<string, number>> {
  const rows = await world.database.sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from documents where connection_id = ${await booksId()} group by state`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** What the sweep does every few seconds: rings the books. */
async function ring({ id, connectionId }: Undo): Promise<Undo> {
  await pushDocuments({ connectionId }, world.hub.deps);
  return (await readUndo(world.database.sql, id)) as Undo;
}

/** Rings until the undo is through or stopped. */
async function finish(undo: Undo): Promise<Undo> {
  for (let rings = 0; rings < 200; rings += 1) {
    const now = await ring(undo);
    if (now.state !== 'running') return now;
    world.advance(30_000);
    await connectAgainWhereAsked(undo.connectionId);
  }
  throw new Error('The undo never ended.');
}

/**
 * A person connects again what asks for it: books whose refresh tokens work once do when the answer with the next one
 * is lost. Answers whether it did.
 */
async function connectAgainWhereAsked(connectionId: string): Promise<boolean> {
  const [lost] = await world.database.sql`select 1 from connections where id = ${connectionId} and state = 'reconnect'`;
  if (!lost) return false;
  reconnected += 1;
  await world.sandbox.connect(world.hub, world.url, () => undefined);
  return true;
}

async function undoRange(range: { from: string; to: string }): Promise<Undo> {
  return finish(await startUndo({ connectionId: await booksId(), ...range }, world.hub.deps));
}

const FAULTS: readonly Fault[] = [
  { kind: 'lost_reply', count: 1, method: 'POST' },
  { kind: 'status', count: 1, status: 429, headers: { 'retry-after': '20' } },
  { kind: 'drop_before', count: 2 },
  { kind: 'lost_reply', count: 2 },
  { kind: 'status', count: 1, status: 503 },
  { kind: 'html', count: 1, method: 'POST' },
];

/** Breaks the n-th request from now on in one of the ways above. */
function breakSoon(seed: number): void {
  for (let each = 0; each < 3; each += 1)
    pairing().books.simulator.inject({ ...(FAULTS[(seed + each) % FAULTS.length] as Fault) });
}

describe('what was pushed, taken out and pushed again', () => {
  test.each([
    [3, 'quickbooks'],
    [8, 'quickbooks'],
    [21, 'quickbooks'],
    [3, 'xero'],
    [8, 'xero'],
    [3, 'sage'],
    [8, 'sage'],
    [21, 'sage'],
  ])('is as if it was pushed once, whatever breaks meanwhile (seed %i, %s)', async (seed, books) => {
    await openShop(seed, books);
    await trade(30);
    const [once, count] = [balances(), await states()];
    expect(Object.keys(once).length).toBeGreaterThan(3);
    expect(Object.keys(count)).toEqual(['pushed']);

    const started = await startUndo({ connectionId: await booksId(), ...EVERYTHING }, world.hub.deps);
    breakSoon(seed);
    expect(await finish(started)).toMatchObject({ state: 'done', reason: null, left: 0, undone: count.pushed });
    expect(balances()).toEqual({});
    expect(await states()).toEqual({ undone: count.pushed });

    breakSoon(seed + 1);
    await repost(started.id, world.hub.deps);
    do await world.settle(96);
    while (await connectAgainWhereAsked(started.connectionId));
    expect(balances()).toEqual(once);
    expect(await states()).toEqual(count);
    for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
    if (books !== 'sage') expect(reconnected).toBe(0);
    const [issue] = await world.database
      .sql`select message from issues where state = 'open' and code <> 'SUSPENSE_POSTED'`;
    expect(issue).toBeUndefined();
  });

  test('leaves the books of the days before as they were', async () => {
    await openShop(5);
    await trade(20);
    const before = balances();
    // Far enough that no payout of the days before arrives in the range.
    world.advance(7 * DAY_MS);
    await trade(15);
    const after = balances();
    expect(after).not.toEqual(before);
    const undo = await undoRange({ from: '2026-03-08', to: '2099-12-31' });
    expect(balances()).toEqual(before);
    await repost(undo.id, world.hub.deps);
    await world.settle(12);
    expect(balances()).toEqual(after);
  });
});

describe('one event', () => {
  test('comes out with all its revisions, and nothing of another fact does', async () => {
    world = await openWorld({ seed: 31, only: ['shopify', 'xero'], startAt: new Date('2026-03-03T15:00:00Z') });
    await trade(60);
    const [edited] = await world.database.sql<{ ids: bigint[] }[]>`
      select array_agg(distinct e.id) as ids from events e join documents d on d.event_id = e.id
      where d.connection_id = ${await booksId()}
      group by e.connection_id, e.type, e.source_id having count(distinct e.id) > 1 limit 1`;
    if (!edited) throw new Error('No sale was edited.');
    const once = balances();
    const [first] = edited.ids;
    const scope = { connectionId: await booksId(), eventId: first };
    const undo = await finish(await startUndo(scope, world.hub.deps));
    expect(undo).toMatchObject({ state: 'done', left: 0 });
    const [out] = await world.database.sql<{ ids: bigint[] }[]>`
      select array_agg(distinct event_id) as ids from documents where state = 'undone' and kind not in ('payment', 'allocation')`;
    expect(out?.ids.length).toBeGreaterThan(0);
    expect(edited.ids).toEqual(expect.arrayContaining(out?.ids ?? []));
    const [left] = await world.database.sql`
      select 1 from documents where event_id = any(${edited.ids.map(String)}::bigint[]) and state = 'pushed'
        and connection_id = ${scope.connectionId}`;
    expect(left).toBeUndefined();
    await repost(undo.id, world.hub.deps);
    await world.settle(24);
    expect(balances()).toEqual(once);
  });
});

describe('a worker that dies', () => {
  test('after the books took a document out finds it gone and goes on', async () => {
    await openShop(4);
    await trade(20);
    const { pushed } = await states();
    const id = await booksId();
    const undo = await startUndo({ connectionId: id, ...EVERYTHING }, world.hub.deps);
    const { connector } = pairing().books;
    let left = 4;
    const dying: AccountingConnector = {
      ...connector,
      undo: async (...given) => {
        const answer = await connector.undo(...given);
        left -= 1;
        if (left === 0) throw new Error('The process was killed.');
        return answer;
      },
    };
    const connection = { id, companyId: pairing().companyId, connector: '', label: '', state: '', pausedUntil: null };
    await expect(takeBack(connection, dying, world.hub.deps)).rejects.toThrow('killed');
    expect(await states()).toEqual({ undone: 3, pushed: (pushed ?? 0) - 3 });
    expect(await finish(undo)).toMatchObject({ state: 'done', undone: pushed });
    expect(balances()).toEqual({});
  });
});

describe('a connection that is lost halfway', () => {
  test('is named as what the undo waits for, and the undo goes on once it is there again', async () => {
    await openShop(6, 'sage');
    await trade(20);
    const { pushed = 0 } = await states();
    const undo = await startUndo({ connectionId: await booksId(), ...EVERYTHING }, world.hub.deps);
    const begun = await ring(undo);
    expect(begun.undone).toBeGreaterThan(0);
    expect(begun.left).toBeGreaterThan(0);

    // Its access token lives five minutes; the refresh token is spent and its successor lost with the answer.
    pairing().books.simulator.inject({ kind: 'lost_reply', count: 1, path: '/token' });
    for (let minute = 0; minute < 30; minute += 10) {
      world.advance(10 * 60_000);
      await ring(undo);
    }
    const { state, reason, undone, left } = await ring(undo);
    expect({ state, undone, left }).toEqual({ state: 'running', undone: begun.undone, left: pushed - begun.undone });
    expect(reason).toMatch(/^\S.* is not connected at the moment\. Connect it again/);
    const issues = () => world.database.sql`select code from issues where state = 'open' and code = 'RECONNECT'`;
    expect(await issues()).toHaveLength(1);

    expect(await connectAgainWhereAsked(undo.connectionId)).toBe(true);
    expect(await issues()).toHaveLength(0);
    expect(await finish(undo)).toMatchObject({ state: 'done', reason: null, left: 0, undone: pushed });
    expect(balances()).toEqual({});
  });
});

describe('a refusal halfway', () => {
  test('stops the undo with its reason, and the rest follows once it is mended', async () => {
    await openShop(6);
    await trade(20);
    world.advance(DAY_MS);
    await trade(15);
    const once = balances();
    const { books, organisation } = pairing();
    books.simulator.lock(organisation, '2026-03-03');
    const undo = await undoRange({ from: '2026-03-03', to: '2099-12-31' });
    expect(undo.state).toBe('failed');
    expect(undo.reason).toMatch(/^(payment|credit note|invoice|transfer|bank entry) SQU-.+clos/);
    expect(undo.left).toBeGreaterThan(0);
    expect(undo.undone).toBeGreaterThan(0);

    const connectionId = await booksId();
    await expect(startUndo({ connectionId, ...EVERYTHING }, world.hub.deps)).rejects.toThrow('is not finished');
    // Nothing of the scope comes back while it is stopped.
    const halfway = balances();
    await world.settle(24);
    expect(balances()).toEqual(halfway);

    books.simulator.lock(organisation, '2000-01-01');
    const done = await finish(await resumeUndo(undo.id, world.hub.deps));
    expect(done).toMatchObject({ state: 'done', reason: null, left: 0 });
    expect(balances()).toEqual({});
    await repost(undo.id, world.hub.deps);
    await world.settle(24);
    expect(balances()).toEqual(once);
  });
});

describe('what happens in the scope while it is out of the books', () => {
  test('is not pushed until it is pushed again, then everything is', async () => {
    await openShop(9);
    await trade(15);
    const undo = await undoRange(EVERYTHING);
    const { undone } = await states();
    await trade(15);
    const meanwhile = await states();
    expect(balances()).toEqual({});
    expect(meanwhile).toEqual({ undone, pending: expect.any(Number) });
    await repost(undo.id, world.hub.deps);
    await world.settle(24);
    expect(Object.keys(await states())).toEqual(['pushed']);
    for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
  });
});

describe('the API', () => {
  const api = (path: string, json?: unknown) =>
    ask(world.url, `/api/v1${path}`, json === undefined ? {} : { json, headers: {} });

  test('counts without touching anything, takes one event out and pushes it again', async () => {
    await openShop(12);
    await trade(25);
    const connection = await booksId();
    const once = balances();
    const [sale] = await world.database.sql<{ eventId: bigint; kind: string; total: bigint }[]>`
      select e.id as "eventId", d.kind, d.amount as total from events e join documents d on d.event_id = e.id
      where e.type = 'sale' and d.state = 'pushed' and not exists (
        select 1 from events r where r.sale_id = e.source_id) and (d.kind = 'sales_receipt' or (d.kind = 'invoice' and exists (
        select 1 from documents p where p.event_id = e.id and p.kind = 'payment'))) order by e.id limit 1`;
    if (!sale) throw new Error('No sale without anything else came up.');
    const eventId = String(sale.eventId);
    const dry = await api('/undos', { connection, eventId, dryRun: true });
    expect(dry.status).toBe(200);
    expect(dry.body.undo).toBeNull();
    expect(dry.body.plan.amounts).toContainEqual({
      kind: sale.kind,
      currency: pairing().currency,
      count: 1,
      amount: String(sale.total),
    });
    expect(balances()).toEqual(once);

    const { body } = await api('/undos', { connection, eventId });
    expect(body.undo).toMatchObject({ state: 'running', eventId, left: dry.body.plan.documents, undone: 0 });
    expect((await api(`/undos/${body.undo.id}/repost`, {})).body).toMatchObject(refusal('UNDO_REFUSED'));
    await finish({ ...body.undo, connectionId: connection });
    expect((await api('/undos')).body.undos[0]).toMatchObject({
      state: 'done',
      left: 0,
      undone: dry.body.plan.documents,
      repostedAt: null,
    });
    const rows = await world.database.sql<{ eventId: bigint }[]>`
      select distinct event_id as "eventId" from documents where state = 'undone'`;
    expect(rows.map((row) => String(row.eventId))).toEqual([eventId]);
    expect(balances()).not.toEqual(once);

    const again = await api(`/undos/${body.undo.id}/repost`, {});
    expect(again.body).toMatchObject({ state: 'done', repostedAt: expect.any(String) });
    await world.settle(12);
    expect(balances()).toEqual(once);
  });

  test('refuses what names nothing, what ends before it begins, and books there are not', async () => {
    await openShop(12);
    const connection = await booksId();
    for (const scope of [{}, { from: '2026-03-01' }, { from: '2026-03-02', to: '2026-03-01' }]) {
      for (const dryRun of [true, false]) {
        const answer = await api('/undos', { connection, ...scope, dryRun });
        expect(answer).toMatchObject({ status: 409, body: refusal('UNDO_REFUSED') });
      }
    }
    const nowhere = '00000000-0000-4000-8000-000000000000';
    expect(await api('/undos', { connection: nowhere, ...EVERYTHING })).toMatchObject({ status: 409 });
    for (const path of [`/undos/${nowhere}/resume`, `/undos/${nowhere}/repost`])
      expect(await api(path, {})).toMatchObject({ status: 409, body: refusal('UNDO_REFUSED') });
  });
});
