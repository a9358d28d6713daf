import { createHash } from 'node:crypto';
import type { ResolvedEntry } from '@daybook/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exported, filesOf } from '../../test/exported.ts';
import { type Ledger, NOW, newShop, openLedger, post, reversal, sale } from '../../test/fixtures.ts';
import { listExports, makeExport } from './runs.ts';
import { tieOut } from './tie-out.ts';

const MARCH = { from: '2026-03-01', to: '2026-03-31' };

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

/** A British shop whose accounts an adviser numbers as they are. */
async function advisedShop(facts: ResolvedEntry[]): Promise<string> {
  const shop = await newShop(ledger);
  await set(shop, { consultant: '1001', client: '1', interim: '9000' });
  await post(ledger, shop, facts);
  return shop;
}

function set(shop: string, datev: Record<string, string>) {
  return ledger.sql`update companies set settings = ${ledger.sql.json({ datev })} where id = ${shop}`;
}

test('the same days again are the same run, byte for byte, even after the chart was renamed', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1'), sale('2')]);
  const first = await exported(ledger, shop, { format: 'csv', ...MARCH });
  const again = await exported(ledger, shop, { format: 'csv', ...MARCH });
  expect([first.isNew, again.isNew]).toEqual([true, false]);
  expect(again.run).toEqual(first.run);
  const [[name, bytes]] = [...first.files] as [[string, Buffer]];
  expect(first.run.files).toEqual([
    { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  ]);
  await ledger.sql`update accounts set name = 'Renamed' where company_id = ${shop} and code = '4000'`;
  const renamed = await exported(ledger, shop, { format: 'csv', ...MARCH });
  expect(renamed.run).toMatchObject({ number: 2, entries: 2 });
  expect(await filesOf(ledger, shop, first.run)).toEqual(first.files);
});

test('later entries go into the next run, and no entry into two', async () => {
  const shop = await advisedShop([sale('1'), sale('2', { postingDate: '2026-03-11', taxPoint: '2026-03-11' })]);
  const first = await exported(ledger, shop, { format: 'datev', ...MARCH });
  expect(first.run).toMatchObject({ number: 1, scope: 'new', entries: 2 });
  const same = await exported(ledger, shop, { format: 'datev', ...MARCH });
  expect([same.isNew, same.run.number]).toEqual([false, 1]);
  await post(ledger, shop, [sale('3', { postingDate: '2026-03-02', taxPoint: '2026-03-02' })]);
  const second = await exported(ledger, shop, { format: 'datev', ...MARCH });
  expect(second.run).toMatchObject({ number: 2, entries: 1 });
  const text = [...second.files.values()].join('');
  expect(text).toMatch(/;0203;/);
  expect(text).not.toMatch(/;1[01]03;/);
  const whole = await exported(ledger, shop, { format: 'datev', ...MARCH, scope: 'all' });
  expect(whole.run).toMatchObject({ number: 3, entries: 3 });
  await expect(exported(ledger, shop, { format: 'datev', from: '2026-03-02', to: '2026-03-31' })).rejects.toMatchObject(
    {
      code: 'EXPORT_REFUSED',
      message: expect.stringContaining('number 3, have told them all'),
    },
  );
});

test('runs, their bytes and the numbers of persons cannot be changed or deleted', async () => {
  const shop = await advisedShop([sale('1')]);
  await exported(ledger, shop, { format: 'datev', ...MARCH });
  for (const table of ['export_runs', 'export_parts', 'export_persons']) {
    await expect(ledger.sql`delete from ${ledger.sql(table)}`).rejects.toThrow(/ENTRY_IMMUTABLE/);
    await expect(ledger.sql`update ${ledger.sql(table)} set company_id = company_id`).rejects.toThrow(
      /ENTRY_IMMUTABLE/,
    );
  }
});

test('two exports of a format at once: one is made, the other is told to wait', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const make = () => makeExport(ledger.sql, shop, { format: 'hledger', ...MARCH }, { now: NOW, by: 'test' });
  const outcomes = await Promise.allSettled([make(), make(), make()]);
  const made = outcomes.filter((each) => each.status === 'fulfilled' && each.value.isNew);
  expect(made).toHaveLength(1);
  for (const each of outcomes)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'EXPORT_REFUSED' });
  expect(await listExports(ledger.sql, shop)).toHaveLength(1);
});

test('settings that are missing are named, and an empty range is refused', async () => {
  const shop = await newShop(ledger);
  await expect(exported(ledger, shop, { format: 'datev', ...MARCH })).rejects.toMatchObject({ code: 'EXPORT_REFUSED' });
  await post(ledger, shop, [sale('1')]);
  await expect(exported(ledger, shop, { format: 'datev', ...MARCH })).rejects.toThrow(
    /consultant is missing.*client is missing/,
  );
  await set(shop, { consultant: '1001', client: '1', interim: '9000' });
  const april = { from: '2026-04-01', to: '2026-04-30', scope: 'all' as const };
  await expect(exported(ledger, shop, { format: 'datev', ...april })).rejects.toThrow(/nothing to export/);
});

test('a file that would say something else than the trial balance is refused, naming the account', async () => {
  const shop = await newShop(ledger);
  await post(ledger, shop, [sale('1')]);
  const extent = { companyId: shop, format: 'csv', ...MARCH, scope: 'all', through: 1n, flow: false } as const;
  const told = new Map([
    ['1241', { debits: 2400n, credits: 0n }],
    ['2200', { debits: 0n, credits: 400n }],
    ['4000', { debits: 0n, credits: 1999n }],
  ]);
  await expect(ledger.sql.begin((tx) => tieOut(tx, extent, told, 'turnover'))).rejects.toMatchObject({
    code: 'EXPORT_DIFFERS',
    subject: '4000',
    message: expect.stringContaining('19.99'),
  });
});

test('a reversal is marked, openings are left out, and a run is told its progress', async () => {
  const opening = sale('opening', { entryType: 'OPN', postingDate: '2026-03-01', taxPoint: '2026-03-01' });
  const shop = await advisedShop([opening, sale('1')]);
  await post(ledger, shop, [reversal(sale('1'))]);
  const steps: [number, number][] = [];
  const progress = (done: number, of: number) => steps.push([done, of]);
  const { run } = await makeExport(ledger.sql, shop, { format: 'datev', ...MARCH }, { now: NOW, by: 'test', progress });
  expect(run.entries).toBe(2);
  expect(steps.at(-1)).toEqual([2, 2]);
  const [text = ''] = [...(await filesOf(ledger, shop, run)).values()].map(String);
  const rows = text.trimEnd().split('\r\n').slice(2);
  // 24.00 on 1241 against 4000 and 2200; without a standard chart nothing is automatic.
  expect(rows.map((row) => row.split(';').filter((_, at) => [0, 1, 6, 7, 117].includes(at)))).toEqual([
    ['20,00', '"S"', '1241', '4000', '""'],
    ['4,00', '"S"', '1241', '2200', '""'],
    ['20,00', '"H"', '1241', '4000', '"1"'],
    ['4,00', '"H"', '1241', '2200', '"1"'],
  ]);
});
