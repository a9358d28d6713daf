import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** The lines of `postmaster.pid` that we need (PostgreSQL source: src/include/utils/pidfile.h). */
export interface PidFile {
  pid: number;
  port: number;
  status: 'starting' | 'stopping' | 'ready' | 'standby' | '';
}

/** Reads `postmaster.pid`; null when there is none or it is not complete yet. */
export async function readPidFile(cluster: string): Promise<PidFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() as PidFile['status'] };
}

/** True when a process with this id runs, whoever owns it. A zombie that nobody has collected yet does not run. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    // The state follows the name, which stands in parentheses and may contain anything.
    return !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Asks the server on the port whether it is the one that serves this very folder; our password must fit, too. That is
 * the proof that a process id in an old file was not taken over by another program.
 */
export async function serves(url: string, cluster: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return (await realpath(rows[0]?.data_directory ?? '')) === (await realpath(cluster));
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Processes that work in this folder: the postmaster and its backends have it as their current directory. Null where
 * the system does not tell (`lsof` missing).
 */
export async function processesIn(cluster: string): Promise<number[] | null> {
  const folder = await realpath(cluster);
  return process.platform === 'linux' ? fromProc(folder) : fromLsof(folder);
}

async function fromProc(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (cwd === folder) found.push(Number(name));
  }
  return found;
}

async function fromLsof(folder: string): Promise<number[] | null> {
  const run = promisify(execFile);
  try {
    const { stdout } = await run('lsof', ['-a', '-d', 'cwd', '-t', folder]);
    return stdout.split('\n').filter(Boolean).map(Number);
  } catch (error) {
    // lsof ends with 1 when it finds nothing.
    return (error as { code?: unknown }).code === 1 ? [] : null;
  }
}
