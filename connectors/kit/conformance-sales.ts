import { type CanonicalEvent, canonicalEvent, type Refund, type Sale, sum, toWire } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { owedByProcessors } from './conformance-money.ts';
import {
  APP,
  failureOf,
  type Inbox,
  kindOf,
  leaks,
  opened,
  openInbox,
  openWorld,
  pass,
  type Received,
  SEED,
  type Subject,
  type World,
} from './conformance-world.ts';
import type { Normalized, RawDelivery, SalesConnector } from './contract.ts';
import { fixtureNames, readSalesFixture, type SalesFixture } from './fixture.ts';
import { sign, verifySignature } from './signature.ts';
import type { SalesSimulator } from './simulator.ts';

const URL_OF_OURS = 'https://daybook.example/webhooks/channel/connection';
/** Steps of the simulator's programme; enough to see every kind of thing it does more than once. */
const STEPS = 60;

/** What every sales channel must do, with its fixtures and against its simulator. */
export function salesConformance(subject: Subject<SalesConnector>): void {
  const fixtures = fixtureNames(subject.folder).map((name) => readSalesFixture(subject.folder, name));
  describe('signatures', () => signatureConformance(subject.connector, fixtures));
  describe('bad input', () => badInputConformance(subject.connector));
  for (const fixture of fixtures)
    describe(`fixture ${fixture.name}`, () => fixtureConformance(subject.connector, fixture));
  describe(`a simulated shop trading (seed ${SEED})`, () => tradingConformance(subject));
}

function signatureConformance({ signature }: SalesConnector, fixtures: SalesFixture[]): void {
  const [secret, previous] = ['the-secret', 'the-secret-before'];
  const bodies = [Buffer.from('{"id":1,"total":"12.00"}'), ...fixtures.map(({ body }) => body)];
  const at = new Date('2026-11-10T09:00:00Z');
  const signed = (body: Buffer, by = secret) => ({
    headers: { [signature.header]: sign(signature, { body, url: URL_OF_OURS, at }, by) },
    body,
    url: URL_OF_OURS,
    receivedAt: at,
  });

  test('every signed body verifies', () => {
    for (const body of bodies) expect(verifySignature(signature, signed(body), [secret])).toBe(true);
  });

  test('a changed byte is refused, wherever it is', () => {
    for (const body of bodies) {
      for (const at of [0, body.length >> 1, body.length - 1]) {
        const changed = Buffer.from(body);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(verifySignature(signature, { ...signed(body), body: changed }, [secret])).toBe(false);
      }
    }
  });

  test('a wrong secret, no secret, an empty one and a missing signature are refused', () => {
    const request = signed(bodies[0]!);
    for (const secrets of [['another'], [], ['']]) expect(verifySignature(signature, request, secrets)).toBe(false);
    expect(verifySignature(signature, { ...request, headers: {} }, [secret])).toBe(false);
    expect(verifySignature(signature, { ...request, headers: { [signature.header]: '' } }, [secret])).toBe(false);
  });

  test('during a rotation both secrets are valid', () => {
    for (const by of [secret, previous]) {
      expect(verifySignature(signature, signed(bodies[0]!, by), [secret, previous])).toBe(true);
    }
  });

  test('another address is refused where the address is signed too', () => {
    const elsewhere = { ...signed(bodies[0]!), url: `${URL_OF_OURS}2` };
    expect(verifySignature(signature, elsewhere, [secret])).toBe(signature.signs !== 'url+body');
  });

  test('where the time is signed, a request too old, too young or without its time is refused', () => {
    const { list } = signature;
    if (!list) return expect(signature.signs).not.toBe('time.body');
    const request = signed(bodies[0]!);
    const seconds = (count: number) => new Date(at.getTime() + count * 1_000);
    for (const off of [0, list.toleranceSeconds, -list.toleranceSeconds])
      expect(verifySignature(signature, { ...request, receivedAt: seconds(off) }, [secret])).toBe(true);
    for (const off of [list.toleranceSeconds + 1, -list.toleranceSeconds - 1])
      expect(verifySignature(signature, { ...request, receivedAt: seconds(off) }, [secret])).toBe(false);
    const value = request.headers[signature.header] ?? '';
    const untimed = value.replace(/^[^,]*,/, '');
    expect(verifySignature(signature, { ...request, headers: { [signature.header]: untimed } }, [secret])).toBe(false);
  });
}

function badInputConformance(connector: SalesConnector): void {
  const context = { settings: {}, fetched: {} };
  const normalize = (topic: string, body: string) => () =>
    connector.normalize({ topic, headers: {}, body: Buffer.from(body) }, context);

  test('a topic nobody has heard of is ignored, not thrown', () => {
    expect(normalize('daybook/unheard_of', '{}')()).toEqual({ ignored: expect.stringMatching(/\S/) });
  });

  test('it subscribes to something', () => {
    expect(connector.topics).not.toEqual([]);
  });

  test.for(connector.topics)(
    '%s with an empty body, invalid JSON or JSON of something else makes no event',
    async (topic) => {
      for (const body of ['', '{"id":', 'id=1', '<html></html>']) {
        expect(kindOf(await failureOf(normalize(topic, body))), `body ${JSON.stringify(body)}`).toBe('rejected');
      }
      for (const body of ['null', '[]', '3', '{"weather":"fine"}']) {
        const outcome = await failureOf(normalize(topic, body));
        const isQuiet =
          kindOf(outcome) === 'rejected' || 'ignored' in ((outcome as { answered: object }).answered ?? {});
        expect(isQuiet, `body ${body} ended in ${String(outcome)}`).toBe(true);
      }
    },
  );

  test('a request without anything that identifies it is rejected', async () => {
    expect(kindOf(await failureOf(() => connector.header({}, Buffer.from('{}'))))).toBe('rejected');
  });

  test('a handshake is no delivery, and no delivery is a handshake', () => {
    expect(connector.handshake?.({}, Buffer.from('{"id":1}')) ?? false).toBe(false);
  });
}

function fixtureConformance(connector: SalesConnector, fixture: SalesFixture): void {
  const topic = () => fixture.topic ?? connector.header(fixture.headers, fixture.body).topic;
  const normalize = () =>
    connector.normalize({ topic: topic(), headers: fixture.headers, body: fixture.body }, fixture);

  test('gives what was worked out by hand', async () => {
    expect(fixture.expected, `fixtures/${fixture.name}.expected.json`).toBeDefined();
    expect(await told(normalize)).toEqual(fixture.expected);
  });

  test('adds up, and says the same when normalized twice', async () => {
    expect(await told(normalize)).toEqual(await told(normalize));
    const outcome = await failureOf(normalize);
    const events = (outcome as { answered?: { events?: CanonicalEvent[] } }).answered?.events ?? [];
    for (const event of events) expectSound(event, connector);
  });
}

/** An outcome in the form of `.expected.json`: what is ignored or rejected is compared by reason and code. */
async function told(normalize: () => Normalized): Promise<unknown> {
  const outcome = await failureOf(normalize);
  if (kindOf(outcome) === 'rejected') return { rejected: { code: (outcome as { code: string }).code } };
  if (outcome instanceof Error) throw outcome;
  return JSON.parse(toWire((outcome as { answered: Normalized }).answered));
}

function expectSound(event: CanonicalEvent, connector: SalesConnector): void {
  expect(event.channel).toBe(connector.id);
  expect(JSON.parse(toWire(canonicalEvent.parse(JSON.parse(toWire(event)))))).toEqual(JSON.parse(toWire(event)));
  if (event.type !== 'sale' && event.type !== 'refund') return;
  const taxes = event.lines.flatMap((line) => line.taxes.map(({ amount }) => amount));
  expect(sum([...event.lines.map(({ net }) => net), ...taxes]), `${event.type} ${event.id}`).toBe(event.total);
  const due = event.type === 'sale' ? event.due : 0n;
  expect(sum([...event.tenders.map(({ amount }) => amount), due]), `${event.type} ${event.id}`).toBe(event.total);
}

function tradingConformance(subject: Subject<SalesConnector>): void {
  const { connector } = subject;
  const trade = opened(() => openTrade(subject));
  const world = () => trade().world;
  const inbox = () => trade().inbox;
  const seen = () => trade().refusedOnce;

  test('webhooks are registered once, however often we ask', async () => {
    const { subscribed } = trade();
    const known = { connection: subscribed.scope === 'connection', app: subscribed.scope === 'app' };
    const again = await connector.registerWebhooks?.(
      { ...inbox().target, freshSecret: 'anotherFreshSecretOfOurs000000000000', known },
      world().api,
    );
    expect(again?.created).toEqual([]);
    expect(again?.kept.length).toBeGreaterThan(0);
    if (again?.secret) expect(again.secret.value).toBe(subscribed.secret);
    expect(Object.values(inbox().target)).toContain(world().simulator.webhookUrl(world().account));
  });

  test('every webhook is signed, belongs to the account, and is about a topic we asked for', () => {
    expect(inbox().received.length).toBeGreaterThan(STEPS);
    for (const received of inbox().received) {
      expect(verifySignature(connector.signature, received, [trade().subscribed.secret])).toBe(true);
      const header = connector.header(received.headers, received.body);
      expect(connector.topics).toContain(header.topic);
      if (header.account !== null) expect(header.account).toBe(world().account);
    }
  });

  test('a delivery that comes again keeps its event id, and another one has another', () => {
    const ids = new Map<string, Set<string>>();
    for (const { headers, body } of inbox().received) {
      const { topic, eventId } = connector.header(headers, body);
      const key = `${topic}\n${body.toString()}`;
      ids.set(key, (ids.get(key) ?? new Set()).add(eventId));
    }
    if (world().simulator.redelivers) expect(seen().size, 'deliveries refused once').toBeGreaterThan(0);
    expect([...ids.values()].filter((each) => each.size > 1)).toEqual([]);
    expect(new Set([...ids.values()].flatMap((each) => [...each])).size).toBeGreaterThan(STEPS / 2);
  });

  moneyConformance(connector, trade);

  test('no secret reached the log', () => {
    expect(leaks(world(), connector.secrets)).toEqual([]);
  });
}

/** What webhooks tell, and what polling finds, comes to what the shop and its processors count themselves. */
function moneyConformance(connector: SalesConnector, trade: () => Trade): void {
  const world = () => trade().world;
  const inbox = () => trade().inbox;

  test('every refund points at a sale, and all sales less refunds are what the shop counts', async () => {
    const facts = await factsOf(
      connector,
      world(),
      inbox().received.map((received) => fromWebhook(connector, received)),
    );
    const refunds = [...facts.values()].filter((event): event is Refund => event.type === 'refund');
    expect(refunds.length, 'refunds among what was traded').toBeGreaterThan(0);
    for (const refund of refunds)
      expect(facts.has(`sale ${refund.sale?.id}`), `sale of refund ${refund.id}`).toBe(true);
    expect(netOf(facts, world())).toBe(world().simulator.totals(world().account).total);
    const polled = await factsOf(connector, world(), await everythingPolled(connector, world()));
    const { polledOnly = [] } = connector;
    const silent = [...polled.values()].filter(({ type }) => polledOnly.includes(type));
    for (const type of new Set(silent.map((event) => event.type)))
      expect(
        [...facts.values()].filter((event) => event.type === type),
        `webhooks that tell a ${type}`,
      ).toEqual([]);
    const all = [...facts.values(), ...silent];
    expect(owedByProcessors(all, processorsOf(world()))).toEqual(owedBySimulator(world()));
  });

  test('the backfill finds all of it again, without any webhook', async () => {
    expect(connector.feeds).not.toEqual([]);
    const facts = await factsOf(connector, world(), await everythingPolled(connector, world()));
    expect(netOf(facts, world())).toBe(world().simulator.totals(world().account).total);
    expect(owedByProcessors(facts.values(), processorsOf(world()))).toEqual(owedBySimulator(world()));
  });
}

/** What every feed gives from the beginning on. */
async function everythingPolled(connector: SalesConnector, world: World<SalesSimulator>): Promise<RawDelivery[]> {
  const deliveries: RawDelivery[] = [];
  const to = new Date(world.clock.now.getTime() + 864e5).toISOString();
  for (const feed of connector.feeds) {
    const range = { feed, cursor: null, from: '2026-01-01T00:00:00Z', to };
    for await (const page of connector.changesSince?.(range, world.api) ?? []) deliveries.push(...page.deliveries);
  }
  return deliveries;
}

interface Trade {
  world: World<SalesSimulator>;
  inbox: Inbox;
  /** Deliveries that were refused once, so that the provider had to send them again. */
  refusedOnce: Set<string>;
  /** What deliveries are signed with, and whose secret it is. */
  subscribed: { secret: string; scope: 'client' | 'connection' | 'app' };
  close(): Promise<void>;
}

/** Connects, registers webhooks and lets the shop trade. Every third new delivery is refused the first time. */
async function openTrade(subject: Subject<SalesConnector>): Promise<Trade> {
  const { connector } = subject;
  const world = await openWorld<SalesSimulator>(subject);
  const refusedOnce = new Set<string>();
  let count = 0;
  const refuseEveryThird = ({ body, headers }: Received) => {
    const key = `${connector.header(headers, body).topic}\n${body.toString()}`;
    count += 1;
    if (!world.simulator.redelivers || refusedOnce.has(key) || count % 3 !== 0) return 200;
    refusedOnce.add(key);
    return 503;
  };
  const isDelivery = ({ body, headers }: Received) => !connector.handshake?.(headers, body);
  const inbox = await openInbox(world.clock, isDelivery, refuseEveryThird);
  const close = async () => {
    await world.close();
    await inbox.close();
  };
  try {
    const subscription = await connector.registerWebhooks?.(
      {
        ...inbox.target,
        freshSecret: 'aFreshSecretOfOurs0123456789abcdefgh',
        known: { connection: false, app: false },
      },
      world.api,
    );
    const { value = APP.clientSecret, scope = 'client' as const } = subscription?.secret ?? {};
    if ((scope === 'client') !== (connector.signature.secret === 'client'))
      throw new Error(`signature.secret says ${connector.signature.secret}, but the secret is the ${scope}'s.`);
    for (let step = 0; step < STEPS; step += 1) {
      await world.simulator.trade(world.account);
      pass(world.clock, 20_000);
    }
    return { world, inbox, refusedOnce, subscribed: { secret: value, scope }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function fromWebhook(connector: SalesConnector, { headers, body }: Received): RawDelivery {
  return { topic: connector.header(headers, body).topic, headers, body };
}

/** The newest revision of every fact in some deliveries, by type and id; thin ones are re-read as the workers would. */
async function factsOf(
  connector: SalesConnector,
  world: World<SalesSimulator>,
  deliveries: RawDelivery[],
): Promise<Map<string, CanonicalEvent>> {
  const facts = new Map<string, CanonicalEvent>();
  for (const delivery of deliveries) {
    for (const event of await eventsOf(connector, world, delivery, facts)) {
      expectSound(event, connector);
      // The stages of a dispute are facts of their own: each moves money on its own day.
      const key = `${event.type} ${event.id}${event.type === 'dispute' ? ` ${event.status}` : ''}`;
      const known = facts.get(key);
      if (known === undefined || known.revision <= event.revision) facts.set(key, event);
    }
  }
  return facts;
}

async function eventsOf(
  connector: SalesConnector,
  world: World<SalesSimulator>,
  delivery: RawDelivery,
  facts: ReadonlyMap<string, CanonicalEvent>,
): Promise<CanonicalEvent[]> {
  const fetched: Record<string, string> = {};
  const listed = connector.refundsListed?.(delivery) ?? null;
  const isOf = (event: CanonicalEvent): event is Refund =>
    event.type === 'refund' && event.total !== 0n && event.sale !== null && event.sale.id === listed?.sale;
  const knownRefunds = [...facts.values()].filter(isOf).map(({ id }) => id);
  if (listed && !(listed.complete && knownRefunds.every((id) => listed.ids.includes(id))))
    fetched.refunds = (await connector.fetch?.('refunds', delivery, world.api)) ?? '';
  // A delivery asks for each thing it needs at most once; more is a connector that never has enough.
  for (let round = 0; round < 5; round += 1) {
    const normalized = connector.normalize(delivery, { settings: {}, fetched, ...(listed && { knownRefunds }) });
    if ('events' in normalized) return normalized.events;
    if (normalized.needs === undefined) return [];
    expect(fetched, `asks for ${normalized.needs} again`).not.toHaveProperty([normalized.needs]);
    fetched[normalized.needs] = (await connector.fetch?.(normalized.needs, delivery, world.api)) ?? '';
  }
  throw new Error(`${delivery.topic} is never satisfied; it has ${Object.keys(fetched).join(', ')}.`);
}

/** Those whose money the channel itself moves. */
function processorsOf({ simulator, account }: World<SalesSimulator>): Set<string> {
  return new Set(simulator.balances(account).map(({ processor }) => processor));
}

/** What the processors of the simulated channel still owe, as it counts itself. */
function owedBySimulator({ simulator, account }: World<SalesSimulator>): Record<string, bigint> {
  const owed = simulator
    .balances(account)
    .map(({ processor, currency, clearing, reserve }) => [`${processor} ${currency}`, clearing + reserve] as const);
  return Object.fromEntries(owed.filter(([, amount]) => amount !== 0n));
}

/** Sales in the shop's currency that were not cancelled before capture, less refunds. */
function netOf(facts: Map<string, CanonicalEvent>, { simulator, account }: World<SalesSimulator>): bigint {
  const currency = simulator.accounts.find((each) => each.account === account)?.currency;
  const all = [...facts.values()].filter((event) => event.currency === currency && !event.test);
  const voided = new Set(all.flatMap((event) => (event.type === 'void' ? [event.sale.id] : [])));
  const sales = all.filter((event): event is Sale => event.type === 'sale' && !voided.has(event.id));
  const refunds = all.filter((event): event is Refund => event.type === 'refund');
  return sum(sales.map(({ total }) => total)) - sum(refunds.map(({ total }) => total));
}
