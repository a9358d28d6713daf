import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExportRequest, type ExportRun, exportedBytes, makeExport } from '../src/exports/runs.ts';
import { type Ledger, NOW } from './fixtures.ts';

/** Makes an export and reads its files back. */
export async function exported(ledger: Ledger, company: string, request: ExportRequest) {
  const { run, isNew } = await makeExport(ledger.sql, company, request, { now: NOW, by: 'test' });
  return { run, isNew, files: await filesOf(ledger, company, run) };
}

/** The bytes of every file of a run. */
export async function filesOf(ledger: Ledger, company: string, run: ExportRun): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const { name } of run.files) {
    const parts: Buffer[] = [];
    for await (const part of exportedBytes(ledger.sql, company, run, name)) parts.push(part);
    files.set(name, Buffer.concat(parts));
  }
  return files;
}

/** Whether a program is there; says so when it is not. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    process.stdout.write(`skipped: ${program} is not installed\n`);
    return false;
  }
}

/** Writes a file that programs can read, and answers its path. */
export function onDisk(name: string, bytes: Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'daybook-export-')), name);
  writeFileSync(path, bytes);
  return path;
}

/** What a program prints. */
export function printed(program: string, args: readonly string[]): string {
  try {
    return execFileSync('env', ['LC_ALL=C.UTF-8', program, ...args], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

/** Rows of CSV, quoted or not. */
export function csvRows(text: string): string[][] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((row) =>
      [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
      ),
    );
}
