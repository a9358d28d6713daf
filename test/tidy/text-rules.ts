import { dotted, isCode, isNode, isTest, type Node, type Problem, type Source, walk, wordsOf } from './source.ts';

/** Text patterns that must not be committed anywhere. Written so that they do not match themselves. */
const BANNED_TEXT: [pattern: RegExp, message: string][] = [
  [/\b(TO[D]O|FIX[M]E|XX[X])\b/, 'finish it, or open an issue: notes to self are not committed'],
  [/(?<![\w.:/])\/(work|root|home|Users)\/\w/, 'a path of one machine'],
  [/\.librar[y]\b|tarball: htt[p]|registry\s*=\s*http/, 'a package source of one machine'],
];

/** Leftover notes, and traces of the machine a file was written on. */
export function bannedText(path: string, text: string): Problem[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      BANNED_TEXT.filter(([pattern]) => pattern.test(line)).map(([, message]) => ({ path, line: index + 1, message })),
    );
}

/** Product files that must work the same whoever the provider is. */
export function isProviderNeutral(path: string): boolean {
  const product =
    /^(services|workers|shared|connectors\/kit|infra\/scripts)\//.test(path) && (isCode(path) || path.endsWith('.sql'));
  // The default charts name the clearing account of each processor: accounting.md B fixes those roles.
  return product && !isTest(path) && !/^shared\/domain\/src\/charts/.test(path);
}

/** Names of providers outside their own folder: knowledge of one of them belongs in its connector. */
export function providerNames(path: string, text: string, names: readonly string[]): Problem[] {
  const phrases = names.map((name) => ` ${wordsOf(name).join(' ')} `);
  return text.split('\n').flatMap((line, index) => {
    const words = ` ${wordsOf(line).join(' ')} `;
    const phrase = phrases.find((each) => words.includes(each));
    return phrase === undefined
      ? []
      : [{ path, line: index + 1, message: `names${phrase}outside its folder under connectors/` }];
  });
}

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^RECONNECT$/;

/** Names in this form that are not error codes: variables of the environment and files. */
const NO_CODES = /^(DAYBOOK|DATABASE|REDIS|PG)_/;
const COMPARES = /\.(includes|has|some|startsWith|endsWith|join)$/;

/**
 * Error codes a file can raise: `code: 'X'`, members of a type called …ErrorCode, and what is handed to a call or
 * stands as a default, as in `refused('TAX_REFUSED', …)`. Codes that are only compared with are not raised.
 */
export function raisedCodes(source: Source): string[] {
  const found: string[] = [];
  const take = (node: unknown) => {
    if (isNode(node) && typeof node.value === 'string' && CODE.test(node.value) && !NO_CODES.test(node.value)) {
      found.push(node.value);
    }
    if (isNode(node) && node.type === 'ConditionalExpression') {
      take(node.consequent);
      take(node.alternate);
    }
  };
  walk(source.program, (node) => {
    if (node.type === 'Property' && dotted(node.key) === 'code') take(node.value);
    const isCall = node.type === 'NewExpression' || node.type === 'CallExpression';
    if (isCall && !COMPARES.test(dotted(node.callee) ?? '')) (node.arguments as Node[]).forEach(take);
    if (node.type === 'AssignmentPattern') take(node.right);
    if (node.type === 'TSTypeAliasDeclaration' && /ErrorCode$/.test(dotted(node.id) ?? '')) {
      walk(node, (each) => each.type === 'TSLiteralType' && take(each.literal));
    }
  });
  return found;
}

/** Codes that docs/errors.md explains: the first column of its tables. */
export function documentedCodes(markdown: string): string[] {
  return [...markdown.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map((match) => match[1] ?? '');
}
