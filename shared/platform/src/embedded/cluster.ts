import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreatePrivate } from '../private-file.ts';
import { type Binaries, EmbeddedPostgresError, type RunAs } from './binaries.ts';
import { isAlive } from './postmaster.ts';

/** Everything of the embedded database that lies in the data folder. */
export interface ClusterPaths {
  dataDir: string;
  /** PostgreSQL's own data directory. */
  cluster: string;
  /** What the server writes while it runs; the place to look when it does not start. */
  log: string;
  port: string;
  password: string;
}

/** Where each of these files lies below the data folder. */
export function clusterPaths(dataDir: string): ClusterPaths {
  return {
    dataDir,
    cluster: join(dataDir, 'postgres'),
    log: join(dataDir, 'postgres.log'),
    port: join(dataDir, 'postgres.port'),
    password: join(dataDir, 'postgres.password'),
  };
}

/** True once the cluster was completely made: it only gets its name by the rename at the end. */
export async function clusterExists(paths: ClusterPaths): Promise<boolean> {
  return exists(join(paths.cluster, 'PG_VERSION'));
}

/**
 * Makes the cluster in a folder of its own and renames it into place, so that a crash half-way leaves nothing that
 * looks like a database. Two at once are harmless: the second rename fails and its folder is thrown away.
 */
export async function initCluster(paths: ClusterPaths, binaries: Binaries, runAs: RunAs): Promise<void> {
  await removeHalfMade(paths);
  const draft = join(paths.dataDir, `postgres.init-${process.pid}-${randomBytes(4).toString('hex')}`);
  const password = await readOrCreatePrivate(paths.password, () => randomBytes(24).toString('base64url'));
  await mkdir(draft, { mode: 0o700 });
  const passwordFile = join(draft, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runAs.uid !== undefined && runAs.gid !== undefined) {
    await chown(draft, runAs.uid, runAs.gid);
    await chown(passwordFile, runAs.uid, runAs.gid);
  }
  try {
    await runInitdb(binaries, join(draft, 'cluster'), passwordFile, runAs);
    await rename(join(draft, 'cluster'), paths.cluster);
    await syncFolder(paths.dataDir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Folders of inits that a crash cut off: their process is gone, or they are older than any init takes. */
async function removeHalfMade(paths: ClusterPaths): Promise<void> {
  const tenMinutesAgo = Date.now() - 600_000;
  for (const name of await readdir(paths.dataDir)) {
    const pid = /^postgres\.init-(\d+)-\w+$/.exec(name)?.[1];
    if (pid === undefined) continue;
    const folder = join(paths.dataDir, name);
    const { mtimeMs } = await stat(folder);
    if (!isAlive(Number(pid)) || mtimeMs < tenMinutesAgo) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * UTF-8 with the builtin provider, whatever LANG the machine has: text compares by code point, the same everywhere, and
 * an upgrade of the system's C library never invalidates an index.
 */
async function runInitdb(binaries: Binaries, folder: string, passwordFile: string, runAs: RunAs): Promise<void> {
  const flags = [
    `--pgdata=${folder}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  const output: string[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(binaries.initdb, flags, {
      ...runAs,
      cwd: '/',
      env: { LC_ALL: 'C' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk) => output.push(String(chunk)));
    child.stderr.on('data', (chunk) => output.push(String(chunk)));
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new EmbeddedPostgresError(explainOutput('The embedded PostgreSQL could not be set up', output.join('')));
  }
}

/** Puts the advice for a known cause behind the server's own words. */
export function explainOutput(what: string, output: string): string {
  const advice = /No space left on device/.test(output)
    ? ' The disk is full: make room, nothing was lost, then start again.'
    : /Permission denied/.test(output)
      ? ' Check that the data folder and everything in it belongs to the user PostgreSQL runs as.'
      : /error while loading shared libraries/.test(output)
        ? ' Libraries are not linked: install again without --ignore-scripts.'
        : '';
  const said = output.trim().split('\n').slice(-8).join('\n');
  return `${what}.${advice}\n${said}`;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
