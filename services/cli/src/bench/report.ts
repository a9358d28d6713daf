import { trialBalance } from '@daybook/ledger/reports';
import type { Bench, Findings } from './bench.ts';
import { median } from './rounds.ts';
import type { Stage } from './stage.ts';

const RUNS = 11;
/** Lines at which performance.md sets its goal for reports. */
const GOAL_LINES = 5_000_000;

/** The trial balance of one company, with as many lines as posting has left. */
export async function benchReport(bench: Bench, stage: Stage): Promise<Findings> {
  const { sql } = bench.database;
  bench.tell('trial balance');
  // What autovacuum would have done by now for a journal that grew over months.
  await sql`vacuum analyze journal_lines`;
  const [count] = await sql<{ all: bigint; own: bigint }[]>`
    select count(*) as all, count(*) filter (where company_id = ${stage.companyId}) as own from journal_lines`;
  const values: number[] = [];
  let difference = 0n;
  for (let run = 0; run <= RUNS; run += 1) {
    const started = performance.now();
    const trial = await trialBalance(sql, stage.companyId, { to: '9999-12-31' });
    if (run > 0) values.push(performance.now() - started);
    difference = trial.difference;
  }
  const lines = Number(count?.own);
  const all = Number(count?.all);
  const p11 = { id: 'P11', goal: `trial balance of one company ≤ 2 ms at 5 M lines`, measured: '', met: false };
  return {
    rows: [
      {
        benchmark: 'report',
        shape: `trial balance of one company, ${lines.toLocaleString('en')} of ${all.toLocaleString('en')} lines`,
        unit: 'ms',
        values,
        p99Ms: null,
        ratio: null,
        over: '',
      },
    ],
    goals:
      lines < GOAL_LINES ? [] : [{ ...p11, measured: `${median(values).toFixed(1)} ms`, met: median(values) <= 2 }],
    checks: [{ what: `debits and credits of the trial balance differ by ${difference}`, ok: difference === 0n }],
  };
}
