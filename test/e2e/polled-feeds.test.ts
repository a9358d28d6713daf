import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { SalesConnector } from '@daybook/connectors/kit/contract';
import { pollConnection } from '@daybook/workers/poll';
import { afterEach, describe, expect, it } from 'vitest';
import { pollPatiently } from '../support/poll-patiently.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const HOUR_MS = 60 * 60_000;

describe('what only polling tells', () => {
  it('leaves the clearing account at what the processor owes, polled between trades (seed 41)', async () => {
    world = await openWorld({ seed: 41 });
    for (let step = 1; step <= 60; step += 1) {
      for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
      if (step % 20 !== 0) continue;
      await world.settle(1);
      world.advance(6 * HOUR_MS);
      await pollPatiently(world);
    }
    await world.settle(48);
    for (const { slug, processors } of await world.prove()) {
      expect(processors, slug).not.toEqual([]);
      for (const { processor, currency, owed, ledger } of processors)
        expect(ledger, `${slug}: ${processor} ${currency}`).toBe(owed);
    }
    const { sql } = world.hub.deps;
    const types = await sql<{ type: string }[]>`select distinct type from events where state = 'posted'`;
    expect(types.map(({ type }) => type)).toEqual(expect.arrayContaining(['fee', 'payout', 'dispute']));
    const unexpected = await sql`select code, message from issues where state = 'open' and code <> 'SUSPENSE_POSTED'`;
    expect([...unexpected]).toEqual([]);
  }, 240_000);
});

/** The shops' connector, with feeds that fail. */
async function openFailing(failures: Readonly<Record<string, ConnectorError>>) {
  world = await openWorld({ seed: 7 });
  const { deps } = world.hub;
  const [row] = await deps.sql<{ id: string; connector: string }[]>`
    select id, connector from connections where kind = 'sales' order by id limit 1`;
  const connector = deps.sales.get(row?.connector ?? '') as SalesConnector;
  const read: string[] = [];
  const changesSince: SalesConnector['changesSince'] = async function* ({ feed }) {
    read.push(feed);
    const failure = failures[feed];
    if (failure) throw failure;
    yield { deliveries: [], cursor: 'read' };
  };
  const sales = new Map([[connector.id, { ...connector, feeds: ['a', 'b', 'c'], changesSince }]]);
  const poll = () => pollConnection({ connectionId: row?.id ?? '' }, { ...deps, sales });
  const issues = () => deps.sql`select code, subject from issues where state = 'open'`;
  return { poll, read, issues };
}

const failure = (kind: 'unauthorized' | 'retryable' | 'rate_limited', code: string) =>
  new ConnectorError(kind, `The shop said ${code}.`, { code });
const NOT_COVERED = failure('unauthorized', 'CHANNEL_SCOPE_MISSING');

describe('a feed that fails', () => {
  it('does not keep the others from being read, and its error is thrown after them', async () => {
    const { poll, read } = await openFailing({ a: failure('retryable', 'CHANNEL_UNAVAILABLE') });
    await expect(poll()).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' });
    expect(read).toEqual(['a', 'b', 'c']);
  }, 60_000);

  it('for lack of a permission is an issue until it can be read; the others go on', async () => {
    const failures: Record<string, ConnectorError> = { b: NOT_COVERED };
    const { poll, read, issues } = await openFailing(failures);
    expect(await poll()).toEqual({ stored: 0 });
    expect(read).toEqual(['a', 'b', 'c']);
    expect([...(await issues())]).toEqual([{ code: 'CHANNEL_SCOPE_MISSING', subject: 'b' }]);
    delete failures.b;
    await poll();
    expect([...(await issues())]).toEqual([]);
  }, 60_000);

  it('with all others for lack of a permission says so', async () => {
    const { poll } = await openFailing({ a: NOT_COVERED, b: NOT_COVERED, c: NOT_COVERED });
    await expect(poll()).rejects.toMatchObject({ code: 'CHANNEL_SCOPE_MISSING' });
  }, 60_000);

  it('because access is gone counts more than one that was asked to slow down', async () => {
    const { poll } = await openFailing({
      a: failure('rate_limited', 'CHANNEL_THROTTLED'),
      c: failure('unauthorized', 'CHANNEL_UNAUTHORIZED'),
    });
    await expect(poll()).rejects.toMatchObject({ code: 'CHANNEL_UNAUTHORIZED' });
  }, 60_000);
});
