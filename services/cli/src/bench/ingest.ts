import type { Bench, Check, Findings, Goal, Row } from './bench.ts';
import type { LoadResult } from './load.ts';
import { interleave, median, ratio } from './rounds.ts';
import type { BenchServer, ServerShape } from './server.ts';
import { openStage, type Stage, serve } from './stage.ts';

const SHAPES: readonly ServerShape[] = ['daybook', 'no wake-up', 'bare', 'express', 'insert each'];
const LABELS: Partial<Record<ServerShape, string>> = {
  daybook: 'Daybook: verified, stored, wake-up queued',
  'no wake-up': 'Daybook without the wake-up',
  bare: 'bare node:http + signature, stores nothing',
  express: 'Express + signature, stores nothing',
  'insert each': 'Express + signature + INSERT each',
};

interface Served {
  shape: ServerShape;
  stage: Stage;
  server: BenchServer;
  accepted: number;
}

/** Intake: webhooks a second at full load, and how long an acknowledgement takes at a steady rate. */
export async function benchIngest(bench: Bench): Promise<Findings> {
  const served: Served[] = [];
  try {
    const stages: { shape: ServerShape; stage: Stage }[] = [];
    for (const shape of SHAPES) stages.push({ shape, stage: await openStage(bench, `ingest ${shape}`) });
    const start = async ({ shape, stage }: (typeof stages)[number]) => {
      served.push({ shape, stage, server: await serve(bench, shape, stage), accepted: 0 });
    };
    await Promise.all(stages.map(start));
    served.sort((a, b) => SHAPES.indexOf(a.shape) - SHAPES.indexOf(b.shape));
    const full = await underFullLoad(bench, served);
    const steady = await atSteadyRate(
      bench,
      served.filter(({ shape }) => shape === 'daybook' || shape === 'insert each'),
    );
    const checks = [];
    for (const each of served) checks.push(...(await storedAll(bench, each)));
    return { rows: [...fullRows(full), ...steadyRows(bench, steady)], goals: goals(full, steady), checks };
  } finally {
    for (const { server } of served) await server.close();
  }
}

type Series = Map<string, LoadResult[]>;

async function underFullLoad(bench: Bench, served: Served[]): Promise<Series> {
  const { connections, loadMs } = bench.size;
  const run = (each: Served) => async () => {
    const result = await bench.load.send({ url: each.server.url, connections, forMs: loadMs });
    each.accepted += result.accepted;
    return result;
  };
  const shapes = served.map((each) => ({ name: each.shape, run: run(each) }));
  return interleave(shapes, bench.size, (line) => bench.tell(`ingest, full load, ${line}`));
}

async function atSteadyRate(bench: Bench, served: Served[]): Promise<Series> {
  const { connections, steadyMs, steadyPerSecond } = bench.size;
  const run = (each: Served) => async () => {
    const load = { url: each.server.url, connections: 2 * connections, forMs: steadyMs, perSecond: steadyPerSecond };
    const result = await bench.load.send(load);
    each.accepted += result.accepted;
    return result;
  };
  const shapes = served.map((each) => ({ name: each.shape, run: run(each) }));
  return interleave(shapes, bench.size, (line) => bench.tell(`ingest, ${steadyPerSecond}/s, ${line}`));
}

const perSecond = (results: readonly LoadResult[] = []) =>
  results.map((each) => (each.accepted * 1000) / each.elapsedMs);
const p99s = (results: readonly LoadResult[] = []) => results.map((each) => each.p99Ms);

function fullRows(full: Series): Row[] {
  return SHAPES.map((shape) => ({
    benchmark: 'ingest, full load',
    shape: LABELS[shape] ?? shape,
    unit: 'webhooks/s',
    values: perSecond(full.get(shape)),
    p99Ms: median(p99s(full.get(shape))),
    ratio: shape === 'bare' ? null : ratio(perSecond(full.get(shape)), perSecond(full.get('bare'))),
    over: 'bare node:http',
  }));
}

function steadyRows(bench: Bench, steady: Series): Row[] {
  return [...steady].map(([shape, results]) => ({
    benchmark: `ingest at ${bench.size.steadyPerSecond}/s`,
    shape: LABELS[shape as ServerShape] ?? shape,
    unit: 'ms to acknowledge, p50',
    values: results.map((each) => each.p50Ms),
    p99Ms: median(p99s(results)),
    ratio: null,
    over: '',
  }));
}

function goals(full: Series, steady: Series): Goal[] {
  const over = (shape: ServerShape, floor: ServerShape) =>
    ratio(perSecond(full.get(shape)), perSecond(full.get(floor))).median;
  const node = Number(process.versions.node.split('.')[0]);
  const onExpress = node >= 24 ? 0.5 : 1.2;
  const p99 = median(p99s(steady.get('daybook')));
  const p99Ratio = ratio(p99s(steady.get('daybook')), p99s(steady.get('insert each'))).median;
  const [p1, p2, p5] = [over('daybook', 'bare'), over('daybook', 'express'), over('daybook', 'no wake-up')];
  return [
    {
      id: 'P1',
      goal: 'ingest ≥ 0.35 × bare node:http + HMAC (stretch 0.45)',
      measured: p1.toFixed(3),
      met: p1 >= 0.35,
    },
    {
      id: 'P2',
      goal: `ingest ≥ ${onExpress} × Express + HMAC on Node ${node}`,
      measured: p2.toFixed(3),
      met: p2 >= onExpress,
    },
    { id: 'P5', goal: 'with the wake-up on PostgreSQL ≥ 0.8 × without', measured: p5.toFixed(3), met: p5 >= 0.8 },
    {
      id: 'P6',
      goal: 'acknowledgement p99 ≤ 15 ms and ≤ 0.5 × Express + INSERT each',
      measured: `${p99.toFixed(1)} ms, ${p99Ratio.toFixed(3)}`,
      met: p99 <= 15 && p99Ratio <= 0.5,
    },
  ];
}

/** Every acknowledged webhook is a row, and where Daybook stored it, work that is owed. */
async function storedAll(bench: Bench, { shape, stage, accepted }: Served): Promise<Check[]> {
  if (shape === 'bare' || shape === 'express') return [];
  const [row] = await bench.database.sql<{ stored: bigint; owed: bigint }[]>`
    select (select count(*) from deliveries where connection_id = ${stage.connectionId}) as stored,
      (select count(*) from todo where company_id = ${stage.companyId} and stage = 'normalize') as owed`;
  const stored = Number(row?.stored);
  const owed = Number(row?.owed);
  const checks = [{ what: `${stage.name}: ${accepted} acknowledged, ${stored} stored`, ok: accepted === stored }];
  if (shape !== 'insert each')
    checks.push({ what: `${stage.name}: ${owed} owed to the workers`, ok: owed === accepted });
  return checks;
}
