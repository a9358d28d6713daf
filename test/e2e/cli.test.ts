import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '@daybook/ledger/company';
import { openDatabase } from '@daybook/platform/db';
import { findRunning, startEmbedded } from '@daybook/platform/embedded-postgres';
import { acquireHubLock } from '@daybook/platform/hub-lock';
import { silentLog } from '@daybook/platform/logger';
import { migrate } from '@daybook/platform/migrate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, newShop, openLedger, post, sale } from '../../shared/ledger/test/fixtures.ts';
import { daybook } from '../support/command.ts';
import { createEmptyDatabase } from '../support/database.ts';

let folder: string;
let ledger: Ledger;
let slug: string;
let companyId: string;
const onLedger = (...args: string[]) => daybook(args, { env: { DATABASE_URL: ledger.url }, cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybook-cli-'));
  ledger = await openLedger();
  companyId = await newShop(ledger);
  const [row] = await ledger.sql<{ slug: string }[]>`select slug from companies where id = ${companyId}`;
  slug = row?.slug ?? '';
  await post(ledger, companyId, [
    sale('1', { memo: 'Tea, "loose"' }),
    sale('2', { postingDate: '2026-03-12', taxPoint: '2026-03-12' }),
  ]);
});
afterAll(async () => {
  await ledger.drop();
  await rm(folder, { recursive: true, force: true });
});

/** One line, about the command, without a stack. */
function expectOneLine(err: string, about: RegExp): void {
  expect(err).toMatch(/^daybook: [^\n]+\n$/);
  expect(err).toMatch(about);
}

describe('wrong usage', () => {
  test.each([
    [['statu'], /statu.*did you mean status/],
    [['report', 'weather', '--company', 'x'], /"weather".*trial-balance, journal/],
  ])('%j is told in one line with exit code 2', async (args, about) => {
    const { code, out, err } = await daybook(args, { cwd: folder });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expectOneLine(err, about);
  });

  test('a setting that is none is named with the nearest one', async () => {
    const { code, err } = await daybook(['status'], { cwd: folder, env: { DAYBOOK_DATADIR: 'x' } });
    expect(code).toBe(2);
    expectOneLine(err, /DAYBOOK_DATADIR.*DAYBOOK_DATA_DIR/);
  });
});

describe('settings', () => {
  test('.env of the working directory is read, and the environment wins over it', async () => {
    const home = await mkdtemp(join(folder, 'env-'));
    await writeFile(join(home, '.env'), 'DAYBOOK_PORT=nonsense\n');
    const fromFile = await daybook(['status'], { cwd: home });
    expect(fromFile.code).toBe(2);
    expectOneLine(fromFile.err, /DAYBOOK_PORT.*nonsense/);
    const overridden = await daybook(['status'], { cwd: home, env: { DAYBOOK_PORT: '4000' } });
    expect(overridden.code).toBe(1);
    expect(overridden.err).toMatch(/not running/);
  });
});

describe('report', () => {
  test('the trial balance holds two sales of 24.00: 48.00 on both sides', async () => {
    const { code, out } = await onLedger('report', 'trial-balance', '--company', slug, '--format', 'csv');
    expect(code).toBe(0);
    const lines = out.split('\r\n');
    expect(lines[0]).toBe('Account,Name,Opening,Debits,Credits,Closing debit,Closing credit');
    expect(lines.find((line) => line.startsWith('1241,'))).toMatch(/,0\.00,48\.00,0\.00,48\.00,$/);
    expect(lines.find((line) => line.startsWith('4000,'))).toMatch(/,0\.00,0\.00,40\.00,,40\.00$/);
    expect(lines.find((line) => line.startsWith('2200,'))).toMatch(/,0\.00,0\.00,8\.00,,8\.00$/);
    expect(lines.at(-2)).toBe('Total,,,48.00,48.00,48.00,48.00');
  });

  test('--from turns earlier entries into the opening balance', async () => {
    const { out } = await onLedger(
      ...['report', 'trial-balance', '--company', slug, '--from', '2026-03-11', '--to', '2026-03-31', '--json'],
    );
    const report = JSON.parse(out);
    const row = report.rows.find((each: { account: string }) => each.account === '1241');
    expect(row).toMatchObject({ opening: 2400, debits: 2400, credits: 0, closing: 4800 });
    expect(report).toMatchObject({ from: '2026-03-11', to: '2026-03-31', difference: 0 });
  });

  test('the journal quotes what CSV demands, and its JSON has entries, totals and gaps', async () => {
    const csv = await onLedger('report', 'journal', '--company', slug, '--format', 'csv');
    expect(csv.out).toContain('"Tea, ""loose"""\r\n');
    expect(csv.out.split('\r\n')).toHaveLength(1 + 6 + 1 + 1);
    const { code, out } = await onLedger('report', 'journal', '--company', slug, '--json', '--to', '2026-03-11');
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      currency: 'GBP',
      totals: { entries: 1, debits: 2400, credits: 2400 },
      gaps: [{ fiscalYear: '2026', entries: 2, firstMissing: null }],
    });
    expect(report.entries[0].lines).toHaveLength(3);
  });

  test('the journal of no days is valid JSON too, and tables end with the total', async () => {
    const empty = await onLedger('report', 'journal', '--company', slug, '--json', '--to', '2020-01-01');
    expect(JSON.parse(empty.out)).toMatchObject({ entries: [], totals: { entries: 0, debits: 0 } });
    const { out } = await onLedger('report', 'journal', '--company', slug);
    expect(out).toMatch(/Total +2 entries +48\.00 +48\.00\n/);
  });

  test('an unknown company is told with the ones there are', async () => {
    const { code, err } = await onLedger('report', 'journal', '--company', 'nobody');
    expect(code).toBe(2);
    expectOneLine(err, new RegExp(`"nobody".*${slug}`));
  });
});

describe('status, doctor and a database that is not there', () => {
  test('status counts per company and by state', async () => {
    const { code, out } = await onLedger('status', '--json');
    expect(code).toBe(0);
    const [company] = JSON.parse(out).companies;
    expect(company).toMatchObject({ company: slug, entries: 2, issues: 0, trialBalanceDifference: 0, owed: [] });
    expect(Object.keys(company)).toEqual(expect.arrayContaining(['deliveries', 'events', 'documents']));
    expect(JSON.parse(out).queues).toHaveProperty('events.waiting', 0);
  });

  test('a stopped database is said so, as valid JSON, with exit code 1', async () => {
    const { code, out, err } = await daybook(['status', '--json'], { cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ running: false, companies: [] });
    expectOneLine(err, /not running.*npm start/);
  });

  test('a folder without a database is not filled by a command that only reads', async () => {
    const { code, err } = await daybook(['verify'], { cwd: folder });
    expect(code).toBe(2);
    expectOneLine(err, /no database in \.daybook yet/);
    expect(await findRunning(join(folder, '.daybook'))).toBeNull();
  });

  test('an unreachable database is named without its password', async () => {
    const env = { DATABASE_URL: 'postgres://me:hush@127.0.0.1:9/books' };
    for (const command of ['status', 'verify', 'doctor']) {
      const { code, out, err } = await daybook([command], { cwd: folder, env });
      expect(code).toBe(1);
      expect(`${out}${err}`).toMatch(/127\.0\.0\.1:9\/books/);
      expect(`${out}${err}`).not.toMatch(/hush|\n +at /);
    }
  });

  test('missing migrations are told and not applied to a database of somebody else', async () => {
    const empty = await createEmptyDatabase();
    try {
      const env = { DATABASE_URL: empty.url };
      const doctor = await daybook(['doctor', '--json'], { cwd: folder, env });
      expect(doctor.code).toBe(1);
      const { findings } = JSON.parse(doctor.out);
      expect(findings).toContainEqual(expect.objectContaining({ what: 'Migrations', ok: false }));
      const verify = await daybook(['verify'], { cwd: folder, env });
      expect(verify.code).toBe(1);
      expectOneLine(verify.err, /lacks \d+ migrations.*start the hub/);
    } finally {
      await empty.drop();
    }
  });

  test('doctor names every wrong setting and what to do about it', async () => {
    const env = { DAYBOOK_ENCRYPTION_KEYS: 'short', DAYBOOK_PROT: '1' };
    const { code, out } = await daybook(['doctor', '--json'], { cwd: folder, env });
    expect(code).toBe(1);
    const found = JSON.parse(out).findings.filter((each: { ok: boolean }) => !each.ok);
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).toMatch(/DAYBOOK_ENCRYPTION_KEYS/);
    expect(JSON.stringify(found)).toMatch(/DAYBOOK_PROT.*DAYBOOK_PORT/);
  });
});

describe('verify', () => {
  test('sound books give exit code 0, a line changed behind the guards gives 1 and its name', async () => {
    const sound = await onLedger('verify', '--json');
    expect({ code: sound.code, err: sound.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(sound.out)).toMatchObject({ ok: true, companies: [{ company: slug, ok: true }] });
    const change = (amount: bigint) =>
      ledger.sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`
          update journal_lines set debit = ${amount}, amount_tc = ${amount}
          where company_id = ${companyId} and account = '1241'
            and entry_id = (select id from journal_entries where company_id = ${companyId} and number = 2)`;
      });
    await change(2401n);
    const tampered = await onLedger('verify');
    await change(2400n);
    expect(tampered.code).toBe(1);
    expect(tampered.out).toMatch(/BAD {2}.*2026.*2/);
    expectOneLine(tampered.err, new RegExp(`${slug} does not hold`));
  });
});

describe('replay', () => {
  test('an id that does not exist is told, nothing failed is no fault', async () => {
    const unknown = await onLedger('replay', '--event', '999');
    expect(unknown.code).toBe(2);
    expectOneLine(unknown.err, /no event 999/);
    const none = await onLedger('replay', '--failed', '--dry-run');
    expect(none).toMatchObject({ code: 0, out: 'Nothing to replay.\n', err: '' });
  });
});

describe('replay of what failed', () => {
  test('shows count and money first, and owes the work again only without --dry-run', async () => {
    const connection = '00000000-0000-4000-8000-000000000001';
    const payload = JSON.stringify({ currency: 'GBP', total: 2450 });
    await ledger.sql`
      insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload,
        occurred_at, recorded_at, state, code)
      values (${companyId}, ${connection}, 1, 'sale', 'x1', '1', 'hash', ${payload}::text::jsonb, now(), now(), 'failed',
        'TAX_UNRESOLVED')`;
    const owed = async () => (await ledger.sql`select 1 from todo where stage = 'post'`).length;
    const other = await onLedger('replay', '--filter', 'code=RATE_MISSING');
    expect(other.out).toBe('Nothing to replay.\n');
    const plan = await onLedger('replay', '--filter', 'code=TAX_UNRESOLVED', '--dry-run');
    expect(plan.out).toBe('Would replay 0 deliveries, 1 events (GBP 24.50), 0 documents. Nothing was changed.\n');
    expect(await owed()).toBe(0);
    const real = await onLedger('replay', '--failed', '--json');
    expect(JSON.parse(real.out)).toMatchObject({
      dryRun: false,
      events: { count: 1, money: [{ currency: 'GBP', amount: 2450 }] },
    });
    expect(await owed()).toBe(1);
  });

  test('an event that is booked is left alone and said to be', async () => {
    const [event] = await ledger.sql<{ id: bigint }[]>`
      update events set state = 'posted' where source_id = 'x1' returning id`;
    const { code, out } = await onLedger('replay', '--event', String(event?.id));
    expect({ code, out }).toEqual({ code: 0, out: `Nothing to replay: event ${event?.id} is posted.\n` });
  });
});

describe('the embedded database', () => {
  test('two commands at one moment share a stopped server, and the last one stops it again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'daybook-cli-data-'));
    try {
      const embedded = await startEmbedded({ dataDir, log: silentLog });
      await migrate(embedded.url);
      const database = openDatabase(embedded.url);
      const shop = { slug: 'tea', name: 'Tea', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
      await database.sql.begin((tx) => createCompany(tx, { ...shop, now: new Date('2026-03-15T12:00:00Z') }));
      await database.close();
      await embedded.stop();
      const env = { DAYBOOK_DATA_DIR: dataDir };
      const report = ['report', 'trial-balance', '--company', 'tea', '--json'];
      const both = await Promise.all([
        daybook(report, { env }),
        daybook(['verify', '--json'], { env }),
        daybook(report, { env }),
      ]);
      expect(both.map(({ code, err }) => ({ code, err }))).toEqual(both.map(() => ({ code: 0, err: '' })));
      expect(await findRunning(dataDir)).toBeNull();

      const hub = await startEmbedded({ dataDir, log: silentLog });
      const holder = { pid: process.pid, startedAt: new Date().toISOString(), url: '' };
      const lock = await acquireHubLock(hub.url, holder, { dataDir, log: silentLog, onLost: () => undefined });
      const beside = await daybook(['verify', '--json'], { env });
      expect(beside.code).toBe(0);
      expect(await findRunning(dataDir)).not.toBeNull();
      await lock.release();
      await hub.stop();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 120_000);
});

describe('a pipe that is closed early', () => {
  test('a reader that is gone before the first line ends the command quietly', async () => {
    const command = `"${process.execPath}" "${join(import.meta.dirname, '../../services/cli/src/main.ts')}" report journal --company ${slug} | true`;
    const child = spawn('sh', ['-c', command], { env: { ...process.env, DATABASE_URL: ledger.url }, stdio: 'pipe' });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    child.stdout.resume();
    const code = await new Promise((settle) => child.once('close', settle));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
