import { createCompany } from '@daybook/ledger/company';
import { postEntries } from '@daybook/ledger/post';
import { type Database, openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { program } from './program.ts';

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { max: 2 });
  await sell('harbour', { country: 'GB', currency: 'GBP' }, ['1241', '4000', '2200', 'S20', 2000n]);
  await sell('hafen', { country: 'DE', currency: 'EUR' }, ['1362', '8400', '1776', 'U19', 1900n]);
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

/** A company that sold for 100.00 and tax in February 2026. */
async function sell(
  slug: string,
  place: { country: string; currency: string },
  [money, revenue, output, taxCode, tax]: [string, string, string, string, bigint],
): Promise<void> {
  const now = new Date('2026-02-10T10:00:00Z');
  const line = (account: string, amount: bigint) => ({
    ...{ role: 'account', account, amount, currency: place.currency, amountTc: amount },
  });
  const lines = [
    line(money, 10000n + tax),
    { ...line(revenue, -10000n), taxCode, taxKind: 'net_out' as const },
    { ...line(output, -tax), taxCode, taxKind: 'tax_out' as const },
  ];
  await database.sql.begin(async (tx) => {
    const { id } = await createCompany(tx, { slug, name: slug, timeZone: 'Europe/London', now, ...place });
    const [postingDate, occurredAt] = ['2026-02-10', '2026-02-10T10:00:00Z'];
    const fact = { entryType: 'SAL' as const, sourceKey: 'sale:1', memo: 'Sale 1', taxPoint: postingDate };
    await postEntries(tx, id, [{ entry: { ...fact, postingDate, occurredAt, lines }, eventId: null }], now);
  });
}

/** Runs one command line in this process. */
async function daybook(args: string[]) {
  let [out, err] = ['', ''];
  const code = await program(args, {
    env: { DATABASE_URL: home.url },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    read: async () => Buffer.from(''),
    live: false,
    closed: () => false,
  });
  return { code, out, err };
}

const FEBRUARY = ['--from', '2026-02-01', '--to', '2026-02-28'];

test('a British return is drafted, filed as it was looked at, listed and taken back from the command line', async () => {
  const run = (...args: string[]) => daybook([...args, '--company', 'harbour']);
  const mtd = JSON.parse((await run('report', 'tax-return', ...FEBRUARY, '--format', 'mtd')).out);
  expect(mtd).toMatchObject({ vatDueSales: 20, netVatDue: 20, totalValueSalesExVAT: 100 });
  const table = await run('report', 'tax-return', ...FEBRUARY);
  expect(table.code).toBe(0);
  expect(table.out).toMatch(/VAT due on sales .* 20\.00/);
  const { draft } = JSON.parse((await run('tax', 'draft', '2026-02', '--json')).out);
  const filed = await run('tax', 'file', '2026-02', '--hash', draft.hash, '--by', 'Ada');
  expect(filed).toMatchObject({ code: 0, err: '' });
  expect(filed.out).toMatch(
    /GBP 20\.00 due\. It is filed, settled by entry 2026\/2; taxes are locked up to 2026-02-28\./,
  );
  const { returns } = JSON.parse((await run('tax', 'list', '--json')).out);
  expect(returns).toMatchObject([{ state: 'filed', due: 2000, filedBy: 'Ada' }]);
  expect((await run('tax', 'withdraw', String(returns[0].id))).err).toContain('Say why');
  expect((await run('tax', 'withdraw', String(returns[0].id), '--reason', 'one sale is missing')).out).toContain(
    'taken back',
  );
});

test('a German return is XML of ELSTER’s structure; a code is added with its boxes', async () => {
  const run = (...args: string[]) => daybook([...args, '--company', 'hafen']);
  const xml = await run('report', 'tax-return', ...FEBRUARY, '--format', 'xml', '--tax-number', '9198011310134');
  expect(xml.out).toContain(
    '<Zeitraum>02</Zeitraum>\n      <Steuernummer>9198011310134</Steuernummer>\n      <Kz81>100</Kz81>',
  );
  expect(xml.out).toContain('<Kz83>19.00</Kz83>');
  expect((await run('report', 'tax-return', ...FEBRUARY, '--format', 'mtd')).code).toBe(2);
  const code = await run('tax', 'code', 'U16', '--rate', '16', '--boxes', 'net_out=35,tax_out=36', '--json');
  expect(JSON.parse(code.out)).toMatchObject({ code: 'U16', rate: '16', boxes: { net_out: ['35'], tax_out: ['36'] } });
  expect((await run('tax', 'codes')).out).toContain('U16');
});
