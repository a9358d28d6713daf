import { type CanonicalEvent, type Sale, sum } from '@daybook/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, RawDelivery } from '../../kit/contract.ts';
import { plainHttp } from '../../kit/test-http.ts';
import { inbox } from '../../kit/test-inbox.ts';
import { connector } from './connector.ts';
import { stand } from './simulator/test-support.ts';
import { eventsOf, type Facts, learn, meanings, newest } from './test-support.ts';

/** Every kind of step comes within the first sixty or so. */
const STEPS = 75;
/** What connecting sets: lines and movements are looked up before anything is booked. */
const CONNECTED = { lookups: 'on', livemode: 'true' };

/** A merchant who has traded, with every webhook that was sent and everything a poll finds afterwards. */
async function traded(seed: number) {
  const { stripe, account, clock, key, trade } = await stand({ seed });
  const hook = await inbox();
  const close = async () => {
    await stripe.close();
    await hook.close();
  };
  const api: Api = {
    http: plainHttp,
    hosts: stripe.hosts,
    account,
    credentials: { apiKey: key },
    settings: CONNECTED,
    now: () => clock.now,
    log: () => undefined,
  };
  const target = {
    url: hook.url,
    appUrl: `${hook.url}/app`,
    freshSecret: '',
    known: { connection: false, app: false },
  };
  await connector.registerWebhooks!(target, api);
  const from = new Date(clock.now.getTime() - 3_600_000).toISOString();
  await trade(STEPS);
  const webhooks = hook.received.map(({ body }): RawDelivery => {
    const raw = Buffer.from(body);
    return { topic: connector.header({}, raw).topic, headers: {}, body: raw };
  });
  const polled: Record<string, RawDelivery[]> = {};
  for (const feed of connector.feeds) {
    const range = { feed, cursor: null, from, to: new Date(clock.now.getTime() + 60_000).toISOString() };
    const found: RawDelivery[] = [];
    for await (const page of connector.changesSince!(range, api)) found.push(...page.deliveries);
    polled[feed] = found;
  }
  return { api, webhooks, polled, close };
}

async function told(deliveries: readonly RawDelivery[], api: Api, settings: Record<string, string>, facts: Facts) {
  for (const delivery of deliveries) learn(facts, await eventsOf(delivery, api, settings), delivery.topic);
  return facts;
}

function learnAll(facts: Facts, about: string, revisions: ReadonlyMap<string, CanonicalEvent>): void {
  learn(facts, [...revisions.values()], about);
}

/** Revenue of all sales, and the money that came for them, minor units of one currency. */
function revenueAndCash(events: Iterable<CanonicalEvent>, currency: string): { revenue: bigint; owedOrPaid: bigint } {
  const all = [...events].filter((event) => event.currency === currency && !event.test);
  const voided = new Set(all.flatMap((event) => (event.type === 'void' ? [event.sale.id] : [])));
  const sales = all.filter((event): event is Sale => event.type === 'sale' && !voided.has(event.id));
  return {
    revenue: sum(sales.map(({ total }) => total)),
    owedOrPaid: sum(sales.map(({ due, tenders }) => due + sum(tenders.map(({ amount }) => amount)))),
  };
}

describe.for([1, 2])('whatever is told by whom (seed %i)', (seed) => {
  let merchant: Awaited<ReturnType<typeof traded>>;
  beforeAll(async () => {
    merchant = await traded(seed);
  }, 60_000);
  afterAll(() => merchant.close());

  test('a connected account ends in the same facts by webhook and by poll, and none is told in two ways', async () => {
    const { api, webhooks, polled } = merchant;
    const byPoll = await told(Object.values(polled).flat(), api, CONNECTED, new Map());
    const byWebhook = await told(webhooks, api, CONNECTED, new Map());
    const late = [...newest(byPoll)].filter(([key]) => !byWebhook.has(key));
    for (const [key, event] of late) {
      // A fee that belongs to no payment is told by the payout it ends in, or by the poll before that.
      expect(event.type === 'fee' && event.sale === undefined, key).toBe(true);
      byWebhook.set(key, new Map([[event.revision, event]]));
    }
    expect(meanings(byWebhook)).toEqual(meanings(byPoll));
    expect([...newest(byPoll).values()].filter(({ type }) => type === 'sale').length).toBeGreaterThan(20);
    for (const [key, revisions] of byPoll) learnAll(byWebhook, key, revisions);
  });

  test('what is older than its events is found in the lists', async () => {
    const { api, polled } = merchant;
    const { events, ...lists } = polled;
    const all = await told(Object.values(polled).flat(), api, CONNECTED, new Map());
    const old = await told(Object.values(lists).flat(), api, CONNECTED, new Map());
    expect(events?.length).toBeGreaterThan(STEPS);
    // Only the event of a capture and of a dispute's closing tells when that was; the lists tell that it was.
    const facts = (of: Facts) => [...newest(of)].map(([key, event]) => [key, 'total' in event && event.total]).sort();
    expect(facts(old)).toEqual(facts(all));
  });

  test('what is not looked up has the same revenue and the same cash in the end', async () => {
    const { api, webhooks } = merchant;
    const looked = newest(await told(webhooks, api, CONNECTED, new Map()));
    const plain = newest(await told(webhooks, api, { livemode: 'true' }, new Map()));
    for (const currency of ['USD', 'EUR', 'JPY'])
      expect(revenueAndCash(plain.values(), currency), currency).toEqual(revenueAndCash(looked.values(), currency));
    const payments = (facts: Map<string, CanonicalEvent>) =>
      [...facts.values()].filter(({ type }) => type === 'payment').map((each) => each.id);
    expect(payments(plain).sort()).toEqual(payments(looked).sort());
    expect(payments(plain).length, 'invoices paid later').toBeGreaterThan(0);
  });
});
