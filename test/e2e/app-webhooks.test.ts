import { randomUUID } from 'node:crypto';
import type { Connector, SalesConnector } from '@daybook/connectors/kit/contract';
import { type SignatureScheme, sign } from '@daybook/connectors/kit/signature';
import { connectorById } from '@daybook/connectors/registry';
import { connectionLookup } from '@daybook/ingest/connections';
import { createLogger } from '@daybook/platform/logger';
import { heldSecrets, keepSecret } from '@daybook/platform/webhook-secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

const HOUR_MS = 60 * 60_000;
const VERIFIER = 'the verifier token of the developer page';

let world: World;
let written = '';

beforeAll(async () => {
  const log = createLogger('debug', { write: (line) => (written += line) });
  world = await openWorld({ seed: 51, only: ['stripe', 'square', 'woocommerce', 'quickbooks'], log });
  const { apps } = world.sandbox;
  if (apps.quickbooks) apps.quickbooks = { ...apps.quickbooks, ...{ webhookSecrets: [VERIFIER] } };
}, 120_000);
afterAll(() => world?.close());

const keeping = () => ({ sql: world.database.sql, sealer: world.hub.deps.sealer, clock: world.now });

async function newestSecret(channel: string, connectionId: string | null = null): Promise<string> {
  const { sql, sealer } = keeping();
  const held = await heldSecrets(sql, sealer, channel, connectionId, world.now());
  return (connectionId === null ? held.app : held.connection)[0] ?? '';
}

function schemeOf(id: string): SignatureScheme {
  const connector = connectorById(id) as Connector;
  const scheme = connector.kind === 'sales' ? connector.signature : connector.webhooks?.signature;
  if (!scheme) throw new Error(`${id} signs nothing.`);
  return scheme;
}

interface Sent {
  secret?: string;
  at?: Date;
  /** In place of the right one. */
  signature?: string;
  headers?: Record<string, string>;
}

async function post(channel: string, content: unknown, sent: Sent = {}, last = 'app') {
  const url = `${world.url}/webhooks/${channel}/${last}`;
  const scheme = schemeOf(channel);
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const secret = sent.secret ?? (await newestSecret(channel));
  const signature = sent.signature ?? sign(scheme, { body, url, at: sent.at ?? world.now() }, secret);
  const headers = { 'content-type': 'application/json', [scheme.header]: signature, ...sent.headers };
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, answer: (await response.json()) as { status?: string; error?: { code: string } } };
}

function tenant(channel: string) {
  const found = world.pairings.find((each) => each.channel.connector.id === channel);
  if (!found) throw new Error(`No ${channel} takes part.`);
  return found;
}

/** An event that is about nothing we book: what matters here is whose it is. */
function event(channel: string, account: string | null = tenant(channel).shop, id: string = randomUUID()) {
  const at = '2026-11-20T10:00:00Z';
  if (channel === 'square')
    return { merchant_id: account, type: 'catalog.version.updated', event_id: id, created_at: at, data: {} };
  return { id, object: 'event', type: 'plan.created', account, created: 1_795_000_000, livemode: true, data: {} };
}
const idOf = (sent: { id?: string; event_id?: string }) => sent.event_id ?? sent.id ?? '';

async function keptFor(eventId: string): Promise<string[]> {
  const rows = await world.database.sql<{ slug: string }[]>`
    select m.slug from deliveries d join companies m on m.id = d.company_id where d.event_id = ${eventId} order by 1`;
  return rows.map(({ slug }) => slug);
}

async function alsoConnected(channel: string, slug: string, account = tenant(channel).shop): Promise<void> {
  const { sql } = world.database;
  await sql`
    with made as (
      insert into companies (slug, name, country, currency, time_zone) values (${slug}, ${slug}, 'GB', 'GBP', 'Europe/London')
      returning id)
    insert into connections (company_id, connector, kind, label, account)
    select id, ${channel}, ${connectorById(channel)?.kind ?? ''}, ${account}, ${account} from made`;
  world.advance(3_000);
}

const KEPT = { status: 200, answer: { status: 'stored' } };
const NOTED = { status: 200, answer: { status: 'noted' } };
const REFUSED = { status: 401, answer: { error: { code: 'BAD_SIGNATURE' } } };

describe.each(['stripe', 'square'])('one subscription of %s for all tenants', (channel) => {
  it('brings what the simulated shop sells', async () => {
    const { shop, channel: of, companyId } = tenant(channel);
    expect(of.simulator.webhookUrl(shop)).toBe(`${world.url}/webhooks/${channel}/app`);
    await of.simulator.trade(shop);
    const rows = await world.database.sql`select 1 from deliveries where company_id = ${companyId} and via = 'webhook'`;
    expect(rows.length).toBeGreaterThan(0);
  });

  it('is kept for the tenant that the body names, once', async () => {
    const sent = event(channel);
    expect(await post(channel, sent)).toMatchObject(KEPT);
    expect(await post(channel, sent)).toMatchObject({ status: 200, answer: { status: 'duplicate' } });
    expect(await keptFor(idOf(sent))).toEqual([tenant(channel).slug]);
  });

  it('is acknowledged, logged and not kept for a tenant nobody connected, or none at all', async () => {
    for (const account of ['acct_of_nobody', null]) {
      const sent = event(channel, account);
      expect(await post(channel, sent)).toMatchObject(NOTED);
      expect(await keptFor(idOf(sent))).toEqual([]);
    }
    expect(written).toContain('acct_of_nobody is not connected');
    expect(written).toContain('an unnamed tenant is not connected');
    expect(await post(channel, 'no JSON at all')).toMatchObject(NOTED);
  });

  it('is kept for each company that connected the tenant', async () => {
    await alsoConnected(channel, `second-${channel}`);
    const sent = event(channel);
    expect(await post(channel, sent)).toMatchObject(KEPT);
    expect(await keptFor(idOf(sent))).toEqual([tenant(channel).slug, `second-${channel}`].sort());
  });

  it('is not kept for a company that disconnected it', async () => {
    const { sql } = world.database;
    await sql`
      update connections set state = 'disconnected' where connector = ${channel} and company_id = (
        select id from companies where slug = ${`second-${channel}`})`;
    world.advance(3_000);
    const sent = event(channel);
    expect(await post(channel, sent)).toMatchObject(KEPT);
    expect(await keptFor(idOf(sent))).toEqual([tenant(channel).slug]);
  });

  it('is refused when unsigned, signed by somebody else, or signed for another body or address', async () => {
    const sent = event(channel);
    const scheme = schemeOf(channel);
    const secret = await newestSecret(channel);
    const of = (text: string, path: string) =>
      sign(scheme, { body: Buffer.from(text), url: world.url + path, at: world.now() }, secret);
    expect(await post(channel, sent, { secret: 'another' })).toMatchObject(REFUSED);
    expect(await post(channel, sent, { signature: '' })).toMatchObject(REFUSED);
    expect(await post(channel, sent, { signature: of('{}', `/webhooks/${channel}/app`) })).toMatchObject(REFUSED);
    if (scheme.signs === 'url+body') {
      const elsewhere = of(JSON.stringify(sent), `/webhooks/${channel}/other`);
      expect(await post(channel, sent, { signature: elsewhere })).toMatchObject(REFUSED);
    }
    expect(await keptFor(idOf(sent))).toEqual([]);
  });

  it('is taken by a secret from the configuration, made by hand', async () => {
    const { apps } = world.sandbox;
    const before = apps[channel];
    if (!before) throw new Error('There is no application.');
    apps[channel] = { ...before, ...{ webhookSecrets: ['made by hand', 'the one before'] } };
    for (const secret of ['made by hand', 'the one before', await newestSecret(channel)])
      expect(await post(channel, event(channel), { secret })).toMatchObject(KEPT);
    apps[channel] = before;
    world.advance(3_000);
    expect(await post(channel, event(channel), { secret: 'made by hand' })).toMatchObject(REFUSED);
  });

  it('is taken by a secret at the moment it is there, and by the one before for a day', async () => {
    const old = await newestSecret(channel);
    expect(await post(channel, event(channel), { secret: old })).toMatchObject(KEPT);
    await keepSecret(keeping(), channel, null, `fresh ${channel}`);
    expect(await post(channel, event(channel), { secret: `fresh ${channel}` })).toMatchObject(KEPT);
    world.advance(24 * HOUR_MS - 60_000);
    expect(await post(channel, event(channel), { secret: old })).toMatchObject(KEPT);
    world.advance(60_000);
    expect(await post(channel, event(channel), { secret: old })).toMatchObject(REFUSED);
    expect(await post(channel, event(channel), { secret: `fresh ${channel}` })).toMatchObject(KEPT);
  });
});

describe('a signature of Stripe', () => {
  const shifted = (seconds: number) => new Date(world.now().getTime() + seconds * 1_000);

  it('is good for five minutes in either direction', async () => {
    for (const seconds of [-290, 290])
      expect(await post('stripe', event('stripe'), { at: shifted(seconds) })).toMatchObject(KEPT);
    for (const seconds of [-310, 310, -86_400])
      expect(await post('stripe', event('stripe'), { at: shifted(seconds) })).toMatchObject(REFUSED);
  });

  it('may stand beside others, wherever it stands, but not under another name', async () => {
    const sent = event('stripe');
    const body = Buffer.from(JSON.stringify(sent));
    const [time = '', good = ''] = sign(
      schemeOf('stripe'),
      { body, url: '', at: world.now() },
      await newestSecret('stripe'),
    ).split(',');
    const bad = `v1=${'0'.repeat(64)}`;
    const withParts = (...parts: string[]) => post('stripe', sent, { signature: [time, ...parts].join(',') });
    expect(await withParts(bad)).toMatchObject(REFUSED);
    expect(await withParts(good.replace('v1=', 'v0='))).toMatchObject(REFUSED);
    expect(await withParts(bad, good)).toMatchObject(KEPT);
    expect(await withParts(good, bad)).toMatchObject({ status: 200, answer: { status: 'duplicate' } });
    expect(await post('stripe', sent, { signature: good })).toMatchObject(REFUSED);
  });
});

describe('headers', () => {
  it('of the provider are kept, those that open or prove something are not', async () => {
    const sent = event('square');
    const given = {
      'square-environment': 'Sandbox',
      'square-version': '2026-01-22',
      'x-request-id': '42',
      'x-square-signature': 'older scheme',
      'x-api-key': 'k',
      'x-forwarded-access-token': 't',
      authorization: 'Bearer b',
      cookie: 'c=1',
      'stripe-version': 'not its own',
    };
    expect(await post('square', sent, { headers: given })).toMatchObject(KEPT);
    const [row] = await world.database.sql<{ headers: object }[]>`
      select headers from deliveries where event_id = ${idOf(sent)}`;
    expect(row?.headers).toEqual({
      'content-type': 'application/json',
      'square-environment': 'Sandbox',
      'square-version': '2026-01-22',
      'x-request-id': '42',
    });
  });
});

describe('a webhook of one connection', () => {
  const connectionId = async () => {
    const [row] = await world.database.sql<
      { id: string }[]
    >`select id from connections where connector = 'woocommerce'`;
    return row?.id ?? '';
  };
  const deliveries = async () => (await world.database.sql`select 1 from deliveries`).length;

  it('answers the ping of a new one and keeps nothing of it', async () => {
    const ping = async (to: string, body = 'webhook_id=17') =>
      (await fetch(`${world.url}/webhooks/woocommerce/${to}`, { method: 'POST', body })).status;
    const before = await deliveries();
    expect(await ping(await connectionId())).toBe(200);
    expect(await ping(await connectionId(), 'webhook_id=17&action=x')).toBe(401);
    expect(await ping(randomUUID())).toBe(404);
    expect(await ping('app')).toBe(401);
    expect(await deliveries()).toBe(before);
  });

  it('is taken by its new secret at once, even while strangers knock', async () => {
    const id = await connectionId();
    const order = () => ({ id: Math.floor(Math.random() * 1e9), status: 'pending' });
    const headers = { 'x-wc-webhook-topic': 'order.updated' };
    const secret = await newestSecret('woocommerce', id);
    expect(await post('woocommerce', order(), { secret, headers }, id)).toMatchObject(KEPT);
    const strangers = Array.from({ length: 20 }, () => post('woocommerce', order(), { secret: 'x', headers }, id));
    await keepSecret(keeping(), 'woocommerce', id, 'a fresh one');
    expect(await post('woocommerce', order(), { secret: 'a fresh one', headers }, id)).toMatchObject(KEPT);
    for (const answer of await Promise.all(strangers)) expect(answer).toMatchObject(REFUSED);
  });

  it('however many strangers knock, they make us read the secrets a few times a second at most', async () => {
    const { sql, sealer } = keeping();
    let read = 0;
    const counting = {
      ...sealer,
      unseal: (keyId: string, sealed: Buffer) => {
        read += 1;
        return sealer.unseal(keyId, sealed);
      },
    };
    const connectors = new Map([['stripe', connectorById('stripe') as SalesConnector]]);
    const lookup = connectionLookup({ sql, connectors, apps: {}, sealer: counting, clock: world.now });
    const known = (await lookup.application('stripe'))?.secrets.length ?? 0;
    expect([known > 0, read]).toEqual([true, known]);
    const knocks = Array.from({ length: 500 }, () => lookup.application('stripe', world.now()));
    await Promise.all(knocks);
    expect(read).toBe(2 * known);
    await lookup.application('stripe', world.now());
    expect(read).toBe(3 * known);
  });
});

describe('what books tell of changes', () => {
  const told = (realm: string, id: string, type = 'qbo.invoice.updated.v1') => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'intuit.x',
    type,
    intuitentityid: id,
    intuitaccountid: realm,
    data: {},
  });
  const realms = () =>
    world.pairings.flatMap(({ books, organisation }) => (books && organisation ? [organisation] : []));
  const noted = async (remoteId: string) =>
    (
      await world.database.sql<{ account: string; operation: string }[]>`
        select c.account, b.operation from book_changes b join connections c on c.id = b.connection_id
        where b.remote_id = ${remoteId} order by 1`
    ).map(({ account, operation }) => `${account} ${operation}`);
  const tell = (content: unknown, secret = VERIFIER) => post('quickbooks', content, { secret });

  it('is noted for the connections of each company it names, and nobody else', async () => {
    const [first = '', second = ''] = realms();
    expect(second).not.toBe('');
    const body = [told(first, '901'), told(second, '902', 'qbo.payment.deleted.v1'), told('9999', '903')];
    expect(await tell(body)).toMatchObject(NOTED);
    expect(await noted('901')).toEqual([`${first} updated`]);
    expect(await noted('902')).toEqual([`${second} deleted`]);
    expect(await noted('903')).toEqual([]);
  });

  it('is noted for each company that keeps its books there, and not after disconnecting', async () => {
    const [first = ''] = realms();
    await alsoConnected('quickbooks', 'second-books', first);
    await tell([told(first, '911')]);
    expect(await noted('911')).toHaveLength(2);
    await world.database.sql`
      update connections set state = 'disconnected' where company_id = (select id from companies where slug = 'second-books')`;
    await tell([told(first, '912')]);
    expect(await noted('912')).toHaveLength(1);
  });

  it('gets the same answer whether it is known here or not, and whether it is understood or not', async () => {
    const [first = ''] = realms();
    const answers = [];
    for (const body of [
      [told(first, '921')],
      [told('9999', '922')],
      [told(first, '923', 'qbo.customer.updated.v1')],
      [],
      {},
      'x',
    ])
      answers.push(await tell(body));
    for (const answer of answers) expect(answer).toEqual(NOTED);
    expect(written).toContain('the body is in no form that is understood');
  });

  it('is refused by any other secret, and by that of the consent', async () => {
    const [first = ''] = realms();
    const { clientSecret = '' } = world.sandbox.apps.quickbooks ?? {};
    for (const secret of ['another', clientSecret])
      expect(await tell([told(first, '931')], secret)).toMatchObject(REFUSED);
    expect(await noted('931')).toEqual([]);
  });
});

it('there is no such address for connectors that are not there or tell nothing', async () => {
  const answer = await fetch(`${world.url}/webhooks/nothing/app`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(404);
  expect((await fetch(`${world.url}/webhooks/stripe/app`)).status).toBe(405);
});

it('no secret was ever logged', async () => {
  for (const secret of [VERIFIER, 'made by hand', await newestSecret('stripe'), await newestSecret('square'), 'whsec_'])
    expect(written).not.toContain(secret);
});
