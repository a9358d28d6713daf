import { createCompany } from '@daybook/ledger/company';
import { postEntries } from '@daybook/ledger/post';
import { type Database, openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { daybook } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { max: 2 });
  const now = new Date('2024-04-01T10:00:00Z');
  await database.sql.begin(async (tx) => {
    const fiscalYear = { label: 'FY24', startsOn: '2024-02-01', endsOn: '2024-03-31' };
    const company = { slug: 'harbour', name: 'Harbour', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
    const { id } = await createCompany(tx, { ...company, now, fiscalYear });
    const line = (account: string, amount: bigint) => ({
      role: 'account',
      account,
      amount,
      currency: 'GBP',
      amountTc: amount,
    });
    const entry = {
      entryType: 'SAL' as const,
      sourceKey: 'sale:1',
      postingDate: '2024-02-10',
      taxPoint: '2024-02-10',
      occurredAt: '2024-02-10T10:00:00Z',
      memo: 'Sale 1',
      lines: [line('1230', 2400n), line('4000', -2400n)],
    };
    const again = { ...entry, sourceKey: 'sale:2', memo: 'Sale 1 again' };
    await postEntries(
      tx,
      id,
      [entry, again].map((each) => ({ entry: each, eventId: null })),
      now,
    );
  });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const run = (...args: string[]) => daybook([...args, '--company', 'harbour'], { env: { DATABASE_URL: home.url } });

test('a year is reversed into shape, locked, closed, reopened and closed again from the command line', async () => {
  const reversed = await run('reverse', 'FY24/2', '--reason', 'typed twice', '--by', 'Ada');
  expect(reversed).toMatchObject({ code: 0, out: 'Entry FY24/2 is reversed by FY24/3 on 2024-02-10.\n' });
  expect((await run('periods', 'close', 'FY24')).err).toContain('period from 2024-02-01 is open');
  for (const day of ['2024-02-15', '2024-03-15']) {
    expect(await run('periods', 'lock', day)).toMatchObject({ code: 0 });
  }
  const preview = JSON.parse((await run('periods', 'preview', '2024-03-31', '--json')).out);
  expect(preview).toMatchObject({ result: 2400, retainedAfter: 2400 });
  const closed = await run('periods', 'close', 'FY24');
  expect(closed.out).toContain('Fiscal year FY24 is closed.\nCLS-1 is entry FY24/4');
  expect(closed.out).toContain('OPN is entry 2024/25/1');
  expect((await run('periods', 'reopen', 'FY24')).err).toContain('Say why');
  expect((await run('periods', 'reopen', 'FY24', '--reason', 'a bill was forgotten')).code).toBe(0);
  const again = JSON.parse((await run('periods', 'close', 'FY24', '--json')).out);
  expect(again).toMatchObject({ outcome: 'closed', run: 2 });
  const listed = await run('periods', 'list');
  expect(listed.out).toMatch(/FY24 .*closed .*closing .*2024-03-31 .*2024-03-31 .*closed/);
  expect((await run('periods', 'log')).out).toContain('a bill was forgotten');
}, 120_000);

test('wrong actions, days and kinds are told in one line with exit code 2', async () => {
  for (const [args, words] of [
    [['burn'], /no action "burn"; there is: list, check/],
    [['lock', '2024-02-30'], /not a day of the calendar/],
    [['lock-date', 'soft', '2024-02-28'], /no lock date "soft"; there is: sales/],
    [['lock'], /needs a day/],
  ] as const) {
    const { code, err } = await run('periods', ...args);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(words);
  }
}, 60_000);
