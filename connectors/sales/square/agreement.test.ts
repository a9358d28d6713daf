import { type CanonicalEvent, eventHash, stageOf, sum } from '@daybook/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { owedByProcessors } from '../../kit/conformance-money.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, RawDelivery } from '../../kit/contract.ts';
import { type Inbox, inbox } from '../../kit/test-inbox.ts';
import { connector } from './connector.ts';
import { KINDS } from './simulator/programme.ts';
import { APP, type TestSquare, testSquare } from './simulator/test-support.ts';
import { testApi } from './test-support.ts';

const SEEDS = [3, 11];
/** Every kind of step at least once, and some twice. */
const STEPS = KINDS.length + 30;

/** A fact at one revision, and every meaning it was told with. */
type Told = Map<string, Set<string>>;

/** Deliveries as the workers would take them: what is not there yet is tried again later. */
async function factsOf(waiting: RawDelivery[], api: Api, told: Told): Promise<CanonicalEvent[]> {
  const events: CanonicalEvent[] = [];
  for (const delivery of waiting.splice(0)) {
    try {
      events.push(...(await read(delivery, api)));
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'CHANNEL_OBJECT_INCOMPLETE') throw error;
      waiting.push(delivery);
    }
  }
  for (const event of events) {
    const key = `${factOf(event)} ${event.revision}`;
    told.set(key, (told.get(key) ?? new Set()).add(eventHash(event)));
  }
  return events;
}

async function read(delivery: RawDelivery, api: Api): Promise<CanonicalEvent[]> {
  const fetched: Record<string, string> = {};
  for (;;) {
    const result = connector.normalize(delivery, { settings: {}, fetched });
    if ('events' in result) return result.events;
    if (result.needs === undefined) return [];
    expect(fetched, `asks for ${result.needs} again`).not.toHaveProperty([result.needs]);
    fetched[result.needs] = (await connector.fetch?.(result.needs, delivery, api)) ?? '';
  }
}

const factOf = (event: CanonicalEvent) => [event.type, event.id, stageOf(event)].filter(Boolean).join(' ');

/** The newest state of every fact. */
function newest(events: readonly CanonicalEvent[]): Map<string, CanonicalEvent> {
  const found = new Map<string, CanonicalEvent>();
  for (const event of events) {
    const known = found.get(factOf(event));
    if (known === undefined || known.revision <= event.revision) found.set(factOf(event), event);
  }
  return found;
}

/** What sales less refunds come to. */
function netOf(facts: Iterable<CanonicalEvent>): bigint {
  return sum(
    [...facts].map((event) => (event.type === 'sale' ? event.total : event.type === 'refund' ? -event.total : 0n)),
  );
}

describe.each(SEEDS)('a café that trades (seed %i)', (seed) => {
  let square: TestSquare;
  let hub: Inbox;
  let api: Api;
  const told: Told = new Map();
  const hooked: CanonicalEvent[] = [];
  const polled: CanonicalEvent[] = [];

  beforeAll(async () => {
    square = await testSquare({ seed, limits: { maximum: 100_000 } });
    hub = await inbox();
    const { hosts, keys } = square.square;
    const credentials = keys?.(square.account);
    api = { ...testApi(), hosts, credentials, account: square.account, app: APP, now: () => square.clock.now };
    await connector.registerWebhooks?.(
      { url: '', appUrl: hub.url, freshSecret: 'f', known: { connection: false, app: false } },
      api,
    );
    const cursors = new Map<string, string>();
    const [webhooks, found]: [RawDelivery[], RawDelivery[]] = [[], []];
    for (let step = 0; step < STEPS; step += 1) {
      await square.trade(1);
      for (const { body } of hub.received.splice(0)) {
        const bytes = Buffer.from(body);
        webhooks.push({ topic: connector.header({}, bytes).topic, headers: {}, body: bytes });
      }
      hooked.push(...(await factsOf(webhooks, api, told)));
      if (step % 7 !== 6 && step !== STEPS - 1) continue;
      for (const feed of connector.feeds) {
        const range = { feed, cursor: cursors.get(feed) ?? null, from: '2026-06-01T00:00:00Z' };
        const pages = connector.changesSince?.({ ...range, to: square.clock.now.toISOString() }, api) ?? [];
        for await (const { deliveries, cursor } of pages) {
          found.push(...deliveries);
          cursors.set(feed, cursor);
        }
      }
      polled.push(...(await factsOf(found, api, told)));
    }
    expect([webhooks, found]).toEqual([[], []]);
  }, 120_000);
  afterAll(async () => {
    await square.square.close();
    await hub.close();
  });

  test('no revision of any fact is told in two ways', () => {
    expect([...told].filter(([, meanings]) => meanings.size > 1).map(([key]) => key)).toEqual([]);
  });

  test('polling and webhooks end with the same facts', () => {
    const [byHook, byPoll] = [newest(hooked), newest(polled)];
    // Drawers have no webhooks; the fees of a payout come with it.
    const facts = new Set([...byHook.keys(), ...byPoll.keys()].filter((fact) => !fact.startsWith('register_close')));
    const differing = [...facts].filter((fact) => {
      // The sale of a dispute is only told when it is polled.
      if (fact.startsWith('dispute')) return !byPoll.has(fact);
      // Square sends no event for many orders made at the till, so a cancelled one is only found by polling.
      if (fact.startsWith('void') && !byHook.has(fact)) return false;
      const [hook, poll] = [byHook.get(fact), byPoll.get(fact)];
      return hook === undefined || poll === undefined || eventHash(hook) !== eventHash(poll);
    });
    expect(differing).toEqual([]);
  });

  test('the figures are those of the café', () => {
    const { totals, balances } = square.square;
    const [{ processor, currency, clearing, reserve } = { clearing: 0n, reserve: 0n }] = balances(square.account);
    for (const facts of [newest(hooked), newest(polled)]) {
      expect(netOf(facts.values())).toBe(totals(square.account).total);
      const owed = owedByProcessors(facts.values(), new Set([`${processor}`]));
      expect(owed[`${processor} ${currency}`] ?? 0n).toBe(clearing + reserve);
    }
  });

  test('it does all that there is to do', () => {
    const types = new Set([...hooked, ...polled].map(({ type }) => type));
    expect([...types].sort()).toEqual(['dispute', 'fee', 'payout', 'refund', 'register_close', 'sale', 'void']);
    const lines = hooked.flatMap((event) => (event.type === 'sale' ? event.lines : []));
    expect([...new Set(lines.map(({ kind }) => kind))].sort()).toEqual(
      expect.arrayContaining(['fee', 'gift_card', 'product', 'shipping', 'tip']),
    );
    expect(lines.filter(({ sku }) => sku !== undefined).length).toBeGreaterThan(lines.length / 3);
    const tenders = hooked.flatMap((event) => (event.type === 'sale' ? event.tenders : []));
    expect([...new Set(tenders.map(({ kind }) => kind))].sort()).toEqual(
      ['card', 'cash', 'gift_card', 'other', 'store_credit', 'wallet'].sort(),
    );
  });
});
