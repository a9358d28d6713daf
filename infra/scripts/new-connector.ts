import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { registryFiles } from './generate-registry.ts';

const TEMPLATES = join(import.meta.dirname, 'templates');

/**
 * Writes `connectors/<kind>/<id>/` under a root from the templates and adds it to the registry. Answers the paths
 * written, relative to the root. Throws an Error for people when kind or id will not do or the folder is there already.
 */
export function newConnector(root: string, kind: string, id: string, label = titleOf(id)): string[] {
  if (kind !== 'sales' && kind !== 'accounting') {
    throw new Error(`"${kind}" is no kind of connector: it is sales (a channel) or accounting (books).`);
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new Error(
      `"${id}" cannot be an id: lower-case letters, digits and single dashes, a letter first, as in odd-shop.`,
    );
  }
  const folder = `connectors/${kind}/${id}`;
  if (existsSync(join(root, folder))) throw new Error(`${folder} is there already.`);
  mkdirSync(join(root, folder, 'fixtures'), { recursive: true });
  const written = readdirSync(join(TEMPLATES, kind)).filter((name) => name.endsWith('.template'));
  const files = new Map(
    written.map((name) => [
      `${folder}/${fileName(name, id)}`,
      filled(readFileSync(join(TEMPLATES, kind, name), 'utf8'), id, label),
    ]),
  );
  write(root, files);
  write(root, registryFiles(root));
  return [...files.keys()].sort();
}

function fileName(template: string, id: string): string {
  return template === 'test.template' ? `${id}.test.ts` : template.replace(/\.template$/, '');
}

function filled(template: string, id: string, label: string): string {
  return template.replaceAll('{{id}}', id).replaceAll('{{label}}', label);
}

function titleOf(id: string): string {
  return id.replace(/(^|-)(.)/g, (_match, dash: string, letter: string) => `${dash && ' '}${letter.toUpperCase()}`);
}

function write(root: string, files: Map<string, string>): void {
  for (const [path, text] of files) writeFileSync(join(root, path), text);
}

function main([kind = '', id = '', label]: string[]): void {
  try {
    const root = join(import.meta.dirname, '../..');
    const written = newConnector(root, kind, id, label);
    // A long label can make a line break elsewhere than in the template.
    spawnSync(join(root, 'node_modules/.bin/biome'), ['check', '--write', ...written], { cwd: root });
    process.stdout.write(
      `${written.map((path) => `wrote ${path}\n`).join('')}\nNow: fixtures/ and README.md first, then payload and translation, then ` +
        `the simulator.\nnpm test -- conformance -t ${kind}/${id}   says what is still missing (docs/adding-a-connector.md).\n`,
    );
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nUsage: pnpm new-connector sales|accounting <id> ["Label"]\n`);
    process.exitCode = 2;
  }
}

if (import.meta.main) main(process.argv.slice(2));
