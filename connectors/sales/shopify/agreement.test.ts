import { eventHash } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { Api, HttpClient, Normalized, RawDelivery } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { answerGraphql } from './simulator/admin-graphql.ts';
import { factBody } from './simulator/facts.ts';
import { bucket } from './simulator/limits.ts';
import type { Order } from './simulator/order.ts';
import { kindsOf, playStep } from './simulator/programme.ts';
import { type Shop, simulatedShops } from './simulator/shops.ts';
import { openStore } from './simulator/state.ts';
import { testApi } from './test-support.ts';

/** Not the simulated shop's own clock: orders older than 60 days are not shown without a further scope. */
const NOON = Date.parse('2026-07-01T12:00:00Z');
/** Every kind of step comes within the first thirty-four. */
const STEPS = 45;
/** Orders are compared here; what becomes of the balance is not kept. */
const NONE = { movements: [], payouts: [], disputes: [] };
const EMPTY = { movements: new Map(), payouts: new Map(), disputes: new Map() };

/** Reads one state of one order through GraphQL, as if it were the shop's only one. */
function apiOf(order: Order, shop: Shop, seed: number): Api {
  const { account } = shop;
  const store = openStore(undefined, [account]);
  store.record({ account, kind: 'step', step: 0, versions: [order], balance: NONE, deliveries: [] });
  const context = { seed, store, account, shop, scopes: ['read_orders', 'read_all_orders'], now: () => new Date(NOON) };
  const points = bucket(10_000, 1_000, context.now);
  const http: HttpClient = {
    request: async ({ body }) => {
      const asked = JSON.parse(String(body)) as { query: string; variables: Record<string, unknown> };
      const answer = await answerGraphql(asked, context, points);
      return { status: 200, headers: {}, text: JSON.stringify(answer) };
    },
  };
  return { ...testApi(), http, account };
}

async function normalized(delivery: RawDelivery, api: Api): Promise<Normalized> {
  const fetched: Record<string, string> = {};
  for (;;) {
    const result = connector.normalize(delivery, { settings: {}, fetched });
    if ('events' in result || result.needs === undefined || result.needs in fetched) return result;
    fetched[result.needs] = await connector.fetch!(result.needs, delivery, api);
  }
}

/** What the books would take from it: which facts, at which revision, saying what. */
function meaning(result: Normalized): string[] {
  if (!('events' in result)) return ['needs' in result && result.needs ? `needs ${result.needs}` : 'ignored'];
  return result.events.map((each) => `${each.type} ${each.id} ${each.revision} ${eventHash(each)}`).sort();
}

describe('an order says the same by webhook and by GraphQL', () => {
  test.for([1, 2])('in every state that simulated shops bring it into (seed %i)', async (seed) => {
    for (const shop of simulatedShops(seed)) {
      const orders = new Map<string, Order>();
      const played = new Set<string>();
      let repaid = 0;
      for (let step = 0; step < STEPS; step += 1) {
        const now = NOON + step * 60_000;
        const { what, versions } = playStep({ seed, shop, step, now, orders: [...orders.values()], balance: EMPTY });
        played.add(what);
        for (const [version, order] of versions.entries()) {
          const fact = { topic: 'orders/updated', eventId: '1', triggeredAt: order.updatedAt, version };
          const told = { topic: fact.topic, headers: {}, body: Buffer.from(factBody(fact, versions, shop)) };
          const api = apiOf(order, shop, seed);
          const text = await connector.fetch!('order', told, api);
          const reread = { topic: 'orders', headers: {}, body: Buffer.from(text) };
          const about = `seed ${seed}, ${shop.account}, step ${step} (${what}), order #${order.number}`;
          const known = meaning(await normalized(told, api));
          expect(known, about).toEqual(meaning(await normalized(reread, api)));
          repaid += known.filter((each) => /^refund \d+ \S+Z\+edit /.test(each)).length;
          orders.set(order.id, order);
        }
      }
      expect([...played].sort()).toEqual(kindsOf(shop).sort());
      expect(repaid).toBeGreaterThan(0);
    }
  });
});
