import { createCompany } from '@daybook/ledger/company';
import { postEntries } from '@daybook/ledger/post';
import { type Database, openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts';
import type { ApiContext } from '../context.ts';
import { taxRoutes } from './tax.ts';

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { max: 2 });
  const now = new Date('2026-02-10T10:00:00Z');
  const line = (account: string, amount: bigint) => ({
    ...{ role: 'account', account, amount, currency: 'GBP', amountTc: amount },
  });
  await database.sql.begin(async (tx) => {
    const company = { slug: 'harbour', name: 'Harbour', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
    const { id } = await createCompany(tx, { ...company, now });
    const entry = {
      ...{ entryType: 'SAL' as const, sourceKey: 'sale:1', memo: 'Sale 1' },
      ...{ postingDate: '2026-02-10', taxPoint: '2026-02-10', occurredAt: '2026-02-10T10:00:00Z' },
      lines: [
        line('1241', 12000n),
        { ...line('4000', -10000n), taxCode: 'S20', taxKind: 'net_out' as const },
        { ...line('2200', -2000n), taxCode: 'S20', taxKind: 'tax_out' as const },
      ],
    };
    await postEntries(tx, id, [{ entry, eventId: null }], now);
  });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const APRIL = () => new Date('2026-04-07T09:00:00Z');

/** Asks a route as the server does: input parsed, answer held against its schema. */
async function ask(method: string, path: string, given: { params?: object; query?: object; body?: object }) {
  const found = taxRoutes.find((each) => each.method === method && each.path === path);
  if (!found) throw new Error(`There is no route ${method} ${path}.`);
  const context = { sql: database.sql, clock: APRIL } as unknown as ApiContext;
  const request = {
    params: found.params?.parse(given.params) ?? {},
    query: found.query?.parse(given.query) ?? {},
    body: found.body?.parse(given.body),
  };
  return found.answer.parse(await found.handle(request, context));
}

test('the return is read, filed and taken back; amounts are text', async () => {
  const days = { company: 'harbour', from: '2026-02-01', to: '2026-02-28' };
  expect(await ask('get', '/reports/tax-return', { query: days })).toMatchObject({
    ...{
      regime: 'GB',
      due: '2000',
      uncoded: '0',
      boxes: [
        { box: '1', amount: '2000' },
        { box: '6', amount: '10000' },
      ],
    },
    form: { gb: { form: { totalValueSalesExVAT: '100' }, sales: { box6: '10000' } }, de: null, us: null },
  });
  expect(await ask('get', '/reports/oss', { query: days })).toMatchObject({ rows: [], tax: '0' });
  const filing = { company: 'harbour', period: '2026-02', by: 'Ada' };
  expect(await ask('post', '/tax-returns', { body: { ...filing, state: 'draft' } })).toMatchObject({ state: 'draft' });
  const filed = await ask('post', '/tax-returns', { body: { ...filing, state: 'filed' } });
  expect(filed).toMatchObject({ due: '2000', filedBy: 'Ada', entry: { number: 2 } });
  const { id } = filed as { id: string };
  const back = { company: 'harbour', reason: 'one sale is missing' };
  expect(await ask('post', '/tax-returns/{id}/withdraw', { params: { id }, body: back })).toMatchObject({
    state: 'withdrawn',
  });
  expect(await ask('get', '/tax-returns', { query: { company: 'harbour' } })).toMatchObject({ returns: [{ id }] });
  await expect(ask('post', '/tax-returns', { body: { ...filing, period: 'March', state: 'draft' } })).rejects.toThrow(
    'is no period of a tax return',
  );
});

test('tax codes say their boxes and accounts', async () => {
  const { codes } = (await ask('get', '/companies/{slug}/tax-codes', { params: { slug: 'harbour' } })) as {
    codes: { code: string }[];
  };
  expect(codes.find(({ code }) => code === 'Z0')).toMatchObject({
    ...{ rate: '0', boxes: { net_out: ['6'], net_in: ['7'] }, ownBoxes: false },
    accounts: { output: '2200', input: '2201', revenue: '4002' },
  });
});
