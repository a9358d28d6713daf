import { describe, expect, test } from 'vitest';
import { bannedCode, exportsExplained, tooLong } from './code-rules.ts';
import { importDirections, workspaces } from './import-rules.ts';
import { type Problem, parseSource, type Source } from './source.ts';
import { bannedText, documentedCodes, providerNames, raisedCodes } from './text-rules.ts';

const messages = (problems: Problem[]) => problems.map(({ message }) => message);
const banned = (path: string, text: string) => messages(bannedCode(parseSource(path, text)));
const exported = (text: string) => messages(exportsExplained(parseSource('workers/src/x.ts', text)));
const packages = workspaces();
const imports = (path: string, text: string) => messages(importDirections(parseSource(path, text), packages));

describe('what a rule objects to', () => {
  test('floating point where money passes, but not elsewhere and not in tests', () => {
    for (const call of ['Number(text)', 'parseFloat(text)', 'Number.parseFloat(text)', 'amount.toFixed(2)']) {
      expect(banned('connectors/sales/x/normalize.ts', `export const a = ${call};`)).toHaveLength(1);
      expect(banned('connectors/sales/x/x.test.ts', `export const a = ${call};`)).toEqual([]);
      expect(banned('services/cli/src/x.ts', `export const a = ${call};`)).toEqual([]);
    }
    expect(banned('shared/ledger/src/x.ts', 'export const a = Number.MAX_SAFE_INTEGER;')).toEqual([]);
  });

  test('the environment outside main, the network inside a connector, and the console', () => {
    expect(banned('workers/src/x.ts', 'export const a = process.env.HOME;')).toHaveLength(1);
    expect(banned('services/cli/src/main.ts', 'export const a = process.env.HOME;')).toEqual([]);
    expect(banned('connectors/sales/x/client.ts', "await fetch('https://a');")).toHaveLength(1);
    expect(banned('connectors/sales/x/client.ts', 'connector.fetch();')).toEqual([]);
    expect(banned('services/api/src/x.ts', "console.error('no');")).toHaveLength(1);
  });

  test('tests that do not run, mocks, and silenced types', () => {
    for (const text of ["test.only('a', f);", "describe.skip('a', f);", "it.todo('a');", "vi.mock('./a.ts');"]) {
      expect(banned('test/x.test.ts', text), text).toHaveLength(1);
    }
    expect(banned('test/x.test.ts', "test.skipIf(absent)('a', f);")).toEqual([]);
    expect(banned('test/x.test.ts', 'export const a = b as any;')).toHaveLength(1);
    expect(banned('test/x.test.ts', '// @ts-ignore\nexport const a = 1;')).toHaveLength(1);
  });

  test('functions over 70 lines, files over 400 and lines over 120 columns, except what cannot be broken', () => {
    const long = (path: string, text: string) => messages(tooLong(parseSource(path, text)));
    const body = (lines: number) => 'f();\n'.repeat(lines);
    expect(long('a.ts', `function a() {\n${body(68)}}`)).toEqual([]);
    expect(long('a.ts', `function a() {\n${body(69)}}`)).toEqual(['function of 71 lines; at most 70']);
    expect(long('a.test.ts', `describe('a', () => {\n${body(90)}});`)).toEqual([]);
    expect(long('a.test.ts', `describe.each(b)('a', () => {\n${body(90)}});`)).toEqual([]);
    expect(long('a.ts', body(401))).toEqual(['401 lines; a file has at most 400']);
    expect(long('a.ts', `f(${'a, '.repeat(50)});`)).toHaveLength(1);
    expect(long('a.ts', `f('${'a, '.repeat(50)}');`)).toEqual([]);
    expect(long('a.ts', `sql\`\nselect ${'a, '.repeat(50)}\nfrom b\`;`)).toEqual([]);
  });

  test('exported names without meaning and exported functions without a docstring', () => {
    expect(exported('/** Does. */\nexport function syncManager() {}')).toHaveLength(1);
    expect(exported('export interface CustomerInfo {}')).toHaveLength(1);
    expect(exported('export type Transaction = string;')).toHaveLength(1);
    const theirs = parseSource('connectors/sales/a/x.ts', 'export type Transaction = string;');
    expect(messages(exportsExplained(theirs)), 'the word of a provider').toEqual([]);
    expect(exported('export interface Metadata {}\nexport interface Database {}')).toEqual([]);
    expect(exported('export function post() {}')).toHaveLength(1);
    expect(exported('export const post = () => 1;')).toHaveLength(1);
    expect(exported('/** Posts. */\nexport async function post() {}')).toEqual([]);
    expect(exported('/** Not about it. */\nconst a = 1;\nexport function post() { return a; }')).toHaveLength(1);
  });

  test('imports against the direction of the house', () => {
    expect(imports('shared/platform/src/db.ts', "import { a } from '@daybook/domain';")).toContain(
      'shared/platform must not import shared/domain (shared/domain/src/index.ts)',
    );
    expect(imports('connectors/sales/a/x.ts', "import { a } from '../b/x.ts';")).toHaveLength(1);
    expect(imports('connectors/sales/a/x.ts', "import { a } from '../../kit/json.ts';")).toEqual([]);
    expect(imports('connectors/sales/a/x.ts', "import { a } from './simulator.ts';")).toHaveLength(1);
    expect(imports('workers/src/x.ts', "import { a } from '@daybook/connectors/simulators';")).toHaveLength(1);
    expect(
      imports('workers/src/x.ts', "import { a } from '@daybook/connectors/sales/shopify/connector';"),
    ).toHaveLength(1);
    expect(imports('workers/src/x.ts', "import { a } from '@daybook/connectors/registry';")).toEqual([]);
    expect(imports('services/cli/src/sandbox.ts', "import { a } from '@daybook/connectors/simulators';")).toEqual([]);
    expect(imports('workers/src/x.ts', "const a = await import('../../test/support/database.ts');")).not.toEqual([]);
  });

  test('imports of packages that are not declared', () => {
    expect(imports('workers/src/x.ts', "import a from 'left-pad';")).toEqual([
      'imports left-pad, which workers/package.json does not declare',
    ]);
    expect(imports('workers/src/x.ts', "import { z } from 'zod';\nimport { join } from 'node:path';")).toEqual([]);
    expect(imports('workers/src/x.ts', "import { test } from 'vitest';")).toHaveLength(1);
    expect(imports('workers/src/x.test.ts', "import { test } from 'vitest';")).toEqual([]);
  });

  test('a provider named outside its folder, however it is spelled', () => {
    const named = (text: string) => providerNames('workers/src/x.ts', text, ['odoo-pos', 'Sage']);
    expect(named("if (id === 'odoo-pos') return;")).toHaveLength(1);
    expect(named('const odooPosOrder = 1;')).toHaveLength(1);
    expect(named('// sage wants a date')).toHaveLength(1);
    expect(named('const message = usage;')).toEqual([]);
  });

  test('notes to self and traces of a machine', () => {
    const note = ['TO', 'DO'].join('');
    expect(bannedText('a.md', `// ${note}: later`)).toHaveLength(1);
    expect(bannedText('a.ts', 'const todo = owed();')).toEqual([]);
    expect(bannedText('a.md', `see ${['', 'home', 'me'].join('/')}`)).toHaveLength(1);
    expect(bannedText('a.md', 'https://example.com/home/page')).toEqual([]);
  });

  test('error codes are found wherever they are raised, and in the first column of the table', () => {
    const source: Source = parseSource(
      'a.ts',
      `type BookErrorCode = 'PERIOD_CLOSED' | 'TAX_UNRESOLVED';
       throw new DomainError('EVENT_INVALID', 'why');
       const refuse = (why: string, code = 'TAX_REFUSED') => problem(400, 'INPUT_INVALID', why);
       if (theirs.includes('ACCESS_DENIED')) join('PG_VERSION');
       throw new ConnectorError('rejected', 'why', { code: late ? 'REPLY_LOST' : 'REPLY_LATE' });
       if (error.code === 'CONNECTION_REFUSED') f({ code: 'USD' });`,
    );
    const codes = ['EVENT_INVALID', 'INPUT_INVALID', 'PERIOD_CLOSED', 'REPLY_LATE', 'REPLY_LOST', 'TAX_REFUSED'];
    codes.push('TAX_UNRESOLVED');
    expect(raisedCodes(source).sort()).toEqual(codes);
    expect(documentedCodes('| code | who |\n|---|---|\n| `PERIOD_CLOSED` | people |\n')).toEqual(['PERIOD_CLOSED']);
  });
});
