import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '@daybook/platform/config';
import { openDatabase } from '@daybook/platform/db';
import { startEmbedded } from '@daybook/platform/embedded-postgres';
import { acquireHubLock } from '@daybook/platform/hub-lock';
import { createLogger, type Log } from '@daybook/platform/logger';
import { migrate } from '@daybook/platform/migrate';
import { openQueues } from '@daybook/platform/queue';
import { ensureKeyFile, openSealer } from '@daybook/platform/secrets';
import { createShutdown, type Shutdown } from '@daybook/platform/shutdown';
import { runWorkers } from '@daybook/workers/run-workers';
import { ensureApiKey } from './api-key.ts';
import type { Parts } from './commands/start.ts';
import { assembleHub, type Hub, listen } from './hub.ts';
import { moneyProofs } from './sandbox/proof.ts';
import { openSandbox, type Sandbox, type SandboxOptions } from './sandbox/sandbox.ts';
import { liveSummary } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** Demo shops do in a minute what others do in a day: fees and payouts are looked for as often. */
const SANDBOX_POLL_MS = 15_000;

interface Run {
  config: Config;
  parts: Parts;
  sandbox: SandboxOptions | null;
  terminal: Terminal;
}

interface Running extends Run {
  stopped: Stopped;
}

/** Milliseconds everything has to close after Ctrl-C. */
const SHUTDOWN_LIMIT_MS = 45_000;

/**
 * Runs the hub until a signal. What was opened last is closed first: the shops stop trading, intake stops, workers
 * finish what they hold, then queues, pools and at the very end the database.
 */
export async function runHub(run: Run): Promise<void> {
  const { log, path } = await openLog(run.config);
  const shutdown = createShutdown({ log, limitMs: SHUTDOWN_LIMIT_MS });
  const stopped = onSignal(run.terminal);
  try {
    await startEverything({ ...run, stopped }, shutdown, log, path);
    await stopped.signal;
  } finally {
    run.terminal.out('\nStopping: finishing what is under way …\n');
    const { failed, unfinished } = await shutdown.run('stop');
    const trouble = [...failed, ...unfinished];
    run.terminal.out(
      trouble.length === 0
        ? 'Stopped cleanly. `npm start` goes on from here.\n'
        : `Stopped; not closed in time: ${trouble.join(', ')}. Nothing is lost.\n`,
    );
  }
}

async function startEverything(run: Running, shutdown: Shutdown, log: Log, logPath: string): Promise<void> {
  const { config, parts, terminal, stopped } = run;
  const say = progress(terminal);
  const database = await openHubDatabase(run, shutdown, log, say);
  const queues = await openQueues({
    databaseUrl: database.url,
    redisUrl: config.redisUrl,
    prefix: config.queuePrefix,
    log,
  });
  shutdown.add('queues', () => queues.close());
  const sandbox = run.sandbox === null ? null : await openSandbox(run.sandbox, config);
  if (sandbox) shutdown.add('simulators', () => sandbox.close());
  let url = `http://${config.host}:${config.port}`;
  const apiKey = sandbox ? null : (config.apiKey ?? (await ensureApiKey(config.dataDir)));
  const hub = assembleHub({
    config,
    database: database.pool,
    queues,
    log,
    apiKey,
    sealer: openSealer(config.encryptionKeys ?? (await ensureKeyFile(config.dataDir))),
    apps: { ...config.apps, ...sandbox?.apps },
    hosts: { ...config.hosts, ...sandbox?.hosts },
    publicUrl: () => config.publicUrl ?? url,
    ...(sandbox && { proofs: () => moneyProofs(database.pool.sql, sandbox.pairings) }),
  });
  if (parts.workers.length > 0) {
    const workers = await runWorkers(hub.deps, parts.workers, hub.observe, {
      pollMs: sandbox ? SANDBOX_POLL_MS : config.pollSeconds * 1_000,
    });
    shutdown.add('workers', () => workers.close());
  }
  if (parts.ingest || parts.api) {
    const server = await listen(hub, parts, config);
    url = server.url;
    shutdown.add('http', () => server.close());
  }
  await database.lock.update({ url });
  say(`Daybook is running at ${pageUrl(url, apiKey)}  (log: ${logPath})`);
  if (sandbox) await trade(sandbox, { hub, url, shutdown, say, terminal, stopped });
}

/** With a key the link carries it once; the page turns it into a cookie. */
function pageUrl(url: string, apiKey: string | null): string {
  return apiKey === null ? `${url}/` : `${url}/?key=${apiKey}`;
}

interface Trading {
  hub: Hub;
  url: string;
  shutdown: Shutdown;
  say(line: string): void;
  terminal: Terminal;
  stopped: Stopped;
}

async function trade(sandbox: Sandbox, { hub, url, shutdown, say, terminal, stopped }: Trading): Promise<void> {
  await sandbox.connect(hub, url, say);
  if (stopped.yes()) return;
  const trading = sandbox.trade(hub, terminal);
  shutdown.add('trading', () => trading.stop());
  const summary = liveSummary({ sql: hub.deps.sql, sandbox, terminal, url });
  shutdown.add('summary', () => summary.stop());
}

async function openHubDatabase(run: Running, shutdown: Shutdown, log: Log, say: (line: string) => void) {
  const { config } = run;
  const url = config.databaseUrl ?? (await startOwnDatabase(config, shutdown, log, say));
  const lock = await acquireHubLock(
    url,
    { pid: process.pid, startedAt: new Date().toISOString(), url: '' },
    { dataDir: config.dataDir, log, onLost: run.stopped.stop },
  );
  shutdown.add('lock', () => lock.release());
  const { applied } = await migrate(url);
  if (applied > 0) say(`Prepared the database (${applied} migrations).`);
  const pool = openDatabase(url, { max: 16, name: 'daybook-hub' });
  shutdown.add('database', () => pool.close());
  return { url, pool, lock };
}

/** Starts the embedded server. One that was found running may be on its way down; then it is started once more. */
async function startOwnDatabase(config: Config, shutdown: Shutdown, log: Log, say: (line: string) => void) {
  say(`Starting PostgreSQL (its own, under ${config.dataDir}) …`);
  let embedded = await startEmbedded({ dataDir: config.dataDir, log });
  if (embedded.adopted && !(await answers(embedded.url)))
    embedded = await startEmbedded({ dataDir: config.dataDir, log });
  shutdown.add('postgresql', () => embedded.stop());
  if (embedded.adopted) say('PostgreSQL was still running from before and is used again.');
  return embedded.url;
}

async function answers(url: string): Promise<boolean> {
  const database = openDatabase(url, { max: 1, name: 'daybook-hub-probe' });
  try {
    await database.sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await database.close();
  }
}

async function openLog(config: Config): Promise<{ log: Log; path: string }> {
  await mkdir(config.dataDir, { recursive: true });
  const path = join(config.dataDir, 'hub.log');
  const stream = (await open(path, 'a')).createWriteStream();
  return { log: createLogger(config.logLevel, stream), path };
}

function progress(terminal: Terminal): (line: string) => void {
  const started = performance.now();
  return (line) => terminal.out(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
}

interface Stopped {
  signal: Promise<string>;
  yes(): boolean;
  /** Stops as a signal would; used when another hub has taken over. */
  stop(why: Error): void;
}

/** The first signal stops in order; a second one at once, which is safe too, only ruder. */
function onSignal(terminal: Terminal): Stopped {
  let received = false;
  let stop: (why: Error) => void = () => undefined;
  const signal = new Promise<string>((resolve) => {
    stop = (why) => {
      terminal.err(`\n${why.message}\n`);
      received = true;
      resolve(why.message);
    };
    const take = (name: string) => {
      if (received) {
        terminal.err('\nStopping at once. Nothing is lost; the next start recovers.\n');
        process.exit(130);
      }
      received = true;
      resolve(name);
    };
    process.on('SIGINT', () => take('SIGINT'));
    process.on('SIGTERM', () => take('SIGTERM'));
  });
  return { signal, yes: () => received, stop: (why) => stop(why) };
}
