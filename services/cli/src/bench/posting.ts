import { random } from '@daybook/connectors/kit/random';
import type { ResolvedEntry } from '@daybook/domain';
import { postEntries } from '@daybook/ledger/post';
import { type Database, openDatabase } from '@daybook/platform/db';
import type { Bench, Findings } from './bench.ts';
import { type CopyBatch, copyRows, makeCopyTables, renderCopy, sendAtOnce } from './copy-floor.ts';
import { interleave, ratio } from './rounds.ts';
import { entriesOf, openStage, type Stage, verified } from './stage.ts';

/** Two companies, each posted to over one connection: a journal has one writer at a time. */
const LANES = ['posting one', 'posting two'];

/** The ledger alone: batches through `postEntries` against COPY into tables that check nothing across rows. */
export async function benchPosting(bench: Bench): Promise<Findings> {
  const stages: Stage[] = [];
  for (const name of LANES) stages.push(await openStage(bench, name));
  const ours = openDatabase(bench.databaseUrl, { max: LANES.length, name: 'daybook-bench-post' });
  const floor = openDatabase(bench.databaseUrl, { max: LANES.length, name: 'daybook-bench-copy' });
  sendAtOnce(floor.sql);
  await makeCopyTables(bench.database.sql);
  try {
    const shapes = [
      { name: 'daybook', run: (round: number) => post(bench, ours, stages, round) },
      { name: 'copy', run: (round: number) => copy(bench, floor, stages, round) },
    ];
    const results = await interleave(shapes, bench.size, (line) => bench.tell(`posting, ${line}`));
    const [posted = [], copied = []] = [results.get('daybook'), results.get('copy')];
    const over = ratio(posted, copied);
    const benchmark = `posting, ${bench.sample.entry.lines.length}-line entries in batches of ${bench.size.batch}`;
    const row = { benchmark, unit: 'entries/s', p99Ms: null, over: 'COPY' };
    return {
      rows: [
        { ...row, shape: 'Daybook: numbers, hash chain, set checks, idempotency', values: posted, ratio: over },
        { ...row, shape: 'COPY: same columns, indexes and CHECKs, no triggers', values: copied, ratio: null },
      ],
      goals: [
        {
          id: 'P8',
          goal: 'posting ≥ 0.45 × raw COPY (stretch 0.6); this COPY checks less than the goal grants it',
          measured: over.median.toFixed(3),
          met: over.median >= 0.45,
        },
      ],
      checks: await check(bench, stages, posted.length),
    };
  } finally {
    await ours.close();
    await floor.close();
  }
}

type Batches = { stage: Stage; batches: ResolvedEntry[][] }[];

/** Entries of one round, made before the clock runs; amounts vary with the seed. */
function entriesOfRound(bench: Bench, stages: Stage[], round: number): Batches {
  const { batch, batches } = bench.size;
  return stages.map((stage) => {
    const chance = random(bench.seed, stage.name, round);
    const entry = (serial: number): ResolvedEntry => {
      const times = BigInt(chance.between(1, 900));
      const grown = (line: ResolvedEntry['lines'][number]) => ({
        ...line,
        amount: line.amount * times,
        amountTc: line.amountTc * times,
      });
      return {
        ...bench.sample.entry,
        sourceKey: `${bench.sample.connector.id}:bench:sale:${round}-${serial}`,
        memo: `Bench order ${round}-${serial}`,
        lines: bench.sample.entry.lines.map(grown),
      };
    };
    return {
      stage,
      batches: Array.from({ length: batches }, (_, b) => Array.from({ length: batch }, (_, e) => entry(b * batch + e))),
    };
  });
}

async function post(bench: Bench, { sql }: Database, stages: Stage[], round: number): Promise<number> {
  const recordedAt = new Date(Date.now() + bench.aheadMs);
  const lanes = entriesOfRound(bench, stages, round);
  return timed(bench, lanes, async ({ stage, batches }) => {
    for (const batch of batches) {
      const entries = batch.map((entry) => ({ entry, eventId: null }));
      await sql.begin((tx) => postEntries(tx, stage.companyId, entries, recordedAt));
    }
  });
}

async function copy(bench: Bench, { sql }: Database, stages: Stage[], round: number): Promise<number> {
  const lanes = entriesOfRound(bench, stages, round).map(({ stage, batches }, lane) => ({
    batches: batches.map((batch, index): CopyBatch => {
      const serial = ((round * stages.length + lane) * batches.length + index) * bench.size.batch + 1;
      return renderCopy(batch, stage.companyId, serial);
    }),
  }));
  return timed(bench, lanes, async ({ batches }) => {
    for (const batch of batches) await copyRows(sql, batch);
  });
}

/** Runs the lanes side by side; answers entries a second. */
async function timed<Lane>(bench: Bench, lanes: Lane[], work: (lane: Lane) => Promise<void>): Promise<number> {
  const started = performance.now();
  await Promise.all(lanes.map(work));
  const entries = lanes.length * bench.size.batches * bench.size.batch;
  return (entries * 1000) / (performance.now() - started);
}

async function check(bench: Bench, stages: Stage[], rounds: number) {
  const wanted = (rounds + 1) * bench.size.batches * bench.size.batch;
  const checks = [];
  for (const stage of stages) {
    const found = await entriesOf(bench.database.sql, stage.companyId);
    checks.push({ what: `${stage.name}: ${found} of ${wanted} entries in the journal`, ok: found === wanted });
    checks.push(await verified(bench, stage));
  }
  return checks;
}
