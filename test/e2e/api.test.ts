import { routes } from '@daybook/api/routes/index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, refusal, serve } from '../support/api.ts';
import { sendOrder } from '../support/order.ts';
import { openWorld, type World } from '../support/world.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';

let world: World;

beforeAll(async () => {
  world = await openWorld({ seed: 3 });
  await trade(25);
}, 120_000);
afterAll(async () => {
  await world?.close();
});

function pairing() {
  const [first] = world.pairings;
  if (!first) throw new Error('The sandbox has no shop.');
  return first;
}

async function trade(times: number): Promise<void> {
  for (let step = 0; step < times; step += 1) {
    await pairing().channel.simulator.trade(pairing().shop);
    world.advance(5_000);
  }
  await world.settle(1);
}

async function connectionOf(kind: 'sales' | 'accounting'): Promise<string> {
  const [row] = await world.database.sql<{ id: string }[]>`
    select id from connections where company_id = ${pairing().companyId} and kind = ${kind}`;
  return row?.id ?? '';
}
const booksConnection = () => connectionOf('accounting');

async function issueCodes(): Promise<string[]> {
  const { body } = await ask(world.url, '/api/v1/issues');
  return body.issues.map((issue: { code: string }) => issue.code);
}

describe('does the money match?', () => {
  it('shows proofs in which shop, ledger and books agree, as their own totals say', async () => {
    const { body } = await ask(world.url, `/api/v1/proofs?company=${pairing().slug}`);
    const { total, tax } = pairing().channel.simulator.totals(pairing().shop);
    const figures = { total: String(total), tax: String(tax) };
    const named = (name: string) =>
      body.proofs.find(({ sides }: { sides: { name: string }[] }) => sides.some((side) => side.name === name));
    expect(named('processor')).toMatchObject({ company: pairing().slug, sides: [{}, { name: 'ledger' }] });
    expect(named('shop')).toMatchObject({
      equal: true,
      sides: [
        { name: 'shop', ...figures },
        { name: 'ledger', ...figures },
        { name: 'books', ...figures },
      ],
    });
  });

  it('a hub without a sandbox proves ledger = documents owed = documents in the books from its rows', async () => {
    const plain = await serve({ ...world.hub.api, proofs: undefined });
    const { body } = await ask(plain.url, `/api/v1/proofs?company=${pairing().slug}`, {});
    plain.server.close();
    const { total, tax } = pairing().channel.simulator.totals(pairing().shop);
    const figures = { total: String(total), tax: String(tax) };
    expect(body.proofs).toEqual([
      {
        company: pairing().slug,
        currency: pairing().currency,
        equal: true,
        sides: ['ledger', 'owed', 'books'].map((name) => ({ name, label: expect.any(String), ...figures })),
      },
    ]);
  });
});

describe('what the routes answer', () => {
  it('every list answers, and what it answers is what its schema says', async () => {
    const { slug } = pairing();
    const account = await world.database.sql<{ code: string }[]>`
      select code from accounts where company_id = ${pairing().companyId} limit 1`;
    const query: Record<string, string> = {
      '/reports/general-ledger': `?company=${slug}&account=${account[0]?.code}`,
      '/reports/lines': `?company=${slug}&report=sales-by-channel&figure=netSales`,
      '/unapproved-cash-days': `?company=${slug}&from=2026-01-01&to=2026-12-31`,
    };
    // What is about one thing of its own (a cash book, an invoice) is asked where there is one.
    const isList = (path: string) => /^(\/companies\/\{slug\}|\/connections\/\{id\})?[^{]*$/.test(path);
    const lists = routes.filter((route) => route.method === 'get' && isList(route.path));
    expect(lists.length).toBeGreaterThan(10);
    const salesOnly = ['/connections/{id}/coverage', '/connections/{id}/granularity'];
    for (const { path, query: asked } of lists) {
      const company = asked && 'company' in asked.shape ? `?company=${slug}` : '';
      const id = await connectionOf(salesOnly.includes(path) ? 'sales' : 'accounting');
      const at = path.replace('{slug}', slug).replace('{id}', id);
      const answer = await ask(world.url, `/api/v1${at}${query[path] ?? company}`);
      expect(answer.status, `${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
  });

  it('the trial balance agrees with the journal, page by page', async () => {
    const { slug } = pairing();
    const balance = (await ask(world.url, `/api/v1/reports/trial-balance?company=${slug}`)).body;
    expect(balance.difference).toBe('0');
    let [debits, entries, cursor] = [0n, 0, ''];
    for (;;) {
      const { body } = await ask(
        world.url,
        `/api/v1/journal-entries?company=${slug}&limit=7${cursor && `&cursor=${cursor}`}`,
      );
      entries += body.entries.length;
      for (const entry of body.entries) for (const line of entry.lines) debits += BigInt(line.debit);
      if (body.cursor === null) break;
      cursor = body.cursor;
    }
    expect(String(debits)).toBe(balance.totals.debits);
    const [counted] = await world.database.sql<{ count: number }[]>`
      select count(*)::int as count from journal_entries where company_id = ${pairing().companyId}`;
    expect(entries).toBe(counted?.count);
  });

  it('pages of sales stay in place while new sales come in', async () => {
    const first = (await ask(world.url, '/api/v1/sales?limit=5')).body;
    await trade(3);
    const second = (await ask(world.url, `/api/v1/sales?limit=5&cursor=${first.cursor}`)).body;
    const ids = [...first.sales, ...second.sales].map((sale: { id: string }) => BigInt(sale.id));
    const expected = await world.database.sql<{ id: bigint }[]>`
      select id from events where id <= ${ids[0] ?? 0n} order by id desc limit 10`;
    expect(ids).toEqual(expected.map((row) => row.id));
  });

  it('an unknown company is 404 on every route that takes one', async () => {
    const places = ['/sales', '/failed-work', '/issues', '/documents', '/connections', '/proofs', '/journal-entries'];
    for (const path of [...places.map((place) => `${place}?company=nobody`), '/companies/nobody/accounts'])
      expect(await ask(world.url, `/api/v1${path}`), path).toMatchObject({
        status: 404,
        body: refusal('COMPANY_UNKNOWN'),
      });
  });

  const bad: [string, string, unknown?, string?][] = [
    ['a limit that is no number', '/sales?limit=many'],
    ['a limit above the most', '/documents?limit=100000'],
    ['a cursor that is no number', '/sales?cursor=abc'],
    ['a cursor of thirty digits', `/sales?cursor=${'9'.repeat(30)}`],
    ['an unknown state', '/documents?state=lost'],
    ['a zero byte in a search', '/sales?search=%00'],
    ['an empty company', '/sales?company='],
    ['a report without a company', '/reports/trial-balance'],
    ['a day that does not exist', '/journal-entries?company=x&from=2026-02-30'],
    ['the year zero', '/journal-entries?company=x&from=0000-01-01'],
    ['a connection id that is none', "/connections/1'%20or%201=1/mappings"],
    ['an issue id that is none', '/issues/7/close', {}],
    ['a replay of an id of thirty digits', '/replays', { document: '9'.repeat(30) }],
    ['a replay with a misspelt filter', '/replays', { failed: true, docment: '5' }],
    ['a zero byte in a body', '/replays', { code: 'A\u0000' }],
    ['a list instead of an object', '/replays', [1]],
    [
      'a company of no currency',
      '/companies',
      { slug: 'x', name: 'X', country: 'GB', currency: 'ZZZ', timeZone: 'UTC' },
    ],
    ['a company of no place', '/companies', { slug: 'x', name: 'X', country: 'GB', currency: 'GBP', timeZone: 'Mars' }],
    ['a rate of zero', '/companies/x/fx-rates', { currency: 'EUR', day: '2026-01-01', rate: '0.00' }, 'PUT'],
    [
      'a rate of twenty digits',
      '/companies/x/fx-rates',
      { currency: 'EUR', day: '2026-01-01', rate: '9'.repeat(20) },
      'PUT',
    ],
    ['a tax rate that is too large', '/companies/x/tax-rules', { rate: '123456789', code: 'S20' }],
    ['a role without an account', '/companies/x/roles', { role: 'clearing.card' }, 'PUT'],
  ];
  it.each(bad)('%s is refused by name', async (_what, path, json, method) => {
    const answer = await ask(world.url, `/api/v1${path}`, { json, ...(method && { method }) });
    expect(answer).toMatchObject({ status: 400, body: refusal('INPUT_INVALID') });
  });

  it('broken JSON, too much of it, and addresses that are none are refused in the same shape', async () => {
    const headers = { 'content-type': 'application/json' };
    const broken = await ask(world.url, '/api/v1/replays', { method: 'POST', body: '{"failed":', headers });
    expect(broken).toMatchObject({ status: 400, body: refusal('INPUT_INVALID') });
    const large = await ask(world.url, '/api/v1/replays', {
      method: 'POST',
      body: `"${'x'.repeat(2_000_000)}"`,
      headers,
    });
    expect(large).toMatchObject({ status: 413, body: refusal('TOO_LARGE') });
    expect(await ask(world.url, '/api/v1/nothing')).toMatchObject({ status: 404, body: refusal('NOT_FOUND') });
    expect(await ask(world.url, '/api/v1/%E0%A4%A')).toMatchObject({ status: expect.toBeOneOf([400, 404]) });
    expect(await ask(world.url, `/api/v1/connections/${NOBODY}/mappings`)).toMatchObject({
      status: 404,
      body: refusal('CONNECTION_UNKNOWN'),
    });
    expect(await ask(world.url, `/api/v1/issues/${NOBODY}/close`, { json: {} })).toMatchObject({
      status: 404,
      body: refusal('ISSUE_UNKNOWN'),
    });
  });

  it('a company is made once', async () => {
    const json = { slug: 'new-shop', name: 'New shop', country: 'DE', currency: 'EUR', timeZone: 'Europe/Berlin' };
    const answers = await Promise.all([1, 2, 3].map(() => ask(world.url, '/api/v1/companies', { json })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body).toEqual(refusal('COMPANY_EXISTS'));
    expect((await ask(world.url, '/api/v1/companies/new-shop/accounts')).body.accounts.length).toBeGreaterThan(20);
    expect((await ask(world.url, '/api/v1/proofs?company=new-shop')).body.proofs).toMatchObject([
      { currency: 'EUR', equal: null },
    ]);
  });
});

describe('replays', () => {
  it('an empty filter is refused: it does not mean everything', async () => {
    for (const json of [{}, { dryRun: true }, { failed: false }, { company: pairing().slug }])
      expect(await ask(world.url, '/api/v1/replays', { json })).toMatchObject({
        status: 400,
        body: refusal('REPLAY_FILTER_EMPTY'),
      });
    const unknown = await ask(world.url, '/api/v1/replays', { json: { document: '999999999' } });
    expect(unknown).toMatchObject({ status: 404, body: refusal('NOT_FOUND') });
  });

  it('a mapping that was missing: a dry run changes nothing, mapping frees the documents and closes the issue', async () => {
    const { sql } = world.database;
    const id = await booksConnection();
    const [mapped] = await sql<{ ours: string; theirs: string }[]>`
      delete from mappings where connection_id = ${id} and kind = 'account' and ours = 'sales.revenue.standard'
      returning ours, theirs`;
    for (let step = 0; step < 40 && !(await issueCodes()).includes('MAPPING_MISSING'); step += 1) await trade(1);
    const [held] = await sql<{ id: bigint }[]>`select id from documents where state = 'held'`;
    const picture = () => sql`select stage, ref, attempts, due_at, held from todo order by id`;
    const before = await picture();
    const dry = await ask(world.url, '/api/v1/replays', { json: { code: 'MAPPING_MISSING', dryRun: true } });
    expect(dry.body).toMatchObject({ started: false, documents: expect.arrayContaining([String(held?.id)]) });
    expect(await picture()).toEqual(before);
    const json = { kind: 'account', ...mapped };
    const put = await ask(world.url, `/api/v1/connections/${id}/mappings`, { method: 'PUT', json });
    expect(put.status).toBe(200);
    expect(put.body.resumed).toBeGreaterThan(0);
    await world.settle();
    expect(await issueCodes()).not.toContain('MAPPING_MISSING');
    expect((await ask(world.url, '/api/v1/failed-work')).body.work).toEqual([]);
  }, 60_000);

  it('a replay closes the issue of what it frees, and it comes back when the cause is still there', async () => {
    const { sql } = world.database;
    const id = await booksConnection();
    const [mapped] = await sql<{ connection_id: string }[]>`
      delete from mappings where connection_id = ${id} and kind = 'account' and ours = 'sales.revenue.standard' returning *`;
    for (let step = 0; step < 40 && !(await issueCodes()).includes('MAPPING_MISSING'); step += 1) await trade(1);
    expect((await ask(world.url, '/api/v1/replays', { json: { code: 'MAPPING_MISSING' } })).status).toBe(200);
    expect(await issueCodes()).not.toContain('MAPPING_MISSING');
    await world.settle();
    expect(await issueCodes()).toContain('MAPPING_MISSING');
    await sql`insert into mappings ${sql([mapped as Record<string, string>])}`;
    const [issue] = (await ask(world.url, '/api/v1/issues')).body.issues;
    expect((await ask(world.url, `/api/v1/issues/${issue.id}/close`, { json: {} })).body.resumed).toBeGreaterThan(0);
    await world.settle();
    expect(await issueCodes()).toEqual([]);
    expect((await ask(world.url, '/api/v1/failed-work')).body.work).toEqual([]);
  }, 60_000);
});

describe('what posting misses is supplied through the API, and the events that waited go on', () => {
  const waiting = async (code: string) => {
    const { body } = await ask(world.url, '/api/v1/failed-work');
    return body.work.filter((row: { stage: string; code: string }) => row.stage === 'event' && row.code === code);
  };

  async function tradeUntilWaiting(code: string): Promise<void> {
    for (let step = 0; step < 40; step += 1) {
      await trade(1);
      if ((await waiting(code)).length > 0) return;
    }
    throw new Error(`In 40 trades nothing waited for ${code}.`);
  }

  async function expectMended(code: string, answer: Answer): Promise<void> {
    expect(answer).toMatchObject({ status: 200, body: { resumed: expect.any(Number) } });
    expect(answer.body.resumed).toBeGreaterThan(0);
    await world.settle();
    expect(await waiting(code)).toEqual([]);
    expect(await issueCodes()).not.toContain(code);
  }

  it('the account of a role', async () => {
    const { companyId: id, slug } = pairing();
    const gone = await world.database.sql<{ role: string; account: string }[]>`
      delete from account_roles where company_id = ${id} and role like 'sales.revenue%' returning role, account`;
    await tradeUntilWaiting('ACCOUNT_UNRESOLVED');
    expect((await waiting('ACCOUNT_UNRESOLVED'))[0].reason).toMatch(/sales\.revenue/);
    const unknown = await ask(world.url, `/api/v1/companies/${slug}/roles`, {
      method: 'PUT',
      json: { role: 'sales.revenue', account: 'no such account' },
    });
    expect(unknown).toMatchObject({ status: 404, body: refusal('ACCOUNT_UNKNOWN') });
    const answers: Answer[] = [];
    for (const json of gone)
      answers.push(await ask(world.url, `/api/v1/companies/${slug}/roles`, { method: 'PUT', json }));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    await expectMended('ACCOUNT_UNRESOLVED', answers[0] as Answer);
  }, 60_000);

  it('the code of a tax', async () => {
    const { slug } = pairing();
    await sendOrder(world, pairing(), { id: 770_001, tax: { title: 'Levy', rate: 0.12345, price: '1.32' } });
    await world.settle(1);
    expect(await waiting('TAX_UNRESOLVED')).toMatchObject([{ what: 'sale #770001', amount: '1200', currency: 'GBP' }]);
    const unknown = await ask(world.url, `/api/v1/companies/${slug}/tax-rules`, { json: { code: 'no such code' } });
    expect(unknown).toMatchObject({ status: 404, body: refusal('TAX_CODE_UNKNOWN') });
    const json = { name: 'Levy', rate: '12.345', code: 'S20' };
    await expectMended('TAX_UNRESOLVED', await ask(world.url, `/api/v1/companies/${slug}/tax-rules`, { json }));
  });

  it('the rate of a currency', async () => {
    const { slug, companyId: id } = pairing();
    await sendOrder(world, pairing(), { id: 770_002, currency: 'EUR' });
    await world.settle(1);
    // Money in another currency is kept apart, so an account for it is the first thing that is missing.
    const [missing] = await waiting('ACCOUNT_UNRESOLVED');
    const [, role] = /plays the role (\S+\.EUR)\./.exec(missing.reason) ?? [];
    const [pounds] = await world.database.sql<{ account: string }[]>`
      select account from account_roles where company_id = ${id} and role = ${role?.replace(/\.EUR$/, '') ?? ''}`;
    const put = await ask(world.url, `/api/v1/companies/${slug}/roles`, { method: 'PUT', json: { role, ...pounds } });
    expect(put).toMatchObject({ status: 200, body: { resumed: 1 } });
    await world.settle(1);
    expect(await waiting('RATE_MISSING')).toMatchObject([{ what: 'sale #770002', amount: '1200', currency: 'EUR' }]);
    const json = { currency: 'EUR', day: '2026-11-02', rate: '0.85' };
    await expectMended(
      'RATE_MISSING',
      await ask(world.url, `/api/v1/companies/${slug}/fx-rates`, { method: 'PUT', json }),
    );
  });
});
