/** A thread that serves webhooks in one of the shapes that are compared. Started by server.ts. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { connectorById } from '@daybook/connectors/registry';
import { loadConfig } from '@daybook/platform/config';
import { openDatabase } from '@daybook/platform/db';
import { silentLog } from '@daybook/platform/logger';
import { openQueues, type Queues } from '@daybook/platform/queue';
import { openSealer } from '@daybook/platform/secrets';
import { runWorkers } from '@daybook/workers/run-workers';
import { sweep } from '@daybook/workers/sweep';
import { assembleHub, type Hub, listen } from '../hub.ts';
import { bareHandler, expressHandler, insertEachHandler } from './floors.ts';
import { naiveHandler } from './naive.ts';
import type { JobSpan, ServerOrder } from './server.ts';

interface Serving {
  origin: string;
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 2_000;
const order = workerData as ServerOrder;
const spans: JobSpan[] = [];
const serving = await serve();
parentPort?.on('message', async (question: string) => {
  if (question === 'postings') return parentPort?.postMessage(spans.splice(0));
  await serving.close();
  parentPort?.postMessage('closed');
});
parentPort?.postMessage({ origin: serving.origin });

function serve(): Promise<Serving> {
  switch (order.shape) {
    case 'daybook':
    case 'no wake-up':
    case 'hub':
      return serveHub();
    default:
      return serveFloor();
  }
}

/** The hub as `daybook start` puts it together, with or without its workers and its doorbell. */
async function serveHub(): Promise<Serving> {
  const { databaseUrl, encryptionKeys, channel, secret, aheadMs, queuePrefix } = order;
  const database = openDatabase(databaseUrl, { max: 16, name: 'daybook-bench-hub' });
  const queues = await openQueues({ databaseUrl, prefix: queuePrefix, log: silentLog });
  let origin = '';
  const hub = assembleHub({
    config: loadConfig({}),
    database,
    queues: order.shape === 'no wake-up' ? withoutBell(queues) : queues,
    sealer: openSealer(encryptionKeys),
    log: silentLog,
    apps: { [channel]: { clientId: 'bench', clientSecret: secret } },
    hosts: {},
    apiKey: null,
    publicUrl: () => origin,
    clock: () => new Date(Date.now() + aheadMs),
  });
  const endWorkers = order.shape === 'hub' ? await startWorkers(hub) : async () => undefined;
  const listening = await listen(hub, { ingest: true, api: true }, { host: '127.0.0.1', port: 0 });
  origin = listening.url;
  const close = async () => {
    await listening.close();
    await endWorkers();
    await queues.close();
    await database.close();
  };
  return { origin, close };
}

function withoutBell(queues: Queues): Queues {
  return { ...queues, add: async () => undefined };
}

/** The two stages a sale passes, and the sweeper behind them; nothing that would call a provider. */
async function startWorkers(hub: Hub): Promise<() => Promise<void>> {
  const workers = await runWorkers(hub.deps, ['normalize', 'post'], ({ name, durationMs }) => {
    const to = performance.timeOrigin + performance.now();
    if (name === 'post') spans.push({ from: to - durationMs, to });
  });
  const sweeping = setInterval(() => void sweep(hub.deps).catch(() => undefined), SWEEP_EVERY_MS);
  return async () => {
    clearInterval(sweeping);
    await workers.close();
  };
}

async function serveFloor(): Promise<Serving> {
  const connector = connectorById(order.channel);
  if (connector?.kind !== 'sales') throw new Error(`There is no sales channel "${order.channel}".`);
  const database = openDatabase(order.databaseUrl, { max: 16, name: `daybook-bench-${order.shape}` });
  let origin = '';
  const given = { ...order, connector, sql: database.sql, origin: () => origin };
  const handler = {
    bare: () => bareHandler(given),
    express: () => expressHandler(given),
    'insert each': () => insertEachHandler(given),
    naive: () => naiveHandler(given),
  }[order.shape as 'bare' | 'express' | 'insert each' | 'naive'];
  const server = createServer(await handler());
  origin = await listening(server);
  const close = async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await database.close();
  };
  return { origin, close };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
