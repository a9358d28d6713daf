import { assembleHub } from '@daybook/cli/hub';
import { parseMonth } from '@daybook/cli/rehearse/month-file';
import { rehearse } from '@daybook/cli/rehearse/rehearse';
import { shuffled } from '@daybook/cli/rehearse/shuffled';
import { toWire } from '@daybook/domain';
import { loadConfig } from '@daybook/platform/config';
import { type Database, openDatabase } from '@daybook/platform/db';
import { silentLog } from '@daybook/platform/logger';
import { openQueues, type Queues } from '@daybook/platform/queue';
import { newKey, openSealer } from '@daybook/platform/secrets';
import type { WorkerDeps } from '@daybook/workers/deps';
import { rebuild } from '@daybook/workers/rebuild/rebuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { randomMonth } from '../support/random-month.ts';

/**
 * Random companies and months: whatever happens, and in whatever order and how often it is told, every check of the
 * books holds (balance per currency, sub-ledger = control account, stock = inventory accounts, roll-ups, tie-outs), the
 * reports are the same, and the journal follows from the inbox. A seed names a month.
 */
const SEEDS = (process.env.RANDOM_MONTHS ?? '1,2,3,4').split(',').map(Number);
const SIZE = 45;

describe('random months', () => {
  let db: TestDatabase;
  let database: Database;
  let queues: Queues;
  let deps: WorkerDeps;
  beforeAll(async () => {
    db = await createTestDatabase();
    database = openDatabase(db.url, { max: 4 });
    queues = await openQueues({ databaseUrl: db.url, redisUrl: undefined, prefix: 'random', log: silentLog });
    const wiring = { database, queues, log: silentLog, apiKey: null, apps: {}, hosts: {}, publicUrl: () => '' };
    const clock = () => new Date('2026-04-15T12:00:00Z');
    deps = assembleHub({ ...wiring, config: loadConfig({}), sealer: openSealer(newKey('months')), clock }).deps;
  });
  afterAll(async () => {
    await queues.close();
    await database.close();
    await db.drop();
  });

  test.each(SEEDS)(
    'hold, told in any order and rebuilt from their inbox (seed %i)',
    async (seed) => {
      const month = parseMonth(JSON.parse(JSON.stringify(randomMonth(seed, SIZE))), `seed ${seed}`);
      const given = month.deliveries ?? [];
      const told = await rehearse(month, given, deps, { slug: `month-${seed}` });
      expect(told.differences, `seed ${seed}`).toEqual([]);
      const again = await rehearse(month, shuffled(given, seed), deps, { slug: `month-${seed}-shuffled` });
      expect(again.differences, `seed ${seed}, shuffled`).toEqual([]);
      expect(JSON.parse(toWire(again.reports)), `seed ${seed}, shuffled`).toEqual(JSON.parse(toWire(told.reports)));
      const { differences, otherwise } = await rebuild(told.companyId, `month-${seed}-rebuilt`, deps);
      expect([...differences, ...otherwise], `seed ${seed}, rebuilt`).toEqual([]);
    },
    240_000,
  );
});
