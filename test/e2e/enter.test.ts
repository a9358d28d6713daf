import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '@daybook/ledger/company';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/api.ts';
import { daybook } from '../support/command.ts';
import { openWorld, type World } from '../support/world.ts';

/** Documents that people enter, through the API and the command line, on a real database. */
let world: World;
let folder: string;
let companies = 0;
beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-04-10T09:00:00Z') });
  folder = await mkdtemp(join(tmpdir(), 'daybook-enter-'));
}, 120_000);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

async function newShop(settings: object = {}): Promise<{ id: string; slug: string }> {
  companies += 1;
  const slug = `enter-${companies}`;
  const shop = { slug, name: 'Enter', country: 'GB', currency: 'GBP', timeZone: 'Europe/London', settings };
  const { id } = await world.database.sql.begin((tx) => createCompany(tx, { ...shop, now: world.now() }));
  return { id, slug };
}

const post = async (company: string, documents: object[], dryRun = false) =>
  (await ask(world.url, '/api/v1/entries', { json: { company, dryRun, documents } })).body;
const countOf = async (id: string, table: string) => {
  const { sql } = world.database;
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)} where company_id = ${id}`;
  return row?.n;
};
const INVOICE = {
  type: 'invoice',
  date: '2026-04-01',
  termsDays: 14,
  customer: { id: 'C-1', name: 'Harbour Ltd' },
  // 20 % of 20.06 is 4.012 → 4.01.
  lines: [
    { description: 'Mugs', unitPrice: '10.03', taxCode: 'S20' },
    { description: 'Cups', unitPrice: '10.03', taxCode: 'S20' },
  ],
};

describe('documents through the API', () => {
  it('shows in a dry run what an invoice and its credit note would book, and keeps nothing, not even the number', async () => {
    const { id, slug } = await newShop();
    const documents = [INVOICE, { type: 'credit_note', date: '2026-04-02', of: 'INV-0001' }];
    const dry = await post(slug, documents, true);
    expect(dry).toMatchObject({ dryRun: true, accepted: 2, refused: 0 });
    expect(
      dry.documents[0].entries[0].lines.map(({ debit, credit }: Record<string, string>) => [debit, credit]),
    ).toEqual(
      expect.arrayContaining([
        ['2407', '0'],
        ['0', '401'],
      ]),
    );
    for (const table of ['events', 'journal_entries', 'number_series', 'deliveries'])
      expect(await countOf(id, table)).toBe(0);
    expect((await post(slug, documents)).documents).toMatchObject([
      { number: 'INV-0001', outcome: 'entered' },
      { number: 'CN-0001', outcome: 'entered' },
    ]);
    const [open] = await world.database.sql`
      select sum(debit) - sum(credit) as open from journal_lines where company_id = ${id} and role = 'ar.control'`;
    expect(String(open?.open)).toBe('0');
  });

  it('refuses what is wrong with its place and reason, and enters the rest', async () => {
    const { slug } = await newShop();
    const { documents, accepted, refused } = await post(slug, [
      { ...INVOICE, lines: [{ description: 'Mugs', unitPrice: '10.03', taxCode: 'ZZ' }] },
      { type: 'invoice', date: '2026-04-01' },
      { ...INVOICE, date: '2024-01-31' },
      { type: 'credit_note', date: '2026-04-02', of: 'INV-0099' },
      { type: 'journal', date: '2026-04-02', lines: [{ role: 'expense.cleaning', debit: '1' }] },
      INVOICE,
    ]);
    expect([accepted, refused]).toEqual([1, 5]);
    const codes = ['TAX_UNRESOLVED', 'INPUT_INVALID', 'PERIOD_CLOSED', 'DOCUMENT_UNKNOWN', 'ENTRY_UNBALANCED', null];
    expect(documents.map(({ code }: { code: string }) => code)).toEqual(codes);
    expect(documents.at(-1)).toMatchObject({ at: '6', number: 'INV-0001', outcome: 'entered' });
  });

  it('takes the same key again as the same document, other content as its next revision, another customer not at all', async () => {
    const { id, slug } = await newShop();
    const keyed = { ...INVOICE, key: 'order-7' };
    const dearer = { ...keyed, lines: [{ description: 'Mugs', unitPrice: '30', taxCode: 'S20' }] };
    const outcomes = [];
    for (const document of [keyed, keyed, dearer, dearer, { ...keyed, customer: { id: 'C-2' } }]) {
      const [report] = (await post(slug, [document])).documents;
      outcomes.push([report.number, report.outcome, report.code]);
    }
    expect(outcomes).toEqual([
      ['INV-0001', 'entered', null],
      ['INV-0001', 'exists', null],
      ['INV-0001', 'changed', null],
      ['INV-0001', 'exists', null],
      [null, 'refused', 'DOCUMENT_FIXED'],
    ]);
    const [owed] = await world.database.sql`
      select sum(debit) - sum(credit) as open from journal_lines where company_id = ${id} and role = 'ar.control'`;
    expect(String(owed?.open)).toBe('3600');
  });

  it('numbers invoices without a gap when many are entered at once, and passes typed numbers over', async () => {
    const { slug } = await newShop({ numbers: { invoice: { prefix: 'R{year}-', digits: 3 } } });
    await post(slug, [{ ...INVOICE, number: 'R2026-002' }]);
    const all = await Promise.all(Array.from({ length: 6 }, () => post(slug, [INVOICE, { type: 'invoice' }])));
    const numbers = all.map(({ documents }) => documents[0].number).sort();
    expect(numbers).toEqual(['R2026-001', 'R2026-003', 'R2026-004', 'R2026-005', 'R2026-006', 'R2026-007']);
  });

  it('enters bills, journals and bank lines beside each other; a receipt settles its invoice', async () => {
    const { id, slug } = await newShop();
    const { documents } = await post(slug, [
      INVOICE,
      { type: 'bank_receipt', date: '2026-04-03', lines: [{ amount: '24.07', party: 'C-1', document: 'INV-0001' }] },
      {
        type: 'bill',
        number: '77',
        date: '2026-04-03',
        termsDays: 30,
        supplier: { id: 'S-1', name: 'Cleaner' },
        lines: [{ role: 'expense.cleaning', net: '50', taxCode: 'S20' }],
        total: '60.00',
      },
      { type: 'bank_payment', date: '2026-04-03', lines: [{ amount: '60', party: 'S-1', document: '77' }] },
    ]);
    expect(documents.map(({ number, outcome, message }: Record<string, string>) => [number, outcome, message])).toEqual(
      [
        ['INV-0001', 'entered', null],
        ['RCT-0001', 'entered', null],
        ['77', 'entered', null],
        ['PAY-0001', 'entered', null],
      ],
    );
    const open = await world.database.sql`select document from invoice_events where company_id = ${id} and open <> 0`;
    expect([...open]).toEqual([]);
  });
});

describe('goods that people enter', () => {
  it('arrive, are billed, counted and put right, each with its own number', async () => {
    const { id, slug } = await newShop({ inventoryIntegration: 'perpetual_average' });
    const { sql } = world.database;
    await sql`
      insert into inventory_groups (company_id, number, description, stock_tracked, inventory)
      values (${id}, 1, 'Goods', true, '1001')`;
    await sql`insert into items (company_id, sku, group_number) values (${id}, 'MUG', 1)`;
    const supplier = { id: 'S-1', name: 'Pottery' };
    const line = { sku: 'MUG', quantity: '10', unitCost: '2.50' };
    const { documents } = await post(slug, [
      { type: 'goods_receipt', number: 'G-1', date: '2026-04-01', supplier, lines: [line] },
      {
        type: 'bill',
        number: 'B-1',
        date: '2026-04-02',
        termsDays: 30,
        supplier,
        goodsReceipt: 'G-1',
        lines: [{ ...line, taxCode: 'S20' }],
        total: '30.00',
      },
      { type: 'stock_count', date: '2026-04-03', lines: [{ sku: 'MUG', counted: '8' }] },
      {
        type: 'stock_adjustment',
        date: '2026-04-04',
        reason: 'found',
        lines: [{ sku: 'MUG', quantity: '1', value: '2.50' }],
      },
    ]);
    expect(documents.map(({ number, outcome, message }: Record<string, string>) => [number, outcome, message])).toEqual(
      [
        ['G-1', 'entered', null],
        ['B-1', 'entered', null],
        ['CNT-0001', 'entered', null],
        ['ADJ-0001', 'entered', null],
      ],
    );
    // 10 − 2 + 1 pieces at 2.50, and nothing is left of goods received and not invoiced.
    const [item] =
      await sql`select trim_scale(quantity)::text as quantity, value::text from items where company_id = ${id}`;
    expect(item).toEqual({ quantity: '9', value: '2250' });
  });
});

describe('daybook enter', () => {
  const run = (args: string[]) =>
    daybook(['enter', ...args], { env: { DATABASE_URL: world.databaseUrl, DAYBOOK_DATA_DIR: folder } });
  const CSV = [
    'number,date,due_date,customer_id,customer_name,description,quantity,unit_price,tax_code',
    'A-1,2026-04-01,2026-04-30,C-1,"Harbour, Ltd",Mugs,2,10.03,S20',
    'A-1,2026-04-01,2026-04-30,C-1,"Harbour, Ltd",Cups,1,5.00,S20',
    'A-2,2026-04-01,2026-04-30,C-2,Müller,Mugs,1,10.035,XX',
    '',
  ].join('\r\n');

  it('reads a CSV file, a row per line, and says line by line what is refused', async () => {
    const { id, slug } = await newShop();
    const file = join(folder, 'invoices.csv');
    await writeFile(file, CSV);
    const dry = await run([file, '--company', slug, '--type', 'invoice', '--dry-run']);
    expect(dry.code).toBe(1);
    // 20.06 + 5.00, and 20 % of 25.06 is 5.012 → 5.01.
    expect(dry.out).toMatch(/lines 2-3 {2}invoice A-1 {2}entered\n.*debit GBP 30\.07/);
    expect(dry.out).toMatch(/line 4 {2}invoice A-2 {2}refused: TAX_UNRESOLVED: .*"XX"/);
    expect(dry.out).toContain('1 would be entered, 0 entered before, 1 refused. Nothing was kept.');
    expect(await countOf(id, 'events')).toBe(0);
    expect((await run([file, '--company', slug, '--type', 'invoice'])).out).toContain(
      '1 entered, 0 entered before, 1 refused.',
    );
    expect((await run([file, '--company', slug, '--type', 'invoice'])).out).toContain(
      '0 entered, 1 entered before, 1 refused.',
    );
  });

  it('reads JSON, and refuses files it cannot read before anything is entered', async () => {
    const { slug } = await newShop();
    const file = join(folder, 'one.json');
    await writeFile(file, JSON.stringify(INVOICE));
    expect(await run([file, '--company', slug])).toMatchObject({
      code: 0,
      out: expect.stringContaining('INV-0001  entered'),
    });
    const bad = join(folder, 'bad.csv');
    await writeFile(bad, 'number,colour\n1,red\n');
    expect(await run([bad, '--company', slug])).toMatchObject({
      code: 2,
      err: expect.stringContaining('columns colour'),
    });
    await writeFile(bad, 'number,memo\n1,"red\n');
    expect(await run([bad, '--company', slug])).toMatchObject({
      code: 2,
      err: expect.stringContaining('line 2 is not CSV'),
    });
  });
});
