import type { SalesSimulator } from '@daybook/connectors/kit/simulator';
import type { WooCommerceSimulator } from '@daybook/connectors/sales/woocommerce/simulator';
import { createLogger } from '@daybook/platform/logger';
import { pollAll, repairWebhooks } from '@daybook/workers/upkeep';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

const STORE = 'books.daybook.example';
const MINUTE_MS = 60_000;

let world: World;
let written = '';
let companies = 0;
let company: string;

beforeAll(async () => {
  const log = createLogger('debug', { write: (line) => (written += line) });
  world = await openWorld({ seed: 41, only: ['woocommerce', 'stripe', 'square'], log });
}, 120_000);
afterAll(() => world?.close());
beforeEach(async () => {
  companies += 1;
  company = `company-${companies}`;
  const json = { slug: company, name: company, country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
  expect((await ask(world.url, '/api/v1/companies', { json })).status).toBe(200);
});

function simulatorOf(id: string): SalesSimulator {
  const found = world.pairings.find(({ channel }) => channel.connector.id === id);
  if (!found) throw new Error(`No ${id} takes part.`);
  return found.channel.simulator;
}
const store = () => simulatorOf('woocommerce') as WooCommerceSimulator;
const accountOf = (id: string) => simulatorOf(id).accounts[0]?.account ?? '';

interface Row {
  id: string;
  connector: string;
  account: string;
  label: string;
  state: string;
  settings: Record<string, string>;
}
const rows = () => world.database.sql<Row[]>`
  select c.id, c.connector, c.account, c.label, c.state, c.settings from connections c join companies m on m.id = c.company_id
  where m.slug = ${company}`;
const issues = () => world.database.sql<{ code: string; message: string }[]>`
  select i.code, i.message from issues i join companies m on m.id = i.company_id
  where m.slug = ${company} and i.state = 'open'`;

describe('a store whose consent page hands over keys', () => {
  const start = async (at = STORE) =>
    (await ask(world.url, `/oauth/woocommerce/start?company=${company}&store=${at}`)).headers.get('location') ?? '';
  const stateIn = (consentPage: string) => new URL(consentPage).searchParams.get('user_id') ?? '';
  const handOver = (state: string, keys = store().makeKeys('read_write'), permissions = 'read_write') =>
    ask(world.url, '/oauth/woocommerce/keys', {
      json: {
        key_id: 1,
        user_id: state,
        consumer_key: keys.consumerKey,
        consumer_secret: keys.consumerSecret,
        key_permissions: permissions,
      },
    });

  it('is connected by the keys it posts, whatever the browser does before or after', async () => {
    const consentPage = await start();
    const early = await ask(world.url, `/oauth/woocommerce/done?success=1&user_id=${stateIn(consentPage)}`);
    expect([early.status, await rows()]).toEqual([200, []]);
    const landing = new URL(await store().consent(consentPage));
    expect(await rows()).toMatchObject([{ connector: 'woocommerce', account: STORE, label: STORE, state: 'active' }]);
    const late = await ask(world.url, landing.pathname + landing.search);
    expect(late.status).toBe(200);
    expect(late.body).toContain('WooCommerce gave access');
  });

  it('is not connected when the shop manager says no', async () => {
    const landing = new URL(await store().deny(await start()));
    const answer = await ask(world.url, landing.pathname + landing.search);
    expect(answer).toMatchObject({ status: 400, body: refusal('OAUTH_REFUSED') });
    expect(await rows()).toEqual([]);
  });

  it('is not connected by a state nobody gave out, one that came before, or one of another kind', async () => {
    expect(await handOver('f'.repeat(43))).toMatchObject({ status: 400, body: refusal('OAUTH_STATE_INVALID') });
    const state = stateIn(await start());
    expect((await handOver(state)).status).toBe(200);
    expect(await handOver(state)).toMatchObject({ status: 400, body: refusal('OAUTH_STATE_INVALID') });
    expect(await rows()).toHaveLength(1);
    const other = await ask(world.url, `/oauth/square/start?company=${company}`);
    const ofConsent = new URL(other.headers.get('location') ?? '').searchParams.get('state') ?? '';
    expect(await handOver(ofConsent)).toMatchObject({ status: 400, body: refusal('OAUTH_STATE_INVALID') });
  });

  it('is not connected later than ten minutes after the start', async () => {
    const [late, timely] = [stateIn(await start()), stateIn(await start())];
    world.advance(10 * MINUTE_MS - 30_000);
    expect((await handOver(timely)).status).toBe(200);
    world.advance(31_000);
    expect(await handOver(late)).toMatchObject({ status: 400, body: refusal('OAUTH_STATE_INVALID') });
  });

  it('of keys that open nothing, or another store, is told no and nothing is stored', async () => {
    const strange = { consumerKey: `ck_${'a'.repeat(40)}`, consumerSecret: `cs_${'b'.repeat(40)}` };
    const unknown = await handOver(stateIn(await start()), strange);
    expect(unknown).toMatchObject({ status: 400, body: refusal('CHANNEL_UNAUTHORIZED') });
    expect(unknown.body.error.message).toContain(STORE);
    store().inject({
      kind: 'status',
      status: 200,
      count: 1,
      path: 'system_status',
      body: home('https://other.example'),
    });
    const elsewhere = await handOver(stateIn(await start()));
    expect(elsewhere).toMatchObject({ status: 400, body: refusal('OAUTH_FIELD_INVALID') });
    expect(elsewhere.body.error.message).toContain('other.example');
    expect(await rows()).toEqual([]);
  });

  it('of a store that is down is told no, and may start again', async () => {
    store().inject({ kind: 'status', status: 503, count: 1, path: 'system_status' });
    expect((await handOver(stateIn(await start()))).status).toBe(502);
    expect(await rows()).toEqual([]);
    expect((await handOver(stateIn(await start()))).status).toBe(200);
  });

  it.each([
    ['keys that may only read', (state: string) => handOver(state, undefined, 'read'), 'OAUTH_CALLBACK_INVALID'],
    ['an empty body', () => ask(world.url, '/oauth/woocommerce/keys', { method: 'POST' }), 'PAYLOAD_NOT_JSON'],
    ['no keys', () => ask(world.url, '/oauth/woocommerce/keys', { json: {} }), 'OAUTH_CALLBACK_INVALID'],
  ])('of %s is told what is wrong', async (_what, post, code) => {
    expect(await post(stateIn(await start()))).toMatchObject({ status: 400, body: refusal(code) });
    expect(await rows()).toEqual([]);
  });

  it('keeps what was chosen before when it is connected again', async () => {
    await handOver(stateIn(await start()));
    const [{ id } = { id: '' }] = await rows();
    await world.database.sql`
      update connections set state = 'reconnect', settings = settings || '{"records":"settlements"}' where id = ${id}`;
    expect((await handOver(stateIn(await start()))).status).toBe(200);
    expect(await rows()).toMatchObject([
      { id, state: 'active', settings: { records: 'settlements', currency: 'GBP' } },
    ]);
  });
});

const home = (url: string) => JSON.stringify({ environment: { home_url: url }, settings: { currency: 'GBP' } });

describe('keys that a person pastes', () => {
  const paste = (connector: string, credentials: object, more: object = {}) =>
    ask(world.url, '/api/v1/connections', {
      json: { company, connector, account: accountOf(connector), credentials, ...more },
    });

  it.each(['woocommerce', 'stripe', 'square'])('connect %s once they open it', async (id) => {
    const keys = simulatorOf(id).keys?.(accountOf(id)) ?? {};
    const answer = await paste(id, keys);
    expect(answer).toMatchObject({ status: 200, body: { problem: null } });
    expect(await rows()).toMatchObject([
      { id: answer.body.id, connector: id, account: accountOf(id), state: 'active' },
    ]);
    for (const value of Object.values(keys)) expect(JSON.stringify(answer.body)).not.toContain(value);
  });

  it('tell whose they are, so that the account may be left out', async () => {
    for (const id of ['stripe', 'square']) {
      const answer = await paste(id, simulatorOf(id).keys?.(accountOf(id)) ?? {}, { account: '' });
      expect(answer.status).toBe(200);
    }
    expect((await rows()).map(({ account }) => account).sort()).toEqual(
      [accountOf('stripe'), accountOf('square')].sort(),
    );
  });

  const wrong: [string, string, object, object, string][] = [
    ['woocommerce', 'of a wrong form', { consumerKey: 'abc', consumerSecret: 'def' }, {}, 'INPUT_INVALID'],
    [
      'woocommerce',
      'that open nothing',
      { consumerKey: `ck_${'a'.repeat(40)}`, consumerSecret: `cs_${'b'.repeat(40)}` },
      {},
      'CHANNEL_UNAUTHORIZED',
    ],
    ['woocommerce', 'for no store', { consumerKey: 'x', consumerSecret: 'y' }, { account: '' }, 'OAUTH_FIELD_INVALID'],
    [
      'woocommerce',
      'for an address that is none',
      { consumerKey: 'x', consumerSecret: 'y' },
      { account: 'user:pass@10.0.0.1/?x=' },
      'OAUTH_FIELD_INVALID',
    ],
    ['stripe', 'of a wrong form', { apiKey: 'pk_live_1' }, {}, 'INPUT_INVALID'],
    ['stripe', 'that open nothing', { apiKey: 'sk_live_51wrongwrongwrong' }, {}, 'CHANNEL_UNAUTHORIZED'],
    ['square', 'that open nothing', { accessToken: 'EAAAwrongwrongwrong' }, {}, 'CHANNEL_UNAUTHORIZED'],
    [
      'square',
      'and settings that are none',
      { accessToken: 'EAAAx' },
      { settings: { records: 'some' } },
      'INPUT_INVALID',
    ],
    ['nothing', 'for what is not there', { apiKey: 'x' }, {}, 'CONNECTOR_UNKNOWN'],
  ];
  it.each(wrong)('%s: %s are refused in words and nothing is stored', async (id, _what, keys, more, code) => {
    const answer = await ask(world.url, '/api/v1/connections', {
      json: { company, connector: id, account: id === 'nothing' ? 'x' : accountOf(id), credentials: keys, ...more },
    });
    expect(answer.body).toEqual(refusal(code));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    for (const value of Object.values(keys).filter((each) => each.length > 10))
      expect(JSON.stringify(answer.body)).not.toContain(value);
    expect(await rows()).toEqual([]);
  });

  it('of another account than the one named are refused', async () => {
    for (const id of ['stripe', 'square']) {
      const answer = await paste(id, simulatorOf(id).keys?.(accountOf(id)) ?? {}, { account: 'somebody_else' });
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain('somebody_else');
    }
    expect(await rows()).toEqual([]);
  });

  it('that may not subscribe connect all the same: polling brings the sales, and an issue says why', async () => {
    const read = store().makeKeys('read');
    const answer = await paste('woocommerce', read);
    expect(answer).toMatchObject({ status: 200, body: { problem: expect.stringContaining('Read/Write') } });
    expect(await issues()).toEqual([{ code: 'WEBHOOKS_OFF', message: answer.body.problem }]);
    await store().trade(STORE);
    await pollAll(world.hub.deps);
    const delivered = await world.database.sql`select 1 from deliveries where connection_id = ${answer.body.id}`;
    expect(delivered.length).toBeGreaterThan(0);
    await repairWebhooks(world.hub.deps);
    expect(await rows()).toMatchObject([{ state: 'active' }]);
    expect(await issues()).toMatchObject([{ code: 'WEBHOOKS_OFF' }]);
    expect((await paste('woocommerce', store().makeKeys('read_write'))).body).toMatchObject({ problem: null });
    expect(await issues()).toEqual([]);
  });

  it('of an application whose own token is refused connect too; the next repair with a good one closes the issue', async () => {
    const { apps } = world.sandbox;
    const good = apps.square;
    if (!good) throw new Error('Square has no application.');
    apps.square = { ...good, token: 'EAAAof-nobody' };
    const answer = await paste('square', simulatorOf('square').keys?.(accountOf('square')) ?? {});
    expect(answer).toMatchObject({
      status: 200,
      body: { problem: expect.stringContaining('DAYBOOK_APP_SQUARE_TOKEN') },
    });
    expect(await issues()).toMatchObject([{ code: 'WEBHOOKS_OFF' }]);
    expect(await rows()).toMatchObject([{ state: 'active' }]);
    apps.square = good;
    await repairWebhooks(world.hub.deps);
    expect(await issues()).toEqual([]);
  });

  it('are told at once when the provider cannot be reached for subscribing, and the next repair mends it', async () => {
    const keys = store().makeKeys('read_write');
    store().inject({ kind: 'status', status: 503, count: 1, path: '/webhooks' });
    const answer = await paste('woocommerce', keys);
    expect(answer).toMatchObject({ status: 200, body: { problem: expect.stringContaining('503') } });
    expect(await issues()).toMatchObject([{ code: 'WEBHOOKS_OFF' }]);
    await repairWebhooks(world.hub.deps);
    expect(await issues()).toEqual([]);
  });

  it('are kept when only a webhook secret is added later, and stand sealed beside it', async () => {
    const keys = store().makeKeys('read_write');
    const { id } = (await paste('woocommerce', keys)).body;
    const sealed = async () => (await world.database.sql`select sealed from connections where id = ${id}`)[0]?.sealed;
    const before = await sealed();
    const webhookSecrets = ['a secret of a webhook made by hand'];
    expect((await paste('woocommerce', {}, { webhookSecrets })).status).toBe(200);
    expect(await sealed()).toEqual(before);
    const plain = [...Object.values(keys), ...webhookSecrets];
    const stored = await world.database.sql<{ sealed: Buffer }[]>`
      select sealed from connections where id = ${id} union all select sealed from webhook_secrets where connection_id = ${id}`;
    expect(stored.length).toBeGreaterThan(2);
    for (const { sealed: bytes } of stored) for (const each of plain) expect(bytes.includes(each)).toBe(false);
  });
});

it('connectors that know no keys say how they are connected', async () => {
  const shared = { company, connector: 'xero', account: 'x', credentials: { accessToken: 'a' } };
  const answer: Answer = await ask(world.url, '/api/v1/connections', { json: shared });
  expect(answer).toMatchObject({ status: 400, body: refusal('INPUT_INVALID') });
  expect(answer.body.error.hint).toContain(`/oauth/xero/start?company=${company}`);
});

it('no key, token or secret was ever logged', () => {
  const made = ['woocommerce', 'stripe', 'square'].flatMap((id) =>
    Object.values(simulatorOf(id).keys?.(accountOf(id)) ?? {}),
  );
  expect(written).toContain('webhook.received');
  for (const secret of [...made, 'ck_', 'cs_', 'whsec_', world.sandbox.apps.square?.clientSecret ?? ''])
    expect(written).not.toContain(secret);
});
