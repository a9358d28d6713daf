import { request } from 'node:http';
import { routes } from '@daybook/api/routes/index';
import { openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, refusal, serve } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

const KEY = 'a key; with = odd characters';

let world: World;
let locked: Awaited<ReturnType<typeof serve>>;
let away: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  world = await openWorld({ seed: 4 });
  await pairing().channel.simulator.trade(pairing().shop);
  locked = await serve({ ...world.hub.api, apiKey: KEY });
  // Nothing listens on port 1, so this database is away.
  away = await serve({ ...world.hub.api, sql: openDatabase('postgres://nobody@127.0.0.1:1/none').sql });
}, 120_000);
afterAll(async () => {
  for (const each of [locked, away]) each?.server.close();
  await world?.close();
});

function pairing() {
  const [first] = world.pairings;
  if (!first) throw new Error('The sandbox has no shop.');
  return first;
}

/** fetch sets Host itself; only a plain request can lie about it, as a rebound name does. */
function askAs(host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${world.url}${path}`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('with a key', () => {
  const open = (init: RequestInit) => ask(locked.url, '/api/v1/companies', init);

  it('nothing is told without it, or with a wrong one of any length', async () => {
    const wrong: RequestInit[] = [
      {},
      { headers: { authorization: 'Bearer wrong' } },
      { headers: { authorization: `Bearer ${KEY}x` } },
      { headers: { authorization: `Basic ${KEY}` } },
      { headers: { cookie: 'daybook_key=%E0%A4%A' } },
      { headers: { cookie: 'daybook_key=' } },
    ];
    for (const init of wrong) expect(await open(init)).toMatchObject({ status: 401, body: refusal('KEY_MISSING') });
    for (const path of ['/api/openapi.json', '/api/docs', `/oauth/${pairing().channel.connector.id}/start`])
      expect(await ask(locked.url, path, {})).toMatchObject({ status: 401, body: refusal('KEY_MISSING') });
  });

  it('a bearer opens it', async () => {
    expect((await open({ headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200);
  });

  it('the link turns the key into a cookie that scripts and other sites do not get', async () => {
    const link = await ask(locked.url, `/?key=${encodeURIComponent(KEY)}`, {});
    expect(link.status).toBe(303);
    expect(link.headers.get('location')).toBe('/');
    const [cookie = ''] = link.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect((await open({ headers: { cookie: cookie.split(';')[0] ?? '' } })).status).toBe(200);
    expect(await ask(locked.url, '/?key=guess', {})).toMatchObject({ status: 401, body: refusal('KEY_WRONG') });
  });

  it('a write from another site is refused even with the cookie, and so is one from nowhere', async () => {
    for (const origin of ['https://evil.example', 'null', `${locked.url}.evil.example`]) {
      const headers = { authorization: `Bearer ${KEY}`, origin };
      const answer = await ask(locked.url, '/api/v1/replays', { json: { failed: true }, headers });
      expect(answer).toMatchObject({ status: 403, body: refusal('FOREIGN_ORIGIN') });
    }
    const headers = { authorization: `Bearer ${KEY}`, origin: locked.url };
    const own = await ask(locked.url, '/api/v1/replays', { json: { failed: true, dryRun: true }, headers });
    expect(own.status).toBe(200);
  });
});

describe('the sandbox', () => {
  it('answers this machine by its own names only, so that no rebound name gets in', async () => {
    const { port } = new URL(world.url);
    expect(await askAs(`localhost:${port}`, '/api/v1/companies')).toBe(200);
    expect(await askAs(`[::1]:${port}`, '/api/v1/companies')).toBe(200);
    for (const host of ['evil.example', `127.0.0.1.evil.example:${port}`, `localhost.evil.example`])
      for (const path of ['/api/v1/companies', `/oauth/${pairing().channel.connector.id}/start`])
        expect(await askAs(host, path), `${host}${path}`).toBe(403);
  });

  it('takes no writes from pages of other sites', async () => {
    const answer = await ask(world.url, '/api/v1/replays', {
      json: { failed: true },
      headers: { origin: 'http://evil.example' },
    });
    expect(answer).toMatchObject({ status: 403, body: refusal('FOREIGN_ORIGIN') });
  });
});

interface Operation {
  summary: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  responses: Record<string, { description: string; content: { 'application/json': { schema: object } } }>;
}

describe('the description of the API', () => {
  it('is OpenAPI 3.1 with every route, its parameters and its answers, and all references lead somewhere', async () => {
    const { body } = await ask(world.url, '/api/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'Daybook', version: expect.any(String) } });
    const described = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
      ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const names = described.map(({ method, path }) => `${method} ${path}`).sort();
    expect(names).toEqual(routes.map((route) => `${route.method} /api/v1${route.path}`).sort());
    for (const { path, operation } of described) {
      expect(operation.summary).toMatch(/\w{3}/);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const parameters = (operation.parameters ?? []).filter((each) => each.in === 'path');
      expect(parameters.map((each) => [each.name, each.required])).toEqual(inPath.map((name) => [name, true]));
      expect(Object.keys(operation.responses).sort()).toEqual(['200', 'default']);
      for (const answer of Object.values(operation.responses)) {
        expect(answer.description).toMatch(/\w/);
        // Downloads answer in their own media type.
        const [described] = Object.values(answer.content as Record<string, { schema: object }>);
        expect(Object.keys(described?.schema ?? {}).length).toBeGreaterThan(0);
      }
    }
    for (const [, reference = ''] of JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = reference.split('/').reduce((at: Record<string, unknown>, name) => at?.[name] as never, body);
      expect(target, reference).toBeDefined();
    }
  });

  it('is a page for people too, with every route and nothing from elsewhere', async () => {
    const { body, headers } = await ask(world.url, '/api/docs');
    for (const { method, path } of routes) expect(body).toContain(`${method.toUpperCase()} /api/v1${path}`);
    expect(body).not.toMatch(/<script|https?:\/\/|style=/);
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self'/);
  });
});

describe('those who watch the process', () => {
  it('healthz says it is up, also while the database is away', async () => {
    for (const base of [world.url, away.url])
      expect(await ask(base, '/healthz', {})).toMatchObject({ status: 200, body: { status: 'up' } });
  });

  it('readyz is 200 with everything there and 503 naming what is away, without its address', async () => {
    const ok = { ready: true, database: 'ok', migrations: 'ok', queue: 'ok' };
    expect(await ask(world.url, '/readyz')).toMatchObject({ status: 200, body: ok });
    const answer = await ask(away.url, '/readyz', {});
    expect(answer).toMatchObject({ status: 503, body: { ready: false, database: 'failed', queue: 'ok' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|nobody/);
  });

  it('a route answers 500 in the same shape while the database is away, without telling why', async () => {
    const answer = await ask(away.url, '/api/v1/companies', {});
    expect(answer).toMatchObject({ status: 500, body: refusal('INTERNAL_FAULT') });
    expect(JSON.stringify(answer.body)).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
  });

  it('metrics are Prometheus text that counts webhooks and the workers’ jobs', async () => {
    world.hub.observe({ name: 'post', outcome: 'done', durationMs: 12 });
    const { body, headers } = await ask(world.url, '/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(body).toMatch(/^daybook_deliveries_total\{connector="all",outcome="stored"\} [1-9]/m);
    expect(body).toMatch(/^daybook_work_seconds_bucket\{le="0.025",stage="post",connector="none",outcome="done"\} 1$/m);
    expect(body).toMatch(/^daybook_queue_up 1$/m);
  });
});
