import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleHub, type Hub, type Listening, listen } from '@daybook/cli/hub';
import type { Pairing } from '@daybook/cli/sandbox/connect';
import { moneyProofs, prove } from '@daybook/cli/sandbox/proof';
import { openSandbox, type Sandbox } from '@daybook/cli/sandbox/sandbox';
import { loadConfig } from '@daybook/platform/config';
import { type Database, openDatabase } from '@daybook/platform/db';
import { type Log, silentLog } from '@daybook/platform/logger';
import { openQueues, type Queues } from '@daybook/platform/queue';
import { newKey, openSealer } from '@daybook/platform/secrets';
import { jobs } from '@daybook/workers/catalog';
import { normalizeDeliveries } from '@daybook/workers/normalize-deliveries';
import { postEvents } from '@daybook/workers/post-events';
import { pushDocuments } from '@daybook/workers/push/push-documents';
import { summariseAll } from '@daybook/workers/summaries/post-summaries';
import { createTestDatabase, type TestDatabase } from './database.ts';

/**
 * A whole Daybook on a database of its own: simulators, hub and HTTP, but no queue consumers: `settle` does the work that
 * is owed step by step on a clock of its own, so that hours of retries pass in a moment and nothing depends on timing.
 */
export interface World {
  database: Database;
  hub: Hub;
  sandbox: Sandbox;
  pairings: Pairing[];
  url: string;
  /** Address of its database, for commands. */
  databaseUrl: string;
  now(): Date;
  /** Lets time pass. */
  advance(ms: number): void;
  /** Does everything that is owed and not held; `hours` is how far the clock may run ahead for retries. */
  settle(hours?: number): Promise<void>;
  /** One round of what is due right now, without letting time pass. */
  workOnce(): Promise<boolean>;
  prove(): ReturnType<typeof proveAll>;
  close(): Promise<void>;
}

const HOUR_MS = 60 * 60_000;

export interface WorldOptions {
  seed?: number;
  connect?: boolean;
  /** What the clock says at the beginning. */
  startAt?: Date;
  /** Ids of the channels and books that take part. */
  only?: readonly string[];
  /** What simulators are started with besides, by id. */
  startWith?: Readonly<Record<string, object>>;
  /** What the hub would log. */
  log?: Log;
}

/** Enough to see the whole path, and quick; tests of all channels name them. */
const ONE_OF_EACH = ['shopify', 'xero'];

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const started = Date.now();
  let ahead = 0;
  const begin = options.startAt?.getTime() ?? started;
  const now = () => new Date(begin + Date.now() - started + ahead);
  const test: TestDatabase = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'daybook-world-'));
  const database = openDatabase(test.url, { max: 8, name: 'world' });
  const queues: Queues = await openQueues({ databaseUrl: test.url, prefix: `world${started}`, log: silentLog });
  const config = loadConfig({ DAYBOOK_DATA_DIR: dataDir });
  const { seed = 1, only = ONE_OF_EACH, startWith } = options;
  const sandbox = await openSandbox({ seed, everyMs: 0, trades: null, now, only, startWith }, config);
  let url = '';
  const assembled = assembleHub({
    config,
    database,
    queues,
    log: options.log ?? silentLog,
    apiKey: null,
    sealer: openSealer(newKey('test')),
    apps: sandbox.apps,
    hosts: sandbox.hosts,
    publicUrl: () => url,
    clock: now,
    wait: async (ms) => {
      ahead += ms;
    },
    httpTimeoutMs: 3_000,
    proofs: () => moneyProofs(database.sql, sandbox.pairings),
  });
  const server: Listening = await listen(assembled, { ingest: true, api: true }, { host: '127.0.0.1', port: 0 });
  url = server.url;
  if (options.connect !== false) await sandbox.connect(assembled, url, () => undefined);
  const workOnce = () => work(assembled, now);
  return {
    database,
    hub: assembled,
    sandbox,
    pairings: sandbox.pairings,
    url,
    databaseUrl: test.url,
    now,
    workOnce,
    advance: (ms) => {
      ahead += ms;
    },
    settle: async (hours = 48) => {
      const limit = now().getTime() + hours * HOUR_MS;
      for (;;) {
        while (await workOnce()) {
          /* until nothing is due */
        }
        const next = await nextDue(database, now());
        if (next === null || next.getTime() > limit) return;
        ahead += Math.max(1, next.getTime() - now().getTime());
      }
    },
    prove: () => proveAll(database, sandbox.pairings),
    close: async () => {
      await server.close();
      await sandbox.close();
      await queues.close();
      await database.close();
      await test.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function proveAll(database: Database, pairings: Pairing[]) {
  const proofs = [];
  for (const pairing of pairings) proofs.push(await prove(database.sql, pairing));
  return proofs;
}

/** Runs each stage on what is due; true when there was something that could move. */
async function work({ deps }: Hub, now: () => Date): Promise<boolean> {
  const due = await deps.sql<
    { stage: 'normalize' | 'post' | 'push'; companyId: string; connectionId: string | null; refs: bigint[] }[]
  >`
    select stage, company_id as "companyId", connection_id as "connectionId", array_agg(ref order by id) as refs
    from todo where held is null and due_at <= ${now()} group by stage, company_id, connection_id`;
  const before = await progress(deps.sql);
  for (const { stage, companyId, connectionId, refs } of due) {
    const payload = { companyId, refs: refs.map(String) };
    if (stage === 'normalize') await normalizeDeliveries(jobs.normalize.payload.parse(payload), deps);
    else if (stage === 'post') await postEvents(jobs.post.payload.parse(payload), deps);
    else await pushDocuments({ connectionId: connectionId ?? '' }, deps);
  }
  await summariseAll(deps);
  return (await progress(deps.sql)) !== before;
}

/** Changes with every piece of work done, postponed or held. */
async function progress(sql: Hub['deps']['sql']): Promise<string> {
  const [row] = await sql<{ mark: string }[]>`
    select (select count(*) from summaries where state = 'posted') || '/' || count(*) || '/' || coalesce(sum(attempts), 0) || '/' || coalesce(max(id), 0) || '/' || coalesce(max(due_at), 'epoch') || '/' || count(held) as mark from todo`;
  return row?.mark ?? '';
}

/** The next instant at which something that waits for time alone becomes due. */
async function nextDue(database: Database, now: Date): Promise<Date | null> {
  const [row] = await database.sql<{ next: Date | null }[]>`
    select min(due) as next from (
      select greatest(t.due_at, coalesce(c.paused_until, t.due_at)) as due
      from todo t left join connections c on c.id = t.connection_id
      where t.held is null and (c.id is null or c.state = 'active')
      union all select due_at from summaries where state = 'open') as waiting
    where due > ${now}`;
  return row?.next ?? null;
}
