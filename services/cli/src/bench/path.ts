import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Check, Findings } from './bench.ts';
import { interleave, median, quantile, ratio } from './rounds.ts';
import type { BenchServer, JobSpan } from './server.ts';
import { entriesOf, openStage, type Stage, serve, verified } from './stage.ts';

/** Milliseconds after which a backlog that does not empty is a failure. */
const DRAIN_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 10;

interface Lane {
  stage: Stage;
  server: BenchServer;
  sent: number;
  /** Of the last round. */
  perSecond: number | null;
}

/** The whole path: webhooks in, journal entries and documents owed committed. One company, one process. */
export async function benchPath(bench: Bench): Promise<Findings> {
  const open: Lane[] = [];
  const lane = async (shape: 'hub' | 'naive'): Promise<Lane> => {
    const stage = await openStage(bench, `path ${shape}`);
    const made = { stage, server: await serve(bench, shape, stage), sent: 0, perSecond: null };
    open.push(made);
    return made;
  };
  try {
    const hub = await lane('hub');
    const naive = await lane('naive');
    const shapes = [
      { name: 'hub', run: () => salesPerSecond(bench, hub) },
      { name: 'naive', run: () => salesPerSecond(bench, naive) },
    ];
    const results = await interleave(shapes, bench.size, (line) => bench.tell(`whole path, ${line}`));
    const lags = await lagAtSteadyRate(bench, hub);
    const checks = [...(await check(bench, hub)), ...(await check(bench, naive))];
    return { ...findings(bench, results.get('hub') ?? [], results.get('naive') ?? [], lags), checks };
  } finally {
    for (const { server } of open) await server.close();
  }
}

function findings(bench: Bench, hub: number[], naive: number[], lags: number[]): Omit<Findings, 'checks'> {
  const over = ratio(hub, naive);
  const p99 = quantile(lags, 0.99);
  const row = { benchmark: 'whole path', unit: 'sales/s', p99Ms: null, over: 'naive' };
  return {
    rows: [
      { ...row, shape: 'Daybook: one hub, intake and workers', values: hub, ratio: over },
      { ...row, shape: 'naive: Express, one transaction per webhook, no queue', values: naive, ratio: null },
      {
        benchmark: `whole path at ${bench.size.steadyPerSecond}/s`,
        shape: 'Daybook: webhook to posted',
        unit: 'ms, p50 (upper bound)',
        values: [median(lags)],
        p99Ms: p99,
        ratio: null,
        over: '',
      },
    ],
    goals: [
      {
        id: 'P10',
        goal: `whole path ≥ 5 × naive (stretch 7); webhook to posted p99 ≤ 50 ms at 1,000/s (here ${bench.size.steadyPerSecond}/s)`,
        measured: `${over.median.toFixed(1)}, ${p99.toFixed(0)} ms`,
        met: over.median >= 5 && p99 <= 50,
      },
    ],
  };
}

/**
 * Sends orders as fast as they are taken and waits until the last of them is in the journal. The warm-up sends few;
 * from then on it is as many as the last round says will take the time a round has.
 */
async function salesPerSecond(bench: Bench, lane: Lane): Promise<number> {
  const { url } = lane.server;
  const orders =
    lane.perSecond === null
      ? bench.size.warmUpOrders
      : Math.max(bench.size.warmUpOrders, Math.round((lane.perSecond * bench.size.pathMs) / 1000));
  const { startedAt } = await bench.load.send({
    url,
    connections: bench.size.connections,
    forMs: DRAIN_LIMIT_MS,
    orders,
  });
  lane.sent += orders;
  await posted(bench, lane);
  lane.perSecond = (orders * 1000) / (performance.timeOrigin + performance.now() - startedAt);
  return lane.perSecond;
}

async function posted(bench: Bench, { stage, sent }: Lane): Promise<void> {
  const deadline = performance.now() + DRAIN_LIMIT_MS;
  for (;;) {
    const found = await entriesOf(bench.database.sql, stage.companyId);
    if (found >= sent) return;
    if (performance.now() > deadline)
      throw new Error(`${stage.name}: ${found} of ${sent} sales posted after ${DRAIN_LIMIT_MS / 1000} s.`);
    await pause(LOOK_EVERY_MS);
  }
}

/**
 * Milliseconds from a webhook's receipt to the end of the job that posted it: a little more than to its commit. The
 * stored posting time lies at the start of that job, which is how the job is found.
 */
async function lagAtSteadyRate(bench: Bench, lane: Lane): Promise<number[]> {
  const { steadyMs, steadyPerSecond, connections } = bench.size;
  bench.tell(`whole path, ${steadyPerSecond}/s`);
  await lane.server.postings();
  const [before] = await bench.database.sql<{ id: bigint }[]>`select coalesce(max(id), 0) as id from deliveries`;
  const orders = Math.ceil((steadyMs * steadyPerSecond) / 1000);
  const load = { url: lane.server.url, connections: 2 * connections, forMs: steadyMs, perSecond: steadyPerSecond };
  await bench.load.send({ ...load, orders });
  lane.sent += orders;
  await posted(bench, lane);
  const spans = await lane.server.postings();
  const rows = await bench.database.sql<{ receivedAt: Date; postedAt: Date }[]>`
    select d.received_at as "receivedAt", e.posted_at as "postedAt" from events e join deliveries d on d.id = e.delivery_id
    where e.connection_id = ${lane.stage.connectionId} and d.id > ${before?.id ?? 0n}`;
  return rows.map(
    ({ receivedAt, postedAt }) =>
      endOf(spans, postedAt.getTime() - bench.aheadMs) - receivedAt.getTime() + bench.aheadMs,
  );
}

/** The latest end of the jobs that ran at that millisecond. */
function endOf(spans: JobSpan[], at: number): number {
  return Math.max(at, ...spans.filter(({ from, to }) => from - 1 <= at && at <= to).map(({ to }) => to));
}

async function check(bench: Bench, { stage, sent }: Lane): Promise<Check[]> {
  const [row] = await bench.database.sql<{ events: bigint; owed: bigint; documents: bigint }[]>`
    select (select count(*) from events where company_id = ${stage.companyId} and state = 'posted') as events,
      (select count(*) from todo where company_id = ${stage.companyId} and stage <> 'push') as owed,
      (select count(distinct event_id) from documents where company_id = ${stage.companyId}) as documents`;
  const entries = await entriesOf(bench.database.sql, stage.companyId);
  const [events, owed, documents] = [Number(row?.events), Number(row?.owed), Number(row?.documents)];
  return [
    {
      what: `${stage.name}: ${sent} sent, ${events} events, ${entries} entries, documents of ${documents}, ${owed} left over`,
      ok: events === sent && entries === sent && documents === sent && owed === 0,
    },
    await verified(bench, stage),
  ];
}
