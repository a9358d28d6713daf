import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '@daybook/ledger/company';
import { enterEvents } from '@daybook/workers/enter';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEvent } from '../../shared/domain/src/events.ts';
import { ask, refusal } from '../support/api.ts';
import { daybook } from '../support/command.ts';
import { openWorld, type World } from '../support/world.ts';

/** Exports as people get them (accounting.md I): one German shop that sold an Austrian customer something on account. */
let world: World;
let folder: string;
const MARCH = ['--from', '2026-03-01', '--to', '2026-03-31'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybook-exports-'));
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-03-12T09:00:00Z') });
  const given = {
    slug: 'laden',
    name: 'Laden',
    country: 'DE',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    now: world.now(),
  };
  const { id } = await world.database.sql.begin((tx) => createCompany(tx, given));
  await enterEvents(id, [invoice()], world.hub.deps);
}, 120_000);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

function invoice() {
  return makeEvent({
    version: 1,
    type: 'sale',
    channel: 'b2b',
    id: 'RE-7',
    number: 'RE-7',
    revision: '1',
    occurredAt: '2026-03-05T10:00:00Z',
    currency: 'EUR',
    test: false,
    customer: { id: 'K-17', name: 'Müller & Söhne', country: 'AT', taxNumber: 'ATU12345678' },
    pricesIncludeTax: false,
    lines: [{ kind: 'product', net: 10000, taxes: [{ name: 'USt', rate: '19', amount: 1900 }] }],
    tenders: [],
    due: 11900,
    terms: { dueDate: '2026-04-04' },
    total: 11900,
  });
}

function command(...args: string[]) {
  const { host, port, user, database } = world.database.sql.options;
  const env = { DATABASE_URL: `postgres://${user}@${host[0]}:${port[0]}/${database}`, DAYBOOK_DATA_DIR: folder };
  return daybook(['export', ...args, '--company', 'laden'], { env, cwd: folder });
}

it('the command says what is missing, keeps it, and writes bookings and persons', async () => {
  const missing = await command('datev', ...MARCH, '-o', 'berater');
  expect(missing).toMatchObject({ code: 1, out: '' });
  expect(missing.err).toMatch(/^daybook: [^\n]*consultant is missing[^\n]*client is missing[^\n]*\n$/);
  const settings = ['consultant=29098', 'client=55003', 'chart=03'].flatMap((each) => ['--set', each]);
  const made = await command('datev', ...MARCH, '-o', 'berater', ...settings);
  expect(made).toMatchObject({ code: 0, err: '' });
  const files = (await readdir(join(folder, 'berater'))).sort();
  expect(files).toEqual(['EXTF_Buchungsstapel_20260301_20260331.csv', 'EXTF_Debitoren_Kreditoren.csv']);
  const [bookings, persons] = await Promise.all(files.map((file) => readLatin(join(folder, 'berater', file))));
  expect(bookings?.split('\r\n')[2]).toMatch(/^119,00;"S";"";;;"";10001;8400;"";0503;"RE-7";"040426";;/);
  expect(bookings?.split('\r\n')[2]?.split(';')[116]).toBe('04042026');
  expect(persons?.split('\r\n')[2]).toMatch(
    /^10001;"";"";"";"";"Müller & Söhne";"0";"Müller & Söhne";"AT";"U12345678";/,
  );
  const again = await command('datev', '--run', '1', '-o', 'again');
  expect(again.code).toBe(0);
  for (const file of files)
    expect(await readFile(join(folder, 'again', file))).toEqual(await readFile(join(folder, 'berater', file)));
}, 120_000);

it('the API makes the same export, lists it and gives its bytes', async () => {
  const request = { company: 'laden', format: 'csv', from: '2026-03-01', to: '2026-03-31' };
  const made = await ask(world.url, '/api/v1/exports', { json: request });
  expect(made).toMatchObject({ status: 200, body: { number: 1, entries: 1, isNew: true } });
  const again = await ask(world.url, '/api/v1/exports', { json: request });
  expect(again.body).toEqual({ ...made.body, isNew: false });
  expect((await command('csv', ...MARCH, '-o', 'journal.csv')).out).toContain('as exported before');
  const { body } = await ask(world.url, '/api/v1/exports?company=laden');
  const listed = body.exports.find((each: { id: string }) => each.id === made.body.id);
  const [file] = listed.files;
  const download = await ask(world.url, `/api/v1/exports/${listed.id}/files/${file.name}`);
  expect(download.headers.get('content-disposition')).toContain(file.name);
  expect(download.body).toBe(await readFile(join(folder, 'journal.csv'), 'utf8'));
  expect(download.body).toContain(
    '1400,Forderungen aus Lieferungen und Leistungen,119.00,0.00,EUR,119.00,,K-17,RE-7,b2b',
  );
}, 120_000);

it('what cannot be exported is refused in words', async () => {
  const none = await ask(world.url, '/api/v1/exports/999/files/x.csv');
  expect(none).toMatchObject({ status: 404, body: refusal('NOT_FOUND') });
  const wrong = await ask(world.url, '/api/v1/exports/settings', {
    method: 'PUT',
    json: { company: 'laden', settings: { client: 'abc' } },
  });
  expect(wrong).toMatchObject({ status: 422, body: refusal('EXPORT_REFUSED') });
  const usage = await command('datev', '-o', 'x');
  expect(usage).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^daybook: say which days[^\n]*\n$/) });
  const alone = await command('beancount', ...MARCH, '--new', '-o', 'x');
  expect(alone).toMatchObject({ code: 1, err: expect.stringMatching(/stands alone/) });
}, 120_000);

async function readLatin(path: string): Promise<string> {
  return new TextDecoder('windows-1252').decode(await readFile(path));
}
