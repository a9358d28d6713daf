import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import type { WorkerDeps } from '@daybook/workers/deps';
import { watchAll, watchBooks } from '@daybook/workers/drift/watch';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** Each takes a few seconds; many times that on a machine whose cores are all taken. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const SEED = 14;
const TEN_MINUTES_MS = 10 * 60_000;
/** Books and a channel with a shop in their country. */
const BOOKS = { quickbooks: 'square', xero: 'square', sage: 'shopify' } as const;
type Books = keyof typeof BOOKS;
const ALL_BOOKS = Object.keys(BOOKS) as Books[];

let world: World;
afterEach(() => world.close());

async function openShop(books: Books): Promise<void> {
  world = await openWorld({ seed: SEED, only: [BOOKS[books], books], startAt: new Date('2026-03-03T15:00:00Z') });
  const { channel, shop } = pairing();
  for (let step = 0; step < 30; step += 1) await channel.simulator.trade(shop);
  await world.settle(12);
}

function pairing() {
  const found = world.pairings.find(({ books }) => books !== null);
  if (!found?.books || !found.organisation) throw new Error('The sandbox has no shop with books.');
  return { ...found, books: found.books, organisation: found.organisation };
}

function balances(): Record<string, bigint> {
  const all = pairing().books.simulator.balances(pairing().organisation);
  return Object.fromEntries(Object.entries(all).filter(([, amount]) => amount !== 0n));
}

interface PushedRow {
  id: bigint;
  kind: string;
  number: string;
  remoteId: string;
}

async function pushed(): Promise<PushedRow[]> {
  return world.database.sql<PushedRow[]>`
    select id, kind, number, remote_id as "remoteId" from documents where state = 'pushed' and company_id = ${pairing().companyId}
    order by id`;
}

/** Goes through the watch's rounds until everything that is in the books was read back after now. */
async function readEverythingBack(deps: WorkerDeps = world.hub.deps): Promise<void> {
  const since = world.now();
  for (let round = 0; round < 60; round += 1) {
    world.advance(TEN_MINUTES_MS);
    await watchAll(deps);
    const [left] = await world.database.sql`
      select 1 from documents where state = 'pushed' and (checked_at is null or checked_at < ${since}) limit 1`;
    if (!left) return;
  }
  throw new Error('After ten hours some documents were not read back.');
}

interface DriftRow {
  id: string;
  number: string;
  kind: string;
  state: string;
}

async function drifts(): Promise<DriftRow[]> {
  return world.database.sql<DriftRow[]>`
    select f.id, d.number, f.kind, f.state from drifts f join documents d on d.id = f.document_id order by d.id, f.seen_at`;
}

async function openIssues(): Promise<string[]> {
  const rows = await world.database.sql<{ subject: string }[]>`
    select subject from issues where state = 'open' and code = 'BOOKS_DRIFTED' order by subject`;
  return rows.map(({ subject }) => subject);
}

const KINDS = ['bank_entry', 'credit_note', 'invoice', 'sales_receipt', 'refund_receipt', 'transfer'];

/** Lets a person change or void a document of each kind that the books let them; answers the documents. */
async function tamperOneOfEach(how: 'edit' | 'void', wanted = KINDS) {
  const touched: PushedRow[] = [];
  for (const kind of wanted) {
    for (const row of (await pushed()).filter((each) => each.kind === kind)) {
      try {
        pairing().books.simulator.tamper(pairing().organisation, row.remoteId, how);
        touched.push(row);
        break;
      } catch {
        // This one they may not touch, because something refers to it.
      }
    }
  }
  expect(touched.length).toBeGreaterThan(1);
  return touched.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const settle = (id: string, how: string) => ask(world.url, `/api/v1/drifts/${id}/${how}`, { method: 'POST' });

/** Restores as somebody does who is told to come back when the books' minute is used up. */
async function restore(id: string) {
  for (;;) {
    const answer = await settle(id, 'restore');
    if (answer.status !== 429) return answer;
    world.advance(secondsToWait(answer) * 1_000);
  }
}

/** What a refusal says about when to ask again, in seconds. */
function secondsToWait({ headers }: { headers: Headers }): number {
  const seconds = Number(headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  return seconds;
}

/** The same hub, whose books' connector is another one. */
function withConnector(change: (connector: AccountingConnector) => Partial<AccountingConnector>): WorkerDeps {
  const { connector } = pairing().books;
  const { deps } = world.hub;
  return { ...deps, books: new Map([...deps.books, [connector.id, { ...connector, ...change(connector) }]]) };
}

describe.each(ALL_BOOKS)('documents in %s that nobody touched', (books) => {
  beforeEach(() => openShop(books));

  test(`are read back without a difference, over a whole trade (seed ${SEED})`, async () => {
    expect((await pushed()).length).toBeGreaterThan(50);
    await readEverythingBack();
    expect(await drifts()).toEqual([]);
    expect(await openIssues()).toEqual([]);
  });

  test('differ in nothing when the mapping was changed after they were sent', async () => {
    const [connection] = await world.database.sql<
      { id: string }[]
    >`select id from connections where kind = 'accounting'`;
    const path = `/api/v1/connections/${connection?.id}/mappings`;
    const { body } = await ask(world.url, path);
    const mapped = body.mappings as { kind: string; ours: string; theirs: string }[];
    const other = mapped.find(({ ours }) => ours === 'sales.shipping')?.theirs;
    for (const { ours, theirs } of mapped.filter((each) => /^sales\.revenue|^fees\./.test(each.ours))) {
      expect(theirs).not.toBe(other);
      const json = { kind: 'account', ours, theirs: other };
      expect(await ask(world.url, path, { method: 'PUT', json })).toMatchObject({ status: 200 });
    }
    await readEverythingBack();
    expect(await drifts()).toEqual([]);
  });
});

describe.each(ALL_BOOKS)('documents in %s that somebody', (books) => {
  beforeEach(() => openShop(books));

  test.each(['edit', 'void'] as const)(
    'changed (%s) are found, no other is, and restoring leaves the same balances',
    async (how) => {
      const once = balances();
      const touched = await tamperOneOfEach(how);
      expect(balances()).not.toEqual(once);
      await readEverythingBack();
      const found = await drifts();
      // Payments whose invoice was voided hang in the air: they were changed, too.
      const isLoose = (number: string) => touched.some((each) => number.startsWith(`${each.number}-p`));
      const numbers = found.map(({ number }) => number).filter((number) => !isLoose(number));
      expect(numbers).toEqual(touched.map(({ number }) => number));
      for (const each of found) expect(each).toMatchObject({ state: 'open' });
      if (how === 'edit') expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['edited']));
      else for (const { kind, number } of found) if (!isLoose(number)) expect(['voided', 'deleted']).toContain(kind);
      const issues = await openIssues();
      expect(issues).toHaveLength(found.length);
      expect(issues).toEqual(expect.arrayContaining(touched.map(({ kind, number }) => `${kind} ${number}`)));

      for (const { id } of found.filter(({ number }) => !isLoose(number))) {
        expect(await restore(id)).toMatchObject({ status: 200, body: { state: 'restored' } });
        await world.settle(12);
      }
      expect(balances()).toEqual(once);
      expect(await openIssues()).toEqual([]);
      const { books: system, organisation, channel, shop } = pairing();
      const { total, tax } = channel.simulator.totals(shop);
      expect(system.simulator.totals(organisation)).toMatchObject({ total, tax });
      await readEverythingBack();
      expect((await drifts()).filter(({ state }) => state === 'open')).toEqual([]);
    },
  );

  test('changed and that were accepted or ignored are not told again until they change once more', async () => {
    const [first, second] = (await tamperOneOfEach('edit')) as [PushedRow, PushedRow];
    await readEverythingBack();
    const [one, two] = (await drifts()) as [DriftRow, DriftRow];
    expect(await settle(one.id, 'accept')).toMatchObject({ status: 200, body: { state: 'accepted' } });
    expect(await settle(two.id, 'ignore')).toMatchObject({ status: 200, body: { state: 'ignored' } });
    expect(await settle(one.id, 'restore')).toMatchObject({ status: 409, body: refusal('DRIFT_REFUSED') });
    await readEverythingBack();
    expect((await drifts()).filter(({ number }) => [first.number, second.number].includes(number))).toHaveLength(2);
    const { simulator } = pairing().books;
    simulator.tamper(pairing().organisation, first.remoteId, 'edit');
    await readEverythingBack();
    const again = (await drifts()).filter(({ number }) => number === first.number);
    expect(again.map(({ state }) => state)).toEqual(['accepted', 'open']);
  });

  test('changed and changed back heal, and their issue closes', async () => {
    const [victim] = await pushed();
    const edited = withConnector((connector) => ({
      inspect: async (document, ...rest) => {
        const there = await connector.inspect(document, ...rest);
        return there && document.number === victim?.number ? { ...there, total: there.total + 100n } : there;
      },
    }));
    await readEverythingBack(edited);
    expect(await drifts()).toMatchObject([{ number: victim?.number, kind: 'edited', state: 'open' }]);
    expect(await openIssues()).toHaveLength(1);
    await readEverythingBack();
    expect(await drifts()).toMatchObject([{ number: victim?.number, state: 'healed' }]);
    expect(await openIssues()).toEqual([]);
  });
});

describe('a restore while the minute of the books is used up', () => {
  beforeEach(() => openShop('sage'));

  test('says when to ask again, and is done then', async () => {
    const once = balances();
    const invoice = (await pushed()).find(({ kind }) => kind === 'invoice');
    pairing().books.simulator.tamper(pairing().organisation, invoice?.remoteId ?? '', 'edit');
    await readEverythingBack();
    const [drift] = (await drifts()) as [DriftRow];
    await useUpTheMinute();
    const refused = await settle(drift.id, 'restore');
    expect(refused).toMatchObject({ status: 429, body: refusal('RATE_LIMITED') });
    const seconds = secondsToWait(refused);
    expect(refused.body.error.hint).toBe(`Try again in ${seconds} seconds.`);
    expect(await drifts()).toMatchObject([{ state: 'open' }]);
    world.advance(seconds * 1_000);
    expect(await settle(drift.id, 'restore')).toMatchObject({ status: 200, body: { state: 'restored' } });
    await world.settle(12);
    expect(balances()).toEqual(once);
  });
});

/** Asks the books for something until our own pace lets nothing through. */
async function useUpTheMinute(): Promise<void> {
  const [row] = await world.database.sql<{ id: string }[]>`select id from connections where kind = 'accounting'`;
  const { http, hosts } = await world.hub.deps.access.api(row?.id ?? '');
  const isLetThrough = () =>
    http.request({ method: 'GET', url: hosts.api }).then(
      () => true,
      () => false,
    );
  while (await isLetThrough());
}

describe('what is read back first', () => {
  beforeEach(() => openShop('quickbooks'));

  test('is what the books say was changed, and the hint is used up', async () => {
    const [connection] = await world.database.sql<
      { id: string }[]
    >`select id from connections where kind = 'accounting'`;
    const last = (await pushed()).at(-1);
    world.advance(TEN_MINUTES_MS);
    await world.database.sql`
      insert into book_changes (connection_id, remote_id, operation, told_at)
      values (${connection?.id ?? ''}, ${last?.remoteId ?? ''}, 'updated', ${world.now()})`;
    const tight = withConnector((connector) => ({ limits: { ...connector.limits, requestsPerMinute: 4 } }));
    expect(await watchBooks(connection?.id ?? '', tight)).toBe(1);
    const checked = await world.database.sql<{ remoteId: string }[]>`
      select remote_id as "remoteId" from documents where checked_at is not null`;
    expect(checked.map(({ remoteId }) => remoteId)).toEqual([last?.remoteId]);
    expect(await world.database.sql`select 1 from book_changes`).toHaveLength(0);
  });

  test('is not held up by one document that cannot be read', async () => {
    const [stubborn] = await pushed();
    const refusing = withConnector((connector) => ({
      inspect: async (document, ...rest) => {
        if (document.number !== stubborn?.number) return connector.inspect(document, ...rest);
        throw new ConnectorError('rejected', 'No.', { code: 'BOOKS_REFUSED' });
      },
    }));
    await readEverythingBack(refusing);
    expect(await drifts()).toEqual([]);
  });
});
