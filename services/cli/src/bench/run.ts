import { availableParallelism, cpus, loadavg } from 'node:os';
import { type Database, openDatabase } from '@daybook/platform/db';
import { newKey } from '@daybook/platform/secrets';
import { openThrowAway } from '../throw-away.ts';
import type { Bench, BenchSize, Findings } from './bench.ts';
import { benchIngest } from './ingest.ts';
import { startLoad } from './load.ts';
import { benchPath } from './path.ts';
import { benchPosting } from './posting.ts';
import { benchReport } from './report.ts';
import { chooseSample, type Sample } from './sample.ts';
import type { Part } from './sizes.ts';

export interface BenchOptions {
  databaseUrl: string | undefined;
  size: BenchSize;
  seed: number;
  parts: readonly Part[];
  tell(line: string): void;
  /** Stops at once and cleans up. */
  signal: AbortSignal;
}

/** Where the numbers come from: none means anything without it. */
export interface Circumstances {
  seed: number;
  node: string;
  postgresql: string;
  cores: number;
  processor: string;
  /** Mean number of busy processes in the minute before the run: above 0.5 somebody else was using the machine. */
  loadBefore: number;
  settings: Record<string, string>;
  database: string;
  sample: string;
}

export interface BenchResult extends Findings {
  circumstances: Circumstances;
  seconds: number;
}

const SECRET = 'secret of the benchmark';

/**
 * Measures the parts on a database made for the run and removed after it, also when it is aborted. Throws the signal's
 * reason then, and an Error when a shape fails.
 */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const started = performance.now();
  const loadBefore = loadavg()[0] ?? 0;
  options.tell('preparing a database');
  const sample = chooseSample(options.seed, SECRET);
  const throwAway = await openThrowAway(options.databaseUrl, 'bench');
  const database = openDatabase(throwAway.url, { max: 4, name: 'daybook-bench' });
  const load = startLoad(sample.template);
  try {
    options.signal.throwIfAborted();
    const circumstances = await observe(database, options.seed, sample, loadBefore, throwAway.where);
    const bench: Bench = {
      size: options.size,
      seed: options.seed,
      sample,
      database,
      databaseUrl: throwAway.url,
      encryptionKeys: newKey('bench'),
      secret: SECRET,
      load,
      aheadMs: Math.max(0, Date.parse(sample.sale.occurredAt) + 60_000 - Date.now()),
      signal: options.signal,
      tell: (line) => {
        options.signal.throwIfAborted();
        options.tell(line);
      },
    };
    const findings = await Promise.race([runParts(bench, options.parts), aborted(options.signal)]);
    return { ...findings, circumstances, seconds: (performance.now() - started) / 1000 };
  } finally {
    options.tell('removing the database');
    await load.close();
    await database.close();
    await throwAway.remove();
  }
}

/** Rejects with the signal's reason; what still runs then loses its threads and its database. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function runParts(bench: Bench, parts: readonly Part[]): Promise<Findings> {
  const all: Findings = { rows: [], goals: [], checks: [] };
  const take = ({ rows, goals, checks }: Findings) => {
    all.rows.push(...rows);
    all.goals.push(...goals);
    all.checks.push(...checks);
  };
  if (parts.includes('ingest')) take(await benchIngest(bench));
  if (parts.includes('posting')) take(await benchPosting(bench));
  if (parts.includes('report')) take(await benchReport(bench));
  if (parts.includes('path')) take(await benchPath(bench));
  return all;
}

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers'];

async function observe(
  { sql }: Database,
  seed: number,
  sample: Sample,
  loadBefore: number,
  database: string,
): Promise<Circumstances> {
  const rows = await sql<{ name: string; value: string }[]>`
    select name, current_setting(name) as value from pg_settings where name = any(${[...SETTINGS, 'server_version']})`;
  const found = new Map(rows.map(({ name, value }) => [name, value]));
  return {
    seed,
    node: process.versions.node,
    postgresql: found.get('server_version') ?? '?',
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? '?',
    loadBefore,
    settings: Object.fromEntries(SETTINGS.map((name) => [name, found.get(name) ?? '?'])),
    database,
    sample: `${sample.connector.label} order of ${sample.bytes} bytes (fixture ${sample.fixture}), ${sample.entry.lines.length} journal lines`,
  };
}
