import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '@daybook/ledger/company';
import { type Database, openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { daybook } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** The cash book on the command line; dates are of today, because a command's clock is the machine's. */
let home: TestDatabase;
let database: Database;
let folder: string;
const now = new Date();
const today = now.toISOString().slice(0, 10);

beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { max: 2, name: 'cash-book-command' });
  folder = await mkdtemp(join(tmpdir(), 'daybook-cash-'));
  const shop = { slug: 'till', name: 'Till', country: 'GB', currency: 'GBP', timeZone: 'UTC', now };
  await database.sql.begin((tx) => createCompany(tx, shop));
}, 60_000);
afterAll(async () => {
  await database?.close();
  await home?.drop();
  await rm(folder, { recursive: true, force: true });
});

function run(args: string[], input?: unknown) {
  const env = { DATABASE_URL: home.url, DAYBOOK_DATA_DIR: folder };
  return daybook([...args, '--company', 'till'], { env, input: JSON.stringify(input ?? {}) });
}

it('opens a book, enters a day, has it checked by its auditor, and prints it', async () => {
  const book = {
    name: 'Shop floor',
    startsOn: today,
    endsOn: today,
    tolerance: 200,
    companyCode: '10',
    site: 'Leeds',
    registers: [{ register: 'R1' }],
    auditor: 'Ann',
    clerk: 'Carl',
  };
  const opened = await run(['cash-book', 'open', '--file', '-'], book);
  expect(JSON.parse(opened.out)).toMatchObject({ status: 'active', registers: [{ register: 'R1', account: '1230' }] });
  expect((await run(['cash-book', 'list'])).out).toMatch(/active.*Shop floor.*R1 \(1230\).*GBP 2\.00/);

  // Nothing was sold, 1.50 was found.
  const draft = { receiptNumber: 'Z-1', openingBalance: 0, revenueShould: 0, revenueActual: 150 };
  await run(['cash-book', 'draft', 'Shop floor', today, '--file', '-'], draft);
  const submitted = await run(['cash-book', 'submit', 'Shop floor', 'next']);
  expect(JSON.parse(submitted.out)).toMatchObject({ entryStatus: 'submitted', day: { revenueActual: 150 } });
  const carl = await run(['cash-book', 'approve', 'Shop floor', today, '--by', 'Carl']);
  expect([carl.code, carl.err]).toEqual([1, expect.stringMatching(/Carl enters its days.*auditor.*is Ann/)]);
  const ann = await run(['cash-book', 'approve', 'Shop floor', today, '--by', 'Ann']);
  expect(JSON.parse(ann.out)).toMatchObject({ checkStatus: 'approved' });
  expect((await run(['cash-book', 'days', 'Shop floor'])).out).toMatch(/R1.*submitted.*approved.*Carl/);

  const report = await run(['report', 'cash-book', '--format', 'csv']);
  const [start, figures] = [`Shop floor,R1,${today},Z-1,GBP`, '0.00,0.00,1.50,1.50,0.00,0.00,1.50,0.00,1.50'];
  const closing = '0.00,0.00,0.00,1.50,1.50,"submitted, approved",';
  expect(report.out.split('\r\n')[1]).toBe(`${start},${figures},${closing}`);
}, 300_000);
