import { posix } from 'node:path';
import { accountingConnectors, salesConnectors } from '@daybook/connectors/registry';
import { describe, expect, test } from 'vitest';
import { bannedCode, exportsExplained, tooLong } from './tidy/code-rules.ts';
import { importDirections, workspaces } from './tidy/import-rules.ts';
import {
  isCode,
  isSimulator,
  isTest,
  type Problem,
  parseSource,
  readText,
  type Source,
  trackedFiles,
} from './tidy/source.ts';
import { bannedText, documentedCodes, isProviderNeutral, providerNames, raisedCodes } from './tidy/text-rules.ts';

/**
 * The rules of the house as a test. Each rule is a function in ./tidy and is itself tested there. What must differ from
 * a rule is listed here with its reason; an exception nobody needs any more fails too.
 */
const EXCEPTIONS: { path: string; message: RegExp; reason: string }[] = [
  {
    path: 'shared/domain/src/events.ts',
    message: /floating point/,
    reason: 'JSON integers are written through a number, inside the range where that is exact',
  },
];

const files = trackedFiles();
const sources: Source[] = files.filter(isCode).map((path) => parseSource(path, readText(path)));
const written = files.filter(
  (path) => !/pnpm-lock\.yaml$|^infra\/migrations\/meta\/|^LICENSE$|\.(png|ico|woff2?)$/.test(path),
);

/** Notices of channels become issues under their name in capitals. */
function raises(text: string, code: string): boolean {
  return text.includes(`'${code}'`) || text.includes(`'${code.toLowerCase()}'`);
}

function report(problems: Problem[]): string[] {
  return problems
    .filter(({ path, message }) => !EXCEPTIONS.some((each) => each.path === path && each.message.test(message)))
    .map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

describe('the house', () => {
  test('functions, files and lines fit on a screen', () => {
    expect(report(sources.flatMap(tooLong))).toEqual([]);
  });

  test('nothing calls what the house does without', () => {
    expect(report(sources.flatMap(bannedCode))).toEqual([]);
  });

  test('what is exported has a telling name and a docstring', () => {
    expect(report(sources.flatMap(exportsExplained))).toEqual([]);
  });

  test('imports point the right way and are declared', () => {
    const packages = workspaces();
    expect(report(sources.flatMap((source) => importDirections(source, packages)))).toEqual([]);
  });

  test('a provider is named in its own folder only', () => {
    const names = [...salesConnectors, ...accountingConnectors].flatMap(({ id, label }) => [id, label]);
    expect(names.length, 'the registry is empty').toBeGreaterThan(0);
    const neutral = files.filter(isProviderNeutral);
    expect(report(neutral.flatMap((path) => providerNames(path, readText(path), names)))).toEqual([]);
  });

  test('no notes to self and no traces of one machine are committed', () => {
    expect(report(written.flatMap((path) => bannedText(path, readText(path))))).toEqual([]);
  });

  test('a decision record says what it has to say in 40 lines', () => {
    const decisions = files.filter((path) => path.startsWith('docs/decisions/'));
    const long = decisions.filter((path) => readText(path).trimEnd().split('\n').length > 40);
    expect(long).toEqual([]);
  });

  test('every error code is explained in docs/errors.md, and nothing else is', () => {
    const product = sources.filter(({ path }) => !isTest(path) && !isSimulator(path) && !path.startsWith('infra/'));
    const documented = documentedCodes(readText('docs/errors.md'));
    const undocumented = product.flatMap((source) =>
      raisedCodes(source)
        .filter((code) => !documented.includes(code))
        .map((code) => `${source.path}: ${code}`),
    );
    const forgotten = documented.filter((code) => !product.some(({ text }) => raises(text, code)));
    expect({ undocumented, forgotten }).toEqual({ undocumented: [], forgotten: [] });
  });

  test('documents link to files and name scripts that exist', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const pages = files.filter((path) => path.endsWith('.md'));
    const broken = pages.flatMap((path) => {
      const text = readText(path);
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
      const commands = [...text.matchAll(/`(?:pnpm|npm run) ([a-z][\w:-]*)/g)].map((match) => match[1] ?? '');
      return [
        ...links.filter((link) => !files.includes(posix.join(posix.dirname(path), link))),
        ...commands.filter((command) => !(command in scripts)),
      ].map((what) => `${path}: ${what}`);
    });
    expect(pages).toContain('README.md');
    expect(broken).toEqual([]);
  });

  test('no exception to the rules is left over', () => {
    const all = [...sources.flatMap(tooLong), ...sources.flatMap(bannedCode), ...sources.flatMap(exportsExplained)];
    const unused = EXCEPTIONS.filter(
      (each) => !all.some(({ path, message }) => each.path === path && each.message.test(message)),
    );
    expect(unused).toEqual([]);
  });
});
