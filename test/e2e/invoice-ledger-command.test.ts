import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '@daybook/ledger/company';
import { postEntries } from '@daybook/ledger/post';
import { type Database, openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EntryType, ResolvedEntry } from '../../shared/domain/src/journal-entry.ts';
import { daybook } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** The invoice ledger on the command line; an invoice of 120.00 and a receipt of 100.00 that waits for confirmation. */
let home: TestDatabase;
let database: Database;
let folder: string;
const now = new Date();
const year = now.getUTCFullYear();

const entry = (
  entryType: EntryType,
  key: string,
  amount: bigint,
  against: string,
  document?: string,
): ResolvedEntry => {
  const line = { currency: 'GBP', role: 'account' };
  const item = { partyName: 'Quayside Hotel', dueDate: `${year}-01-05` };
  const owed = { ...line, account: '1100', amount, amountTc: amount, party: 'quay', document, item };
  const other = { ...line, account: against, amount: -amount, amountTc: -amount };
  const dates = { postingDate: `${year}-01-02`, taxPoint: `${year}-01-02`, occurredAt: `${year}-01-02T09:00:00Z` };
  return { entryType, sourceKey: key, memo: key, ...dates, lines: [owed, other] };
};

beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { max: 2, name: 'invoice-ledger-command' });
  folder = await mkdtemp(join(tmpdir(), 'daybook-invoices-'));
  const settings = { invoiceAllocation: 'confirm' as const };
  const shop = { slug: 'harbour', name: 'Harbour', country: 'GB', currency: 'GBP', timeZone: 'UTC', settings, now };
  await database.sql.begin(async (tx) => {
    const { id } = await createCompany(tx, shop);
    const entries = [entry('SAL', 'INV-1', 12000n, '4000', 'INV-1'), entry('RCT', 'R-1', -10000n, '1200')];
    await postEntries(
      tx,
      id,
      entries.map((each) => ({ entry: each, eventId: null })),
      now,
    );
  });
}, 180_000);
afterAll(async () => {
  await database?.close();
  await home?.drop();
  await rm(folder, { recursive: true, force: true });
});

function run(...args: string[]) {
  const env = { DATABASE_URL: home.url, DAYBOOK_DATA_DIR: folder };
  return daybook([...args, '--company', 'harbour'], { env });
}

it('proposes what would settle what, and refuses more than is open', async () => {
  expect((await run('allocate')).out).toMatch(/GBP 100\.00 .* on INV-1 \(quay\)/);
  const refused = await run('allocate', 'INV-1', '--amount', '120.01');
  expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/ALLOCATION_EXCEEDS_OPEN.*GBP 120\.00/)]);
  const done = await run('allocate', 'INV-1', '--amount', '30.00', '--by', 'Ana');
  expect([done.code, done.out]).toEqual([0, expect.stringMatching(/^Allocated/)]);
  expect((await run('allocate', '--confirm')).out).toBe('1 allocations made.\n');
}, 180_000);

it('prints what is open with its payments, by age and by name, and what is overdue', async () => {
  const open = await run('report', 'open-payments', '--by', 'name', '--to', `${year}-02-04`);
  expect(open.out).toMatch(/INV-1 .*120\.00 │ +100\.00 │ +20\.00 │ +20\.00 │ +30/);
  expect(open.out).toMatch(/RCT .* 30\.00/);
  const aged = await run('report', 'aged-receivables', '--to', `${year}-02-05`, '--json');
  expect(JSON.parse(aged.out)).toMatchObject({ buckets: { '31_60': 2000 }, total: 2000, difference: 0 });
  expect((await run('report', 'overdue', '--to', `${year}-02-05`)).out).toMatch(/Quayside Hotel.*INV-1.*31.*20\.00.*2/);
  expect(
    (await run('report', 'payments', '--from', `${year}-02-01`, '--to', `${year}-02-05`, '--format', 'csv')).out,
  ).not.toMatch(/RCT/);
}, 180_000);

it('lets the reminders of a disputed invoice rest', async () => {
  await database.sql`
    insert into invoice_reminders (invoice_event, level, company_id, reached_on)
    select id, 2, company_id, '2026-02-05' from invoice_events where document = 'INV-1' and kind = 0`;
  expect((await run('reminders')).out).toMatch(/^2 {2}Quayside Hotel: INV-1, GBP 20\.00/);
  expect((await run('reminders', 'INV-1', '--pause', 'goods came broken')).out).toBe('No reminder is to be sent.\n');
  expect((await run('reminders', '--all')).out).toMatch(/rests: goods came broken/);
  const unknown = await run('reminders', 'INV-9', '--resume');
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/ITEM_UNKNOWN/)]);
}, 180_000);
