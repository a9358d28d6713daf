import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newConnector } from './new-connector.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What only the author can supply, as the suite says it. */
const OWED_BY_SALES = [
  'its folder: brings fixtures, each with its source and date',
  'its folder: has a README that links the provider’s documents and says what is special',
  'its folder: is named as its folder, and names its documents, hosts and secrets',
  'bad input: it subscribes to something',
  'trading: a delivery that comes again keeps its event id, and another one has another',
  'trading: every refund points at a sale, and all sales less refunds are what the shop counts',
  'trading: every webhook is signed, belongs to the account, and is about a topic we asked for',
  'trading: no secret reached the log',
  'trading: the backfill finds all of it again, without any webhook',
  'trading: webhooks are registered once, however often we ask',
];

describe('a folder written by new-connector', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'daybook-new-connector-'));
  const folders = { sales: 'connectors/sales/odd-shop', accounting: 'connectors/accounting/paper-books' };
  beforeAll(() => {
    copyHouse(scratch);
    newConnector(scratch, 'sales', 'odd-shop');
    newConnector(scratch, 'accounting', 'paper-books', 'Paper & Books');
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  test('says in the first line of each file what the file is for', () => {
    for (const folder of Object.values(folders)) {
      const names = readdirSync(join(scratch, folder)).filter((name) => name !== 'fixtures');
      expect(names).toContain('simulator.ts');
      for (const name of names) {
        const text = readFileSync(join(scratch, folder, name), 'utf8');
        expect(text.split('\n')[0], `${folder}/${name}`).toMatch(/^(\/\/|#) .{40,}/);
        expect(text).not.toContain('{{');
      }
    }
    expect(readFileSync(join(scratch, folders.accounting, 'connector.ts'), 'utf8')).toContain("label: 'Paper & Books'");
  });

  test('type-checks and is formatted as it stands', () => {
    const checked = run('typescript/bin/tsc', ['--noEmit'], join(scratch, 'connectors'));
    expect(checked.output).toBe('');
    const formatted = run(
      '@biomejs/biome/bin/biome',
      ['check', '--vcs-enabled=false', ...Object.values(folders)],
      scratch,
    );
    expect(formatted.status, formatted.output).toBe(0);
  });

  test('passes its own test, and fails the suite for what the author has to supply and nothing else', () => {
    const results = runSuite(scratch);
    expect(results.failed.filter((title) => title.includes('.test.ts'))).toEqual([]);
    const failed = (part: string) =>
      results.failed.filter((title) => title.startsWith(`${part} `)).map((title) => title.slice(part.length + 1));
    expect(failed('sales/odd-shop').sort()).toEqual([...OWED_BY_SALES].sort());
    // Books that answer nothing yet fail whatever asks them; what they cannot fail is listed the other way round.
    const passed = results.passed.filter((title) => title.startsWith('accounting/paper-books '));
    expect(passed).toEqual(['accounting/paper-books its folder: brings a simulator']);
  });

  test('cannot be written twice, under a bad name, or as another kind', () => {
    expect(() => newConnector(scratch, 'sales', 'odd-shop')).toThrow('connectors/sales/odd-shop is there already.');
    for (const id of ['Odd', '9shop', 'odd_shop', '../shop', '']) {
      expect(() => newConnector(scratch, 'sales', id), id).toThrow('cannot be an id');
    }
    expect(() => newConnector(scratch, 'payroll', 'odd-pay')).toThrow('"payroll" is no kind of connector');
  });
});

/** As much of the repository as a connector needs, with the installed packages linked in. */
function copyHouse(scratch: string): void {
  for (const file of [
    'package.json',
    'tsconfig.base.json',
    'biome.json',
    'test/conformance.test.ts',
    'test/support/http.ts',
  ]) {
    cpSync(join(ROOT, file), join(scratch, file), { recursive: true });
  }
  for (const file of ['kit', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, 'connectors', file), join(scratch, 'connectors', file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  symlinkSync(join(ROOT, 'connectors/node_modules'), join(scratch, 'connectors/node_modules'));
  mkdirSync(join(scratch, 'test/node_modules/@daybook'), { recursive: true });
  symlinkSync(join(scratch, 'connectors'), join(scratch, 'test/node_modules/@daybook/connectors'));
  symlinkSync(join(ROOT, 'shared/platform'), join(scratch, 'test/node_modules/@daybook/platform'));
}

function run(program: string, parameters: string[], cwd: string): { status: number | null; output: string } {
  const path = join(ROOT, 'node_modules', program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...parameters], { cwd });
  return { status, output: `${stdout}${stderr}` };
}

/** Titles of the suite over the scratch registry: `sales/odd-shop group: test`, groups without their particulars. */
function runSuite(scratch: string): { passed: string[]; failed: string[] } {
  const report = join(scratch, 'report.json');
  run(
    'vitest/vitest.mjs',
    ['run', '--root', scratch, '--reporter=json', `--outputFile=${report}`, 'test/', 'sales/', 'accounting/'],
    scratch,
  );
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { status: string; title: string; ancestorTitles: string[] }[] }[];
  };
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const titles = (status: string) =>
    all
      .filter((each) => each.status === status)
      .map(
        ({ ancestorTitles: [part, group], title }) =>
          `${part} ${group?.startsWith('a simulated shop') ? 'trading' : group}: ${title}`,
      );
  return { passed: titles('passed'), failed: titles('failed') };
}
