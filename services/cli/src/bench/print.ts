import Table from 'cli-table3';
import type { Goal, Row } from './bench.ts';
import { median } from './rounds.ts';
import type { BenchResult } from './run.ts';

/** The result for people: where it was measured, the table, the goals, and what was checked. */
export function printed(result: BenchResult): string {
  return [
    ...circumstances(result),
    table(result.rows),
    '',
    'Medians of the rounds; a ratio is taken within each round, its least and greatest stand in brackets.',
    'Figures of another machine or run are not comparable, ratios within this one are.',
    '',
    ...goals(result.goals),
    '',
    ...result.checks.map(({ what, ok }) => `${ok ? 'ok ' : 'BAD'}  ${what}`),
    '',
    `Took ${result.seconds.toFixed(0)} s.`,
    '',
  ].join('\n');
}

function circumstances({ circumstances: at }: BenchResult): string[] {
  const settings = Object.entries(at.settings).map(([name, value]) => `${name} ${value}`);
  const busy =
    at.loadBefore > 0.5
      ? [
          `The machine was busy before the run (load ${at.loadBefore.toFixed(1)} on ${at.cores} cores): even ratios suffer.`,
        ]
      : [];
  return [
    `Node ${at.node}, PostgreSQL ${at.postgresql} (${settings.join(', ')}), ${at.cores} cores (${at.processor}), seed ${at.seed}`,
    `Payload: ${at.sample}. Database: ${at.database}.`,
    ...busy,
    '',
  ];
}

function table(rows: readonly Row[]): string {
  const drawn = new Table({
    head: ['Benchmark', 'Shape', 'Rounds', 'Median', 'Unit', 'p99 ms', 'Ratio', 'to'],
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  let last = '';
  for (const row of rows) {
    const { benchmark, shape, unit, values, p99Ms, ratio, over } = row;
    const figures = ratio && `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`;
    drawn.push([
      benchmark === last ? '' : benchmark,
      shape,
      values.length,
      figure(median(values)),
      unit,
      p99Ms === null ? '' : figure(p99Ms),
      figures ?? '',
      ratio ? over : '',
    ]);
    last = benchmark;
  }
  return drawn.toString();
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

/** Goals of performance.md that need other systems or far more rows or time than a run of this command has. */
const ELSEWHERE = ['P3', 'P4', 'P7', 'P9', 'P11', 'P12', 'P13'];

function goals(judged: readonly Goal[]): string[] {
  const lines = judged.map(
    ({ id, goal, measured, met }) => `${met ? 'met   ' : 'MISSED'}  ${id}  ${goal}: ${measured}`,
  );
  const missing = ELSEWHERE.filter((id) => judged.every((goal) => goal.id !== id));
  return ['Goals, judged by this run:', ...lines, `Not judged here: ${missing.join(', ')}.`];
}
