import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comment, parseSync } from 'oxc-parser';

export const ROOT = join(import.meta.dirname, '../..');

/** A node of the syntax tree, as far as the rules look at it (ESTree). */
export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** One parsed file of ours. `path` is relative to the root, with `/`. */
export interface Source {
  path: string;
  text: string;
  program: Node;
  comments: Comment[];
}

/** Something a house rule objects to, ready to click on. */
export interface Problem {
  path: string;
  line: number;
  message: string;
}

/** Every file git knows or would add, as paths relative to the root. */
export function trackedFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  const paths = list.toString().split('\0');
  return [...new Set(paths)].filter((path) => path !== '' && existsSync(join(ROOT, path))).sort();
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export const isCode = (path: string) => /\.(ts|tsx|mts|mjs|js)$/.test(path);

/** Files that only tests and development run; rules about the product leave them alone. */
export const isTest = (path: string) =>
  /(^|\/)test(\/|-)|\.test\.tsx?$/.test(path) || /^connectors\/kit\/conformance/.test(path);

/** Files that play a provider: part of a connector's folder, but not of the product. */
export const isSimulator = (path: string) => /^connectors\/(sales|accounting)\/[^/]+\/simulator/.test(path);

/** Parses a file; text that is not valid TypeScript throws, naming the file. */
export function parseSource(path: string, text: string): Source {
  const result = parseSync(path, text);
  const broken = result.errors[0];
  if (broken) throw new Error(`${path}: ${broken.message}`);
  return { path, text, program: result.program as unknown as Node, comments: result.comments };
}

export function lineOf(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length;
}

export function problem(source: Source, at: Node | number, message: string): Problem {
  return { path: source.path, line: lineOf(source, typeof at === 'number' ? at : at.start), message };
}

/** Visits every node below, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node | null) => void, parent: Node | null = null): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node);
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** `a.b.c` of a chain of plain names, or undefined for anything else. */
export function dotted(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression' || node.computed === true) return undefined;
  const object = dotted(node.object);
  return object === undefined ? undefined : `${object}.${dotted(node.property)}`;
}

/** Declarations a file exports by name, with the statement that exports each. */
export function exportedDeclarations(source: Source): { name: string; declaration: Node; statement: Node }[] {
  return (source.program.body as Node[]).flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' && statement.type !== 'ExportDefaultDeclaration') return [];
    if (!isNode(statement.declaration)) return [];
    const declaration = statement.declaration;
    const parts = declaration.type === 'VariableDeclaration' ? (declaration.declarations as Node[]) : [declaration];
    return parts.map((part) => ({ name: dotted(part.id) ?? 'default', declaration: part, statement }));
  });
}

/** The parts a name is made of, in lower case: `pushHTTPDocument` → push, http, document. */
export function wordsOf(name: string): string[] {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return spaced
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
