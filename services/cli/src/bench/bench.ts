import type { Database } from '@daybook/platform/db';
import type { LoadGenerator } from './load.ts';
import type { Ratio } from './rounds.ts';
import type { Sample } from './sample.ts';

/** How much is measured. */
export interface BenchSize {
  /** Rounds that count; one more warms up. Fewer when a comparison has used up its milliseconds. */
  rounds: number;
  limitMs: number;
  connections: number;
  /** Milliseconds of full load per shape and round. */
  loadMs: number;
  /** Milliseconds at a fixed rate per shape and round, and that rate in webhooks a second. */
  steadyMs: number;
  steadyPerSecond: number;
  /** Entries per posting batch, and batches per company and round. */
  batch: number;
  batches: number;
  /** Milliseconds per shape and round on the whole path, and the orders that warm it up. */
  pathMs: number;
  warmUpOrders: number;
  /** Lines of the journal that reports are made of. */
  reportLines: number;
}

/** What every benchmark is given. */
export interface Bench {
  size: BenchSize;
  seed: number;
  sample: Sample;
  database: Database;
  databaseUrl: string;
  encryptionKeys: string;
  secret: string;
  load: LoadGenerator;
  /** Milliseconds the clocks run ahead of the machine's, so that the sample's order is not of the future. */
  aheadMs: number;
  /** Shows what is under way. */
  tell(line: string): void;
  /** Ends threads at once. */
  signal: AbortSignal;
}

/** One line of the table. */
export interface Row {
  benchmark: string;
  shape: string;
  unit: string;
  /** One per round. */
  values: number[];
  /** Median of the rounds' 99th percentiles, milliseconds. */
  p99Ms: number | null;
  /** Against the shape named in `over`, round by round. */
  ratio: Ratio | null;
  over: string;
}

/** A goal of performance.md section 8 that could be judged. */
export interface Goal {
  id: string;
  goal: string;
  measured: string;
  met: boolean;
}

/** Something that must hold after the load whatever the speed. */
export interface Check {
  what: string;
  ok: boolean;
}

export interface Findings {
  rows: Row[];
  goals: Goal[];
  checks: Check[];
}
