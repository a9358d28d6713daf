import { createBankAccount } from '@daybook/ledger/bank/accounts';
import { createCompany } from '@daybook/ledger/company';
import { type Database, openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { daybook } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openWorld, type World } from '../support/world.ts';

/** The bank feed as people reach it: the command line, and the API. */
let home: TestDatabase;
let database: Database;
let world: World;
const SHOP = { slug: 'harbour', name: 'Harbour', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
const CSV =
  'Date,Name,Description,Amount,Balance\n2026-03-11,Water Works,March,-60.00,940.00\n2026-03-12,Ann,?,5.00,945.00\n';

beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { max: 2 });
  const now = new Date('2026-04-20T09:00:00Z');
  await database.sql.begin(async (tx) => {
    await createCompany(tx, { ...SHOP, now });
    const { id } = await createCompany(tx, { ...SHOP, slug: 'pier', now });
    await createBankAccount(tx, id, { name: 'Pier account', role: 'bank.main' }, now);
  });
  world = await openWorld({ connect: false, only: [], startAt: now });
  await world.database.sql.begin((tx) => createCompany(tx, { ...SHOP, now }));
}, 120_000);
afterAll(async () => {
  await database?.close();
  await home?.drop();
  await world?.close();
});

const run = (args: string[], input = '', company = 'harbour') =>
  daybook(['bank', ...args, '--company', company, '--by', 'Ada'], { env: { DATABASE_URL: home.url }, input });

test('from the command line an account is added, a file shown and imported, lines are booked, ignored and undone', async () => {
  expect(await run(['add', 'Current', '--role', 'bank.main'])).toMatchObject({
    code: 0,
    out: 'The bank account "Current" is kept on 1200.\n',
  });
  expect((await run(['add-rule', 'water works', '--to-role', 'suspense', '--direction', 'out'])).code).toBe(0);
  const shown = await run(['import', '-', '--dry-run'], CSV);
  expect(shown.out).toContain('Nothing was stored.');
  expect(shown.out).toContain('"date":"YYYY-MM-DD"');
  const imported = await run(['import', '-'], CSV);
  expect(imported).toMatchObject({ code: 0, err: '' });
  expect(imported.out).toContain('1 matched, 0 with suggestions, 1 open.');
  const { 0: open, length } = JSON.parse((await run(['lines', '--json'])).out);
  expect([length, open.amount, open.state]).toEqual([1, 500, 'unmatched']);
  expect((await run(['ignore', String(open.id)])).err).toContain('Say why bank line');
  expect((await run(['book', String(open.id), '--to-role', 'suspense'])).out).toContain('is booked');
  expect((await run(['undo', String(open.id), '--reason', 'it was a gift'])).out).toContain('is open again');
  const report = ['report', 'bank-reconciliation', '--company', 'harbour', '--json'];
  const { days } = JSON.parse((await daybook(report, { env: { DATABASE_URL: home.url } })).out);
  expect(days).toMatchObject([{ date: '2026-03-12', statement: 94500, ledger: -6000, openingDifference: 100000 }]);
}, 180_000);

test('wrong use and bad files are told in one line', async () => {
  for (const [args, input, words] of [
    [['fly'], '', /no action "fly"; there is: accounts, add, import/],
    [['import', '-', '--format', 'pdf'], '', /no format "pdf"; there is: camt, mt940, ofx, csv/],
    [['import', '-'], 'hello', /none of CAMT.053, MT940 and OFX/],
    [['confirm', 'x'], '', /"x" is not the number of a line/],
  ] as const) {
    const { code, err } = await run([...args], input, 'pier');
    expect(code).toBeGreaterThan(0);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(words);
  }
}, 120_000);

test('by the API the same is done, and refusals have their codes', async () => {
  const api = (path: string, json?: unknown) =>
    ask(
      world.url,
      `/api/v1${path}${path.includes('?') ? '&' : '?'}company=harbour`,
      json === undefined ? {} : { json },
    );
  expect((await api('/bank-accounts', { name: 'Current' })).body).toMatchObject({ account: '1200', currency: 'GBP' });
  const file = Buffer.from(CSV).toString('base64');
  const { status, body } = await api('/bank-accounts/Current/statements', { file });
  expect([status, body.statements[0].fresh, body.matching.unmatched]).toEqual([200, 2, 2]);
  expect((await api('/bank-accounts/Current/statements', { file })).body.statements[0].outcome).toBe('exists');
  const bad = { file: Buffer.from('hello').toString('base64'), format: 'mt940' };
  expect(await api('/bank-accounts/Current/statements', bad)).toMatchObject({
    status: 422,
    body: refusal('BANK_FILE_INVALID'),
  });
  const { lines, cursor } = (await api('/bank-lines?state=open&limit=1')).body;
  expect(lines).toMatchObject([{ amount: '-6000', state: 'unmatched', matches: [] }]);
  expect((await api(`/bank-lines?state=open&limit=1&cursor=${cursor}`)).body.lines).toMatchObject([{ amount: '500' }]);
  const booked = await api(`/bank-lines/${lines[0].id}/book`, { role: 'suspense' });
  expect(booked.body).toMatchObject({ state: 'matched', matches: [{ why: 'booked by hand', decidedBy: 'API' }] });
  expect(await api(`/bank-lines/${lines[0].id}/book`, { role: 'suspense' })).toMatchObject({
    status: 422,
    body: refusal('BANK_LINE_REFUSED'),
  });
  const { days } = (await api('/bank-accounts/Current/reconciliation')).body;
  expect(days).toMatchObject([{ statement: '94500', ledger: '-6000', notBooked: [{ amount: '500' }], missing: '0' }]);
  const issue = (await api('/issues')).body.issues.find(
    (each: { code: string }) => each.code === 'BANK_LINE_UNMATCHED',
  );
  expect(issue.message).toContain('1 line of the bank account "Current"');
}, 60_000);
