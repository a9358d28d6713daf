import {
  dotted,
  exportedDeclarations,
  isNode,
  isSimulator,
  isTest,
  lineOf,
  type Node,
  type Problem,
  problem,
  type Source,
  walk,
  wordsOf,
} from './source.ts';

const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 400;
const MAX_COLUMNS = 120;
/** Words that say nothing about what a thing is (exemplars, theme 3). */
const EMPTY_WORDS = ['manager', 'helper', 'helpers', 'util', 'utils', 'data', 'info', 'transaction'];

/** Functions, files and lines that no longer fit in a head or on a screen. */
export function tooLong(source: Source): Problem[] {
  const found: Problem[] = [];
  const lines = source.text.trimEnd().split('\n');
  if (lines.length > MAX_FILE_LINES)
    found.push(problem(source, 0, `${lines.length} lines; a file has at most ${MAX_FILE_LINES}`));
  const inText = linesInsideText(source);
  lines.forEach((line, index) => {
    // What cannot be broken does not count: the contents of strings, addresses, patterns.
    const counted = line.replace(/(['"`]).*\1/, '').replace(/https?:\/\/\S+|\/.+\/[dgimsuvy]*/, '');
    if (counted.length > MAX_COLUMNS && !inText.has(index + 1))
      found.push({ path: source.path, line: index + 1, message: `${line.length} columns; at most ${MAX_COLUMNS}` });
  });
  walk(source.program, (node, parent) => {
    if (!isFunction(node) || isGroupOfTests(parent)) return;
    const length = lineOf(source, node.end) - lineOf(source, node.start) + 1;
    if (length > MAX_FUNCTION_LINES)
      found.push(problem(source, node, `function of ${length} lines; at most ${MAX_FUNCTION_LINES}`));
  });
  return found;
}

/** Lines of texts that span several, such as SQL, where a break would be part of the text. */
function linesInsideText(source: Source): Set<number> {
  const found = new Set<number>();
  walk(source.program, (node) => {
    if (node.type !== 'TemplateLiteral') return;
    const [first, last] = [lineOf(source, node.start), lineOf(source, node.end)];
    if (last > first) for (let line = first; line <= last; line += 1) found.add(line);
  });
  return found;
}

function isFunction(node: Node): boolean {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type);
}

/** The function handed to `describe(…)`, `describe.each(…)(…)` or `describe.skipIf(…)(…)`. */
function isGroupOfTests(parent: Node | null): boolean {
  if (parent?.type !== 'CallExpression' || !isNode(parent.callee)) return false;
  const callee = parent.callee.type === 'CallExpression' ? parent.callee.callee : parent.callee;
  return /^(describe|suite)\b/.test(dotted(callee) ?? '');
}

/** Calls and casts the house does without; each message says what to do instead. */
export function bannedCode(source: Source): Problem[] {
  const found: Problem[] = [];
  walk(source.program, (node) => {
    const message = bannedAt(source.path, node);
    if (message !== undefined) found.push(problem(source, node, message));
  });
  for (const comment of source.comments) {
    if (/@ts-(ignore|nocheck)/.test(comment.value))
      found.push(problem(source, comment.start, 'types are mended, not silenced'));
  }
  return found;
}

function bannedAt(path: string, node: Node): string | undefined {
  if (node.type === 'TSAsExpression' && isNode(node.typeAnnotation) && node.typeAnnotation.type === 'TSAnyKeyword') {
    return '`as any`: say what it is, or parse it with zod';
  }
  if (node.type === 'MemberExpression') return bannedMember(path, dotted(node) ?? '');
  if (node.type === 'CallExpression' || node.type === 'NewExpression') return bannedCall(path, node);
  return undefined;
}

function bannedMember(path: string, name: string): string | undefined {
  if (name === 'process.env' && path !== 'services/cli/src/main.ts' && !/^(test|infra)\//.test(path)) {
    return 'process.env is read in services/cli/src/main.ts only; take what you need as a parameter';
  }
  if (/^console\./.test(name)) return 'console: log through the logger, or write to process.stdout in the CLI';
  if (/^(test|it|describe|suite)\.(?:\w+\.)*(only|skip|todo|fails)$/.test(name))
    return 'every test runs; skipIf with a notice is allowed';
  if (/^vi\.(mock|doMock|hoisted)$/.test(name)) return 'our own modules are never mocked; inject what varies';
  return undefined;
}

function bannedCall(path: string, node: Node): string | undefined {
  const name = dotted(node.callee) ?? '';
  const carriesMoney = /^(connectors\/|shared\/domain\/|shared\/ledger\/)/.test(path) && !isTest(path);
  const method =
    isNode(node.callee) && node.callee.type === 'MemberExpression' ? dotted(node.callee.property) : undefined;
  if (carriesMoney && (/^(Number|Number\.parseFloat|parseFloat)$/.test(name) || method === 'toFixed')) {
    return 'money, rates and quantities stay decimal strings and bigint: no floating point here';
  }
  const isConnector = /^connectors\/(sales|accounting)\//.test(path) && !isTest(path) && !isSimulator(path);
  if (isConnector && /^(globalThis\.)?fetch$/.test(name))
    return 'a connector calls through the http client it is handed';
  return undefined;
}

/** Exported names that do not say what the thing is, and exported functions that do not say what they do. */
export function exportsExplained(source: Source): Problem[] {
  if (isTest(source.path)) return [];
  // Inside a connector it is the provider's own word for an object of theirs.
  const theirWords = /^connectors\/(sales|accounting)\//.test(source.path);
  return exportedDeclarations(source).flatMap(({ name, declaration, statement }) => {
    const found: Problem[] = [];
    const empty = wordsOf(name).find((word) => EMPTY_WORDS.includes(word) && !(theirWords && word === 'transaction'));
    if (empty !== undefined)
      found.push(problem(source, statement, `"${name}": "${empty}" says nothing; use the word of the trade`));
    const isCallable = isFunction(declaration) || (isNode(declaration.init) && isFunction(declaration.init));
    if (isCallable && !hasDocstring(source, statement))
      found.push(problem(source, statement, `exported function "${name}" has no docstring`));
    return found;
  });
}

function hasDocstring(source: Source, statement: Node): boolean {
  return source.comments.some(
    (comment) =>
      comment.type === 'Block' &&
      comment.value.startsWith('*') &&
      comment.end <= statement.start &&
      source.text.slice(comment.end, statement.start).trim() === '',
  );
}
