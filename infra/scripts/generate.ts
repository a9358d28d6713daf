import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFiles } from './generate-config-docs.ts';
import { postingFiles } from './generate-posting-docs.ts';
import { registryFiles } from './generate-registry.ts';

/** Every file that is written by a program, by path from the root, as it should be now. */
export function generatedFiles(root: string): Map<string, string> {
  return new Map([...registryFiles(root), ...configFiles(), ...postingFiles()]);
}

/** Paths whose content on disk is not what the generators would write. */
export function staleFiles(root: string): string[] {
  return [...generatedFiles(root)]
    .filter(([path, text]) => text !== readOrEmpty(join(root, path)))
    .map(([path]) => path);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function main(): void {
  const root = join(import.meta.dirname, '../..');
  const stale = staleFiles(root);
  if (process.argv.includes('--check')) {
    for (const path of stale) process.stderr.write(`${path} is out of date: run \`pnpm generate\` and commit it.\n`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  const files = generatedFiles(root);
  for (const path of stale) {
    writeFileSync(join(root, path), files.get(path) ?? '');
    process.stdout.write(`wrote ${path}\n`);
  }
}

if (import.meta.main) main();
