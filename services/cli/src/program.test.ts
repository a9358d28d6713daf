import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { salesConnectors } from '@daybook/connectors/registry';
import { describe, expect, test } from 'vitest';
import { program } from './program.ts';

/** Runs one command line in this process with a captured terminal; no settings but a data folder without a database. */
async function run(args: string[], options: { input?: string; live?: boolean } = {}) {
  let out = '';
  let err = '';
  const code = await program(args, {
    env: { DAYBOOK_DATA_DIR: '/nonexistent/daybook' },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    read: async () => Buffer.from(options.input ?? ''),
    live: options.live ?? false,
    closed: () => false,
  });
  return { code, out, err };
}

/** One line, about the command, without a stack. */
function expectOneLine(err: string, about: RegExp): void {
  expect(err).toMatch(/^daybook: [^\n]+\n$/);
  expect(err).toMatch(about);
}

const channel = salesConnectors[0]?.id ?? '';

describe('the command line', () => {
  test.each([
    [['normalize', channel, 'x.json'], /--topic.*`daybook normalize --help`/],
    [['normalize', channel, '--topic', 'orders'], /missing required argument 'file'.*--help/],
    [['normalize', 'nowhere', '-', '--topic', 'orders'], new RegExp(`"nowhere".*${channel}`)],
    [['normalize', channel, '/nonexistent.json', '--topic', 'orders'], /no such file/],
    [['normalize', channel, '-', '--topic', 'orders', '--header', 'x'], /--header "x".*name=value/],
    [['normalize', channel, '-', '--topic', 'orders', '--setting', 'records=all'], /sales nor settlements/],
    [['preview', '-', '--country', 'England'], /"England".*GB/],
    [['verify', '--fast'], /--fast.*`daybook verify --help`/],
    [['report', 'journal', '--company', 'x', '--from', '2026-02-30'], /--from "2026-02-30".*YYYY-MM-DD/],
    [['report', 'journal', '--company', 'x', '--from', '2026-03-02', '--to', '2026-03-01'], /--from.*after/],
    [['report', 'journal', '--company', 'x', '--format', 'pdf'], /"pdf".*table, json, csv/],
    [['replay'], /an empty filter is not everything/],
    [['replay', '--event', '1', '--failed'], /not both/],
    [['replay', '--filter', 'state=failed'], /code=MAPPING_MISSING/],
    [['start', '--port', '70000'], /65535/],
    [['start', '--seed', 'x'], /--seed/],
    [['start', '--only', 'workers:bake'], /workers:bake/],
  ])('%j is told in one line with exit code 2', async (args, about) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expectOneLine(err, about);
  });

  test.each(['start', 'normalize', 'preview', 'status', 'report', 'replay', 'verify', 'doctor', 'bench'])(
    '%s has --help and --json',
    async (command) => {
      const { code, out, err } = await run([command, '--help']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/--json/);
    },
  );
});

/** A cup of 20.00 with 20 % VAT inside 24.00, paid through a processor. */
const cup = (id: string, more: Record<string, unknown> = {}) => ({
  version: 1,
  type: 'sale',
  channel,
  id,
  revision: '2026-03-01T10:00:00Z',
  occurredAt: '2026-03-01T10:00:00Z',
  currency: 'GBP',
  test: false,
  pricesIncludeTax: true,
  lines: [{ kind: 'product', net: 2000, taxes: [{ name: 'VAT', rate: '20', amount: 400 }] }],
  tenders: [{ kind: 'card', processor: 'stripe', amount: 2400 }],
  total: 2400,
  ...more,
});

const preview = (events: unknown[]) => run(['preview', '-'], { input: JSON.stringify({ events }) });

describe('preview', () => {
  test('a sale of 24.00: clearing against revenue 20.00 and VAT 4.00', async () => {
    const { code, out } = await preview([cup('1')]);
    expect(code).toBe(0);
    const { currency, entries, documents, refused } = JSON.parse(out);
    expect({ currency, refused }).toEqual({ currency: 'GBP', refused: [] });
    expect(entries).toHaveLength(1);
    const lines = entries[0].lines as { role: string; account: string; debit: number; credit: number }[];
    expect(lines.find((each) => each.account === '1241')).toMatchObject({
      role: 'clearing.stripe',
      debit: 2400,
      credit: 0,
    });
    expect(
      lines
        .filter((each) => each.credit > 0)
        .map((each) => each.credit)
        .sort(),
    ).toEqual([2000, 400]);
    expect(documents.map((each: { kind: string }) => each.kind)).toContain('invoice');
  });

  test('an edit that changes no account does not hide the sale from the next edit', async () => {
    const renamed = cup('1', {
      revision: '2026-03-01T11:00:00Z',
      tenders: [
        { kind: 'card', processor: 'stripe', amount: 1400 },
        { kind: 'card', processor: 'stripe', amount: 1000 },
      ],
    });
    const halved = cup('1', {
      revision: '2026-03-01T12:00:00Z',
      lines: [{ kind: 'product', net: 1000, taxes: [{ name: 'VAT', rate: '20', amount: 200 }] }],
      tenders: [{ kind: 'card', processor: 'stripe', amount: 1200 }],
      total: 1200,
    });
    const { code, out } = await preview([halved, cup('1'), renamed]);
    expect(code).toBe(0);
    const { entries } = JSON.parse(out) as {
      entries: { lines: { account: string; debit: number; credit: number }[] }[];
    };
    const clearing = entries.flatMap(({ lines }) => lines).filter(({ account }) => account === '1241');
    // 24.00 booked, 24.00 reversed, 12.00 booked: what remains is the halved sale.
    expect(clearing.map(({ debit, credit }) => debit - credit)).toEqual([2400, -2400, 1200]);
  });

  test('what the rules refuse stands beside the entries of the others, with exit code 1', async () => {
    const orphan = {
      ...cup('r1', { type: 'refund', sale: { id: 'gone' }, id: 'r1' }),
      pricesIncludeTax: undefined,
    };
    const { code, out, err } = await preview([orphan, cup('1'), cup('t', { test: true })]);
    expect(code).toBe(1);
    expectOneLine(err, /SALE_UNKNOWN/);
    const { entries, refused, skipped } = JSON.parse(out);
    expect(entries).toHaveLength(1);
    expect(refused).toMatchObject([{ event: `refund r1 (${channel})`, code: 'SALE_UNKNOWN' }]);
    expect(skipped).toMatchObject([{ event: `sale t (${channel})` }]);
  });

  test('an event that does not add up is named with its place and field, exit code 2', async () => {
    const { code, out, err } = await preview([cup('1'), cup('2', { total: 2500 })]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expectOneLine(err, /event 2: sale 2: total: .*GBP 24\.00.*GBP 25\.00.*EVENT_INVALID/);
  });

  test.each(['9007199254740993', '"9007199254740993"'])('the amount %s keeps every digit', async (amount) => {
    const text = JSON.stringify([
      cup('1', {
        lines: [{ kind: 'product', net: 7, taxes: [] }],
        tenders: [{ kind: 'card', processor: 'stripe', amount: 7 }],
        total: 7,
      }),
    ]).replaceAll(/:7\b/g, `:${amount}`);
    const { code, out } = await run(['preview', '-'], { input: text });
    expect(code, out).toBe(0);
    expect(out.match(/"(debit|credit)": "9007199254740993"/g)).toHaveLength(2);
  });

  test('an amount written with a fraction is refused, not taken for minor units', async () => {
    const text = JSON.stringify([cup('1')]).replaceAll('2400', '24.00');
    const { code, err } = await run(['preview', '-'], { input: text });
    expect(code).toBe(2);
    expectOneLine(err, /event 1: sale 1: .*total/);
  });

  test('a person gets tables, --json gives JSON there too', async () => {
    const input = JSON.stringify([cup('1')]);
    const drawn = await run(['preview', '-'], { input, live: true });
    expect(drawn.out).toMatch(/Debit.*Credit/);
    expect(drawn.out).toMatch(/Total.*24\.00.*24\.00/);
    const plain = await run(['preview', '-', '--json'], { input, live: true });
    expect(JSON.parse(plain.out).entries).toHaveLength(1);
  });
});

const samples = fileURLToPath(new URL('../../../../shared/contracts/', import.meta.url));
const folder = `${samples}${channel}/samples/`;
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('Skipped: the sample payloads are not beside this repository (../shared/contracts).\n');

describe.skipIf(!isThere)('normalize', () => {
  test.each(isThere ? readdirSync(folder) : [])('%s gives events, a reason, or a refusal in one line', async (file) => {
    const topic = /^(app|disputes|orders|refunds|order_transactions|tender_transactions)_[a-z]+\./.test(file)
      ? (file.split('.')[0] ?? '').replace(/_(?=[a-z]+$)/, '/')
      : file.includes('refund')
        ? 'refunds'
        : file.includes('payouts')
          ? 'payouts'
          : 'orders';
    const { code, out, err } = await run(['normalize', channel, `${folder}${file}`, '--topic', topic]);
    if (code !== 0) {
      expect({ code, out }).toEqual({ code: 2, out: '' });
      return expectOneLine(err, /\[[A-Z_]+, see docs\/errors\.md\]/);
    }
    const result = JSON.parse(out);
    expect(Object.keys(result)).toHaveLength(1);
    for (const event of result.events ?? []) {
      expect(event.id).toBeTypeOf('string');
      expect(readFileSync(`${folder}${file}`, 'utf8')).toContain(event.id);
    }
  });
});
