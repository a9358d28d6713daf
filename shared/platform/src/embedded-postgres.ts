import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import {
  assertReachable,
  type Binaries,
  EmbeddedPostgresError,
  findBinaries,
  findRunAs,
  type RunAs,
} from './embedded/binaries.ts';
import { type ClusterPaths, clusterExists, clusterPaths, explainOutput, initCluster } from './embedded/cluster.ts';
import { isAlive, type PidFile, processesIn, readPidFile, serves } from './embedded/postmaster.ts';
import { HUB_LOCK_KEY } from './hub-lock-key.ts';
import type { Log } from './logger.ts';

export { EmbeddedPostgresError } from './embedded/binaries.ts';

export interface EmbeddedPostgres {
  /** Connection URL of the database `daybook`, only reachable on 127.0.0.1. */
  url: string;
  /** True when the server was already running, left over by a hub that was killed or started by another command. */
  adopted: boolean;
  /**
   * Fast shutdown; close queues, workers and pools first, open connections are cut. Leaves the server alone while
   * another hub holds the hub lock: then it is theirs.
   */
  stop(): Promise<void>;
}

interface Cluster {
  paths: ClusterPaths;
  binaries: Binaries;
  runAs: RunAs;
  log: Log;
}

/** Crash recovery of a big write-ahead log takes its time; a server that neither dies nor answers for so long is stuck. */
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

/**
 * Small enough that an idle hub and its database stay below 250 MiB, safe above all: fsync, full_page_writes and
 * synchronous_commit keep their defaults (on). No worker processes for asynchronous reads, no JIT.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '80',
  shared_buffers: '64MB',
  huge_pages: 'off',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_worker_processes: '2',
  max_parallel_workers: '2',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
};

/**
 * Starts the database that Daybook brings along, in `<dataDir>/postgres`, or adopts it when it is still running.
 *
 * The server is its own process group with its log in a file: a Ctrl-C in the terminal, or the death of the hub, does
 * not touch it, so the hub can close its queues first, and the next hub finds it. When the server dies under a running
 * hub, it is started again on the same port.
 *
 * Throws EmbeddedPostgresError with what to do when it cannot run here.
 */
export async function startEmbedded(options: { dataDir: string; log: Log }): Promise<EmbeddedPostgres> {
  const paths = clusterPaths(resolve(options.dataDir));
  const cluster: Cluster = { paths, log: options.log, binaries: await findBinaries(), runAs: await findRunAs() };
  await mkdir(paths.dataDir, { recursive: true, mode: 0o711 });
  await assertReachable(cluster.binaries.postgres, 'its programs', cluster.runAs);
  await openDataFolder(cluster);
  if (!(await clusterExists(paths))) {
    options.log.info({ folder: paths.cluster }, 'Setting up the embedded PostgreSQL');
    await initCluster(paths, cluster.binaries, cluster.runAs);
  }
  const { pid, url, adopted } = await ensureRunning(cluster);
  await createDatabase(url);
  options.log.info({ pid, adopted }, 'The embedded PostgreSQL is ready');
  const watch = watchPostmaster(cluster, pid);
  return {
    url,
    adopted,
    async stop() {
      await watch.end();
      await stopPostmaster(cluster, url);
    },
  };
}

/** The server of this data folder, when it is running and answers; starts nothing. */
export async function findRunning(dataDir: string): Promise<{ url: string; pid: number } | null> {
  const paths = clusterPaths(resolve(dataDir));
  const file = await readPidFile(paths.cluster);
  if (!file || !isAlive(file.pid)) return null;
  const url = await urlFor(paths, file.port);
  return (await serves(url.server, paths.cluster)) ? { url: url.daybook, pid: file.pid } : null;
}

async function openDataFolder({ paths, runAs }: Cluster): Promise<void> {
  // The folder itself is ours to open, its secrets are files of mode 600. A closed parent is its owner's decision.
  if (runAs.uid !== undefined) await chmod(paths.dataDir, 0o711);
  await assertReachable(paths.cluster, 'its data', runAs);
}

/** Adopts the running server or starts one; repeats while leftovers of a killed server are still going away. */
async function ensureRunning(cluster: Cluster): Promise<{ pid: number; url: string; adopted: boolean }> {
  const { paths, log } = cluster;
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const file = await readPidFile(paths.cluster);
    if (file && isAlive(file.pid)) {
      const url = await urlFor(paths, file.port);
      if (await serves(url.server, paths.cluster)) return { pid: file.pid, url: url.daybook, adopted: true };
      await dropForeignPidFile(cluster);
    } else {
      const outcome = await startPostmaster(cluster);
      if ('pid' in outcome) return { ...outcome, adopted: false };
      if (!outcome.passing) throw new EmbeddedPostgresError(explainOutput(NO_START, outcome.output));
      log.warn({ said: outcome.output.trim().slice(-400) }, 'The embedded PostgreSQL did not start yet; trying again');
    }
    if (Date.now() > deadline) throw new EmbeddedPostgresError(await explainStuck(paths, file));
    await pause(100);
  }
}

const NO_START = 'The embedded PostgreSQL did not start';

async function explainStuck(paths: ClusterPaths, file: PidFile | null): Promise<string> {
  const tail = (await readFile(paths.log, 'utf8').catch(() => '')).slice(-2_000);
  const who = file ? ` Process ${file.pid} in ${paths.cluster}/postmaster.pid is alive but does not answer.` : '';
  return explainOutput(`${NO_START} within ${START_LIMIT_MS / 1000} s.${who} Its log is ${paths.log}`, tail);
}

/**
 * The id in a leftover pid file can belong to another program by now (after a reboot, in a container), and a power cut
 * can leave the file empty. PostgreSQL would refuse to start for ever. Only where the system can prove that nobody
 * works in the folder, the file may go.
 */
async function dropForeignPidFile({ paths }: Cluster): Promise<void> {
  const working = await processesIn(paths.cluster);
  if (working?.length === 0) await rm(join(paths.cluster, 'postmaster.pid'), { force: true });
}

type StartOutcome = { pid: number; url: string } | { passing: boolean; output: string };

async function startPostmaster(cluster: Cluster): Promise<StartOutcome> {
  const { paths, runAs, binaries } = cluster;
  const port = await rememberedPort(paths);
  const log = await openServerLog(paths);
  const before = (await log.stat()).size;
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', paths.cluster, '-p', String(port), ...settings], {
    ...runAs,
    cwd: paths.cluster,
    env: { LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  let ended = false;
  const failed = new Promise<void>((settle) => {
    child.once('exit', () => settle());
    child.once('error', () => settle());
  }).then(() => {
    ended = true;
  });
  await log.close();
  const url = await urlFor(paths, port);
  const deadline = Date.now() + START_LIMIT_MS;
  while (!ended && Date.now() < deadline) {
    const file = await readPidFile(paths.cluster);
    if (file?.pid === child.pid && file?.status === 'ready' && (await serves(url.server, paths.cluster))) {
      return { pid: child.pid as number, url: url.daybook };
    }
    await Promise.race([failed, pause(20)]);
  }
  const output = (await readFile(paths.log, 'utf8')).slice(before);
  if (/could not bind .*address/i.test(output)) {
    await rememberPort(paths, await freePort());
    return { passing: true, output };
  }
  const locked = /lock file .* (already exists|is empty)/.test(output);
  if (locked) await dropForeignPidFile(cluster);
  return { passing: locked || /pre-existing shared memory block/.test(output), output };
}

/** Keeps the server's log from growing for ever: one old part of at most some 10 MiB is kept. */
async function openServerLog(paths: ClusterPaths) {
  const size = await stat(paths.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 10 * 1024 * 1024) await rename(paths.log, `${paths.log}.1`);
  return open(paths.log, 'a', 0o600);
}

async function urlFor(paths: ClusterPaths, port: number): Promise<{ server: string; daybook: string }> {
  const password = await readFile(paths.password, 'utf8').catch((cause) => {
    throw new EmbeddedPostgresError(
      `The password of the embedded PostgreSQL (${paths.password}) cannot be read. Put the file back from your backup; ` +
        `without it the data in ${paths.cluster} stays closed.`,
      { cause },
    );
  });
  const server = `postgres://postgres:${password.trim()}@127.0.0.1:${port}`;
  return { server: `${server}/postgres`, daybook: `${server}/daybook` };
}

/** The port is chosen once and kept, so that other tools can be pointed at it. */
async function rememberedPort(paths: ClusterPaths): Promise<number> {
  const text = await readFile(paths.port, 'utf8').catch(() => '');
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  const chosen = await freePort();
  await rememberPort(paths, chosen);
  return chosen;
}

async function rememberPort(paths: ClusterPaths, port: number): Promise<void> {
  await writeFile(`${paths.port}.new`, `${port}\n`);
  await rename(`${paths.port}.new`, paths.port);
}

function freePort(): Promise<number> {
  return new Promise((settle, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? settle(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function withServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  return work(client).finally(() => client.end().catch(() => {}));
}

async function createDatabase(url: string): Promise<void> {
  const server = url.replace(/daybook$/, 'postgres');
  await withServer(server, async (client) => {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'daybook'");
    if (rowCount) return;
    await client.query('CREATE DATABASE daybook').catch((error: { code?: string }) => {
      // 42P04, 23505: another process created it in the same moment.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  });
}

/** Looks once a second whether the server still lives and starts it again when it does not. */
function watchPostmaster(cluster: Cluster, firstPid: number): { end(): Promise<void> } {
  let pid = firstPid;
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    if (isAlive(pid) && (await readPidFile(cluster.paths.cluster))?.pid === pid) return;
    cluster.log.error({ pid }, 'The embedded PostgreSQL is gone; starting it again');
    const again = await ensureRunning(cluster);
    pid = again.pid;
    cluster.log.info({ pid }, 'The embedded PostgreSQL is back');
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look()
      .catch((error) => cluster.log.error({ err: error }, 'The embedded PostgreSQL could not be started again'))
      .finally(() => {
        busy = false;
      });
  }, 1_000);
  timer.unref();
  return {
    async end() {
      clearInterval(timer);
      await looking;
    },
  };
}

async function stopPostmaster(cluster: Cluster, url: string): Promise<void> {
  const file = await readPidFile(cluster.paths.cluster);
  if (!file || !isAlive(file.pid)) return;
  if (await anotherHubHolds(url)) {
    cluster.log.info({ pid: file.pid }, 'Another hub works with the embedded PostgreSQL; leaving it running');
    return;
  }
  process.kill(file.pid, 'SIGINT');
  if (await isGone(cluster, file.pid, STOP_LIMIT_MS)) return;
  cluster.log.warn({ pid: file.pid }, 'The embedded PostgreSQL did not end in time; it will recover at its next start');
  process.kill(file.pid, 'SIGQUIT');
  await isGone(cluster, file.pid, 5_000);
}

/** The pid file vanishes as the last act of the server; the process itself may linger as a zombie in a container. */
async function isGone(cluster: Cluster, pid: number, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if ((await readPidFile(cluster.paths.cluster))?.pid !== pid || !isAlive(pid)) return true;
    await pause(20);
  }
  return false;
}

async function anotherHubHolds(url: string): Promise<boolean> {
  const query = `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2`;
  return withServer(url, async (client) => Boolean((await client.query(query, [...HUB_LOCK_KEY])).rowCount)).catch(
    () => false,
  );
}
