import { openDatabase } from '@daybook/platform/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts';
import { program } from '../program.ts';
import { printed } from './print.ts';
import { interleave, median, quantile, ratio } from './rounds.ts';
import { runBench } from './run.ts';
import { chooseSample } from './sample.ts';
import { PARTS, QUICK } from './sizes.ts';
import { orderRequest } from './webhook.ts';

const SIZE = {
  ...QUICK,
  ...{ rounds: 1, limitMs: 0, connections: 4, loadMs: 60, steadyMs: 100, steadyPerSecond: 100 },
  ...{ batch: 5, batches: 2, pathMs: 1, warmUpOrders: 12, reportLines: 1_000 },
};

let own: TestDatabase;

beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.drop());

/** Databases a run left behind on the server of the tests. */
async function leftOver(): Promise<string[]> {
  const database = openDatabase(own.url, { max: 1 });
  const rows = await database.sql<{ name: string }[]>`
    select datname as name from pg_database where datname like 'daybook\_bench\_%'`;
  await database.close();
  return rows.map((row) => row.name);
}

const run = (signal: AbortSignal, tell: (line: string) => void = () => undefined) =>
  runBench({ databaseUrl: own.url, size: SIZE, seed: 7, parts: PARTS, tell, signal });

describe('daybook bench', () => {
  test('measures every shape, and afterwards the books are right and the database is gone', {
    timeout: 240_000,
  }, async () => {
    const before = await leftOver();
    const told: string[] = [];
    const result = await run(new AbortController().signal, (line) => told.push(line));
    expect(result.rows).toHaveLength(19);
    for (const row of result.rows) {
      expect(row.values.length, row.shape).toBeGreaterThan(0);
      for (const value of row.values) expect(value, row.shape).toBeGreaterThan(0);
    }
    expect(result.rows.filter((row) => row.ratio !== null).map((row) => row.over)).toEqual([
      ...Array(4).fill('bare node:http'),
      'COPY',
      'naive',
    ]);
    expect(result.goals.map((goal) => goal.id)).toEqual(['P1', 'P2', 'P5', 'P6', 'P8', 'P10']);
    expect(result.checks.filter((check) => !check.ok)).toEqual([]);
    // 4 verified journals, their counts, 3 shapes that store, 2 queues of work, 1 trial balance and its sums.
    expect(result.checks).toHaveLength(15);
    expect(result.circumstances).toMatchObject({ seed: 7, node: process.versions.node, settings: { fsync: 'on' } });
    expect(told).toContain('ingest, full load, round 1 of 1: bare');
    expect(printed(result)).toContain('daybook verify of path hub');
    expect((await leftOver()).filter((name) => !before.includes(name))).toEqual([]);
  });

  test('stopped in the middle it removes its database', { timeout: 60_000 }, async () => {
    const stopped = new AbortController();
    const before = await leftOver();
    const stopAtPosting = (line: string) => {
      if (line.startsWith('posting')) stopped.abort(new Error('enough'));
    };
    const running = runBench({
      ...{ databaseUrl: own.url, size: SIZE, seed: 7, parts: ['posting'] },
      ...{ tell: stopAtPosting, signal: stopped.signal },
    });
    await expect(running).rejects.toThrow('enough');
    expect((await leftOver()).filter((each) => !before.includes(each))).toEqual([]);
  });

  test('wrong options are refused before anything is started', async () => {
    const said: string[] = [];
    const terminal = {
      env: {},
      out: () => {},
      err: (text: string) => said.push(text),
      read: async () => Buffer.alloc(0),
      live: false,
      closed: () => false,
    };
    expect(await program(['bench', '--seed', 'x'], terminal)).toBe(2);
    expect(await program(['bench', '--only', 'ingest,lunch'], terminal)).toBe(2);
    expect(said.join('')).toMatch(/--seed "x".*\n.*"lunch" must be some of ingest,posting,path,report/);
  });
});

describe('the sample of the benchmark', () => {
  const sample = chooseSample(1, 'secret');

  test('is a paid order of a usual size whose copies are sales of their own', () => {
    expect(Math.abs(sample.bytes - 6_700)).toBeLessThan(400);
    const sales = [1, 2].map((serial) => {
      const { headers, body } = orderRequest(sample.template, '', serial);
      const { topic, eventId } = sample.connector.header(headers, body);
      const context = { settings: sample.settings, fetched: {} };
      return { eventId, normalized: sample.connector.normalize({ topic, headers, body }, context) };
    });
    const [one, two] = sales.map(({ normalized }) => ('events' in normalized ? normalized.events[0] : undefined));
    expect(one).toMatchObject({ type: 'sale', total: sample.sale.total, due: 0n });
    expect(two).toMatchObject({ type: 'sale', total: sample.sale.total, due: 0n });
    expect(one?.id).not.toBe(two?.id);
    expect(one?.order?.number).not.toBe(two?.order?.number);
    expect(sales[0]?.eventId).not.toBe(sales[1]?.eventId);
  });

  test('is the same for the same seed', () => {
    expect(chooseSample(1, 'secret').template).toEqual(sample.template);
    expect(chooseSample(2, 'secret').template).not.toEqual(sample.template);
  });
});

describe('rounds', () => {
  test('run the shapes in turn, and the first of each does not count', async () => {
    const order: string[] = [];
    const shape = (name: string) => ({
      name,
      run: async (round: number) => {
        order.push(`${name}${round}`);
        return round;
      },
    });
    const results = await interleave([shape('a'), shape('b')], { rounds: 2, limitMs: 60_000 }, () => undefined);
    expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
    expect([...results]).toEqual([
      ['a', [1, 2]],
      ['b', [1, 2]],
    ]);
  });

  test('three rounds are made even when the time is used up', async () => {
    const shape = { name: 'a', run: async () => 1 };
    const results = await interleave([shape], { rounds: 9, limitMs: -1 }, () => undefined);
    expect(results.get('a')).toHaveLength(3);
  });

  test('a ratio is taken round by round, so that a slow round counts for both', () => {
    expect(ratio([10, 2, 30], [20, 4, 40])).toEqual({ median: 0.5, least: 0.5, most: 0.75 });
    expect(median([1, 100, 3])).toBe(3);
    expect(median([1, 3])).toBe(2);
    expect(quantile([5, 1, 2, 3, 4], 0.99)).toBe(5);
    expect(quantile([5, 1, 2, 3, 4], 0.5)).toBe(3);
  });
});
