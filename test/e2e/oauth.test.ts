import type { AccountingConnector } from '@daybook/connectors/kit/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

const TEN_MINUTES = 10 * 60_000;
const WITHIN = {
  code: expect.any(String),
  message: expect.stringMatching(/\w{3}/),
  hint: expect.stringMatching(/\w{3}/),
};

let world: World;
let connector: AccountingConnector;

beforeAll(async () => {
  world = await openWorld({ seed: 21 });
  connector = pairing().books.connector;
}, 120_000);
afterAll(() => world?.close());

function pairing() {
  const [first] = world.pairings;
  if (!first?.books) throw new Error('The sandbox has no shop with books.');
  return { ...first, books: first.books };
}

interface Visit {
  status: number;
  location: string;
  text: string;
}

/** A browser of its own: keeps its cookies, follows no redirect. */
function visitor() {
  const jar = new Map<string, string>();
  return async (url: string, init: RequestInit = {}): Promise<Visit> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie, ...init.headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return { status: response.status, location: response.headers.get('location') ?? '', text: await response.text() };
  };
}
type Visitor = ReturnType<typeof visitor>;

const startUrl = () => `${world.url}/oauth/${connector.id}/start?company=${pairing().slug}`;

/** Starts connecting and plays the person at the provider; answers the way back, not yet gone. */
async function consented(visit: Visitor): Promise<string> {
  const { status, location } = await visit(startUrl());
  expect(status).toBe(302);
  return pairing().books.simulator.consent(location);
}

function errorOf(visit: Visit) {
  return {
    status: visit.status,
    error: JSON.parse(visit.text).error as { code: string; message: string; hint: string },
  };
}

const refused = (code: string, status = 400) => ({ status, error: { ...WITHIN, code } });

async function booksRow() {
  const [row] = await world.database.sql<{ id: string; state: string; tokenSetId: string }[]>`
    select id, state, token_set_id as "tokenSetId" from connections
    where company_id = ${pairing().companyId} and kind = 'accounting'`;
  if (!row) throw new Error('The books are not connected.');
  return row;
}

/** Chooses on the page which organisation belongs to whom, as `choices` (account → slug) say. */
async function assign(visit: Visitor, page: string, choices: Map<string, string>): Promise<Visit> {
  const form = new URLSearchParams({ state: /name="state" value="([^"]+)"/.exec(page)?.[1] ?? '' });
  for (const [, name = '', account = ''] of page.matchAll(/name="(account\.\d+)" data-account="([^"]+)"/g))
    form.set(name, choices.get(account) ?? '');
  return visit(`${world.url}/oauth/${connector.id}/assign`, { method: 'POST', body: form });
}

const everyChoice = () => new Map(world.pairings.map((each) => [each.organisation ?? '', each.slug]));

describe('the state of a log-in', () => {
  it('works once', async () => {
    const visit = visitor();
    const back = await consented(visit);
    expect((await visit(back)).status).toBe(200);
    expect(errorOf(await visit(back))).toMatchObject(refused('OAUTH_STATE_INVALID'));
  });

  it('is refused in another browser, and with no cookie at all', async () => {
    const back = await consented(visitor());
    const other = visitor();
    await other(startUrl());
    expect(errorOf(await other(back))).toMatchObject(refused('OAUTH_STATE_INVALID'));
    expect(errorOf(await visitor()(await consented(visitor())))).toMatchObject(refused('OAUTH_STATE_INVALID'));
  });

  it('is void after ten minutes and good just before', async () => {
    const visit = visitor();
    const late = (await visit(startUrl())).location;
    world.advance(TEN_MINUTES + 1_000);
    const back = await pairing().books.simulator.consent(late);
    expect(errorOf(await visit(back))).toMatchObject(refused('OAUTH_STATE_INVALID'));
    const early = (await visit(startUrl())).location;
    world.advance(TEN_MINUTES - 60_000);
    expect((await visit(await pairing().books.simulator.consent(early))).status).toBe(200);
  });

  it('is stored hashed only', async () => {
    const { location } = await visitor()(startUrl());
    const state = new URL(location).searchParams.get('state') ?? '';
    expect(state.length).toBeGreaterThan(40);
    const rows = await world.database.sql`select * from oauth_states`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(state);
  });

  it('of the choice page opens no callback, and that of a log-in no choice', async () => {
    const visit = visitor();
    const page = (await visit(await consented(visit))).text;
    const assignState = /name="state" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const callback = `${world.url}/oauth/${connector.id}/callback?code=x&state=${assignState}`;
    expect(errorOf(await visit(callback))).toMatchObject(refused('OAUTH_STATE_INVALID'));
    const state = new URL((await visit(startUrl())).location).searchParams.get('state') ?? '';
    const swapped = await assign(visit, `name="state" value="${state}"`, new Map());
    expect(errorOf(swapped)).toMatchObject(refused('OAUTH_STATE_INVALID'));
    expect((await assign(visit, page, everyChoice())).status).toBe(200);
  });
});

describe('what goes wrong is explained', () => {
  it('a person who says no', async () => {
    const visit = visitor();
    const state = new URL((await visit(startUrl())).location).searchParams.get('state');
    const back = `${world.url}/oauth/${connector.id}/callback?error=access_denied&state=${state}`;
    const answer = errorOf(await visit(back));
    expect(answer).toMatchObject(refused('OAUTH_REFUSED'));
    expect(answer.error.message).toContain('access_denied');
    expect(answer.error.hint).toMatch(/[Ss]tart again/);
  });

  it('as a page for a person, with what the provider said as text', async () => {
    const visit = visitor();
    const state = new URL((await visit(startUrl())).location).searchParams.get('state');
    const said = encodeURIComponent('<script>alert(1)</script>');
    const back = `${world.url}/oauth/${connector.id}/callback?error=x&error_description=${said}&state=${state}`;
    const answer = await visit(back, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/^<!doctype html>/);
    expect(answer.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(answer.text).toContain('OAUTH_REFUSED');
  });

  it('an unknown company, an unknown provider, a shop address of the wrong form', async () => {
    const visit = visitor();
    const nobody = errorOf(await visit(`${world.url}/oauth/${connector.id}/start?company=nobody`));
    expect(nobody).toMatchObject(refused('COMPANY_UNKNOWN', 404));
    const { status, error } = errorOf(await visit(`${world.url}/oauth/no-such-system/start?company=${pairing().slug}`));
    expect([status, error.code]).toEqual([404, 'CONNECTOR_UNKNOWN']);
    const shops = pairing().channel.connector;
    const field = shops.oauth?.fields[0];
    if (!field) throw new Error('The channel asks for nothing.');
    for (const value of ['', 'evil.example', 'a.evil.example/x', `${pairing().shop}.evil.example`]) {
      const query = new URLSearchParams({ company: pairing().slug, [field.name]: value });
      const answer = errorOf(await visit(`${world.url}/oauth/${shops.id}/start?${query}`));
      expect(answer).toMatchObject(refused('OAUTH_FIELD_INVALID'));
      expect(answer.error.hint).toContain(field.example);
    }
  });
});

describe('several organisations behind one consent', () => {
  it('are offered for choice, those known already chosen; what is left out is not connected', async () => {
    const { sql } = world.database;
    const visit = visitor();
    const page = (await visit(await consented(visit))).text;
    for (const { organisation, slug } of world.pairings)
      expect(page).toMatch(new RegExp(`data-account="${organisation}".*<option value="${slug}" selected>`));
    const [made] = await sql<{ id: string }[]>`
      insert into companies (slug, name, country, currency, time_zone) values ('third', 'Third', 'GB', 'GBP', 'Europe/London')
      returning id`;
    const answer = await assign(visit, page, new Map([[pairing().organisation ?? '', 'third']]));
    expect(answer.status).toBe(200);
    const connected = await sql`select account from connections where company_id = ${made?.id ?? ''}`;
    expect(connected.map((row) => row.account)).toEqual([pairing().organisation]);
    await sql`delete from mappings where connection_id in (select id from connections where company_id = ${made?.id ?? ''})`;
    await sql`delete from connections where company_id = ${made?.id ?? ''}`;
  });

  it('none chosen connects nothing and says so', async () => {
    const visit = visitor();
    const page = (await visit(await consented(visit))).text;
    expect((await assign(visit, page, new Map())).text).toContain('Nothing was connected');
  });
});

describe('connecting again', () => {
  it('closes the issue, replaces the tokens, forgets the old ones, and waiting documents go on', async () => {
    const { sql } = world.database;
    const { channel, books, shop } = pairing();
    const before = await booksRow();
    books.simulator.inject({
      kind: 'status',
      status: 403,
      count: 1,
      method: 'PUT',
      body: JSON.stringify({ Title: 'Forbidden', Status: 403, Detail: 'AuthenticationUnsuccessful' }),
    });
    for (let step = 0; step < 20 && (await booksRow()).state === 'active'; step += 1) {
      await channel.simulator.trade(shop);
      await world.settle(1);
    }
    expect((await booksRow()).state).toBe('reconnect');
    const listed = async (path: string) => (await (await fetch(`${world.url}/api/v1${path}`)).json()) as never;
    const { issues } = (await listed('/issues')) as { issues: { code: string; connectionId: string }[] };
    expect(issues).toMatchObject([{ code: 'RECONNECT', connectionId: before.id }]);
    const waiting = async () =>
      (await sql`select 1 from documents where company_id = ${pairing().companyId} and state <> 'pushed'`).length;
    expect(await waiting()).toBeGreaterThan(0);
    const { connections } = (await listed('/connections')) as { connections: { id: string; reconnectUrl: string }[] };
    const again = connections.find((each) => each.id === before.id)?.reconnectUrl ?? '';
    const visit = visitor();
    const back = await books.simulator.consent((await visit(again)).location);
    expect((await assign(visit, (await visit(back)).text, everyChoice())).status).toBe(200);
    expect(await booksRow()).toMatchObject({ id: before.id, state: 'active' });
    expect((await booksRow()).tokenSetId).not.toBe(before.tokenSetId);
    expect(await sql`select 1 from token_sets where id = ${before.tokenSetId}`).toHaveLength(0);
    expect(((await listed('/issues')) as { issues: unknown[] }).issues).toEqual([]);
    await world.settle();
    expect(await waiting()).toBe(0);
    for (const proof of await world.prove()) expect(proof).toMatchObject({ equal: true });
  }, 60_000);
});
